//! Many documents at once: their clients become modules of one crate, and their mocks and conformance cases of
//! another, so that cargo builds two crates in place of hundreds.

use std::{
    fmt::Write as _,
    fs, io,
    process::{Command, Output},
};

use serde_json::Value;
use xtask::{
    document::{Document, members},
    generate::{self, Refused},
};

use crate::copy::{Copy, target};

/// The names of the two crates.
const CRATES: [&str; 2] = ["thumbprint-rows", "thumbprint-rows-httpmock"];

/// What generated code is allowed.
const ALLOW: &str = "#[allow(dead_code, missing_docs, unused_imports, unused_mut, unreachable_pub, unfulfilled_lint_expectations, deprecated, non_camel_case_types)]\n";

const DEPENDENCIES: &str = "chrono.workspace = true\nregress.workspace = true\nserde.workspace = true\n\
    serde_json.workspace = true\nthumbprint-transport.workspace = true\nuuid.workspace = true\n";

/// Documents on their way into the two crates.
pub struct Batch {
    copy: Copy,
    client: String,
    mocks: String,
    cases: String,
}

impl Batch {
    /// An empty one, in a copy of this workspace.
    pub fn new(name: &str) -> io::Result<Self> {
        let copy = Copy::new(name)?;
        for name in CRATES {
            for folder in ["src", "tests/cases"] {
                fs::create_dir_all(copy.path().join("crates").join(name).join(folder))?;
            }
        }
        let (client, support) = ("pub mod semantics;\n", "../../../../tests/support/cases.rs");
        Ok(Self {
            copy,
            client: client.to_owned(),
            mocks: String::new(),
            cases: format!("#[path = {support:?}]\n#[allow(dead_code)]\nmod support;\n"),
        })
    }

    /// Adds a document, with what is known of its values by the names of their types. What it is refused with, or else
    /// what is told of it.
    pub fn add(&mut self, document: &Document, values: &Value) -> Result<Vec<String>, String> {
        let rendered = generate::render(document).map_err(|error| {
            let refused = error.downcast_ref::<Refused>().map(ToString::to_string);
            refused.unwrap_or_else(|| format!("failed: {error:#}"))
        })?;
        let module = document.name.replace('-', "_");
        let [client, mocks] = CRATES.map(|name| name.replace('-', "_"));
        for ((_, text), (index, place)) in
            rendered
                .files
                .iter()
                .zip([(0, "src"), (1, "src"), (1, "tests/cases")])
        {
            let text = text
                .replace(&document.mocks_path(), &format!("::{mocks}::{module}"))
                .replace(&document.crate_path(), &format!("::{client}::{module}"));
            let file = format!("crates/{}/{place}/{module}.rs", CRATES[index]);
            fs::write(self.copy.path().join(file), text).map_err(|error| error.to_string())?;
        }
        for lib in [&mut self.client, &mut self.mocks] {
            let _ = writeln!(lib, "{ALLOW}pub mod {module};");
        }
        let values = tests_of(&format!("{client}::{module}"), values);
        let _ = write!(
            self.cases,
            "{ALLOW}#[path = {file:?}]\nmod {module}_table;\nmod {module} {{\n    \
             use super::{{{module}_table::{{CASES, VALUES}}, support}};\n\n    \
             #[tokio::test]\n    async fn mocks_are_hit() {{ support::mocks_are_hit(CASES).await; }}\n\n    \
             #[tokio::test]\n    async fn requests_are_declared() {{ support::requests_are_declared(CASES).await; }}\n\n    \
             #[tokio::test]\n    async fn statuses_come_out() {{ support::statuses_come_out(CASES).await; }}\n\n    \
             #[test]\n    fn values_come_back() {{ support::values_come_back(VALUES); }}\n{values}}}\n",
            file = format!("{module}.rs"),
        );
        Ok(rendered.warnings.iter().map(ToString::to_string).collect())
    }

    /// Builds the crates and runs the cases of all documents.
    pub fn test(&self) -> io::Result<Output> {
        let manifest = |name: &str, rest: &str| {
            format!(
                "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition.workspace = true\n\n\
                 [lib]\ndoctest = false\n\n[dependencies]\n{DEPENDENCIES}{rest}"
            )
        };
        let [client, mocks] = CRATES;
        let semantics = include_str!("../../xtask/src/new/templates/semantics.rs.txt");
        let rest = format!(
            "httpmock.workspace = true\nregex.workspace = true\n{client} = {{ path = \"../{client}\" }}\n\n\
             [dev-dependencies]\ntokio = {{ workspace = true, features = [\"macros\", \"rt\"] }}\n"
        );
        for (name, file, text) in [
            (client, "Cargo.toml", manifest(client, "")),
            (client, "src/lib.rs", self.client.clone()),
            (client, "src/semantics.rs", semantics.to_owned()),
            (mocks, "Cargo.toml", manifest(mocks, &rest)),
            (mocks, "src/lib.rs", self.mocks.clone()),
            (mocks, "tests/cases/main.rs", self.cases.clone()),
        ] {
            fs::write(self.copy.path().join("crates").join(name).join(file), text)?;
        }
        Command::new(env!("CARGO"))
            .args([
                "test",
                "--offline",
                "--quiet",
                "--no-fail-fast",
                "-p",
                mocks,
            ])
            .current_dir(self.copy.path())
            .env("CARGO_TARGET_DIR", target())
            .env_remove("RUSTFLAGS")
            .output()
    }
}

/// Tests of values by the names of their types: a pair of JSON is what is read and what is written again, JSON alone is
/// both, and what is to be refused has `null` for what is written.
fn tests_of(client: &str, values: &Value) -> String {
    let mut tests = String::new();
    for (ty, all) in members(values) {
        for (index, value) in all.as_array().into_iter().flatten().enumerate() {
            let pair = value.as_array().filter(|pair| pair.len() == 2);
            let (read, written) = pair.map_or((value, value), |pair| (&pair[0], &pair[1]));
            let (read, written) = (read.to_string(), written.to_string());
            let test = format!("{}_{index}", ty.to_lowercase());
            let _ = write!(
                tests,
                "\n    #[test]\n    fn {test}() {{\n        \
                 let read = serde_json::from_str::<{client}::types::{ty}>({read:?});\n        \
                 let written = serde_json::from_str::<serde_json::Value>({written:?}).unwrap();\n        \
                 if written.is_null() {{\n            assert!(read.is_err(), \"{{read:?}}\");\n        }} else {{\n            \
                 assert_eq!(serde_json::to_value(read.unwrap()).unwrap(), written);\n        }}\n    }}\n"
            );
        }
    }
    tests
}
