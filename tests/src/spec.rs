//! What a document says of its operations, read from its JSON in a few lines: a second reader beside the generator's own
//! model, which a misreading of that cannot fool.

use serde_json::Value;
use xtask::document::{join, members};

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// The method, in upper case.
    pub method: String,
    /// The path, with its placeholders.
    pub path: String,
    /// Where it stands in its document.
    pub pointer: String,
    /// The parameters of the path and its own.
    pub parameters: Vec<Parameter>,
    /// The first media type of its body.
    pub request_media_type: Option<String>,
    /// The members of its body that no message shows.
    pub sensitive_body: Vec<String>,
    /// The answers.
    pub responses: Vec<Response>,
    /// What shows who is calling: alternatives, each of schemes that all have to be there, such as `bearer` or
    /// `header NAME`.
    pub security: Vec<Vec<String>>,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// What takes its place.
    pub replaced_by: Option<String>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    /// Its name on the wire.
    pub name: String,
    /// Whether it has to be sent.
    pub required: bool,
    /// Its schema, with the reference followed.
    pub schema: Value,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status, a range such as `2XX`, or `default`.
    pub status: String,
    /// Its headers.
    pub headers: Vec<Header>,
    /// Its media types.
    pub media_types: Vec<String>,
}

/// A header of an answer.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its schema, with the reference followed.
    pub schema: Value,
}

impl Response {
    /// Whether it is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    /// The media type that is JSON, if there is one.
    #[must_use]
    pub fn json(&self) -> Option<&str> {
        let mut types = self.media_types.iter().map(String::as_str);
        types.find(|name| name.split(';').next() == Some("application/json"))
    }
}

impl Operation {
    /// Its id in snake case.
    #[must_use]
    pub fn snake(&self) -> String {
        snake(&self.id)
    }
}

/// An id in snake case: `certificate_cancel_deletion` for `Certificate_CancelDeletion`.
#[must_use]
pub fn snake(id: &str) -> String {
    let mut name = String::new();
    for c in id.chars() {
        if c.is_uppercase() && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

/// What stands behind a reference, or the value itself.
#[must_use]
pub fn follow<'a>(root: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"]
        .as_str()
        .and_then(|text| text.strip_prefix('#'));
    match target.and_then(|target| root.pointer(target)) {
        Some(found) => follow(root, found),
        None => value,
    }
}

/// All operations of a document.
#[must_use]
pub fn operations(root: &Value) -> Vec<Operation> {
    let methods = [
        "get", "put", "post", "delete", "options", "head", "patch", "trace",
    ];
    let mut found = Vec::new();
    for (path, item) in members(&root["paths"]) {
        for method in methods {
            if let Some(operation) = item.get(method) {
                found.push(read(root, path, item, method, operation));
            }
        }
    }
    found
}

fn read(root: &Value, path: &str, item: &Value, method: &str, operation: &Value) -> Operation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameters = [&item["parameters"], &operation["parameters"]];
    let parameters = parameters.into_iter().filter_map(Value::as_array).flatten();
    let parameter = |one: &Value| {
        let one = follow(root, one);
        Parameter {
            location: text(&one["in"]),
            name: text(&one["name"]),
            required: one["required"] == true,
            schema: follow(root, &one["schema"]).clone(),
        }
    };
    let response = |(status, one): (&String, &Value)| {
        let one = follow(root, one);
        let header = |(name, header): (&String, &Value)| Header {
            name: name.clone(),
            schema: follow(root, &follow(root, header)["schema"]).clone(),
        };
        Response {
            status: status.clone(),
            headers: members(&one["headers"]).map(header).collect(),
            media_types: members(&one["content"])
                .map(|(name, _)| name.clone())
                .collect(),
        }
    };
    let body = follow(root, &operation["requestBody"]);
    let content = members(&body["content"]).next();
    let schema = content.map_or(&Value::Null, |(_, content)| &content["schema"]);
    let schema = follow(root, schema);
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        pointer: join(&join("/paths", path), method),
        parameters: parameters.map(parameter).collect(),
        request_media_type: content.map(|(name, _)| name.clone()),
        sensitive_body: members(&schema["properties"])
            .filter(|(_, member)| follow(root, member)["x-sensitive"] == true)
            .map(|(name, _)| name.clone())
            .collect(),
        responses: members(&operation["responses"]).map(response).collect(),
        security: security(root, operation),
        deprecated: operation["deprecated"] == true,
        replaced_by: operation["x-replaced-by"].as_str().map(str::to_owned),
    }
}

/// What an operation asks for, or else the whole document.
fn security(root: &Value, operation: &Value) -> Vec<Vec<String>> {
    let schemes = &root["components"]["securitySchemes"];
    let scheme = |(name, _): (&String, &Value)| {
        let scheme = &schemes[name];
        let text = |key: &str| scheme[key].as_str().unwrap_or_default();
        match (text("type"), text("scheme")) {
            ("oauth2" | "openIdConnect", _) | ("http", "bearer") => "bearer".to_owned(),
            ("apiKey", _) => format!("{} {}", text("in"), text("name")),
            (_, other) => other.to_owned(),
        }
    };
    let asked = operation.get("security").unwrap_or(&root["security"]);
    let alternatives = asked.as_array().into_iter().flatten();
    alternatives
        .map(|one| members(one).map(scheme).collect())
        .collect()
}
