//! What one attempt means for the call: whether it may have been carried out, and whether another attempt
//! makes sense. An attempt is classified here, once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};

use crate::{Deadline, Delivery, Error, HttpDate, Semantics, ServiceError, error::Kind, header};

/// What an attempt means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) delivery: Delivery,
    pub(crate) decision: RetryDecision,
}

/// Whether another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    Never,
    /// For any operation: the first one was not carried out, or the service asks for another.
    Always,
    /// For any operation, once.
    Once,
    /// For reads, and for what may be repeated.
    Ambiguous,
    /// For any operation, once and at once, if the credential can be renewed.
    Renewed,
}

impl Verdict {
    pub(crate) const FINAL: Self = Self::new(Delivery::Final, RetryDecision::Never);

    pub(crate) const fn new(delivery: Delivery, decision: RetryDecision) -> Self {
        Self { delivery, decision }
    }

    /// Of an attempt that has no answer, or none that can be read.
    pub(crate) fn of_error(error: &Error, is_read: bool) -> Self {
        let delivery = error.delivery();
        let decision = match error.kind() {
            Kind::Connect { .. }
            | Kind::Timeout {
                deadline: Deadline::Connect,
                ..
            } => RetryDecision::Always,
            Kind::Proxy { failure } if !failure.is_final() => RetryDecision::Always,
            // A connection that breaks in the middle of a handshake may be chance; twice, it is not.
            Kind::Tls { failure } if failure.is_handshake_cut() => RetryDecision::Once,
            Kind::Interrupted => RetryDecision::Ambiguous,
            // Without a request on its way the call's time is up, and there is none left to try again.
            Kind::Timeout { .. } if delivery == Delivery::Unknown => RetryDecision::Ambiguous,
            // It did happen; but a read can be made again.
            Kind::BodyLost if is_read => RetryDecision::Ambiguous,
            _ => RetryDecision::Never,
        };
        Self::new(delivery, decision)
    }

    /// Of an answer that is no success.
    pub(crate) fn of_answer(
        semantics: &Semantics,
        status: StatusCode,
        service: &ServiceError,
        asks_for_retry: bool,
    ) -> Self {
        let code = service.code.as_deref().unwrap_or_default();
        match status.as_u16() {
            // With another status the same code says nothing: a redirection stays one, and a server that
            // gave up half-way (500) may have gone on before.
            503 if semantics.throttled.contains(&code) => {
                Self::new(Delivery::NotSent, RetryDecision::Always)
            }
            429 => Self::new(Delivery::NotSent, RetryDecision::Always),
            401 => Self::new(Delivery::Final, RetryDecision::Renewed),
            403 if semantics.unauthenticated.contains(&code) => {
                Self::new(Delivery::Final, RetryDecision::Renewed)
            }
            // A server that names a time has not given up on the request half-way.
            408 | 503 if asks_for_retry => Self::new(Delivery::Unknown, RetryDecision::Always),
            // These three say that the request was not worked on.
            501 | 505 | 511 => Self::FINAL,
            408 | 500..=599 => Self::new(Delivery::Unknown, RetryDecision::Ambiguous),
            // A success of some kind, or "see there": something was done, and it is unknown what. The same
            // request would be answered in the same way.
            200..=299 | 303 => Self::new(Delivery::Unknown, RetryDecision::Never),
            _ => Self::FINAL,
        }
    }
}

/// What is known of an operation whose success has no readable body: a read has applied nothing.
pub(crate) fn delivery_of_success(is_read: bool) -> Delivery {
    if is_read {
        Delivery::Final
    } else {
        Delivery::Applied
    }
}

/// How long the service asks to wait. Zero for a time that has passed, `None` where it says nothing or
/// something that cannot be read.
///
/// `Retry-After` (RFC 9110, section 10.2.3) has seconds or a date; an API can have headers of its own in
/// milliseconds. The finest one that can be read counts.
pub(crate) fn retry_after(
    headers: &HeaderMap,
    in_milliseconds: &[&str],
    now: impl FnOnce() -> DateTime<Utc>,
) -> Option<Duration> {
    let milliseconds = in_milliseconds
        .iter()
        .find_map(|name| digits(header::text(headers, name)?));
    if let Some(milliseconds) = milliseconds {
        return Some(Duration::from_millis(milliseconds));
    }
    let text = header::text(headers, "retry-after")?;
    if let Some(seconds) = digits(text) {
        return Some(Duration::from_secs(seconds));
    }
    let date: HttpDate = text.trim().parse().ok()?;
    Some((date.to_utc() - now()).to_std().unwrap_or(Duration::ZERO))
}

/// A number of digits alone: `parse` would take a sign, too.
fn digits(text: &str) -> Option<u64> {
    let text = text.trim();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// The seconds by which the service's clock is ahead, if that is more than a minute.
#[must_use]
pub fn clock_skew(headers: &HeaderMap, now: DateTime<Utc>) -> Option<i64> {
    let date: HttpDate = header::value(headers, "date")?;
    let seconds = (date.to_utc() - now).num_seconds();
    (seconds.abs() > 60).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeZone as _, Utc};
    use http::{HeaderMap, HeaderValue};

    use super::retry_after;

    #[test]
    fn three_headers_say_when() {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 10, 0, 0).single();
        for (headers, asked) in [
            (&[("retry-after", "7")][..], Some(7000)),
            (&[("retry-after", " 7 ")], Some(7000)),
            (&[("retry-after", "0")], Some(0)),
            (&[("retry-after-ms", "250")], Some(250)),
            (&[("x-ms-retry-after-ms", "300")], Some(300)),
            (
                &[("retry-after", "9"), ("retry-after-ms", "250")],
                Some(250),
            ),
            (
                &[("retry-after", "9"), ("retry-after-ms", "soon")],
                Some(9000),
            ),
            (
                &[("retry-after", "Sat, 21 Nov 2026 10:00:05 GMT")],
                Some(5000),
            ),
            (&[("retry-after", "Sat, 21 Nov 2026 09:59:00 GMT")], Some(0)),
            (&[("retry-after", "-5")], None),
            (&[("retry-after", "+5")], None),
            (&[("retry-after", "1.5")], None),
            (&[("retry-after", "")], None),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "99999999999999999999999")], None),
            (&[("retry-after", "\u{fc}")], None),
            (&[], None),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                let value = HeaderValue::from_bytes(value.as_bytes());
                map.insert(*name, value.unwrap_or(HeaderValue::from_static("?")));
            }
            let found = now.and_then(|now| {
                retry_after(&map, &["retry-after-ms", "x-ms-retry-after-ms"], || now)
            });
            assert_eq!(found, asked.map(Duration::from_millis), "{headers:?}");
        }
    }
}
