//! Every word of Swagger 2.0, OpenAPI 3.0 and 3.1, put into a document: one that is said to be carried shows in what is
//! generated, is told, or is refused; one that is said to be prose changes nothing. They must notice a word that is
//! dropped without a note, and a row of the table that promises what no step does.

#![allow(
    clippy::too_many_lines,
    clippy::match_same_arms,
    reason = "two of these functions are tables"
)]

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_codegen::{
    document::Document,
    generate,
    grammar::{Dialect, Fate, Kind, WORDS, Word},
};

const OPERATION: &str = "/paths/~1things~1{id}/post";

fn template(dialect: Dialect) -> Value {
    let thing = json!({ "type": "object", "required": ["must"], "properties": { "word": { "type": "string" }, "must": { "type": "string" } } });
    let other = json!({ "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" } } });
    let info = json!({ "title": "T", "version": "1" });
    if dialect == Dialect::Swagger {
        return json!({
            "swagger": "2.0", "info": info, "host": "a.example", "schemes": ["https"],
            "consumes": ["application/json"], "produces": ["application/json"],
            "paths": { "/things/{id}": { "post": {
                "operationId": "call",
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "type": "string" },
                    { "name": "q", "in": "query", "type": "string" },
                    { "name": "body", "in": "body", "schema": { "$ref": "#/definitions/Thing" } },
                ],
                "responses": { "200": {
                    "description": "D",
                    "headers": { "X-H": { "type": "string" } },
                    "schema": { "$ref": "#/definitions/Thing" },
                } },
            } } },
            "definitions": { "Thing": thing, "Other": other },
            "securityDefinitions": { "key": { "type": "apiKey", "in": "header", "name": "X-Key" } },
            "security": [{ "key": [] }],
        });
    }
    let json =
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } });
    let form = json!({ "type": "object", "properties": { "list": { "type": "array", "items": { "type": "string" } }, "file": { "type": "string", "format": "binary" } } });
    let pick = json!({
        "oneOf": [{ "$ref": "#/components/schemas/Other" }, { "$ref": "#/components/schemas/More" }],
        "discriminator": { "propertyName": "kind" },
    });
    json!({
        "openapi": if dialect == Dialect::V30 { "3.0.3" } else { "3.1.0" },
        "info": info,
        "servers": [{ "url": "https://a.example/{v}", "variables": { "v": { "default": "x" } } }],
        "paths": {
            "/things/{id}": { "post": {
                "operationId": "call",
                "parameters": [
                    { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                    { "name": "q", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } },
                ],
                "requestBody": { "content": json },
                "responses": { "200": {
                    "description": "D",
                    "headers": { "X-H": { "schema": { "type": "string" } } },
                    "content": json,
                } },
            } },
            "/form": { "post": { "operationId": "form", "requestBody": { "content": { "application/x-www-form-urlencoded": { "schema": form } } }, "responses": { "204": { "description": "D" } } } },
            "/parts": { "post": { "operationId": "parts", "requestBody": { "content": { "multipart/form-data": { "schema": form } } }, "responses": { "204": { "description": "D" } } } },
        },
        "components": {
            "schemas": { "Thing": thing, "Other": other, "More": other, "Pick": pick },
            "parameters": { "P": { "name": "p", "in": "query", "schema": { "type": "string" } } },
            "securitySchemes": { "key": { "type": "apiKey", "in": "header", "name": "X-Key" } },
        },
        "security": [{ "key": [] }],
    })
}

