//! Schemas of JSON Schema 2020-12, which OpenAPI 3.1 uses, as schemas of OpenAPI 3.0.

use serde_json::{Map, Value, json};

use super::{Lowering, list, map};
use crate::grammar::join;

/// What validation cannot say in 3.0. Leaving it out lets more values through, and changes no type.
const LOOSER: [(&str, &str); 14] = [
    (
        "if",
        "3.0 has no conditions, so values that break this one pass",
    ),
    ("then", "it belongs to `if`"),
    ("else", "it belongs to `if`"),
    (
        "dependentRequired",
        "3.0 cannot make one property depend on another",
    ),
    (
        "dependentSchemas",
        "3.0 cannot make a schema depend on a property",
    ),
    (
        "dependencies",
        "3.0 cannot make one property depend on another",
    ),
    ("propertyNames", "3.0 cannot check the names of properties"),
    ("contains", "3.0 cannot ask an array for one certain item"),
    ("minContains", "it belongs to `contains`"),
    ("maxContains", "it belongs to `contains`"),
    ("unevaluatedItems", "3.0 cannot look through a composition"),
    ("contentSchema", "3.0 cannot look into text"),
    ("$id", "schemas have no names of their own in 3.0"),
    ("$anchor", "schemas have no names of their own in 3.0"),
];

/// What would make other types, and so wrong code.
const REFUSED: [(&str, &str); 3] = [
    ("$dynamicRef", "write a `$ref` to the schema that is meant"),
    (
        "$dynamicAnchor",
        "remove it, and write `$ref` where it is referred to",
    ),
    (
        "$recursiveRef",
        "write a `$ref` to the schema that is meant",
    ),
];

/// Keys of a schema that speak of values of one type only.
const OF_TYPE: [(&str, &[&str]); 4] = [
    ("string", &["format", "pattern", "minLength", "maxLength"]),
    (
        "number",
        &[
            "format",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ],
    ),
    ("array", &["items", "minItems", "maxItems", "uniqueItems"]),
    (
        "object",
        &[
            "properties",
            "required",
            "additionalProperties",
            "minProperties",
            "maxProperties",
        ],
    ),
];

/// A reference of JSON Schema 2019-09 to what holds it: filters of filters are written so, though OpenAPI 3.1 has no
/// such word. Of a shared schema it is that one.
fn recursion(object: &mut Map<String, Value>, pointer: &str, lowering: &mut Lowering) {
    let is_own = object.get("$recursiveRef") == Some(&json!("#"));
    let shared = pointer
        .strip_prefix("/components/schemas/")
        .and_then(|rest| rest.split('/').next());
    if let (true, Some(shared)) = (is_own, shared) {
        let target = format!("#/components/schemas/{shared}");
        object.remove("$recursiveRef");
        lowering.warn(
            &join(pointer, "$recursiveRef"),
            format!("3.1 has no `$recursiveRef`; it is taken for `{target}`"),
        );
        object.insert("$ref".to_owned(), target.into());
    }
    object.remove("$recursiveAnchor");
}

pub(super) fn schema(value: &Value, pointer: &str, lowering: &mut Lowering) -> Value {
    let object = match value {
        Value::Object(object) => object,
        Value::Bool(true) => return json!({}),
        Value::Bool(false) => return json!({ "not": {} }),
        other => return other.clone(),
    };
    let mut object = object.clone();
    recursion(&mut object, pointer, lowering);
    for (key, remedy) in REFUSED {
        if object.remove(key).is_some() {
            lowering.problem(&join(pointer, key), format!("3.0 has no `{key}`; {remedy}"));
        }
    }
    for (key, why) in LOOSER {
        lowering.drop(&mut object, pointer, key, why);
    }
    // A comment is for those who write the document.
    object.remove("$comment");
    let dialect = object.remove("$schema");
    if dialect.is_some_and(|dialect| {
        !dialect
            .as_str()
            .is_some_and(|name| name.contains("2020-12"))
    }) {
        lowering.warn(
            &join(pointer, "$schema"),
            "`$schema` is left out: the schema is read as JSON Schema 2020-12",
        );
    }
    lowering.drop(
        &mut object,
        pointer,
        "nullable",
        "it means nothing in 3.1; write `type: [..., \"null\"]` if null is allowed",
    );
    below(&mut object, pointer, lowering);
    constants(&mut object);
    examples(&mut object, pointer, lowering);
    bounds(&mut object);
    contents(&mut object, pointer, lowering);
    tuples(&mut object, pointer, lowering);
    names(&mut object, pointer, lowering);
    let null = without_null(&mut object, pointer, lowering);
    types(&mut object);
    lowering.object(&mut object, pointer);
    references(&mut object);
    if null {
        if object.contains_key("$ref") {
            let reference = std::mem::take(&mut object);
            object.insert("allOf".to_owned(), json!([reference]));
        }
        object.insert("nullable".to_owned(), json!(true));
    }
    Value::Object(object)
}

