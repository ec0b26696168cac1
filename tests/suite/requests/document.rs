//! Rows 11 and 12: what the documents say of requests is what is sent. They must notice a wrong media
//! type, a swapped, dropped or undocumented option, another default of the api-version, and metadata in
//! the generated code that is not the document's.

use std::{collections::BTreeSet, fs, time::Duration};

use conformance::{
    calls,
    wire::{Answer, Received, Recorder},
    world,
};
use serde_json::Value;
use thumbprint::batch;
use thumbprint_transport::Operation;
use xtask::model;

use super::{Call, OnCancelDeletion, OnDelete, PLAIN, values};

/// The media types of all answers, in the order in which the document has them first.
fn media_types(operation: &model::Operation) -> Vec<String> {
    let mut found = Vec::new();
    for media_type in operation
        .responses
        .iter()
        .flat_map(|response| &response.media_types)
    {
        if !found.contains(media_type) {
            found.push(media_type.clone());
        }
    }
    found
}

#[tokio::test]
async fn accept_is_the_documents_media_types() {
    for (call, known) in PLAIN.into_iter().zip(calls::ALL) {
        let operation = world::operation(known.operation);
        let request = call.record(calls::THUMBPRINT).await;
        let accept = media_types(&operation).join(", ");
        assert_eq!(
            values(&request, "accept"),
            [accept.as_str()],
            "{}",
            operation.id
        );
        assert_eq!(operation.request_media_type, None, "{}", operation.id);
        assert_eq!(
            values(&request, "content-type"),
            [""; 0],
            "{}",
            operation.id
        );
    }
}

/// The form of a parameter's values as the generated code should name it.
fn form(schema: &Value) -> String {
    let text = |key: &str| schema[key].as_str();
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        return format!("OneOf({words:?})");
    }
    if let Some(pattern) = text("pattern") {
        return format!("Pattern({pattern:?})");
    }
    match (text("type"), text("format")) {
        (Some("string"), Some("uuid")) => "Uuid",
        (Some("string"), Some("date-time-rfc1123")) => "HttpDate",
        (Some("string"), None) => "Text",
        (Some("boolean"), None) => "Boolean",
        (Some("integer"), Some("int32")) => "Int32",
        other => panic!("a parameter of the form {other:?}"),
    }
    .to_owned()
}

/// A document's operation, one fact a line.
fn documented(operation: &model::Operation) -> Vec<String> {
    let accept = media_types(operation);
    let accept = (!accept.is_empty()).then(|| accept.join(", "));
    let mut lines = vec![
        format!("{} {} {}", operation.id, operation.method, operation.path),
        format!(
            "accept {accept:?}, content type {:?}",
            operation.request_media_type
        ),
        format!(
            "secured {}, deprecated {}",
            operation.secured, operation.deprecated
        ),
    ];
    for parameter in &operation.parameters {
        let model::Parameter {
            name,
            location,
            required,
            schema,
        } = parameter;
        lines.push(format!(
            "{location} {name}, required {required}, {}",
            form(schema)
        ));
    }
    for response in &operation.responses {
        let mut headers: Vec<_> = response.headers.iter().map(|header| &header.name).collect();
        headers.sort();
        let media_type = response.media_types.first();
        lines.push(format!("{}: {media_type:?} {headers:?}", response.status));
    }
    lines
}

/// The generated code's operation, one fact a line.
fn generated(operation: &Operation) -> Vec<String> {
    let mut lines = vec![
        format!("{} {} {}", operation.id, operation.method, operation.path),
        format!(
            "accept {:?}, content type {:?}",
            operation.accept, operation.content_type
        ),
        format!(
            "secured {}, deprecated {}",
            operation.secured, operation.deprecated
        ),
    ];
    for parameter in operation.parameters {
        let location = format!("{:?}", parameter.location).to_lowercase();
        let (name, required, form) = (parameter.name, parameter.required, parameter.form);
        lines.push(format!("{location} {name}, required {required}, {form:?}"));
    }
    for answer in operation.answers {
        let mut headers = answer.headers.to_vec();
        headers.sort_unstable();
        let status = answer
            .status
            .map_or("default".to_owned(), |status| status.to_string());
        lines.push(format!("{status}: {:?} {headers:?}", answer.media_type));
    }
    lines
}

