//! `cargo xtask generate`: from a document to the code of its two crates, and to their tests.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    fs,
    path::Path,
    sync::Arc,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use schemars_08::schema::{InstanceType, SchemaObject};
use serde_json::Value;

use crate::{
    adapt::{self, Adapted, guard},
    cases,
    document::{Document, Reading},
    emit, lint,
    problem::{self, Problem, plain},
    rust, sound,
    target::Target,
};

/// What a document becomes.
pub struct Rendered {
    /// Each generated file, seen from the workspace's folder, with its text.
    pub files: Vec<(String, String)>,
    /// How often the document needs each step.
    pub steps: BTreeMap<&'static str, usize>,
    /// The places that a step did not mend, by the step: a fault of ours.
    pub unmended: BTreeMap<&'static str, Vec<String>>,
    /// What the document says and the code does not carry.
    pub warnings: Vec<Problem>,
    /// How many operations the client has.
    pub operations: usize,
}

/// From how many operations on somebody who waits wants to know for what.
const MANY: usize = 100;

/// Formats that our documents use and typify does not know, with the types that carry them.
const FORMATS: [(&str, &str); 3] = [
    ("date-time-local", "::chrono::NaiveDateTime"),
    ("date-time-rfc1123", "::thumbprint_transport::HttpDate"),
    ("multipart-part", "::thumbprint_transport::multipart::Part"),
];

/// Writes the generated files, or compares them if `check`. The report says what was done.
pub fn run(target: &'static Target, root: &Path, check: bool, names: &[String]) -> Result<String> {
    let mut report = String::new();
    let mut stale = Vec::new();
    let mut refused = Vec::new();
    let mut files = Vec::new();
    // All of them before anything is written: a document that is refused must not leave the others new
    // and its own old.
    for document in Document::load_all(root, names)? {
        let document = document.with_target(target);
        match render(&document) {
            Ok(rendered) => files.extend(
                rendered
                    .files
                    .into_iter()
                    .map(|(file, text)| (document.name.clone(), file, text)),
            ),
            Err(error) => refused.extend(error.downcast::<Refused>()?.0),
        }
    }
    if !refused.is_empty() {
        return Err(Refused(refused).into());
    }
    for (name, file, text) in files {
        let path = root.join(&file);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            writeln!(report, "{file}: up to date")?;
        } else if check {
            stale.push((name, file));
        } else {
            write(&path, &text).with_context(|| file.clone())?;
            writeln!(report, "{file}: written")?;
        }
    }
    if stale.is_empty() {
        Ok(report)
    } else {
        Err(stale_error(&stale))
    }
}

fn stale_error(stale: &[(String, String)]) -> anyhow::Error {
    let mut names: Vec<_> = stale.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    let files: Vec<_> = stale
        .iter()
        .map(|(_, file)| format!("  {file}\n"))
        .collect();
    anyhow!(
        "these files are not what their documents make of them:\n{}mend it with: cargo xtask generate {}",
        files.concat(),
        names.join(" ")
    )
}

/// Writes beside the file and moves it into place, so that a reader never finds half of it.
fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("rs.new");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)?;
    Ok(())
}

/// Why a document is not taken: every problem at once.
#[derive(Debug)]
pub struct Refused(pub Vec<Problem>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&list.join("\n"))
    }
}

impl std::error::Error for Refused {}

