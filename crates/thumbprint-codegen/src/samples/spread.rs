//! Values that together show what a schema allows: each form of several, each word, the longest and the shortest text,
//! the least and the greatest number, `null`, members that are absent and members that are not declared.

use serde_json::{Map, Value, json};

use super::{DEEPEST, Samples, alternatives, is_of_members, tagged};
use crate::grammar::{self, members};

/// The most values of one schema.
const MOST: usize = 256;

/// The most bytes of JSON that they may have.
const LONGEST: usize = 1 << 15;

/// The longest text that is made.
const LONGEST_TEXT: u64 = 300;

/// A text that has to be escaped in JSON.
const ODD_TEXT: &str = "\u{fc} \" \\ / \n \u{1f600} <&>";

/// A word that no enumeration has.
const UNKNOWN_WORD: &str = "no such word";

/// The greatest integer that every reader of JSON has (RFC 8259, section 6).
const GREATEST: i64 = (1 << 53) - 1;

impl Samples<'_> {
    /// Values of a schema: the least that fits it, then what has all members, and then the others.
    #[must_use]
    pub fn all(&self, schema: &Value) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        let mut size = 0;
        let check = self.check(schema);
        for value in self.spread(schema, 0) {
            let value = self.told(schema, &value, 0);
            size += value.to_string().len();
            if all.len() == MOST || size > LONGEST {
                break;
            }
            // Where a value stands says whether it may be null; its type does not.
            if !value.is_null() && !all.contains(&value) && check.may_fit(&value) {
                all.push(value);
            }
        }
        all
    }

    /// A value with all members that its schema describes, or else the least that fits.
    #[must_use]
    pub fn fullest(&self, schema: &Value) -> Option<Value> {
        let followed = self.document.resolve(schema).ok()?;
        let full = self.objects(followed, 0).into_iter().nth(1);
        let full = full.filter(|value| self.may_fit(schema, value));
        full.or_else(|| self.of_schema(schema))
    }

    /// Values that a schema's type can tell from those that fit it: they do not fit by a word, by length or pattern, or
    /// by a member that is missing.
    #[must_use]
    pub fn misfits(&self, schema: &Value) -> Vec<Value> {
        let check = self.check(schema);
        let has = |key: &str| schema.get(key).is_some();
        let mut misfits = Vec::new();
        match schema["type"].as_str() {
            Some("string") if has("enum") && schema["x-extensible"] != true => {
                misfits.push(json!(UNKNOWN_WORD));
            }
            Some("string") if has("format") || has("enum") => {}
            Some("string") => {
                let most = schema["maxLength"]
                    .as_u64()
                    .filter(|most| *most < LONGEST_TEXT);
                misfits.extend(most.map(|most| text_of(most + 1)));
                let least = schema["minLength"].as_u64().filter(|least| *least > 0);
                misfits.extend(least.map(|least| text_of((least - 1).min(LONGEST_TEXT))));
                let is_checked = schema["pattern"].is_string() && !schema["pattern"].is_null();
                misfits.extend(
                    ["~", "", "\u{fc} \n"]
                        .into_iter()
                        .filter(|_| is_checked)
                        .map(Value::from),
                );
            }
            Some("integer")
                if !has("enum") && !has("multipleOf") && schema["x-extensible"] != true =>
            {
                let is_positive = schema["minimum"] == 1 && schema["exclusiveMinimum"] != true;
                misfits.extend(is_positive.then(|| json!(0)));
                let is_bounded = has("minimum") || has("maximum");
                let is_short = schema["format"] == "int32" && !is_bounded;
                misfits.extend(is_short.then(|| json!(i64::from(i32::MAX) + 1)));
            }
            Some("object")
                if has("properties") && !has("oneOf") && !has("anyOf") && !has("allOf") =>
            {
                misfits.push(json!(7));
                misfits.extend(self.without_required(schema));
            }
            _ => {}
        }
        misfits.retain(|value| !check.may_fit(value));
        misfits
    }

    /// The least object, each time without one of the members that it needs.
    fn without_required(&self, schema: &Value) -> Vec<Value> {
        let Some(Value::Object(least)) = self.object(schema, 0) else {
            return Vec::new();
        };
        let is_needed = |name: &String| {
            let property = self.document.resolve(&schema["properties"][name]);
            let property = property.unwrap_or(&Value::Null);
            // What goes one way only need not be there on the other, and a default stands for what is absent.
            property.is_object()
                && ["default", "readOnly", "writeOnly"].iter().all(|key| {
                    property.get(key).is_none() && schema["properties"][name].get(key).is_none()
                })
        };
        let without = |name: &String| {
            let mut rest = least.clone();
            rest.remove(name);
            Value::Object(rest)
        };
        least
            .keys()
            .filter(|name| is_needed(name))
            .map(without)
            .collect()
    }

    /// The values of a schema, the least first. What is shared has values of its own, and is one value below the top.
    pub(super) fn spread(&self, schema: &Value, depth: u8) -> Vec<Value> {
        let Some(first) = self.make(schema, depth) else {
            return Vec::new();
        };
        let mut all = vec![first];
        let Ok(followed) = self.document.resolve(schema) else {
            return all;
        };
        if depth >= DEEPEST {
            return all;
        }
        let is_shared =
            depth > 0 && (schema.get("$ref").is_some() || followed.get("allOf").is_some());
        if !is_shared {
            all.extend(self.further(followed, depth));
        }
        if schema["nullable"] == true || followed["nullable"] == true {
            all.push(Value::Null);
        }
        all
    }

    fn further(&self, schema: &Value, depth: u8) -> Vec<Value> {
        if let Some(parts) = alternatives(schema) {
            let of_part = |(index, part)| {
                let values = self.spread(part, depth + 1).into_iter();
                values.map(move |value| tagged(schema, index, value))
            };
            let all = parts.iter().enumerate().flat_map(of_part);
            return all.filter(|value| self.may_fit(schema, value)).collect();
        }
        if let Some(words) = schema["enum"].as_array() {
            let words = words.iter().filter(|word| !word.is_null()).cloned();
            let is_open = schema["x-extensible"] == true && schema["type"] == "string";
            return words.chain(is_open.then(|| json!(UNKNOWN_WORD))).collect();
        }
        match schema["type"].as_str() {
            Some("boolean") => vec![json!(true), json!(false)],
            Some("integer" | "number") => self.extremes(schema),
            Some("string") => self.lengths(schema),
            Some("array") => self.lists(schema, depth),
            Some("object") => self.objects(schema, depth),
            None if is_of_members(schema) => self.objects(schema, depth),
            _ => Vec::new(),
        }
    }

    fn extremes(&self, schema: &Value) -> Vec<Value> {
        let whole = schema["type"] == "integer";
        let format = schema["format"].as_str().filter(|_| whole);
        let (least, greatest) = match format.and_then(grammar::range) {
            Some((least, greatest)) => (least, greatest.try_into().unwrap_or(i64::MAX)),
            None if whole => (-GREATEST, GREATEST),
            None => (-65_536, 65_536),
        };
        let mut all = vec![json!(0)];
        for (key, limit) in [("minimum", least), ("maximum", greatest)] {
            let bound = &schema[key];
            all.extend(bound.as_i64().map_or_else(
                || {
                    if bound.is_number() {
                        vec![bound.clone()]
                    } else {
                        vec![json!(limit)]
                    }
                },
                |bound| {
                    [bound, bound.saturating_add(1), bound.saturating_sub(1)]
                        .map(Value::from)
                        .into()
                },
            ));
        }
        if !whole {
            all.push(json!(-0.5));
        }
        let check = self.check(schema);
        all.retain(|value| check.fits(value) && (!whole || value.is_i64()));
        all
    }

    fn lengths(&self, schema: &Value) -> Vec<Value> {
        let mut all = vec![json!(""), json!(ODD_TEXT)];
        for key in ["minLength", "maxLength"] {
            let length = schema[key]
                .as_u64()
                .filter(|length| *length <= LONGEST_TEXT);
            all.extend(length.map(text_of));
        }
        all.extend(self.texts(schema).take(2));
        let check = self.check(schema);
        all.retain(|value| check.fits(value));
        all
    }

    fn lists(&self, schema: &Value, depth: u8) -> Vec<Value> {
        let mut items = self.spread(&schema["items"], depth + 1);
        if let Some(most) = schema["maxItems"].as_u64() {
            items.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        }
        let mut all = vec![Value::from(items)];
        if schema["minItems"].as_u64().unwrap_or(0) == 0 {
            all.push(json!([]));
        }
        all.retain(|value| self.may_fit(schema, value));
        all
    }

    /// The least object, and then objects that together have every value of each member. In the first of them all
    /// members have one.
    fn objects(&self, schema: &Value, depth: u8) -> Vec<Value> {
        let Some(Value::Object(least)) = self.object(schema, depth) else {
            return Vec::new();
        };
        let mut columns: Vec<(String, Vec<Value>)> = members(&schema["properties"])
            .map(|(name, property)| (name.clone(), self.spread(property, depth + 1)))
            .collect();
        let further = schema
            .get("additionalProperties")
            .filter(|further| further.is_object());
        if let Some(further) = further {
            columns.push(("further".to_owned(), self.spread(further, depth + 1)));
        }
        let rows = columns.iter().map(|(_, values)| values.len()).max();
        let mut all = vec![Value::Object(least.clone())];
        let check = self.check(schema);
        for row in 0..rows.unwrap_or(0).min(MOST) {
            let of_row = columns
                .iter()
                .filter_map(|(name, values)| Some((name.clone(), values.get(row)?.clone())));
            let mut whole = least.clone();
            whole.extend(of_row.clone());
            let whole = Value::Object(whole);
            if check.may_fit(&whole) {
                all.push(whole);
                continue;
            }
            // Some members do not go together.
            let alone = of_row.map(|(name, value)| {
                let mut one: Map<_, _> = least.clone();
                one.insert(name, value);
                Value::Object(one)
            });
            all.extend(alone.filter(|one| check.may_fit(one)));
        }
        all
    }
}

fn text_of(length: u64) -> Value {
    (0..length).map(|_| 'x').collect::<String>().into()
}
