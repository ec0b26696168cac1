//! Building the request of one attempt, from the parsed base URL of a client. Used by generated code.

use std::fmt::{self, Display, Write as _};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST},
};
use reqwest::{Body, Request};
use serde::Serialize;

use crate::{
    Error, Operation, Transport, cookie,
    endpoint::{Endpoint, LONGEST_URL},
    input,
    multipart::{self, Form},
    style,
};

/// As many headers as a request has without a body: with fewer it would grow when the client adds its own.
const HEADERS: usize = 7;

/// A request in the making. Its path is given first, part by part. The first value that cannot be sent is
/// what [`finish`](Self::finish) fails with.
#[derive(Debug)]
pub struct RequestBuilder<'a> {
    endpoint: &'a Endpoint,
    operation: &'static Operation,
    request: Request,
    /// The path as far as it is known. Empty once the URL has it.
    path: String,
    /// Whether a value in the path is nothing but dots.
    has_dots: bool,
    /// Where values are written to be looked at.
    scratch: String,
    error: Option<Error>,
}

impl Transport {
    /// Starts a request of an operation.
    #[must_use]
    pub fn request(&self, operation: &'static Operation) -> RequestBuilder<'_> {
        let endpoint = &self.shared.endpoint;
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap_or_default();
        let mut request = Request::new(method, endpoint.start());
        let headers = request.headers_mut();
        *headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(HOST, endpoint.host_header());
        if let Some(accept) = operation.accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        let mut path = String::with_capacity(endpoint.prefix().len() + operation.path.len() + 64);
        path.push_str(endpoint.prefix());
        RequestBuilder {
            endpoint,
            operation,
            request,
            path,
            has_dots: false,
            scratch: String::with_capacity(64),
            error: None,
        }
    }
}

impl RequestBuilder<'_> {
    /// Text of the path's template.
    pub fn literal(&mut self, text: &'static str) {
        self.path.push_str(text);
    }

    /// A value in the path.
    pub fn segment(&mut self, field: &'static str, value: &(impl Display + ?Sized)) {
        let start = self.path.len();
        let _ = write!(Encoder(&mut self.path), "{value}");
        let written = &self.path[start..];
        self.has_dots |= is_dots(written);
        if written.is_empty() {
            self.refuse(empty(field));
        }
    }

    /// A value in the path that its style has encoded.
    pub fn styled(&mut self, field: &'static str, value: Result<String, Error>) {
        match value {
            Ok(value) if value.is_empty() => self.refuse(empty(field)),
            Ok(value) => {
                self.has_dots |= is_dots(&value);
                self.path.push_str(&value);
            }
            Err(error) => self.refuse(error),
        }
    }

    /// A value in the query.
    pub fn query(&mut self, name: &str, value: &(impl Display + ?Sized)) {
        self.write(value);
        self.set_path();
        let mut pairs = self.request.url_mut().query_pairs_mut();
        pairs.append_pair(name, &self.scratch);
    }

    /// The pairs that a style makes of a value in the query.
    pub fn query_pairs(&mut self, pairs: Result<Vec<(String, String)>, Error>) {
        self.set_path();
        match pairs {
            Ok(pairs) if pairs.is_empty() => {}
            Ok(pairs) => {
                let mut query = self.request.url_mut().query_pairs_mut();
                query.extend_pairs(pairs);
            }
            Err(error) => self.refuse(error),
        }
    }

    /// A header, whose name is in lower case.
    pub fn header(
        &mut self,
        field: &'static str,
        name: &'static str,
        value: &(impl Display + ?Sized),
    ) {
        self.write(value);
        self.insert(field, name);
    }

    /// The text that a style makes of a header's value.
    pub fn header_text(
        &mut self,
        field: &'static str,
        name: &'static str,
        value: Result<String, Error>,
    ) {
        match value {
            Ok(value) => {
                self.scratch = value;
                self.insert(field, name);
            }
            Err(error) => self.refuse(error),
        }
    }

    /// A cookie.
    pub fn cookie(&mut self, field: &'static str, name: &str, value: &(impl Display + ?Sized)) {
        self.write(value);
        let checked = cookie::check(field, &self.scratch);
        let headers = self.request.headers_mut();
        let pushed = checked.and_then(|()| cookie::push(headers, field, name, &self.scratch));
        if let Err(error) = pushed {
            self.refuse(error);
        }
    }

    /// The cookies that a style makes of a value.
    pub fn cookies(&mut self, field: &'static str, pairs: Result<Vec<(String, String)>, Error>) {
        match pairs {
            Ok(pairs) => pairs
                .iter()
                .for_each(|(name, value)| self.cookie(field, name, value)),
            Err(error) => self.refuse(error),
        }
    }

    fn insert(&mut self, field: &'static str, name: &'static str) {
        let checked = input::header_value(field, &self.scratch);
        let value = checked.and_then(|()| {
            HeaderValue::from_str(&self.scratch)
                .map_err(|cause| Error::conversion(field, cause, "give visible ASCII"))
        });
        match value {
            Ok(value) => {
                let headers = self.request.headers_mut();
                headers.insert(HeaderName::from_static(name), value);
            }
            Err(error) => self.refuse(error),
        }
    }

    /// A body of JSON.
    pub fn json(&mut self, value: &(impl Serialize + ?Sized)) {
        match serde_json::to_vec(value) {
            Ok(body) => self.body(body),
            Err(cause) => self.refuse(Error::conversion("body", cause, "give another value")),
        }
    }

