//! What the code needs to know of a document: its operations, with every reference followed.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use crate::{
    document::{Document, join, members},
    grammar, names,
};

pub use crate::grammar::METHODS;

/// An element of a document, with the references to it followed, and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// JSON pointer to it, or to the reference.
    pub pointer: String,
    /// What it says.
    pub value: Value,
}

/// An operation of a document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operation id, as the document spells it. One that is missing is made of method and path.
    pub id: String,
    /// The id as progenitor gets it: another than `id` where two make one name, or one is taken.
    pub name: String,
    /// JSON pointer to it.
    pub pointer: String,
    /// What the document says of it.
    pub source: Value,
    /// The method, in capitals.
    pub method: String,
    /// The path as the document spells it.
    pub template: String,
    /// The path's template: what of it is sent as a path.
    pub path: String,
    /// Pairs of the query that stand in the path, as in `/things?kind=new`.
    pub constants: Vec<(String, String)>,
    /// Its parameters: the path item's and its own.
    pub parameters: Vec<Arc<Parameter>>,
    /// Its responses, in the order of their statuses, `default` last.
    pub responses: Vec<Response>,
    /// The media type that its request body is sent with.
    pub request_media_type: Option<String>,
    /// Its request body, if it has one.
    pub body: Option<Source>,
    /// What is sent of the body.
    pub sent: Option<Sent>,
    /// What a caller can choose to send in its place.
    pub others: Vec<Sent>,
    /// The parameter, or the property of the body, whose value names what a call is about (`x-subject`).
    pub subject: Option<String>,
    /// How a list goes on (`x-ms-pageable`).
    pub pageable: Option<Pageable>,
    /// What it asks for to know who is calling: alternatives, each of schemes that all have to be there.
    pub security: Vec<Vec<Scheme>>,
    /// Whether it is marked as deprecated.
    pub deprecated: bool,
    /// What to use in its place, if the document says so.
    pub replaced_by: Option<String>,
}

/// A security scheme: a variant of `thumbprint_transport::operation::SecurityScheme`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// A bearer token.
    Bearer,
    /// A user and a password.
    Basic,
    /// A key, in `Header`, `Query` or `Cookie`, and its name there.
    Key(&'static str, String),
    /// Another one.
    Other(String),
}

/// A parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// The identifier in the code.
    pub ident: String,
    /// What the document says of it.
    pub source: Source,
    /// What it is, as the document describes it.
    pub description: String,
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    /// Whether the operation needs it.
    pub required: bool,
    /// Whether it is marked as deprecated.
    pub deprecated: bool,
    /// Its schema, followed.
    pub schema: Value,
    /// What its value looks like.
    pub shape: Shape,
    /// How its value becomes text.
    pub encoding: Encoding,
    /// Whether it is a key that the operation's security asks for, in every alternative.
    pub is_key: bool,
}

impl Parameter {
    /// Whether it is sent as a parameter: a key is the credential's, and of these headers OpenAPI says that a parameter of
    /// their name is to be ignored.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        let ours = ["accept", "content-type", "authorization"];
        let is_ours = ours.iter().any(|name| self.name.eq_ignore_ascii_case(name));
        !(self.is_key || self.location == "header" && is_ours)
    }

    /// Whether a scheme is a key that stands where the parameter does.
    fn is_key_of(&self, scheme: &Scheme) -> bool {
        match scheme {
            Scheme::Key("Header", name) => {
                self.location == "header" && self.name.eq_ignore_ascii_case(name)
            }
            Scheme::Key("Query", name) => self.location == "query" && self.name == *name,
            Scheme::Key("Cookie", name) => self.location == "cookie" && self.name == *name,
            _ => false,
        }
    }
}

/// The properties of a page that a list is read by.
#[derive(Clone, Debug)]
pub struct Pageable {
    /// The one with the link to the next page.
    pub next_link: String,
    /// The one with the items.
    pub items: String,
}

/// What is sent of a body that the document describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The media type, as the document spells it.
    pub offered: String,
    /// How it is written.
    pub form: BodyForm,
    /// Whether there has to be one.
    pub required: bool,
}

/// How a request's body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// As JSON of its schema.
    Json,
    /// As a form of its schema.
    Form,
    /// As text.
    Text,
    /// As bytes.
    Bytes,
    /// As parts, each of a field of its schema.
    Multipart,
}

/// How a parameter's value becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is; in the query, one pair for each item of a list.
    Plain,
    /// By what it serialises to: for times, whose `Display` is no form of the wire, and for lists and
    /// objects in paths and headers. Exploded objects are written `name=value`.
    Text {
        /// Whether an object's names and values are joined by `=`.
        explode: bool,
    },
    /// In a path, behind a dot.
    Label {
        /// Whether what it joins is joined by dots, too.
        explode: bool,
    },
    /// In a path, behind a semicolon and with its name.
    Matrix {
        /// Whether each of what it joins is so, too.
        explode: bool,
    },
    /// In the query or as cookies, as pairs of a style: a variant of `thumbprint_transport::style::Style`.
    Pairs(&'static str),
    /// As JSON.
    Json,
}

