use std::collections::BTreeSet;

use serde_json::{Value, json};
use test_support::OrFail as _;

use super::{
    Change, between, bump, changes, report,
    rules::{
        Bump,
        Impact::{Adds, Breaks, Same},
        Kind, Side,
    },
};
use crate::document::{Document, join, members};

const CANCEL: &str = "/paths/~1certificates(thumbprintAlgorithm={thumbprintAlgorithm},thumbprint={thumbprint})~1canceldelete/post";
const LIST: &str = "/paths/~1certificates/get";
const SCHEMAS: &str = "/components/schemas";

fn document(name: &str) -> Value {
    Value::clone(&Document::load(&crate::root(), name).or_fail().value)
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').or_fail();
    let parent = document
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("no {pointer}"));
    match parent {
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => items[key.parse::<usize>().or_fail()] = value,
        _ => parent[key.replace("~1", "/")] = value,
    }
}

fn remove(document: &mut Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').or_fail();
    match document
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("no {pointer}"))
    {
        Value::Object(object) => object
            .remove(&key.replace("~1", "/").replace("~0", "~"))
            .unwrap_or_else(|| panic!("no {pointer}")),
        Value::Array(items) => items.remove(key.parse().or_fail()),
        other => panic!("{pointer} is below {other}"),
    }
}

fn insert(document: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').or_fail();
    match document.pointer_mut(parent).or_fail() {
        Value::Array(items) => items.insert(key.parse().or_fail(), value),
        parent => parent[key.replace("~1", "/").replace("~0", "~")] = value,
    }
}

fn kinds(changes: &[Change]) -> BTreeSet<Kind> {
    changes.iter().map(|change| change.kind).collect()
}

