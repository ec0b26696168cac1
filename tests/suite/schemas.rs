//! Row 19: each shared schema against the generated type of its name. Must notice a member that became
//! required or optional, was renamed or retyped, a pattern or an enumeration that one of the two lost,
//! and a schema without a type. Also compared are the schemas that schemars derives from the types, both ways.

mod derived;

use std::{collections::BTreeSet, fmt::Display, path::Path, str::FromStr};

use conformance::{
    calls::{BATCH_EXAMPLE, WAP_EXAMPLE},
    schema::problems,
    world,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_admin::types as admin;
use thumbprint_batch::types as batch;
use thumbprint_wap::types as wap;
use xtask::{
    document::{Document, members},
    root,
};

/// A schema, its type, and values.
struct Row {
    api: &'static str,
    name: &'static str,
    /// The schema that schemars derives from the type.
    derive: fn(&mut SchemaGenerator) -> Schema,
    /// Reads a value as the type and writes it again.
    again: fn(&Value) -> serde_json::Result<Value>,
    /// Both take these. Of an object, the first has all members.
    good: Vec<Value>,
    /// Both refuse these.
    bad: Vec<Value>,
    /// The schema refuses these and the type takes them: readers are kinder than writers, and a number's
    /// upper bound has no type in Rust. The facade checks what it sends.
    lax: Vec<Value>,
}

fn again<T: Serialize + DeserializeOwned>(value: &Value) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_value::<T>(value.clone())?)
}

macro_rules! row {
    ($api:ident::$name:ident, good: [$($good:tt),* $(,)?], bad: [$($bad:tt),* $(,)?], lax: [$($lax:tt),* $(,)?]) => {
        Row {
            api: stringify!($api),
            name: stringify!($name),
            derive: <$api::$name as JsonSchema>::json_schema,
            again: again::<$api::$name>,
            good: vec![$(json!($good)),*],
            bad: vec![$(json!($bad)),*],
            lax: vec![$(json!($lax)),*],
        }
    };
    // A text of any kind.
    ($api:ident::$name:ident) => {
        row!($api::$name, good: ["", "a", "\u{e9} \"\n"], bad: [null, 7, true, [], {}], lax: [])
    };
}

