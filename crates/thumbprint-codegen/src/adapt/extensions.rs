//! What the house adds to OpenAPI, taken out again.

use serde_json::Value;

use crate::{document::members, step::Step};

/// typify recognises the schemas that we convert (see `generate::settings`) only if they are equal to
/// the last key; one `x-source` more, and the conversion is skipped in silence.
pub(super) fn extensions(value: &mut Value) -> Step {
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
