//! Whether a value is of the form that a document describes.

use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};
use xtask::{
    document::{Document, members},
    lint::json_schema,
};

/// What is wrong with a value, by a schema of the document: nothing, if it fits.
///
/// # Panics
/// If the schema is none.
#[must_use]
pub fn problems(document: &Document, schema: &Value, value: &Value) -> Vec<String> {
    let mut whole = json_schema(schema);
    let components: Map<_, _> = members(&document.value["components"]["schemas"])
        .map(|(name, schema)| (name.clone(), json_schema(schema)))
        .collect();
    whole["components"] = json!({ "schemas": components });
    wrong(&whole, value)
}

/// What is wrong with the text of a parameter or a header, by a schema that refers to nothing.
///
/// # Panics
/// If the schema is none.
#[must_use]
pub fn text_problems(schema: &Value, text: &str) -> Vec<String> {
    let value = match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().map(Value::from).ok(),
        Some("boolean") => text.parse::<bool>().map(Value::from).ok(),
        _ => None,
    };
    wrong(&json_schema(schema), &value.unwrap_or_else(|| text.into()))
}

fn wrong(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .with_format("date-time-local", |text: &str| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").is_ok()
        })
        .with_format("date-time-rfc1123", |text: &str| {
            NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").is_ok()
        })
        .with_format("int32", |_: &str| true)
        .build(schema)
        .unwrap_or_else(|error| panic!("no schema: {error}: {schema}"));
    let errors = validator.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}
