//! What was received and what was answered.

use std::{
    collections::VecDeque,
    mem::size_of,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, Response, Uri};
use thumbprint_admin::types;

use crate::request::Request;

/// How many exchanges are kept. Older ones are dropped, so that a long run does not fill the memory.
pub(crate) const KEPT: usize = 10_000;

/// How many bytes they take at most. A head can have 400 kB, so that the number alone allows for 4 GB.
pub(crate) const KEPT_BYTES: usize = 16 * 1024 * 1024;

const REDACTED: &str = "[redacted]";

/// What stands in the names of headers whose values say who is calling, in small letters. None of these values
/// is stored, whoever made the header up.
const SECRET: [&str; 8] = [
    "authorization",
    "cookie",
    "credential",
    "key",
    "password",
    "principal",
    "secret",
    "token",
];

/// A request that the sandbox received, and its answer.
///
/// Values of headers that say who is calling, such as `Authorization`, `Cookie` and `x-ms-principal-id`, are
/// replaced by `[redacted]` before they are stored; so are a user name and a password in the target. Which they
/// are the name decides, also of a header that no document has.
///
/// ```
/// use thumbprint_sandbox::Sandbox;
/// use thumbprint_transport::Transport;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let transport = Transport::builder(sandbox.base_url(), "secret").allow_loopback_http().build()?;
/// thumbprint_batch::Client::new(transport).certificate_list().await?;
///
/// let exchange = &sandbox.exchanges()[0];
/// assert_eq!((exchange.operation, exchange.status), (Some("Certificate_List"), 200));
/// assert_eq!(exchange.request_header("Authorization"), Some("[redacted]"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// When it was answered, by the sandbox's clock.
    pub time: DateTime<Utc>,
    /// The method, in capitals.
    pub method: String,
    /// The target as it was received: path and query, with all their percent signs.
    pub target: String,
    /// The id of the operation that it belongs to, where there is one.
    pub operation: Option<&'static str>,
    /// The request's headers. Names are in small letters, whatever the client wrote; repeated ones
    /// come in the order of arrival.
    pub request_headers: Vec<(String, String)>,
    /// The answer's status; 0 where a fault left it without an answer.
    pub status: u16,
    /// The answer's headers, without those that the HTTP layer adds (`Date`, `Content-Length`).
    pub response_headers: Vec<(String, String)>,
    /// Whether a staged fault struck. Where it kept the answer back, status and headers are those of the answer
    /// that would have come.
    pub fault: bool,
}

impl Exchange {
    pub(crate) fn new<B>(
        time: DateTime<Utc>,
        operation: Option<&'static str>,
        request: &Request,
        response: Option<&Response<B>>,
        fault: bool,
    ) -> Self {
        Self {
            time,
            method: request.method.to_string(),
            target: target(&request.uri),
            operation,
            request_headers: readable(&request.headers),
            status: response.map_or(0, |response| response.status().as_u16()),
            response_headers: response
                .map_or_else(Vec::new, |response| readable(response.headers())),
            fault,
        }
    }

    /// As one line of JSON, an `Exchange` of specs/admin.yaml.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use thumbprint_sandbox::Sandbox;
    ///
    /// let builder = Sandbox::builder().on_exchange(Arc::new(|exchange| eprintln!("{}", exchange.to_json())));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts and numbers only: this cannot fail.
        serde_json::to_string(&types::Exchange::from(self)).unwrap_or_default()
    }

    /// What it takes of the memory, room that its texts leave free aside.
    fn bytes(&self) -> usize {
        let headers = self.request_headers.iter().chain(&self.response_headers);
        let pair = |(name, value): &(String, String)| name.len() + value.len();
        let headers: usize = headers
            .map(|header| size_of::<(String, String)>() + pair(header))
            .sum();
        size_of::<Self>() + self.method.len() + self.target.len() + headers
    }

    /// The first value of a request header, its name in either case.
    ///
    /// ```no_run
    /// # fn example(sandbox: &thumbprint_sandbox::Sandbox) {
    /// for exchange in sandbox.exchanges() {
    ///     assert_eq!(exchange.request_header("Authorization"), Some("[redacted]"));
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn request_header(&self, name: &str) -> Option<&str> {
        first(&self.request_headers, name)
    }

    /// The first value of a header of the answer, its name in either case.
    #[must_use]
    pub fn response_header(&self, name: &str) -> Option<&str> {
        first(&self.response_headers, name)
    }
}

impl From<&Exchange> for types::Exchange {
    fn from(exchange: &Exchange) -> Self {
        let fields = |headers: &[(String, String)]| {
            let fields = headers.iter().cloned();
            fields
                .map(|(name, value)| types::HeaderField::new(name, value))
                .collect()
        };
        let mut told = Self::new(
            exchange.fault,
            exchange.method.clone(),
            fields(&exchange.request_headers),
            fields(&exchange.response_headers),
            exchange.status.into(),
            exchange.target.clone(),
            exchange.time,
        );
        told.operation = exchange.operation.map(str::to_owned);
        told
    }
}

