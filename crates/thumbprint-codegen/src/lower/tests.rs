use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_support::OrFail as _;

use super::{Lowered, lower};
use crate::{
    document::Document,
    grammar::{join, members},
    problem::Problem,
};

fn lowered(value: Value) -> Lowered {
    let lowered = lower(value);
    assert_eq!(lowered.refusals, []);
    lowered
}

fn refused(value: Value) -> Vec<Problem> {
    let problems = lower(value).refusals;
    assert!(!problems.is_empty());
    problems
}

fn places(warnings: &[Problem]) -> Vec<&str> {
    warnings
        .iter()
        .map(|warning| warning.pointer.as_str())
        .collect()
}

/// A document of 3.1 with one schema.
fn v31(schema: &Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {"S": schema, "T": {}}}})
}

#[test]
fn what_is_3_0_stays_as_it_is() {
    for name in ["batch", "wap"] {
        let written = Document::load(&crate::root(), name).or_fail().value;
        let value = Value::clone(&written);
        assert_eq!(
            lowered(value.clone()),
            Lowered {
                written,
                moved: BTreeMap::new(),
                value,
                warnings: Vec::new(),
                refusals: Vec::new(),
            }
        );
    }
}

#[test]
fn what_is_no_description_is_refused() {
    for (value, pointer, part) in [
        (json!({}), "", "neither `openapi` nor `swagger`"),
        (json!([]), "", "neither"),
        (
            json!({"openapi": "4.0.0"}),
            "/openapi",
            "\"4.0.0\" is not known",
        ),
        (
            json!({"swagger": "1.2"}),
            "/swagger",
            "\"1.2\" is not known",
        ),
    ] {
        let problems = refused(value);
        assert_eq!(problems[0].pointer, pointer);
        assert!(problems[0].what.contains(part), "{problems:?}");
    }
}

