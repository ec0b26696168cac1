//! The operations of a document, out of its JSON.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result, bail};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use super::{
    Content, Encoding, Header, Operation, Pageable, Parameter, Response, Scheme, Shape, Source,
    description,
    media::{best_json, essence, is_binary, others_of, sent, shape},
};
use crate::{
    document::{Document, join, members},
    grammar::{self, METHODS},
    names,
};

/// All operations of a document, in the order of their paths and methods.
pub fn operations(document: &Document) -> Result<Vec<Operation>> {
    let mut places = Vec::new();
    for (path, item) in members(&document.value["paths"]) {
        if path.starts_with("x-") {
            continue;
        }
        // Another path for the same operations leaves them their names.
        let is_alias = grammar::reference(item).is_some_and(|to| to.starts_with("#/paths/"));
        let item = document.resolve(item)?;
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                places.push((path, item, method, operation, is_alias));
            }
        }
    }
    let ids: Vec<_> = places
        .iter()
        .map(|(path, _, method, operation, is_alias)| {
            let id = operation["operationId"].as_str();
            (*method, path.as_str(), id.filter(|_| !is_alias))
        })
        .collect();
    let ids = names::operation_ids(&ids);
    let mut found = Vec::new();
    let mut shared = Shared::default();
    for ((path, item, method, operation, _), id) in places.into_iter().zip(ids) {
        let read = read_operation(document, &mut shared, path, method, item, operation, id);
        found.push(read.with_context(|| format!("{}: {method} {path}", document.file))?);
    }
    Ok(found)
}

/// The elements of a document that operations were found to have, by where they are in memory: a large document has
/// the same few parameters and errors in each of thousands.
#[derive(Default)]
struct Shared {
    of: HashMap<*const Value, Arc<Value>>,
}

impl Shared {
    /// An element that several operations may have.
    fn of(&mut self, element: &Value) -> Arc<Value> {
        let known = self.of.entry(element);
        Arc::clone(known.or_insert_with(|| Arc::new(element.clone())))
    }
}

fn read_operation(
    document: &Document,
    shared: &mut Shared,
    path: &str,
    method: &str,
    item: &Value,
    operation: &Value,
    name: String,
) -> Result<Operation> {
    let body = operation.get("requestBody");
    let body = body.map(|body| document.resolve(body)).transpose()?;
    let body = body.filter(|body| members(&body["content"]).next().is_some());
    let pointer = join(&join("/paths", path), method);
    let mut sources: Vec<Source> = Vec::new();
    for (holder, pointer) in [(item, join("/paths", path)), (operation, pointer.clone())] {
        let parameters = holder["parameters"].as_array().into_iter().flatten();
        for (index, parameter) in parameters.enumerate() {
            let value = shared.of(document.resolve(parameter)?);
            // An operation's own goes before the path item's.
            sources.retain(|other| {
                (&other.value["name"], &other.value["in"]) != (&value["name"], &value["in"])
            });
            let pointer = format!("{pointer}/parameters/{index}");
            sources.push(Source { pointer, value });
        }
    }
    // What follows a `#` tells operations of one path apart, and is not sent (AWS: `/#X-Amz-Target=..`).
    let whole = path.split('#').next().unwrap_or_default();
    let (sent_path, query) = whole.split_once('?').unwrap_or((whole, ""));
    let constants = constants(query, &mut sources);
    let places = sources.iter().map(|source| {
        let given = source.value["x-rust-name"].as_str();
        let name = text(&source.value, "name")?;
        Ok((text(&source.value, "in")?, given.unwrap_or(name)))
    });
    let idents = names::parameter_names(&places.collect::<Result<Vec<_>>>()?, body.is_some());
    let mut parameters: Vec<_> = sources
        .into_iter()
        .zip(idents)
        .map(|(source, ident)| read_parameter(document, shared, source, ident))
        .collect::<Result<_>>()?;
    let security = security(document, operation);
    for parameter in &mut parameters {
        let has_key = |schemes: &Vec<Scheme>| schemes.iter().any(|one| parameter.is_key_of(one));
        parameter.is_key = !security.is_empty() && security.iter().all(has_key);
    }
    let mut responses = Vec::new();
    for (status, response) in members(&operation["responses"]) {
        if !status.starts_with("x-") {
            let source = Source {
                pointer: join(&join(&pointer, "responses"), status),
                value: shared.of(document.resolve(response)?),
            };
            responses.push(read_response(document, shared, method, status, source)?);
        }
    }
    let is_success = |response: &Response| response.is_success() || response.status == "default";
    if !responses.iter().any(is_success) {
        // Any success is taken, and what it holds is handed on as it comes.
        responses.push(Response {
            status: "2XX".to_owned(),
            source: Source::default(),
            media_types: Vec::new(),
            media_type: Some("*/*".to_owned()),
            content: Content::Bytes,
            is_optional: false,
            headers: Vec::new(),
        });
    }
    let (sent, media_type) = body.and_then(|body| sent(document, body)).unzip();
    let others = body.zip(sent.as_ref());
    let others = others
        .map(|(body, sent)| others_of(document, body, sent))
        .unwrap_or_default();
    Ok(Operation {
        id: operation["operationId"]
            .as_str()
            .filter(|id| !id.is_empty())
            .unwrap_or(&name)
            .to_owned(),
        name,
        body: body.map(|body| Source {
            pointer: join(&pointer, "requestBody"),
            value: shared.of(body),
        }),
        pointer,
        source: beside(operation),
        method: method.to_uppercase(),
        template: path.to_owned(),
        path: encoded(sent_path),
        constants,
        parameters: parameters.into_iter().map(Arc::new).collect(),
        responses,
        request_media_type: media_type,
        sent,
        others,
        subject: operation["x-subject"].as_str().map(str::to_owned),
        pageable: pageable(&operation["x-ms-pageable"]),
        security,
        deprecated: operation["deprecated"] == true,
        replaced_by: operation["x-replaced-by"].as_str().map(str::to_owned),
    })
}

