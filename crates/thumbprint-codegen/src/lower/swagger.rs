//! Swagger 2.0 as OpenAPI 3.0.

mod definition;
mod operation;
mod parameter;
mod server;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub(super) use self::parameter::is_body;
use super::{Lowering, list, map};
use crate::grammar::{self, join, members};

/// Groups of shared elements: where Swagger has them, and where OpenAPI 3 has.
pub(super) const GROUPS: [(&str, &str); 4] = [
    ("definitions", "schemas"),
    ("parameters", "parameters"),
    ("responses", "responses"),
    ("securityDefinitions", "securitySchemes"),
];

pub(super) fn document(value: &Value, lowering: &mut Lowering) -> Value {
    let mut swagger = Swagger {
        root: value,
        names: BTreeMap::new(),
        lowering,
    };
    swagger.rename();
    let lowered = swagger.document();
    let moved = swagger.names.iter();
    swagger.lowering.moved = moved.map(|(old, new)| (new.clone(), old.clone())).collect();
    lowered
}

struct Swagger<'a> {
    root: &'a Value,
    /// Old pointers of shared elements, with the new ones.
    names: BTreeMap<String, String>,
    lowering: &'a mut Lowering,
}

impl<'a> Swagger<'a> {
    /// OpenAPI 3 allows fewer letters in the names of shared elements.
    fn rename(&mut self) {
        let mut taken = BTreeMap::new();
        for (group, new_group) in GROUPS {
            for (name, _) in members(&self.root[group]) {
                let allowed =
                    |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
                let new: String = name
                    .chars()
                    .map(|letter| if allowed(letter) { letter } else { '_' })
                    .collect();
                let old = join(&format!("/{group}"), name);
                if new != *name {
                    self.lowering.warn(
                        &old,
                        format!(
                            "its name becomes {new:?}: OpenAPI 3 allows letters, digits and `._-`"
                        ),
                    );
                }
                let pointer = join(&format!("/components/{new_group}"), &new);
                if let Some(other) = taken.insert(pointer.clone(), old.clone()) {
                    self.lowering.problem(
                        &old,
                        format!(
                            "its name is {new:?} in OpenAPI 3, as that of #{other}; rename one"
                        ),
                    );
                }
                self.names.insert(old, pointer);
            }
        }
    }

    fn document(&mut self) -> Value {
        let mut object = Map::new();
        object.insert("openapi".to_owned(), json!("3.0.3"));
        let handled = [
            "swagger",
            "host",
            "basePath",
            "schemes",
            "consumes",
            "produces",
            "paths",
            "definitions",
            "parameters",
            "responses",
            "securityDefinitions",
            "x-ms-paths",
            "x-ms-parameterized-host",
        ];
        for (key, value) in members(self.root).filter(|(key, _)| !handled.contains(&key.as_str())) {
            let value = self.extension(key, value, &join("", key));
            object.insert(key.clone(), value);
        }
        object.insert(
            "servers".to_owned(),
            self.servers(&self.root["schemes"], "/schemes"),
        );
        object.insert("paths".to_owned(), self.paths());
        let components = self.components();
        if members(&components).next().is_some() {
            object.insert("components".to_owned(), components);
        }
        Value::Object(object)
    }

    fn components(&mut self) -> Value {
        let root = self.root;
        let mut components = Map::new();
        for (group, new_group) in GROUPS {
            let mut lowered = Map::new();
            for (name, value) in members(&root[group]) {
                let old = join(&format!("/{group}"), name);
                let value = match group {
                    "definitions" => Some(self.definition(value, &old)),
                    "parameters" => self.shared_parameter(value, &old),
                    "responses" => Some(self.response(value, &old, &root["produces"])),
                    _ => Some(self.scheme(value, &old)),
                };
                let new = self
                    .names
                    .get(&old)
                    .and_then(|pointer| pointer.rsplit('/').next());
                lowered.extend(new.map(str::to_owned).zip(value));
            }
            if !lowered.is_empty() {
                components.insert(new_group.to_owned(), Value::Object(lowered));
            }
        }
        Value::Object(components)
    }

    fn paths(&mut self) -> Value {
        let root = self.root;
        let mut paths = Map::new();
        for (path, item) in members(&root["paths"]) {
            let at = join("/paths", path);
            let item = if path.starts_with("x-") {
                item.clone()
            } else {
                self.path_item(item, &at)
            };
            paths.insert(path.clone(), item);
        }
        for (path, item) in members(&root["x-ms-paths"]) {
            let at = join("/x-ms-paths", path);
            let item = self.path_item(item, &at);
            self.overload(&mut paths, path, item, &at);
        }
        Value::Object(paths)
    }

    /// A path of `x-ms-paths`, which has a query: the query becomes parameters of one value each.
    fn overload(&mut self, paths: &mut Map<String, Value>, path: &str, mut item: Value, at: &str) {
        let (route, query) = path.split_once('?').unwrap_or((path, ""));
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, word) = part.split_once('=').unwrap_or((part, ""));
            if word.contains('{') || name.contains('{') {
                // It is declared as a parameter, for it has a value of its own.
                continue;
            }
            let parameter = json!({
                "name": name,
                "in": "query",
                "required": true,
                "description": "Told by the path.",
                "schema": { "type": "string", "enum": [word], "default": word },
            });
            let Some(item) = item.as_object_mut() else {
                continue;
            };
            let parameters = item.entry("parameters").or_insert_with(|| json!([]));
            if let Some(parameters) = parameters.as_array_mut() {
                parameters.push(parameter);
            }
        }
        let Some(other) = paths.get_mut(route) else {
            paths.insert(route.to_owned(), item);
            return;
        };
        self.lowering.problem(
            at,
            format!("{route:?} is there already, and OpenAPI 3 does not tell routes by their query; describe one of them in a document of its own"),
        );
        *other = item;
    }

    /// Extensions stay as they are, and so does what both versions say alike.
    fn extension(&mut self, key: &str, value: &Value, at: &str) -> Value {
        if key == "x-ms-client-name" {
            let what = format!(
                "the name {value} is for clients only; ours are made of the wire's. It stays as an extension"
            );
            self.lowering.warn(at, what);
        }
        value.clone()
    }

    /// A reference, to where its target goes.
    fn reference(&mut self, target: &str, at: &str) -> Value {
        // The target may be deeper within a shared element.
        let holder = self.names.iter().find_map(|(old, new)| {
            let rest = target.strip_prefix('#')?.strip_prefix(old.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("#{new}{rest}"))
        });
        if holder.is_none() {
            let what = format!(
                "`{target}` is no shared element; move it to `definitions`, `parameters` or `responses`"
            );
            self.lowering.problem(at, what);
        }
        json!({ "$ref": holder.as_deref().unwrap_or(target) })
    }

    /// What a reference leads to, with its place; anything else is its own target.
    fn resolve(&self, value: &'a Value, at: &str) -> (&'a Value, String) {
        let found = grammar::follow(self.root, value, "").filter(|(_, place)| !place.is_empty());
        found.map_or((value, at.to_owned()), |(value, at)| (value, at.to_owned()))
    }
}
