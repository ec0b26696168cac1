//! The one-feature documents of `data/features.yaml`: each holds one thing that OpenAPI allows, and what
//! the pipeline makes of it.

use std::{fmt::Write as _, fs};

use serde_json::{Value, json};
use test_support::OrFail as _;
use xtask::{
    document::{Document, members},
    root,
};

/// One row of the table.
pub struct Feature {
    /// What it is about.
    pub name: String,
    /// A whole document that holds it.
    pub document: Document,
    /// What the row says of the outcome.
    pub expected: Value,
}

impl Feature {
    /// Texts that the row lists below `key`.
    #[must_use]
    pub fn listed(&self, key: &str) -> Vec<&str> {
        let listed = self.expected[key].as_array().into_iter().flatten();
        listed.filter_map(Value::as_str).collect()
    }

    /// Whether the pipeline is to refuse it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.expected.get("refused").is_some()
    }
}

impl Feature {
    /// Tests of the values that the row has by the names of their types: a pair of JSON is what is read and what is
    /// written again, JSON alone is both, and what is to be refused has `null` for what is written.
    #[must_use]
    pub fn tests_of_values(&self) -> String {
        let mut tests = String::new();
        for (ty, all) in members(&self.expected["values"]) {
            for (index, value) in all.as_array().into_iter().flatten().enumerate() {
                let pair = value.as_array().filter(|pair| pair.len() == 2);
                let (read, written) = pair.map_or((value, value), |pair| (&pair[0], &pair[1]));
                let (read, written) = (read.to_string(), written.to_string());
                let test = format!("{}_{index}", ty.to_lowercase());
                let _ = write!(
                    tests,
                    "\n    #[test]\n    fn {test}() {{\n        \
                     let read = serde_json::from_str::<{{client}}::types::{ty}>({read:?});\n        \
                     let written = serde_json::from_str::<serde_json::Value>({written:?}).expect(\"JSON\");\n        \
                     if written.is_null() {{\n            assert!(read.is_err(), \"{{read:?}}\");\n        }} else {{\n            \
                     assert_eq!(serde_json::to_value(read.expect(\"taken\")).expect(\"JSON\"), written);\n        }}\n    }}\n"
                );
            }
        }
        tests
    }
}

/// Every row.
///
/// # Panics
/// If the table cannot be read.
#[must_use]
pub fn all() -> Vec<Feature> {
    let file = "tests/data/features.yaml";
    let text = fs::read_to_string(root().join(file)).or_fail();
    let table = Document::parse("features", file, &text).or_fail().value;
    let rows = table["features"].as_array().or_fail();
    rows.iter().map(feature).collect()
}

fn feature(row: &Value) -> Feature {
    let name = row["name"].as_str().or_fail().to_owned();
    let mut value = json!({
        "openapi": "3.0.3",
        "info": { "title": name, "version": "1" },
        "paths": {},
    });
    for key in [
        "openapi",
        "info",
        "paths",
        "components",
        "security",
        "servers",
    ] {
        if let Some(given) = row.get(key) {
            value[key] = given.clone();
        }
    }
    // The shortest way to write an operation about which only its parameters, body or answers matter.
    if let Some(operation) = row.get("operation") {
        let mut operation = operation.clone();
        if operation.get("operationId").is_none() {
            operation["operationId"] = "call".into();
        }
        if operation.get("responses").is_none() {
            operation["responses"] = json!({ "204": { "description": "Done" } });
        }
        let path = row["path"].as_str().unwrap_or("/things");
        let method = row["method"].as_str().unwrap_or("post");
        value["paths"] = json!({ path: { method: operation } });
    }
    if let Some(schema) = row.get("schema") {
        value["paths"] = json!({ "/things": { "get": {
            "operationId": "call",
            "responses": { "200": { "description": "It", "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Thing" },
            } } } },
        } } });
        value["components"]["schemas"]["Thing"] = schema.clone();
    }
    let word: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let word = word
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    let document = Document::parse(&word, &format!("specs/{word}.json"), &value.to_string());
    Feature {
        name,
        document: document.or_fail(),
        expected: row["expect"].clone(),
    }
}
