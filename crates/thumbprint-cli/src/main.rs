//! The command `thumbprint`: lists, adds, removes and rescues certificates of Azure Batch and Windows
//! Azure Pack, and carries a sandbox of both.
//!
//! Results go to stdout, messages to stderr. Exit code 0: done; 1: refused or failed; 2: wrong usage;
//! 3: it is unknown whether it was done. What only reads never exits with 3: it changes nothing.

mod batch;
mod demo;
mod failure;
mod input;
mod network;
mod output;
mod sandbox;
mod tally;
mod wap;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{failure::Failure, output::Format};

#[derive(Parser)]
#[command(
    name = "thumbprint",
    version,
    about = "Certificates that Azure Batch and Windows Azure Pack know by thumbprint",
    after_help = "Tokens come from the environment: THUMBPRINT_BATCH_TOKEN, THUMBPRINT_WAP_TOKEN.\n\
                  With --account, the account's key does: THUMBPRINT_BATCH_KEY.\n\
                  With --auth-site, the password does: THUMBPRINT_WAP_PASSWORD.\n\
                  Exit code 0: done; 1: refused or failed; 2: wrong usage; 3: outcome unknown."
)]
struct Arguments {
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    output: Format,
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
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = run(arguments).await;
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::message(&failure);
            failure.exit_code()
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let format = arguments.output;
    match arguments.command {
        Command::Demo => demo::run(format).await,
        Command::Sandbox(arguments) => sandbox::run(arguments, format).await,
        Command::Batch(arguments) => batch::run(arguments, format).await,
        Command::Wap(arguments) => wap::run(arguments, format).await,
    }
}
