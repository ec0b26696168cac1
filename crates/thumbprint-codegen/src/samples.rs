//! Values that fit a document's schemas: what it gives as an example, or else the smallest that its
//! schema describes. Each is put to the schema before it is given out, but for what was made by a schema
//! that takes too long to check; where none fits there is none, and the document needs an `example`.

mod pattern;
mod spread;

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::{
    adapt::TAG,
    document::{Document, members},
    lint,
};

/// How deep a value may go.
const DEEPEST: u8 = 8;

/// How many shared schemas a value may be checked against. In some documents each refers to all others,
/// and to read them all again for each value takes minutes.
const MOST: usize = 64;

/// How many checks are kept. Values are made operation by operation, and those of one need few; all of a large document
/// take a gigabyte.
const KEPT: usize = 2048;

/// Texts for schemas of text, in the order in which they are tried. Those behind the first are for the
/// usual formats and patterns.
const TEXTS: [&str; 16] = [
    "text",
    "other",
    "1f0e9c9a-6d4e-4b5c-8a53-0d8d7f1a2b3c",
    "2020-01-02T03:04:05Z",
    "2021-02-03T04:05:06Z",
    "2020-01-02",
    "Thu, 02 Jan 2020 03:04:05 GMT",
    "Wed, 03 Feb 2021 04:05:06 GMT",
    "2020-01-02T03:04:05",
    "2021-02-03T04:05:06",
    "https://example.com/text",
    "somebody@example.com",
    "0123456789abcdef0123456789abcdef01234567",
    "192.0.2.1",
    "2001:db8::1",
    "A1",
];

/// The values of one document.
pub struct Samples<'a> {
    document: &'a Document,
    /// What checks the values of a schema. To make one takes far longer than a check.
    checks: RefCell<HashMap<Value, Rc<Check>>>,
}

/// What checks the values of a schema.
enum Check {
    By(Box<Validator>),
    /// It is no schema, so nothing fits it.
    NoSchema,
    /// It takes too long.
    None,
}

impl Check {
    /// Whether a value fits; `None` where that takes too long to find out.
    fn of(&self, value: &Value) -> Option<bool> {
        match self {
            Self::By(validator) => Some(validator.is_valid(value)),
            Self::NoSchema => Some(false),
            Self::None => None,
        }
    }

    /// Whether a value fits. One that cannot be checked does not.
    fn fits(&self, value: &Value) -> bool {
        self.of(value) == Some(true)
    }

    /// Whether nothing is known against a value.
    fn may_fit(&self, value: &Value) -> bool {
        self.of(value) != Some(false)
    }
}

impl<'a> Samples<'a> {
    /// Those of a document.
    #[must_use]
    pub fn new(document: &'a Document) -> Self {
        Self {
            document,
            checks: RefCell::default(),
        }
    }

    /// A value of a parameter or a media type (`holder`), which may give an example beside its schema.
    #[must_use]
    pub fn of_holder(&self, holder: &Value, schema: &Value) -> Option<Value> {
        let mut given = self.given(holder);
        let found = given.find(|value| self.fits(schema, value));
        found.or_else(|| self.of_schema(schema))
    }

    /// A value of a body that is sent: an example, or one with all members.
    #[must_use]
    pub fn of_body(&self, content: &Value) -> Option<Value> {
        let schema = &content["schema"];
        let mut given = self.given(content);
        let found = given.find(|value| self.fits(schema, value));
        let found = found.or_else(|| self.fullest(schema))?;
        Some(self.told(schema, &found, 0))
    }

    /// The examples of a parameter, a media type or a schema.
    pub fn given<'b>(&'b self, holder: &'b Value) -> impl Iterator<Item = Value> + 'b {
        let several = members(&holder["examples"]).filter_map(|(_, example)| {
            let example = self.document.resolve(example).ok()?;
            example.get("value").cloned()
        });
        holder.get("example").cloned().into_iter().chain(several)
    }

    /// A value of a schema.
    #[must_use]
    pub fn of_schema(&self, schema: &Value) -> Option<Value> {
        let made = self.make(schema, 0)?;
        self.may_fit(schema, &made).then_some(made)
    }

