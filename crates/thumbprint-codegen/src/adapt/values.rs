//! Values within schemas: words of enumerations, defaults and lengths.

use std::collections::{BTreeMap, BTreeSet};

use regress::Regex;
use serde_json::{Map, Value, json};

use super::{TYPED, Work};
use crate::{
    grammar::{self, join, members},
    lint, names,
};

impl Work<'_> {
    /// typify panics where words make the same variant ("Failed to make unique variant names") and where
    /// they are of several kinds ("multiple implied types"), and its types of numbers that are listed
    /// compare and hash, which floating point does not.
    pub(super) fn enumeration(
        &mut self,
        object: &mut Map<String, Value>,
        names: &Value,
        pointer: &str,
    ) {
        let Some(words) = object.get("enum").and_then(Value::as_array).cloned() else {
            object.remove("enum");
            return;
        };
        let at = join(pointer, "enum");
        let mut kept: Vec<Value> = Vec::new();
        for word in words {
            if !word.is_null() && !kept.contains(&word) {
                kept.push(word);
            }
        }
        let all = |is: fn(&Value) -> bool| !kept.is_empty() && kept.iter().all(is);
        let ty = object
            .get("type")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let ty = ty.as_deref();
        let strings = all(Value::is_string) && ty.is_none_or(|ty| ty == "string");
        let integers =
            all(|word| word.is_i64() || word.is_u64()) && ty.is_none_or(|ty| ty == "integer");
        if !strings && !integers {
            object.remove("enum");
            // A truth value can be no other than the two, listed or not.
            if ty != Some("boolean") || kept.len() == 1 {
                self.warn(&at, "these values do not become a type: it can list texts, or whole numbers; any value of the schema's type is taken");
            }
            return;
        }
        object.insert(
            "type".into(),
            if strings { "string" } else { "integer" }.into(),
        );
        let renamed = renamed(object.get("enum"), names);
        for word in &mut kept {
            *word = self.word(word, &renamed);
        }
        object.insert("enum".into(), Value::Array(kept));
    }

    /// A word of an enumeration in memory.
    pub(super) fn word(&mut self, word: &Value, renamed: &BTreeMap<&str, String>) -> Value {
        let found = word
            .as_str()
            .and_then(|text| Some((text, renamed.get(text)?)));
        found.map_or_else(
            || word.clone(),
            |(text, variant)| self.wire_names.replace(variant, text).into(),
        )
    }

    /// A value of a schema in memory, with the words that enumerations have there.
    pub(super) fn value(&mut self, value: &Value, schema: &Value, depth: u8) -> Value {
        let schema = grammar::resolve(self.plain, schema)
            .cloned()
            .unwrap_or_default();
        let parts = schema["allOf"].as_array().cloned().unwrap_or_default();
        match value {
            _ if depth > 32 => value.clone(),
            Value::String(_) if schema["enum"].is_array() => {
                self.word(value, &renamed(schema.get("enum"), &schema["x-enum-names"]))
            }
            Value::Array(items) if schema.get("items").is_some() => {
                let items = items.iter();
                items
                    .map(|item| self.value(item, &schema["items"], depth + 1))
                    .collect()
            }
            Value::Object(held) if schema.get("properties").is_some() => {
                let held = held.iter();
                held.map(|(name, one)| {
                    (
                        name.clone(),
                        self.value(one, &schema["properties"][name], depth + 1),
                    )
                })
                .collect()
            }
            _ => parts.iter().fold(value.clone(), |value, part| {
                self.value(&value, part, depth + 1)
            }),
        }
    }

    /// A list of a fixed length becomes an array, for which serde has no form beyond 32 items.
    pub(super) fn length(&mut self, object: &mut Map<String, Value>, pointer: &str) {
        let length = |key: &str| object.get(key).and_then(Value::as_u64);
        if let (Some(least), Some(most)) = (length("minItems"), length("maxItems"))
            && least == most
            && most > 32
        {
            object.remove("maxItems");
            self.warn(
                &join(pointer, "maxItems"),
                "is not checked: a list of a fixed length can have 32 items at most",
            );
        }
    }

    /// typify stops at a default that its schema does not allow, without telling the place.
    pub(super) fn default_value(
        &mut self,
        object: &mut Map<String, Value>,
        schema: &Value,
        pointer: &str,
    ) {
        if object.remove("default").is_none() {
            return;
        }
        let default = &schema["default"];
        if fits(self.plain, default, schema, 0) {
            let default = self.value(default, schema, 0);
            object.insert("default".into(), default);
        } else if !default.is_null() {
            // `null` for what may be left out says nothing that leaving it out does not say.
            self.warn(
                &join(pointer, "default"),
                format!("{default} is left out: it is no value of its schema"),
            );
        }
    }
}