/// What is set in the Batch document (null: removed), what that is, and the bump it asks for; then the
/// same backwards.
#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn a_change_is_told_from_another() {
    let schema = |rest: &str| format!("{SCHEMAS}/{rest}");
    let list = |rest: &str| format!("{LIST}/{rest}");
    let parameter = |required: bool| json!({"name": "n", "in": "query", "required": required, "schema": {"type": "string"}});
    #[rustfmt::skip]
    let rows = [
        (list("operationId"), json!("List"), Kind::OperationRenamed, Bump::Major, Kind::OperationRenamed, Bump::Major),
        (list("deprecated"), Value::Null, Kind::Undeprecated, Bump::Minor, Kind::OperationDeprecated, Bump::Minor),
        (list("description"), json!("Else."), Kind::Documentation, Bump::Patch, Kind::Documentation, Bump::Patch),
        (list("x-source"), json!("get"), Kind::Extension, Bump::Patch, Kind::Extension, Bump::Patch),
        (list("parameters/-"), parameter(false), Kind::ParameterAdded, Bump::Minor, Kind::ParameterRemoved, Bump::Major),
        (list("parameters/-"), parameter(true), Kind::RequiredParameterAdded, Bump::Major, Kind::ParameterRemoved, Bump::Major),
        (list("responses/204"), json!({"description": "None."}), Kind::SuccessAdded, Bump::Minor, Kind::SuccessRemoved, Bump::Major),
        (list("responses/409"), json!({"description": "No."}), Kind::ErrorAdded, Bump::Minor, Kind::ErrorRemoved, Bump::Minor),
        (list("responses/200/headers/ETag"), Value::Null, Kind::HeaderRemoved, Bump::Major, Kind::HeaderAdded, Bump::Minor),
        (list("responses/200/content/text~1plain"), json!({"schema": {"type": "string"}}), Kind::MediaTypeAdded, Bump::Minor, Kind::MediaTypeRemoved, Bump::Minor),
        (list("responses/200/content"), Value::Null, Kind::BodyRemoved, Bump::Major, Kind::BodyAdded, Bump::Major),
        (list("requestBody"), json!({"required": true, "content": {}}), Kind::RequiredBodyAdded, Bump::Major, Kind::BodyRemoved, Bump::Major),
        (list("security"), json!([]), Kind::SecurityStopped, Bump::Minor, Kind::SecurityStarted, Bump::Minor),
        (list("parameters/-"), json!({"name": "n", "in": "query", "required": true, "schema": {"type": "string", "default": "x"}}), Kind::ParameterAdded, Bump::Minor, Kind::ParameterRemoved, Bump::Major),
        (list("responses/200/content"), json!({"application/json; odata=x": {"schema": {"$ref": "#/components/schemas/CertificateListResult"}}}), Kind::MediaTypeReformatted, Bump::Minor, Kind::MediaTypeReformatted, Bump::Minor),
        (list("responses/200/content"), json!({"text/plain": {"schema": {"type": "string"}}}), Kind::BodyReshaped, Bump::Major, Kind::BodyReshaped, Bump::Major),
        ("/security/1".to_owned(), Value::Null, Kind::SecurityRemoved, Bump::Minor, Kind::SecurityAdded, Bump::Minor),
        ("/servers/0/url".to_owned(), json!("https://a"), Kind::ServerRemoved, Bump::Minor, Kind::ServerAdded, Bump::Minor),
        ("/servers/0/variables/batchUrl/default".to_owned(), json!("https://a"), Kind::ServerChanged, Bump::Minor, Kind::ServerChanged, Bump::Minor),
        ("/info/version".to_owned(), json!("2024-07-01.20.0"), Kind::VersionChanged, Bump::Minor, Kind::VersionChanged, Bump::Minor),
        ("/components/securitySchemes/Authorization/name".to_owned(), json!("Key"), Kind::SchemeChanged, Bump::Minor, Kind::SchemeChanged, Bump::Minor),
        ("/components/parameters/timeout/required".to_owned(), json!(true), Kind::ParameterOptional, Bump::Minor, Kind::ParameterOptional, Bump::Minor),
        ("/components/parameters/select/required".to_owned(), json!(true), Kind::ParameterRequired, Bump::Major, Kind::ParameterOptional, Bump::Minor),
        ("/components/parameters/select/style".to_owned(), json!("form"), Kind::SpellingChanged, Bump::Minor, Kind::SpellingChanged, Bump::Minor),
        ("/components/headers/ETag/required".to_owned(), json!(true), Kind::HeaderRequired, Bump::Minor, Kind::HeaderOptional, Bump::Minor),
        (schema("Certificate/properties/new"), json!({"type": "string"}), Kind::FieldAdded, Bump::Minor, Kind::FieldRemoved, Bump::Major),
        (schema("Certificate/required"), json!(["url"]), Kind::FieldRequired, Bump::Major, Kind::FieldOptional, Bump::Major),
        (schema("Certificate/properties/url/type"), json!("integer"), Kind::TypeChanged, Bump::Major, Kind::TypeChanged, Bump::Major),
        (schema("Certificate/properties/url/format"), json!("uri"), Kind::FormatChanged, Bump::Major, Kind::FormatChanged, Bump::Major),
        (schema("Certificate/properties/state/$ref"), json!("#/components/schemas/CertificateFormat"), Kind::SchemaRenamed, Bump::Major, Kind::SchemaRenamed, Bump::Major),
        (schema("CertificateState/enum/-"), json!("lost"), Kind::OpenMemberAdded, Bump::Minor, Kind::MemberRemoved, Bump::Major),
        (schema("CertificateFormat/enum/-"), json!("pem"), Kind::ClosedMemberAdded, Bump::Major, Kind::MemberRemoved, Bump::Major),
        (schema("CertificateFormat/x-extensible"), json!(true), Kind::EnumOpened, Bump::Major, Kind::EnumClosed, Bump::Major),
        (schema("CertificateFormat/enum"), Value::Null, Kind::EnumStopped, Bump::Major, Kind::EnumStarted, Bump::Major),
        (schema("Thumbprint/pattern"), Value::Null, Kind::PatternRemoved, Bump::Major, Kind::PatternAdded, Bump::Major),
        (schema("Thumbprint/pattern"), json!("^.$"), Kind::PatternChanged, Bump::Major, Kind::PatternChanged, Bump::Major),
        (schema("Filter/maxLength"), json!(9), Kind::BoundTightened, Bump::Major, Kind::BoundLoosened, Bump::Minor),
        (schema("MaxResults/maximum"), json!(500), Kind::TypedBoundTightened, Bump::Major, Kind::TypedBoundLoosened, Bump::Major),
        (schema("MaxResults/default"), json!(500), Kind::DefaultChanged, Bump::Minor, Kind::DefaultChanged, Bump::Minor),
        (schema("MaxResults/default"), Value::Null, Kind::DefaultRemoved, Bump::Major, Kind::DefaultAdded, Bump::Major),
        (schema("BatchError/properties/values/nullable"), Value::Null, Kind::NullableRemoved, Bump::Major, Kind::NullableAdded, Bump::Major),
        (schema("BatchError/properties/values/items"), json!({"type": "string"}), Kind::SchemaRenamed, Bump::Major, Kind::SchemaRenamed, Bump::Major),
        (schema("BatchError/additionalProperties"), json!(false), Kind::MembersOpened, Bump::Major, Kind::MembersOpened, Bump::Major),
        (schema("BatchError/oneOf"), json!([{"type": "object", "properties": {"one": {"type": "string"}}}, {"type": "object", "properties": {"two": {"type": "string"}}}]), Kind::CompositionChanged, Bump::Major, Kind::CompositionChanged, Bump::Major),
        (schema("Fresh"), json!({"type": "string"}), Kind::SchemaAdded, Bump::Minor, Kind::SchemaRemoved, Bump::Major),
        (schema("Certificate/title"), json!("T"), Kind::Documentation, Bump::Patch, Kind::Documentation, Bump::Patch),
        (schema("Certificate/properties/url/title"), json!("T"), Kind::Documentation, Bump::Patch, Kind::Documentation, Bump::Patch),
        (schema("Certificate/properties/fresh"), json!({"title": "T", "enum": ["a"]}), Kind::FieldAdded, Bump::Minor, Kind::FieldRemoved, Bump::Major),
        ("/components/securitySchemes/other".to_owned(), json!({"type": "http"}), Kind::Reformatted, Bump::Patch, Kind::Reformatted, Bump::Patch),
        ("/components/headers/request-id/schema".to_owned(), json!({"type": "string"}), Kind::FormatChanged, Bump::Major, Kind::FormatChanged, Bump::Major),
        ("/components/parameters/maxresults/x-rust-name".to_owned(), Value::Null, Kind::BuilderChanged, Bump::Major, Kind::BuilderChanged, Bump::Major),
        ("/unheard-of".to_owned(), json!(1), Kind::Unknown, Bump::Major, Kind::Unknown, Bump::Major),
    ];
    let old = document("batch");
    for (pointer, value, there, there_bump, back, back_bump) in rows {
        let mut new = old.clone();
        if value.is_null() {
            remove(&mut new, &pointer);
        } else {
            set(&mut new, &pointer, value);
        }
        for (from, to, kind, expected) in [
            (&old, &new, there, there_bump),
            (&new, &old, back, back_bump),
        ] {
            let found = changes(from, to);
            assert!(
                kinds(&found).contains(&kind),
                "{pointer}: no {kind:?} in {found:#?}"
            );
            assert_eq!(bump(&found), Some(expected), "{pointer}: {found:#?}");
        }
    }
}

