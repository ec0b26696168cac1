//! The last resort. What the steps do not foresee must neither stop the pipeline with a panic nor leave
//! its place untold: progenitor runs where its panics are caught, and a document that it does not take is
//! taken apart until the schemas and operations that it stumbles over are found.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    panic,
    sync::Once,
    thread,
};

use serde_json::{Map, Value, json};

use super::{Adapted, references::component};
use crate::{
    document::{join, members},
    lint::Problem,
};

/// The thread's name, by which its panics are kept quiet.
const THREAD: &str = "progenitor";
/// typify follows schemas into their depth.
const STACK: usize = 256 * 1024 * 1024;

/// Runs something that may panic. A panic becomes an error that holds its message.
pub fn guarded<T: Send>(run: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                loud(info);
            }
        }));
    });
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name(THREAD.to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, run)
            .map_err(|error| error.to_string())?;
        thread
            .join()
            .unwrap_or_else(|panic| Err(format!("panic: {}", message(&*panic))))
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// Finds the schemas and operations that `attempt` fails with, by trying each with what it refers to and
/// nothing else. `whole` is what it said of the whole document.
pub fn blame(
    file: &str,
    adapted: &Adapted,
    whole: &str,
    attempt: &impl Fn(&Value) -> Result<(), String>,
) -> Vec<Problem> {
    let mut problems = malformed(file, adapted);
    if !problems.is_empty() {
        return problems;
    }
    let problem = |pointer: &str, said: &str| Problem {
        file: file.to_owned(),
        pointer: pointer.to_owned(),
        line: None,
        what: format!(
            "the generator does not take this, and no step foresees it ({}); write it more simply",
            first_lines(said)
        ),
    };
    let schemas = &adapted.document["components"]["schemas"];
    let mut references: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, schema) in members(schemas) {
        let mut used = BTreeSet::new();
        collect(schema, &mut used);
        references.insert(name, used);
    }
    let mut bad: BTreeMap<&str, String> = BTreeMap::new();
    for (name, _) in members(schemas) {
        let some = closure(&references, BTreeSet::from([name.as_str()]));
        if let Err(said) = attempt(&part(&adapted.document, schemas, &some, &json!({}))) {
            bad.insert(name, said);
        }
    }
    for (name, said) in &bad {
        // One that only refers to another bad one is not the cause.
        let used = references.get(name).cloned().unwrap_or_default();
        if !closure(&references, used)
            .iter()
            .any(|other| other != name && bad.contains_key(other))
        {
            let pointer = adapted
                .places
                .get(*name)
                .map_or("/components/schemas", String::as_str);
            problems.push(problem(pointer, said));
        }
    }
    for (path, item) in members(&adapted.document["paths"]) {
        for (method, found) in members(item) {
            let paths = json!({ path: { method: found } });
            let alone = part(&adapted.document, schemas, &BTreeSet::new(), &paths);
            let mut all = adapted.operations.iter();
            let operation = all.find(|operation| found["operationId"] == *operation.name);
            if let (Some(operation), Err(said)) = (operation, attempt(&alone)) {
                problems.push(problem(&operation.pointer, &said));
            }
        }
    }
    if problems.is_empty() {
        problems.push(if bad.is_empty() {
            problem("", whole)
        } else {
            let names: Vec<_> = bad.keys().copied().collect();
            problem(
                "/components/schemas",
                &format!("of {}: {whole}", names.join(", ")),
            )
        });
    }
    problems
}

fn first_lines(said: &str) -> String {
    let lines: Vec<_> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(3)
        .collect();
    let text: String = lines.join(" ").chars().take(200).collect();
    text
}

fn part(whole: &Value, schemas: &Value, names: &BTreeSet<&str>, paths: &Value) -> Value {
    let some: Map<String, Value> = members(schemas)
        .filter(|(name, _)| names.contains(name.as_str()))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    json!({
        "openapi": "3.0.3",
        "info": whole["info"],
        "paths": paths,
        "components": { "schemas": some },
    })
}

fn collect<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    if let Some(name) = value["$ref"].as_str().and_then(component) {
        found.insert(name);
    }
    for (_, value) in members(value) {
        collect(value, found);
    }
    for value in value.as_array().into_iter().flatten() {
        collect(value, found);
    }
}

fn closure<'v>(
    references: &BTreeMap<&str, BTreeSet<&'v str>>,
    start: BTreeSet<&'v str>,
) -> BTreeSet<&'v str> {
    let mut open: Vec<_> = start.iter().copied().collect();
    let mut all = start;
    while let Some(name) = open.pop() {
        for used in references.get(name).into_iter().flatten() {
            if all.insert(used) {
                open.push(used);
            }
        }
    }
    all
}

/// What is no OpenAPI, by its place. openapiv3 tells no place, and of a schema only that it "did not match
/// any variant"; so each piece is read alone.
fn malformed(file: &str, adapted: &Adapted) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = |pointer: &str, error: &serde_json::Error| {
        problems.push(Problem {
            file: file.to_owned(),
            pointer: pointer.to_owned(),
            line: None,
            what: format!(
                "not OpenAPI 3.0: {error}; compare it with the specification's section of it"
            ),
        });
    };
    for (name, schema) in members(&adapted.document["components"]["schemas"]) {
        let mut signatures = adapted.signatures.iter();
        if let Some(signature) = signatures.find(|signature| signature.name == *name) {
            for (slot, pointer) in &signature.properties {
                malformed_schema(&schema["properties"][slot], pointer, &mut report);
            }
            continue;
        }
        let pointer = adapted
            .places
            .get(name)
            .map_or("/components/schemas", String::as_str);
        malformed_schema(schema, pointer, &mut report);
    }
    problems
}

fn malformed_schema(
    schema: &Value,
    pointer: &str,
    report: &mut impl FnMut(&str, &serde_json::Error),
) -> bool {
    let Err(error) =
        serde_json::from_value::<openapiv3::ReferenceOr<openapiv3::Schema>>(schema.clone())
    else {
        return false;
    };
    let mut inner = false;
    for (name, property) in members(&schema["properties"]) {
        inner |= malformed_schema(property, &join(&join(pointer, "properties"), name), report);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(value) = schema.get(key).filter(|value| value.is_object()) {
            inner |= malformed_schema(value, &join(pointer, key), report);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        for (index, value) in schema[key].as_array().into_iter().flatten().enumerate() {
            inner |= malformed_schema(value, &format!("{pointer}/{key}/{index}"), report);
        }
    }
    if !inner {
        report(pointer, &error);
    }
    true
}