fn rows() -> Vec<Row> {
    let certificate: Value = serde_json::from_str(BATCH_EXAMPLE).or_fail();
    let mut certificate = certificate;
    // Seven decimals come back as nine; `certificates` has those.
    certificate["stateTransitionTime"] = json!("2023-11-20T10:11:48.773Z");
    certificate["previousStateTransitionTime"] = json!("2023-11-20T10:11:12Z");
    let management: Value = serde_json::from_str(WAP_EXAMPLE).or_fail();
    let mut parameter = management.clone();
    parameter.as_object_mut().or_fail().remove("TimeCreated");
    let id = "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0";
    let lower = "0123456789abcdef0123456789abcdef01234567";
    let upper = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B";
    vec![
        row!(batch::Thumbprint, good: [lower, upper], bad: ["", "0123", (format!("{lower}0")), (lower.replace('f', "g")), null, 7], lax: []),
        row!(batch::ThumbprintAlgorithm, good: ["sha1"], bad: ["SHA1", "sha256", "", null, 1], lax: []),
        row!(batch::ApiVersion, good: ["2023-11-01.18.0", "2024-07-01.20.0"], bad: ["2023-11-01", "", "v2023-11-01.18.0", "2023-11-01.18.0 ", null], lax: []),
        row!(batch::Timeout, good: [30, 0, (-1), (i32::MAX), (i32::MIN)], bad: ["30", 1.5, null, true], lax: []),
        row!(batch::Filter),
        row!(batch::Select),
        row!(batch::MaxResults, good: [1, 7, 1000], bad: [0, (-1), "7", 1.5, null], lax: [1001, (u32::MAX)]),
        row!(batch::RequestId, good: [id], bad: ["", "x", (&id[1..]), null, 7], lax: [(format!("{{{id}}}"))]),
        row!(batch::ReturnClientRequestId, good: [true, false], bad: ["true", 1, null], lax: []),
        row!(batch::Rfc1123Date, good: ["Mon, 20 Nov 2023 10:11:12 GMT"], bad: ["2023-11-20T10:11:12Z", "Tue, 20 Nov 2023 10:11:12 GMT", "Mon, 20 Nov 2023 10:11:12 +0000", "", null, 7], lax: []),
        row!(batch::Certificate, good: [certificate, {}, { "state": "active" }], bad: [null, "", { "state": 7 }, { "stateTransitionTime": "yesterday" }, { "stateTransitionTime": "2023-11-20T10:11:12" }, { "deleteCertificateError": "x" }, { "thumbprint": 7 }], lax: [{ "state": "archived" }, { "state": "deleteFailed" }, { "url": null }]),
        row!(batch::CertificateState, good: ["active", "deleting", "deletefailed"], bad: [7, null, [], {}], lax: ["deleteFailed", "archived", ""]),
        row!(batch::CertificateListResult, good: [{ "odata.metadata": "x", "odata.nextLink": "y", "value": [certificate, {}] }, {}, { "value": [] }], bad: [null, { "value": {} }, { "value": [7] }, { "odata.nextLink": 7 }], lax: [{ "odata.nextLink": null }]),
        row!(batch::CertificateAddParameter, good: [{ "thumbprint": lower, "thumbprintAlgorithm": "sha1", "data": "YQ==", "certificateFormat": "pfx", "password": "p" }, { "thumbprint": upper, "thumbprintAlgorithm": "sha1", "data": "YQ==" }], bad: [null, {}, { "thumbprint": "x", "thumbprintAlgorithm": "sha1", "data": "YQ==" }, { "thumbprint": lower, "thumbprintAlgorithm": "md5", "data": "YQ==" }, { "thumbprint": lower, "thumbprintAlgorithm": "sha1", "data": 7 }, { "thumbprint": lower, "thumbprintAlgorithm": "sha1", "data": "" }, { "thumbprint": lower, "thumbprintAlgorithm": "sha1", "data": "YQ==", "certificateFormat": "pem" }], lax: [{ "thumbprint": lower, "thumbprintAlgorithm": "sha1", "data": "YQ==", "password": null }]),
        row!(batch::CertificateData, good: ["YQ==", "\u{e9} \"\n"], bad: ["", null, 7, true, [], {}], lax: []),
        row!(batch::CertificateFormat, good: ["pfx", "cer"], bad: ["PFX", "pem", "", null, 7], lax: []),
        row!(batch::Password),
        row!(batch::DeleteCertificateError, good: [{ "code": "c", "message": "m", "values": [{ "name": "n", "value": "v" }, {}] }, {}], bad: [null, { "message": { "value": "m" } }, { "values": {} }, { "code": 7 }], lax: [{ "code": null }]),
        row!(batch::NameValuePair, good: [{ "name": "n", "value": "v" }, {}], bad: [null, { "name": 7 }, { "value": [] }], lax: [{ "name": null }]),
        row!(batch::BatchError, good: [{ "code": "c", "message": { "lang": "en-US", "value": "m" }, "values": [{ "key": "k", "value": "v" }] }, {}], bad: [null, { "message": "m" }, { "values": {} }, { "code": 7 }], lax: [{ "code": null, "message": null }]),
        row!(batch::ErrorMessage, good: [{ "lang": "en-US", "value": "m" }, {}], bad: [null, "m", { "value": 7 }], lax: [{ "value": null }]),
        row!(batch::BatchErrorDetail, good: [{ "key": "k", "value": "v" }, {}], bad: [null, { "key": 7 }, { "value": {} }], lax: [{ "key": null }]),
        row!(wap::SubscriptionId, good: ["0cfc58de-38cb-4fa6-9258-4afde95d3c05", "0CFC58DE-38CB-4FA6-9258-4AFDE95D3C05"], bad: ["", "{0cfc58de-38cb-4fa6-9258-4afde95d3c05}", "0cfc58de38cb4fa692584afde95d3c05", null, 7], lax: []),
        row!(wap::Thumbprint, good: [lower, upper], bad: ["", (format!("{lower}0")), null], lax: []),
        row!(wap::PrincipalId, good: ["a", "\u{e9} \"\n"], bad: ["", null, 7, true, [], {}], lax: []),
        row!(wap::LiveId),
        row!(wap::ClientRequestId),
        row!(wap::SessionId, good: [id], bad: ["", "x", null, 7], lax: []),
        row!(wap::SubscriptionCertificate, good: [management, {}, { "TimeCreated": "2013-07-03T16:19:50" }], bad: [null, [], { "TimeCreated": "2013-07-03" }, { "TimeCreated": 7 }, { "SubscriptionCertificateData": 7 }], lax: [{ "TimeCreated": null }]),
        row!(wap::SubscriptionCertificates, good: [[], [management], [management, {}]], bad: [null, {}, [7], [null]], lax: []),
        row!(wap::SubscriptionCertificateParameter, good: [parameter], bad: [null, {}, { "SubscriptionCertificateData": "" }], lax: []),
        row!(wap::ServiceError, good: [{ "Code": "c", "Message": "m", "Details": [{ "Code": "c", "Source": "s", "Message": "m" }] }, {}], bad: [null, { "Message": { "value": "m" } }, { "Details": {} }], lax: [{ "Code": null }]),
        row!(wap::ServiceErrorDetail, good: [{ "Code": "c", "Source": "s", "Message": "m" }, {}], bad: [null, { "Code": 7 }], lax: [{ "Source": null }]),
        row!(admin::Last, good: [1, 10000], bad: [0, (-1), "7", 1.5, null], lax: [10001]),
        row!(admin::Thumbprint, good: [lower, upper], bad: ["", (format!("{lower}0")), null], lax: []),
        row!(admin::SubscriptionId, good: ["0cfc58de-38cb-4fa6-9258-4afde95d3c05"], bad: ["", "0cfc58de38cb4fa692584afde95d3c05", null], lax: []),
        row!(admin::Seed, good: [{ "batch": {}, "wap": {} }, {}], bad: [null, [], { "batsh": {} }], lax: [{ "wap": null }]),
        row!(admin::BatchSeed, good: [{ "certificates": [{ "thumbprint": lower }] }, {}], bad: [null, { "certificates": {} }, { "pools": [] }], lax: [{ "certificates": null }]),
        row!(admin::BatchCertificate, good: [{ "thumbprint": lower, "state": "deletefailed", "since": "2023-11-20T10:11:12Z", "pools": ["p"], "publicData": "YQ==" }, { "thumbprint": upper }], bad: [null, {}, { "thumbprint": "0123" }, { "thumbprint": lower, "pools": "p" }, { "thumbprint": lower, "url": "u" }], lax: [{ "thumbprint": lower, "state": null }]),
        row!(admin::BatchState, good: ["active", "deleting", "deletefailed"], bad: ["deleteFailed", "gone", "", null], lax: []),
        row!(admin::WapSeed, good: [{ "subscriptions": [] }, {}], bad: [null, { "subscriptions": {} }, { "certificates": [] }], lax: [{ "subscriptions": null }]),
        row!(admin::WapSubscription, good: [{ "id": "0cfc58de-38cb-4fa6-9258-4afde95d3c05", "certificates": [] }, { "id": "0cfc58de-38cb-4fa6-9258-4afde95d3c05" }], bad: [null, {}, { "id": "x" }], lax: [{ "id": "0cfc58de-38cb-4fa6-9258-4afde95d3c05", "certificates": null }]),
        row!(admin::WapCertificate, good: [{ "SubscriptionCertificateThumbprint": upper, "SubscriptionCertificatePublicKey": "YQ==", "SubscriptionCertificateData": "YQ==", "TimeCreated": "2013-07-03T16:19:50.793" }, { "SubscriptionCertificateThumbprint": lower }], bad: [null, {}, { "SubscriptionCertificateThumbprint": lower, "State": "s" }], lax: [{ "SubscriptionCertificateThumbprint": lower, "TimeCreated": null }]),
        row!(admin::State, good: [{ "now": "2023-11-20T10:11:12Z", "holds": {}, "faults": [] }], bad: [null, {}, { "now": "today", "holds": {}, "faults": [] }], lax: []),
        row!(admin::Clock, good: [{ "now": "2023-11-20T10:11:12Z" }], bad: [null, {}, { "now": "2023-11-20T10:11:12" }, { "now": 0 }], lax: []),
        row!(admin::Advance, good: [{ "seconds": 600.5 }, { "seconds": 0.0 }], bad: [null, {}, { "seconds": "1" }, { "seconds": null }], lax: [{ "seconds": (-1) }]),
        row!(admin::Journal, good: [{ "exchanges": [] }], bad: [null, {}, { "exchanges": {} }], lax: []),
        row!(admin::Exchange, good: [{ "time": "2023-11-20T10:11:12Z", "method": "GET", "target": "/", "operation": "o", "requestHeaders": [{ "name": "n", "value": "v" }], "status": 200, "responseHeaders": [], "fault": false }], bad: [null, {}], lax: []),
        row!(admin::HeaderField, good: [{ "name": "n", "value": "v" }], bad: [null, {}, { "name": "n" }, { "name": "n", "value": 7 }, { "name": "n", "value": "v", "more": 1 }], lax: []),
        row!(admin::Faults, good: [{ "faults": [{}] }], bad: [null, {}, { "faults": [7] }], lax: []),
        row!(admin::Fault, good: [{ "operation": "o", "count": 2, "carryOut": true, "delaySeconds": 1.5, "interim": [103], "status": 503, "headers": [{ "name": "n", "value": "v" }], "body": "b", "bodyBase64": "YQ==", "ending": "close", "at": "head" }, {}], bad: [null, { "count": 0 }, { "ending": "never" }, { "delay": 1 }, { "interim": 103 }], lax: [{ "status": 99 }, { "body": null }]),
        row!(admin::Ending, good: ["complete", "close", "reset", "stall", "drip", "endless"], bad: ["Close", "", null], lax: []),
        row!(admin::FaultPlace, good: ["connection", "start", "head", "body", "end"], bad: ["Head", "", null], lax: []),
        row!(admin::AdminError, good: [{ "message": "m" }], bad: [null, {}, { "message": 7 }, { "message": "m", "code": "c" }], lax: []),
    ]
}

