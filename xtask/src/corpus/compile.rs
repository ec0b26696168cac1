//! What the code of a random sample of a corpus does: it is built together with that of others, and its conformance cases
//! are run.

use std::path::Path;

use anyhow::{Context, Result};

use super::{Built, Outcome, Row};
use crate::{
    source,
    trial::{Failure, Trial},
};

/// How many lines of code are built at a time. More ask for more memory, and fewer are built slower.
const LINES: usize = 60_000;

/// Builds and tests `count` of the rows that are taken, chosen by `seed`.
pub(super) fn sample(rows: &mut [Row], folder: &Path, count: usize, seed: u64) -> Result<()> {
    let mut taken: Vec<_> = rows
        .iter_mut()
        .filter(|row| row.outcome == Outcome::Taken)
        .collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut taken);
    taken.truncate(count);
    all(taken, folder)
}

/// Builds and tests rows that are taken.
pub(super) fn all(rows: Vec<&mut Row>, folder: &Path) -> Result<()> {
    let builds = Builds::new()?;
    let (mut batch, mut lines) = (Vec::new(), 0);
    for row in rows {
        lines += row.lines;
        batch.push(row);
        if lines > LINES {
            builds.build(&mut batch, folder)?;
            (batch, lines) = (Vec::new(), 0);
        }
    }
    builds.build(&mut batch, folder)
}

/// Where documents are built. What all of them depend on is built once.
struct Builds {
    work: tempfile::TempDir,
}

impl Builds {
    fn new() -> Result<Self> {
        let work = tempfile::tempdir().context("a folder for the sample")?;
        Ok(Self { work })
    }

    /// Builds and tests what documents become.
    fn build(&self, rows: &mut [&mut Row], folder: &Path) -> Result<()> {
        let workspace = self.work.path().join("workspace");
        let mut trial = Trial::new(workspace.clone(), self.work.path().join("target"))?;
        for (index, row) in rows.iter().enumerate() {
            let (document, _) = source::open(&format!("d{index}"), &folder.join(&row.file))?;
            trial.add(document, "").with_context(|| row.file.clone())?;
        }
        let mut failures = trial.run()?;
        for (index, row) in rows.iter_mut().enumerate() {
            let (built, said) = match failures.remove(&format!("d{index}")) {
                None => (Built::Passed, Vec::new()),
                Some(Failure::CasesFail(said)) => (Built::CasesFail, said),
                Some(Failure::DoesNotCompile(said)) => (Built::DoesNotCompile, said),
            };
            row.built = Some(built);
            row.reasons.extend(said.into_iter().take(NAMED));
            eprintln!("{} {built:?}", row.file);
        }
        std::fs::remove_dir_all(&workspace)?;
        Ok(())
    }
}

/// How many lines are kept of what is wrong with a document's code.
const NAMED: usize = 12;