/// Schema of 3.1, the same in 3.0, and where something is lost.
#[test]
#[rustfmt::skip]
fn schemas_of_3_1() {
    let rows = [
        (json!({"type": ["string", "null"]}), json!({"type": "string", "nullable": true}), vec![]),
        (json!({"type": ["string", "integer"], "maxLength": 3, "minimum": 1, "format": "uuid", "title": "T"}),
         json!({"title": "T", "anyOf": [{"type": "string", "format": "uuid", "maxLength": 3}, {"type": "integer", "minimum": 1}]}), vec![]),
        (json!({"type": ["string", "null", "boolean"]}), json!({"anyOf": [{"type": "string"}, {"type": "boolean"}], "nullable": true}), vec![]),
        (json!({"anyOf": [{"$ref": "#/components/schemas/T"}, {"type": "null"}], "description": "d"}),
         json!({"allOf": [{"$ref": "#/components/schemas/T"}], "nullable": true, "description": "d"}), vec![]),
        (json!({"oneOf": [{"type": "null"}, {"type": "string"}, {"type": "integer"}]}),
         json!({"oneOf": [{"type": "string"}, {"type": "integer"}], "nullable": true}), vec![]),
        (json!({"oneOf": [{"type": "null"}, {"type": "string", "maxLength": 2}]}), json!({"type": "string", "maxLength": 2, "nullable": true}), vec![]),
        (json!({"const": "a"}), json!({"type": "string", "enum": ["a"]}), vec![]),
        (json!({"const": 1}), json!({"type": "integer", "enum": [1]}), vec![]),
        (json!({"type": "string", "examples": ["a"]}), json!({"type": "string", "example": "a"}), vec![]),
        (json!({"type": "string", "examples": ["a", "b"]}), json!({"type": "string", "example": "a"}), vec!["/examples"]),
        (json!({"type": "integer", "exclusiveMinimum": 1}), json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}), vec![]),
        (json!({"type": "integer", "exclusiveMaximum": 9, "maximum": 5}), json!({"type": "integer", "maximum": 5}), vec![]),
        (json!({"type": "integer", "exclusiveMaximum": 5, "maximum": 5}), json!({"type": "integer", "maximum": 5, "exclusiveMaximum": true}), vec![]),
        (json!({"$ref": "#/components/schemas/T", "description": "d"}), json!({"allOf": [{"$ref": "#/components/schemas/T"}], "description": "d"}), vec![]),
        (json!({"type": "string", "contentEncoding": "base64"}), json!({"type": "string", "format": "byte"}), vec![]),
        (json!({"type": "string", "contentMediaType": "application/octet-stream"}), json!({"type": "string", "format": "binary"}), vec![]),
        (json!({"type": "string", "contentEncoding": "base64url"}), json!({"type": "string"}), vec!["/contentEncoding"]),
        (json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}], "items": false}),
         json!({"type": "array", "items": {"type": "string"}, "maxItems": 2}), vec![]),
        (json!({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}),
         json!({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}), vec!["/prefixItems"]),
        (json!({"type": "object", "patternProperties": {"^a": {"type": "string"}}, "additionalProperties": false}),
         json!({"type": "object", "additionalProperties": {"type": "string"}}), vec!["/patternProperties"]),
        (json!({"properties": {"a": {"type": "string"}}}), json!({"type": "object", "properties": {"a": {"type": "string"}}}), vec![""]),
        (json!({"type": "object", "unevaluatedProperties": false}), json!({"type": "object", "additionalProperties": false}), vec![]),
        (json!({"type": "string", "if": {"maxLength": 1}, "then": {"pattern": "a"}, "else": true}), json!({"type": "string"}), vec!["/if", "/then", "/else"]),
        (json!({"type": "string", "$schema": "https://json-schema.org/draft/2020-12/schema"}), json!({"type": "string"}), vec![]),
        (json!({"type": "string", "$schema": "http://json-schema.org/draft-07/schema#"}), json!({"type": "string"}), vec!["/$schema"]),
        (json!({"type": "integer", "exclusiveMinimum": 5, "minimum": 5}), json!({"type": "integer", "minimum": 5, "exclusiveMinimum": true}), vec![]),
        (json!({"type": "integer", "exclusiveMinimum": 1, "minimum": 3}), json!({"type": "integer", "minimum": 3}), vec![]),
        (json!({"type": "array", "items": false}), json!({"type": "array", "items": {}, "maxItems": 0}), vec![]),
        (json!({"type": "object", "allOf": [true], "unevaluatedProperties": false}), json!({"type": "object", "allOf": [{}]}), vec!["/unevaluatedProperties"]),
        (json!({"type": "object", "patternProperties": {"^a": {}, "^b": {"type": "string"}}, "additionalProperties": false}),
         json!({"type": "object", "additionalProperties": true}), vec!["/patternProperties"]),
        (json!({"not": false, "description": "d"}), json!({"not": {"not": {}}, "description": "d"}), vec![]),
        (json!({"type": "null", "title": "t"}), json!({"title": "t"}), vec![""]),
        (json!({"properties": {"a": {"type": ["null"]}}}), json!({"type": "object", "properties": {"a": {}}}), vec!["/properties/a", ""]),
        (json!({"$defs": {"a": {"type": ["integer", "null"]}}}), json!({"$defs": {"a": {"type": "integer", "nullable": true}}}), vec![]),
        (json!({"type": "string", "$comment": "c", "nullable": true}), json!({"type": "string"}), vec!["/nullable"]),
        (json!({"type": "object", "properties": {"examples": {"type": ["integer", "null"]}, "const": true}}),
         json!({"type": "object", "properties": {"examples": {"type": "integer", "nullable": true}, "const": {}}}), vec![]),
    ];
    for (schema, expected, lost) in rows {
        let lowered = lowered(v31(&schema));
        assert_eq!(lowered.value["components"]["schemas"]["S"], expected, "{schema}");
        let lost: Vec<_> = lost.iter().map(|rest| format!("/components/schemas/S{rest}")).collect();
        assert_eq!(places(&lowered.warnings), lost, "{schema}");
        let api = serde_json::from_value::<openapiv3::OpenAPI>(lowered.value);
        assert!(api.is_ok(), "{schema}: {api:?}");
    }
}

