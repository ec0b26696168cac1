//! Schemas that are made of others, said in forms that have one type each: what is composed of all becomes one
//! schema, alternatives become a list of forms of which none is a part of another, and `null` is said where a
//! value stands. The document that comes out describes the same values.
//!
//! typify 0.8 takes the first words of several schemas for all of them: it flattens `anyOf` into one struct
//! that loses what its parts do not share, panics over an `enum` beside `allOf`, writes the type of a shared
//! schema twice that is both nullable and composed, and knows no discriminator.

mod alternatives;
mod bases;
mod merge;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use self::bases::{Base, bases};
use crate::{
    adapt::schemas::inferred_type,
    grammar::{self, Kind, component, join, members},
    problem::Problem,
};

/// What says something about a schema, and nothing about its values.
const ANNOTATIONS: [&str; 10] = [
    "title",
    "description",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "nullable",
    "externalDocs",
    "xml",
];

/// The most forms that one schema may have. Alternatives below `allOf` multiply: 1.3 kB can ask for millions.
const MOST: usize = 256;

/// The deepest that schemas are put together within each other.
const DEEPEST: u8 = 32;

/// The key of the tag of a schema with alternatives: the property's name, and the values of each of them.
pub(crate) const TAG: &str = "x-tag";
/// The key of the shared schema that a form was made of.
pub(super) const MADE_OF: &str = "x-made-of";

/// A document with composed schemas made plain.
pub(crate) struct Composed {
    pub(crate) document: Value,
    pub(super) warnings: Vec<Problem>,
    /// What has no values, or too many forms.
    pub(crate) refusals: Vec<Problem>,
}

/// The key of an enumeration among alternatives of which one is any text.
pub(crate) const EXACT: &str = "x-exact";

type Object = Map<String, Value>;

/// Makes the compositions of a document plain.
pub(crate) fn compose(whole: &Value) -> Composed {
    let mut work = Work {
        whole,
        nullable: BTreeSet::new(),
        bases: bases(whole),
        forms: 0,
        composing: Vec::new(),
        open: Vec::new(),
        problems: Vec::new(),
        clashes: Vec::new(),
        warnings: Vec::new(),
    };
    let shared = &whole["components"]["schemas"];
    let nullable = members(shared).filter(|(_, schema)| work.may_be_null(schema, 0));
    work.nullable = nullable.map(|(name, _)| name.clone()).collect();
    let mut value = whole.clone();
    work.below(&mut value, "", Kind::Root);
    for (name, base) in &work.bases {
        let schemas = &mut value["components"]["schemas"];
        let own = std::mem::replace(&mut schemas[name], base.union(name, &shared[name]));
        schemas[&base.own] = own;
    }
    work.problems.append(&mut work.clashes);
    Composed {
        document: value,
        warnings: work.warnings,
        refusals: work.problems,
    }
}

