//! What was received and what was answered.

use std::{
    collections::VecDeque,
    mem::size_of,
    sync::{Mutex, PoisonError},
};

use http::{HeaderMap, HeaderName, Method, StatusCode};

/// How many exchanges are kept. Older ones are dropped, so that a long run does not fill the memory.
pub(crate) const KEPT: usize = 10_000;

/// How many bytes they take at most. A head can have 400 kB, so that the number alone allows for 4 GB.
pub(crate) const KEPT_BYTES: usize = 16 * 1024 * 1024;

const REDACTED: &str = "[redacted]";

/// Headers whose values say who is calling. None of them is stored.
const SECRET: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-ms-principal-id",
    "x-ms-principal-liveid",
];

/// A request that the sandbox received, and its answer.
///
/// The values of `Authorization`, `Proxy-Authorization`, `Cookie`, `x-ms-principal-id` and
/// `x-ms-principal-liveid` are replaced by `[redacted]` before they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// The method, in capitals.
    pub method: String,
    /// The target as it was received: path and query, with all their percent signs.
    pub target: String,
    /// The request's headers. Names are in small letters, whatever the client wrote; repeated ones
    /// come in the order of arrival.
    pub request_headers: Vec<(String, String)>,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers, without those that the HTTP layer adds (`Date`, `Content-Length`).
    pub response_headers: Vec<(String, String)>,
}

impl Exchange {
    pub(crate) fn new(
        method: &Method,
        target: String,
        request: &HeaderMap,
        status: StatusCode,
        response: &HeaderMap,
    ) -> Self {
        Self {
            method: method.to_string(),
            target,
            request_headers: readable(request),
            status: status.as_u16(),
            response_headers: readable(response),
        }
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

fn first<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let value_of = |name: &HeaderName, value: &[u8]| {
        if SECRET.contains(&name.as_str()) {
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

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, StatusCode};

    use super::{Exchange, Journal, KEPT, KEPT_BYTES, SECRET};

    fn exchange(target: usize) -> Exchange {
        Exchange::new(
            &Method::GET,
            target.to_string(),
            &HeaderMap::new(),
            StatusCode::OK,
            &HeaderMap::new(),
        )
    }

    #[test]
    fn the_oldest_exchanges_are_dropped() {
        let journal = Journal::default();
        for target in 0..=KEPT {
            journal.add(exchange(target));
        }
        let exchanges = journal.exchanges();
        assert_eq!(exchanges.len(), KEPT);
        assert_eq!(exchanges[0].target, "1");
        assert_eq!(exchanges[KEPT - 1].target, KEPT.to_string());
    }

    #[test]
    fn the_bytes_of_all_exchanges_are_bounded() {
        let journal = Journal::default();
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(&"a".repeat(200_000)).unwrap();
        headers.insert("x-large", value);
        for target in 0..1000 {
            let (method, status) = (Method::GET, StatusCode::OK);
            let (target, none) = (target.to_string(), HeaderMap::new());
            journal.add(Exchange::new(&method, target, &headers, status, &none));
        }
        let exchanges = journal.exchanges();
        let bytes: usize = exchanges.iter().map(Exchange::bytes).sum();
        assert!(
            (KEPT_BYTES - 300_000..=KEPT_BYTES).contains(&bytes),
            "{bytes}"
        );
        assert_eq!(exchanges[exchanges.len() - 1].target, "999");
        // The sum that is kept along is that of what is there.
        for target in 0..KEPT {
            journal.add(exchange(target));
        }
        assert_eq!(journal.exchanges().len(), KEPT);
    }

    #[test]
    fn every_value_of_a_secret_header_is_redacted_on_both_sides() {
        let mut headers = HeaderMap::new();
        for name in SECRET {
            headers.append(name, HeaderValue::from_static("canary"));
            headers.append(name, HeaderValue::from_static("canary too"));
        }
        headers.append("accept", HeaderValue::from_static("plain"));
        let exchange = Exchange::new(
            &Method::GET,
            "/".to_owned(),
            &headers,
            StatusCode::OK,
            &headers,
        );
        assert!(!format!("{exchange:?}").contains("canary"));
        assert_eq!(exchange.request_headers.len(), SECRET.len() * 2 + 1);
        assert_eq!(exchange.request_header("Accept"), Some("plain"));
        assert_eq!(
            exchange.response_header("X-MS-Principal-Id"),
            Some("[redacted]")
        );
    }
}
