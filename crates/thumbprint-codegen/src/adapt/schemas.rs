//! Schemas: what typify 0.8 cannot take, or takes for something else.

use std::collections::{BTreeMap, BTreeSet};

use regress::Regex;
use serde_json::{Map, Value, json};

use super::{
    Work,
    composition::{MADE_OF, TAG},
    presence,
};
use crate::{
    document::plain,
    grammar::{self, component, join, members},
    model,
    names::{self, Taken},
};

/// The types that the schemas become.
#[derive(Default)]
pub(super) struct Types {
    /// The name in memory of each shared schema, by its name in the document.
    renamed: BTreeMap<String, String>,
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

/// What the extensions of a schema say that become types.
struct Marks {
    is_open: bool,
    is_sensitive: bool,
    tag: Option<Value>,
}

impl Marks {
    /// Takes the extensions out. typify recognises the schemas that have a type of their own (see
    /// `generate::settings`) only if they are equal to the last key; one `x-source` more, and the conversion
    /// is skipped in silence.
    fn take(object: &mut Map<String, Value>) -> Self {
        let is = |key: &str| object.get(key) == Some(&json!(true));
        let marks = Self {
            is_open: is("x-extensible"),
            is_sensitive: model::is_sensitive(object),
            tag: object.get(TAG).cloned(),
        };
        let said = ["xml", "externalDocs", "$defs", "definitions"];
        object.retain(|key, _| !key.starts_with("x-") && !said.contains(&key.as_str()));
        marks
    }
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

impl Work<'_> {
    /// Adapts all shared schemas.
    pub(super) fn schemas(&mut self) {
        let schemas = &self.plain["components"]["schemas"];
        for (name, schema) in members(schemas) {
            let pointer = join("/components/schemas", name);
            self.direction = self.directions.get(&pointer).copied().unwrap_or_default();
            let renamed = self.types.renamed.get(name).cloned().unwrap_or_default();
            let ty = names::pascal(&renamed);
            self.text_rules(&ty, schema);
            let adapted = self.schema(schema, &pointer, &ty, false);
            self.types.add(renamed, &pointer, adapted);
        }
    }

    /// Adapts a schema that stands in a parameter, a body or an answer.
    pub(super) fn inline_schema(&mut self, schema: &Value, pointer: &str, name: &str) -> Value {
        self.schema(schema, pointer, name, true)
    }

    fn schema(&mut self, schema: &Value, pointer: &str, name: &str, inline: bool) -> Value {
        let Some(object) = schema.as_object() else {
            return json!({});
        };
        if let Some(reference) = grammar::reference(schema) {
            return self.reference(reference);
        }
        let mut object = object.clone();
        let marks = Marks::take(&mut object);
        self.known_type(&object, pointer);
        self.own_words(&mut object, pointer);
        if marks.is_open && object.get("type") == Some(&json!("integer")) {
            open_numbers(&mut object);
        }
        self.enumeration(&mut object, pointer);
        self.length(&mut object, pointer);
        if object.remove("not").is_some() {
            self.warn(
                pointer,
                "`not` is left out: no type says what a value is not",
            );
        }
        object.remove("discriminator");
        // What may be null is an `Option` of a type that takes the title for its name, even where the whole
        // has another: `nullable-simple-user`, titled "Simple User", beside `simple-user`.
        if !inline && object.get("nullable") == Some(&json!(true)) && object.contains_key("title") {
            object.remove("title");
        }
        // The title of a schema in place becomes its type's name. Left alone, typify makes that of its
        // place in memory, and of two types of one name it keeps the first for both.
        if inline && makes_type(&object) {
            let title = object.get("title").and_then(Value::as_str);
            let natural = title.map_or_else(|| name.to_owned(), names::pascal);
            let content = {
                let mut content = object.clone();
                content.remove("description");
                Value::Object(content)
            };
            let given = self.types.take(&natural, Some(&content));
            self.text_rules(&given, schema);
            object.insert("title".into(), given.into());
        }
        let name = object
            .get("title")
            .and_then(Value::as_str)
            .filter(|_| inline)
            .map_or_else(|| name.to_owned(), names::pascal);
        if marks.is_open
            && object.get("type") == Some(&json!("string"))
            && object.contains_key("enum")
        {
            self.types.open.insert(name.clone(), schema.clone());
        }
        if marks.is_sensitive {
            self.types.sensitive.insert(name.clone());
        }
        self.properties(&mut object, pointer, &name);
        for (key, suffix) in [("items", "Item"), ("additionalProperties", "Value")] {
            if let Some(inner) = object.get(key).filter(|inner| inner.is_object()).cloned() {
                let at = join(pointer, key);
                let adapted = self.schema(&inner, &at, &format!("{name}{suffix}"), true);
                object.insert(key.to_owned(), adapted);
            }
        }
        if object.get("type") == Some(&json!("array")) && !object.contains_key("items") {
            object.insert("items".into(), json!({}));
        }
        if let Some(parts) = object.get("allOf").and_then(Value::as_array).cloned() {
            // One reference, with something said beside it.
            let parts = parts
                .iter()
                .map(|part| self.schema(part, pointer, &name, false));
            let parts = parts.collect();
            object.insert("allOf".into(), parts);
        }
        self.alternatives(&mut object, pointer, &name, marks.tag);
        self.default_value(&mut object, schema, pointer);
        if inline && object.contains_key("oneOf") && object.get("nullable") == Some(&json!(true)) {
            // typify gives an `Option` of an enumeration the name of the enumeration.
            object.remove("nullable");
            object.remove("title");
            self.types.add(name.clone(), pointer, Value::Object(object));
            let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
            return json!({ "nullable": true, "allOf": [reference] });
        }
        Value::Object(object)
    }