/// A URI without the user and the password that may stand in it, and without secrets of the query.
fn target(uri: &Uri) -> String {
    let text = uri.to_string();
    let user = uri
        .authority()
        .and_then(|named| named.as_str().rsplit_once('@'));
    let text = match user {
        Some((user, _)) => text.replacen(user, REDACTED, 1),
        None => text,
    };
    let Some((path, query)) = text.split_once('?') else {
        return text;
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={REDACTED}"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Whether the name of a header or of a part of the query says that its value is a secret. `$skiptoken` is the
/// place in a list.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.ends_with("skiptoken")
        && (name == "sig" || SECRET.iter().any(|secret| name.contains(secret)))
}

fn first<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let value_of = |name: &HeaderName, value: &[u8]| {
        if is_secret(name.as_str()) {
            REDACTED.to_owned()
        } else {
            String::from_utf8_lossy(value).into_owned()
        }
    };
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), value_of(name, value.as_bytes())))
        .collect()
}

/// The last exchanges, oldest first, and the bytes of all of them.
#[derive(Default)]
pub(crate) struct Journal(Mutex<(VecDeque<Exchange>, usize)>);

impl Journal {
    pub(crate) fn add(&self, exchange: Exchange) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (exchanges, bytes) = &mut *kept;
        *bytes += exchange.bytes();
        exchanges.push_back(exchange);
        while exchanges.len() > KEPT || *bytes > KEPT_BYTES {
            let Some(oldest) = exchanges.pop_front() else {
                break;
            };
            *bytes -= oldest.bytes();
        }
    }

    pub(crate) fn clear(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = (VecDeque::new(), 0);
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;
    use http::{HeaderMap, HeaderValue, Method, Response};
    use test_support::OrFail as _;

    use super::{Exchange, Journal, KEPT, KEPT_BYTES, SECRET};
    use crate::request::{Body, Request};

    fn with(target: &str, headers: &HeaderMap) -> Exchange {
        let request = Request {
            method: Method::GET,
            uri: target.parse().or_fail(),
            headers: headers.clone(),
            body: Body::Whole(Bytes::new()),
            origin: Ok(String::new()),
            strict: false,
        };
        let mut response = Response::new(());
        response.headers_mut().clone_from(headers);
        Exchange::new(DateTime::UNIX_EPOCH, None, &request, Some(&response), false)
    }

    fn exchange(target: usize) -> Exchange {
        with(&format!("/{target}"), &HeaderMap::new())
    }

    #[test]
    fn the_oldest_exchanges_are_dropped() {
        let journal = Journal::default();
        for target in 0..=KEPT {
            journal.add(exchange(target));
        }
        let exchanges = journal.exchanges();
        assert_eq!(exchanges.len(), KEPT);
        assert_eq!(exchanges[0].target, "/1");
        assert_eq!(exchanges[KEPT - 1].target, format!("/{KEPT}"));
    }

    #[test]
    fn the_bytes_of_all_exchanges_are_bounded() {
        let journal = Journal::default();
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(&"a".repeat(200_000)).or_fail();
        headers.insert("x-large", value);
        for target in 0..1000 {
            journal.add(with(&format!("/{target}"), &headers));
        }
        let exchanges = journal.exchanges();
        let bytes: usize = exchanges.iter().map(Exchange::bytes).sum();
        assert!(
            (KEPT_BYTES - 500_000..=KEPT_BYTES).contains(&bytes),
            "{bytes}"
        );
        assert_eq!(exchanges[exchanges.len() - 1].target, "/999");
        // The sum that is kept along is that of what is there.
        for target in 0..KEPT {
            journal.add(exchange(target));
        }
        assert_eq!(journal.exchanges().len(), KEPT);
    }

    #[test]
    fn every_value_of_a_secret_header_is_redacted_on_both_sides() {
        let mut headers = HeaderMap::new();
        for name in SECRET
            .into_iter()
            .chain(["ocp-apim-subscription-key", "x-ms-principal-id"])
        {
            headers.append(name, HeaderValue::from_static("canary"));
            headers.append(name, HeaderValue::from_static("canary too"));
        }
        headers.append("accept", HeaderValue::from_static("plain"));
        let target =
            "http://canary:canary@localhost/?access_token=canary&$skiptoken=kept&sig=canary";
        let exchange = with(target, &headers);
        for text in [format!("{exchange:?}"), exchange.to_json()] {
            assert!(!text.contains("canary"), "{text}");
            assert!(text.contains("http://[redacted]@localhost/?"), "{text}");
            assert!(text.contains("$skiptoken=kept"), "{text}");
        }
        assert_eq!(exchange.request_headers.len(), (SECRET.len() + 2) * 2 + 1);
        assert_eq!(exchange.request_header("Accept"), Some("plain"));
        assert_eq!(
            exchange.response_header("X-MS-Principal-Id"),
            Some("[redacted]")
        );
    }
}