/// A response of an operation.
#[derive(Clone, Debug)]
pub struct Response {
    /// `204`, `4XX` or `default`.
    pub status: String,
    /// What the document says of it.
    pub source: Source,
    /// The media types of its body.
    pub media_types: Vec<String>,
    /// The media type that is asked for and read.
    pub media_type: Option<String>,
    /// What its body is.
    pub content: Content,
    /// Whether a body may be absent all the same (`x-optional-body`).
    pub is_optional: bool,
    /// Its headers.
    pub headers: Vec<Header>,
}

/// What the body of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// There is none.
    None,
    /// JSON, which becomes a type.
    Json,
    /// Bytes, handed on as they come.
    Bytes,
}

/// A header of a response.
#[derive(Clone, Debug)]
pub struct Header {
    /// The name on the wire.
    pub name: String,
    /// What it says.
    pub description: String,
    /// Whether it is marked as deprecated.
    pub deprecated: bool,
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

    /// What messages call the operation: `cancel deletion` for `Certificate_CancelDeletion`.
    #[must_use]
    pub fn title(&self) -> String {
        let last = self.id.rsplit('_').next().filter(|last| !last.is_empty());
        names::snake(last.unwrap_or(&self.id)).replace('_', " ")
    }

    /// Whether it asks who is calling.
    #[must_use]
    pub fn is_secured(&self) -> bool {
        self.security.iter().any(|schemes| !schemes.is_empty())
    }

    /// How the request's body is written, if there is one.
    #[must_use]
    pub fn body_form(&self) -> Option<BodyForm> {
        self.sent.as_ref().map(|sent| sent.form)
    }

    /// What the document says of the body that is sent: its media type's `schema`, `encoding` and examples.
    #[must_use]
    pub fn content(&self) -> &Value {
        let sent = self.sent.as_ref();
        sent.map_or(&Value::Null, |sent| self.content_of(sent))
    }

    /// The same of one of the others.
    #[must_use]
    pub fn content_of(&self, sent: &Sent) -> &Value {
        let body = self.body.as_ref();
        body.map_or(&Value::Null, |body| &body.value["content"][&sent.offered])
    }

    /// Whether it changes nothing at the service.
    #[must_use]
    pub fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }

    /// Whether a response means success. `default` does where no other response does.
    #[must_use]
    pub fn is_success(&self, response: &Response) -> bool {
        response.is_success()
            || response.status == "default" && !self.responses.iter().any(Response::is_success)
    }
}

impl Response {
    /// The media type that the generated code decodes.
    #[must_use]
    pub fn json(&self) -> Option<&str> {
        let media_type = self.media_type.as_deref();
        media_type.filter(|_| self.content == Content::Json)
    }

    /// Whether its status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    /// Whether its status, or one that it stands for, is one of an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.status.starts_with(['4', '5']) || self.status == "default"
    }

    /// The hundred that a range like `4XX` stands for.
    #[must_use]
    pub fn hundred(&self) -> Option<u16> {
        self.status.strip_suffix("XX")?.parse().ok()
    }
}

/// The reason phrase of a status as an identifier, which is what the mocks call it.
#[must_use]
pub fn reason(status: u16) -> Option<String> {
    let status = http::StatusCode::from_u16(status).ok()?;
    status.canonical_reason().map(names::snake)
}

/// A media type without its parameters.
#[must_use]
pub fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.to_ascii_lowercase()
}

/// Whether a media type is JSON, or written as JSON: what `thumbprint_transport::header::is_json` says.
#[must_use]
pub fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    let name = essence.strip_prefix("application/").unwrap_or_default();
    name == "json" || name.ends_with("+json")
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

/// What is sent of a body that can be sent as several media types: JSON, a form, parts, text or bytes, in this
/// order, and with which media type.
fn sent(document: &Document, body: &Value) -> Option<(Sent, String)> {
    let offered = || members(&body["content"]).map(|(name, _)| name.as_str());
    // What has none is refused where nothing else is offered.
    let any = !offered().any(|name| has_fields(document, body, name));
    let media_types = || offered().filter(|name| any || has_fields(document, body, name));
    let is = |wanted: fn(&str) -> bool| media_types().find(move |name| wanted(&essence(name)));
    let is_any = |name: &str| name.contains('*');
    let found = best_json(media_types())
        .or_else(|| is(is_form))
        .or_else(|| is(|name| name == "multipart/form-data"))
        .or_else(|| is(|name| name.starts_with("text/") && !name.contains('*')))
        .or_else(|| is(|name| !name.starts_with("multipart/") && !name.contains('*')))
        .or_else(|| is(is_any))?;
    let written = written(document, body, found);
    let named = match written {
        BodyForm::Json => "application/json",
        // Anything is taken; bytes are what we send then.
        _ => "application/octet-stream",
    };
    let media_type = if is_any(found) { named } else { found };
    let sent = Sent {
        offered: found.to_owned(),
        form: written,
        required: body["required"] == true,
    };
    Some((sent, media_type.to_owned()))
}

