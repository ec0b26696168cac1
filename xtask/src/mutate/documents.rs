//! Changes of a document. They are made on its JSON, by the names of OpenAPI's keys and by nothing of the pipeline's,
//! whose reading is what is put to the test.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::{Kind, Mutant};
use crate::document::{Document, join};

/// What holds values, or words for people.
const PASSED_OVER: [&str; 5] = ["description", "summary", "tags", "externalDocs", "info"];

/// One change at a place.
enum Change {
    Set(Value),
    Remove,
    Rename(String),
}

/// All changes of all first-party documents.
pub(super) fn mutants(root: &Path) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for document in Document::load_all(root, &[])?
        .into_iter()
        .filter(Document::is_first_party)
    {
        let mut changes = Vec::new();
        walk(&document.value, "", "", &mut changes);
        for (pointer, change) in changes {
            let mut value = Value::clone(&document.value);
            let what = apply(&mut value, &pointer, change).with_context(|| pointer.clone())?;
            mutants.push(Mutant {
                kind: Kind::Documents,
                file: document.file.clone(),
                what: format!("#{pointer}: {what}"),
                // YAML takes JSON.
                text: serde_json::to_string_pretty(&value)?,
                edit: None,
            });
        }
    }
    Ok(mutants)
}

/// Each first-party document in the form that a mutant has, with nothing changed.
pub(super) fn unchanged(root: &Path) -> Result<Vec<(String, String)>> {
    let documents = Document::load_all(root, &[])?.into_iter();
    documents
        .filter(Document::is_first_party)
        .map(|document| {
            Ok((
                document.file,
                serde_json::to_string_pretty(&*document.value)?,
            ))
        })
        .collect()
}

/// Changes a document, and says how.
fn apply(root: &mut Value, pointer: &str, change: Change) -> Option<String> {
    let (parent, last) = pointer.rsplit_once('/')?;
    let key = last.replace("~1", "/").replace("~0", "~");
    match (root.pointer_mut(parent)?, change) {
        (Value::Object(object), Change::Rename(name)) => {
            let entries = std::mem::take(object).into_iter();
            let renamed = entries.map(|(old, value)| {
                if old == key {
                    (name.clone(), value)
                } else {
                    (old, value)
                }
            });
            *object = renamed.collect();
            Some(format!("becomes {name}"))
        }
        (parent, Change::Set(value)) => {
            let said = format!("= {value}");
            match parent {
                Value::Object(object) => object.insert(key, value),
                Value::Array(items) => items
                    .get_mut(key.parse::<usize>().ok()?)
                    .map(|item| std::mem::replace(item, value)),
                _ => None,
            };
            Some(said)
        }
        (Value::Object(object), Change::Remove) => {
            object.remove(&key).map(|_| "is dropped".to_owned())
        }
        (Value::Array(items), Change::Remove) => {
            items.remove(key.parse().ok()?);
            Some("is dropped".to_owned())
        }
        _ => None,
    }
}

/// All changes at and below a place that has the key `key`.
fn walk(value: &Value, pointer: &str, key: &str, changes: &mut Vec<(String, Change)>) {
    if PASSED_OVER.contains(&key) || key.starts_with("x-") {
        return;
    }
    let mut change = |at: &str, change| changes.push((format!("{pointer}{at}"), change));
    match value {
        Value::Object(object) => {
            of_object(object, key, &mut change);
            if key == "example" || key == "examples" {
                return;
            }
            for (name, inner) in object {
                walk(inner, &join(pointer, name), name_or_key(key, name), changes);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                let at = format!("/{index}");
                if matches!(key, "parameters" | "enum" | "security")
                    || (key == "required" && inner.is_string())
                {
                    change(&at, Change::Remove);
                }
            }
            if let ("enum", Some(Value::String(last))) = (key, items.last()) {
                change(
                    &format!("/{}", items.len() - 1),
                    Change::Set(json!(format!("{last}x"))),
                );
            }
            for (index, inner) in items.iter().enumerate() {
                walk(inner, &format!("{pointer}/{index}"), "", changes);
            }
        }
        _ => {}
    }
}

/// A name that the document gives is no key of OpenAPI.
fn name_or_key<'a>(holder: &str, name: &'a str) -> &'a str {
    let holds_names = [
        "properties",
        "headers",
        "responses",
        "content",
        "schemas",
        "paths",
        "variables",
        "securitySchemes",
    ];
    if holds_names.contains(&holder) {
        ""
    } else {
        name
    }
}

