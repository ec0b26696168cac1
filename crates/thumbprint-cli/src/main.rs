//! The command `thumbprint`: lists, adds, removes and rescues certificates of Azure Batch and Windows
//! Azure Pack, and carries a sandbox of both.
//!
//! Results go to stdout, messages to stderr. `failure::code` has the exit codes. What only reads never exits with
//! 3, 4 or 5: it changes nothing.

mod batch;
mod confirm;
mod credential;
mod demo;
mod failure;
mod help;
mod input;
mod inspect;
mod interrupt;
mod keep;
mod network;
mod output;
mod profile;
mod progress;
mod reads;
mod results;
mod sandbox;
mod selection;
mod tally;
mod terminal;
mod trace;
mod wap;

use std::{env, ffi::OsString, io, path::PathBuf, process::ExitCode};

use clap::{ArgAction, FromArgMatches as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::{
    failure::{Failure, code},
    output::{Format, Show as _},
    results::{Operation, Problem, SCHEMA},
};

#[derive(Parser)]
#[command(
    name = "thumbprint",
    version,
    about = "Certificates that Azure Batch and Windows Azure Pack know by thumbprint",
    max_term_width = 100
)]
struct Arguments {
    /// How results are printed
    #[arg(short, long, global = true, help_heading = "Output", value_enum, default_value_t = Format::Table)]
    output: Format,
    /// Tell on stderr what is sent and answered; twice: with times, and more of it
    #[arg(short, long, global = true, help_heading = "Output", action = ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Cancels a deletion and deletes, against a sandbox in this process, then shows the refusals
    Demo,
    /// Serves a sandbox of both services until stopped
    Sandbox(sandbox::Arguments),
    /// Certificates of an Azure Batch account
    Batch(batch::Arguments),
    /// Management certificates of a Windows Azure Pack subscription
    Wap(wap::Arguments),
    /// Says what is in a file of certificates, and what add would do with it; nothing is sent
    Inspect(inspect::Arguments),
    /// Prints the schema of what `--output json` prints, a JSON Schema
    Schema,
    /// Prints what a shell needs to complete this command's words
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Writes a man page for each command
    Man {
        /// Where to, made if need be
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
}

impl Command {
    fn operation(&self) -> Operation {
        match self {
            Self::Demo => Operation::Demo,
            Self::Sandbox(_) => Operation::Sandbox,
            Self::Batch(arguments) => arguments.operation(),
            Self::Wap(arguments) => arguments.operation(),
            Self::Inspect(_) => Operation::Inspect,
            Self::Schema => Operation::Schema,
            Self::Completions { .. } => Operation::Completions,
            Self::Man { .. } => Operation::Man,
        }
    }
}

fn main() -> ExitCode {
    let parsed = help::command().try_get_matches();
    let arguments = match parsed.and_then(|parsed| Arguments::from_arg_matches(&parsed)) {
        Ok(arguments) => arguments,
        Err(said) => return explain(&said),
    };
    let (operation, format) = (arguments.command.operation(), arguments.output);
    trace::start(arguments.verbose);
    let outcome = to_its_end(run(arguments)).and_then(|outcome| outcome);
    progress::end();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::report(&failure, Some(operation), format);
            failure.exit_code()
        }
    }
}

/// Runs a future, and nothing beyond its end. What blocks a thread and cannot be stopped is not waited for: a
/// resolver takes longer than any deadline.
fn to_its_end<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::System {
            doing: "starting",
            error,
        })?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(outcome)
}

