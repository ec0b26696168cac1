//! `cargo xtask`: the tasks of this workspace, one module per task.

use std::{fmt::Write as _, process::ExitCode};

use clap::{Parser, Subcommand};
use xtask::{document::Document, generate, lint, root};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the thumbprint workspace")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Writes the client and the httpmock crate's generated.rs of each document in specs/
    Generate {
        /// Write nothing; fail if a file is not what it would be written as
        #[arg(long)]
        check: bool,
        /// APIs, as their documents are named. All of them if none is given
        names: Vec<String>,
    },
    /// Checks each document against OpenAPI and the rules of the house
    Lint {
        /// APIs, as their documents are named. All of them if none is given
        names: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Generate { check, names } => generate::run(&root(), check, &names),
        Task::Lint { names } => run_lint(&names),
    };
    match outcome {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_lint(names: &[String]) -> anyhow::Result<String> {
    let mut report = String::new();
    for document in Document::load_all(&root(), names)? {
        lint::refuse(&document)?;
        writeln!(report, "{}: no problem", document.file)?;
    }
    Ok(report)
}
