//! Adaptations of a document, in memory: what progenitor 0.15.1 cannot take as it stands. The document
//! on disk stays true to its source.

use serde_json::Value;

use crate::{
    document::{Document, members},
    step::Step,
};

/// Runs all steps over a copy of the document.
#[must_use]
pub fn adapt(document: &Document) -> (Value, Vec<Step>) {
    let mut value = document.value.clone();
    let steps = vec![default_responses(&mut value), extensions(&mut value)];
    (value, steps)
}

/// progenitor takes a `default` response for a success and for an error, and panics where that makes
/// two kinds of success (`assert!(response_types.len() <= 1)` in method.rs): for each `204` beside a
/// typed `default`. With a success of its own declared, `default` can only mean the errors.
fn default_responses(value: &mut Value) -> Step {
    let (mut needed, mut applied) = (0, 0);
    for responses in all_responses(value) {
        let has_success = responses.keys().any(|status| status.starts_with('2'));
        needed += usize::from(has_success && responses.contains_key("default"));
        if has_success && let Some(default) = responses.remove("default") {
            for range in ["4XX", "5XX"] {
                responses.entry(range).or_insert_with(|| default.clone());
            }
            applied += 1;
        }
    }
    Step::new("default_responses", needed, applied)
}

fn all_responses(value: &mut Value) -> impl Iterator<Item = &mut serde_json::Map<String, Value>> {
    value
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|item| item.values_mut())
        .filter_map(|operation| operation.get_mut("responses")?.as_object_mut())
}

/// typify recognises the schemas that we convert (see `generate::settings`) only if they are equal to
/// the last key; one `x-source` more, and the conversion is skipped in silence.
fn extensions(value: &mut Value) -> Step {
    let needed = count_extensions(value);
    let mut applied = 0;
    strip(value, false, &mut applied);
    Step::new("extensions", needed, applied)
}

/// Names below these keys are the document's own (`x-ms-principal-id` is a header), not OpenAPI's.
fn holds_names(key: &str) -> bool {
    matches!(
        key,
        "parameters"
            | "headers"
            | "schemas"
            | "properties"
            | "responses"
            | "securitySchemes"
            | "paths"
            | "content"
            | "variables"
            | "scopes"
    )
}

/// What stands below these keys is data, not a part of the document.
fn holds_data(key: &str, named: bool) -> bool {
    !named && matches!(key, "example" | "default" | "enum")
}

fn is_extension(key: &str, named: bool) -> bool {
    !named && key.starts_with("x-")
}

fn strip(value: &mut Value, named: bool, applied: &mut usize) {
    match value {
        Value::Object(object) => {
            let before = object.len();
            object.retain(|key, _| !is_extension(key, named));
            *applied += before - object.len();
            for (key, value) in object.iter_mut().filter(|(key, _)| !holds_data(key, named)) {
                strip(value, !named && holds_names(key), applied);
            }
        }
        Value::Array(array) => array
            .iter_mut()
            .for_each(|value| strip(value, false, applied)),
        _ => {}
    }
}

fn count_extensions(value: &Value) -> usize {
    fn count(value: &Value, named: bool) -> usize {
        match value {
            Value::Array(array) => array.iter().map(|value| count(value, false)).sum(),
            _ => members(value)
                .filter(|(key, _)| !holds_data(key, named))
                .map(|(key, value)| {
                    if is_extension(key, named) {
                        1
                    } else {
                        count(value, !named && holds_names(key))
                    }
                })
                .sum(),
        }
    }
    count(value, false)
}
