//! OpenAPI 3.1 as 3.0. The two differ little outside of schemas.

use serde_json::{Map, Value, json};

use super::{Lowering, list, map, schema::schema};
use crate::{document::join, model::METHODS};

pub(super) fn document(value: &Value, lowering: &mut Lowering) -> Value {
    let Value::Object(object) = value else {
        return value.clone();
    };
    let mut object = object.clone();
    object.insert("openapi".to_owned(), json!("3.0.3"));
    if let Some(dialect) = object.remove("jsonSchemaDialect") {
        let known = dialect.as_str().is_some_and(|dialect| {
            dialect.contains("spec.openapis.org/oas/3.1/dialect")
                || dialect.contains("json-schema.org/draft/2020-12")
        });
        if !known {
            lowering.warn(
                "/jsonSchemaDialect",
                format!("schemas are read as JSON Schema 2020-12, and not as {dialect}"),
            );
        }
    }
    lowering.drop(
        &mut object,
        "",
        "webhooks",
        "the service calls them, and not the client",
    );
    let mut walk = Walk {
        root: value,
        lowering,
    };
    if let Some(info) = object.get_mut("info") {
        *info = walk.info(info);
    }
    let components = object.get("components").cloned().unwrap_or_default();
    if components.is_object() {
        let components = map(&components, "/components", |key, value, at| {
            walk.group(key, value, at)
        });
        let mut components = components.as_object().cloned().unwrap_or_default();
        // They are written out where they are referred to.
        let items = components.remove("pathItems").unwrap_or_default();
        let paths = value["paths"].to_string();
        for (name, _) in crate::document::members(&items) {
            let pointer = join("/components/pathItems", name);
            if !paths.contains(&format!("\"#{pointer}\"")) {
                walk.lowering
                    .warn(&pointer, "the path item is left out: no path refers to it");
            }
        }
        object.insert("components".to_owned(), Value::Object(components));
    }
    let paths = object.get("paths").cloned().unwrap_or_else(|| json!({}));
    object.insert(
        "paths".to_owned(),
        map(&paths, "/paths", |_, item, at| walk.path_item(item, at)),
    );
    Value::Object(object)
}

struct Walk<'a> {
    root: &'a Value,
    lowering: &'a mut Lowering,
}

