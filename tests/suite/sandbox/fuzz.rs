//! Values that violate what the document says, parameter by parameter and member by member, and random
//! ones from a fixed seed: the former are refused, and neither is ever the server's fault.

use conformance::{
    calls::{SUBSCRIPTION, WAP_EXAMPLE, WAP_THUMBPRINT},
    schema,
    spec::Operation,
};
use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};
use xtask::document::Document;

use super::{Checked, Request, required};

const NEW: &str = "00112233445566778899aabbccddeeff00112233";

async fn fresh() -> Checked {
    Checked::new(Sandbox::builder().strict(true).start().await.or_fail())
}

/// The certificate that a good request of the operation is about.
fn subject(operation: &Operation) -> &'static str {
    match operation.id.as_str() {
        "Certificate_CancelDeletion" => samples::BATCH_DELETE_FAILED,
        id if id.starts_with("Management") => WAP_THUMBPRINT,
        _ => samples::BATCH_ACTIVE,
    }
}

/// A good body, where the operation has one.
fn body(operation: &Operation) -> Option<Value> {
    match operation.id.as_str() {
        "Certificate_Add" => Some(json!({
            "thumbprint": NEW, "thumbprintAlgorithm": "sha1", "data": "YQ==",
            "certificateFormat": "pfx", "password": "p",
        })),
        "ManagementCertificate_Add" => {
            let mut body: Value = serde_json::from_str(WAP_EXAMPLE).or_fail();
            body.as_object_mut().or_fail().remove("TimeCreated");
            Some(body)
        }
        _ => None,
    }
}

fn good(operation: &Operation) -> Request {
    let request = Request::new(operation, &required(subject(operation), SUBSCRIPTION));
    match (body(operation), &operation.request_media_type) {
        (Some(body), Some(media_type)) => request.with_json(media_type, &body),
        _ => request,
    }
}

/// Values that a schema does not allow. A schema of free text has none.
fn violations(schema: &Value) -> Vec<String> {
    let long = "a".repeat(5000);
    #[rustfmt::skip]
    let texts: &[&str] = match (schema["type"].as_str(), schema["format"].as_str()) {
        _ if schema["pattern"].is_string() || schema["enum"].is_array() => &[
            "", " ", "x", "../..", "%2e%2e", "\u{e9}", "a\0b", "a/b", "sha256", "SHA1", "(x)", &long,
        ],
        (Some("integer"), _) => &[
            "", " 1", "1 ", "x", "1.5", "0x1", "+1", "1e3", "2147483648", "-2147483649", "\u{661}", &long,
        ],
        (Some("boolean"), _) => &["", "yes", "1", "0", "TRUE", "False", "null", &long],
        (_, Some("uuid")) => &[
            "", "x", "{9c4d50ee-2d56-4cd3-8152-34347dc9f2b0}", "9c4d50ee2d564cd3815234347dc9f2b0",
            "urn:uuid:9c4d50ee-2d56-4cd3-8152-34347dc9f2b0", "9c4d50ee-2d56-4cd3-8152-34347dc9f2b", &long,
        ],
        (_, Some("date-time-rfc1123")) => &[
            "", "x", "2023-11-20T10:11:12Z", "Tue, 20 Nov 2023 10:11:12 GMT", "Mon, 20 Nov 2023 25:11:12 GMT",
            "Mon, 20 Nov 2023 10:11:12 +0000", "Mon, 20 Nov 2023 10:11:12 CET", &long,
        ],
        _ => &[],
    };
    let mut values: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    if schema["minLength"] == 1 {
        values.push(String::new());
    }
    if let Some(least) = schema["minimum"].as_i64() {
        values.extend([(least - 1).to_string(), i32::MIN.to_string()]);
    }
    if let Some(most) = schema["maximum"].as_i64() {
        values.extend([(most + 1).to_string(), i32::MAX.to_string()]);
    }
    values
}

