//! Row 4: no change of a document goes by unacknowledged. It must notice every
//! change of content, and tell the class of the change without git.

use std::{fs, path::Path};

use serde_json::Value;
use test_support::OrFail as _;
use xtask::{lock, root};

#[test]
fn every_change_is_acknowledged() {
    lock::check(&root()).or_fail();
}

fn specs() -> tempfile::TempDir {
    let copy = tempfile::tempdir().or_fail();
    fs::create_dir(copy.path().join("specs")).or_fail();
    for entry in fs::read_dir(root().join("specs")).or_fail() {
        let entry = entry.or_fail();
        fs::copy(
            entry.path(),
            copy.path().join("specs").join(entry.file_name()),
        )
        .or_fail();
    }
    copy
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let path = root.join(file);
    let text = fs::read_to_string(&path).or_fail();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).or_fail();
}

fn problem(root: &Path) -> String {
    format!("{:#}", lock::check(root).err_or_fail())
}

fn field(root: &Path, name: &str) -> Value {
    let text = fs::read_to_string(root.join("specs/batch.lock")).or_fail();
    serde_json::from_str::<Value>(&text).or_fail()[name].take()
}

const BATCH: &str = "specs/batch.yaml";

/// What only looks different is no change.
#[test]
fn comments_and_formatting_do_not_count() {
    let copy = specs();
    let before = fs::read_to_string(copy.path().join(BATCH)).or_fail();
    edit(
        copy.path(),
        BATCH,
        "openapi: 3.0.3\n",
        "# A comment.\n'openapi':   \"3.0.3\"\n",
    );
    edit(
        copy.path(),
        BATCH,
        "enum: [active, deleting, deletefailed]",
        "enum: [active, deleting,\n        deletefailed]",
    );
    assert_ne!(
        before,
        fs::read_to_string(copy.path().join(BATCH)).or_fail()
    );
    lock::check(copy.path()).or_fail();
}

#[test]
fn a_change_is_told_with_its_class_and_the_command() {
    let copy = specs();
    lock::run(copy.path(), true, &[]).or_fail();
    lock::check(copy.path()).or_fail();
    assert_eq!(field(copy.path(), "bump"), "none");
    let batch = ["batch".to_owned()];
    // Each bump includes the ones before: they count from the release.
    #[rustfmt::skip]
    let edits = [
        ("summary: Gets a certificate\n", "summary: Gets one certificate\n", "patch", "Certificate_Get"),
        ("enum: [active, deleting, deletefailed]", "enum: [active, deleting, deletefailed, lost]", "minor", "`lost`"),
        ("enum: [pfx, cer]", "enum: [pfx]", "major", "**breaks callers and the wire:** schema `CertificateFormat`"),
    ];
    for (from, to, bump, part) in edits {
        edit(copy.path(), BATCH, from, to);
        let message = problem(copy.path());
        for part in [
            BATCH,
            part,
            &format!("**{bump}** bump"),
            "cargo xtask lock batch",
        ] {
            assert!(message.contains(part), "{part:?} is not in: {message}");
        }
        assert!(!message.contains("wap"), "{message}");
        let report = lock::run(copy.path(), false, &batch).or_fail();
        assert!(
            report.contains(part) && report.contains("specs/batch.lock: written"),
            "{report}"
        );
        assert_eq!(field(copy.path(), "bump"), bump);
        lock::check(copy.path()).or_fail();
    }
    // Back to what was released: a change of what was acknowledged.
    fs::copy(root().join(BATCH), copy.path().join(BATCH)).or_fail();
    assert!(problem(copy.path()).contains("cargo xtask lock batch"));
    lock::run(copy.path(), false, &batch).or_fail();
    assert_eq!(field(copy.path(), "bump"), "none");
}

#[test]
fn a_lock_that_says_less_than_the_change_is_noticed() {
    let copy = specs();
    lock::run(copy.path(), true, &[]).or_fail();
    edit(copy.path(), BATCH, "enum: [pfx, cer]", "enum: [pfx]");
    lock::run(copy.path(), false, &[]).or_fail();
    edit(
        copy.path(),
        "specs/batch.lock",
        "\"bump\": \"major\"",
        "\"bump\": \"minor\"",
    );
    let message = problem(copy.path());
    assert!(
        message.contains("\"minor\", but it is \"major\""),
        "{message}"
    );
}

#[test]
fn a_lock_that_is_missing_or_left_over_is_noticed() {
    let copy = specs();
    fs::rename(
        copy.path().join("specs/wap.yaml"),
        copy.path().join("specs/pack.yaml"),
    )
    .or_fail();
    let message = problem(copy.path());
    for part in [
        "specs/pack.yaml: it has no lock",
        "cargo xtask lock pack",
        "specs/wap.lock: there is no such document",
    ] {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
    fs::remove_file(copy.path().join("specs/wap.lock")).or_fail();
    // What was never released is new as a whole.
    let report = lock::run(copy.path(), false, &["pack".to_owned()]).or_fail();
    assert!(
        report.contains("API added") && report.contains("since the beginning"),
        "{report}"
    );
    lock::check(copy.path()).or_fail();
    fs::write(copy.path().join("specs/pack.lock"), "{").or_fail();
    assert!(problem(copy.path()).contains("specs/pack.lock: not JSON"));
}
