//! `cargo xtask lint`: whether a document is OpenAPI 3.0, and keeps the rules for first-party documents.
//!
//! These rules are for documents that people write here, which say so by naming their sources in
//! `x-sources` ([`Document::is_first_party`]). Other documents go without them; what the pipeline cannot take
//! of one, the adaptation refuses.
//!
//! The rules: every operation has an id, a summary and a success; every element that a caller meets is
//! described and names its source, or says that it is inferred and why; parameters are typed by shared
//! schemas; text that goes into a path is checked; examples are valid; descriptions are rustdoc.

mod examples;

use std::collections::BTreeSet;

use heck::ToSnakeCase;
use serde_json::Value;

pub use examples::json_schema;
pub(crate) use examples::validator;

use crate::{
    document::Document,
    grammar::{self, Dialect, Kind, METHODS, Word, join, members},
    names,
    problem::Problem,
    structure,
};

const SCHEMA_TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];

/// The extensions of first-party documents; specs/README.md says what each means.
const EXTENSIONS: &[&str] = &[
    "x-enum-names",
    "x-examples",
    "x-extensible",
    "x-inferred",
    "x-ms-pageable",
    "x-optional-body",
    "x-replaced-by",
    "x-request-media-types",
    "x-rust-name",
    "x-sensitive",
    "x-source",
    "x-sources",
    "x-subject",
];

/// What a document is told after it was found to have no problem: what the code does not carry of it, as
/// notes.
#[must_use]
pub fn report(document: &Document, warnings: &[Problem]) -> String {
    let located = |warning: &Problem| warning.clone().located(&document.file, &document.lines);
    let mut warnings: Vec<_> = warnings.iter().map(located).collect();
    warnings.sort_by_key(|warning| warning.line);
    let notes: String = warnings
        .iter()
        .map(|warning| {
            let what = format!("note: {}", warning.what);
            let note = Problem {
                what,
                ..warning.clone()
            };
            format!("{note}\n")
        })
        .collect();
    let count = match warnings.len() {
        0 => String::new(),
        1 => ", 1 note".to_owned(),
        count => format!(", {count} notes"),
    };
    format!("{notes}{}: no problem{count}\n", document.file)
}

/// All problems of a document, in the order of their places; those with the rules for first-party documents
/// only if it is one.
#[must_use]
pub fn problems(document: &Document) -> Vec<Problem> {
    check(document, document.is_first_party())
}

/// The problems of a document by OpenAPI alone, whether or not it is a first-party one.
#[must_use]
pub fn invalid(document: &Document) -> Vec<Problem> {
    check(document, false)
}

fn check(document: &Document, first_party: bool) -> Vec<Problem> {
    let schemas = members(&document.value["components"]["schemas"])
        .map(|(name, schema)| (name.clone(), json_schema(schema)))
        .collect();
    let mut lint = Lint {
        document,
        first_party,
        schemas,
        problems: Vec::new(),
    };
    lint.root();
    // The parameters of a path are looked at with each of its operations.
    lint.problems
        .sort_by(|a, b| (a.line, &a.pointer).cmp(&(b.line, &b.pointer)));
    lint.problems.dedup();
    lint.problems
}

struct Lint<'a> {
    document: &'a Document,
    /// Whether the rules for first-party documents count as well.
    first_party: bool,
    /// The shared schemas as JSON Schema, which examples are validated against.
    schemas: Value,
    problems: Vec<Problem>,
}

impl<'a> Lint<'a> {
    fn report(&mut self, pointer: &str, what: impl Into<String>) {
        let problem = Problem::new(pointer, what);
        let Document { file, lines, .. } = self.document;
        self.problems.push(problem.located(file, lines));
    }

    /// Reports what only the rules for first-party documents mind.
    fn report_own(&mut self, pointer: &str, what: impl Into<String>) {
        if self.first_party {
            self.report(pointer, what);
        }
    }

    fn root(&mut self) {
        let document = self.document;
        if Dialect::known(&document.value) != Some(Dialect::V30) {
            self.report("/openapi", "not a version 3.0; write `openapi: 3.0.3`");
        }
        for violation in structure::violations(&document.value) {
            self.report(&violation.problem.pointer, violation.problem.what);
        }
        if document.value["servers"]
            .as_array()
            .is_none_or(Vec::is_empty)
        {
            self.report_own("/servers", "no server; say where the service is");
        }
        self.security("/security", document.value.get("security"));
        self.operations();
        grammar::walk(
            &document.value,
            "",
            Kind::Root,
            &mut |value, pointer, kind| {
                if kind.has_words() && value.is_object() {
                    self.element(value, pointer, kind);
                } else if kind == Kind::Named(&Kind::Schema) {
                    for (name, schema) in
                        members(value).filter(|(_, one)| one.get("$ref").is_none())
                    {
                        let pointer = join(pointer, name);
                        self.described(&pointer, schema);
                        self.sourced(&pointer, schema);
                    }
                }
                kind != Kind::Data
            },
        );
    }

