//! Schemas that are made of others, said in forms that have one type each: what is composed of all becomes one
//! schema, alternatives become a list of forms of which none is a part of another, and `null` is said where a
//! value stands. The document that comes out describes the same values.
//!
//! typify 0.8 takes the first words of several schemas for all of them: it flattens `anyOf` into one struct
//! that loses what its parts do not share, panics over an `enum` beside `allOf`, writes the type of a shared
//! schema twice that is both nullable and composed, and knows no discriminator.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{
    adapt::schemas::inferred_type,
    grammar::{self, Kind, component, join, members},
    problem::Problem,
};

/// What says something about a schema, and nothing about its values.
const ANNOTATIONS: [&str; 10] = [
    "title",
    "description",
    "example",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "nullable",
    "externalDocs",
    "xml",
];

/// The most forms that one schema may have. Alternatives below `allOf` multiply: 1.3 kB can ask for millions.
const MOST: usize = 256;

/// The deepest that schemas are put together within each other.
const DEEPEST: u8 = 32;

/// The key of the tag of a schema with alternatives: the property's name, and the values of each of them.
pub(crate) const TAG: &str = "x-tag";
/// The key of the shared schema that a form was made of.
pub(super) const MADE_OF: &str = "x-made-of";

/// A document with composed schemas made plain.
pub(crate) struct Composed {
    pub(crate) document: Value,
    pub(super) warnings: Vec<Problem>,
    /// What has no values, or too many forms.
    pub(crate) refusals: Vec<Problem>,
}

/// The key of an enumeration among alternatives of which one is any text.
pub(crate) const EXACT: &str = "x-exact";

type Object = Map<String, Value>;

/// Makes the compositions of a document plain.
pub(crate) fn compose(whole: &Value) -> Composed {
    let mut work = Work {
        whole,
        nullable: BTreeSet::new(),
        bases: bases(whole),
        forms: 0,
        composing: Vec::new(),
        open: Vec::new(),
        problems: Vec::new(),
        clashes: Vec::new(),
        warnings: Vec::new(),
    };
    let shared = &whole["components"]["schemas"];
    let nullable = members(shared).filter(|(_, schema)| work.may_be_null(schema, 0));
    work.nullable = nullable.map(|(name, _)| name.clone()).collect();
    let mut value = whole.clone();
    work.below(&mut value, "", Kind::Root);
    for (name, base) in &work.bases {
        let schemas = &mut value["components"]["schemas"];
        let own = std::mem::replace(&mut schemas[name], base.union(name, &shared[name]));
        schemas[&base.own] = own;
    }
    work.problems.append(&mut work.clashes);
    Composed {
        document: value,
        warnings: work.warnings,
        refusals: work.problems,
    }
}

/// A schema with a discriminator that others extend by `allOf`: what refers to it means any of them.
struct Base {
    /// The name of the schema with its own properties.
    own: String,
    /// The shared schemas that extend it, each with the values of its tag.
    extended: Vec<(String, Vec<String>)>,
}

