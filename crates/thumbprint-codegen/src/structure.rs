//! Whether a description has the structure that its specification gives it: the schemas that the OpenAPI Initiative
//! publishes say so (`schemas/README.md`), of the document as it was written.
//!
//! They are strict where nothing comes of it: a response without a description is none. What the code cannot be read
//! from is refused, and everything else is told.

use std::{cmp::Reverse, sync::LazyLock};

use jsonschema::{
    JsonType, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::{Value, json};

use crate::{
    grammar::{Dialect, Kind},
    problem::Problem,
};

/// Something that has another structure.
#[derive(Debug)]
pub(crate) struct Violation {
    /// Where, and what is wrong.
    pub problem: Problem,
    /// Whether what stands there cannot be read.
    pub breaks: bool,
    /// Whether nothing stands there, in a form that means the same in another program.
    pub is_empty: bool,
}

/// What of a document has another structure than its specification gives it, each once.
#[must_use]
pub(crate) fn violations(document: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    for error in VALIDATORS[Dialect::of(document) as usize].iter_errors(document) {
        found.extend(
            leaves(&error)
                .into_iter()
                .filter_map(|leaf| told(leaf, document)),
        );
    }
    found.sort_by(|one: &Violation, other| one.problem.pointer.cmp(&other.problem.pointer));
    found.dedup_by(|one, other| one.problem == other.problem);
    found
}

/// Those of [`Dialect`], in its order.
static VALIDATORS: [LazyLock<Validator>; 3] = [
    LazyLock::new(|| validator(include_str!("../schemas/swagger-2.0.json"))),
    LazyLock::new(|| validator(include_str!("../schemas/openapi-3.0.json"))),
    LazyLock::new(|| validator(include_str!("../schemas/openapi-3.1.json"))),
];

#[allow(clippy::expect_used, reason = "of constants that a test compiles")]
fn validator(schema: &str) -> Validator {
    let mut schema: Value = serde_json::from_str(schema).expect("JSON");
    // That of 3.1 leaves open what a schema is.
    if let Some(open) = schema.pointer_mut("/$defs/schema") {
        *open = json!({ "$dynamicAnchor": "meta", "$ref": "https://json-schema.org/draft/2020-12/schema" });
    }
    let options = jsonschema::options().should_validate_formats(false);
    options.build(&schema).expect("a schema")
}

/// What is wrong: the error, or those of the alternative that the value was meant for.
fn leaves<'e>(error: &'e ValidationError<'e>) -> Vec<&'e ValidationError<'e>> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return vec![error];
    };
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
    let own = depth(error);
    // What an alternative is told by: a reference, the one word of an enumeration, the type.
    let is_another = |leaf: &&ValidationError<'_>| match leaf.kind() {
        ValidationErrorKind::Required { property } => property == "$ref" && depth(leaf) == own,
        ValidationErrorKind::Enum { options } => {
            options.as_array().is_some_and(|words| words.len() == 1)
        }
        ValidationErrorKind::Type { .. } => depth(leaf) == own,
        _ => false,
    };
    let alternatives = context
        .iter()
        .map(|errors| errors.iter().flat_map(leaves).collect::<Vec<_>>());
    let meant = alternatives.max_by_key(|leaves| {
        (
            !leaves.iter().any(is_another),
            leaves.iter().map(|leaf| depth(leaf)).max(),
            Reverse(leaves.len()),
        )
    });
    meant.unwrap_or_default()
}

fn told(error: &ValidationError<'_>, document: &Value) -> Option<Violation> {
    let pointer = error.instance_path().as_str();
    let kind = Kind::at(document, pointer);
    let (mut breaks, mut is_empty) = (false, false);
    let what = match error.kind() {
        // The table of words tells of unknown ones.
        ValidationErrorKind::AdditionalProperties { .. }
        | ValidationErrorKind::UnevaluatedProperties { .. }
        | ValidationErrorKind::FalseSchema => return None,
        // It is read as a number, too.
        _ if ["/openapi", "/swagger"].contains(&pointer) => return None,
        ValidationErrorKind::Not { .. } => {
            "has what the specification does not allow there".to_owned()
        }
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            breaks = kind == Kind::Parameter && is_read(kind, property);
            format!("`{property}` lacks; write it")
        }
        ValidationErrorKind::Enum { options } => format!("is none of {options}"),
        ValidationErrorKind::Type { kind: types } => {
            let (holder, key) = pointer.rsplit_once('/').unwrap_or_default();
            let found = error.instance().as_ref();
            is_empty = may_be_empty(kind) && [json!(null), json!([]), json!({})].contains(found);
            breaks = is_read(Kind::at(document, holder), key) || is_outline(kind) && !is_empty;
            let remedy = match types {
                _ if is_empty => "; it is empty, and left out",
                // YAML takes `1.0`, `yes` and a date for other things than texts; RepreZen/KaiZen-OpenAPI-Editor 361.
                TypeKind::Single(JsonType::String) if !found.is_object() && !found.is_array() => {
                    "; put it into quotes"
                }
                _ => "",
            };
            format!("has to be {}{remedy}", expected(types))
        }
        _ => error.masked_with("it").to_string(),
    };
    let problem = Problem::new(pointer, what);
    Some(Violation {
        problem,
        breaks,
        is_empty,
    })
}

