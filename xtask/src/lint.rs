//! `cargo xtask lint`: whether a document is OpenAPI 3.0, and keeps the rules of the house.
//!
//! The rules: every operation has an id, a summary and a success; every element that a caller meets is
//! described and names its source, or says that it is inferred and why; parameters are typed by shared
//! schemas; text that goes into a path is checked; examples are valid; descriptions are rustdoc.

use std::{collections::BTreeSet, fmt};

use anyhow::{Result, bail};
use heck::ToSnakeCase;
use serde_json::{Value, json};

use crate::{
    document::{Document, join, members},
    model::METHODS,
};

/// Something in a document that is wrong: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The document's file.
    pub file: String,
    /// JSON pointer to the place in it.
    pub pointer: String,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}: {}", self.file, self.pointer, self.what)
    }
}

/// Fails with all problems of a document, if it has any.
pub fn refuse(document: &Document) -> Result<()> {
    let problems = problems(document);
    if problems.is_empty() {
        return Ok(());
    }
    let list: Vec<_> = problems.iter().map(ToString::to_string).collect();
    bail!("{}", list.join("\n"))
}

/// All problems of a document, in the order of their places.
#[must_use]
pub fn problems(document: &Document) -> Vec<Problem> {
    let mut lint = Lint {
        document,
        problems: Vec::new(),
    };
    lint.root();
    lint.problems.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    lint.problems
}

struct Lint<'a> {
    document: &'a Document,
    problems: Vec<Problem>,
}

const ROOT: &[&str] = &[
    "openapi",
    "info",
    "servers",
    "tags",
    "security",
    "paths",
    "components",
    "externalDocs",
];
const INFO: &[&str] = &[
    "title",
    "version",
    "description",
    "termsOfService",
    "contact",
    "license",
];
const SERVER: &[&str] = &["url", "description", "variables"];
const VARIABLE: &[&str] = &["default", "description", "enum"];
const TAG: &[&str] = &["name", "description", "externalDocs"];
const COMPONENTS: &[&str] = &[
    "parameters",
    "headers",
    "responses",
    "schemas",
    "securitySchemes",
    "requestBodies",
    "examples",
];
const OPERATION: &[&str] = &[
    "operationId",
    "tags",
    "summary",
    "description",
    "deprecated",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "servers",
    "externalDocs",
    "callbacks",
];
const PARAMETER: &[&str] = &[
    "name",
    "in",
    "required",
    "description",
    "schema",
    "style",
    "explode",
    "deprecated",
    "allowEmptyValue",
    "allowReserved",
    "example",
    "examples",
    "content",
];
const HEADER: &[&str] = &[
    "description",
    "required",
    "schema",
    "deprecated",
    "example",
    "style",
    "explode",
];
const RESPONSE: &[&str] = &["description", "headers", "content", "links"];
const BODY: &[&str] = &["description", "required", "content"];
const MEDIA_TYPE: &[&str] = &["schema", "example", "examples", "encoding"];
const SCHEMA: &[&str] = &[
    "type",
    "format",
    "title",
    "description",
    "properties",
    "required",
    "items",
    "enum",
    "default",
    "pattern",
    "nullable",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "multipleOf",
    "additionalProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "discriminator",
    "readOnly",
    "writeOnly",
    "example",
    "deprecated",
    "minProperties",
    "maxProperties",
    "externalDocs",
    "xml",
];
const SCHEME: &[&str] = &[
    "type",
    "description",
    "name",
    "in",
    "scheme",
    "bearerFormat",
    "flows",
    "openIdConnectUrl",
];
const SCHEMA_TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];

impl<'a> Lint<'a> {
    fn report(&mut self, pointer: &str, what: impl Into<String>) {
        self.problems.push(Problem {
            file: self.document.file.clone(),
            pointer: pointer.to_owned(),
            what: what.into(),
        });
    }