/// How a body of one of its media types is written.
fn written(document: &Document, body: &Value, media_type: &str) -> BodyForm {
    let schema = &body["content"][media_type]["schema"];
    let shape = || shape(document, schema, 0);
    let described = || shape() != Shape::Plain && !is_binary(document, schema);
    let essence = essence(media_type);
    if is_json(media_type) && !is_binary(document, schema) {
        BodyForm::Json
    } else if is_form(&essence) {
        // A text is the form as it is sent.
        let is_text = shape() == Shape::Plain && !schema.is_null();
        if is_text {
            BodyForm::Text
        } else {
            BodyForm::Form
        }
    } else if essence == "multipart/form-data" {
        BodyForm::Multipart
    } else if media_type.contains('*') && !schema.is_null() && described() {
        BodyForm::Json
    } else if essence.starts_with("text/") {
        BodyForm::Text
    } else {
        BodyForm::Bytes
    }
}

/// Whether a body of one of its media types has fields, if it has to.
fn has_fields(document: &Document, body: &Value, media_type: &str) -> bool {
    let shape = || shape(document, &body["content"][media_type]["schema"], 0);
    match written(document, body, media_type) {
        BodyForm::Form => shape() == Shape::Object,
        BodyForm::Multipart => shape() != Shape::Array,
        _ => true,
    }
}

/// The media types of a body, beside the one that is sent, that a caller can choose: those of another form, or of
/// another schema. JSON by another name is JSON.
fn others_of(document: &Document, body: &Value, sent: &Sent) -> Vec<Sent> {
    let content = &body["content"];
    let is_written = |name: &str| {
        let (essence, schema) = (essence(name), &content[name]["schema"]);
        let is_json = essence == "text/json" && sent.form == BodyForm::Json;
        let is_multipart = essence.starts_with("multipart/");
        if name.contains('*') || is_json || is_multipart && essence != "multipart/form-data" {
            return false;
        }
        let is_other = *schema != content[&sent.offered]["schema"];
        has_fields(document, body, name)
            && (is_other || written(document, body, name) != BodyForm::Json)
    };
    let all = members(content).filter(|(name, _)| **name != sent.offered && is_written(name));
    let other = |(name, _): (&String, &Value)| Sent {
        offered: name.clone(),
        form: written(document, body, name),
        required: sent.required,
    };
    all.map(other).collect()
}

/// Whether a media type is that of forms.
#[must_use]
pub fn is_form(media_type: &str) -> bool {
    essence(media_type) == "application/x-www-form-urlencoded"
}

/// Whether a schema describes bytes, whatever the media type.
#[must_use]
pub fn is_binary(document: &Document, schema: &Value) -> bool {
    let schema = document.resolve(schema).unwrap_or(schema);
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string") | None, Some("binary")) => true,
        // How AutoRest has streams written.
        (ty, Some("file")) => matches!(ty, Some("object" | "file")),
        _ => false,
    }
}

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
    for ((path, item, method, operation, _), id) in places.into_iter().zip(ids) {
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
    let pointer = join(&join("/paths", path), method);
    let mut sources: Vec<Source> = Vec::new();
    for (holder, pointer) in [(item, join("/paths", path)), (operation, pointer.clone())] {
        let parameters = holder["parameters"].as_array().into_iter().flatten();
        for (index, parameter) in parameters.enumerate() {
            let value = document.resolve(parameter)?.clone();
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
        .map(|(source, ident)| read_parameter(document, source, ident))
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
                value: document.resolve(response)?.clone(),
            };
            responses.push(read_response(document, method, status, source)?);
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
    let (sent, media_type) = body.and_then(|body| self::sent(document, body)).unzip();
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
            value: body.clone(),
        }),
        pointer,
        source: operation.clone(),
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

/// Whether a schema says that its values are not for everybody to see.
#[must_use]
pub fn is_sensitive(schema: &serde_json::Map<String, Value>) -> bool {
    let is = |key: &str| schema.get(key) == Some(&Value::Bool(true));
    let is_password = schema
        .get("format")
        .is_some_and(|format| format == "password");
    is("x-sensitive") || is("x-ms-secret") || is_password
}

/// The description of an element of the document.
#[must_use]
pub fn description(element: &Value) -> String {
    let text = element["description"].as_str().unwrap_or_default();
    text.trim().to_owned()
}

fn read_parameter(document: &Document, source: Source, ident: String) -> Result<Parameter> {
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
        schema: schema.clone(),
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
        (Some("string"), None | Some("uuid" | "date-time-rfc1123")) => return Shape::Plain,
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

fn read_response(
    document: &Document,
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
            schema: document.resolve(&header["schema"])?.clone(),
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