    /// A body that is a form, with the styles of its members that have one of their own.
    pub fn form(&mut self, value: &(impl Serialize + ?Sized), styles: &[(&str, style::Style)]) {
        match style::form(value, styles) {
            Ok(pairs) => self.body(encoded(pairs)),
            Err(error) => self.refuse(error),
        }
    }

    /// A body of parts.
    pub fn multipart(&mut self, form: &Form) {
        let boundary = multipart::boundary();
        match form.body(&boundary) {
            Ok((body, length)) => {
                let media_type = format!("multipart/form-data; boundary={boundary}");
                self.body(body);
                let headers = self.request.headers_mut();
                if let Ok(media_type) = HeaderValue::try_from(media_type) {
                    headers.insert(CONTENT_TYPE, media_type);
                }
                headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
            }
            Err(error) => self.refuse(error),
        }
    }

    /// A body of text.
    pub fn text(&mut self, text: &str) {
        self.body(text.to_owned());
    }

    /// A body of bytes.
    pub fn bytes(&mut self, bytes: &Bytes) {
        self.body(bytes.clone());
    }

    /// A body of another media type than the operation's usual one.
    pub fn content(&mut self, content: &Content) {
        match &content.written {
            Ok(Written::Bytes(bytes)) => {
                self.body_of(Some(content.media_type), bytes.clone());
            }
            Ok(Written::Parts(form)) => self.multipart(form),
            Err(error) => self.refuse(error.clone()),
        }
    }

    fn body(&mut self, body: impl Into<Body>) {
        self.body_of(self.operation.content_type, body);
    }

    fn body_of(&mut self, media_type: Option<&'static str>, body: impl Into<Body>) {
        if let Some(media_type) = media_type {
            let headers = self.request.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        *self.request.body_mut() = Some(body.into());
    }

    /// The request, or the first value that cannot be sent.
    pub fn finish(mut self) -> Result<Request, Error> {
        self.set_path();
        if let Some(error) = self.error {
            return Err(error);
        }
        // The HTTP library would refuse it only after a token was fetched for it.
        if self.request.url().as_str().len() > LONGEST_URL {
            let problem = format!("its URL has more than {LONGEST_URL} characters");
            return Err(Error::input("request", problem, "give shorter values"));
        }
        let takes_body = matches!(
            *self.request.method(),
            Method::POST | Method::PUT | Method::PATCH
        );
        if takes_body && self.request.body().is_none() {
            // Batch answers 411 MissingContentLengthHeader to an empty POST without it, and hyper
            // leaves it out.
            let headers = self.request.headers_mut();
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(self.request)
    }

    /// The request for a further page, if there is a link to one: with the URL of the link, which has to
    /// stay on the operation's own path below the same base URL. Anywhere else it would take the
    /// credential along.
    pub fn finish_at(mut self, link: Option<&str>) -> Result<Request, Error> {
        if let Some(link) = link {
            *self.request.url_mut() = self.endpoint.linked(link, self.operation)?;
            self.path.clear();
        }
        self.finish()
    }

    fn set_path(&mut self) {
        if self.path.is_empty() {
            return;
        }
        // A URL drops such segments, and the request would go somewhere else.
        let is_dropped = |segment| matches!(segment, "." | "..");
        if self.has_dots && self.path.split('/').any(is_dropped) {
            self.refuse(Error::input(
                "path",
                "a value makes a segment of nothing but dots",
                "give the value of a real resource",
            ));
        }
        self.request.url_mut().set_path(&self.path);
        self.path.clear();
    }

    fn write(&mut self, value: &(impl Display + ?Sized)) {
        self.scratch.clear();
        let _ = write!(self.scratch, "{value}");
    }

    fn refuse(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }
}

/// Writes into a path, percent-encoded.
struct Encoder<'a>(&'a mut String);

impl fmt::Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        style::push_encoded(self.0, text);
        Ok(())
    }
}

fn is_dots(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'.')
}

/// The text of a form.
fn encoded(pairs: Vec<(String, String)>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).finish()
}

/// A body that is sent in place of an operation's usual one, as another of the media types that it takes.
#[derive(Clone)]
pub struct Content {
    media_type: &'static str,
    written: Result<Written, Error>,
}

#[derive(Clone)]
enum Written {
    Bytes(Bytes),
    Parts(Form),
}

impl Content {
    /// JSON of a value.
    pub fn json(media_type: &'static str, value: &(impl Serialize + ?Sized)) -> Self {
        let written = serde_json::to_vec(value);
        let refused = |cause| Error::conversion("body", cause, "give another value");
        Self::of(media_type, written.map_err(refused))
    }

    /// A form, with the styles of its members that have one of their own.
    pub fn form(
        media_type: &'static str,
        value: &(impl Serialize + ?Sized),
        styles: &[(&str, style::Style)],
    ) -> Self {
        Self::of(media_type, style::form(value, styles).map(encoded))
    }

    /// Parts.
    #[must_use]
    pub fn parts(media_type: &'static str, form: Form) -> Self {
        Self {
            media_type,
            written: Ok(Written::Parts(form)),
        }
    }

    /// Bytes, or a text.
    pub fn bytes(media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self::of(media_type, Ok(bytes))
    }

    fn of(media_type: &'static str, bytes: Result<impl Into<Bytes>, Error>) -> Self {
        Self {
            media_type,
            written: bytes.map(|bytes| Written::Bytes(bytes.into())),
        }
    }
}

/// What is sent may be secret.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = &mut f.debug_struct("Content");
        shown
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

fn empty(field: &'static str) -> Error {
    let remedy = "give the value of a real resource";
    Error::input(
        field,
        "it is empty, and the path would be another one",
        remedy,
    )
}
