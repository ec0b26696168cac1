//! What stands where in a description of an API, and where its references lead. All three dialects share one
//! grammar, so every walk over a document goes by this one, and every reference is followed here.

mod words;

use std::{collections::BTreeSet, sync::Arc};

use percent_encoding::percent_decode_str;
use serde_json::Value;

pub use self::words::{Dialect, Fate, WORDS, Word, word};

/// HTTP methods that OpenAPI knows, as it spells them.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// What a value of a document is. The words of each element stand in [`WORDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "these are the names of OpenAPI's own objects")]
pub enum Kind {
    Root,
    Info,
    Contact,
    License,
    Tag,
    ExternalDocs,
    Server,
    Variable,
    /// What Microsoft's `x-ms-parameterized-host` holds.
    Host,
    Components,
    Path,
    Operation,
    Parameter,
    Header,
    Body,
    MediaType,
    Encoding,
    Response,
    /// Paths by the expressions that lead to them.
    Callback,
    Example,
    Link,
    SecurityScheme,
    Flows,
    Flow,
    Schema,
    Discriminator,
    Xml,
    /// Values of one kind by names that the document gives.
    Named(&'static Kind),
    /// A list of values of one kind.
    List(&'static Kind),
    /// Data: examples, defaults, extensions, single values. It says nothing of the description.
    Data,
}

impl Kind {
    /// What a member of it is.
    #[must_use]
    pub fn member(self, key: &str) -> Self {
        let is_extension = key.starts_with("x-");
        match self {
            // Of all names only these are told from extensions.
            Self::Callback | Self::Named(Self::Path | Self::Response) if is_extension => Self::Data,
            Self::Callback if key != "$ref" => Self::Path,
            Self::Named(kind) => *kind,
            Self::List(_) | Self::Data => Self::Data,
            _ => word(self, key).map_or(Self::Data, |word| word.kind),
        }
    }

    /// What an item of a list is that stands in its place.
    #[must_use]
    pub fn item(self) -> Self {
        match self {
            Self::List(kind) => *kind,
            Self::Named(_) => Self::Data,
            one => one,
        }
    }

    /// What stands at a place of a document.
    #[must_use]
    pub fn at(document: &Value, pointer: &str) -> Self {
        let (mut kind, mut value) = (Self::Root, document);
        for word in pointer.split('/').skip(1) {
            let key = word.replace("~1", "/").replace("~0", "~");
            let inner = match value {
                Value::Array(items) => key.parse().ok().and_then(|index: usize| items.get(index)),
                value => value.get(&key),
            };
            kind = if value.is_array() {
                kind.item()
            } else {
                kind.member(&key)
            };
            value = inner.unwrap_or(&Value::Null);
        }
        kind
    }

    /// Whether its members are words of the specification, and not names or data.
    #[must_use]
    pub fn has_words(self) -> bool {
        !matches!(self, Self::Named(_) | Self::List(_) | Self::Data)
    }

    /// Where a document keeps what several places share of this kind, as a pointer.
    #[must_use]
    pub fn shared(self, dialect: Dialect) -> Option<&'static str> {
        Some(match (self, dialect) {
            (Self::Schema, Dialect::Swagger) => "/definitions",
            (Self::Parameter, Dialect::Swagger) => "/parameters",
            (Self::Response, Dialect::Swagger) => "/responses",
            (Self::SecurityScheme, Dialect::Swagger) => "/securityDefinitions",
            (_, Dialect::Swagger) => return None,
            (Self::Schema, _) => "/components/schemas",
            (Self::Parameter, _) => "/components/parameters",
            (Self::Response, _) => "/components/responses",
            (Self::SecurityScheme, _) => "/components/securitySchemes",
            (Self::Header, _) => "/components/headers",
            (Self::Body, _) => "/components/requestBodies",
            (Self::Example, _) => "/components/examples",
            _ => return None,
        })
    }
}

/// The members of an object. Anything else has none.
pub fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> + Clone {
    value.as_object().into_iter().flatten()
}

/// A pointer to a member of what `pointer` points to.
#[must_use]
pub fn join(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Shows every value of a document to `visit`, with its pointer; goes into those for which it says so.
pub fn walk<'v>(
    value: &'v Value,
    pointer: &str,
    kind: Kind,
    visit: &mut impl FnMut(&'v Value, &str, Kind) -> bool,
) {
    walk_from(value, &mut pointer.to_owned(), kind, visit);
}

/// The same, with a pointer that grows and shrinks on the way.
fn walk_from<'v>(
    value: &'v Value,
    pointer: &mut String,
    kind: Kind,
    visit: &mut impl FnMut(&'v Value, &str, Kind) -> bool,
) {
    if !visit(value, pointer, kind) {
        return;
    }
    let length = pointer.len();
    for (key, inner) in members(value) {
        pointer.push('/');
        for c in key.chars() {
            match c {
                '~' => pointer.push_str("~0"),
                '/' => pointer.push_str("~1"),
                c => pointer.push(c),
            }
        }
        walk_from(inner, pointer, kind.member(key), visit);
        pointer.truncate(length);
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        pointer.push('/');
        pointer.push_str(&index.to_string());
        walk_from(inner, pointer, kind.item(), visit);
        pointer.truncate(length);
    }
}

/// Gives every value of a document to `change`, what is within before what holds it.
pub fn rewrite(value: &mut Value, kind: Kind, change: &mut impl FnMut(&mut Value, Kind)) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                rewrite(inner, kind.member(key), change);
            }
        }
        Value::Array(items) => {
            for item in items {
                rewrite(item, kind.item(), change);
            }
        }
        _ => {}
    }
    change(value, kind);
}