struct Work<'a> {
    whole: &'a Value,
    /// Shared schemas that `null` fits. It is said where they are referred to.
    nullable: BTreeSet<String>,
    bases: BTreeMap<String, Base>,
    /// How many forms there are so far.
    forms: usize,
    /// The schemas that are being put together, each within the one before.
    composing: Vec<Value>,
    /// The references of properties that are being put together.
    open: Vec<(Value, Value)>,
    problems: Vec<Problem>,
    /// What has no value. Of an alternative it is told only.
    clashes: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Work<'_> {
    fn warn(&mut self, pointer: &str, what: impl Into<String>) {
        self.warnings.push(Problem::new(pointer, what));
    }

    fn refuse(&mut self, pointer: &str, what: impl Into<String>) {
        self.problems.push(Problem::new(pointer, what));
    }

    /// Makes all schemas below a place plain.
    fn below(&mut self, value: &mut Value, pointer: &str, kind: Kind) {
        if kind == Kind::Schema {
            *value = self.schema(value, pointer);
            return;
        }
        match value {
            _ if kind == Kind::Data => {}
            Value::Object(object) => {
                for (key, inner) in object {
                    let at = join(pointer, key);
                    self.below(inner, &at, kind.member(key));
                    if pointer == "/components/schemas"
                        && let Some(schema) = inner.as_object_mut()
                    {
                        schema.remove("nullable");
                    }
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter_mut().enumerate() {
                    self.below(inner, &format!("{pointer}/{index}"), kind.item());
                }
            }
            _ => {}
        }
    }

    /// Whether `null` is a value of a schema.
    fn may_be_null(&self, schema: &Value, depth: u8) -> bool {
        let each = |part: &Value| self.may_be_null(part, depth + 1);
        let parts = |key: &str| schema[key].as_array().filter(|parts| !parts.is_empty());
        if depth > DEEPEST {
            return false;
        }
        if let Some(given) = schema
            .get("nullable")
            .filter(|_| schema.get("$ref").is_none())
        {
            return given == true;
        }
        if schema.get("$ref").is_some() {
            let target = grammar::resolve(self.whole, schema);
            return schema["nullable"] == true || target.is_some_and(each);
        }
        schema["enum"]
            .as_array()
            .is_some_and(|words| words.contains(&Value::Null))
            || parts("allOf").is_some_and(|parts| parts.iter().all(each))
            || ["oneOf", "anyOf"]
                .into_iter()
                .filter_map(parts)
                .flatten()
                .any(each)
    }

    fn schema(&mut self, schema: &Value, pointer: &str) -> Value {
        let Some(object) = schema.as_object() else {
            return schema.clone();
        };
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            return self.reference(target, object, pointer);
        }
        if is_empty_list(object.get("enum")) {
            self.warn(
                &join(pointer, "enum"),
                "is left out: it is empty, and no value would fit",
            );
            let mut object = object.clone();
            object.remove("enum");
            return self.schema(&object.into(), pointer);
        }
        let is_composed = ["allOf", "oneOf", "anyOf"]
            .iter()
            .any(|key| object.contains_key(*key));
        // What is written out in place of a reference may hold the place itself.
        if is_composed && self.composing.contains(schema) {
            return self.recursion(object, pointer);
        }
        let mut object = object.clone();
        if is_composed {
            self.composing.push(schema.clone());
        }
        if object.contains_key("allOf") {
            object = self.all_of(object, pointer);
        }
        if ["oneOf", "anyOf"]
            .iter()
            .any(|key| object.contains_key(*key))
        {
            object = self.alternatives(object, pointer);
        }
        let is_null = self.may_be_null(schema, 0);
        if is_null {
            object.insert("nullable".into(), true.into());
        }
        if let Some(ty) = infer_type(&mut object).filter(|_| is_null) {
            self.warn(
                pointer,
                format!("has no `type`, and is taken for {ty} by what stands beside it"),
            );
        }
        self.within(&mut object, pointer);
        if is_composed {
            self.composing.pop();
        }
        Value::Object(object)
    }

    /// A schema that is put together of something that holds it: the first shared schema that it names stands for it.
    fn recursion(&mut self, object: &Object, pointer: &str) -> Value {
        let mut parts = ["allOf", "oneOf", "anyOf"]
            .into_iter()
            .filter_map(|key| object.get(key)?.as_array())
            .flatten();
        let shared = parts.find_map(grammar::reference);
        let taken = shared.unwrap_or("any value");
        self.warn(
            pointer,
            format!("holds itself within what it is put together of, and is taken for {taken}; give it a name of its own"),
        );
        shared.map_or_else(
            || json!({}),
            |shared| json!({ "allOf": [{ "$ref": shared }] }),
        )
    }

    /// The schemas that a schema holds.
    fn within(&mut self, object: &mut Object, pointer: &str) {
        for (key, inner) in object.iter_mut() {
            let at = join(pointer, key);
            match key.as_str() {
                "properties" | "$defs" | "definitions" => {
                    for (name, property) in inner.as_object_mut().into_iter().flatten() {
                        *property = self.schema(property, &join(&at, name));
                    }
                }
                "items" | "additionalProperties" | "not" if inner.is_object() => {
                    *inner = self.schema(inner, &at);
                }
                _ => {}
            }
        }
    }

    /// A reference; with `null` beside it where the target may be null, or where that is written beside it.
    fn reference(&mut self, target: &str, object: &Object, pointer: &str) -> Value {
        let is_null = object.get("nullable") == Some(&json!(true));
        if is_null {
            self.warn(
                pointer,
                "`nullable` beside a `$ref` is taken as it is meant; OpenAPI 3.0 ignores what stands there: write it beside an `allOf` with the `$ref`",
            );
        }
        let alone = json!({ "$ref": target });
        if is_null || component(target).is_some_and(|name| self.nullable.contains(name)) {
            return json!({ "nullable": true, "allOf": [alone] });
        }
        alone
    }
}

fn is_empty_list(value: Option<&Value>) -> bool {
    value.and_then(Value::as_array).is_some_and(Vec::is_empty)
}

/// Gives a schema that has no type the one that its words are for, and says which. Where they are for none, any value
/// fits, `null` among them.
fn infer_type(object: &mut Object) -> Option<&'static str> {
    let is_said = ["type", "allOf", "oneOf", "anyOf", "enum", "$ref"];
    if is_said.iter().any(|key| object.contains_key(*key)) {
        return None;
    }
    let ty = inferred_type(object);
    match ty {
        Some(ty) => object.insert("type".into(), ty.into()),
        None => object.remove("nullable"),
    };
    ty
}
