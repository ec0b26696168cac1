//! References: those that lead nowhere, elsewhere or in a circle.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Work;
use crate::grammar::{self, Kind, component, join, members};

impl Work<'_> {
    /// Refuses references that cannot be followed. typify panics at one that leaves the document
    /// ("external references are not supported") and at one that leads nowhere ("$ref ... is missing"),
    /// and goes on for ever in a circle that nothing but references makes.
    pub(super) fn references(&mut self) {
        let plain = std::mem::take(&mut self.plain);
        grammar::walk(&plain, "", Kind::Root, &mut |value, pointer, kind| {
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
            if circle(&plain, schema, name, &mut seen) {
                self.refuse(
                    &join("/components/schemas", name),
                    "a schema that is made of itself alone has no values; take it out of its own `allOf`, `oneOf`, `anyOf` or `$ref`",
                );
            }
        }
        self.plain = plain;
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
