//! Many certificates at once, against the sandbox and against a server that counts. Must notice a refusal
//! that stops the others, an outcome of the wrong kind, a certificate that was left out, and more calls
//! under way than were allowed.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use conformance::calls::{THUMBPRINT, account};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use test_support::{OrFail as _, RawServer, Received, Reply};
use thumbprint::{
    Error, Thumbprint,
    batch::{CancelOutcome, DeleteOutcome, DeletionOutcome, Outcome},
};
use thumbprint_sandbox::{CertificateState, Sandbox};
use tokio::sync::Barrier;

fn numbered(number: usize) -> String {
    format!("{number:040x}")
}

fn thumbprints(numbers: impl IntoIterator<Item = usize>) -> Vec<Thumbprint> {
    let numbers = numbers.into_iter().map(numbered);
    numbers.map(|text| text.parse().or_fail()).collect()
}

fn refusal(status: u16, code: &str) -> Reply {
    Reply::json(status, json!({"code": code}))
}

/// The thumbprint in a request's path.
fn named(request: &Received) -> Option<&str> {
    let (_, rest) = request.target.split_once(",thumbprint=")?;
    Some(&rest[..40])
}

#[tokio::test]
async fn every_failed_deletion_of_the_sandbox_is_canceled() {
    // More than a page of the list holds; every third of them has failed.
    let states = [
        CertificateState::Active,
        CertificateState::DeleteFailed,
        CertificateState::Deleting,
    ];
    let many = (0..3300).map(|number| (numbered(number), states[number % 3]));
    let sandbox = Sandbox::builder()
        .strict(true)
        .empty()
        .deletion_time(Duration::MAX)
        .batch_certificates(many)
        .start()
        .await
        .or_fail();
    let account = account(&sandbox.base_url());
    let outcomes = account.cancel_failed_deletions(16);
    let outcomes: Vec<Outcome<CancelOutcome>> = outcomes.try_collect().await.or_fail();
    let found: BTreeSet<_> = outcomes
        .iter()
        .map(|outcome| outcome.thumbprint.clone())
        .collect();
    assert_eq!(
        found,
        thumbprints((1..3300).step_by(3)).into_iter().collect()
    );
    assert_eq!(outcomes.len(), found.len(), "one came twice");
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome.outcome, CancelOutcome::Canceled))
    );
    for (state, count) in [
        (CertificateState::Active, 2200),
        (CertificateState::DeleteFailed, 0),
        (CertificateState::Deleting, 1100),
    ] {
        assert_eq!(sandbox.batch_count(state), count, "{state}");
    }
    let again: Vec<_> = account
        .cancel_failed_deletions(16)
        .try_collect()
        .await
        .or_fail();
    assert_eq!(again.len(), 0);
}

#[tokio::test]
async fn an_account_that_is_retired_says_so() {
    let sandbox = Sandbox::builder()
        .strict(true)
        .retired(true)
        .start()
        .await
        .or_fail();
    let account = account(&sandbox.base_url());
    let outcome: Result<Vec<_>, Error> = account.cancel_failed_deletions(16).try_collect().await;
    assert!(outcome.err_or_fail().is_retired());
    let outcomes = account.delete_all(thumbprints(0..3), 16, None);
    let outcomes: Vec<_> = outcomes.collect().await;
    let retired =
        |one: &DeleteOutcome| matches!(one, DeleteOutcome::Refused(error) if error.is_retired());
    assert!(outcomes.iter().all(|outcome| retired(&outcome.outcome)));
    assert_eq!(outcomes.len(), 3);
}

/// What the service can say to one of many, and what that is.
const CANCELLATIONS: [(u16, &str, &str); 12] = [
    (204, "", "canceled"),
    (409, "CertificateStateActive", "active"),
    (409, "CertificateBeingDeleted", "being deleted"),
    (404, "CertificateNotFound", "not found"),
    (404, "", "refused"),
    (409, "CodeOfTomorrow", "refused"),
    (403, "AuthenticationFailed", "refused"),
    (429, "", "refused"),
    (500, "InternalError", "unknown"),
    (503, "ServerBusy", "refused"),
    (302, "", "refused"),
    (204, "", "canceled"),
];

