//! Parameters: where they are sent, how their values are written, what they are called.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Work, stand_in};
use crate::{
    model::{self, Encoding, Operation, Parameter, Shape},
    names,
};

impl Work<'_> {
    /// An operation's path and parameters as progenitor gets them. It knows parameters by their names
    /// alone, and of two of one name in two places it forgets one; here each has its own.
    pub(super) fn parameters(
        &mut self,
        operation: &Operation,
        source: &Value,
    ) -> (String, Vec<Value>) {
        let mut path = operation.path.clone();
        let mut adapted = Vec::new();
        let in_path: BTreeSet<_> = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.location == "path")
            .map(|parameter| parameter.name.clone())
            .collect();
        self.check_path(operation, &in_path);
        let sources = source["parameters"].as_array().into_iter().flatten();
        for (parameter, source) in operation.parameters.iter().zip(sources) {
            let pointer = source["x-place"].as_str().unwrap_or_default();
            if !self.is_sent(parameter, source, pointer) {
                continue;
            }
            let plain = names::is_plain(&parameter.name)
                && names::snake(&parameter.name) == parameter.ident;
            let name = if plain {
                parameter.name.clone()
            } else if parameter.location == "path" {
                // Only its value goes over the wire.
                self.applied("path_names");
                let (from, to) = (&parameter.name, &parameter.ident);
                path = path.replace(&format!("{{{from}}}"), &format!("{{{to}}}"));
                parameter.ident.clone()
            } else {
                self.applied("parameter_names");
                self.disguises.disguise(&parameter.ident, &parameter.name)
            };
            let schema = self.parameter_schema(operation, parameter, source, pointer);
            let mut value = json!({
                "name": name,
                "in": parameter.location,
                "required": parameter.required || parameter.location == "path",
                "schema": schema,
            });
            if let Some(text) = source["description"].as_str() {
                value["description"] = text.into();
            }
            adapted.push(value);
        }
        (path, adapted)
    }

    /// Whether a parameter is one that a client sends. What cannot be sent is refused.
    fn is_sent(&mut self, parameter: &Parameter, source: &Value, pointer: &str) -> bool {
        let Parameter {
            name,
            location,
            required,
            ..
        } = parameter;
        let style = source["style"].as_str();
        let schema_is_missing = source.get("schema").is_none()
            && crate::document::members(&source["content"])
                .next()
                .is_none();
        match location.as_str() {
            "cookie" => {
                self.applied("cookie_parameters");
                let must = if *required {
                    ", though the document requires it"
                } else {
                    ""
                };
                self.lose(pointer, format!("the cookie `{name}` is not sent{must}"));
                return false;
            }
            "header" if !parameter.is_sent() => {
                self.lose(pointer, format!("OpenAPI says that a parameter `{name}` is to be ignored; the transport sends this header"));
                return false;
            }
            "header" if !is_token(name) => {
                self.refuse(pointer, format!("`{name}` cannot be the name of a header; name it with letters, digits and hyphens"));
            }
            "path" | "query" | "header" => {}
            other => {
                self.refuse(
                    pointer,
                    format!("`in: {other}`; a parameter is sent in `path`, `query` or `header`"),
                );
                return false;
            }
        }
        if schema_is_missing {
            self.refuse(pointer, format!("the parameter `{name}` has neither `schema` nor `content`; say what its values are"));
        }
        let known: &[&str] = match location.as_str() {
            "query" => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
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
            self.lose(
                pointer,
                format!("`{name}` is taken as required, which every parameter of a path is"),
            );
        }
        if source["allowReserved"] == true {
            self.lose(pointer, format!("`allowReserved`: reserved characters of `{name}` are percent-encoded all the same"));
        }
        true
    }

    /// The schema that gives a parameter its type.
    fn parameter_schema(
        &mut self,
        operation: &Operation,
        parameter: &Parameter,
        source: &Value,
        pointer: &str,
    ) -> Value {
        let content = crate::document::members(&source["content"]).next();
        let (schema, at) = match content {
            Some((media_type, content)) => {
                if !model::is_json(media_type) {
                    self.refuse(pointer, format!("its `content` is `{media_type}`, which is not written; use `application/json`, or a `schema`"));
                }
                (&content["schema"], format!("{pointer}/content"))
            }
            None => (&source["schema"], format!("{pointer}/schema")),
        };
        let ty = names::pascal(&format!("{}-{}", operation.method_name(), parameter.ident));
        let mut adapted = self.inline_schema(schema, &at, &ty);
        if parameter.encoding == Encoding::Json {
            self.applied("json_parameters");
            return self.stand_in(&adapted, &at, &ty);
        }
        let shape = model::shape(self.document, schema, 0);
        match shape {
            // A shared list is a type of its own, which progenitor cannot write; a list in place is a
            // `Vec`. Its length and whether its items differ are not the wire's business.
            Shape::Array => {
                let followed = self.followed(schema);
                let items = self.inline_schema(&followed["items"], &at, &format!("{ty}Item"));
                adapted = json!({ "type": "array", "items": items });
                if parameter.encoding != Encoding::Plain {
                    self.applied("lists_and_objects");
                }
                return adapted;
            }
            // progenitor asserts that whatever has a builder is a body.
            Shape::Object => {
                self.applied("lists_and_objects");
                return self.stand_in(&adapted, &at, &ty);
            }
            Shape::Plain | Shape::Scalar => {}
        }
        let followed = self.followed(schema);
        // `null` has no form in a path, a query or a header, and an `Option` no `Display`.
        if followed["nullable"] == true {
            self.applied("nullable_parameters");
            let mut plain = followed.clone();
            if let Some(plain) = plain.as_object_mut() {
                plain.remove("nullable");
            }
            adapted = self.inline_schema(&plain, &at, &ty);
        }
        if is_untyped(&followed) {
            self.applied("untyped_parameters");
            self.lose(
                pointer,
                format!(
                    "`{}` says nothing of its values; it is taken for text",
                    parameter.name
                ),
            );
            return json!({ "type": "string" });
        }
        adapted
    }

    /// A schema for which progenitor writes a type as it is, and asks nothing of it.
    pub(super) fn stand_in(&mut self, adapted: &Value, pointer: &str, wanted: &str) -> Value {
        if adapted.as_object().is_some_and(Map::is_empty) {
            return adapted.clone();
        }
        let ty = self.type_of(adapted, pointer, wanted);
        self.stand_in_for(&ty)
    }

    pub(super) fn stand_in_for(&mut self, ty: &str) -> Value {
        self.stand_ins.insert(ty.to_owned());
        json!({ "type": "string", "format": stand_in(ty) })
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