/// The same edit means one thing in a request and another in an answer.
#[test]
fn the_direction_decides() {
    let old = document("batch");
    let changed = |pointer: &str, value: Value| {
        let mut new = old.clone();
        set(&mut new, pointer, value);
        changes(&old, &new)
    };
    let field = json!({"type": "string", "description": "New."});
    for (schema, required, callers, wire) in [
        (
            "CertificateAddParameter",
            json!(["thumbprint", "thumbprintAlgorithm", "data", "fresh"]),
            Breaks,
            Breaks,
        ),
        ("Certificate", json!(["fresh"]), Adds, Adds),
    ] {
        let mut new = old.clone();
        set(&mut new, &format!("{SCHEMAS}/{schema}/required"), required);
        set(
            &mut new,
            &format!("{SCHEMAS}/{schema}/properties/fresh"),
            field.clone(),
        );
        let found = changes(&old, &new);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].kind, Kind::FieldDemanded);
        assert_eq!(
            (found[0].verdict().callers, found[0].verdict().wire),
            (callers, wire),
            "{schema}"
        );
    }
    // Only requests have it, only answers have it.
    assert_eq!(
        changed(&format!("{SCHEMAS}/Filter/maxLength"), json!(3))[0].side,
        Side::Sent
    );
    let found = changed(
        &format!("{SCHEMAS}/NameValuePair/properties/name/maxLength"),
        json!(3),
    );
    assert_eq!(
        (found[0].side, found[0].verdict().wire),
        (Side::Received, Same)
    );
    // Requests have it as a header, answers too.
    let found = changed(&format!("{SCHEMAS}/RequestId/maxLength"), json!(36));
    assert_eq!(
        (found[0].side, found[0].verdict().wire),
        (Side::Both, Breaks)
    );
}

