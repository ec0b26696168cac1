//! `cargo xtask generate`: from a document to the code of its two crates, and to their tests.

use std::{
    collections::BTreeSet,
    fmt::{self, Write as _},
    fs,
    path::Path,
};

use anyhow::{Context, Result, anyhow, bail};
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::Value;

use crate::{
    adapt::{self, Adapted, guard},
    additions,
    document::{Document, check_name},
    lint::{self, Problem},
    rows,
    step::Step,
};

/// What a document becomes.
pub struct Rendered {
    /// Each generated file, seen from the workspace's folder, with its text.
    pub files: Vec<(String, String)>,
    /// What each named step did.
    pub steps: Vec<Step>,
    /// What the document says and the code does not carry.
    pub losses: Vec<Problem>,
}

/// From how many operations on somebody who waits wants to know for what.
const MANY: usize = 100;

/// Formats that our documents use and typify does not know, with the types that carry them.
const FORMATS: [(&str, &str); 2] = [
    ("date-time-local", "::chrono::NaiveDateTime"),
    ("date-time-rfc1123", "::thumbprint_transport::HttpDate"),
];

/// Writes the generated files, or compares them if `check`. The report says what was done.
pub fn run(root: &Path, check: bool, names: &[String]) -> Result<String> {
    let mut report = String::new();
    let mut stale = Vec::new();
    let mut refused = Vec::new();
    let mut files = Vec::new();
    // All of them before anything is written: a document that is refused must not leave the others new
    // and its own old.
    for document in Document::load_all(root, names)? {
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

/// Writes beside the file and moves it into place, so that nobody finds half of it.
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
    check_name(&document.name).with_context(|| document.file.clone())?;
    let (document, losses) = &document.lowered().map_err(Refused)?;
    // Whoever takes in somebody else's document cannot mend its examples; what the code needs of it, the
    // adaptation asks for.
    if document.is_of_the_house() {
        let problems = lint::problems(document);
        if !problems.is_empty() {
            return Err(Refused(problems).into());
        }
    }
    let located = |problems: Vec<Problem>| {
        let located = |problem: Problem| problem.located(&document.file, document.lines.as_ref());
        problems.into_iter().map(located).collect::<Vec<_>>()
    };
    let adapted = guard::guarded(|| Ok(adapt::adapt(document)));
    let adapted = adapted.unwrap_or_else(|said| {
        let what = format!(
            "no step foresees the form of this document ({said}); check it against OpenAPI 3.0"
        );
        Err(vec![Problem {
            file: document.file.clone(),
            pointer: String::new(),
            line: None,
            what,
        }])
    });
    let adapted = adapted.map_err(|refusals| Refused(located(refusals)))?;
    if adapted.operations.len() > MANY {
        eprintln!("{}: {} operations", document.file, adapted.operations.len());
    }
    let made = guard::guarded(|| make(document, &adapted).map_err(|error| format!("{error:#}")));
    let (files, steps, unsampled) = match made {
        Ok(made) => made,
        Err(said) => {
            let attempt = |client: &Value, mocks: &Value| {
                guard::guarded(|| {
                    let made = progenitor(document, &adapted.stand_ins, client, mocks);
                    made.map(|_| ()).map_err(|error| format!("{error:#}"))
                })
            };
            eprintln!(
                "{}: looking for what the generator stumbles over",
                document.file
            );
            // What progenitor takes whole went wrong in the steps behind it, which is no fault of the
            // document's.
            if attempt(&adapted.client, &adapted.mocks).is_ok() {
                bail!("{}: {said}", document.file);
            }
            let blamed = guard::blame(&document.file, &adapted, &said, &attempt);
            return Err(Refused(located(blamed)).into());
        }
    };
    for step in &steps {
        step.check(&document.file)?;
    }
    Ok(Rendered {
        files,
        steps,
        losses: losses
            .iter()
            .cloned()
            .chain(located(adapted.losses))
            .chain(located(unsampled))
            .collect(),
    })
}

/// What `cargo xtask lint` tells of a document that has no problem: what the code does not carry, and what
/// is wrong with somebody else's document without being in the way. Fails with [`Refused`].
pub fn lint(document: &Document) -> Result<Vec<Problem>> {
    let mut notes = render(document)?.losses;
    if !document.is_of_the_house() {
        let (lowered, _) = document.lowered().map_err(Refused)?;
        notes.extend(lint::problems(&lowered));
    }
    Ok(notes)
}

type Files = Vec<(String, String)>;

fn make(document: &Document, adapted: &Adapted) -> Result<(Files, Vec<Step>, Vec<Problem>)> {
    let (mut client, mut mocks) = progenitor(
        document,
        &adapted.stand_ins,
        &adapted.client,
        &adapted.mocks,
    )?;
    let mut steps = adapted.steps.clone();
    steps.push(conversions(document, &client));
    steps.extend(additions::complete_client(document, adapted, &mut client)?);
    steps.extend(additions::complete_mocks(document, adapted, &mut mocks)?);
    let rows = rows::rows(document, adapted, &client, &mocks)?;
    steps.push(rows.step);
    let name = &document.name;
    let file = |place: &str, code: &syn::File| -> Result<_> {
        let path = format!("crates/thumbprint-{name}{place}/generated.rs");
        let code = adapted.disguises.lift(prettyplease::unparse(code))?;
        Ok((path, banner(document) + &code))
    };
    let files = vec![
        file("/src", &client)?,
        file("-httpmock/src", &mocks)?,
        file("-httpmock/tests/rows", &rows.code)?,
    ];
    Ok((files, steps, rows.losses))
}

/// What progenitor makes of a document without any of our steps: `Err` where it stops or panics.
pub fn as_it_stands(document: &Document) -> Result<(), String> {
    guard::guarded(|| {
        let none = BTreeSet::new();
        let made = progenitor(document, &none, &document.value, &document.value);
        made.map(|_| ()).map_err(|error| format!("{error:#}"))
    })
}

/// What progenitor makes of a document: its client and its mocks.
fn progenitor(
    document: &Document,
    stand_ins: &BTreeSet<String>,
    client: &Value,
    mocks: &Value,
) -> Result<(syn::File, syn::File)> {
    let settings = settings(stand_ins);
    let api = |value: &Value| -> Result<openapiv3::OpenAPI> {
        serde_json::from_value(value.clone()).context("not OpenAPI 3.0")
    };
    // A generator keeps what it has seen, so each output gets a new one.
    let tokens = Generator::new(&settings).generate_tokens(&api(client)?)?;
    let client: syn::File = syn::parse2(tokens).context("progenitor's client")?;
    one_type_per_name(&client)?;
    let tokens = Generator::new(&settings).httpmock(&api(mocks)?, &document.crate_path())?;
    let mocks: syn::File = syn::parse2(tokens).context("progenitor's mocks")?;
    Ok((client, mocks))
}

/// typify writes a type twice where two schemas come to one name in a way that no step foresees. That does
/// not compile, so it is not written.
fn one_type_per_name(client: &syn::File) -> Result<()> {
    let types = client.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let mut seen = BTreeSet::new();
    for item in types.into_iter().flat_map(|(_, items)| items) {
        let name = match item {
            syn::Item::Struct(item) => &item.ident,
            syn::Item::Enum(item) => &item.ident,
            _ => continue,
        };
        if !seen.insert(name) {
            bail!("two types come to the name `{name}`");
        }
    }
    Ok(())
}

fn banner(document: &Document) -> String {
    format!(
        "// @generated by `cargo xtask generate {}` from {} (sha256 {}). Do not edit.\n",
        document.name, document.file, document.hash
    )
}

fn settings(stand_ins: &BTreeSet<String>) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(::thumbprint_transport::Transport));
    let formats = FORMATS.map(|(format, name)| (format.to_owned(), name.to_owned()));
    let stand_ins = stand_ins
        .iter()
        .map(|name| (adapt::stand_in(name), format!("types::{name}")));
    for (format, name) in formats.into_iter().chain(stand_ins) {
        let impls: &[TypeImpl] = if name.starts_with("types::") {
            &[]
        } else {
            &[TypeImpl::Display, TypeImpl::FromStr]
        };
        let schema = SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            format: Some(format),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, name, impls.iter().copied());
    }
    settings
}

/// typify skips a conversion in silence where a schema differs from the registered one in any key. That
/// shows only in the result: a format that the document uses must have brought its type along.
fn conversions(document: &Document, client: &syn::File) -> Step {
    let schemas = document.value["components"]["schemas"].to_string();
    let used: Vec<_> = FORMATS
        .iter()
        .filter(|(format, _)| schemas.contains(&format!("\"format\":\"{format}\"")))
        .collect();
    if used.is_empty() {
        return Step::new("conversions", 0, 0);
    }
    let code = prettyplease::unparse(client);
    let (needed, applied) = (
        used.len(),
        used.iter().filter(|(_, name)| code.contains(name)).count(),
    );
    Step::new("conversions", needed, applied)
}