/// Where the template has an element of a kind, or may have one.
fn place(kind: Kind, word: &str, dialect: Dialect) -> String {
    let body = format!("{OPERATION}/requestBody");
    let json = format!("{body}/content/application~1json");
    let answer = format!("{OPERATION}/responses/200");
    let is_swagger = dialect == Dialect::Swagger;
    let schemas = if is_swagger {
        "/definitions"
    } else {
        "/components/schemas"
    };
    let keys = if is_swagger {
        "/securityDefinitions"
    } else {
        "/components/securitySchemes"
    };
    match kind {
        Kind::Root => String::new(),
        Kind::Info => "/info".to_owned(),
        Kind::Contact => "/info/contact".to_owned(),
        Kind::License => "/info/license".to_owned(),
        Kind::Tag => "/tags/0".to_owned(),
        Kind::ExternalDocs => "/externalDocs".to_owned(),
        Kind::Server => "/servers/0".to_owned(),
        Kind::Variable => "/servers/0/variables/v".to_owned(),
        Kind::Host => "/x-ms-parameterized-host".to_owned(),
        Kind::Components => "/components".to_owned(),
        Kind::Path => "/paths/~1things~1{id}".to_owned(),
        Kind::Operation => OPERATION.to_owned(),
        Kind::Parameter if is_swagger && word == "schema" => format!("{OPERATION}/parameters/2"),
        Kind::Parameter => format!("{OPERATION}/parameters/1"),
        Kind::Header => format!("{answer}/headers/X-H"),
        Kind::Body => body,
        Kind::MediaType if word == "encoding" => "/paths/~1form/post/requestBody/content/application~1x-www-form-urlencoded".to_owned(),
        Kind::MediaType => json,
        Kind::Encoding if ["contentType", "headers"].contains(&word) => "/paths/~1parts/post/requestBody/content/multipart~1form-data/encoding/file".to_owned(),
        Kind::Encoding => "/paths/~1form/post/requestBody/content/application~1x-www-form-urlencoded/encoding/list".to_owned(),
        Kind::Response => answer,
        Kind::Callback => format!("{OPERATION}/callbacks/on"),
        Kind::Example => format!("{json}/examples/e"),
        Kind::Link => format!("{answer}/links/l"),
        Kind::SecurityScheme => format!("{keys}/key"),
        Kind::Flows => format!("{keys}/oauth/flows"),
        Kind::Flow => format!("{keys}/oauth/flows/implicit"),
        Kind::Discriminator => "/components/schemas/Pick/discriminator".to_owned(),
        Kind::Xml => format!("{schemas}/Thing/xml"),
        Kind::Schema if word == "example" => format!("{schemas}/Thing"),
        Kind::Schema if ["readOnly", "writeOnly"].contains(&word) => format!("{schemas}/Thing/properties/must"),
        Kind::Schema => format!("{schemas}/Thing/properties/word"),
        Kind::Named(_) | Kind::List(_) | Kind::Data => unreachable!("{kind:?} has no words"),
    }
}

/// What the element is without the word, where the template's own will not do.
fn without(kind: Kind, word: &str, dialect: Dialect) -> Option<Value> {
    Some(match (kind, word) {
        (Kind::Parameter, "format" | "maximum" | "minimum" | "multipleOf") => {
            json!({ "name": "q", "in": "query", "type": "integer" })
        }
        (Kind::Parameter, "exclusiveMaximum") => {
            json!({ "name": "q", "in": "query", "type": "integer", "maximum": 7 })
        }
        (Kind::Parameter, "exclusiveMinimum") => {
            json!({ "name": "q", "in": "query", "type": "integer", "minimum": 7 })
        }
        (
            Kind::Parameter,
            "collectionFormat" | "items" | "maxItems" | "minItems" | "uniqueItems",
        ) => json!({ "name": "q", "in": "query", "type": "array", "items": { "type": "string" } }),
        (Kind::Parameter, "content") => json!({ "name": "q", "in": "query" }),
        (Kind::Header, "format" | "maximum" | "minimum" | "multipleOf") => {
            json!({ "type": "integer" })
        }
        (Kind::Header, "exclusiveMaximum") => json!({ "type": "integer", "maximum": 7 }),
        (Kind::Header, "exclusiveMinimum") => json!({ "type": "integer", "minimum": 7 }),
        (Kind::Header, "collectionFormat" | "items" | "maxItems" | "minItems" | "uniqueItems") => {
            json!({ "type": "array", "items": { "type": "string" } })
        }
        (Kind::SecurityScheme, "scheme") => json!({ "type": "http", "scheme": "digest" }),
        (Kind::SecurityScheme, "bearerFormat") => json!({ "type": "http", "scheme": "bearer" }),
        (Kind::SecurityScheme, "openIdConnectUrl") => json!({ "type": "openIdConnect" }),
        (Kind::SecurityScheme, "flows") => json!({ "type": "oauth2" }),
        (Kind::SecurityScheme, "authorizationUrl" | "tokenUrl" | "scopes") => {
            json!({ "type": "oauth2", "flow": "implicit" })
        }
        (Kind::SecurityScheme, "flow") => json!({ "type": "oauth2", "flow": "password" }),
        (Kind::Host, "useSchemePrefix" | "positionInOperation") => {
            json!({ "hostTemplate": "{h}.example", "parameters": [{ "name": "h", "in": "path", "type": "string" }] })
        }
        (Kind::Host, "parameters") => json!({ "hostTemplate": "{h}.example" }),
        (Kind::Schema, "multipleOf" | "maximum" | "minimum" | "format") => {
            json!({ "type": "integer" })
        }
        (Kind::Schema, "exclusiveMaximum") => json!({ "type": "integer", "maximum": 7 }),
        (Kind::Schema, "exclusiveMinimum") => json!({ "type": "integer", "minimum": 7 }),
        (
            Kind::Schema,
            "items" | "maxItems" | "minItems" | "uniqueItems" | "prefixItems" | "unevaluatedItems"
            | "contains" | "maxContains" | "minContains" | "collectionFormat",
        ) => json!({ "type": "array" }),
        (
            Kind::Schema,
            "properties"
            | "additionalProperties"
            | "maxProperties"
            | "minProperties"
            | "patternProperties"
            | "unevaluatedProperties"
            | "propertyNames"
            | "dependencies"
            | "dependentRequired"
            | "dependentSchemas"
            | "if"
            | "then"
            | "else",
        ) => json!({ "type": "object" }),
        (Kind::Schema, "title") => json!({ "type": "string", "enum": ["a"] }),
        (Kind::Schema, "required") => {
            json!({ "type": "object", "properties": { "a": { "type": "string" } } })
        }
        (Kind::Schema, "discriminator") => {
            json!({ "oneOf": [{ "$ref": format!("{}/Other", place(Kind::Schema, "", dialect).replace("/Thing/properties/word", "").replacen('/', "#/", 1)) }, { "type": "object" }] })
        }
        (Kind::Schema, "type" | "$ref" | "allOf" | "oneOf" | "anyOf" | "const") => json!({}),
        _ => return None,
    })
}

