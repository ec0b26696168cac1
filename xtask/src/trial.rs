//! Builds the code of many documents at once and runs their conformance cases: their clients become modules of one crate,
//! and their mocks and cases of another, so that cargo builds two crates in place of hundreds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::PathBuf,
    process::Output,
};

use anyhow::{Context, Result, ensure};

use crate::{
    document::Document,
    generate::{self, Rendered},
    own,
    target::Target,
};

/// The two crates.
const CRATES: [&str; 2] = ["all-client", "all-httpmock"];

/// What generated code is allowed.
const ALLOW: &str = "#[allow(dead_code, missing_docs, unused_imports, unused_mut, unfulfilled_lint_expectations, deprecated, non_camel_case_types)]\n";

const DEPENDENCIES: [&str; 6] = [
    "chrono",
    "regress",
    "serde",
    "serde_json",
    "thumbprint-transport",
    "uuid",
];

/// What is wrong with the code of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The first errors of the compiler.
    DoesNotCompile(Vec<String>),
    /// What the cases say.
    CasesFail(Vec<String>),
}

/// Documents on their way into the two crates.
pub struct Trial {
    folder: PathBuf,
    target: PathBuf,
    /// The tests of each module that are not its conformance cases.
    modules: BTreeMap<String, String>,
}

impl Trial {
    /// An empty one, whose workspace is written into `folder` and built in `target`.
    pub fn new(folder: PathBuf, target: PathBuf) -> Result<Self> {
        for name in CRATES {
            for place in ["src", "tests/cases"] {
                fs::create_dir_all(folder.join("crates").join(name).join(place))?;
            }
        }
        let modules = BTreeMap::new();
        Ok(Self {
            folder,
            target,
            modules,
        })
    }

    /// Adds a document by its name, with further tests of its client: `{client}` in them is the client's path.
    pub fn add(&mut self, document: Document, tests: &str) -> Result<Rendered> {
        let document = document.with_target(&Target::OWN);
        let rendered = generate::render(&document)?;
        let module = document.name.replace('-', "_");
        let [client, mocks] = CRATES.map(|name| format!("::{}::{module}", name.replace('-', "_")));
        let places = [(0, "src"), (1, "src"), (1, "tests/cases")];
        for ((_, text), (index, place)) in rendered.files.iter().zip(places) {
            let text = text
                .replace(
                    &format!("{}::", document.mocks_path()),
                    &format!("{mocks}::"),
                )
                .replace(
                    &format!("{}::", document.crate_path()),
                    &format!("{client}::"),
                );
            self.write(CRATES[index], &format!("{place}/{module}.rs"), &text)?;
        }
        self.modules
            .insert(module, tests.replace("{client}", &client));
        Ok(rendered)
    }

    /// Builds the crates and runs the cases of all documents. What fails, by the documents' names.
    pub fn run(mut self) -> Result<BTreeMap<String, Failure>> {
        let mut failures = BTreeMap::new();
        let fail = |failures: &mut BTreeMap<_, _>, module: &str, failure| {
            failures.insert(module.replace('_', "-"), failure);
        };
        while !self.modules.is_empty() {
            self.outline()?;
            let built = self.cargo(&["--no-run"])?;
            if built.status.success() {
                for (module, said) in self.failed(&self.cargo(&["--no-fail-fast"])?) {
                    fail(&mut failures, &module, Failure::CasesFail(said));
                }
                return Ok(failures);
            }
            let broken = self.broken(&built);
            ensure!(
                !broken.is_empty(),
                "cargo: {}",
                String::from_utf8_lossy(&built.stderr)
            );
            // Without them the others may compile.
            for (module, said) in broken {
                self.modules.remove(&module);
                fail(&mut failures, &module, Failure::DoesNotCompile(said));
            }
        }
        Ok(failures)
    }

