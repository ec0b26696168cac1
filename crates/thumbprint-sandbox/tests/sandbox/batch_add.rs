use std::time::Duration;

use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};

use crate::{
    batch::{ID, VERSION, pairs, resource, values},
    client::{Answer, BEARER, Client, bytes, call},
    clock::{START, builder},
};

const THUMBPRINT: &str = "ABCDEFabcdef0123456789ABCDEFabcdef012345";
/// Base64 of `canary`.
const DATA: &str = "Y2FuYXJ5";
const PASSWORD: &str = "canary-password";
/// What Python's client sends.
const JSON: &str = "application/json; odata=minimalmetadata; charset=utf-8";

fn parameter() -> Value {
    json!({
        "thumbprint": THUMBPRINT,
        "thumbprintAlgorithm": "sha1",
        "data": DATA,
        "certificateFormat": "cer",
    })
}

/// A body with one property set, or taken out where it is set to nothing at all.
fn with(name: &str, value: impl Into<Option<Value>>) -> Value {
    let mut body = parameter();
    let properties = body.as_object_mut().or_fail();
    properties.remove(name);
    properties.extend(value.into().map(|value| (name.to_owned(), value)));
    body
}

async fn post(sandbox: &Sandbox, headers: &[(&str, &str)], body: &str) -> Answer {
    let length = body.len().to_string();
    let headers = [&[BEARER, ("Content-Length", &length)], headers].concat();
    let mut client = Client::connect(sandbox).await;
    let target = format!("/certificates?{VERSION}");
    client.call("POST", &target, &headers, body).await
}

async fn add(sandbox: &Sandbox, body: &Value) -> Answer {
    post(sandbox, &[("Content-Type", JSON)], &body.to_string()).await
}

async fn get(sandbox: &Sandbox, thumbprint: &str) -> Value {
    let target = format!("{}?{VERSION}", resource(thumbprint));
    call(sandbox, "GET", &target, &[BEARER]).await.json()
}

async fn start() -> Sandbox {
    let (builder, _) = builder();
    builder.start().await.or_fail()
}

#[tokio::test]
async fn a_certificate_is_added_once_and_is_active() {
    let sandbox = start().await;
    let headers = [
        ("content-type", JSON),
        ("client-request-id", ID),
        ("return-client-request-id", "true"),
    ];
    let answer = post(&sandbox, &headers, &parameter().to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("Content-Type"), None);
    assert_eq!(answer.header("DataServiceVersion"), Some("3.0"));
    assert_eq!(answer.header("client-request-id"), Some(ID));
    assert!(answer.header("request-id").is_some());
    assert!(answer.header("ETag").is_some());
    let modified = Some("Mon, 20 Nov 2023 10:11:12 GMT");
    assert_eq!(answer.header("Last-Modified"), modified);
    let url = format!(
        "http://localhost:1/certificates(ThumbprintAlgorithm=sha1,Thumbprint={THUMBPRINT})"
    );
    assert_eq!(answer.header("DataServiceId"), Some(url.as_str()));
    assert_eq!(answer.header("Location"), Some(url.as_str()));
    assert_eq!(
        sandbox.batch_state(THUMBPRINT),
        Some(CertificateState::Active)
    );

    let body = get(&sandbox, THUMBPRINT).await;
    let url = format!("http://localhost:1{}", resource(THUMBPRINT));
    assert_eq!(
        body,
        json!({
            "odata.metadata": "http://localhost:1/$metadata#certificates/@Element",
            "thumbprint": THUMBPRINT,
            "thumbprintAlgorithm": "sha1",
            "url": url,
            "state": "active",
            "stateTransitionTime": START,
            "publicData": DATA,
        })
    );

    for thumbprint in [
        THUMBPRINT,
        &THUMBPRINT.to_lowercase(),
        samples::BATCH_DELETING,
    ] {
        let answer = add(&sandbox, &with("thumbprint", json!(thumbprint))).await;
        assert_eq!(values(&answer, 409, "CertificateExists"), None);
    }
}

