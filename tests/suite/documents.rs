//! Rows 1 to 3: the documents are valid, say what the source pages say, and name their sources. They must
//! notice a removed operation id, a broken reference, a bad example, a dropped header, a flipped
//! requiredness, an invented element, an element without a source.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use conformance::world;
use serde_json::{Value, json};
use xtask::{
    document::Document,
    lint,
    problem::Problem,
    root,
    trace::{self, facts},
};

#[test]
fn the_documents_have_no_problem() {
    no_problem(&root());
}

/// Of the documents in a workspace.
pub(crate) fn no_problem(root: &Path) {
    for document in world::first_party(root) {
        assert_eq!(lint::problems(&document), [], "{}", document.file);
    }
}

/// Row 2. tests/facts holds what a person took from each page, and below it what the document adds to
/// the pages; specs/README.md has the reasons for the latter. A document whose API has no facade needs no such file.
// Facts: scheme azure_auth: *
#[test]
fn the_documents_say_what_the_pages_say() {
    as_the_pages(&root());
}

/// Of the documents in a workspace.
pub(crate) fn as_the_pages(root: &Path) {
    let services: BTreeSet<_> = world::services(root)
        .into_iter()
        .map(|one| one.name)
        .collect();
    for document in world::first_party(root) {
        let file = format!("tests/facts/{}.txt", document.name);
        if !services.contains(&document.name) && !root.join(&file).exists() {
            continue;
        }
        let table = fs::read_to_string(root.join(&file))
            .unwrap_or_else(|error| panic!("{file}, what the pages say: {error}"));
        let expected: BTreeSet<_> = trace::documented(&table).collect();
        let facts = facts::of(&document);
        let found: BTreeSet<_> = facts.iter().map(|fact| fact.text.as_str()).collect();
        let missing = expected.difference(&found);
        let missing = missing.map(|fact| {
            format!(
                "{fact}\n    {file} has it from the page; {} does not say it",
                document.file
            )
        });
        let invented = facts
            .iter()
            .filter(|fact| !expected.contains(fact.text.as_str()));
        let invented = invented.map(|fact| {
            format!(
                "{}\n    {}#{} says it; {file} has no such fact of the page, nor of what goes beyond it",
                fact.text, document.file, fact.pointer
            )
        });
        let differences: Vec<_> = missing.chain(invented).collect();
        assert!(differences.is_empty(), "\n{}", differences.join("\n"));
    }
}

