//! Two schemas, compared.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    compare::{Compare, Place, arrow, keys, quoted},
    rules::Kind,
};
use crate::{adapt::composition::TAG, grammar::reference};

/// A key that bounds values: its name, whether a greater number allows less, and the types whose Rust type
/// it chooses.
const BOUNDS: [(&str, bool, &str); 9] = [
    ("minimum", true, "integer"),
    ("maximum", false, "integer"),
    ("minLength", true, ""),
    ("maxLength", false, ""),
    ("minItems", true, "array"),
    ("maxItems", false, "array"),
    ("minProperties", true, ""),
    ("maxProperties", false, ""),
    ("multipleOf", true, "integer"),
];

/// Keys that are true or absent, where true allows less.
const SWITCHES: [(&str, &str); 3] = [
    ("exclusiveMinimum", "integer"),
    ("exclusiveMaximum", "integer"),
    ("uniqueItems", "array"),
];

impl<'a> Compare<'a> {
    pub(super) fn schema(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        let (old, new) = (alone(old), alone(new));
        if old == new {
            return;
        }
        let (before, after) = (reference(old), reference(new));
        if before.is_none() && after.is_none() {
            return self.written_schema(old, new, place);
        }
        if before == after {
            // OpenAPI 3.0 ignores what stands beside a reference.
            for key in keys(old, new)
                .into_iter()
                .filter(|key| old[key] != new[key])
            {
                let detail = format!("`{key}` beside `$ref`");
                self.push(
                    Kind::Documentation,
                    &place.below(key).about(&place.subject),
                    detail,
                );
            }
            return;
        }
        let name = |reference: Option<&str>| match reference {
            Some(target) => format!("`{}`", target.rsplit('/').next().unwrap_or(target)),
            None => "written in place".to_owned(),
        };
        let detail = format!("{} -> {}", name(before), name(after));
        let pair = (
            before.unwrap_or(&place.pointer).to_owned(),
            after.unwrap_or(&place.pointer).to_owned(),
        );
        if let Some((old, new)) = self.resolved(old, new, place) {
            self.push(Kind::SchemaRenamed, place, detail);
            if self.followed.insert(pair) {
                self.written_schema(old, new, place);
            }
        }
    }

    pub(super) fn written_schema(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        if old == new || !self.mappings(old, new, place) {
            return;
        }
        for (key, kind) in [("type", Kind::TypeChanged), ("format", Kind::FormatChanged)] {
            if old[key] != new[key] {
                self.push(kind, place, arrow(&old[key], &new[key]));
            }
        }
        match (old["nullable"] == true, new["nullable"] == true) {
            (false, true) => self.push(Kind::NullableAdded, place, ""),
            (true, false) => self.push(Kind::NullableRemoved, place, ""),
            _ => {}
        }
        self.enumeration(old, new, place);
        self.bounds(old, new, place);
        self.present(
            old,
            new,
            "pattern",
            [
                Kind::PatternAdded,
                Kind::PatternRemoved,
                Kind::PatternChanged,
            ],
            place,
        );
        self.present(
            old,
            new,
            "default",
            [
                Kind::DefaultAdded,
                Kind::DefaultRemoved,
                Kind::DefaultChanged,
            ],
            place,
        );
        self.properties(old, new, place);
        self.nested(old, new, place);
        // typify names a type by its title where the document gives it no name; plain values need no type.
        let shared = place
            .pointer
            .rsplit_once('/')
            .is_some_and(|(group, _)| group == "/components/schemas");
        let title = if !shared && (has_type(old) || has_type(new)) {
            Kind::TitleChanged
        } else {
            Kind::Documentation
        };
        for (key, kind) in [
            ("title", title),
            ("discriminator", Kind::CompositionChanged),
            (TAG, Kind::CompositionChanged),
            ("readOnly", Kind::AccessChanged),
            ("writeOnly", Kind::AccessChanged),
            ("xml", Kind::AccessChanged),
            ("x-sensitive", Kind::SensitivityChanged),
            ("x-enum-names", Kind::VariantsRenamed),
        ] {
            if old[key] != new[key] {
                let detail = format!("`{key}`: {}", arrow(&old[key], &new[key]));
                self.push(kind, place, detail);
            }
        }
        let mut handled = vec![
            "type",
            "format",
            "nullable",
            "enum",
            "x-extensible",
            "pattern",
            "default",
            "properties",
            "required",
            "items",
            "additionalProperties",
            "allOf",
            "oneOf",
            "anyOf",
            "not",
            "title",
            "discriminator",
            TAG,
            "readOnly",
            "writeOnly",
            "xml",
            "x-sensitive",
            "x-enum-names",
        ];
        handled.extend(BOUNDS.map(|(key, ..)| key));
        handled.extend(SWITCHES.map(|(key, _)| key));
        self.rest(old, new, place, &handled);
    }