    /// Alternatives become an enumeration with a variant for each: `oneOf` to typify, which makes something
    /// else of `anyOf`. What is described in its place gets a name of its own, as what has fields in a variant
    /// has no type that a value can be made of.
    fn alternatives(
        &mut self,
        object: &mut Map<String, Value>,
        pointer: &str,
        name: &str,
        tag: Option<Value>,
    ) {
        let Some(key) = ["oneOf", "anyOf"]
            .into_iter()
            .find(|key| object.contains_key(*key))
        else {
            return;
        };
        let parts = object.remove(key);
        let parts = parts
            .as_ref()
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let mut adapted = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let at = format!("{pointer}/{key}/{index}");
            let has_type = part.as_object().is_some_and(makes_type) || part["type"] == "object";
            let made_of = part[MADE_OF].as_str();
            let wanted = match (part["title"].as_str(), made_of) {
                (_, Some(made_of)) => format!("{name}{}", names::pascal(made_of)),
                (Some(title), None) => names::pascal(title),
                (None, None) => format!("{name}Variant{index}"),
            };
            if part.get("$ref").is_some() || !has_type {
                adapted.push(self.schema(part, &at, &wanted, false));
                continue;
            }
            let given = self.types.take(&wanted, None);
            let mut part = part.clone();
            if let Some(part) = part.as_object_mut() {
                part.remove("title");
            }
            self.text_rules(&given, &part);
            let schema = self.schema(&part, &at, &given, false);
            self.types.add(given.clone(), &at, schema);
            adapted.push(json!({ "$ref": format!("#/components/schemas/{given}") }));
        }
        if adapted.is_empty() {
            return;
        }
        object.insert("oneOf".into(), adapted.into());
        let union = Union {
            tag,
            is_open: key == "anyOf",
        };
        self.types.unions.insert(name.to_owned(), union);
    }

    /// Notes what a text has to be like that becomes a type by that alone.
    fn text_rules(&mut self, ty: &str, schema: &Value) {
        if let Some(pattern) = schema["pattern"].as_str() {
            let rules = TextRules {
                pattern: pattern.to_owned(),
                least: schema["minLength"].as_u64(),
                most: schema["maxLength"].as_u64(),
            };
            self.types.patterns.insert(ty.to_owned(), rules);
        }
    }

    /// progenitor panics at a type that it does not know ("invalid type").
    fn known_type(&mut self, object: &Map<String, Value>, pointer: &str) {
        let known = ["array", "boolean", "integer", "number", "object", "string"];
        if let Some(ty) = object.get("type")
            && !ty.as_str().is_some_and(|ty| known.contains(&ty))
        {
            self.refuse(
                &join(pointer, "type"),
                format!(
                    "{ty} is no type of OpenAPI 3.0; write one of {}",
                    known.join(", ")
                ),
            );
        }
    }

    /// typify knows shared schemas by the last word of a reference.
    fn reference(&self, reference: &str) -> Value {
        let renamed = component(reference).and_then(|name| self.types.renamed.get(name));
        // One that leads nowhere is refused as one.
        renamed.map_or_else(
            || json!({}),
            |name| json!({ "$ref": format!("#/components/schemas/{name}") }),
        )
    }