#[tokio::test]
async fn what_was_deleted_can_be_added_again() {
    let (builder, clock) = builder();
    let sandbox = builder.start().await.or_fail();
    let body = with("thumbprint", json!(samples::BATCH_DELETING));
    values(&add(&sandbox, &body).await, 409, "CertificateExists");
    clock.advance(Duration::from_secs(10));
    assert_eq!(add(&sandbox, &body).await.status, 201);
    let body = get(&sandbox, samples::BATCH_DELETING).await;
    assert_eq!(body["previousState"], json!(null));
}

#[tokio::test]
async fn every_form_of_a_parameter_is_taken() {
    let spaced = "ab cd ef 01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef 01";
    let longest = "A".repeat(10 * 1024);
    for (body, public) in [
        (with("certificateFormat", None), None),
        (with("certificateFormat", json!("pfx")), None),
        (with("certificateFormat", json!(null)), None),
        (with("password", json!(null)), Some(DATA)),
        (with("data", json!(longest)), Some(longest.as_str())),
        (with("thumbprint", json!(spaced)), Some(DATA)),
    ] {
        let sandbox = start().await;
        assert_eq!(add(&sandbox, &body).await.status, 201, "{body}");
        let thumbprint = body["thumbprint"].as_str().or_fail().replace(' ', "");
        let body = get(&sandbox, &thumbprint).await;
        assert_eq!(body["thumbprint"], thumbprint);
        assert_eq!(body.get("publicData").and_then(Value::as_str), public);
    }
    // "Up to" 40 digits, says the page; no path can name such a one.
    let sandbox = start().await;
    let answer = add(&sandbox, &with("thumbprint", json!("0aF"))).await;
    assert_eq!(answer.status, 201);
    assert_eq!(sandbox.batch_state("0Af"), Some(CertificateState::Active));

    for media_type in [
        "application/json",
        "application/json;odata=minimalmetadata",
        "Application/JSON ; charset=utf-8",
    ] {
        let sandbox = start().await;
        let headers = [("Content-Type", media_type)];
        let answer = post(&sandbox, &headers, &parameter().to_string()).await;
        assert_eq!(answer.status, 201, "{media_type}");
    }

    let sandbox = start().await;
    let headers = [
        BEARER,
        ("Content-Type", JSON),
        ("Transfer-Encoding", "chunked"),
    ];
    let body = parameter().to_string();
    let body = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let mut client = Client::connect(&sandbox).await;
    let target = format!("/certificates?{VERSION}");
    let answer = client.call("POST", &target, &headers, &body).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused() {
    let sandbox = start().await;
    for (name, value, code, reason) in [
        ("thumbprint", None, "MissingRequiredProperty", None),
        (
            "thumbprint",
            Some(json!(null)),
            "MissingRequiredProperty",
            None,
        ),
        ("thumbprintAlgorithm", None, "MissingRequiredProperty", None),
        ("data", None, "MissingRequiredProperty", None),
        ("Thumbprint", Some(json!("0")), "UnsupportedProperty", None),
        ("url", Some(json!("canary")), "UnsupportedProperty", None),
        ("odata.type", Some(json!(1)), "UnsupportedProperty", None),
        ("thumbprint", Some(json!(1)), "", Some("string")),
        ("data", Some(json!(["canary"])), "", Some("string")),
        ("password", Some(json!({"canary": 1})), "", Some("string")),
        ("certificateFormat", Some(json!(true)), "", Some("string")),
        ("thumbprint", Some(json!("")), "", Some("40 hexadecimal")),
        ("thumbprint", Some(json!("  ")), "", Some("40 hexadecimal")),
        (
            "thumbprint",
            Some(json!("0".repeat(41))),
            "",
            Some("40 hexadecimal"),
        ),
        (
            "thumbprint",
            Some(json!("canary")),
            "",
            Some("40 hexadecimal"),
        ),
        (
            "thumbprint",
            Some(json!("ab:cd")),
            "",
            Some("40 hexadecimal"),
        ),
        ("thumbprintAlgorithm", Some(json!("SHA1")), "", Some("sha1")),
        (
            "thumbprintAlgorithm",
            Some(json!("sha256")),
            "",
            Some("sha1"),
        ),
        ("data", Some(json!("")), "", Some("base64")),
        ("data", Some(json!("canary!")), "", Some("base64")),
        ("data", Some(json!("canary==")), "", Some("base64")),
        ("data", Some(json!("Y2Fu YXJ5")), "", Some("base64")),
        ("data", Some(json!("_-_-")), "", Some("base64")),
        (
            "data",
            Some(json!("A".repeat(10 * 1024 + 4))),
            "",
            Some("10240"),
        ),
        (
            "certificateFormat",
            Some(json!("canary")),
            "",
            Some("pfx or cer"),
        ),
        (
            "certificateFormat",
            Some(json!("PFX")),
            "",
            Some("pfx or cer"),
        ),
        ("password", Some(json!(PASSWORD)), "", Some("left out")),
        ("password", Some(json!("")), "", Some("left out")),
    ] {
        let answer = add(&sandbox, &with(name, value.clone())).await;
        let code = if code.is_empty() {
            "InvalidPropertyValue"
        } else {
            code
        };
        let values = values(&answer, 400, code).or_fail();
        assert_eq!(values[0], ("PropertyName".to_owned(), name.to_owned()));
        assert_eq!(
            values.len(),
            1 + usize::from(reason.is_some()),
            "{values:?}"
        );
        if let Some(reason) = reason {
            assert_eq!(values[1].0, "Reason");
            assert!(values[1].1.contains(reason), "{name} {value:?}: {values:?}");
        }
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains("canary"), "{text}");
    }
    assert_eq!(sandbox.batch_state(THUMBPRINT), None);
    assert_eq!(sandbox.batch_count(CertificateState::Active), 1);

    let long = "x".repeat(5000);
    let answer = add(&sandbox, &with(&long, json!(1))).await;
    let values = values(&answer, 400, "UnsupportedProperty");
    assert_eq!(values, Some(pairs(&[("PropertyName", &long[..100])])));
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let sandbox = start().await;
    let whole = parameter().to_string();
    let deep = "[".repeat(100_000);
    for (body, reason) in [
        ("", "line 1, column 0"),
        ("canary", "line 1, column 1"),
        (&whole[..whole.len() - 1], "line 1"),
        (&format!("{whole}canary"), "line 1"),
        ("{\"data\": \"canary\n\"}", "line 2, column 0"),
        ("{\"data\": \"canary\",}", "line 1"),
        ("\u{feff}{}", "line 1"),
        (&deep, "one JSON object"),
        (&format!("{{\"data\":{deep}"), "line 1, column 135"),
        ("null", "one JSON object"),
        ("\"canary\"", "one JSON object"),
        ("[]", "one JSON object"),
        ("canary=1", "line 1"),
    ] {
        let answer = post(&sandbox, &[("Content-Type", JSON)], body).await;
        let values = values(&answer, 400, "InvalidRequestBody").or_fail();
        assert_eq!((values.len(), values[0].0.as_str()), (1, "Reason"));
        assert!(values[0].1.contains(reason), "{body:.40}: {values:?}");
        let text = String::from_utf8_lossy(&answer.body);
        assert!(!text.contains("canary"), "{text}");
    }
    let answer = post(&sandbox, &[("Content-Type", JSON)], "{}").await;
    values(&answer, 400, "MissingRequiredProperty");
}