    /// What holds for an element wherever it stands.
    fn element(&mut self, value: &'a Value, pointer: &str, kind: Kind) {
        for (key, _) in members(value) {
            if let Some(what) = unknown(kind, key) {
                self.report_own(pointer, what);
            }
        }
        if value.get("$ref").is_some() {
            if self.document.resolve(value).is_err() {
                self.report(pointer, format!("{} leads nowhere", value["$ref"]));
            }
            return;
        }
        match kind {
            Kind::Tag => self.described(pointer, value),
            Kind::MediaType => self.sourced(pointer, value),
            Kind::Info
            | Kind::Server
            | Kind::Variable
            | Kind::Operation
            | Kind::Parameter
            | Kind::Header
            | Kind::Body
            | Kind::Response
            | Kind::SecurityScheme => {
                self.described(pointer, value);
                self.sourced(pointer, value);
            }
            _ => {}
        }
        match kind {
            Kind::Variable => self.variable(pointer, value),
            Kind::Parameter => self.parameter(pointer, value),
            Kind::Header => self.typed(pointer, value, true),
            Kind::MediaType => {
                // An example of another form is its text, which a schema of objects does not describe.
                let is_json = pointer
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| name.contains("json"));
                self.typed(
                    pointer,
                    value,
                    is_json || value["schema"]["type"] == "string",
                );
            }
            Kind::Schema => self.schema(pointer, value),
            _ => {}
        }
    }

    fn variable(&mut self, pointer: &str, variable: &Value) {
        let words = variable["enum"].as_array();
        if words.is_some_and(|words| !words.contains(&variable["default"])) {
            let what = format!("{} is not among its `enum`", variable["default"]);
            self.report(&join(pointer, "default"), what);
        }
    }

    fn operations(&mut self) {
        let mut ids = BTreeSet::new();
        let mut count = 0;
        for (path, item) in members(&self.document.value["paths"]) {
            let pointer = join("/paths", path);
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    count += 1;
                    self.operation(&join(&pointer, method), path, item, operation, &mut ids);
                }
            }
        }
        if count == 0 {
            self.report("/paths", "no operation");
        }
    }

    fn operation(
        &mut self,
        pointer: &str,
        path: &str,
        item: &'a Value,
        operation: &'a Value,
        ids: &mut BTreeSet<String>,
    ) {
        match operation["operationId"].as_str().unwrap_or_default() {
            "" => self.report(
                pointer,
                "no `operationId`; write it as the vendor spells it",
            ),
            id if !ids.insert(id.to_snake_case()) => {
                self.report(
                    pointer,
                    format!("the `operationId` {id:?} has the same Rust name as another's"),
                );
            }
            _ => {}
        }
        if operation["summary"].as_str().unwrap_or_default().is_empty() {
            self.report_own(
                pointer,
                "no `summary`; say in one line what the operation does",
            );
        }
        self.security(&join(pointer, "security"), operation.get("security"));
        if operation["deprecated"] == true && operation["x-replaced-by"].as_str().is_none() {
            self.report_own(
                pointer,
                "deprecated without `x-replaced-by`; say what to use in its place",
            );
        }
        let mut in_path = BTreeSet::new();
        for holder in [operation, item] {
            for parameter in holder["parameters"].as_array().into_iter().flatten() {
                if let Ok(parameter) = self.document.resolve(parameter)
                    && parameter["in"] == "path"
                    && let Some(name) = parameter["name"].as_str()
                {
                    in_path.insert(name);
                }
            }
        }
        let in_template: BTreeSet<_> = path
            .split('{')
            .skip(1)
            .filter_map(|part| part.split('}').next())
            .collect();
        if in_path != in_template {
            self.report(pointer, format!("the path has the parameters {in_template:?}, the operation declares {in_path:?}"));
        }
        let responses = &operation["responses"];
        if !members(responses).any(|(status, _)| status.starts_with('2')) {
            self.report(
                &join(pointer, "responses"),
                "no success; declare the status that the page promises",
            );
        }
    }

    fn parameter(&mut self, pointer: &str, parameter: &'a Value) {
        let name = parameter["x-rust-name"].as_str();
        if name.is_some_and(|name| names::snake(name) != name) {
            self.report(
                pointer,
                "`x-rust-name` is no name of a method; write it like `max_results`",
            );
        }
        let location = parameter["in"].as_str().unwrap_or_default();
        if !["path", "query", "header"].contains(&location) {
            self.report(
                pointer,
                format!("`in: {location}`; a parameter is sent in path, query or header"),
            );
        }
        if parameter["schema"].get("$ref").is_none() {
            self.report_own(pointer, "its schema is written in place, which makes a type per operation; `$ref` a shared one");
        }
        self.examples(pointer, &parameter["schema"], parameter);
        let Ok(schema) = self.document.resolve(&parameter["schema"]) else {
            return;
        };
        if location == "path" {
            if parameter["required"] != true {
                self.report(pointer, "a path parameter must have `required: true`");
            }
            let checked = ["pattern", "enum"]
                .iter()
                .any(|key| schema.get(key).is_some())
                || schema["format"] == "uuid";
            if schema["type"] == "string" && !checked {
                self.report_own(pointer, "text in a path without `pattern`, `enum` or `format: uuid` can steer the request elsewhere");
            }
        }
    }

    /// What has a schema, and perhaps examples of it.
    fn typed(&mut self, pointer: &str, holder: &'a Value, has_examples: bool) {
        match holder.get("schema") {
            Some(schema) if has_examples => self.examples(pointer, schema, holder),
            Some(_) => {}
            None => self.report(pointer, "no `schema`"),
        }
    }

    fn schema(&mut self, pointer: &str, schema: &'a Value) {
        let composed = ["allOf", "oneOf", "anyOf", "not"]
            .iter()
            .any(|key| schema.get(key).is_some());
        let known = schema["type"]
            .as_str()
            .is_some_and(|name| SCHEMA_TYPES.contains(&name));
        if !known && !composed {
            self.report(
                pointer,
                format!("`type` is none of {}", SCHEMA_TYPES.join(", ")),
            );
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            if required
                .as_str()
                .is_none_or(|name| schema["properties"].get(name).is_none())
            {
                self.report(
                    pointer,
                    format!("requires {required}, which is not among its properties"),
                );
            }
        }
        if schema["type"] == "array" && schema.get("items").is_none() {
            self.report(pointer, "an array without `items`");
        }
        self.values(pointer, schema);
    }

    fn security(&mut self, pointer: &str, security: Option<&Value>) {
        let schemes = &self.document.value["components"]["securitySchemes"];
        for requirement in security.and_then(Value::as_array).into_iter().flatten() {
            for (name, _) in
                members(requirement).filter(|(name, _)| schemes.get(name.as_str()).is_none())
            {
                self.report(pointer, format!("there is no security scheme {name:?}"));
            }
        }
    }

    fn described(&mut self, pointer: &str, value: &Value) {
        let text = value["description"].as_str().unwrap_or_default();
        if text.trim().is_empty() {
            self.report_own(pointer, "no `description`");
        } else if let Some(reason) = not_rustdoc(text) {
            self.report_own(&join(pointer, "description"), reason);
        }
    }

    fn sourced(&mut self, pointer: &str, value: &Value) {
        let source = value["x-source"].as_str();
        let inferred = value["x-inferred"].as_str();
        if let Some(source) = source
            && self.document.value["x-sources"].get(source).is_none()
        {
            self.report_own(
                pointer,
                format!("its `x-source` {source:?} is not among `x-sources`"),
            );
        }
        if source.is_none() && inferred.is_none_or(|reason| reason.trim().is_empty()) {
            self.report_own(
                pointer,
                "no `x-source`; name the page, or say in `x-inferred` why it is so",
            );
        }
    }
}

/// Why a word cannot stand in an element.
fn unknown(kind: Kind, key: &str) -> Option<String> {
    let is_known = |word: &Word| word.dialects.contains(&Dialect::V30);
    if grammar::word(kind, key).is_some_and(is_known)
        || kind == Kind::Callback
        || EXTENSIONS.contains(&key)
    {
        None
    } else if key.starts_with("x-") {
        Some(format!(
            "there is no extension `{key}`; specs/README.md has their list"
        ))
    } else {
        Some(format!("OpenAPI has no `{key}` here; is it misspelled?"))
    }
}

/// What rustdoc would warn of in a description, as descriptions become documentation of the code.
fn not_rustdoc(text: &str) -> Option<&'static str> {
    // Between backticks everything is allowed.
    let plain: String = text.split('`').step_by(2).collect();
    if plain.contains("://") {
        Some("a bare URL, which rustdoc warns of; put it into backticks or angle brackets")
    } else if plain.contains('[') {
        Some("a bracket, which rustdoc takes for a link; put it into backticks")
    } else if plain.contains('<') {
        Some("an angle bracket, which rustdoc takes for HTML; put it into backticks")
    } else {
        None
    }
}
