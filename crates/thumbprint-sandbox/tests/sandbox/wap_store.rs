//! Listing, reading and adding management certificates.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_sandbox::{Sandbox, samples};

use crate::{
    client::{Answer, BEARER, Client, call},
    clock::builder,
    wap::{PRINCIPAL, message, sample, target},
};

const OTHER: &str = "0fc39a7c-d10e-4274-a12b-6fc9ab854f1c";
const EMPTY: &str = "00000000-0000-0000-0000-000000000000";
const PAGE: &str = include_str!("../../data/wap-certificate.json");
/// The SHA-1 of `canary`, and its base64.
const THUMBPRINT: &str = "b47ddfd6afd2a9c383947c898d5b43ff0ef50eb8";
const DATA: &str = "Y2FuYXJ5";

fn list_target(subscription: &str) -> String {
    format!("/subscriptions/{subscription}/certificates")
}

fn parameter() -> Value {
    json!({
        "SubscriptionCertificatePublicKey": "AAEC",
        "SubscriptionCertificateThumbprint": THUMBPRINT.to_uppercase(),
        "SubscriptionCertificateData": DATA,
    })
}

fn with(name: &str, value: impl Into<Option<Value>>) -> Value {
    let mut body = parameter();
    let members = body.as_object_mut().or_fail();
    members.remove(name);
    members.extend(value.into().map(|value| (name.to_owned(), value)));
    body
}

async fn get(sandbox: &Sandbox, target: &str) -> Answer {
    call(sandbox, "GET", target, &[BEARER, PRINCIPAL]).await
}

async fn post(sandbox: &Sandbox, target: &str, media_type: &str, body: &str) -> Answer {
    let length = body.len().to_string();
    let headers = [
        BEARER,
        PRINCIPAL,
        ("Content-Length", &length),
        ("Content-Type", media_type),
    ];
    let mut client = Client::connect(sandbox).await;
    client.call("POST", target, &headers, body).await
}

async fn add(sandbox: &Sandbox, target: &str, body: &Value) -> Answer {
    post(sandbox, target, "application/json", &body.to_string()).await
}

#[tokio::test]
async fn a_certificate_is_read_and_stays() {
    let sandbox = Sandbox::start().await.or_fail();
    let page: Value = serde_json::from_str(PAGE).or_fail();
    for target in [sample(), sample().to_lowercase(), sample().to_uppercase()] {
        let answer = get(&sandbox, &target).await;
        assert_eq!((answer.status, answer.json()), (200, page.clone()));
        let media_type = Some("application/json; charset=utf-8");
        assert_eq!(answer.header("Content-Type"), media_type);
    }
    for (target, code) in [
        (
            target(OTHER, samples::WAP_THUMBPRINT),
            "SubscriptionNotFound",
        ),
        (
            target(samples::WAP_SUBSCRIPTION, samples::BATCH_ACTIVE),
            "CertificateNotFound",
        ),
        (list_target(OTHER), "SubscriptionNotFound"),
    ] {
        message(&get(&sandbox, &target).await, 404, code);
    }
    let answer = get(&sandbox, &(list_target(OTHER) + "/")).await;
    message(&answer, 404, "ResourceNotFound");
}

#[tokio::test]
async fn a_list_is_a_bare_array_even_when_it_is_empty() {
    let (builder, clock) = builder();
    let sandbox = builder.start().await.or_fail();
    let list = list_target(samples::WAP_SUBSCRIPTION);
    let page: Value = serde_json::from_str(PAGE).or_fail();
    assert_eq!(get(&sandbox, &list).await.json(), json!([page]));

    clock.advance(Duration::from_secs(60));
    let answer = add(&sandbox, &list, &parameter()).await;
    assert_eq!(answer.status, 204);
    let mut added = parameter();
    added["TimeCreated"] = json!("2023-11-20T10:12:12.123");
    let answer = get(&sandbox, &list.to_uppercase()).await;
    assert_eq!((answer.status, answer.json()), (200, json!([page, added])));

    for thumbprint in [THUMBPRINT, samples::WAP_THUMBPRINT] {
        let target = target(samples::WAP_SUBSCRIPTION, thumbprint);
        let answer = call(&sandbox, "DELETE", &target, &[BEARER, PRINCIPAL]).await;
        assert_eq!(answer.status, 200);
    }
    let answer = get(&sandbox, &list).await;
    assert_eq!((answer.status, answer.json()), (200, json!([])));
}

