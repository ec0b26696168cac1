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
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        // Most values, such as a thumbprint, are.
        path.push_str(text);
    } else {
        path.extend(utf8_percent_encode(text, RESERVED));
    }
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

/// The pairs of a query for a value. `null` and an absent value have none. OpenAPI has no form for what lies
/// deeper than its style reaches: that is sent as JSON, as most tools do.
pub fn pairs<T: Serialize + ?Sized>(
    name: &'static str,
    style: Style,
    value: &T,
) -> Result<Vec<(String, String)>, Error> {
    styled(name, name, style, tree(name, value)?)
}

/// The pairs of a form. A member that has no style among `styles` is a pair for each item of a list, JSON for an
/// object, and else a word (OpenAPI 3.0, "Encoding Object").
pub fn form<T: Serialize + ?Sized>(
    value: &T,
    styles: &[(&str, Style)],
) -> Result<Vec<(String, String)>, Error> {
    let Value::Object(members) = tree("body", value)? else {
        return Err(Error::input("body", "it has no fields", "give an object"));
    };
    let mut pairs = Vec::new();
    for (name, value) in members {
        let given = styles.iter().find(|(member, _)| *member == name);
        let style = match (given, &value) {
            (Some((_, style)), _) => *style,
            (None, Value::Object(_)) => Style::Json,
            (None, _) => Style::Exploded,
        };
        pairs.extend(styled("body", &name, style, value)?);
    }
    Ok(pairs)
}

fn styled(
    field: &'static str,
    name: &str,
    style: Style,
    value: Value,
) -> Result<Vec<(String, String)>, Error> {
    let one = |text: String| Ok(vec![(name.to_owned(), text)]);
    match (style, value) {
        (_, Value::Null) => Ok(Vec::new()),
        (Style::Json, value) => one(value.to_string()),
        (Style::Exploded, Value::Object(members)) => each(field, members, &|member| member),
        (Style::Exploded, Value::Array(items)) => items
            .iter()
            .map(|item| Ok((name.to_owned(), inner(field, item)?)))
            .collect(),
        (Style::Deep, Value::Object(members)) => deep(field, name, members),
        (Style::Space, Value::Array(items)) => one(joined(field, &items, " ")?),
        (Style::Pipe, Value::Array(items)) => one(joined(field, &items, "|")?),
        (Style::Form, Value::Array(items)) => one(joined(field, &items, ",")?),
        (_, value) => one(simple(field, &value, false, str::to_owned)?),
    }
}

