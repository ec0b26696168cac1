//! Bodies of several parts: `multipart/form-data` (RFC 7578).

use std::{
    collections::HashMap,
    fmt, io, iter,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use http_body::Frame;
use reqwest::Body;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Error, header::is_json};

/// Opens the content of a part, anew for each attempt.
type Open = Arc<dyn Fn() -> BoxStream<'static, io::Result<Bytes>> + Send + Sync>;

/// A part that holds bytes: a file.
///
/// ```
/// use thumbprint_transport::multipart::Part;
///
/// let part = Part::from(vec![0xff, 0xd8]).file_name("a.jpg").media_type("image/jpeg");
/// # let _ = part;
/// ```
#[derive(Clone)]
pub struct Part {
    content: Content,
    file_name: Option<String>,
    media_type: Option<String>,
}

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    Stream(u64, Open),
}

impl Part {
    /// A part of `length` bytes that are read while it is sent. `open` is called for each attempt: a call is
    /// made again from the start.
    pub fn streamed<S>(length: u64, open: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let open: Open = Arc::new(move || open().boxed());
        Self::of(Content::Stream(length, open))
    }

    fn of(content: Content) -> Self {
        Self {
            content,
            file_name: None,
            media_type: None,
        }
    }

    /// The name of the file. `file` unless set: many services take a part without one for text.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// What it holds, as `image/jpeg`. `application/octet-stream` unless set.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }
}

impl<T: Into<Bytes>> From<T> for Part {
    fn from(bytes: T) -> Self {
        Self::of(Content::Bytes(bytes.into()))
    }
}

/// Without the content, which may be secret.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("file_name", &self.file_name)
            .field("media_type", &self.media_type)
            .field("length", &self.content.len())
            .finish_non_exhaustive()
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match (&self.content, &other.content) {
            (Content::Bytes(one), Content::Bytes(other)) => one == other,
            (Content::Stream(_, one), Content::Stream(_, other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        is_same && self.file_name == other.file_name && self.media_type == other.media_type
    }
}

/// As text, for what is written into logs and tests; a stream as its length.
impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.content {
            Content::Bytes(bytes) => serializer.serialize_str(&String::from_utf8_lossy(bytes)),
            Content::Stream(length, _) => serializer.collect_str(&format_args!("{length} bytes")),
        }
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl Content {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream(length, _) => *length,
        }
    }
}

/// The parts of a body, in their order. Meant for generated code.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Form {
    fields: Vec<(String, Field)>,
    media_types: Vec<(String, String)>,
    error: Option<Error>,
}

#[derive(Clone)]
enum Field {
    Part(Part),
    Value(Value),
}

/// Without the content, which may be secret.
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part(part) => part.fmt(f),
            Self::Value(_) => f.write_str("Value"),
        }
    }
}

#[doc(hidden)]
impl Form {
    /// The fields of a body without a type of its own.
    pub fn of(body: &(impl Serialize + ?Sized)) -> Self {
        let mut form = Self::default();
        match serde_json::to_value(body) {
            Ok(Value::Object(fields)) => {
                fields
                    .iter()
                    .for_each(|(name, value)| form.field(name, value));
            }
            Ok(_) => {
                form.error = Some(Error::input("body", "it has no fields", "give an object"));
            }
            Err(cause) => {
                form.error = Some(Error::conversion("body", cause, "give another value"));
            }
        }
        form
    }

    /// Parts whose names the document does not have, in the order of their names.
    #[must_use]
    pub fn of_parts(parts: &HashMap<String, Part>) -> Self {
        let mut form = Self::default();
        let mut parts: Vec<_> = parts.iter().collect();
        parts.sort_by_key(|(name, _)| *name);
        for (name, part) in parts {
            form.part(name, part);
        }
        form
    }

