//! `cargo xtask trace`: what becomes of each fact of the two pages that the project began with: where the document says
//! it, what is generated of it, what users meet of it, and which tests hold it.
//!
//! The facts are those of tests/facts, where each page has a section. A comment above a test says which of them it
//! holds: `// Facts: ` and their texts, with `; ` between them, of which one may end in `*`. What it says is checked: the
//! fact has to be one of the page, the test has to be one, and its file (or a module below it) has to have the word that the
//! fact is about. Items of the code are looked up in it.

pub mod facts;
mod items;
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};

use crate::document::Document;

/// Where the table is.
pub const FILE: &str = "tests/TRACE.md";

/// The pages: the document that each belongs to, and its title in the table of facts.
const PAGES: [(&str, &str); 2] = [
    ("batch", "Certificate - Cancel Deletion"),
    ("wap", "Delete a Management Certificate"),
];

/// What of a page is no element of OpenAPI: it starts so, and no document is compared with it.
pub const PROSE: &str = "prose ";

/// The facts of a table that a document has to say.
pub fn documented(table: &str) -> impl Iterator<Item = &str> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with(PROSE))
}

/// A fact with all that is known of it.
struct Row {
    fact: String,
    pointer: String,
    generated: String,
    facade: String,
    tests: Vec<String>,
}

/// The table, as Markdown. Fails if anything lacks, and says all of it.
pub fn table(root: &Path) -> Result<String> {
    let tests = tests::all(root)?;
    let mut lacking = Vec::new();
    let mut used = BTreeSet::new();
    let mut out = String::from(HEAD);
    for (api, title) in PAGES {
        let document = Document::load(root, api)?;
        let items = items::Items::read(root, api)?;
        let pointers: BTreeMap<_, _> = facts::of(&document)
            .into_iter()
            .map(|fact| (fact.text, fact.pointer))
            .collect();
        let mut rows = Vec::new();
        for fact in of_page(root, api, title)? {
            let pointer = match pointers.get(&fact) {
                Some(pointer) => pointer.clone(),
                None => items::described(&document, &fact).unwrap_or_default(),
            };
            if pointer.is_empty() {
                lacking.push(format!("{fact}: {} does not say it", document.file));
            }
            let (generated, facade) = items.of(&document, &fact);
            for (name, found) in [("generated code", &generated), ("facade", &facade)] {
                if let Err(problem) = found {
                    lacking.push(format!("{fact}: {name}: {problem}"));
                }
            }
            let mut held = Vec::new();
            for test in &tests {
                let Some(pattern) = test.facts.iter().find(|pattern| fits(pattern, &fact)) else {
                    continue;
                };
                used.insert((test.name.clone(), pattern.clone()));
                match items::word(&fact) {
                    Some(word) if !test.text.contains(word) => lacking.push(format!(
                        "{fact}: {}, {}, says that it holds it, and there is no `{word}` in it",
                        test.file, test.name
                    )),
                    _ => held.push(test.name.clone()),
                }
            }
            if held.is_empty() {
                lacking.push(format!(
                    "{fact}: no test holds it; write one, with `// Facts: {fact}` above it"
                ));
            }
            rows.push(Row {
                fact,
                pointer,
                generated: generated.unwrap_or_default(),
                facade: facade.unwrap_or_default(),
                tests: held,
            });
        }
        write(&mut out, title, &document.file, &rows)?;
    }
    for test in &tests {
        for pattern in &test.facts {
            if !used.contains(&(test.name.clone(), pattern.clone())) {
                lacking.push(format!(
                    "{}, {}: no page has the fact `{pattern}`",
                    test.file, test.name
                ));
            }
        }
    }
    ensure!(lacking.is_empty(), "{}", lacking.join("\n"));
    Ok(out)
}

const HEAD: &str = "<!-- Written by `cargo xtask trace --write`. -->
# From a page to its tests

What becomes of each fact of the two pages that the project began with, as tests/facts has them. `prose` are those that no
element of OpenAPI carries. Above a test that is named here stands `// Facts:` with the fact; one of the suite runs by
`cargo test -p conformance --test suite NAME`, one of another crate stands behind the name of that.
";

/// The facts of a page's section in the table of its document.
fn of_page(root: &Path, api: &str, title: &str) -> Result<Vec<String>> {
    let file = format!("tests/facts/{api}.txt");
    let table = fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
    let start = format!("# --- From the page \"{title}\"");
    let lines = table.lines().skip_while(|line| !line.starts_with(&start));
    let section = lines.skip(1).take_while(|line| !line.starts_with("# ---"));
    let found: Vec<_> = section
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    ensure!(!found.is_empty(), "{file} has no facts of {title:?}");
    Ok(found)
}

fn fits(pattern: &str, fact: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => fact.starts_with(start),
        None => pattern == fact,
    }
}

fn write(out: &mut String, title: &str, file: &str, rows: &[Row]) -> Result<()> {
    writeln!(
        out,
        "\n## {title}\n\n{} facts; places are those of `{file}`.\n",
        rows.len()
    )?;
    writeln!(
        out,
        "| fact | document | generated | facade | tests |\n|---|---|---|---|---|"
    )?;
    for row in rows {
        let tests: Vec<_> = row.tests.iter().map(|test| format!("`{test}`")).collect();
        writeln!(
            out,
            "| {} | `{}` | `{}` | `{}` | {} |",
            row.fact.replace('|', "\\|"),
            row.pointer,
            row.generated,
            row.facade,
            tests.join("<br>")
        )?;
    }
    Ok(())
}

/// Prints the table, or writes it, or fails unless the file has it.
pub fn run(root: &Path, write: bool, check: bool) -> Result<String> {
    let table = table(root)?;
    if write {
        fs::write(root.join(FILE), table).with_context(|| FILE.to_owned())?;
        return Ok(format!("{FILE}: written\n"));
    }
    if check {
        let found = fs::read_to_string(root.join(FILE)).unwrap_or_default();
        if found != table {
            bail!(
                "{FILE} is not what follows from tests/facts and the tests; mend it with: cargo xtask trace --write"
            );
        }
        return Ok(format!("{FILE}: up to date\n"));
    }
    Ok(table)
}
