//! Proves that generated code compiles and passes its conformance cases.
//!
//! `cargo run -p conformance --example compile` takes the one-feature documents of tests/data/features.yaml, and
//! tries the `values` of those that have some: each is decoded and encoded again.
//! `cargo run -p conformance --example compile -- FILE...` takes the documents that are named, and the rows whose
//! names have one of the other arguments in them.

use std::{error::Error, path::Path, process::ExitCode, time::Instant};

use conformance::{copy, features};
use xtask::{source, trial::Trial};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (files, words): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| Path::new(argument).is_file());
    let folder = copy::target().join("copies/compile");
    let _ = std::fs::remove_dir_all(&folder);
    let mut trial = Trial::new(folder, copy::target())?;
    let (mut taken, mut refused) = (0, 0);
    let start = Instant::now();
    let is_meant = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
    let mut documents = Vec::new();
    if files.is_empty() || !words.is_empty() {
        let rows = features::all().into_iter();
        for row in rows.filter(|row| !row.is_refused() && is_meant(&row.name)) {
            let tests = row.tests_of_values();
            documents.push((row.document, tests));
        }
    }
    for (index, file) in files.iter().enumerate() {
        println!("d{index}: {file}");
        match source::open(&format!("d{index}"), Path::new(file)) {
            Ok((document, _)) => documents.push((document, String::new())),
            Err(error) => println!("{error:#}"),
        }
    }
    for (document, tests) in documents {
        let name = document.name.clone();
        match trial.add(document, &tests) {
            Ok(_) => taken += 1,
            Err(error) => {
                refused += 1;
                println!("{name}: refused\n{error:#}");
            }
        }
    }
    println!(
        "{taken} documents written in {:?}, {refused} refused",
        start.elapsed()
    );
    let start = Instant::now();
    let failures = trial.run()?;
    println!("built and tested in {:?}", start.elapsed());
    for (name, failure) in &failures {
        println!("{name}: {failure:#?}");
    }
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