/// The schemas within.
fn below(object: &mut Map<String, Value>, pointer: &str, lowering: &mut Lowering) {
    for (key, value) in object.iter_mut() {
        let at = join(pointer, key);
        match key.as_str() {
            // References lead to definitions where they stand.
            "properties" | "patternProperties" | "$defs" | "definitions" => {
                *value = map(value, &at, |_, value, at| schema(value, at, lowering));
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                *value = list(value, &at, |value, at| schema(value, at, lowering));
            }
            "additionalProperties" | "unevaluatedProperties" | "items" if value.is_boolean() => {}
            "additionalProperties" | "unevaluatedProperties" | "items" | "not" => {
                *value = schema(value, &at, lowering);
            }
            _ => {}
        }
    }
}

/// `const` is an enumeration of one.
fn constants(object: &mut Map<String, Value>) {
    let Some(value) = object.remove("const") else {
        return;
    };
    let name = match &value {
        Value::Null => Some("null"),
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_f64() => Some("number"),
        Value::Number(_) => Some("integer"),
        Value::String(_) => Some("string"),
        _ => None,
    };
    if let Some(name) = name {
        object.entry("type").or_insert_with(|| json!(name));
    }
    object.insert("enum".to_owned(), json!([value]));
}

/// 3.0 has one example.
fn examples(object: &mut Map<String, Value>, pointer: &str, lowering: &mut Lowering) {
    // A property of that name is not at stake: those stand below `properties`.
    let Some(Value::Array(examples)) = object.remove("examples") else {
        return;
    };
    let at = join(pointer, "examples");
    let mut rest = examples.into_iter();
    if !object.contains_key("example")
        && let Some(first) = rest.next()
    {
        object.insert("example".to_owned(), first);
    }
    if rest.len() > 0 {
        lowering.warn(
            &at,
            format!("{} of the examples are left out: 3.0 has one", rest.len()),
        );
    }
}

/// Exclusive bounds are numbers in 3.1, and flags in 3.0.
fn bounds(object: &mut Map<String, Value>) {
    for (flag, bound, upper) in [
        ("exclusiveMinimum", "minimum", false),
        ("exclusiveMaximum", "maximum", true),
    ] {
        let Some(limit) = object.get(flag).filter(|limit| limit.is_number()).cloned() else {
            continue;
        };
        object.remove(flag);
        let inner = object
            .get(bound)
            .and_then(Value::as_f64)
            .zip(limit.as_f64());
        // Where both stand, the narrower one counts.
        let narrower =
            inner.is_some_and(|(bound, limit)| if upper { bound < limit } else { bound > limit });
        if !narrower {
            object.insert(bound.to_owned(), limit);
            object.insert(flag.to_owned(), json!(true));
        }
    }
}

/// Encoded text has formats in 3.0.
fn contents(object: &mut Map<String, Value>, pointer: &str, lowering: &mut Lowering) {
    let text = |object: &Map<String, Value>, key: &str| {
        object.get(key).and_then(Value::as_str).map(str::to_owned)
    };
    let (encoding, media_type) = (
        text(object, "contentEncoding"),
        text(object, "contentMediaType"),
    );
    let format = match (encoding.as_deref(), media_type.as_deref()) {
        (Some("base64"), _) => "byte",
        (None, Some("application/octet-stream")) => "binary",
        _ => "",
    };
    if !format.is_empty() && !object.contains_key("format") {
        object.insert("format".to_owned(), json!(format));
        object.remove("contentEncoding");
        if media_type.as_deref() == Some("application/octet-stream") {
            object.remove("contentMediaType");
        }
    }
    for key in ["contentEncoding", "contentMediaType"] {
        lowering.drop(
            object,
            pointer,
            key,
            "3.0 knows only base64, as `format: byte`; the text is given as it is sent",
        );
    }
}

/// An array whose positions have schemas of their own.
fn tuples(object: &mut Map<String, Value>, pointer: &str, lowering: &mut Lowering) {
    let items = object.get("items").cloned();
    if let Some(Value::Array(mut schemas)) = object.remove("prefixItems") {
        let at = join(pointer, "prefixItems");
        let length = schemas.len();
        schemas.dedup();
        match items {
            Some(Value::Bool(false)) => {
                object.entry("maxItems").or_insert_with(|| json!(length));
            }
            Some(Value::Bool(true)) | None => schemas.push(json!({})),
            Some(other) => schemas.push(other),
        }
        schemas.dedup();
        if let [same] = schemas.as_slice() {
            object.insert("items".to_owned(), same.clone());
        } else {
            lowering.warn(
                &at,
                "`prefixItems` becomes `items` with `anyOf`: 3.0 cannot tell positions apart",
            );
            object.insert("items".to_owned(), json!({ "anyOf": schemas }));
        }
    } else if items == Some(json!(true)) {
        object.insert("items".to_owned(), json!({}));
    } else if items == Some(json!(false)) {
        object.insert("items".to_owned(), json!({}));
        object.insert("maxItems".to_owned(), json!(0));
    }
}