#[test]
fn what_would_make_wrong_code_of_3_1_is_refused() {
    for (schema, place) in [
        (json!({"$dynamicRef": "#a"}), "/$dynamicRef"),
        (
            json!({"properties": {"a": {"$recursiveRef": "#a"}}}),
            "/properties/a/$recursiveRef",
        ),
    ] {
        let problems = refused(v31(&schema));
        assert_eq!(
            problems[0].pointer,
            format!("/components/schemas/S{place}"),
            "{problems:?}"
        );
    }
}

#[test]
fn a_document_of_3_1() {
    let lowered = lowered(json!({
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://example.com/own",
        "info": {"title": "t", "version": "1", "summary": "s", "license": {"name": "MIT", "identifier": "MIT"}},
        "webhooks": {"w": {}},
        "paths": {"/a": {"$ref": "#/components/pathItems/A"}},
        "components": {
            "pathItems": {"Unused": {}, "A": {"post": {
                "parameters": [{"name": "p", "in": "query", "schema": {"type": ["string", "null"]}}, {"$ref": "#/components/parameters/P", "description": "d"}],
                "requestBody": {"content": {"application/octet-stream": {}}},
            }}},
            "parameters": {"P": {"name": "q", "in": "query", "schema": {"const": "x"}}},
        },
    }));
    assert_eq!(
        lowered.value,
        json!({
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "1", "license": {"name": "MIT"}},
            "paths": {"/a": {"post": {
                "parameters": [{"name": "p", "in": "query", "schema": {"type": "string", "nullable": true}}, {"$ref": "#/components/parameters/P"}],
                "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
                "responses": {},
            }}},
            "components": {"parameters": {"P": {"name": "q", "in": "query", "schema": {"type": "string", "enum": ["x"]}}}},
        })
    );
    assert_eq!(
        places(&lowered.warnings),
        [
            "/jsonSchemaDialect",
            "/info/license/identifier",
            "/info/summary",
            "/components/pathItems/A/post/parameters/1/description",
            "/webhooks",
            "/components/pathItems/Unused",
        ]
    );
}

/// A document of Swagger 2.0 that has most of what there is.
fn swagger() -> Value {
    json!({
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "host": "example.com",
        "basePath": "/base/",
        "schemes": ["https", "http"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "x-ms-code-generation-settings": {"name": "n"},
        "security": [{"key": []}],
        "paths": {
            "/a/{id}": {
                "parameters": [{"$ref": "#/parameters/Body"}, {"name": "id", "in": "path", "required": true, "type": "string", "x-ms-client-name": "theId"}],
                "put": {
                    "operationId": "A_Put",
                    "x-ms-examples": {"e": {"$ref": "./examples/e.json"}},
                    "parameters": [
                        {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "pipes"},
                        {"name": "state", "in": "query", "type": "string", "enum": ["on", "off"], "x-ms-enum": {"name": "State", "modelAsString": true, "values": [{"value": "on", "name": "Running"}, {"value": "off", "name": "off"}]}},
                        {"$ref": "#/parameters/Tag"},
                    ],
                    "responses": {
                        "200": {
                            "description": "d",
                            "schema": {"$ref": "#/definitions/Pet"},
                            "headers": {"ETag": {"type": "string", "description": "e"}},
                            "examples": {"application/json": {"kind": "cat"}, "text/plain": "cat"},
                        },
                        "default": {"$ref": "#/responses/Error"},
                    },
                },
                "get": {
                    "operationId": "A_Get",
                    "produces": ["text/csv"],
                    "schemes": ["http"],
                    "responses": {"200": {"description": "d", "schema": {"type": "file"}}, "default": {"$ref": "#/responses/Error"}},
                },
            },
            "/upload": {"post": {
                "operationId": "Up",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "file", "in": "formData", "type": "file", "required": true, "description": "f"},
                    {"name": "note", "in": "formData", "type": "string"},
                ],
                "responses": {"204": {"description": "d"}},
            }},
        },
        "x-ms-paths": {"/b?comp=list&x={x}": {"get": {"operationId": "B", "responses": {"204": {"description": "d"}}}}},
        "definitions": {
            "Pet": {"type": "object", "discriminator": "kind", "required": ["kind"], "properties": {
                "kind": {"type": "string"}, "age": {"type": "integer", "x-nullable": true}, "friend": {"$ref": "#/definitions/Cat[1]", "x-nullable": true}}},
            "Cat[1]": {"allOf": [{"$ref": "#/definitions/Pet"}], "x-ms-discriminator-value": "cat"},
            "Untyped": {"properties": {}},
        },
        "parameters": {
            "Body": {"name": "pet", "in": "body", "required": true, "description": "b", "schema": {"$ref": "#/definitions/Pet"}},
            "Tag": {"name": "tag", "in": "header", "type": "string"},
        },
        "responses": {"Error": {"description": "e", "schema": {"type": "string"}}},
        "securityDefinitions": {
            "key": {"type": "apiKey", "in": "header", "name": "k"},
            "basic": {"type": "basic"},
            "flow": {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "https://a", "tokenUrl": "https://t", "scopes": {"s": "d"}},
        },
    })
}

