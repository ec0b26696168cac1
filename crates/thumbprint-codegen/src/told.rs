//! Every word of OpenAPI 3.0 and 3.1 and of Swagger 2.0, and the usual extensions of Microsoft's: what becomes of
//! it. A word that this table does not have is told; so nothing of a document is passed over in silence.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    document::{join, members},
    grammar::{self, Kind},
    lower::Warning,
};

/// What becomes of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the code, or in its documentation. Where the code cannot carry a value of it, the step that meets
    /// that value tells or refuses it.
    Carried,
    /// It says nothing that a program could do: text for people, or for other generators.
    Prose,
    /// It is told, and this is why it is not carried and what to do.
    Told(&'static str),
}
use Fate::{Carried, Prose, Told};

/// The words of elements: what is no schema.
pub const ELEMENTS: &[(&str, Fate)] = &[
    // The root, and what describes the whole.
    ("openapi", Carried),
    ("swagger", Carried),
    ("jsonSchemaDialect", Carried),
    ("info", Carried),
    ("title", Carried),
    ("version", Carried),
    ("summary", Carried),
    ("description", Carried),
    ("termsOfService", Prose),
    ("contact", Prose),
    ("license", Prose),
    ("email", Prose),
    ("identifier", Prose),
    ("url", Carried),
    ("tags", Prose),
    ("externalDocs", Prose),
    ("servers", Carried),
    ("variables", Carried),
    ("host", Carried),
    ("basePath", Carried),
    ("schemes", Carried),
    ("paths", Carried),
    ("webhooks", Carried),
    ("components", Carried),
    ("schemas", Carried),
    ("definitions", Carried),
    ("responses", Carried),
    ("parameters", Carried),
    ("examples", Carried),
    ("requestBodies", Carried),
    ("headers", Carried),
    ("securitySchemes", Carried),
    ("securityDefinitions", Carried),
    ("security", Carried),
    ("links", Carried),
    ("callbacks", Carried),
    ("pathItems", Carried),
    ("consumes", Carried),
    ("produces", Carried),
    // Paths and operations.
    ("get", Carried),
    ("put", Carried),
    ("post", Carried),
    ("delete", Carried),
    ("options", Carried),
    ("head", Carried),
    ("patch", Carried),
    ("trace", Carried),
    ("operationId", Carried),
    ("operationRef", Prose),
    ("requestBody", Carried),
    ("deprecated", Carried),
    // Parameters, headers, bodies.
    ("name", Carried),
    ("in", Carried),
    ("required", Carried),
    ("allowEmptyValue", Prose),
    ("style", Carried),
    ("explode", Carried),
    ("allowReserved", Carried),
    ("schema", Carried),
    ("example", Carried),
    ("content", Carried),
    ("encoding", Carried),
    ("contentType", Carried),
    ("collectionFormat", Carried),
    ("value", Carried),
    ("externalValue", Prose),
    ("server", Prose),
    // Security.
    ("type", Carried),
    ("scheme", Carried),
    ("bearerFormat", Prose),
    ("flows", Prose),
    ("flow", Prose),
    ("openIdConnectUrl", Prose),
    ("authorizationUrl", Prose),
    ("tokenUrl", Prose),
    ("refreshUrl", Prose),
    ("scopes", Prose),
    ("implicit", Prose),
    ("password", Prose),
    ("clientCredentials", Prose),
    ("authorizationCode", Prose),
    // The schema that a parameter or a header of Swagger 2.0 is.
    ("format", Carried),
    ("items", Carried),
    ("default", Carried),
    ("enum", Carried),
    ("maximum", Carried),
    ("exclusiveMaximum", Carried),
    ("minimum", Carried),
    ("exclusiveMinimum", Carried),
    ("maxLength", Carried),
    ("minLength", Carried),
    ("pattern", Carried),
    ("maxItems", Carried),
    ("minItems", Carried),
    ("uniqueItems", Carried),
    ("multipleOf", Carried),
];

/// The words of schemas.
pub const SCHEMAS: &[(&str, Fate)] = &[
    ("$ref", Carried),
    ("$defs", Carried),
    ("definitions", Carried),
    ("$schema", Carried),
    ("$id", Carried),
    ("$anchor", Carried),
    ("$dynamicRef", Carried),
    ("$dynamicAnchor", Carried),
    ("$vocabulary", Prose),
    ("$comment", Prose),
    ("title", Carried),
    ("description", Carried),
    ("externalDocs", Prose),
    ("xml", Prose),
    ("example", Carried),
    ("examples", Carried),
    ("default", Carried),
    ("deprecated", Carried),
    ("readOnly", Carried),
    ("writeOnly", Carried),
    ("nullable", Carried),
    ("discriminator", Carried),
    ("mapping", Carried),
    ("propertyName", Carried),
    ("type", Carried),
    ("format", Carried),
    ("enum", Carried),
    ("const", Carried),
    ("multipleOf", Carried),
    ("maximum", Carried),
    ("exclusiveMaximum", Carried),
    ("minimum", Carried),
    ("exclusiveMinimum", Carried),
    ("maxLength", Carried),
    ("minLength", Carried),
    ("pattern", Carried),
    ("items", Carried),
    ("prefixItems", Carried),
    ("unevaluatedItems", Carried),
    ("contains", Carried),
    ("maxContains", Carried),
    ("minContains", Carried),
    ("maxItems", Carried),
    ("minItems", Carried),
    ("uniqueItems", Carried),
    ("properties", Carried),
    ("patternProperties", Carried),
    ("additionalProperties", Carried),
    ("unevaluatedProperties", Carried),
    ("propertyNames", Carried),
    ("required", Carried),
    ("maxProperties", Carried),
    ("minProperties", Carried),
    ("dependentRequired", Carried),
    ("dependentSchemas", Carried),
    ("allOf", Carried),
    ("anyOf", Carried),
    ("oneOf", Carried),
    ("not", Carried),
    ("if", Carried),
    ("then", Carried),
    ("else", Carried),
    ("contentEncoding", Carried),
    ("contentMediaType", Carried),
    ("contentSchema", Carried),
];