/// A text read as a value of a type and written again, by `FromStr` and `Display`.
type Spoken = fn(&str) -> Option<String>;

fn spoken<T: FromStr + Display>(word: &str) -> Option<String> {
    word.parse::<T>().ok().map(|value| value.to_string())
}

/// The types with words of their own, and whether they take words that the document does not have.
const WORDS: [(&str, &str, Spoken, bool); 6] = [
    ("admin", "BatchState", spoken::<admin::BatchState>, false),
    ("admin", "Ending", spoken::<admin::Ending>, false),
    ("admin", "FaultPlace", spoken::<admin::FaultPlace>, false),
    (
        "batch",
        "CertificateFormat",
        spoken::<batch::CertificateFormat>,
        false,
    ),
    (
        "batch",
        "CertificateState",
        spoken::<batch::CertificateState>,
        true,
    ),
    (
        "batch",
        "ThumbprintAlgorithm",
        spoken::<batch::ThumbprintAlgorithm>,
        false,
    ),
];

/// Whoever writes a value into a message or reads it from a file has the words of the document too.
#[test]
fn words_are_spoken_as_they_are_written() {
    let mut tried = BTreeSet::new();
    for (api, name, spoken, is_open) in WORDS {
        let document = world::document(api);
        let words = &document.value["components"]["schemas"][name]["enum"];
        for word in words.as_array().into_iter().flatten() {
            let word = word.as_str().unwrap_or_default();
            assert_eq!(spoken(word).as_deref(), Some(word), "{api}::{name}");
        }
        let other = spoken("another");
        assert_eq!(
            other.as_deref(),
            is_open.then_some("another"),
            "{api}::{name}"
        );
        tried.insert((api.to_owned(), name.to_owned()));
    }
    let mut documented = BTreeSet::new();
    for document in world::first_party(&root()) {
        let schemas = members(&document.value["components"]["schemas"]);
        let words = schemas.filter(|(_, schema)| schema["enum"].is_array());
        documented.extend(words.map(|(name, _)| (document.name.clone(), name.clone())));
    }
    assert_eq!(tried, documented, "left: this test, right: specs/");
}