#[test]
#[allow(clippy::too_many_lines, reason = "one document")]
fn a_document_of_swagger() {
    let lowered = lowered(swagger());
    let pet = json!({"$ref": "#/components/schemas/Pet"});
    assert_eq!(
        lowered.value,
        json!({
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "1"},
            "servers": [{"url": "https://example.com/base"}, {"url": "http://example.com/base"}],
            "x-ms-code-generation-settings": {"name": "n"},
            "security": [{"key": []}],
            "paths": {
                "/a/{id}": {
                    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}, "x-ms-client-name": "theId"}],
                    "put": {
                        "operationId": "A_Put",
                        "x-ms-examples": {"e": {"$ref": "./examples/e.json"}},
                        "parameters": [
                            {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}, "style": "pipeDelimited", "explode": false},
                            {"name": "state", "in": "query", "schema": {
                                "type": "string", "enum": ["on", "off"], "x-extensible": true, "x-enum-names": {"on": "Running"},
                                "x-ms-enum": {"name": "State", "modelAsString": true, "values": [{"value": "on", "name": "Running"}, {"value": "off", "name": "off"}]}}},
                            {"$ref": "#/components/parameters/Tag"},
                        ],
                        "requestBody": {"required": true, "description": "b", "content": {"application/json": {"schema": pet}}},
                        "responses": {
                            "200": {
                                "description": "d",
                                "headers": {"ETag": {"description": "e", "schema": {"type": "string"}}},
                                "content": {"application/json": {"schema": pet, "example": {"kind": "cat"}}},
                            },
                            "default": {"$ref": "#/components/responses/Error"},
                        },
                    },
                    "get": {
                        "operationId": "A_Get",
                        "servers": [{"url": "http://example.com/base"}],
                        "requestBody": {"required": true, "description": "b", "content": {"application/json": {"schema": pet}}},
                        "responses": {
                            "200": {"description": "d", "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}},
                            "default": {"description": "e", "content": {"text/csv": {"schema": {"type": "string"}}}},
                        },
                    },
                },
                "/upload": {"post": {
                    "operationId": "Up",
                    "requestBody": {"required": true, "content": {"multipart/form-data": {"schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary", "description": "f"}, "note": {"type": "string"}},
                    }}}},
                    "responses": {"204": {"description": "d"}},
                }},
                "/b": {
                    "parameters": [{"name": "comp", "in": "query", "required": true, "description": "Told by the path.", "schema": {"type": "string", "enum": ["list"], "default": "list"}}],
                    "get": {"operationId": "B", "responses": {"204": {"description": "d"}}},
                },
            },
            "components": {
                "schemas": {
                    "Pet": {"type": "object", "required": ["kind"],
                        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat_1_"}},
                        "properties": {
                            "kind": {"type": "string"}, "age": {"type": "integer", "nullable": true},
                            "friend": {"allOf": [{"$ref": "#/components/schemas/Cat_1_"}], "nullable": true}}},
                    "Cat_1_": {"allOf": [pet], "x-ms-discriminator-value": "cat"},
                    "Untyped": {"type": "object", "properties": {}},
                },
                "parameters": {"Tag": {"name": "tag", "in": "header", "schema": {"type": "string"}}},
                "responses": {"Error": {"description": "e", "content": {"application/json": {"schema": {"type": "string"}}}}},
                "securitySchemes": {
                    "key": {"type": "apiKey", "in": "header", "name": "k"},
                    "basic": {"type": "http", "scheme": "basic"},
                    "flow": {"type": "oauth2", "flows": {"authorizationCode": {"authorizationUrl": "https://a", "tokenUrl": "https://t", "scopes": {"s": "d"}}}},
                },
            },
        })
    );
    assert_eq!(
        places(&lowered.warnings),
        [
            "/definitions/Cat[1]",
            "/paths/~1a~1{id}/parameters/1/x-ms-client-name",
            "/paths/~1a~1{id}/put/responses/200/examples/text~1plain",
            "/definitions/Untyped",
        ]
    );
    serde_json::from_value::<openapiv3::OpenAPI>(lowered.value).or_fail();
}

