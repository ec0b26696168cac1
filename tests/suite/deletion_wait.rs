//! Waiting for a deletion, by a clock that the test turns: no test waits. Must notice a failed deletion
//! that is taken for success, a poll that is given up for an error that passes or goes on after a refusal, pauses that
//! do not grow or have no cap, and a limit that is not kept.

use std::{sync::Arc, time::Duration};

use conformance::calls::{BATCH_EXAMPLE, batch_builder, thumbprint};
use serde_json::{Value, json};
use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint::{
    Error,
    batch::{self, CertificateState, DeletionOutcome},
};

/// Long enough for every get of a test.
const LONG: Duration = Duration::from_secs(300);

fn state(state: &str) -> Reply {
    let mut body: Value = serde_json::from_str(BATCH_EXAMPLE).or_fail();
    body["state"] = json!(state);
    Reply::json(200, body)
}

fn refusal(status: u16, code: &str) -> Reply {
    Reply::json(status, json!({"code": code}))
}

fn accepted() -> Reply {
    Reply::new(202, &[], "")
}

fn client(server: &RawServer, clock: &Arc<TestClock>) -> batch::Client {
    let builder = batch_builder(&server.base_url());
    builder.clock(clock.clone()).build().or_fail()
}

/// How a wait ends when its gets are answered like that: the outcome, the pauses, and how many gets there
/// were.
async fn wait(
    answers: impl IntoIterator<Item = Reply>,
    limit: Duration,
) -> (Result<DeletionOutcome, Error>, Vec<Duration>, usize) {
    let (server, clock) = (RawServer::start(answers).await, TestClock::start());
    let outcome = client(&server, &clock)
        .wait_for_deletion(&thumbprint(), limit)
        .await;
    let received = server.received();
    for get in &received {
        let target = "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)?api-version=2023-11-01.18.0";
        assert_eq!((get.method.as_str(), get.target.as_str()), ("GET", target));
    }
    (outcome, clock.pauses(), received.len())
}

/// The outcomes in a form that can be compared.
fn shown(outcome: &Result<DeletionOutcome, Error>) -> &'static str {
    match outcome {
        Ok(DeletionOutcome::Deleted) => "deleted",
        Ok(DeletionOutcome::DeleteFailed(_)) => "failed",
        Ok(DeletionOutcome::NotDeleting(_)) => "not deleting",
        Ok(other) => panic!("{other:?}"),
        Err(error) if error.is_timeout() => "timeout",
        Err(_) => "error",
    }
}

#[tokio::test]
async fn each_state_is_an_outcome() {
    let gone = || refusal(404, "CertificateNotFound");
    let deleting = || state("deleting");
    #[rustfmt::skip]
    let rows: [(&str, Vec<Reply>, &str); 10] = [
        ("gone at once", vec![gone()], "deleted"),
        ("gone at last", vec![deleting(), deleting(), gone()], "deleted"),
        ("a 404 of a load balancer, then gone", vec![deleting(), load_balancer(), gone()], "deleted"),
        ("failed", vec![deleting(), state("deletefailed")], "failed"),
        ("failed, in another case", vec![deleting(), state("deleteFailed")], "failed"),
        ("in another case", vec![state("Deleting"), gone()], "deleted"),
        ("active", vec![state("active")], "not deleting"),
        ("canceled", vec![deleting(), state("Active")], "not deleting"),
        ("a state of tomorrow", vec![deleting(), state("archived")], "not deleting"),
        ("no state", vec![Reply::new(200, &[], "{}")], "not deleting"),
    ];
    for (name, answers, expected) in rows {
        let count = answers.len();
        let (outcome, pauses, seen) = wait(answers, LONG).await;
        assert_eq!(shown(&outcome), expected, "{name}: {outcome:?}");
        // One pause between two gets, and none after the last.
        assert_eq!((seen, pauses.len()), (count, count - 1), "{name}");
    }
}

#[tokio::test]
async fn a_failed_deletion_says_why() {
    let (outcome, ..) = wait([state("deletefailed")], LONG).await;
    let Ok(DeletionOutcome::DeleteFailed(certificate)) = outcome else {
        panic!("{outcome:?}")
    };
    let error = certificate.delete_certificate_error.or_fail();
    assert_eq!(error.code.as_deref(), Some("PoolsReferencingCertificate"));
    let values = error.values.or_fail();
    let pairs: Vec<_> = values
        .iter()
        .map(|pair| (pair.name.as_deref(), pair.value.as_deref()))
        .collect();
    assert_eq!(pairs, [(Some("Pools"), Some("pool1,pool2"))]);
    assert_eq!(certificate.state, Some(CertificateState::DeleteFailed));
}

