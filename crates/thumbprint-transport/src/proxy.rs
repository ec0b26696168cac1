//! Whether requests go through a proxy.

use std::{env, fmt, net::IpAddr};

use url::{Host, Url};

use crate::{
    Error, Secret,
    endpoint::{self, Endpoint},
};

/// Where the environment names a proxy for https, in the order in which they count.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Whether a client's requests go through a proxy. Only https ever does: http on loopback stays on this
/// machine, whatever is chosen.
///
/// ```
/// use thumbprint_transport::{Proxy, Transport};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let proxy = Proxy::url("http://user:password@proxy.contoso.com:8080")?;
/// let builder = Transport::builder("https://account.region.batch.azure.com", "token").proxy(proxy);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Proxy {
    /// As the environment says: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case. What it names and
    /// cannot be used is an error when the client is built, unless `NO_PROXY` has the service's host: a
    /// direct connection is not what was asked for.
    #[default]
    System,
    /// None, whatever the environment says.
    None,
    /// This one, for every host: `NO_PROXY` is not asked.
    Url(ProxyUrl),
}

/// Where a proxy is, and the credentials for it. Made by [`Proxy::url`]. `Debug` shows scheme, host and
/// port.
#[derive(Clone)]
pub struct ProxyUrl {
    origin: String,
    whole: Secret,
    is_https: bool,
}

impl Proxy {
    /// The proxy at this URL. A user name and a password may stand in it, with what is special in a URL
    /// percent-encoded; they are sent to the proxy alone, and shown nowhere.
    ///
    /// # Errors
    ///
    /// Where it is not a URL, has no host, is neither http nor https, or goes on behind the port. SOCKS is not
    /// supported. The message does not quote the URL.
    pub fn url(text: &str) -> Result<Self, Error> {
        ProxyUrl::parse("proxy", text, "give it as http://proxy.example:8080").map(Self::Url)
    }

    /// The proxy that requests to an endpoint go through, as errors name it. `None` where there is none, and where
    /// the settings of the platform name it.
    pub(crate) fn host(&self, endpoint: &Endpoint) -> Option<String> {
        let proxy = match self {
            Self::Url(proxy) => proxy.clone(),
            Self::System if endpoint.is_https() && !is_exempt(endpoint) => {
                from_environment()?.1.ok()?
            }
            Self::System | Self::None => return None,
        };
        Url::parse(proxy.whole.expose())
            .ok()
            .map(|url| endpoint::host(&url))
    }

    /// Puts the choice into a client for an endpoint that is https, or http on loopback.
    pub(crate) fn configure(
        &self,
        http: reqwest::ClientBuilder,
        endpoint: &Endpoint,
        is_pinned: bool,
    ) -> Result<reqwest::ClientBuilder, Error> {
        let is_https = endpoint.is_https();
        let route = match self {
            Self::Url(_) if !is_https => {
                return Err(Error::input(
                    "proxy",
                    "the endpoint is http on this machine, and a proxy would see the credential",
                    "leave the proxy out, or use an https endpoint",
                ));
            }
            Self::Url(proxy) => proxy.route("proxy", is_pinned),
            // A proxy has no business between this machine and itself, and would see a token sent over
            // http.
            Self::System if is_https => match from_environment() {
                // What reqwest finds beyond the environment: the settings of the platform.
                None => return Ok(http),
                Some((variable, proxy)) => proxy
                    .and_then(|proxy| proxy.route(variable, is_pinned))
                    .map(|route| route.no_proxy(reqwest::NoProxy::from_env())),
            },
            Self::System | Self::None => return Ok(http.no_proxy()),
        };
        match route {
            Ok(route) => Ok(http.proxy(route)),
            Err(_) if matches!(self, Self::System) && is_exempt(endpoint) => Ok(http.no_proxy()),
            Err(error) => Err(error),
        }
    }
}

impl ProxyUrl {
    /// Reads a URL that stands in `field`.
    fn parse(field: &'static str, text: &str, remedy: &str) -> Result<Self, Error> {
        let refuse = |problem: &str| Error::input(field, problem, remedy);
        let url = Url::parse(text.trim())
            .map_err(|error| refuse(&format!("it is not a URL ({error})")))?;
        if url.scheme().starts_with("socks") {
            return Err(refuse("it is a SOCKS proxy, which is not supported"));
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("its scheme is neither http nor https"));
        }
        if url.host().is_none() {
            return Err(refuse("it has no host"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it goes on behind host and port"));
        }
        // reqwest connects directly where it is taken as a URL and not as a URI.
        if http::Uri::try_from(url.as_str()).is_err() {
            return Err(refuse(
                "its host has a character that no host has, or it is too long",
            ));
        }
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            is_https: url.scheme() == "https",
            whole: Secret::from(String::from(url)),
        })
    }

    fn route(&self, field: &'static str, is_pinned: bool) -> Result<reqwest::Proxy, Error> {
        if self.is_https && is_pinned {
            return Err(Error::input(
                field,
                "it is https, and the only certificate that the client takes is the pinned one",
                "use an http proxy (what goes through it is encrypted all the same), or roots in place of the pin",
            ));
        }
        reqwest::Proxy::https(self.whole.expose()).map_err(Error::setup)
    }
}