/// What a mutation does to a document.
enum Change {
    Remove(&'static str),
    Set(&'static str, Value),
}
use Change::{Remove, Set};
use test_support::OrFail as _;

const CANCEL: &str = "/paths/~1certificates(thumbprintAlgorithm={thumbprintAlgorithm},thumbprint={thumbprint})~1canceldelete/post";

fn mutated(name: &str, change: &Change) -> Document {
    let mut document = world::document(name);
    let (pointer, value) = match change {
        Remove(pointer) => (pointer, None),
        Set(pointer, value) => (pointer, Some(value.clone())),
    };
    let pointer = pointer.replace("CANCEL", CANCEL);
    let (parent, key) = pointer.rsplit_once('/').or_fail();
    let parent = Arc::make_mut(&mut document.value)
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("no {parent}"));
    let key = key.replace("~1", "/");
    match value {
        Some(value) => parent[&key] = value,
        None => assert!(
            parent.as_object_mut().or_fail().remove(&key).is_some(),
            "no {pointer}"
        ),
    }
    document
}

#[test]
fn the_lint_notices_what_is_wrong() {
    #[rustfmt::skip]
    let rows = [
        (Remove("CANCEL/operationId"), "no `operationId`"),
        (Remove("CANCEL/summary"), "no `summary`"),
        (Remove("CANCEL/description"), "no `description`"),
        (Remove("CANCEL/x-replaced-by"), "x-replaced-by"),
        (Remove("CANCEL/responses/204"), "no success"),
        (Remove("/servers"), "no server"),
        (Remove("/components/parameters/timeout/description"), "no `description`"),
        (Remove("/components/parameters/timeout/x-source"), "no `x-source`"),
        (Remove("/components/parameters/timeout"), "leads nowhere"),
        (Remove("/components/schemas/Thumbprint/pattern"), "steer the request"),
        (Remove("/components/headers/ETag/schema"), "no `schema`"),
        (Remove("/components/headers/ETag/x-source"), "no `x-source`"),
        (Remove("/components/schemas/BatchError/properties/code/x-source"), "no `x-source`"),
        (Remove("/components/schemas/BatchError/properties/values/items"), "array without `items`"),
        (Remove("/components/securitySchemes/azure_auth"), "no security scheme"),
        (Set("/openapi", json!("3.1.0")), "not a version 3.0"),
        (Set("/paths", json!({})), "no operation"),
        (Set("CANCEL/requried", json!(true)), "OpenAPI has no `requried`"),
        (Set("CANCEL/x-source", json!("elsewhere")), "not among `x-sources`"),
        (Set("CANCEL/description", json!("See https://example.com")), "a bare URL"),
        (Set("CANCEL/description", json!("a list[0]")), "a bracket"),
        (Set("CANCEL/description", json!("the <Thumbprint>")), "an angle bracket"),
        (Set("CANCEL/parameters", json!([])), "the operation declares {}"),
        (Set("/components/parameters/thumbprint/required", json!(false)), "required: true"),
        (Set("/components/parameters/timeout/in", json!("cookie")), "`in: cookie`"),
        (Set("/components/parameters/timeout/schema", json!({"type": "integer"})), "in place"),
        (Set("/components/schemas/Timeout/default", json!("30")), "does not fit its schema"),
        (Set("/components/schemas/Timeout/type", json!("int")), "`type` is none of"),
        (Set("/components/schemas/BatchError/required", json!(["kode"])), "not among its properties"),
        (Set("/components/responses/BatchError/content/application~1json/example/code", json!(7)), "does not fit its schema"),
        (Set("/components/responses/BatchError/content/application~1json/schema/$ref", json!("#/nowhere")), "leads nowhere"),
    ];
    for (change, expected) in rows {
        let document = mutated("batch", &change);
        let problems: Vec<_> = lint::problems(&document)
            .iter()
            .map(ToString::to_string)
            .collect();
        let (Remove(pointer) | Set(pointer, _)) = change;
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{pointer}: wanted {expected:?}, got {problems:#?}"
        );
        assert!(
            problems
                .iter()
                .all(|problem| problem.starts_with("specs/batch.yaml:"))
        );
    }
}

/// Every value that stands beside its schema fits it.
#[test]
fn the_lint_validates_examples() {
    let schema = |rest: &str| format!("/components/schemas/{rest}");
    #[rustfmt::skip]
    let rows = [
        ("/components/parameters/timeout/example".to_owned(), json!("soon"), "not of type \"integer\""),
        ("/components/parameters/timeout/example".to_owned(), json!(4_000_000_000_u64), "greater than the maximum"),
        ("/components/parameters/timeout/examples".to_owned(), json!({"one": {"value": 1.5}}), "not of type \"integer\""),
        ("/components/parameters/thumbprint/example".to_owned(), json!("xyz"), "does not match"),
        ("/components/parameters/ocp-date/example".to_owned(), json!("2023-11-20T10:11:12Z"), "date-time-rfc1123"),
        ("/components/headers/request-id/example".to_owned(), json!("1"), "is not a \"uuid\""),
        ("/components/headers/ETag/examples".to_owned(), json!({"a": {"value": 1}}), "not of type \"string\""),
        (
            "CANCEL/responses/204/headers/X".to_owned(),
            json!({"description": "d", "x-source": "get", "schema": {"type": "boolean"}, "example": "true"}),
            "not of type \"boolean\"",
        ),
        (schema("MaxResults/default"), json!(0), "less than the minimum"),
        (schema("MaxResults/exclusiveMinimum"), json!({"not": "a flag"}), "its schema is none"),
        (schema("Certificate/properties/thumbprint/example"), json!(1), "not of type \"string\""),
        (schema("Certificate/properties/stateTransitionTime/example"), json!("today"), "is not a \"date-time\""),
        (schema("Certificate/example"), json!({"state": "lost"}), "is not one of"),
        (schema("CertificateState/enum"), json!(["active", 7]), "7 is not of type"),
        (schema("BatchError/allOf"), json!([{"type": "integer", "default": "x"}]), "not of type \"integer\""),
        (schema("BatchError/additionalProperties"), json!({"type": "string", "example": 1}), "not of type \"string\""),
        (
            "/components/responses/BatchError/content/application~1json/examples".to_owned(),
            json!({"a": {"value": {}}}),
            "`example` beside `examples`",
        ),
        ("/servers/0/variables/batchUrl/enum".to_owned(), json!(["https://other"]), "is not among its `enum`"),
    ];
    for (pointer, value, expected) in rows {
        let mut document = world::document("batch");
        let pointer = pointer.replace("CANCEL", CANCEL);
        let (parent, key) = pointer.rsplit_once('/').or_fail();
        let whole = Arc::make_mut(&mut document.value);
        whole.pointer_mut(parent).or_fail()[key] = value;
        let problems: Vec<_> = lint::problems(&document)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{pointer}: wanted {expected:?}, got {problems:#?}"
        );
        // It is no rule of ours.
        assert!(!lint::invalid(&document).is_empty(), "{pointer}");
    }
    // What 3.0 writes otherwise than JSON Schema is understood.
    for (bounds, fits) in [
        (json!({"minimum": 1, "exclusiveMinimum": true}), false),
        (json!({"minimum": 1, "exclusiveMinimum": false}), true),
    ] {
        let mut document = world::document("batch");
        let whole = Arc::make_mut(&mut document.value);
        let schema = &mut whole["components"]["schemas"]["MaxResults"];
        schema["default"] = json!(1);
        for (key, value) in xtask::document::members(&bounds) {
            schema[key] = value.clone();
        }
        assert_eq!(lint::problems(&document).is_empty(), fits, "{bounds}");
    }
    let mut document = world::document("batch");
    Arc::make_mut(&mut document.value)["components"]["schemas"]["BatchError"]["properties"]["values"]
        ["example"] = Value::Null;
    assert_eq!(lint::problems(&document), []);
}

/// A rule for first-party documents is broken: that is no matter of OpenAPI.
#[test]
fn validity_is_told_from_first_party_rules() {
    for change in [
        Remove("CANCEL/summary"),
        Remove("CANCEL/x-source"),
        Remove("/components/headers/ETag/description"),
        Remove("/servers"),
    ] {
        let document = mutated("batch", &change);
        assert_eq!(lint::invalid(&document), []);
        assert_ne!(lint::problems(&document), []);
    }
    for change in [
        Remove("CANCEL/operationId"),
        Remove("/components/parameters/timeout"),
        Set("/openapi", json!("3.1.0")),
    ] {
        assert_ne!(lint::invalid(&mutated("batch", &change)), []);
    }
}

#[test]
fn problems_and_notes_name_the_line() {
    let text = fs::read_to_string(root().join("specs/batch.yaml")).or_fail();
    let line = text
        .lines()
        .position(|line| line.contains("default: 1000"))
        .or_fail();
    let text = text.replace("default: 1000", "default: many");
    let document = Document::parse("batch", "specs/batch.yaml", &text).or_fail();
    let problems = lint::problems(&document);
    let expected = format!(
        "specs/batch.yaml:{}#/components/schemas/MaxResults/default: does not fit",
        line + 1
    );
    assert!(
        problems.len() == 1 && problems[0].to_string().starts_with(&expected),
        "{problems:#?}"
    );

    let warning = Problem::new("/info/version", "it is lost");
    let line = text
        .lines()
        .position(|line| line.starts_with("  version:"))
        .or_fail()
        + 1;
    let report = lint::report(&document, &[warning]);
    assert_eq!(
        report,
        format!(
            "specs/batch.yaml:{line}#/info/version: note: it is lost\nspecs/batch.yaml: no problem, 1 note\n"
        )
    );
    assert_eq!(
        lint::report(&document, &[]),
        "specs/batch.yaml: no problem\n"
    );
}

/// Row 3, for every element that names a source: without it, it is noticed.
#[test]
fn every_source_is_needed() {
    fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
        for (key, value) in xtask::document::members(value) {
            pointers(value, &xtask::document::join(at, key), found);
        }
        for (index, value) in value.as_array().into_iter().flatten().enumerate() {
            pointers(value, &format!("{at}/{index}"), found);
        }
        if value.get("x-source").is_some() && value.get("x-inferred").is_none() {
            found.push(at.to_owned());
        }
    }
    for document in world::first_party(&root()) {
        let mut found = Vec::new();
        pointers(&document.value, "", &mut found);
        assert!(
            !found.is_empty(),
            "{}: no element has an `x-source`",
            document.file
        );
        // An element without its source is no reason not to look at the others.
        let mut without = document.clone();
        for pointer in &found {
            let element = Arc::make_mut(&mut without.value).pointer_mut(pointer);
            let element = element.and_then(Value::as_object_mut);
            element.expect("it was found there").remove("x-source");
        }
        let problems = lint::problems(&without);
        let noticed: BTreeSet<_> = problems.iter().map(|one| one.pointer.as_str()).collect();
        for pointer in found {
            // Tags, examples and the items of an array are not elements that a caller meets; everything else is.
            let exempt = pointer.starts_with("/tags/")
                || pointer.contains("/x-examples/")
                || pointer.ends_with("/items");
            assert!(
                noticed.contains(pointer.as_str()) || exempt,
                "{}#{pointer}: without its `x-source`, expected a problem there; the lint has none",
                document.file
            );
        }
    }
}

#[test]
fn what_is_no_document_is_refused_with_its_name() {
    for (text, expected) in [
        ("", "its root is no mapping"),
        ("- a\n", "no mapping"),
        ("a: [", "not YAML"),
    ] {
        let error = Document::parse("x", "specs/x.yaml", text).err_or_fail();
        let error = format!("{error:#}");
        assert!(
            error.contains("specs/x.yaml") && error.contains(expected),
            "{text:?}: {error}"
        );
    }
    unknown_names_are_told(&root());
}

/// Whichever documents there are in a workspace.
pub(crate) fn unknown_names_are_told(root: &Path) {
    let known = Document::names(root).or_fail().join(", ");
    let error = Document::load_all(root, &["nope".to_owned()])
        .err_or_fail()
        .to_string();
    assert!(error.contains("specs/nope.yaml"), "{error}");
    assert!(error.ends_with(&format!("there are: {known}")), "{error}");
}