    /// Another value of a schema than `value`.
    #[must_use]
    pub fn other_than(&self, schema: &Value, value: &Value) -> Option<Value> {
        let schema = self.document.resolve(schema).ok()?;
        let mut others = self.others(schema, value, 0);
        others.retain(|other| other != value);
        let check = self.check(schema);
        others.into_iter().find(|other| check.fits(other))
    }

    /// Whether a value fits a schema. One that cannot be checked does not.
    #[must_use]
    pub fn fits(&self, schema: &Value, value: &Value) -> bool {
        self.check(schema).fits(value)
    }

    /// Whether nothing is known against a value that was made by the schema.
    fn may_fit(&self, schema: &Value, value: &Value) -> bool {
        self.check(schema).may_fit(value)
    }

    /// What checks the values of a schema.
    fn check(&self, schema: &Value) -> Rc<Check> {
        // What stands beside a reference does not count.
        let schema = self.document.resolve(schema).unwrap_or(schema);
        if let Some(check) = self.checks.borrow().get(schema) {
            return Rc::clone(check);
        }
        let check = Rc::new(self.check_of(schema));
        let mut checks = self.checks.borrow_mut();
        if checks.len() == KEPT {
            checks.clear();
        }
        checks.insert(schema.clone(), Rc::clone(&check));
        check
    }

    fn check_of(&self, schema: &Value) -> Check {
        let mut names = BTreeSet::new();
        if !self.reached(schema, &mut names) {
            return Check::None;
        }
        let mut whole = lint::json_schema(&opened(schema));
        if let Some(object) = whole.as_object_mut() {
            let all = &self.document.value["components"]["schemas"];
            let schemas: Map<_, _> = names
                .into_iter()
                .map(|name| (name.clone(), lint::json_schema(&opened(&all[name]))))
                .collect();
            object.insert("components".into(), json!({ "schemas": schemas }));
        }
        lint::validator(&whole).map_or(Check::NoSchema, |validator| Check::By(Box::new(validator)))
    }

