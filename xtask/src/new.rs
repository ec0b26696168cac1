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
    document::{Document, ENDINGS},
    generate, lock,
    problem::Problem,
    source,
    target::Target,
};

/// The few files of an API's crates that are not generated, as they start out.
const TEMPLATES: [(&str, &str); 6] = [
    (
        "crates/{client}/Cargo.toml",
        include_str!("new/templates/client.toml.txt"),
    ),
    (
        "crates/{client}/src/lib.rs",
        include_str!("new/templates/client.rs.txt"),
    ),
    (
        "crates/{client}/src/semantics.rs",
        include_str!("new/templates/semantics.rs.txt"),
    ),
    (
        "crates/{mocks}/Cargo.toml",
        include_str!("new/templates/mocks.toml.txt"),
    ),
    (
        "crates/{mocks}/src/lib.rs",
        include_str!("new/templates/mocks.rs.txt"),
    ),
    (
        "crates/{mocks}/tests/cases/main.rs",
        include_str!("new/templates/cases.rs.txt"),
    ),
];

/// Makes the crates of a document in this workspace: of `file`, which is copied into specs/ as it is, or of the
/// one that is there already. The report says what was written.
pub fn run(root: &Path, name: &str, file: Option<&Path>) -> Result<String> {
    let target = &Target::THUMBPRINT;
    target.check_name(name)?;
    for folder in [target.client(name), target.mocks(name)] {
        ensure!(
            !root.join("crates").join(&folder).exists(),
            "crates/{folder} is there already; `cargo xtask generate {name}` renews its generated code"
        );
    }
    let (document, mut files) = match file {
        None => (Document::load(root, name)?, Vec::new()),
        Some(file) => {
            let known = ENDINGS
                .iter()
                .map(|ending| format!("specs/{name}.{ending}"));
            if let Some(known) = known.into_iter().find(|known| root.join(known).exists()) {
                bail!("{known} is there already; leave out `--document`, or choose another name");
            }
            source::open(name, file)?
        }
    };
    let rendered = generate::render(&document)?;
    files.extend(crates(&document, rendered.files));
    files.push(lock::first(&document)?);
    write_all(root, &files)?;
    report(&files, &rendered.warnings)
}

/// Files, seen from a workspace's folder, with their texts.
pub(crate) type Files = Vec<(String, String)>;

/// All files of a document's two crates: what is generated, and what starts out beside it.
pub(crate) fn crates(document: &Document, generated: Files) -> Files {
    let mut files = Files::new();
    for (path, template) in TEMPLATES {
        let (path, text) = (fill(path, document), fill(template, document));
        let text = match path.strip_suffix("Cargo.toml") {
            Some(folder) => manifest(&text, folder, &generated),
            None => text,
        };
        files.push((path, text));
    }
    files.extend(generated);
    files
}

/// A template with what is known of a document.
pub(crate) fn fill(template: &str, document: &Document) -> String {
    let (name, target) = (&document.name, document.target);
    template
        .replace("{name}", name)
        .replace("{client}", &target.client(name))
        .replace("{mocks}", &target.mocks(name))
        .replace("{path}", document.crate_path().trim_start_matches(':'))
        .replace("{title}", &title(document))
        .replace("{file}", &document.file)
}

/// What was written, and what is told of the document.
pub(crate) fn report(files: &Files, warnings: &[Problem]) -> Result<String> {
    let mut report = String::new();
    for (file, _) in files {
        writeln!(report, "{file}: written")?;
    }
    for warning in warnings {
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
