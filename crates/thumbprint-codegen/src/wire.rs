//! What a request looks like, from what the document says of its parameters and its body and from nothing else: the
//! model and the runtime, by which clients send, are not asked, so that a mistake of theirs shows. The styles are those
//! of OpenAPI 3.0, section "Style Values".

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use url::Url;

use crate::{document::members, model};

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Names and texts.
type Pairs = Vec<(String, String)>;

/// The path and the query of a request: a template, the parameters with their values, and further pairs of the query.
pub(crate) fn target<'a>(
    template: &str,
    given: impl Iterator<Item = (&'a Value, &'a Value)>,
    further: Pairs,
) -> Option<String> {
    let (mut path, mut query) = (template.to_owned(), Pairs::new());
    for (parameter, value) in given {
        match parameter["in"].as_str()? {
            "path" => {
                let name = format!("{{{}}}", parameter["name"].as_str()?);
                let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
                path = path.replace(&name, &segment(parameter, value, &encode));
            }
            "query" => query.extend(pairs(parameter, value)),
            _ => {}
        }
    }
    query.extend(further);
    let mut url = Url::parse("http://localhost").ok()?;
    url.set_path(&path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Some(url[url::Position::BeforePath..].to_owned())
}

/// The text of a header.
pub(crate) fn header(parameter: &Value, value: &Value) -> String {
    simple(parameter, value, &str::to_owned)
}

/// The text of a cookie: of one that has several values, each with its name.
pub(crate) fn cookie(parameter: &Value, value: &Value) -> String {
    let pairs = pairs(parameter, value);
    let cookies = pairs.iter().map(|(name, text)| format!("{name}={text}"));
    cookies.collect::<Vec<_>>().join("; ")
}

/// The pairs of a form: those of each member, by the style that `encoding` gives it.
pub(crate) fn form(content: &Value, value: &Value) -> Pairs {
    let all = members(value).flat_map(|(name, value)| {
        let mut encoding = content["encoding"][name].clone();
        let is_json = encoding["contentType"]
            .as_str()
            .is_some_and(crate::model::is_json);
        let has_style = encoding.get("style").is_some() || encoding.get("explode").is_some();
        if (is_json || value.is_object()) && !has_style {
            return vec![(name.clone(), value.to_string())];
        }
        if !encoding.is_object() {
            encoding = Map::new().into();
        }
        encoding["name"] = name.as_str().into();
        pairs(&encoding, value)
    });
    all.collect()
}

/// The parts of a body of several: one for each item of a list, and JSON for an object (OpenAPI 3.0, "Special
/// Considerations for multipart Content"), or for what the media type calls JSON ("Encoding Object").
pub(crate) fn parts(content: &Value, value: &Value) -> Pairs {
    let all = members(value).flat_map(|(name, value)| match value {
        Value::Array(_)
            if content["encoding"][name]["contentType"]
                .as_str()
                .is_some_and(model::is_json) =>
        {
            vec![(name.clone(), value.to_string())]
        }
        Value::Array(items) => items
            .iter()
            .map(|item| (name.clone(), word(item)))
            .collect(),
        Value::Null => Vec::new(),
        value => vec![(name.clone(), word(value))],
    });
    all.collect()
}

fn pairs(parameter: &Value, value: &Value) -> Pairs {
    let name = parameter["name"].as_str().unwrap_or_default();
    let one = |text: String| vec![(name.to_owned(), text)];
    if is_json(parameter) {
        return one(value.to_string());
    }
    let style = parameter["style"].as_str().unwrap_or("form");
    let is_exploded = parameter["explode"].as_bool().unwrap_or(style == "form");
    match (value, style) {
        (Value::Null, _) => Pairs::new(),
        (Value::Object(held), "deepObject") => each(held, &|member| format!("{name}[{member}]")),
        (Value::Object(held), _) if is_exploded => each(held, &str::to_owned),
        (Value::Array(items), _) if is_exploded => items
            .iter()
            .map(|item| (name.to_owned(), word(item)))
            .collect(),
        (_, "spaceDelimited") => one(words(value).join(" ")),
        (_, "pipeDelimited") => one(words(value).join("|")),
        _ => one(words(value).join(",")),
    }
}

/// The pairs of an object's members.
fn each(held: &Map<String, Value>, named: &dyn Fn(&str) -> String) -> Pairs {
    let all = held.iter().flat_map(|(member, value)| {
        let texts = match value {
            Value::Null => Vec::new(),
            Value::Array(items) => items.iter().map(word).collect(),
            value => vec![word(value)],
        };
        texts.into_iter().map(|text| (named(member), text))
    });
    all.collect()
}

/// A value in a path, by its style (RFC 6570, sections 3.2.2, 3.2.5 and 3.2.7).
fn segment(parameter: &Value, value: &Value, encode: &dyn Fn(&str) -> String) -> String {
    let (start, name) = match parameter["style"].as_str() {
        Some("label") => (".", None),
        Some("matrix") => (";", parameter["name"].as_str()),
        _ => return simple(parameter, value, encode),
    };
    let is_exploded = parameter["explode"] == true;
    let named = |text: &str| name.map_or_else(|| text.to_owned(), |name| format!("{name}={text}"));
    let all = match value {
        Value::Array(items) if is_exploded => items
            .iter()
            .map(|item| named(&encode(&word(item))))
            .collect(),
        Value::Object(held) if is_exploded => held
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(&word(value))))
            .collect(),
        value => vec![named(&simple(&Value::Null, value, encode))],
    };
    all.iter().map(|text| format!("{start}{text}")).collect()
}

/// Whether the value of a parameter is JSON.
fn is_json(parameter: &Value) -> bool {
    members(&parameter["content"]).any(|(name, _)| !name.contains('*'))
}

