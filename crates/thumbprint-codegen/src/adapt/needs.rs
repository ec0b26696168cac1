//! What typify 0.8 cannot take of a schema, or takes for something else, by the step that mends it. A need is read off a
//! document, whatever a step did: what comes in may have it, and what progenitor gets may not.

use std::collections::{BTreeMap, BTreeSet};

use regress::Regex;
use serde_json::Value;

use super::values::fits;
use crate::{
    grammar::{self, Kind, component, members},
    names,
};

/// Whether a schema of a document needs a step.
type Need = fn(&Value, &Value) -> bool;

const NEEDS: [(&str, Need); 8] = [
    // typify knows shared schemas by the last word of a reference, wherever it leads.
    ("deep_references", |_, schema| {
        grammar::reference(schema).is_some_and(|reference| component(reference).is_none())
    }),
    // Two properties whose names make one field do not compile. What is not declared is the field `extra`.
    ("property_names", |_, schema| {
        let is_closed = schema["additionalProperties"] == false;
        let is_open = !is_closed && schema.get("additionalProperties").is_some();
        let names = members(&schema["properties"]).map(|(name, _)| names::snake(name));
        is_twice(names.chain(is_open.then(|| "extra".to_owned())))
    }),
    // typify panics where words make one variant ("Failed to make unique variant names") ..
    ("enum_words", |_, schema| {
        let words: BTreeSet<_> = words(schema).filter_map(Value::as_str).collect();
        is_twice(words.into_iter().map(names::pascal))
    }),
    // .. and where they are of several kinds ("multiple implied types"); its types of numbers that are listed compare
    // and hash, which floating point does not.
    ("mixed_enums", |_, schema| {
        let all = |is: fn(&Value) -> bool| words(schema).all(is);
        !all(Value::is_string) && !all(|word| word.is_i64() || word.is_u64())
    }),
    // typify stops at a pattern that its engine does not know.
    ("unknown_patterns", |_, schema| {
        let pattern = schema
            .get("pattern")
            .map(|pattern| pattern.as_str().map(Regex::new));
        pattern.is_some_and(|regex| !matches!(regex, Some(Ok(_))) || schema["type"] != "string")
    }),
    // A list of a fixed length becomes an array, for which serde has no form beyond 32 items.
    ("long_fixed_lists", |_, schema| {
        let most = schema["maxItems"].as_u64();
        most > Some(32) && schema["minItems"].as_u64() == most
    }),
    // No type says what a value is not.
    ("negations", |_, schema| schema.get("not").is_some()),
    // typify stops at a default that its schema does not allow.
    ("unfit_defaults", |whole, schema| {
        let default = schema.get("default");
        default.is_some_and(|default| !fits(whole, default, schema, 0))
    }),
];

fn words(schema: &Value) -> impl Iterator<Item = &Value> {
    let words = schema["enum"].as_array().into_iter().flatten();
    words.filter(|word| !word.is_null())
}

fn is_twice(mut names: impl Iterator<Item = String>) -> bool {
    let mut seen = BTreeSet::new();
    names.any(|name| !seen.insert(name))
}

/// The places of a document that need a step, by the step.
pub(super) fn of(document: &Value) -> BTreeMap<&'static str, Vec<String>> {
    let mut found: BTreeMap<_, Vec<String>> = BTreeMap::new();
    grammar::walk(document, "", Kind::Root, &mut |value, pointer, kind| {
        if kind == Kind::Schema && value.is_object() {
            for (step, need) in NEEDS {
                if need(document, value) {
                    found.entry(step).or_default().push(pointer.to_owned());
                }
            }
        }
        kind != Kind::Data
    });
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::of;

    fn needed(schema: &Value) -> Vec<&'static str> {
        let all = json!({ "A": schema, "B": { "properties": { "b": { "type": "string" } } } });
        let document = json!({ "openapi": "3.0.3", "components": { "schemas": all } });
        of(&document).into_keys().collect()
    }

    #[test]
    fn a_need_is_told_from_its_like() {
        for (step, needs, does_not) in [
            (
                "deep_references",
                json!({ "$ref": "#/components/schemas/B/properties/b" }),
                json!({ "$ref": "#/components/schemas/B" }),
            ),
            (
                "property_names",
                json!({ "properties": { "fooBar": {}, "foo_bar": {} } }),
                json!({ "properties": { "fooBar": {}, "foo_baz": {} } }),
            ),
            (
                "property_names",
                json!({ "properties": { "extra": {} }, "additionalProperties": {} }),
                json!({ "properties": { "extra": {} }, "additionalProperties": false }),
            ),
            (
                "enum_words",
                json!({ "enum": ["asc", "ASC"] }),
                json!({ "enum": ["asc", "desc", "asc", null] }),
            ),
            (
                "mixed_enums",
                json!({ "enum": ["a", 1] }),
                json!({ "enum": [1, null] }),
            ),
            (
                "mixed_enums",
                json!({ "enum": [0.5] }),
                json!({ "example": { "enum": [0.5] } }),
            ),
            (
                "unknown_patterns",
                json!({ "type": "string", "pattern": "[" }),
                json!({ "type": "string", "pattern": "^a$" }),
            ),
            (
                "unknown_patterns",
                json!({ "type": "integer", "pattern": "a" }),
                json!({ "properties": { "pattern": { "type": "string" } } }),
            ),
            (
                "long_fixed_lists",
                json!({ "minItems": 33, "maxItems": 33 }),
                json!({ "minItems": 32, "maxItems": 33 }),
            ),
            (
                "negations",
                json!({ "not": {} }),
                json!({ "properties": { "not": {} } }),
            ),
            (
                "unfit_defaults",
                json!({ "type": "integer", "default": "5" }),
                json!({ "type": "integer", "default": 5 }),
            ),
        ] {
            assert_eq!(needed(&needs), [step], "{needs}");
            assert_eq!(needed(&does_not), [""; 0], "{does_not}");
        }
    }
}
