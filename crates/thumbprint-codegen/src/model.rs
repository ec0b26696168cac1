//! What the additions need to know of a document: its operations, with every reference followed.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    document::{Document, join, members},
    names,
};

/// HTTP methods that OpenAPI knows, as it spells them.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An operation of a document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operation id, as the document spells it. One that is missing is made of method and path.
    pub id: String,
    /// The id as progenitor gets it: another than `id` where two make one name, or one is taken.
    pub name: String,
    /// JSON pointer to it.
    pub pointer: String,
    /// The method, in capitals.
    pub method: String,
    /// The path's template.
    pub path: String,
    /// Its parameters: the path item's and its own.
    pub parameters: Vec<Parameter>,
    /// Its responses, in the order of their statuses, `default` last.
    pub responses: Vec<Response>,
    /// The media type that its request body is sent with.
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
    /// The identifier in the code.
    pub ident: String,
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    /// Whether the operation needs it.
    pub required: bool,
    /// Its schema, followed.
    pub schema: Value,
    /// What its value looks like.
    pub shape: Shape,
    /// How its value becomes text.
    pub encoding: Encoding,
}

impl Parameter {
    /// Whether it is sent: a cookie is not, and of these headers OpenAPI says that a parameter of their
    /// name is to be ignored.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        let ours = ["accept", "content-type", "authorization"];
        let is_ours = ours.iter().any(|name| self.name.eq_ignore_ascii_case(name));
        self.location != "cookie" && !(self.location == "header" && is_ours)
    }
}

/// How a parameter's value becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As progenitor does it: by `Display`, and in the query one pair for each item of a list.
    Plain,
    /// By what it serialises to: for times, whose `Display` is no form of the wire, and for lists and
    /// objects in paths and headers. Exploded objects are written `name=value`.
    Text {
        /// Whether an object's names and values are joined by `=`.
        explode: bool,
    },
    /// In the query, as pairs of a style: a variant of `thumbprint_transport::style::Style`.
    Pairs(&'static str),
    /// As JSON.
    Json,
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
        names::snake(&self.name)
    }

    /// The name that progenitor gives to the operation's builder.
    #[must_use]
    pub fn type_name(&self) -> String {
        names::pascal(&self.method_name())
    }
}

impl Response {
    /// The media type that the generated code decodes: JSON itself, or what is written as JSON.
    #[must_use]
    pub fn json(&self) -> Option<&str> {
        best_json(self.media_types.iter().map(String::as_str))
    }

    /// Whether it is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }
}

/// A media type without its parameters.
#[must_use]
pub fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.to_ascii_lowercase()
}

/// Whether a media type is JSON, or written as JSON.
#[must_use]
pub fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
}

/// The first media type that is JSON itself, or else the first that is written as JSON.
pub fn best_json<'a>(media_types: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let itself = |media_type: &&str| essence(media_type) == "application/json";
    let mut all = media_types.clone();
    all.find(itself).or_else(|| {
        media_types
            .into_iter()
            .find(|media_type| is_json(media_type))
    })
}

/// The media type that a request's body is sent with: JSON, a form, text or bytes, in this order.
/// `None` where it can be sent with none of them.
#[must_use]
pub fn sent_as(body: &Value) -> Option<&str> {
    let media_types = || members(&body["content"]).map(|(name, _)| name.as_str());
    let is = |wanted: fn(&str) -> bool| media_types().find(move |name| wanted(&essence(name)));
    best_json(media_types())
        .or_else(|| is(|name| name == "application/x-www-form-urlencoded"))
        .or_else(|| is(|name| name.starts_with("text/")))
        .or_else(|| is(|name| !name.starts_with("multipart/") && !name.contains('*')))
        .or_else(|| is(|name| name == "*/*"))
}

/// All operations of a document, in the order of their paths and methods.
pub fn operations(document: &Document) -> Result<Vec<Operation>> {
    let mut places = Vec::new();
    for (path, item) in members(&document.value["paths"]) {
        if path.starts_with("x-") {
            continue;
        }
        let item = document.resolve(item)?;
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                places.push((path, item, method, operation));
            }
        }
    }
    let ids: Vec<_> = places
        .iter()
        .map(|(path, _, method, operation)| {
            (*method, path.as_str(), operation["operationId"].as_str())
        })
        .collect();
    let ids = names::operation_ids(&ids);
    let mut found = Vec::new();
    for ((path, item, method, operation), id) in places.into_iter().zip(ids) {
        let read = read_operation(document, path, method, item, operation, id);
        found.push(read.with_context(|| format!("{}: {method} {path}", document.file))?);
    }
    Ok(found)
}