/// Makes the files of a document, in memory. Fails with [`Refused`] where the document is the reason.
pub fn render(document: &Document) -> Result<Rendered> {
    let named = document.target.check_name(&document.name);
    named.with_context(|| document.file.clone())?;
    let original = document;
    let Reading {
        mut document,
        warnings,
        refusals,
    } = original.lowered();
    if document.value.is_null() {
        return Err(Refused(refusals).into());
    }
    // Those who take in a document that others write cannot mend its examples; what the code needs of it,
    // the adaptation asks for.
    let mut further = Vec::new();
    if document.is_first_party() {
        further.extend(lint::problems(&document));
    }
    let adapted = guard::guarded(|| Ok(adapt::adapt(&document)));
    // From here on it only says where things stand; its content is that of the largest documents many times over.
    document.value = Arc::default();
    let located = |problems: Vec<Problem>| {
        let located = |problem| document.located(problem);
        problems.into_iter().map(located).collect::<Vec<_>>()
    };
    let adapted = adapted.unwrap_or_else(|said| {
        eprintln!("the steps said: {}", plain(&said));
        let what = "no step foresees the form of this document; check it against OpenAPI 3.0, and report it";
        Err(vec![Problem::new("", what)])
    });
    let mut adapted = match adapted {
        Ok(adapted) if refusals.is_empty() && further.is_empty() => adapted,
        adapted => {
            further.extend(located(adapted.err().unwrap_or_default()));
            return Err(Refused(sound::joined(refusals, further)).into());
        }
    };
    if adapted.operations.len() > MANY {
        eprintln!("{}: {} operations", document.file, adapted.operations.len());
    }
    let types = std::mem::take(&mut adapted.document);
    let made = guard::guarded(|| make(&adapted, types).map_err(|error| format!("{error:#}")));
    let (files, further) = match made {
        Ok(made) => made,
        Err(said) => {
            let attempt = |part: &Value| {
                guard::guarded(|| {
                    let made = progenitor(part.clone());
                    made.map(|_| ()).map_err(|error| format!("{error:#}"))
                })
            };
            eprintln!(
                "{}: looking for what the generator stumbles over",
                document.file
            );
            let again = guard::guarded(|| Ok(adapt::adapt(&original.lowered().document)));
            if let Ok(Ok(again)) = again {
                adapted.document = again.document;
            }
            // What progenitor takes whole went wrong in the code behind it, which is no fault of the
            // document's.
            if attempt(&adapted.document).is_ok() {
                bail!("{}: {said}", document.file);
            }
            let blamed = guard::blame(&document.file, &adapted, &said, &attempt);
            return Err(Refused(located(blamed)).into());
        }
    };
    let Adapted {
        operations,
        steps,
        unmended,
        warnings: of_steps,
        ..
    } = adapted;
    Ok(Rendered {
        files,
        operations: operations.len(),
        steps,
        unmended,
        // To read where the places are takes more memory than the document, so it waits until there is nothing else.
        warnings: warnings
            .into_iter()
            .map(|problem| problem.located(&document.file, &document.lines))
            .chain(located(of_steps))
            .chain(located(further))
            .collect(),
    })
}

/// What `cargo xtask lint` tells of a document that has no problem: what the code does not carry, and what
/// is wrong with somebody else's document without being in the way. Fails with [`Refused`].
pub fn lint(document: &Document) -> Result<Vec<Problem>> {
    let mut notes = render(document)?.warnings;
    if !document.is_first_party() {
        let problems = lint::problems(&document.lowered().document);
        problem::extend(&mut notes, problems);
    }
    Ok(notes)
}

type Files = Vec<(String, String)>;

fn make(adapted: &Adapted, types: Value) -> Result<(Files, Vec<Problem>)> {
    let document = &adapted.composed;
    let types = progenitor(types)?;
    let emitted = emit::emit(document, adapted, types)?;
    check_conversions(document, &emitted.client)?;
    let cases = cases::cases(document, adapted, &emitted)?;
    let (target, name) = (document.target, &document.name);
    let file = |folder: &str, place: &str, code: String| {
        (format!("crates/{folder}/{place}/generated.rs"), code)
    };
    let (client, mocks) = (target.client(name), target.mocks(name));
    let files = vec![
        file(&client, "src", emitted.client),
        file(&mocks, "src", emitted.mocks),
        file(&mocks, "tests/cases", cases.code),
    ];
    let warnings = emitted.warnings.into_iter().chain(cases.warnings);
    Ok((files, warnings.collect()))
}

/// The code that progenitor makes of a document without any of our steps, with the settings that it has by default:
/// `Err` where it stops or panics.
pub fn as_it_stands(document: &Document) -> Result<String, String> {
    guard::guarded(|| {
        let made = code((*document.value).clone(), &GenerationSettings::new()).and_then(|file| {
            rust::types(file.clone())?;
            Ok(prettyplease::unparse(&syn::parse2(file)?))
        });
        made.map_err(|error| format!("{error:#}"))
    })
}

/// The types that progenitor makes of an adapted document, without the builders of the style that it has by default.
fn progenitor(document: Value) -> Result<TokenStream> {
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Positional);
    settings.with_derive("PartialEq");
    for (format, name) in FORMATS {
        let schema = SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            format: Some(format.to_owned()),
            ..SchemaObject::default()
        };
        let is_text = format != "multipart-part";
        let impls = [TypeImpl::Display, TypeImpl::FromStr];
        settings.with_conversion(schema, name, impls.into_iter().filter(|_| is_text));
    }
    rust::types(code(document, &settings)?)
}

/// What progenitor writes of a document.
fn code(document: Value, settings: &GenerationSettings) -> Result<TokenStream> {
    let document: openapiv3::OpenAPI =
        serde_json::from_value(document).context("not OpenAPI 3.0")?;
    Ok(Generator::new(settings).generate_tokens(&document)?)
}

/// typify skips a conversion in silence where a schema differs from the registered one in any key. That
/// shows only in the result: a format that the document uses must have brought its type along.
fn check_conversions(document: &Document, client: &str) -> Result<()> {
    let schemas = document.value["components"]["schemas"].to_string();
    for (format, name) in FORMATS {
        if schemas.contains(&format!("\"format\":\"{format}\"")) {
            ensure!(
                client.contains(name),
                "progenitor wrote no `{name}` for the format `{format}`; see `settings`"
            );
        }
    }
    Ok(())
}
