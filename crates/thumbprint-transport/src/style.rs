//! How the value of a parameter becomes text, where `Display` does not write what the wire has: lists,
//! objects, times. The styles are those of OpenAPI 3.0, section "Style Values". Meant for generated code.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Error;

/// All but the unreserved characters of RFC 3986, section 2.3. OpenAPI has reserved ones encoded in the
/// values of parameters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Writes a text into a path, percent-encoded.
pub fn push_encoded(path: &mut String, text: &str) {
    path.extend(utf8_percent_encode(text, RESERVED));
}

/// How a list or an object is written into a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `form` that is not exploded: `ids=1,2`. The comma is percent-encoded, as a query's text is.
    Form,
    /// `form`, exploded: a pair for each item of a list; of an object `lat=1&long=2`, without the
    /// parameter's own name.
    Exploded,
    /// `spaceDelimited`: `ids=1 2`.
    Space,
    /// `pipeDelimited`: `ids=1|2`.
    Pipe,
    /// `deepObject`: `area[lat]=1&area[long]=2`.
    Deep,
    /// One value that holds JSON.
    Json,
}

/// The pairs of a query for a value. `null` and an absent value have none.
pub fn pairs<T: Serialize + ?Sized>(
    name: &'static str,
    style: Style,
    value: &T,
) -> Result<Vec<(String, String)>, Error> {
    let value = tree(name, value)?;
    let one = |text: String| Ok(vec![(name.to_owned(), text)]);
    match (style, value) {
        (_, Value::Null) => Ok(Vec::new()),
        (Style::Json, value) => one(value.to_string()),
        (Style::Exploded, Value::Object(members)) => each(name, members, |member| member),
        (Style::Exploded, Value::Array(items)) => items
            .iter()
            .map(|item| Ok((name.to_owned(), word(name, item)?)))
            .collect(),
        (Style::Deep, Value::Object(members)) => {
            each(name, members, |member| format!("{name}[{member}]"))
        }
        (Style::Space, Value::Array(items)) => one(joined(name, &items, " ")?),
        (Style::Pipe, Value::Array(items)) => one(joined(name, &items, "|")?),
        (_, value) => one(simple(name, &value, false, str::to_owned)?),
    }
}

/// The text of a header. Lists are joined by commas; an object's names and values too, or, if it is
/// exploded, `name=value`.
pub fn text<T: Serialize + ?Sized>(
    name: &'static str,
    explode: bool,
    value: &T,
) -> Result<String, Error> {
    simple(name, &tree(name, value)?, explode, str::to_owned)
}

/// The same for a path: each word is percent-encoded, what joins them is not.
pub fn segment<T: Serialize + ?Sized>(
    name: &'static str,
    explode: bool,
    value: &T,
) -> Result<String, Error> {
    simple(name, &tree(name, value)?, explode, |word| {
        let mut encoded = String::new();
        push_encoded(&mut encoded, word);
        encoded
    })
}

/// A value as JSON, for a header or a path.
pub fn json<T: Serialize + ?Sized>(name: &'static str, value: &T) -> Result<String, Error> {
    Ok(tree(name, value)?.to_string())
}

fn tree<T: Serialize + ?Sized>(name: &'static str, value: &T) -> Result<Value, Error> {
    serde_json::to_value(value)
        .map_err(|cause| Error::conversion(name, cause, "give another value"))
}

fn each(
    name: &'static str,
    members: Map<String, Value>,
    named: impl Fn(String) -> String,
) -> Result<Vec<(String, String)>, Error> {
    let mut pairs = Vec::new();
    for (member, value) in members {
        let member = named(member);
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for item in &items {
                    pairs.push((member.clone(), word(name, item)?));
                }
            }
            value => pairs.push((member, word(name, &value)?)),
        }
    }
    Ok(pairs)
}

fn simple(
    name: &'static str,
    value: &Value,
    explode: bool,
    encode: impl Fn(&str) -> String,
) -> Result<String, Error> {
    let mut words = Vec::new();
    match value {
        Value::Array(items) => {
            for item in items {
                words.push(encode(&word(name, item)?));
            }
        }
        Value::Object(members) => {
            for (member, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                let (member, value) = (encode(member), encode(&word(name, value)?));
                if explode {
                    words.push(format!("{member}={value}"));
                } else {
                    words.extend([member, value]);
                }
            }
        }
        value => words.push(encode(&word(name, value)?)),
    }
    Ok(words.join(","))
}

fn joined(name: &'static str, items: &[Value], separator: &str) -> Result<String, Error> {
    let words: Vec<_> = items
        .iter()
        .map(|item| word(name, item))
        .collect::<Result<_, _>>()?;
    Ok(words.join(separator))
}

fn word(name: &'static str, value: &Value) -> Result<String, Error> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Error::input(
            name,
            "it holds a list or an object inside of another, for which its style has no form",
            "give one level of values",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        Style::{Deep, Exploded, Form, Json, Pipe, Space},
        json, pairs, segment, text,
    };

    #[test]
    fn a_query_is_written_by_its_style() {
        let object = json!({"R": 100, "G": 200, "B": [1, 2], "none": null});
        for (style, value, expected) in [
            (Form, json!(["a", "b"]), vec![("p", "a,b")]),
            (Space, json!(["a", "b"]), vec![("p", "a b")]),
            (Pipe, json!(["a", "b"]), vec![("p", "a|b")]),
            (Form, json!({"R": 1, "G": 2}), vec![("p", "G,2,R,1")]),
            (
                Exploded,
                object.clone(),
                vec![("B", "1"), ("B", "2"), ("G", "200"), ("R", "100")],
            ),
            (
                Deep,
                json!({"R": 1, "G": true}),
                vec![("p[G]", "true"), ("p[R]", "1")],
            ),
            (Json, json!({"a": ["b"]}), vec![("p", r#"{"a":["b"]}"#)]),
            (Exploded, json!(["a", 1]), vec![("p", "a"), ("p", "1")]),
            (Form, Value::Null, vec![]),
        ] {
            let found = pairs("p", style, &value).unwrap();
            let found: Vec<_> = found
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            assert_eq!(found, expected, "{style:?} {value}");
        }
        let error = pairs("p", Deep, &json!({"a": {"b": 1}})).unwrap_err();
        assert!(error.to_string().starts_with("p: "), "{error}");
    }

    #[test]
    fn paths_encode_words_and_not_what_joins_them() {
        assert_eq!(segment("p", false, &["a/b", "c,d"]).unwrap(), "a%2Fb,c%2Cd");
        assert_eq!(text("p", false, &["a/b", "c"]).unwrap(), "a/b,c");
        assert_eq!(
            text("p", true, &json!({"R": 1, "G": 2})).unwrap(),
            "G=2,R=1"
        );
        assert_eq!(text("p", false, &7).unwrap(), "7");
        assert_eq!(json("p", &["x"]).unwrap(), r#"["x"]"#);
        assert!(text("p", false, &json!([[1]])).is_err());
    }
}
