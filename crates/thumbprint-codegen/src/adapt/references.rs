//! References to schemas that stand in other places than the shared ones.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Value, json};

use crate::{
    document::Document,
    grammar::{self, Kind, component, join, members},
    names::{self, Taken},
};

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
    let mut value = Value::clone(&document.value);
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
