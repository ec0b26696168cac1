//! `cargo xtask new NAME --document FILE --out DIR`: a workspace of somebody's own, outside this repository. It has
//! the client, the mocks, their conformance cases and a generator of its own, and depends on this repository for the
//! runtime and the pipeline only.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{generate, new, root, source, target::Target};

/// This workspace's manifest: one of somebody's own starts out with the same versions.
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// The files of the workspace beside those of the document's crates.
const TEMPLATES: [(&str, &str); 4] = [
    (
        "Cargo.toml",
        include_str!("new/templates/own/workspace.toml.txt"),
    ),
    ("README.md", include_str!("new/templates/own/README.md.txt")),
    (
        "xtask/Cargo.toml",
        include_str!("new/templates/own/xtask.toml.txt"),
    ),
    (
        "xtask/src/main.rs",
        include_str!("new/templates/own/xtask.rs.txt"),
    ),
];

/// What is taken over as it is.
const TAKEN: [(&str, &str); 4] = [
    (
        ".cargo/config.toml",
        "[alias]\nxtask = \"run --quiet --package xtask --\"\n",
    ),
    (".gitignore", "/target\n"),
    // What was resolved together is known to work together; cargo takes out what is not needed.
    ("Cargo.lock", include_str!("../../Cargo.lock")),
    (
        "tests/support/cases.rs",
        include_str!("../../tests/support/cases.rs"),
    ),
];

/// What the crates of any document may need; `new` leaves out of each what its code does not name.
const DEPENDENCIES: [&str; 10] = [
    "anyhow",
    "chrono",
    "httpmock",
    "regex",
    "regress",
    "schemars",
    "serde",
    "serde_json",
    "tokio",
    "uuid",
];

/// Writes the workspace. `git` is where others find this repository; without it, they depend on this checkout.
pub fn run(name: &str, file: &Path, out: &Path, git: Option<&str>) -> Result<String> {
    let target = &Target::OWN;
    target.check_name(name)?;
    let is_free = fs::read_dir(out).map_or(!out.exists(), |mut found| found.next().is_none());
    ensure!(
        is_free,
        "{} is there already; name a folder that is not, or that is empty",
        out.display()
    );
    let (document, mut files) = source::open(name, file)?;
    let document = document.with_target(target);
    let rendered = generate::render(&document)?;
    for (path, text) in new::crates(&document, rendered.files) {
        // Whose code it is says how it is licensed.
        let text = if path.ends_with("Cargo.toml") {
            text.replace("license.workspace = true\n", "")
        } else {
            text
        };
        files.push((path, text));
    }
    for (path, template) in TEMPLATES {
        let template = new::fill(template, &document);
        files.push((path.to_owned(), workspace(&template, git)));
    }
    files.extend(TAKEN.map(|(path, text)| (path.to_owned(), text.to_owned())));
    write(out, &files)?;
    new::report(&files, &rendered.warnings)
}

/// The manifest of a workspace that has crates of documents and nothing else, and its lock.
pub(crate) fn outline() -> [(&'static str, String); 2] {
    let (name, template) = TEMPLATES[0];
    let manifest = workspace(template, None).replace(", \"xtask\"]", "]");
    [
        (name, manifest),
        ("Cargo.lock", include_str!("../../Cargo.lock").to_owned()),
    ]
}

/// A template with what is known of this workspace.
fn workspace(template: &str, git: Option<&str>) -> String {
    let source = |name: &str| {
        if let Some(url) = git {
            format!("git = {url:?}")
        } else {
            let path = root().join("crates").join(name).display().to_string();
            format!("path = {path:?}")
        }
    };
    let line = |key: &str| {
        let start = format!("{key} = ");
        let found = MANIFEST.lines().find_map(|line| line.strip_prefix(&start));
        found.unwrap_or_default().to_owned()
    };
    let dependencies = DEPENDENCIES.map(|name| format!("{name} = {}\n", line(name)));
    template
        .replace("{edition}", line("edition").trim_matches('"'))
        .replace("{rust-version}", line("rust-version").trim_matches('"'))
        .replace("{codegen}", &source("thumbprint-codegen"))
        .replace("{transport}", &source("thumbprint-transport"))
        .replace("{dependencies}", &dependencies.concat())
}

/// Writes a folder as a whole, or not at all.
fn write(out: &Path, files: &new::Files) -> Result<()> {
    let parent = match out.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent).with_context(|| parent.display().to_string())?;
    let beside = tempfile::Builder::new()
        .prefix(".xtask-new-")
        .tempdir_in(&parent)
        .with_context(|| parent.display().to_string())?;
    let whole = beside.path().join("workspace");
    for (file, text) in files {
        let path = whole.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text).with_context(|| file.clone())?;
    }
    // What is there is empty; not every system lets a folder take its place.
    let _ = fs::remove_dir(out);
    fs::rename(&whole, out).with_context(|| out.display().to_string())
}
