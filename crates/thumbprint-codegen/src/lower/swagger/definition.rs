//! Schemas of Swagger 2.0, and the parameters and headers that are written like schemas.

use serde_json::{Map, Value, json};

use super::{Swagger, list, map};
use crate::grammar::{self, join, members};

/// What a parameter or header says of its value, and OpenAPI 3 says in its schema.
pub(super) const OF_VALUE: [&str; 19] = [
    "type",
    "format",
    "items",
    "default",
    "enum",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "x-ms-enum",
    "x-nullable",
    "title",
];

impl Swagger<'_> {
    pub(super) fn schema(&mut self, value: &Value, at: &str) -> Value {
        let Value::Object(object) = value else {
            return value.clone();
        };
        let nullable = object.get("x-nullable") == Some(&json!(true));
        if let Some(target) = grammar::reference(value) {
            let reference = self.reference(target, at);
            if nullable {
                return json!({ "allOf": [reference], "nullable": true });
            }
            // Both versions ignore what stands beside it; it stays for people to read.
            let mut beside = object.clone();
            beside.extend(reference.as_object().cloned().unwrap_or_default());
            return Value::Object(beside);
        }
        let mut schema = Map::new();
        for (key, value) in object {
            let at = join(at, key);
            let value = match key.as_str() {
                "properties" => map(value, &at, |_, value, at| self.schema(value, at)),
                "allOf" | "oneOf" | "anyOf" => list(value, &at, |value, at| self.schema(value, at)),
                "items" | "additionalProperties" | "not" => self.schema(value, &at),
                // Definitions write it anew; elsewhere nothing can be derived.
                "discriminator" if value.is_string() => json!({ "propertyName": value }),
                "x-nullable" => continue,
                "collectionFormat" => {
                    if value != "csv" {
                        self.lowering.problem(&at, format!("{value} within a list: OpenAPI 3 joins only by commas there; send the list another way"));
                    }
                    continue;
                }
                _ => self.extension(key, value, &at),
            };
            schema.insert(key.clone(), value);
        }
        if nullable {
            schema.insert("nullable".to_owned(), json!(true));
        }
        // Azure's word for what only the service sets.
        if schema.get("x-ms-mutability") == Some(&json!(["read"])) {
            schema.insert("readOnly".to_owned(), json!(true));
        }
        // `type: object, format: file` is how Azure's descriptions write it.
        if schema.get("type") == Some(&json!("file"))
            || schema.get("format") == Some(&json!("file"))
        {
            schema.insert("type".to_owned(), json!("string"));
            schema.insert("format".to_owned(), json!("binary"));
        }
        if schema.get("type").is_some_and(Value::is_array) {
            self.lowering.problem(
                &join(at, "type"),
                "Swagger 2.0 has one type; write that, and `x-nullable: true` if null is allowed",
            );
        }
        self.lowering.object(&mut schema, at);
        enumeration(&mut schema);
        Value::Object(schema)
    }

    /// The schema of what is written without one.
    pub(super) fn value_schema(&mut self, value: &Value, at: &str) -> Value {
        let of_value = members(value).filter(|(key, _)| OF_VALUE.contains(&key.as_str()));
        let schema: Map<_, _> = of_value
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        self.schema(&Value::Object(schema), at)
    }
}

/// Azure's `x-ms-enum` says whether more words may come, and what they are called in code.
fn enumeration(schema: &mut Map<String, Value>) {
    let Some(about) = schema.get("x-ms-enum").cloned() else {
        return;
    };
    if about["modelAsString"] == true && schema.contains_key("enum") {
        schema.insert("x-extensible".to_owned(), json!(true));
    }
    let names: Map<_, _> = about["values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|word| Some((word["value"].as_str()?, word["name"].as_str()?)))
        .filter(|(word, name)| word != name)
        .map(|(word, name)| (word.to_owned(), json!(name)))
        .collect();
    if !names.is_empty() {
        schema.insert("x-enum-names".to_owned(), Value::Object(names));
    }
}
