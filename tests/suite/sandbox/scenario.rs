//! All nine operations, each with its success and its refusals.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use conformance::calls::{SUBSCRIPTION, WAP_EXAMPLE, WAP_THUMBPRINT};
use serde_json::{Value, json};
use test_support::{OrFail as _, TestClock};
use thumbprint::Clock as _;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};

use super::{Checked, Request, required};

const NEW: &str = "00112233445566778899aabbccddeeff00112233";
const OTHER_SUBSCRIPTION: &str = "11111111-38cb-4fa6-9258-4afde95d3c05";
const BATCH_JSON: &str = "application/json; odata=minimalmetadata";

fn pfx(thumbprint: &str) -> Value {
    json!({"thumbprint": thumbprint, "thumbprintAlgorithm": "sha1", "data": "YQ==", "certificateFormat": "pfx", "password": "p"})
}

fn management() -> Value {
    let mut body: Value = serde_json::from_str(WAP_EXAMPLE).or_fail();
    body.as_object_mut().or_fail().remove("TimeCreated");
    body
}

/// A request of an operation about a certificate.
fn request(checked: &Checked, id: &str, thumbprint: &str) -> Request {
    let (_, operation) = checked.operation(id);
    let request = Request::new(operation, &required(thumbprint, SUBSCRIPTION));
    match id {
        "Certificate_Add" => request.with_json(BATCH_JSON, &pfx(thumbprint)),
        "ManagementCertificate_Add" => request.with_json("application/json", &management()),
        _ => request,
    }
}

/// A step: the operation, the certificate, and the status and code that it is answered with.
type Step = (&'static str, &'static str, u16, &'static str);

#[tokio::test]
async fn every_operation_and_its_refusals() {
    let clock = TestClock::at("2023-11-20T10:11:12.1234567Z".parse().or_fail());
    let told = clock.clone();
    let sandbox = Sandbox::builder()
        .strict(true)
        .clock(Arc::new(move || told.utc_now()))
        .deletion_time(Duration::from_secs(600))
        .start()
        .await
        .or_fail();
    let checked = Checked::new(sandbox);
    let (active, deleting, failed) = (
        samples::BATCH_ACTIVE,
        samples::BATCH_DELETING,
        samples::BATCH_DELETE_FAILED,
    );
    #[rustfmt::skip]
    let before: [Step; 21] = [
        ("Certificate_List", "", 200, ""),
        ("Certificate_Add", NEW, 201, ""),
        ("Certificate_Add", NEW, 409, "CertificateExists"),
        ("Certificate_Get", NEW, 200, "active"),
        ("Certificate_Get", failed, 200, "deletefailed"),
        ("Certificate_Get", deleting, 200, "deleting"),
        ("Certificate_Get", "ffffffffffffffffffffffffffffffffffffffff", 404, "CertificateNotFound"),
        ("Certificate_CancelDeletion", active, 409, "CertificateStateActive"),
        ("Certificate_CancelDeletion", deleting, 409, "CertificateBeingDeleted"),
        ("Certificate_CancelDeletion", "ffffffffffffffffffffffffffffffffffffffff", 404, "CertificateNotFound"),
        ("Certificate_CancelDeletion", failed, 204, ""),
        ("Certificate_Delete", deleting, 409, "CertificateBeingDeleted"),
        ("Certificate_Delete", "ffffffffffffffffffffffffffffffffffffffff", 404, "CertificateNotFound"),
        ("Certificate_Delete", NEW, 202, ""),
        ("Certificate_Delete", failed, 202, ""),
        ("ManagementCertificate_List", "", 200, ""),
        ("ManagementCertificate_Add", "", 409, ""),
        ("ManagementCertificate_Get", WAP_THUMBPRINT, 200, ""),
        ("ManagementCertificate_Delete", WAP_THUMBPRINT, 200, ""),
        ("ManagementCertificate_Get", WAP_THUMBPRINT, 404, ""),
        ("ManagementCertificate_Delete", WAP_THUMBPRINT, 404, ""),
    ];
    let after: [Step; 8] = [
        ("Certificate_Get", NEW, 404, "CertificateNotFound"),
        ("Certificate_Get", failed, 200, "deletefailed"),
        ("Certificate_Delete", failed, 202, ""),
        ("Certificate_List", "", 200, ""),
        ("ManagementCertificate_List", "", 200, ""),
        ("ManagementCertificate_Add", "", 204, ""),
        ("ManagementCertificate_Get", WAP_THUMBPRINT, 200, ""),
        ("Certificate_Add", NEW, 201, ""),
    ];
    let mut succeeded = BTreeSet::new();
    for (steps, hours) in [(&before[..], 1), (&after, 0)] {
        for (id, thumbprint, status, word) in steps {
            let request = request(&checked, id, thumbprint);
            let answer = checked.send(id, &request).await;
            let step = format!(
                "{id} {thumbprint} {}",
                String::from_utf8_lossy(&answer.body)
            );
            assert_eq!(answer.status, *status, "{step}");
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            if !word.is_empty() {
                let found = if *status < 400 {
                    &body["state"]
                } else {
                    &body["code"]
                };
                assert_eq!(found, word, "{step}");
            }
            if *status < 300 {
                succeeded.insert((*id).to_owned());
            }
        }
        clock.advance(Duration::from_secs(hours * 3600));
    }
    for (_, operation) in &checked.operations {
        assert!(
            succeeded.contains(&operation.id),
            "tests/suite/sandbox/scenario.rs: {} succeeds in no step; give it one",
            operation.id
        );
    }
    assert_eq!(
        checked.sandbox.batch_state(samples::BATCH_DELETE_FAILED),
        Some(CertificateState::Deleting)
    );
}

/// What a caller can get wrong in any operation: each refused with a status and a body of the document.
#[tokio::test]
async fn the_same_mistakes_in_every_operation() {
    let checked = Checked::new(Sandbox::builder().strict(true).start().await.or_fail());
    for (document, operation) in &checked.operations {
        let batch = document.name == "batch";
        let good = request(&checked, &operation.id, samples::BATCH_ACTIVE);
        let without = |name: &str| {
            let mut request = good.clone();
            request.headers.retain(|(other, _)| other != name);
            request
        };
        let with = |name: &str, value: &str| {
            let mut request = without(name);
            request.headers.push((name.to_owned(), value.to_owned()));
            request
        };
        let mut rows = vec![
            (
                "no credential",
                without("Authorization"),
                if batch { 400 } else { 401 },
            ),
            (
                "a basic credential",
                with("Authorization", "Basic YTpi"),
                if batch { 403 } else { 401 },
            ),
            ("an undeclared header", with("x-unknown", "1"), 400),
        ];
        let mut query = good.clone();
        query.query.push(("unknown".into(), "1".into()));
        rows.push(("an undeclared query", query, 400));
        let mut method = good.clone();
        method.method = "PATCH".into();
        rows.push(("another method", method, 405));
        if batch {
            let mut version = good.clone();
            version.query = vec![("api-version".into(), "2010-01-01.1.0".into())];
            rows.push(("another version", version, 400));
            let mut version = good.clone();
            version.query.clear();
            rows.push(("no version", version, 400));
        } else {
            rows.push(("no principal", without("x-ms-principal-id"), 400));
            let mut other = good.clone();
            other.path = other.path.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION);
            rows.push(("another subscription", other, 404));
        }
        if operation.request_media_type.is_some() {
            let mut request = good.clone();
            request.body = Some(vec![b' '; 2 * 1024 * 1024]);
            // No page of WAP has a 413.
            rows.push(("too long a body", request, if batch { 413 } else { 400 }));
        } else {
            let mut request = good.clone();
            request.body = Some(b"{}".to_vec());
            rows.push(("a body", request, 400));
        }
        for (name, request, status) in rows {
            let answer = checked.send(&operation.id, &request).await;
            assert_eq!(
                answer.status, status,
                "{} with {name}: {answer}",
                operation.id
            );
        }
    }
    // Nothing of all that did anything.
    assert_eq!(
        checked.sandbox.batch_state(samples::BATCH_ACTIVE),
        Some(CertificateState::Active)
    );
}

