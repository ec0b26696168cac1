//! What a service says when it refuses.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::judgement::History;

/// The body of an error answer, as far as it could be understood. The generated clients use it in
/// place of the document's error type: an empty, cut or foreign body must never cost the status.
pub struct ErrorBody<E> {
    value: Option<E>,
    message: Option<String>,
    code: Option<String>,
    raw: Bytes,
    truncated: bool,
    history: History,
}

impl<E: DeserializeOwned> ErrorBody<E> {
    /// Reads a body. JSON is read as `E`, leaving out members that do not fit; of XML the first
    /// `Code` and `Message` are taken; anything else keeps only its bytes.
    #[must_use]
    pub fn parse(raw: Bytes, truncated: bool) -> Self {
        let mut body = Self {
            value: None,
            message: None,
            code: None,
            raw,
            truncated,
            history: History::default(),
        };
        let raw = body.raw.clone();
        let json = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw);
        if let Ok(Value::Object(members)) = serde_json::from_slice(json) {
            body.read_json(members);
        } else if let Ok(text) = std::str::from_utf8(json)
            && text.trim_start().starts_with('<')
            && let Some(code) = element(text, "Code")
        {
            body.code = Some(code.to_owned());
            body.message = element(text, "Message").map(str::to_owned);
        }
        body
    }

    fn read_json(&mut self, members: Map<String, Value>) {
        let decode = |members: &Map<String, Value>| {
            serde_json::from_value(Value::Object(members.clone())).ok()
        };
        self.value = decode(&members);
        if self.value.is_none() {
            // One member of another form (a text where an object is documented) must not cost the others.
            let (fitting, others): (Map<_, _>, Map<_, _>) =
                members.into_iter().partition(|(name, value)| {
                    let alone = Map::from_iter([(name.clone(), value.clone())]);
                    decode(&alone).is_some()
                });
            self.value = decode(&fitting);
            self.message = others.into_iter().find_map(|(name, value)| match value {
                Value::String(text) if name.eq_ignore_ascii_case("message") => Some(text),
                _ => None,
            });
        }
    }
}

impl<E> ErrorBody<E> {
    /// The error as the document describes it. `None` where the body was not JSON of that form.
    pub fn value(&self) -> Option<&E> {
        self.value.as_ref()
    }

    /// The same body with its error made into another. Meant for generated code.
    #[doc(hidden)]
    pub fn map<T>(self, make: impl FnOnce(E) -> T) -> ErrorBody<T> {
        ErrorBody {
            value: self.value.map(make),
            message: self.message,
            code: self.code,
            raw: self.raw,
            truncated: self.truncated,
            history: self.history,
        }
    }

    /// The body's bytes, at most 64 KiB of them.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// Whether the body was longer than what [`raw`](Self::raw) holds, or broke off.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// The same body, as the end of a call with this history.
    pub(crate) fn after(self, history: History) -> Self {
        Self { history, ..self }
    }

    pub(crate) fn history(&self) -> History {
        self.history
    }

    /// What the body says in the words that all services share. `describe` reads the document's type.
    pub(crate) fn service_error(&self, describe: fn(&E) -> ServiceError) -> ServiceError {
        let mut service = self.value.as_ref().map(describe).unwrap_or_default();
        service.code = service.code.or_else(|| self.code.clone());
        service.message = service.message.or_else(|| self.message.clone());
        service
    }
}

/// Shows what was understood, and the body's length in place of the body.
impl<E> fmt::Debug for ErrorBody<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorBody")
            .field("understood", &(self.value.is_some() || self.code.is_some()))
            .field("bytes", &self.raw.len())
            .field("truncated", &self.truncated)
            .finish_non_exhaustive()
    }
}

/// The text of the first element of that name, if it holds nothing but plain text.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    (!text.contains(['<', '&'])).then_some(text.trim())
}

/// What a service said of an error, in the words that all services share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceError {
    /// The name of the error, as the service spelled it. Names that nobody has seen before survive as text.
    pub code: Option<String>,
    /// The text meant for people.
    pub message: Option<String>,
    /// Further details, as pairs of name and value.
    pub details: Vec<(String, String)>,
}

impl ServiceError {
    /// Reads an error of which only this is known, that it is JSON: a code and a message, by the names that
    /// most services have for them, at the top or below `error`.
    #[must_use]
    pub fn from_json(value: &Value) -> Self {
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

/// The first line, without control characters, at most 400 characters of it.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.trim_start().lines().next().unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(400).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde::Deserialize;

    use super::{ErrorBody, ServiceError};

    #[derive(Deserialize)]
    struct Model {
        code: Option<String>,
        message: Option<Text>,
    }

    #[derive(Deserialize)]
    struct Text {
        value: Option<String>,
    }

    fn read(body: &'static [u8]) -> ServiceError {
        ErrorBody::<Model>::parse(Bytes::from_static(body), false).service_error(|model| {
            ServiceError {
                code: model.code.clone(),
                message: model.message.as_ref().and_then(|text| text.value.clone()),
                ..ServiceError::default()
            }
        })
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
            (br#"{"code":"A","mess"#, None, None),
            (b"null", None, None),
            (b"[]", None, None),
            (b"", None, None),
            (b"\xff\xfe\x00", None, None),
        ] {
            let service = read(body);
            let shown = String::from_utf8_lossy(body);
            assert_eq!(service.code.as_deref(), code, "{shown}");
            assert_eq!(service.message.as_deref(), message, "{shown}");
        }
    }
}
