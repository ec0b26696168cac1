//! `cargo xtask corpus`: every document counts once, as what became of it.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};
use test_support::OrFail as _;

/// Runs the task over a folder: what it prints, and the rows that it writes.
fn corpus(folder: &Path, options: &[&str]) -> (String, Vec<Value>) {
    let rows = folder.with_extension("rows");
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["corpus", "--json"])
        .arg(&rows)
        .args(options)
        .arg(folder)
        .output()
        .or_fail();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let rows = serde_json::from_slice(&fs::read(rows).or_fail()).or_fail();
    (String::from_utf8(output.stdout).or_fail(), rows)
}

fn document(responses: &Value) -> String {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "paths": { "/a": { "get": { "responses": responses } } },
    })
    .to_string()
}

#[test]
fn a_document_is_taken_or_refused_and_other_files_do_not_count() {
    let folder = tempfile::tempdir().or_fail();
    let corpus_folder = folder.path().join("corpus");
    fs::create_dir_all(corpus_folder.join("below")).or_fail();
    let write = |name: &str, text: &str| fs::write(corpus_folder.join(name), text).or_fail();
    write(
        "a.json",
        &document(&json!({ "204": { "description": "" } })),
    );
    write(
        "below/b.json",
        &document(&json!({ "204": { "$ref": "#/components/responses/Gone|" } })),
    );
    write("broken.yaml", "openapi: [3.0.3");
    write("package.json", "{\"name\": \"openapi\"}");
    write("notes.txt", "openapi");

    let (text, rows) = corpus(&corpus_folder, &[]);
    let outcomes: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["file"].as_str().or_fail(),
                row["outcome"].as_str().or_fail(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("a.json", "taken"),
            ("below/b.json", "refused"),
            ("broken.yaml", "refused"),
        ]
    );
    assert_eq!(rows[0]["operations"], 1);
    assert!(rows[0]["lines"].as_u64().or_fail() > 0);
    assert!(rows[1]["reasons"][0].as_str().or_fail().contains("Gone|"));
    for line in [
        "| of 3 documents | |",
        "| taken | 1 |",
        "| refused | 2 |",
        "| operations | 1 |",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

/// Linux alone says for certain how much memory a process holds, and keeps a limit of it.
#[cfg(target_os = "linux")]
#[test]
fn a_document_beyond_the_limit_of_memory_ends_its_own_process_only() {
    let folder = tempfile::tempdir().or_fail();
    let corpus_folder = folder.path().join("corpus");
    fs::create_dir(&corpus_folder).or_fail();
    let small = document(&json!({ "204": { "description": "" } }));
    let large = document(&json!({ "204": { "description": "x".repeat(64 << 20) } }));
    fs::write(corpus_folder.join("a.json"), large).or_fail();
    fs::write(corpus_folder.join("b.json"), small).or_fail();
    let (text, rows) = corpus(&corpus_folder, &["--mebibytes", "300"]);
    assert_eq!(rows[0]["outcome"], "out_of_memory", "{rows:?}");
    assert_eq!(rows[1]["outcome"], "taken", "{rows:?}");
    assert!(text.contains("| out of memory (300 MiB) | 1 |"), "{text}");
}
