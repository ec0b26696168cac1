use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_sandbox::{Sandbox, samples};

use crate::client::{Answer, BEARER, Client, TOKEN, call};

pub(crate) const PRINCIPAL: (&str, &str) = ("x-ms-principal-id", "canary@contoso.com");
const PAGE: &str = include_str!("../../data/wap-certificate.json");

pub(crate) fn target(subscription: &str, thumbprint: &str) -> String {
    format!("/Subscriptions/{subscription}/certificates/{thumbprint}")
}

pub(crate) fn sample() -> String {
    target(samples::WAP_SUBSCRIPTION, samples::WAP_THUMBPRINT)
}

fn is_there(sandbox: &Sandbox) -> bool {
    sandbox
        .wap_certificate(samples::WAP_SUBSCRIPTION, samples::WAP_THUMBPRINT)
        .is_some()
}

/// Checks all that errors have in common, and gives the message.
pub(crate) fn message(answer: &Answer, status: u16, code: &str) -> String {
    let body = answer.json();
    assert_eq!((answer.status, &body["Code"]), (status, &json!(code)));
    assert_eq!(
        answer.header("Content-Type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(body["Details"], json!([]));
    assert_eq!(body.as_object().or_fail().len(), 3);
    let text = format!("{answer:?}{body}").to_lowercase();
    for secret in [samples::WAP_SUBSCRIPTION, PRINCIPAL.1, TOKEN] {
        assert!(!text.contains(secret), "{text}");
    }
    body["Message"].as_str().or_fail().to_owned()
}

// Facts: prose ManagementCertificate_Delete: the answer has the certificate that was deleted
#[tokio::test]
async fn a_certificate_is_deleted_and_answered_with() {
    let sandbox = Sandbox::start().await.or_fail();
    assert!(is_there(&sandbox));
    let answer = call(&sandbox, "DELETE", &sample(), &[BEARER, PRINCIPAL]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("Content-Type"),
        Some("application/json; charset=utf-8")
    );
    let page: Value = serde_json::from_str(PAGE).or_fail();
    assert_eq!(answer.json(), page);
    assert!(!is_there(&sandbox));

    let answer = call(&sandbox, "DELETE", &sample(), &[BEARER, PRINCIPAL]).await;
    message(&answer, 404, "CertificateNotFound");
}

#[tokio::test]
async fn a_subscription_that_is_unknown_or_has_another_certificate_is_not_found() {
    let sandbox = Sandbox::start().await.or_fail();
    let other = "0fc39a7c-d10e-4274-a12b-6fc9ab854f1c";
    for (target, status, code) in [
        (
            target(other, samples::WAP_THUMBPRINT),
            404,
            "SubscriptionNotFound",
        ),
        (
            target(samples::WAP_SUBSCRIPTION, samples::BATCH_ACTIVE),
            404,
            "CertificateNotFound",
        ),
        ("/Subscriptions".to_owned(), 501, "NotImplemented"),
        (
            target(samples::WAP_SUBSCRIPTION, ""),
            404,
            "ResourceNotFound",
        ),
        (sample() + "/", 404, "ResourceNotFound"),
    ] {
        let answer = call(&sandbox, "DELETE", &target, &[BEARER, PRINCIPAL]).await;
        message(&answer, status, code);
    }
    assert!(is_there(&sandbox));
}

#[tokio::test]
async fn the_case_of_segments_and_identifiers_does_not_matter() {
    for target in [
        sample().to_lowercase(),
        sample().to_uppercase(),
        sample().replace("Subscriptions", "subscriptions"),
        sample().replace('B', "%42"),
    ] {
        let sandbox = Sandbox::start().await.or_fail();
        let answer = call(&sandbox, "DELETE", &target, &[BEARER, PRINCIPAL]).await;
        assert_eq!(answer.status, 200, "{target}");
        assert!(!is_there(&sandbox));
    }
}

#[tokio::test]
async fn one_certificate_can_sit_in_several_subscriptions() {
    let other = "0fc39a7c-d10e-4274-a12b-6fc9ab854f1c";
    let sandbox = Sandbox::builder()
        .wap_certificate(other.to_uppercase(), samples::wap_certificate())
        .start()
        .await
        .or_fail();
    let answer = call(&sandbox, "DELETE", &sample(), &[BEARER, PRINCIPAL]).await;
    assert_eq!(answer.status, 200);
    assert!(!is_there(&sandbox));
    let thumbprint = samples::WAP_THUMBPRINT.to_lowercase();
    assert!(sandbox.wap_certificate(other, &thumbprint).is_some());
}

#[tokio::test]
async fn a_request_without_one_bearer_token_is_challenged() {
    let sandbox = Sandbox::start().await.or_fail();
    for authorization in [
        &[][..],
        &[("Authorization", "")],
        &[("Authorization", "Bearer")],
        &[("Authorization", "canary-token")],
        &[("Authorization", "Basic canary-token")],
        &[("Authorization", "SharedKey account:canary-token")],
        &[BEARER, BEARER],
    ] {
        let headers = [&[PRINCIPAL], authorization].concat();
        let answer = call(&sandbox, "DELETE", &sample(), &headers).await;
        message(&answer, 401, "Unauthorized");
        assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer"));
    }
    assert!(is_there(&sandbox));
}

#[tokio::test]
async fn what_the_document_does_not_allow_is_refused() {
    const SESSION: &str = "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0";
    let sandbox = Sandbox::builder().strict(true).start().await.or_fail();
    let guid = "The header x-ms-client-session-id is not valid. The value must be a GUID without decoration.";
    let missing = "The required header x-ms-principal-id is missing.";
    for (target, headers, code, text) in [
        (sample(), &[][..], "MissingParameter", missing),
        (
            sample(),
            &[("x-ms-principal-id", "")],
            "MissingParameter",
            missing,
        ),
        (
            sample(),
            &[PRINCIPAL, PRINCIPAL],
            "InvalidParameter",
            "The header x-ms-principal-id was sent more than once.",
        ),
        (
            sample(),
            &[PRINCIPAL, ("x-ms-client-session-id", "1")],
            "InvalidParameter",
            guid,
        ),
        (
            sample(),
            &[PRINCIPAL, ("x-ms-version", "2012-03-01")],
            "UnsupportedParameter",
            "The header x-ms-version is not supported.",
        ),
        (
            sample() + "?api-version=1",
            &[PRINCIPAL],
            "UnsupportedParameter",
            "The query parameter api-version is not supported.",
        ),
        (
            target("0cfc58de38cb4fa692584afde95d3c05", samples::WAP_THUMBPRINT),
            &[PRINCIPAL],
            "InvalidParameter",
            "The path parameter SubscriptionId is not valid. The value must match",
        ),
        (
            target(samples::WAP_SUBSCRIPTION, "9B3C"),
            &[PRINCIPAL],
            "InvalidParameter",
            "The path parameter ThumbprintId is not valid. The value must match",
        ),
    ] {
        let headers = [&[BEARER, ("x-ms-client-request-id", SESSION)], headers].concat();
        let answer = call(&sandbox, "DELETE", &target, &headers).await;
        let message = message(&answer, 400, code);
        assert!(message.starts_with(text), "{message}");
    }
    assert!(is_there(&sandbox));
}

// Facts: prose ManagementCertificate_Delete: the request has no body
#[tokio::test]
async fn a_body_is_refused() {
    let sandbox = Sandbox::start().await.or_fail();
    let mut client = Client::connect(&sandbox).await;
    let headers = [BEARER, PRINCIPAL, ("Content-Length", "2")];
    let answer = client.call("DELETE", &sample(), &headers, "{}").await;
    message(&answer, 400, "InvalidBody");
    // No byte of this one is sent.
    let headers = [BEARER, PRINCIPAL, ("Content-Length", "1048577")];
    let answer = client.call("DELETE", &sample(), &headers, "").await;
    message(&answer, 400, "InvalidBody");
    assert_eq!(answer.header("Connection"), Some("close"));
    // No chunk of RFC 9112, section 7.1: a wrong body is what the status page's 400 is for, "input validation".
    let mut client = Client::connect(&sandbox).await;
    let headers = [BEARER, PRINCIPAL, ("Transfer-Encoding", "chunked")];
    let answer = client.call("DELETE", &sample(), &headers, "zz\r\n").await;
    message(&answer, 400, "InvalidBody");
    client.closed().await;
    assert!(is_there(&sandbox));
}

#[tokio::test]
async fn everything_declared_is_taken() {
    let sandbox = Sandbox::start().await.or_fail();
    let headers = [
        BEARER,
        PRINCIPAL,
        ("Content-Length", "0"),
        (
            "x-ms-client-request-id",
            "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0-2013-07-03 16:19:50Z",
        ),
        (
            "x-ms-client-session-id",
            "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0",
        ),
        ("x-ms-principal-liveid", PRINCIPAL.1),
        ("Accept-Language", "en-US"),
    ];
    let answer = call(&sandbox, "DELETE", &sample(), &headers).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn other_methods_are_refused() {
    let sandbox = Sandbox::start().await.or_fail();
    let collection = target(samples::WAP_SUBSCRIPTION, "");
    let collection = collection.trim_end_matches('/');
    for (target, methods, allow) in [
        (
            sample().as_str(),
            ["POST", "PUT", "PATCH"],
            "GET, HEAD, DELETE",
        ),
        (collection, ["DELETE", "PUT", "PATCH"], "GET, HEAD, POST"),
    ] {
        for method in methods {
            let answer = call(&sandbox, method, target, &[BEARER, PRINCIPAL]).await;
            assert_eq!(answer.header("Allow"), Some(allow), "{method}");
            message(&answer, 405, "MethodNotAllowed");
        }
    }
}

#[tokio::test]
async fn retirement_of_batch_changes_nothing() {
    let sandbox = Sandbox::builder().retired(true).start().await.or_fail();
    let answer = call(&sandbox, "DELETE", &sample(), &[BEARER, PRINCIPAL]).await;
    assert_eq!(answer.status, 200);
}
