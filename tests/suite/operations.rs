//! Rows 8, 11, 14, 20 and 24: what the generated clients know of their operations is what the documents say of them, read by
//! another reader than the generator's; and each operation asks for what its page asks for. Must notice an element of
//! an operation that only one of the two has: a parameter, its place or whether it has to be there, a media type, a
//! status, a header, a security scheme, a deprecation, the form of a value, a secret.

use std::collections::BTreeSet;

use conformance::{spec, world};
use serde_json::Value;
use thumbprint_transport::operation::{Location, Operation, SecurityScheme, ValueFormat};
use xtask::{document::members, root};

fn need(required: bool) -> &'static str {
    if required { "required" } else { "optional" }
}

fn shown(sensitive: bool) -> &'static str {
    if sensitive { "secret" } else { "shown" }
}

/// The form of a parameter's value: what a schema says beyond that it is a text.
fn form(schema: &Value) -> String {
    let text = |key: &str| schema[key].as_str();
    let words = schema["enum"].as_array();
    match (text("type"), text("format"), text("pattern"), words) {
        (.., Some(words)) => format!("one of {}", Value::from(words.clone())),
        (.., Some(pattern), None) => format!("pattern {pattern}"),
        (_, Some(format @ ("uuid" | "date-time-rfc1123" | "int32")), ..) => format.to_owned(),
        (Some("boolean"), ..) => "boolean".to_owned(),
        _ => "text".to_owned(),
    }
}

/// What a document says of an operation, a line each.
fn documented(operation: &spec::Operation) -> BTreeSet<String> {
    let id = spec::snake(operation.id.rsplit('_').next().unwrap_or_default());
    let mut said = vec![
        format!("operation {}", operation.id),
        format!("title {}", id.replace('_', " ")),
        format!("{} {}", operation.method, operation.path),
        format!("deprecated: {}", operation.deprecated),
        format!("security: {:?}", operation.security),
        format!("content type: {:?}", operation.request_media_type),
    ];
    for one in &operation.parameters {
        let subject = format!("{} {}", one.location, one.name);
        said.extend([
            format!("{subject}, {}", need(one.required)),
            format!("{subject}, {}", shown(one.schema["x-sensitive"] == true)),
            format!("{subject}: {}", form(&one.schema)),
        ]);
    }
    let secrets = operation.sensitive_body.iter();
    said.extend(secrets.map(|member| format!("body {member}, secret")));
    let types = operation.responses.iter().flat_map(|one| &one.media_types);
    let types: BTreeSet<_> = types.map(String::as_str).collect();
    said.extend(
        types
            .into_iter()
            .map(|media_type| format!("accept: {media_type}")),
    );
    for response in &operation.responses {
        let status = &response.status;
        said.push(format!(
            "answer {status}, {:?}",
            response.media_types.first()
        ));
        let headers = response.headers.iter();
        said.extend(headers.map(|header| format!("answer {status}, header {}", header.name)));
    }
    said.into_iter().collect()
}

/// What the generated code says of it, in the same lines.
fn generated(operation: &Operation) -> BTreeSet<String> {
    let scheme = |scheme: &SecurityScheme| match scheme {
        SecurityScheme::Bearer => "bearer".to_owned(),
        SecurityScheme::Header(name) => format!("header {name}"),
        other => format!("{other:?}"),
    };
    let alternatives = operation.security.iter();
    let mut security: Vec<Vec<_>> = alternatives
        .map(|schemes| schemes.iter().map(scheme).collect())
        .collect();
    if security.is_empty() && operation.secured {
        security.push(vec!["bearer".to_owned()]);
    }
    let mut said = vec![
        format!("operation {}", operation.id),
        format!("title {}", operation.title),
        format!("{} {}", operation.method, operation.path),
        format!("deprecated: {}", operation.deprecated),
        format!("security: {security:?}"),
        format!("content type: {:?}", operation.content_type),
    ];
    for one in operation.parameters {
        let place = match one.location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
        };
        let form = match one.format {
            ValueFormat::Text => "text".to_owned(),
            ValueFormat::Pattern(pattern) => format!("pattern {pattern}"),
            ValueFormat::OneOf(words) => format!("one of {}", Value::from(words.to_vec())),
            ValueFormat::Uuid => "uuid".to_owned(),
            ValueFormat::Boolean => "boolean".to_owned(),
            ValueFormat::Int32 => "int32".to_owned(),
            ValueFormat::HttpDate => "date-time-rfc1123".to_owned(),
            other => format!("{other:?}"),
        };
        let subject = format!("{place} {}", one.name);
        said.extend([
            format!("{subject}, {}", need(one.required)),
            format!("{subject}, {}", shown(one.sensitive)),
            format!("{subject}: {form}"),
        ]);
    }
    let secrets = operation.sensitive_body.iter();
    said.extend(secrets.map(|member| format!("body {member}, secret")));
    let types = operation
        .accept
        .into_iter()
        .flat_map(|accept| accept.split(", "));
    said.extend(types.map(|media_type| format!("accept: {media_type}")));
    for response in operation.responses {
        let status = match response.status {
            None => "default".to_owned(),
            Some(hundred) if hundred < 10 => format!("{hundred}XX"),
            Some(status) => status.to_string(),
        };
        said.push(format!("answer {status}, {:?}", response.media_type));
        said.extend(
            response
                .headers
                .iter()
                .map(|name| format!("answer {status}, header {name}")),
        );
    }
    said.into_iter().collect()
}