    /// A key that is there or not, or says something else.
    fn present(
        &mut self,
        old: &Value,
        new: &Value,
        key: &str,
        [added, removed, changed]: [Kind; 3],
        place: &Place,
    ) {
        let detail = arrow(&old[key], &new[key]);
        match (old.get(key), new.get(key)) {
            (None, Some(_)) => self.push(added, place, quoted(&new[key])),
            (Some(_), None) => self.push(removed, place, quoted(&old[key])),
            (Some(old), Some(new)) if old != new => self.push(changed, place, detail),
            _ => {}
        }
    }

    fn enumeration(&mut self, old: &Value, new: &Value, place: &Place) {
        let words = |schema: &Value| schema["enum"].as_array().cloned();
        let (before, after) = match (words(old), words(new)) {
            (None, None) => {
                if old["enum"] != new["enum"] {
                    self.push(Kind::Unknown, place, arrow(&old["enum"], &new["enum"]));
                }
                (Vec::new(), Vec::new())
            }
            (None, Some(_)) => return self.push(Kind::EnumStarted, place, quoted(&new["enum"])),
            (Some(_), None) => return self.push(Kind::EnumStopped, place, quoted(&old["enum"])),
            (Some(before), Some(after)) => (before, after),
        };
        let open = (old["x-extensible"] == true, new["x-extensible"] == true);
        match open {
            (false, true) => self.push(Kind::EnumOpened, place, ""),
            (true, false) => self.push(Kind::EnumClosed, place, ""),
            _ => {
                if old["x-extensible"] != new["x-extensible"] {
                    self.push(Kind::Extension, place, "`x-extensible`");
                }
            }
        }
        let added = if open == (true, true) {
            Kind::OpenMemberAdded
        } else {
            Kind::ClosedMemberAdded
        };
        for word in after.iter().filter(|word| !before.contains(word)) {
            self.push(added, place, quoted(word));
        }
        for word in before.iter().filter(|word| !after.contains(word)) {
            self.push(Kind::MemberRemoved, place, quoted(word));
        }
        let same = |one: &[Value], other: &[Value]| one.iter().all(|word| other.contains(word));
        if before != after && same(&before, &after) && same(&after, &before) {
            self.push(Kind::MembersReordered, place, "");
        }
    }

    fn bounds(&mut self, old: &Value, new: &Value, place: &Place) {
        for (key, greater_allows_less, chooses) in BOUNDS {
            if old[key] == new[key] {
                continue;
            }
            let tighter = match (old[key].as_f64(), new[key].as_f64()) {
                (Some(before), Some(after)) => (after > before) == greater_allows_less,
                (before, _) => before.is_none(),
            };
            self.bound(key, tighter, chooses, old, new, place);
        }
        for (key, chooses) in SWITCHES {
            // Anything but `true` is `false`; absent and `false` are the same.
            if (old[key] == true) != (new[key] == true) {
                self.bound(key, new[key] == true, chooses, old, new, place);
            } else if old[key] != new[key] {
                self.push(Kind::Reformatted, place, format!("`{key}`"));
            }
        }
    }