    /// Writes all that is not generated. The types get their JSON Schemas, so that these are compiled too.
    fn outline(&self) -> Result<()> {
        let [client, mocks] = CRATES;
        let dependencies = DEPENDENCIES
            .map(|name| format!("{name}.workspace = true\n"))
            .concat();
        let manifest = |name: &str, rest: &str| {
            format!(
                "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition.workspace = true\n\n\
                 [lib]\ndoctest = false\n\n\
                 [features]\ndefault = [\"schemars\"]\nschemars = [\"dep:schemars\", \"thumbprint-transport/schemars\"]\n\n\
                 [dependencies]\nschemars = {{ workspace = true, optional = true }}\n{dependencies}{rest}"
            )
        };
        let modules: String = self.modules.keys().fold(String::new(), |mut all, module| {
            let _ = writeln!(all, "{ALLOW}pub mod {module};");
            all
        });
        let cases = self.modules.iter().fold(String::new(), |mut all, (module, tests)| {
            let _ = write!(
                all,
                "{ALLOW}#[path = \"{module}.rs\"]\nmod {module}_table;\nmod {module} {{\n    \
                 use crate::{{{module}_table::{{CASES, VALUES}}, support}};\n\n    \
                 #[tokio::test]\n    async fn mocks_are_hit() {{ support::mocks_are_hit(CASES).await; }}\n\n    \
                 #[tokio::test]\n    async fn requests_are_declared() {{ support::requests_are_declared(CASES).await; }}\n\n    \
                 #[tokio::test]\n    async fn statuses_come_out() {{ support::statuses_come_out(CASES).await; }}\n\n    \
                 #[test]\n    fn values_come_back() {{ support::values_come_back(VALUES); }}\n{tests}}}\n\n"
            );
            all
        });
        let support = "#[allow(dead_code)]\nmod support;\n\n";
        let of_mocks = format!(
            "httpmock.workspace = true\nregex.workspace = true\n{client} = {{ path = \"../{client}\" }}\n\n\
             [dev-dependencies]\ntokio = {{ workspace = true, features = [\"macros\", \"rt\"] }}\n"
        );
        self.write(client, "Cargo.toml", &manifest(client, ""))?;
        self.write(
            client,
            "src/lib.rs",
            &format!("pub mod semantics;\n{modules}"),
        )?;
        self.write(
            client,
            "src/semantics.rs",
            include_str!("new/templates/semantics.rs.txt"),
        )?;
        self.write(mocks, "Cargo.toml", &manifest(mocks, &of_mocks))?;
        self.write(mocks, "src/lib.rs", &modules)?;
        self.write(
            mocks,
            "tests/cases/support.rs",
            include_str!("../../tests/support/cases.rs"),
        )?;
        self.write(mocks, "tests/cases/main.rs", &format!("{support}{cases}"))?;
        for (file, text) in own::outline() {
            fs::write(self.folder.join(file), text)?;
        }
        Ok(())
    }

    fn write(&self, name: &str, file: &str, text: &str) -> Result<()> {
        let path = self.folder.join("crates").join(name).join(file);
        fs::write(&path, text).with_context(|| path.display().to_string())
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Output> {
        let plain = CRATES.map(|name| format!("profile.dev.package.{name}.debug=0"));
        let output = crate::cargo()
            // The crates by themselves have no tests.
            .args([
                "test",
                "--offline",
                "--package",
                CRATES[1],
                "--test",
                "cases",
            ])
            .args(plain.iter().flat_map(|option| ["--config", option]))
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            // That of this workspace, so that what both depend on is built once.
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
            .env_remove("RUSTFLAGS")
            .output()?;
        Ok(output)
    }

    /// The modules in which the compiler finds errors, with the first of them.
    fn broken(&self, built: &Output) -> BTreeMap<String, Vec<String>> {
        let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let said = String::from_utf8_lossy(&built.stderr);
        let mut error = None;
        for line in said.lines() {
            if line.starts_with("warning") {
                error = None;
            } else if line.starts_with("error") {
                error = Some(line);
            } else if let (Some(what), Some((_, place))) = (error, line.split_once("--> crates/")) {
                let file = place.rsplit('/').next().unwrap_or_default();
                let module = file.split('.').next().unwrap_or_default();
                if self.modules.contains_key(module) {
                    broken
                        .entry(module.to_owned())
                        .or_default()
                        .push(format!("{what} {place}"));
                    error = None;
                }
            }
        }
        broken
    }

    /// The modules with tests that fail, with what these say.
    fn failed(&self, tested: &Output) -> BTreeMap<String, Vec<String>> {
        let said = String::from_utf8_lossy(&tested.stdout);
        let mut failed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut open = None;
        for line in said.lines() {
            if let Some(test) = line.strip_prefix("---- ") {
                let module = test.split("::").next().unwrap_or_default();
                open = self.modules.contains_key(module).then(|| module.to_owned());
            } else if line.starts_with("note:") || line.starts_with("stack backtrace") {
                open = None;
            }
            if let Some(module) = open.as_ref().filter(|_| !line.is_empty()) {
                failed
                    .entry(module.clone())
                    .or_default()
                    .push(line.to_owned());
            }
        }
        // What ends the whole run has no name.
        let known: BTreeSet<_> = self.modules.keys().cloned().collect();
        if !tested.status.success() && failed.is_empty() {
            let said = format!("{}{}", said, String::from_utf8_lossy(&tested.stderr));
            failed.extend(known.into_iter().map(|module| (module, vec![said.clone()])));
        }
        failed
    }
}