    /// Leaves out what says nothing of values of the schema's type, as JSON Schema does: typify knows no schema that
    /// has it ("invalid (or unexpected) schema").
    fn own_words(&mut self, object: &mut Map<String, Value>, pointer: &str) {
        let Some(ty) = object
            .get("type")
            .and_then(Value::as_str)
            .map(str::to_owned)
        else {
            object.remove("format");
            return;
        };
        if ty == "number" {
            // `float` says how a service keeps a number. JSON has no such one, and 39.49 of `f32` is another of `f64`.
            object.remove("format");
        }
        // typify has a type for the format alone.
        let format = object.get("format").and_then(Value::as_str);
        if let Some(format) = format.filter(|format| TYPED.contains(format)) {
            let what = format!("is not checked: the values of `format: {format}` are no texts");
            for word in ["pattern", "minLength", "maxLength"] {
                if object.remove(word).is_some() {
                    self.warn(&join(pointer, word), what.clone());
                }
            }
        }
        for (types, words) in OF_TYPES {
            for word in words.iter().filter(|_| !types.contains(&ty.as_str())) {
                if object.remove(*word).is_some() {
                    self.warn(
                        &join(pointer, word),
                        format!("is left out: it says nothing of values of `type: {ty}`"),
                    );
                }
            }
        }
    }