fn canceled(outcome: &CancelOutcome) -> &'static str {
    match outcome {
        CancelOutcome::Canceled => "canceled",
        CancelOutcome::AlreadyActive => "active",
        CancelOutcome::BeingDeleted => "being deleted",
        CancelOutcome::NotFound => "not found",
        CancelOutcome::Refused(_) => "refused",
        CancelOutcome::Unknown(error) => {
            assert!(error.is_outcome_unknown());
            "unknown"
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_that_cannot_be_canceled_does_not_stop_the_others() {
    for concurrency in [0, 1, 3, 16] {
        let server = RawServer::serving(|request: Received| async move {
            let Some(thumbprint) = named(&request) else {
                // Two pages, with certificates that cannot be named between the others.
                let second = request.target.contains("page=2");
                let half = CANCELLATIONS.len() / 2;
                let numbers = if second {
                    half..CANCELLATIONS.len()
                } else {
                    0..half
                };
                let named = numbers.map(|number| json!({"thumbprint": numbered(number)}));
                let value: Vec<_> = named
                    .chain([json!({}), json!({"thumbprint": "x"})])
                    .collect();
                let link = (!second).then_some("/certificates?page=2");
                let body = json!({"value": value, "odata.nextLink": link}).to_string();
                return Some(Reply::new(200, &[], body));
            };
            let number = usize::from_str_radix(thumbprint, 16).or_fail();
            let (status, code, _) = CANCELLATIONS[number];
            Some(if code.is_empty() {
                Reply::new(status, &[], "")
            } else {
                refusal(status, code)
            })
        })
        .await;
        let account = account(&server.base_url());
        let outcomes = account.cancel_failed_deletions(concurrency);
        let outcomes: Vec<_> = outcomes.try_collect().await.or_fail();
        let found: BTreeMap<_, _> = outcomes
            .iter()
            .map(|outcome| (outcome.thumbprint.to_string(), canceled(&outcome.outcome)))
            .collect();
        let expected = CANCELLATIONS.iter().enumerate();
        let expected = expected.map(|(number, (.., outcome))| (numbered(number), *outcome));
        assert_eq!(found, expected.collect());

        let received = server.received();
        let first = received[0].query();
        let asked = |name: &str| {
            first
                .iter()
                .find(|(other, _)| other == name)
                .or_fail()
                .1
                .clone()
        };
        assert_eq!(asked("$filter"), "state eq 'deletefailed'");
        assert_eq!(asked("$select"), "thumbprint,state");
        // Nothing is tried twice: one that is refused is the caller's to decide on.
        assert_eq!(received.len(), CANCELLATIONS.len() + 2);
    }
}

/// The list's own failure is the stream's, and comes after what was canceled until then.
#[tokio::test]
async fn a_list_that_fails_ends_the_stream_and_keeps_what_was_done() {
    let server = RawServer::serving(|request: Received| async move {
        if named(&request).is_some() {
            return Some(Reply::new(204, &[], ""));
        }
        if request.target.contains("page=2") {
            return Some(refusal(500, "InternalError"));
        }
        let value = json!([{"thumbprint": THUMBPRINT}, {"thumbprint": numbered(7)}]);
        let body = json!({"value": value, "odata.nextLink": "/certificates?page=2"});
        Some(Reply::new(200, &[], body.to_string()))
    })
    .await;
    let account = account(&server.base_url());
    let mut outcomes = pin!(account.cancel_failed_deletions(1));
    let mut done = 0;
    let error = loop {
        match outcomes.next().await.expect("the list's error") {
            Ok(outcome) => done += usize::from(matches!(outcome.outcome, CancelOutcome::Canceled)),
            Err(error) => break error,
        }
    };
    assert_eq!((done, error.code()), (2, Some("InternalError")));
}

/// A server that answers no request until so many requests are there at once, and notes the most that were.
/// Fewer would wait for ever, so the bound is reached; more would be seen.
async fn crowded(at_once: usize, most: Arc<AtomicUsize>, items: usize) -> RawServer {
    let (now, gate) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(Barrier::new(at_once)),
    );
    RawServer::serving(move |request: Received| {
        let (now, gate, most) = (now.clone(), gate.clone(), most.clone());
        async move {
            if request.method == "GET" {
                let value: Vec<_> = (0..items)
                    .map(|number| json!({"thumbprint": numbered(number)}))
                    .collect();
                return Some(Reply::new(200, &[], json!({"value": value}).to_string()));
            }
            let count = now.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(count, Ordering::SeqCst);
            gate.wait().await;
            // A client that sends more than was allowed has every occasion to.
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            let status = if request.method == "POST" { 204 } else { 202 };
            Some(Reply::new(status, &[], ""))
        }
    })
    .await
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_allowed() {
    for (set, bound) in [(0, 1), (1, 1), (4, 4), (40, 40)] {
        let items = bound * 3;
        let most = Arc::new(AtomicUsize::new(0));
        let server = crowded(bound, most.clone(), items).await;
        let account = account(&server.base_url());
        let outcomes = account.cancel_failed_deletions(set);
        let outcomes: Vec<_> = outcomes.try_collect().await.or_fail();
        assert_eq!(
            (outcomes.len(), most.load(Ordering::SeqCst)),
            (items, bound),
            "{set}"
        );

        let most = Arc::new(AtomicUsize::new(0));
        let server = crowded(bound, most.clone(), items).await;
        let account = conformance::calls::account(&server.base_url());
        let outcomes = account.delete_all(thumbprints(0..items), set, None);
        let outcomes: Vec<_> = outcomes.collect().await;
        assert_eq!(
            (outcomes.len(), most.load(Ordering::SeqCst)),
            (items, bound),
            "{set}"
        );
    }
}

fn deleted(outcome: &DeleteOutcome) -> &'static str {
    match outcome {
        DeleteOutcome::Accepted => "accepted",
        DeleteOutcome::BeingDeleted => "being deleted",
        DeleteOutcome::Ended(DeletionOutcome::Deleted) => "deleted",
        DeleteOutcome::NotFound => "not found",
        DeleteOutcome::Ended(DeletionOutcome::DeleteFailed(certificate)) => {
            assert!(certificate.is_delete_failed());
            "failed"
        }
        DeleteOutcome::Ended(DeletionOutcome::NotDeleting(_)) => "not deleting",
        DeleteOutcome::Refused(_) => "refused",
        DeleteOutcome::Unknown(error) => {
            assert!(error.is_outcome_unknown());
            "unknown"
        }
        DeleteOutcome::Unfinished(error) => {
            assert!(error.is_unfinished() && !error.is_outcome_unknown());
            "unfinished"
        }
        other => panic!("{other:?}"),
    }
}

/// What the service says to a deletion and then to a get, and what that is without and with waiting.
type Row = (u16, &'static str, u16, &'static str, [&'static str; 2]);

#[rustfmt::skip]
const DELETIONS: [Row; 10] = [
    (202, "", 404, "CertificateNotFound", ["accepted", "deleted"]),
    (202, "", 200, "deletefailed", ["accepted", "failed"]),
    (202, "", 200, "active", ["accepted", "not deleting"]),
    (202, "", 200, "deleting", ["accepted", "unfinished"]),
    (409, "CertificateBeingDeleted", 404, "CertificateNotFound", ["being deleted", "deleted"]),
    (404, "CertificateNotFound", 200, "active", ["not found", "not found"]),
    (403, "X", 200, "active", ["refused", "refused"]),
    (409, "X", 200, "active", ["refused", "refused"]),
    (500, "InternalError", 200, "active", ["unknown", "unknown"]),
    (202, "", 404, "CertificateNotFound", ["accepted", "deleted"]),
];

#[tokio::test]
async fn one_that_cannot_be_deleted_does_not_stop_the_others() {
    for waits in [false, true] {
        let server = RawServer::serving(|request: Received| async move {
            let number = usize::from_str_radix(named(&request).or_fail(), 16).or_fail();
            let (status, code, then, state, _) = DELETIONS[number];
            Some(match (request.method.as_str(), code) {
                ("DELETE", "") => Reply::new(status, &[], ""),
                ("DELETE", code) => refusal(status, code),
                _ if then == 404 => refusal(then, state),
                _ => Reply::json(then, json!({"state": state})),
            })
        })
        .await;
        let account = account(&server.base_url());
        // One get each.
        let wait = waits.then_some(Duration::ZERO);
        let outcomes = account.delete_all(thumbprints(0..DELETIONS.len()), 3, wait);
        let outcomes: Vec<_> = outcomes.collect().await;
        let found: BTreeMap<_, _> = outcomes
            .iter()
            .map(|outcome| (outcome.thumbprint.to_string(), deleted(&outcome.outcome)))
            .collect();
        let expected = DELETIONS.iter().enumerate();
        let expected =
            expected.map(|(number, (.., outcome))| (numbered(number), outcome[usize::from(waits)]));
        assert_eq!(found, expected.collect(), "waits: {waits}");
        assert_eq!(outcomes.len(), DELETIONS.len());
    }
}

#[tokio::test]
async fn deletions_of_the_sandbox_fail_while_a_pool_uses_the_certificate() {
    let sandbox = Sandbox::builder()
        .strict(true)
        .empty()
        .deletion_time(Duration::ZERO)
        .batch_certificates((0..100).map(|number| (numbered(number), CertificateState::Active)))
        .batch_pool(numbered(7), "pool1")
        .start()
        .await
        .or_fail();
    let account = account(&sandbox.base_url());
    let wait = Some(Duration::from_secs(60));
    let outcomes = account.delete_all(thumbprints(0..101), 16, wait);
    let outcomes: Vec<_> = outcomes.collect().await;
    for outcome in &outcomes {
        let expected = match outcome.thumbprint.as_str() {
            text if text == numbered(7) => "failed",
            text if text == numbered(100) => "not found",
            _ => "deleted",
        };
        assert_eq!(deleted(&outcome.outcome), expected, "{outcome:?}");
    }
    assert_eq!(outcomes.len(), 101);
    assert_eq!(sandbox.batch_count(CertificateState::DeleteFailed), 1);
    assert_eq!(sandbox.batch_count(CertificateState::Active), 0);
}