/// The most references that may lead from one to the next.
const LONGEST: usize = 64;

/// Writes the references of a document as the names are that they lead to: `#/paths/~1%7Bid%7D` leads to `/{id}`.
/// Those of a document that was read are written so; all that is below takes them as they are.
pub fn decode_references(document: &mut Arc<Value>) {
    let mut is_encoded = false;
    walk(document, "", Kind::Root, &mut |value, _, kind| {
        is_encoded |= reference(value).is_some_and(|reference| reference.contains('%'));
        !is_encoded && kind != Kind::Data
    });
    if !is_encoded {
        return;
    }
    rewrite(Arc::make_mut(document), Kind::Root, &mut |value, kind| {
        if kind.has_words()
            && let Some(Value::String(reference)) = value.get_mut("$ref")
            && let Ok(decoded) = percent_decode_str(reference).decode_utf8()
            && reference.starts_with('#')
        {
            *reference = decoded.into_owned();
        }
    });
}

/// The text of a reference, if an element is one.
#[must_use]
pub fn reference(element: &Value) -> Option<&str> {
    element.get("$ref")?.as_str()
}

/// The place in the document that an element refers to, if it does.
#[must_use]
pub fn target(element: &Value) -> Option<&str> {
    reference(element)?.strip_prefix('#')
}

/// The name of the shared schema that a reference leads to, if it leads to one.
#[must_use]
pub fn component(reference: &str) -> Option<&str> {
    let name = reference.strip_prefix("#/components/schemas/")?;
    (!name.contains(['/', '~', '%'])).then_some(name)
}

/// What an element is once its references are followed, and where that stands; `at` is where the element does.
/// `None` where they lead nowhere, into another file, or in a circle.
#[must_use]
pub fn follow<'v>(
    root: &'v Value,
    mut element: &'v Value,
    mut at: &'v str,
) -> Option<(&'v Value, &'v str)> {
    for _ in 0..LONGEST {
        if reference(element).is_none() {
            return Some((element, at));
        }
        at = target(element)?;
        element = root.pointer(at)?;
    }
    None
}

/// What an element is once its references are followed.
#[must_use]
pub fn resolve<'v>(root: &'v Value, element: &'v Value) -> Option<&'v Value> {
    follow(root, element, "").map(|(value, _)| value)
}

/// The places that references lead to, from some elements on.
pub fn reach<'v>(
    root: &'v Value,
    elements: impl IntoIterator<Item = (&'v Value, Kind)>,
) -> BTreeSet<&'v str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<_> = elements.into_iter().collect();
    while let Some((element, kind)) = open.pop() {
        walk(element, "", kind, &mut |value, _, kind| {
            if kind.has_words()
                && let Some(target) = target(value)
                && found.insert(target)
            {
                open.extend(root.pointer(target).map(|value| (value, kind)));
            }
            kind != Kind::Data
        });
    }
    found
}

/// The places of the schemas that one has among its `allOf`, or among theirs.
#[must_use]
pub fn bases<'v>(root: &'v Value, schema: &'v Value) -> BTreeSet<&'v str> {
    let (mut open, mut found) = (vec![schema], BTreeSet::new());
    while let Some(schema) = open.pop() {
        let parts = schema["allOf"].as_array().into_iter().flatten();
        for at in parts.filter_map(target) {
            open.extend(root.pointer(at).filter(|_| found.insert(at)));
        }
    }
    found
}

