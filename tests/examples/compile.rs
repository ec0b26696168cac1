//! Proves that generated code compiles: takes documents through `cargo xtask new` in a copy of the
//! workspace, and checks all the crates that it makes with one call of cargo.
//!
//! `cargo run -p conformance --example compile` takes the one-feature documents of tests/data/features.yaml;
//! `cargo run -p conformance --example compile -- FILE...` takes the documents that are named.

use std::{collections::BTreeSet, io, path::Path, process::ExitCode, time::Instant};

use conformance::{copy::Copy, features};
use xtask::new;

fn main() -> io::Result<ExitCode> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let copy = Copy::new("compile")?;
    let mut packages = Vec::new();
    let mut refused = 0;
    let mut take = |name: &str, file: &Path| {
        let start = Instant::now();
        match new::run(copy.path(), name, Some(file)) {
            Ok(report) => {
                let notes = report.matches("note: ").count();
                println!("{name}: written in {:?}, {notes} notes", start.elapsed());
                packages.push(format!("thumbprint-{name}"));
                packages.push(format!("thumbprint-{name}-httpmock"));
            }
            Err(error) => {
                refused += 1;
                let text = format!("{error:#}");
                println!(
                    "{name}: refused in {:?}: {} reasons",
                    start.elapsed(),
                    text.lines().count()
                );
                for line in text.lines().take(20) {
                    println!("    {line}");
                }
            }
        }
    };
    if files.is_empty() {
        let folder = copy.path().join("documents");
        std::fs::create_dir_all(&folder)?;
        for feature in features::all()
            .iter()
            .filter(|feature| !feature.is_refused())
        {
            let file = folder.join(format!("{}.json", feature.document.name));
            std::fs::write(&file, feature.document.value.to_string())?;
            take(&feature.document.name, &file);
        }
    }
    for file in files.iter().map(Path::new) {
        let stem = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        take(&stem.replace(['.', '_'], "-").to_lowercase(), file);
    }
    let start = Instant::now();
    let output = copy.cargo("check", &packages)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let failed: BTreeSet<_> = said
        .lines()
        .filter_map(|line| {
            line.strip_prefix("error: could not compile `")?
                .split('`')
                .next()
        })
        .collect();
    println!(
        "{} crates checked in {:?}; {refused} documents refused",
        packages.len(),
        start.elapsed()
    );
    if output.status.success() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("{said}");
    println!("these do not compile: {failed:?}");
    Ok(ExitCode::FAILURE)
}
