use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};
use uuid::Uuid;

use crate::client::{Answer, BEARER, Client, EMPTY, TOKEN, call};

pub(crate) const VERSION: &str = "api-version=2023-11-01.18.0";
pub(crate) const ID: &str = "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0";

/// The path of a certificate.
pub(crate) fn resource(thumbprint: &str) -> String {
    format!("/certificates(thumbprintAlgorithm=sha1,thumbprint={thumbprint})")
}

/// The path of the action that cancels a deletion.
pub(crate) fn path(thumbprint: &str) -> String {
    resource(thumbprint) + "/canceldelete"
}

pub(crate) fn target(thumbprint: &str) -> String {
    format!("{}?{VERSION}", path(thumbprint))
}

/// Checks all that errors have in common, and gives the `values`.
pub(crate) fn values(answer: &Answer, status: u16, code: &str) -> Option<Vec<(String, String)>> {
    let body = answer.json();
    assert_eq!((answer.status, &body["code"]), (status, &json!(code)));
    assert_eq!(
        answer.header("Content-Type"),
        Some("application/json; odata=minimalmetadata")
    );
    assert_eq!(answer.header("DataServiceVersion"), Some("3.0"));
    assert_eq!(
        body["odata.metadata"],
        "http://localhost:1/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element"
    );
    assert_eq!(body["message"]["lang"], "en-US");

    let message = body["message"]["value"].as_str().or_fail();
    let [text, id, time] = message.split('\n').collect::<Vec<_>>()[..] else {
        panic!("{message}")
    };
    assert!(!text.is_empty());
    let id = id.strip_prefix("RequestId:").or_fail();
    assert_eq!(Some(id), answer.header("request-id"));
    assert_eq!(id.parse::<Uuid>().or_fail().get_version_num(), 4);
    let time = time.strip_prefix("Time:").or_fail();
    time.parse::<DateTime<Utc>>().or_fail();
    assert_eq!(time.len(), "2023-11-20T10:11:12.1234567Z".len(), "{time}");
    assert!(time.ends_with('Z'), "{time}");
    assert!(!format!("{answer:?}{body}").contains(TOKEN));

    let pairs = match &body["values"] {
        Value::Null => return None,
        pairs => pairs.as_array().or_fail(),
    };
    let text = |value: &Value| value.as_str().or_fail().to_owned();
    let pair = |pair: &Value| (text(&pair["key"]), text(&pair["value"]));
    Some(pairs.iter().map(pair).collect())
}

pub(crate) fn pairs(values: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    values.iter().map(owned).collect()
}

#[tokio::test]
async fn a_failed_deletion_is_cancelled_once() {
    let sandbox = Sandbox::start().await.or_fail();
    let thumbprint = samples::BATCH_DELETE_FAILED;
    assert_eq!(
        sandbox.batch_state(thumbprint),
        Some(CertificateState::DeleteFailed)
    );

    let answer = call(&sandbox, "POST", &target(thumbprint), &[BEARER, EMPTY]).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("DataServiceVersion"), Some("3.0"));
    assert_eq!(
        answer.header("DataServiceId"),
        Some(
            format!(
                "http://localhost:1/certificates(thumbprintAlgorithm=sha1,thumbprint={thumbprint})"
            )
            .as_str()
        )
    );
    let id: Uuid = answer.header("request-id").or_fail().parse().or_fail();
    assert_eq!(id.get_version_num(), 4);
    assert!(answer.header("ETag").or_fail().starts_with('"'));
    let modified = answer.header("Last-Modified").or_fail();
    assert!(modified.ends_with(" GMT"), "{modified}");
    let modified = DateTime::parse_from_rfc2822(modified).or_fail();
    assert!((Utc::now() - modified.to_utc()).num_seconds() < 60);
    assert_eq!(answer.header("client-request-id"), None);
    assert_eq!(answer.header("content-type"), None);
    assert_eq!(
        sandbox.batch_state(thumbprint),
        Some(CertificateState::Active)
    );

    let answer = call(&sandbox, "POST", &target(thumbprint), &[BEARER, EMPTY]).await;
    assert_eq!(values(&answer, 409, "CertificateStateActive"), None);
}

#[tokio::test]
async fn the_state_and_the_thumbprint_decide() {
    let sandbox = Sandbox::start().await.or_fail();
    let unknown = "ffffffffffffffffffffffffffffffffffffffff";
    for (thumbprint, status, code, state) in [
        (
            samples::BATCH_ACTIVE,
            409,
            "CertificateStateActive",
            Some(CertificateState::Active),
        ),
        (
            samples::BATCH_DELETING,
            409,
            "CertificateBeingDeleted",
            Some(CertificateState::Deleting),
        ),
        (unknown, 404, "CertificateNotFound", None),
    ] {
        let answer = call(&sandbox, "POST", &target(thumbprint), &[BEARER, EMPTY]).await;
        assert_eq!(values(&answer, status, code), None, "{code}");
        assert_eq!(sandbox.batch_state(thumbprint), state);
    }
}

