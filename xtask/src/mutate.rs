//! `cargo xtask mutate`: how much the tests notice. A mutant is this workspace with one thing changed: a word of a
//! document, of the sandbox or of generated code. In a copy of the workspace the tests run, the likeliest first, until
//! one fails. What none notices is a survivor, and either gets a test or a line in tests/equivalent-mutants.txt.

mod copy;
mod documents;
mod literals;
mod switched;
mod tables;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
    fs,
    path::Path,
    str::FromStr,
};

use anyhow::{Context, Result, bail};

use self::{
    copy::{Built, Copy},
    switched::{Edit, Switched},
};

/// The file that says of survivors why nothing can notice them.
const EQUIVALENT: &str = "tests/equivalent-mutants.txt";

/// What is changed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, clap::ValueEnum)]
pub enum Kind {
    /// What a first-party document says
    Documents,
    /// Words and statuses of the sandbox
    Sandbox,
    /// Words and statuses of the generated clients
    Generated,
    /// Hand-written code, by cargo-mutants
    Code,
}

/// What to do.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// What is changed. Everything if nothing is given
    kinds: Vec<Kind>,
    /// One part of so many, such as 2/8: every eighth mutant from the second on
    #[arg(long, default_value = "1/1", value_name = "K/N")]
    shard: Shard,
    /// Names the mutants, and runs nothing
    #[arg(long)]
    list: bool,
    /// Only mutants whose name holds this
    #[arg(long, default_value = "", value_name = "TEXT")]
    only: String,
}

#[derive(Clone, Copy, Debug)]
struct Shard {
    part: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(part, of)| Some((part.parse::<usize>().ok()?, of.parse::<usize>().ok()?)));
        match numbers {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            _ => Err("a part of so many is written 2/8, and the first is 1".to_owned()),
        }
    }
}

/// One thing changed.
struct Mutant {
    kind: Kind,
    /// The file that is changed, seen from the workspace.
    file: String,
    /// Where in it, and what.
    what: String,
    /// The file's text with the change.
    text: String,
    /// The change by itself, where it is one of a word.
    edit: Option<Edit>,
}

impl Mutant {
    /// The file that it is, with its text.
    fn own(&self) -> Vec<(String, String)> {
        vec![(self.file.clone(), self.text.clone())]
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.file, self.what)
    }
}

/// Runs the mutants. Fails where one survives that no line of tests/equivalent-mutants.txt explains.
pub fn run(root: &Path, options: &Options) -> Result<String> {
    let is_asked = |kind| options.kinds.is_empty() || options.kinds.contains(&kind);
    let mut mutants = Vec::new();
    if is_asked(Kind::Documents) {
        mutants.extend(documents::mutants(root)?);
    }
    for kind in [Kind::Generated, Kind::Sandbox]
        .into_iter()
        .filter(|kind| is_asked(*kind))
    {
        mutants.extend(literals::mutants(root, kind)?);
    }
    mutants.retain(|mutant| mutant.to_string().contains(&options.only));
    let Shard { part, of } = options.shard;
    let mutants: Vec<_> = mutants.into_iter().skip(part - 1).step_by(of).collect();
    if options.list {
        return Ok(mutants.iter().map(|mutant| format!("{mutant}\n")).collect());
    }
    let copy = Copy::new(root)?;
    let mut report = Report::new(root)?;
    let documents = documents::unchanged(root)?;
    if !mutants.is_empty() {
        expect_none(copy.healthy(&documents)?)?;
    }
    for kind in [Kind::Documents, Kind::Generated, Kind::Sandbox] {
        let of_kind = mutants.iter().filter(|mutant| mutant.kind == kind);
        let of_kind: Vec<_> = of_kind.collect();
        let left = tables::run(&copy, of_kind, &mut report)?;
        let left = chosen(&copy, &left, &mut report)?;
        // What is quick to notice goes first, so that most of what is known is known early.
        let mut unnoticed = Vec::new();
        for mutant in left {
            match copy.likely(mutant)? {
                None => unnoticed.push(mutant),
                killer => report.add(mutant, killer),
            }
        }
        if !unnoticed.is_empty() {
            expect_none(copy.all_healthy(&documents)?)?;
        }
        for mutant in unnoticed {
            report.add(mutant, copy.all(mutant)?);
        }
    }
    if is_asked(Kind::Code) {
        copy.cargo_mutants(options.shard)?;
    }
    report.finish()
}