#[test]
fn a_host_with_parameters_is_a_server_with_variables() {
    let mut document = swagger();
    document["x-ms-parameterized-host"] = json!({
        "hostTemplate": "{batchUrl}", "useSchemePrefix": false, "parameters": [{"$ref": "#/parameters/batchUrl"}],
    });
    document["parameters"]["batchUrl"] = json!({"name": "batchUrl", "in": "path", "required": true, "type": "string", "description": "u"});
    let one = lowered(document.clone());
    assert_eq!(
        one.value["servers"],
        json!([{"url": "{batchUrl}/base", "variables": {"batchUrl": {"default": "https://batchurl.invalid", "description": "u"}}}])
    );
    assert!(places(&one.warnings).contains(&"/parameters/batchUrl"));
    assert_eq!(one.value["components"]["parameters"].get("batchUrl"), None);

    document["x-ms-parameterized-host"] = json!({
        "hostTemplate": "{name}.example.com", "parameters": [{"name": "name", "in": "path", "type": "string", "default": "ana"}],
    });
    document["schemes"] = json!(["https"]);
    let two = lowered(document);
    assert_eq!(
        two.value["servers"],
        json!([{"url": "https://{name}.example.com/base", "variables": {"name": {"default": "ana"}}}])
    );
}

#[test]
fn what_would_make_wrong_code_of_swagger_is_refused() {
    let rows = [
        (
            "/definitions/Pet/properties/kind",
            json!({"$ref": "common.json#/definitions/K"}),
            "/definitions/Pet/properties/kind",
            "leaves the document",
        ),
        (
            "/definitions/Pet/properties/kind",
            json!({"$ref": "#/definitions/None"}),
            "/definitions/Pet/properties/kind",
            "leads nowhere",
        ),
        (
            "/paths/~1a~1{id}/put/parameters/0/collectionFormat",
            json!("tsv"),
            "/paths/~1a~1{id}/put/parameters/0/collectionFormat",
            "no \"tsv\"",
        ),
        (
            "/securityDefinitions/flow/flow",
            json!("other"),
            "/securityDefinitions/flow",
            "\"other\" is not known",
        ),
        (
            "/securityDefinitions/basic/type",
            json!("token"),
            "/securityDefinitions/basic",
            "\"token\" is not known",
        ),
        (
            "/paths/~1upload/post/parameters/1/in",
            json!("body"),
            "/paths/~1upload/post/parameters/0",
            "one body",
        ),
        (
            "/x-ms-paths",
            json!({"/upload?x=1": {}}),
            "/x-ms-paths/~1upload?x=1",
            "tell routes by their query",
        ),
        (
            "/paths/~1upload",
            json!({"$ref": "other.json"}),
            "/paths/~1upload",
            "leaves the document",
        ),
        (
            "/definitions/Pet/type",
            json!(["object", "null"]),
            "/definitions/Pet/type",
            "one type",
        ),
        (
            "/definitions/Cat_1_",
            json!({}),
            "/definitions/Cat_1_",
            "rename one",
        ),
    ];
    for (pointer, value, place, part) in rows {
        let mut document = swagger();
        let (parent, key) = pointer.rsplit_once('/').or_fail();
        document.pointer_mut(parent).or_fail()[key.replace("~1", "/")] = value;
        let problems = refused(document);
        assert!(
            problems
                .iter()
                .any(|problem| problem.pointer == place && problem.what.contains(part)),
            "{pointer}: {problems:#?}"
        );
    }
}