    /// Adds a part with bytes.
    pub fn part(&mut self, name: &str, part: &Part) {
        let mut part = part.clone();
        part.file_name.get_or_insert_with(|| "file".to_owned());
        let texts = [part.file_name.as_deref(), part.media_type.as_deref()];
        self.check(name, texts);
        self.fields.push((name.to_owned(), Field::Part(part)));
    }

    /// Gives parts the media types that the document has for their names, where they have none of their own.
    #[must_use]
    pub fn of_media_types(mut self, media_types: &[(&str, &str)]) -> Self {
        let named = media_types.iter();
        let named = named.map(|(name, media_type)| ((*name).to_owned(), (*media_type).to_owned()));
        self.media_types.extend(named);
        self
    }

    /// Adds a field: one part for each item of a list, unless the document calls the whole JSON; JSON for an object,
    /// and else a text (OpenAPI 3.0, "Special Considerations for `multipart` Content").
    pub fn field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        self.check(name, [None; 2]);
        match serde_json::to_value(value) {
            Ok(value) => self.fields.push((name.to_owned(), Field::Value(value))),
            Err(cause) => {
                let error = Error::conversion("body", cause, "give another value");
                self.error.get_or_insert(error);
            }
        }
    }

    /// The parts as they are sent.
    fn parts(&self) -> impl Iterator<Item = (&str, Part)> {
        self.fields.iter().flat_map(|(name, field)| {
            let mut known = self.media_types.iter();
            let known = known.find(|(known, _)| known == name);
            let media_type = known.map(|(_, media_type)| media_type.as_str());
            let is_json = media_type.is_some_and(is_json);
            let parts = match field {
                Field::Part(part) => vec![part.clone()],
                Field::Value(Value::Array(items)) if !is_json => {
                    items.iter().filter_map(part_of).collect()
                }
                Field::Value(value) => part_of(value).into_iter().collect(),
            };
            parts.into_iter().map(move |mut part| {
                part.media_type = part.media_type.or_else(|| media_type.map(str::to_owned));
                (name.as_str(), part)
            })
        })
    }

    fn check(&mut self, name: &str, texts: [Option<&str>; 2]) {
        if texts
            .into_iter()
            .flatten()
            .chain([name])
            .any(|text| text.contains(char::is_control))
        {
            let problem = format!("the part {name:?} has a name or a media type with a line break");
            self.error
                .get_or_insert(Error::input("body", problem, "take it out"));
        }
    }

    /// The body and its length.
    pub(crate) fn body(&self, boundary: &str) -> Result<(Body, u64), Error> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let mut length = 0;
        let mut chunks: Vec<BoxStream<'static, io::Result<Bytes>>> = Vec::new();
        let mut whole = Vec::new();
        for (name, part) in self.parts() {
            let head = head(boundary, name, &part);
            length += head.len() as u64 + part.content.len() + 2;
            whole.extend_from_slice(head.as_bytes());
            match &part.content {
                Content::Bytes(bytes) => whole.extend_from_slice(bytes),
                Content::Stream(length, open) => {
                    let before = Bytes::from(std::mem::take(&mut whole));
                    chunks.push(stream::iter([Ok(before)]).boxed());
                    chunks.push(exactly(*length, open()).boxed());
                }
            }
            whole.extend_from_slice(b"\r\n");
        }
        let end = format!("--{boundary}--\r\n");
        length += end.len() as u64;
        whole.extend_from_slice(end.as_bytes());
        if chunks.is_empty() {
            return Ok((whole.into(), length));
        }
        chunks.push(stream::iter([Ok(Bytes::from(whole))]).boxed());
        let chunks = stream::iter(chunks).flatten().boxed();
        Ok((Body::wrap(Chunks(Mutex::new(chunks))), length))
    }

    /// The whole body; `None` where a part is streamed.
    fn bytes(&self, boundary: &str) -> Option<Vec<u8>> {
        let (body, _) = self.body(boundary).ok()?;
        body.as_bytes().map(<[u8]>::to_vec)
    }
}