fn of_object(object: &Map<String, Value>, key: &str, change: &mut impl FnMut(&str, Change)) {
    // What an object of names holds.
    for name in object.keys() {
        let at = join("", name);
        match key {
            "properties" => {
                change(&at, Change::Rename(format!("{name}X")));
                change(&at, Change::Remove);
            }
            "headers" => {
                change(&at, Change::Rename(format!("{name}-x")));
                change(&at, Change::Remove);
            }
            "responses" => match name.parse::<u16>() {
                Ok(status) => change(&at, Change::Rename((status + 1).to_string())),
                Err(_) if name == "default" => change(&at, Change::Rename("599".to_owned())),
                // A response that several operations share.
                Err(_) => {}
            },
            "content" => change(&at, Change::Rename("text/plain".to_owned())),
            "paths" => change(&at, Change::Rename(format!("{name}x"))),
            _ => {}
        }
    }
    if matches!(
        key,
        "properties" | "headers" | "responses" | "content" | "paths"
    ) {
        return;
    }
    // An operation below another method.
    for method in ["get", "put", "post", "delete"] {
        let is_there = object
            .get(method)
            .is_some_and(|one| one.get("responses").is_some());
        if is_there && !object.contains_key("patch") {
            change(&join("", method), Change::Rename("patch".to_owned()));
        }
    }
    // What is made required.
    if let Some(properties) = object.get("properties").and_then(Value::as_object) {
        let required = object.get("required").and_then(Value::as_array).cloned();
        let required = required.unwrap_or_default();
        for name in properties
            .keys()
            .filter(|name| !required.contains(&json!(name)))
        {
            let mut more = required.clone();
            more.push(json!(name));
            change("/required", Change::Set(more.into()));
        }
    }
    for (name, value) in object {
        let at = join("", name);
        match (name.as_str(), value) {
            ("name", Value::String(text)) if object.contains_key("in") => {
                change(&at, Change::Set(json!(format!("{text}x"))));
            }
            ("in", Value::String(place)) => {
                let other = if place == "query" { "header" } else { "query" };
                change(&at, Change::Set(json!(other)));
            }
            (
                "required" | "deprecated" | "nullable" | "additionalProperties",
                Value::Bool(flag),
            ) => {
                change(&at, Change::Set(json!(!flag)));
            }
            ("type", Value::String(ty)) if !object.contains_key("in") => {
                let other = if ty == "string" { "integer" } else { "string" };
                change(&at, Change::Set(json!(other)));
            }
            ("enum", Value::Array(words)) => {
                let more = words.iter().cloned().chain([json!("added")]);
                change(&at, Change::Set(more.collect()));
            }
            ("operationId" | "url" | "authorizationUrl", Value::String(text)) => {
                change(&at, Change::Set(json!(format!("{text}x"))));
            }
            ("format" | "pattern" | "default", Value::String(text)) => {
                change(&at, Change::Set(json!(format!("{text}x"))));
                change(&at, Change::Remove);
            }
            (
                "default" | "minimum" | "maximum" | "minLength" | "maxLength" | "minItems"
                | "maxItems",
                Value::Number(number),
            ) => {
                let more = number.as_i64().unwrap_or_default() + 1;
                change(&at, Change::Set(json!(more)));
            }
            ("security" | "requestBody", _) => change(&at, Change::Remove),
            ("example", value) => change(&at, Change::Set(altered(value))),
            _ => {}
        }
    }
}

/// An example with one value changed.
fn altered(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(format!("{text}x")),
        Value::Number(number) => json!(number.as_f64().unwrap_or_default() + 1.0),
        Value::Bool(flag) => json!(!flag),
        Value::Null => json!("x"),
        Value::Array(items) => {
            let mut items = items.clone();
            if let Some(first) = items.first_mut() {
                *first = altered(first);
            }
            items.into()
        }
        Value::Object(object) => {
            let mut object = object.clone();
            if let Some((_, first)) = object.iter_mut().next() {
                *first = altered(first);
            }
            object.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{apply, walk};

    /// Every kind of change that the issue of a suite asks for, on an operation that has one of each.
    #[test]
    fn each_word_of_an_operation_is_changed() -> Result<(), String> {
        let document = json!({
            "servers": [{ "url": "http://localhost:8080" }],
            "paths": { "/a": { "get": {
                "operationId": "Get",
                "deprecated": true,
                "security": [{ "key": [] }],
                "parameters": [{ "name": "x-id", "in": "header", "required": true, "schema": { "type": "string", "format": "uuid" } }],
                "responses": { "200": {
                    "description": "Never changed",
                    "headers": { "ETag": {} },
                    "content": { "application/json": { "schema": { "type": "object", "required": ["id"], "properties": { "id": { "type": "string", "enum": ["a", "b"] } } } } },
                } },
            } } },
        });
        let mut changes = Vec::new();
        walk(&document, "", "", &mut changes);
        let mut said = Vec::new();
        for (pointer, change) in changes {
            let mut mutant = document.clone();
            let what =
                apply(&mut mutant, &pointer, change).ok_or(format!("{pointer}: no such place"))?;
            assert_ne!(mutant, document, "{pointer}: {what}");
            assert_eq!(
                mutant
                    .pointer("/paths/~1a/get/responses/200/description")
                    .is_some(),
                !["becomes 201", "becomes patch", "becomes /ax"].contains(&what.as_str()),
                "{pointer}: {what}"
            );
            said.push(format!(
                "{}: {what}",
                pointer.trim_start_matches("/paths/~1a/get/")
            ));
        }
        for expected in [
            "/servers/0/url: = \"http://localhost:8080x\"",
            "/paths/~1a: becomes /ax",
            "/paths/~1a/get: becomes patch",
            "operationId: = \"Getx\"",
            "responses/200/content/application~1json/schema/properties/id/enum: = [\"a\",\"b\",\"added\"]",
            "deprecated: = false",
            "security: is dropped",
            "security/0: is dropped",
            "parameters/0: is dropped",
            "parameters/0/name: = \"x-idx\"",
            "parameters/0/in: = \"query\"",
            "parameters/0/required: = false",
            "parameters/0/schema/type: = \"integer\"",
            "parameters/0/schema/format: is dropped",
            "responses/200: becomes 201",
            "responses/200/headers/ETag: becomes ETag-x",
            "responses/200/headers/ETag: is dropped",
            "responses/200/content/application~1json: becomes text/plain",
            "responses/200/content/application~1json/schema/required/0: is dropped",
            "responses/200/content/application~1json/schema/properties/id: becomes idX",
            "responses/200/content/application~1json/schema/properties/id: is dropped",
            "responses/200/content/application~1json/schema/properties/id/enum/0: is dropped",
            "responses/200/content/application~1json/schema/properties/id/enum/1: = \"bx\"",
        ] {
            assert!(
                said.iter().any(|one| one == expected),
                "{expected} lacks: {said:#?}"
            );
        }
        Ok(())
    }
}