/// A value of a word.
fn value(kind: Kind, word: &str, dialect: Dialect) -> Value {
    let operation =
        json!({ "operationId": "further", "responses": { "200": { "description": "D" } } });
    let text = || json!({ "type": "string" });
    let thing = || json!({ "word": "w", "must": "m" });
    let is_swagger = dialect == Dialect::Swagger;
    let other = || json!({ "$ref": if is_swagger { "#/definitions/Other" } else { "#/components/schemas/Other" } });
    match (kind, word) {
        (Kind::Root, "openapi" | "swagger" | "paths" | "info") => Value::Null,
        (Kind::Root, "jsonSchemaDialect") => json!("https://example.com/dialect"),
        (Kind::Root, "servers") => json!([{ "url": "https://b.example" }]),
        (Kind::Root, "host") => json!("b.example"),
        (Kind::Root, "basePath") => json!("/base"),
        (Kind::Root | Kind::Operation, "schemes") => json!(["http"]),
        (Kind::Root | Kind::Operation, "consumes" | "produces") => json!(["text/plain"]),
        (Kind::Root, "webhooks") => json!({ "w": { "post": operation } }),
        (Kind::Root, "components") => json!({}),
        (Kind::Root, "definitions") | (Kind::Components, "schemas") => Value::Null,
        (Kind::Root, "parameters") => {
            json!({ "P": { "name": "p", "in": "query", "type": "array", "items": text(), "collectionFormat": "tsv" } })
        }
        (Kind::Root, "responses") => {
            json!({ "R": { "description": "D", "headers": { "X": { "type": "array", "items": text(), "collectionFormat": "pipes" } } } })
        }
        (Kind::Root, "securityDefinitions") | (Kind::Components, "securitySchemes") => {
            json!({ "key": { "type": "apiKey", "in": "query", "name": "k" } })
        }
        (Kind::Root, "security") => json!([]),
        (Kind::Operation, "security") => json!([{}]),
        (Kind::Root, "tags") => json!([{ "name": "t" }]),
        (Kind::Operation, "tags") => json!(["t"]),
        (Kind::Root, "x-ms-paths") => json!({ "/more?a=b": { "get": operation } }),
        (Kind::Root, "x-ms-parameterized-host") => {
            json!({ "hostTemplate": "{h}.example", "parameters": [{ "name": "h", "in": "path", "type": "string" }] })
        }
        (Kind::Host, "hostTemplate") => json!("b.example"),
        (Kind::Host, "useSchemePrefix") => json!(false),
        (Kind::Host, "positionInOperation") => json!("first"),
        (Kind::Host, "parameters") => {
            json!([{ "name": "h", "in": "path", "type": "string", "default": "x" }])
        }
        (Kind::Info, "contact" | "license") => json!({ "name": "n", "url": "https://example.com" }),
        (_, "externalDocs") => json!({ "url": "https://example.com" }),
        (_, "xml") => json!({ "name": "n" }),
        (Kind::Server, "variables") => json!({ "v": { "default": "y" } }),
        (Kind::Server, "url") => json!("https://c.example/{v}"),
        (Kind::Components, "responses") => json!({ "R": "no mapping" }),
        (Kind::Components, "parameters") => json!({ "P": "no mapping" }),
        (Kind::Components, "requestBodies") => json!({ "B": "no mapping" }),
        (Kind::Components, "headers") => json!({ "H": "no mapping" }),
        (Kind::Components, "examples" | "links") => json!({ "E": { "$ref": "#/nowhere" } }),
        (Kind::Components, "callbacks") => {
            json!({ "C": { "{$url}": { "post": { "requestBody": { "$ref": "#/nowhere" } } } } })
        }
        (Kind::Components, "pathItems") => json!({ "I": { "get": operation } }),
        (
            Kind::Path,
            "get" | "put" | "delete" | "options" | "head" | "patch" | "trace" | "post",
        ) => operation,
        (Kind::Path, "parameters") if is_swagger => {
            json!([{ "name": "more", "in": "query", "type": "string" }])
        }
        (Kind::Path, "parameters") => json!([{ "name": "more", "in": "query", "schema": text() }]),
        (Kind::Path | Kind::Operation, "servers") => {
            json!([{ "url": "https://d.example" }])
        }
        (Kind::Operation, "operationId") => json!("renamed"),
        (Kind::Operation, "parameters") => {
            json!([{ "name": "id", "in": "path", "required": true, "type": "string", "schema": text() }])
        }
        (Kind::Operation, "requestBody") => json!({ "content": { "text/plain": {} } }),
        (Kind::Operation, "responses") => json!({ "204": { "description": "D" } }),
        (Kind::Operation, "callbacks") => json!({ "on": { "{$url}": { "post": operation } } }),
        (Kind::Callback | Kind::Link | Kind::Example, "$ref") => json!("#/nowhere"),
        (Kind::Parameter, "$ref") => json!(if is_swagger {
            "#/parameters/P"
        } else {
            "#/components/parameters/P"
        }),
        (_, "$ref") if kind != Kind::Schema => json!("#/nowhere"),
        (Kind::Parameter, "name") => json!("other"),
        (Kind::Parameter, "in") => json!("header"),
        (Kind::Parameter | Kind::Encoding, "style") => json!("pipeDelimited"),
        (Kind::Header, "style") => json!("simple"),
        (_, "explode") => json!(false),
        (Kind::Parameter | Kind::Body | Kind::Response | Kind::Header, "content") => {
            json!({ "text/plain": { "schema": text() } })
        }
        (Kind::Parameter | Kind::Header, "type") => json!("boolean"),
        (Kind::Parameter | Kind::Header, "collectionFormat") => json!("tsv"),
        (Kind::Schema, "collectionFormat") => json!("pipes"),
        (Kind::MediaType | Kind::Parameter | Kind::Header, "examples") => {
            json!({ "e": { "value": if kind == Kind::MediaType { thing() } else { json!(["w"]) } } })
        }
        (Kind::MediaType, "example") | (Kind::Example, "value") => thing(),
        (Kind::Parameter, "example") => json!(["w"]),
        (Kind::MediaType, "encoding") => {
            json!({ "list": { "style": "pipeDelimited", "explode": false } })
        }
        (Kind::Encoding, "contentType") => json!("image/png"),
        (Kind::Encoding, "headers") => json!({ "X-P": { "schema": text() } }),
        (Kind::Encoding, "allowReserved") => json!(true),
        (Kind::Response, "headers") => json!({ "X-O": { "type": "string", "schema": text() } }),
        (Kind::Response, "links") => json!({ "l": { "operationId": "call" } }),
        (Kind::Response, "examples") => json!({ "application/json": thing() }),
        (Kind::MediaType | Kind::Header | Kind::Parameter | Kind::Response, "schema") => {
            json!({ "type": "integer" })
        }
        (Kind::Link, "parameters") => json!({ "id": "$response.body#/id" }),
        (Kind::Link, "server") => json!({ "url": "https://e.example" }),
        (Kind::SecurityScheme, "type") => json!(if is_swagger { "basic" } else { "oauth2" }),
        (Kind::SecurityScheme, "in") => json!("query"),
        (Kind::SecurityScheme, "scheme") => json!("basic"),
        (Kind::SecurityScheme, "flow") => json!("application"),
        (Kind::SecurityScheme, "flows") => {
            json!({ "implicit": { "authorizationUrl": "https://example.com", "scopes": {} } })
        }
        (Kind::SecurityScheme | Kind::Flow, "scopes") => json!({ "s": "d" }),
        (Kind::Flows, _) => json!({ "authorizationUrl": "https://example.com", "scopes": {} }),
        (Kind::Discriminator, "propertyName") => json!("sort"),
        (Kind::Discriminator, "mapping") => json!({ "o": "#/components/schemas/Other" }),
        (Kind::Xml, "attribute" | "wrapped") => json!(true),
        (Kind::Variable, "enum") => json!(["x", "y"]),
        (Kind::Parameter | Kind::Header, "format") => json!("int32"),
        (Kind::Parameter | Kind::Header | Kind::Schema, "enum") => json!(["a", "b"]),
        (Kind::Parameter | Kind::Header | Kind::Schema, "items") => json!({ "type": "integer" }),
        (_, "required") if kind != Kind::Schema => json!(true),
        (
            _,
            "deprecated" | "allowEmptyValue" | "allowReserved" | "uniqueItems" | "nullable"
            | "readOnly" | "writeOnly",
        ) => json!(true),
        (_, "exclusiveMaximum" | "exclusiveMinimum") => json!(if dialect == Dialect::V31 {
            json!(5)
        } else {
            json!(true)
        }),
        (
            _,
            "maximum" | "minimum" | "maxLength" | "minLength" | "maxItems" | "minItems"
            | "maxProperties" | "minProperties" | "maxContains" | "minContains",
        ) => json!(3),
        (_, "multipleOf") => json!(2),
        (_, "pattern") => json!("^a+$"),
        (Kind::Schema, "$ref") => other()["$ref"].clone(),
        (Kind::Schema, "type") => json!("boolean"),
        (Kind::Schema, "format") => json!("int32"),
        (
            Kind::Schema,
            "properties" | "patternProperties" | "definitions" | "$defs" | "dependentSchemas"
            | "dependencies",
        ) => json!({ "a": { "type": "integer", "not": {} } }),
        (Kind::Schema, "additionalProperties" | "unevaluatedProperties") => {
            json!({ "type": "integer" })
        }
        (Kind::Schema, "required") => json!(["a"]),
        (Kind::Schema, "allOf" | "oneOf" | "anyOf") => json!([other()]),
        (Kind::Schema, "prefixItems") => json!([{ "type": "integer" }]),
        (
            Kind::Schema,
            "not" | "unevaluatedItems" | "contains" | "propertyNames" | "if" | "then" | "else"
            | "contentSchema",
        ) => text(),
        (Kind::Schema, "discriminator") => {
            if is_swagger {
                json!("kind")
            } else {
                json!({ "propertyName": "kind" })
            }
        }
        (Kind::Schema, "dependentRequired") => json!({ "a": ["b"] }),
        (Kind::Schema, "examples") => json!(["w", "v"]),
        (Kind::Schema, "contentEncoding") => json!("base64"),
        (Kind::Schema, "example") => thing(),
        (Kind::Schema, "contentMediaType") => json!("image/png"),
        (Kind::Schema, "$vocabulary") => json!({}),
        (
            _,
            "url" | "termsOfService" | "openIdConnectUrl" | "authorizationUrl" | "tokenUrl"
            | "refreshUrl",
        ) => json!("https://example.com/u"),
        _ => json!("w"),
    }
}

