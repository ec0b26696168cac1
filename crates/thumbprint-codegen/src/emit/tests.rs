use test_support::OrFail as _;

use crate::{document::Document, generate};

const DOCUMENT: &str = r##"{
    "openapi": "3.0.3", "info": { "title": "T", "version": "1" },
    "paths": { "/things": { "get": {
        "operationId": "Things_ListAll",
        "parameters": [
            { "name": "limit", "in": "query", "schema": { "type": "integer", "format": "int32", "minimum": 1, "maximum": 100 } },
            { "name": "after", "in": "query", "required": true, "schema": { "type": "integer", "minimum": 0, "exclusiveMinimum": true } },
            { "name": "size", "in": "query", "schema": { "$ref": "#/components/schemas/Size" } },
            { "name": "kind", "in": "query", "required": true, "schema": { "$ref": "#/components/schemas/Kind" } },
            { "name": "day", "in": "query", "required": true, "schema": { "type": "string", "format": "date", "default": "2020-01-02" } }
        ],
        "responses": { "200": { "description": "A", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } } }
    } } },
    "components": { "schemas": {
        "Size": { "type": "integer", "maximum": 9 },
        "Kind": { "type": "string", "enum": ["a", "unknown"], "default": "a", "x-extensible": true },
        "Thing": { "type": "object", "required": ["id", "maybe"], "properties": {
            "id": { "type": "integer" },
            "maybe": { "type": "string", "nullable": true },
            "count": { "type": "integer", "default": 7 },
            "simple": { "type": "string", "pattern": "^[0-9a-f]{8}-[0-9]+$", "maxLength": 20 },
            "other": { "type": "string", "pattern": "^[a-z]+[0-9a-z]$" }
        } }
    } }
}"##;

fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    text.replace(",)", ")").replace(",}", "}")
}

/// What the one-feature documents of the suite do not look for.
#[test]
fn values_are_made_and_checked_as_the_document_says() {
    let document = Document::parse("t", "specs/t.json", DOCUMENT).or_fail();
    let rendered = generate::render(&document).or_fail();
    let client = plain(&rendered.files[0].1);
    for text in [
        // What is required makes a value, even where it may be null.
        "pub fn new(id: i64, maybe: ::std::option::Option<::std::string::String>) -> Self",
        "count: defaults::default_u64::<i64, 7>()",
        // Patterns.
        "Piece::new(&[(b'0', b'9'), (b'a', b'f')], 8, 8)",
        "Piece::new(&[(b'0', b'9')], 1, usize::MAX)",
        "if value.chars().count() > 20",
        "::regress::Regex::with_flags(\"^[a-z]+[0-9a-z]$\", \"u\")",
        // Ranges, whatever the type.
        "input::range(\"limit\", i128::from(value.get()), 1, 100)?",
        "input::range(\"after\", i128::from(after.get()), 1, i128::MAX)?",
        "input::range(\"size\", i128::from(value.0), i128::MIN, 9)?",
        "/// 1 to 100.",
        // Defaults, whatever the type.
        "kind: Ok(Some(::std::default::Default::default()))",
        "impl ::std::default::Default for Kind",
        "day: ::thumbprint_transport::input::default(\"day\", \"\\\"2020-01-02\\\"\")",
        "Unknown2",
        // The operation's words for messages.
        "\"Things_ListAll\", \"list all\", \"GET\", \"/things\", Some(\"application/json\"), None,",
    ] {
        assert!(
            client.contains(&plain(text)),
            "{text} is not in:\n{}",
            rendered.files[0].1
        );
    }
    for text in [
        "::regress::Regex::with_flags(\"^[0-9a-f]",
        "mod builder { #[derive(Clone, Debug)]",
        "progenitor",
    ] {
        assert!(!client.contains(&plain(text)), "{text}");
    }
}