/// A row's document and schema.
fn schema(row: &Row) -> (Document, Value) {
    let document = world::document(row.api);
    let schema = document.value["components"]["schemas"][row.name].clone();
    (document, schema)
}

#[test]
fn every_schema_has_a_row() {
    rows_are_there(&root());
}

/// Of the documents in a workspace.
pub(crate) fn rows_are_there(root: &Path) {
    let mut documents = world::services(root);
    documents.push(Document::load(root, "admin").expect("the sandbox's own document"));
    for document in documents {
        let schemas = members(&document.value["components"]["schemas"]);
        let documented: BTreeSet<_> = schemas.map(|(name, _)| name.as_str()).collect();
        let rows = rows().into_iter().filter(|row| row.api == document.name);
        let tested: BTreeSet<_> = rows.map(|row| row.name).collect();
        let lacking: Vec<_> = documented.difference(&tested).collect();
        let surplus: Vec<_> = tested.difference(&documented).collect();
        assert!(
            lacking.is_empty() && surplus.is_empty(),
            "tests/suite/schemas.rs lacks rows for schemas of {file}: {lacking:?}\nit has rows for what {file} does \
             not have: {surplus:?}",
            file = document.file
        );
    }
}

// Facts: BatchError*; ErrorMessage*; SubscriptionCertificate*; ManagementCertificate_Delete: path SubscriptionId*
#[test]
fn what_fits_the_schema_comes_through_the_type_unchanged() {
    for row in rows() {
        let (document, schema) = schema(&row);
        assert!(!row.good.is_empty(), "{}", row.name);
        for value in &row.good {
            let shown = format!("{}::{} {value}", row.api, row.name);
            assert_eq!(problems(&document, &schema, value), [""; 0], "{shown}");
            let again = (row.again)(value).unwrap_or_else(|error| panic!("{shown}: {error}"));
            assert_eq!(again, *value, "{shown}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_by_both() {
    for row in rows() {
        let (document, schema) = schema(&row);
        for (values, taken) in [(&row.bad, false), (&row.lax, true)] {
            for value in values {
                let shown = format!("{}::{} {value}", row.api, row.name);
                assert_ne!(
                    problems(&document, &schema, value),
                    [""; 0],
                    "{shown}: the schema"
                );
                assert_eq!((row.again)(value).is_ok(), taken, "{shown}: the type");
            }
        }
    }
}

/// The first value has all members; without one, both take it or both refuse it.
#[test]
fn both_require_the_same_members() {
    let (mut required, mut optional) = (0, 0);
    for row in rows() {
        let (document, schema) = schema(&row);
        if schema["type"] != "object" {
            continue;
        }
        let whole = &row.good[0];
        let names = |value: &Value| members(value).map(|(name, _)| name.clone()).collect();
        let (has, declared): (BTreeSet<_>, _) = (names(whole), names(&schema["properties"]));
        assert_eq!(
            has, declared,
            "{}: the first value lacks a member",
            row.name
        );
        for member in has {
            let mut without = whole.clone();
            without.as_object_mut().or_fail().remove(&member);
            let allowed = problems(&document, &schema, &without).is_empty();
            let taken = (row.again)(&without);
            let shown = format!("{}::{} without {member}", row.api, row.name);
            assert_eq!(taken.is_ok(), allowed, "{shown}");
            if let Ok(again) = taken {
                assert_eq!(again, without, "{shown}");
                optional += 1;
            } else {
                required += 1;
            }
            // A name of another spelling is another name.
            let mut renamed = whole.clone();
            let value = renamed.as_object_mut().or_fail().remove(&member).or_fail();
            renamed[member.to_uppercase() + "_"] = value;
            if let Ok(again) = (row.again)(&renamed) {
                assert_eq!(again.get(&member), None, "{shown}");
            }
        }
    }
    assert_eq!(
        required, 26,
        "three of each addition, and 20 of the sandbox's own API"
    );
    assert!(optional > 45, "{optional}");
}
