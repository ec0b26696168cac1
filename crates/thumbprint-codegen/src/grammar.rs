//! What stands where in a description of an API: which members are data of the wire, which are names that the
//! document gives, and which are OpenAPI's own. All three dialects share one grammar, so every walk over a
//! document goes by this one.

use serde_json::Value;

/// What a value of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An element of the description: its members are OpenAPI's words.
    Element,
    /// Elements by names that the document gives.
    Elements,
    /// A schema: its members are JSON Schema's words.
    Schema,
    /// Schemas by names that the document gives.
    Schemas,
    /// Data: examples, defaults, extensions. It says nothing of the description.
    Data,
}

impl Kind {
    /// What a member of it is.
    #[must_use]
    pub fn member(self, key: &str) -> Self {
        match (self, key) {
            (Self::Elements, _) => Self::Element,
            (Self::Schemas, _) => Self::Schema,
            (Self::Data, _) | (_, "const" | "default" | "enum" | "example" | "examples") => {
                Self::Data
            }
            (_, key) if key.starts_with("x-") => Self::Data,
            (
                _,
                "$defs" | "definitions" | "dependentSchemas" | "patternProperties" | "properties"
                | "schemas",
            ) => Self::Schemas,
            (Self::Element, "schema" | "items") | (Self::Schema, _) => Self::Schema,
            (
                Self::Element,
                "callbacks"
                | "content"
                | "encoding"
                | "headers"
                | "links"
                | "parameters"
                | "pathItems"
                | "paths"
                | "requestBodies"
                | "responses"
                | "scopes"
                | "securityDefinitions"
                | "securitySchemes"
                | "variables"
                | "webhooks",
            ) => Self::Elements,
            (Self::Element, _) => Self::Element,
        }
    }

    /// What an item of a list is that stands in its place.
    #[must_use]
    pub fn item(self) -> Self {
        match self {
            Self::Elements => Self::Element,
            Self::Schemas => Self::Schema,
            one => one,
        }
    }

    /// Whether its members are words of the specification, and not names or data.
    #[must_use]
    pub fn has_words(self) -> bool {
        matches!(self, Self::Element | Self::Schema)
    }
}

/// Shows every value of a document to `visit`, with its pointer; goes into those for which it says so.
pub fn walk<'v>(
    value: &'v Value,
    pointer: &str,
    kind: Kind,
    visit: &mut impl FnMut(&'v Value, &str, Kind) -> bool,
) {
    if !visit(value, pointer, kind) {
        return;
    }
    for (key, inner) in crate::document::members(value) {
        walk(
            inner,
            &crate::document::join(pointer, key),
            kind.member(key),
            visit,
        );
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        walk(inner, &format!("{pointer}/{index}"), kind.item(), visit);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Kind, walk};

    /// A header of the name `example`, a property of the name `default`, and data that looks like OpenAPI.
    #[test]
    fn names_data_and_words_are_told_apart() {
        let document = json!({
            "paths": { "/p": { "get": {
                "parameters": [{ "name": "a", "schema": { "type": "string" }, "example": { "$ref": "data" } }],
                "responses": { "default": { "headers": { "example": { "$ref": "#/word" } } } },
            } } },
            "components": { "schemas": { "properties": {
                "properties": { "default": { "$ref": "#/word" } }, "default": { "$ref": "data" }, "x-a": { "$ref": "data" },
            } } },
        });
        let mut found = Vec::new();
        walk(&document, "", Kind::Element, &mut |value, _, kind| {
            if let Some(reference) = value.get("$ref") {
                found.push((reference.as_str().unwrap(), kind));
            }
            true
        });
        for (reference, kind) in found {
            assert_eq!(reference == "data", kind == Kind::Data, "{kind:?}");
            assert_eq!(reference == "#/word", kind.has_words());
        }
    }
}
