//! What the code of a random sample of a corpus does: each document becomes a workspace of its own, whose crates are
//! built and whose conformance cases are run.

use std::{path::Path, process::Output};

use anyhow::{Context, Result};

use super::{Built, Outcome, Row};
use crate::own;

/// The word that every document is taken for.
const NAME: &str = "api";

/// Builds and tests `count` of the rows that are taken, chosen by `seed`.
pub(super) fn sample(rows: &mut [Row], folder: &Path, count: usize, seed: u64) -> Result<()> {
    let mut taken: Vec<_> = rows
        .iter_mut()
        .filter(|row| row.outcome == Outcome::Taken)
        .collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut taken);
    let builds = Builds::new()?;
    let mut taken = taken.into_iter().take(count);
    taken.try_for_each(|row| builds.build(row, folder))
}

/// Where documents are built, one after another. What all of them depend on is built once.
pub(super) struct Builds {
    work: tempfile::TempDir,
}

impl Builds {
    pub(super) fn new() -> Result<Self> {
        let work = tempfile::tempdir().context("a folder for the sample")?;
        Ok(Self { work })
    }

    /// Builds and tests what a document becomes.
    pub(super) fn build(&self, row: &mut Row, folder: &Path) -> Result<()> {
        let workspace = self.work.path().join("workspace");
        own::run(NAME, &folder.join(&row.file), &workspace, None)?;
        let cargo = |arguments: &[&str]| -> Result<Output> {
            let output = crate::cargo()
                .args(arguments)
                .current_dir(&workspace)
                .env("CARGO_TARGET_DIR", self.work.path().join("target"))
                .env("CARGO_INCREMENTAL", "0")
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .output()?;
            Ok(output)
        };
        let built = cargo(&["test", "--no-run", "--quiet"])?;
        row.built = Some(if built.status.success() {
            let tested = cargo(&["test", "--quiet", "--no-fail-fast"])?;
            if tested.status.success() {
                Built::Passed
            } else {
                row.reasons = said(&tested, |line| {
                    line.contains("panicked") || line.starts_with("  ")
                });
                Built::CasesFail
            }
        } else {
            row.reasons = said(&built, |line| line.starts_with("error"));
            Built::DoesNotCompile
        });
        eprintln!("{} {:?}", row.file, row.built);
        // The crates of the next one have the same names.
        cargo(&["clean", "--quiet", "-p", "api-client", "-p", "api-httpmock"])?;
        std::fs::remove_dir_all(&workspace)?;
        Ok(())
    }
}

/// The first lines that say what is wrong.
fn said(output: &Output, tells: impl Fn(&str) -> bool) -> Vec<String> {
    let text =
        [&output.stderr, &output.stdout].map(|text| String::from_utf8_lossy(text).into_owned());
    let lines = text.iter().flat_map(|text| text.lines());
    let told = lines.filter(|line| tells(line)).map(str::to_owned);
    told.take(5).collect()
}