/// A get changes nothing, so one that failed is made again.
#[tokio::test]
async fn a_get_that_fails_in_passing_is_repeated() {
    let json = ("Content-Type", "application/json");
    let cut = [
        Reply::head(200, &[json, ("Content-Length", "900")]),
        b"{\"state\":".to_vec(),
    ];
    for (name, passing) in [
        ("throttled", refusal(429, "TooManyRequests")),
        ("busy", refusal(503, "ServerBusy")),
        ("failed", refusal(500, "InternalError")),
        ("a bad gateway", Reply::new(502, &[], "<html>")),
        ("timed out", Reply::new(504, &[], "")),
        ("a reset", Reply::Reset),
        ("an end before the answer", Reply::Close(Vec::new())),
        ("an answer that breaks off", Reply::Close(cut.concat())),
    ] {
        let answers = [
            state("deleting"),
            passing.clone(),
            passing,
            refusal(404, "CertificateNotFound"),
        ];
        let (outcome, pauses, seen) = wait(answers, LONG).await;
        assert_eq!(shown(&outcome), "deleted", "{name}: {outcome:?}");
        assert_eq!((seen, pauses.len()), (4, 3), "{name}");
    }
}

/// What will not be better the next time ends the wait at once.
#[tokio::test]
async fn a_refusal_ends_the_wait() {
    for (name, answer) in [
        ("bad", refusal(400, "InvalidHeaderValue")),
        ("retired", refusal(400, "CertificateRetired")),
        ("unauthenticated", refusal(401, "AuthenticationFailed")),
        ("forbidden", refusal(403, "X")),
        ("a conflict", refusal(409, "X")),
        ("not built", refusal(501, "X")),
        ("a redirection", Reply::new(302, &[("Location", "/")], "")),
        (
            "a sign-in page",
            Reply::new(200, &[("Content-Type", "text/html")], "<html>"),
        ),
        ("a status of another operation", Reply::new(204, &[], "")),
    ] {
        let (outcome, pauses, seen) = wait([state("deleting"), answer], LONG).await;
        assert_eq!(shown(&outcome), "error", "{name}: {outcome:?}");
        let error = outcome.err_or_fail();
        assert!(
            error.is_unfinished() && !error.is_outcome_unknown(),
            "{name}"
        );
        let text = error.to_string();
        let subject = "get of 0123456789abcdef0123456789abcdef01234567: ";
        assert!(text.starts_with(subject), "{name}: {text}");
        assert_eq!((seen, pauses.len()), (2, 1), "{name}");
    }
}

#[tokio::test]
async fn pauses_grow_to_a_cap_and_end_with_the_limit() {
    for limit in [LONG, Duration::from_secs(100), Duration::from_millis(5300)] {
        let (outcome, pauses, seen) = wait([state("deleting")], limit).await;
        assert_eq!(shown(&outcome), "timeout", "{outcome:?}");
        let error = outcome.err_or_fail();
        assert!(
            error.is_unfinished() && !error.is_outcome_unknown(),
            "{error:?}"
        );
        let subject = "delete of 0123456789abcdef0123456789abcdef01234567";
        let expected = format!("{subject}: accepted, and not finished after {limit:?}");
        assert_eq!(error.to_string(), expected);
        // The last get is at the very end.
        assert_eq!(pauses.iter().sum::<Duration>(), limit);
        assert_eq!(seen, pauses.len() + 1);
        let (last, whole) = pauses.split_last().or_fail();
        assert!(*last <= *whole.last().or_fail() * 2, "{pauses:?}");
        let (shortest, most) = (Duration::from_millis(500), Duration::from_secs(15));
        assert!(
            whole.iter().all(|pause| (shortest..=most).contains(pause)),
            "{pauses:?}"
        );
        for pair in whole.windows(2) {
            let grows = pair[1] > pair[0] || (pair[0], pair[1]) == (most, most);
            assert!(grows && pair[1] <= pair[0] * 2, "{pauses:?}");
        }
        if limit == LONG {
            assert!(
                whole.iter().filter(|pause| **pause == most).count() > 5,
                "{pauses:?}"
            );
        }
    }
}

/// What a load balancer says of a host that it does not know.
fn load_balancer() -> Reply {
    let page = "<html>default backend - 404</html>";
    Reply::new(404, &[("Content-Type", "text/html")], page)
}