/// What becomes of a document: the code without the document's hash, and the notes; or why it is refused.
type Made = Result<(Vec<String>, BTreeSet<String>), String>;

fn made(document: &Value) -> Made {
    let document = Document::parse("t", "specs/t.json", &document.to_string());
    let rendered = document.and_then(|document| generate::render(&document));
    let rendered = rendered.map_err(|error| format!("{error:#}"))?;
    let code = rendered.files.into_iter().map(|(_, text)| {
        let (_, code) = text.split_once('\n').unwrap_or_default();
        code.to_owned()
    });
    // What stands in the place of a word that lacks is that word's business.
    let notes = rendered.warnings.iter();
    let notes = notes.filter(|note| !note.what.ends_with("lacks; write it"));
    let notes = notes.map(|note| format!("{}: {}", note.pointer, note.what));
    Ok((code.collect(), notes.collect()))
}

/// The element at a pointer; what leads there is made.
fn at<'v>(document: &'v mut Value, pointer: &str) -> &'v mut Value {
    pointer.split('/').skip(1).fold(document, |value, word| {
        let word = word.replace("~1", "/").replace("~0", "~");
        if word == "0" && value.is_null() {
            *value = json!([{}]);
        }
        match word.parse::<usize>() {
            Ok(index) if value.is_array() => &mut value[index],
            _ => {
                if !value.is_object() {
                    *value = json!({});
                }
                &mut value[word]
            }
        }
    })
}

