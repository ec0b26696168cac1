//! Row 7: each generated mock is hit exactly once by the real call, and not at all by a call that differs
//! in one value. It must notice unescaped parentheses and values.

use conformance::calls::{PRINCIPAL, SUBSCRIPTION, THUMBPRINT, account, tenant, thumbprint};
use httpmock::MockServer;
use thumbprint_batch::types as batch;
use thumbprint_batch_httpmock::{MockServerExt as _, operations::CertificateCancelDeletionWhen};
use thumbprint_wap::types as wap;
use thumbprint_wap_httpmock::{MockServerExt as _, operations::ManagementCertificateDeleteWhen};
use uuid::Uuid;

/// The operations that this module has a mock for; `coverage` compares it with the documents.
pub(crate) const OPERATIONS: [&str; 2] =
    ["Certificate_CancelDeletion", "ManagementCertificate_Delete"];

/// Another certificate than the one that is asked for.
const OTHER: &str = "1123456789abcdef0123456789abcdef01234567";

type Row<W> = (&'static str, fn(W) -> W, usize);

fn id() -> Uuid {
    Uuid::from_u128(0x9c4d_50ee_2d56_4cd3_8152_3434_7dc9_f2b0)
}

#[tokio::test]
async fn cancel_deletion_hits_its_mock_once() {
    let rows: [Row<CertificateCancelDeletionWhen>; 12] = [
        ("nothing more", |when| when, 1),
        (
            "thumbprint",
            |when| when.thumbprint(&THUMBPRINT.parse().unwrap()),
            1,
        ),
        (
            "another thumbprint",
            |when| when.thumbprint(&OTHER.parse().unwrap()),
            0,
        ),
        (
            "algorithm",
            |when| when.thumbprint_algorithm(batch::ThumbprintAlgorithm::Sha1),
            1,
        ),
        (
            "version",
            |when| when.api_version(&batch::ApiVersion::default()),
            1,
        ),
        (
            "another version",
            |when| when.api_version(&"2024-07-01.20.0".parse().unwrap()),
            0,
        ),
        (
            "request id",
            |when| when.client_request_id(&batch::RequestId(id())),
            1,
        ),
        (
            "another request id",
            |when| when.client_request_id(&batch::RequestId(Uuid::nil())),
            0,
        ),
        ("no request id", |when| when.client_request_id(None), 0),
        ("no timeout", |when| when.timeout(None), 1),
        ("a timeout", |when| when.timeout(&batch::Timeout(30)), 0),
        ("no date", |when| when.ocp_date(None), 1),
    ];
    for (name, expect, hits) in rows {
        let server = MockServer::start_async().await;
        let mock = server.certificate_cancel_deletion(|when, then| {
            expect(when);
            then.no_content();
        });
        let client = account(&server.base_url());
        let outcome = client
            .cancel_deletion(&thumbprint())
            .client_request_id(id())
            .await;
        assert_eq!(mock.calls_async().await, hits, "{name}");
        assert_eq!(outcome.is_ok(), hits == 1, "{name}");
    }
}

#[tokio::test]
async fn delete_hits_its_mock_once() {
    let rows: [Row<ManagementCertificateDeleteWhen>; 10] = [
        ("nothing more", |when| when, 1),
        (
            "thumbprint",
            |when| when.thumbprint_id(&THUMBPRINT.parse().unwrap()),
            1,
        ),
        (
            "another thumbprint",
            |when| when.thumbprint_id(&OTHER.parse().unwrap()),
            0,
        ),
        (
            "subscription",
            |when| when.subscription_id(&SUBSCRIPTION.parse().unwrap()),
            1,
        ),
        (
            "another subscription",
            |when| when.subscription_id(&SUBSCRIPTION.replace('0', "1").parse().unwrap()),
            0,
        ),
        (
            "principal",
            |when| when.x_ms_principal_id(&wap::PrincipalId(PRINCIPAL.to_owned())),
            1,
        ),
        (
            "another principal",
            |when| when.x_ms_principal_id(&wap::PrincipalId("eve".to_owned())),
            0,
        ),
        ("no request id", |when| when.x_ms_client_request_id(None), 1),
        ("no session", |when| when.x_ms_client_session_id(None), 1),
        (
            "a live id",
            |when| when.x_ms_principal_liveid(&wap::LiveId("ana".to_owned())),
            0,
        ),
    ];
    for (name, expect, hits) in rows {
        let server = MockServer::start_async().await;
        let mock = server.management_certificate_delete(|when, then| {
            expect(when);
            then.ok(&wap::SubscriptionCertificate::default());
        });
        let outcome = tenant(&server.base_url()).delete(&thumbprint()).await;
        assert_eq!(mock.calls_async().await, hits, "{name}");
        assert_eq!(outcome.is_ok(), hits == 1, "{name}");
    }
}

#[tokio::test]
async fn mocks_answer_with_typed_errors() {
    let server = MockServer::start_async().await;
    server.certificate_cancel_deletion(|_, then| {
        let error = batch::BatchError {
            code: Some("CertificateStateActive".to_owned()),
            ..Default::default()
        };
        then.client_error(409, &error);
    });
    let client = account(&server.base_url());
    let error = client.cancel_deletion(&thumbprint()).await.unwrap_err();
    assert_eq!(error.code(), Some("CertificateStateActive"));

    server.management_certificate_delete(|_, then| {
        then.not_found(&wap::ServiceError {
            code: Some("Gone".to_owned()),
            ..Default::default()
        });
    });
    let error = tenant(&server.base_url())
        .delete(&thumbprint())
        .await
        .unwrap_err();
    assert_eq!((error.is_not_found(), error.code()), (true, Some("Gone")));
}
