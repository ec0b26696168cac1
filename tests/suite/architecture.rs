//! The arrows of the workspace run one way: transport <- generated clients <- facade <- command. A crate
//! that takes up a dependency which its row does not have is noticed here; deny.toml says the same to
//! cargo-deny. The crates of an API have their rows from its document, so that a further API needs none.
//! Nothing that users build has the pipeline or progenitor in it.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value;
use test_support::OrFail as _;
use xtask::{document::Document, root};

/// What each crate but those of an API depends on, of the workspace and of progenitor. Dependencies of
/// tests do not count.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("thumbprint-files", &[]),
    ("thumbprint-transport", &[]),
    ("thumbprint-wstrust", &["thumbprint-transport"]),
    (
        "thumbprint-sandbox",
        &[
            "thumbprint-admin",
            "thumbprint-batch",
            "thumbprint-transport",
            "thumbprint-wap",
        ],
    ),
    (
        "thumbprint",
        &[
            "thumbprint-batch",
            "thumbprint-files",
            "thumbprint-transport",
            "thumbprint-wap",
            "thumbprint-wstrust",
        ],
    ),
    ("thumbprint-cli", &["thumbprint", "thumbprint-sandbox"]),
    ("thumbprint-codegen", &["progenitor"]),
    ("xtask", &["thumbprint-codegen"]),
    ("test-support", &["thumbprint-transport"]),
    ("conformance", &["test-support", "thumbprint", "xtask"]),
    ("bench", &[]),
    (
        "bench-subjects",
        &["thumbprint-codegen", "thumbprint-sandbox"],
    ),
];

/// What is for people who work on this workspace.
const INTERNAL: [&str; 6] = [
    "bench",
    "bench-subjects",
    "conformance",
    "test-support",
    "thumbprint-codegen",
    "xtask",
];

/// What every crate depends on: the rows above, and two crates for each document.
fn allowed(root: &Path) -> BTreeMap<String, Vec<String>> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut rows: BTreeMap<String, Vec<String>> = ALLOWED
        .iter()
        .map(|(name, row)| ((*name).to_owned(), owned(row)))
        .collect();
    for name in Document::names(root).or_fail() {
        let client = format!("thumbprint-{name}");
        rows.insert(format!("{client}-httpmock"), owned(&[&client]));
        rows.insert(client, owned(&["thumbprint-transport"]));
    }
    rows
}

fn cargo(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(root)
        .output()
        .or_fail();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).or_fail()
}

fn packages(root: &Path) -> Vec<Value> {
    let metadata = cargo(root, &["metadata", "--format-version=1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&metadata).or_fail();
    metadata["packages"].as_array().or_fail().clone()
}

#[test]
fn arrows_run_one_way() {
    arrows(&root());
}

/// Of a workspace.
pub(crate) fn arrows(root: &Path) {
    let allowed = allowed(root);
    let packages = packages(root);
    for package in &packages {
        let name = package["name"].as_str().or_fail();
        let mut found: Vec<_> = package["dependencies"]
            .as_array()
            .or_fail()
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().or_fail())
            .filter(|name| allowed.contains_key(*name) || name.starts_with("progenitor"))
            // Mocks read cookies and the parts of a form as the runtime writes them.
            .filter(|other| !name.ends_with("-httpmock") || *other != "thumbprint-transport")
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
fn what_users_build_has_nothing_of_the_pipeline() {
    for package in packages(&root()) {
        let name = package["name"].as_str().or_fail();
        if INTERNAL.contains(&name) {
            continue;
        }
        let tree = [
            "tree",
            "--edges=normal,build",
            "--all-features",
            "--prefix=none",
            "-p",
            name,
        ];
        for dependency in cargo(&root(), &tree).lines() {
            let is_pipeline = |start| dependency.starts_with(start);
            assert!(
                !["progenitor", "typify", "thumbprint-codegen"]
                    .into_iter()
                    .any(is_pipeline),
                "{name} has {dependency}"
            );
        }
    }
}

#[test]
fn versions_stand_once() {
    versions(&root());
}

/// Of a workspace.
pub(crate) fn versions(root: &Path) {
    for package in packages(root) {
        let manifest =
            std::fs::read_to_string(package["manifest_path"].as_str().or_fail()).or_fail();
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
