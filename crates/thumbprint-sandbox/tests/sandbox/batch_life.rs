//! How a certificate goes from state to state.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};

use crate::{
    batch::{ID, VERSION, resource, target, values},
    client::{Answer, BEARER, Client, EMPTY, call},
    clock::{START, builder},
};

const USED: &str = "abcdefabcdefabcdefabcdefabcdefabcdefabcd";

async fn get(sandbox: &Sandbox, thumbprint: &str) -> Answer {
    let target = format!("{}?{VERSION}", resource(thumbprint));
    call(sandbox, "GET", &target, &[BEARER]).await
}

async fn delete(sandbox: &Sandbox, thumbprint: &str) -> Answer {
    let target = format!("{}?{VERSION}", resource(thumbprint));
    call(sandbox, "DELETE", &target, &[BEARER]).await
}

async fn cancel(sandbox: &Sandbox, thumbprint: &str) -> Answer {
    call(sandbox, "POST", &target(thumbprint), &[BEARER, EMPTY]).await
}

/// State, time, previous state, previous time.
async fn times(sandbox: &Sandbox, thumbprint: &str) -> [Value; 4] {
    let body = get(sandbox, thumbprint).await.json();
    [
        "state",
        "stateTransitionTime",
        "previousState",
        "previousStateTransitionTime",
    ]
    .map(|name| body[name].clone())
}

#[tokio::test]
async fn a_deletion_is_taken_and_carried_out_later() {
    let (builder, clock) = builder();
    let sandbox = builder.start().await.or_fail();
    let thumbprint = samples::BATCH_ACTIVE;
    let before = times(&sandbox, thumbprint).await;
    assert_eq!(
        before,
        [json!("active"), json!(START), json!(null), json!(null)]
    );
    let etag = |answer: &Answer| answer.header("ETag").or_fail().to_owned();
    let first = etag(&get(&sandbox, thumbprint).await);

    clock.advance(Duration::from_secs(5));
    let headers = [
        BEARER,
        ("client-request-id", ID),
        ("return-client-request-id", "true"),
    ];
    let target = format!("{}?{VERSION}&timeout=30", resource(thumbprint));
    let answer = call(&sandbox, "DELETE", &target, &headers).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("Content-Type"), None);
    assert_eq!(answer.header("DataServiceVersion"), Some("3.0"));
    assert_eq!(answer.header("DataServiceId"), None);
    assert_eq!(answer.header("client-request-id"), Some(ID));
    assert!(answer.header("request-id").is_some());
    let modified = Some("Mon, 20 Nov 2023 10:11:17 GMT");
    assert_eq!(answer.header("Last-Modified"), modified);
    assert_ne!(etag(&answer), first);
    assert_eq!(etag(&answer), etag(&get(&sandbox, thumbprint).await));

    clock.advance(Duration::from_secs(9));
    let during = times(&sandbox, thumbprint).await;
    let since = json!("2023-11-20T10:11:17.1234567Z");
    assert_eq!(
        during,
        [json!("deleting"), since, json!("active"), json!(START)]
    );
    let again = delete(&sandbox, thumbprint).await;
    assert_eq!(values(&again, 409, "CertificateBeingDeleted"), None);
    let canceled = cancel(&sandbox, thumbprint).await;
    assert_eq!(values(&canceled, 409, "CertificateBeingDeleted"), None);
    assert_eq!(
        sandbox.batch_state(thumbprint),
        Some(CertificateState::Deleting)
    );

    clock.advance(Duration::from_secs(1));
    assert_eq!(sandbox.batch_state(thumbprint), None);
    for answer in [
        get(&sandbox, thumbprint).await,
        delete(&sandbox, thumbprint).await,
        cancel(&sandbox, thumbprint).await,
    ] {
        assert_eq!(values(&answer, 404, "CertificateNotFound"), None);
    }
}