#[test]
fn the_generated_metadata_is_the_documents() {
    for (name, all, find) in [
        (
            "batch",
            thumbprint_batch::operations::ALL,
            thumbprint_batch::operations::find as fn(&str) -> Option<&'static Operation>,
        ),
        (
            "wap",
            thumbprint_wap::operations::ALL,
            thumbprint_wap::operations::find,
        ),
    ] {
        let operations = model::operations(&world::document(name)).unwrap();
        let expected: Vec<_> = operations.iter().map(documented).collect();
        let found: Vec<_> = all.iter().map(|operation| generated(operation)).collect();
        assert_eq!(found, expected, "{name}");
        // The transport looks an operation up by the name of the generated method.
        for operation in &operations {
            let found = find(&operation.method_name()).map(|found| found.id);
            assert_eq!(found, Some(operation.id.as_str()));
        }
        assert_eq!(find("unknown"), None);
    }
}

/// An option of an operation.
struct Choice<Set> {
    /// The facade's method.
    method: &'static str,
    /// Where it is sent.
    location: &'static str,
    /// Its name on the wire.
    name: &'static str,
    /// What is sent when `set` was called.
    value: &'static str,
    set: Set,
}

const CANCEL_DELETION: [Choice<OnCancelDeletion>; 4] = [
    Choice {
        method: "timeout",
        location: "query",
        name: "timeout",
        value: "17",
        set: |call| call.timeout(Duration::from_secs(17)),
    },
    Choice {
        method: "client_request_id",
        location: "header",
        name: "client-request-id",
        value: "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0",
        set: |call| call.client_request_id("9c4d50ee-2d56-4cd3-8152-34347dc9f2b0".parse().unwrap()),
    },
    Choice {
        method: "return_client_request_id",
        location: "header",
        name: "return-client-request-id",
        value: "true",
        set: |call| call.return_client_request_id(true),
    },
    Choice {
        method: "ocp_date",
        location: "header",
        name: "ocp-date",
        value: "Mon, 20 Nov 2023 10:11:12 GMT",
        set: |call| call.ocp_date("2023-11-20T10:11:12Z".parse().unwrap()),
    },
];

const DELETE: [Choice<OnDelete>; 3] = [
    Choice {
        method: "client_request_id",
        location: "header",
        name: "x-ms-client-request-id",
        value: "request 1",
        set: |call| call.client_request_id("request 1"),
    },
    Choice {
        method: "client_session_id",
        location: "header",
        name: "x-ms-client-session-id",
        value: "7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001",
        set: |call| call.client_session_id("7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001".parse().unwrap()),
    },
    Choice {
        method: "principal_live_id",
        location: "header",
        name: "x-ms-principal-liveid",
        value: "ana@live.example",
        set: |call| call.principal_live_id("ana@live.example"),
    },
];

/// Checks that the choices are all options that the document has and all that the facade has.
fn assert_complete<Set>(choices: &[Choice<Set>], id: &str, file: &str, call: &str) {
    let operation = world::operation(id);
    let optional = operation
        .parameters
        .iter()
        .filter(|parameter| !parameter.required);
    let documented: BTreeSet<_> = optional
        .map(|parameter| (parameter.location.as_str(), parameter.name.as_str()))
        .collect();
    let chosen = choices
        .iter()
        .map(|choice| (choice.location, choice.name))
        .collect();
    assert_eq!(documented, chosen, "{id}");
    assert_eq!(documented.len(), choices.len(), "{id}");

    // Rust cannot list a type's methods, so the source is read: an option that no document has would
    // otherwise go unseen. The deadline is the client's own and is not sent.
    let source =
        fs::read_to_string(xtask::root().join("crates/thumbprint/src").join(file)).unwrap();
    let (_, methods) = source
        .split_once(&format!("\nimpl {call}<'_> {{\n"))
        .unwrap();
    let (methods, _) = methods.split_once("\n}\n").unwrap();
    let setters = methods
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("pub fn "));
    let setters: BTreeSet<_> = setters
        .filter_map(|line| line.split_once('('))
        .map(|(name, _)| name)
        .collect();
    let methods = choices
        .iter()
        .map(|choice| choice.method)
        .chain(["deadline"]);
    assert_eq!(setters, methods.collect(), "{id}");
}

