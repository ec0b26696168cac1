//! Proves that generated code compiles: takes documents through `cargo xtask new` in a copy of the
//! workspace, and checks all the crates that it makes with one call of cargo.
//!
//! `cargo run -p conformance --example compile` takes the one-feature documents of tests/data/features.yaml, and
//! tries the `values` of those that have some: each is decoded and encoded again.
//! `cargo run -p conformance --example compile -- FILE...` takes the documents that are named, and the rows whose
//! names have one of the other arguments in them.

use std::{collections::BTreeSet, io, path::Path, process::ExitCode, time::Instant};

use conformance::{copy::Copy, features};
use serde_json::Value;
use xtask::{document::members, new};

fn main() -> io::Result<ExitCode> {
    let (files, words): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|argument| Path::new(argument).is_file());
    let copy = Copy::new("compile")?;
    let mut packages = Vec::new();
    let mut tried = Vec::new();
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
    if files.is_empty() || !words.is_empty() {
        let is_meant =
            |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
        let folder = copy.path().join("documents");
        std::fs::create_dir_all(&folder)?;
        for feature in features::all()
            .iter()
            .filter(|feature| !feature.is_refused() && is_meant(&feature.name))
        {
            let file = folder.join(format!("{}.json", feature.document.name));
            std::fs::write(&file, feature.document.value.to_string())?;
            take(&feature.document.name, &file);
            if feature.expected["values"].is_object() {
                let name = &feature.document.name;
                let package = format!("thumbprint-{name}-httpmock");
                let file = format!("crates/{package}/tests/values.rs");
                let code = values(name, &feature.expected["values"]);
                std::fs::write(copy.path().join(file), code)?;
                tried.push(package);
            }
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
    if !output.status.success() {
        println!("{said}");
        println!("these do not compile: {failed:?}");
        return Ok(ExitCode::FAILURE);
    }
    if tried.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let start = Instant::now();
    let output = copy.cargo("test", &tried)?;
    println!("{} crates tested in {:?}", tried.len(), start.elapsed());
    if output.status.success() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{}", String::from_utf8_lossy(&output.stderr));
    Ok(ExitCode::FAILURE)
}

/// A test of the values of a row: a pair of JSON is what is read and what is written again, JSON alone is both,
/// and what is to be refused has `null` for what is written.
fn values(name: &str, values: &Value) -> String {
    let client = format!("thumbprint_{}", name.replace('-', "_"));
    let mut tests = vec!["//! What the row says of the document's values.\n\n".to_owned()];
    for (ty, all) in members(values) {
        for (index, value) in all.as_array().into_iter().flatten().enumerate() {
            let pair = value.as_array().filter(|pair| pair.len() == 2);
            let (read, written) = pair.map_or((value, value), |pair| (&pair[0], &pair[1]));
            let (read, written) = (read.to_string(), written.to_string());
            let test = format!("{}_{index}", ty.to_lowercase());
            tests.push(format!(
                "#[test]\nfn {test}() {{\n    \
                 let read = serde_json::from_str::<{client}::types::{ty}>({read:?});\n    \
                 let written = serde_json::from_str::<serde_json::Value>({written:?}).unwrap();\n    \
                 if written.is_null() {{\n        assert!(read.is_err(), \"{{read:?}}\");\n    }} else {{\n        \
                 assert_eq!(serde_json::to_value(read.unwrap()).unwrap(), written);\n    }}\n}}\n\n"
            ));
        }
    }
    tests.concat()
}
