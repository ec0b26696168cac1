//! The tests that say which facts they hold.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

/// What stands before the facts in a comment above a test.
const MARK: &str = "// Facts: ";

/// The folders that tests are in, each with what stands before their names.
const FOLDERS: [(&str, &str); 4] = [
    ("tests/suite", ""),
    (
        "crates/thumbprint-sandbox/tests/sandbox",
        "thumbprint-sandbox: ",
    ),
    ("crates/thumbprint-cli/tests/command", "thumbprint-cli: "),
    (
        "crates/thumbprint-transport/tests/transport",
        "thumbprint-transport: ",
    ),
];

/// A test.
pub(super) struct Test {
    /// Its path, as `cargo test` takes it.
    pub(super) name: String,
    pub(super) file: String,
    /// The facts that it says it holds.
    pub(super) facts: Vec<String>,
    /// Its file, and the modules below that.
    pub(super) text: String,
}

pub(super) fn all(root: &Path) -> Result<Vec<Test>> {
    let mut found = Vec::new();
    for (folder, prefix) in FOLDERS {
        collect(root, folder, prefix, "", &mut found)?;
    }
    ensure!(!found.is_empty(), "no test says which facts it holds");
    Ok(found)
}

fn collect(
    root: &Path,
    folder: &str,
    prefix: &str,
    module: &str,
    found: &mut Vec<Test>,
) -> Result<()> {
    let entries = fs::read_dir(root.join(folder)).with_context(|| folder.to_owned())?;
    let mut names: Vec<_> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        if let Some(stem) = name.strip_suffix(".rs") {
            let module = match stem {
                "main" => module.to_owned(),
                _ => format!("{module}{stem}::"),
            };
            of_file(root, &path, &format!("{prefix}{module}"), found)?;
        } else if root.join(&path).is_dir() {
            collect(root, &path, prefix, &format!("{module}{name}::"), found)?;
        }
    }
    Ok(())
}

fn of_file(root: &Path, file: &str, module: &str, found: &mut Vec<Test>) -> Result<()> {
    let text = fs::read_to_string(root.join(file)).with_context(|| file.to_owned())?;
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let mut whole = text.clone();
    below(&root.join(file.trim_end_matches(".rs")), &mut whole)?;
    let mut at = 0;
    while at < lines.len() {
        let start = at;
        while at < lines.len() && (lines[at].starts_with("//") || lines[at].starts_with("#[")) {
            at += 1;
        }
        let block = &lines[start..at];
        let facts: Vec<_> = block
            .iter()
            .filter_map(|line| line.strip_prefix(MARK))
            .flat_map(|facts| facts.split("; "))
            .map(str::to_owned)
            .collect();
        if !facts.is_empty() {
            let before = start.checked_sub(1).map_or("", |before| lines[before]);
            let name = lines
                .get(at)
                .and_then(|line| name(line, block, before, &text));
            let name = name.with_context(|| {
                format!(
                    "{file}:{}: `Facts:` stands before what is no test",
                    start + 1
                )
            })?;
            found.push(Test {
                name: format!("{module}{name}"),
                file: file.to_owned(),
                facts,
                text: whole.clone(),
            });
        }
        at += 1;
    }
    Ok(())
}

/// The name of the test that a line begins: a function with the attribute of one, or the first word that is given to a
/// macro of the file which makes one.
fn name(line: &str, block: &[&str], before: &str, text: &str) -> Option<String> {
    let is_attribute =
        |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ") {
        let name = rest.split('(').next()?;
        return block.iter().any(is_attribute).then(|| name.to_owned());
    }
    let made_by = before.strip_suffix("!(")?;
    let (_, body) = text.split_once(&format!("macro_rules! {made_by} {{"))?;
    let body = body.split("\n}\n").next()?;
    let makes_tests = body.lines().map(str::trim).any(|line| is_attribute(&line));
    let name = line.split([',', ':']).next()?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (makes_tests && is_name).then(|| name.to_owned())
}

/// What the modules below a file say.
fn below(folder: &Path, text: &mut String) -> Result<()> {
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                below(&path, text)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                *text += &fs::read_to_string(path)?;
            }
        }
    }
    Ok(())
}
