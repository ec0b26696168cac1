//! A copy of the workspace, and the tests that run in it for a mutant.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Kind, Mutant, Shard};
use crate::{document::Document, generate};

/// How long tests may take. What hangs is noticed too.
const LIMIT: Duration = Duration::from_secs(900);
/// How many times as long as without a mutant, where that is known, and how much longer in any case.
const SLOWER: (u32, Duration) = (8, Duration::from_secs(10));

/// That a generated file is stale and a change not acknowledged is no merit of a test; and some tests edit a document's text,
/// which a mutant writes anew.
const PASSED_OVER: [&str; 10] = [
    "generated_code_is_fresh",
    "lock::",
    "trace::",
    "documents::problems_and_notes_name_the_line",
    "generation::a_document_with_a_problem_writes_nothing",
    "generation::a_hand_edit_and_a_missing_file_are_noticed_together",
    "generation::an_edited_document_makes_its_code_stale",
    // A file that follows from the document.
    "seed::the_schema_of_a_seed_is_that_of_the_document",
    // It asks whether all generated code is fresh.
    "new::the_suite_takes_a_further_document_as_it_is",
    // What it builds does not follow from the documents here, and takes longer than everything else.
    "features::",
];

/// Tests that run together: where they are, and what their names hold.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Round {
    target: Vec<String>,
    filters: &'static [&'static str],
}

/// Of the suite, what reads the documents and no code that follows from them.
const OF_DOCUMENTS: &[&str] = &["documents::the_documents"];
/// What is about the generated clients alone.
const OF_CLIENTS: &[&str] = &[
    "operations::",
    "setters::",
    "schemas::w",
    "admin::",
    "requests::table",
];
/// What takes a second.
const QUICK: &[&str] = &[
    "operations::",
    "admin::",
    "schemas::",
    "setters::",
    "responses::headers",
    "coverage::",
    "seed::",
    "mocks::",
    "oracle::",
    "example::",
    "requests::",
    "paging::",
    "deletion_wait::",
    "bulk::",
    "credentials::",
    "sandbox::",
];
/// What takes ten.
const SLOW: &[&str] = &["responses::", "faults::", "redaction::", "examples::"];
/// What drives the sandbox.
const OF_SANDBOX: &[&str] = &["sandbox::", "seed::", "oracle::", "examples::", "bulk::"];

fn suite(filters: &'static [&'static str]) -> Round {
    binary("conformance", "suite", filters)
}

fn binary(package: &str, name: &str, filters: &'static [&'static str]) -> Round {
    Round {
        target: ["-p", package, "--test", name].map(str::to_owned).to_vec(),
        filters,
    }
}

fn package(name: &str) -> Round {
    Round {
        target: ["-p", name, "--tests"].map(str::to_owned).to_vec(),
        filters: &[],
    }
}

/// The tests that are likely to notice, the likeliest first.
fn rounds(mutant: &Mutant) -> Vec<Round> {
    match mutant.kind {
        Kind::Documents => vec![suite(QUICK), suite(SLOW)],
        Kind::Sandbox => vec![
            binary("thumbprint-sandbox", "sandbox", &[]),
            package("thumbprint-sandbox"),
            suite(OF_SANDBOX),
            // The only one that speaks TLS.
            binary("thumbprint-cli", "command", &["sandbox::"]),
        ],
        Kind::Generated | Kind::Code => {
            let client = mutant.file.split('/').nth(1).unwrap_or_default();
            let (cases, own) = (package(&format!("{client}-httpmock")), suite(OF_CLIENTS));
            let sandbox = package("thumbprint-sandbox");
            // The sandbox's own API has no facade.
            if client == "thumbprint-admin" {
                vec![cases, own, sandbox]
            } else {
                vec![cases, own, suite(QUICK), suite(SLOW), sandbox]
            }
        }
    }
}

/// Files, seen from the workspace, with their texts.
pub(super) type Files = Vec<(String, String)>;

/// A test binary.
pub(super) struct Binary {
    path: PathBuf,
    /// Its package's folder, where its tests are run.
    folder: PathBuf,
}