#[test]
fn a_shared_change_is_one_change_with_all_who_meet_it() {
    let old = document("batch");
    let mut new = old.clone();
    set(
        &mut new,
        "/components/parameters/timeout/required",
        json!(true),
    );
    set(
        &mut new,
        &format!("{SCHEMAS}/CertificateState/enum/-"),
        json!("lost"),
    );
    remove(&mut new, "/security/1");
    set(
        &mut new,
        "/components/parameters/fresh",
        json!({"name": "fresh", "in": "query", "schema": {"type": "string"}}),
    );
    for operation in [LIST, CANCEL] {
        set(
            &mut new,
            &format!("{operation}/parameters/-"),
            json!({"$ref": "#/components/parameters/fresh"}),
        );
    }
    let found = changes(&old, &new);
    let of = |kind: Kind| -> Vec<_> {
        let found: Vec<_> = found.iter().filter(|change| change.kind == kind).collect();
        assert_eq!(found.len(), 1, "{kind:?}: {found:#?}");
        found[0].operations.iter().map(String::as_str).collect()
    };
    assert_eq!(of(Kind::ParameterOptional).len(), 5);
    assert_eq!(of(Kind::SecurityRemoved).len(), 5);
    assert_eq!(
        of(Kind::OpenMemberAdded),
        ["Certificate_Get", "Certificate_List"]
    );
    assert_eq!(
        of(Kind::ParameterAdded),
        ["Certificate_CancelDeletion", "Certificate_List"]
    );
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn titles_name_types_that_have_no_name() {
    let with = |title: &str| json!({"components": {"schemas": {"S": {"type": "object", "properties": {"p": {"type": "string", "enum": ["a"], "title": title}}}}}});
    assert_eq!(
        kinds(&changes(&with("A"), &with("B"))),
        BTreeSet::from([Kind::TitleChanged])
    );
}

#[test]
fn a_header_is_typed_by_what_its_schema_says() {
    let old = document("batch");
    let mut new = old.clone();
    let written = new["components"]["schemas"]["RequestId"].clone();
    set(&mut new, "/components/headers/request-id/schema", written);
    let found = changes(&old, &new);
    assert_eq!(
        kinds(&found),
        BTreeSet::from([Kind::Reformatted]),
        "{found:#?}"
    );
}

#[test]
fn routes_are_told_from_names() {
    let old = document("wap");
    let path = "/Subscriptions/{SubscriptionId}/certificates/{ThumbprintId}";
    let moved = |to: &str| {
        let mut new = old.clone();
        let item = remove(&mut new, &join("/paths", path));
        new["paths"][to] = item;
        new
    };
    let found = changes(
        &old,
        &moved("/Subscriptions/{SubscriptionId}/keys/{ThumbprintId}"),
    );
    assert_eq!(
        kinds(&found),
        BTreeSet::from([Kind::RouteChanged]),
        "{found:#?}"
    );
    let mut new = moved("/Subscriptions/{SubscriptionId}/certificates/{Id}");
    set(
        &mut new,
        "/components/parameters/ThumbprintId/name",
        json!("Id"),
    );
    let found = changes(&old, &new);
    assert!(
        kinds(&found).contains(&Kind::ParameterRenamed),
        "{found:#?}"
    );
    assert!(!kinds(&found).contains(&Kind::RouteChanged), "{found:#?}");
    assert!(
        found.iter().all(|change| change.verdict().wire == Same),
        "{found:#?}"
    );
}

#[test]
fn a_document_that_comes_or_goes_is_told_by_its_operations() {
    let new = document("wap");
    let found = changes(&Value::Null, &new);
    assert_eq!(
        (kinds(&found), found.len(), bump(&found)),
        (
            BTreeSet::from([Kind::DocumentAdded, Kind::OperationAdded]),
            5,
            Some(Bump::Minor)
        )
    );
    let found = changes(&new, &Value::Null);
    assert_eq!(
        (kinds(&found), found.len(), bump(&found)),
        (
            BTreeSet::from([Kind::DocumentRemoved, Kind::OperationRemoved]),
            5,
            Some(Bump::Major)
        )
    );
    assert_eq!(changes(&new, &new), []);
    assert_eq!(changes(&Value::Null, &Value::Null), []);
}

#[test]
fn schemas_that_contain_themselves_end() {
    let tree = |name: &str, leaf: &str| {
        json!({"components": {"schemas": {
            name: {"type": "object", "properties": {"next": {"$ref": format!("#/components/schemas/{name}")}, "leaf": {"type": leaf}}},
            "Holder": {"type": "object", "properties": {"tree": {"$ref": format!("#/components/schemas/{name}")}}},
            "Loop": {"$ref": "#/components/schemas/Loop"},
        }}})
    };
    let found = changes(&tree("A", "string"), &tree("B", "integer"));
    assert!(kinds(&found).contains(&Kind::TypeChanged), "{found:#?}");
}

#[test]
fn the_report_is_markdown_for_a_changelog() {
    let old = document("batch");
    let mut new = old.clone();
    set(
        &mut new,
        "/components/parameters/select/required",
        json!(true),
    );
    set(
        &mut new,
        &format!("{SCHEMAS}/CertificateState/enum/-"),
        json!("lo`st"),
    );
    set(&mut new, &format!("{CANCEL}/summary"), json!("Else"));
    set(&mut new, "/info/version", json!("2"));
    let text = report("batch", "v0.1.0", &changes(&old, &new));
    for part in [
        "## `batch`: changes since v0.1.0\n\nThey ask for a **major** bump: 0.1.0 -> 0.2.0 (",
        "\n### Added\n\n- schema `CertificateState`: member added to an open enumeration (`lo'st`). minor, because the type is `#[non_exhaustive]`",
        "\n### Changed\n\n- **breaks callers and the wire:** parameter `select`: parameter became required. major, because",
        " Met by `Certificate_Get`, `Certificate_List`.\n",
        "\n### Documentation\n\n- `Certificate_CancelDeletion`: documentation (`summary`). patch.\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    assert_eq!(
        report("batch", "HEAD", &[]),
        "## `batch`: no change since HEAD\n\n"
    );
}

#[test]
fn bumps_follow_semver() {
    for (bump, version, next) in [
        (Bump::Major, "0.1.0", Some("0.2.0")),
        (Bump::Minor, "0.1.0", Some("0.1.1")),
        (Bump::Patch, "0.1.4", Some("0.1.5")),
        (Bump::Major, "1.2.3", Some("2.0.0")),
        (Bump::Minor, "1.2.3-pre", Some("1.3.0")),
        (Bump::Patch, "1.2.3", Some("1.2.4")),
        (Bump::Patch, "one", None),
    ] {
        assert_eq!(
            bump.after(version).as_deref(),
            next,
            "{bump:?} of {version}"
        );
    }
    // A wire alone never asks for a major bump; a change of what callers compile against always does.
    for kind in Kind::ALL {
        for side in [Side::Sent, Side::Received, Side::Both] {
            let verdict = kind.verdict(side);
            assert_eq!(
                verdict.bump() == Bump::Major,
                verdict.callers == Breaks,
                "{kind:?}"
            );
            assert_eq!(
                verdict.bump() == Bump::Patch,
                (verdict.callers, verdict.wire) == (Same, Same),
                "{kind:?}"
            );
        }
        let (sent, received, both) = (
            kind.verdict(Side::Sent),
            kind.verdict(Side::Received),
            kind.verdict(Side::Both),
        );
        assert_eq!(
            (both.callers, both.wire),
            (
                sent.callers.max(received.callers),
                sent.wire.max(received.wire)
            ),
            "{kind:?}"
        );
        assert!(!kind.reason().is_empty() && !kind.title().is_empty());
    }
}

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

/// Whatever is taken away or replaced by something else is noticed, and not by the last resort.
#[test]
fn nothing_is_passed_over() {
    for name in ["batch", "wap"] {
        let old = document(name);
        let mut all = Vec::new();
        pointers(&old, "", &mut all);
        assert!(all.len() > 500);
        let mut new = old.clone();
        // `LONG_TESTS` takes all places, and without it every seventh is taken.
        let stride = if std::env::var_os("LONG_TESTS").is_some() {
            1
        } else {
            7
        };
        for (index, pointer) in all.into_iter().step_by(stride).enumerate() {
            // One direction each: which, makes no difference to what is looked at.
            let noticed = |new: &Value| {
                let found = if index % 2 == 0 {
                    changes(&old, new)
                } else {
                    changes(new, &old)
                };
                let told = found.iter().any(|change| change.kind != Kind::Reformatted);
                // `required: false`, and the version of OpenAPI, say nothing by being there.
                let exempt = pointer == "/openapi" || pointer.ends_with("/required");
                assert!(told || exempt, "{name}#{pointer}: {found:#?}");
            };
            let other = match new.pointer(&pointer).or_fail() {
                Value::Bool(value) => json!(!value),
                Value::String(text) => json!(format!("{text}.")),
                Value::Number(_) => json!(7),
                _ => json!("else"),
            };
            let place = new.pointer_mut(&pointer).or_fail();
            let before = std::mem::replace(place, other);
            noticed(&new);
            remove(&mut new, &pointer);
            noticed(&new);
            insert(&mut new, &pointer, before);
        }
        assert_eq!(new, old);
    }
}

/// Numbers that look random and are the same every time (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).or_fail() % end
    }
}

