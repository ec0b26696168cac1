//! Adaptations of a document, in memory: what progenitor 0.15.1 cannot take as it stands. The document
//! on disk stays true to its source.
//!
//! Each adaptation is a named step; its documentation says what upstream does. That upstream still does
//! it, and that the step is still needed, is what the table of one-feature documents in
//! tests/suite/features.rs shows: it puts each document through progenitor as it stands, too.
//!
//! What no step can mend is refused, all of it at once and before anything is written. What a step has
//! to leave out is a loss, which `cargo xtask lint` tells.

mod extensions;
pub mod guard;
mod parameters;
mod paths;
mod references;
mod requests;
mod responses;
mod schemas;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

pub use self::responses::{Arm, Outcome, Payload};
use crate::{
    document::{Document, members},
    lint::Problem,
    model::{self, Operation},
    names::Disguises,
    step::Step,
};

/// A document as progenitor gets it.
pub struct Adapted {
    /// For the client.
    pub client: Value,
    /// For the mocks, which know every answer by its own type.
    pub mocks: Value,
    /// The operations, as the document has them.
    pub operations: Vec<Operation>,
    /// Answers that are of several types.
    pub outcomes: Vec<Outcome>,
    /// Where each schema that progenitor gets stands in the document.
    pub places: BTreeMap<String, String>,
    /// Types that stand for a text of a format of their own: what typify has to be told.
    pub stand_ins: BTreeSet<String>,
    /// Names that differ between code and wire.
    pub disguises: Disguises,
    /// What each step did.
    pub steps: Vec<Step>,
    /// What the document says and the code does not carry.
    pub losses: Vec<Problem>,
}

/// Runs all steps over a copy of the document, or says why it cannot be taken.
pub fn adapt(document: &Document) -> Result<Adapted, Vec<Problem>> {
    let mut work = Work::new(document);
    work.references();
    work.shapes();
    if !work.refusals.is_empty() {
        // Nothing behind this can be read for sure.
        return Err(work.refused());
    }
    let operations = match model::operations(document) {
        Ok(operations) => operations,
        Err(error) => {
            if work.refusals.is_empty() {
                work.refuse("", format!("{error:#}"));
            }
            return Err(work.refusals);
        }
    };
    work.schemas();
    let mut paths = [Map::new(), Map::new()];
    for operation in &operations {
        let (path, client, mocks) = work.operation(operation);
        let method = operation.method.to_lowercase();
        for (paths, operation) in paths.iter_mut().zip([client, mocks]) {
            paths.entry(path.clone()).or_insert_with(|| json!({}))[&method] = operation;
        }
    }
    if operations.is_empty() {
        work.refuse(
            "/paths",
            "no operation; there is nothing to write a client for",
        );
    }
    work.losses_of_the_root();
    if !work.refusals.is_empty() {
        return Err(work.refused());
    }
    Ok(work.finish(operations, paths))
}

/// What the steps share.
struct Work<'a> {
    document: &'a Document,
    /// The document without its extensions.
    plain: Value,
    refusals: Vec<Problem>,
    losses: Vec<Problem>,
    disguises: Disguises,
    stand_ins: BTreeSet<String>,
    outcomes: Vec<Outcome>,
    applied: BTreeMap<&'static str, usize>,
    types: schemas::Types,
    extensions: Step,
}

/// The steps, in the order in which they are told of.
const STEPS: [&str; 28] = [
    "operation_ids",
    "path_names",
    "default_responses",
    "status_names",
    "response_media_types",
    "json_without_schema",
    "several_successes",
    "several_errors",
    "bodies_of_head",
    "request_media_types",
    "bodies_of_text_and_bytes",
    "parameter_names",
    "cookie_parameters",
    "lists_and_objects",
    "json_parameters",
    "nullable_parameters",
    "untyped_parameters",
    "schema_names",
    "inline_names",
    "deep_references",
    "property_names",
    "enum_words",
    "mixed_enums",
    "unfit_defaults",
    "unknown_patterns",
    "long_fixed_lists",
    "negations",
    "conditions",
];

impl<'a> Work<'a> {
    fn new(document: &'a Document) -> Self {
        let mut plain = document.value.clone();
        let extensions = extensions::extensions(&mut plain);
        Self {
            document,
            types: schemas::Types::new(&plain),
            plain,
            refusals: Vec::new(),
            losses: Vec::new(),
            disguises: Disguises::default(),
            stand_ins: BTreeSet::new(),
            outcomes: Vec::new(),
            applied: BTreeMap::new(),
            extensions,
        }
    }

    /// The refusals, in the order of their places.
    fn refused(mut self) -> Vec<Problem> {
        self.refusals.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        self.refusals.dedup();
        self.refusals
    }

    fn problem(&self, pointer: &str, what: impl Into<String>) -> Problem {
        Problem {
            file: self.document.file.clone(),
            pointer: pointer.to_owned(),
            line: None,
            what: what.into(),
        }
    }

    fn refuse(&mut self, pointer: &str, what: impl Into<String>) {
        let problem = self.problem(pointer, what);
        self.refusals.push(problem);
    }

    fn lose(&mut self, pointer: &str, what: impl Into<String>) {
        let problem = self.problem(pointer, what);
        self.losses.push(problem);
    }

