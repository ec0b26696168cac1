//! The documents in specs/, as they were written.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    io::ErrorKind,
    path::Path,
    sync::Arc,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use crate::grammar::{join, members};
use crate::{
    grammar,
    locate::Lines,
    lower::{self, Lowered},
    overlay,
    problem::{self, Problem},
    syntax,
    target::Target,
    told,
};

/// What the name of a document's file ends with.
pub const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// A document, as it was written.
#[derive(Clone, Debug)]
pub struct Document {
    /// The API's one word: the file's name without its ending.
    pub name: String,
    /// The file, seen from the workspace's folder.
    pub file: String,
    /// The content. What is made of a document holds it as well, and the largest take gigabytes.
    pub value: Arc<Value>,
    /// SHA-256 of the file with its line ends as `\n`, in hexadecimal digits; of both where there is an overlay.
    pub hash: String,
    /// Where in the file the places are.
    pub lines: Lines,
    /// For whom its code is written.
    pub target: &'static Target,
    /// What it was before it was lowered.
    original: Option<Arc<Original>>,
}

/// A document as OpenAPI 3.0 ([`Document::lowered`]).
#[derive(Debug)]
pub struct Reading {
    /// It. What is refused is not in it.
    pub document: Document,
    /// What of the original it does not say, at places of the original. To read which lines these are takes as much
    /// memory as the document, so it waits.
    pub warnings: Vec<Problem>,
    /// What of the original nothing can be made of.
    pub refusals: Vec<Problem>,
}

#[derive(Debug)]
struct Original {
    value: Arc<Value>,
    moved: BTreeMap<String, String>,
}