/// What is marked reaches the runtime however schemas compose, and also where they hold each other.
#[test]
fn what_is_sensitive_is_written_into_the_operations() {
    let mut value: serde_json::Value = serde_json::from_str(DOCUMENT).or_fail();
    value["components"]["schemas"]["Pin"] =
        serde_json::json!({"type": "string", "x-sensitive": true});
    let pin = serde_json::json!({"$ref": "#/components/schemas/Pin"});
    value["components"]["schemas"]["Person"] = serde_json::json!({"type": "object", "properties": {
        "name": {"type": "string"},
        "pin": pin,
        "codes": {"type": "array", "items": pin},
        "keys": {"type": "object", "additionalProperties": pin},
        "friend": {"$ref": "#/components/schemas/Person"},
    }});
    value["paths"]["/things"]["put"] = serde_json::json!({
        "operationId": "Things_Put",
        "parameters": [
            {"name": "X-Pin", "in": "header", "schema": {"allOf": [pin]}},
            {"name": "plain", "in": "query", "schema": {"type": "string"}},
        ],
        "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Person"},
        }}},
        "responses": {"204": {"description": "Done."}},
    });
    let document = Document::parse("t", "specs/t.json", &value.to_string()).or_fail();
    let client = plain(&generate::render(&document).or_fail().files[0].1);
    for text in [
        ".with_sensitive_body(&[\"codes\", \"keys\", \"pin\"])",
        "Parameter::new(\"X-Pin\", Location::Header, false, ValueFormat::Text).sensitive()",
        "Parameter::new(\"plain\", Location::Query, false, ValueFormat::Text),",
    ] {
        assert!(client.contains(&plain(text)), "{text} is not in {client}");
    }
    assert_eq!(client.matches(".sensitive()").count(), 1);
}

/// One odd value costs itself alone, unless it decides what a value is, or would be missed.
#[test]
fn optional_members_are_read_leniently_where_that_loses_nothing_else() {
    let mut value: serde_json::Value = serde_json::from_str(DOCUMENT).or_fail();
    let reference =
        |name: &str| serde_json::json!({"$ref": format!("#/components/schemas/{name}")});
    let schemas = serde_json::json!({
        "Inner": {"type": "object", "properties": {"flag": {"type": "boolean"}}},
        "Cat": {"type": "object", "properties": {"lives": {"type": "integer"}, "owner": reference("Owner")}},
        "Dog": {"type": "object", "properties": {"lives": {"type": "string"}}},
        "Owner": {"type": "object", "properties": {"since": {"type": "string", "format": "date-time"}}},
        "Page": {"type": "object", "required": ["total", "mark"], "properties": {
            "total": {"type": "integer"},
            "mark": {"type": "string", "nullable": true},
            "next": {"type": "string"},
            "value": {"type": "array", "items": reference("Inner")},
            "kind": reference("Kind"),
            "inner": reference("Inner"),
            "pet": {"oneOf": [reference("Cat"), reference("Dog")]},
            "any": {},
            "keys": {"type": "object", "additionalProperties": {"type": "string"}},
        }},
    });
    for (name, schema) in schemas.as_object().or_fail() {
        value["components"]["schemas"][name] = schema.clone();
    }
    let list = &mut value["paths"]["/things"]["get"];
    list["x-ms-pageable"] = serde_json::json!({"nextLinkName": "next"});
    list["responses"]["200"]["content"]["application/json"]["schema"] = reference("Page");
    let document = Document::parse("t", "specs/t.json", &value.to_string()).or_fail();
    let client = generate::render(&document).or_fail().files.remove(0).1;
    // The reader of each field, by the name of its type.
    let reader = |ty: &str, field: &str| {
        let (_, rest) = client.split_once(&format!("pub struct {ty} {{")).or_fail();
        let (before, _) = rest.split_once(&format!("pub {field}:")).or_fail();
        let own = before.rsplit("pub ").next().or_fail();
        let reader = own.split("::lenient::").nth(1);
        reader.and_then(|reader| reader.split('"').next())
    };
    for (ty, field, expected) in [
        ("Page", "kind", Some("scalar")),
        ("Page", "inner", Some("object")),
        ("Inner", "flag", Some("scalar")),
        ("Page", "total", None),
        ("Page", "mark", None),
        ("Page", "next", None),
        ("Page", "value", None),
        ("Page", "pet", None),
        ("Page", "any", None),
        ("Page", "keys", None),
        ("Cat", "lives", None),
        ("Cat", "owner", None),
        ("Dog", "lives", None),
        ("Owner", "since", None),
    ] {
        assert_eq!(reader(ty, field), expected, "{ty}.{field} in\n{client}");
    }
}
