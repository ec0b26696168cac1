//! Where in a document as it was written something stands of which a step behind speaks: dialects are lowered,
//! and compositions made plain, so a pointer may lead to what the file does not have.

use std::collections::BTreeMap;

use serde_json::Value;

use super::swagger::{GROUPS, is_body};
use crate::grammar::{self, join};

/// The pointer in the document as it was `written`, or to the nearest thing there that holds it. `moved` has
/// the places of what was renamed.
pub(crate) fn written(written: &Value, moved: &BTreeMap<String, String>, pointer: &str) -> String {
    let is_swagger = written.get("swagger").is_some();
    let mut walk = Walk {
        root: written,
        at: String::new(),
        node: written,
        form: Vec::new(),
    };
    let mut words: Vec<String> = words(pointer);
    if words.len() > 2 && words[0] == "components" {
        let head = format!("/components/{}", words[1]);
        let old = moved.get(&join(&head, &words[2])).cloned();
        let mut groups = GROUPS.iter().filter(|_| is_swagger);
        let group = groups.find(|(_, new)| *new == words[1]);
        let old = old.or_else(|| Some(join(&format!("/{}", group?.0), &words[2])));
        if let Some(old) = old {
            words.splice(..3, self::words(&old));
        }
    }
    let mut rest = words.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        let found = match word {
            "parameters" if is_swagger && walk.node["parameters"].is_array() => {
                let index = rest.next().and_then(|index| index.parse().ok());
                index.is_none_or(|index| walk.parameter(index))
            }
            "requestBody" if is_swagger => walk.body(),
            "content" if is_swagger => {
                rest.next();
                true
            }
            "schema" if is_swagger && walk.node.get("schema").is_none() => true,
            "properties" if !walk.form.is_empty() => {
                rest.next().is_none_or(|name| walk.field(name))
            }
            word => walk.member(word),
        };
        if !found {
            break;
        }
    }
    walk.at
}

fn words(pointer: &str) -> Vec<String> {
    let words = pointer.split('/').skip(1);
    words
        .map(|word| word.replace("~1", "/").replace("~0", "~"))
        .collect()
}

struct Walk<'a> {
    root: &'a Value,
    at: String,
    node: &'a Value,
    /// The fields of the form that a body was made of, with their places.
    form: Vec<(String, &'a Value)>,
}

impl<'a> Walk<'a> {
    /// Goes to a member, or to that of what is referred to.
    fn member(&mut self, word: &str) -> bool {
        let within = |node: &'a Value| match node {
            Value::Array(items) => word.parse().ok().and_then(|index: usize| items.get(index)),
            node => node.get(word),
        };
        let found = within(self.node)
            .map(|member| (member, self.at.clone()))
            .or_else(|| {
                let (target, at) = grammar::follow(self.root, self.node, "")?;
                Some((within(target)?, at.to_owned()))
            });
        let Some((member, at)) = found else {
            return false;
        };
        (self.node, self.at) = (member, join(&at, word));
        true
    }

    /// The parameters of what is at hand, each with its place.
    fn parameters(&self) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
        let (root, at) = (self.root, join(&self.at, "parameters"));
        let all = self.node["parameters"].as_array().into_iter().flatten();
        all.enumerate().map(move |(index, parameter)| {
            let found = grammar::resolve(root, parameter);
            (format!("{at}/{index}"), found.unwrap_or(parameter))
        })
    }

    /// Goes to the parameter that is left at an index once those of the body are taken out.
    fn parameter(&mut self, index: usize) -> bool {
        let mut kept = self
            .parameters()
            .filter(|(_, parameter)| !is_body(parameter));
        let Some((at, node)) = kept.nth(index) else {
            return false;
        };
        (self.at, self.node) = (at, node);
        true
    }

    /// Goes to the parameter that is the body of the operation at hand, or stays where its fields are.
    fn body(&mut self) -> bool {
        let parts: Vec<_> = self
            .parameters()
            .filter(|(_, parameter)| is_body(parameter))
            .collect();
        match parts
            .iter()
            .find(|(_, parameter)| parameter["in"] == "body")
        {
            Some((at, node)) => {
                self.at.clone_from(at);
                self.node = node;
            }
            None => self.form = parts,
        }
        true
    }

    fn field(&mut self, name: &str) -> bool {
        let Some((at, node)) = self.form.iter().find(|(_, field)| field["name"] == name) else {
            return false;
        };
        self.at.clone_from(at);
        self.node = node;
        self.form.clear();
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::written;

    #[test]
    fn places_are_those_of_the_file() {
        let swagger = json!({
            "swagger": "2.0",
            "paths": {
                "/q": {
                    "post": {
                        "parameters": [{ "in": "body", "name": "b", "schema": { "properties": { "x": { "type": "text" } } } }, { "in": "query", "name": "c", "type": "text" }],
                        "responses": { "200": { "schema": { "type": "text" }, "headers": { "h": { "type": "text" } } } },
                    },
                    "put": { "parameters": [{ "in": "query", "name": "a" }, { "in": "formData", "name": "f", "type": "text" }] },
                },
            },
            "definitions": { "Pick": { "properties": { "bad": { "type": "text" } } }, "o d": {}, "Ref": { "$ref": "#/definitions/Pick" } },
        });
        let moved = BTreeMap::from([(
            "/components/schemas/o_d".to_owned(),
            "/definitions/o d".to_owned(),
        )]);
        for (pointer, expected) in [
            (
                "/components/schemas/Pick/properties/bad/type",
                "/definitions/Pick/properties/bad/type",
            ),
            ("/components/schemas/o_d/type", "/definitions/o d"),
            (
                "/components/schemas/Ref/properties/bad",
                "/definitions/Pick/properties/bad",
            ),
            (
                "/paths/~1q/post/requestBody/content/a~1b/schema/properties/x",
                "/paths/~1q/post/parameters/0/schema/properties/x",
            ),
            (
                "/paths/~1q/post/parameters/0/schema/type",
                "/paths/~1q/post/parameters/1/type",
            ),
            (
                "/paths/~1q/post/responses/200/content/a~1b/schema/type",
                "/paths/~1q/post/responses/200/schema/type",
            ),
            (
                "/paths/~1q/post/responses/200/headers/h/schema/type",
                "/paths/~1q/post/responses/200/headers/h/type",
            ),
            (
                "/paths/~1q/put/requestBody/content/a~1b/schema/properties/f/type",
                "/paths/~1q/put/parameters/1/type",
            ),
        ] {
            assert_eq!(written(&swagger, &moved, pointer), expected, "{pointer}");
        }
        let newer = json!({
            "openapi": "3.1.0",
            "components": { "schemas": { "A": { "allOf": [{ "properties": { "x": { "type": ["string", "null"] } } }] } } },
        });
        for (pointer, expected) in [
            (
                "/components/schemas/A/allOf/0/properties/x/type",
                "/components/schemas/A/allOf/0/properties/x/type",
            ),
            (
                "/components/schemas/A/properties/x",
                "/components/schemas/A",
            ),
        ] {
            assert_eq!(
                written(&newer, &BTreeMap::new(), pointer),
                expected,
                "{pointer}"
            );
        }
    }
}