impl Base {
    /// The schema of all that it stands for: what extends it, and itself for a tag of no other.
    fn union(&self, name: &str, schema: &Value) -> Value {
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
fn bases(whole: &Value) -> BTreeMap<String, Base> {
    let shared = &whole["components"]["schemas"];
    let mut bases = BTreeMap::new();
    for (name, schema) in members(shared) {
        let is_union = ["oneOf", "anyOf"]
            .iter()
            .any(|key| schema.get(key).is_some());
        if is_union || schema["discriminator"]["propertyName"].as_str().is_none() {
            continue;
        }
        let at = join("/components/schemas", name);
        let mut extended: Vec<_> = members(shared)
            .filter(|(other, schema)| *other != name && grammar::extends(whole, schema, &at))
            .map(|(other, schema)| (other.clone(), tags(&shared[name], other, schema)))
            .collect();
        // What extends another of them goes before that one.
        extended.sort_by_key(|(one, _)| {
            let at = join("/components/schemas", one);
            let below = members(shared).filter(|(_, other)| grammar::extends(whole, other, &at));
            below.count()
        });
        if extended.is_empty() || !is_referred_to(whole, name) {
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

/// Whether anything refers to a shared schema but to extend it.
fn is_referred_to(whole: &Value, name: &str) -> bool {
    let mut found = false;
    grammar::walk(whole, "", Kind::Root, &mut |value, pointer, kind| {
        let is_part = pointer.rsplit('/').nth(1) == Some("allOf")
            && pointer.split('/').nth(2) == Some("schemas")
            && pointer.split('/').count() == 6;
        found |= kind.has_words()
            && !is_part
            && grammar::reference(value).and_then(component) == Some(name);
        kind != Kind::Data
    });
    found
}

/// The values of a discriminator that stand for a shared schema: those that map to it, or its own name.
fn tags(holder: &Value, name: &str, schema: &Value) -> Vec<String> {
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
        tags.push(name.to_owned());
    }
    tags
}

fn reference(name: &str) -> Value {
    json!({ "$ref": join("#/components/schemas", name) })
}

struct Work<'a> {
    whole: &'a Value,
    /// Shared schemas that `null` fits. It is said where they are referred to.
    nullable: BTreeSet<String>,
    bases: BTreeMap<String, Base>,
    /// How many forms there are so far.
    forms: usize,
    /// The schemas that are being put together, each within the one before.
    composing: Vec<Value>,
    /// The references of properties that are being put together.
    open: Vec<(Value, Value)>,
    problems: Vec<Problem>,
    /// What has no value. Of an alternative it is told only.
    clashes: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Work<'_> {
    fn warn(&mut self, pointer: &str, what: impl Into<String>) {
        self.warnings.push(Problem::new(pointer, what));
    }

    fn refuse(&mut self, pointer: &str, what: impl Into<String>) {
        self.problems.push(Problem::new(pointer, what));
    }

    /// Makes all schemas below a place plain.
    fn below(&mut self, value: &mut Value, pointer: &str, kind: Kind) {
        if kind == Kind::Schema {
            *value = self.schema(value, pointer);
            return;
        }
        match value {
            _ if kind == Kind::Data => {}
            Value::Object(object) => {
                for (key, inner) in object {
                    let at = join(pointer, key);
                    self.below(inner, &at, kind.member(key));
                    if pointer == "/components/schemas"
                        && let Some(schema) = inner.as_object_mut()
                    {
                        schema.remove("nullable");
                    }
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter_mut().enumerate() {
                    self.below(inner, &format!("{pointer}/{index}"), kind.item());
                }
            }
            _ => {}
        }
    }

    /// Whether `null` is a value of a schema.
    fn may_be_null(&self, schema: &Value, depth: u8) -> bool {
        let each = |part: &Value| self.may_be_null(part, depth + 1);
        let parts = |key: &str| schema[key].as_array().filter(|parts| !parts.is_empty());
        if depth > DEEPEST {
            return false;
        }
        if let Some(given) = schema
            .get("nullable")
            .filter(|_| schema.get("$ref").is_none())
        {
            return given == true;
        }
        if schema.get("$ref").is_some() {
            let target = grammar::resolve(self.whole, schema);
            return schema["nullable"] == true || target.is_some_and(each);
        }
        schema["enum"]
            .as_array()
            .is_some_and(|words| words.contains(&Value::Null))
            || parts("allOf").is_some_and(|parts| parts.iter().all(each))
            || ["oneOf", "anyOf"]
                .into_iter()
                .filter_map(parts)
                .flatten()
                .any(each)
    }

    fn schema(&mut self, schema: &Value, pointer: &str) -> Value {
        let Some(object) = schema.as_object() else {
            return schema.clone();
        };
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            return self.reference(target, object, pointer);
        }
        if is_empty_list(object.get("enum")) {
            self.warn(
                &join(pointer, "enum"),
                "is left out: it is empty, and no value would fit",
            );
            let mut object = object.clone();
            object.remove("enum");
            return self.schema(&object.into(), pointer);
        }
        let is_composed = ["allOf", "oneOf", "anyOf"]
            .iter()
            .any(|key| object.contains_key(*key));
        // What is written out in place of a reference may hold the place itself.
        if is_composed && self.composing.contains(schema) {
            return self.recursion(object, pointer);
        }
        let mut object = object.clone();
        if is_composed {
            self.composing.push(schema.clone());
        }
        if object.contains_key("allOf") {
            object = self.all_of(object, pointer);
        }
        if ["oneOf", "anyOf"]
            .iter()
            .any(|key| object.contains_key(*key))
        {
            object = self.alternatives(object, pointer);
        }
        let is_null = self.may_be_null(schema, 0);
        if is_null {
            object.insert("nullable".into(), true.into());
        }
        if let Some(ty) = infer_type(&mut object).filter(|_| is_null) {
            self.warn(
                pointer,
                format!("has no `type`, and is taken for {ty} by what stands beside it"),
            );
        }
        self.within(&mut object, pointer);
        if is_composed {
            self.composing.pop();
        }
        Value::Object(object)
    }

    /// A schema that is put together of something that holds it: the first shared schema that it names stands for it.
    fn recursion(&mut self, object: &Object, pointer: &str) -> Value {
        let mut parts = ["allOf", "oneOf", "anyOf"]
            .into_iter()
            .filter_map(|key| object.get(key)?.as_array())
            .flatten();
        let shared = parts.find_map(grammar::reference);
        let taken = shared.unwrap_or("any value");
        self.warn(
            pointer,
            format!("holds itself within what it is put together of, and is taken for {taken}; give it a name of its own"),
        );
        shared.map_or_else(
            || json!({}),
            |shared| json!({ "allOf": [{ "$ref": shared }] }),
        )
    }

    /// The schemas that a schema holds.
    fn within(&mut self, object: &mut Object, pointer: &str) {
        for (key, inner) in object.iter_mut() {
            let at = join(pointer, key);
            match key.as_str() {
                "properties" | "$defs" | "definitions" => {
                    for (name, property) in inner.as_object_mut().into_iter().flatten() {
                        *property = self.schema(property, &join(&at, name));
                    }
                }
                "items" | "additionalProperties" | "not" if inner.is_object() => {
                    *inner = self.schema(inner, &at);
                }
                _ => {}
            }
        }
    }

    /// A reference; with `null` beside it where the target may be null, or where that is written beside it.
    fn reference(&mut self, target: &str, object: &Object, pointer: &str) -> Value {
        let is_null = object.get("nullable") == Some(&json!(true));
        if is_null {
            self.warn(
                pointer,
                "`nullable` beside a `$ref` is taken as it is meant; OpenAPI 3.0 ignores what stands there: write it beside an `allOf` with the `$ref`",
            );
        }
        let alone = json!({ "$ref": target });
        if is_null || component(target).is_some_and(|name| self.nullable.contains(name)) {
            return json!({ "nullable": true, "allOf": [alone] });
        }
        alone
    }

    /// A schema without `allOf`, but for a single reference with something said beside it.
    fn all_of(&mut self, mut object: Object, pointer: &str) -> Object {
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
    fn expand(&mut self, schema: &Value, pointer: &str, depth: u8) -> Object {
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
    fn merge(&mut self, mut one: Object, other: Object, pointer: &str, depth: u8) -> Object {
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
    fn both(
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
    fn products(&mut self, some: &[Value], others: &[Value], pointer: &str) -> Option<Value> {
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
    fn attempt(
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

    fn clash(&mut self, pointer: &str, why: &str) {
        let what = format!("no value fits all of its `allOf`: {why}; take that out of one of them");
        self.clashes.push(Problem::new(pointer, what));
    }

    fn refuse_forms(&mut self, pointer: &str) {
        self.refuse(
            pointer,
            format!("its alternatives come to more than {MOST} forms; give fewer, or name the ones that are meant"),
        );
    }

    /// A schema with alternatives: one list of them, each a reference or a schema that is written out.
    fn alternatives(&mut self, mut object: Object, pointer: &str) -> Object {
        let key = if object.contains_key("oneOf") {
            "oneOf"
        } else {
            "anyOf"
        };
        let Some(Value::Array(parts)) = object.remove(key) else {
            object.remove(key);
            return object;
        };
        if parts.is_empty() {
            return object;
        }
        if let Some(Value::Array(more)) = object.remove("anyOf") {
            match self.products(&parts, &more, pointer) {
                Some(both) => object.insert("oneOf".into(), both),
                None => return object,
            };
            return self.alternatives(object, pointer);
        }
        if is_condition(&object, &parts) {
            self.warn(
                &join(pointer, key),
                "is not checked: which properties go together does not become a type",
            );
            return object;
        }
        let tag = object.remove("discriminator");
        let mut forms: Vec<Value> = Vec::new();
        let mut names = Vec::new();
        for part in &parts {
            let is_null = part["enum"]
                .as_array()
                .is_some_and(|words| words.iter().all(Value::is_null));
            if !is_null && !forms.contains(part) {
                forms.push(part.clone());
                names.push(part["$ref"].as_str().and_then(component).map(str::to_owned));
            }
        }
        if forms.is_empty() {
            return object;
        }
        (forms, names) = self.whole_first(forms, names);
        self.forms += forms.len();
        if self.forms > MOST * MOST {
            self.refuse_forms(pointer);
            return object;
        }
        let said: Object = object
            .iter()
            .filter(|(key, _)| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let mut beside: Object = object
            .into_iter()
            .filter(|(key, _)| !said.contains_key(key))
            .collect();
        self.open_up(&mut beside, pointer);
        let is_type_alone = beside.len() == 1
            && beside.get("type").is_some_and(|ty| {
                forms.iter().all(|form| {
                    grammar::resolve(self.whole, form)
                        .is_some_and(|form| form.get("type") == Some(ty))
                })
            });
        if !beside.is_empty() && !is_type_alone {
            let mut kept = (Vec::new(), Vec::new());
            for (form, name) in forms.iter().zip(names) {
                let merged = self.attempt(pointer, |work| {
                    let part = work.expand(form, pointer, 0);
                    work.merge(beside.clone(), part, pointer, 0)
                });
                let Some(mut part) = merged else { continue };
                forget(&mut part);
                if let Some(name) = &name {
                    part.insert(MADE_OF.into(), json!(name));
                }
                kept.0.push(part.into());
                kept.1.push(name);
            }
            if kept.0.is_empty() {
                self.clash(
                    pointer,
                    "none of its alternatives fits what stands beside them",
                );
                return said;
            }
            (forms, names) = kept;
        }
        let whole = said.clone();
        if let [one] = forms.as_slice() {
            return self.single(one, whole, pointer);
        }
        if let Some(open) = self.open_text(&forms, key) {
            let mut whole = whole;
            whole.extend(open);
            return whole;
        }
        self.list(&forms, &names, tag.as_ref(), whole, pointer, key)
    }

    /// Puts numbers behind whole numbers: the first form that fits is taken, and whole numbers have digits that floating
    /// point has not.
    fn whole_first(
        &self,
        forms: Vec<Value>,
        names: Vec<Option<String>>,
    ) -> (Vec<Value>, Vec<Option<String>>) {
        let mut both: Vec<_> = forms.into_iter().zip(names).collect();
        let is = |form: &Value, ty: &str| {
            grammar::resolve(self.whole, form).is_some_and(|form| form["type"] == ty)
        };
        if both.iter().any(|(form, _)| is(form, "integer")) {
            both.sort_by_key(|(form, _)| is(form, "number"));
        }
        both.into_iter().unzip()
    }

    /// Takes `additionalProperties: false` out of what stands beside alternatives, where it knows no property: no
    /// alternative would have a value. Java's annotations are written so (Jira).
    fn open_up(&mut self, beside: &mut Object, pointer: &str) {
        let is_closed = beside.get("additionalProperties") == Some(&json!(false));
        if is_closed && !beside.contains_key("properties") {
            beside.remove("additionalProperties");
            self.warn(
                &join(pointer, "additionalProperties"),
                "is left out: with no properties beside it, no alternative would have a value",
            );
        }
    }

    /// A list of forms, each made plain.
    fn list(
        &mut self,
        forms: &[Value],
        names: &[Option<String>],
        tag: Option<&Value>,
        mut whole: Object,
        pointer: &str,
        key: &str,
    ) -> Object {
        if let Some(tag) = tag.and_then(|tag| tag["propertyName"].as_str().map(|name| (name, tag)))
        {
            let holder = json!({ "discriminator": tag.1 });
            let tags: Option<Vec<_>> = names
                .iter()
                .map(|name| {
                    let name = name.as_ref()?;
                    Some(tags(
                        &holder,
                        name,
                        &self.whole["components"]["schemas"][name],
                    ))
                })
                .collect();
            match tags {
                Some(tags) => {
                    whole.insert(TAG.into(), json!({ "name": tag.0, "values": tags }));
                }
                None => self.warn(
                    &join(pointer, "discriminator"),
                    "is left out, as an alternative has no name for a value to lead to; write each as a `$ref`",
                ),
            }
        }
        let mut plain = Vec::new();
        for (index, form) in forms.iter().enumerate() {
            let at = format!("{pointer}/{key}/{index}");
            let mut form = self.schema(form, &at);
            // `null` is one value of the whole, whichever of its forms has it.
            if let Some(form) = form.as_object_mut()
                && form.remove("nullable").is_some()
                && let Some(Value::Array(one)) = form.get("allOf")
                && let ([one], 1) = (one.as_slice(), form.len())
            {
                *form = one.as_object().cloned().unwrap_or_default();
            }
            plain.push(form);
        }
        whole.insert(key.into(), plain.into());
        whole
    }

    /// The only form of a schema, with what is said of the whole.
    fn single(&mut self, form: &Value, mut whole: Object, pointer: &str) -> Object {
        if form.get("$ref").is_some() {
            whole.insert("allOf".into(), json!([form]));
            return whole;
        }
        let mut form = self.expand(form, pointer, 0);
        form.extend(whole);
        if ["oneOf", "anyOf"].iter().any(|key| form.contains_key(*key)) {
            return self.alternatives(form, pointer);
        }
        form
    }

    /// Alternatives of text of which one takes any: all of them are texts, and the words that some list are
    /// those that are known.
    fn open_text(&self, forms: &[Value], key: &str) -> Option<Object> {
        let resolved: Vec<_> = forms
            .iter()
            .map(|form| grammar::resolve(self.whole, form))
            .collect::<Option<_>>()?;
        let all = |ty: &str| resolved.iter().all(|form| form["type"] == ty);
        let is_free = |form: &&Value| {
            members(form).all(|(key, _)| {
                key == "type"
                    || key == "maxLength"
                    || key == "minLength"
                    || ANNOTATIONS.contains(&key.as_str())
                    || key.starts_with("x-")
            })
        };
        let words: Vec<Value> = resolved
            .iter()
            .filter_map(|form| form["enum"].as_array())
            .flatten()
            .filter(|word| !word.is_null())
            .cloned()
            .collect();
        let are_words = resolved.iter().all(|form| form.get("enum").is_some());
        if all("string") && are_words && key == "anyOf" {
            return json!({ "type": "string", "enum": words })
                .as_object()
                .cloned();
        }
        if !(all("string") || all("integer")) || !resolved.iter().any(is_free) {
            return None;
        }
        let mut open = json!({ "type": resolved[0]["type"] });
        if !words.is_empty() {
            open["enum"] = words.into();
            open["x-extensible"] = true.into();
            // `ALL` is another text than `all`, unless the document says that its words grow.
            open[EXACT] = true.into();
        }
        open.as_object().cloned()
    }
}

fn is_empty_list(value: Option<&Value>) -> bool {
    value.and_then(Value::as_array).is_some_and(Vec::is_empty)
}

/// Takes out of a part what it says of itself, and not of the whole.
fn forget(part: &mut Object) {
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

/// `anyOf` and `oneOf` beside properties, of which no part brings a property of its own, say which of them go
/// together. That is no other type.
fn is_condition(object: &Object, parts: &[Value]) -> bool {
    let Some(properties) = object.get("properties").and_then(Value::as_object) else {
        return false;
    };
    let known = [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "not",
    ];
    parts.iter().all(|part| {
        members(part).all(|(key, _)| known.contains(&key.as_str()))
            && members(&part["properties"]).all(|(name, _)| properties.contains_key(name))
    })
}

/// Gives a schema that has no type the one that its words are for, and says which. Where they are for none, any value
/// fits, `null` among them.
fn infer_type(object: &mut Object) -> Option<&'static str> {
    let is_said = ["type", "allOf", "oneOf", "anyOf", "enum", "$ref"];
    if is_said.iter().any(|key| object.contains_key(*key)) {
        return None;
    }
    let ty = inferred_type(object);
    match ty {
        Some(ty) => object.insert("type".into(), ty.into()),
        None => object.remove("nullable"),
    };
    ty
}
