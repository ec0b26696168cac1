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
mod keys;

use std::{collections::BTreeSet, fmt};

use heck::ToSnakeCase;
use serde_json::Value;

pub use examples::json_schema;
pub(crate) use examples::validator;
use keys::{
    BODY, COMPONENTS, EXTENSIONS, HEADER, INFO, MEDIA_TYPE, OPERATION, PARAMETER, RESPONSE, ROOT,
    SCHEMA, SCHEMA_TYPES, SCHEME, SERVER, TAG, VARIABLE,
};

use crate::{
    document::{Document, join, members},
    locate::Lines,
    lower::Warning,
    model::METHODS,
    names,
};

/// Something in a document that is wrong: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The document's file.
    pub file: String,
    /// JSON pointer to the place in it.
    pub pointer: String,
    /// The line of that place, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, "#{}: {}", self.pointer, self.what)
    }
}

impl Problem {
    /// The same problem, with the file that it was found in and the line there.
    #[must_use]
    pub fn located(self, file: &str, lines: Option<&Lines>) -> Self {
        Self {
            file: file.to_owned(),
            line: lines.map(|lines| lines.line(&self.pointer)),
            ..self
        }
    }
}

impl From<Warning> for Problem {
    fn from(warning: Warning) -> Self {
        Self {
            file: String::new(),
            pointer: warning.pointer,
            line: None,
            what: warning.what,
        }
    }
}

