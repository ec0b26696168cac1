//! What is said of a place in a document: why it is not taken, or what of it the code does not carry.

use std::{collections::BTreeSet, fmt, process::ExitCode};

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
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        let text = format!("{}{line}#{}: {}", self.file, self.pointer, self.what);
        // What is not seen, or changes the order of what is, as well.
        let is_odd = |c: char| c.escape_debug().len() > 1 && !matches!(c, '"' | '\'' | '\\');
        f.write_str(&spelled_out(&text, is_odd))
    }
}

/// Prints what a task has to say, and says how it ended.
#[must_use]
pub fn conclude(outcome: anyhow::Result<String>) -> ExitCode {
    match outcome {
        Ok(report) => {
            print!("{}", plain(&report));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}", plain(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

/// A text that quotes a document, without what a terminal obeys.
pub(crate) fn plain(text: &str) -> String {
    spelled_out(text, |c| c.is_control() && !matches!(c, '\n' | '\t'))
}

fn spelled_out(text: &str, is_odd: impl Fn(char) -> bool) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if is_odd(c) {
            plain.extend(c.escape_unicode());
        } else {
            plain.push(c);
        }
    }
    plain
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

#[cfg(test)]
mod tests {
    use super::{Problem, plain};

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        let problem = Problem::new("/a\u{1b}[2J", "\"\u{202e}é\" is 'no' \\d\n");
        let expected = r#"#/a\u{1b}[2J: "\u{202e}é" is 'no' \d\u{a}"#;
        assert_eq!(problem.to_string(), expected);
        assert_eq!(plain("a\tb\n\u{9b}1m"), "a\tb\n\\u{9b}1m");
    }
}