    /// Notes the shared schemas that a schema is made of. Whether they are few enough, and shared ones.
    fn reached(&self, schema: &Value, names: &mut BTreeSet<String>) -> bool {
        match schema {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref") {
                    let Some(name) = reference.strip_prefix("#/components/schemas/") else {
                        return false;
                    };
                    if name.contains(['/', '~', '%']) || names.len() > MOST {
                        return false;
                    }
                    return !names.insert(name.to_owned())
                        || self
                            .reached(&self.document.value["components"]["schemas"][name], names);
                }
                object.values().all(|part| self.reached(part, names))
            }
            Value::Array(parts) => parts.iter().all(|part| self.reached(part, names)),
            _ => true,
        }
    }

    fn make(&self, schema: &Value, depth: u8) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let schema = self.document.resolve(schema).ok()?;
        let words = schema["enum"].as_array().into_iter().flatten().cloned();
        let given = [schema.get("example"), schema.get("default")];
        let given = given.into_iter().flatten().cloned().chain(words);
        let given: Vec<_> = given.filter(|value| !value.is_null()).collect();
        if let Some(value) = given.into_iter().find(|value| self.fits(schema, value)) {
            return Some(value);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return self.merged(schema, parts, depth);
        }
        if let Some(parts) = alternatives(schema) {
            // A parameter that may be a list is one to the client, so lists are tried first.
            let is_list = |(_, part): &(usize, &Value)| part["type"] == "array";
            let (lists, others): (Vec<_>, Vec<_>) = parts.iter().enumerate().partition(is_list);
            let mut made = lists.into_iter().chain(others).filter_map(|(index, part)| {
                Some(tagged(schema, index, self.make(part, depth + 1)?))
            });
            return made.find(|value| self.may_fit(schema, value));
        }
        match schema["type"].as_str() {
            Some("boolean") => Some(json!(true)),
            Some("integer" | "number") => self.numbers(schema).next(),
            Some("array") => self.array(schema, depth),
            Some("object") => self.object(schema, depth),
            None if is_of_members(schema) => self.object(schema, depth),
            None if schema.get("items").is_some() => self.array(schema, depth),
            Some("string") | None => self.texts(schema).next(),
            Some(_) => None,
        }
    }

    /// One value of several schemas: their objects put together.
    fn merged(&self, schema: &Value, parts: &[Value], depth: u8) -> Option<Value> {
        let mut whole = Map::new();
        let own = schema.get("properties").is_some().then(|| {
            let mut own = schema.clone();
            if let Some(own) = own.as_object_mut() {
                own.remove("allOf");
            }
            own
        });
        for part in parts.iter().chain(own.as_ref()) {
            match self.make(part, depth + 1)? {
                Value::Object(members) => whole.extend(members),
                other if parts.len() == 1 => return Some(other),
                _ => return None,
            }
        }
        Some(Value::Object(whole))
    }

    fn object(&self, schema: &Value, depth: u8) -> Option<Value> {
        let required = schema["required"].as_array().into_iter().flatten();
        let mut made = Map::new();
        for name in required.filter_map(Value::as_str) {
            let property = schema["properties"].get(name);
            let property = property.or_else(|| schema.get("additionalProperties"));
            let property = property.filter(|property| property.is_object());
            let value = self.make(property.unwrap_or(&json!({})), depth + 1)?;
            made.insert(name.to_owned(), value);
        }
        Some(Value::Object(made))
    }

    /// A value of an object's schema with one member more than it needs.
    #[must_use]
    pub fn with_a_member(&self, schema: &Value, value: &Value) -> Option<Value> {
        let schema = self.document.resolve(schema).ok()?;
        let mut whole = value.as_object()?.clone();
        let (name, property) =
            members(&schema["properties"]).find(|(name, _)| !whole.contains_key(*name))?;
        whole.insert(name.clone(), self.make(property, 1)?);
        let whole = Value::Object(whole);
        self.may_fit(schema, &whole).then_some(whole)
    }

    fn array(&self, schema: &Value, depth: u8) -> Option<Value> {
        let count = schema["minItems"].as_u64().unwrap_or(1).max(1);
        if count > 16 {
            return None;
        }
        let count = count.min(schema["maxItems"].as_u64().unwrap_or(count));
        let Some(item) = self.make(&schema["items"], depth + 1) else {
            // What holds its own like ends with a list of none.
            let may_be_empty = schema["minItems"].as_u64().unwrap_or(0) == 0;
            return may_be_empty.then(|| json!([]));
        };
        let mut items = vec![item; usize::try_from(count).ok()?];
        if schema["uniqueItems"] == true && items.len() > 1 {
            items = self.spread(&schema["items"], depth + 1);
            items.truncate(usize::try_from(count).ok()?);
        }
        Some(items.into())
    }

    fn texts<'b>(&'b self, schema: &'b Value) -> impl Iterator<Item = Value> + 'b {
        let least = schema["minLength"].as_u64().unwrap_or(0).min(1000);
        let most = schema["maxLength"].as_u64().unwrap_or(1000);
        let [least, most] = [least, most].map(|length| usize::try_from(length).unwrap_or(1000));
        let sized = move |text: &str| {
            let mut text: String = text.chars().take(most).collect();
            while text.len() < least {
                text.push('x');
            }
            json!(text)
        };
        let texts = TEXTS
            .iter()
            .flat_map(move |text| [json!(text), sized(text)]);
        let of_pattern = schema["pattern"].as_str().into_iter();
        let of_pattern = of_pattern.flat_map(pattern::texts);
        let texts = texts.chain(of_pattern.map(Value::from));
        let check = self.check(schema);
        texts.filter(move |value| check.fits(value))
    }

    fn numbers<'b>(&'b self, schema: &'b Value) -> impl Iterator<Item = Value> + 'b {
        let bounds = ["minimum", "maximum"]
            .into_iter()
            .filter_map(|key| schema[key].as_i64())
            .flat_map(|bound| [bound, bound.saturating_add(1), bound.saturating_sub(1)]);
        let step = schema["multipleOf"].as_i64().into_iter();
        let fractions = [0.5, 0.25].map(|fraction| json!(fraction));
        let numbers = [1_i64, 2, 10].into_iter().chain(bounds).chain(step);
        let numbers = numbers.map(|number| json!(number)).chain(fractions);
        let check = self.check(schema);
        numbers.filter(move |value| check.fits(value))
    }

    fn others(&self, schema: &Value, value: &Value, depth: u8) -> Vec<Value> {
        let mut others: Vec<Value> = schema["enum"].as_array().cloned().unwrap_or_default();
        others.retain(|other| !other.is_null());
        match value {
            _ if depth > DEEPEST => {}
            Value::String(text) => {
                others.extend(self.texts(schema));
                // Most patterns take another letter or digit where they take one.
                others.extend(["0", "1", "a", "b"].map(|last| {
                    let mut text = text.clone();
                    text.pop();
                    json!(text + last)
                }));
            }
            Value::Number(_) => others.extend(self.numbers(schema)),
            Value::Bool(truth) => others.push(json!(!truth)),
            Value::Array(items) => {
                let first = items.first().unwrap_or(&Value::Null);
                let item = self.document.resolve(&schema["items"]);
                let item = item.unwrap_or(&Value::Null);
                for other in self.others(item, first, depth + 1) {
                    let mut items = items.clone();
                    items[0] = other;
                    others.push(Value::Array(items));
                }
            }
            Value::Object(held) => {
                for (name, value) in held {
                    let property = self.document.resolve(&schema["properties"][name]);
                    let property = property.unwrap_or(&Value::Null);
                    for other in self.others(property, value, depth + 1) {
                        let mut held = held.clone();
                        held.insert(name.clone(), other);
                        others.push(Value::Object(held));
                    }
                }
            }
            Value::Null => {}
        }
        others
    }

    /// What a schema tells of a value. Members that it does not tell of have no place in the generated type.
    #[must_use]
    pub fn told(&self, schema: &Value, value: &Value, depth: u8) -> Value {
        let schema = self.document.resolve(schema).unwrap_or(&Value::Null);
        if let Some(form) = tagged_form(schema, value).filter(|_| depth <= 32) {
            return self.told(form, value, depth + 1);
        }
        if let Some([one]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.told(one, value, depth + 1);
        }
        // A client takes the form that keeps most of a value, and none that another form's members make up.
        let forms = alternatives(schema).filter(|_| depth <= 32).into_iter();
        let forms = forms
            .flatten()
            .rev()
            .filter(|form| self.may_fit(form, value));
        let told = forms.map(|form| self.told(form, value, depth + 1));
        if let Some(most) = told.max_by_key(|told| told.to_string().len()) {
            return most;
        }
        match value {
            _ if depth > 32 => value.clone(),
            Value::Object(held) if is_open(schema) => Value::Object(held.clone()),
            Value::Object(held) => {
                let known = held.iter().filter_map(|(name, value)| {
                    let properties = self.properties(schema, name, 0);
                    let first = properties.first()?;
                    let mut properties = properties.iter();
                    let fitting = properties.find(|property| self.fits(property, value));
                    let property = fitting.unwrap_or(first);
                    Some((name.clone(), self.told(property, value, depth + 1)))
                });
                Value::Object(known.collect())
            }
            Value::Array(items) => {
                let told = |item| self.told(&schema["items"], item, depth + 1);
                items.iter().map(told).collect()
            }
            other => other.clone(),
        }
    }

    /// The schemas that a schema has for a member.
    fn properties<'b>(&'b self, schema: &'b Value, name: &str, depth: u8) -> Vec<&'b Value> {
        let Ok(schema) = self.document.resolve(schema) else {
            return Vec::new();
        };
        if depth > DEEPEST {
            return Vec::new();
        }
        if let Some(property) = schema["properties"].get(name) {
            return vec![property];
        }
        let parts = ["allOf", "oneOf", "anyOf"]
            .into_iter()
            .filter_map(|key| schema[key].as_array())
            .flatten()
            .flat_map(|part| self.properties(part, name, depth + 1));
        let rest = schema.get("additionalProperties");
        let mut found: Vec<_> = parts.chain(rest.filter(|rest| rest.is_object())).collect();
        let required = schema["required"].as_array().into_iter().flatten();
        if found.is_empty() && required.into_iter().any(|one| one == name) {
            // What is required is a member, whether or not it is described.
            found.push(&Value::Null);
        }
        found
    }
}

