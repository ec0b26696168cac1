//! Schemas: what typify 0.8 cannot take, or takes for something else.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Work,
    composition::{MADE_OF, TAG},
    presence,
    types::{TextRules, Union},
};
use crate::{
    document::plain,
    grammar::{self, component, join, members},
    model,
    names::{self, Taken},
};

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
        self.enumeration(&mut object, &schema["x-enum-names"], pointer);
        self.length(&mut object, pointer);
        if object.remove("not").is_some() {
            self.warn(
                pointer,
                "`not` is left out: no type says what a value is not",
            );
        }
        object.remove("discriminator");
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
        let Some(mut properties) = object.get("properties").and_then(Value::as_object).cloned()
        else {
            return;
        };
        // What is required is a field, described or not.
        let required = object.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !properties.contains_key(name) {
                properties.insert(name.to_owned(), json!({}));
                let what = format!(
                    "`{name}` is not among the properties, so any value is taken; describe it there"
                );
                self.warn(&join(pointer, "required"), what);
            }
        }
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
