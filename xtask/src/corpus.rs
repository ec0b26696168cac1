//! `cargo xtask corpus`: what the pipeline makes of every document in a folder. Each is taken by a process of its
//! own, under limits that the system keeps, so that no document can end the run or hide another.

mod beside;
mod compile;
mod report;

use std::{
    collections::BTreeMap,
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use anyhow::{Context, Result, anyhow, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::beside::{Beside, Peer, Reached, progenitor};
use crate::{
    cases::NO_SAMPLE,
    document::ENDINGS,
    generate::{self, Refused},
    problem::Problem,
    source,
};

/// What a document may take.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Limits {
    /// Seconds of the processor that a document may take
    #[arg(long, default_value_t = 120)]
    pub seconds: u64,
    /// Memory that a document may take
    #[arg(long, default_value_t = 4096)]
    pub mebibytes: u64,
}

/// What became of one document.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Row {
    /// The file, seen from the folder.
    pub file: String,
    /// Its bytes.
    pub size: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Wall time, in seconds.
    pub seconds: f64,
    /// The most memory that was held at a time, in bytes, where the system tells it (Linux).
    pub peak: Option<u64>,
    /// How many operations the client has.
    pub operations: usize,
    /// Lines of generated code.
    pub lines: usize,
    /// What is told of a document that is taken.
    pub notes: usize,
    /// How many of these tell of a place without a sample value, so that nothing is proved of it.
    #[serde(default)]
    pub unsampled: usize,
    /// Why it is not taken, each with its place; of what is taken, what is wrong with its code.
    pub reasons: Vec<String>,
    /// What its code does, where it is in the sample.
    pub built: Option<Built>,
    /// How far other generators come with it, where it is in their sample.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub beside: BTreeMap<Peer, Reached>,
}

/// What the code of a document does.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Built {
    /// It compiles, and all conformance cases pass.
    Passed,
    /// It compiles.
    CasesFail,
    /// It does not compile.
    DoesNotCompile,
}

/// Which documents are built.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Sample {
    /// Build the code of so many of what is taken, with mocks, and run their conformance cases
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub compile: usize,
    /// Which ones: the same seed chooses the same
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// How a document ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Code was written.
    Taken,
    /// The document is the reason, and every reason has its place.
    Refused,
    /// The pipeline is the reason.
    Failed,
    /// It took more time than its limit.
    TimedOut,
    /// It took more memory than its limit.
    OutOfMemory,
    /// The process ended in another way.
    Crashed,
    /// The file is no OpenAPI document, and does not count.
    Other,
}

/// Takes every document below `folder` and reports it as Markdown; `json` is a file for all rows.
pub fn run(
    folder: &Path,
    limits: Limits,
    sample: Sample,
    beside: &Beside,
    json: Option<&Path>,
) -> Result<String> {
    let mut rows = measure_all(folder, &files(folder)?, limits)?;
    ensure!(
        !rows.is_empty(),
        "{}: no OpenAPI document; name a folder of YAML or JSON files",
        folder.display()
    );
    compile::sample(&mut rows, folder, sample.compile, sample.seed)?;
    beside::sample(&mut rows, folder, beside, limits, sample.seed)?;
    if let Some(json) = json {
        let text = serde_json::to_string_pretty(&rows)? + "\n";
        fs::write(json, text).with_context(|| json.display().to_string())?;
    }
    Ok(report::markdown(&rows, limits))
}

/// All files below a folder that can be documents, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            let ending = path.extension().and_then(|ending| ending.to_str());
            if kind.is_dir() {
                open.push(path);
            } else if ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What becomes of all files that are documents, as many at a time as there are processors.
fn measure_all(folder: &Path, files: &[PathBuf], limits: Limits) -> Result<Vec<Row>> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, Row)>> {
        let mut rows = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else {
                return Ok(rows);
            };
            let row = measure(folder, file, limits)?;
            if row.outcome != Outcome::Other {
                eprintln!("{} {:?} {:.1} s", row.file, row.outcome, row.seconds);
                rows.push((index, row));
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let mut rows = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let mut rows = Vec::new();
        for worker in workers {
            rows.extend(worker.join().map_err(|_| anyhow!("a worker panicked"))??);
        }
        anyhow::Ok(rows)
    })?;
    rows.sort_by_key(|(index, _)| *index);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Has a process of its own take a document.
