//! The documents in specs/, as they were written.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::locate::Lines;

/// A document, as it was written.
#[derive(Clone, Debug)]
pub struct Document {
    /// The API's one word: the file's name without its ending.
    pub name: String,
    /// The file, seen from the workspace's folder.
    pub file: String,
    /// The content.
    pub value: Value,
    /// SHA-256 of the file with its line ends as `\n`, in hexadecimal digits.
    pub hash: String,
    /// Where in the file the places are.
    pub lines: Option<Lines>,
}

impl Document {
    /// Reads a document from text. `file` is only for messages.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self> {
        let text = text.replace("\r\n", "\n");
        let value: Value =
            serde_saphyr::from_str(&text).with_context(|| format!("{file}: not YAML"))?;
        ensure!(
            value.is_object(),
            "{file}: not an OpenAPI document: its root is no mapping"
        );
        let mut hash = String::new();
        for byte in Sha256::digest(text.as_bytes()) {
            write!(hash, "{byte:02x}")?;
        }
        Ok(Self {
            name: name.to_owned(),
            file: file.to_owned(),
            value,
            hash,
            lines: Lines::of(&text),
        })
    }

    /// Reads the document of the API `name`.
    pub fn load(root: &Path, name: &str) -> Result<Self> {
        let file = format!("specs/{name}.yaml");
        let text = fs::read_to_string(root.join(&file)).with_context(|| file.clone())?;
        Self::parse(name, &file, &text)
    }

    /// Reads the named documents, or all of them, in the order of their names.
    pub fn load_all(root: &Path, names: &[String]) -> Result<Vec<Self>> {
        let known = Self::names(root)?;
        if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
            bail!(
                "there is no specs/{unknown}.yaml; there are: {}",
                known.join(", ")
            );
        }
        known
            .iter()
            .filter(|name| names.is_empty() || names.contains(name))
            .map(|name| Self::load(root, name))
            .collect()
    }

    /// The names of all documents, in order.
    pub fn names(root: &Path) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(root.join("specs")).context("specs/")? {
            let name = entry?.file_name();
            if let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".yaml")) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Follows `$ref` for as long as there is one. A value without it is its own target.
    pub fn resolve<'a>(&'a self, mut value: &'a Value) -> Result<&'a Value> {
        for _ in 0..16 {
            let Some(reference) = value.get("$ref") else {
                return Ok(value);
            };
            let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
            let target = pointer.and_then(|pointer| self.value.pointer(pointer));
            value = target.with_context(|| format!("{}: {reference} leads nowhere", self.file))?;
        }
        bail!("{}: a chain of references does not end", self.file)
    }
}

/// The members of an object. Anything else has none.
pub fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// A pointer to a member of what `pointer` points to.
#[must_use]
pub fn join(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