/// Test binaries by what they were asked for with, and how long their tests may take.
pub(super) type Built = BTreeMap<Round, (Vec<Binary>, Duration)>;

/// A copy of the workspace, with a target folder of its own that the next run finds again.
pub(super) struct Copy {
    path: PathBuf,
    target: PathBuf,
    /// The suite as it is without a mutant, for what changes no code.
    suite: Vec<Binary>,
}

impl Copy {
    pub(super) fn new(root: &Path) -> Result<Self> {
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
        let mut copy = Self {
            path,
            target,
            suite: Vec::new(),
        };
        fs::create_dir_all(&copy.target)?;
        // A run that was ended has left one chosen.
        fs::write(copy.chosen_file(), "")?;
        let built = copy.build(&suite(&[]).target)?;
        // By another name: the next build writes over the first.
        for mut built in
            built.map_err(|error| anyhow::anyhow!("the copy does not build: {error}"))?
        {
            let kept = built.path.with_extension("unchanged");
            fs::copy(&built.path, &kept).with_context(|| kept.display().to_string())?;
            built.path = kept;
            copy.suite.push(built);
        }
        Ok(copy)
    }

    /// What of the likely tests fails without a mutant: each document is written anew, as those that are changed are.
    pub(super) fn healthy(&self, documents: &[(String, String)]) -> Result<Option<String>> {
        self.with(documents, || self.run(&self.suite, QUICK))
    }

    /// What of all tests does.
    pub(super) fn all_healthy(&self, documents: &[(String, String)]) -> Result<Option<String>> {
        self.with(documents, || self.everything())
    }

    /// What of the likely tests notices a mutant.
    pub(super) fn likely(&self, mutant: &Mutant) -> Result<Option<String>> {
        let own = mutant.own();
        if mutant.kind != Kind::Documents {
            return self.with(&own, || self.rounds(mutant));
        }
        if let Some(failure) = self.with(&own, || self.run(&self.suite, OF_DOCUMENTS))? {
            return Ok(Some(failure));
        }
        match self.generated(mutant)? {
            Err(refusal) => Ok(Some(refusal)),
            Ok(files) if files.is_empty() => self.with(&own, || self.suite()),
            Ok(files) => self.with(&[own, files].concat(), || self.rounds(mutant)),
        }
    }

    /// What of all tests does.
    pub(super) fn all(&self, mutant: &Mutant) -> Result<Option<String>> {
        let generated = match mutant.kind {
            Kind::Documents => self.generated(mutant)?,
            _ => Ok(Vec::new()),
        };
        match generated {
            Err(refusal) => Ok(Some(refusal)),
            Ok(files) => self.with(&[mutant.own(), files].concat(), || self.everything()),
        }
    }

    /// The suite of code that did not change.
    fn suite(&self) -> Result<Option<String>> {
        for filters in [OF_DOCUMENTS, QUICK, SLOW] {
            if let Some(failure) = self.run(&self.suite, filters)? {
                return Ok(Some(failure));
            }
        }
        Ok(None)
    }

    fn everything(&self) -> Result<Option<String>> {
        let mut command = self.cargo();
        command.args(["test", "--workspace", "--quiet", "--"]);
        self.output(command.args(passed_over()), LIMIT)
    }

    fn rounds(&self, mutant: &Mutant) -> Result<Option<String>> {
        for round in rounds(mutant) {
            let failure = match self.build(&round.target)? {
                Ok(binaries) => self.run(&binaries, round.filters)?,
                Err(error) => Some(error),
            };
            if failure.is_some() {
                return Ok(failure);
            }
        }
        Ok(None)
    }

