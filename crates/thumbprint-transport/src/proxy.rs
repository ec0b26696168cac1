//! Whether requests go through a proxy.

use std::fmt;

use url::Url;

use crate::{Error, Secret};

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
    /// As the environment says: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case.
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
    /// Where it is not a URL, has no host, is neither http nor https, or goes on behind the port. The
    /// message does not quote it.
    pub fn url(text: &str) -> Result<Self, Error> {
        let refuse = |problem: &str| {
            let remedy = "give it as http://proxy.example:8080";
            Error::input("proxy", problem, remedy)
        };
        let url = Url::parse(text.trim())
            .map_err(|error| refuse(&format!("it is not a URL ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("its scheme is neither http nor https"));
        }
        if url.host().is_none() {
            return Err(refuse("it has no host"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it goes on behind host and port"));
        }
        Ok(Self::Url(ProxyUrl {
            origin: url.origin().ascii_serialization(),
            is_https: url.scheme() == "https",
            whole: Secret::from(String::from(url)),
        }))
    }

    /// Puts the choice into a client for an endpoint that is https, or http on loopback.
    pub(crate) fn configure(
        &self,
        http: reqwest::ClientBuilder,
        is_https: bool,
        is_pinned: bool,
    ) -> Result<reqwest::ClientBuilder, Error> {
        Ok(match self {
            Self::Url(_) if !is_https => {
                return Err(Error::input(
                    "proxy",
                    "the endpoint is http on this machine, and a proxy would see the credential",
                    "leave the proxy out, or use an https endpoint",
                ));
            }
            Self::Url(proxy) if proxy.is_https && is_pinned => {
                return Err(Error::input(
                    "proxy",
                    "it is https, and the only certificate that the client takes is the pinned one",
                    "use an http proxy (what goes through it is encrypted all the same), or roots in place of the pin",
                ));
            }
            // A proxy has no business between this machine and itself, and would see a token sent over
            // http.
            Self::System if is_https => http,
            Self::System | Self::None => http.no_proxy(),
            Self::Url(proxy) => {
                http.proxy(reqwest::Proxy::https(proxy.whole.expose()).map_err(Error::setup)?)
            }
        })
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::Proxy;

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
            let proxy = Proxy::url(text).unwrap();
            assert_eq!(format!("{proxy:?}"), format!("Url({shown})"), "{text}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "not a URL"),
            ("canary.example:8080", "neither http nor https"),
            ("canary.example", "not a URL"),
            ("socks5://canary:canary@a.example", "neither http nor https"),
            ("http://canary:canary@", "not a URL"),
            ("http://canary:canary@a.example/proxy.pac", "goes on"),
            ("http://a.example?canary", "goes on"),
            ("http://a.example#canary", "goes on"),
        ] {
            let refusal = Proxy::url(text).unwrap_err();
            assert!(refusal.is_invalid_input());
            let refusal = format!("{refusal} {refusal:?}");
            assert!(refusal.starts_with("proxy: "), "{refusal}");
            assert!(refusal.contains(reason), "{text}: {refusal}");
            assert!(!refusal.contains("canary"), "{refusal}");
        }
    }
}