#[test]
fn lists_are_joined_as_before() {
    let with = |parameter: &Value, consumes: &str| {
        json!({"swagger": "2.0", "info": {"title": "t", "version": "1"}, "host": "h", "schemes": ["https"], "consumes": [consumes],
            "paths": {"/a": {"get": {"parameters": [parameter], "responses": {"204": {"description": "d"}}}}}})
    };
    let parameter = |location: &str, format: &str| json!({"name": "n", "in": location, "required": true, "type": "array", "items": {"type": "string"}, "collectionFormat": format});
    for (location, format, style, explode) in [
        ("query", "csv", "form", false),
        ("query", "multi", "form", true),
        ("query", "ssv", "spaceDelimited", false),
        ("query", "pipes", "pipeDelimited", false),
        ("path", "csv", "simple", false),
        ("header", "csv", "simple", false),
    ] {
        let lowered = lowered(with(&parameter(location, format), "application/json"));
        let found = &lowered.value["paths"]["/a"]["get"]["parameters"][0];
        assert_eq!(
            (&found["style"], &found["explode"]),
            (&json!(style), &json!(explode)),
            "{location} {format}"
        );
        assert_eq!(
            found["schema"],
            json!({"type": "array", "items": {"type": "string"}})
        );
        assert_eq!(lowered.warnings, []);
    }
    for (location, format) in [
        ("query", "tsv"),
        ("header", "multi"),
        ("path", "pipes"),
        ("formData", "ssv"),
    ] {
        let problems = refused(with(&parameter(location, format), "application/json"));
        assert_eq!(
            problems[0].pointer, "/paths/~1a/get/parameters/0/collectionFormat",
            "{location} {format}"
        );
    }
    let form = |format: &str, consumes: &str| {
        lowered(with(&parameter("formData", format), consumes)).value["paths"]["/a"]["get"]["requestBody"]["content"].take()
    };
    let urlencoded = "application/x-www-form-urlencoded";
    assert_eq!(
        form("csv", urlencoded)[urlencoded]["encoding"],
        json!({"n": {"style": "form", "explode": false}})
    );
    assert_eq!(form("multi", urlencoded)[urlencoded].get("encoding"), None);
    let mut both = with(&parameter("formData", "multi"), urlencoded);
    both["paths"]["/a"]["get"]["consumes"] = json!(["multipart/form-data", urlencoded]);
    let both = lowered(both).value["paths"]["/a"]["get"]["requestBody"]["content"].take();
    assert!(both.get(urlencoded).is_some(), "{both}");
    assert!(
        form("multi", "multipart/form-data")
            .get("multipart/form-data")
            .is_some()
    );
    let mut nested = parameter("query", "csv");
    nested["items"] =
        json!({"type": "array", "items": {"type": "string"}, "collectionFormat": "pipes"});
    assert!(
        refused(with(&nested, "application/json"))[0]
            .pointer
            .ends_with("/items/collectionFormat")
    );
    let header = json!({"swagger": "2.0", "host": "h", "schemes": ["https"], "paths": {"/a": {"get": {"responses": {"200": {"headers": {"H": parameter("", "pipes")}}}}}}});
    assert!(refused(header)[0].what.contains("by commas"));
}

