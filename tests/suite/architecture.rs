//! The arrows of the workspace run one way: transport <- generated clients <- facade <- command. A crate
//! that takes up a dependency which its row does not have is noticed here; deny.toml says the same to
//! cargo-deny. The crates of an API have their rows from its document, so that a further API needs none.
//! Nothing that users build has the pipeline or progenitor in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::Value;
use syn::{
    Item, UseTree,
    visit_mut::{self, VisitMut},
};
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
        let manifest = fs::read_to_string(package["manifest_path"].as_str().or_fail()).or_fail();
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

/// The modules of the generator have no circle: what needs another module is not needed by it.
#[test]
fn modules_of_the_generator_run_one_way() {
    let mut needs = Needs::default();
    needs.read(&root().join("crates/thumbprint-codegen/src"), None);
    let mut left = needs.of;
    assert!(left["generate"].contains("emit"), "nothing was read");
    loop {
        let names: BTreeSet<_> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, needed| !needed.is_disjoint(&names));
        if left.len() == before {
            break;
        }
    }
    assert!(
        left.is_empty(),
        "these need each other in a circle: {left:#?}"
    );
}

/// What each module of a crate needs of the others, without its tests.
#[derive(Default)]
struct Needs {
    of: BTreeMap<String, BTreeSet<String>>,
    /// The module that is read.
    module: String,
}

impl Needs {
    /// Reads a folder of the crate, all of it of one module if it is below one.
    fn read(&mut self, folder: &Path, module: Option<&str>) {
        for entry in fs::read_dir(folder).or_fail() {
            let path = entry.or_fail().path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).or_fail();
            if path.is_dir() {
                self.read(&path, Some(module.unwrap_or(stem)));
            } else if stem != "tests" && path.extension().is_some_and(|ending| ending == "rs") {
                module.unwrap_or(stem).clone_into(&mut self.module);
                let text = fs::read_to_string(&path).or_fail();
                self.visit_file_mut(&mut syn::parse_file(&text).or_fail());
            }
        }
    }

    fn add(&mut self, needed: &str) {
        if needed != self.module {
            let needs = self.of.entry(self.module.clone()).or_default();
            needs.insert(needed.to_owned());
        }
    }
}

impl VisitMut for Needs {
    fn visit_item_mut(&mut self, item: &mut Item) {
        let is_of_tests = matches!(item, Item::Mod(module) if module.ident == "tests");
        if !is_of_tests {
            visit_mut::visit_item_mut(self, item);
        }
    }

    fn visit_use_path_mut(&mut self, path: &mut syn::UsePath) {
        if path.ident != "crate" {
            return;
        }
        let trees = match &*path.tree {
            UseTree::Group(group) => group.items.iter().collect(),
            tree => vec![tree],
        };
        for tree in trees {
            match tree {
                UseTree::Path(path) => self.add(&path.ident.to_string()),
                UseTree::Name(name) => self.add(&name.ident.to_string()),
                _ => panic!("{}: what it uses of the crate names no module", self.module),
            }
        }
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let mut words = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        // `pub(crate)` is one word.
        if let (Some("crate"), Some(module)) = (words.next().as_deref(), words.next()) {
            self.add(&module);
        }
        visit_mut::visit_path_mut(self, path);
    }
}
