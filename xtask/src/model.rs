//! What the additions need to know of a document: its operations, with every reference followed.

use anyhow::{Context, Result, bail};
use heck::{ToPascalCase, ToSnakeCase};
use serde_json::Value;

use crate::document::{Document, members};

/// HTTP methods that OpenAPI knows, as it spells them.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An operation of a document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operation id, as the document spells it.
    pub id: String,
    /// The method, in capitals.
    pub method: String,
    /// The path's template.
    pub path: String,
    /// Its parameters: the path item's and its own.
    pub parameters: Vec<Parameter>,
    /// Its responses, in the order of their statuses, `default` last.
    pub responses: Vec<Response>,
    /// The media type of its request body.
    pub request_media_type: Option<String>,
    /// Whether a security scheme applies.
    pub secured: bool,
    /// Whether it is marked as deprecated.
    pub deprecated: bool,
    /// What to use in its place, if the document says so.
    pub replaced_by: Option<String>,
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    /// Whether the operation needs it.
    pub required: bool,
    /// Its schema, followed.
    pub schema: Value,
}

/// A response of an operation.
#[derive(Clone, Debug)]
pub struct Response {
    /// `204`, `4XX` or `default`.
    pub status: String,
    /// The media types of its body.
    pub media_types: Vec<String>,
    /// Its headers.
    pub headers: Vec<Header>,
}

/// A header of a response.
#[derive(Clone, Debug)]
pub struct Header {
    /// The name on the wire.
    pub name: String,
    /// What it says.
    pub description: String,
    /// Its schema, followed.
    pub schema: Value,
}

impl Operation {
    /// The name that progenitor gives to the operation's method.
    #[must_use]
    pub fn method_name(&self) -> String {
        self.id.to_snake_case()
    }

    /// The name that progenitor gives to the operation's builder.
    #[must_use]
    pub fn type_name(&self) -> String {
        self.id.to_pascal_case()
    }
}

impl Response {
    /// The media type that the generated code decodes: the first that is JSON.
    #[must_use]
    pub fn json(&self) -> Option<&str> {
        self.media_types
            .iter()
            .map(String::as_str)
            .find(|media_type| essence(media_type) == "application/json")
    }

    /// Whether it is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }
}

/// A media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// All operations of a document, in the order of their paths and methods.
pub fn operations(document: &Document) -> Result<Vec<Operation>> {
    let mut found = Vec::new();
    for (path, item) in members(&document.value["paths"]) {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let read = read_operation(document, path, method, item, operation);
                found.push(read.with_context(|| format!("{}: {method} {path}", document.file))?);
            }
        }
    }
    Ok(found)
}

fn read_operation(
    document: &Document,
    path: &str,
    method: &str,
    item: &Value,
    operation: &Value,
) -> Result<Operation> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for source in [item, operation] {
        for parameter in source["parameters"].as_array().into_iter().flatten() {
            let parameter = read_parameter(document, document.resolve(parameter)?)?;
            parameters.retain(|other| {
                (&other.name, &other.location) != (&parameter.name, &parameter.location)
            });
            parameters.push(parameter);
        }
    }
    let mut responses = Vec::new();
    for (status, response) in members(&operation["responses"]) {
        responses.push(read_response(
            document,
            status,
            document.resolve(response)?,
        )?);
    }
    let security = operation
        .get("security")
        .or_else(|| document.value.get("security"));
    let body = operation.get("requestBody");
    let body = body.map(|body| document.resolve(body)).transpose()?;
    Ok(Operation {
        id: text(operation, "operationId")?.to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        parameters,
        responses,
        request_media_type: body
            .and_then(|body| members(&body["content"]).next())
            .map(|(media_type, _)| media_type.clone()),
        secured: security
            .and_then(Value::as_array)
            .is_some_and(|security| !security.is_empty()),
        deprecated: operation["deprecated"] == true,
        replaced_by: operation["x-replaced-by"].as_str().map(str::to_owned),
    })
}

fn read_parameter(document: &Document, parameter: &Value) -> Result<Parameter> {
    let schema = parameter
        .get("schema")
        .context("a parameter has no schema")?;
    Ok(Parameter {
        name: text(parameter, "name")?.to_owned(),
        location: text(parameter, "in")?.to_owned(),
        required: parameter["required"] == true,
        schema: document.resolve(schema)?.clone(),
    })
}

fn read_response(document: &Document, status: &str, response: &Value) -> Result<Response> {
    let mut headers = Vec::new();
    for (name, header) in members(&response["headers"]) {
        let header = document.resolve(header)?;
        headers.push(Header {
            name: name.clone(),
            description: header["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            schema: document.resolve(&header["schema"])?.clone(),
        });
    }
    Ok(Response {
        status: status.to_owned(),
        media_types: members(&response["content"])
            .map(|(name, _)| name.clone())
            .collect(),
        headers,
    })
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    match value[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text),
        _ => bail!("`{name}` is missing or no text"),
    }
}