fn measure(folder: &Path, file: &Path, limits: Limits) -> Result<Row> {
    let start = Instant::now();
    let output = process("corpus-document", file, limits)?;
    let seconds = start.elapsed().as_secs_f64();
    let name = file.strip_prefix(folder).unwrap_or(file).display();
    let row = if let Ok(mut row) = serde_json::from_slice::<Row>(&output.stdout) {
        if row.peak.is_some_and(|peak| peak > limits.mebibytes << 20) {
            row.outcome = Outcome::OutOfMemory;
        }
        row
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Row {
            outcome: ended(output.status, &said),
            reasons: vec![format!("{}: {}", output.status, said.trim())],
            ..Row::of(file)?
        }
    };
    Ok(Row {
        file: name.to_string(),
        seconds,
        ..row
    })
}

/// Has a process of its own do a task of one document.
fn process(task: &str, file: &Path, limits: Limits) -> Result<Output> {
    let output = Command::new(std::env::current_exe()?)
        .arg(task)
        .args(["--seconds", &limits.seconds.to_string()])
        .args(["--mebibytes", &limits.mebibytes.to_string()])
        .arg(file)
        // What the allocator only reserves is not counted.
        .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
        .output()?;
    Ok(output)
}

#[cfg(unix)]
fn ended(status: std::process::ExitStatus, said: &str) -> Outcome {
    use std::os::unix::process::ExitStatusExt as _;
    let signal = status.signal();
    if signal == Some(rustix::process::Signal::XCPU.as_raw()) {
        Outcome::TimedOut
    } else if signal.is_some() && said.contains("memory allocation of") {
        Outcome::OutOfMemory
    } else {
        Outcome::Crashed
    }
}

#[cfg(not(unix))]
fn ended(_: std::process::ExitStatus, _: &str) -> Outcome {
    Outcome::Crashed
}

/// Has the system end this process where it takes more than a document may.
#[cfg(unix)]
fn limit(limits: Limits) -> Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [
        (Resource::Cpu, limits.seconds),
        // An allocator maps more than it holds, and a stack is mapped whole: what counts is the peak of what is held.
        (Resource::Data, (limits.mebibytes * 3 / 2) << 20),
    ] {
        let limit = Rlimit {
            current: Some(most),
            // One second more: the signal at the lower limit tells it apart from a kill.
            maximum: Some(most + 1),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit(_: Limits) -> Result<()> {
    anyhow::bail!("the corpus needs limits of time and memory that only a Unix keeps")
}

/// What the process of one document does: takes it, and prints its row.
pub fn document(file: &Path, limits: Limits) -> Result<String> {
    limit(limits)?;
    let mut row = Row::of(file)?;
    match source::open("api", file).map(|(document, _)| document) {
        Ok(document) if is_openapi(&document.value) => match generate::render(&document) {
            Ok(rendered) => {
                row.outcome = Outcome::Taken;
                row.operations = rendered.operations;
                row.notes = rendered.warnings.len();
                let is_unsampled = |note: &&Problem| note.what.starts_with(NO_SAMPLE);
                row.unsampled = rendered.warnings.iter().filter(is_unsampled).count();
                let lines = rendered.files.iter().map(|(_, text)| text.lines().count());
                row.lines = lines.sum();
            }
            Err(error) => match error.downcast::<Refused>() {
                Ok(Refused(problems)) => {
                    row.outcome = Outcome::Refused;
                    let told = |problem: &Problem| format!("{}: {}", problem.pointer, problem.what);
                    row.reasons = problems.iter().map(told).collect();
                }
                Err(error) => {
                    row.outcome = Outcome::Failed;
                    row.reasons = vec![format!("{error:#}")];
                }
            },
        },
        // Whatever else lies in the folder is not counted as a document that is refused.
        Err(error) => {
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            if text.contains("openapi") || text.contains("swagger") {
                row.outcome = Outcome::Refused;
                row.reasons = vec![format!("{error:#}")];
            }
        }
        Ok(_) => {}
    }
    row.peak = peak();
    Ok(serde_json::to_string(&row)? + "\n")
}

impl Row {
    fn of(file: &Path) -> Result<Self> {
        Ok(Self {
            file: file.display().to_string(),
            size: fs::metadata(file)?.len(),
            outcome: Outcome::Other,
            seconds: 0.0,
            peak: None,
            operations: 0,
            lines: 0,
            notes: 0,
            unsampled: 0,
            reasons: Vec::new(),
            built: None,
            beside: BTreeMap::new(),
        })
    }
}

fn is_openapi(root: &Value) -> bool {
    ["openapi", "swagger"]
        .iter()
        .any(|key| root.get(key).is_some_and(|version| !version.is_object()))
}

/// The most memory that this process has held at a time.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
