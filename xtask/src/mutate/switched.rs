//! Mutants that are chosen while a test runs. One build has them all: where a word stood in an expression, there stands a
//! choice between it and another. What is no expression, such as an attribute or a constant, the compiler refuses to be
//! replaced so; that gets a build of its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{
    Mutant,
    copy::{Copy, Files},
};

/// Which mutant is chosen, by its number.
pub(super) const VARIABLE: &str = "THUMBPRINT_MUTANT";

/// What each crate with mutants gets.
const CHOICE: &str = r#"
#[doc(hidden)]
pub mod mutant {
    static CHOSEN: std::sync::LazyLock<Option<usize>> =
        std::sync::LazyLock::new(|| std::env::var("THUMBPRINT_MUTANT").ok()?.parse().ok());
    pub fn pick<T>(number: usize, old: T, new: T) -> T {
        if *CHOSEN == Some(number) { new } else { old }
    }
}
"#;

/// A change of a word.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    /// Where the word stands, in bytes.
    pub(super) at: usize,
    pub(super) old: String,
    pub(super) new: String,
    /// Whether no expression stands here, by the look of it.
    pub(super) is_fixed: bool,
}

/// The mutants that can be chosen, by their place in the list, and the files with all of them.
pub(super) struct Switched {
    pub(super) numbers: BTreeSet<usize>,
    pub(super) files: Files,
}

impl Switched {
    /// Of some mutants those that the compiler takes together.
    pub(super) fn new(copy: &Copy, mutants: &[&Mutant]) -> Result<Self> {
        let edits = mutants.iter().enumerate();
        let mut numbers: BTreeSet<_> = edits
            .filter(|(_, mutant)| mutant.edit.as_ref().is_some_and(|edit| !edit.is_fixed))
            .map(|(number, _)| number)
            .collect();
        loop {
            let (files, places) = written(copy, mutants, &numbers)?;
            let mut refused = BTreeSet::new();
            for error in copy.with(&files, || copy.errors())? {
                let mut spans = Vec::new();
                of_error(&error["spans"], &mut spans);
                let hit = places.iter().filter(|(_, file, start, end)| {
                    spans
                        .iter()
                        .any(|(other, from, to)| other == file && from < end && start < to)
                });
                let hit: Vec<_> = hit.map(|(number, ..)| *number).collect();
                // What ends the list of errors has no place.
                ensure!(
                    !hit.is_empty() || spans.is_empty(),
                    "a crate does not build with its mutants: {error}"
                );
                refused.extend(hit);
            }
            if refused.is_empty() {
                return Ok(Self { numbers, files });
            }
            numbers.retain(|number| !refused.contains(number));
        }
    }
}

/// Where a choice stands: its number, the file, and from where to where.
type Place = (usize, String, usize, usize);

/// The files with some mutants to choose from.
fn written(
    copy: &Copy,
    mutants: &[&Mutant],
    numbers: &BTreeSet<usize>,
) -> Result<(Files, Vec<Place>)> {
    let mut by_file = BTreeMap::<&str, BTreeMap<usize, (usize, &Edit)>>::new();
    for &number in numbers {
        if let Some(edit) = &mutants[number].edit {
            let edits = by_file.entry(&mutants[number].file).or_default();
            edits.insert(edit.at, (number, edit));
        }
    }
    let (mut files, mut places) = (Vec::new(), Vec::new());
    let mut roots = BTreeSet::new();
    for (file, edits) in by_file {
        let old = copy.read(file)?;
        let (mut text, mut done) = (String::new(), 0);
        for (at, (number, edit)) in edits {
            text += &old[done..at];
            let start = text.len();
            let choice = format!("crate::mutant::pick({number}, {}, {})", edit.old, edit.new);
            done = at + edit.old.len();
            let line = text[text.rfind('\n').map_or(0, |end| end + 1)..].trim();
            // One of names cannot do without its other arms.
            let is_literal = !edit.old.contains("::");
            let is_pattern = is_literal && line.is_empty() && old[done..].starts_with(" =>");
            if is_pattern {
                text += "chosen if chosen == ";
            }
            text += &choice;
            places.push((number, file.to_owned(), start, text.len()));
        }
        text += &old[done..];
        files.push((file.to_owned(), text));
        roots.extend(
            file.split_once("/src/")
                .map(|(name, _)| format!("{name}/src/lib.rs")),
        );
    }
    for root in roots {
        match files.iter_mut().find(|(file, _)| *file == root) {
            Some((_, text)) => text.push_str(CHOICE),
            None => files.push((root.clone(), copy.read(&root)? + CHOICE)),
        }
    }
    Ok((files, places))
}

/// Where an error is, in the files and in what macros make of them.
fn of_error(spans: &Value, found: &mut Vec<(String, usize, usize)>) {
    for span in spans.as_array().into_iter().flatten() {
        let place = |key: &str| span[key].as_u64().and_then(|at| usize::try_from(at).ok());
        if let (true, Some(file), Some(start), Some(end)) = (
            span["is_primary"] != false,
            span["file_name"].as_str(),
            place("byte_start"),
            place("byte_end"),
        ) {
            found.push((file.to_owned(), start, end));
        }
        if !span["expansion"].is_null() {
            of_error(
                &Value::Array(vec![span["expansion"]["span"].clone()]),
                found,
            );
        }
    }
}
