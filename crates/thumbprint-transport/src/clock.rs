//! Time, as far as a test may want to hold it.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

/// What tells a client the time and lets it wait. Replaced in tests, so that they need not.
///
/// ```
/// use std::{future::{Future, pending, ready}, pin::Pin, time::{Duration, Instant}};
///
/// use thumbprint_transport::Clock;
///
/// /// Pauses are over at once, and deadlines never pass.
/// #[derive(Debug)]
/// struct Impatient;
///
/// impl Clock for Impatient {
///     fn now(&self) -> Instant {
///         Instant::now()
///     }
///
///     fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
///         Box::pin(ready(()))
///     }
///
///     fn deadline(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
///         Box::pin(pending())
///     }
/// }
/// ```
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now, on a clock that is never set. Deadlines and the age of a token go by it.
    fn now(&self) -> Instant;

    /// The time of day. Only what is told to a service, or was told by one, goes by it.
    fn utc_now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// Comes back after `pause`: between two attempts, or between two reads.
    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Comes back when something that may take no longer than `limit` has taken that long. It is dropped
    /// when the thing is done. Unless replaced, it is a [`sleep`](Self::sleep); a test whose sleeps pass
    /// at once keeps the two apart here.
    fn deadline(&self, limit: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.sleep(limit)
    }
}

/// The machine's own time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(pause))
    }
}

/// The output of `work`, or `None` if it takes longer than `limit`. `work` is not moved in: a future keeps both
/// what it is given and what it makes of that, and the largest one of a call would be in it twice.
#[doc(hidden)]
pub async fn within<F: Future>(
    clock: &dyn Clock,
    limit: impl Fn() -> Duration,
    mut work: Pin<&mut F>,
) -> Option<F::Output> {
    let mut late = None;
    poll_fn(|context| {
        // What is done counts, even if the deadline passed at the same moment.
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        let late = late.get_or_insert_with(|| clock.deadline(limit()));
        late.as_mut().poll(context).map(|()| None)
    })
    .await
}
