//! Waiting for what a service does after it has answered.

use std::{task::Poll, time::Duration};

use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint_transport::{
    Error,
    poller::{Backoff, poll},
};

use crate::calls::client::{GET, call, transport};

const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(4),
    longest: Duration::from_secs(10),
};

/// Waits for at most `limit` until the thing is ready.
async fn wait(
    limit: Duration,
    replies: impl IntoIterator<Item = Reply>,
) -> (Result<(), Error>, Vec<Duration>) {
    let server = RawServer::start(replies).await;
    let clock = TestClock::start();
    let transport = transport(&server, clock.clone());
    let outcome = poll(&*clock, limit, BACKOFF, |_| async {
        let answer = call(&transport, &GET).await?;
        let is_ready = answer.as_ref().is_some_and(|thing| thing["ready"] == true);
        Ok(if is_ready {
            Poll::Ready(())
        } else {
            Poll::Pending
        })
    });
    (outcome.await, clock.pauses())
}

fn thing(ready: bool) -> Reply {
    Reply::new(200, &[], format!(r#"{{"ready":{ready}}}"#))
}

#[tokio::test]
async fn pauses_grow_by_half_up_to_the_longest() {
    let replies = [
        thing(false),
        thing(false),
        thing(false),
        thing(false),
        thing(true),
    ];
    let (outcome, pauses) = wait(Duration::from_secs(60), replies).await;
    outcome.or_fail();
    assert_eq!(pauses, [4, 6, 9, 10].map(Duration::from_secs));
}

#[tokio::test]
async fn the_last_pause_ends_with_the_limit() {
    let (outcome, pauses) = wait(Duration::from_secs(7), [thing(false)]).await;
    let error = outcome.err_or_fail();
    assert!(error.is_timeout() && error.is_unfinished() && !error.is_outcome_unknown());
    assert_eq!(error.to_string(), "accepted, and not finished after 7s");
    assert_eq!(pauses, [4, 3].map(Duration::from_secs));
}

#[tokio::test]
async fn an_error_that_passes_is_waited_over_and_another_ends_the_wait() {
    // Four attempts of one read, and then a new read.
    let busy = || Reply::new(429, &[], "");
    let replies = [busy(), busy(), busy(), busy(), thing(true)];
    let (outcome, _) = wait(Duration::from_secs(60), replies).await;
    outcome.or_fail();

    let (outcome, pauses) = wait(Duration::from_secs(60), [Reply::new(403, &[], "")]).await;
    let error = outcome.err_or_fail();
    assert!(error.is_forbidden() && error.is_unfinished() && !error.is_timeout());
    let end = "; what was waited for is accepted, and not known to be finished";
    assert!(error.to_string().ends_with(end), "{error}");
    assert!(pauses.is_empty());
}

#[tokio::test]
async fn the_error_of_the_last_read_is_the_source_of_a_wait_that_ran_out() {
    let replies = [thing(false), Reply::new(502, &[], "")];
    let (outcome, _) = wait(Duration::from_secs(30), replies).await;
    let error = outcome.err_or_fail();
    assert!(error.is_unfinished() && error.is_timeout(), "{error}");
    let source = std::error::Error::source(&error).or_fail().to_string();
    assert!(source.contains("502"), "{source}");
}
