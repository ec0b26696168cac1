//! `cargo xtask bench`: builds and runs the package `bench`, which is for release alone.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// Hands the arguments on. What it prints is the package's own.
pub fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let mut cargo = crate::cargo();
    cargo
        .current_dir(root)
        .args(["run", "--quiet", "--release", "--package", "bench", "--"])
        .args(arguments);
    let status = cargo.status().context("cargo cannot be started")?;
    ensure!(status.success(), "the bench ended with {status}");
    Ok(())
}