/// The style `simple`, that of paths and headers.
fn simple(parameter: &Value, value: &Value, encode: &dyn Fn(&str) -> String) -> String {
    if is_json(parameter) {
        return encode(&value.to_string());
    }
    match value {
        Value::Object(held) if parameter["explode"] == true => {
            let pair = |(name, value): (&String, &Value)| {
                format!("{}={}", encode(name), encode(&word(value)))
            };
            held.iter().map(pair).collect::<Vec<_>>().join(",")
        }
        value => words(value)
            .iter()
            .map(|word| encode(word))
            .collect::<Vec<_>>()
            .join(","),
    }
}

/// The words of a value, the names of members among them.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(word).collect(),
        Value::Object(held) => held
            .iter()
            .flat_map(|(name, value)| [name.clone(), word(value)])
            .collect(),
        value => vec![word(value)],
    }
}

/// A text as it is, and anything else as JSON.
fn word(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_support::OrFail as _;

    use super::{cookie, form, header, parts, target};

    fn sent(parameters: &[(Value, Value)]) -> String {
        let given = parameters
            .iter()
            .map(|(parameter, value)| (parameter, value));
        target("/a/{p}/b", given, vec![("key".to_owned(), "k".to_owned())]).or_fail()
    }

    /// The table of OpenAPI 3.0.3, section "Style Examples", with what is encoded, and with members by their names.
    #[test]
    fn the_styles_are_those_of_openapi() {
        let list = json!(["blue", "black", "brown"]);
        let object = json!({ "R": 100, "G": 200, "B": 150 });
        for (parameter, value, expected) in [
            (json!({}), &list, "color=blue&color=black&color=brown"),
            (
                json!({ "explode": false }),
                &list,
                "color=blue%2Cblack%2Cbrown",
            ),
            (json!({ "style": "form" }), &object, "B=150&G=200&R=100"),
            (
                json!({ "explode": false }),
                &object,
                "color=B%2C150%2CG%2C200%2CR%2C100",
            ),
            (
                json!({ "style": "spaceDelimited" }),
                &list,
                "color=blue+black+brown",
            ),
            (
                json!({ "style": "pipeDelimited" }),
                &list,
                "color=blue%7Cblack%7Cbrown",
            ),
            (
                json!({ "style": "deepObject" }),
                &object,
                "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100",
            ),
            (
                json!({ "content": { "application/json": {} } }),
                &list,
                "color=%5B%22blue%22%2C%22black%22%2C%22brown%22%5D",
            ),
        ] {
            let mut parameter = parameter;
            parameter["name"] = "color".into();
            parameter["in"] = "query".into();
            let sent = sent(&[(parameter.clone(), value.clone())]);
            assert_eq!(
                sent,
                format!("/a/{{p}}/b?{expected}&key=k").replace("{p}", "%7Bp%7D"),
                "{parameter}"
            );
        }
        for (explode, value, expected) in [
            (false, json!("a/b ?"), "a%2Fb%20%3F"),
            (false, list.clone(), "blue,black,brown"),
            (false, object.clone(), "B,150,G,200,R,100"),
            (true, object.clone(), "B=150,G=200,R=100"),
        ] {
            let parameter = json!({ "name": "p", "in": "path", "explode": explode });
            assert_eq!(
                sent(&[(parameter, value)]),
                format!("/a/{expected}/b?key=k")
            );
        }
        // RFC 6570, sections 3.2.5 and 3.2.7.
        for (style, explode, value, expected) in [
            ("label", false, json!("blue"), ".blue"),
            ("label", false, list.clone(), ".blue,black,brown"),
            ("label", true, list.clone(), ".blue.black.brown"),
            ("label", false, object.clone(), ".B,150,G,200,R,100"),
            ("label", true, object.clone(), ".B=150.G=200.R=100"),
            ("matrix", false, json!("blue"), ";p=blue"),
            ("matrix", false, list.clone(), ";p=blue,black,brown"),
            ("matrix", true, list.clone(), ";p=blue;p=black;p=brown"),
            ("matrix", false, object.clone(), ";p=B,150,G,200,R,100"),
            ("matrix", true, object.clone(), ";B=150;G=200;R=100"),
        ] {
            let parameter =
                json!({ "name": "p", "in": "path", "style": style, "explode": explode });
            assert_eq!(
                sent(&[(parameter, value)]),
                format!("/a/{expected}/b?key=k")
            );
        }
        let parameter = json!({ "name": "c", "in": "cookie" });
        assert_eq!(cookie(&parameter, &list), "c=blue; c=black; c=brown");
        assert_eq!(
            header(&json!({ "name": "X-H" }), &object),
            "B,150,G,200,R,100"
        );
    }

    #[test]
    fn forms_and_parts_are_those_of_openapi() {
        let content = json!({ "encoding": {
            "comma": { "style": "form", "explode": false },
            "json": { "contentType": "application/json" },
        } });
        let value =
            json!({ "a": [1, 2], "comma": ["x", "y"], "json": ["z"], "object": { "k": 1 } });
        let pairs = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect::<Vec<_>>()
        };
        let expected = [
            ("a", "1"),
            ("a", "2"),
            ("comma", "x,y"),
            ("json", "[\"z\"]"),
            ("object", "{\"k\":1}"),
        ];
        assert_eq!(form(&content, &value), pairs(&expected));
        let expected = [
            ("a", "1"),
            ("a", "2"),
            ("comma", "x"),
            ("comma", "y"),
            ("json", "[\"z\"]"),
            ("object", "{\"k\":1}"),
        ];
        assert_eq!(parts(&content, &value), pairs(&expected));
    }
}