/// The part that a value is sent as; null is none.
fn part_of(value: &Value) -> Option<Part> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Part::from(text.clone())),
        Value::Bool(_) | Value::Number(_) => Some(Part::from(value.to_string())),
        Value::Array(_) | Value::Object(_) => {
            Some(Part::from(value.to_string()).media_type("application/json"))
        }
    }
}

/// Whether a body with a content type has these parts, for mocks.
#[doc(hidden)]
pub fn expected(form: Form) -> impl Fn(&str, &[u8]) -> bool + Send + Sync {
    move |media_type, body| {
        let boundary = media_type
            .split_once("boundary=")
            .map(|(_, boundary)| boundary);
        let expected = boundary.and_then(|boundary| form.bytes(boundary.trim_matches('"')));
        expected.is_some_and(|expected| expected == body)
    }
}

/// A body that is read while it is sent.
struct Chunks(Mutex<BoxStream<'static, io::Result<Bytes>>>);

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let chunks = self.get_mut().0.get_mut();
        let chunks = chunks.unwrap_or_else(PoisonError::into_inner);
        let chunk = chunks.poll_next_unpin(context);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}

/// The chunks of a part. Its length was announced, so another one would make the rest of the body something else.
fn exactly(
    length: u64,
    chunks: BoxStream<'static, io::Result<Bytes>>,
) -> impl Stream<Item = io::Result<Bytes>> {
    let mut left = length;
    let end = stream::iter([None]);
    chunks.map(Some).chain(end).map(move |chunk| {
        let Some(chunk) = chunk else {
            let is_whole = left == 0;
            let short = || io::Error::other("a part has fewer bytes than its length says");
            return is_whole.then(Bytes::new).ok_or_else(short);
        };
        let chunk = chunk?;
        let rest = left.checked_sub(chunk.len() as u64);
        left =
            rest.ok_or_else(|| io::Error::other("a part has more bytes than its length says"))?;
        Ok(chunk)
    })
}

fn head(boundary: &str, name: &str, part: &Part) -> String {
    // As HTML has it, "multipart/form-data encoding algorithm".
    let quoted = |text: &str| text.replace('"', "%22");
    let mut head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
        quoted(name)
    );
    if let Some(name) = &part.file_name {
        head = format!("{head}; filename=\"{}\"", quoted(name));
    }
    // A text has none.
    let of_bytes = part.file_name.as_ref().map(|_| "application/octet-stream");
    if let Some(media_type) = part.media_type.as_deref().or(of_bytes) {
        head = format!("{head}\r\nContent-Type: {media_type}");
    }
    head + "\r\n\r\n"
}