/// A request with one parameter's value set. `None` where it cannot be sent at all.
fn with(operation: &Operation, location: &str, name: &str, value: Option<&str>) -> Option<Request> {
    let text = value.unwrap_or_default();
    let sendable =
        |byte: u8| byte == b' ' || byte == b'\t' || byte.is_ascii_graphic() || byte > 127;
    match location {
        // White space around a header's value is not a part of it, and an empty segment is another path.
        "header" if text.trim() != text || !text.bytes().all(sendable) => return None,
        "path" if value.is_none() => return None,
        _ => {}
    }
    let base = required(subject(operation), SUBSCRIPTION);
    let set = |at: &str, other: &str| {
        if (at, other) == (location, name) {
            value.map(str::to_owned)
        } else {
            base(at, other)
        }
    };
    let request = Request::new(operation, &set);
    Some(match (body(operation), &operation.request_media_type) {
        (Some(body), Some(media_type)) => request.with_json(media_type, &body),
        _ => request,
    })
}

#[tokio::test]
async fn each_violation_of_a_parameter_is_refused() {
    let checked = fresh().await;
    let mut tried = 0;
    for (_, operation) in &checked.operations {
        for parameter in &operation.parameters {
            let (location, name) = (parameter.location.as_str(), parameter.name.as_str());
            let mut values: Vec<_> = violations(&parameter.schema)
                .into_iter()
                .map(Some)
                .collect();
            if parameter.required {
                values.push(None);
            }
            for value in values {
                let Some(request) = with(operation, location, name, value.as_deref()) else {
                    continue;
                };
                let answer = checked.send(&operation.id, &request).await;
                let shown: String = value.unwrap_or("nothing".into()).chars().take(50).collect();
                let row = format!("{} {location} {name} = {shown:?}", operation.id);
                assert!(
                    (400..500).contains(&answer.status),
                    "{row}, expected a 4xx: {answer}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried}");
    // None of them did anything: what is good still finds its certificates as they were.
    for (_, operation) in &checked.operations {
        if operation.id != "ManagementCertificate_Add" {
            let answer = checked.send(&operation.id, &good(operation)).await;
            assert!(answer.status < 300, "{}: {answer:?}", operation.id);
        }
    }
}

#[tokio::test]
async fn a_parameter_that_is_there_twice_is_refused() {
    let checked = fresh().await;
    for (_, operation) in &checked.operations {
        let request = good(operation);
        for (index, pair) in request.query.iter().enumerate() {
            let mut twice = request.clone();
            twice.query.insert(index, pair.clone());
            let answer = checked.send(&operation.id, &twice).await;
            assert_eq!(answer.status, 400, "{} {pair:?} twice", operation.id);
        }
        for pair in &request.headers {
            let mut twice = request.clone();
            twice.headers.push(pair.clone());
            let answer = checked.send(&operation.id, &twice).await;
            assert!(
                (400..500).contains(&answer.status),
                "{} {pair:?} twice",
                operation.id
            );
        }
    }
}

/// Bodies that a schema does not allow: without each required member, and with each member empty and of
/// each other type.
fn bad_bodies(document: &Document, schema: &Value, good: &Value) -> Vec<Value> {
    let others = [
        Value::Null,
        json!(true),
        json!(7),
        json!(""),
        json!("\u{e9}"),
        json!([]),
        json!({}),
        json!([{}]),
    ];
    let mut bodies: Vec<Value> = others.to_vec();
    let required = schema["required"].as_array().or_fail();
    for member in good.as_object().or_fail().keys() {
        let mut without = good.clone();
        without.as_object_mut().or_fail().remove(member);
        bodies.push(without);
        // A null in place of an optional member is as good as none to every reader.
        let optional = !required.contains(&json!(member));
        for other in others.iter().skip(usize::from(optional)) {
            let mut changed = good.clone();
            changed[member] = other.clone();
            bodies.push(changed);
        }
    }
    bodies.retain(|body| !schema::problems(document, schema, body).is_empty());
    bodies
}

#[tokio::test]
async fn each_violation_of_a_body_is_refused() {
    let checked = fresh().await;
    let mut tried = 0;
    for (document, operation) in &checked.operations {
        let (Some(whole), Some(media_type)) = (body(operation), &operation.request_media_type)
        else {
            continue;
        };
        let item = &document.value["paths"][&operation.path][operation.method.to_lowercase()];
        let content = &item["requestBody"]["content"][media_type]["schema"];
        let target = document.resolve(content).or_fail();
        assert_eq!(schema::problems(document, target, &whole), [""; 0]);
        let mut texts: Vec<Vec<u8>> = bad_bodies(document, target, &whole)
            .iter()
            .map(|body| body.to_string().into_bytes())
            .collect();
        let text = whole.to_string();
        texts.extend([
            Vec::new(),
            b"\xff\xfe".to_vec(),
            text.as_bytes()[..text.len() - 1].to_vec(),
            [text.as_bytes(), b"x"].concat(),
            "[".repeat(100_000).into_bytes(),
            b"<xml/>".to_vec(),
        ]);
        for text in texts {
            let mut request = good(operation);
            let shown = text[..text.len().min(200)].escape_ascii().to_string();
            request.body = Some(text);
            let answer = checked.send(&operation.id, &request).await;
            assert!(
                (400..500).contains(&answer.status),
                "{} {shown}: {}",
                operation.id,
                answer.status
            );
            tried += 1;
        }
        for media_type in [
            "text/plain",
            "application/xml",
            "",
            "x",
            "application/jsonp",
        ] {
            let mut request = good(operation);
            request.headers.retain(|(name, _)| name != "Content-Type");
            request
                .headers
                .push(("Content-Type".into(), media_type.into()));
            let answer = checked.send(&operation.id, &request).await;
            assert!(
                (400..500).contains(&answer.status),
                "{} {media_type}: {}",
                operation.id,
                answer.status
            );
        }
    }
    assert!(tried > 50, "{tried}");
    assert_eq!(checked.sandbox.batch_state(NEW), None);
    assert_eq!(
        checked.sandbox.batch_state(samples::BATCH_ACTIVE),
        Some(CertificateState::Active)
    );
}

/// A text of what grammars are made of.
fn text(random: &mut fastrand::Rng) -> String {
    #[rustfmt::skip]
    const PARTS: [&str; 28] = [
        "state", "eq", "'active'", "'", "(", ")", " ", ",", "and", "or", "not", "stateTransitionTime", "gt",
        "2023-01-01T00:00:00Z", "0", "9", "-1", "99999999999", "sha1", "true", "\u{e9}", "\u{1f511}", "%",
        "/", "..", "0123456789abcdef0123456789abcdef01234567", "thumbprint", "{\"a\":[",
    ];
    let length = random.usize(..9);
    (0..length)
        .map(|_| PARTS[random.usize(..PARTS.len())])
        .collect()
}

#[tokio::test]
async fn random_values_are_never_the_servers_fault() {
    let checked = fresh().await;
    let mut random = fastrand::Rng::with_seed(0x9c4d_50ee_2d56_4cd3);
    for round in 0..60 {
        for (_, operation) in &checked.operations {
            let mut texts: Vec<_> = operation
                .parameters
                .iter()
                .map(|parameter| (parameter.name.clone(), text(&mut random), random.usize(..3)))
                .collect();
            let base = required(subject(operation), SUBSCRIPTION);
            let value = |location: &str, name: &str| {
                let (_, text, kind) = texts.iter().find(|(other, ..)| other == name).or_fail();
                let printable = text.trim() == text && text.bytes().all(|byte| byte >= b' ');
                match kind {
                    0 if location != "header" || printable => Some(text.clone()),
                    1 if location == "query" && name != "api-version" => Some(text.clone()),
                    _ => base(location, name),
                }
            };
            let mut request = Request::new(operation, &value);
            texts.clear();
            if let (Some(body), Some(media_type)) = (body(operation), &operation.request_media_type)
            {
                request = request.with_json(media_type, &body);
                let bytes = request.body.as_mut().or_fail();
                for _ in 0..random.usize(..4) {
                    let at = random.usize(..bytes.len());
                    bytes[at] = random.u8(..);
                }
            }
            let answer = checked.send(&operation.id, &request).await;
            assert!(
                answer.status < 500,
                "round {round}, {}, expected no 5xx: {answer}\n{request:?}",
                operation.id
            );
        }
    }
}
