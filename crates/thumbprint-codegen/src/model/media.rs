//! What is sent and read of which media type.

use serde_json::Value;

use super::{BodyForm, Sent, Shape};
use crate::document::{Document, members};

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
pub(super) fn sent(document: &Document, body: &Value) -> Option<(Sent, String)> {
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
pub(super) fn others_of(document: &Document, body: &Value, sent: &Sent) -> Vec<Sent> {
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