/// Whatever the documents are, comparing them ends, and says that they differ if they do.
#[test]
fn no_document_is_too_broken_to_compare() {
    let mut numbers = Numbers(0x7475_6d62);
    let whole = document("batch");
    let pairs = if std::env::var_os("LONG_TESTS").is_some() {
        300
    } else {
        30
    };
    for _ in 0..pairs {
        let mut pair = [whole.clone(), whole.clone()];
        for document in &mut pair {
            for _ in 0..numbers.below(12) {
                let mut all = Vec::new();
                pointers(document, "", &mut all);
                if all.is_empty() {
                    break;
                }
                let (from, to) = (
                    all[numbers.below(all.len())].clone(),
                    all[numbers.below(all.len())].clone(),
                );
                let value = document.pointer(&from).or_fail().clone();
                let place = document.pointer_mut(&to).or_fail();
                *place = match numbers.below(9) {
                    0 => Value::Null,
                    1 => json!([]),
                    2 => json!({}),
                    3 => json!({ "$ref": format!("#{from}") }),
                    4 => json!({ "$ref": "#/nowhere" }),
                    5 => json!(-1.5),
                    6 => json!([value, null, "x"]),
                    7 => json!(true),
                    _ => value,
                };
            }
        }
        let [old, new] = pair;
        let found = changes(&old, &new);
        assert_eq!(found.is_empty(), old == new);
        assert!(changes(&new, &old).is_empty() == found.is_empty());
        assert!(report("batch", "HEAD", &found).starts_with("## `batch`"));
    }
}

