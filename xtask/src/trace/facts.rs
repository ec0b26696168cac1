//! A document as a list of facts, one a line, to be compared with what a person took from the source
//! pages (tests/facts). It is read from the document's JSON alone, and not by the generator's model: what that misreads,
//! it would misread here as well.

use serde_json::Value;

use crate::document::{Document, join, members};

/// What a document says in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// It, in a line.
    pub text: String,
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
}

/// Everything that a document says, sorted. A constraint is a fact of its own, so that
/// a table can tell what the page says from what was added to it.
#[must_use]
pub fn of(document: &Document) -> Vec<Fact> {
    let mut facts = Facts {
        root: &document.value,
        found: Vec::new(),
    };
    facts.servers();
    facts.security();
    for (path, item) in members(&document.value["paths"]) {
        let at = join("/paths", path);
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                facts.operation(path, method, operation, &join(&at, method));
            }
        }
    }
    for (name, schema) in members(&document.value["components"]["schemas"]) {
        facts.component(name, schema, &join("/components/schemas", name));
    }
    let mut found = facts.found;
    found.sort();
    found.dedup_by(|later, first| later.text == first.text);
    found
}

/// The methods that a path of OpenAPI 3.0 can have.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

struct Facts<'a> {
    root: &'a Value,
    found: Vec<Fact>,
}

/// Keywords of a schema that narrow it.
const CONSTRAINTS: [&str; 16] = [
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "enum",
    "x-extensible",
    "x-enum-names",
    "minimum",
    "maximum",
    "default",
    "nullable",
    "required",
    "additionalProperties",
    "x-sensitive",
];

impl<'a> Facts<'a> {
    fn say(&mut self, pointer: impl Into<String>, text: impl Into<String>) {
        self.found.push(Fact {
            text: text.into(),
            pointer: pointer.into(),
        });
    }

    /// What stands at a place, with references followed, and where that is.
    fn follow(&self, value: &'a Value, at: &str) -> (&'a Value, String) {
        let (mut value, mut at) = (value, at.to_owned());
        while let Some(target) = value["$ref"]
            .as_str()
            .and_then(|text| text.strip_prefix('#'))
        {
            let Some(found) = self.root.pointer(target) else {
                break;
            };
            (value, at) = (found, target.to_owned());
        }
        (value, at)
    }

    fn servers(&mut self) {
        for (index, server) in elements(&self.root["servers"]).enumerate() {
            let at = format!("/servers/{index}");
            self.say(&at, format!("server {}", text(&server["url"])));
            for (name, variable) in members(&server["variables"]) {
                self.say(
                    join(&format!("{at}/variables"), name),
                    format!(
                        "server variable {name}, default {}",
                        text(&variable["default"])
                    ),
                );
            }
        }
    }

    fn security(&mut self) {
        for (index, requirement) in elements(&self.root["security"]).enumerate() {
            for (name, scopes) in members(requirement) {
                let scopes = elements(scopes).map(|scope| format!(" {}", text(scope)));
                let scopes: String = scopes.collect();
                self.say(
                    format!("/security/{index}"),
                    format!("security {name}{scopes}"),
                );
            }
        }
        for (name, scheme) in members(&self.root["components"]["securitySchemes"]) {
            let at = join("/components/securitySchemes", name);
            let words: Vec<_> = ["type", "in", "name", "scheme", "bearerFormat"]
                .iter()
                .filter_map(|key| scheme.get(key))
                .map(text)
                .collect();
            self.say(&at, format!("scheme {name}: {}", words.join(" ")));
            for (flow, value) in members(&scheme["flows"]) {
                let at = join(&format!("{at}/flows"), flow);
                let url = text(&value["authorizationUrl"]);
                self.say(&at, format!("scheme {name}: flow {flow} at {url}"));
                for (scope, meaning) in members(&value["scopes"]) {
                    self.say(
                        join(&format!("{at}/scopes"), scope),
                        format!("scheme {name}: scope {scope}: {}", text(meaning)),
                    );
                }
            }
        }
    }

