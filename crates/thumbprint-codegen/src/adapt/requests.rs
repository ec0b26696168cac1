//! Request bodies: which media type is sent, and what of.

use serde_json::{Value, json};

use super::{Slot, Work};
use crate::{
    document::{join, members},
    model::{self, BodyForm, Operation, Sent, Shape, Source},
    names,
};

const NO_FIELDS: &str = "a form has fields; give it a schema of `type: object`";

impl Work<'_> {
    /// The schemas of an operation's request body: of the media type that is sent, and of those that can be chosen in
    /// its place. What is sent as it is given has none.
    pub(super) fn request_body(
        &mut self,
        operation: &Operation,
        body: &Source,
    ) -> Vec<(Slot, String, Value)> {
        let pointer = join(&body.pointer, "content");
        let offered = members(&body.value["content"]).map(|(name, _)| name.as_str());
        let Some(sent) = &operation.sent else {
            let offered: Vec<_> = offered.collect();
            self.refuse(
                &pointer,
                format!("a body of {} cannot be sent; offer application/json, application/x-www-form-urlencoded, multipart/form-data, text or bytes beside it", offered.join(", ")),
            );
            return Vec::new();
        };
        let all = || [sent].into_iter().chain(&operation.others);
        for other in offered.filter(|name| all().all(|one| one.offered != **name)) {
            self.warn(
                &join(&pointer, other),
                format!("the body is sent as `{}`, never as this", sent.offered),
            );
        }
        let slots = [Slot::Body].into_iter().chain((0..).map(Slot::Other));
        let mut schemas = Vec::new();
        for (slot, sent) in slots.zip(all()) {
            let at = join(&pointer, &sent.offered);
            let schema = self.body_schema(operation, sent, &at);
            schemas.extend(schema.map(|schema| (slot, join(&at, "schema"), schema)));
        }
        schemas
    }

    fn body_schema(&mut self, operation: &Operation, sent: &Sent, at: &str) -> Option<Value> {
        let (content, schema_at) = (operation.content_of(sent), join(at, "schema"));
        let (media_type, schema) = (&sent.offered, &content["schema"]);
        match sent.form {
            BodyForm::Text | BodyForm::Bytes => {
                if model::is_form(media_type) {
                    self.warn(
                        &schema_at,
                        "no field of the form is described; give it as it is sent, such as `a=1&b=2`",
                    );
                }
                let is_text = self.followed(schema)["type"] == "string";
                if content.get("schema").is_some() && !is_text {
                    self.warn(&schema_at, format!("a body of `{media_type}` is sent as it is given; its schema does not become a type"));
                }
                return None;
            }
            BodyForm::Form if model::shape(self.document, schema, 0) != Shape::Object => {
                self.refuse(&schema_at, NO_FIELDS);
            }
            BodyForm::Multipart => self.check_parts(content, at),
            BodyForm::Form | BodyForm::Json => {}
        }
        let parts = (sent.form == BodyForm::Multipart).then(|| self.parts(schema));
        // The same schema in another form is the same type.
        let ty = names::pascal(&format!("{}-body", operation.method_name()));
        Some(match parts.as_ref().or(content.get("schema")) {
            Some(schema) => self.inline_schema(schema, &schema_at, &ty),
            None => json!({}),
        })
    }

    /// Refuses and warns of what is not written of parts.
    fn check_parts(&mut self, content: &Value, pointer: &str) {
        let at = join(pointer, "schema");
        match model::shape(self.document, &content["schema"], 0) {
            Shape::Object => {}
            Shape::Plain | Shape::Scalar => {
                self.warn(&at, "no part is described; give each by its name");
            }
            Shape::Array => {
                self.refuse(&at, NO_FIELDS);
            }
        }
        for (name, encoding) in members(&content["encoding"]) {
            let at = join(&join(pointer, "encoding"), name);
            for word in ["headers", "style", "explode"] {
                if encoding.get(word).is_some() {
                    self.warn(&join(&at, word), "is not sent with a part");
                }
            }
        }
    }

    /// The schema of parts: that of an object whose bytes are parts that may have a name and a media type.
    fn parts(&self, schema: &Value) -> Value {
        let followed = self.followed(schema);
        if matches!(
            model::shape(self.document, schema, 0),
            Shape::Plain | Shape::Scalar
        ) {
            return json!({ "type": "object", "additionalProperties": part(&followed) });
        }
        let mut schema = followed;
        if model::is_binary(self.document, &schema["additionalProperties"]) {
            schema["additionalProperties"] = part(&json!({}));
        }
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
