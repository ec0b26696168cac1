//! Where requests go.

use std::fmt;

use http::HeaderValue;
use url::{Host, Position, Url};

use crate::{Error, Operation, operation::match_path};

/// Longest URL that the HTTP library takes (`http::Uri`), in bytes.
pub(crate) const LONGEST_URL: usize = 65_534;

/// Length of an ordinary path with its query, in bytes.
const ROOM: usize = 256;

/// The base URL of a service: scheme, host, port and perhaps a path before every operation's own.
#[doc(hidden)]
#[derive(Clone)]
pub struct Endpoint {
    /// Without a slash at its end, unless the path is nothing else.
    url: Url,
    /// The same with a long path. A copy of a text has room for nothing else; in one of this an operation's
    /// path and query find theirs.
    roomy: Url,
    /// As hyper would write it, anew in each call and for a thirtieth of its instructions.
    host: HeaderValue,
}

impl Endpoint {
    /// Checks a base URL. Plain http is taken for this machine only, and only where `loopback_http`
    /// says so: everything else would show the credential to the network.
    pub fn parse(text: &str, loopback_http: bool) -> Result<Self, Error> {
        let example = "give the whole base URL, such as https://account.region.batch.azure.com";
        Self::parse_as("endpoint", example, text, loopback_http)
    }

    /// Like [`parse`](Self::parse), for a URL that callers know by another name.
    pub fn parse_as(
        field: &'static str,
        example: &str,
        text: &str,
        loopback_http: bool,
    ) -> Result<Self, Error> {
        let refuse = |problem: &str, remedy: &str| Error::input(field, problem, remedy);
        let url = Url::parse(text.trim())
            .map_err(|error| refuse(&format!("it is not a URL ({error})"), example))?;
        let Some(host) = url.host() else {
            return Err(refuse("it has no host", example));
        };
        let loopback = match host {
            Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback && loopback_http => {}
            "http" if loopback => {
                return Err(refuse(
                    "it is http, and http on loopback was not allowed",
                    "use https, or allow http on loopback in the builder (for a sandbox)",
                ));
            }
            "http" => {
                return Err(refuse(
                    "it is http, which would show the credential to the network",
                    "use https; http is taken for loopback addresses only",
                ));
            }
            _ => return Err(refuse("its scheme is not https", example)),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse(
                "it holds a user name or a password",
                "take them out; credentials go into the credential",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse(
                "it has a query or a fragment",
                "cut the URL before `?` and `#`; operations add their own query",
            ));
        }
        let mut url = url;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]);
        let host = host.map_err(|_| refuse("its host cannot stand in a header", example))?;
        let mut roomy = url.clone();
        roomy.set_path(&"-".repeat(ROOM));
        Ok(Self { url, roomy, host })
    }

    /// The host that is called, as errors name it.
    pub(crate) fn host(&self) -> String {
        host(&self.url)
    }

    /// The base URL, parsed.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// A URL of this base for a request, which is to be given a path.
    pub(crate) fn start(&self) -> Url {
        self.roomy.clone()
    }

    /// The header that says whom a request is for.
    pub(crate) fn host_header(&self) -> HeaderValue {
        self.host.clone()
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The path that stands before every operation's own, without a slash at its end.
    pub(crate) fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The path of `url` behind the base URL's own. `None` where `url` leaves the base URL.
    #[must_use]
    pub fn path_of<'u>(&self, url: &'u Url) -> Option<&'u str> {
        // Compared in their parts: `Url::origin` copies them.
        let same = url.scheme() == self.url.scheme()
            && url.host() == self.url.host()
            && url.port_or_known_default() == self.url.port_or_known_default();
        if !same {
            return None;
        }
        url.path().strip_prefix(self.prefix())
    }

    /// Where a link of an answer leads: to the operation's own path behind the base URL. Anywhere else
    /// it would take the credential along.
    pub(crate) fn linked(&self, link: &str, operation: &Operation) -> Result<Url, Error> {
        let base = Url::parse(&format!("{}/", self.base()))
            .map_err(|_| Error::next_link("it is not a URL"))?;
        let url = base
            .join(link)
            .map_err(|_| Error::next_link("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::next_link("it holds a user name or a password"));
        }
        let path = self.path_of(&url);
        let path = path.ok_or_else(|| Error::next_link("it leads to another origin"))?;
        if match_path(operation.path, path).is_none() {
            return Err(Error::next_link("it leads to another path"));
        }
        if url.as_str().len() > LONGEST_URL {
            return Err(Error::next_link("it is too long for a URL"));
        }
        Ok(url)
    }
}

/// Scheme, host and port of a URL: no more of it is shown, as the rest can hold a secret.
pub(crate) fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}://{name}:{port}", url.scheme())
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A base path can name a customer or a site.
        f.write_str(&self.url.origin().ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn good_ones_lose_only_their_last_slash() {
        for (text, base) in [
            ("https://a.b.batch.azure.com", "https://a.b.batch.azure.com"),
            (
                "https://a.b.batch.azure.com/",
                "https://a.b.batch.azure.com",
            ),
            (
                " https://A.example:30005/wap/ ",
                "https://a.example:30005/wap",
            ),
            ("https://a.example:443//", "https://a.example"),
        ] {
            let endpoint = Endpoint::parse(text, false).map(|endpoint| endpoint.base().to_owned());
            assert_eq!(endpoint.ok().as_deref(), Some(base), "{text}");
        }
        for text in ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"] {
            assert!(Endpoint::parse(text, true).is_ok(), "{text}");
            assert!(Endpoint::parse(text, false).is_err(), "{text}");
        }
    }

    /// RFC 9110, 7.2: the authority of the target, which has no port if that is the scheme's own (4.2.3).
    #[test]
    fn the_host_header_is_the_authority_without_a_default_port() {
        for (text, host) in [
            ("https://A.example", "a.example"),
            ("https://a.example:443/wap", "a.example"),
            ("https://a.example:80", "a.example:80"),
            ("https://wap.contoso.com:30005/wap", "wap.contoso.com:30005"),
            ("https://[2001:db8::1]:30005", "[2001:db8::1]:30005"),
            ("http://127.0.0.1:80", "127.0.0.1"),
            ("https://b\u{fc}cher.example", "xn--bcher-kva.example"),
        ] {
            let header = Endpoint::parse(text, true).map(|endpoint| endpoint.host_header());
            assert_eq!(
                header.ok().as_ref().and_then(|header| header.to_str().ok()),
                Some(host),
                "{text}"
            );
        }
    }

    #[test]
    fn bad_ones_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "not a URL"),
            ("account.region.batch.azure.com", "not a URL"),
            ("http://a.example", "show the credential"),
            ("http://127.0.0.1.evil.example", "show the credential"),
            ("http://localhost.evil.example", "show the credential"),
            ("ftp://a.example", "scheme"),
            ("unix:/run/x", "no host"),
            ("https://ana:secret@a.example", "user name"),
            ("https://a.example/?x=1", "query"),
            ("https://a.example/#x", "fragment"),
        ] {
            let refusal = Endpoint::parse(text, true)
                .err()
                .map(|error| error.to_string());
            let refusal = refusal.unwrap_or_default();
            assert!(refusal.contains(reason), "{text}: {refusal}");
            assert!(!refusal.contains("secret"), "{refusal}");
        }
    }
}