#[test]
fn generated_operations_say_what_the_documents_say() {
    let clients = [
        ("admin", thumbprint_admin::operations::ALL),
        ("batch", thumbprint_batch::operations::ALL),
        ("wap", thumbprint_wap::operations::ALL),
    ];
    let documents: Vec<_> = world::first_party(&root())
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(
        documents,
        clients.map(|(name, _)| name),
        "left: specs/, right: this test"
    );
    let mut wrong = Vec::new();
    for (name, all) in clients {
        let document = world::document(name);
        let operations = spec::operations(&document.value);
        for operation in &operations {
            let place = format!("{}#{}", document.file, operation.pointer);
            let code = all.iter().find(|one| one.id == operation.id);
            let (expected, found) = (
                documented(operation),
                code.map_or_else(BTreeSet::new, |code| generated(code)),
            );
            let lacking = expected.difference(&found);
            wrong.extend(lacking.map(|said| {
                format!("{place} says `{said}`, `operations` of thumbprint-{name} does not")
            }));
            let surplus = found.difference(&expected);
            wrong.extend(surplus.map(|said| {
                format!("`operations` of thumbprint-{name} says `{said}`, {place} does not")
            }));
        }
        let ids: BTreeSet<_> = operations.iter().map(|one| one.id.as_str()).collect();
        let surplus = all.iter().filter(|one| !ids.contains(one.id));
        wrong.extend(surplus.map(|one| {
            let (id, file) = (one.id, &document.file);
            format!("`operations` of thumbprint-{name} says `operation {id}`, {file} does not")
        }));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// By the pages: Batch takes a token of Entra or a key in `Authorization`, WAP a bearer token. The sandbox's own API asks for
/// nothing.
#[test]
fn each_operation_asks_for_what_its_page_asks_for() {
    for (name, expected) in [
        ("admin", &[][..]),
        ("batch", &["bearer", "header Authorization"]),
        ("wap", &["bearer"]),
    ] {
        let document = world::document(name);
        for operation in spec::operations(&document.value) {
            let alternatives: Vec<_> = operation.security.iter().map(|one| one.join("+")).collect();
            assert_eq!(
                alternatives, expected,
                "{}#{}: left is what the document asks for, right what the page does",
                document.file, operation.pointer
            );
        }
    }
}

#[test]
fn generated_servers_are_those_of_the_documents() {
    for (name, servers) in [
        ("admin", thumbprint_admin::SERVERS),
        ("batch", thumbprint_batch::SERVERS),
        ("wap", thumbprint_wap::SERVERS),
    ] {
        let document = world::document(name);
        let all = document.value["servers"].as_array().into_iter().flatten();
        let documented: Vec<_> = all
            .map(|server| {
                let mut url = server["url"].as_str().unwrap_or_default().to_owned();
                for (variable, value) in members(&server["variables"]) {
                    let default = value["default"].as_str().unwrap_or_default();
                    url = url.replace(&format!("{{{variable}}}"), default);
                }
                url
            })
            .collect();
        assert_eq!(
            servers, documented,
            "left: thumbprint-{name}, right: {}",
            document.file
        );
    }
}
