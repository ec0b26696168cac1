//! `cargo xtask lock`: acknowledges what changed in a document since the last release.
//!
//! `specs/NAME.lock` holds the document as it was released, and the hash and the semver bump of what has been
//! acknowledged since. So the folder alone, without its history, tells what a change means, and a review sees
//! `bump` change when a change breaks callers.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    diff::{self, Change},
    document::Document,
};

/// What is known of a document.
#[derive(Clone, Debug, PartialEq)]
struct Lock {
    /// The workspace's version at the last release; null before the first.
    release: Value,
    /// The document of that release; null before the first.
    released: Value,
    /// Hash of the content that was acknowledged.
    sha256: String,
    /// Bump that all acknowledged changes since the release ask for together.
    bump: String,
}

impl Lock {
    /// That of a document that was never released, before anything of it is acknowledged.
    const NONE: Self = Self {
        release: Value::Null,
        released: Value::Null,
        sha256: String::new(),
        bump: String::new(),
    };

    /// What changed since the release.
    fn changes(&self, document: &Document) -> Vec<Change> {
        let released =
            (!self.released.is_null()).then(|| document.with_value(self.released.clone()));
        diff::between(released.as_ref(), Some(document))
    }
}

/// Hash of a document's content: comments, quotes, indentation and the order of keys do not count.
#[must_use]
pub fn hash(content: &Value) -> String {
    let digest = Sha256::digest(sorted(content).to_string().as_bytes());
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The same content with the keys of all mappings in order, whether the maps of `serde_json` keep theirs or not.
fn sorted(content: &Value) -> Value {
    match content {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            let members = members
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Fails unless every change of every document is acknowledged. The message says what changed and what to
/// run.
pub fn check(root: &Path) -> Result<()> {
    let mut problems = Vec::new();
    for document in Document::load_all(root, &[])? {
        if let Err(problem) = check_one(root, &document) {
            problems.push(format!("{problem:#}"));
        }
    }
    let known = Document::names(root)?;
    for entry in fs::read_dir(root.join("specs")).context("specs/")? {
        let file = entry?.file_name();
        if let Some(name) = file.to_str().and_then(|file| file.strip_suffix(".lock"))
            && !known.iter().any(|other| other == name)
        {
            problems.push(format!("specs/{name}.lock: there is no such document; remove the lock, and say so in CHANGELOG.md"));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{}", problems.join("\n\n"))
}

fn check_one(root: &Path, document: &Document) -> Result<()> {
    let name = &document.name;
    let Some(lock) = read(root, name)? else {
        bail!(
            "{}: it has no lock; make one with: cargo xtask lock {name}",
            document.file
        );
    };
    let changes = lock.changes(document);
    if lock.sha256 != hash(&document.value) {
        bail!(
            "{}: it changed since specs/{name}.lock was written. All changes since {}:\n\n{}\
             Read them, put them into CHANGELOG.md, and acknowledge them with: cargo xtask lock {name}",
            document.file,
            since(&lock),
            diff::report(name, &since(&lock), &changes),
        );
    }
    let bump = word(&changes);
    if lock.bump != bump {
        bail!(
            "specs/{name}.lock: says that the changes since {} ask for the bump {:?}, but it is {bump:?}; \
             acknowledge that with: cargo xtask lock {name}",
            since(&lock),
            lock.bump
        );
    }
    Ok(())
}

/// Acknowledges the documents as they are. With `release`, they become what later changes are compared with.
pub fn run(root: &Path, release: bool, names: &[String]) -> Result<String> {
    let mut report = String::new();
    for document in Document::load_all(root, names)? {
        let name = &document.name;
        let mut lock = read(root, name)?.unwrap_or(Lock::NONE);
        if release {
            lock.release = json!(env!("CARGO_PKG_VERSION"));
            lock.released = Value::clone(&document.value);
        }
        let changes = lock.changes(&document);
        report += &diff::report(name, &since(&lock), &changes);
        lock.sha256 = hash(&document.value);
        word(&changes).clone_into(&mut lock.bump);
        let file = format!("specs/{name}.lock");
        fs::write(root.join(&file), text(&lock)?).with_context(|| file.clone())?;
        writeln!(report, "{file}: written\n")?;
    }
    Ok(report)
}

/// The lock of a document that is new, and the file that it goes into.
pub fn first(document: &Document) -> Result<(String, String)> {
    let changes = Lock::NONE.changes(document);
    let lock = Lock {
        sha256: hash(&document.value),
        bump: word(&changes).to_owned(),
        ..Lock::NONE
    };
    Ok((format!("specs/{}.lock", document.name), text(&lock)?))
}

/// What changes are counted from.
fn since(lock: &Lock) -> String {
    match lock.release.as_str() {
        Some(release) => format!("release {release}"),
        None => "the beginning".to_owned(),
    }
}

fn word(changes: &[Change]) -> &'static str {
    diff::bump(changes).map_or("none", diff::rules::Bump::word)
}

fn text(lock: &Lock) -> Result<String> {
    let value = json!({
        "about": "Written by `cargo xtask lock`; CONTRIBUTING.md says when",
        "release": lock.release,
        "released": lock.released,
        "sha256": lock.sha256,
        "bump": lock.bump,
    });
    Ok(serde_json::to_string_pretty(&sorted(&value))? + "\n")
}

fn read(root: &Path, name: &str) -> Result<Option<Lock>> {
    let file = format!("specs/{name}.lock");
    let path = root.join(&file);
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).with_context(|| file.clone())?;
    let mut value: Value = serde_json::from_str(&text).with_context(|| {
        format!("{file}: not JSON; write it anew with: cargo xtask lock {name}")
    })?;
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let (sha256, bump) = (text("sha256"), text("bump"));
    Ok(Some(Lock {
        release: value["release"].take(),
        released: value["released"].take(),
        sha256,
        bump,
    }))
}
