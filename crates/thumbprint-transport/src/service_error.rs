//! What a service says when it refuses.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a service said of an error, in the words that all services share.
///
/// ```
/// use thumbprint_transport::ServiceError;
///
/// let body = br#"{"error": {"code": "QuotaExceeded", "message": "there are too many"}}"#;
/// let error = ServiceError::from_json_body(body);
/// assert_eq!(error.code.as_deref(), Some("QuotaExceeded"));
/// assert_eq!(error.message.as_deref(), Some("there are too many"));
/// ```
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

/// What most services call the code of an error and its message.
const CODES: [&str; 4] = ["code", "Code", "error_code", "error"];
const MESSAGES: [&str; 3] = ["message", "Message", "error_description"];
/// Members in which services say more than a code and a message: problem details (RFC 9457), and the errors of
/// ASP.NET Web API ([`HttpError`][page]).
///
/// [page]: https://learn.microsoft.com/en-us/previous-versions/aspnet/hh834967(v=vs.118)
const MORE: [&str; 9] = [
    "title",
    "detail",
    "errors",
    "ExtendedCode",
    "MessageDetail",
    "ModelState",
    "ExceptionType",
    "ExceptionMessage",
    "InnerException",
];
/// Members that hold a list of details, and what an item of it calls its name and its value.
const LISTS: [&str; 4] = ["details", "Details", "values", "InnerErrors"];
const NAMES: [&str; 5] = ["code", "Code", "key", "target", "Source"];
const VALUES: [&str; 3] = ["message", "Message", "value"];

impl ServiceError {
    /// Reads the body of an error answer as the document's type `E`. It never fails: what does not fit
    /// costs its own member only, and of XML the first `Code` and `Message` are taken.
    ///
    /// What else the body says is among the details, if it is said in a form that many services share; of a page
    /// of HTML that is its title. No detail decides what the error is.
    #[must_use]
    pub fn from_body<E: DescribeError>(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(without_mark(body)) else {
            return Self::from_text(body);
        };
        let Value::Object(members) = &value else {
            return Self::default();
        };
        let mut service = E::deserialize(&value).map_or_else(
            |_| {
                let (error, message) = decode_members::<E>(members.clone());
                let mut service = error.map(E::describe).unwrap_or_default();
                service.message = service.message.or(message);
                service
            },
            E::describe,
        );
        service.add_details(&value);
        service
    }

    /// Reads the body of an error of which only this is known, that it is JSON: a code and a message, by
    /// the names that most services have for them, at the top or below `error`, and the details.
    #[must_use]
    pub fn from_json_body(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice(without_mark(body)) else {
            return Self::from_text(body);
        };
        let mut service = Self::from_json(&value);
        service.add_details(&value);
        service
    }

    fn from_json(value: &Value) -> Self {
        let members = below_error(value);
        let member = |names: &[&str]| names.iter().find_map(|name| members.get(name));
        let text = |value: &Value| match value {
            Value::Object(text) => text.get("value")?.as_str().map(str::to_owned),
            _ => text_of(value),
        };
        Self {
            code: member(&CODES).and_then(text),
            message: member(&MESSAGES).and_then(text),
            details: Vec::new(),
        }
    }

    fn add_details(&mut self, value: &Value) {
        let has_details = !self.details.is_empty();
        for (name, value) in below_error(value).as_object().into_iter().flatten() {
            let name = name.as_str();
            let value = match value {
                Value::Object(text) if MESSAGES.contains(&name) => {
                    text.get("value").unwrap_or(value)
                }
                _ => value,
            };
            let is_detail = match value {
                Value::Array(_) if LISTS.contains(&name) => !has_details,
                Value::String(_) if CODES.contains(&name) => self.code.is_none(),
                Value::String(_) if MESSAGES.contains(&name) => self.message.is_none(),
                // Text or an object in the place of a list.
                Value::String(_) | Value::Object(_) if LISTS.contains(&name) => true,
                _ => MORE.contains(&name),
            };
            if is_detail {
                self.add_detail(name, value);
            }
        }
    }

    fn add_detail(&mut self, name: &str, value: &Value) {
        match value {
            _ if is_trace(name) => {}
            Value::Array(items) => {
                for item in items {
                    let part =
                        |names: &[&str]| names.iter().find_map(|name| text_of(item.get(name)?));
                    match (part(&NAMES), part(&VALUES)) {
                        (None, None) => self.add_detail(name, item),
                        (name, value) => self.push(name, value),
                    }
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.add_detail(name, value);
                }
            }
            Value::String(text) => self.push(Some(name.to_owned()), Some(text.clone())),
            _ => {}
        }
    }

    fn push(&mut self, name: Option<String>, value: Option<String>) {
        self.details
            .push((name.unwrap_or_default(), value.unwrap_or_default()));
    }