    fn applied(&mut self, step: &'static str) {
        debug_assert!(STEPS.contains(&step), "{step} is not among the steps");
        *self.applied.entry(step).or_default() += 1;
    }

    /// A place of the document as it was written, with references followed; `Null` if they lead nowhere,
    /// which is refused elsewhere.
    fn followed(&self, value: &Value) -> Value {
        self.document.resolve(value).cloned().unwrap_or_default()
    }

    /// An operation as progenitor gets it for the client and for the mocks, and its path.
    fn operation(&mut self, operation: &Operation) -> (String, Value, Value) {
        let source = self.source(operation);
        let mut adapted = Map::new();
        for key in ["summary", "description"] {
            if let Some(text) = source.get(key).filter(|text| text.is_string()) {
                adapted.insert(key.to_owned(), text.clone());
            }
        }
        if operation.name != operation.id || source["operationId"].as_str().is_none() {
            self.applied("operation_ids");
        }
        adapted.insert("operationId".into(), operation.name.clone().into());
        let (path, parameters) = self.parameters(operation, &source);
        adapted.insert("parameters".into(), Value::Array(parameters));
        if let Some(body) = self.request_body(operation, &source) {
            adapted.insert("requestBody".into(), body);
        }
        let (client, mocks) = self.responses(operation, &source);
        for key in ["callbacks", "servers"] {
            if source.get(key).is_some_and(|value| !is_empty(value)) {
                self.lose(
                    &format!("{}/{key}", operation.pointer),
                    format!("`{key}` of an operation are not carried into the code"),
                );
            }
        }
        let mut for_mocks = adapted.clone();
        adapted.insert("responses".into(), client);
        for_mocks.insert("responses".into(), mocks);
        (path, Value::Object(adapted), Value::Object(for_mocks))
    }

    /// The operation as it was written, with its path item's parameters before its own.
    fn source(&self, operation: &Operation) -> Value {
        let item = self.followed(&self.document.value["paths"][&operation.path]);
        let mut source = item[operation.method.to_lowercase()].clone();
        let mut all: Vec<Value> = Vec::new();
        let places = [
            (
                item["parameters"].as_array(),
                crate::document::join("/paths", &operation.path),
            ),
            (source["parameters"].as_array(), operation.pointer.clone()),
        ];
        for (parameters, pointer) in places {
            for (index, parameter) in parameters.into_iter().flatten().enumerate() {
                let mut parameter = self.followed(parameter);
                parameter["x-place"] = format!("{pointer}/parameters/{index}").into();
                all.retain(|other| {
                    (&other["name"], &other["in"]) != (&parameter["name"], &parameter["in"])
                });
                all.push(parameter);
            }
        }
        source["parameters"] = Value::Array(all);
        source
    }

    fn losses_of_the_root(&mut self) {
        let schemes = self.document.value["components"]["securitySchemes"].clone();
        for (name, scheme) in members(&schemes) {
            let key = scheme["name"].as_str().unwrap_or_default();
            let ours = scheme["in"] == "header" && key.eq_ignore_ascii_case("authorization");
            if scheme["type"] == "apiKey" && !ours {
                let at = crate::document::join("/components/securitySchemes", name);
                let place = scheme["in"].as_str().unwrap_or_default();
                self.lose(
                    &at,
                    format!("the transport sends credentials in `Authorization`, not in the {place} `{key}`"),
                );
            }
        }
        for (path, item) in members(&self.document.value["paths"].clone()) {
            if item.get("servers").is_some() {
                let at = crate::document::join("/paths", path);
                self.lose(&at, "`servers` of a path are not carried into the code");
            }
        }
    }

    fn finish(
        self,
        operations: Vec<Operation>,
        [client, mocks]: [Map<String, Value>; 2],
    ) -> Adapted {
        let mut info = self.plain["info"].clone();
        if !info.is_object() {
            info = json!({});
        }
        // progenitor's documentation of the client needs all three.
        for key in ["title", "version"] {
            if !info[key].is_string() {
                info[key] = self.document.name.clone().into();
            }
        }
        let info = json!({
            "title": info["title"], "version": info["version"], "description": info["description"],
        });
        let (schemas, places) = self.types.finish();
        let whole = |paths: Map<String, Value>| {
            let mut whole = json!({
                "openapi": "3.0.3",
                "info": info,
                "paths": paths,
                "components": { "schemas": schemas },
            });
            if whole["info"]["description"].is_null()
                && let Some(info) = whole["info"].as_object_mut()
            {
                info.remove("description");
            }
            whole
        };
        let mut steps: Vec<_> = STEPS
            .iter()
            .map(|name| {
                let count = self.applied.get(name).copied().unwrap_or_default();
                Step::new(name, count, count)
            })
            .collect();
        steps.push(self.extensions);
        Adapted {
            client: whole(client),
            mocks: whole(mocks),
            operations,
            outcomes: self.outcomes,
            places,
            stand_ins: self.stand_ins,
            disguises: self.disguises,
            steps,
            losses: self.losses,
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The format of the text that stands for a type in a schema; see `Adapted::stand_ins`.
#[must_use]
pub fn stand_in(name: &str) -> String {
    format!("thumbprint-type-{name}")
}
