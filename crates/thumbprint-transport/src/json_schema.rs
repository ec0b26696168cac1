//! JSON Schemas of generated types: what schemars derives from a type, and what only its document says.

use std::borrow::Cow;

use schemars::{
    JsonSchema, Schema, SchemaGenerator, json_schema,
    transform::{RecursiveTransform, Transform},
};
use serde_json::{Map, Value, json};

use crate::{HttpDate, multipart::Part};

/// What a document says of a type and the type itself does not: bounds, lengths, patterns, the formats of numbers.
#[derive(Clone, Debug)]
pub struct Document {
    own: &'static str,
    members: Vec<(&'static str, &'static str)>,
    nullable: Vec<&'static str>,
    required: Vec<&'static str>,
}

/// A document that says nothing beyond what schemars derives from the type.
#[must_use]
pub fn derived() -> Document {
    Document {
        own: "{}",
        members: Vec::new(),
        nullable: Vec::new(),
        required: Vec::new(),
    }
}

impl Document {
    /// Of the type as a whole: keywords, as an object of JSON.
    #[must_use]
    pub fn own(mut self, said: &'static str) -> Self {
        self.own = said;
        self
    }

    /// Of a member, by its name on the wire.
    #[must_use]
    pub fn member(mut self, name: &'static str, said: &'static str) -> Self {
        self.members.push((name, said));
        self
    }

    /// The member may be null. schemars says so of every `Option`, which here means that a member may be absent.
    #[must_use]
    pub fn nullable(mut self, name: &'static str) -> Self {
        self.nullable.push(name);
        self
    }

    /// serde asks for the member though it is an `Option`.
    #[must_use]
    pub fn required(mut self, name: &'static str) -> Self {
        self.required.push(name);
        self
    }
}

impl Transform for Document {
    fn transform(&mut self, schema: &mut Schema) {
        RecursiveTransform(formats).transform(schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        say(object, &read(self.own));
        let Some(Value::Object(members)) = object.get_mut("properties") else {
            return;
        };
        for (name, member) in members.iter_mut() {
            let Some(member) = member.as_object_mut() else {
                continue;
            };
            if !self.nullable.contains(&name.as_str()) {
                not_null(member);
            }
            let said = self.members.iter().find(|(known, _)| known == name);
            if let Some((_, said)) = said {
                say(member, &read(said));
            }
        }
        if !self.required.is_empty() {
            let required = object.entry("required").or_insert_with(|| json!([]));
            if let Some(required) = required.as_array_mut() {
                required.extend(self.required.iter().map(|name| json!(name)));
            }
        }
    }
}

/// Generated code holds an object here.
fn read(said: &str) -> Map<String, Value> {
    serde_json::from_str(said).unwrap_or_default()
}

/// The width of a number in Rust is no promise of the document's, and chrono's time without a zone has a name in OpenAPI's
/// registry of formats.
fn formats(schema: &mut Schema) {
    let is_number = match schema.get("type") {
        Some(Value::String(word)) => word == "integer" || word == "number",
        Some(Value::Array(words)) => words
            .iter()
            .any(|word| word == "integer" || word == "number"),
        _ => false,
    };
    if is_number {
        schema.remove("format");
    } else if schema
        .get("format")
        .is_some_and(|format| format == "partial-date-time")
    {
        schema.insert("format".to_owned(), json!("date-time-local"));
    }
}

/// Adds keywords. Of two formats or defaults, that of the type stays.
fn say(schema: &mut Map<String, Value>, said: &Map<String, Value>) {
    for (key, value) in said {
        match (value, schema.get_mut(key)) {
            (Value::Object(said), Some(Value::Object(inner))) => say(inner, said),
            (_, Some(_)) if key == "format" || key == "default" => {}
            _ => {
                schema.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Takes the `null` out that stands for a member that is absent.
fn not_null(member: &mut Map<String, Value>) {
    let is_null = |value: &Value| value == "null" || value["type"] == "null";
    for key in ["type", "anyOf"] {
        let Some(Value::Array(alternatives)) = member.get_mut(key) else {
            continue;
        };
        alternatives.retain(|one| !is_null(one));
        if let [one] = &mut alternatives[..] {
            let one = one.take();
            match one {
                Value::Object(only) => {
                    member.remove(key);
                    for (key, value) in only {
                        member.entry(key).or_insert(value);
                    }
                }
                word => {
                    member.insert(key.to_owned(), word);
                }
            }
        }
    }
    if let Some(Value::Array(values)) = member.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if member.get("default").is_some_and(Value::is_null) {
        member.remove("default");
    }
}

/// An enumeration that may grow: any text, of which some are known.
#[must_use]
pub fn words(about: &str, known: &[&str]) -> Schema {
    json_schema!({
        "description": about,
        "anyOf": [{ "type": "string", "enum": known }, { "type": "string" }],
    })
}

/// A value that has one of several forms.
#[must_use]
pub fn forms(forms: &[Schema]) -> Schema {
    json_schema!({ "anyOf": forms })
}

/// A text of a format.
macro_rules! text {
    ($ty:ty, $name:literal, $format:literal) => {
        impl JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format })
            }
        }
    };
}
text!(HttpDate, "HttpDate", "date-time-rfc1123");
text!(Part, "Part", "binary");
