//! Changes of words, statuses and states in Rust files.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};

use super::{Kind, Mutant, switched::Edit};

/// Names of which one stands for another of the same kind.
const EXCHANGED: [(&str, &str); 12] = [
    ("CertificateState::Active", "CertificateState::Deleting"),
    (
        "CertificateState::Deleting",
        "CertificateState::DeleteFailed",
    ),
    ("CertificateState::DeleteFailed", "CertificateState::Active"),
    ("StatusCode::OK", "StatusCode::CREATED"),
    ("StatusCode::CREATED", "StatusCode::OK"),
    ("StatusCode::ACCEPTED", "StatusCode::OK"),
    ("StatusCode::NO_CONTENT", "StatusCode::OK"),
    ("StatusCode::BAD_REQUEST", "StatusCode::CONFLICT"),
    ("StatusCode::UNAUTHORIZED", "StatusCode::FORBIDDEN"),
    ("StatusCode::FORBIDDEN", "StatusCode::UNAUTHORIZED"),
    ("StatusCode::NOT_FOUND", "StatusCode::GONE"),
    ("StatusCode::CONFLICT", "StatusCode::BAD_REQUEST"),
];

/// All changes in the files of a kind.
pub(super) fn mutants(root: &Path, kind: Kind) -> Result<Vec<Mutant>> {
    let mut files = Vec::new();
    if kind == Kind::Sandbox {
        rust_files(root, "crates/thumbprint-sandbox/src", &mut files)?;
    } else {
        for entry in fs::read_dir(root.join("crates"))? {
            let file = format!(
                "crates/{}/src/generated.rs",
                entry?.file_name().to_string_lossy()
            );
            if !file.contains("-httpmock/") && root.join(&file).is_file() {
                files.push(file);
            }
        }
    }
    files.sort();
    let mut mutants = Vec::new();
    for file in files {
        let text = fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
        let mut named = BTreeMap::<_, usize>::new();
        for (at, length, other) in changes(&text) {
            let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let line = text[start..].lines().next().unwrap_or_default().trim();
            let old = &text[at..at + length];
            let edit = Edit {
                at,
                old: old.to_owned(),
                new: other.clone(),
                is_fixed: is_fixed(&text[..at]),
            };
            // A line's number changes with every edit of the file, its words seldom.
            let mut what = format!(": `{line}`: {old} becomes {other}");
            let count = named.entry(what.clone()).or_default();
            *count += 1;
            if *count > 1 {
                write!(what, ", the {count}.")?;
            }
            mutants.push(Mutant {
                kind,
                what,
                text: format!("{}{other}{}", &text[..at], &text[at + length..]),
                file: file.clone(),
                edit: Some(edit),
            });
        }
    }
    Ok(mutants)
}

/// Whether what follows is a part of an attribute, of a constant or of a raw text.
fn is_fixed(before: &str) -> bool {
    let raw = before
        .rfind("r#\"")
        .map(|start| &before[start + "r#\"".len()..]);
    if raw.is_some_and(|inner| !inner.contains("\"#")) {
        return true;
    }
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    if before[start..].trim_start().starts_with('#') {
        return true;
    }
    let item = before.rfind(['{', ';', '}']).map_or(0, |end| end + 1);
    before[item..].lines().any(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
        ["static ", "const "]
            .iter()
            .any(|word| line.starts_with(word))
            || line.starts_with("#[serde(")
    })
}

fn rust_files(root: &Path, folder: &str, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            rust_files(root, &path, files)?;
        } else if Path::new(&path).extension() == Some("rs".as_ref()) && !path.ends_with("tests.rs")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Where a file can be changed: the place, the length, and what stands there instead. Comments, attributes other than
