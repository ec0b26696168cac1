//! Request bodies: which media type is sent, and what of.

use serde_json::{Value, json};

use super::{Slot, Work};
use crate::{
    document::{join, members},
    model::{self, BodyForm, Operation, Sent, Shape, Source},
    names,
};

impl Work<'_> {
    /// The schema of an operation's request body, unless it is sent as it is given. Which of several media types
    /// is sent says `model::sent_as`.
    pub(super) fn request_body(
        &mut self,
        operation: &Operation,
        body: &Source,
    ) -> Option<(Slot, String, Value)> {
        let (body, pointer) = (&body.value, &body.pointer);
        let offered: Vec<_> = members(&body["content"])
            .map(|(name, _)| name.clone())
            .collect();
        let Some(Sent {
            offered: media_type,
            form,
            ..
        }) = operation.sent.clone()
        else {
            self.refuse(
                &join(pointer, "content"),
                format!("a body of {} cannot be sent; offer application/json, application/x-www-form-urlencoded, multipart/form-data, text or bytes beside it", offered.join(", ")),
            );
            return None;
        };
        let content = body["content"][&media_type].clone();
        let at = join(&join(pointer, "content"), &media_type);
        for other in offered.iter().filter(|other| **other != media_type) {
            let at = join(&join(pointer, "content"), other);
            self.warn(
                &at,
                format!("the body is sent as `{media_type}`, never as this"),
            );
        }
        let schema = &content["schema"];
        let schema_at = join(&at, "schema");
        if matches!(form, BodyForm::Text | BodyForm::Bytes) {
            let is_text = self.followed(schema)["type"] == "string";
            if content.get("schema").is_some() && !is_text {
                self.warn(&schema_at, format!("a body of `{media_type}` is sent as it is given; its schema does not become a type"));
            }
            return None;
        }
        if form == BodyForm::Form || form == BodyForm::Multipart {
            self.check_form(schema, &schema_at);
        }
        if form == BodyForm::Multipart {
            for (name, encoding) in members(&content["encoding"]) {
                if encoding.get("contentType").is_some() {
                    let at = join(&join(&at, "encoding"), name);
                    self.warn(&join(&at, "contentType"), "is not sent by itself: a part of bytes has the media type that the caller gives it, and every other part that of its form");
                }
            }
        }
        let parts = (form == BodyForm::Multipart).then(|| self.parts(schema));
        let schema = parts.as_ref().or(content.get("schema"));
        let ty = names::pascal(&format!("{}-body", operation.method_name()));
        let schema = match schema {
            Some(schema) => self.inline_schema(schema, &schema_at, &ty),
            None => json!({}),
        };
        Some((Slot::Body, schema_at, schema))
    }

    /// A form has fields.
    fn check_form(&mut self, schema: &Value, pointer: &str) {
        if model::shape(self.document, schema, 0) != Shape::Object {
            self.refuse(
                pointer,
                "a form has fields; give it a schema of `type: object`",
            );
        }
    }

    /// The schema of parts: that of an object whose bytes are parts that may have a name and a media type.
    fn parts(&self, schema: &Value) -> Value {
        let mut schema = self.followed(schema);
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for property in properties.into_iter().flat_map(|all| all.values_mut()) {
            let followed = self.followed(property);
            if model::is_binary(self.document, property) {
                *property = part(&followed);
            } else if followed["type"] == "array"
                && model::is_binary(self.document, &followed["items"])
            {
                let mut list = followed.clone();
                list["items"] = part(&json!({}));
                *property = list;
            }
        }
        schema
    }
}

/// The schema that becomes `thumbprint_transport::multipart::Part`.
fn part(described: &Value) -> Value {
    let mut schema = json!({ "type": "string", "format": "multipart-part" });
    if let Some(text) = described.get("description") {
        schema["description"] = text.clone();
    }
    schema
}