impl Document {
    /// Reads a document from text. `file` is only for messages.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self> {
        let text = text.replace("\r\n", "\n");
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let is_json = Path::new(file)
            .extension()
            .is_some_and(|ending| ending == "json");
        let value: Value = if is_json {
            syntax::json(text).with_context(|| format!("{file}: not JSON"))?
        } else {
            syntax::yaml_value(text).with_context(|| format!("{file}: not YAML"))?
        };
        ensure!(
            value.is_object(),
            "{file}: not an OpenAPI document: its root is no mapping"
        );
        Ok(Self {
            name: name.to_owned(),
            file: file.to_owned(),
            value: Arc::new(value),
            hash: hash(text)?,
            lines: Lines::of(text),
            original: None,
            target: &Target::THUMBPRINT,
        })
    }

    /// The same document, with its code written for another workspace.
    #[must_use]
    pub fn with_target(self, target: &'static Target) -> Self {
        Self { target, ..self }
    }

    /// A document of the same API with another content, such as an older one.
    #[must_use]
    pub fn with_value(&self, value: Value) -> Self {
        Self {
            value: Arc::new(value),
            original: None,
            ..self.bare()
        }
    }

    /// Reads the document of the API `name`.
    pub fn load(root: &Path, name: &str) -> Result<Self> {
        let found = Self::find(name, |file| match fs::read_to_string(root.join(file)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some).with_context(|| file.to_owned()),
        })?;
        found.with_context(|| format!("there is no specs/{name}.yaml, .yml or .json"))
    }

    /// The document of the API `name` with its overlay, out of the files that `read` finds.
    pub(crate) fn find(
        name: &str,
        read: impl Fn(&str) -> Result<Option<String>>,
    ) -> Result<Option<Self>> {
        let mut found = Vec::new();
        for ending in ENDINGS {
            let file = format!("specs/{name}.{ending}");
            found.extend(read(&file)?.map(|text| (file, text)));
        }
        let [(file, text)] = found.as_slice() else {
            let files: Vec<_> = found.into_iter().map(|(file, _)| file).collect();
            ensure!(
                files.is_empty(),
                "{name} has {}; keep one of them",
                files.join(" and ")
            );
            return Ok(None);
        };
        let mut document = Self::parse(name, file, text)?;
        for ending in ENDINGS {
            let overlay = format!("specs/{name}{}.{ending}", overlay::SUFFIX);
            if let Some(text) = read(&overlay)? {
                document = document.overlaid(&overlay, &text)?;
            }
        }
        Ok(Some(document))
    }

    /// The document with an overlay applied: the text of `file`.
    pub fn overlaid(mut self, file: &str, text: &str) -> Result<Self> {
        let overlay = Self::parse(&self.name, file, text)?;
        overlay::apply(
            Arc::unwrap_or_clone(overlay.value),
            Arc::make_mut(&mut self.value),
        )
        .with_context(|| file.to_owned())?;
        self.hash = hash(&(self.hash + &overlay.hash))?;
        Ok(self)
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
        let mut names = BTreeSet::new();
        for entry in fs::read_dir(root.join("specs")).context("specs/")? {
            let file = entry?.file_name();
            names.extend(file.to_str().and_then(Self::name).map(str::to_owned));
        }
        Ok(names.into_iter().collect())
    }

    /// The name of the API whose document a file in specs/ is, if it is one.
    pub(crate) fn name(file: &str) -> Option<&str> {
        let (name, ending) = file.rsplit_once('.')?;
        (ENDINGS.contains(&ending) && !name.ends_with(overlay::SUFFIX)).then_some(name)
    }

    /// Whether people write it here, by rules of their own: such a document says in `x-sources` which pages it
    /// was taken from.
    #[must_use]
    pub fn is_first_party(&self) -> bool {
        self.value.get("x-sources").is_some()
    }

    /// The document as OpenAPI 3.0, which is what everything behind it reads.
    #[must_use]
    pub fn lowered(&self) -> Reading {
        let Lowered {
            value,
            mut warnings,
            refusals,
            written,
            moved,
        } = lower::lower(Arc::clone(&self.value));
        problem::extend(&mut warnings, told::warnings(&self.value));
        let original = Original {
            value: written,
            moved,
        };
        let located = |problems: Vec<Problem>| {
            let problems = problems.into_iter();
            problems
                .map(|one| one.located(&self.file, &self.lines))
                .collect()
        };
        Reading {
            warnings,
            refusals: located(refusals),
            document: Self {
                value: Arc::new(value),
                original: Some(Arc::new(original)),
                ..self.bare()
            },
        }
    }

    /// A problem that was found in it, with its place in the file as it was written.
    #[must_use]
    pub fn located(&self, mut problem: Problem) -> Problem {
        if let Some(original) = &self.original {
            problem.pointer = lower::written(&original.value, &original.moved, &problem.pointer);
        }
        problem.located(&self.file, &self.lines)
    }

    /// What a file that is generated of it begins with.
    pub(crate) fn banner(&self) -> String {
        let Self {
            name, file, hash, ..
        } = self;
        format!(
            "// @generated by `cargo xtask generate {name}` from {file} (sha256 {hash}). Do not edit.\n"
        )
    }

    /// The same document without its content.
    fn bare(&self) -> Self {
        Self {
            name: self.name.clone(),
            file: self.file.clone(),
            value: Arc::default(),
            hash: self.hash.clone(),
            lines: self.lines.clone(),
            target: self.target,
            original: self.original.clone(),
        }
    }

    /// The same document with another content in memory.
    #[must_use]
    pub fn with(&self, value: Value) -> Self {
        Self {
            value: Arc::new(value),
            ..self.bare()
        }
    }

    /// The same document with another content in memory, in which some elements, given by their pointers, stood
    /// elsewhere before.
    #[must_use]
    pub fn with_moved(
        &self,
        value: Value,
        places: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let (written, mut moved) = match &self.original {
            Some(original) => (Arc::clone(&original.value), original.moved.clone()),
            None => (Arc::clone(&self.value), BTreeMap::new()),
        };
        moved.extend(places);
        let original = Original {
            value: written,
            moved,
        };
        Self {
            value: Arc::new(value),
            original: Some(Arc::new(original)),
            ..self.bare()
        }
    }

    /// The name of the crate that its client becomes, as code spells it.
    #[must_use]
    pub fn crate_path(&self) -> String {
        format!("::{}", self.target.client(&self.name).replace('-', "_"))
    }

    /// The name of the crate that its mocks become, as code spells it.
    #[must_use]
    pub fn mocks_path(&self) -> String {
        format!("::{}", self.target.mocks(&self.name).replace('-', "_"))
    }

    /// What a value is once its references are followed. Fails where they lead nowhere or in a circle.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> Result<&'a Value> {
        grammar::resolve(&self.value, value).with_context(|| {
            let reference = grammar::reference(value).unwrap_or_default();
            format!("{}: {reference:?} leads nowhere", self.file)
        })
    }
}

fn hash(text: &str) -> Result<String> {
    let mut hash = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        write!(hash, "{byte:02x}")?;
    }
    Ok(hash)
}

/// A value as people write it: a text without its quotes.
#[must_use]
pub fn plain(value: &Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_support::OrFail as _;

    use super::Document;

    fn parse(file: &str, text: &str) -> Result<Value, String> {
        let parsed = Document::parse("t", file, text);
        parsed
            .map(|document| Value::clone(&document.value))
            .map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn yaml_is_of_version_1_2() {
        let text = "{no: yes, on: off, y: n, country: NO, number: 1_000, truth: true, none: ~}";
        let expected = json!({
            "no": "yes", "on": "off", "y": "n", "country": "NO", "number": "1_000",
            "truth": true, "none": null,
        });
        assert_eq!(parse("t.yaml", text), Ok(expected));
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        for file in ["t.json", "t.yaml"] {
            assert_eq!(
                parse(file, "\u{feff}{\"a\": 1}"),
                Ok(json!({"a": 1})),
                "{file}"
            );
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let text = r#"{"paths": {"/p": {"get": {}}, "/p": {"post": {}}}}"#;
        for file in ["t.json", "t.yaml"] {
            let error = parse(file, text).err_or_fail();
            assert!(
                error.starts_with(&format!("{file}: not ")) && error.contains("/p"),
                "{error}"
            );
        }
    }
}
