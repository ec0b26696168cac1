//! The arrows of the workspace run one way: transport <- generated clients <- facade <- command. A crate
//! that takes up a dependency which its row does not have is noticed here; deny.toml says the same to
//! cargo-deny.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;
use xtask::root;

/// What each crate may depend on, of the workspace and of progenitor. Dependencies of tests do not count.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("thumbprint-transport", &["progenitor-client"]),
    (
        "thumbprint-batch",
        &["progenitor-client", "thumbprint-transport"],
    ),
    (
        "thumbprint-wap",
        &["progenitor-client", "thumbprint-transport"],
    ),
    (
        "thumbprint-batch-httpmock",
        &["progenitor-client", "thumbprint-batch"],
    ),
    (
        "thumbprint-wap-httpmock",
        &["progenitor-client", "thumbprint-wap"],
    ),
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
    ("xtask", &["progenitor"]),
    ("conformance", &["thumbprint", "xtask"]),
];

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
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let packages = packages();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let mut found: Vec<_> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap())
            .filter(|name| allowed.contains_key(name) || name.starts_with("progenitor"))
            .collect();
        found.sort_unstable();
        let row = allowed
            .get(name)
            .unwrap_or_else(|| panic!("{name} has no row"));
        assert_eq!(found, *row, "{name}");
    }
    assert_eq!(packages.len(), ALLOWED.len());
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
            assert!(
                line.contains("workspace = true"),
                "{}: {line}",
                package["name"]
            );
        }
    }
}
