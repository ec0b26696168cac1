//! "Was it added after all?": the caller finds out, and only where there is a doubt.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt as _;
use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint_transport::{CallOptions, Delivery};

use crate::calls::client::{ADD, GET, TOKEN, call, call_with, transport};

/// Calls Add at a server that gives these replies: the outcome, and how often the caller was asked.
async fn add(
    replies: impl IntoIterator<Item = Reply>,
    is_ours: bool,
) -> (Result<bool, Delivery>, usize) {
    let server = RawServer::start(replies).await;
    let transport = transport(&server, TestClock::start());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let options = CallOptions {
        retry_ambiguous: true,
        confirm: Some(Arc::new(move |left| {
            assert!(left > Duration::ZERO);
            count.fetch_add(1, Ordering::SeqCst);
            async move { is_ours }.boxed()
        })),
        ..CallOptions::default()
    };
    let outcome = call_with(&transport, &ADD, &options).await;
    let outcome = outcome.map(|answer| answer.is_inferred());
    let outcome = outcome.map_err(|error| error.delivery());
    (outcome, asked.load(Ordering::SeqCst))
}

fn conflict() -> Reply {
    Reply::new(409, &[], "{}")
}

#[tokio::test]
async fn what_exists_after_a_lost_answer_is_looked_at() {
    assert_eq!(add([Reply::Reset, conflict()], true).await, (Ok(true), 1));
    let unknown = Err(Delivery::Unknown);
    assert_eq!(add([Reply::Reset, conflict()], false).await, (unknown, 1));
}

#[tokio::test]
async fn what_exists_from_the_start_is_a_conflict() {
    assert_eq!(add([conflict()], true).await, (Err(Delivery::Final), 0));
}

#[tokio::test]
async fn a_success_needs_no_look() {
    let replies = [Reply::Reset, Reply::new(200, &[], "{}")];
    assert_eq!(add(replies, true).await, (Ok(false), 0));
}

#[tokio::test]
async fn what_is_confirmed_shows_no_secret() {
    let repeated = Reply::new(409, &[("request-id", TOKEN)], "{}");
    let server = RawServer::start([Reply::Reset, repeated]).await;
    let transport = transport(&server, TestClock::start());
    let options = CallOptions {
        retry_ambiguous: true,
        confirm: Some(Arc::new(|_| async { true }.boxed())),
        ..CallOptions::default()
    };
    let answer = call_with(&transport, &ADD, &options).await.or_fail();
    assert!(answer.is_inferred());
    assert_eq!(answer.request_id(), Some("[redacted]"));
}

/// Something on the way has mixed up answers: what became of a change is not known.
#[tokio::test]
async fn an_answer_about_another_thing_leaves_the_outcome_of_a_change_unknown() {
    for (operation, delivery) in [(&GET, Delivery::Final), (&ADD, Delivery::Unknown)] {
        let server = RawServer::start([Reply::json(200, r#"{"name":"other"}"#)]).await;
        let transport = transport(&server, TestClock::start());
        let answer = call(&transport, operation).await.or_fail();
        let error = answer.about("a b", |thing| thing.as_ref()?["name"].as_str());
        let error = error.err_or_fail();
        assert_eq!(error.delivery(), delivery, "{error}");
        assert!(error.is_unexpected_answer());
        assert_eq!(error.operation(), Some(operation));
    }
}