/// [Extensions of Microsoft's](https://azure.github.io/autorest/extensions/), anywhere.
pub const EXTENSIONS: &[(&str, Fate)] = &[
    ("x-ms-client-name", Carried),
    ("x-ms-discriminator-value", Carried),
    ("x-ms-enum", Carried),
    ("x-ms-pageable", Carried),
    ("x-ms-parameterized-host", Carried),
    ("x-ms-paths", Carried),
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
        "x-ms-secret",
        Told("`Debug` shows the value; write `x-sensitive: true` beside it, in an overlay"),
    ),
    (
        "x-ms-skip-url-encoding",
        Told("the value is percent-encoded all the same; a path in it becomes one segment"),
    ),
];

/// What is told of a document's words, in the document as it was written: of each word once, at the first of its
/// places.
#[must_use]
pub fn warnings(document: &Value) -> Vec<Warning> {
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    grammar::walk(document, "", Kind::Element, &mut |value, pointer, kind| {
        // Their members are names of the document's, or words of their own of which no program needs one.
        let key = pointer.rsplit('/').next().unwrap_or_default();
        if [
            "callbacks",
            "dependentRequired",
            "discriminator",
            "externalDocs",
            "security",
            "xml",
        ]
        .contains(&key)
        {
            return false;
        }
        let words = match kind {
            Kind::Element => ELEMENTS,
            Kind::Schema => SCHEMAS,
            Kind::Elements | Kind::Schemas => return true,
            Kind::Data => return false,
        };
        for (key, _) in members(value) {
            let what = match fate(key, words) {
                Some(Told(why)) => format!("`{key}` is not carried into the code: {why}"),
                Some(_) => continue,
                // Other people's extensions are for other people's programs.
                None if key.starts_with("x-") && !key.starts_with("x-ms-") => continue,
                None if key.starts_with("x-") => {
                    format!("`{key}` is not carried into the code: no step knows it")
                }
                None => format!(
                    "`{key}` is no word of OpenAPI in this place, and is not read; is it misspelled?"
                ),
            };
            if known.insert(what.clone()) {
                let pointer = join(pointer, key);
                found.push(Warning { pointer, what });
            }
        }
        true
    });
    found
}

fn fate(key: &str, words: &[(&str, Fate)]) -> Option<Fate> {
    let mut all = words.iter().chain(EXTENSIONS).chain(&[("$ref", Carried)]);
    all.find(|(word, _)| *word == key).map(|(_, fate)| *fate)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{ELEMENTS, EXTENSIONS, Fate, SCHEMAS, warnings};

    #[test]
    fn every_word_that_is_not_carried_is_told_once_with_a_reason() {
        for (word, fate) in EXTENSIONS.iter().chain(ELEMENTS).chain(SCHEMAS) {
            let operation = json!({ "operationId": "a", word.to_owned(): "value" });
            let other = json!({ "operationId": "b", word.to_owned(): "value" });
            let document = json!({ "paths": { "/a": { "get": operation, "put": other } } });
            let told = warnings(&document);
            let told: Vec<_> = told
                .iter()
                .filter(|warning| warning.what.contains("not carried"))
                .collect();
            match fate {
                Fate::Told(why) => {
                    assert_eq!(told.len(), 1, "{word}: {told:?}");
                    assert_eq!(told[0].pointer, format!("/paths/~1a/get/{word}"));
                    assert!(told[0].what.contains(why) && why.contains(' '), "{word}");
                }
                _ => assert_eq!(told, [] as [&super::Warning; 0], "{word}"),
            }
        }
    }

    #[test]
    fn a_word_of_no_specification_is_told_and_names_and_data_are_none() {
        let document = json!({
            "openapi": "3.0.3",
            "sevrers": [],
            "security": [{ "key": [] }],
            "paths": { "/a": { "get": { "x-internal": 1, "x-ms-new": 1, "responses": { "200": { "desc": "" } } } } },
            "components": { "schemas": { "Any": { "discriminator": { "propertyName": "desc", "mapping": { "cat": "#/c" } }, "xml": { "wrapped": true }, "properties": { "desc": { "typ": "string" } }, "example": { "a": 1 } } } },
        });
        let told = warnings(&document);
        let places: BTreeSet<_> = told.iter().map(|one| one.pointer.as_str()).collect();
        let expected = [
            "/components/schemas/Any/properties/desc/typ",
            "/paths/~1a/get/responses/200/desc",
            "/paths/~1a/get/x-ms-new",
            "/sevrers",
        ];
        assert_eq!(places, BTreeSet::from(expected), "{told:?}");
    }

    #[test]
    fn no_word_stands_twice_in_a_table() {
        for table in [ELEMENTS, SCHEMAS, EXTENSIONS] {
            let words: BTreeSet<_> = table.iter().map(|(word, _)| word).collect();
            assert_eq!(words.len(), table.len());
        }
    }
}
