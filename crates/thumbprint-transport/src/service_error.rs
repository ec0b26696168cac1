//! What a service says when it refuses.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a service said of an error, in the words that all services share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The name of the error, as the service spelled it. Unknown names survive as text.
    pub code: Option<String>,
    /// The text meant for people.
    pub message: Option<String>,
    /// Further details, as pairs of name and value.
    pub details: Vec<(String, String)>,
}

/// An error type of a document that can say what it holds in the words of [`ServiceError`].
pub trait DescribeError: DeserializeOwned {
    /// What the error says.
    fn describe(self) -> ServiceError;
}

impl ServiceError {
    /// Reads the body of an error answer as the document's type `E`. It never fails: what does not fit
    /// costs its own member only, and of XML the first `Code` and `Message` are taken.
    #[must_use]
    pub fn from_body<E: DescribeError>(body: &[u8]) -> Self {
        if let Ok(error) = serde_json::from_slice::<E>(without_mark(body)) {
            return error.describe();
        }
        let Some(members) = object(body) else {
            return Self::from_xml(body);
        };
        let (error, message) = decode_members::<E>(members);
        let mut service = error.map(E::describe).unwrap_or_default();
        service.message = service.message.or(message);
        service
    }

    /// Reads the body of an error of which only this is known, that it is JSON: a code and a message, by
    /// the names that most services have for them, at the top or below `error`.
    #[must_use]
    pub fn from_json_body(body: &[u8]) -> Self {
        match serde_json::from_slice(without_mark(body)) {
            Ok(value) => Self::from_json(&value),
            Err(_) => Self::from_xml(body),
        }
    }

    fn from_json(value: &Value) -> Self {
        let within = value.get("error").filter(|error| error.is_object());
        let members = within.unwrap_or(value);
        let member = |names: [&str; 3]| names.iter().find_map(|name| members.get(*name));
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Object(text) => text.get("value")?.as_str().map(str::to_owned),
            _ => None,
        };
        Self {
            code: member(["code", "Code", "error_code"]).and_then(text),
            message: member(["message", "Message", "error_description"]).and_then(text),
            details: Vec::new(),
        }
    }

    /// The first `Code` and `Message` of an XML body that has a `Code`.
    fn from_xml(body: &[u8]) -> Self {
        let text = std::str::from_utf8(without_mark(body)).unwrap_or_default();
        // A page is somebody else's, whatever elements it has.
        if !text.trim_start().starts_with('<') || is_page(body) {
            return Self::default();
        }
        let Some(code) = element(text, "Code") else {
            return Self::default();
        };
        Self {
            code: Some(code.to_owned()),
            message: element(text, "Message").map(str::to_owned),
            details: Vec::new(),
        }
    }

    /// All that is said.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &String> {
        let details = self.details.iter().flat_map(|(name, value)| [name, value]);
        self.code.iter().chain(&self.message).chain(details)
    }

    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let details = self.details.iter_mut();
        let details = details.flat_map(|(name, value)| [name, value]);
        self.code.iter_mut().chain(&mut self.message).chain(details)
    }

    /// The first line of a detail, by its name in either case.
    #[must_use]
    pub fn detail(&self, name: &str) -> Option<String> {
        let found = self
            .details
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found
            .map(|(_, value)| one_line(value))
            .filter(|value| !value.is_empty())
    }
}

/// Reads a body as `T`, leaving out members that do not fit.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let whole = serde_json::from_slice(without_mark(body)).ok();
    whole.or_else(|| decode_members(object(body)?).0)
}

/// A body without the byte order mark that some servers put before JSON (RFC 8259, section 8.1, lets a
/// reader ignore it).
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn object(body: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(without_mark(body)) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// One member of another form (a text where an object is documented) must not cost the others. A
/// `message` that is plain text is given back beside them.
fn decode_members<T: DeserializeOwned>(members: Map<String, Value>) -> (Option<T>, Option<String>) {
    let decode = |members: Map<String, Value>| serde_json::from_value(Value::Object(members)).ok();
    let (fitting, others): (Map<_, _>, Map<_, _>) =
        members.into_iter().partition(|(name, value)| {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            decode(alone).is_some_and(|_: T| true)
        });
    let message = others.into_iter().find_map(|(name, value)| match value {
        Value::String(text) if name.eq_ignore_ascii_case("message") => Some(text),
        _ => None,
    });
    (decode(fitting), message)
}

/// Whether a text is HTML, also behind a comment or the declaration of XML.
pub(crate) fn is_page(body: &[u8]) -> bool {
    let text = without_mark(body).trim_ascii_start();
    if !text.starts_with(b"<") {
        return false;
    }
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    text.contains("<!doctype html") || text.contains("<html")
}

/// Whether a body is an object of JSON with members, of which none is one of these.
pub(crate) fn has_none_of(members: &[&str], body: &[u8]) -> bool {
    object(body).is_some_and(|found| {
        !found.is_empty() && !members.iter().any(|name| found.contains_key(*name))
    })
}

/// The text of the first element of that name, if it holds nothing but plain text.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    (!text.contains(['<', '&'])).then_some(text.trim())
}

/// The first line, without control characters, at most 400 characters of it.
#[doc(hidden)]
#[must_use]
pub fn one_line(text: &str) -> String {
    let line = text.trim_start().lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(400).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{DescribeError, ServiceError};

    #[derive(Deserialize)]
    struct Model {
        code: Option<String>,
        message: Option<Text>,
    }

    #[derive(Deserialize)]
    struct Text {
        value: Option<String>,
    }

    impl DescribeError for Model {
        fn describe(self) -> ServiceError {
            ServiceError {
                code: self.code,
                message: self.message.and_then(|text| text.value),
                ..ServiceError::default()
            }
        }
    }

    #[test]
    fn bodies_of_every_kind_keep_what_they_say() {
        for (body, code, message) in [
            (
                &br#"{"code":"A","message":{"value":"b"}}"#[..],
                Some("A"),
                Some("b"),
            ),
            (b"\xef\xbb\xbf{\"code\":\"A\"}", Some("A"), None),
            (br#"{"code":"A","message":"b"}"#, Some("A"), Some("b")),
            (br#"{"code":null,"message":null,"x":1}"#, None, None),
            (br#"{"code":7,"message":{"value":"b"}}"#, None, Some("b")),
            (
                b"<Error xmlns='x'><Code>A</Code><Message>b</Message></Error>",
                Some("A"),
                Some("b"),
            ),
            (b"<html><title>502</title></html>", None, None),
            (b"<!DOCTYPE html><Code>A</Code>", None, None),
            (b"<?xml version='1.0'?><HTML><Code>A</Code>", None, None),
            (br#"{"code":"A","mess"#, None, None),
            (b"null", None, None),
            (b"[]", None, None),
            (b"", None, None),
            (b"\xff\xfe\x00", None, None),
        ] {
            let service = ServiceError::from_body::<Model>(body);
            let shown = String::from_utf8_lossy(body);
            assert_eq!(service.code.as_deref(), code, "{shown}");
            assert_eq!(service.message.as_deref(), message, "{shown}");
        }
    }
}