/// Prints what clap has to say: help on stdout, or on stderr what is wrong with the arguments.
fn explain(said: &clap::Error) -> ExitCode {
    let text = said.to_string();
    let printed = if said.use_stderr() && wants_json(env::args_os().skip(1)) {
        let (text, _) = text.split_once("\n\nUsage").unwrap_or((&text, ""));
        let text = text.strip_prefix("error: ").unwrap_or(text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        output::complain(&Problem::new(None, text, code::USAGE).json())
    } else if terminal::is_plain(&text) {
        said.print()
    } else {
        output::complain(&(terminal::lines(&text).join("\n") + "\n"))
    };
    match printed {
        Err(error) if !said.use_stderr() && error.kind() != io::ErrorKind::BrokenPipe => {
            let doing = "writing the help";
            let failure = Failure::System { doing, error };
            output::report(&failure, None, Format::Table);
            failure.exit_code()
        }
        _ => said
            .exit_code()
            .try_into()
            .map_or(ExitCode::FAILURE, u8::into),
    }
}

/// Whether arguments that clap refuses ask for JSON: it does not say what it has understood of them.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let arguments: Vec<_> = arguments.take_while(|argument| argument != "--").collect();
    let mut arguments = arguments.iter();
    let mut format = None;
    while let Some(argument) = arguments.next() {
        let short = || {
            argument
                .strip_prefix('-')?
                .trim_start_matches('v')
                .strip_prefix('o')
        };
        let Some(value) = argument.strip_prefix("--output").or_else(short) else {
            continue;
        };
        format = match value {
            "" => arguments.next().map(String::as_str),
            value => Some(value.trim_start_matches('=')),
        };
    }
    format == Some("json")
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let format = arguments.output;
    match arguments.command {
        Command::Demo => demo::run(format).await,
        Command::Sandbox(arguments) => sandbox::run(arguments, format).await,
        Command::Batch(arguments) => progress::shown(batch::run(arguments, format)).await,
        Command::Wap(arguments) => progress::shown(wap::run(arguments, format)).await,
        Command::Inspect(arguments) => inspect::run(&arguments, format),
        Command::Schema => output::print(SCHEMA),
        Command::Completions { shell } => help::completions(shell),
        Command::Man { directory } => help::man(&directory),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    };

    use test_support::OrFail as _;

    use super::{Format, help, to_its_end, wants_json};

    #[test]
    fn json_is_understood_as_clap_does_where_clap_refuses() {
        for arguments in [
            "--output json",
            "--output=json",
            "-o json",
            "-ojson",
            "-o=json",
            "-vo json",
            "-vvojson demo",
            "demo -o json",
            "-o table",
            "-otable",
            "-v",
            "",
        ] {
            let words: Vec<_> = arguments.split_whitespace().collect();
            let taken = words.contains(&"demo").then_some(words.clone());
            let taken = taken.unwrap_or_else(|| [&words[..], &["demo"]].concat());
            let taken =
                help::command().try_get_matches_from([&["thumbprint"], &taken[..]].concat());
            let clap: Format = *taken.or_fail().get_one("output").or_fail();
            let ours = wants_json(words.into_iter().map(Into::into));
            assert_eq!(ours, clap == Format::Json, "{arguments}");
        }
        let after = ["--", "-ojson"].map(Into::into);
        assert!(!wants_json(after.into_iter()));
    }

    /// The thread stands for a name that is being looked up: it goes on until the test ends it.
    #[test]
    fn a_thread_that_blocks_is_not_waited_for() {
        let (release, released) = mpsc::channel::<()>();
        let ended = Arc::new(AtomicBool::new(false));
        let of_thread = Arc::clone(&ended);
        let work = async move {
            let (start, started) = tokio::sync::oneshot::channel();
            tokio::task::spawn_blocking(move || {
                start.send(()).ok();
                // Without an end the test would not fail but hang.
                released
                    .recv_timeout(std::time::Duration::from_secs(10))
                    .ok();
                of_thread.store(true, Ordering::SeqCst);
            });
            started.await.is_ok()
        };
        assert!(matches!(to_its_end(work), Ok(true)));
        assert!(!ended.load(Ordering::SeqCst));
        drop(release);
    }

    #[test]
    fn help_shows_no_value_of_the_environment() {
        fn check(command: &clap::Command) -> usize {
            let arguments = command
                .get_arguments()
                .filter(|argument| argument.get_env().is_some());
            let mut found = 0;
            for argument in arguments {
                assert!(argument.is_hide_env_values_set(), "{}", argument.get_id());
                found += 1;
            }
            found + command.get_subcommands().map(check).sum::<usize>()
        }
        assert!(check(&help::command()) > 0);
    }
}