/// serde's, messages for people, what `Debug` calls things and tests are left alone.
fn changes(text: &str) -> Vec<(usize, usize, String)> {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text);
    let (mut found, mut at) = (Vec::new(), 0);
    // How far an attribute that goes over several lines is indented.
    let mut within = None;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        let is_attribute =
            start.starts_with("#![") || (start.starts_with("#[") && !start.starts_with("#[serde("));
        let indent = line.len() - start.len();
        if is_attribute && !start.trim_end().ends_with(']') {
            within = Some(indent);
        }
        let is_debug = start.starts_with(".field(\"") || start.contains(".debug_struct(\"");
        if !is_attribute && within.is_none() && !is_debug && !start.starts_with("//") {
            of_line(line, at, &mut found);
        }
        if within == Some(indent) && start.starts_with(")]") {
            within = None;
        }
        at += line.len();
    }
    found
}

fn of_line(line: &str, start: usize, found: &mut Vec<(usize, usize, String)>) {
    for (name, other) in EXCHANGED {
        for (at, _) in line.match_indices(name) {
            let follows = line[at + name.len()..].chars().next();
            if !follows.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                found.push((start + at, name.len(), other.to_owned()));
            }
        }
    }
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => return,
            b'\'' if bytes.get(at + 1) == Some(&b'"') => at += 3,
            b'"' => {
                let Some(end) = end_of_text(bytes, at) else {
                    return;
                };
                let word = &line[at + 1..end - 1];
                // A sentence is for people, what is empty or one character has no meaning of its own, and a
                // path of Rust's would not compile.
                let is_word = word.len() > 1 && !word.contains([' ', '{', '\\']);
                if is_word && !word.starts_with("::") && word != "Self" {
                    found.push((start + at, end - at, format!("\"{word}x\"")));
                }
                at = end;
            }
            digit if digit.is_ascii_digit() => {
                let digits = bytes[at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .count();
                let before = at.checked_sub(1).map(|before| bytes[before]);
                let is_part = before.is_some_and(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
                });
                let number = line[at..at + digits].parse::<u16>().ok();
                if let Some(number) =
                    number.filter(|number| !is_part && (100..600).contains(number))
                {
                    found.push((start + at, digits, (number + 1).to_string()));
                }
                at += digits;
            }
            _ => at += 1,
        }
    }
}

/// Behind the closing quote of a text that opens at a place and ends in the same line.
fn end_of_text(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{changes, is_fixed};

    /// Of a constant there is nothing to choose at run time (stryker-net#1181).
    #[test]
    fn constants_and_attributes_are_told_from_expressions() {
        for before in [
            "pub static A: Operation = Operation::new(\n    ",
            "fn a() {\n    const B: &[u16] = &[",
            "pub(crate) const HANDLERS: &[Handler] = &[\n    a,\n    ",
            "    #[serde(rename = ",
            "    #[serde(\n        rename = ",
            "fn a() {\n    b(r#\"<c xmlns=\"{D}",
        ] {
            assert!(is_fixed(before), "{before}");
        }
        for before in [
            "fn a() {\n    b(",
            "static A: u8 = 1;\nfn a() {\n    b(1, ",
            "a => ",
            "fn a() {\n    b(r#\"<c xmlns=\"{D}\">\"#, ",
        ] {
            assert!(!is_fixed(before), "{before}");
        }
    }

    #[test]
    fn words_statuses_and_states_are_changed_and_nothing_else() {
        let text = r#"
//! "comment"
#[doc = "words"]
#[serde(rename = "thumbprint")]
    #[cfg_attr(
        feature = "schemars",
    )]
pub thumbprint: u8, // "behind"
    f.debug_struct("Seed")
        .field("left", &1)
if status == 404 || size == 4040 || u16::from(x1) == 0x1ff { insert("ETag", 'c', '"', "a sentence of words"); }
state = CertificateState::Active; StatusCode::OKAY; StatusCode::OK
#[cfg(test)]
mod tests {
    "never"
}
"#;
        let found: Vec<_> = changes(text)
            .into_iter()
            .map(|(at, length, other)| (&text[at..at + length], other))
            .collect();
        let expected = [
            ("\"thumbprint\"", "\"thumbprintx\""),
            ("404", "405"),
            ("\"ETag\"", "\"ETagx\""),
            ("CertificateState::Active", "CertificateState::Deleting"),
            ("StatusCode::OK", "StatusCode::CREATED"),
        ];
        assert_eq!(found, expected.map(|(old, new)| (old, new.to_owned())));
    }
}