/// Documents of one thing each, before and after: what callers see of it. Rows d1 to d6 are of documents that were
/// found by reading.
#[test]
fn the_bump_is_that_of_what_is_generated() {
    let document = |version: &str, responses: &Value, thing: &Value| {
        let value = json!({
            "openapi": version,
            "info": { "title": "S", "version": "1" },
            "paths": { "/things": { "get": { "operationId": "call", "responses": responses } } },
            "components": { "schemas": {
                "Thing": thing,
                "Other": { "type": "object", "properties": { "b": { "type": "string" } } },
                "Name": { "type": "string" },
            } },
        });
        Document::parse("things", "specs/things.json", &value.to_string()).or_fail()
    };
    let answer = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "description": "", "content": { "application/json": { "schema": schema } } })
    };
    let thing = |properties: Value| json!({ "type": "object", "properties": properties });
    let (one, a) = (
        json!({ "200": answer("Thing") }),
        thing(json!({ "a": { "type": "string" } })),
    );
    let old = document("3.0.3", &one, &a);
    // d1: the answer becomes one of two.
    let two = json!({ "200": answer("Thing"), "201": answer("Other") });
    let found = between(Some(&old), Some(&document("3.0.3", &two, &a)));
    assert_eq!(bump(&found), Some(Bump::Major), "{found:?}");
    assert!(kinds(&found).contains(&Kind::ItemChanged), "{found:?}");
    // d2: an error's body is read on demand, so no type of the answer changes.
    let typed = json!({ "200": answer("Thing"), "404": answer("Other") });
    let found = between(Some(&old), Some(&document("3.0.3", &typed, &a)));
    assert_eq!(bump(&found), Some(Bump::Minor), "{found:?}");
    // d4: structs can grow.
    let grown = thing(json!({ "a": { "type": "string" }, "b": { "type": "string" } }));
    let found = between(Some(&old), Some(&document("3.0.3", &one, &grown)));
    assert_eq!(bump(&found), Some(Bump::Minor), "{found:?}");
    // d6: what stands beside a reference counts in 3.1, and not in 3.0.
    let plain = thing(json!({ "name": { "$ref": "#/components/schemas/Name" } }));
    let beside = thing(json!({ "name": { "$ref": "#/components/schemas/Name", "maxLength": 3 } }));
    for (version, expected) in [("3.1.0", Bump::Major), ("3.0.3", Bump::Patch)] {
        let (old, new) = (
            document(version, &one, &plain),
            document(version, &one, &beside),
        );
        let found = between(Some(&old), Some(&new));
        assert_eq!(bump(&found), Some(expected), "{version}: {found:?}");
    }
}

