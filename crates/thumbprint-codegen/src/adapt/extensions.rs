//! The extensions of a document, taken out of what progenitor gets.

use serde_json::Value;

/// Takes out all extensions, and says how many there were. typify recognises the schemas that have a type of
/// their own (see `generate::settings`) only if they are equal to the last key; one `x-source` more, and the
/// conversion is skipped in silence.
pub(super) fn strip(value: &mut Value) -> usize {
    let mut count = 0;
    strip_below(value, false, &mut count);
    count
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

fn strip_below(value: &mut Value, named: bool, count: &mut usize) {
    match value {
        Value::Object(object) => {
            let before = object.len();
            object.retain(|key, _| named || !key.starts_with("x-"));
            *count += before - object.len();
            for (key, value) in object {
                // What stands below these keys is data, not a part of the document.
                if named || !matches!(key.as_str(), "example" | "default" | "enum") {
                    strip_below(value, !named && holds_names(key), count);
                }
            }
        }
        Value::Array(array) => {
            for value in array {
                strip_below(value, false, count);
            }
        }
        _ => {}
    }
}
