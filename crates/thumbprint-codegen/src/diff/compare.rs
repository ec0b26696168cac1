//! Two documents, compared as structures.
//!
//! Own code, because what there is does not serve: Oxide's `drift` (0.2) reads both documents into
//! `openapiv3` first, so a document with one mistake cannot be compared, asserts that no media type comes
//! or goes, and looks at neither answers' headers nor security, servers or deprecation.
//!
//! Each comparing function names the keys that it understands and leaves the others to `rest`, so that no
//! difference is passed over: what the table of rules does not know is reported as unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Change,
    reach::{Reach, operations, reach},
    rules::{Kind, Side},
};
use crate::grammar::{self, join, members, resolve};

/// Where a comparison is, and who meets what is there.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) pointer: String,
    pub(super) subject: String,
    pub(super) side: Side,
    pub(super) operations: BTreeSet<String>,
}

impl Place {
    /// That of a whole document.
    fn root() -> Self {
        Self {
            pointer: String::new(),
            subject: String::new(),
            side: Side::Both,
            operations: BTreeSet::new(),
        }
    }

    pub(super) fn below(&self, key: &str) -> Self {
        Self {
            pointer: join(&self.pointer, key),
            ..self.clone()
        }
    }

    pub(super) fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// The same place, with its subject continued.
    pub(super) fn part(self, part: &str) -> Self {
        let subject = if self.subject.is_empty() {
            part.to_owned()
        } else {
            format!("{}, {part}", self.subject)
        };
        self.about(subject)
    }
}

pub(super) struct Compare<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    met: Reach,
    /// What both documents refer to, and only one of them has.
    dangling: Vec<String>,
    /// What was changed, once for each kind, place and detail.
    changes: BTreeMap<(Kind, String, String), Change>,
    /// Pairs of references that were followed already: schemas refer to themselves.
    pub(super) followed: BTreeSet<(String, String)>,
}

