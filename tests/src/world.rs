//! The documents, and what they allow.

use std::{path::Path, sync::LazyLock};

use test_support::{OrFail as _, Received};
use xtask::{document::Document, root};

use crate::{
    schema::text_problems,
    spec::{self, Operation, Parameter},
};

/// The documents that people write here, of the workspace in a folder.
///
/// # Panics
/// If one cannot be read.
#[must_use]
pub fn first_party(root: &Path) -> Vec<Document> {
    let mut all = Document::load_all(root, &[]).or_fail();
    all.retain(Document::is_first_party);
    all
}

/// Those of them that the facade has a module for. The others have no calls, no pages of a vendor and no
/// handlers in the sandbox to hold them to, and need nothing of the kind.
///
/// # Panics
/// If one cannot be read.
#[must_use]
pub fn services(root: &Path) -> Vec<Document> {
    let mut all = first_party(root);
    all.retain(|document| {
        let module = format!("crates/thumbprint/src/{}.rs", document.name);
        root.join(module).is_file()
    });
    all
}

/// The documents of this workspace, read once: without optimisation that takes a while.
static DOCUMENTS: LazyLock<Vec<Document>> = LazyLock::new(|| first_party(&root()));
static OPERATIONS: LazyLock<Vec<(String, Operation)>> =
    LazyLock::new(|| operations_of(documents()));

/// The [`services`] of this workspace.
#[must_use]
pub fn documents() -> Vec<Document> {
    services(&root())
}

/// The document of one API.
///
/// # Panics
/// If there is none that people write here.
#[must_use]
pub fn document(name: &str) -> Document {
    let found = DOCUMENTS.iter().find(|document| document.name == name);
    found
        .unwrap_or_else(|| panic!("specs/ has no document {name} of ours"))
        .clone()
}

/// All operations of the [`services`], each with its API's name.
#[must_use]
pub fn operations() -> Vec<(String, Operation)> {
    OPERATIONS.clone()
}

/// All operations of some documents, each with its API's name.
#[must_use]
pub fn operations_of(documents: Vec<Document>) -> Vec<(String, Operation)> {
    let of = |document: Document| {
        let operations = spec::operations(&document.value).into_iter();
        operations.map(move |operation| (document.name.clone(), operation))
    };
    documents.into_iter().flat_map(of).collect()
}

/// One operation, by its id.
///
/// # Panics
/// If no document has it.
#[must_use]
pub fn operation(id: &str) -> Operation {
    let found = OPERATIONS.iter().find(|(_, operation)| operation.id == id);
    let found = found.unwrap_or_else(|| panic!("no document in specs/ has the operation {id}"));
    found.1.clone()
}

/// Headers that HTTP itself or the transport adds to every request.
pub const TRANSPORT_HEADERS: [&str; 5] = [
    "host",
    "user-agent",
    "accept",
    "authorization",
    "content-length",
];

/// What a request holds that its operation does not declare, or lacks that it requires, and values that do not fit their
/// schema. The document is the whole world: nothing else may be sent but what the transport is allowed to add.
///
/// # Panics
/// If the document has no schema of a parameter.
#[must_use]
pub fn undeclared(operation: &Operation, request: &Received) -> Vec<String> {
    let mut found = Vec::new();
    if request.method != operation.method {
        found.push(format!("method {}", request.method));
    }
    let declared = |location: &str, name: &str| {
        operation.parameters.iter().any(|parameter| {
            parameter.location == location && parameter.name.eq_ignore_ascii_case(name)
        })
    };
    let query = request.query();
    found.extend(
        query
            .iter()
            .filter(|(name, _)| !declared("query", name))
            .map(|(name, _)| format!("query {name}")),
    );
    for (name, _) in &request.headers {
        let body = name == "content-type" && !request.body.is_empty();
        if !declared("header", name) && !TRANSPORT_HEADERS.contains(&name.as_str()) && !body {
            found.push(format!("header {name}"));
        }
    }
    match (&operation.request_media_type, request.body.is_empty()) {
        (None, false) => found.push("a body".to_owned()),
        // Where a document has a body at all, it requires it.
        (Some(_), true) => found.push("no body".to_owned()),
        _ => {}
    }
    let sent = |parameter: &Parameter| match parameter.location.as_str() {
        "query" => query.iter().any(|(name, _)| *name == parameter.name),
        "header" => request
            .header(&parameter.name.to_ascii_lowercase())
            .is_some(),
        _ => true,
    };
    found.extend(
        operation
            .parameters
            .iter()
            .filter(|parameter| parameter.required && !sent(parameter))
            .map(|parameter| format!("no {}", parameter.name)),
    );
    for parameter in &operation.parameters {
        let (place, name) = (&parameter.location, &parameter.name);
        let values = match place.as_str() {
            "query" => query
                .iter()
                .filter(|(sent, _)| sent == name)
                .map(|(_, value)| value.clone())
                .collect(),
            "header" => {
                let values = request.values(&name.to_ascii_lowercase());
                values.into_iter().map(str::to_owned).collect()
            }
            _ => Vec::from_iter(in_path(&operation.path, request.path(), name)),
        };
        if values.len() > 1 {
            found.push(format!("{place} {name} twice"));
        } else if let [value] = &values[..]
            && !text_problems(&parameter.schema, value).is_empty()
        {
            found.push(format!("{place} {name} is {value:?}"));
        }
        if place == "path" && values.is_empty() {
            found.push(format!("path {}", request.path()));
        }
    }
    found
}

/// What stands in a path where the template has a placeholder; `None` if it is not of that template.
fn in_path(template: &str, path: &str, name: &str) -> Option<String> {
    let (mut rest, mut found) = (path, None);
    let mut pieces = template.split('{');
    rest = rest.strip_prefix(pieces.next()?)?;
    for piece in pieces {
        let (placeholder, literal) = piece.split_once('}')?;
        let end = if literal.is_empty() {
            rest.len()
        } else {
            rest.find(literal)?
        };
        if placeholder == name {
            found = Some(rest[..end].to_owned());
        }
        rest = &rest[end + literal.len()..];
    }
    found.filter(|_| rest.is_empty())
}