/// The proxy that the environment names, with the variable that does. It is read here and not by reqwest, which
/// connects directly where a variable cannot be used.
fn from_environment() -> Option<(&'static str, Result<ProxyUrl, Error>)> {
    VARIABLES.into_iter().find_map(|variable| {
        let value = env::var_os(variable).filter(|value| !value.is_empty())?;
        let remedy = "set it to http://proxy.example:8080, or NO_PROXY to the service's host";
        let proxy = match value.to_str().map(str::trim) {
            // By custom the scheme may be left out here.
            Some(text) if !text.contains("://") => {
                ProxyUrl::parse(variable, &format!("http://{text}"), remedy)
            }
            Some(text) => ProxyUrl::parse(variable, text, remedy),
            None => Err(Error::input(variable, "it is not UTF-8", remedy)),
        };
        Some((variable, proxy))
    })
}

/// Whether `NO_PROXY` has the endpoint's host, by the rules of curl.
fn is_exempt(endpoint: &Endpoint) -> bool {
    let list = env::var("NO_PROXY").or_else(|_| env::var("no_proxy"));
    let (Ok(list), Some(host)) = (list, endpoint.url().host()) else {
        return false;
    };
    list.split(',').any(|entry| names(entry.trim(), &host))
}

fn names(entry: &str, host: &Host<&str>) -> bool {
    let address = match host {
        _ if entry == "*" => return true,
        Host::Domain(name) => {
            let entry = entry
                .strip_prefix('.')
                .unwrap_or(entry)
                .to_ascii_lowercase();
            let rest = name.strip_suffix(&entry);
            return !entry.is_empty()
                && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        }
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address),
    };
    let (network, length) = match entry.split_once('/') {
        Some((network, length)) => (network, length.parse::<u32>().ok()),
        None => (entry, Some(128)),
    };
    let (difference, width) = match (network.parse(), address) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(address)) => {
            (u128::from(network.to_bits() ^ address.to_bits()), 32)
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(address)) => {
            (network.to_bits() ^ address.to_bits(), 128)
        }
        _ => return false,
    };
    let beyond = length.map(|length| width - length.min(width));
    beyond.is_some_and(|bits| difference.checked_shr(bits).unwrap_or(0) == 0)
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;
    use url::Host;

    use super::{Proxy, names};

    #[test]
    fn a_url_shows_no_more_than_where_it_is() {
        for (text, shown) in [
            ("http://proxy.example:8080", "http://proxy.example:8080"),
            (
                "http://canary:canary@proxy.example/",
                "http://proxy.example",
            ),
            (" HTTPS://canary@[::1]:1 ", "https://[::1]:1"),
        ] {
            let proxy = Proxy::url(text).or_fail();
            assert_eq!(format!("{proxy:?}"), format!("Url({shown})"), "{text}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "not a URL"),
            ("canary.example:8080", "neither http nor https"),
            ("canary.example", "not a URL"),
            (
                "socks5://canary:canary@a.example",
                "SOCKS proxy, which is not supported",
            ),
            (
                "SOCKS4a://a.example:1080",
                "SOCKS proxy, which is not supported",
            ),
            ("ftp://a.example", "neither http nor https"),
            ("http://canary{.example", "a character that no host has"),
            ("http://canary:canary@", "not a URL"),
            ("http://canary:canary@a.example/proxy.pac", "goes on"),
            ("http://a.example?canary", "goes on"),
            ("http://a.example#canary", "goes on"),
        ] {
            let refusal = Proxy::url(text).err_or_fail();
            assert!(refusal.is_invalid_input());
            let refusal = format!("{refusal} {refusal:?}");
            assert!(refusal.starts_with("proxy: "), "{refusal}");
            assert!(refusal.contains(reason), "{text}: {refusal}");
            assert!(!refusal.contains("canary"), "{refusal}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_domains_addresses_and_networks() {
        let names = |entry: &str, host: &str| {
            let host = Host::parse(host).or_fail();
            names(
                entry,
                &match &host {
                    Host::Domain(name) => Host::Domain(name.as_str()),
                    Host::Ipv4(address) => Host::Ipv4(*address),
                    Host::Ipv6(address) => Host::Ipv6(*address),
                },
            )
        };
        for (entry, host, expected) in [
            ("*", "a.example", true),
            ("*", "10.1.2.3", true),
            ("A.example", "a.example", true),
            (".a.example", "a.example", true),
            ("a.example", "b.a.example", true),
            ("a.example", "ba.example", false),
            ("", "a.example", false),
            (".", "a.example", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/16", "10.1.2.3", false),
            ("0.0.0.0/0", "10.1.2.3", true),
            ("10.0.0.0/x", "10.1.2.3", false),
            ("2.3", "10.1.2.3", false),
            ("fd00::/8", "[fd00::1]", true),
            ("::/0", "[fd00::1]", true),
            ("::/0", "10.1.2.3", false),
        ] {
            assert_eq!(names(entry, host), expected, "{entry:?} {host}");
        }
    }
}