/// What an operation says beside what is read of it, which takes up most of it.
fn beside(operation: &Value) -> Value {
    let read = ["parameters", "requestBody", "responses"];
    let rest = members(operation).filter(|(key, _)| !read.contains(&key.as_str()));
    rest.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The pairs of a path's query that stand for themselves. One that names a parameter (`/search?q={text}`) says that
/// it is sent there, by whatever name the path gives it.
fn constants(query: &str, parameters: &mut [Source]) -> Vec<(String, String)> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let constants = pairs.filter(|(name, value)| {
        let variable = value
            .strip_prefix('{')
            .and_then(|one| one.strip_suffix('}'));
        let mut all = parameters.iter_mut().map(|one| &mut one.value);
        let found = all.find(|one| match variable {
            Some(variable) => {
                one["name"] == variable && (one["in"] == "path" || one["in"] == "query")
            }
            None => one["name"] == **name && one["in"] == "query",
        });
        match found {
            Some(found) if variable.is_some() => {
                let found = Arc::make_mut(found);
                if found["in"] == "path"
                    && let Some(found) = found.as_object_mut()
                {
                    found.remove("style");
                    found.remove("explode");
                }
                if found.get("x-rust-name").is_none() {
                    found["x-rust-name"] = found["name"].take();
                }
                found["in"] = "query".into();
                found["name"] = (**name).into();
                false
            }
            found => found.is_none(),
        }
    });
    constants
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// A path's template as it is sent: what a URL cannot hold is percent-encoded, but for the names of parameters.
fn encoded(template: &str) -> String {
    const BEYOND: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'<')
        .add(b'>')
        .add(b'\\')
        .add(b'^')
        .add(b'`')
        .add(b'|');
    let mut parts = template.split('{');
    let first = parts.next().unwrap_or_default();
    let mut path = utf8_percent_encode(first, BEYOND).to_string();
    for part in parts {
        let (name, literal) = part.split_at(part.find('}').unwrap_or_default());
        path.push('{');
        path.push_str(name);
        path.extend(utf8_percent_encode(literal, BEYOND));
    }
    path
}

fn security(document: &Document, operation: &Value) -> Vec<Vec<Scheme>> {
    let own = operation.get("security");
    let given = own.or_else(|| document.value.get("security"));
    let alternatives = given.and_then(Value::as_array).into_iter().flatten();
    alternatives
        .map(|schemes| {
            members(schemes)
                .filter_map(|(name, _)| scheme(document, name))
                .collect()
        })
        .collect()
}

/// A scheme by its name; `None` for what the connection sees to. One that is not described is taken for a bearer
/// token, as most are.
fn scheme(document: &Document, name: &str) -> Option<Scheme> {
    let scheme = &document.value["components"]["securitySchemes"][name];
    let scheme = document.resolve(scheme).unwrap_or(scheme);
    let word = |key: &str| scheme[key].as_str().unwrap_or_default();
    Some(
        match (
            word("type"),
            word("scheme").to_lowercase().as_str(),
            word("in"),
        ) {
            ("mutualTLS", ..) => return None,
            ("http", "basic", _) => Scheme::Basic,
            ("http", "bearer", _) => Scheme::Bearer,
            ("http", other, _) => Scheme::Other(other.to_owned()),
            ("apiKey", _, "header") => Scheme::Key("Header", word("name").to_owned()),
            ("apiKey", _, "query") => Scheme::Key("Query", word("name").to_owned()),
            ("apiKey", _, "cookie") => Scheme::Key("Cookie", word("name").to_owned()),
            _ => Scheme::Bearer,
        },
    )
}