#[tokio::test]
async fn a_body_of_another_media_type_is_refused() {
    let sandbox = start().await;
    let body = parameter().to_string();
    let reason = "The body must be sent as application/json; odata=minimalmetadata";
    let expected = pairs(&[("HeaderName", "Content-Type"), ("Reason", reason)]);
    for headers in [
        &[("Content-Type", "text/plain")][..],
        &[("Content-Type", "application/xml; charset=utf-8")],
        &[("Content-Type", "application/jsonp")],
        &[("Content-Type", "")],
        &[("Content-Type", "\u{e9}")],
        &[("Content-Type", JSON), ("Content-Type", JSON)],
    ] {
        let answer = post(&sandbox, headers, &body).await;
        let values = values(&answer, 400, "InvalidHeaderValue");
        assert_eq!(values.as_ref(), Some(&expected), "{headers:?}");
    }
    let answer = post(&sandbox, &[], &body).await;
    assert_eq!(
        values(&answer, 400, "MissingRequiredHeader"),
        Some(pairs(&[("HeaderName", "Content-Type")]))
    );
    assert_eq!(sandbox.batch_state(THUMBPRINT), None);
}

#[tokio::test]
async fn requests_are_checked_like_those_of_the_other_operations() {
    let sandbox = start().await;
    let target = format!("/certificates?{VERSION}");
    let answer = call(&sandbox, "POST", &target, &[BEARER]).await;
    assert_eq!(values(&answer, 411, "MissingContentLengthHeader"), None);
    let large = [
        BEARER,
        ("Content-Type", JSON),
        ("Content-Length", "1048577"),
    ];
    let answer = call(&sandbox, "POST", &target, &large).await;
    values(&answer, 413, "RequestBodyTooLarge");
    for (target, headers, code) in [
        (target.as_str(), &[][..], "MissingRequiredHeader"),
        ("/certificates", &[BEARER], "MissingRequiredQueryParameter"),
        (
            "/certificates?api-version=latest",
            &[BEARER],
            "UnsupportedRequestVersion",
        ),
        (
            &format!("{target}&$skiptoken=x"),
            &[BEARER],
            "UnsupportedQueryParameter",
        ),
        (
            &format!("{target}&maxresults=1"),
            &[BEARER],
            "UnsupportedQueryParameter",
        ),
    ] {
        let body = parameter().to_string();
        let length = body.len().to_string();
        let own = [("Content-Length", length.as_str()), ("Content-Type", JSON)];
        let mut client = Client::connect(&sandbox).await;
        let headers = [&own, headers].concat();
        let answer = client.call("POST", target, &headers, &body).await;
        assert!(values(&answer, 400, code).is_some(), "{target}");
    }
    assert_eq!(sandbox.batch_state(THUMBPRINT), None);
}

