//! Request bodies: which media type is sent, and what of.

use serde_json::{Value, json};

use super::{Slot, Work};
use crate::{
    document::{join, members},
    model::{self, BodyForm, Operation, Shape, Source},
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
        let Some(media_type) = model::sent_as(body).map(str::to_owned) else {
            self.refuse(
                &join(pointer, "content"),
                format!("a body of {} cannot be sent; offer application/json, application/x-www-form-urlencoded, text or bytes beside it", offered.join(", ")),
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
        if body["required"] != true {
            self.warn(
                pointer,
                "the body may be left out; the client always sends one",
            );
        }
        if content
            .get("encoding")
            .is_some_and(|encoding| !super::is_empty(encoding))
        {
            self.warn(
                &join(&at, "encoding"),
                "the parts of a body are written as the media type has it, not by `encoding`",
            );
        }
        let schema = &content["schema"];
        let schema_at = join(&at, "schema");
        let form = operation.body_form()?;
        if matches!(form, BodyForm::Text | BodyForm::Bytes) {
            let is_text = self.followed(schema)["type"] == "string";
            if media_type == "*/*" && !is_text {
                self.refuse(&at, "a body of any media type cannot be written by its schema; name the media type, such as application/json");
            } else if content.get("schema").is_some() && !is_text {
                self.warn(&schema_at, format!("a body of `{media_type}` is sent as it is given; its schema does not become a type"));
            }
            return None;
        }
        if form == BodyForm::Form {
            self.check_form(schema, &schema_at);
        }
        let ty = names::pascal(&format!("{}-body", operation.method_name()));
        let schema = match content.get("schema") {
            Some(schema) => self.inline_schema(schema, &schema_at, &ty),
            None => json!({}),
        };
        Some((Slot::Body, schema_at, schema))
    }

    /// A form has no way to write a list or an object inside of it, which would show only when the body is
    /// sent.
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
