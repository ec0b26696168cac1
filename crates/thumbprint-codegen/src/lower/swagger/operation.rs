//! Operations and answers.

use serde_json::{Map, Value, json};

use super::{Swagger, map, parameter::is_body};
use crate::grammar::{self, METHODS, join, members};

impl<'a> Swagger<'a> {
    pub(super) fn path_item(&mut self, item: &'a Value, at: &str) -> Value {
        let (item, at) = self.resolve(item, at);
        let shared = self.resolved(&item["parameters"], &join(&at, "parameters"));
        let mut lowered = Map::new();
        for (key, value) in members(item) {
            let at = join(&at, key);
            let value = match key.as_str() {
                "parameters" => {
                    let kept = self.kept(value, &at);
                    (!kept.is_empty()).then_some(Value::Array(kept))
                }
                _ if METHODS.contains(&key.as_str()) => Some(self.operation(value, &at, &shared)),
                _ => Some(self.extension(key, value, &at)),
            };
            lowered.extend(value.map(|value| (key.clone(), value)));
        }
        Value::Object(lowered)
    }

    /// Parameters with their references followed, each with its place.
    fn resolved(&self, parameters: &'a Value, at: &str) -> Vec<(&'a Value, String)> {
        let parameters = parameters.as_array().into_iter().flatten().enumerate();
        parameters
            .map(|(index, parameter)| self.resolve(parameter, &format!("{at}/{index}")))
            .collect()
    }

    /// The parameters that stay parameters.
    fn kept(&mut self, parameters: &'a Value, at: &str) -> Vec<Value> {
        let mut kept = Vec::new();
        for (index, parameter) in parameters.as_array().into_iter().flatten().enumerate() {
            let at = format!("{at}/{index}");
            let (target, _) = self.resolve(parameter, &at);
            if is_body(target) {
                continue;
            }
            kept.push(match grammar::reference(parameter) {
                Some(target) => self.reference(target, &at),
                None => self.parameter(parameter, &at),
            });
        }
        kept
    }

    fn operation(
        &mut self,
        operation: &'a Value,
        at: &str,
        shared: &[(&'a Value, String)],
    ) -> Value {
        let root = self.root;
        let Value::Object(object) = operation else {
            return operation.clone();
        };
        let own = |key: &str| object.get(key).unwrap_or(&root[key]);
        let (consumes, produces) = (own("consumes"), own("produces"));
        let mut lowered = Map::new();
        for (key, value) in object {
            let at = join(at, key);
            let value = match key.as_str() {
                "consumes" | "produces" => None,
                "schemes" => {
                    let servers = self.servers(value, &at);
                    lowered.insert("servers".to_owned(), servers);
                    None
                }
                "parameters" => {
                    let kept = self.kept(value, &at);
                    (!kept.is_empty()).then_some(Value::Array(kept))
                }
                "responses" => Some(map(value, &at, |status, value, at| {
                    if status.starts_with("x-") {
                        value.clone()
                    } else {
                        self.answer(value, at, produces, object.contains_key("produces"))
                    }
                })),
                _ => Some(self.extension(key, value, &at)),
            };
            lowered.extend(value.map(|value| (key.clone(), value)));
        }
        // Fields of a form are parameters: an operation's own join those of its path, and go before those of
        // the same name. A body is one.
        let own = self.resolved(&operation["parameters"], &join(at, "parameters"));
        let is_form = own.iter().any(|(one, _)| one["in"] == "formData");
        let has_body = own.iter().any(|(one, _)| is_body(one));
        let is_kept = |(shared, _): &&(&Value, String)| {
            let is_again = |(one, _): &(&Value, String)| {
                (&one["name"], &one["in"]) == (&shared["name"], &shared["in"])
            };
            !is_body(shared)
                || !has_body
                || is_form && shared["in"] == "formData" && !own.iter().any(is_again)
        };
        let parameters: Vec<_> = shared.iter().filter(is_kept).chain(&own).cloned().collect();
        lowered.extend(
            self.body(&parameters, consumes, at)
                .map(|body| ("requestBody".to_owned(), body)),
        );
        Value::Object(lowered)
    }

    fn answer(&mut self, value: &Value, at: &str, produces: &Value, own: bool) -> Value {
        let Some(target) = grammar::reference(value) else {
            return self.response(value, at, produces);
        };
        match grammar::follow(self.root, value, "") {
            // The shared one is described with the document's media types.
            Some((response, pointer))
                if own
                    && *produces != self.root["produces"]
                    && response.get("schema").is_some() =>
            {
                self.response(response, pointer, produces)
            }
            _ => self.reference(target, at),
        }
    }

    pub(super) fn response(&mut self, value: &Value, at: &str, produces: &Value) -> Value {
        let Value::Object(object) = value else {
            return value.clone();
        };
        let mut response = Map::new();
        for (key, value) in object {
            let at = join(at, key);
            let value = match key.as_str() {
                "schema" | "examples" => None,
                "headers" => Some(map(value, &at, |_, value, at| self.header(value, at))),
                _ => Some(self.extension(key, value, &at)),
            };
            response.extend(value.map(|value| (key.clone(), value)));
        }
        let examples = &value["examples"];
        if let Some(schema) = object.get("schema") {
            let schema = self.schema(schema, &join(at, "schema"));
            let mut content = Map::new();
            for name in self.media_types(produces, at, "produces") {
                let mut media_type = json!({ "schema": schema });
                if let Some(example) = examples.get(&name) {
                    media_type["example"] = example.clone();
                }
                content.insert(name, media_type);
            }
            for (name, _) in members(examples).filter(|(name, _)| !content.contains_key(*name)) {
                let at = join(&join(at, "examples"), name);
                self.lowering.warn(
                    &at,
                    format!("the example is left out: the operation does not produce {name:?}"),
                );
            }
            response.insert("content".to_owned(), Value::Object(content));
        } else if members(examples).next().is_some() {
            self.lowering.warn(
                &join(at, "examples"),
                "the examples are left out: the answer has no schema",
            );
        }
        Value::Object(response)
    }

    fn header(&mut self, value: &Value, at: &str) -> Value {
        let mut header = Map::new();
        for (key, value) in members(value) {
            if !super::definition::OF_VALUE.contains(&key.as_str()) && key != "collectionFormat" {
                let value = self.extension(key, value, &join(at, key));
                header.insert(key.clone(), value);
            }
        }
        header.insert("schema".to_owned(), self.value_schema(value, at));
        let joined = value["collectionFormat"].as_str().unwrap_or("csv");
        if joined != "csv" {
            self.lowering.problem(&join(at, "collectionFormat"), format!("OpenAPI 3 joins a header's list by commas, and not as {joined:?}; describe the header as text"));
        }
        Value::Object(header)
    }
}
