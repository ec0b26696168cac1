//! Mutants of the tables of operations in generated code, many in one build: of constants there is nothing to choose while a
//! test runs. One test compares the tables with the documents, fact by fact, and tells every difference. A mutant is noticed where
//! that test tells its new word in the place of its old one, and nothing else in that fact differs. The others get a build each.

use anyhow::Result;

use super::{
    Mutant, Report,
    copy::{Copy, Files},
};

/// The test.
const TEST: &[&str] = &["operations::generated_operations_say_what_the_documents_say"];

/// Runs the mutants of tables, and gives all others and those that are not told by themselves.
pub(super) fn run<'a>(
    copy: &Copy,
    mut mutants: Vec<&'a Mutant>,
    report: &mut Report,
) -> Result<Vec<&'a Mutant>> {
    // An id that is another hides what else is of its operation: so not all at once, and in other company the next time.
    for parts in [4, 3] {
        let mut left = Vec::new();
        for part in 0..parts {
            let group: Vec<_> = mutants.iter().copied().skip(part).step_by(parts).collect();
            let (tables, others): (Vec<_>, Vec<_>) = group
                .into_iter()
                .partition(|mutant| is_of_table(copy, mutant));
            left.extend(others);
            left.extend(told(copy, &tables, report)?);
        }
        mutants = left;
    }
    Ok(mutants)
}

fn is_of_table(copy: &Copy, mutant: &Mutant) -> bool {
    let text = copy.read(&mutant.file).unwrap_or_default();
    let start = text.find("\npub mod operations {");
    match (&mutant.edit, start) {
        (Some(edit), Some(start)) => edit.at > start,
        _ => false,
    }
}

/// Runs some together, and gives those that are not told.
fn told<'a>(copy: &Copy, mutants: &[&'a Mutant], report: &mut Report) -> Result<Vec<&'a Mutant>> {
    if mutants.is_empty() {
        return Ok(Vec::new());
    }
    let mut words = Vec::new();
    for (number, mutant) in mutants.iter().enumerate() {
        let Some(edit) = &mutant.edit else { continue };
        let quoted = edit.old.trim_matches('"');
        let old = quoted.replace("\\\\", "\\");
        // No other mutant of them has this word.
        let new = if edit.old.starts_with('"') {
            format!("{quoted}-x{number}x")
        } else {
            (700 + number).to_string()
        };
        words.push((*mutant, edit, old, new));
    }
    let mut files = Files::new();
    // From the end, so that places stay.
    words.sort_by(|one, other| (&one.0.file, other.1.at).cmp(&(&other.0.file, one.1.at)));
    for (mutant, edit, _, new) in &words {
        if files.last().is_none_or(|(file, _)| *file != mutant.file) {
            files.push((mutant.file.clone(), copy.read(&mutant.file)?));
        }
        if let Some((_, text)) = files.last_mut() {
            let word = if edit.old.starts_with('"') {
                format!("\"{new}\"")
            } else {
                new.clone()
            };
            text.replace_range(edit.at..edit.at + edit.old.len(), &word);
        }
    }
    let said = copy.with(&files, || copy.said(TEST))?;
    let facts = |start: &str| -> Vec<String> {
        let lines = said.lines().filter(|line| line.starts_with(start));
        let fact = |line: &str| {
            Some(
                line.split_once(" says `")?
                    .1
                    .rsplit_once("`, ")?
                    .0
                    .to_owned(),
            )
        };
        lines.filter_map(fact).collect()
    };
    let (surplus, lacking) = (facts("`operations` of "), facts("specs/"));
    let mut left = Vec::new();
    for (mutant, _, old, new) in words {
        let new = new.replace("\\\\", "\\");
        let changed = surplus.iter().filter(|fact| fact.contains(&new));
        let mut restored = changed.map(|fact| fact.replace(&new, &old));
        if restored.any(|fact| lacking.contains(&fact)) {
            report.add(mutant, Some(TEST.concat()));
        } else {
            left.push(mutant);
        }
    }
    Ok(left)
}
