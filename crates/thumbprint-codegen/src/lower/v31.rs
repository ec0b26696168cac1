//! OpenAPI 3.1 as 3.0. The two differ little outside of schemas.

use serde_json::{Map, Value, json};

use super::{Lowering, list, map, schema::schema};
use crate::grammar::{self, Kind, join, members};

pub(super) fn document(value: &Value, lowering: &mut Lowering) -> Value {
    if let Some(dialect) = value.get("jsonSchemaDialect") {
        let known = dialect.as_str().is_some_and(|dialect| {
            dialect.contains("spec.openapis.org/oas/3.1/dialect")
                || dialect.contains("json-schema.org/draft/2020-12")
        });
        if !known {
            lowering.warn(
                "/jsonSchemaDialect",
                format!("schemas are read as JSON Schema 2020-12, and not as {dialect}"),
            );
        }
    }
    let mut walk = Walk {
        root: value,
        lowering,
    };
    let mut lowered = walk.element(value, "", Kind::Root);
    lowered["openapi"] = json!("3.0.3");
    // They are written out where they are referred to.
    let paths = value["paths"].to_string();
    for (name, _) in members(&value["components"]["pathItems"]) {
        let pointer = join("/components/pathItems", name);
        if !paths.contains(&format!("\"#{pointer}\"")) {
            walk.lowering
                .warn(&pointer, "the path item is left out: no path refers to it");
        }
    }
    lowered
}

struct Walk<'a> {
    root: &'a Value,
    lowering: &'a mut Lowering,
}

impl Walk<'_> {
    /// An element, with all that is within.
    fn element(&mut self, value: &Value, at: &str, kind: Kind) -> Value {
        match kind {
            Kind::Data => return value.clone(),
            Kind::Schema => return schema(value, at, self.lowering),
            Kind::Path => {
                let (item, at) = self.path_item(value, at);
                return self.members(&item, &at, kind);
            }
            _ => {}
        }
        if let (true, Some(target)) = (kind.has_words(), grammar::reference(value)) {
            for (key, _) in members(value).filter(|(key, _)| *key != "$ref") {
                self.lowering.warn(&join(at, key), format!("`{key}` beside a `$ref` is left out: 3.0 ignores it, and the target's own counts"));
            }
            return json!({ "$ref": target });
        }
        let mut lowered = self.members(value, at, kind);
        let Some(object) = lowered.as_object_mut() else {
            return lowered;
        };
        match kind {
            Kind::Root => {
                object.remove("jsonSchemaDialect");
                let why = "the service calls them, and not the client";
                self.lowering.drop(object, "", "webhooks", why);
                object.entry("paths").or_insert_with(|| json!({}));
            }
            Kind::Info => {
                let why = "3.0 has only `title` and `description`";
                self.lowering.drop(object, at, "summary", why);
            }
            Kind::License => {
                let why = "3.0 has only `name` and `url`";
                self.lowering.drop(object, at, "identifier", why);
            }
            Kind::Components => {
                object.remove("pathItems");
            }
            // Optional in 3.1.
            Kind::Operation => {
                object.entry("responses").or_insert_with(|| json!({}));
            }
            // 3.1 leaves the schema of raw bytes out.
            Kind::MediaType
                if at
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| name.starts_with("application~1octet-stream")) =>
            {
                let is_any = |schema: &Value| *schema == Value::Object(Map::new());
                if object.get("schema").is_none_or(is_any) {
                    object.insert(
                        "schema".to_owned(),
                        json!({"type": "string", "format": "binary"}),
                    );
                }
            }
            _ => {}
        }
        lowered
    }

    fn members(&mut self, value: &Value, at: &str, kind: Kind) -> Value {
        match value {
            Value::Array(_) => list(value, at, |item, at| self.element(item, at, kind.item())),
            _ => map(value, at, |key, member, at| {
                // They are not called from here, and path items are written out where they are referred to.
                let is_left_out = key == "webhooks" && kind == Kind::Root
                    || key == "pathItems" && kind == Kind::Components;
                let kind = if is_left_out {
                    Kind::Data
                } else {
                    kind.member(key)
                };
                self.element(member, at, kind)
            }),
        }
    }

    /// A path item without a reference, and where it stands. 3.0 refers to path items only in other files.
    fn path_item(&self, item: &Value, at: &str) -> (Value, String) {
        let (target, found) = grammar::follow(self.root, item, at).unwrap_or((item, at));
        let mut merged = target.as_object().cloned().unwrap_or_default();
        let beside = members(item).filter(|(key, _)| *key != "$ref");
        merged.extend(beside.map(|(key, value)| (key.clone(), value.clone())));
        (merged.into(), found.to_owned())
    }
}