impl Walk<'_> {
    fn info(&mut self, info: &Value) -> Value {
        let mut info = info.clone();
        if let Some(info) = info.as_object_mut() {
            self.lowering.drop(
                info,
                "/info",
                "summary",
                "3.0 has only `title` and `description`",
            );
        }
        if let Some(license) = info.get_mut("license").and_then(Value::as_object_mut) {
            self.lowering.drop(
                license,
                "/info/license",
                "identifier",
                "3.0 has only `name` and `url`",
            );
        }
        info
    }

    fn group(&mut self, group: &str, value: &Value, at: &str) -> Value {
        map(value, at, |_, value, at| match group {
            "schemas" => schema(value, at, self.lowering),
            "parameters" | "headers" => self.parameter(value, at),
            "responses" => self.response(value, at),
            "requestBodies" => self.body(value, at),
            "securitySchemes" => self.scheme(value, at),
            "callbacks" => map(value, at, |_, item, at| self.path_item(item, at)),
            _ => value.clone(),
        })
    }

    fn scheme(&mut self, value: &Value, at: &str) -> Value {
        if value["type"] == "mutualTLS" {
            self.lowering.problem(at, "3.0 has no `mutualTLS`; remove the scheme and what requires it, and give the transport a client certificate");
        }
        self.reference(value, at).unwrap_or_else(|| value.clone())
    }

    /// A reference, without what 3.0 ignores beside it.
    fn reference(&mut self, value: &Value, at: &str) -> Option<Value> {
        let target = value.get("$ref")?.clone();
        for (key, _) in crate::document::members(value).filter(|(key, _)| *key != "$ref") {
            self.lowering.warn(&join(at, key), format!("`{key}` beside a `$ref` is left out: 3.0 ignores it, and the target's own counts"));
        }
        Some(json!({ "$ref": target }))
    }

    fn path_item(&mut self, item: &Value, at: &str) -> Value {
        let mut item = item.clone();
        let mut at = at.to_owned();
        // 3.0 refers to path items only in other files.
        for _ in 0..16 {
            let Some(target) = item.get("$ref").and_then(Value::as_str).map(str::to_owned) else {
                break;
            };
            let found = target
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer));
            let Some(Value::Object(found)) = found else {
                self.lowering.problem(
                    &at,
                    format!("{target:?} is not in this document; write the path item out"),
                );
                return json!({});
            };
            let mut merged = found.clone();
            for (key, value) in item
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(key, _)| *key != "$ref")
            {
                merged.insert(key.clone(), value.clone());
            }
            item = Value::Object(merged);
            target.trim_start_matches('#').clone_into(&mut at);
        }
        if item.get("$ref").is_some() {
            self.lowering.problem(
                &at,
                "a chain of references does not end; write the path item out",
            );
            return json!({});
        }
        map(&item, &at, |key, value, at| match key {
            "parameters" => list(value, at, |value, at| self.parameter(value, at)),
            _ if METHODS.contains(&key) => self.operation(value, at),
            _ => value.clone(),
        })
    }

    fn operation(&mut self, operation: &Value, at: &str) -> Value {
        let mut operation = map(operation, at, |key, value, at| match key {
            "parameters" => list(value, at, |value, at| self.parameter(value, at)),
            "requestBody" => self.body(value, at),
            "responses" => map(value, at, |_, value, at| self.response(value, at)),
            "callbacks" => map(value, at, |_, value, at| {
                map(value, at, |_, item, at| self.path_item(item, at))
            }),
            _ => value.clone(),
        });
        if let Some(operation) = operation.as_object_mut() {
            // Optional in 3.1.
            operation.entry("responses").or_insert_with(|| json!({}));
        }
        operation
    }

    /// A parameter, or a header, which is one without a name.
    fn parameter(&mut self, value: &Value, at: &str) -> Value {
        self.reference(value, at).unwrap_or_else(|| {
            map(value, at, |key, value, at| match key {
                "schema" => schema(value, at, self.lowering),
                "content" => self.content(value, at),
                _ => value.clone(),
            })
        })
    }

    fn body(&mut self, value: &Value, at: &str) -> Value {
        self.reference(value, at).unwrap_or_else(|| {
            map(value, at, |key, value, at| match key {
                "content" => self.content(value, at),
                _ => value.clone(),
            })
        })
    }

    fn response(&mut self, value: &Value, at: &str) -> Value {
        self.reference(value, at).unwrap_or_else(|| {
            map(value, at, |key, value, at| match key {
                "content" => self.content(value, at),
                "headers" => map(value, at, |_, value, at| self.parameter(value, at)),
                _ => value.clone(),
            })
        })
    }

    fn content(&mut self, value: &Value, at: &str) -> Value {
        map(value, at, |media_type, value, at| {
            let mut value = map(value, at, |key, value, at| match key {
                "schema" => schema(value, at, self.lowering),
                "encoding" => map(value, at, |_, value, at| {
                    map(value, at, |key, value, at| match key {
                        "headers" => map(value, at, |_, value, at| self.parameter(value, at)),
                        _ => value.clone(),
                    })
                }),
                _ => value.clone(),
            });
            // 3.1 leaves the schema of raw bytes out.
            if media_type.starts_with("application/octet-stream")
                && let Some(value) = value.as_object_mut()
                && value
                    .get("schema")
                    .is_none_or(|schema| *schema == Value::Object(Map::new()))
            {
                value.insert(
                    "schema".to_owned(),
                    json!({"type": "string", "format": "binary"}),
                );
            }
            value
        })
    }
}
