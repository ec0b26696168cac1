//! What of a document's words is not carried into the code: so nothing of it is passed over in silence. What becomes
//! of each word says the grammar ([`grammar::WORDS`]), and of the usual extensions of Microsoft's the table here.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    grammar::{
        self, Dialect,
        Fate::{self, Carried, Prose, Told},
        Kind, join, members,
    },
    problem::Problem,
};

/// [Extensions of Microsoft's](https://azure.github.io/autorest/extensions/), anywhere.
pub const EXTENSIONS: &[(&str, Fate)] = &[
    ("x-ms-client-name", Carried),
    ("x-ms-discriminator-value", Carried),
    ("x-ms-enum", Carried),
    ("x-ms-pageable", Carried),
    ("x-ms-secret", Carried),
    ("x-ms-api-annotation", Prose),
    ("x-ms-azure-resource", Prose),
    ("x-ms-client-flatten", Prose),
    ("x-ms-code-generation-settings", Prose),
    ("x-ms-correlation-request-id", Prose),
    ("x-ms-examples", Prose),
    ("x-ms-external", Prose),
    ("x-ms-odata", Prose),
    ("x-ms-parameter-grouping", Prose),
    ("x-ms-parameter-location", Prose),
    ("x-ms-text", Prose),
    (
        "x-ms-client-default",
        Told("the client has no defaults of its own; set the value in the call"),
    ),
    (
        "x-ms-client-request-id",
        Told("this header is sent where the call sets it, and only there"),
    ),
    (
        "x-ms-error-response",
        Told("an answer is an error by its status alone; read others with `Error::body_as`"),
    ),
    (
        "x-ms-header-collection-prefix",
        Told("such headers have no accessor; read them of the answer's own headers"),
    ),
    (
        "x-ms-long-running-operation",
        Told("the call ends with the first answer; go on with what its headers or its body name"),
    ),
    (
        "x-ms-long-running-operation-options",
        Told("the call ends with the first answer; go on with what its headers or its body name"),
    ),
    (
        "x-ms-mutability",
        Told("when a property may be written is not checked; `readOnly` is"),
    ),
    (
        "x-ms-request-id",
        Told("the request's id is read of the headers that the transport knows"),
    ),
    (
        "x-ms-skip-url-encoding",
        Told("the value is percent-encoded all the same; a path in it becomes one segment"),
    ),
];

/// What is told of a document's words, in the document as it was written: of each word once, at the first of its
/// places; of extensions at each, as a caller may have to do something there.
#[must_use]
pub fn warnings(document: &Value) -> Vec<Problem> {
    let dialect = Dialect::of(document);
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    grammar::walk(document, "", Kind::Root, &mut |value, pointer, kind| {
        if kind.has_words() {
            for (key, _) in members(value) {
                let what = told(key, kind, dialect).or_else(|| format(key, kind, value));
                let is_new = |what: &String| known.insert(what.clone()) || key.starts_with("x-");
                if let Some(what) = what.filter(is_new) {
                    found.push(Problem::new(&join(pointer, key), what));
                }
            }
        }
        kind != Kind::Data
    });
    found
}

/// What is told of a word.
fn told(key: &str, kind: Kind, dialect: Dialect) -> Option<String> {
    let has = |word: &&grammar::Word| word.dialects.contains(&dialect);
    let fate = match grammar::word(kind, key) {
        Some(word) => Some(word).filter(has).map(|word| word.fate),
        None if kind == Kind::Callback => return None,
        None => EXTENSIONS
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, fate)| *fate),
    };
    match fate {
        Some(Carried | Prose) => None,
        Some(Told(why)) => Some(format!("`{key}` is not carried into the code: {why}")),
        None if key.starts_with("x-ms-") => Some(format!(
            "`{key}` is not carried into the code: no step knows it"
        )),
        // Other people's extensions are for other people's programs.
        None if key.starts_with("x-") => None,
        None => Some(format!(
            "`{key}` is no word of {dialect} in this place; is it misspelled?"
        )),
    }
}