#[tokio::test]
async fn the_case_of_a_thumbprint_does_not_matter() {
    let thumbprint = "abcdefabcdefabcdefabcdefabcdefabcdefabcd";
    let sandbox = Sandbox::builder()
        .empty()
        .batch_certificate(thumbprint.to_uppercase(), CertificateState::DeleteFailed)
        .start()
        .await
        .or_fail();
    assert_eq!(sandbox.batch_state(samples::BATCH_ACTIVE), None);
    let mixed = thumbprint.replace('a', "A");
    let answer = call(&sandbox, "POST", &target(&mixed), &[BEARER, EMPTY]).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("DataServiceId").or_fail().contains(&mixed));
    assert_eq!(
        sandbox.batch_state(thumbprint),
        Some(CertificateState::Active)
    );
}

#[tokio::test]
async fn the_clients_id_is_repeated_as_spelled_and_only_when_asked_for() {
    const SENT: (&str, &str) = ("client-request-id", ID);
    for (headers, expected) in [
        (&[SENT][..], None),
        (&[SENT, ("return-client-request-id", "false")], None),
        (&[("return-client-request-id", "true")], None),
        (&[SENT, ("Return-Client-Request-Id", "true")], Some(ID)),
    ] {
        let sandbox = Sandbox::start().await.or_fail();
        let headers = [&[BEARER, EMPTY], headers].concat();
        let target = target(samples::BATCH_DELETE_FAILED);
        let answer = call(&sandbox, "POST", &target, &headers).await;
        assert_eq!(answer.status, 204, "{headers:?}");
        assert_eq!(answer.header("client-request-id"), expected, "{headers:?}");
    }
}

#[tokio::test]
async fn everything_declared_and_every_standard_header_is_taken() {
    let sandbox = Sandbox::start().await.or_fail();
    let target = format!(
        "{}?timeout=-5&api-version=2024-07-01.20.0",
        path(&samples::BATCH_DELETE_FAILED.replace('0', "%30"))
    );
    let headers = [
        ("authorization", "sharedkey myaccount:c2lnbmF0dXJl"),
        EMPTY,
        ("ocp-date", "Mon, 20 Nov 2023 10:11:12 GMT"),
        ("client-request-id", ID),
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip"),
        ("Accept-Language", "en-US"),
        ("Cache-Control", "no-cache"),
        ("Connection", "keep-alive"),
        ("Content-Type", "application/json; odata=minimalmetadata"),
        ("Expect", "100-continue"),
        ("Date", "Mon, 20 Nov 2023 10:11:12 GMT"),
        ("Keep-Alive", "timeout=5"),
        ("Pragma", "no-cache"),
        ("TE", "trailers"),
        ("Traceparent", "00-1-2-01"),
        ("Tracestate", "a=b"),
        ("User-Agent", "test"),
        ("Via", "1.1 proxy"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Proto", "https"),
    ];
    let answer = call(&sandbox, "POST", &target, &headers).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

#[tokio::test]
async fn a_retired_account_refuses_everything() {
    let sandbox = Sandbox::builder().retired(true).start().await.or_fail();
    let thumbprint = samples::BATCH_DELETE_FAILED;
    let targets = [
        target(thumbprint),
        target(samples::BATCH_ACTIVE),
        path("0"),
        "/jobs".to_owned(),
    ];
    let calls = targets.iter().map(|target| ("POST", target.clone()));
    let others = ["GET", "POST", "DELETE", "PUT"]
        .into_iter()
        .flat_map(|method| {
            let targets = ["/certificates".to_owned(), resource(samples::BATCH_ACTIVE)];
            targets.map(|target| (method, format!("{target}?{VERSION}")))
        });
    let headers: [&[_]; 2] = [&[BEARER, EMPTY], &[EMPTY]];
    for ((method, target), headers) in calls
        .chain(others)
        .flat_map(|call| headers.map(|headers| (call.clone(), headers)))
    {
        let answer = call(&sandbox, method, &target, headers).await;
        let values = values(&answer, 400, "CertificateRetired").or_fail();
        let message = answer.json()["message"]["value"].to_string();
        assert!(message.contains("retired on 02/29/2024"), "{message}");
        assert_eq!((values.len(), values[0].0.as_str()), (1, "Reason"));
        for word in ["no longer supported", "pools", "jobs", "job schedules"] {
            assert!(values[0].1.contains(word), "{values:?}");
        }
    }
    assert_eq!(
        sandbox.batch_state(thumbprint),
        Some(CertificateState::DeleteFailed)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_clients_that_cancel_at_once_one_succeeds() {
    let sandbox = Sandbox::start().await.or_fail();
    let mut clients = Vec::new();
    for _ in 0..16 {
        clients.push(Client::connect(&sandbox).await);
    }
    let calls = clients.into_iter().map(|mut client| {
        let target = target(samples::BATCH_DELETE_FAILED);
        tokio::spawn(async move {
            client
                .call("POST", &target, &[BEARER, EMPTY], "")
                .await
                .status
        })
    });
    let mut statuses = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        statuses.push(call.await.or_fail());
    }
    statuses.sort_unstable();
    let mut expected = vec![409; 16];
    expected[0] = 204;
    assert_eq!(statuses, expected);
}