/// All headers and queries of a request, in order.
fn everything(request: &Received) -> Vec<(&'static str, String, String)> {
    let headers = request.headers.iter().cloned();
    let headers = headers.map(|(name, value)| ("header", name, value));
    let query = request.query().into_iter();
    let mut all: Vec<_> = headers
        .chain(query.map(|(name, value)| ("query", name, value)))
        .collect();
    all.sort();
    all
}

/// Whether a combination has a choice: combinations are counted, a choice a bit.
fn has(combination: usize, choice: usize) -> bool {
    combination >> choice & 1 == 1
}

/// Checks that the combinations, received in the order of their numbers, differ from the first, which
/// has no option, in exactly what was chosen.
fn assert_combinations<Set>(choices: &[Choice<Set>], recorder: &Recorder) {
    let received = recorder.received();
    assert_eq!(received.len(), 1 << choices.len());
    let plain = everything(&received[0]);
    for choice in choices {
        let sent = plain.iter().any(|(location, name, _)| {
            (*location, name.as_str()) == (choice.location, choice.name)
        });
        assert!(!sent, "{} is sent unasked", choice.name);
    }
    for (combination, request) in received.iter().enumerate() {
        let mut expected = plain.clone();
        let chosen = choices
            .iter()
            .enumerate()
            .filter(|(index, _)| has(combination, *index));
        expected.extend(chosen.map(|(_, choice)| {
            (
                choice.location,
                choice.name.to_owned(),
                choice.value.to_owned(),
            )
        }));
        expected.sort();
        assert_eq!(everything(request), expected, "combination {combination:b}");
        assert_eq!(request.path(), received[0].path());
    }
}

#[tokio::test]
async fn every_combination_of_a_cancellations_options() {
    assert_complete(
        &CANCEL_DELETION,
        "Certificate_CancelDeletion",
        "batch.rs",
        "CancelDeletion",
    );
    let recorder = Recorder::start([Answer::new(204, &[], "")]).await;
    let (account, thumbprint) = (calls::account(&recorder.base_url()), calls::thumbprint());
    for combination in 0..1 << CANCEL_DELETION.len() {
        let chosen = CANCEL_DELETION
            .iter()
            .enumerate()
            .filter(|(index, _)| has(combination, *index));
        let call = account.cancel_deletion(&thumbprint);
        chosen
            .fold(call, |call, (_, choice)| (choice.set)(call))
            .await
            .unwrap();
    }
    assert_combinations(&CANCEL_DELETION, &recorder);
}

#[tokio::test]
async fn every_combination_of_a_deletions_options() {
    assert_complete(&DELETE, "ManagementCertificate_Delete", "wap.rs", "Delete");
    let recorder = Recorder::start([Answer::new(200, &[], "{}")]).await;
    let (tenant, thumbprint) = (calls::tenant(&recorder.base_url()), calls::thumbprint());
    for combination in 0..1 << DELETE.len() {
        let chosen = DELETE
            .iter()
            .enumerate()
            .filter(|(index, _)| has(combination, *index));
        let call = tenant.delete(&thumbprint);
        chosen
            .fold(call, |call, (_, choice)| (choice.set)(call))
            .await
            .unwrap();
    }
    assert_combinations(&DELETE, &recorder);
}

#[tokio::test]
async fn the_api_version_is_the_documents_unless_set() {
    let operation = world::operation("Certificate_CancelDeletion");
    let of = |parameter: &&model::Parameter| parameter.name == "api-version";
    let default = &operation.parameters.iter().find(of).unwrap().schema["default"];
    // The version of the source page.
    assert_eq!(default, "2023-11-01.18.0");
    let query = |value: &str| vec![("api-version".to_owned(), value.to_owned())];
    let request = Call::CancelDeletion(|call| call)
        .record(calls::THUMBPRINT)
        .await;
    assert_eq!(request.query(), query(default.as_str().unwrap()));

    let recorder = Recorder::start([Answer::new(204, &[], "")]).await;
    let builder = batch::Client::builder(&recorder.base_url(), calls::TOKEN).allow_loopback_http();
    let account = builder.api_version("2024-07-01.20.0").build().unwrap();
    account.cancel_deletion(&calls::thumbprint()).await.unwrap();
    assert_eq!(recorder.only().query(), query("2024-07-01.20.0"));
    assert!(
        recorder
            .only()
            .target
            .ends_with("/canceldelete?api-version=2024-07-01.20.0")
    );
}
