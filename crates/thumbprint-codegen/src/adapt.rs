//! Adaptations of a document, in memory: what progenitor 0.15.1 cannot take as it stands. The document
//! on disk stays true to its source.
//!
//! progenitor writes the types; the code of the operations is ours ([`crate::emit`]). So it gets a document of schemas
//! alone: the document's own, and one for each operation ([`Signature`]) whose properties have the schemas of all
//! that the operation takes and gives. The types of these properties are those of the code.
//!
//! What is left to adapt are schemas. Most adaptations are named steps: `needs` says what of a document needs each, and
//! nothing of what progenitor gets may need one. That upstream still does not take it is what the table of one-feature
//! documents in tests/suite/features.rs shows: it puts each document through progenitor as it stands, too.
//!
//! What no step can mend is refused, all of it at once and before anything is written. What a step has
//! to leave out is a warning, which `cargo xtask lint` tells.

pub(crate) mod composition;
pub mod guard;
mod needs;
mod parameters;
mod paths;
mod patterns;
mod presence;
mod references;
mod requests;
mod responses;
mod schemas;
mod types;
mod values;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use serde_json::{Map, Value, json};

pub(crate) use self::composition::EXACT;
pub(crate) use self::composition::TAG;
use self::presence::Direction;
pub(crate) use self::schemas::TYPED;
pub use self::types::{TextRules, Union};
use crate::{
    document::Document,
    grammar::{METHODS, join, members},
    model::{self, Operation},
    names::WireNames,
    problem::Problem,
};

/// A document as progenitor gets it.
pub struct Adapted {
    /// The document.
    pub document: Value,
    /// What a step did not mend, by the step: a fault of ours, which progenitor need not stumble over.
    pub unmended: BTreeMap<&'static str, Vec<String>>,
    /// The document as it was written, with compositions made plain.
    pub composed: Document,
    /// Enumerations that may grow, by the types' names.
    pub open: BTreeMap<String, Value>,
    /// Types whose values are not shown.
    pub sensitive: BTreeSet<String>,
    /// What is not shown of types, by their names.
    pub hidden: BTreeMap<String, BTreeSet<String>>,
    /// What is deprecated of types, by their names.
    pub deprecated: BTreeMap<String, BTreeSet<String>>,
    /// What may be absent of types that are sent, by its name; whether it may be null.
    pub sent: BTreeMap<String, BTreeMap<String, bool>>,
    /// Types that have one of several forms.
    pub unions: BTreeMap<String, Union>,
    /// The operations, as the document has them.
    pub operations: Vec<Arc<Operation>>,
    /// What each of them takes and gives.
    pub signatures: Vec<Signature>,
    /// Where each schema that progenitor gets stands in the document.
    pub places: BTreeMap<String, String>,
    /// The patterns of texts that become types, by the types' names.
    pub patterns: BTreeMap<String, TextRules>,
    /// Names that differ between code and wire.
    pub wire_names: WireNames,
    /// How often the document needs each step.
    pub steps: BTreeMap<&'static str, usize>,
    /// What the document says and the code does not carry.
    pub warnings: Vec<Problem>,
}

/// A schema that holds those of all that an operation takes and gives.
pub struct Signature {
    /// Its name.
    pub name: String,
    /// Its properties: [`Slot`]s as text, and where in the document their schemas are.
    pub properties: BTreeMap<String, String>,
}

/// A property of a [`Signature`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The parameter at an index.
    Parameter(usize),
    /// The body of the request.
    Body,
    /// The body of the request, in the other form at an index.
    Other(usize),
    /// The body of the response at an index.
    Response(usize),
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(index) => write!(f, "p{index}"),
            Self::Body => f.write_str("body"),
            Self::Other(index) => write!(f, "o{index}"),
            Self::Response(index) => write!(f, "r{index}"),
        }
    }
}