    /// The generated files that change with a document, but for their first lines, which have its hash; or why there are none.
    fn generated(&self, mutant: &Mutant) -> Result<Result<Files, String>> {
        let name = mutant
            .file
            .trim_start_matches("specs/")
            .trim_end_matches(".yaml");
        let document = Document::parse(name, &mutant.file, &mutant.text)?;
        let rendered = match generate::render(&document) {
            Ok(rendered) => rendered,
            Err(error) => {
                let said = error.to_string();
                let first = said.lines().next().unwrap_or("it fails");
                return Ok(Err(format!("cargo xtask generate: {first}")));
            }
        };
        let rest = |text: &str| text.split_once('\n').map(|(_, rest)| rest.to_owned());
        let mut files = Vec::new();
        for (file, text) in rendered.files {
            let old = fs::read_to_string(self.path.join(&file)).with_context(|| file.clone())?;
            if rest(&old) != rest(&text) {
                files.push((file, text));
            }
        }
        Ok(Ok(files))
    }

    /// Does something with other texts in some files. The copy is as before afterwards.
    pub(super) fn with<T>(
        &self,
        files: &[(String, String)],
        run: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let mut before = Vec::new();
        for (file, text) in files {
            let path = self.path.join(file);
            let old = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            if old != *text {
                fs::write(&path, text)?;
                before.push((path, old));
            }
        }
        let outcome = run();
        for (path, text) in before {
            fs::write(path, text)?;
        }
        outcome
    }

    /// A file of the copy.
    pub(super) fn read(&self, file: &str) -> Result<String> {
        fs::read_to_string(self.path.join(file)).with_context(|| file.to_owned())
    }