#[tokio::test]
async fn a_password_and_the_data_of_a_pfx_are_shown_nowhere() {
    let sandbox = start().await;
    let mut body = with("certificateFormat", json!("pfx"));
    body["password"] = json!(PASSWORD);
    assert_eq!(add(&sandbox, &body).await.status, 201);
    assert_eq!(add(&sandbox, &body).await.status, 409);
    body["certificateFormat"] = json!("cer");
    assert_eq!(add(&sandbox, &body).await.status, 400);

    let list = format!("/certificates?{VERSION}");
    let list = call(&sandbox, "GET", &list, &[BEARER]).await.json();
    let seen = format!("{list}{:?}{sandbox:?}", sandbox.exchanges());
    for secret in [PASSWORD, DATA] {
        assert!(!seen.contains(secret), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_clients_that_add_at_once_one_succeeds() {
    let sandbox = start().await;
    let body = parameter().to_string();
    let length = body.len().to_string();
    let headers = [BEARER, ("Content-Length", &length), ("Content-Type", JSON)];
    let request = bytes("POST", &format!("/certificates?{VERSION}"), &headers, &body);
    let mut calls = Vec::new();
    for _ in 0..16 {
        let mut client = Client::connect(&sandbox).await;
        let request = request.clone();
        calls.push(tokio::spawn(async move {
            client.write(request).await;
            client.read(true).await.status
        }));
    }
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.or_fail());
    }
    statuses.sort_unstable();
    let mut expected = vec![409; 16];
    expected[0] = 201;
    assert_eq!(statuses, expected);
}
