//! What a call, and a client, may spend on attempts. Must notice a pause beyond the deadline, and a client
//! that goes on asking a service that is down.

use std::{sync::Arc, time::Duration};

use conformance::calls::{ALL, Clients, thumbprint};
use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint::Clock as _;

use super::{PAUSES, bare, builders, clients, run};
use crate::responses::predicates;

#[tokio::test]
async fn no_pause_goes_beyond_the_deadline() {
    for call in &ALL {
        // The pauses are 0.4, 0.8 and 1.6 seconds.
        for (milliseconds, retries) in [
            (400, 0),
            (401, 1),
            (1200, 1),
            (1201, 2),
            (2800, 2),
            (2801, 3),
            (60_000, 3),
        ] {
            let limit = Duration::from_millis(milliseconds);
            let clock = TestClock::start();
            let server = RawServer::start([bare(429, &[])]).await;
            let (batch, wap) = builders(&server.base_url(), &clock);
            let by_client = Clients {
                batch: batch.total_timeout(limit).build().or_fail(),
                wap: wap.total_timeout(limit).build().or_fail(),
            };
            let error = run(call, by_client, true).await.err_or_fail();
            let row = format!("{} {milliseconds}", call.operation);
            assert_eq!(error.attempts() as usize, retries + 1, "{row}");
            assert_eq!(clock.pauses(), PAUSES[..retries], "{row}");

            let clock = TestClock::start();
            let by_call = clients(&server.base_url(), &clock);
            let error = (call.run)(by_call, Some(limit)).await.err_or_fail();
            assert_eq!(error.attempts() as usize, retries + 1, "{row}");
            assert_eq!(clock.pauses(), PAUSES[..retries], "{row}");
        }
    }
}

/// `retry_after` is shown even where the call does not wait for it, and so is the last error.
#[tokio::test]
async fn retry_after_beyond_the_deadline_ends_the_call() {
    for call in &ALL {
        let clock = TestClock::start();
        let server = RawServer::start([bare(502, &[]), bare(429, &[("Retry-After", "30")])]).await;
        let limit = Some(Duration::from_secs(20));
        let start = clock.now();
        let error = (call.run)(clients(&server.base_url(), &clock), limit).await;
        let error = error.err_or_fail();
        let spent = clock.now() - start;
        let attempts = if super::Nature::of(call) == super::Nature::Ambiguous {
            1
        } else {
            2
        };
        assert_eq!(error.attempts(), attempts, "{}", call.operation);
        if attempts == 2 {
            assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
            assert_eq!(spent, PAUSES[0], "{}", call.operation);
            assert!(error.is_throttled());
        }
    }
}

/// A silent server gets the time of one attempt, and then what is left of the call's.
#[tokio::test]
async fn an_attempt_ends_with_the_call() {
    for call in ALL.iter().filter(|call| call.answers) {
        let clock = TestClock::start();
        let server = RawServer::start([Reply::Stall(Vec::new())]).await;
        let server = server.with_clock(&clock);
        let start = clock.now();
        let outcome = run(call, clients(&server.base_url(), &clock), true).await;
        let error = outcome.err_or_fail();
        assert_eq!(clock.now() - start, Duration::from_secs(60));
        assert!(error.to_string().contains("60s"), "{error}");
        assert_eq!(server.received().len(), 2, "{}", call.operation);
    }
    // Without a second attempt it is the attempt's own deadline.
    let clock = TestClock::start();
    let server = RawServer::start([Reply::Stall(Vec::new())]).await;
    let server = server.with_clock(&clock);
    let account = clients(&server.base_url(), &clock).batch;
    let asked = thumbprint();
    let error = account.cancel_deletion(&asked).await.err_or_fail();
    assert_eq!(predicates(&error), ["outcome_unknown", "timeout"]);
    assert!(error.to_string().contains("35s"), "{error}");
}

/// How many requests a call makes at a server that throttles everything.
async fn spend(account: &thumbprint::batch::Client) -> u32 {
    let error = account.get(&thumbprint()).await.err_or_fail();
    assert_eq!(predicates(&error), ["throttled"]);
    error.attempts()
}

#[tokio::test]
async fn a_client_stops_retrying_once_its_retry_budget_is_spent() {
    let clock = TestClock::start();
    let server = RawServer::start([bare(429, &[])]).await;
    let account = clients(&server.base_url(), &clock).batch;
    // All clones of a client share what there is: a hundred repetitions.
    let clone = account.clone();
    for _ in 0..33 {
        assert_eq!(spend(&account).await, 4);
    }
    assert_eq!(spend(&clone).await, 2);
    assert_eq!(spend(&clone).await, 1);
    assert_eq!(spend(&account).await, 1);
    assert_eq!(server.received().len(), 33 * 4 + 2 + 1 + 1);
    // Others have their own.
    let other = clients(&server.base_url(), &clock).batch;
    assert_eq!(spend(&other).await, 4);

    // Five successes pay for one repetition.
    let get = conformance::calls::Call::of("Certificate_Get");
    let asked = thumbprint();
    server.answer([get.good()]);
    for _ in 0..4 {
        account.get(&asked).await.or_fail();
    }
    server.answer([bare(429, &[])]);
    assert_eq!(spend(&account).await, 1);
    server.answer([get.good()]);
    account.get(&asked).await.or_fail();
    server.answer([bare(429, &[])]);
    assert_eq!(spend(&account).await, 2);

    // And a repetition that helped pays for itself.
    server.answer([get.good()]);
    for _ in 0..5 {
        account.get(&asked).await.or_fail();
    }
    for _ in 0..3 {
        server.answer([bare(429, &[]), get.good()]);
        account.get(&asked).await.or_fail();
    }
    server.answer([bare(429, &[])]);
    assert_eq!(spend(&account).await, 2);
}

/// A success is one in every form that the operation takes for it.
#[tokio::test]
async fn a_success_without_a_body_refills_the_retry_budget() {
    let (clock, asked) = (TestClock::start(), thumbprint());
    let server = RawServer::start([bare(429, &[])]).await;
    let tenant = clients(&server.base_url(), &clock).wap;
    let spend = async || tenant.get(&asked).await.err_or_fail().attempts();
    while spend().await > 1 {}
    server.answer([Reply::new(204, &[], "")]);
    for _ in 0..5 {
        tenant.delete(&asked).await.or_fail();
    }
    server.answer([bare(429, &[])]);
    assert_eq!((spend().await, spend().await), (2, 1));
}

/// What is under way at the same time has one bucket together.
#[tokio::test]
async fn many_calls_share_one_retry_budget() {
    let clock = TestClock::start();
    let server = RawServer::start([bare(429, &[])]).await;
    // All of them turn the one clock, which must not end them.
    let (builder, _) = builders(&server.base_url(), &clock);
    let builder = builder.total_timeout(Duration::from_secs(3600));
    let account = Arc::new(builder.build().or_fail());
    let calls = (0..50).map(|_| {
        let account = Arc::clone(&account);
        async move { spend(&account).await }
    });
    let attempts: u32 = futures_util::future::join_all(calls).await.iter().sum();
    assert_eq!(attempts, 50 + 100);
}
