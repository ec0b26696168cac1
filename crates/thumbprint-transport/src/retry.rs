//! How long to wait before another attempt, and whether there may be one.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use http::HeaderMap;

use crate::{HttpDate, Random, header};

/// How many attempts may follow the first, unless set.
pub(crate) const RETRIES: u32 = 3;
/// The longest pause before the first retry. It doubles with each one after it.
const FIRST_PAUSE: Duration = Duration::from_millis(800);
/// The longest pause of all.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The pause before a retry. `retries` counts those that were made before it. A service's own wish is
/// followed to the letter; without one, or with one that lies in the past, the pause is anything between
/// nothing and twice the last one ("full jitter"), so that clients that failed together do not come
/// back together.
pub(crate) fn pause(retries: u32, wish: Option<Duration>, random: &dyn Random) -> Duration {
    match wish {
        Some(wish) if !wish.is_zero() => wish,
        _ => {
            let longest = FIRST_PAUSE.saturating_mul(1 << retries.min(16));
            // A source of the caller's own may give any number, and most of them would panic here.
            let fraction = random.fraction();
            let fraction = if (0.0..=1.0).contains(&fraction) {
                fraction
            } else {
                1.0
            };
            longest.min(LONGEST_PAUSE).mul_f64(fraction)
        }
    }
}

/// How long the service asks to be left alone. Zero for a time that has passed, `None` where it says
/// nothing or something that cannot be read.
///
/// Two headers in milliseconds are Azure's own; `Retry-After` (RFC 9110, section 10.2.3) has seconds or
/// a date. The finest one that can be read counts.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let milliseconds = ["retry-after-ms", "x-ms-retry-after-ms"]
        .into_iter()
        .find_map(|name| digits(header::text(headers, name)?));
    if let Some(milliseconds) = milliseconds {
        return Some(Duration::from_millis(milliseconds));
    }
    let text = header::text(headers, "retry-after")?;
    if let Some(seconds) = digits(text) {
        return Some(Duration::from_secs(seconds));
    }
    let date: HttpDate = text.trim().parse().ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or(Duration::ZERO))
}

/// A number of digits alone: `parse` would take a sign, too.
fn digits(text: &str) -> Option<u64> {
    let text = text.trim();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// What a client may spend on retries: a bucket of tokens that retries empty and successes fill. When a
/// service is down for everybody, retries would only keep it down.
#[derive(Debug)]
pub(crate) struct Bucket(AtomicU32);

impl Bucket {
    /// A hundred retries without a success between them, as the SDKs of other clouds have it.
    const CAPACITY: u32 = 500;
    const PRICE: u32 = 5;

    pub(crate) fn full() -> Self {
        Self(AtomicU32::new(Self::CAPACITY))
    }

    /// Pays for a retry, if there is enough left.
    pub(crate) fn take(&self) -> bool {
        let pay = |left: u32| left.checked_sub(Self::PRICE);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay)
            .is_ok()
    }

    /// Notes a success. One that took retries gives back what the last of them cost.
    pub(crate) fn refill(&self, retried: bool) {
        let gain = if retried { Self::PRICE } else { 1 };
        let fill = |left: u32| (left < Self::CAPACITY).then(|| (left + gain).min(Self::CAPACITY));
        // A full bucket stays as it is.
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fill);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeZone as _, Utc};
    use http::{HeaderMap, HeaderValue};

    use super::{Bucket, pause, retry_after};
    use crate::Random;

    #[derive(Debug)]
    struct Always(f64);

    impl Random for Always {
        fn fraction(&self) -> f64 {
            self.0
        }
    }

    #[test]
    fn a_pause_doubles_up_to_its_cap_and_starts_at_nothing() {
        for (retries, longest) in [(0, 800), (1, 1600), (2, 3200), (5, 25_600), (6, 30_000)] {
            let most = pause(retries, None, &Always(1.0));
            assert_eq!(most, Duration::from_millis(longest), "{retries}");
            assert_eq!(pause(retries, None, &Always(0.5)), most / 2, "{retries}");
            assert_eq!(
                pause(retries, None, &Always(0.0)),
                Duration::ZERO,
                "{retries}"
            );
        }
        assert_eq!(pause(u32::MAX, None, &Always(1.0)), Duration::from_secs(30));
        for odd in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            let most = Duration::from_millis(800);
            assert_eq!(pause(0, None, &Always(odd)), most, "{odd}");
        }
    }

    #[test]
    fn a_wish_is_followed_unless_it_lies_in_the_past() {
        let wish = Duration::from_secs(7);
        assert_eq!(pause(0, Some(wish), &Always(0.5)), wish);
        let passed = pause(1, Some(Duration::ZERO), &Always(0.5));
        assert_eq!(passed, Duration::from_millis(800));
    }

    #[test]
    fn three_headers_say_when() {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 10, 0, 0).single();
        for (headers, wish) in [
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
            let found = now.and_then(|now| retry_after(&map, now));
            assert_eq!(found, wish.map(Duration::from_millis), "{headers:?}");
        }
    }

    #[test]
    fn a_bucket_runs_dry_and_fills_with_successes() {
        let bucket = Bucket::full();
        assert_eq!((0..200).filter(|_| bucket.take()).count(), 100);
        (0..4).for_each(|_| bucket.refill(false));
        assert!(!bucket.take());
        bucket.refill(false);
        assert!(bucket.take() && !bucket.take());
        bucket.refill(true);
        assert!(bucket.take() && !bucket.take());
        (0..10_000).for_each(|_| bucket.refill(true));
        assert_eq!((0..200).filter(|_| bucket.take()).count(), 100);
    }
}