fn read_operation(
    document: &Document,
    path: &str,
    method: &str,
    item: &Value,
    operation: &Value,
    name: String,
) -> Result<Operation> {
    let body = operation.get("requestBody");
    let body = body.map(|body| document.resolve(body)).transpose()?;
    let body = body.filter(|body| members(&body["content"]).next().is_some());
    let mut parameters: Vec<&Value> = Vec::new();
    for source in [item, operation] {
        for parameter in source["parameters"].as_array().into_iter().flatten() {
            let parameter = document.resolve(parameter)?;
            parameters.retain(|other| {
                (&other["name"], &other["in"]) != (&parameter["name"], &parameter["in"])
            });
            parameters.push(parameter);
        }
    }
    let places: Vec<_> = parameters
        .iter()
        .map(|parameter| Ok((text(parameter, "in")?, text(parameter, "name")?)))
        .collect::<Result<_>>()?;
    let idents = names::parameter_names(&places, body.is_some());
    let parameters = parameters
        .into_iter()
        .zip(idents)
        .map(|(parameter, ident)| read_parameter(document, parameter, ident))
        .collect::<Result<_>>()?;
    let mut responses = Vec::new();
    for (status, response) in members(&operation["responses"]) {
        if !status.starts_with("x-") {
            responses.push(read_response(
                document,
                status,
                document.resolve(response)?,
            )?);
        }
    }
    let security = operation
        .get("security")
        .or_else(|| document.value.get("security"));
    Ok(Operation {
        id: operation["operationId"]
            .as_str()
            .filter(|id| !id.is_empty())
            .unwrap_or(&name)
            .to_owned(),
        name,
        pointer: join(&join("/paths", path), method),
        method: method.to_uppercase(),
        path: path.to_owned(),
        parameters,
        responses,
        request_media_type: body.and_then(sent_as).map(|media_type| {
            // Anything is taken; bytes are what we send then.
            media_type.replace("*/*", "application/octet-stream")
        }),
        secured: security
            .and_then(Value::as_array)
            .is_some_and(|security| !security.is_empty()),
        deprecated: operation["deprecated"] == true,
        replaced_by: operation["x-replaced-by"].as_str().map(str::to_owned),
    })
}

fn read_parameter(document: &Document, parameter: &Value, ident: String) -> Result<Parameter> {
    let content = members(&parameter["content"]).next();
    let schema = parameter
        .get("schema")
        .or_else(|| content?.1.get("schema"))
        .unwrap_or(&Value::Null);
    let schema = document.resolve(schema)?;
    Ok(Parameter {
        name: text(parameter, "name")?.to_owned(),
        ident,
        location: text(parameter, "in")?.to_owned(),
        required: parameter["required"] == true,
        schema: schema.clone(),
        shape: shape(document, schema, 0),
        encoding: if content.is_some() {
            Encoding::Json
        } else {
            encoding(document, parameter, schema)
        },
    })
}

/// How a parameter is written, by its `style`, its `explode` and what it holds. `style` and `explode`
/// have other defaults in each place.
fn encoding(document: &Document, parameter: &Value, schema: &Value) -> Encoding {
    let location = parameter["in"].as_str().unwrap_or_default();
    let style = parameter["style"].as_str();
    let explode = parameter["explode"].as_bool();
    let shape = shape(document, schema, 0);
    if location == "query" {
        let style = style.unwrap_or("form");
        return match (shape, style, explode.unwrap_or(style == "form")) {
            (Shape::Object, "deepObject", _) => Encoding::Pairs("Deep"),
            (Shape::Object, _, true) => Encoding::Pairs("Exploded"),
            (Shape::Array, "spaceDelimited", false) => Encoding::Pairs("Space"),
            (Shape::Array, "pipeDelimited", false) => Encoding::Pairs("Pipe"),
            (Shape::Array | Shape::Object, _, false) => Encoding::Pairs("Form"),
            _ => Encoding::Plain,
        };
    }
    let explode = explode.unwrap_or(false);
    match shape {
        Shape::Plain => Encoding::Plain,
        Shape::Scalar | Shape::Array | Shape::Object => Encoding::Text { explode },
    }
}

/// What a parameter's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One word, which the type's `Display` writes as the wire has it.
    Plain,
    /// One word.
    Scalar,
    /// A list.
    Array,
    /// Names with values.
    Object,
}

/// The shape of a schema's values. What says nothing of itself is taken for text.
#[must_use]
pub fn shape(document: &Document, schema: &Value, depth: u8) -> Shape {
    let schema = document.resolve(schema).unwrap_or(schema);
    let has = |key: &str| schema.get(key).is_some();
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => return Shape::Array,
        (Some("object"), _) => return Shape::Object,
        (Some("string"), None | Some("uuid" | "date-time-rfc1123" | "date-time-local")) => {
            return Shape::Plain;
        }
        (Some("boolean" | "integer"), _) if !has("enum") => return Shape::Plain,
        (Some(_), _) => return Shape::Scalar,
        (None, _) if has("properties") || has("additionalProperties") => return Shape::Object,
        (None, _) if has("items") => return Shape::Array,
        (None, _) => {}
    }
    let parts = ["allOf", "oneOf", "anyOf"]
        .into_iter()
        .filter_map(|key| schema[key].as_array())
        .flatten();
    let shapes: Vec<_> = parts
        .filter(|_| depth < 16)
        .map(|part| shape(document, part, depth + 1))
        .collect();
    [Shape::Object, Shape::Array]
        .into_iter()
        .find(|shape| shapes.contains(shape))
        .unwrap_or(if shapes.is_empty() {
            Shape::Plain
        } else {
            Shape::Scalar
        })
}

fn read_response(document: &Document, status: &str, response: &Value) -> Result<Response> {
    let mut headers = Vec::new();
    for (name, header) in members(&response["headers"]) {
        let header = document.resolve(header)?;
        // OpenAPI says that a header of this name is to be ignored.
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
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