#[tokio::test]
async fn a_retired_account_refuses_everything_in_the_documents_form() {
    let sandbox = Sandbox::builder().retired(true).start().await.or_fail();
    let checked = Checked::new(sandbox);
    for (_, operation) in checked
        .operations
        .iter()
        .filter(|(document, _)| document.name == "batch")
    {
        let request = request(&checked, &operation.id, samples::BATCH_ACTIVE);
        let answer = checked.send(&operation.id, &request).await;
        let body: Value = serde_json::from_slice(&answer.body).or_fail();
        assert_eq!(
            (answer.status, &body["code"]),
            (400, &json!("CertificateRetired"))
        );
    }
}

/// All options at once, and the echo that only they bring.
// Facts: Certificate_CancelDeletion: header return-client-request-id*; prose Certificate_CancelDeletion: return-client-request-id has client-request-id repeated
#[tokio::test]
async fn options_are_taken_and_the_id_is_repeated_only_when_asked_for() {
    let id = "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0";
    for echo in [None, Some("false"), Some("true")] {
        let checked = Checked::new(Sandbox::builder().strict(true).start().await.or_fail());
        for (document, operation) in &checked.operations {
            let thumbprint = match operation.id.as_str() {
                "Certificate_CancelDeletion" => samples::BATCH_DELETE_FAILED,
                "Certificate_Add" => NEW,
                _ if document.name == "wap" => WAP_THUMBPRINT,
                _ => samples::BATCH_ACTIVE,
            };
            // Addition would find it there; the deletion comes last.
            if operation.id == "ManagementCertificate_Add" {
                continue;
            }
            let all = |location: &str, name: &str| {
                let value = match name {
                    "$filter" => {
                        "state eq 'active' and stateTransitionTime gt 2023-01-01T00:00:00Z"
                    }
                    "$select" => "thumbprint,state",
                    "maxresults" => "7",
                    "timeout" => "15",
                    "client-request-id" | "x-ms-client-session-id" => id,
                    "return-client-request-id" => return echo.map(str::to_owned),
                    "ocp-date" => "Mon, 20 Nov 2023 10:11:12 GMT",
                    "x-ms-client-request-id" => "request 1",
                    "x-ms-principal-liveid" => "ana@live.example",
                    _ => return required(thumbprint, SUBSCRIPTION)(location, name),
                };
                Some(value.to_owned())
            };
            let mut request = Request::new(operation, &all);
            if operation.id == "Certificate_Add" {
                request = request.with_json(BATCH_JSON, &pfx(NEW));
            }
            let answer = checked.send(&operation.id, &request).await;
            assert!(
                answer.status < 300,
                "{}, expected a success: {answer}",
                operation.id
            );
            let echoed = answer.header("client-request-id");
            let expected = (echo == Some("true") && document.name == "batch").then_some(id);
            assert_eq!(echoed, expected, "{}", operation.id);
        }
    }
}