    fn bound(
        &mut self,
        key: &str,
        tighter: bool,
        chooses: &str,
        old: &Value,
        new: &Value,
        place: &Place,
    ) {
        let typed = !chooses.is_empty() && new["type"] == chooses;
        let kind = match (typed, tighter) {
            (true, true) => Kind::TypedBoundTightened,
            (true, false) => Kind::TypedBoundLoosened,
            (false, true) => Kind::BoundTightened,
            (false, false) => Kind::BoundLoosened,
        };
        self.push(
            kind,
            place,
            format!("`{key}`: {}", arrow(&old[key], &new[key])),
        );
    }

    fn properties(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        let required = |schema: &'a Value| -> BTreeSet<&'a str> {
            let names = schema["required"].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).collect()
        };
        let (before, after) = (required(old), required(new));
        let known = keys(&old["properties"], &new["properties"]);
        let names: BTreeSet<_> = known
            .into_iter()
            .chain(before.iter().copied())
            .chain(after.iter().copied())
            .collect();
        for name in names {
            let (was, is) = (old["properties"].get(name), new["properties"].get(name));
            let below = place.below("properties").below(name);
            let below = below.part(&format!("field `{name}`"));
            match (was, is) {
                (None, Some(_)) if after.contains(name) => {
                    self.push(Kind::FieldDemanded, &below, "");
                }
                (None, Some(_)) => self.push(Kind::FieldAdded, &below, ""),
                (Some(_), None) => self.push(Kind::FieldRemoved, &below, ""),
                _ => {
                    match (before.contains(name), after.contains(name)) {
                        (false, true) => self.push(Kind::FieldRequired, &below, ""),
                        (true, false) => self.push(Kind::FieldOptional, &below, ""),
                        _ => {}
                    }
                    if let (Some(was), Some(is)) = (was, is) {
                        self.schema(was, is, &below);
                    }
                }
            }
        }
        for key in ["properties", "required"] {
            let understood = |value: &Value| {
                value.is_null() || value.is_object() || (key == "required" && value.is_array())
            };
            if old[key] != new[key] && !(understood(&old[key]) && understood(&new[key])) {
                self.push(
                    Kind::Unknown,
                    &place.below(key).about(&place.subject),
                    arrow(&old[key], &new[key]),
                );
            }
        }
    }

    fn nested(&mut self, old: &'a Value, new: &'a Value, place: &Place) {
        for (key, part, kind) in [
            ("items", "its items", Kind::TypeChanged),
            (
                "additionalProperties",
                "further properties",
                Kind::MembersOpened,
            ),
            ("not", "`not`", Kind::CompositionChanged),
        ] {
            let below = place.below(key).part(part);
            match (&old[key], &new[key]) {
                (was @ Value::Object(_), is @ Value::Object(_)) => self.schema(was, is, &below),
                (was, is) if was != is => self.push(kind, &below, arrow(was, is)),
                _ => {}
            }
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            let below = place.below(key).about(&place.subject);
            match (&old[key], &new[key]) {
                (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
                    for (index, (was, is)) in was.iter().zip(is).enumerate() {
                        let part = format!("part {} of its `{key}`", index + 1);
                        self.schema(was, is, &below.below(&index.to_string()).part(&part));
                    }
                }
                (was, is) if was != is => {
                    self.push(
                        Kind::CompositionChanged,
                        &below,
                        format!("`{key}`: {}", arrow(was, is)),
                    );
                }
                _ => {}
            }
        }
    }
}

/// A schema that is composed of one part and says nothing beside it is that part.
fn alone(schema: &Value) -> &Value {
    match schema["allOf"].as_array().map(Vec::as_slice) {
        Some([part]) if schema.as_object().is_some_and(|object| object.len() == 1) => part,
        _ => schema,
    }
}

/// Whether typify makes a type of its own of a schema that is written in place.
fn has_type(schema: &Value) -> bool {
    let makes = [
        "properties",
        "enum",
        "pattern",
        "minLength",
        "maxLength",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
    ];
    makes.iter().any(|key| schema.get(key).is_some())
}