    fn root(&mut self) {
        let root = &self.document.value;
        self.keys("", root, ROOT);
        if !root["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.0."))
        {
            self.report("/openapi", "not a version 3.0; write `openapi: 3.0.3`");
        }
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
            self.report("/servers", "no server; say where the service is");
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
            self.report(
                pointer,
                "no `summary`; say in one line what the operation does",
            );
        }
        self.described(pointer, operation);
        self.sourced(pointer, operation);
        self.security(&join(pointer, "security"), operation.get("security"));
        if operation["deprecated"] == true && operation["x-replaced-by"].as_str().is_none() {
            self.report(
                pointer,
                "deprecated without `x-replaced-by`; say what to use in its place",
            );
        }
        let mut in_path = BTreeSet::new();
        let parameters = [(pointer, operation), ("", item)];
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
        let location = parameter["in"].as_str().unwrap_or_default();
        if !["path", "query", "header"].contains(&location) {
            self.report(
                pointer,
                format!("`in: {location}`; a parameter is sent in path, query or header"),
            );
        }
        if parameter["schema"].get("$ref").is_none() {
            self.report(pointer, "its schema is written in place, which makes a type per operation; `$ref` a shared one");
            return;
        }
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
                self.report(pointer, "text in a path without `pattern`, `enum` or `format: uuid` can steer the request elsewhere");
            }
        }
    }

    fn header(&mut self, pointer: &str, header: &'a Value) {
        self.keys(pointer, header, HEADER);
        self.described(pointer, header);
        self.sourced(pointer, header);
        match header.get("schema") {
            Some(schema) => self.schema(&join(pointer, "schema"), schema),
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
            if let Some(example) = media_type.get("example") {
                self.example(&join(&pointer, "example"), schema, example);
            }
            for (name, example) in members(&media_type["examples"]) {
                self.example(
                    &join(&join(&pointer, "examples"), name),
                    schema,
                    &example["value"],
                );
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
        for key in ["example", "default"] {
            if let Some(example) = schema.get(key) {
                self.example(&join(pointer, key), schema, example);
            }
        }
    }

    fn example(&mut self, pointer: &str, schema: &Value, example: &Value) {
        let mut whole = json_schema(schema);
        if let Some(object) = whole.as_object_mut() {
            object.insert(
                "components".into(),
                json!({ "schemas": json_schema(&self.document.value["components"]["schemas"]) }),
            );
        }
        match jsonschema::validator_for(&whole) {
            Ok(validator) => {
                if let Err(error) = validator.validate(example) {
                    self.report(pointer, format!("does not fit its schema: {error}"));
                }
            }
            Err(error) => self.report(pointer, format!("its schema is none: {error}")),
        }
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
            if !known.contains(&key.as_str()) && !key.starts_with("x-") && key != "$ref" {
                self.report(
                    pointer,
                    format!("OpenAPI has no `{key}` here; is it misspelled?"),
                );
            }
        }
    }

    fn described(&mut self, pointer: &str, value: &Value) {
        let text = value["description"].as_str().unwrap_or_default();
        if text.trim().is_empty() {
            self.report(pointer, "no `description`");
        } else if let Some(reason) = not_rustdoc(text) {
            self.report(&join(pointer, "description"), reason);
        }
    }

    fn sourced(&mut self, pointer: &str, value: &Value) {
        let source = value["x-source"].as_str();
        let inferred = value["x-inferred"].as_str();
        if let Some(source) = source
            && self.document.value["x-sources"].get(source).is_none()
        {
            self.report(
                pointer,
                format!("its `x-source` {source:?} is not among `x-sources`"),
            );
        }
        if source.is_none() && inferred.is_none_or(|reason| reason.trim().is_empty()) {
            self.report(
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

/// A schema of OpenAPI 3.0 as one of JSON Schema: `nullable` becomes a type of its own.
#[must_use]
pub fn json_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let mut converted: serde_json::Map<String, Value> = object
                .iter()
                .map(|(key, value)| (key.clone(), json_schema(value)))
                .collect();
            if object.get("nullable") == Some(&Value::Bool(true)) {
                converted.remove("nullable");
                return json!({ "anyOf": [converted, { "type": "null" }] });
            }
            Value::Object(converted)
        }
        Value::Array(items) => items.iter().map(json_schema).collect(),
        other => other.clone(),
    }
}