/// A schema by which enumerations that may grow have any word, and values with a tag the form that it leads to.
fn opened(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let is_open = object.get("x-extensible") == Some(&json!(true));
            let kept = object.iter().filter(|(key, _)| !is_open || *key != "enum");
            let mut opened: Map<_, _> = kept
                .map(|(key, value)| (key.clone(), opened(value)))
                .collect();
            if let Some(tag) = object.get(TAG) {
                for (key, forms) in &mut opened {
                    if ["oneOf", "anyOf"].contains(&key.as_str()) {
                        tell_apart(tag, forms);
                    }
                }
            }
            opened.into()
        }
        Value::Array(items) => items.iter().map(opened).collect(),
        other => other.clone(),
    }
}

/// The form that the tag of a value leads to.
fn tagged_form<'s>(schema: &'s Value, value: &Value) -> Option<&'s Value> {
    let tag = schema.get(TAG)?;
    let word = value.get(tag["name"].as_str()?);
    let mut values = tag["values"].as_array()?.iter();
    let led = values.position(|values| {
        let values = values.as_array();
        values.is_some_and(|values| word.is_some_and(|word| values.contains(word)))
    });
    alternatives(schema)?.get(led.or_else(|| other_form(tag))?)
}

/// The index of the form for all values of the tag that lead to none.
fn other_form(tag: &Value) -> Option<usize> {
    tag["other"].as_u64()?.try_into().ok()
}