/// The least and the greatest number of a format of whole numbers, as far as it is one of a fixed size.
#[must_use]
pub fn range(format: &str) -> Option<(i64, u64)> {
    Some(match format {
        "int8" => (i8::MIN.into(), i8::MAX.unsigned_abs().into()),
        "uint8" => (0, u8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.unsigned_abs().into()),
        "uint16" => (0, u16::MAX.into()),
        "int32" | "int" => (i32::MIN.into(), i32::MAX.unsigned_abs().into()),
        "uint32" | "uint" => (0, u32::MAX.into()),
        "int64" => (i64::MIN, i64::MAX.unsigned_abs()),
        "uint64" => (0, u64::MAX),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use serde_json::json;

    use super::{
        Kind, WORDS, bases, decode_references, follow, range, reach, reference, resolve, walk,
    };

    /// As OpenAPI's registry of formats has them: so many bits, with a sign or without.
    #[test]
    fn a_format_of_whole_numbers_has_its_bounds() {
        for bits in [8_u32, 16, 32, 64] {
            let greatest = u64::MAX >> (64 - bits);
            let least = i64::MIN >> (64 - bits);
            assert_eq!(range(&format!("uint{bits}")), Some((0, greatest)), "{bits}");
            let signed = Some((least, greatest / 2));
            assert_eq!(range(&format!("int{bits}")), signed, "{bits}");
        }
        assert_eq!(range("double"), None);
    }

    /// A header of the name `example`, a property of the name `default`, and data that looks like OpenAPI.
    #[test]
    fn names_data_and_words_are_told_apart() {
        let document = json!({
            "paths": {
                "/p": { "get": {
                    "parameters": [{ "name": "a", "schema": { "type": "string" }, "example": { "$ref": "data" }, "examples": { "$ref": { "$ref": "#/word" } } }],
                    "responses": { "default": { "headers": { "example": { "$ref": "#/word" } } }, "x-a": { "$ref": "data" } },
                    "callbacks": { "on": { "{$request.body#/url}": { "post": { "requestBody": { "$ref": "#/word" } } } } },
                    "security": [{ "$ref": [] }],
                } },
                "x-a": { "$ref": "data" },
            },
            "components": { "schemas": { "properties": {
                "properties": { "default": { "$ref": "#/word" }, "x-a": { "$ref": "#/word" } }, "default": { "$ref": "data" }, "x-a": { "$ref": "data" },
            } } },
        });
        let mut found = Vec::new();
        walk(&document, "", Kind::Root, &mut |value, pointer, kind| {
            if let Some(reference) = reference(value) {
                found.push((reference, kind, pointer.to_owned()));
            }
            true
        });
        assert_eq!(found.len(), 10);
        for (reference, kind, pointer) in found {
            assert_eq!(
                reference == "data",
                kind == Kind::Data,
                "{pointer}: {kind:?}"
            );
            assert_eq!(
                reference == "#/word",
                kind.has_words(),
                "{pointer}: {kind:?}"
            );
        }
    }

    #[test]
    fn references_are_followed_to_their_end() {
        let mut document = Arc::new(json!({
            "definitions": {
                "One": { "$ref": "#/definitions/a~1%7Bb%7D" },
                "a/{b}": { "type": "string" },
                "Self": { "$ref": "#/definitions/Other" },
                "Other": { "$ref": "#/definitions/Self" },
                "Away": { "$ref": "other.yaml#/A" },
                "Gone": { "$ref": "#/definitions/Gon" },
                "Text": { "properties": { "$ref": { "type": "string" } } },
            },
        }));
        decode_references(&mut document);
        let one = |name: &str| &document["definitions"][name];
        let expected = Some((one("a/{b}"), "/definitions/a~1{b}"));
        assert_eq!(follow(&document, one("One"), "/here"), expected);
        assert_eq!(
            follow(&document, one("a/{b}"), "/here"),
            Some((one("a/{b}"), "/here"))
        );
        for lost in ["Self", "Away", "Gone"] {
            assert_eq!(resolve(&document, one(lost)), None, "{lost}");
        }
        assert!(resolve(&document, &one("Text")["properties"]).is_some());
    }

    #[test]
    fn what_is_reached_and_what_extends_goes_through_circles() {
        let document = json!({ "components": { "schemas": {
            "A": { "allOf": [{ "$ref": "#/components/schemas/B" }] },
            "B": { "allOf": [{ "$ref": "#/components/schemas/C" }, { "$ref": "#/components/schemas/A" }] },
            "C": { "properties": { "a": { "$ref": "#/components/schemas/A" } }, "example": { "$ref": "#/components/schemas/D" } },
            "D": {},
        } } });
        let schema = |name: &str| &document["components"]["schemas"][name];
        let found = reach(&document, [(schema("C"), Kind::Schema)]);
        let expected = ["A", "B", "C"].map(|name| format!("/components/schemas/{name}"));
        assert_eq!(
            found,
            expected.iter().map(String::as_str).collect::<BTreeSet<_>>()
        );
        assert_eq!(bases(&document, schema("A")), found);
        assert_eq!(bases(&document, schema("C")), BTreeSet::new());
    }

    #[test]
    fn no_word_stands_twice() {
        for (kind, words) in WORDS {
            let names: BTreeSet<_> = words.iter().map(|word| word.name).collect();
            assert_eq!(names.len(), words.len(), "{kind:?}");
        }
    }
}