impl<'a> Compare<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value) -> Self {
        let (mut met, other) = (reach(old), reach(new));
        let has = |root: &Value, pointer: &str| root.pointer(pointer).is_some();
        let dangling = met.keys().filter(|pointer| {
            other.contains_key(*pointer) && has(old, pointer) != has(new, pointer)
        });
        let dangling = dangling.cloned().collect();
        for (pointer, other) in other {
            let entry = met.entry(pointer).or_default();
            entry.sent |= other.sent;
            entry.received |= other.received;
            entry.operations.extend(other.operations);
        }
        Self {
            old,
            new,
            met,
            dangling,
            changes: BTreeMap::new(),
            followed: BTreeSet::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<Change> {
        let root = Place::root();
        match (self.old.is_null(), self.new.is_null()) {
            (true, true) => {}
            (true, false) => {
                self.push(Kind::DocumentAdded, &root.clone().about("the document"), "");
                self.paths();
            }
            (false, true) => {
                self.push(
                    Kind::DocumentRemoved,
                    &root.clone().about("the document"),
                    "",
                );
                self.paths();
            }
            (false, false) => self.root(&root),
        }
        if self.changes.is_empty() && self.old != self.new {
            self.push(Kind::Reformatted, &root.about("the document"), "");
        }
        self.changes.into_values().collect()
    }

    pub(super) fn push(&mut self, kind: Kind, place: &Place, detail: impl Into<String>) {
        let key = (kind, place.pointer.clone(), detail.into());
        if let Some(change) = self.changes.get_mut(&key) {
            change.operations.extend(place.operations.iter().cloned());
            change.side = change.side.and(place.side);
        } else {
            let change = Change {
                kind,
                pointer: place.pointer.clone(),
                subject: place.subject.clone(),
                detail: key.2.clone(),
                side: place.side,
                operations: place.operations.clone(),
            };
            self.changes.insert(key, change);
        }
    }

    /// Both sides as mappings; where one is none, that is the change.
    pub(super) fn mappings(&mut self, old: &Value, new: &Value, place: &Place) -> bool {
        if old.is_object() && new.is_object() {
            return true;
        }
        if old != new {
            self.push(Kind::Unknown, place, arrow(old, new));
        }
        false
    }

    /// Reports what is there on either side and is no mapping.
    pub(super) fn odd_mapping(&mut self, old: &Value, new: &Value, place: &Place) {
        let is_fine = |value: &Value| value.is_object() || value.is_null();
        if !is_fine(old) || !is_fine(new) {
            self.mappings(old, new, place);
        }
    }

    /// Reports what is there on either side and is no list.
    pub(super) fn odd_list(&mut self, old: &Value, new: &Value, place: &Place) {
        let is_fine = |value: &Value| value.is_array() || value.is_null();
        if !is_fine(old) || !is_fine(new) {
            self.mappings(old, new, place);
        }
    }

    /// What no other function looked at.
    pub(super) fn rest(&mut self, old: &Value, new: &Value, place: &Place, handled: &[&str]) {
        for key in keys(old, new) {
            let (before, after) = (&old[key], &new[key]);
            if handled.contains(&key) || before == after {
                continue;
            }
            let kind = match key {
                "description" | "summary" | "example" | "examples" | "externalDocs" | "tags"
                | "bearerFormat" => Kind::Documentation,
                "deprecated" => Kind::SchemaDeprecated,
                "style" | "explode" | "allowReserved" | "allowEmptyValue" | "encoding" => {
                    Kind::SpellingChanged
                }
                "x-rust-name" | "x-optional-body" | "x-ms-pageable" => Kind::BuilderChanged,
                _ if key.starts_with("x-") => Kind::Extension,
                _ => Kind::Unknown,
            };
            let detail = match kind {
                Kind::Documentation => format!("`{key}`"),
                _ => format!("`{key}`: {}", arrow(before, after)),
            };
            self.push(kind, &place.below(key).about(&place.subject), detail);
        }
    }

    fn root(&mut self, root: &Place) {
        let (old, new) = (self.old, self.new);
        if !self.mappings(old, new, &root.clone().about("the document")) {
            return;
        }
        self.info(root);
        self.servers(&old["servers"], &new["servers"], root);
        self.components(root);
        for pointer in std::mem::take(&mut self.dangling) {
            let subject = format!("`#{pointer}`");
            let place = Place {
                pointer,
                subject,
                ..root.clone()
            };
            let place = self.shared(place, Side::Both);
            self.push(Kind::ReferenceBroken, &place, "");
        }
        self.paths();
        // Where an operation has its own, the root's does not reach it; `paths` looks at what reaches it.
        if old["security"] != new["security"] {
            self.security(&old["security"], &new["security"], root);
        }
        let place = root.clone().about("the document");
        if old["openapi"] != new["openapi"] {
            let place = place.below("openapi");
            self.push(
                Kind::Reformatted,
                &place,
                arrow(&old["openapi"], &new["openapi"]),
            );
        }
        let handled = [
            "info",
            "servers",
            "components",
            "paths",
            "security",
            "openapi",
        ];
        self.rest(old, new, &place, &handled);
    }

    fn info(&mut self, root: &Place) {
        let (old, new) = (&self.old["info"], &self.new["info"]);
        let place = root.below("info").about("`info`");
        if !self.mappings(old, new, &place) {
            return;
        }
        if old["version"] != new["version"] {
            let place = place.below("version").about("the API");
            self.push(
                Kind::VersionChanged,
                &place,
                arrow(&old["version"], &new["version"]),
            );
        }
        for key in ["title", "termsOfService", "contact", "license"] {
            if old[key] != new[key] {
                self.push(Kind::Documentation, &place.below(key), format!("`{key}`"));
            }
        }
        let handled = ["version", "title", "termsOfService", "contact", "license"];
        self.rest(old, new, &place, &handled);
    }

    pub(super) fn servers(&mut self, old: &Value, new: &Value, holder: &Place) {
        let list = holder.below("servers");
        let place = |index: usize, server: &Value| {
            let subject = format!("server {}", quoted(&server["url"]));
            list.below(&index.to_string()).about(subject)
        };
        let (before, after) = (elements(old), elements(new));
        let same = |one: &Value, other: &Value| one["url"] == other["url"];
        for (index, server) in before.iter().enumerate() {
            if !after.iter().any(|other| same(server, other)) {
                self.push(Kind::ServerRemoved, &place(index, server), "");
            }
        }
        for (index, server) in after.iter().enumerate() {
            let place = place(index, server);
            let Some(other) = before.iter().find(|other| same(server, other)) else {
                self.push(Kind::ServerAdded, &place, "");
                continue;
            };
            for name in keys(&other["variables"], &server["variables"]) {
                let (old, new) = (&other["variables"][name], &server["variables"][name]);
                let place = place.below("variables").below(name);
                let place = place.part(&format!("variable `{name}`"));
                for key in ["default", "enum"] {
                    if old[key] != new[key] {
                        let detail = format!("`{key}`: {}", arrow(&old[key], &new[key]));
                        self.push(Kind::ServerChanged, &place, detail);
                    }
                }
                if old.is_null() != new.is_null() {
                    self.push(Kind::ServerChanged, &place, arrow(old, new));
                } else if self.mappings(old, new, &place) {
                    self.rest(old, new, &place, &["default", "enum"]);
                }
            }
            self.rest(other, server, &place, &["url", "variables"]);
        }
        self.odd_list(old, new, &list.about("the servers"));
    }

    pub(super) fn security(&mut self, old: &Value, new: &Value, holder: &Place) {
        let place = holder.below("security").about("security");
        let (before, after) = (elements(old), elements(new));
        // An empty alternative allows requests without credentials.
        let open = |list: &[Value]| {
            list.is_empty()
                || list
                    .iter()
                    .any(|one| *one == Value::Object(serde_json::Map::new()))
        };
        if open(before) && !open(after) {
            self.push(Kind::SecurityStarted, &place, quoted(new));
        } else if !open(before) && open(after) {
            self.push(Kind::SecurityStopped, &place, quoted(old));
        } else {
            for one in before.iter().filter(|one| !after.contains(one)) {
                self.push(Kind::SecurityRemoved, &place, quoted(one));
            }
            for one in after.iter().filter(|one| !before.contains(one)) {
                self.push(Kind::SecurityAdded, &place, quoted(one));
            }
        }
        self.odd_list(old, new, &place);
    }

    fn components(&mut self, root: &Place) {
        let (old, new) = (&self.old["components"], &self.new["components"]);
        let components = root.below("components").about("the components");
        self.odd_mapping(old, new, &components);
        let known: [(&str, &str, Side); 6] = [
            ("parameters", "parameter", Side::Sent),
            ("headers", "header", Side::Received),
            ("responses", "answer", Side::Received),
            ("requestBodies", "request body", Side::Sent),
            ("schemas", "schema", Side::Both),
            ("securitySchemes", "security scheme", Side::Sent),
        ];
        for (group, word, side) in known {
            let (old, new) = (&old[group], &new[group]);
            let all = components.below(group);
            self.odd_mapping(old, new, &all);
            for name in keys(old, new) {
                let (before, after) = (&old[name], &new[name]);
                if before == after {
                    continue;
                }
                let place = self.shared(all.below(name).about(format!("{word} `{name}`")), side);
                self.component(group, before, after, &place);
            }
        }
        let names = known.map(|(group, _, _)| group);
        self.rest(old, new, &components, &names);
    }

    fn component(&mut self, group: &str, before: &'a Value, after: &'a Value, place: &Place) {
        let (came, went) = (before.is_null(), after.is_null());
        match group {
            "schemas" if came => self.push(Kind::SchemaAdded, place, ""),
            "schemas" if went => self.push(Kind::SchemaRemoved, place, ""),
            // By itself it asks for nothing; what names it is reported.
            "securitySchemes" if came || went => {
                let name = place.pointer.rsplit('/').next().unwrap_or_default();
                let named = names_scheme(if came { self.old } else { self.new }, name);
                let kind = if named {
                    Kind::SchemeChanged
                } else {
                    Kind::Reformatted
                };
                self.push(kind, place, if came { "added" } else { "removed" });
            }
            "securitySchemes" if self.mappings(before, after, place) => {
                for key in keys(before, after) {
                    if matches!(
                        key,
                        "type" | "in" | "name" | "scheme" | "flows" | "openIdConnectUrl"
                    ) && before[key] != after[key]
                    {
                        let detail = format!("`{key}`: {}", arrow(&before[key], &after[key]));
                        self.push(Kind::SchemeChanged, place, detail);
                    }
                }
                let handled = ["type", "in", "name", "scheme", "flows", "openIdConnectUrl"];
                self.rest(before, after, place, &handled);
            }
            "securitySchemes" => {}
            // Where they are met, their coming and going is reported there.
            _ if came || went => {
                if place.operations.is_empty() {
                    self.push(
                        Kind::Reformatted,
                        place,
                        if came {
                            "unused, added"
                        } else {
                            "unused, removed"
                        },
                    );
                }
            }
            "parameters" => self.parameter(before, after, place),
            "headers" => self.header(before, after, place),
            "responses" => self.response(before, after, place),
            "requestBodies" => self.body(before, after, place),
            _ => self.schema(before, after, place),
        }
    }

    /// A place that several operations may meet.
    fn shared(&self, mut place: Place, side: Side) -> Place {
        place.side = side;
        if let Some(met) = self.met.get(&place.pointer) {
            place.operations.clone_from(&met.operations);
            if side == Side::Both {
                place.side = met.side();
            }
        }
        place
    }

    /// Both targets of what may be references; a reference that leads nowhere is the change.
    pub(super) fn resolved(
        &mut self,
        old: &'a Value,
        new: &'a Value,
        place: &Place,
    ) -> Option<(&'a Value, &'a Value)> {
        let targets = resolve(self.old, old).zip(resolve(self.new, new));
        if targets.is_none() && old != new {
            self.push(Kind::ReferenceBroken, place, arrow(old, new));
        }
        targets
    }

    pub(super) fn parameter(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        if !self.mappings(old, new, place) {
            return;
        }
        let default = |root: &Value, parameter: &Value| {
            resolve(root, &parameter["schema"])
                .is_some_and(|schema| schema.get("default").is_some())
        };
        match (old["required"] == true, new["required"] == true) {
            // Our client fills a required parameter with its default.
            (false, true) if default(self.new, new) => {
                self.push(Kind::ParameterOptional, place, "required, with a default");
            }
            (false, true) => self.push(Kind::ParameterRequired, place, ""),
            (true, false) => self.push(Kind::ParameterOptional, place, ""),
            _ => {
                if old["required"] != new["required"] {
                    self.push(Kind::Reformatted, place, "`required`");
                }
            }
        }
        // Operations compare their parameters by these two, and so take another for a new one.
        for key in ["name", "in"] {
            if old[key] != new[key] && place.operations.is_empty() {
                self.push(Kind::Reformatted, place, format!("unused, `{key}`"));
            }
        }
        self.schema_member(old, new, place);
        self.content(&old["content"], &new["content"], place);
        self.rest(
            old,
            new,
            place,
            &["required", "schema", "name", "in", "content"],
        );
    }
}

/// Whether a document's security names a scheme, anywhere.
fn names_scheme(root: &Value, name: &str) -> bool {
    let names = |holder: &Value| {
        elements(&holder["security"])
            .iter()
            .any(|one| one.get(name).is_some())
    };
    names(root) || operations(root).any(|operation| names(operation.value))
}

/// The place of an element that may stand elsewhere: a reference's change is that of its target.
pub(super) fn target(value: &Value, place: &Place) -> Place {
    let pointer = grammar::target(value).unwrap_or(&place.pointer);
    Place {
        pointer: pointer.to_owned(),
        ..place.clone()
    }
}

pub(super) fn elements(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The keys of either, each once.
pub(super) fn keys<'a>(old: &'a Value, new: &'a Value) -> BTreeSet<&'a str> {
    members(old)
        .chain(members(new))
        .map(|(key, _)| key.as_str())
        .collect()
}

/// A value in a report: short, on one line, in backticks.
pub(super) fn quoted(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let line: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('`', "'");
    let mut short: String = line.chars().take(80).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    format!("`{short}`")
}

pub(super) fn arrow(old: &Value, new: &Value) -> String {
    format!("{} -> {}", quoted(old), quoted(new))
}