/// Runs those mutants that can be chosen while tests run, and gives the others.
fn chosen<'a>(copy: &Copy, mutants: &[&'a Mutant], report: &mut Report) -> Result<Vec<&'a Mutant>> {
    let switched = Switched::new(copy, mutants)?;
    let (chosen, left): (Vec<_>, Vec<_>) = mutants
        .iter()
        .copied()
        .enumerate()
        .partition(|(number, _)| switched.numbers.contains(number));
    copy.with(&switched.files, || {
        // What is explained is chosen together: where no test fails, none would for one of them.
        let (explained, mut chosen): (Vec<_>, Vec<_>) = chosen
            .into_iter()
            .partition(|(_, mutant)| report.is_explained(mutant));
        let numbers: Vec<_> = explained.iter().map(|(number, _)| *number).collect();
        if !explained.is_empty() && copy.all_chosen(&numbers)?.is_some() {
            chosen.extend(explained);
        } else {
            for (_, mutant) in explained {
                report.add(mutant, None);
            }
        }
        let (mut built, mut unnoticed) = (Built::new(), Vec::new());
        for (number, mutant) in chosen {
            match copy.chosen(number, mutant, &mut built)? {
                None => {
                    eprintln!("{mutant}: left for all tests");
                    unnoticed.push((number, mutant));
                }
                killer => report.add(mutant, killer),
            }
        }
        if !unnoticed.is_empty() {
            expect_none(copy.all_chosen(&[])?)?;
        }
        for (number, mutant) in unnoticed {
            report.add(mutant, copy.all_chosen(&[number])?);
        }
        Ok(())
    })?;
    Ok(left.into_iter().map(|(_, mutant)| mutant).collect())
}

fn expect_none(failure: Option<String>) -> Result<()> {
    match failure {
        None => Ok(()),
        Some(failure) => bail!("without any change a test fails: {failure}; mend that first"),
    }
}

/// What became of the mutants.
struct Report {
    explained: BTreeMap<String, String>,
    counts: BTreeMap<Kind, (usize, usize)>,
    killers: BTreeMap<String, usize>,
    survivors: Vec<String>,
    stale: BTreeSet<String>,
}

impl Report {
    fn new(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(EQUIVALENT)).context(EQUIVALENT)?;
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let explained = lines.map(|line| {
            let (name, reason) = line
                .split_once(" | ")
                .with_context(|| format!("{EQUIVALENT}: {line}: ` | ` and a reason lack"))?;
            Ok((name.to_owned(), reason.to_owned()))
        });
        Ok(Self {
            explained: explained.collect::<Result<_>>()?,
            counts: BTreeMap::new(),
            killers: BTreeMap::new(),
            survivors: Vec::new(),
            stale: BTreeSet::new(),
        })
    }

    /// By a line of its own, or by one for the same change wherever it stands in the file.
    fn is_explained(&self, mutant: &Mutant) -> bool {
        let name = mutant.to_string();
        let everywhere = match name.rsplit_once(", the ") {
            Some((same, count)) if count.ends_with('.') => format!("{same}, each"),
            _ => format!("{name}, each"),
        };
        self.explained.contains_key(&name) || self.explained.contains_key(&everywhere)
    }

    fn add(&mut self, mutant: &Mutant, killer: Option<String>) {
        let (name, is_explained) = (mutant.to_string(), self.is_explained(mutant));
        let counts = self.counts.entry(mutant.kind).or_default();
        counts.0 += 1;
        eprintln!("{name}: {}", killer.as_deref().unwrap_or("SURVIVES"));
        match killer {
            Some(killer) => {
                counts.1 += 1;
                *self.killers.entry(killer).or_default() += 1;
                if is_explained {
                    self.stale.insert(name);
                }
            }
            None if is_explained => {}
            None => self.survivors.push(name),
        }
    }

    fn finish(self) -> Result<String> {
        let mut text = String::from("| | mutants | noticed |\n|---|---|---|\n");
        for (kind, (all, killed)) in &self.counts {
            let kind = format!("{kind:?}").to_lowercase();
            writeln!(text, "| {kind} | {all} | {killed} |")?;
        }
        text += "\n| noticed by | mutants |\n|---|---|\n";
        let mut killers: Vec<_> = self.killers.into_iter().collect();
        killers.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        for (killer, count) in killers {
            writeln!(text, "| {} | {count} |", killer.replace('|', "\\|"))?;
        }
        for name in &self.stale {
            writeln!(text, "\n{EQUIVALENT} explains what a test notices: {name}")?;
        }
        if self.survivors.is_empty() && self.stale.is_empty() {
            return Ok(text);
        }
        let survivors = self.survivors.join("\n  ");
        bail!(
            "{text}\nnoticed by no test:\n  {survivors}\nadd a test, or a line with the reason to {EQUIVALENT}"
        )
    }
}