/// What Swagger leaves to chance is named.
#[test]
fn what_is_not_said_is_taken_for_the_usual() {
    let lowered = lowered(json!({
        "swagger": 2.0, "info": {"title": "t", "version": "1"}, "basePath": "/v1",
        "paths": {"/a": {"post": {
            "parameters": [{"in": "body", "name": "b", "schema": {"type": "string"}}],
            "responses": {"200": {"description": "d", "schema": {"type": "string"}}, "201": {"description": "d", "examples": {"a/b": 1}}},
        }}},
    }));
    assert_eq!(lowered.value["servers"], json!([{"url": "/v1"}]));
    let operation = &lowered.value["paths"]["/a"]["post"];
    assert_eq!(
        operation["requestBody"],
        json!({"content": {"application/json": {"schema": {"type": "string"}}}})
    );
    assert_eq!(
        operation["responses"]["200"]["content"],
        json!({"application/json": {"schema": {"type": "string"}}})
    );
    assert_eq!(
        places(&lowered.warnings),
        [
            "",
            "",
            "/paths/~1a/post/responses/200",
            "/paths/~1a/post/responses/201/examples",
            "/paths/~1a/post",
        ]
    );
}

#[test]
fn a_target_in_another_file_is_refused_once() {
    let mut document = swagger();
    for name in ["kind", "age"] {
        document["definitions"]["Pet"]["properties"][name] =
            json!({"$ref": "common.json#/definitions/K"});
    }
    let problems = refused(document);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(
        problems[0].what.contains("(2 places refer to it)"),
        "{problems:#?}"
    );
}

/// Every place that a warning or a problem names is one of the original.
#[test]
fn places_are_those_of_the_original_and_nothing_panics() {
    fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
        for (key, value) in members(value) {
            found.push(join(at, key));
            pointers(value, &join(at, key), found);
        }
        for (index, value) in value.as_array().into_iter().flatten().enumerate() {
            found.push(format!("{at}/{index}"));
            pointers(value, &format!("{at}/{index}"), found);
        }
    }
    let modern = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {
        "parameters": [{"name": "p", "in": "query", "schema": {"type": ["string", "null"], "anyOf": [{"type": "null"}, {"const": 1}]}}],
        "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {
            "type": "array", "prefixItems": [{"$ref": "#/components/schemas/S", "if": {}}], "items": false, "examples": [1, 2]}}}}}}}},
        "components": {"schemas": {"S": {"type": "object", "patternProperties": {"a": {"exclusiveMinimum": 1}}, "unevaluatedProperties": false}}}});
    for original in [swagger(), modern] {
        let mut all = Vec::new();
        pointers(&original, "", &mut all);
        for pointer in all {
            for value in [
                Value::Null,
                json!("x"),
                json!([]),
                json!({}),
                json!(7),
                json!({"$ref": format!("#{pointer}")}),
                json!(true),
                json!([{"$ref": "#/nowhere"}]),
            ] {
                let mut document = original.clone();
                *document.pointer_mut(&pointer).or_fail() = value.clone();
                let lowered = lower(document.clone());
                for Problem { pointer: place, .. } in
                    lowered.warnings.iter().chain(&lowered.refusals)
                {
                    assert!(
                        document.pointer(place).is_some(),
                        "{pointer} = {value}: no {place}"
                    );
                }
            }
        }
    }
}

/// Mermade/oas-kit#41: a reference may be percent-encoded, and its target gets another name in 3.0.
#[test]
fn an_encoded_reference_leads_to_what_is_renamed() {
    let lowered = lowered(json!({
        "swagger": "2.0", "info": { "title": "t", "version": "1" }, "host": "a.example", "schemes": ["https"],
        "paths": { "/test": { "get": { "produces": ["application/json"], "responses": { "200": {
            "description": "OK", "schema": { "$ref": "#/definitions/Def%20with%20space" },
        } } } } },
        "definitions": { "Def with space": { "type": "string" } },
    }));
    let answer = &lowered.value["paths"]["/test"]["get"]["responses"]["200"];
    let schema = &answer["content"]["application/json"]["schema"];
    assert_eq!(
        *schema,
        json!({ "$ref": "#/components/schemas/Def_with_space" })
    );
    assert_eq!(
        lowered.value["components"]["schemas"]["Def_with_space"]["type"],
        "string"
    );
}