/// What is wrong with the row of a word. `known` has what became of documents without a word.
fn failure(
    kind: Kind,
    word: &Word,
    dialect: Dialect,
    known: &mut HashMap<String, Made>,
) -> Option<String> {
    let value = value(kind, word.name, dialect);
    if value.is_null() {
        // Without these there is no document, so they are in the template.
        return None;
    }
    let pointer = place(kind, word.name, dialect);
    let mut plain = template(dialect);
    let element = at(&mut plain, &pointer);
    if let Some(without) = without(kind, word.name, dialect) {
        *element = without;
    } else if element.is_null() {
        *element = json!({});
    }
    let mut with = plain.clone();
    let element = at(&mut with, &pointer);
    if word.name == "$ref" || kind == Kind::Header && word.name == "content" {
        *element = json!({});
    }
    element[word.name] = value;
    let before = known
        .entry(plain.to_string())
        .or_insert_with(|| made(&plain));
    let after = made(&with);
    let is_same = *before == after;
    let notes = after.map(|(_, notes)| notes);
    let is_told = |why: &str| {
        let mut notes = notes.iter().flatten();
        notes.any(|note| note.contains(why))
    };
    let what = match word.fate {
        Fate::Carried if is_same => "carried, and changes nothing",
        Fate::Told(why) if !is_told(why) => "told, and is not",
        Fate::Prose if !is_same => "prose, and changes what is made",
        _ => return None,
    };
    Some(format!(
        "{kind:?}.{} in {dialect} is said to be {what}: {notes:?}",
        word.name
    ))
}

