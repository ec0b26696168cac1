//! Parameters: where they are sent, how their values are written, what they are called.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Slot, Work};
use crate::{
    document::members,
    model::{self, Encoding, Operation, Parameter, Shape},
    names,
};

impl Work<'_> {
    /// The schemas of an operation's parameters.
    pub(super) fn parameters(&mut self, operation: &Operation) -> Vec<(Slot, String, Value)> {
        let in_path = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.location == "path")
            .map(|parameter| parameter.name.clone());
        self.check_path(operation, &in_path.collect::<BTreeSet<_>>());
        let mut slots = Vec::new();
        for (index, parameter) in operation.parameters.iter().enumerate() {
            if !self.is_sent(parameter) {
                continue;
            }
            let (at, schema) = self.parameter_schema(operation, parameter);
            slots.push((Slot::Parameter(index), at, schema));
        }
        slots
    }

    /// Whether a parameter is one that a client sends. What cannot be sent is refused.
    fn is_sent(&mut self, parameter: &Parameter) -> bool {
        let (source, pointer) = (&parameter.source.value, parameter.source.pointer.as_str());
        let Parameter {
            name,
            location,
            required,
            ..
        } = parameter;
        let style = source["style"].as_str();
        let schema_is_missing =
            source.get("schema").is_none() && members(&source["content"]).next().is_none();
        match location.as_str() {
            "header" | "query" | "cookie" if parameter.is_key => {
                self.warn(pointer, format!("`{name}` is a key that the operation's `security` asks for: the credential sends it"));
                return false;
            }
            "header" if !parameter.is_sent() => {
                self.warn(pointer, format!("OpenAPI says that a parameter `{name}` is to be ignored; the transport sends this header"));
                return false;
            }
            "header" | "cookie" if !is_token(name) => {
                self.refuse(pointer, format!("`{name}` cannot be the name of a {location}; name it with letters, digits and hyphens"));
            }
            "path" | "query" | "header" | "cookie" => {}
            other => {
                self.refuse(
                    pointer,
                    format!("`in: {other}`; a parameter is sent in `path`, `query`, `header` or `cookie`"),
                );
                return false;
            }
        }
        if schema_is_missing {
            self.refuse(pointer, format!("the parameter `{name}` has neither `schema` nor `content`; say what its values are"));
        }
        let known: &[&str] = match location.as_str() {
            "query" => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            "path" => &["simple", "label", "matrix"],
            "cookie" => &["form"],
            _ => &["simple"],
        };
        if let Some(style) = style.filter(|style| !known.contains(style)) {
            self.refuse(
                pointer,
                format!(
                    "`style: {style}` in `{location}` is not written; use {}",
                    known.join(", ")
                ),
            );
        }
        if location == "path" && !required {
            self.warn(
                pointer,
                format!("`{name}` is taken as required, which every parameter of a path is"),
            );
        }
        if location == "query" && parameter.encoding != Encoding::Json && self.is_nested(parameter)
        {
            self.warn(
                pointer,
                format!("what `{name}` holds below its first level is sent as JSON: OpenAPI has no form for it"),
            );
        }
        if source["allowReserved"] == true {
            self.warn(pointer, format!("`allowReserved`: reserved characters of `{name}` are percent-encoded all the same"));
        }
        true
    }

    /// Whether a value holds lists or objects for which its style has no form.
    fn is_nested(&self, parameter: &Parameter) -> bool {
        let is_deep = parameter.encoding == Encoding::Pairs("Deep");
        let holds = |schema: &Value| match model::shape(self.document, schema, 0) {
            Shape::Array => true,
            Shape::Object => !is_deep,
            Shape::Plain | Shape::Scalar => false,
        };
        let schema = &parameter.schema;
        match parameter.shape {
            Shape::Array => holds(&schema["items"]),
            Shape::Object => {
                let mut properties = members(&schema["properties"]).map(|(_, property)| property);
                // A list of words in an object has a pair for each.
                let is_list = |property: &Value| {
                    let property = self.followed(property);
                    property["type"] == "array" && !holds(&property["items"])
                };
                properties.any(|property| holds(property) && !is_list(property))
            }
            Shape::Plain | Shape::Scalar => false,
        }
    }

    /// The schema that gives a parameter its type, and where it stands.
    fn parameter_schema(
        &mut self,
        operation: &Operation,
        parameter: &Parameter,
    ) -> (String, Value) {
        let (source, pointer) = (&parameter.source.value, parameter.source.pointer.as_str());
        let (schema, at) = match members(&source["content"]).next() {
            Some((media_type, content)) => {
                if !model::is_json(media_type) && !media_type.contains('*') {
                    self.refuse(pointer, format!("its `content` is `{media_type}`, which is not written; use `application/json`, or a `schema`"));
                }
                (&content["schema"], format!("{pointer}/content"))
            }
            None => (&source["schema"], format!("{pointer}/schema")),
        };
        let ty = names::pascal(&format!("{}-{}", operation.method_name(), parameter.ident));
        let followed = self.followed(schema);
        let schema = match parameter.shape {
            _ if parameter.encoding == Encoding::Json => self.inline_schema(schema, &at, &ty),
            // A shared list is a type of its own; a list in place is a `Vec`, which is easier to give. Its
            // length and whether its items differ are not the wire's business.
            Shape::Array => {
                let items = self.items(&followed, 0).unwrap_or_else(|| {
                    self.warn(pointer, "what its items are depends on which alternative it is; they are taken as they are given");
                    json!({})
                });
                let items = self.inline_schema(&items, &at, &format!("{ty}Item"));
                json!({ "type": "array", "items": items })
            }
            // `null` has no form in a path, a query or a header.
            Shape::Plain | Shape::Scalar if followed["nullable"] == true => {
                let mut plain = followed.clone();
                plain["nullable"] = false.into();
                self.inline_schema(&plain, &at, &ty)
            }
            Shape::Plain | Shape::Scalar if is_untyped(&followed) => {
                self.warn(
                    pointer,
                    format!(
                        "`{}` says nothing of its values; it is taken for text",
                        parameter.name
                    ),
                );
                json!({ "type": "string" })
            }
            _ => self.inline_schema(schema, &at, &ty),
        };
        (at, schema)
    }
}

impl Work<'_> {
    /// What the items of a list are. A value in place of a list of such values is a list of one, which is sent alike.
    fn items(&self, schema: &Value, depth: u8) -> Option<Value> {
        let schema = self.followed(schema);
        if let Some(items) = schema.get("items") {
            return Some(items.clone());
        }
        if schema["type"] == "array" {
            return Some(json!({}));
        }
        let parts = |key: &str| schema[key].as_array().filter(|_| depth < 16);
        if let Some(parts) = parts("allOf") {
            return parts.iter().find_map(|part| self.items(part, depth + 1));
        }
        let forms = parts("oneOf").or_else(|| parts("anyOf"))?;
        let (lists, ones): (Vec<_>, Vec<_>) = forms
            .iter()
            .map(|form| (form, self.items(form, depth + 1)))
            .partition(|(_, items)| items.is_some());
        let items = lists.first()?.1.clone()?;
        let is_same = |schema: &Value| self.followed(schema) == self.followed(&items);
        let are_same = lists
            .iter()
            .all(|(_, other)| other.as_ref().is_some_and(is_same))
            && ones.iter().all(|(one, _)| is_same(one));
        are_same.then_some(items)
    }
}

fn is_untyped(schema: &Value) -> bool {
    !["type", "enum", "allOf", "oneOf", "anyOf"]
        .iter()
        .any(|key| schema.get(key).is_some())
}

fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}