/// Has each of several forms ask for its values of the tag, and the form of all others for none of these.
fn tell_apart(tag: &Value, forms: &mut Value) {
    let values = tag["values"].as_array().into_iter().flatten();
    let all: Vec<_> = values
        .clone()
        .filter_map(Value::as_array)
        .flatten()
        .collect();
    let has = |words: Value| {
        let name = tag["name"].as_str().unwrap_or_default();
        json!({ "required": [name], "properties": { name: { "enum": words } } })
    };
    let forms = forms.as_array_mut().into_iter().flatten();
    for (index, (form, values)) in forms.zip(values).enumerate() {
        let led = if other_form(tag) == Some(index) {
            json!({ "not": has(json!(all)) })
        } else {
            has(values.clone())
        };
        *form = json!({ "allOf": [form.take(), led] });
    }
}

/// Whether a schema that names no type is one of objects.
fn is_of_members(schema: &Value) -> bool {
    let has = |key: &&str| schema.get(key).is_some_and(|value| *value != true);
    ["properties", "additionalProperties"].iter().any(has)
}

/// The schemas of which a value has one.
fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    let mut keys = ["oneOf", "anyOf"].into_iter();
    keys.find_map(|key| schema[key].as_array())
}

/// A value of the alternative at `index`, with the tag that leads to it.
fn tagged(schema: &Value, index: usize, mut value: Value) -> Value {
    let tag = &schema[TAG];
    if let (Some(name), Some(held)) = (tag["name"].as_str(), value.as_object_mut())
        && let Some(word) = tag["values"][index].get(0)
    {
        held.insert(name.to_owned(), word.clone());
    }
    value
}

