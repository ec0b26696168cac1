//! The setters of the generated builders, those too that the facade sets itself: a value that does not fit and one that lacks are
//! refused by the setter's name before anything is sent, and a builder's `Debug` is its name. Must notice a setter that
//! blames another, an operation without rows, and a value that shows.

use std::collections::BTreeSet;

use conformance::{
    calls::{self, TOKEN},
    spec, world,
};
use test_support::{RawServer, Reply};
use thumbprint::{Error, transport::Transport};
use thumbprint_admin::types as admin;
use thumbprint_batch::types as batch;
use thumbprint_wap::types as wap;
use xtask::root;

const BATCH_BODY: &str = r#"{"thumbprint":"0123456789abcdef0123456789abcdef01234567","thumbprintAlgorithm":"sha1","data":"YQ=="}"#;

/// What is no value of anything.
struct Unfit;

macro_rules! unfit {
    ($($type:ty),* $(,)?) => {
        $(impl TryFrom<Unfit> for $type {
            type Error = &'static str;

            fn try_from(_: Unfit) -> Result<Self, Self::Error> {
                Err("it does not fit")
            }
        })*
    };
}

unfit!(
    admin::Advance,
    admin::Fault,
    admin::Last,
    admin::Seed,
    batch::ApiVersion,
    batch::CertificateAddParameter,
    batch::Filter,
    batch::MaxResults,
    batch::RequestId,
    batch::ReturnClientRequestId,
    batch::Rfc1123Date,
    batch::Select,
    batch::Thumbprint,
    batch::ThumbprintAlgorithm,
    batch::Timeout,
    wap::ClientRequestId,
    wap::LiveId,
    wap::PrincipalId,
    wap::SessionId,
    wap::SubscriptionCertificateParameter,
    wap::SubscriptionId,
    wap::Thumbprint,
);

/// Calls an operation once for each setter with what does not fit, and once without it if it is needed.
macro_rules! refusals {
    ($tried:ident, $client:expr, $id:literal, $method:ident, needs: { $($needed:ident: $value:expr),* }, takes: [$($optional:ident),*]) => {{
        let shown = format!("{:?}", $client.$method());
        assert_eq!(shown, format!("{} {{ .. }}", $id.replace('_', "")));
        $tried.insert($id.to_owned());
        let (needed, optional): (&[&str], &[&str]) =
            (&[$(stringify!($needed)),*], &[$(stringify!($optional)),*]);
        for name in needed.iter().chain(optional) {
            let mut call = $client.$method();
            $(call = if stringify!($needed) == *name { call.$needed(Unfit) } else { call.$needed($value) };)*
            $(if stringify!($optional) == *name { call = call.$optional(Unfit); })*
            assert_refused($id, name, "it does not fit", call.await);
        }
        for name in needed {
            let mut call = $client.$method();
            $(if stringify!($needed) != *name { call = call.$needed($value); })*
            assert_refused($id, name, "it lacks", call.await);
        }
    }};
}

fn assert_refused<T>(id: &str, setter: &str, why: &str, outcome: Result<T, Error>) {
    let Err(error) = outcome else {
        panic!("{id}: without `{setter}`, or with what does not fit, it was sent");
    };
    let message = error.to_string();
    assert!(error.is_invalid_input(), "{id}: {setter}: {message}");
    assert!(
        message.contains(&format!(": {setter}: ")) || message.starts_with(&format!("{setter}: ")),
        "{id}: the setter `{setter}` is not blamed ({why}): {message}"
    );
}