// Facts: prose Certificate_CancelDeletion: a certificate in use is not deleted, and becomes deletefailed
// Facts: prose Certificate_CancelDeletion: a canceled deletion makes the certificate active again
// Facts: prose Certificate_CancelDeletion: a failed deletion may be tried again without it
#[tokio::test]
async fn a_deletion_fails_for_the_pools_and_can_be_cancelled_or_tried_again() {
    let (builder, clock) = builder();
    let sandbox = builder
        .empty()
        .batch_pool(USED, "web")
        .batch_pool(USED.to_uppercase(), "api")
        .batch_certificate(USED, CertificateState::Active)
        .start()
        .await
        .or_fail();
    assert_eq!(delete(&sandbox, USED).await.status, 202);
    // A read much later finds the very time at which it happened.
    clock.advance(Duration::from_secs(3600));
    let failed = json!("2023-11-20T10:11:22.1234567Z");
    let expected = [
        json!("deletefailed"),
        failed.clone(),
        json!("deleting"),
        json!(START),
    ];
    assert_eq!(times(&sandbox, USED).await, expected);
    let answer = get(&sandbox, USED).await;
    let modified = Some("Mon, 20 Nov 2023 10:11:22 GMT");
    assert_eq!(answer.header("Last-Modified"), modified);
    let error = answer.json()["deleteCertificateError"].take();
    assert_eq!(error["code"], "PoolsReferencingCertificate");
    assert!(error["message"].is_string());
    let pools = json!([
        {"name": "Pools", "value": "api"},
        {"name": "Pools", "value": "web"},
    ]);
    assert_eq!(error["values"], pools);

    // Back to active, without the error, and with the failure behind it.
    assert_eq!(cancel(&sandbox, USED).await.status, 204);
    let now = json!("2023-11-20T11:11:12.1234567Z");
    let expected = [json!("active"), now.clone(), json!("deletefailed"), failed];
    assert_eq!(times(&sandbox, USED).await, expected);
    assert_eq!(
        get(&sandbox, USED).await.json()["deleteCertificateError"],
        json!(null)
    );
    let answer = cancel(&sandbox, USED).await;
    assert_eq!(values(&answer, 409, "CertificateStateActive"), None);

    // Failed again; then released, and deleted without a cancellation.
    assert_eq!(delete(&sandbox, USED).await.status, 202);
    clock.advance(Duration::from_secs(10));
    assert_eq!(
        sandbox.batch_state(USED),
        Some(CertificateState::DeleteFailed)
    );
    assert!(sandbox.release(&USED.to_uppercase()));
    // The reason of the failure stays on record.
    let body = get(&sandbox, USED).await.json();
    assert_eq!(body["deleteCertificateError"]["values"], pools);
    assert_eq!(delete(&sandbox, USED).await.status, 202);
    let body = get(&sandbox, USED).await.json();
    assert_eq!(body["previousState"], "deletefailed");
    assert_eq!(body["deleteCertificateError"], json!(null));
    clock.advance(Duration::from_secs(10));
    assert_eq!(sandbox.batch_state(USED), None);
    assert!(!sandbox.release(USED));
    assert!(!sandbox.assign(USED, "web"));
}

#[tokio::test]
async fn the_pools_at_the_end_of_a_deletion_decide() {
    let (builder, clock) = builder();
    let sandbox = builder
        .empty()
        .batch_certificate(USED, CertificateState::Active);
    let sandbox = sandbox.start().await.or_fail();
    assert_eq!(delete(&sandbox, USED).await.status, 202);
    clock.advance(Duration::from_secs(9));
    assert!(sandbox.assign(USED, "late"));
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        sandbox.batch_state(USED),
        Some(CertificateState::DeleteFailed)
    );
    assert_eq!(delete(&sandbox, USED).await.status, 202);
    clock.advance(Duration::from_secs(11));
    // Too late: it has failed a second ago.
    sandbox.release(USED);
    assert_eq!(
        sandbox.batch_state(USED),
        Some(CertificateState::DeleteFailed)
    );
}

#[tokio::test]
async fn about_a_hundred_pools_are_named() {
    let (mut builder, clock) = builder();
    builder = builder
        .empty()
        .batch_certificate(USED, CertificateState::Active);
    for pool in 0..120 {
        builder = builder.batch_pool(USED, format!("pool{pool:03}"));
    }
    let sandbox = builder.start().await.or_fail();
    assert_eq!(delete(&sandbox, USED).await.status, 202);
    clock.advance(Duration::from_secs(10));
    let body = get(&sandbox, USED).await.json();
    let pools = body["deleteCertificateError"]["values"]
        .as_array()
        .or_fail();
    assert_eq!(pools.len(), 100);
    assert_eq!(pools[99]["value"], "pool099");
}

