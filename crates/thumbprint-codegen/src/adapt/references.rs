//! References: those that lead nowhere, elsewhere or in a circle.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::{Value, json};

use super::Work;
use crate::{
    document::Document,
    grammar::{self, Kind, component, join, members},
    names::{self, Taken},
};

impl Work<'_> {
    /// Refuses references that cannot be followed. typify panics at one that leaves the document
    /// ("external references are not supported") and at one that leads nowhere ("$ref ... is missing"),
    /// and goes on for ever in a circle that nothing but references makes.
    pub(super) fn references(&mut self) {
        let plain = self.plain;
        grammar::walk(plain, "", Kind::Root, &mut |value, pointer, kind| {
            let reference = value.get("$ref").filter(|_| kind.has_words());
            match reference.map(Value::as_str) {
                Some(Some(reference)) => self.check_reference(reference, value, pointer),
                Some(None) => self.refuse(&join(pointer, "$ref"), "has to be a text"),
                None => {}
            }
            reference.is_none() && kind != Kind::Data
        });
        for (name, schema) in members(&plain["components"]["schemas"]) {
            let mut seen = BTreeSet::from([name.as_str()]);
            if circle(plain, schema, name, &mut seen) {
                self.refuse(
                    &join("/components/schemas", name),
                    "a schema that is made of itself alone has no values; take it out of its own `allOf`, `oneOf`, `anyOf` or `$ref`",
                );
            }
        }
    }

    fn check_reference(&mut self, reference: &str, value: &Value, pointer: &str) {
        if !reference.starts_with('#') {
            self.refuse(
                pointer,
                format!("the reference `{reference}` leaves the document; bundle all files into one first, and refer to `#/components/...`"),
            );
        } else if self.document.resolve(value).is_err() {
            self.refuse(
                pointer,
                format!("the reference `{reference}` leads nowhere; write what it should lead to, or mend the name"),
            );
        }
    }
}

/// Gives schemas that references lead to in other places one among the shared ones: typify knows no others, and what
/// holds them may be a composition, which is made plain.
pub(super) fn shared(document: &Document) -> Cow<'_, Document> {
    let schemas = members(&document.value["components"]["schemas"]);
    let mut taken = Taken::new(schemas.map(|(name, _)| name.as_str()));
    let mut moved = BTreeMap::new();
    grammar::walk(&document.value, "", Kind::Root, &mut |value, _, kind| {
        let reference = grammar::reference(value).filter(|_| kind == Kind::Schema);
        if let Some(reference) = reference.filter(|one| component(one).is_none())
            && !moved.contains_key(reference)
        {
            let words: Vec<_> = reference.rsplit('/').take(3).collect();
            let words: Vec<_> = words.into_iter().rev().collect();
            moved.insert(
                reference.to_owned(),
                taken.take(&names::pascal(&words.join("-"))),
            );
        }
        kind != Kind::Data
    });
    if moved.is_empty() {
        return Cow::Borrowed(document);
    }
    let mut value = document.value.clone();
    for (reference, name) in &moved {
        let target = document.value.pointer(reference.trim_start_matches('#'));
        value["components"]["schemas"][name] = target.cloned().unwrap_or_default();
    }
    grammar::rewrite(&mut value, Kind::Root, &mut |value, kind| {
        let name = grammar::reference(value).filter(|_| kind == Kind::Schema);
        if let Some(name) = name.and_then(|reference| moved.get(reference)) {
            value["$ref"] = json!(format!("#/components/schemas/{name}"));
        }
    });
    let places = moved.into_iter().map(|(reference, name)| {
        let place = reference.trim_start_matches('#').to_owned();
        (join("/components/schemas", &name), place)
    });
    Cow::Owned(document.with_moved(value, places))
}

/// Whether a schema comes back to `start` through nothing but references and compositions.
fn circle<'v>(
    whole: &'v Value,
    schema: &'v Value,
    start: &str,
    seen: &mut BTreeSet<&'v str>,
) -> bool {
    if let Some(name) = grammar::reference(schema).and_then(component) {
        if name == start {
            return true;
        }
        let target = &whole["components"]["schemas"][name];
        return seen.insert(name) && circle(whole, target, start, seen);
    }
    ["allOf", "oneOf", "anyOf"]
        .into_iter()
        .filter_map(|key| schema[key].as_array())
        .flatten()
        .any(|part| circle(whole, part, start, seen))
}
