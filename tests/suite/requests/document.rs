//! Row 11: what the documents say of requests is what is sent. It must notice a wrong media type, another
//! default of the api-version, and metadata in the generated code that is not the document's.

use conformance::{
    calls::{self, Clients},
    world,
};
use serde_json::Value;
use test_support::RawServer;
use thumbprint::batch;
use thumbprint_transport::Operation;
use xtask::model;

use super::plain;

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
async fn accept_and_content_type_are_the_documents_media_types() {
    for call in &calls::ALL {
        let operation = world::operation(call.operation);
        let request = plain(call).await;
        let accept = media_types(&operation).join(", ");
        assert_eq!(
            request.values("accept"),
            [accept.as_str()],
            "{}",
            operation.id
        );
        let media_type: Vec<_> = operation.request_media_type.iter().collect();
        assert_eq!(
            request.values("content-type"),
            media_type,
            "{}",
            operation.id
        );
        assert_eq!(
            request.body.is_empty(),
            media_type.is_empty(),
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
            ..
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

#[tokio::test]
async fn the_api_version_is_the_documents_unless_set() {
    let sent = |query: Vec<(String, String)>| -> Vec<String> {
        let versions = query.into_iter().filter(|(name, _)| name == "api-version");
        versions.map(|(_, version)| version).collect()
    };
    for call in calls::ALL.iter().filter(|call| call.api() == "batch") {
        let operation = world::operation(call.operation);
        let of = |parameter: &&model::Parameter| parameter.name == "api-version";
        let default = &operation.parameters.iter().find(of).unwrap().schema["default"];
        // The version of the source pages.
        assert_eq!(default, "2023-11-01.18.0", "{}", call.operation);
        let request = plain(call).await;
        assert_eq!(sent(request.query()), [default.as_str().unwrap()]);

        let recorder = RawServer::start([call.good()]).await;
        let base = recorder.base_url();
        let builder = batch::Client::builder(&base, calls::TOKEN).allow_loopback_http();
        let clients = Clients {
            batch: builder.api_version("2024-07-01.20.0").build().unwrap(),
            ..Clients::at(&base)
        };
        (call.run)(clients, None).await.unwrap();
        let request = recorder.only();
        assert_eq!(sent(request.query()), ["2024-07-01.20.0"]);
        assert_eq!(
            request.target,
            plain(call)
                .await
                .target
                .replace("2023-11-01.18.0", "2024-07-01.20.0")
        );
    }
}
