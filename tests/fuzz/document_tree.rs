//! Steps from one document to another that keep it JSON, and mostly OpenAPI: by the words that the grammar has for a place,
//! and by what the document has of the same kind elsewhere.

use fastrand::Rng;
use serde_json::{Map, Value, json};
use thumbprint_codegen::grammar::{Kind, WORDS, walk};

/// Values that mean something somewhere.
#[rustfmt::skip]
const VALUES: [&str; 50] = [
    "null", "true", "false", "0", "-1", "1", "2", "1.5", "1e300", "9223372036854775807", "18446744073709551615", "[]", "{}",
    r#""""#, r#""a""#, r#""string""#, r#""integer""#, r#""number""#, r#""boolean""#, r#""object""#, r#""array""#, r#""null""#,
    r#""file""#, r#""int32""#, r#""int64""#, r#""date""#, r#""date-time""#, r#""uuid""#, r#""byte""#, r#""binary""#, r#""path""#,
    r#""query""#, r#""header""#, r#""cookie""#, r#""body""#, r#""formData""#, r#""form""#, r#""deepObject""#, r#""simple""#,
    r#""apiKey""#, r#""oauth2""#, r#""/a/{b}/{c}""#, r#""^[a-z]{3,}$""#, r#""(?=a)b""#, r#""\u0007\u001b[31m""#,
    r#""*/ r#\" {} \\ ` é \u2028""#, r#"["a"]"#, r#"["string", "null"]"#, r#"[null, "a", 1]"#, r#"{"a": {}}"#,
];

/// Names that something may have.
#[rustfmt::skip]
const NAMES: [&str; 30] = [
    "", "a", "A", "b", "self", "Self", "type", "r#type", "_", "1", "a b", "a-b", "a_b", "é", "\u{1b}", "\"", "a/b~c", "/a", "/{a}",
    "/{a}/{a}", "get", "default", "200", "2XX", "application/json", "multipart/form-data", "text/plain", "x-a", "String", "Option",
];

/// One step away from a document; `None` where it is none.
pub(crate) fn edit(data: &[u8], chance: &mut Rng) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(data).ok()?;
    let mut places = Vec::new();
    walk(&document, "", Kind::Root, &mut |_, pointer, kind| {
        places.push((pointer.to_owned(), kind));
        true
    });
    let (at, kind) = chance.choice(&places)?;
    // What the document has of a kind elsewhere, and where.
    let alike = |kind: Kind, chance: &mut Rng| {
        let others = places.iter().filter(|(_, other)| *other == kind);
        let (pointer, _) = chance.choice(others.collect::<Vec<_>>())?;
        Some((pointer.clone(), document.pointer(pointer)?.clone()))
    };
    let other = alike(*kind, chance);
    let words = WORDS.iter().find(|(of, _)| of == kind);
    let word = words.and_then(|(_, words)| chance.choice(*words));
    let value = word.and_then(|word| alike(word.kind, chance));
    let literal = VALUES[chance.usize(..VALUES.len())].parse().ok()?;
    let name = NAMES[chance.usize(..NAMES.len())];
    let choice = chance.u8(..9);
    if choice == 0 {
        let (holder, key) = at.rsplit_once('/')?;
        match document.pointer_mut(holder)? {
            Value::Object(members) => {
                drop(members.remove(&key.replace("~1", "/").replace("~0", "~")));
            }
            Value::Array(items) => drop(items.remove(key.parse().ok()?)),
            _ => {}
        }
        return Some(document.to_string().into_bytes());
    }
    let here = document.pointer_mut(at)?;
    match (choice, here, word) {
        (1 | 2, Value::Object(members), Some(word)) => {
            let value = value
                .filter(|_| choice == 1)
                .map_or(literal, |(_, value)| value);
            members.insert(word.name.to_owned(), value);
        }
        // A name of its own for one of its members.
        (1..=3, Value::Object(members), _) => {
            let old = chance.choice(members.keys()).cloned()?;
            let value = if choice == 3 {
                members.remove(&old)?
            } else {
                members[&old].clone()
            };
            members.insert(name.to_owned(), value);
        }
        (1..=3, Value::Array(items), _) => {
            let item = chance.choice(&*items).cloned().unwrap_or(literal);
            items.insert(chance.usize(..=items.len()), item);
        }
        (4, here, _) => *here = json!({ "$ref": format!("#{}", other?.0) }),
        (5 | 6, here, _) if *kind == Kind::Schema => {
            let inner = here.take();
            let other = other.map(|(_, value)| value);
            *here = match chance.u8(..8) {
                0 => json!({ "allOf": [inner, other] }),
                1 => json!({ "oneOf": [inner, other] }),
                2 => json!({ "anyOf": [other, inner] }),
                3 => json!({ "type": "array", "items": inner }),
                4 => {
                    json!({ "type": "object", "properties": Map::from_iter([(name.to_owned(), inner)]) })
                }
                5 => json!({ "type": "object", "additionalProperties": inner }),
                6 => json!({ "not": inner }),
                _ => json!({ "nullable": true, "allOf": [inner] }),
            };
        }
        (5 | 6, here, _) => *here = other?.1,
        (_, here, _) => *here = literal,
    }
    Some(document.to_string().into_bytes())
}