/// A 404 that is not the service's own is no evidence for a deletion.
#[tokio::test]
async fn a_foreign_404_does_not_end_the_wait() {
    for foreign in [
        load_balancer(),
        Reply::new(404, &[], ""),
        refusal(404, "ResourceNotFound"),
    ] {
        let (outcome, pauses, _) = wait([foreign], Duration::from_secs(60)).await;
        let error = outcome.err_or_fail();
        assert!(error.is_timeout() && error.is_unfinished(), "{error}");
        assert!(pauses.len() > 2, "{pauses:?}");
    }
}

/// What a cache mixes up says nothing about the certificate whose deletion is waited for.
#[tokio::test]
async fn a_state_of_another_certificate_is_no_evidence() {
    let another = |state: &str| {
        let mut body: Value = serde_json::from_str(BATCH_EXAMPLE).or_fail();
        body["state"] = json!(state);
        body["thumbprint"] = json!("fedcba9876543210fedcba9876543210fedcba98");
        Reply::json(200, body)
    };
    let gone = refusal(404, "CertificateNotFound");
    let answers = [another("active"), another("deletefailed"), gone];
    let (outcome, _, seen) = wait(answers, LONG).await;
    assert_eq!((shown(&outcome), seen), ("deleted", 3), "{outcome:?}");
    let (outcome, ..) = wait([another("active")], Duration::ZERO).await;
    assert_eq!(shown(&outcome), "timeout", "{outcome:?}");
}

#[tokio::test]
async fn a_limit_of_zero_is_one_get() {
    let (outcome, pauses, seen) = wait([state("deleting")], Duration::ZERO).await;
    assert_eq!((shown(&outcome), seen, pauses.len()), ("timeout", 1, 0));
    let (outcome, ..) = wait([refusal(404, "CertificateNotFound")], Duration::ZERO).await;
    assert_eq!(shown(&outcome), "deleted");
}

#[tokio::test]
async fn a_limit_may_be_the_longest_duration() {
    let answers = [
        state("deleting"),
        state("deleting"),
        refusal(404, "CertificateNotFound"),
    ];
    let (outcome, pauses, _) = wait(answers, Duration::MAX).await;
    assert_eq!((shown(&outcome), pauses.len()), ("deleted", 2));
}

#[tokio::test]
async fn a_deletion_is_asked_for_once_and_then_polled() {
    for (gets, expected) in [
        (
            vec![state("deleting"), refusal(404, "CertificateNotFound")],
            "deleted",
        ),
        (vec![state("deleting"), state("deletefailed")], "failed"),
        (vec![state("active")], "not deleting"),
        (vec![refusal(403, "X")], "error"),
    ] {
        let count = gets.len();
        let answers = [accepted()].into_iter().chain(gets);
        let (server, clock) = (RawServer::start(answers).await, TestClock::start());
        let account = client(&server, &clock);
        let outcome = account.delete_and_wait(&thumbprint(), LONG).await;
        assert_eq!(shown(&outcome), expected, "{outcome:?}");
        let methods: Vec<_> = server
            .received()
            .into_iter()
            .map(|request| request.method)
            .collect();
        assert_eq!(methods[0], "DELETE");
        assert_eq!(methods[1..], vec!["GET"; count]);
    }
}

/// It was asked for already: what is waited for is the same.
#[tokio::test]
async fn a_deletion_that_is_under_way_is_polled() {
    let answers = [
        refusal(409, "CertificateBeingDeleted"),
        state("deleting"),
        state("deletefailed"),
    ];
    let (server, clock) = (RawServer::start(answers).await, TestClock::start());
    let account = client(&server, &clock);
    let outcome = account.delete_and_wait(&thumbprint(), LONG).await;
    assert_eq!(shown(&outcome), "failed", "{outcome:?}");
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn a_deletion_that_is_refused_is_not_polled() {
    for (answer, check) in [
        (refusal(409, "X"), Error::is_conflict as fn(&Error) -> bool),
        (refusal(404, "CertificateNotFound"), Error::is_not_found),
        (refusal(400, "CertificateRetired"), Error::is_retired),
        (Reply::Reset, Error::is_outcome_unknown),
        (Reply::new(204, &[], ""), Error::is_unexpected_answer),
    ] {
        let (server, clock) = (
            RawServer::start([answer, state("deleting")]).await,
            TestClock::start(),
        );
        let account = client(&server, &clock);
        let outcome = account.delete_and_wait(&thumbprint(), LONG).await;
        let error = outcome.err_or_fail();
        assert!(check(&error), "{error}");
        assert!(
            error
                .to_string()
                .starts_with("delete of 0123456789abcdef0123456789abcdef01234567: "),
            "{error}"
        );
        assert_eq!(server.only().method, "DELETE");
        assert!(clock.pauses().is_empty());
    }
}