/// What a document is told after it was found to have no problem: what the code does not carry of it, as
/// notes.
#[must_use]
pub fn report(document: &Document, warnings: &[Problem]) -> String {
    let located = |warning: &Problem| {
        warning
            .clone()
            .located(&document.file, document.lines.as_ref())
    };
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
    let schemas = json_schema(&document.value["components"]["schemas"]);
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
        let problem = Problem {
            file: String::new(),
            pointer: pointer.to_owned(),
            line: None,
            what: what.into(),
        };
        let (file, lines) = (&self.document.file, self.document.lines.as_ref());
        self.problems.push(problem.located(file, lines));
    }

    /// Reports what only the rules for first-party documents mind.
    fn report_own(&mut self, pointer: &str, what: impl Into<String>) {
        if self.first_party {
            self.report(pointer, what);
        }
    }

    fn version(&mut self) {
        let version = self.document.value["openapi"].as_str();
        if !version.is_some_and(|version| version.starts_with("3.0.")) {
            self.report("/openapi", "not a version 3.0; write `openapi: 3.0.3`");
        }
    }

    fn root(&mut self) {
        let root = &self.document.value;
        self.version();
        self.keys("", root, ROOT);
        if let Err(error) = serde_json::from_value::<openapiv3::OpenAPI>(root.clone()) {
            self.report("", format!("not OpenAPI 3.0: {error}"));
        }
        self.references("", root);
        self.keys("/info", &root["info"], INFO);
        self.described("/info", &root["info"]);
        self.sourced("/info", &root["info"]);
        self.servers();
        self.tags();
        self.security("/security", root.get("security"));
        self.components();
        self.operations();
    }

    fn servers(&mut self) {
        let servers = self.document.value["servers"].as_array();
        if servers.is_none_or(Vec::is_empty) {
            self.report_own("/servers", "no server; say where the service is");
        }
        for (index, server) in servers.into_iter().flatten().enumerate() {
            let pointer = format!("/servers/{index}");
            self.keys(&pointer, server, SERVER);
            self.described(&pointer, server);
            self.sourced(&pointer, server);
            for (name, variable) in members(&server["variables"]) {
                let pointer = join(&format!("{pointer}/variables"), name);
                self.keys(&pointer, variable, VARIABLE);
                self.described(&pointer, variable);
                self.sourced(&pointer, variable);
                let words = variable["enum"].as_array();
                if words.is_some_and(|words| !words.contains(&variable["default"])) {
                    let what = format!("{} is not among its `enum`", variable["default"]);
                    self.report(&join(&pointer, "default"), what);
                }
            }
        }
    }

    fn tags(&mut self) {
        for (index, tag) in self.document.value["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            let pointer = format!("/tags/{index}");
            self.keys(&pointer, tag, TAG);
            self.described(&pointer, tag);
        }
    }

    fn components(&mut self) {
        let components = &self.document.value["components"];
        self.keys("/components", components, COMPONENTS);
        for (name, parameter) in members(&components["parameters"]) {
            self.parameter(&join("/components/parameters", name), parameter);
        }
        for (name, header) in members(&components["headers"]) {
            self.header(&join("/components/headers", name), header);
        }
        for (name, response) in members(&components["responses"]) {
            self.response(&join("/components/responses", name), response);
        }
        for (name, schema) in members(&components["schemas"]) {
            let pointer = join("/components/schemas", name);
            self.sourced(&pointer, schema);
            self.described(&pointer, schema);
            self.schema(&pointer, schema);
        }
        for (name, scheme) in members(&components["securitySchemes"]) {
            let pointer = join("/components/securitySchemes", name);
            self.keys(&pointer, scheme, SCHEME);
            self.described(&pointer, scheme);
            self.sourced(&pointer, scheme);
        }
    }

    fn operations(&mut self) {
        let mut ids = BTreeSet::new();
        let mut count = 0;
        for (path, item) in members(&self.document.value["paths"]) {
            let pointer = join("/paths", path);
            let keys: Vec<_> = METHODS
                .iter()
                .copied()
                .chain(["parameters", "summary", "description"])
                .collect();
            self.keys(&pointer, item, &keys);
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
        self.keys(pointer, operation, OPERATION);
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
        self.described(pointer, operation);
        self.sourced(pointer, operation);
        self.security(&join(pointer, "security"), operation.get("security"));
        if operation["deprecated"] == true && operation["x-replaced-by"].as_str().is_none() {
            self.report_own(
                pointer,
                "deprecated without `x-replaced-by`; say what to use in its place",
            );
        }
        let mut in_path = BTreeSet::new();
        let item_pointer = pointer.rsplit_once('/').map_or("", |(item, _)| item);
        let parameters = [(pointer, operation), (item_pointer, item)];
        for (pointer, source) in parameters {
            for (index, parameter) in source["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
            {
                if parameter.get("$ref").is_none() {
                    self.parameter(&format!("{pointer}/parameters/{index}"), parameter);
                }
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
        if let Some(body) = operation
            .get("requestBody")
            .filter(|body| body.get("$ref").is_none())
        {
            let pointer = join(pointer, "requestBody");
            self.keys(&pointer, body, BODY);
            self.described(&pointer, body);
            self.sourced(&pointer, body);
            self.content(&pointer, body);
        }
        let responses = &operation["responses"];
        if !members(responses).any(|(status, _)| status.starts_with('2')) {
            self.report(
                &join(pointer, "responses"),
                "no success; declare the status that the page promises",
            );
        }
        for (status, response) in
            members(responses).filter(|(_, response)| response.get("$ref").is_none())
        {
            self.response(&join(&join(pointer, "responses"), status), response);
        }
    }

    fn parameter(&mut self, pointer: &str, parameter: &'a Value) {
        self.keys(pointer, parameter, PARAMETER);
        self.described(pointer, parameter);
        self.sourced(pointer, parameter);
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
            self.schema(&join(pointer, "schema"), &parameter["schema"]);
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

    fn header(&mut self, pointer: &str, header: &'a Value) {
        self.keys(pointer, header, HEADER);
        self.described(pointer, header);
        self.sourced(pointer, header);
        match header.get("schema") {
            Some(schema) => {
                self.schema(&join(pointer, "schema"), schema);
                self.examples(pointer, schema, header);
            }
            None => self.report(pointer, "no `schema`"),
        }
    }

    fn response(&mut self, pointer: &str, response: &'a Value) {
        self.keys(pointer, response, RESPONSE);
        self.described(pointer, response);
        self.sourced(pointer, response);
        for (name, header) in
            members(&response["headers"]).filter(|(_, header)| header.get("$ref").is_none())
        {
            self.header(&join(&join(pointer, "headers"), name), header);
        }
        self.content(pointer, response);
    }

    fn content(&mut self, pointer: &str, holder: &'a Value) {
        for (name, media_type) in members(&holder["content"]) {
            let pointer = join(&join(pointer, "content"), name);
            self.keys(&pointer, media_type, MEDIA_TYPE);
            self.sourced(&pointer, media_type);
            let Some(schema) = media_type.get("schema") else {
                self.report(&pointer, "no `schema`");
                continue;
            };
            self.schema(&join(&pointer, "schema"), schema);
            // An example of another form is its text, which a schema of objects does not describe.
            if name.contains("json") || schema["type"] == "string" {
                self.examples(&pointer, schema, media_type);
            }
        }
    }

    fn schema(&mut self, pointer: &str, schema: &'a Value) {
        if schema.get("$ref").is_some() {
            return;
        }
        self.keys(pointer, schema, SCHEMA);
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
        for (name, property) in members(&schema["properties"]) {
            let pointer = join(&join(pointer, "properties"), name);
            if property.get("$ref").is_none() {
                self.described(&pointer, property);
                self.sourced(&pointer, property);
            }
            self.schema(&pointer, property);
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
        if let Some(items) = schema.get("items") {
            self.schema(&join(pointer, "items"), items);
        } else if schema["type"] == "array" {
            self.report(pointer, "an array without `items`");
        }
        for key in ["additionalProperties", "not"] {
            if let Some(within) = schema.get(key).filter(|within| within.is_object()) {
                self.schema(&join(pointer, key), within);
            }
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            let parts = schema[key].as_array().into_iter().flatten();
            for (index, part) in parts.enumerate() {
                self.schema(&format!("{}/{index}", join(pointer, key)), part);
            }
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

    fn keys(&mut self, pointer: &str, value: &Value, known: &[&str]) {
        for (key, _) in members(value) {
            let is_extension = key.starts_with("x-");
            if !known.contains(&key.as_str()) && !is_extension && key != "$ref" {
                self.report(
                    pointer,
                    format!("OpenAPI has no `{key}` here; is it misspelled?"),
                );
            } else if is_extension && !EXTENSIONS.contains(&key.as_str()) {
                let what = format!("there is no extension `{key}`; specs/README.md has their list");
                self.report_own(pointer, what);
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

    fn references(&mut self, pointer: &str, value: &Value) {
        if value.get("$ref").is_some_and(Value::is_string) && self.document.resolve(value).is_err()
        {
            self.report(pointer, format!("{} leads nowhere", value["$ref"]));
        }
        for (key, value) in members(value) {
            self.references(&join(pointer, key), value);
        }
        for (index, value) in value.as_array().into_iter().flatten().enumerate() {
            self.references(&format!("{pointer}/{index}"), value);
        }
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
