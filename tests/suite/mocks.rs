//! Row 7: what the conformance cases of each crate of mocks (tests/support) do not hold: a mock tells bodies
//! apart and takes a value for absent, answers for its own operation only, and gives typed errors. It must
//! notice a body that is not compared.

use std::num::NonZeroU32;

use conformance::calls::{
    self, Clients, PRINCIPAL, SUBSCRIPTION, THUMBPRINT, WAP_EXAMPLE, thumbprint,
};
use httpmock::MockServer;
use test_support::OrFail as _;
use thumbprint::batch::{CertificateState, filter};
use thumbprint_batch::types as batch;
use thumbprint_batch_httpmock::{MockServerExt as _, operations::*};
use thumbprint_wap::types as wap;
use thumbprint_wap_httpmock::{MockServerExt as _, operations::*};
use uuid::Uuid;

/// The operations that this module has a mock for; `coverage` compares it with the documents.
pub(crate) const OPERATIONS: [&str; 9] = [
    "Certificate_List",
    "Certificate_Add",
    "Certificate_Get",
    "Certificate_Delete",
    "Certificate_CancelDeletion",
    "ManagementCertificate_List",
    "ManagementCertificate_Add",
    "ManagementCertificate_Get",
    "ManagementCertificate_Delete",
];

/// Another certificate than the one that is asked for.
const OTHER: &str = "1123456789abcdef0123456789abcdef01234567";

