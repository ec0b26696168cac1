//! The arrows of the workspace run one way: transport <- generated clients <- facade <- command. A crate
//! that takes up a dependency which its row does not have is noticed here; deny.toml says the same to
//! cargo-deny. The crates of an API have their rows from its document, so that a further API needs none.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;
use xtask::{document::Document, root};

/// What each crate but those of an API depends on, of the workspace and of progenitor. Dependencies of
/// tests do not count.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("thumbprint-transport", &["progenitor-client"]),
    (
        "thumbprint-sandbox",
        &["thumbprint-batch", "thumbprint-transport", "thumbprint-wap"],
    ),
    (
        "thumbprint",
        &[
            "progenitor-client",
            "thumbprint-batch",
            "thumbprint-transport",
            "thumbprint-wap",
        ],
    ),
    ("thumbprint-cli", &["thumbprint", "thumbprint-sandbox"]),
    ("thumbprint-codegen", &["progenitor"]),
    ("xtask", &["thumbprint-codegen"]),
    ("test-support", &["thumbprint-transport"]),
    ("conformance", &["test-support", "thumbprint", "xtask"]),
];

/// What every crate depends on: the rows above, and two crates for each document.
fn allowed() -> BTreeMap<String, Vec<String>> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut rows: BTreeMap<String, Vec<String>> = ALLOWED
        .iter()
        .map(|(name, row)| ((*name).to_owned(), owned(row)))
        .collect();
    for name in Document::names(&root()).unwrap() {
        let client = format!("thumbprint-{name}");
        rows.insert(
            format!("{client}-httpmock"),
            owned(&["progenitor-client", &client]),
        );
        rows.insert(
            client,
            owned(&["progenitor-client", "thumbprint-transport"]),
        );
    }
    rows
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn arrows_run_one_way() {
    let allowed = allowed();
    let packages = packages();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let mut found: Vec<_> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap())
            .filter(|name| allowed.contains_key(*name) || name.starts_with("progenitor"))
            .collect();
        found.sort_unstable();
        let row = allowed
            .get(name)
            .unwrap_or_else(|| panic!("{name} has no row"));
        assert_eq!(found, *row, "{name}");
    }
    assert_eq!(packages.len(), allowed.len());
}

#[test]
fn versions_stand_once() {
    for package in packages() {
        let manifest = std::fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        let dependencies = manifest.split("dependencies]").skip(1).flat_map(|part| {
            part.lines()
                .take_while(|line| !line.starts_with('['))
                .filter(|line| line.contains('='))
        });
        for line in dependencies.filter(|line| !line.trim_start().starts_with('#')) {
            // What is not a version but a place in this workspace: the mocks' client.
            assert!(
                line.contains("workspace = true") || line.contains("{ path = \"../thumbprint-"),
                "{}: {line}",
                package["name"]
            );
        }
    }
}