fn pageable(extension: &Value) -> Option<Pageable> {
    Some(Pageable {
        next_link: extension["nextLinkName"].as_str()?.to_owned(),
        items: extension["itemName"].as_str().unwrap_or("value").to_owned(),
    })
}

fn read_parameter(
    document: &Document,
    shared: &mut Shared,
    source: Source,
    ident: String,
) -> Result<Parameter> {
    let parameter = &source.value;
    let content = members(&parameter["content"]).next();
    // What may be of any media type is written as a schema's.
    let is_json = content.is_some_and(|(media_type, _)| !media_type.contains('*'));
    let schema = parameter
        .get("schema")
        .or_else(|| content?.1.get("schema"))
        .unwrap_or(&Value::Null);
    let schema = document.resolve(schema)?;
    Ok(Parameter {
        name: text(parameter, "name")?.to_owned(),
        ident,
        description: description(parameter),
        location: text(parameter, "in")?.to_owned(),
        required: parameter["required"] == true,
        deprecated: parameter["deprecated"] == true,
        schema: shared.of(schema),
        shape: shape(document, schema, 0),
        encoding: if is_json {
            Encoding::Json
        } else {
            encoding(document, parameter, schema)
        },
        is_key: false,
        source,
    })
}

/// How a parameter is written, by its `style`, its `explode` and what it holds. `style` and `explode`
/// have other defaults in each place.
fn encoding(document: &Document, parameter: &Value, schema: &Value) -> Encoding {
    let location = parameter["in"].as_str().unwrap_or_default();
    let style = parameter["style"].as_str();
    let explode = parameter["explode"].as_bool();
    let shape = shape(document, schema, 0);
    if location == "query" || location == "cookie" {
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
        _ if style == Some("label") => Encoding::Label { explode },
        _ if style == Some("matrix") => Encoding::Matrix { explode },
        Shape::Plain => Encoding::Plain,
        Shape::Scalar | Shape::Array | Shape::Object => Encoding::Text { explode },
    }
}

fn read_response(
    document: &Document,
    shared: &mut Shared,
    method: &str,
    status: &str,
    source: Source,
) -> Result<Response> {
    let response = &source.value;
    let mut headers = Vec::new();
    for (name, header) in members(&response["headers"]) {
        let header = document.resolve(header)?;
        // OpenAPI says that a header of this name is to be ignored.
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        headers.push(Header {
            name: name.clone(),
            description: description(header),
            deprecated: header["deprecated"] == true,
            schema: shared.of(document.resolve(&header["schema"])?),
        });
    }
    let status = match status {
        "default" => status.to_owned(),
        other => other.to_uppercase(),
    };
    let media_types: Vec<_> = members(&response["content"])
        .map(|(name, _)| name.clone())
        .collect();
    let json = json_of(document, response);
    let (media_type, content) = match (json, media_types.first()) {
        _ if method == "head" => (None, Content::None),
        (Some(json), _) => (Some(json), Content::Json),
        (None, first) => (
            first.cloned(),
            first.map_or(Content::None, |_| Content::Bytes),
        ),
    };
    Ok(Response {
        status,
        media_types,
        media_type,
        content,
        is_optional: response["x-optional-body"] == true,
        source,
        headers,
    })
}

/// The media type of a response that is JSON. Where any media type is announced and a form is described,
/// JSON is meant.
fn json_of(document: &Document, response: &Value) -> Option<String> {
    let offered = members(&response["content"]).map(|(name, _)| name.as_str());
    let schema = |name: &str| &response["content"][name]["schema"];
    let described = |name: &&str| {
        matches!(essence(name).as_str(), "*/*" | "application/*")
            && !schema(name).is_null()
            && shape(document, schema(name), 0) != Shape::Plain
            && !is_binary(document, schema(name))
    };
    // Bytes are bytes, also where a whole API is said to produce JSON.
    let text = offered
        .clone()
        .filter(|name| !is_binary(document, schema(name)));
    best_json(text)
        .or_else(|| offered.clone().find(described))
        .map(str::to_owned)
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    match value[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text),
        _ => bail!("`{name}` is missing or no text"),
    }
}