/// Runs all steps over a copy of the document, or says why it cannot be taken.
pub fn adapt(document: &Document) -> Result<Adapted, Vec<Problem>> {
    let read = patterns::read(document);
    let (document, warnings) = match &read {
        Some((document, warnings)) => (document, warnings.clone()),
        None => (document, Vec::new()),
    };
    let shared = references::shared(document);
    let composed = composition::compose(&shared.value);
    let composed_document = shared.with(composed.document);
    let document = &composed_document;
    let mut work = Work::new(document);
    work.warnings = warnings;
    work.warnings.extend(composed.warnings);
    work.refusals = composed.refusals;
    let operations = match model::operations(document) {
        Ok(operations) => operations,
        Err(error) => {
            if work.refusals.is_empty() {
                work.refuse("", format!("{error:#}"));
            }
            return Err(work.refusals);
        }
    };
    work.directions = presence::directions(document, &operations);
    work.schemas();
    let signatures: Vec<_> = operations.iter().map(|one| work.operation(one)).collect();
    if operations.is_empty() {
        if work.types.schemas.is_empty() {
            let what = "no operation and no schema; there is nothing to write code for";
            work.refuse("/paths", what);
        }
        let what = "no operation: the client has no methods, and only the types are of use";
        work.warn("/paths", what);
    }
    work.warnings_of_the_root();
    let mut refusals = std::mem::take(&mut work.refusals);
    let adapted = work.finish(operations, signatures);
    if refusals.is_empty() {
        let composed = composed_document;
        return Ok(Adapted {
            composed,
            ..adapted
        });
    }
    // Progenitor would tell of these once the others are mended.
    let malformed = guard::malformed(&document.file, &adapted);
    let is_known = |one: &Problem| {
        refusals
            .iter()
            .any(|other| other.pointer.starts_with(&one.pointer))
    };
    let further: Vec<_> = malformed.into_iter().filter(|one| !is_known(one)).collect();
    refusals.extend(further);
    Err(in_order(refusals))
}

/// What the steps share.
struct Work<'a> {
    document: &'a Document,
    /// Its content.
    plain: &'a Value,
    refusals: Vec<Problem>,
    warnings: Vec<Problem>,
    wire_names: WireNames,
    types: types::Types,
    /// The ways that the values of what is referred to go, by pointers.
    directions: BTreeMap<String, Direction>,
    /// The way of what is being adapted.
    direction: Direction,
}

impl<'a> Work<'a> {
    fn new(document: &'a Document) -> Self {
        let plain = &document.value;
        Self {
            document,
            types: types::Types::new(plain),
            plain,
            refusals: Vec::new(),
            warnings: Vec::new(),
            wire_names: WireNames::default(),
            directions: BTreeMap::new(),
            direction: Direction::default(),
        }
    }

    fn refuse(&mut self, pointer: &str, what: impl Into<String>) {
        self.refusals.push(Problem::new(pointer, what));
    }

    fn warn(&mut self, pointer: &str, what: impl Into<String>) {
        self.warnings.push(Problem::new(pointer, what));
    }

    /// A place of the document as it was written, with references followed; `Null` if they lead nowhere,
    /// which is refused elsewhere.
    fn followed(&self, value: &Value) -> Value {
        self.document.resolve(value).cloned().unwrap_or_default()
    }

    /// The schemas of all that an operation takes and gives.
    fn operation(&mut self, operation: &Operation) -> Signature {
        self.direction = Direction::SENT;
        let mut slots = self.parameters(operation);
        if let Some(body) = &operation.body {
            slots.extend(self.request_body(operation, body));
        }
        self.direction = Direction::RECEIVED;
        slots.extend(self.responses(operation));
        for key in ["callbacks", "servers"] {
            if operation
                .source
                .get(key)
                .is_some_and(|value| !is_empty(value))
            {
                self.warn(
                    &format!("{}/{key}", operation.pointer),
                    format!("`{key}` of an operation are not carried into the code"),
                );
            }
        }
        if operation.source["x-ms-long-running-operation"] == true {
            self.warn(
                &join(&operation.pointer, "x-ms-long-running-operation"),
                "the call ends with the first answer; what it started has to be waited for by the caller",
            );
        }
        self.signature(operation, slots)
    }

