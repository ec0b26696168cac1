//! Examples, defaults and enumerations against the schemas that they are of.

use chrono::NaiveDateTime;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::Lint;
use crate::grammar::{self, Kind, join, members};

impl<'a> Lint<'a> {
    /// The `example` and `examples` of a parameter, header or media type.
    pub(super) fn examples(&mut self, pointer: &str, schema: &Value, holder: &'a Value) {
        if let Some(example) = holder.get("example") {
            self.example(&join(pointer, "example"), schema, example);
            if holder.get("examples").is_some() {
                self.report(
                    pointer,
                    "`example` beside `examples`; OpenAPI allows one of them, so write `examples`",
                );
            }
        }
        for (name, example) in members(&holder["examples"]) {
            let pointer = join(&join(pointer, "examples"), name);
            // One with `externalValue` stands elsewhere.
            if let Ok(example) = self.document.resolve(example)
                && let Some(value) = example.get("value")
            {
                self.example(&pointer, schema, value);
            }
        }
    }

    /// What a schema says of its own values: example, default, and the members of its enumeration.
    pub(super) fn values(&mut self, pointer: &str, schema: &'a Value) {
        for key in ["example", "default"] {
            if let Some(value) = schema.get(key) {
                self.example(&join(pointer, key), schema, value);
            }
        }
        if let (Some(words), Some(object)) = (schema["enum"].as_array(), schema.as_object()) {
            let mut without = object.clone();
            without.remove("enum");
            let without = Value::Object(without);
            for (index, word) in words.iter().enumerate() {
                self.example(
                    &format!("{}/{index}", join(pointer, "enum")),
                    &without,
                    word,
                );
            }
        }
    }

    fn example(&mut self, pointer: &str, schema: &Value, example: &Value) {
        let mut whole = json_schema(schema);
        if let Some(object) = whole.as_object_mut() {
            // Only for references; without any, a large document need not be read for each value.
            if refers(schema) {
                object.insert("components".into(), json!({ "schemas": self.schemas }));
            }
        }
        match validator(&whole) {
            Ok(validator) => {
                let errors: Vec<_> = validator
                    .iter_errors(example)
                    .map(|error| (error.instance_path().to_string(), error.to_string()))
                    .collect();
                for (within, error) in errors {
                    self.report(
                        &format!("{pointer}{within}"),
                        format!("does not fit its schema: {error}"),
                    );
                }
            }
            Err(error) => self.report(pointer, format!("its schema is none: {error}")),
        }
    }
}

/// What checks values against a schema that [`json_schema`] has made.
pub(crate) fn validator(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    jsonschema::options()
        .should_validate_formats(true)
        // No format of JSON Schema, but one that typify has a type for.
        .with_format("ip", |text: &str| text.parse::<std::net::IpAddr>().is_ok())
        .with_format("date-time-local", |text: &str| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").is_ok()
        })
        .with_format("date-time-rfc1123", |text: &str| {
            NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").is_ok()
        })
        .build(schema)
}

fn refers(schema: &Value) -> bool {
    let mut found = false;
    grammar::walk(schema, "", Kind::Schema, &mut |value, _, kind| {
        found |= kind.has_words() && grammar::reference(value).is_some();
        !found && kind != Kind::Data
    });
    found
}

/// A schema of OpenAPI 3.0 as one of JSON Schema: `nullable` becomes a type of its own, exclusive bounds
/// become numbers, what stands beside a reference does not count, and formats of whole numbers have their ranges.
#[must_use]
pub fn json_schema(schema: &Value) -> Value {
    let mut schema = schema.clone();
    grammar::rewrite(&mut schema, Kind::Schema, &mut |value, kind| {
        if let (Kind::Schema, Some(object)) = (kind, value.as_object()) {
            *value = converted(object);
        }
    });
    schema
}

fn converted(object: &Map<String, Value>) -> Value {
    if let Some(reference @ Value::String(_)) = object.get("$ref") {
        return json!({ "$ref": reference });
    }
    let mut converted = object.clone();
    for (flag, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if let Some(Value::Bool(exclusive)) = object.get(flag) {
            converted.remove(flag);
            let limit = exclusive.then(|| converted.remove(bound)).flatten();
            converted.extend(limit.map(|limit| (flag.to_owned(), limit)));
        }
    }
    let format = object.get("format").and_then(Value::as_str);
    if let Some((least, greatest)) = format.and_then(grammar::range) {
        for (key, limit) in [("minimum", json!(least)), ("maximum", json!(greatest))] {
            converted.entry(key).or_insert(limit);
        }
    }
    if converted.remove("nullable") == Some(Value::Bool(true)) {
        return json!({ "anyOf": [converted, { "type": "null" }] });
    }
    converted.into()
}