/// What a mock expects, and whether the call is that.
type Row<W> = (&'static str, fn(W) -> W, bool);

fn id() -> Uuid {
    Uuid::from_u128(0x9c4d_50ee_2d56_4cd3_8152_3434_7dc9_f2b0)
}

fn number(number: u32) -> batch::MaxResults {
    batch::MaxResults(NonZeroU32::new(number).or_fail())
}

/// What every call of Batch carries, to be expected or not.
macro_rules! batch_rows {
    ($($more:expr),* $(,)?) => {
        vec![
            ("nothing more", |when| when, true),
            ("version", |when| when.api_version(&batch::ApiVersion::default()), true),
            (
                "another version",
                |when| when.api_version(&"2024-07-01.20.0".parse().or_fail()),
                false,
            ),
            ("request id", |when| when.client_request_id(&batch::RequestId(id())), true),
            (
                "another request id",
                |when| when.client_request_id(&batch::RequestId(Uuid::nil())),
                false,
            ),
            ("no request id", |when| when.client_request_id(None), false),
            ("no timeout", |when| when.timeout(None), true),
            ("a timeout", |when| when.timeout(&batch::Timeout(30)), false),
            ("no date", |when| when.ocp_date(None), true),
            (
                "an echo",
                |when| when.return_client_request_id(&batch::ReturnClientRequestId(true)),
                false,
            ),
            $($more),*
        ]
    };
}

/// What every call of WAP carries, to be expected or not.
macro_rules! wap_rows {
    ($($more:expr),* $(,)?) => {
        vec![
            ("nothing more", |when| when, true),
            ("subscription", |when| when.subscription_id(&SUBSCRIPTION.parse().or_fail()), true),
            (
                "another subscription",
                |when| when.subscription_id(&SUBSCRIPTION.replace('0', "1").parse().or_fail()),
                false,
            ),
            (
                "principal",
                |when| when.principal_id(&PRINCIPAL.parse().or_fail()),
                true,
            ),
            (
                "another principal",
                |when| when.principal_id(&"eve".parse().or_fail()),
                false,
            ),
            ("no request id", |when| when.client_request_id(None), true),
            ("no session", |when| when.client_session_id(None), true),
            (
                "a live id",
                |when| when.principal_live_id(&wap::LiveId("ana".to_owned())),
                false,
            ),
            $($more),*
        ]
    };
}

/// A test that sends one call to the mock of its operation, for each row.
macro_rules! hits_its_mock_once {
    ($test:ident: $mock:ident, $when:ty, $rows:expr, |$then:ident| $answer:expr, |$clients:ident| $call:expr) => {
        #[tokio::test]
        async fn $test() {
            let rows: Vec<Row<$when>> = $rows;
            for (name, expect, hit) in rows {
                let server = MockServer::start_async().await;
                let mock = server.$mock(|when, $then| {
                    expect(when);
                    $answer;
                });
                let $clients = Clients::at(&server.base_url());
                let outcome = $call.await;
                assert_eq!(mock.calls_async().await, usize::from(hit), "{name}");
                assert_eq!(outcome.is_ok(), hit, "{name}");
            }
        }
    };
}

hits_its_mock_once!(
    batch_list: certificate_list, CertificateListWhen,
    batch_rows![
        ("filter", |when| when.filter(&batch::Filter("state eq 'active'".to_owned())), true),
        ("another filter", |when| when.filter(&batch::Filter("state eq 'deleting'".to_owned())), false),
        ("no filter", |when| when.filter(None), false),
        ("selection", |when| when.select(&batch::Select("thumbprint,state".to_owned())), true),
        ("no selection", |when| when.select(None), false),
        ("number", |when| when.max_results(&number(7)), true),
        ("another number", |when| when.max_results(&number(8)), false)
    ],
    |then| then.ok(&batch::CertificateListResult::default()),
    |clients| clients
        .batch
        .list()
        .filter(filter::state().eq(CertificateState::Active))
        .select(["thumbprint", "state"])
        .max_results(number(7))
        .client_request_id(id())
);

/// What is added to Batch, with one member changed.
fn parameter(change: fn(&mut batch::CertificateAddParameter)) -> batch::CertificateAddParameter {
    let mut parameter = batch::CertificateAddParameter::new(
        "MBwCAQMwFwYJKoZIhvcNAQcCoAoECE1JSUNkYXRh".parse().or_fail(),
        THUMBPRINT.parse().or_fail(),
        batch::ThumbprintAlgorithm::Sha1,
    );
    parameter.certificate_format = Some(batch::CertificateFormat::Pfx);
    parameter.password = Some("p(w)".to_owned().into());
    change(&mut parameter);
    parameter
}

hits_its_mock_once!(
    batch_add: certificate_add, CertificateAddWhen,
    batch_rows![
        ("body", |when| when.body(&parameter(|_| {})), true),
        ("other data", |when| when.body(&parameter(|body| body.data = "TUlJQ2RhdGE=".parse().or_fail())), false),
        ("no password", |when| when.body(&parameter(|body| body.password = None)), false),
        ("another thumbprint", |when| when.body(&parameter(|body| body.thumbprint = OTHER.parse().or_fail())), false),
        ("no format", |when| when.body(&parameter(|body| body.certificate_format = None)), false)
    ],
    |then| then.created(),
    |clients| clients.batch.add(calls::new_pfx().password("p(w)")).client_request_id(id())
);

/// What is added to WAP, with one member changed.
fn management(
    change: fn(&mut wap::SubscriptionCertificateParameter),
) -> wap::SubscriptionCertificateParameter {
    let mut parameter = serde_json::from_str(WAP_EXAMPLE).or_fail();
    change(&mut parameter);
    parameter
}

hits_its_mock_once!(
    wap_add: management_certificate_add, ManagementCertificateAddWhen,
    wap_rows![
        ("body", |when| when.body(&management(|_| {})), true),
        ("another thumbprint", |when| when.body(&management(|body| OTHER.clone_into(&mut body.subscription_certificate_thumbprint))), false),
        ("another key", |when| when.body(&management(|body| body.subscription_certificate_public_key.clear())), false),
        ("other data", |when| when.body(&management(|body| body.subscription_certificate_data.clear())), false)
    ],
    |then| then.no_content(),
    |clients| clients.wap.add(calls::new_management_certificate())
);

/// Operations that share a path, and those whose path starts like another's, do not answer for each
/// other.
#[tokio::test]
async fn a_mock_answers_for_its_own_operation_only() {
    for left_out in OPERATIONS {
        let server = MockServer::start_async().await;
        /// A mock of each operation but one.
        macro_rules! but_one {
            ($($operation:literal: $mock:ident),+ $(,)?) => {
                $(if left_out != $operation {
                    server.$mock(|_, then| drop(then.into_inner().status(500)));
                })+
            };
        }
        but_one! {
            "Certificate_List": certificate_list,
            "Certificate_Add": certificate_add,
            "Certificate_Get": certificate_get,
            "Certificate_Delete": certificate_delete,
            "Certificate_CancelDeletion": certificate_cancel_deletion,
            "ManagementCertificate_List": management_certificate_list,
            "ManagementCertificate_Add": management_certificate_add,
            "ManagementCertificate_Get": management_certificate_get,
            "ManagementCertificate_Delete": management_certificate_delete,
        }
        let clients = Clients::at(&server.base_url());
        for call in &calls::ALL {
            let error = (call.run)(clients.clone(), None).await.err_or_fail();
            // What no mock answers for, httpmock answers with 404.
            let expected = if call.operation == left_out { 404 } else { 500 };
            assert_eq!(error.status().or_fail(), expected, "{}", call.operation);
        }
    }
}

fn batch_error(code: &str) -> batch::BatchError {
    let mut error = batch::BatchError::default();
    error.code = Some(code.to_owned());
    error
}

fn wap_error(code: &str) -> wap::ServiceError {
    let mut error = wap::ServiceError::default();
    error.code = Some(code.to_owned());
    error
}

#[tokio::test]
async fn mocks_answer_with_typed_errors() {
    let server = MockServer::start_async().await;
    server.certificate_cancel_deletion(|_, then| {
        then.client_error(409, &batch_error("CertificateStateActive"));
    });
    let clients = Clients::at(&server.base_url());
    let error = clients.batch.cancel_deletion(&thumbprint()).await;
    let error = error.err_or_fail();
    assert_eq!(error.code(), Some("CertificateStateActive"));
    assert_eq!(error.body_as(), Some(batch_error("CertificateStateActive")));

    server.certificate_list(|_, then| {
        then.server_error(503, &batch_error("ServerBusy"));
    });
    let error = clients.batch.list().await.err_or_fail();
    assert!(error.is_throttled(), "{error}");

    server.management_certificate_delete(|_, then| {
        then.not_found(&wap_error("Gone"));
    });
    let error = clients.wap.delete(&thumbprint()).await.err_or_fail();
    assert_eq!((error.is_not_found(), error.code()), (true, Some("Gone")));

    server.management_certificate_add(|_, then| {
        then.conflict(&wap_error("There"));
    });
    let error = clients.wap.add(calls::new_management_certificate()).await;
    let error = error.err_or_fail();
    assert_eq!((error.is_conflict(), error.code()), (true, Some("There")));
}
