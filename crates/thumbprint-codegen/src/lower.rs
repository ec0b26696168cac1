//! Other descriptions as OpenAPI 3.0: Swagger 2.0 and OpenAPI 3.1, in memory.
//!
//! What 3.0 says in other words is said in those. What 3.0 cannot say, and the code does not need, is left
//! out as a named warning. What the code would be wrong without is refused.
//!
//! Own code: what converts these today are programs for Node and Java (swagger2openapi, swagger-converter,
//! openapi-down-convert), and none of them says what it loses.

mod places;
mod schema;
mod swagger;
#[cfg(test)]
mod tests;
mod v31;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value};

pub(crate) use self::places::written;

use crate::{
    grammar::{self, Dialect, join},
    problem::{self, Problem},
    sound,
};

/// A description as OpenAPI 3.0. All places are those of the original; [`Problem::located`] adds the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    /// The document. What is refused is not in it.
    pub value: Value,
    /// What of the original it does not say.
    pub warnings: Vec<Problem>,
    /// What of the original nothing can be made of.
    pub refusals: Vec<Problem>,
    /// The original, with its references as [`grammar::decode_references`] leaves them.
    pub written: Arc<Value>,
    /// The pointers of shared elements that were renamed, with those that they had.
    pub moved: BTreeMap<String, String>,
}

/// Lowers a description to OpenAPI 3.0. One of 3.0 stays as it is.
#[must_use]
pub fn lower(written: impl Into<Arc<Value>>) -> Lowered {
    let mut written = written.into();
    grammar::decode_references(&mut written);
    let mut lowering = Lowering::default();
    let mut value = Value::Null;
    match Dialect::known(&written) {
        None => lowering.problems.push(unknown(&written)),
        Some(dialect) => {
            value = (*written).clone();
            let sound = sound::take(&mut value);
            lowering.problems = sound.refusals;
            match dialect {
                Dialect::V30 => {}
                Dialect::V31 => value = v31::document(&value, &mut lowering),
                Dialect::Swagger => value = swagger::document(&value, &mut lowering),
            }
            problem::extend(&mut lowering.warnings, sound.warnings);
        }
    }
    Lowered {
        value,
        warnings: lowering.warnings,
        refusals: lowering.problems,
        written,
        moved: lowering.moved,
    }
}

/// Why a document is of no dialect.
fn unknown(document: &Value) -> Problem {
    for key in ["openapi", "swagger"] {
        if let Some(version) = document.get(key) {
            let what =
                format!("version {version} is not known; write OpenAPI 3.0 or 3.1, or Swagger 2.0");
            return Problem::new(&join("", key), what);
        }
    }
    let what = "it has neither `openapi` nor `swagger`, so it is no description of an API; write `openapi: 3.0.3`";
    Problem::new("", what)
}

/// What is found on the way.
#[derive(Debug, Default)]
struct Lowering {
    warnings: Vec<Problem>,
    problems: Vec<Problem>,
    moved: BTreeMap<String, String>,
}

impl Lowering {
    fn warn(&mut self, pointer: &str, what: impl Into<String>) {
        let warning = Problem::new(pointer, what);
        // What several operations share is met several times.
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn problem(&mut self, pointer: &str, what: impl Into<String>) {
        let problem = Problem::new(pointer, what);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Says that what has properties is an object, which authors leave out and types cannot do without.
    fn object(&mut self, schema: &mut Map<String, Value>, pointer: &str) {
        let told = ["type", "allOf", "anyOf", "oneOf", "not", "enum", "$ref"];
        if schema.contains_key("properties") && !told.iter().any(|key| schema.contains_key(*key)) {
            schema.insert("type".to_owned(), Value::from("object"));
            self.warn(
                pointer,
                "it has properties and no type, so `type: object` is taken: what is no object does not fit",
            );
        }
    }

    /// Takes a key out and names it as lost.
    fn drop(&mut self, object: &mut Map<String, Value>, pointer: &str, key: &str, why: &str) {
        if object.remove(key).is_some() {
            self.warn(&join(pointer, key), format!("`{key}` is left out: {why}"));
        }
    }
}

/// Applies `each` to every member of a mapping; what is no mapping stays.
fn map(value: &Value, pointer: &str, mut each: impl FnMut(&str, &Value, &str) -> Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (key.clone(), each(key, value, &join(pointer, key))))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// Applies `each` to every element of a list; what is no list stays.
fn list(value: &Value, pointer: &str, mut each: impl FnMut(&Value, &str) -> Value) -> Value {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| each(value, &format!("{pointer}/{index}")))
            .collect(),
        other => other.clone(),
    }
}
