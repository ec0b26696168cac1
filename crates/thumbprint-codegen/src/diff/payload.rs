//! Bodies, answers and headers, compared.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    compare::{Compare, Place, arrow, keys, target},
    rules::Kind,
};
use crate::grammar::{members, reference, resolve};

impl<'a> Compare<'a> {
    /// The `schema` of a header. Its accessor is typed by what the schema says, and not by its name.
    pub(super) fn header_schema(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        let (Some(before), Some(after)) = (old.get("schema"), new.get("schema")) else {
            return self.schema_member(old, new, place);
        };
        if before == after {
            return;
        }
        let below = place.below("schema").about(&place.subject);
        if let Some((old, new)) = self.resolved(before, after, &below) {
            self.written_schema(old, new, &below);
            if reference(before) != reference(after) {
                self.push(Kind::Reformatted, &below, "`$ref`");
            }
        }
    }

    /// The `schema` of a parameter or media type.
    pub(super) fn schema_member(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        let below = place.below("schema").about(&place.subject);
        match (old.get("schema"), new.get("schema")) {
            (Some(old), Some(new)) => self.schema(old, new, &below),
            (None, None) => {}
            _ => self.push(
                Kind::TypeChanged,
                &below,
                arrow(&old["schema"], &new["schema"]),
            ),
        }
    }

    pub(super) fn request_body(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        let place = place.below("requestBody").about("request body");
        if reference(old).is_some() && old == new {
            return;
        }
        match (old.is_null(), new.is_null()) {
            (true, true) => {}
            (true, false) => {
                let required = resolve(self.new, new).is_some_and(|body| body["required"] == true);
                let kind = if required {
                    Kind::RequiredBodyAdded
                } else {
                    Kind::BodyAdded
                };
                self.push(kind, &target(new, &place), "");
            }
            (false, true) => self.push(Kind::BodyRemoved, &place, ""),
            (false, false) => {
                if let Some((old, new)) = self.resolved(old, new, &place) {
                    self.body(old, new, &place);
                }
            }
        }
    }

    pub(super) fn body(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        if !self.mappings(old, new, place) {
            return;
        }
        match (old["required"] == true, new["required"] == true) {
            (false, true) => self.push(Kind::BodyRequired, place, ""),
            (true, false) => self.push(Kind::BodyOptional, place, ""),
            _ => {}
        }
        self.content(&old["content"], &new["content"], place);
        self.rest(old, new, place, &["required", "content"]);
    }

    pub(super) fn responses(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        let all = place.below("responses").about("the answers");
        if !self.mappings(old, new, &all) {
            return;
        }
        for status in keys(old, new) {
            let (before, after) = (&old[status], &new[status]);
            let place = all.below(status).about(format!("answer `{status}`"));
            let success = status.starts_with('2');
            match (before.is_null(), after.is_null()) {
                _ if before == after => {}
                _ if status.starts_with("x-") => self.push(Kind::Extension, &place, ""),
                (true, _) if success => self.push(Kind::SuccessAdded, &place, ""),
                (_, true) if success => self.push(Kind::SuccessRemoved, &place, ""),
                (true, _) => self.push(Kind::ErrorAdded, &place, ""),
                (_, true) => self.push(Kind::ErrorRemoved, &place, ""),
                _ => {
                    if let Some((old, new)) = self.resolved(before, after, &place) {
                        self.response(old, new, &place);
                    }
                }
            }
        }
    }

    pub(super) fn response(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        if !self.mappings(old, new, place) {
            return;
        }
        for name in keys(&old["headers"], &new["headers"]) {
            let (before, after) = (&old["headers"][name], &new["headers"][name]);
            let place = place.below("headers").below(name);
            let place = place.part(&format!("header `{name}`"));
            match (before.is_null(), after.is_null()) {
                _ if before == after => {}
                (true, _) => self.push(Kind::HeaderAdded, &place, ""),
                (_, true) => self.push(Kind::HeaderRemoved, &place, ""),
                _ => {
                    if let Some((old, new)) = self.resolved(before, after, &place) {
                        self.header(old, new, &place);
                    }
                }
            }
        }
        for key in ["headers", "content"] {
            self.odd_mapping(
                &old[key],
                &new[key],
                &place.below(key).about(&place.subject),
            );
        }
        self.content(&old["content"], &new["content"], place);
        self.rest(old, new, place, &["headers", "content"]);
    }

    pub(super) fn header(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        if !self.mappings(old, new, place) {
            return;
        }
        match (old["required"] == true, new["required"] == true) {
            (false, true) => self.push(Kind::HeaderRequired, place, ""),
            (true, false) => self.push(Kind::HeaderOptional, place, ""),
            _ => {}
        }
        self.header_schema(old, new, place);
        self.rest(old, new, place, &["required", "schema"]);
    }

    pub(super) fn content(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        let all = place.below("content").about(&place.subject);
        let has = |value: &Value| members(value).next().is_some();
        match (has(old), has(new)) {
            (false, true) => return self.push(Kind::BodyAdded, &all, media_types(new)),
            (true, false) => return self.push(Kind::BodyRemoved, &all, media_types(old)),
            _ => {}
        }
        let json =
            |value: &Value| members(value).any(|(name, _)| essence(name) == "application/json");
        if json(old) != json(new) {
            let detail = format!("{} -> {}", media_types(old), media_types(new));
            self.push(Kind::BodyReshaped, &all, detail);
        }
        let mut paired = BTreeSet::new();
        for (name, after) in members(new) {
            let place = all.below(name).about(&all.subject);
            // One that only got other parameters is the same one.
            let same = members(old).find(|(other, _)| *other == name).or_else(|| {
                members(old).find(|(other, _)| {
                    essence(other) == essence(name) && new.get(other.as_str()).is_none()
                })
            });
            let Some((other, before)) = same else {
                self.push(Kind::MediaTypeAdded, &place, format!("`{name}`"));
                continue;
            };
            paired.insert(other);
            if other != name {
                self.push(
                    Kind::MediaTypeReformatted,
                    &place,
                    format!("`{other}` -> `{name}`"),
                );
            }
            if self.mappings(before, after, &place) {
                self.schema_member(before, after, &place);
                self.rest(before, after, &place, &["schema"]);
            }
        }
        for (name, _) in members(old).filter(|(name, _)| !paired.contains(name)) {
            let place = all.below(name).about(&all.subject);
            self.push(Kind::MediaTypeRemoved, &place, format!("`{name}`"));
        }
    }
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

fn media_types(content: &Value) -> String {
    let names: Vec<_> = members(content)
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    names.join(", ")
}