#[rustfmt::skip]
#[tokio::test]
#[allow(deprecated, unused_mut, reason = "operations are deprecated, and some have no setter")]
async fn each_setter_is_blamed_for_what_it_was_given() {
    let server = RawServer::start([Reply::new(204, &[], "")]).await;
    let transport = || {
        let transport = Transport::builder(server.base_url(), TOKEN).allow_loopback_http();
        transport.retries(0).build().expect("a transport on loopback")
    };
    let own = thumbprint_admin::Client::new(transport());
    let account = thumbprint_batch::Client::new(transport());
    let tenant = thumbprint_wap::Client::new(transport());
    let (sha1, subscription, principal) = (calls::THUMBPRINT, calls::SUBSCRIPTION, calls::PRINCIPAL);
    let batch_body = || serde_json::from_str::<batch::CertificateAddParameter>(BATCH_BODY).expect("JSON");
    let wap_body = || serde_json::from_str::<wap::SubscriptionCertificateParameter>(calls::WAP_EXAMPLE).expect("JSON");

    let mut tried = BTreeSet::new();
    refusals!(tried, own, "Sandbox_Reset", sandbox_reset, needs: {}, takes: []);
    refusals!(tried, own, "Sandbox_Seed", sandbox_seed, needs: { }, takes: [body]);
    refusals!(tried, own, "Sandbox_GetState", sandbox_get_state, needs: {}, takes: []);
    refusals!(tried, own, "Journal_Get", journal_get, needs: {}, takes: [last]);
    refusals!(tried, own, "Journal_Clear", journal_clear, needs: {}, takes: []);
    refusals!(tried, own, "Clock_Get", clock_get, needs: {}, takes: []);
    refusals!(tried, own, "Clock_Advance", clock_advance, needs: { body: admin::Advance::new(1.0) }, takes: []);
    refusals!(tried, own, "Faults_Get", faults_get, needs: {}, takes: []);
    refusals!(tried, own, "Faults_Add", faults_add, needs: { }, takes: [body]);
    refusals!(tried, own, "Faults_Clear", faults_clear, needs: {}, takes: []);
    // What has a default does not lack.
    refusals!(tried, account, "Certificate_List", certificate_list, needs: {}, takes: [filter, select, max_results, api_version, timeout, client_request_id, return_client_request_id, ocp_date]);
    refusals!(tried, account, "Certificate_Add", certificate_add, needs: { body: batch_body() }, takes: [api_version, timeout, client_request_id, return_client_request_id, ocp_date]);
    refusals!(tried, account, "Certificate_Get", certificate_get, needs: { thumbprint: sha1 }, takes: [thumbprint_algorithm, select, api_version, timeout, client_request_id, return_client_request_id, ocp_date]);
    refusals!(tried, account, "Certificate_Delete", certificate_delete, needs: { thumbprint: sha1 }, takes: [thumbprint_algorithm, api_version, timeout, client_request_id, return_client_request_id, ocp_date]);
    refusals!(tried, account, "Certificate_CancelDeletion", certificate_cancel_deletion, needs: { thumbprint: sha1 }, takes: [thumbprint_algorithm, api_version, timeout, client_request_id, return_client_request_id, ocp_date]);
    refusals!(tried, tenant, "ManagementCertificate_List", management_certificate_list, needs: { subscription_id: subscription, principal_id: principal }, takes: [client_request_id, client_session_id, principal_live_id]);
    refusals!(tried, tenant, "ManagementCertificate_Add", management_certificate_add, needs: { subscription_id: subscription, principal_id: principal, body: wap_body() }, takes: [client_request_id, client_session_id, principal_live_id]);
    refusals!(tried, tenant, "ManagementCertificate_Get", management_certificate_get, needs: { subscription_id: subscription, thumbprint: sha1, principal_id: principal }, takes: [client_request_id, client_session_id, principal_live_id]);
    refusals!(tried, tenant, "ManagementCertificate_Delete", management_certificate_delete, needs: { subscription_id: subscription, thumbprint: sha1, principal_id: principal }, takes: [client_request_id, client_session_id, principal_live_id]);

    let documents = world::first_party(&root()).into_iter();
    let documented: BTreeSet<_> = documents
        .flat_map(|document| spec::operations(&document.value))
        .map(|operation| operation.id)
        .collect();
    assert_eq!(tried, documented, "left: this test, right: specs/");
    assert!(server.received().is_empty(), "{:?}", server.received());
}

/// What the types take and the wire does not: a text that no header can hold (RFC 9110, section 5.5), and a number out of
/// the bounds that the document gives.
#[tokio::test]
async fn what_cannot_be_sent_is_blamed_on_its_setter() {
    let server = RawServer::start([Reply::new(204, &[], "")]).await;
    let transport = || {
        let transport = Transport::builder(server.base_url(), TOKEN).allow_loopback_http();
        transport.build().expect("a transport on loopback")
    };
    let own = thumbprint_admin::Client::new(transport());
    let tenant = thumbprint_wap::Client::new(transport());
    let (sha1, subscription) = (calls::THUMBPRINT, calls::SUBSCRIPTION);
    let body = serde_json::from_str::<wap::SubscriptionCertificateParameter>(calls::WAP_EXAMPLE);
    let body = body.expect("JSON");

    let call = own.journal_get().last(10_001);
    assert_refused("Journal_Get", "last", "out of bounds", call.await);
    macro_rules! broken {
        ($method:ident $(, $setter:ident: $value:expr)*) => {
            let call = || tenant.$method().subscription_id(subscription)$(.$setter($value))*;
            let (name, broken) = (stringify!($method), "a\nb");
            let outcome = call().principal_id(broken).await;
            assert_refused(name, "principal_id", broken, outcome);
            let outcome = call().principal_id(calls::PRINCIPAL).client_request_id(broken).await;
            assert_refused(name, "client_request_id", broken, outcome);
            let outcome = call().principal_id(calls::PRINCIPAL).principal_live_id(broken).await;
            assert_refused(name, "principal_live_id", broken, outcome);
        };
    }
    broken!(management_certificate_list);
    broken!(management_certificate_add, body: body.clone());
    broken!(management_certificate_get, thumbprint: sha1);
    broken!(management_certificate_delete, thumbprint: sha1);
    assert!(server.received().is_empty(), "{:?}", server.received());
}
