//! Row 8: operations in the documents == generated code == facade methods == protocol rows == sandbox routes == mocks
//! == commands. It must notice an operation that lacks one of them, and say all that it lacks at once.

use std::{collections::BTreeSet, path::Path};

use conformance::{
    calls,
    spec::{Operation, snake},
    world,
};
use xtask::root;

use crate::{mocks, requests};

fn set<'a>(ids: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    ids.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_operation_has_everything() {
    everything_is_there(&root());
}

/// Of the documents in a workspace.
pub(crate) fn everything_is_there(root: &Path) {
    let operations = world::operations_of(world::services(root));
    let documents = set(operations
        .iter()
        .map(|(_, operation)| operation.id.as_str()));
    let generated = [
        thumbprint_batch::operations::ALL,
        thumbprint_wap::operations::ALL,
    ]
    .concat();
    #[rustfmt::skip]
    let places = [
        ("generated code: run cargo xtask generate", set(generated.iter().map(|operation| operation.id))),
        ("a method of the facade: crates/thumbprint/src/API.rs, and its call in tests/src/calls.rs", set(calls::ALL.iter().map(|call| call.operation))),
        ("rows of what is sent: tests/suite/requests/table/API.rs", set(requests::table::operations())),
        ("a mock that is tried: tests/suite/mocks.rs", set(mocks::OPERATIONS)),
        ("a handler of the sandbox: crates/thumbprint-sandbox/src/API/", set(thumbprint_sandbox::routes())),
        ("a command: crates/thumbprint-cli/src/API/", commands(&operations, root)),
    ];
    let differences = places.iter().flat_map(|(place, found)| {
        let lacking = documents.difference(found);
        let lacking = lacking.map(move |id| format!("{id} lacks {place}"));
        let surplus = found.difference(&documents);
        lacking.chain(surplus.map(move |id| format!("{id} is in no document, but has {place}")))
    });
    let differences: Vec<_> = differences.collect();
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

/// The operations that the command has: a file of the name behind the id's underscore, without the API's own words.
fn commands(operations: &[(String, Operation)], root: &Path) -> BTreeSet<String> {
    let has = |(api, operation): &&(String, Operation)| {
        let name = operation.id.split_once('_').map_or("", |(_, name)| name);
        let file = snake(name);
        let folder = root.join("crates/thumbprint-cli/src");
        let module = std::fs::read_to_string(folder.join(format!("{api}.rs"))).unwrap_or_default();
        folder.join(api).join(format!("{file}.rs")).exists()
            || module.contains(&format!("fn {file}("))
    };
    set(operations
        .iter()
        .filter(has)
        .map(|(_, operation)| operation.id.as_str()))
}
