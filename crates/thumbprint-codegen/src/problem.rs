//! What is said of a place in a document: why it is not taken, or what of it the code does not carry.

use std::{collections::BTreeSet, fmt};

use crate::locate::Lines;

/// Something in a document that is wrong: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The document's file.
    pub file: String,
    /// JSON pointer to the place in it.
    pub pointer: String,
    /// The line of that place, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, "#{}: {}", self.pointer, self.what)
    }
}

impl Problem {
    /// One at a place of a document that is not named yet.
    #[must_use]
    pub fn new(pointer: &str, what: impl Into<String>) -> Self {
        Self {
            file: String::new(),
            pointer: pointer.to_owned(),
            line: None,
            what: what.into(),
        }
    }

    /// The same problem, with the file that it was found in and the line there.
    #[must_use]
    pub fn located(self, file: &str, lines: &Lines) -> Self {
        Self {
            file: file.to_owned(),
            line: lines.line(&self.pointer),
            ..self
        }
    }
}

/// Adds what is said of places of which nothing is said yet.
pub(crate) fn extend(problems: &mut Vec<Problem>, further: Vec<Problem>) {
    let places: BTreeSet<_> = problems.iter().map(|one| one.pointer.clone()).collect();
    problems.extend(
        further
            .into_iter()
            .filter(|one| !places.contains(&one.pointer)),
    );
}