#[tokio::test]
async fn a_certificate_is_added_once_to_each_subscription() {
    let (builder, _) = builder();
    let sandbox = builder
        .wap_certificate(OTHER, samples::wap_certificate())
        .start()
        .await
        .or_fail();
    // The page writes the path with a slash at its end, the vendor's client without.
    let slash = list_target(samples::WAP_SUBSCRIPTION) + "/";
    let answer = add(&sandbox, &slash, &parameter()).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("Content-Type"), None);
    let stored = sandbox.wap_certificate(samples::WAP_SUBSCRIPTION, THUMBPRINT);
    let stored = stored.or_fail();
    let time = stored.time_created.map(|time| time.to_string());
    assert_eq!(time.as_deref(), Some("2023-11-20 10:11:12.123"));
    assert_eq!(stored.subscription_certificate_data.as_deref(), Some(DATA));

    let answer = add(&sandbox, &slash, &parameter()).await;
    message(&answer, 409, "CertificateExists");
    let lower = with("SubscriptionCertificateThumbprint", json!(THUMBPRINT));
    let answer = add(&sandbox, &slash, &lower).await;
    message(&answer, 409, "CertificateExists");

    let other = list_target(OTHER);
    assert_eq!(add(&sandbox, &other, &lower).await.status, 204);
    let answer = get(&sandbox, &target(OTHER, &THUMBPRINT.to_uppercase())).await;
    let body = answer.json();
    assert_eq!(body["SubscriptionCertificateThumbprint"], THUMBPRINT);

    let answer = add(&sandbox, &list_target(EMPTY), &parameter()).await;
    message(&answer, 404, "SubscriptionNotFound");
    let answer = add(&sandbox, &(slash + "/"), &parameter()).await;
    message(&answer, 404, "ResourceNotFound");
    let answer = add(&sandbox, &(sample() + "/"), &parameter()).await;
    message(&answer, 404, "ResourceNotFound");
}

