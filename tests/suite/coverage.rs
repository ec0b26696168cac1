//! Row 8: operations in the documents == facade methods == protocol rows == sandbox routes == mocks. It
//! must notice an operation that lacks one of them.

use std::{collections::BTreeSet, path::Path};

use conformance::{calls, world};
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
    for (place, found) in [
        (
            "generated code",
            set(generated.iter().map(|operation| operation.id)),
        ),
        (
            "facade (calls)",
            set(calls::ALL.iter().map(|call| call.operation)),
        ),
        ("protocol rows", set(requests::table::operations())),
        ("mock tests", set(mocks::OPERATIONS)),
        ("sandbox routes", set(thumbprint_sandbox::routes())),
    ] {
        assert_eq!(found, documents, "{place}");
    }
}