    /// What is no JSON: the title of a page, or the error of an XML body that has a `Code` or is an `Error`.
    fn from_text(body: &[u8]) -> Self {
        let mut service = Self::default();
        // A page is somebody else's, whatever elements it has.
        if is_page(body) {
            if let Some(title) = title(body) {
                service.push(Some("title".to_owned()), Some(title));
            }
            return service;
        }
        let text = std::str::from_utf8(without_mark(body)).unwrap_or_default();
        if text.trim_start().starts_with('<') {
            service.add_xml(&leaves(text));
        }
        service
    }

    fn add_xml(&mut self, leaves: &[Leaf<'_>]) {
        let first = |name| {
            let mut leaves = leaves.iter();
            let leaf = leaves.find(|leaf| leaf.name == name && leaf.parent != "Detail");
            leaf.map(|leaf| leaf.text.clone())
        };
        self.code = first("Code");
        match first("Message") {
            message if self.code.is_some() => self.message = message,
            // So writes ASP.NET Web API.
            Some(message) if leaves.iter().all(|leaf| leaf.root == "Error") => {
                self.push(Some("Message".to_owned()), Some(message));
            }
            _ => return,
        }
        let mut name = None;
        for Leaf {
            parent,
            name: own,
            text,
            ..
        } in leaves
        {
            match (*parent, *own) {
                ("Detail", "Code") => name = Some(text.clone()),
                ("Detail", "Message") => self.push(name.take(), Some(text.clone())),
                ("Detail", _) | (_, "Code" | "Message") => {}
                (_, name) if is_trace(name) => {}
                // Azure's services put the reason into elements of their own, such as `AuthenticationErrorDetail`.
                _ => self.push(Some((*own).to_owned()), Some(text.clone())),
            }
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

/// The title of a page, on one line.
fn title(page: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let length = lower[start..].find("</title")?;
    let title = unescaped(&page[start..start + length]);
    let words: Vec<_> = title.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether a member is a stack trace, by any of .NET's names: it is meant for the service's own people.
fn is_trace(name: &str) -> bool {
    name.to_ascii_lowercase().contains("stacktrace")
}

/// An element of XML that holds nothing but text.
struct Leaf<'x> {
    root: &'x str,
    parent: &'x str,
    name: &'x str,
    text: String,
}

/// The leaves of a text of XML, also of one that breaks off: no parser takes that, and the code stands at its
/// beginning.
fn leaves(xml: &str) -> Vec<Leaf<'_>> {
    let (mut rest, mut open, mut leaves) = (xml, Vec::new(), Vec::new());
    while let Some((tag, after)) = rest
        .split_once('<')
        .and_then(|(_, tag)| tag.split_once('>'))
    {
        rest = after;
        if tag.starts_with('/') {
            open.pop();
        }
        if tag.starts_with(['/', '!', '?']) || tag.ends_with('/') {
            continue;
        }
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
        if let Some((text, end)) = after.split_once('<')
            && end.starts_with('/')
        {
            leaves.push(Leaf {
                root: open.first().copied().unwrap_or_default(),
                parent: open.last().copied().unwrap_or_default(),
                name,
                text: unescaped(text.trim()),
            });
        }
        open.push(name);
    }
    leaves
}

/// A text of XML or HTML with the characters that its references stand for. Unknown ones stay.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let reference = part.split_once(';').and_then(|(name, rest)| {
            let character = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => {
                    let digits = name.strip_prefix('#')?;
                    let number = match digits.strip_prefix(['x', 'X']) {
                        Some(digits) => u32::from_str_radix(digits, 16),
                        None => digits.parse(),
                    };
                    char::from_u32(number.ok()?)?
                }
            };
            Some((character, rest))
        });
        let (character, rest) = reference.unwrap_or(('&', part));
        all.push(character);
        all.push_str(rest);
    }
    all
}

/// The part of a body that the error stands in.
fn below_error(value: &Value) -> &Value {
    ["error", "odata.error"]
        .iter()
        .filter_map(|name| value.get(name))
        .find(|error| error.is_object())
        .unwrap_or(value)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
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
    fn no_stack_trace_is_a_detail() {
        for body in [
            r#"{"ExceptionMessage":"m","InnerException":{"StackTrace":"canary","RemoteStackTraceString":"canary"}}"#,
            r#"{"ExceptionMessage":"m","errors":{"stackTrace":["canary"]}}"#,
            "<Error><Code>A</Code><ExceptionMessage>m</ExceptionMessage><StackTraceString>canary</StackTraceString></Error>",
        ] {
            let details = ServiceError::from_body::<Model>(body.as_bytes()).details;
            assert_eq!(
                details,
                [("ExceptionMessage".to_owned(), "m".to_owned())],
                "{body}"
            );
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