/// Whether a schema says nothing of its objects, so that any JSON is their type.
fn is_open(schema: &Value) -> bool {
    [
        "properties",
        "additionalProperties",
        "allOf",
        "oneOf",
        "anyOf",
    ]
    .iter()
    .all(|key| schema.get(key).is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_support::OrFail as _;

    use super::Samples;
    use crate::document::Document;

    fn document() -> Document {
        let text = r##"{ "components": { "schemas": {
            "Node": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "integer", "minimum": 7 }, "next": { "$ref": "#/components/schemas/Node" } } },
            "Circle": { "allOf": [{ "$ref": "#/components/schemas/Circle" }, { "type": "object" }] },
            "Endless": { "type": "object", "required": ["next"], "properties": {
                "next": { "$ref": "#/components/schemas/Endless" } } },
            "Tree": { "type": "object", "required": ["below"], "properties": {
                "below": { "type": "array", "maxItems": 1, "items": { "$ref": "#/components/schemas/Tree" } } } }
        } } }"##;
        Document::parse("t", "specs/t.json", text).or_fail()
    }

    #[test]
    fn values_fit_their_schemas_and_others_differ() {
        let document = document();
        let samples = Samples::new(&document);
        for (schema, value, other) in [
            (json!({ "type": "string" }), json!("text"), json!("other")),
            (
                json!({ "type": "string", "maxLength": 1 }),
                json!("t"),
                json!("o"),
            ),
            (
                json!({ "type": "string", "enum": ["b", "a"] }),
                json!("b"),
                json!("a"),
            ),
            (
                json!({ "type": "string", "example": "e", "default": "d" }),
                json!("e"),
                json!("text"),
            ),
            (
                json!({ "type": "string", "format": "ip" }),
                json!("192.0.2.1"),
                json!("2001:db8::1"),
            ),
            (
                json!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] }),
                json!(["text"]),
                json!(["tex0"]),
            ),
            (json!({ "type": "boolean" }), json!(true), json!(false)),
            (
                json!({ "type": "integer", "minimum": 3, "exclusiveMinimum": true }),
                json!(10),
                json!(4),
            ),
            (
                json!({ "type": "array", "items": { "type": "integer" } }),
                json!([1]),
                json!([2]),
            ),
            (
                json!({ "$ref": "#/components/schemas/Node" }),
                json!({ "id": 10 }),
                json!({ "id": 7 }),
            ),
            (
                json!({ "allOf": [{ "$ref": "#/components/schemas/Node" }], "nullable": true }),
                json!({ "id": 10 }),
                Value::Null,
            ),
            (
                json!({ "oneOf": [{ "type": "string", "pattern": "^(?=q)q{9}$" }, { "type": "integer" }] }),
                json!(1),
                json!(2),
            ),
        ] {
            assert_eq!(samples.of_schema(&schema), Some(value.clone()), "{schema}");
            let found = samples.other_than(&schema, &value);
            assert_eq!(found.unwrap_or_default(), other, "{schema}");
        }
    }

    #[test]
    fn what_holds_a_list_of_its_own_like_has_values() {
        let document = document();
        let samples = Samples::new(&document);
        let tree = json!({ "$ref": "#/components/schemas/Tree" });
        let made = samples.of_schema(&tree).unwrap_or_default();
        assert!(
            samples.fits(&tree, &made) && made.to_string().ends_with("[]}]}]}]}"),
            "{made}"
        );
    }

    #[test]
    fn what_has_no_value_gets_none() {
        let document = document();
        let samples = Samples::new(&document);
        for schema in [
            json!({ "type": "string", "pattern": "^(?=q)q{9}$" }),
            json!({ "$ref": "#/components/schemas/Endless" }),
            json!({ "$ref": "#/components/schemas/Circle" }),
            json!({ "type": "array", "minItems": 2, "uniqueItems": true, "items": { "enum": ["a"] } }),
            json!({ "type": "integer", "minimum": 5, "maximum": 4 }),
        ] {
            assert_eq!(samples.of_schema(&schema), None, "{schema}");
        }
        let holder = json!({ "example": "qqqqqqqqq" });
        let schema = json!({ "type": "string", "pattern": "^(?=q)q{9}$" });
        assert_eq!(
            samples.of_holder(&holder, &schema),
            Some(json!("qqqqqqqqq"))
        );
    }

    #[test]
    fn what_a_schema_does_not_tell_of_is_left_out() {
        let document = document();
        let samples = Samples::new(&document);
        let schema = json!({ "$ref": "#/components/schemas/Node" });
        let value = json!({ "id": 7, "other": 1, "next": { "id": 8, "other": 2 } });
        let told = json!({ "id": 7, "next": { "id": 8 } });
        assert_eq!(samples.told(&schema, &value, 0), told);
        let has = |kind: &str, data: Value| json!({ "required": ["kind", "data"], "properties": { "kind": { "enum": [kind] }, "data": data } });
        let either = json!({ "oneOf": [
            has("a", json!({ "properties": { "x": {} } })),
            has("b", json!({ "required": ["y"], "properties": { "y": {} } })),
        ] });
        let value = json!({ "kind": "b", "data": { "y": 1 }, "other": 2 });
        let told = json!({ "kind": "b", "data": { "y": 1 } });
        assert_eq!(samples.told(&either, &value, 0), told);
    }
}
