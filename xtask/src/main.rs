//! `cargo xtask`: the tasks of this workspace, one module per task.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use xtask::{
    bench, corpus, diff,
    document::Document,
    generate::{self, Refused},
    lint, lock, mutate, new, own, problem, root,
    target::Target,
    trace,
};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the thumbprint workspace")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes the client, the mocks and their conformance cases of each document in specs/
    Generate {
        /// Write nothing; fail if a file is not what it would be written as
        #[arg(long)]
        check: bool,
        /// APIs, as their documents are named. All of them if none is given
        names: Vec<String>,
    },
    /// Takes a document into specs/ and makes the client and the httpmock crate of it
    New {
        /// The API's one word: its document, crates and commands go by it
        name: String,
        /// The document: OpenAPI 3.0, 3.1 or Swagger 2.0 in YAML or JSON. Without it, the one that is in specs/ already
        #[arg(long)]
        document: Option<PathBuf>,
        /// A new folder for a workspace of your own, in place of crates of this one
        #[arg(long, requires = "document")]
        out: Option<PathBuf>,
        /// With --out: where others find thumbprint, a URL of git. Without it, the workspace depends on this checkout
        #[arg(long, requires = "out")]
        git: Option<String>,
    },
    /// Checks each document against OpenAPI, and those that are written here against their rules
    Lint {
        /// APIs, as their documents are named. All of them if none is given
        names: Vec<String>,
    },
    /// Says what changed in the documents since a git revision, and what that means to callers
    Diff {
        /// The revision, `HEAD` if the first word names a document, and then APIs, all if none is given
        #[arg(value_name = "REV] [NAME")]
        words: Vec<String>,
    },
    /// Says what the pipeline makes of every document in a folder, as Markdown
    Corpus {
        /// The folder
        folder: PathBuf,
        #[command(flatten)]
        limits: corpus::Limits,
        #[command(flatten)]
        sample: corpus::Sample,
        #[command(flatten)]
        beside: corpus::Beside,
        /// A file that all rows are written to
        #[arg(long)]
        json: Option<PathBuf>,
    },
    /// What a process of `corpus` does
    #[command(hide = true)]
    CorpusDocument {
        /// The document
        file: PathBuf,
        #[command(flatten)]
        limits: corpus::Limits,
    },
    /// What a process of `corpus --beside` does
    #[command(hide = true)]
    CorpusProgenitor {
        /// The document
        file: PathBuf,
        #[command(flatten)]
        limits: corpus::Limits,
    },
    /// Acknowledges what changed in the documents since the last release
    Lock {
        /// Take the documents for released: later changes are compared with what they are now
        #[arg(long)]
        release: bool,
        /// APIs, as their documents are named. All of them if none is given
        names: Vec<String>,
    },
    /// Says how much the tests notice: of changes in documents, sandbox, generated and hand-written code
    Mutate {
        #[command(flatten)]
        options: mutate::Options,
    },
    /// Says which test holds each fact of the two pages that the project began with, as Markdown
    Trace {
        /// Write it to tests/TRACE.md
        #[arg(long, conflicts_with = "check")]
        write: bool,
        /// Write nothing; fail if tests/TRACE.md is not that
        #[arg(long)]
        check: bool,
    },
    /// Measures this project beside what people would pick instead, by valgrind
    #[command(disable_help_flag = true)]
    Bench {
        /// `--help` names them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Code takes millions of small allocations as a syntax tree, freed between large texts: half of the time that Microsoft
/// Graph takes went into glibc's allocator.
#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    problem::conclude(match Arguments::parse().task {
        Task::Bench { arguments } => bench::run(&root(), &arguments).map(|()| String::new()),
        Task::Generate { check, names } => {
            generate::run(&Target::THUMBPRINT, &root(), check, &names)
        }
        Task::New {
            name,
            document: Some(document),
            out: Some(out),
            git,
        } => own::run(&name, &document, &out, git.as_deref()),
        Task::New { name, document, .. } => new::run(&root(), &name, document.as_deref()),
        Task::Lint { names } => run_lint(&names),
        Task::Diff { words } => diff::run(&root(), &words),
        Task::Corpus {
            folder,
            limits,
            sample,
            beside,
            json,
        } => corpus::run(&folder, limits, sample, &beside, json.as_deref()),
        Task::CorpusDocument { file, limits } => corpus::document(&file, limits),
        Task::CorpusProgenitor { file, limits } => corpus::progenitor(&file, limits),
        Task::Mutate { options } => mutate::run(&root(), &options),
        Task::Lock { release, names } => lock::run(&root(), release, &names),
        Task::Trace { write, check } => trace::run(&root(), write, check),
    })
}

fn run_lint(names: &[String]) -> anyhow::Result<String> {
    let (mut report, mut refused) = (String::new(), Vec::new());
    for document in Document::load_all(&root(), names)? {
        match generate::lint(&document) {
            Ok(warnings) => report += &lint::report(&document, &warnings),
            Err(error) => refused.extend(error.downcast::<Refused>()?.0),
        }
    }
    if refused.is_empty() {
        Ok(report)
    } else {
        Err(Refused(refused).into())
    }
}