#[tokio::test]
async fn the_samples_can_be_deleted_rescued_or_waited_for() {
    let (builder, clock) = builder();
    let sandbox = builder.start().await.or_fail();
    let failed = samples::BATCH_DELETE_FAILED;
    let body = get(&sandbox, failed).await.json();
    assert_eq!(
        body["deleteCertificateError"]["values"],
        json!([{"name": "Pools", "value": samples::BATCH_POOL}])
    );
    assert_eq!(body["previousState"], "deleting");
    for state in [
        CertificateState::Active,
        CertificateState::Deleting,
        CertificateState::DeleteFailed,
    ] {
        assert_eq!(sandbox.batch_count(state), 1, "{state}");
    }
    assert_eq!(delete(&sandbox, failed).await.status, 202);
    assert_eq!(delete(&sandbox, samples::BATCH_ACTIVE).await.status, 202);
    assert_eq!(sandbox.batch_count(CertificateState::Deleting), 3);
    clock.advance(Duration::from_secs(10));
    assert_eq!(sandbox.batch_count(CertificateState::Deleting), 0);
    assert_eq!(sandbox.batch_count(CertificateState::DeleteFailed), 1);
    assert_eq!(
        sandbox.batch_state(failed),
        Some(CertificateState::DeleteFailed)
    );
}

#[tokio::test]
async fn a_deletion_can_take_no_time_or_all_of_it() {
    let (builder, clock) = builder();
    let sandbox = builder.clone().deletion_time(Duration::ZERO).start().await;
    let sandbox = sandbox.or_fail();
    assert_eq!(delete(&sandbox, samples::BATCH_ACTIVE).await.status, 202);
    assert_eq!(sandbox.batch_state(samples::BATCH_ACTIVE), None);

    let sandbox = builder.deletion_time(Duration::MAX).start().await.or_fail();
    clock.advance(Duration::from_secs(1_000_000_000));
    let state = sandbox.batch_state(samples::BATCH_DELETING);
    assert_eq!(state, Some(CertificateState::Deleting));
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_no_harm() {
    let (builder, clock) = builder();
    let sandbox = builder.start().await.or_fail();
    clock.set_back(Duration::from_secs(86_400));
    let answer = delete(&sandbox, samples::BATCH_ACTIVE).await;
    assert_eq!(answer.status, 202);
    clock.advance(Duration::from_secs(10));
    assert_eq!(sandbox.batch_state(samples::BATCH_ACTIVE), None);
    let state = sandbox.batch_state(samples::BATCH_DELETING);
    assert_eq!(state, Some(CertificateState::Deleting));
}

#[tokio::test]
async fn a_later_certificate_replaces_one_that_is_being_deleted() {
    let (builder, clock) = builder();
    let sandbox = builder
        .empty()
        .batch_certificate(USED, CertificateState::Deleting)
        .batch_certificate(USED.to_uppercase(), CertificateState::Active)
        .start()
        .await
        .or_fail();
    clock.advance(Duration::from_secs(3600));
    assert_eq!(sandbox.batch_state(USED), Some(CertificateState::Active));
    assert_eq!(delete(&sandbox, USED).await.status, 202);
    clock.advance(Duration::from_secs(9));
    assert_eq!(sandbox.batch_state(USED), Some(CertificateState::Deleting));
}

#[tokio::test]
async fn every_change_makes_another_etag() {
    let (builder, clock) = builder();
    let sandbox = builder.start().await.or_fail();
    let thumbprint = samples::BATCH_DELETE_FAILED;
    let mut etags = BTreeSet::new();
    let mut seen = |answer: &Answer| etags.insert(answer.header("ETag").or_fail().to_owned());
    // All within one tick of the clock.
    assert!(seen(&get(&sandbox, thumbprint).await));
    assert!(seen(&cancel(&sandbox, thumbprint).await));
    assert!(seen(&delete(&sandbox, thumbprint).await));
    clock.advance(Duration::from_secs(10));
    assert!(seen(&get(&sandbox, thumbprint).await));
    assert!(!seen(&get(&sandbox, thumbprint).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_clients_that_delete_at_once_one_succeeds() {
    let (builder, _clock) = builder();
    let sandbox = builder.start().await.or_fail();
    let mut calls = Vec::new();
    for _ in 0..16 {
        let mut client = Client::connect(&sandbox).await;
        let target = format!("{}?{VERSION}", resource(samples::BATCH_ACTIVE));
        calls.push(tokio::spawn(async move {
            client.call("DELETE", &target, &[BEARER], "").await.status
        }));
    }
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.or_fail());
    }
    statuses.sort_unstable();
    let mut expected = vec![409; 16];
    expected[0] = 202;
    assert_eq!(statuses, expected);
}