/// Whether the code cannot be written without a text.
fn is_read(holder: Kind, key: &str) -> bool {
    match holder {
        Kind::Operation => key == "operationId",
        Kind::Parameter => ["name", "in", "$ref"].contains(&key),
        _ => holder.has_words() && key == "$ref",
    }
}

/// Whether a value is one that other values are found by.
fn is_outline(kind: Kind) -> bool {
    match kind {
        Kind::Named(kind) | Kind::List(kind) => is_outline(*kind),
        Kind::Root
        | Kind::Info
        | Kind::Components
        | Kind::Path
        | Kind::Operation
        | Kind::Parameter
        | Kind::Header
        | Kind::Body
        | Kind::MediaType
        | Kind::Response
        | Kind::SecurityScheme => true,
        _ => false,
    }
}

/// Whether nothing is meant where an empty value stands: null, or the list that PHP writes for an empty mapping.
fn may_be_empty(kind: Kind) -> bool {
    let has_to_be = [Kind::Operation, Kind::Parameter, Kind::Body, Kind::Response];
    !has_to_be.contains(&kind)
}

fn expected(types: &TypeKind) -> String {
    let name = |one: JsonType| match one {
        JsonType::Object => "a mapping",
        JsonType::Array => "a list",
        JsonType::String => "a text",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::Null => "null",
    };
    match types {
        TypeKind::Single(one) => name(*one).to_owned(),
        TypeKind::Multiple(several) => several.iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::violations;

    fn places(document: &Value) -> Vec<(String, bool)> {
        let violations = violations(document).into_iter();
        violations
            .map(|one| (one.problem.to_string(), one.breaks))
            .collect()
    }

    /// A place within alternatives is found, in each dialect, whichever alternative it is in.
    #[test]
    fn the_place_that_does_not_fit_is_named() {
        let operation = |parameter: Value, response: Value| json!({ "parameters": [parameter], "responses": { "200": response } });
        let info = json!({ "title": "", "version": "" });
        let shared = json!({ "A": { "allOf": [{ "properties": { "a": { "type": "strin" } } }] } });
        let plain = json!({ "name": "a", "in": "query", "type": "text" });
        let typed = json!({ "name": "a", "in": "query", "schema": { "minLength": "5" } });
        let at = "#/paths/~1a/get";
        for (document, expected) in [
            (
                json!({ "swagger": "2.0", "info": info, "paths": { "/a": { "get": operation(plain, json!({ "description": 5 })) } }, "definitions": shared }),
                [
                    "#/definitions/A/allOf/0/properties/a/type: ".to_owned(),
                    format!("{at}/parameters/0/type: is none of "),
                    format!("{at}/responses/200/description: has to be a text; put it into quotes"),
                ],
            ),
            (
                json!({ "openapi": "3.0.3", "info": info, "paths": { "/a": { "get": operation(typed.clone(), json!({})) } }, "components": { "schemas": shared } }),
                [
                    "#/components/schemas/A/allOf/0/properties/a/type: is none of ".to_owned(),
                    format!("{at}/parameters/0/schema/minLength: has to be a whole number"),
                    format!("{at}/responses/200: `description` lacks; write it"),
                ],
            ),
            (
                json!({ "openapi": "3.1.0", "info": info, "paths": { "/a": { "get": operation(typed, json!({})) } }, "components": { "schemas": shared } }),
                [
                    "#/components/schemas/A/allOf/0/properties/a/type: ".to_owned(),
                    format!("{at}/parameters/0/schema/minLength: has to be a whole number"),
                    format!("{at}/responses/200: `description` lacks; write it"),
                ],
            ),
        ] {
            let found = places(&document);
            assert_eq!(found.len(), 3, "{found:#?}");
            for ((found, breaks), expected) in found.iter().zip(expected) {
                assert!(found.starts_with(&expected), "{found}: {expected}");
                assert!(!breaks, "{found}");
            }
        }
    }

    #[test]
    fn what_nothing_can_be_read_from_breaks_and_what_is_empty_does_not() {
        let document = |path: Value, parameters: Value| json!({ "openapi": "3.0.3", "info": { "title": "", "version": 1 }, "paths": { "/a": path }, "components": { "parameters": parameters } });
        for (path, parameters, breaks) in [
            (json!("a"), json!({}), true),
            (json!({ "get": null }), json!({}), true),
            (
                json!({ "get": { "responses": {}, "operationId": 5 } }),
                json!({}),
                true,
            ),
            (json!({ "parameters": [{ "$ref": 5 }] }), json!({}), true),
            (json!({ "parameters": { "a": {} } }), json!({}), true),
            (
                json!({}),
                json!({ "A": { "in": "query", "schema": {} } }),
                true,
            ),
            (json!({ "parameters": {} }), json!([]), false),
            (
                json!({ "parameters": null, "description": 5 }),
                json!({}),
                false,
            ),
        ] {
            let found = places(&document(path, parameters));
            assert_eq!(
                found.iter().any(|(_, breaks)| *breaks),
                breaks,
                "{found:#?}"
            );
            let version = "#/info/version: has to be a text; put it into quotes".to_owned();
            assert!(found.contains(&(version, false)), "{found:#?}");
        }
    }
}
