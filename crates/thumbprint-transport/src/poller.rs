//! Waiting for what a service does after it has answered: reading a state again and again, for any API.

use std::{future::Future, task::Poll, time::Duration};

use crate::{Clock, Error};

/// How long to wait between two reads of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first pause. Each one after it is half as long again.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

/// Reads the state of something that a service has accepted until it is ready, for at most `limit`.
///
/// `read` is told how long it may take; at the first time it is asked in any case. An error that may pass
/// (no answer, no connection, throttling) counts as pending, since a read changes nothing and can be made
/// again; any other error ends the wait.
///
/// # Errors
///
/// [`Error::is_unfinished`] is true of each. [`Error::is_timeout`]: it was still pending at the end of `limit`; if
/// the last read failed, its error is the source.
///
/// ```
/// use std::{task::Poll, time::Duration};
///
/// use thumbprint_transport::{Error, SystemClock, poller::{Backoff, poll}};
///
/// # async fn read_state(_: Duration) -> Result<String, Error> { Ok(String::new()) }
/// # async fn example() -> Result<(), Error> {
/// let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(15) };
/// let state = poll(&SystemClock, Duration::from_secs(300), backoff, |left| async move {
///     Ok(match read_state(left).await? {
///         state if state == "deleting" => Poll::Pending,
///         state => Poll::Ready(state),
///     })
/// });
/// println!("it is {} now", state.await?);
/// # Ok(())
/// # }
/// ```
pub async fn poll<T, F>(
    clock: &dyn Clock,
    limit: Duration,
    backoff: Backoff,
    mut read: impl FnMut(Duration) -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<Poll<T>, Error>>,
{
    let start = clock.now();
    let (mut left, mut pause) = (limit, backoff.first);
    loop {
        let failed = match read(left).await {
            Ok(Poll::Ready(state)) => return Ok(state),
            Ok(Poll::Pending) => None,
            Err(error) if error.is_passing() => Some(error),
            Err(error) => return Err(error.accepted()),
        };
        left = limit.saturating_sub(clock.now().duration_since(start));
        if left.is_zero() {
            let unfinished = Error::unfinished(limit);
            return Err(match failed {
                Some(error) => unfinished.caused_by(error),
                None => unfinished,
            });
        }
        clock.sleep(pause.min(left)).await;
        pause = (pause * 3 / 2).min(backoff.longest);
    }
}
