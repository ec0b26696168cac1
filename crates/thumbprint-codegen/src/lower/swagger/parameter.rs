//! Parameters: those that stay, and those that become a body.

use serde_json::{Map, Value, json};

use super::{Swagger, definition::OF_VALUE};
use crate::grammar::{self, join, members};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// Whether a parameter is a part of the body.
pub(in crate::lower) fn is_body(parameter: &Value) -> bool {
    matches!(parameter["in"].as_str(), Some("body" | "formData"))
}

impl<'a> Swagger<'a> {
    /// A parameter that stays one.
    pub(super) fn parameter(&mut self, value: &Value, at: &str) -> Value {
        let mut parameter = Map::new();
        for (key, value) in members(value) {
            if OF_VALUE.contains(&key.as_str()) || key == "collectionFormat" {
                continue;
            }
            let value = self.extension(key, value, &join(at, key));
            parameter.insert(key.clone(), value);
        }
        parameter.insert("schema".to_owned(), self.value_schema(value, at));
        if value["type"] == "array" {
            let location = value["in"].as_str().unwrap_or_default();
            let joined = value["collectionFormat"].as_str().unwrap_or("csv");
            let style = match (joined, location) {
                ("csv", "query") => Some(("form", false)),
                ("csv", _) => Some(("simple", false)),
                ("multi", "query") => Some(("form", true)),
                ("ssv", "query") => Some(("spaceDelimited", false)),
                ("pipes", "query") => Some(("pipeDelimited", false)),
                _ => None,
            };
            if let Some((style, explode)) = style {
                parameter.insert("style".to_owned(), json!(style));
                parameter.insert("explode".to_owned(), json!(explode));
            } else {
                self.lowering.problem(
                    &join(at, "collectionFormat"),
                    format!("OpenAPI 3 has no {joined:?} in {location}; write the parameter as text that the caller joins"),
                );
            }
        }
        Value::Object(parameter)
    }

    /// A shared parameter, unless it goes into bodies or servers, which are written where they are met.
    pub(super) fn shared_parameter(&mut self, value: &Value, at: &str) -> Option<Value> {
        let host = self.root["x-ms-parameterized-host"]["parameters"].as_array();
        let of_host = host
            .into_iter()
            .flatten()
            .any(|parameter| grammar::target(parameter) == Some(at));
        if is_body(value) || of_host {
            return None;
        }
        Some(self.parameter(value, at))
    }

    /// The request body that these parameters make.
    pub(super) fn body(
        &mut self,
        parameters: &[(&'a Value, String)],
        consumes: &Value,
        at: &str,
    ) -> Option<Value> {
        let parts: Vec<_> = parameters
            .iter()
            .filter(|(parameter, _)| is_body(parameter))
            .collect();
        let (_, first_at) = parts.first()?;
        let whole = parts
            .iter()
            .find(|(parameter, _)| parameter["in"] == "body");
        if whole.is_some() && parts.len() > 1 {
            self.lowering.problem(first_at, "a `body` beside another `body` or `formData`; a request has one body, so write one schema");
            return None;
        }
        if let Some((parameter, place)) = whole {
            let mut body = Map::new();
            for (key, value) in members(parameter) {
                if !matches!(key.as_str(), "in" | "schema" | "name" | "type") {
                    let value = self.extension(key, value, &join(place, key));
                    body.insert(key.clone(), value);
                }
            }
            let schema = self.schema(&parameter["schema"], &join(place, "schema"));
            let types = self.media_types(consumes, at, "consumes");
            let content: Map<_, _> = types
                .into_iter()
                .map(|name| (name, json!({ "schema": schema })))
                .collect();
            body.insert("content".to_owned(), Value::Object(content));
            return Some(Value::Object(body));
        }
        Some(self.form(&parts, consumes))
    }

    fn form(&mut self, parts: &[&(&'a Value, String)], consumes: &Value) -> Value {
        let files = parts.iter().any(|(part, _)| part["type"] == "file");
        let listed = |name: &str| {
            consumes
                .as_array()
                .is_some_and(|types| types.iter().any(|one| one == name))
        };
        let media_type = if files || (listed(MULTIPART) && !listed(FORM)) {
            MULTIPART
        } else {
            FORM
        };
        let (mut properties, mut required, mut encoding) = (Map::new(), Vec::new(), Map::new());
        for (part, place) in parts {
            let name = part["name"].as_str().unwrap_or_default();
            let mut schema = self.value_schema(part, place);
            if let (Some(schema), Some(text)) = (schema.as_object_mut(), part.get("description")) {
                schema.insert("description".to_owned(), text.clone());
            }
            for (key, value) in members(part)
                .filter(|(key, _)| key.starts_with("x-") && !OF_VALUE.contains(&key.as_str()))
            {
                let value = self.extension(key, value, &join(place, key));
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert(key.clone(), value);
                }
            }
            properties.insert(name.to_owned(), schema);
            if part["required"] == true {
                required.push(json!(name));
            }
            if part["allowEmptyValue"] == true {
                self.lowering.warn(
                    &join(place, "allowEmptyValue"),
                    "`allowEmptyValue` is left out: OpenAPI 3 has it for queries only",
                );
            }
            if part["type"] == "array" {
                let joined = part["collectionFormat"].as_str().unwrap_or("csv");
                match (joined, media_type) {
                    ("multi", _) => {}
                    ("csv", FORM) => {
                        encoding.insert(name.to_owned(), json!({ "style": "form", "explode": false }));
                    }
                    _ => self.lowering.problem(
                        &join(place, "collectionFormat"),
                        format!("OpenAPI 3 has no {joined:?} in {media_type}; write the field as text that the caller joins"),
                    ),
                }
            }
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = Value::Array(required.clone());
        }
        let mut content = json!({ "schema": schema });
        if !encoding.is_empty() {
            content["encoding"] = Value::Object(encoding);
        }
        json!({ "content": { media_type: content }, "required": !required.is_empty() })
    }

    /// The media types of `consumes` or `produces`.
    pub(super) fn media_types(&mut self, types: &Value, at: &str, key: &str) -> Vec<String> {
        let names: Vec<_> = types
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        if names.is_empty() {
            self.lowering
                .warn(at, format!("no `{key}`, so `application/json` is taken"));
            return vec!["application/json".to_owned()];
        }
        names
    }
}
