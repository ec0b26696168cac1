//! The schemas that schemars derives from the types, against those of the documents: types, formats, requiredness, null,
//! enumerations, bounds and patterns, both ways. They must notice a member that the derived schema has in another
//! form than the document, a word that one of them lacks, and a `null` that no document allows
//! (GREsau/schemars#491: an `Option` that is left out when it is absent is still said to be null at times).

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use xtask::document::members;

use super::{rows, schema};

/// What stands in both kinds of schemas under the same name.
const PLAIN: [&str; 10] = [
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "default",
    "additionalProperties",
];

/// What a schema says, whichever way it is written: each fact by its place in the schema.
type Said = BTreeMap<String, Value>;

/// The last word of a reference.
fn target(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn plain(schema: &Value, at: &str, said: &mut Said) {
    for (key, value) in members(schema) {
        if PLAIN.contains(&key.as_str()) && !value.is_object() {
            let value = value
                .as_f64()
                .map_or_else(|| value.clone(), |number| json!(number));
            said.insert(format!("{at}{key}"), value);
        }
    }
}

fn inner(schema: &Value, at: &str, said: &mut Said, read: fn(&Value, &str, &mut Said)) {
    for (name, property) in members(&schema["properties"]) {
        let at = format!("{at}{name}: ");
        let required = schema["required"].as_array().into_iter().flatten();
        let is_required = required.into_iter().any(|one| one == name);
        said.insert(format!("{at}required"), json!(is_required));
        read(property, &at, said);
    }
    if schema["items"].is_object() {
        read(&schema["items"], &format!("{at}items: "), said);
    }
}

/// Of OpenAPI 3.0.
fn documented(schema: &Value, at: &str, said: &mut Said) {
    if let Some(name) = target(schema) {
        said.insert(format!("{at}type"), json!(name));
        return;
    }
    said.insert(format!("{at}type"), schema["type"].clone());
    if schema["nullable"] == true {
        said.insert(format!("{at}null"), json!(true));
    }
    if let Some(words) = schema.get("enum") {
        let grows = schema["x-extensible"] == true;
        said.insert(format!("{at}enum"), json!([words, grows]));
    }
    plain(schema, at, said);
    inner(schema, at, said, documented);
}

/// Of JSON Schema 2020-12.
fn derived(schema: &Value, at: &str, said: &mut Said) {
    let mut schema = schema.clone();
    let mut alternatives = schema["anyOf"].take();
    if let Some(alternatives) = alternatives.as_array_mut() {
        let before = alternatives.len();
        alternatives.retain(|one| *one != json!({ "type": "null" }));
        if alternatives.len() < before {
            said.insert(format!("{at}null"), json!(true));
        }
    }
    match alternatives.as_array().map(Vec::as_slice) {
        Some([one]) => return derived(one, at, said),
        // An enumeration that grows: some words, or any.
        Some([words, any]) => {
            assert_eq!(*any, json!({ "type": "string" }), "{at}");
            schema["type"] = words["type"].clone();
            said.insert(format!("{at}enum"), json!([words["enum"], true]));
        }
        Some(others) => panic!("{at}: {others:?}"),
        None => {}
    }
    // schemars gives each word that is documented a schema of its own.
    if let Some(words) = schema["oneOf"].as_array() {
        let words: Vec<_> = words.iter().map(|word| word["const"].clone()).collect();
        schema["enum"] = json!(words);
        schema["type"] = json!("string");
    }
    if let Some(name) = target(&schema) {
        said.insert(format!("{at}type"), json!(name));
        return;
    }
    let mut ty = schema["type"].clone();
    if let Some(words) = ty.as_array_mut() {
        words.retain(|word| word != "null");
        said.insert(format!("{at}null"), json!(true));
        ty = words.first().cloned().unwrap_or_default();
    }
    said.insert(format!("{at}type"), ty);
    if schema["enum"].is_array() {
        said.insert(format!("{at}enum"), json!([schema["enum"], false]));
    }
    plain(&schema, at, said);
    inner(&schema, at, said, derived);
}

#[test]
fn what_schemars_derives_says_what_the_document_says() {
    let mut wrong = Vec::new();
    for row in rows() {
        let (document, schema) = schema(&row);
        let (mut expected, mut found) = (Said::new(), Said::new());
        documented(&schema, "", &mut expected);
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        derived((row.derive)(&mut generator).as_value(), "", &mut found);
        let places = expected.keys().chain(found.keys());
        let mut places: Vec<_> = places
            .filter(|place| expected.get(*place) != found.get(*place))
            .collect();
        places.dedup();
        for place in places {
            let said = |said: &Said| {
                said.get(place)
                    .map_or("nothing".to_owned(), Value::to_string)
            };
            wrong.push(format!(
                "{}#/components/schemas/{}: {place}: the document says {}, the type {}::types::{} says {}",
                document.file,
                row.name,
                said(&expected),
                row.api,
                row.name,
                said(&found)
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What the schema of a type takes, the document's takes; what it refuses, that refuses.
#[test]
fn what_schemars_derives_holds_for_the_values_of_the_documents() {
    for row in rows() {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let mut whole = (row.derive)(&mut generator).to_value();
        whole["$defs"] = Value::Object(generator.take_definitions(true));
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&whole)
            .unwrap_or_else(|error| panic!("{}::{}: {error}", row.api, row.name));
        for value in &row.good {
            let problems: Vec<_> = validator.iter_errors(value).collect();
            assert!(
                problems.is_empty(),
                "{}::{} {value}: {problems:?}",
                row.api,
                row.name
            );
        }
    }
}