    fn operation(&mut self, path: &str, method: &str, operation: &'a Value, at: &str) {
        let id = text(&operation["operationId"]);
        self.say(at, format!("{id}: {} {path}", method.to_uppercase()));
        if operation["deprecated"] == true {
            self.say(
                format!("{at}/deprecated"),
                format!(
                    "{id}: deprecated, use {}",
                    text(&operation["x-replaced-by"])
                ),
            );
        }
        for media_type in elements(&operation["x-request-media-types"]) {
            self.say(
                format!("{at}/x-request-media-types"),
                format!("{id}: request media type {}", text(media_type)),
            );
        }
        if let Some(body) = operation.get("requestBody") {
            let (body, at) = self.follow(body, &format!("{at}/requestBody"));
            self.say(&at, format!("{id}: request body, {}", need(body)));
            for (media_type, content) in members(&body["content"]) {
                let schema = reference(&content["schema"]).unwrap_or("in place");
                self.say(
                    join(&format!("{at}/content"), media_type),
                    format!("{id}: request body, {media_type}: {schema}"),
                );
            }
        }
        for (index, parameter) in elements(&operation["parameters"]).enumerate() {
            let (parameter, at) = self.follow(parameter, &format!("{at}/parameters/{index}"));
            let subject = format!(
                "{id}: {} {}",
                text(&parameter["in"]),
                text(&parameter["name"])
            );
            self.say(&at, format!("{subject}, {}", need(parameter)));
            self.schema(&subject, &parameter["schema"], &format!("{at}/schema"));
        }
        for (status, response) in members(&operation["responses"]) {
            let at = join(&format!("{at}/responses"), status);
            let (response, at) = self.follow(response, &at);
            let subject = format!("{id}: answer {status}");
            self.say(&at, subject.clone());
            for (name, header) in members(&response["headers"]) {
                let (header, at) = self.follow(header, &join(&format!("{at}/headers"), name));
                let subject = format!("{subject}, header {name}");
                self.schema(&subject, &header["schema"], &format!("{at}/schema"));
            }
            for (media_type, content) in members(&response["content"]) {
                let schema = reference(&content["schema"]).unwrap_or("in place");
                self.say(
                    join(&format!("{at}/content"), media_type),
                    format!("{subject}, {media_type}: {schema}"),
                );
            }
        }
        for (index, example) in elements(&operation["x-examples"]).enumerate() {
            let (request, response) = (&example["request"], &example["response"]);
            let (method, url) = (text(&request["method"]), text(&request["url"]));
            self.say(
                format!("{at}/x-examples/{index}"),
                format!("{id}: example {method} {url} -> {}", response["status"]),
            );
        }
    }

    fn component(&mut self, name: &str, schema: &'a Value, at: &str) {
        match (schema["type"].as_str(), reference(&schema["items"])) {
            (Some("object"), _) => self.schema(name, schema, at),
            (Some("array"), Some(target)) => {
                self.say(at, format!("{name}: array of {target}"));
                self.constraints(name, schema, at);
            }
            _ => {} // It is told where it is used.
        }
        for (property, schema) in members(&schema["properties"]) {
            let subject = format!("{name}.{property}");
            let at = join(&format!("{at}/properties"), property);
            match (reference(schema), reference(&schema["items"])) {
                (Some(target), _) if self.follow(schema, &at).0["type"] == "object" => {
                    self.say(at, format!("{subject}: {target}"));
                }
                (None, Some(target)) => {
                    self.say(
                        &at,
                        format!("{subject}: {} of {target}", text(&schema["type"])),
                    );
                    self.constraints(&subject, schema, &at);
                }
                _ => self.schema(&subject, schema, &at),
            }
        }
    }

    fn schema(&mut self, subject: &str, schema: &'a Value, at: &str) {
        let (schema, at) = self.follow(schema, at);
        self.say(&at, format!("{subject}: {}", text(&schema["type"])));
        self.constraints(subject, schema, &at);
        if let Some(items) = schema
            .get("items")
            .filter(|items| reference(items).is_none())
        {
            self.schema(&format!("{subject}[]"), items, &format!("{at}/items"));
        }
    }

    fn constraints(&mut self, subject: &str, schema: &Value, at: &str) {
        for key in CONSTRAINTS {
            if let Some(value) = schema.get(key) {
                self.say(
                    format!("{at}/{key}"),
                    format!("{subject}: {key} {}", text(value)),
                );
            }
        }
    }
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Whether a parameter or a body has to be sent.
fn need(element: &Value) -> &'static str {
    if element["required"] == true {
        "required"
    } else {
        "optional"
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
