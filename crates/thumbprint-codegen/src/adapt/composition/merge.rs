//! What a schema is that has to be all of several.

use serde_json::{Value, json};

use super::{ANNOTATIONS, DEEPEST, MOST, Object, Work};
use crate::{
    grammar::{self, component, join, members},
    problem::Problem,
};

impl Work<'_> {
    /// A schema without `allOf`, but for a single reference with something said beside it.
    pub(super) fn all_of(&mut self, mut object: Object, pointer: &str) -> Object {
        let Some(Value::Array(mut parts)) = object.remove("allOf") else {
            return object;
        };
        let is_said = |key: &String| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-");
        // A part that only describes says it of the whole: AWS writes every described reference so.
        let describes = |part: &mut Value| {
            part.as_object()
                .is_some_and(|part| part.keys().all(is_said))
        };
        for part in parts.extract_if(.., describes) {
            for (key, value) in part.as_object().into_iter().flatten() {
                object.entry(key).or_insert_with(|| value.clone());
            }
        }
        if let [one] = parts.as_slice()
            && let Some(target) = one["$ref"].as_str()
            && object.keys().all(is_said)
            && !component(target).is_some_and(|name| {
                self.bases.contains_key(name) && pointer.matches('/').count() == 3
            })
        {
            object.insert("allOf".into(), json!([{ "$ref": target }]));
            return object;
        }
        let mut merged = Object::new();
        for (index, part) in parts.iter().enumerate() {
            let mut part = self.expand(part, pointer, 0);
            forget(&mut part);
            merged = self.merge(merged, part, &format!("{pointer}/allOf/{index}"), 0);
        }
        self.merge(merged, object, pointer, 0)
    }

    /// A schema as it would be written in its place: without a reference, and without `allOf`.
    pub(super) fn expand(&mut self, schema: &Value, pointer: &str, depth: u8) -> Object {
        let Some(target) = grammar::resolve(self.whole, schema) else {
            return Object::new();
        };
        let mut object = target.as_object().cloned().unwrap_or_default();
        let Some(Value::Array(parts)) = object.remove("allOf") else {
            return object;
        };
        if depth > DEEPEST {
            return object;
        }
        let mut merged = Object::new();
        for part in &parts {
            let mut part = self.expand(part, pointer, depth + 1);
            forget(&mut part);
            merged = self.merge(merged, part, pointer, depth + 1);
        }
        self.merge(merged, object, pointer, depth + 1)
    }

    /// What fits both of two schemas that are written out. The words of the second count where both describe
    /// the same.
    pub(super) fn merge(
        &mut self,
        mut one: Object,
        other: Object,
        pointer: &str,
        depth: u8,
    ) -> Object {
        if one.is_empty() {
            return other;
        }
        self.check_closed(&one, &other, pointer);
        self.check_closed(&other, &one, pointer);
        for (key, value) in other {
            let Some(known) = one.get(&key).filter(|known| **known != value).cloned() else {
                one.insert(key, value);
                continue;
            };
            let both = self.both(&key, known, value, pointer, depth);
            if let Some(both) = both {
                one.insert(key, both);
            }
        }
        one
    }

    /// What a key says where two schemas say different things by it; `None` to keep the first.
    pub(super) fn both(
        &mut self,
        key: &str,
        known: Value,
        value: Value,
        pointer: &str,
        depth: u8,
    ) -> Option<Value> {
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        Some(match key {
            "properties" => {
                let at = join(pointer, "properties");
                let mut all = known.as_object().cloned().unwrap_or_default();
                for (name, property) in members(&value) {
                    let merged = match all.get(name) {
                        Some(first) if first != property => {
                            self.both_properties(&first.clone(), property, &join(&at, name), depth)
                        }
                        _ => property.clone(),
                    };
                    all.insert(name.clone(), merged);
                }
                all.into()
            }
            "required" => {
                let mut all = known.as_array().cloned().unwrap_or_default();
                let more = value.as_array().into_iter().flatten();
                let more: Vec<_> = more.filter(|name| !all.contains(name)).cloned().collect();
                all.extend(more);
                all.into()
            }
            "enum" => {
                let (known, value) = (known.as_array()?, value.as_array()?);
                let shared: Vec<_> = value.iter().filter(|word| known.contains(word)).collect();
                if shared.is_empty() {
                    self.clash(pointer, "its parts list different values");
                }
                json!(shared)
            }
            "type" => match (known.as_str(), value.as_str()) {
                (Some("number"), Some("integer")) | (Some("integer"), Some("number")) => {
                    json!("integer")
                }
                _ => {
                    self.clash(
                        pointer,
                        &format!("one of its parts is {known} and another {value}"),
                    );
                    return None;
                }
            },
            "oneOf" | "anyOf" => {
                let (known, value) = (known.as_array()?.clone(), value.as_array()?.clone());
                return self.products(&known, &value, pointer);
            }
            "items" => self.property(&known, &value, pointer, depth),
            "additionalProperties" => match (&known, &value) {
                (Value::Bool(true), other) | (other, Value::Bool(true)) => other.clone(),
                (Value::Bool(false), _) | (_, Value::Bool(false)) => false.into(),
                _ => self.property(&known, &value, pointer, depth),
            },
            "minimum" | "minLength" | "minItems" | "minProperties"
                if number(&value) < number(&known) =>
            {
                known
            }
            "maximum" | "maxLength" | "maxItems" | "maxProperties"
                if number(&value) > number(&known) =>
            {
                known
            }
            "format" | "pattern" | "multipleOf" => {
                self.warn(pointer, format!("`{key}` is {known} in one part and {value} in another; the first is left out"));
                value
            }
            _ => value,
        })
    }

    /// Each of some alternatives with each of others; `None` where they are too many, or where none goes together.
    pub(super) fn products(
        &mut self,
        some: &[Value],
        others: &[Value],
        pointer: &str,
    ) -> Option<Value> {
        if some.len() * others.len() > MOST {
            self.refuse_forms(pointer);
            return None;
        }
        let mut forms = Vec::new();
        for (one, other) in some
            .iter()
            .flat_map(|one| others.iter().map(move |other| (one, other)))
        {
            let both = json!({ "allOf": [one, other] });
            if self
                .attempt(pointer, |work| work.expand(&both, pointer, 0))
                .is_some()
            {
                forms.push(both);
            }
        }
        if forms.is_empty() {
            self.clash(
                pointer,
                "none of its alternatives goes with one of the others",
            );
            return None;
        }
        Some(forms.into())
    }

    /// An alternative, unless no value fits it: the others stand for the schema then, which is told.
    pub(super) fn attempt(
        &mut self,
        pointer: &str,
        compose: impl FnOnce(&mut Self) -> Object,
    ) -> Option<Object> {
        let before = self.clashes.len();
        let whole = compose(self);
        let Some(clash) = self.clashes.drain(before..).next() else {
            return Some(whole);
        };
        self.warn(
            pointer,
            format!("an alternative is left out: {}", clash.what),
        );
        None
    }

    /// A property of which two schemas speak. Where no value fits both, either can come, so any is taken.
    fn both_properties(&mut self, one: &Value, other: &Value, pointer: &str, depth: u8) -> Value {
        let before = self.clashes.len();
        let merged = self.property(one, other, pointer, depth);
        let Some(clash) = self.clashes.drain(before..).next() else {
            return merged;
        };
        self.warn(pointer, format!("any value is taken: {}", clash.what));
        match other.get("description") {
            Some(description) => json!({ "description": description }),
            None => json!({}),
        }
    }

    /// What fits both of two schemas, of which each may be a reference.
    fn property(&mut self, one: &Value, other: &Value, pointer: &str, depth: u8) -> Value {
        let is_said = |value: &Value| {
            members(value)
                .all(|(key, _)| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"))
        };
        // What only describes goes beside what the other says.
        for (said, schema) in [(other, one), (one, other)] {
            if !is_said(said) || said.get("$ref").is_some() {
                continue;
            }
            let mut said = said.as_object().cloned().unwrap_or_default();
            if schema.get("$ref").is_some() {
                if said.is_empty() {
                    return schema.clone();
                }
                said.insert("allOf".into(), json!([schema]));
                return said.into();
            }
            let mut whole = schema.as_object().cloned().unwrap_or_default();
            whole.extend(said);
            return whole.into();
        }
        let pair = (one["$ref"].clone(), other["$ref"].clone());
        let is_open = pair.0 == pair.1 && !pair.0.is_null() || self.open.contains(&pair);
        if depth > 8 || is_open {
            return other.clone();
        }
        let is_referred = !pair.0.is_null() && !pair.1.is_null();
        if is_referred {
            self.open.push(pair);
        }
        let (one, other) = (
            self.expand(one, pointer, depth),
            self.expand(other, pointer, depth),
        );
        let merged = self.merge(one, other, pointer, depth + 1);
        if is_referred {
            self.open.pop();
        }
        merged.into()
    }

    /// Refuses what one part requires and another does not allow. What it merely may have is taken for an
    /// oversight: nobody describes a property so that it is never there.
    fn check_closed(&mut self, closed: &Object, other: &Object, pointer: &str) {
        if closed.get("additionalProperties") != Some(&json!(false)) {
            return;
        }
        let known = closed.get("properties").unwrap_or(&Value::Null);
        let required = other.get("required").and_then(Value::as_array);
        let required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
        let properties = other.get("properties").unwrap_or(&Value::Null);
        for (name, _) in members(properties).filter(|(name, _)| known.get(*name).is_none()) {
            let why = format!(
                "one part has `additionalProperties: false` and does not know `{name}` of another"
            );
            if required(name) {
                self.clash(pointer, &why);
                return;
            }
            self.warn(pointer, format!("{why}; it is taken as if it did"));
        }
    }

    pub(super) fn clash(&mut self, pointer: &str, why: &str) {
        let what = format!("no value fits all of its `allOf`: {why}; take that out of one of them");
        self.clashes.push(Problem::new(pointer, what));
    }
}

/// Takes out of a part what it says of itself, and not of the whole.
pub(super) fn forget(part: &mut Object) {
    for key in [
        "title",
        "description",
        "example",
        "discriminator",
        "nullable",
        "x-ms-discriminator-value",
    ] {
        part.remove(key);
    }
}
