//! Rows 8, 11, 14, 20 and 24: what the generated clients know of their operations is what the documents say of them, read by
//! another reader than the generator's; and each operation asks for what its page asks for. Must notice an element of
//! an operation that only one of the two has: a parameter, its place or whether it has to be there, a media type, a
//! status, a header, a security scheme, a deprecation.

use std::collections::BTreeSet;

use conformance::{spec, world};
use thumbprint_transport::operation::{Location, Operation, SecurityScheme};
use xtask::root;

fn need(required: bool) -> &'static str {
    if required { "required" } else { "optional" }
}

/// What a document says of an operation, a line each.
fn documented(operation: &spec::Operation) -> BTreeSet<String> {
    let mut said = vec![
        format!("{} {}", operation.method, operation.path),
        format!("deprecated: {}", operation.deprecated),
        format!("security: {:?}", operation.security),
        format!("content type: {:?}", operation.request_media_type),
    ];
    said.extend(
        operation
            .parameters
            .iter()
            .map(|one| format!("{} {}, {}", one.location, one.name, need(one.required))),
    );
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
        format!("{} {}", operation.method, operation.path),
        format!("deprecated: {}", operation.deprecated),
        format!("security: {security:?}"),
        format!("content type: {:?}", operation.content_type),
    ];
    said.extend(operation.parameters.iter().map(|one| {
        let place = match one.location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
        };
        format!("{place} {}, {}", one.name, need(one.required))
    }));
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
            let Some(code) = all.iter().find(|one| one.id == operation.id) else {
                wrong.push(format!(
                    "{place}: thumbprint-{name} has no `{}`",
                    operation.id
                ));
                continue;
            };
            let (expected, found) = (documented(operation), generated(code));
            let lacking = expected.difference(&found);
            wrong.extend(lacking.map(|said| {
                format!("{place} says `{said}`, `operations` of thumbprint-{name} does not")
            }));
            let surplus = found.difference(&expected);
            wrong.extend(surplus.map(|said| {
                format!("`operations` of thumbprint-{name} says `{said}`, {place} does not")
            }));
        }
        assert_eq!(
            all.len(),
            operations.len(),
            "left: thumbprint-{name}, right: {}",
            document.file
        );
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
