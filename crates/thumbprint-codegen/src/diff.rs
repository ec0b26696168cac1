//! `cargo xtask diff`: what changed between a revision's documents and those at hand, for the people who
//! call the crates. `rules` says what each kind of change means.

mod compare;
mod markdown;
mod operation;
mod payload;
mod public;
mod reach;
pub mod rules;
mod schema;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, path::Path, process::Command, sync::Arc};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

pub use markdown::report;
use rules::{Bump, Impact, Kind, Side, Verdict};

use crate::{adapt::composition::compose, document::Document, lower::lower};

/// One change of a document. A change of a shared element is one change, however many operations meet it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What kind of change it is.
    pub kind: Kind,
    /// JSON pointer to the element: in the new document, or in the old one where the new has it no more.
    pub pointer: String,
    /// The element, in words.
    pub subject: String,
    /// The old and the new value, or what else there is to say.
    pub detail: String,
    /// Which way the element travels.
    pub side: Side,
    /// The operations that meet it.
    pub operations: BTreeSet<String>,
}

impl Change {
    /// One of no place of its own.
    fn of_all(kind: Kind, subject: &str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            pointer: String::new(),
            subject: subject.to_owned(),
            detail: detail.into(),
            side: Side::Both,
            operations: BTreeSet::new(),
        }
    }

    /// What it means.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.kind.verdict(self.side)
    }
}

/// Compares two documents, of which either may be null: there is none. Whatever they are, this does not
/// fail; documents that differ have at least one change. Both are lowered first, where both can be: what the code
/// is made of is compared.
#[must_use]
pub fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let lowered = |value: &Value| match value {
        Value::Null => Some(Value::Null),
        value => Some(lower(value.clone()))
            .filter(|one| one.refusals.is_empty())
            .map(|one| one.value),
    };
    let (Some(before), Some(after)) = (lowered(old), lowered(new)) else {
        return compare::Compare::new(old, new).run();
    };
    let mut changes = compare::Compare::new(&before, &after).run();
    // What is composed another way may come to the same.
    if changes
        .iter()
        .any(|one| one.kind == Kind::CompositionChanged)
    {
        let (before, after) = (compose(&before), compose(&after));
        if before.refusals.is_empty() && after.refusals.is_empty() {
            changes = compare::Compare::new(&before.document, &after.document).run();
        }
    }
    if changes.is_empty() && old != new {
        changes.push(Change::of_all(Kind::Reformatted, "the document", ""));
    }
    changes
}

/// Compares two documents and what both generate: where the table of rules finds nothing that breaks callers, an
/// item of the old client that the new one does not have is found all the same.
#[must_use]
pub fn between(old: Option<&Document>, new: Option<&Document>) -> Vec<Change> {
    let value = |document: Option<&Document>| {
        document.map_or_else(Arc::default, |one| Arc::clone(&one.value))
    };
    let mut changes = changes(&value(old), &value(new));
    let is_breaking = |change: &Change| change.verdict().callers == Impact::Breaks;
    if !changes.is_empty()
        && !changes.iter().any(is_breaking)
        && let (Some(old), Some(new)) = (old, new)
        && let (Some(before), Some(after)) = (public::items(old), public::items(new))
    {
        let gone: Vec<_> = before
            .difference(&after)
            .take(5)
            .map(|item| format!("`{item}`"))
            .collect();
        if !gone.is_empty() {
            changes.push(Change::of_all(
                Kind::ItemChanged,
                "the client",
                gone.join(", "),
            ));
        }
    }
    changes
}

/// The bump that the changes ask for together; none if there is no change.
#[must_use]
pub fn bump(changes: &[Change]) -> Option<Bump> {
    changes.iter().map(|change| change.verdict().bump()).max()
}

/// Compares the documents of a git revision with those in the folder. The first word is the revision,
/// unless it names a document.
pub fn run(root: &Path, words: &[String]) -> Result<String> {
    let known = Document::names(root)?;
    let (revision, names) = match words.split_first() {
        Some((first, rest)) if !known.contains(first) => (first.as_str(), rest),
        _ => ("HEAD", words),
    };
    // What begins with a dash would be an option of git's.
    ensure!(!revision.starts_with('-'), "{revision:?} is no revision");
    let commit = format!("{revision}^{{commit}}");
    if git(root, &["rev-parse", "--verify", "--quiet", &commit])?.is_none() {
        bail!(
            "{revision:?} is neither a document nor a revision that git knows; the documents are: {}",
            known.join(", ")
        );
    }
    let before = names_at(root, revision)?;
    if let Some(unknown) = names
        .iter()
        .find(|name| !known.contains(name) && !before.contains(*name))
    {
        bail!(
            "there is no specs/{unknown}.yaml, here or at {revision}; there are: {}",
            known.join(", ")
        );
    }
    let all: BTreeSet<_> = known.iter().chain(&before).collect();
    let mut text = String::new();
    for name in all
        .into_iter()
        .filter(|name| names.is_empty() || names.contains(name))
    {
        let new = if known.contains(name) {
            Some(Document::load(root, name)?)
        } else {
            None
        };
        let old = at(root, revision, name)?;
        text += &report(name, revision, &between(old.as_ref(), new.as_ref()));
    }
    Ok(text)
}

/// The names of the documents that a revision has.
fn names_at(root: &Path, revision: &str) -> Result<BTreeSet<String>> {
    let list = git(root, &["ls-tree", "--name-only", revision, "specs/"])?.unwrap_or_default();
    let files = list.lines().filter_map(|file| file.strip_prefix("specs/"));
    Ok(files
        .filter_map(Document::name)
        .map(str::to_owned)
        .collect())
}

/// A revision's document, if it has one, with the overlay that it had.
fn at(root: &Path, revision: &str, name: &str) -> Result<Option<Document>> {
    Document::find(name, |file| {
        git(root, &["show", &format!("{revision}:{file}")])
    })
}

/// What git prints; none if it says no.
fn git(root: &Path, arguments: &[&str]) -> Result<Option<String>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .context("git, which `cargo xtask diff` reads the older document with")?;
    if !output.status.success() {
        return Ok(None);
    }
    let text = String::from_utf8(output.stdout).context("git printed what is not UTF-8")?;
    Ok(Some(text))
}