/// Formats that a type follows.
const FORMATS: [&str; 23] = [
    "binary",
    "date",
    "date-time",
    "date-time-local",
    "date-time-rfc1123",
    "double",
    "file",
    "float",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "ip",
    "ipv4",
    "ipv6",
    "password",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uuid",
];

/// What is told of a format that no type follows.
fn format(key: &str, kind: Kind, holder: &Value) -> Option<String> {
    let is_schema = matches!(kind, Kind::Schema | Kind::Parameter | Kind::Header);
    let format = holder["format"]
        .as_str()
        .filter(|_| key == "format" && is_schema)?;
    (!FORMATS.contains(&format)).then(|| {
        format!("`format: {format}` does not become a type: its values are given as they are sent")
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{EXTENSIONS, Fate, warnings};

    #[test]
    fn every_extension_that_is_not_carried_is_told_at_each_place_with_a_reason() {
        for (word, fate) in EXTENSIONS {
            let operation = json!({ "operationId": "a", word.to_owned(): "value" });
            let other = json!({ "operationId": "b", word.to_owned(): "value" });
            let document = json!({ "paths": { "/a": { "get": operation, "put": other } } });
            let told = warnings(&document);
            match fate {
                Fate::Told(why) => {
                    let places: Vec<_> = told.iter().map(|one| one.pointer.as_str()).collect();
                    let expected =
                        ["get", "put"].map(|method| format!("/paths/~1a/{method}/{word}"));
                    assert_eq!(places, expected);
                    assert!(told[0].what.contains(why) && why.contains(' '), "{word}");
                }
                _ => assert_eq!(told, [], "{word}"),
            }
        }
        let names: BTreeSet<_> = EXTENSIONS.iter().map(|(word, _)| word).collect();
        assert_eq!(names.len(), EXTENSIONS.len());
    }

    #[test]
    fn a_word_of_no_specification_is_told_and_names_and_data_are_none() {
        let document = json!({
            "openapi": "3.0.3",
            "sevrers": [],
            "security": [{ "key": [] }],
            "paths": { "/a": { "get": { "x-internal": 1, "x-ms-new": 1, "responses": { "200": { "desc": "" } } } } },
            "components": {
                "callbacks": { "On": { "{$url}": { "post": { "descr": "" } } } },
                "schemas": { "Any": { "discriminator": { "propertyName": "desc", "mapping": { "cat": "#/c" } }, "xml": { "wrapped": true }, "properties": { "desc": { "typ": "string" } }, "example": { "a": 1 } } },
            },
        });
        let told = warnings(&document);
        let places: BTreeSet<_> = told.iter().map(|one| one.pointer.as_str()).collect();
        let expected = [
            "/components/callbacks/On/{$url}/post/descr",
            "/components/schemas/Any/properties/desc/typ",
            "/paths/~1a/get/responses/200/desc",
            "/paths/~1a/get/x-ms-new",
            "/sevrers",
        ];
        assert_eq!(places, BTreeSet::from(expected), "{told:?}");
    }

    /// RicoSuter/NSwag#2474: what one dialect has and another has not, and what stands where no dialect has it.
    #[test]
    fn a_word_of_another_dialect_or_another_place_is_told() {
        let path = |parameter: &serde_json::Value, schema: &serde_json::Value| json!({ "/a": { "get": { "parameters": [parameter], "responses": { "200": { "schema": schema } } } } });
        let (joined, constant) = (
            json!({ "collectionFormat": "multi" }),
            json!({ "const": 1 }),
        );
        for (version, parameter, schema, expected) in [
            (
                json!({ "swagger": "2.0" }),
                &joined,
                &constant,
                "const` is no word of Swagger 2.0",
            ),
            (
                json!({ "openapi": "3.0.0" }),
                &joined,
                &json!({}),
                "collectionFormat` is no word of OpenAPI 3.0",
            ),
            (
                json!({ "openapi": "3.1.0" }),
                &json!({ "schema": { "operationId": "" } }),
                &json!({}),
                "operationId` is no word of OpenAPI 3.1",
            ),
        ] {
            let mut document = version;
            document["paths"] = path(parameter, schema);
            let told = warnings(&document);
            assert!(
                told.iter().any(|one| one.what.contains(expected)),
                "{expected}: {told:?}"
            );
        }
    }
}
