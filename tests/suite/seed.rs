//! The schema of `thumbprint sandbox --seed`, for editors and programs that write such a file: it is that of
//! specs/admin.yaml. Must notice a member that only one of them has.

use std::{collections::BTreeSet, fs};

use conformance::world;
use serde_json::{Map, Value, json};
use test_support::OrFail as _;
use xtask::{document::members, lint, root};

const FILE: &str = "docs/testing/seed.schema.json";
const REFERENCE: &str = "#/components/schemas/";

/// A schema of the document without what is for its readers alone, and the names of those that it refers to.
fn schema(value: &Value, names: &mut BTreeSet<String>) -> Value {
    match value {
        Value::Object(_) => {
            let kept =
                members(value).filter(|(key, _)| !key.starts_with("x-") && *key != "example");
            let of = |(key, value): (&String, &Value)| {
                let value = match value.as_str().and_then(|text| text.strip_prefix(REFERENCE)) {
                    Some(name) if key == "$ref" => {
                        names.insert(name.to_owned());
                        json!(format!("#/definitions/{name}"))
                    }
                    // JSON Schema has no format for a time without a zone.
                    None if key == "format" && value == "date-time-local" => {
                        json!("local-date-time")
                    }
                    _ => schema(value, names),
                };
                (key.clone(), value)
            };
            kept.map(of).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(|item| schema(item, names)).collect(),
        other => other.clone(),
    }
}

fn expected() -> Value {
    let document = world::document("admin");
    let all = &document.value["components"]["schemas"];
    let mut open = BTreeSet::from(["Seed".to_owned()]);
    let mut definitions = Map::new();
    while let Some(name) = open.pop_first() {
        if !definitions.contains_key(&name) {
            let converted = lint::json_schema(&all[&name]);
            definitions.insert(name, schema(&converted, &mut open));
        }
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A file for thumbprint sandbox --seed",
        "$ref": "#/definitions/Seed",
        "definitions": definitions,
    })
}

#[test]
fn the_schema_of_a_seed_is_that_of_the_document() {
    let text = format!("{:#}\n", expected());
    let file = root().join(FILE);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(file, text).or_fail();
    } else {
        let found = fs::read_to_string(file).or_fail();
        assert!(
            found == text,
            "{FILE} is not that of specs/admin.yaml; read its diff after\n\
             UPDATE_SCHEMA=1 cargo test -p conformance --test suite the_schema_of_a_seed"
        );
    }
}

/// The schema takes what the sandbox takes, and refuses what it refuses.
#[test]
fn the_schema_of_a_seed_holds_for_seeds() {
    let validator = jsonschema::validator_for(&expected()).or_fail();
    let thumbprint = "0123456789abcdef0123456789abcdef01234567";
    for (value, fits) in [
        (json!({}), true),
        (
            json!({"batch": {"certificates": [{"thumbprint": thumbprint, "state": "deletefailed", "pools": ["p"]}]}}),
            true,
        ),
        (
            json!({"wap": {"subscriptions": [{"id": "0cfc58de-38cb-4fa6-9258-4afde95d3c05"}]}}),
            true,
        ),
        (json!({"batsh": {}}), false),
        (
            json!({"batch": {"certificates": [{"thumbprint": "0123"}]}}),
            false,
        ),
        (
            json!({"batch": {"certificates": [{"state": "active"}]}}),
            false,
        ),
        (
            json!({"batch": {"certificates": [{"thumbprint": thumbprint, "state": "gone"}]}}),
            false,
        ),
        (json!([]), false),
    ] {
        assert_eq!(validator.is_valid(&value), fits, "{value}");
        let read = serde_json::from_value::<thumbprint_sandbox::Seed>(value.clone());
        assert_eq!(read.is_ok(), fits, "{value}");
    }
}
