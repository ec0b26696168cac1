//! Bases: schemas with a discriminator that others extend.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::TAG;
use crate::grammar::{self, Kind, component, join, members};

/// A schema with a discriminator that others extend by `allOf`: what refers to it means any of them.
pub(super) struct Base {
    /// The name of the schema with its own properties.
    pub(super) own: String,
    /// The shared schemas that extend it, each with the values of its tag.
    extended: Vec<(String, Vec<String>)>,
}

impl Base {
    /// The schema of all that it stands for: what extends it, and itself for a tag of no other.
    pub(super) fn union(&self, name: &str, schema: &Value) -> Value {
        let forms = self.extended.iter().map(|(name, _)| name);
        let forms = forms.chain([&self.own]).map(|name| reference(name));
        let mut tags: Vec<_> = self.extended.iter().map(|(_, tags)| tags.clone()).collect();
        tags.push(vec![name.to_owned()]);
        let tag = &schema["discriminator"]["propertyName"];
        let mut union = json!({
            "oneOf": forms.collect::<Value>(),
            TAG: { "name": tag, "values": tags, "other": self.extended.len() },
        });
        if let Some(description) = schema.get("description") {
            union["description"] = description.clone();
        }
        union
    }
}

/// The bases of a document, by their names.
pub(super) fn bases(whole: &Value) -> BTreeMap<String, Base> {
    let shared = &whole["components"]["schemas"];
    // By the place of a schema, those that extend it.
    let mut below: BTreeMap<&str, Vec<(&String, &Value)>> = BTreeMap::new();
    for (name, schema) in members(shared) {
        for base in grammar::bases(whole, schema) {
            below.entry(base).or_default().push((name, schema));
        }
    }
    let meant = meant(whole);
    let mut bases = BTreeMap::new();
    for (name, schema) in members(shared) {
        let is_union = ["oneOf", "anyOf"]
            .iter()
            .any(|key| schema.get(key).is_some());
        if is_union || schema["discriminator"]["propertyName"].as_str().is_none() {
            continue;
        }
        let of = |name: &str| below.get(join("/components/schemas", name).as_str());
        let extended = of(name).into_iter().flatten();
        let mut extended: Vec<_> = extended
            .filter(|(other, _)| *other != name)
            .map(|(other, _)| ((*other).clone(), tags(whole, schema, other)))
            .collect();
        // What extends another of them goes before that one.
        extended.sort_by_key(|(one, _)| of(one).map_or(0, Vec::len));
        if extended.is_empty() || !meant.contains(name.as_str()) {
            continue;
        }
        let mut own = format!("{name}Base");
        while shared.get(&own).is_some() {
            own.push('_');
        }
        bases.insert(name.clone(), Base { own, extended });
    }
    bases
}

/// The shared schemas that something refers to but to extend them.
fn meant(whole: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    grammar::walk(whole, "", Kind::Root, &mut |value, pointer, kind| {
        let target = grammar::reference(value).filter(|_| kind.has_words());
        if let Some(name) = target.and_then(component) {
            let words: Vec<_> = pointer.split('/').collect();
            let is_part = matches!(*words.as_slice(), [_, _, "schemas", _, "allOf", _]);
            found.extend(Some(name).filter(|_| !is_part));
        }
        kind != Kind::Data
    });
    found
}

/// The values of a discriminator that stand for a shared schema: those that map to it, or those that it has itself, or its
/// own name.
pub(super) fn tags(whole: &Value, holder: &Value, name: &str) -> Vec<String> {
    let schema = &whole["components"]["schemas"][name];
    let mapping = members(&holder["discriminator"]["mapping"]);
    let leads_to = |target: &str| component(target).unwrap_or(target) == name;
    let mut tags: Vec<_> = mapping
        .filter(|(_, target)| target.as_str().is_some_and(leads_to))
        .map(|(tag, _)| tag.clone())
        .collect();
    if let (Some(tag), true) = (schema["x-ms-discriminator-value"].as_str(), tags.is_empty()) {
        tags.push(tag.to_owned());
    }
    if tags.is_empty() {
        let property = holder["discriminator"]["propertyName"].as_str();
        // A discriminator does not change which values a schema has, and its name may be none of them.
        let own = property.and_then(|property| listed(whole, schema, property, 0));
        tags = own.unwrap_or_else(|| vec![name.to_owned()]);
    }
    tags
}

pub(super) fn is_twice<'t>(mut tags: impl Iterator<Item = &'t String>) -> bool {
    let mut seen = BTreeSet::new();
    tags.any(|tag| !seen.insert(tag))
}

/// The words that a schema lists for a property, unless it has them of a base, which lists those of all.
fn listed(whole: &Value, schema: &Value, property: &str, depth: u8) -> Option<Vec<String>> {
    let schema = grammar::resolve(whole, schema).filter(|_| depth <= 8)?;
    if let Some(property) = schema["properties"].get(property) {
        let words = grammar::resolve(whole, property)?["enum"].as_array()?;
        let words: Vec<_> = words
            .iter()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect();
        return (!words.is_empty()).then_some(words);
    }
    let below = |part: &Value| listed(whole, part, property, depth + 1);
    let parts = |key: &str| schema[key].as_array().into_iter().flatten();
    let is_base = |part: &&Value| {
        grammar::resolve(whole, part).is_some_and(|part| part.get("discriminator").is_some())
    };
    let mut own = parts("allOf").filter(|part| !is_base(part));
    if let Some(words) = own.find_map(below) {
        return Some(words);
    }
    let forms: Option<Vec<_>> = parts("oneOf").chain(parts("anyOf")).map(below).collect();
    forms
        .map(|words| words.concat())
        .filter(|words| !words.is_empty())
}

fn reference(name: &str) -> Value {
    json!({ "$ref": join("#/components/schemas", name) })
}