/// A text that no part has.
pub(crate) fn boundary() -> String {
    iter::repeat_with(fastrand::alphanumeric).take(40).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use futures_util::stream;
    use serde_json::json;
    use test_support::OrFail as _;

    use super::{Form, Part};

    fn text(form: &Form) -> String {
        String::from_utf8(form.bytes("B").or_fail()).or_fail()
    }

    /// OpenAPI 3.0, "Encoding Object": `contentType`, which counts where the caller says nothing else.
    #[test]
    fn parts_have_the_media_types_of_the_document_or_of_the_caller() {
        let mut form = Form::default();
        form.part("image", &Part::from("a"));
        form.part("other", &Part::from("b").media_type("image/gif"));
        form.part("plain", &Part::from("c"));
        form.field("table", "d");
        let types = [
            ("image", "image/png"),
            ("other", "image/png"),
            ("table", "text/csv"),
        ];
        let sent = text(&form.of_media_types(&types));
        let found: Vec<_> = sent
            .lines()
            .filter_map(|line| line.strip_prefix("Content-Type: "))
            .collect();
        assert_eq!(
            found,
            [
                "image/png",
                "image/gif",
                "application/octet-stream",
                "text/csv"
            ]
        );
    }

    #[test]
    fn a_body_without_fields_of_its_own_has_the_parts_that_it_is_given() {
        let parts =
            [("b", "1"), ("a", "2")].map(|(name, text)| (name.to_owned(), Part::from(text)));
        let sent = text(&Form::of_parts(&HashMap::from(parts)));
        assert!(
            sent.contains("name=\"a\"; filename=\"file\"")
                && sent.find("name=\"a\"") < sent.find("name=\"b\""),
            "{sent}"
        );
        let sent = text(&Form::of(&json!({ "k": ["x", "y"] })));
        assert_eq!(sent.matches("name=\"k\"").count(), 2, "{sent}");
        assert!(Form::of("text").body("B").is_err());
    }

    /// RFC 7578, section 4. Reported of other generated clients: a list of files written as JSON
    /// (openapi-python-client 692), a part of JSON without its content type (openapi-generator 3776).
    #[test]
    fn parts_are_written_as_the_rfc_has_them() {
        let mut form = Form::default();
        form.field("model", "a b");
        form.field("tags", &["x", "y"]);
        form.field("about", &json!({"k": [1]}));
        form.field("none", &None::<u8>);
        form.part(
            "fi\"le",
            &Part::from("bytes")
                .file_name("a.txt")
                .media_type("text/plain"),
        );
        form.part("raw", &Part::from(vec![1_u8]));
        let expected = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\na b\r\n\
            --B\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nx\r\n\
            --B\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\ny\r\n\
            --B\r\nContent-Disposition: form-data; name=\"about\"\r\nContent-Type: application/json\r\n\r\n{\"k\":[1]}\r\n\
            --B\r\nContent-Disposition: form-data; name=\"fi%22le\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nbytes\r\n\
            --B\r\nContent-Disposition: form-data; name=\"raw\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n\u{1}\r\n\
            --B--\r\n";
        assert_eq!(text(&form), expected);
    }

    /// OpenAPI 3.0, "Encoding Object": `contentType` is that of the property. Reported of other generated clients: hey-api
    /// 4281.
    #[test]
    fn a_list_that_the_document_calls_json_is_one_part() {
        let mut form = Form::default();
        form.field("products", &[1, 2]);
        form.field("empty", &[0_u8; 0]);
        form.field("tags", &["x", "y"]);
        let form = form.of_media_types(&[
            ("products", "application/json"),
            ("empty", "application/json"),
            ("tags", "text/plain"),
        ]);
        let part = |name: &str, media_type: &str, text: &str| {
            format!(
                "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n{text}\r\n"
            )
        };
        let expected = [
            part("products", "application/json", "[1,2]"),
            part("empty", "application/json", "[]"),
            part("tags", "text/plain", "x"),
            part("tags", "text/plain", "y"),
        ];
        assert_eq!(text(&form), expected.concat() + "--B--\r\n");
        assert!(!format!("{form:?}").contains('1'));
    }

    #[test]
    fn nothing_breaks_out_of_a_head() {
        for part in [
            Part::from("a").file_name("a\r\nX: y"),
            Part::from("a").media_type("a\nb"),
        ] {
            let mut form = Form::default();
            form.part("file", &part);
            assert!(form.body("B").is_err(), "{part:?}");
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?}", Part::from("secret").file_name("a"));
        assert!(
            shown.contains("length: 6") && !shown.contains("secret"),
            "{shown}"
        );
    }

    #[test]
    fn a_streamed_part_has_a_length_that_is_known_before() {
        let mut form = Form::default();
        let open = || stream::iter([Ok("by".into()), Ok("tes".into())]);
        form.part("file", &Part::streamed(5, open));
        let (body, length) = form.body("B").or_fail();
        assert!(body.as_bytes().is_none());
        let mut whole = Form::default();
        whole.part("file", &Part::from("bytes"));
        assert_eq!(length, whole.bytes("B").or_fail().len() as u64);
    }
}
