//! `cargo xtask mutate`: how much the tests notice. A mutant is this workspace with one thing changed: a word of a
//! document, of the sandbox or of generated code. In a copy of the workspace the tests run, the likeliest first, until
//! one fails. What none notices is a survivor, and either gets a test or a line in tests/equivalent-mutants.txt.

mod documents;
mod literals;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
    fs,
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
};

use anyhow::{Context, Result, bail, ensure};

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
    for kind in [Kind::Sandbox, Kind::Generated]
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
    if !mutants.is_empty() {
        let healthy = copy
            .failure(Kind::Documents)?
            .or(copy.failure(Kind::Generated)?);
        if let Some(failure) = healthy {
            bail!("without any change a test fails: {failure}; mend that first");
        }
    }
    // What is quick to notice goes first, so that most of what is known is known early.
    let mut left = Vec::new();
    for mutant in &mutants {
        match copy.with(mutant, || copy.failure(mutant.kind))? {
            None => left.push(mutant),
            killer => report.add(mutant, killer),
        }
    }
    for mutant in left {
        report.add(mutant, copy.with(mutant, || copy.rest(mutant))?);
    }
    if is_asked(Kind::Code) {
        copy.cargo_mutants(options.shard)?;
    }
    report.finish()
}

/// A copy of the workspace, with a target folder of its own that the next run finds again.
struct Copy {
    path: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn new(root: &Path) -> Result<Self> {
        let folder = root.join("target/mutants");
        let (path, target) = (folder.join("workspace"), folder.join("target"));
        let listed = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root)
            .output()
            .context("git, which lists the files of the workspace")?;
        ensure!(listed.status.success(), "git does not list the files");
        for file in String::from_utf8(listed.stdout)?.split_terminator('\0') {
            let Ok(text) = fs::read(root.join(file)) else {
                continue; // Deleted, and not yet committed.
            };
            let to = path.join(file);
            // What is the same keeps its time, so that it is not compiled again.
            if fs::read(&to).is_ok_and(|old| old == text) {
                continue;
            }
            fs::create_dir_all(to.parent().unwrap_or(&path))?;
            fs::write(&to, text).with_context(|| to.display().to_string())?;
        }
        Ok(Self { path, target })
    }

    /// Does something with a mutant in place. The copy is as before afterwards.
    fn with(
        &self,
        mutant: &Mutant,
        run: impl FnOnce() -> Result<Option<String>>,
    ) -> Result<Option<String>> {
        let mut before = BTreeMap::new();
        for file in written(&mutant.file) {
            let path = self.path.join(file);
            before.insert(path.clone(), fs::read(&path)?);
        }
        fs::write(self.path.join(&mutant.file), &mutant.text)?;
        let killer = run();
        for (path, text) in before {
            if fs::read(&path)? != text {
                fs::write(path, text)?;
            }
        }
        killer
    }

    /// All tests, for a mutant that the likely ones do not notice.
    fn rest(&self, mutant: &Mutant) -> Result<Option<String>> {
        if mutant.kind == Kind::Documents {
            // That generated files are stale, and that a change is not acknowledged, is no merit of a test.
            for task in ["generate", "lock"] {
                if let Some(refusal) = self.xtask(task)? {
                    return Ok(Some(format!("cargo xtask {task}: {refusal}")));
                }
            }
            if let Some(failure) = self.failure(Kind::Generated)? {
                return Ok(Some(failure));
            }
        }
        self.test(&["--workspace"])
    }

    /// The tests that are likely to notice a change of a kind.
    fn failure(&self, kind: Kind) -> Result<Option<String>> {
        let likely: &[&[&str]] = match kind {
            // They read the documents, and no code that follows from them.
            Kind::Documents => &[&[
                "-p",
                "conformance",
                "--test",
                "suite",
                "--",
                "documents::the_documents",
            ]],
            Kind::Sandbox => &[&["-p", "thumbprint-sandbox"]],
            Kind::Generated | Kind::Code => &[
                &[
                    "-p",
                    "thumbprint-batch-httpmock",
                    "-p",
                    "thumbprint-wap-httpmock",
                    "-p",
                    "thumbprint-admin-httpmock",
                    "--tests",
                ],
                &[
                    "-p",
                    "conformance",
                    "--test",
                    "suite",
                    "--",
                    "requests::",
                    "responses::",
                    "schemas::",
                ],
            ],
        };
        for arguments in likely {
            if let Some(failure) = self.test(arguments)? {
                return Ok(Some(failure));
            }
        }
        Ok(None)
    }

    fn test(&self, arguments: &[&str]) -> Result<Option<String>> {
        let output = self.cargo().arg("test").args(arguments).output()?;
        if output.status.success() {
            return Ok(None);
        }
        let text = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
        let failed = |line: &str| {
            let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
            Some(name.to_owned())
        };
        let error = |line: &str| line.starts_with("error").then(|| line.to_owned());
        let lines = || text.iter().flat_map(|text| text.lines());
        let killer = lines().find_map(failed).or_else(|| lines().find_map(error));
        Ok(Some(killer.unwrap_or_else(|| "a test".to_owned())))
    }

    fn xtask(&self, task: &str) -> Result<Option<String>> {
        let output = self
            .cargo()
            .args(["run", "--quiet", "-p", "xtask", "--", task])
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or("it fails");
        Ok((!output.status.success()).then(|| first.to_owned()))
    }

    fn cargo(&self) -> Command {
        let mut command = crate::cargo();
        command
            .current_dir(&self.path)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_TERM_COLOR", "never");
        command
    }

    /// Hand-written code is the business of a tool that exists.
    fn cargo_mutants(&self, shard: Shard) -> Result<()> {
        let packages = ["transport", "wstrust", "codegen", "sandbox", "cli"];
        let packages = packages.map(|name| format!("thumbprint-{name}"));
        let mut command = self.cargo();
        command
            .args(["mutants", "--test-workspace", "true", "--no-shuffle"])
            .args(["--exclude", "**/generated.rs", "--package", "thumbprint"])
            .args(packages.iter().flat_map(|name| ["--package", name]))
            // cargo-mutants counts from nought.
            .args(["--shard", &format!("{}/{}", shard.part - 1, shard.of)]);
        let status = command.status()?;
        ensure!(
            status.success(),
            "cargo-mutants: {status}; it is installed by: cargo install --locked cargo-mutants"
        );
        Ok(())
    }
}

/// The files that a mutant of a file may change: it, and what follows from it.
fn written(file: &str) -> Vec<String> {
    let mut files = vec![file.to_owned()];
    if let Some(name) = file
        .strip_prefix("specs/")
        .and_then(|file| file.strip_suffix(".yaml"))
    {
        files.extend([
            format!("specs/{name}.lock"),
            format!("crates/thumbprint-{name}/src/generated.rs"),
            format!("crates/thumbprint-{name}-httpmock/src/generated.rs"),
            format!("crates/thumbprint-{name}-httpmock/tests/cases/generated.rs"),
        ]);
    }
    files
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

    fn add(&mut self, mutant: &Mutant, killer: Option<String>) {
        let (name, counts) = (
            mutant.to_string(),
            self.counts.entry(mutant.kind).or_default(),
        );
        counts.0 += 1;
        eprintln!("{name}: {}", killer.as_deref().unwrap_or("SURVIVES"));
        let is_explained = self.explained.contains_key(&name);
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
