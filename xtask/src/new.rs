//! `cargo xtask new`: takes a document into specs/ and makes its two crates, with their tests. No other file needs an edit:
//! the workspace's members are globs, and the mocks' crate refers to the client's by its path.
//!
//! All is written beside its place first and moved at the end, so that a failure leaves nothing behind.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    document::{Document, ENDINGS, check_name},
    generate, lock,
};

/// The few files of an API's crates that are not generated, as they start out.
const TEMPLATES: [(&str, &str); 6] = [
    (
        "crates/thumbprint-{name}/Cargo.toml",
        include_str!("new/templates/client.toml.txt"),
    ),
    (
        "crates/thumbprint-{name}/src/lib.rs",
        include_str!("new/templates/client.rs.txt"),
    ),
    (
        "crates/thumbprint-{name}/src/semantics.rs",
        include_str!("new/templates/semantics.rs.txt"),
    ),
    (
        "crates/thumbprint-{name}-httpmock/Cargo.toml",
        include_str!("new/templates/mocks.toml.txt"),
    ),
    (
        "crates/thumbprint-{name}-httpmock/src/lib.rs",
        include_str!("new/templates/mocks.rs.txt"),
    ),
    (
        "crates/thumbprint-{name}-httpmock/tests/cases/main.rs",
        include_str!("new/templates/cases.rs.txt"),
    ),
];

/// Makes the crates of a document: of `file`, which is copied into specs/ as it is, or of the one that
/// is there already. The report says what was written.
pub fn run(root: &Path, name: &str, file: Option<&Path>) -> Result<String> {
    check_name(name)?;
    for suffix in ["", "-httpmock"] {
        let folder = format!("crates/thumbprint-{name}{suffix}");
        ensure!(
            !root.join(&folder).exists(),
            "{folder} is there already; `cargo xtask generate {name}` renews its generated code"
        );
    }
    let mut files: Vec<(String, String)> = Vec::new();
    let document = match file {
        None => Document::load(root, name)?,
        Some(file) => {
            let known = ENDINGS
                .iter()
                .map(|ending| format!("specs/{name}.{ending}"));
            if let Some(known) = known.into_iter().find(|known| root.join(known).exists()) {
                bail!("{known} is there already; leave out `--document`, or choose another name");
            }
            let ending = file.extension().and_then(|ending| ending.to_str());
            let Some(ending) = ending.filter(|ending| ENDINGS.contains(ending)) else {
                bail!(
                    "{}: its name has to end with .yaml, .yml or .json",
                    file.display()
                );
            };
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let target = format!("specs/{name}.{ending}");
            let document = Document::parse(name, &target, &text)?;
            files.push((target, text));
            document
        }
    };
    let rendered = generate::render(&document)?;
    let title = title(&document);
    for (path, template) in TEMPLATES {
        let filled = |text: &str| {
            text.replace("{name}", name)
                .replace("{title}", &title)
                .replace("{file}", &document.file)
        };
        let (path, text) = (filled(path), filled(template));
        let text = match path.strip_suffix("Cargo.toml") {
            Some(folder) => manifest(&text, folder, &rendered.files),
            None => text,
        };
        files.push((path, text));
    }
    files.extend(rendered.files);
    files.push(lock::first(&document)?);
    write_all(root, &files)?;
    let mut report = String::new();
    for (file, _) in &files {
        writeln!(report, "{file}: written")?;
    }
    for warning in &rendered.warnings {
        writeln!(report, "note: {warning}")?;
    }
    Ok(report)
}

/// A manifest without the dependencies that only some documents need and that the generated code of the crate
/// in `folder` does not name.
fn manifest(template: &str, folder: &str, files: &[(String, String)]) -> String {
    let code = files
        .iter()
        .find(|(file, _)| *file == format!("{folder}src/generated.rs"));
    let code = code.map_or("", |(_, text)| text);
    let lines = template.lines().filter_map(|line| {
        let Some((line, _)) = line.split_once(" # if used") else {
            return Some(line);
        };
        let name = line.split('.').next()?.replace('-', "_");
        code.contains(&format!("::{name}::")).then_some(line)
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// The API's title in one line, as a manifest and a comment can hold it.
fn title(document: &Document) -> String {
    let title = document.value["info"]["title"].as_str();
    let title: String = title
        .unwrap_or(&document.name)
        .chars()
        .filter(|c| !"\"\\`[]<>*_".contains(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let title = title.trim();
    if title.is_empty() {
        document.name.clone()
    } else {
        title.to_owned()
    }
}

/// Writes files, or none of them. Folders that are new are made beside their places and moved there whole.
fn write_all(root: &Path, files: &[(String, String)]) -> Result<()> {
    let beside = tempfile::Builder::new()
        .prefix(".xtask-new-")
        .tempdir_in(root)
        .context("a folder beside the workspace's")?;
    for (file, text) in files {
        let path = beside.path().join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text).with_context(|| file.clone())?;
    }
    // What is moved: each crate's folder, and the document.
    let mut moves: Vec<PathBuf> = Vec::new();
    for (file, _) in files {
        let parts: Vec<_> = Path::new(file).components().take(2).collect();
        let target: PathBuf = parts.iter().collect();
        if !moves.contains(&target) {
            moves.push(target);
        }
    }
    // The document last: what `generate` takes for an API is then whole.
    moves.sort();
    let mut done: Vec<PathBuf> = Vec::new();
    for target in moves {
        let to = root.join(&target);
        let outcome = match to.parent() {
            Some(folder) => fs::create_dir_all(folder)
                .and_then(|()| fs::rename(beside.path().join(&target), &to)),
            None => Ok(()),
        };
        if let Err(error) = outcome {
            for path in &done {
                // It was made a moment ago, and the first failure is the one to tell of.
                let _ = if path.is_dir() {
                    fs::remove_dir_all(path)
                } else {
                    fs::remove_file(path)
                };
            }
            return Err(error).with_context(|| target.display().to_string());
        }
        done.push(to);
    }
    Ok(())
}