/// Objects in each other as `area[from][lat]=1`.
fn deep(
    field: &'static str,
    name: &str,
    members: Map<String, Value>,
) -> Result<Vec<(String, String)>, Error> {
    let mut pairs = Vec::new();
    for (member, value) in members {
        let member = format!("{name}[{member}]");
        match value {
            Value::Object(members) => pairs.extend(deep(field, &member, members)?),
            value => pairs.extend(each(field, Map::from_iter([(member, value)]), &|member| {
                member
            })?),
        }
    }
    Ok(pairs)
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

/// A value in a path that begins with a dot (`style: label`), by RFC 6570, section 3.2.5.
pub fn label<T: Serialize + ?Sized>(
    name: &'static str,
    explode: bool,
    value: &T,
) -> Result<String, Error> {
    let words = words(name, explode, value)?;
    Ok(format!(".{}", words.join(if explode { "." } else { "," })))
}

/// A value in a path with its name (`style: matrix`), by RFC 6570, section 3.2.7.
pub fn matrix<T: Serialize + ?Sized>(
    name: &'static str,
    wire: &str,
    explode: bool,
    value: &T,
) -> Result<String, Error> {
    let tree = tree(name, value)?;
    let words = words(name, explode, &tree)?;
    Ok(match tree {
        Value::Object(_) if explode => format!(";{}", words.join(";")),
        Value::Array(_) if explode => words.iter().map(|word| format!(";{wire}={word}")).collect(),
        _ => format!(";{wire}={}", words.join(",")),
    })
}

/// The words of a value in a path, each percent-encoded.
fn words<T: Serialize + ?Sized>(
    name: &'static str,
    explode: bool,
    value: &T,
) -> Result<Vec<String>, Error> {
    let joined = segment(name, explode, value)?;
    Ok(joined.split(',').map(str::to_owned).collect())
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
    named: &dyn Fn(String) -> String,
) -> Result<Vec<(String, String)>, Error> {
    let mut pairs = Vec::new();
    for (member, value) in members {
        let member = named(member);
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for item in &items {
                    pairs.push((member.clone(), inner(name, item)?));
                }
            }
            value => pairs.push((member, inner(name, &value)?)),
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
        .map(|item| inner(name, item))
        .collect::<Result<_, _>>()?;
    Ok(words.join(separator))
}

/// What is within a list or an object of a query: a word, or JSON.
fn inner(name: &'static str, value: &Value) -> Result<String, Error> {
    match value {
        Value::Array(_) | Value::Object(_) => Ok(value.to_string()),
        value => word(name, value),
    }
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
    use test_support::OrFail as _;

    use super::{
        Style::{Deep, Exploded, Form, Json, Pipe, Space},
        form, json, label, matrix, pairs, segment, text,
    };

    /// RFC 6570, sections 3.2.5 and 3.2.7, where `keys` is `(semi,;),(dot,.),(comma,,)`.
    #[test]
    fn labels_and_matrices_are_those_of_rfc_6570() {
        let value = json!("value");
        let list = json!(["red", "green", "blue"]);
        let keys = json!({ "comma": ",", "dot": ".", "semi": ";" });
        for (explode, value, as_label, as_matrix) in [
            (false, &value, ".value", ";v=value"),
            (false, &list, ".red,green,blue", ";v=red,green,blue"),
            (true, &list, ".red.green.blue", ";v=red;v=green;v=blue"),
            (
                false,
                &keys,
                ".comma,%2C,dot,.,semi,%3B",
                ";v=comma,%2C,dot,.,semi,%3B",
            ),
            (
                true,
                &keys,
                ".comma=%2C.dot=..semi=%3B",
                ";comma=%2C;dot=.;semi=%3B",
            ),
        ] {
            assert_eq!(label("v", explode, value).or_fail(), as_label);
            assert_eq!(matrix("v", "v", explode, value).or_fail(), as_matrix);
        }
    }

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
            let found = pairs("p", style, &value).or_fail();
            let found: Vec<_> = found
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            assert_eq!(found, expected, "{style:?} {value}");
        }
        let error = pairs("p", Exploded, &json!([null])).err_or_fail();
        assert!(error.to_string().starts_with("p: "), "{error}");
    }

    /// Of other tools: openapi-typescript 2387, OAI 1706.
    #[test]
    fn what_lies_deeper_is_written_in_a_known_way() {
        for (style, value, expected) in [
            (
                Deep,
                json!({"a": {"b": {"c": 1}}, "l": [1, 2], "o": [{"x": 1}]}),
                vec![
                    ("p[a][b][c]", "1"),
                    ("p[l]", "1"),
                    ("p[l]", "2"),
                    ("p[o]", r#"{"x":1}"#),
                ],
            ),
            (
                Exploded,
                json!([{"a": 1}, "x"]),
                vec![("p", r#"{"a":1}"#), ("p", "x")],
            ),
            (
                Exploded,
                json!({"r": {"gte": 1}}),
                vec![("r", r#"{"gte":1}"#)],
            ),
            (Form, json!([[1, 2]]), vec![("p", "[1,2]")]),
        ] {
            let found = pairs("p", style, &value).or_fail();
            let found: Vec<_> = found
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            assert_eq!(found, expected, "{style:?} {value}");
        }
    }

    #[test]
    fn a_form_writes_each_member_by_its_style() {
        let value = json!({"a": "b c", "l": [1, 2], "o": {"x": 1}, "n": null, "d": {"y": {"z": 1}}, "p": [1, 2], "e": {"k": "v"}});
        let found = form(&value, &[("d", Deep), ("p", Pipe), ("e", Exploded)]).or_fail();
        let found: Vec<_> = found
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("a", "b c"),
                ("d[y][z]", "1"),
                ("k", "v"),
                ("l", "1"),
                ("l", "2"),
                ("o", r#"{"x":1}"#),
                ("p", "1|2")
            ]
        );
        assert!(form(&json!([1]), &[]).is_err());
    }

    #[test]
    fn paths_encode_words_and_not_what_joins_them() {
        assert_eq!(
            segment("p", false, &["a/b", "c,d"]).or_fail(),
            "a%2Fb,c%2Cd"
        );
        assert_eq!(text("p", false, &["a/b", "c"]).or_fail(), "a/b,c");
        assert_eq!(
            text("p", true, &json!({"R": 1, "G": 2})).or_fail(),
            "G=2,R=1"
        );
        assert_eq!(text("p", false, &7).or_fail(), "7");
        assert_eq!(json("p", &["x"]).or_fail(), r#"["x"]"#);
        assert!(text("p", false, &json!([[1]])).is_err());
    }
}
