//! Mutants that are chosen while a test runs. One build has them all: where a word stood in an expression, there stands a
//! choice between it and another, and a file has the numbers of the chosen ones: no environment variable would do, as the
//! command's tests give their processes none. What is no expression, such as an attribute or a constant, the compiler refuses
//! to be replaced so; that gets a build of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{
    Mutant,
    copy::{Copy, Files},
};

/// What each crate with mutants gets: the file has the numbers of those that are chosen, a line each.
fn choice(file: &Path) -> String {
    let file = file.display().to_string();
    format!(
        r"
#[doc(hidden)]
pub mod mutant {{
    static CHOSEN: std::sync::LazyLock<Vec<usize>> = std::sync::LazyLock::new(|| {{
        let text = std::fs::read_to_string({file:?}).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }});
    pub fn pick<T>(number: usize, old: T, new: T) -> T {{
        if CHOSEN.contains(&number) {{ new }} else {{ old }}
    }}
}}
"
    )
}

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
        let (text, found) = with_choices(&copy.read(file)?, edits);
        let found = found.into_iter();
        places.extend(found.map(|(number, start, end)| (number, file.to_owned(), start, end)));
        files.push((file.to_owned(), text));
        roots.extend(
            file.split_once("/src/")
                .map(|(name, _)| format!("{name}/src/lib.rs")),
        );
    }
    let choice = choice(&copy.chosen_file());
    for root in roots {
        match files.iter_mut().find(|(file, _)| *file == root) {
            Some((_, text)) => text.push_str(&choice),
            None => files.push((root.clone(), copy.read(&root)? + &choice)),
        }
    }
    Ok((files, places))
}

/// A text with choices in it, and where each stands.
fn with_choices(
    old: &str,
    edits: BTreeMap<usize, (usize, &Edit)>,
) -> (String, Vec<(usize, usize, usize)>) {
    let (mut text, mut done, mut places) = (String::new(), 0, Vec::new());
    for (at, (number, edit)) in edits {
        text += &old[done..at];
        let start = text.len();
        done = at + edit.old.len();
        let line = text[text.rfind('\n').map_or(0, |end| end + 1)..].trim();
        // One of names cannot do without its other arms.
        let is_literal = !edit.old.contains("::");
        if is_literal && line.is_empty() && old[done..].starts_with(" =>") {
            text += "chosen if chosen == ";
        }
        let choice = format!("crate::mutant::pick({number}, {}, {})", edit.old, edit.new);
        text += &choice;
        places.push((number, start, text.len()));
    }
    (text + &old[done..], places)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Edit, with_choices};

    /// A label of a match is no expression (stryker-net#892), but can have a guard.
    #[test]
    fn words_become_choices_and_labels_get_a_guard() {
        let text = "match word {\n    \"a1\" => \"b1\",\n    State::On => 200,\n}";
        let mut edits = BTreeMap::new();
        let all = [("\"a1\"", "\"x\""), ("\"b1\"", "\"y\""), ("200", "201")];
        let all = all.map(|(old, new)| Edit {
            at: text.find(old).unwrap_or_default(),
            old: old.to_owned(),
            new: new.to_owned(),
            is_fixed: false,
        });
        for (number, edit) in all.iter().enumerate() {
            edits.insert(edit.at, (number, edit));
        }
        let (found, places) = with_choices(text, edits);
        assert_eq!(
            found,
            "match word {\n    chosen if chosen == crate::mutant::pick(0, \"a1\", \"x\") => \
             crate::mutant::pick(1, \"b1\", \"y\"),\n    State::On => crate::mutant::pick(2, 200, 201),\n}"
        );
        let (number, start, end) = places[2];
        assert_eq!(
            (number, &found[start..end]),
            (2, "crate::mutant::pick(2, 200, 201)")
        );
    }
}