/// A document with something of each kind that programs name.
fn things() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "S", "version": "1" },
        "paths": { "/things/{id}": { "put": {
            "operationId": "put",
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
                { "name": "q", "in": "query", "schema": { "type": "integer", "format": "int64" } },
            ],
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Sent" } } } },
            "responses": { "200": {
                "description": "D",
                "headers": { "X-Left": { "schema": { "type": "integer" } } },
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Got" } } },
            } },
        } } },
        "components": { "schemas": {
            "Sent": { "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } },
            "Got": { "type": "object", "properties": {
                "closed": { "$ref": "#/components/schemas/Closed" },
                "open": { "$ref": "#/components/schemas/Open" },
                "either": { "$ref": "#/components/schemas/Either" },
            } },
            "Closed": { "type": "string", "enum": ["a"] },
            "Open": { "type": "string", "enum": ["a"], "x-extensible": true },
            "Either": { "oneOf": [{ "$ref": "#/components/schemas/Sent" }, { "$ref": "#/components/schemas/Closed" }] },
        } },
    })
}

/// What a change of a document means to programs, by what of Rust it changes: a method, an argument of one, a type, a
/// variant of what can be listed, a trait. The classes are those of the Cargo book's chapter on semver.
#[test]
fn the_bump_is_that_of_cargo() {
    let base = things();
    let put = "/paths/~1things~1{id}/put";
    let schemas = "/components/schemas";
    #[rustfmt::skip]
    let rows = [
        // A setter more, or one less; an argument of another type; a builder that asks for more.
        (format!("{put}/parameters/2"), json!({ "name": "r", "in": "query", "schema": { "type": "string" } }), Bump::Minor),
        (format!("{put}/parameters/1/name"), json!("other"), Bump::Major),
        (format!("{put}/parameters/1/schema/format"), json!("int32"), Bump::Major),
        (format!("{put}/parameters/1/description"), json!("Said."), Bump::Patch),
        (format!("{put}/parameters/1/deprecated"), json!(true), Bump::Minor),
        (format!("{put}/operationId"), json!("place"), Bump::Major),
        // Methods of an answer's headers.
        (format!("{put}/responses/200/headers/X-More"), json!({ "schema": { "type": "string" } }), Bump::Minor),
        (format!("{put}/responses/200/headers/X-Left/schema/type"), json!("string"), Bump::Major),
        // Types: structs can grow, unless their constructor does; enumerations that can be listed cannot.
        (format!("{schemas}/Sent/properties/b"), json!({ "type": "string" }), Bump::Minor),
        (format!("{schemas}/Sent/required"), json!([]), Bump::Major),
        (format!("{schemas}/Got/properties/more"), json!({ "type": "string" }), Bump::Minor),
        (format!("{schemas}/Got/required"), json!(["open"]), Bump::Major),
        (format!("{schemas}/Closed/enum"), json!(["a", "b"]), Bump::Major),
        (format!("{schemas}/Open/enum"), json!(["a", "b"]), Bump::Minor),
        (format!("{schemas}/Open/x-extensible"), json!(false), Bump::Major),
        (format!("{schemas}/Either/oneOf/2"), json!({ "$ref": "#/components/schemas/Open" }), Bump::Major),
        // A type that is not there any more under its name, though nothing else of it changes.
        (format!("{schemas}/Got/properties/open/$ref"), json!("#/components/schemas/Closed"), Bump::Major),
        // Said another way: with a letter of a reference percent-encoded, in other words, in another dialect.
        (format!("{schemas}/Got/properties/open/$ref"), json!("#/components/schemas/%4Fpen"), Bump::Patch),
        (format!("{schemas}/Got/properties/open"), json!({ "allOf": [{ "$ref": "#/components/schemas/Open" }] }), Bump::Patch),
        ("/openapi".to_owned(), json!("3.1.0"), Bump::Patch),
        ("/x-anything".to_owned(), json!(1), Bump::Patch),
    ];
    let document = |value: &Value| {
        Document::parse("things", "specs/things.json", &value.to_string()).or_fail()
    };
    let old = document(&base);
    let mut failures = Vec::new();
    for (pointer, value, expected) in rows {
        let mut changed = base.clone();
        let (holder, key) = pointer.rsplit_once('/').or_fail();
        match changed.pointer_mut(holder).or_fail() {
            Value::Array(items) => items.push(value),
            holder => holder[key] = value,
        }
        let found = between(Some(&old), Some(&document(&changed)));
        if bump(&found) != Some(expected) {
            failures.push(format!("{pointer}: {:?}: {found:#?}", bump(&found)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A document of Swagger 2.0, said in OpenAPI 3.0: the same client.
#[test]
fn another_dialect_is_no_change() {
    let old = json!({
        "swagger": "2.0", "info": { "title": "S", "version": "1" }, "host": "s.example", "schemes": ["https"],
        "produces": ["application/json"],
        "paths": { "/things": { "get": {
            "operationId": "list",
            "parameters": [{ "name": "q", "in": "query", "type": "array", "items": { "type": "string" }, "collectionFormat": "multi" }],
            "responses": { "200": { "description": "D", "schema": { "$ref": "#/definitions/Thing" } } },
        } } },
        "definitions": { "Thing": { "type": "object", "properties": { "a": { "type": "string", "x-nullable": true } } } },
    });
    let new = json!({
        "openapi": "3.1.0", "info": { "title": "S", "version": "1" }, "servers": [{ "url": "https://s.example" }],
        "paths": { "/things": { "get": {
            "operationId": "list",
            "parameters": [{ "name": "q", "in": "query", "style": "form", "explode": true, "schema": { "type": "array", "items": { "type": "string" } } }],
            "responses": { "200": { "description": "D", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } } },
        } } },
        "components": { "schemas": { "Thing": { "type": "object", "properties": { "a": { "type": ["string", "null"] } } } } },
    });
    let found = changes(&old, &new);
    assert_eq!(
        kinds(&found),
        BTreeSet::from([Kind::Reformatted]),
        "{found:#?}"
    );
}

/// OpenAPITools/openapi-diff#192: a schema that is put together of two is the one that was written out.
#[test]
fn what_is_composed_another_way_is_no_break() {
    let document = |schemas: Value| {
        json!({
            "openapi": "3.0.3", "info": { "title": "S", "version": "1" },
            "paths": { "/test": { "get": { "operationId": "test", "responses": { "200": { "description": "OK", "content": {
                "application/json": { "schema": { "$ref": "#/components/schemas/Working" } },
            } } } } } },
            "components": { "schemas": schemas },
        })
    };
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    let old = document(json!({
        "Working": { "type": "object", "properties": { "foo": text, "bar": number } },
    }));
    let part = json!({ "type": "object", "properties": { "bar": number } });
    let whole = |part: &Value| json!({ "allOf": [{ "type": "object", "properties": { "foo": text } }, part] });
    let found = changes(&old, &document(json!({ "Working": whole(&part) })));
    assert_eq!(bump(&found), Some(Bump::Patch), "{found:#?}");
    let new = document(
        json!({ "Working": whole(&json!({ "$ref": "#/components/schemas/Rest" })), "Rest": part }),
    );
    let found = changes(&old, &new);
    assert_eq!(
        kinds(&found),
        BTreeSet::from([Kind::SchemaAdded]),
        "{found:#?}"
    );
    // One that says something else is told by what it says.
    let other = json!({ "type": "object", "properties": { "bar": text } });
    let found = changes(&old, &document(json!({ "Working": whole(&other) })));
    assert_eq!(
        kinds(&found),
        BTreeSet::from([Kind::TypeChanged]),
        "{found:#?}"
    );
}