    /// What the compiler says against all crates of ours.
    pub(super) fn errors(&self) -> Result<Vec<Value>> {
        let mut command = self.cargo();
        command
            .args(["build", "--quiet", "--message-format=json", "--keep-going"])
            .args(suite(&[]).target);
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let errors: Vec<_> = lines
            .map(|mut line| line["message"].take())
            .filter(|message| message["level"] == "error")
            .collect();
        ensure!(
            output.status.success() || !errors.is_empty(),
            "the copy does not build: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(errors)
    }

    /// What of the likely tests notices a mutant that is chosen while they run, from binaries that have been built for the ones
    /// before.
    pub(super) fn chosen(
        &self,
        number: usize,
        mutant: &Mutant,
        built: &mut Built,
    ) -> Result<Option<String>> {
        for round in rounds(mutant) {
            let filters = round.filters;
            let (binaries, limit) = match built.entry(round) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let round = entry.key();
                    let binaries = self.build(&round.target)?.map_err(anyhow::Error::msg)?;
                    let began = Instant::now();
                    let failure = self.run(&binaries, round.filters)?;
                    ensure!(
                        failure.is_none(),
                        "with no mutant chosen a test fails: {failure:?}"
                    );
                    entry.insert((binaries, began.elapsed() * SLOWER.0 + SLOWER.1))
                }
            };
            for binary in binaries.iter() {
                let mut command = self.binary(binary, filters);
                let run = || self.output(&mut command, *limit);
                if let Some(failure) = self.choosing(&[number], run)? {
                    return Ok(Some(failure));
                }
            }
        }
        Ok(None)
    }

    /// Where the numbers of the chosen mutants stand.
    pub(super) fn chosen_file(&self) -> PathBuf {
        self.target.join("chosen")
    }

    /// Does something while mutants are chosen.
    fn choosing<T>(&self, numbers: &[usize], run: impl FnOnce() -> Result<T>) -> Result<T> {
        let lines: String = numbers.iter().map(|number| format!("{number}\n")).collect();
        fs::write(self.chosen_file(), lines)?;
        let outcome = run();
        fs::write(self.chosen_file(), "")?;
        outcome
    }

    /// What of all tests notices them.
    pub(super) fn all_chosen(&self, numbers: &[usize]) -> Result<Option<String>> {
        self.choosing(numbers, || self.everything())
    }

    /// The test binaries of a target, or the first error of the compiler.
    fn build(&self, target: &[String]) -> Result<Result<Vec<Binary>, String>> {
        let output = self
            .cargo()
            .args(["test", "--no-run", "--quiet", "--message-format=json"])
            .args(target)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let messages = || {
            text.lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        };
        if !output.status.success() {
            let error = messages().find(|one| one["message"]["level"] == "error");
            let error = error.and_then(|one| one["message"]["message"].as_str().map(str::to_owned));
            let said =
                error.unwrap_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned());
            return Ok(Err(format!(
                "the compiler: {}",
                said.lines().next().unwrap_or_default()
            )));
        }
        let binary = |one: Value| {
            Some(Binary {
                path: PathBuf::from(one["executable"].as_str()?),
                folder: Path::new(one["manifest_path"].as_str()?)
                    .parent()?
                    .to_owned(),
            })
        };
        Ok(Ok(messages()
            .filter(|one| one["profile"]["test"] == true)
            .filter_map(binary)
            .collect()))
    }

    /// Runs test binaries until one fails.
    fn run(&self, binaries: &[Binary], filters: &[&str]) -> Result<Option<String>> {
        for binary in binaries {
            if let Some(failure) = self.output(&mut self.binary(binary, filters), LIMIT)? {
                return Ok(Some(failure));
            }
        }
        Ok(None)
    }

    /// Everything that tests of the suite say.
    pub(super) fn said(&self, filters: &[&str]) -> Result<String> {
        let Ok(binaries) = self.build(&suite(&[]).target)? else {
            return Ok(String::new());
        };
        let mut text = String::new();
        for binary in &binaries {
            let output = self.binary(binary, filters).output()?;
            text += &String::from_utf8_lossy(&output.stdout);
        }
        Ok(text)
    }

    fn binary(&self, binary: &Binary, filters: &[&str]) -> Command {
        let mut command = Command::new(&binary.path);
        command
            .current_dir(&binary.folder)
            .args(filters)
            .args(passed_over())
            .env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// What fails first of a command that runs tests. The others are not waited for.
    fn output(&self, command: &mut Command, limit: Duration) -> Result<Option<String>> {
        let said = self.target.join("said");
        let out = File::create(&said)?;
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut child = command.stderr(out.try_clone()?).stdout(out).spawn()?;
        let failed = |line: &str| {
            let told = line
                .strip_prefix("test ")
                .and_then(|line| line.strip_suffix(" ... FAILED"));
            // Of a quiet run.
            let name = told.or_else(|| line.strip_suffix(" --- FAILED"))?;
            Some(name.to_owned())
        };
        let began = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            let text = fs::read(&said)?;
            let killer = String::from_utf8_lossy(&text).lines().find_map(failed);
            let is_late = began.elapsed() > limit;
            if killer.is_some() || is_late {
                stop(&mut child)?;
                return Ok(killer.or_else(|| Some("a test that does not end".to_owned())));
            }
            thread::sleep(Duration::from_millis(20));
        };
        if status.success() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&fs::read(said)?).into_owned();
        // Of a quiet run only what the tests said has their names.
        let said = |line: &str| {
            let line = line.strip_prefix("---- ")?.strip_suffix(" stdout ----")?;
            Some(line.to_owned())
        };
        let error = |line: &str| line.starts_with("error").then(|| line.to_owned());
        let lines = || text.lines();
        let killer = lines().find_map(failed).or_else(|| lines().find_map(said));
        let killer = killer.or_else(|| lines().find_map(error));
        Ok(Some(killer.unwrap_or_else(|| "a test".to_owned())))
    }

    fn cargo(&self) -> Command {
        let mut command = crate::cargo();
        command
            .current_dir(&self.path)
            .env("CARGO_TARGET_DIR", &self.target)
            // Of two mutants only a word differs.
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_TERM_COLOR", "never");
        command
    }

    /// Hand-written code is the business of a tool that exists.
    pub(super) fn cargo_mutants(&self, shard: Shard) -> Result<()> {
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

/// Ends a command, and what its tests have started.
fn stop(child: &mut Child) -> Result<()> {
    if cfg!(unix) {
        let group = format!("-{}", child.id());
        Command::new("kill")
            .args(["-KILL", "--", &group])
            .status()?;
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

fn passed_over() -> impl Iterator<Item = &'static str> {
    PASSED_OVER.iter().flat_map(|name| ["--skip", name])
}
