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

/// Reads a state until it is ready, for at most `limit`.
///
/// `read` is told how long it may take; at the first time it is asked in any case. An error that may pass
/// (no answer, no connection, throttling) counts as pending, since a read changes nothing and can be made
/// again; any other error ends the wait.
///
/// # Errors
///
/// [`Error::is_timeout`]: it was still pending at the end of `limit`.
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
        match read(left).await {
            Ok(Poll::Ready(state)) => return Ok(state),
            Ok(Poll::Pending) => {}
            Err(error) if error.is_passing() => {}
            Err(error) => return Err(error),
        }
        left = limit.saturating_sub(clock.now().duration_since(start));
        if left.is_zero() {
            return Err(Error::unfinished(limit));
        }
        clock.sleep(pause.min(left)).await;
        pause = (pause * 3 / 2).min(backoff.longest);
    }
}