#[tokio::test]
async fn a_time_that_is_given_is_ignored_and_the_pages_example_can_be_sent_back() {
    let (builder, _) = builder();
    let sandbox = builder
        .empty()
        .wap_certificate(OTHER, samples::wap_certificate())
        .start()
        .await
        .or_fail();
    let removed = target(OTHER, samples::WAP_THUMBPRINT);
    let answer = call(&sandbox, "DELETE", &removed, &[BEARER, PRINCIPAL]).await;
    assert_eq!(answer.status, 200);
    // With the page's own escapes, `\/`.
    let list = list_target(OTHER);
    let answer = post(&sandbox, &list, "application/json", PAGE).await;
    assert_eq!(answer.status, 204);
    let body = get(&sandbox, &removed).await.json();
    assert_eq!(body["TimeCreated"], "2023-11-20T10:11:12.123");
    for time in [json!("0001-01-01T00:00:00"), json!(null), json!(7)] {
        let sandbox = Sandbox::start().await.or_fail();
        let body = with("TimeCreated", time);
        let list = list_target(samples::WAP_SUBSCRIPTION);
        assert_eq!(add(&sandbox, &list, &body).await.status, 204);
    }
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused() {
    const KEY: &str = "SubscriptionCertificatePublicKey";
    const NAME: &str = "SubscriptionCertificateThumbprint";
    const CERT: &str = "SubscriptionCertificateData";
    let sandbox = Sandbox::start().await.or_fail();
    let list = list_target(samples::WAP_SUBSCRIPTION);
    for (name, value, text) in [
        (KEY, None, "PublicKey is missing"),
        (NAME, None, "Thumbprint is missing"),
        (CERT, None, "Data is missing"),
        (CERT, Some(json!(null)), "Data is missing"),
        (CERT, Some(json!("")), "Data is missing"),
        (KEY, Some(json!(1)), "PublicKey is not a string"),
        (NAME, Some(json!(["x"])), "Thumbprint is not a string"),
        (KEY, Some(json!("canary!")), "PublicKey is not base64"),
        (CERT, Some(json!("Y2Fu YXJ5")), "Data is not base64"),
        (CERT, Some(json!("canary==")), "Data is not base64"),
        (NAME, Some(json!("82AE")), "is not 40 hexadecimal digits"),
        (
            NAME,
            Some(json!(samples::WAP_THUMBPRINT)),
            "is not the SHA-1 of",
        ),
        (CERT, Some(json!("AAEC")), "is not the SHA-1 of"),
        ("Created", Some(json!("x")), "has a member that"),
        ("timeCreated", Some(json!("x")), "has a member that"),
    ] {
        let answer = add(&sandbox, &list, &with(name, value.clone())).await;
        let message = message(&answer, 400, "InvalidBody");
        assert!(message.contains(text), "{name} {value:?}: {message}");
        assert!(!message.contains("canary"), "{message}");
    }
    for (body, text) in [
        ("", "line 1, column 0"),
        ("{", "line 1"),
        ("<SubscriptionCertificate/>", "line 1, column 1"),
        ("[]", "one JSON object"),
        ("\"canary\"", "one JSON object"),
    ] {
        let answer = post(&sandbox, &list, "application/json", body).await;
        let message = message(&answer, 400, "InvalidBody");
        assert!(message.contains(text), "{body}: {message}");
        assert!(!message.contains("canary"), "{message}");
    }
    let stored = get(&sandbox, &list).await.json();
    assert_eq!(stored.as_array().or_fail().len(), 1);
}

#[tokio::test]
async fn requests_are_checked_like_those_of_a_deletion() {
    let sandbox = Sandbox::start().await.or_fail();
    let list = list_target(samples::WAP_SUBSCRIPTION);
    let body = parameter().to_string();
    let answer = post(&sandbox, &list, "application/xml", &body).await;
    let text = message(&answer, 400, "InvalidParameter");
    let expected =
        "The header Content-Type is not valid. The body must be sent as application/json.";
    assert_eq!(text, expected);
    let answer = call(&sandbox, "POST", &list, &[BEARER, PRINCIPAL]).await;
    let text = message(&answer, 400, "MissingParameter");
    assert_eq!(text, "The required header Content-Type is missing.");
    let large = [
        BEARER,
        PRINCIPAL,
        ("Content-Type", "application/json"),
        ("Content-Length", "1048577"),
    ];
    let answer = call(&sandbox, "POST", &list, &large).await;
    let text = message(&answer, 400, "InvalidBody");
    assert_eq!(text, "The request body is too large.");
    assert_eq!(answer.header("Connection"), Some("close"));

    for (method, target) in [("GET", &list), ("POST", &list), ("GET", &sample())] {
        let answer = call(&sandbox, method, target, &[PRINCIPAL]).await;
        message(&answer, 401, "Unauthorized");
        let answer = call(&sandbox, method, target, &[BEARER]).await;
        message(&answer, 400, "MissingParameter");
        let query = format!("{target}?$top=1");
        let answer = call(&sandbox, method, &query, &[BEARER, PRINCIPAL]).await;
        message(&answer, 400, "UnsupportedParameter");
    }
    for target in [list_target("mine"), target(samples::WAP_SUBSCRIPTION, "1")] {
        message(&get(&sandbox, &target).await, 400, "InvalidParameter");
    }
}
