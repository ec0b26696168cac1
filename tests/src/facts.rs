//! A document as a list of facts, one a line, to be compared with what a person took from the source
//! pages (tests/facts).

use serde_json::Value;
use xtask::{
    document::{Document, members},
    model::METHODS,
};

/// Everything that a document says, one fact a line, sorted. A constraint is a line of its own, so that
/// a table can tell what the page says from what was added to it.
///
/// # Panics
/// If a reference of the document leads nowhere.
#[must_use]
pub fn of(document: &Document) -> Vec<String> {
    let mut facts = Facts {
        document,
        lines: Vec::new(),
    };
    facts.servers();
    facts.security();
    for (path, item) in members(&document.value["paths"]) {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                facts.operation(path, method, operation);
            }
        }
    }
    for (name, schema) in members(&document.value["components"]["schemas"]) {
        facts.component(name, schema);
    }
    facts.lines.sort();
    facts.lines.dedup();
    facts.lines
}

struct Facts<'a> {
    document: &'a Document,
    lines: Vec<String>,
}

/// Keywords of a schema that narrow it.
const CONSTRAINTS: [&str; 14] = [
    "format",
    "pattern",
    "minLength",
    "maxLength",
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

impl Facts<'_> {
    fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    fn servers(&mut self) {
        for server in self.document.value["servers"]
            .as_array()
            .into_iter()
            .flatten()
        {
            self.say(format!("server {}", text(&server["url"])));
            for (name, variable) in members(&server["variables"]) {
                self.say(format!(
                    "server variable {name}, default {}",
                    text(&variable["default"])
                ));
            }
        }
    }

    fn security(&mut self) {
        for requirement in self.document.value["security"]
            .as_array()
            .into_iter()
            .flatten()
        {
            for (name, scopes) in members(requirement) {
                self.say(format!("security {name}{}", list(scopes)));
            }
        }
        for (name, scheme) in members(&self.document.value["components"]["securitySchemes"]) {
            let words: Vec<_> = ["type", "in", "name", "scheme", "bearerFormat"]
                .iter()
                .filter_map(|key| scheme.get(key))
                .map(text)
                .collect();
            self.say(format!("scheme {name}: {}", words.join(" ")));
            for (flow, value) in members(&scheme["flows"]) {
                self.say(format!(
                    "scheme {name}: flow {flow} at {}",
                    text(&value["authorizationUrl"])
                ));
                for (scope, meaning) in members(&value["scopes"]) {
                    self.say(format!("scheme {name}: scope {scope}: {}", text(meaning)));
                }
            }
        }
    }

    fn operation(&mut self, path: &str, method: &str, operation: &Value) {
        let id = text(&operation["operationId"]);
        self.say(format!("{id}: {} {path}", method.to_uppercase()));
        if operation["deprecated"] == true {
            self.say(format!(
                "{id}: deprecated, use {}",
                text(&operation["x-replaced-by"])
            ));
        }
        for media_type in operation["x-request-media-types"]
            .as_array()
            .into_iter()
            .flatten()
        {
            self.say(format!("{id}: request media type {}", text(media_type)));
        }
        if let Some(body) = operation.get("requestBody") {
            let body = self.document.resolve(body).unwrap();
            self.say(format!("{id}: request body, {}", need(body)));
            for (media_type, content) in members(&body["content"]) {
                let schema = reference(&content["schema"]).unwrap_or("in place");
                self.say(format!("{id}: request body, {media_type}: {schema}"));
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = self.document.resolve(parameter).unwrap();
            let subject = format!(
                "{id}: {} {}",
                text(&parameter["in"]),
                text(&parameter["name"])
            );
            self.say(format!("{subject}, {}", need(parameter)));
            self.schema(&subject, &parameter["schema"]);
        }
        for (status, response) in members(&operation["responses"]) {
            let response = self.document.resolve(response).unwrap();
            let subject = format!("{id}: answer {status}");
            self.say(subject.clone());
            for (name, header) in members(&response["headers"]) {
                let header = self.document.resolve(header).unwrap();
                self.schema(&format!("{subject}, header {name}"), &header["schema"]);
            }
            for (media_type, content) in members(&response["content"]) {
                let schema = reference(&content["schema"]).unwrap_or("in place");
                self.say(format!("{subject}, {media_type}: {schema}"));
            }
        }
        for example in operation["x-examples"].as_array().into_iter().flatten() {
            let (request, response) = (&example["request"], &example["response"]);
            let (method, url) = (text(&request["method"]), text(&request["url"]));
            self.say(format!(
                "{id}: example {method} {url} -> {}",
                response["status"]
            ));
        }
    }

    fn component(&mut self, name: &str, schema: &Value) {
        match (schema["type"].as_str(), reference(&schema["items"])) {
            (Some("object"), _) => self.schema(name, schema),
            (Some("array"), Some(target)) => {
                self.say(format!("{name}: array of {target}"));
                self.constraints(name, schema);
            }
            _ => {} // It is told where it is used.
        }
        for (property, schema) in members(&schema["properties"]) {
            let subject = format!("{name}.{property}");
            match (reference(schema), reference(&schema["items"])) {
                (Some(target), _) if self.document.resolve(schema).unwrap()["type"] == "object" => {
                    self.say(format!("{subject}: {target}"));
                }
                (None, Some(target)) => {
                    self.say(format!("{subject}: array of {target}"));
                    self.constraints(&subject, schema);
                }
                _ => self.schema(&subject, schema),
            }
        }
    }

    fn schema(&mut self, subject: &str, schema: &Value) {
        let schema = self.document.resolve(schema).unwrap().clone();
        self.say(format!("{subject}: {}", text(&schema["type"])));
        self.constraints(subject, &schema);
    }

    fn constraints(&mut self, subject: &str, schema: &Value) {
        for key in CONSTRAINTS {
            if let Some(value) = schema.get(key) {
                self.say(format!("{subject}: {key} {}", text(value)));
            }
        }
    }
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

fn list(values: &Value) -> String {
    values
        .as_array()
        .into_iter()
        .flatten()
        .map(|value| format!(" {}", text(value)))
        .collect()
}
