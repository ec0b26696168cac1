//! Answers: their statuses, their media types, and how many types they are of.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Work;
use crate::{
    document::{join, members},
    model::{self, Operation, Shape},
    names,
};

/// Answers of one operation that are of several types: an enumeration with a variant for each.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The enumeration's name.
    pub name: String,
    /// The operation's id, as the document has it.
    pub operation: String,
    /// The name of the operation's builder.
    pub builder: String,
    /// Whether it is of successes.
    pub success: bool,
    /// One for each status.
    pub arms: Vec<Arm>,
}

/// What one status brings.
#[derive(Clone, Debug)]
pub struct Arm {
    /// `404` or `4XX`.
    pub status: String,
    /// What its body is.
    pub payload: Payload,
}

/// What a body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// There is none.
    Empty,
    /// JSON of a type.
    Type(String),
    /// Bytes.
    Bytes,
}

/// An answer's body, adapted.
#[derive(Clone, Debug, PartialEq)]
enum Body {
    Empty,
    Json(Value),
    Bytes,
}

type Bodies = BTreeMap<String, Body>;

impl Work<'_> {
    /// An operation's answers as progenitor gets them: for the client, where it asserts that all successes
    /// are of one type and all errors too (`response_types.len() <= 1`), and for the mocks, where each
    /// status has its own.
    pub(super) fn responses(&mut self, operation: &Operation, source: &Value) -> (Value, Value) {
        let mut all = self.bodies(operation, source);
        self.default_responses(operation, &mut all);
        if !all.keys().any(|status| is_success(status)) {
            // progenitor would make one up; so it is one that the code tells of.
            all.insert("2XX".into(), Body::Bytes);
        }
        let mut client = all.clone();
        self.one_success(operation, &mut all, &mut client);
        self.one_error(operation, &mut all, &mut client);
        let mut mocks = Map::new();
        for (status, body) in &all {
            if has_name(status) {
                mocks.insert(status.clone(), response(body));
            } else {
                self.applied("status_names");
                self.lose(
                    &join(&join(&operation.pointer, "responses"), status),
                    "the status has no name, so the mocks have no method for it; use `into_inner()` there",
                );
            }
        }
        let client = client
            .iter()
            .map(|(status, body)| (status.clone(), response(body)));
        (Value::Object(client.collect()), Value::Object(mocks))
    }

    /// The body of each answer, by its status.
    fn bodies(&mut self, operation: &Operation, source: &Value) -> Bodies {
        let mut all = BTreeMap::new();
        for (status, reference) in members(&source["responses"]) {
            if status.starts_with("x-") {
                continue;
            }
            let pointer = join(&join(&operation.pointer, "responses"), status);
            let response = self.followed(reference);
            if !super::is_empty(&response["links"]) {
                self.lose(
                    &join(&pointer, "links"),
                    "`links` are not carried into the code",
                );
            }
            let Some(name) = status_name(status) else {
                self.refuse(&pointer, format!("`{status}` is no status; write three digits, a range like `4XX`, or `default`"));
                continue;
            };
            match name.as_bytes().first() {
                Some(b'1') => {
                    self.lose(&pointer, "an answer that changes the protocol, or comes before the real one, is not carried into the code");
                    continue;
                }
                Some(b'3') => self.lose(&pointer, "an answer that is neither success nor error comes as `Error::UnexpectedResponse`, without a type"),
                _ => {}
            }
            let body = self.response_body(operation, &name, &response, &pointer);
            all.insert(name, body);
        }
        all
    }

    fn response_body(
        &mut self,
        operation: &Operation,
        status: &str,
        response: &Value,
        pointer: &str,
    ) -> Body {
        let offered: Vec<_> = members(&response["content"])
            .map(|(name, _)| name.as_str())
            .collect();
        let Some(first) = offered.first().copied() else {
            return Body::Empty;
        };
        let content = join(pointer, "content");
        if operation.method == "HEAD" {
            self.applied("bodies_of_head");
            self.lose(&content, "an answer to HEAD has no body");
            return Body::Empty;
        }
        // Where any media type is announced and a form is described, JSON is meant.
        let json = model::best_json(offered.iter().copied()).or_else(|| {
            offered.iter().copied().find(|name| {
                let schema = &response["content"][*name]["schema"];
                matches!(model::essence(name).as_str(), "*/*" | "application/*")
                    && !schema.is_null()
                    && !matches!(model::shape(self.document, schema, 0), Shape::Plain)
            })
        });
        let chosen = json.unwrap_or(first);
        for other in offered.iter().filter(|other| **other != chosen) {
            self.applied("response_media_types");
            self.lose(
                &join(&content, other),
                format!("the client asks for `{chosen}` and does not read this"),
            );
        }
        let at = join(&content, chosen);
        let media_type = &response["content"][chosen];
        if json.is_none() {
            if media_type
                .get("schema")
                .is_some_and(|schema| self.followed(schema)["type"] != "string")
            {
                self.lose(&at, format!("a body of `{chosen}` is given out as it is; its schema does not become a type"));
            }
            return Body::Bytes;
        }
        if model::essence(chosen) != "application/json" {
            self.applied("response_media_types");
        }
        if media_type.get("schema").is_none() {
            self.applied("json_without_schema");
        }
        let ty = names::pascal(&format!("{}-response", operation.method_name()));
        let ty = if status.starts_with('2') {
            ty
        } else {
            format!("{ty}{status}")
        };
        let schema = join(&at, "schema");
        Body::Json(self.inline_schema(&media_type["schema"], &schema, &ty))
    }

    /// progenitor takes a `default` response for a success and for an error, and panics where that makes
    /// two kinds of success: for each `204` beside a typed `default`. With a success of its own declared,
    /// `default` can only mean the errors; without one it means both.
    fn default_responses(&mut self, operation: &Operation, all: &mut Bodies) {
        let Some(default) = all.remove("default") else {
            return;
        };
        self.applied("default_responses");
        let ranges: &[&str] = if all.keys().any(|status| status.starts_with('2')) {
            &["4XX", "5XX"]
        } else {
            self.lose(
                &join(&join(&operation.pointer, "responses"), "default"),
                "the only answer that is described: it is taken for the success and for every error",
            );
            &["2XX", "4XX", "5XX"]
        };
        for range in ranges {
            all.entry((*range).to_owned())
                .or_insert_with(|| default.clone());
        }
    }

    fn one_success(&mut self, operation: &Operation, all: &mut Bodies, client: &mut Bodies) {
        let bodies: Vec<_> = all
            .iter()
            .filter(|(status, _)| is_success(status))
            .collect();
        if bodies.windows(2).any(|pair| pair[0].1 != pair[1].1) {
            self.applied("several_successes");
            self.outcome(operation, all, client, true);
        }
    }

    fn one_error(&mut self, operation: &Operation, all: &mut Bodies, client: &mut Bodies) {
        let errors = all.iter().filter(|(status, _)| is_error(status));
        let typed: Vec<_> = errors
            .filter(|(_, body)| matches!(body, Body::Json(_)))
            .map(|(_, body)| body.clone())
            .collect();
        if typed.windows(2).any(|pair| pair[0] != pair[1]) {
            self.applied("several_errors");
            self.outcome(operation, all, client, false);
            return;
        }
        // The transport's `ErrorBody` takes what there is, so one type does for all.
        let one = typed.into_iter().next().unwrap_or(Body::Empty);
        for (_, body) in client.iter_mut().filter(|(status, _)| is_error(status)) {
            *body = one.clone();
        }
    }

    /// An enumeration for what progenitor has no type for. The client gets it in place of each answer, and
    /// the step `outcomes` of the additions makes the variant of each status.
    fn outcome(
        &mut self,
        operation: &Operation,
        all: &mut Bodies,
        client: &mut Bodies,
        success: bool,
    ) {
        let is = if success { is_success } else { is_error };
        let builder = operation.type_name();
        let name = self.type_name(&format!(
            "{builder}{}",
            if success { "Success" } else { "Failure" }
        ));
        let mut arms = Vec::new();
        for (status, body) in all.iter_mut().filter(|(status, _)| is(status)) {
            let payload = match body {
                Body::Empty => Payload::Empty,
                Body::Bytes => Payload::Bytes,
                Body::Json(schema) if schema.as_object().is_some_and(Map::is_empty) => {
                    Payload::Type("::serde_json::Value".to_owned())
                }
                Body::Json(schema) => {
                    let pointer = join(&join(&operation.pointer, "responses"), status);
                    let ty = self.type_of(schema, &pointer, &format!("{builder}Response{status}"));
                    // The mocks have to know it by the same name.
                    if schema.get("$ref").is_none() {
                        *schema = json!({ "$ref": format!("#/components/schemas/{ty}") });
                    }
                    Payload::Type(format!("types::{ty}"))
                }
            };
            arms.push(Arm {
                status: status.clone(),
                payload,
            });
        }
        let stand_in = Body::Json(self.stand_in_for(&name));
        for (_, body) in client.iter_mut().filter(|(status, _)| is(status)) {
            *body = stand_in.clone();
        }
        self.outcomes.push(Outcome {
            name,
            operation: operation.id.clone(),
            builder,
            success,
            arms,
        });
    }
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

fn is_error(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

fn response(body: &Body) -> Value {
    match body {
        Body::Empty => json!({ "description": "" }),
        Body::Json(schema) => {
            json!({ "description": "", "content": { "application/json": { "schema": schema } } })
        }
        Body::Bytes => json!({ "description": "", "content": { "*/*": {} } }),
    }
}

/// A status as OpenAPI spells it.
fn status_name(status: &str) -> Option<String> {
    let name = if status == "default" {
        status.to_owned()
    } else {
        status.to_uppercase()
    };
    let digits = name.as_bytes();
    let known = name == "default"
        || digits.len() == 3
            && matches!(digits[0], b'1'..=b'5')
            && (&digits[1..] == b"XX" || digits[1..].iter().all(u8::is_ascii_digit));
    known.then_some(name)
}

/// Whether the mocks can name a status. progenitor calls a mock's method by the status's reason phrase,
/// and panics where there is none.
fn has_name(status: &str) -> bool {
    status.parse::<u16>().map_or(true, |status| {
        http::StatusCode::from_u16(status).is_ok_and(|status| status.canonical_reason().is_some())
    })
}