/// What takes the place of some words of an enumeration: they have names of their own, or the variants of two would have
/// one name.
fn renamed<'v>(words: Option<&'v Value>, given: &Value) -> BTreeMap<&'v str, String> {
    let words = words.and_then(Value::as_array).into_iter().flatten();
    let (mut seen, mut variants) = (BTreeSet::new(), BTreeSet::new());
    let mut renamed = BTreeMap::new();
    for text in words.filter_map(Value::as_str) {
        if !seen.insert(text) {
            continue;
        }
        let given = given[text].as_str();
        let wanted = names::pascal(given.unwrap_or(text));
        let mut variant = wanted.clone();
        for number in 2.. {
            if variants.insert(names::pascal(&variant)) {
                break;
            }
            variant = format!("{wanted}{number}");
        }
        if variant != names::pascal(text) {
            renamed.insert(text, variant);
        }
    }
    renamed
}

/// Whether a value is of its schema's format, if that has a type: where a default is used, it is read as one.
fn is_of_format(schema: &Value, value: &Value) -> bool {
    let Some(format) = schema["format"].as_str() else {
        return true;
    };
    if !TYPED.contains(&format) && grammar::range(format).is_none() {
        return true;
    }
    let schema = lint::json_schema(&json!({ "type": schema["type"], "format": format }));
    lint::validator(&schema).is_ok_and(|validator| validator.is_valid(value))
}

/// Whether a value is one of a schema, as far as its type looks at it.
pub(super) fn fits(whole: &Value, value: &Value, schema: &Value, depth: u8) -> bool {
    if depth > 32 {
        return false;
    }
    if grammar::reference(schema).is_some() {
        // With another name in memory: the target as it was written is as good.
        let target = grammar::resolve(whole, schema);
        return target.is_some_and(|target| fits(whole, value, target, depth + 1));
    }
    if value.is_null() {
        return schema["nullable"] == true;
    }
    let ty = match schema["type"].as_str() {
        Some("string") => value.as_str().is_some_and(|text| {
            let length = text.chars().count() as u64;
            let pattern = schema["pattern"]
                .as_str()
                .and_then(|pattern| Regex::with_flags(pattern, "u").ok());
            pattern.is_none_or(|pattern| pattern.find(text).is_some())
                && schema["minLength"]
                    .as_u64()
                    .is_none_or(|least| length >= least)
                && schema["maxLength"]
                    .as_u64()
                    .is_none_or(|most| length <= most)
        }),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.as_array().is_some_and(|items| {
            items
                .iter()
                .all(|item| fits(whole, item, &schema["items"], depth + 1))
        }),
        Some("object") => value.as_object().is_some_and(|object| {
            let required = schema["required"].as_array().into_iter().flatten();
            required
                .filter_map(Value::as_str)
                .all(|name| object.contains_key(name))
                && members(value).all(|(name, value)| {
                    let property = schema["properties"].get(name);
                    // A type that does not say what further members are has none.
                    let is_open = schema.get("additionalProperties").is_some()
                        || schema.get("properties").is_none();
                    property.map_or(is_open, |schema| fits(whole, value, schema, depth + 1))
                })
        }),
        _ => true,
    };
    let number = |key: &str| schema[key].as_f64().zip(value.as_f64());
    let listed = schema["enum"]
        .as_array()
        .is_none_or(|words| words.contains(value));
    let parts = |key: &str| schema[key].as_array().cloned().unwrap_or_default();
    let each = |part: &Value| fits(whole, value, part, depth + 1);
    ty && listed
        && is_of_format(schema, value)
        && number("minimum").is_none_or(|(least, value)| value >= least)
        && number("maximum").is_none_or(|(most, value)| value <= most)
        && parts("allOf").iter().all(each)
        && (parts("oneOf").is_empty() || parts("oneOf").iter().any(each))
        && (parts("anyOf").is_empty() || parts("anyOf").iter().any(each))
}
