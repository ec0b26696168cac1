//! The types that schemas become: their names, and what is known of them beside their schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::{grammar::members, names};

/// The types that the schemas become.
#[derive(Default)]
pub(super) struct Types {
    /// The name in memory of each shared schema, by its name in the document.
    pub(super) renamed: BTreeMap<String, String>,
    /// The names of types that are in use, with the inline schema that each was given to.
    taken: BTreeMap<String, Option<Value>>,
    /// All schemas, by their names in memory.
    pub(super) schemas: Map<String, Value>,
    /// Where each of them comes from.
    pub(super) places: BTreeMap<String, String>,
    /// What texts that become types have to be like, by the types' names.
    pub(super) patterns: BTreeMap<String, TextRules>,
    /// Enumerations that may grow, by the types' names.
    pub(super) open: BTreeMap<String, Value>,
    /// Types whose values are not shown.
    pub(super) sensitive: BTreeSet<String>,
    /// What is not shown of types, by their names.
    pub(super) hidden: BTreeMap<String, BTreeSet<String>>,
    /// What is deprecated of types, by their names.
    pub(super) deprecated: BTreeMap<String, BTreeSet<String>>,
    /// What may be absent of types that are sent, by its name; whether it may be null.
    pub(super) sent: BTreeMap<String, BTreeMap<String, bool>>,
    /// Types that have one of several forms.
    pub(super) unions: BTreeMap<String, Union>,
}

/// What is known of a type that has one of several forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    /// The property that tells them apart, `name`, and its `values` for each; `other` is the form of all other
    /// values.
    pub tag: Option<Value>,
    /// Whether a value may have several of them at once.
    pub is_open: bool,
}

/// What a text has to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRules {
    /// It matches this regular expression.
    pub pattern: String,
    /// It has as many characters at least.
    pub least: Option<u64>,
    /// It has as many characters at most.
    pub most: Option<u64>,
}

impl Types {
    /// Gives each shared schema the name of a type of its own. Where two names make one type
    /// (`pet-status` and `PetStatus`), typify writes that type twice.
    pub(super) fn new(document: &Value) -> Self {
        let mut types = Self::default();
        for name in names::PRELUDE {
            types.taken.insert(name.to_owned(), None);
        }
        let mut clashing = Vec::new();
        let is_clean = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
        };
        let all: Vec<_> = members(&document["components"]["schemas"]).collect();
        // A name that is its type's already goes before one that only becomes it.
        let (exact, others): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|(name, _)| names::pascal(name) == **name);
        for (name, _) in exact.into_iter().chain(others) {
            let ty = names::pascal(name);
            if is_clean(name) && !types.taken.contains_key(&ty) {
                types.taken.insert(ty, None);
                types.renamed.insert(name.clone(), name.clone());
            } else {
                clashing.push((name, ty));
            }
        }
        for (name, ty) in clashing {
            let ty = types.take(&ty, None);
            types.renamed.insert(name.clone(), ty);
        }
        types
    }

    /// A name that no other type has, made of the wanted one. Schemas that are the same share one.
    pub(super) fn take(&mut self, wanted: &str, schema: Option<&Value>) -> String {
        // typify makes a type's name of it once more.
        let wanted = names::pascal(wanted);
        let mut name = wanted.clone();
        for number in 2.. {
            match self.taken.get(&name) {
                None => break,
                Some(Some(known)) if Some(known) == schema => break,
                Some(_) => name = format!("{wanted}{number}"),
            }
        }
        self.taken.insert(name.clone(), schema.cloned());
        name
    }

    /// Adds a schema that stands at `pointer`.
    pub(super) fn add(&mut self, name: String, pointer: &str, schema: Value) {
        self.places.insert(name.clone(), pointer.to_owned());
        self.schemas.insert(name, schema);
    }
}
