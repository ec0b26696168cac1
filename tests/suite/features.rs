//! The one-feature documents of tests/data/features.yaml, each through the whole pipeline: the code has
//! what the row says, or the document is refused with the reasons that the row says. They must notice a
//! step that is left out, a refusal that has gone, a panic.

use std::collections::BTreeMap;

use conformance::{
    copy,
    features::{self, Feature},
};
use serde_json::Value;
use test_support::OrFail as _;
use xtask::{
    document::{Document, members},
    generate::{self, Refused},
    problem::Problem,
    trial::Trial,
};

/// What a row can expect; data/features.yaml says what each means.
const KEYS: [&str; 9] = [
    "absent", "cases", "client", "mocks", "refused", "step", "upstream", "values", "warned",
];

/// Text without what a formatter may change.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .replace(",)", ")")
        .replace(",}", "}")
        .replace(",]", "]")
}

fn pairs<'a>(feature: &'a Feature, key: &str) -> Vec<(&'a str, &'a str)> {
    let rows = feature.expected[key].as_array().into_iter().flatten();
    let text = |value: &'a Value| value.as_str().or_fail();
    rows.map(|row| (text(&row[0]), text(&row[1]))).collect()
}

#[test]
fn every_feature_is_taken_or_refused_as_its_row_says() {
    let mut failures = Vec::new();
    let all = features::all();
    assert!(all.len() > 60, "only {} rows", all.len());
    for feature in &all {
        if let Err(failure) = check(feature) {
            failures.push(format!("{}: {failure}", feature.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check(feature: &Feature) -> Result<(), String> {
    let mut keys = members(&feature.expected).map(|(key, _)| key.as_str());
    if let Some(key) = keys.find(|key| !KEYS.contains(key)) {
        return Err(format!("`{key}` expects nothing"));
    }
    let rendered = match generate::render(&feature.document) {
        Err(error) => {
            let Some(Refused(problems)) = error.downcast_ref::<Refused>() else {
                return Err(format!("failed: {error:#}"));
            };
            let expected = pairs(feature, "refused");
            let found = |(pointer, what): &(&str, &str)| {
                problems
                    .iter()
                    .any(|problem| problem.pointer == *pointer && problem.what.contains(what))
            };
            return match expected.iter().find(|pair| !found(pair)) {
                None if problems.len() == expected.len() => Ok(()),
                _ => Err(format!("refused:\n{error}")),
            };
        }
        Ok(_) if feature.is_refused() => return Err("is not refused".to_owned()),
        Ok(rendered) => rendered,
    };
    let code: Vec<_> = rendered.files.iter().map(|(_, text)| plain(text)).collect();
    for (_, text) in &rendered.files {
        syn::parse_file(text).map_err(|error| error.to_string())?;
    }
    for (index, key) in ["client", "mocks", "cases"].into_iter().enumerate() {
        for text in feature.listed(key) {
            if !code[index].contains(&plain(text)) {
                return Err(format!("the {key} lack {text}"));
            }
        }
    }
    for text in feature.listed("absent") {
        if code.iter().any(|code| code.contains(&plain(text))) {
            return Err(format!("the code has {text}"));
        }
    }
    for (pointer, what) in pairs(feature, "warned") {
        let told = |warning: &Problem| warning.pointer == pointer && warning.what.contains(what);
        let warnings = &rendered.warnings;
        if !warnings.iter().any(told) {
            return Err(format!("no warning of {pointer}: {warnings:#?}"));
        }
    }
    if !rendered.unmended.is_empty() {
        return Err(format!("a step did not mend {:?}", rendered.unmended));
    }
    for name in feature.listed("step") {
        if !rendered.steps.contains_key(name) {
            return Err(format!("it does not need the step {name}"));
        }
    }
    Ok(())
}

/// What code does is not seen from its text: this builds that of all rows, runs their conformance cases, and decodes and
/// encodes their `values`.
#[test]
fn the_code_of_every_row_compiles_and_passes_its_cases() {
    let folder = tempfile::tempdir().or_fail();
    let mut trial = Trial::new(folder.path().to_owned(), copy::target()).or_fail();
    for feature in features::all().into_iter().filter(|row| !row.is_refused()) {
        let tests = feature.tests_of_values();
        let added = trial.add(feature.document, &tests);
        added.unwrap_or_else(|refused| panic!("{}: {refused}", feature.name));
    }
    assert_eq!(trial.run().or_fail(), BTreeMap::new());
}

/// A row that says `upstream: stops` is about a step or a refusal that progenitor itself makes needed. If
/// it takes the document as it stands, upstream has mended the cause, and the step may go.
#[test]
fn upstream_still_needs_the_steps() {
    let rows: Vec<_> = features::all()
        .into_iter()
        .filter(|feature| feature.expected["upstream"] == "stops")
        .collect();
    assert!(rows.len() > 15, "only {} rows", rows.len());
    for feature in rows {
        assert!(
            generate::as_it_stands(&feature.document).is_err(),
            "{}: progenitor takes this document as it stands",
            feature.name
        );
    }
}

/// The message of a refusal has to be enough to mend the document: file, place, reason and remedy.
#[test]
fn a_refusal_names_the_file_and_the_place() {
    for feature in features::all()
        .iter()
        .filter(|feature| feature.is_refused())
    {
        let text = generate::render(&feature.document)
            .err()
            .or_fail()
            .to_string();
        for line in text.lines() {
            let rest = line.strip_prefix(&format!("{}:", feature.document.file));
            let place = rest.and_then(|rest| rest.split_once("#/"));
            let is_line = |(line, _): (&str, _)| line.parse::<usize>().is_ok();
            assert!(place.is_some_and(is_line), "{}: {line}", feature.name);
        }
    }
}

/// Descriptions that are not OpenAPI 3.0 come in by the same door, and stay on disk as they came.
#[test]
fn other_dialects_are_lowered_on_the_way_in() {
    let swagger = r##"{
  "swagger": "2.0",
  "info": {"title": "Things", "version": "1"},
  "host": "things.example", "basePath": "/v1", "schemes": ["https"],
  "paths": {"/things/{id}": {"put": {
    "operationId": "Things_Put",
    "consumes": ["application/json"], "produces": ["application/json"],
    "parameters": [
      {"name": "id", "in": "path", "required": true, "type": "string"},
      {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": "pipes"},
      {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Thing"}, "x-ms-client-name": "thing"}
    ],
    "responses": {"200": {"description": "Put", "schema": {"$ref": "#/definitions/Thing"}}}
  }}},
  "definitions": {"Thing": {"type": "object", "properties": {"name": {"type": "string", "x-nullable": true}}}}
}"##;
    let newer = r#"{
  "openapi": "3.1.0",
  "info": {"title": "Things", "version": "1"},
  "paths": {"/things": {"get": {
    "operationId": "Things_List",
    "responses": {"200": {"description": "All", "content": {"application/json": {"schema":
      {"type": "array", "items": {"type": ["string", "null"]}, "contains": {"const": "x"}}}}}}
  }}}
}"#;
    for (text, code, place) in [
        (
            swagger,
            ["fn things_put", "Style::Pipe", "pub struct Thing"].as_slice(),
            "/paths/~1things~1{id}/put/parameters/2/x-ms-client-name",
        ),
        (
            newer,
            [
                "fn things_list",
                "Vec<::std::option::Option<::std::string::String>>",
            ]
            .as_slice(),
            "/paths/~1things/get/responses/200/content/application~1json/schema/contains",
        ),
    ] {
        let document = Document::parse("things", "specs/things.json", text).or_fail();
        let rendered = generate::render(&document).unwrap_or_else(|error| panic!("{error:#}"));
        let client = plain(&rendered.files[0].1);
        for part in code {
            assert!(client.contains(&plain(part)), "{part} is not in the code");
        }
        let mut warnings = rendered.warnings.iter();
        let warning = warnings.find(|warning| warning.pointer == place);
        assert!(
            warning.is_some_and(|warning| warning.line > Some(1)),
            "no warning of {place}"
        );
    }
    let unknown = text_of(r#"{"swagger": "1.2", "info": {}, "paths": {}}"#);
    assert!(unknown.contains("\"1.2\" is not known"), "{unknown}");
}

/// What a text is refused with.
fn text_of(text: &str) -> String {
    let document = Document::parse("things", "specs/things.json", text).or_fail();
    generate::render(&document).err().or_fail().to_string()
}

/// What no step foresees: a panic of the generator's becomes a refusal that names the schema or the
/// operation, and only these.
#[test]
fn a_panic_is_traced_to_its_place() {
    let panics = xtask::adapt::guard::guarded(|| -> Result<(), String> { panic!("here") });
    assert_eq!(panics.err_or_fail(), "panic: here");

    let text = r##"{
        "openapi": "3.0.3", "info": { "title": "T", "version": "1" },
        "paths": {
            "/good": { "get": { "operationId": "good", "responses": { "204": { "description": "D" } } } },
            "/bad": { "get": { "operationId": "bad", "parameters": [{ "name": "a", "in": "query", "schema": { "type": "integer" } }], "responses": { "204": { "description": "D" } } } },
            "/user": { "get": { "operationId": "user", "responses": { "200": { "description": "D", "content": {
                "application/json": { "schema": { "$ref": "#/components/schemas/User" } } } } } } }
        },
        "components": { "schemas": {
            "Fine": { "type": "string" },
            "Odd": { "type": "object", "properties": { "odd": { "type": "string" } } },
            "User": { "type": "object", "properties": { "odd": { "$ref": "#/components/schemas/Odd" } } }
        } }
    }"##;
    let document = Document::parse("t", "specs/t.json", text).or_fail();
    let adapted = xtask::adapt::adapt(&document).ok().or_fail();
    // Stands for a generator that stumbles over one schema as it is written, and what one operation takes.
    let attempt = |part: &Value| {
        let is_there = |name: &str| part["components"]["schemas"][name]["properties"].is_object();
        let (odd, bad) = (is_there("Odd"), is_there("BadSignature"));
        if odd || bad {
            return Err("assertion failed".to_owned());
        }
        Ok(())
    };
    let problems = xtask::adapt::guard::blame("specs/t.json", &adapted, "whole", &attempt);
    let places: Vec<_> = problems
        .iter()
        .map(|problem| problem.pointer.as_str())
        .collect();
    assert_eq!(places, ["/paths/~1bad/get", "/components/schemas/Odd"]);
    // What upstream says is no reason that a user can do anything with.
    let what = &problems[0].what;
    assert!(
        what.contains("overlay") && !what.contains("assertion failed"),
        "{what}"
    );
}