    /// Two properties whose names make one field do not compile.
    fn properties(&mut self, object: &mut Map<String, Value>, pointer: &str, name: &str) {
        let Some(properties) = object.get("properties").and_then(Value::as_object).cloned() else {
            return;
        };
        // typify calls the field so that holds what is not declared.
        let open = object
            .get("additionalProperties")
            .is_some_and(|more| more != &json!(false));
        let optional = presence::optional(self.document, self.direction, object, &properties);
        let mut fields = Taken::new(open.then_some("extra"));
        let mut adapted = Map::new();
        let mut renamed = BTreeMap::new();
        for (property, schema) in &properties {
            let at = join(&join(pointer, "properties"), property);
            let field = names::snake(property);
            let given = fields.take(&field);
            let key = if given == field {
                property.clone()
            } else {
                self.wire_names.replace(&given, property)
            };
            let inner = names::pascal(&format!("{name}-{}", names::snake(property)));
            let is_hidden = |schema: &Value| schema.as_object().is_some_and(model::is_sensitive);
            if is_hidden(schema) || is_hidden(&schema["items"]) {
                let members = self.types.hidden.entry(name.to_owned()).or_default();
                members.insert(key.clone());
            }
            if schema["deprecated"] == true {
                let members = self.types.deprecated.entry(name.to_owned()).or_default();
                members.insert(key.clone());
            }
            let mut schema = self.schema(schema, &at, &inner, true);
            if self.direction.is_sent && optional.contains(property) {
                presence::leave_default(&mut schema);
                let members = self.types.sent.entry(name.to_owned()).or_default();
                members.insert(key.clone(), schema["nullable"] == true);
            }
            if key != *property {
                renamed.insert(property.clone(), key.clone());
            }
            adapted.insert(key, schema);
        }
        object.insert("properties".into(), Value::Object(adapted));
        if renamed.is_empty() {
            return;
        }
        // Values are data of the wire; typify would look for the fields' names in them.
        for key in ["default", "example"] {
            object.remove(key);
        }
        for required in object
            .get_mut("required")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if let Some(key) = required.as_str().and_then(|name| renamed.get(name)) {
                *required = key.clone().into();
            }
        }
    }

    /// typify panics where words make the same variant ("Failed to make unique variant names") and where
    /// they are of several kinds ("multiple implied types"), and its types of numbers that are listed
    /// compare and hash, which floating point does not.
    fn enumeration(&mut self, object: &mut Map<String, Value>, pointer: &str) {
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
        let renamed = renamed(object.get("enum"));
        for word in &mut kept {
            *word = self.word(word, &renamed);
        }
        object.insert("enum".into(), Value::Array(kept));
    }

    /// A word of an enumeration in memory.
    fn word(&mut self, word: &Value, renamed: &BTreeMap<&str, String>) -> Value {
        let found = word
            .as_str()
            .and_then(|text| Some((text, renamed.get(text)?)));
        found.map_or_else(
            || word.clone(),
            |(text, variant)| self.wire_names.replace(variant, text).into(),
        )
    }

    /// A value of a schema in memory, with the words that enumerations have there.
    fn value(&mut self, value: &Value, schema: &Value, depth: u8) -> Value {
        let schema = grammar::resolve(self.plain, schema)
            .cloned()
            .unwrap_or_default();
        let parts = schema["allOf"].as_array().cloned().unwrap_or_default();
        match value {
            _ if depth > 32 => value.clone(),
            Value::String(_) if schema["enum"].is_array() => {
                self.word(value, &renamed(schema.get("enum")))
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
    fn length(&mut self, object: &mut Map<String, Value>, pointer: &str) {
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
    fn default_value(&mut self, object: &mut Map<String, Value>, schema: &Value, pointer: &str) {
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

/// What takes the place of some words of an enumeration: the variants of two would have one name.
fn renamed(words: Option<&Value>) -> BTreeMap<&str, String> {
    let words = words.and_then(Value::as_array).into_iter().flatten();
    let (mut seen, mut variants) = (BTreeSet::new(), BTreeSet::new());
    let mut renamed = BTreeMap::new();
    for text in words.filter_map(Value::as_str) {
        if !seen.insert(text) {
            continue;
        }
        let plain = names::pascal(text);
        let mut variant = plain.clone();
        for number in 2.. {
            if variants.insert(names::pascal(&variant)) {
                break;
            }
            variant = format!("{plain}{number}");
        }
        if variant != plain {
            renamed.insert(text, variant);
        }
    }
    renamed
}

/// The formats of texts that have a type.
pub(crate) const TYPED: [&str; 8] = [
    "date",
    "date-time",
    "date-time-local",
    "date-time-rfc1123",
    "ip",
    "ipv4",
    "ipv6",
    "uuid",
];

/// The words that speak of values of some types only.
const OF_TYPES: [(&[&str], &[&str]); 5] = [
    (&["string", "integer", "number"], &["format"]),
    (&["string"], &["pattern", "minLength", "maxLength"]),
    (
        &["integer", "number"],
        &[
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ],
    ),
    (
        &["array"],
        &["items", "minItems", "maxItems", "uniqueItems"],
    ),
    (
        &["object"],
        &[
            "properties",
            "required",
            "additionalProperties",
            "minProperties",
            "maxProperties",
        ],
    ),
];

/// The type that the words of a schema are for which has none.
pub(super) fn inferred_type(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| object.contains_key(*word));
    if has(&["type", "allOf", "oneOf", "anyOf", "enum", "$ref"]) {
        return None;
    }
    // The narrowest words first: a bound may stand beside `properties` by mistake, but hardly the other way round.
    let by_words = OF_TYPES.iter().rev().find(|(_, words)| has(words));
    match (by_words, object.get("format").and_then(Value::as_str)) {
        (Some((types, words)), _) if **words != ["format"] => types.last().copied(),
        (_, Some("int32" | "int64")) => Some("integer"),
        (_, Some("float" | "double")) => Some("number"),
        (
            _,
            Some("binary" | "byte" | "date" | "date-time" | "email" | "password" | "uri" | "uuid"),
        ) => Some("string"),
        _ => None,
    }
}

/// An enumeration of whole numbers that may grow takes any; its documentation says which are known.
fn open_numbers(object: &mut Map<String, Value>) {
    let Some(Value::Array(known)) = object.remove("enum") else {
        return;
    };
    let known: Vec<_> = known
        .iter()
        .filter(|value| !value.is_null())
        .map(plain)
        .collect();
    let text = object
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let text = format!("{text}\n\nKnown values: {}.", known.join(", "));
    object.insert("description".into(), text.trim().into());
}

/// Whether a schema makes a type with a name, if typify can give it one.
fn makes_type(object: &Map<String, Value>) -> bool {
    let has = |key: &str| object.contains_key(key);
    has("properties")
        || has("enum")
        || has("oneOf")
        || has("anyOf")
        || has("allOf")
        || has("title")
        || has("pattern")
        || has("minLength")
        || has("maxLength")
        || object.get("additionalProperties") == Some(&json!(false))
}

/// Whether a value is one of a schema, as far as typify looks at it.
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
        && number("minimum").is_none_or(|(least, value)| value >= least)
        && number("maximum").is_none_or(|(most, value)| value <= most)
        && parts("allOf").iter().all(each)
        && (parts("oneOf").is_empty() || parts("oneOf").iter().any(each))
        && (parts("anyOf").is_empty() || parts("anyOf").iter().any(each))
}
