//! Proves that generated code compiles and passes its conformance cases: makes two crates of many documents in a copy of
//! the workspace, and tests them.
//!
//! `cargo run -p conformance --example compile` takes the one-feature documents of tests/data/features.yaml, and
//! tries the `values` of those that have some: each is decoded and encoded again.
//! `cargo run -p conformance --example compile -- FILE...` takes the documents that are named, and the rows whose
//! names have one of the other arguments in them.

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
    time::Instant,
};

use conformance::{batch::Batch, features};
use serde_json::Value;
use xtask::source;

fn main() -> io::Result<ExitCode> {
    let (files, words): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| Path::new(argument).is_file());
    let mut batch = Batch::new("compile")?;
    let (mut taken, mut refused) = (0, 0);
    let start = Instant::now();
    let mut told = |name: &str, outcome: Result<Vec<String>, String>| match outcome {
        Ok(_) => taken += 1,
        Err(reasons) => {
            refused += 1;
            println!("{name}: refused\n{reasons}");
        }
    };
    let is_meant = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
    if files.is_empty() || !words.is_empty() {
        for row in features::all()
            .iter()
            .filter(|row| !row.is_refused() && is_meant(&row.name))
        {
            told(&row.name, batch.add(&row.document, &row.expected["values"]));
        }
    }
    for file in &files {
        let path = Path::new(file);
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let name = format!("d-{}", stem.replace(['.', '_'], "-").to_lowercase());
        let opened = source::open(&name, path).map_err(|error| format!("{error:#}"));
        told(
            file,
            opened.and_then(|(document, _)| batch.add(&document, &Value::Null)),
        );
    }
    println!(
        "{taken} documents written in {:?}, {refused} refused",
        start.elapsed()
    );
    let start = Instant::now();
    let output = batch.test()?;
    println!("built and tested in {:?}", start.elapsed());
    if output.status.success() {
        return Ok(ExitCode::SUCCESS);
    }
    io::stdout().write_all(&output.stdout)?;
    io::stderr().write_all(&output.stderr)?;
    Ok(ExitCode::FAILURE)
}
