//! What the code needs to know of a document: its operations, with every reference followed.

mod media;
mod read;

use std::sync::Arc;

use serde_json::Value;

use crate::names;

pub use self::{
    media::{best_json, essence, is_binary, is_form, is_json, shape},
    read::operations,
};

/// An element of a document, with the references to it followed, and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// JSON pointer to it, or to the reference.
    pub pointer: String,
    /// What it says. What several operations refer to is held once.
    pub value: Arc<Value>,
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
    /// What the document says of it, but for its parameters, body and responses.
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
    pub schema: Arc<Value>,
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
    pub schema: Arc<Value>,
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
