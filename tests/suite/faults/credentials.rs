//! Credentials that are not accepted. Must notice a token that is sent twice though it was refused, a
//! second chance that is none, and a signature that is sent again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use conformance::calls::{ALL, Call, Clients, PRINCIPAL, SUBSCRIPTION, thumbprint};
use test_support::{OrFail as _, RawServer, Received, Reply, TestClock};
use thumbprint::{Clock as _, Credential, Error, Token, batch, wap};
use thumbprint_transport::HttpDate;
use uuid::Uuid;

use super::{bare, clients, refusal, run, timed};
use crate::responses::{predicates, status};

const CHALLENGE: (&str, &str) = (
    "WWW-Authenticate",
    r#"Bearer authorization_uri="https://login.example/tenant""#,
);

/// A source that gives `token-1`, `token-2` and so on, as often as it is good for.
#[derive(Clone)]
struct Source {
    asked: Arc<AtomicUsize>,
    good_for: usize,
}

impl Source {
    fn new(good_for: usize) -> Self {
        Self {
            asked: Arc::default(),
            good_for,
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn credential(&self) -> Credential {
        let source = self.clone();
        Credential::tokens(move || {
            let number = source.asked.fetch_add(1, Ordering::SeqCst) + 1;
            let token = (number <= source.good_for).then(|| format!("token-{number}"));
            async move {
                let token = token.ok_or("the vault is shut")?;
                Ok(Token::new(token).expires_after(Duration::from_secs(3600)))
            }
        })
    }

    fn clients(&self, url: &str, clock: &Arc<TestClock>, retries: u32) -> Clients {
        let batch = batch::Client::builder(url, self.credential());
        let wap = wap::Client::builder(url, SUBSCRIPTION, PRINCIPAL, self.credential());
        let batch = timed(batch, clock).allow_loopback_http().retries(retries);
        let wap = timed(wap, clock).allow_loopback_http().retries(retries);
        Clients {
            batch: batch.build().or_fail(),
            wap: wap.build().or_fail(),
        }
    }
}

fn tokens(received: &[Received]) -> Vec<String> {
    let values = received.iter().map(|request| {
        let value = request.header("authorization").or_fail();
        value.trim_start_matches("Bearer ").to_owned()
    });
    values.collect()
}

/// Calls an operation twice: the first time well, so that the token is a cached one the second time.
async fn second(
    call: &Call,
    source: &Source,
    answers: impl IntoIterator<Item = Reply>,
    retries: u32,
) -> (Result<(u16, String), Error>, Vec<Received>, Arc<TestClock>) {
    let clock = TestClock::start();
    let server = RawServer::start([call.good()]).await.with_clock(&clock);
    let clients = source.clients(&server.base_url(), &clock, retries);
    (call.run)(clients.clone(), None).await.or_fail();
    server.answer(answers);
    let outcome = run(call, clients, true).await;
    (outcome, server.received().split_off(1), clock)
}

#[tokio::test]
async fn a_token_that_the_caller_gave_is_not_sent_twice() {
    for call in &ALL {
        let clock = TestClock::start();
        let server = RawServer::start([bare(401, &[CHALLENGE]), call.good()]).await;
        let outcome = run(call, clients(&server.base_url(), &clock), true).await;
        let error = outcome.err_or_fail();
        assert_eq!(
            predicates(&error),
            ["unauthenticated"],
            "{}",
            call.operation
        );
        assert_eq!(error.challenge(), Some(CHALLENGE.1));
        assert_eq!(error.attempts(), 1);
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_cached_token_that_is_not_accepted_is_replaced_once_and_without_a_pause() {
    for call in &ALL {
        // What no retry is allowed for has this chance all the same.
        for retries in [3, 0] {
            let source = Source::new(9);
            let answers = [bare(401, &[CHALLENGE]), call.good()];
            let (outcome, received, clock) = second(call, &source, answers, retries).await;
            assert_eq!(outcome.or_fail().0, call.success, "{}", call.operation);
            assert_eq!(tokens(&received), ["token-1", "token-2"]);
            assert_eq!(source.asked(), 2);
            assert!(clock.pauses().is_empty(), "{}", call.operation);
        }
    }
}

#[tokio::test]
async fn a_second_token_that_is_not_accepted_is_the_last() {
    for call in &ALL {
        let source = Source::new(9);
        let answers = [bare(401, &[CHALLENGE])];
        let (outcome, received, clock) = second(call, &source, answers, 3).await;
        let error = outcome.err_or_fail();
        assert_eq!(
            predicates(&error),
            ["unauthenticated"],
            "{}",
            call.operation
        );
        assert_eq!(error.challenge(), Some(CHALLENGE.1));
        assert_eq!((error.attempts(), status(&error)), (2, Some(401)));
        assert_eq!(tokens(&received), ["token-1", "token-2"]);
        assert!(clock.pauses().is_empty());
    }
}

/// Another attempt goes on as before with the new token, and has no second chance.
#[tokio::test]
async fn a_token_is_replaced_once_a_call_and_not_once_an_attempt() {
    for call in &ALL {
        let source = Source::new(9);
        let answers = [bare(401, &[]), bare(429, &[]), bare(401, &[]), call.good()];
        let (outcome, received, _) = second(call, &source, answers, 3).await;
        let error = outcome.err_or_fail();
        assert_eq!(
            predicates(&error),
            ["unauthenticated"],
            "{}",
            call.operation
        );
        assert_eq!(tokens(&received), ["token-1", "token-2", "token-2"]);
    }
}

/// A replay is none of the retries: all three are left.
#[tokio::test]
async fn a_replay_costs_no_retry() {
    for call in &ALL {
        let source = Source::new(9);
        let answers = [bare(401, &[]), bare(429, &[])];
        let (outcome, received, clock) = second(call, &source, answers, 3).await;
        assert_eq!(predicates(&outcome.err_or_fail()), ["throttled"]);
        assert_eq!(received.len(), 5, "{}", call.operation);
        assert_eq!(clock.pauses(), super::PAUSES);
    }
}

/// What was fetched for this very call would not be better if it were fetched again.
#[tokio::test]
async fn a_fresh_token_that_is_not_accepted_is_not_replaced() {
    for call in &ALL {
        let (clock, source) = (TestClock::start(), Source::new(9));
        let server = RawServer::start([bare(401, &[]), call.good()]).await;
        let clients = source.clients(&server.base_url(), &clock, 3);
        let error = run(call, clients, true).await.err_or_fail();
        assert_eq!(
            predicates(&error),
            ["unauthenticated"],
            "{}",
            call.operation
        );
        assert_eq!(server.received().len(), 1);
        assert_eq!(source.asked(), 1);
    }
}

#[tokio::test]
async fn batch_says_the_same_with_403_and_wap_does_not() {
    for call in &ALL {
        for (code, in_batch) in [
            ("AuthenticationFailed", true),
            ("InsufficientAccountPermissions", false),
        ] {
            let source = Source::new(9);
            let answers = [refusal(call, 403, &[], code), call.good()];
            let (outcome, received, _) = second(call, &source, answers, 3).await;
            let replayed = in_batch && call.api() == "batch";
            let row = format!("{} {code}", call.operation);
            assert_eq!(outcome.is_ok(), replayed, "{row}");
            assert_eq!(received.len(), if replayed { 2 } else { 1 }, "{row}");
        }
    }
}

#[tokio::test]
async fn a_replay_keeps_the_client_request_id() {
    let (clock, source, asked) = (TestClock::start(), Source::new(9), thumbprint());
    let cancel = Call::of("Certificate_CancelDeletion");
    let server = RawServer::start([cancel.good(), bare(401, &[]), cancel.good()]).await;
    let account = source.clients(&server.base_url(), &clock, 3).batch;
    account.cancel_deletion(&asked).await.or_fail();
    let id = Uuid::from_u128(5);
    let call = account.cancel_deletion(&asked).client_request_id(id);
    call.await.or_fail();
    let received = server.received().split_off(1);
    for request in &received {
        let name = request.header("client-request-id").or_fail();
        assert_eq!(name, id.to_string());
    }
    assert_eq!(tokens(&received), ["token-1", "token-2"]);
}

/// The first request went out, and what became of it does not become certain because there is no token
/// for a second one.
#[tokio::test]
async fn without_a_second_token_the_first_request_counts() {
    for call in &ALL {
        let source = Source::new(1);
        let (outcome, received, _) = second(call, &source, [bare(401, &[])], 3).await;
        let error = outcome.err_or_fail();
        assert_eq!(predicates(&error), ["credential"], "{}", call.operation);
        assert_eq!((error.attempts(), received.len()), (1, 1));
        assert!(!error.to_string().contains("nothing was sent"), "{error}");
    }
    for call in &ALL {
        let source = Source::new(1);
        let answers = [Reply::Reset, bare(401, &[])];
        let (outcome, received, _) = second(call, &source, answers, 3).await;
        let error = outcome.err_or_fail();
        assert_eq!(error.attempts() as usize, received.len());
        let changes = super::Nature::of(call) != super::Nature::Read;
        assert!(error.is_credential(), "{}: {error}", call.operation);
        assert_eq!(error.is_outcome_unknown(), changes, "{}", call.operation);
        assert!(!error.to_string().contains("nothing was sent"), "{error}");
    }
}

#[tokio::test]
async fn a_clock_skew_is_told_with_an_authentication_error() {
    for call in &ALL {
        for (number, code, ahead, skew) in [
            (401, "", 600, Some(600)),
            (401, "", -600, Some(-600)),
            (401, "", 59, None),
            (403, "X", 600, None),
            (404, "", 600, None),
            (429, "", 600, None),
            (500, "", 600, None),
            (
                403,
                "AuthenticationFailed",
                900,
                call.choose([Some(900), None]),
            ),
        ] {
            let clock = TestClock::start();
            let date = clock.utc_now() + chrono::TimeDelta::seconds(ahead);
            let date = HttpDate::try_from(date).or_fail().to_string();
            let answer = refusal(call, number, &[("Date", &date)], code);
            let server = RawServer::start([answer]).await;
            let outcome = run(call, clients(&server.base_url(), &clock), false).await;
            let error = outcome.err_or_fail();
            let row = format!("{} {number} {code} {ahead}", call.operation);
            // A date has no fractions of a second.
            let off = |skew: Option<i64>| skew.map(|skew| skew / 2);
            assert_eq!(
                off(error.clock_skew()),
                off(skew.map(|skew| skew - 1)),
                "{row}"
            );
        }
    }
}

/// What the client refuses itself needs no token.
#[tokio::test]
async fn a_refused_value_fetches_no_token() {
    let (clock, source, asked) = (TestClock::start(), Source::new(9), thumbprint());
    let server = RawServer::listening().await;
    let Clients { batch, wap } = source.clients(&server.base_url(), &clock, 3);
    let zero = Duration::ZERO;
    for error in [
        batch.get(&asked).timeout(zero).await.err(),
        batch.get(&asked).deadline(zero).await.err(),
        batch.delete(&asked).timeout(Duration::MAX).await.err(),
        batch.list().max_results("0").await.err(),
        batch.list().select(["a b"]).await.err(),
        wap.get(&asked)
            .client_request_id("a\r\nb: c".to_owned())
            .await
            .err(),
        wap.delete(&asked)
            .principal_live_id("\u{e9}".to_owned())
            .await
            .err(),
    ] {
        let error = error.or_fail();
        assert_eq!(predicates(&error), ["invalid_input"], "{error}");
        assert_eq!(error.attempts(), 0);
    }
    assert_eq!((source.asked(), server.connections()), (0, 0));
}