    /// Makes the schema that has a property for each of the schemas that an operation needs.
    fn signature(&mut self, operation: &Operation, slots: Vec<(Slot, String, Value)>) -> Signature {
        let name = self
            .types
            .take(&format!("{}Signature", operation.type_name()), None);
        let (mut properties, mut schemas) = (BTreeMap::new(), Map::new());
        for (slot, pointer, schema) in slots {
            properties.insert(slot.to_string(), pointer);
            schemas.insert(slot.to_string(), schema);
        }
        if !schemas.is_empty() {
            let required: Vec<_> = schemas.keys().cloned().collect();
            let schema = json!({ "type": "object", "required": required, "properties": schemas });
            self.types.add(name.clone(), &operation.pointer, schema);
        }
        Signature { name, properties }
    }

    fn warnings_of_the_root(&mut self) {
        let schemes = self.document.value["components"]["securitySchemes"].clone();
        for (name, scheme) in members(&schemes) {
            let at = join("/components/securitySchemes", name);
            let word = |key: &str| scheme[key].as_str().unwrap_or_default();
            let of_http = ["basic", "bearer"].contains(&word("scheme").to_lowercase().as_str());
            if word("type") == "http" && !of_http {
                self.warn(
                    &at,
                    format!("`{}` is not spoken by the transport; give it a signature that is it (`Credential::signed_by`)", word("scheme")),
                );
            }
            if word("type") == "mutualTLS" {
                let what = "the code does not see to it; give the transport a client certificate";
                self.warn(&at, what);
            }
            if word("type") == "apiKey" && word("name").is_empty() {
                self.refuse(
                    &at,
                    "a key needs `name`, the header, parameter or cookie that it is sent in",
                );
            }
        }
        let operations = members(&self.document.value["paths"]).flat_map(|(path, item)| {
            let item = self.document.resolve(item).unwrap_or(item);
            METHODS.into_iter().filter_map(move |method| {
                Some((join(&join("/paths", path), method), item.get(method)?))
            })
        });
        let holders = operations.chain([(String::new(), &*self.document.value)]);
        let mut unknown = Vec::new();
        for (pointer, holder) in holders {
            for (index, required) in holder["security"]
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
            {
                for (name, _) in members(required).filter(|(name, _)| schemes.get(*name).is_none())
                {
                    unknown.push((format!("{pointer}/security/{index}"), name.clone()));
                }
            }
        }
        for (at, name) in unknown {
            self.warn(
                &at,
                format!("`{name}` is not among the `securitySchemes`, and is taken for a bearer token; describe it there"),
            );
        }
        for (path, item) in members(&self.document.value["paths"].clone()) {
            if item.get("servers").is_some() {
                let at = join("/paths", path);
                self.warn(&at, "`servers` of a path are not carried into the code");
            }
        }
    }

    fn finish(self, operations: Vec<Operation>, signatures: Vec<Signature>) -> Adapted {
        let types::Types {
            schemas,
            places,
            patterns,
            open,
            sensitive,
            hidden,
            deprecated,
            sent,
            unions,
            ..
        } = self.types;
        // What a description has to have; none of it is read.
        let mut adapted = json!({
            "openapi": "3.0.3",
            "info": { "title": "", "version": "" },
            "paths": {},
            "components": {},
        });
        adapted["components"]["schemas"] = Value::Object(schemas);
        let count = |(step, places): (_, Vec<String>)| (step, places.len());
        let needed = needs::of(&self.document.value).into_iter();
        Adapted {
            composed: self.document.with(Value::Null),
            open,
            sensitive,
            hidden,
            deprecated,
            sent,
            unions,
            operations: operations.into_iter().map(Arc::new).collect(),
            signatures,
            places,
            patterns,
            wire_names: self.wire_names,
            steps: needed.map(count).collect(),
            unmended: needs::of(&adapted),
            document: adapted,
            warnings: self.warnings,
        }
    }
}

/// Refusals in the order of their places, each once.
fn in_order(mut refusals: Vec<Problem>) -> Vec<Problem> {
    refusals.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    refusals.dedup();
    refusals
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
