//! How long to wait before another attempt, and whether there may be one.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::Jitter;

/// How many attempts may follow the first, unless set.
pub(crate) const RETRIES: u32 = 3;
/// The longest pause before the first retry. It doubles with each one after it.
const FIRST_PAUSE: Duration = Duration::from_millis(800);
/// The longest pause of all.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The pause before a retry. `retries` counts those that were made before it. What the service asks for is
/// followed to the letter; without that, or with a time that lies in the past, the pause is anything
/// between nothing and twice the last one ("full jitter"), so that clients that failed together do not
/// come back together.
pub(crate) fn pause(retries: u32, retry_after: Option<Duration>, jitter: &dyn Jitter) -> Duration {
    match retry_after {
        Some(asked) if !asked.is_zero() => asked,
        _ => {
            let longest = FIRST_PAUSE.saturating_mul(1 << retries.min(16));
            // A source of the caller's own may give any number, and most of them would panic here.
            let fraction = jitter.fraction();
            let fraction = if (0.0..=1.0).contains(&fraction) {
                fraction
            } else {
                1.0
            };
            longest.min(LONGEST_PAUSE).mul_f64(fraction)
        }
    }
}

/// What a client may spend on retries: a token bucket that retries empty and successes fill. When a
/// service is down for all of its clients, retries would only keep it down.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

impl Budget {
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

    use super::{Budget, pause};
    use crate::Jitter;

    #[derive(Debug)]
    struct Always(f64);

    impl Jitter for Always {
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
    fn retry_after_is_followed_unless_it_lies_in_the_past() {
        let asked = Duration::from_secs(7);
        assert_eq!(pause(0, Some(asked), &Always(0.5)), asked);
        let passed = pause(1, Some(Duration::ZERO), &Always(0.5));
        assert_eq!(passed, Duration::from_millis(800));
    }

    #[test]
    fn a_budget_runs_dry_and_fills_with_successes() {
        let budget = Budget::full();
        assert_eq!((0..200).filter(|_| budget.take()).count(), 100);
        (0..4).for_each(|_| budget.refill(false));
        assert!(!budget.take());
        budget.refill(false);
        assert!(budget.take() && !budget.take());
        budget.refill(true);
        assert!(budget.take() && !budget.take());
        (0..10_000).for_each(|_| budget.refill(true));
        assert_eq!((0..200).filter(|_| budget.take()).count(), 100);
    }
}