/// Properties that are told by a pattern of their names, or by being left over.
fn names(object: &mut Map<String, Value>, pointer: &str, lowering: &mut Lowering) {
    if let Some(rest) = object.remove("unevaluatedProperties") {
        let composed = ["allOf", "anyOf", "oneOf", "$ref"]
            .iter()
            .any(|key| object.contains_key(*key));
        if composed {
            lowering.warn(
                &join(pointer, "unevaluatedProperties"),
                "`unevaluatedProperties` is left out: 3.0 cannot look through a composition",
            );
        } else {
            object.entry("additionalProperties").or_insert(rest);
        }
    }
    let Some(Value::Object(patterns)) = object.remove("patternProperties") else {
        return;
    };
    let at = join(pointer, "patternProperties");
    let mut schemas: Vec<_> = patterns.into_iter().map(|(_, schema)| schema).collect();
    schemas.dedup();
    let closed = object.get("additionalProperties") == Some(&json!(false));
    match schemas.as_slice() {
        [one] if closed => {
            lowering.warn(
                &at,
                "`patternProperties` becomes `additionalProperties`: 3.0 cannot check names",
            );
            object.insert("additionalProperties".to_owned(), one.clone());
        }
        _ => {
            lowering.warn(&at, "`patternProperties` is left out, and all further properties are allowed: 3.0 cannot check names");
            if closed {
                object.insert("additionalProperties".to_owned(), json!(true));
            }
        }
    }
}

/// Takes `null` out of types and alternatives; whether it was there.
fn without_null(object: &mut Map<String, Value>, pointer: &str, lowering: &mut Lowering) -> bool {
    // In 3.0 this is how a lowered alternative of nothing but null looks.
    let only_null = |schema: &Value| schema.get("x-only-null") == Some(&json!(true));
    let mut null = false;
    if let Some(Value::Array(types)) = object.get_mut("type") {
        let before = types.len();
        types.retain(|name| name != "null");
        null |= types.len() < before;
        match types.as_slice() {
            [] => {
                object.insert("type".to_owned(), json!("null"));
            }
            [one] => {
                let one = one.clone();
                object.insert("type".to_owned(), one);
            }
            _ => {}
        }
    }
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(schemas)) = object.get_mut(key) else {
            continue;
        };
        let before = schemas.len();
        schemas.retain(|schema| !only_null(schema));
        null |= schemas.len() < before;
        if schemas.is_empty() && before > 0 {
            object.insert("type".to_owned(), json!("null"));
            break;
        }
        if schemas.len() < before
            && let [one] = schemas.as_slice()
        {
            let one = one.clone();
            object.remove(key);
            match one {
                // The alternative and what stands beside it say one thing, unless both say the same key.
                Value::Object(one)
                    if !one.contains_key("$ref")
                        && one.keys().all(|key| !object.contains_key(key)) =>
                {
                    object.extend(one);
                }
                one => {
                    let all = object.entry("allOf").or_insert_with(|| json!([]));
                    if let Some(all) = all.as_array_mut() {
                        all.push(one);
                    }
                }
            }
        }
    }
    if object.get("type") == Some(&json!("null")) {
        let alternative = pointer
            .rsplit('/')
            .nth(1)
            .is_some_and(|key| key == "anyOf" || key == "oneOf");
        if alternative {
            object.remove("type");
            object.remove("enum");
            object.insert("x-only-null".to_owned(), json!(true));
        } else {
            lowering.warn(
                pointer,
                "any value is taken: only null fits here, which 3.0 cannot say",
            );
            object.retain(|key, _| ["title", "description"].contains(&key.as_str()));
        }
        return false;
    }
    null
}

/// Several types are several alternatives, each with what is said of its values.
fn types(object: &mut Map<String, Value>) {
    let Some(Value::Array(names)) = object.get("type").cloned() else {
        return;
    };
    object.remove("type");
    let mut alternatives = Vec::new();
    for name in &names {
        let mut alternative = Map::from_iter([("type".to_owned(), name.clone())]);
        let word = if name == "integer" {
            "number"
        } else {
            name.as_str().unwrap_or_default()
        };
        for key in OF_TYPE
            .iter()
            .filter(|(of, _)| *of == word)
            .flat_map(|(_, keys)| *keys)
        {
            // A format is one of text, if text is among the types.
            let texts = *key == "format" && word == "number" && names.contains(&json!("string"));
            if let Some(value) = object.get(*key).filter(|_| !texts) {
                alternative.insert((*key).to_owned(), value.clone());
            }
        }
        alternatives.push(Value::Object(alternative));
    }
    for (_, keys) in OF_TYPE {
        for key in keys {
            object.remove(*key);
        }
    }
    if object.contains_key("anyOf") {
        let all = object.entry("allOf").or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            all.push(json!({ "anyOf": alternatives }));
        }
    } else {
        object.insert("anyOf".to_owned(), Value::Array(alternatives));
    }
}

/// What stands beside a reference counts in 3.1; in 3.0 it counts beside an `allOf` with the reference.
fn references(object: &mut Map<String, Value>) {
    if object.len() < 2 {
        return;
    }
    if let Some(reference) = object.remove("$ref") {
        let all = object.entry("allOf").or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            all.insert(0, json!({ "$ref": reference }));
        }
    }
}
