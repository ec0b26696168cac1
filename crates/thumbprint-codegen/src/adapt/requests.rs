//! Request bodies: which media type is sent, and what of.

use serde_json::{Value, json};

use super::Work;
use crate::{
    document::{join, members},
    model::{self, Operation, Shape},
    names,
};

impl Work<'_> {
    /// An operation's request body as progenitor gets it. It knows one media type per body ("more media
    /// types than expected"), and of these JSON, forms, plain text and bytes; which of the offered ones is
    /// sent says `model::sent_as`. The transport sends the document's media type whatever progenitor says.
    pub(super) fn request_body(&mut self, operation: &Operation, source: &Value) -> Option<Value> {
        let reference = source.get("requestBody")?;
        let body = self.followed(reference);
        let pointer = join(&operation.pointer, "requestBody");
        members(&body["content"]).next()?;
        let offered: Vec<_> = members(&body["content"])
            .map(|(name, _)| name.clone())
            .collect();
        let Some(media_type) = model::sent_as(&body).map(str::to_owned) else {
            self.refuse(
                &join(&pointer, "content"),
                format!("a body of {} cannot be sent; offer application/json, application/x-www-form-urlencoded, text or bytes beside it", offered.join(", ")),
            );
            return None;
        };
        let content = body["content"][&media_type].clone();
        let at = join(&join(&pointer, "content"), &media_type);
        for other in offered.iter().filter(|other| **other != media_type) {
            self.applied("request_media_types");
            let at = join(&join(&pointer, "content"), other);
            self.lose(
                &at,
                format!("the body is sent as `{media_type}`, never as this"),
            );
        }
        if body["required"] != true {
            self.lose(
                &pointer,
                "the body may be left out; the client always sends one",
            );
        }
        if content
            .get("encoding")
            .is_some_and(|encoding| !super::is_empty(encoding))
        {
            self.lose(
                &join(&at, "encoding"),
                "the parts of a body are written as the media type has it, not by `encoding`",
            );
        }
        let essence = model::essence(&media_type);
        if essence == "*/*" && self.followed(&content["schema"])["type"] != "string" {
            self.refuse(&at, "a body of any media type cannot be written by its schema; name the media type, such as application/json");
            return None;
        }
        let schema = &content["schema"];
        let schema_at = join(&at, "schema");
        let ty = names::pascal(&format!("{}-body", operation.method_name()));
        let (known, schema) = if model::is_json(&media_type) {
            if content.get("schema").is_none() {
                self.applied("json_without_schema");
            }
            (
                "application/json",
                self.inline_schema(schema, &schema_at, &ty),
            )
        } else if essence == "application/x-www-form-urlencoded" {
            self.check_form(schema, &schema_at);
            (
                "application/x-www-form-urlencoded",
                self.inline_schema(schema, &schema_at, &ty),
            )
        } else {
            let known = if essence.starts_with("text/") {
                ("text/plain", json!({ "type": "string" }))
            } else {
                (
                    "application/octet-stream",
                    json!({ "type": "string", "format": "binary" }),
                )
            };
            let followed = self.followed(schema);
            if followed["type"] != "string" && content.get("schema").is_some() {
                self.lose(&schema_at, format!("a body of `{media_type}` is sent as it is given; its schema does not become a type"));
            }
            if known.1 != followed || known.0 != media_type {
                self.applied("bodies_of_text_and_bytes");
            }
            known
        };
        let mut adapted = json!({ "required": true, "content": { known: { "schema": schema } } });
        if let Some(text) = body["description"].as_str() {
            adapted["description"] = text.into();
        }
        Some(adapted)
    }

    /// `serde_urlencoded` has no form for a list or an object inside of a form, and says so only when the
    /// body is sent.
    fn check_form(&mut self, schema: &Value, pointer: &str) {
        let followed = self.followed(schema);
        if model::shape(self.document, schema, 0) != Shape::Object {
            self.refuse(
                pointer,
                "a form has fields; give it a schema of `type: object`",
            );
        }
        for (name, property) in members(&followed["properties"]) {
            if !matches!(
                model::shape(self.document, property, 0),
                Shape::Plain | Shape::Scalar
            ) {
                self.refuse(
                    &join(&join(pointer, "properties"), name),
                    "a field of a form that holds a list or an object is not written; send JSON, or a field for each value",
                );
            }
        }
    }
}