/// All of them, or every fifth in the short form of the tests; see CONTRIBUTING.md.
fn check(dialect: Dialect) {
    let has = |word: &&Word| word.dialects.contains(&dialect);
    let all = WORDS
        .iter()
        .flat_map(|(kind, words)| words.iter().filter(has).map(move |word| (*kind, word)));
    let all: Vec<_> = all.collect();
    assert!(all.len() > 100, "{}", all.len());
    let step = if std::env::var_os("LONG_TESTS").is_some() {
        1
    } else {
        5
    };
    let mut known = HashMap::new();
    let failures = all
        .into_iter()
        .step_by(step)
        .filter_map(|(kind, word)| failure(kind, word, dialect, &mut known));
    let failures: Vec<_> = failures.collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_is_said_of_the_words_of_swagger_2_0_is_so() {
    check(Dialect::Swagger);
}

#[test]
fn what_is_said_of_the_words_of_openapi_3_0_is_so() {
    check(Dialect::V30);
}

#[test]
fn what_is_said_of_the_words_of_openapi_3_1_is_so() {
    check(Dialect::V31);
}

#[test]
fn the_template_is_taken() {
    for dialect in [Dialect::Swagger, Dialect::V30, Dialect::V31] {
        let (_, notes) = made(&template(dialect)).or_fail();
        assert!(notes.len() < 6, "{dialect}: {notes:#?}");
    }
}
