//! `thumbprint batch`.

use clap::{Args, Subcommand};

use crate::{failure::Failure, output::Format, results::Operation as Asked};

mod account;
mod add;
mod cancel_deletion;
mod delete;
mod failed;
mod foresee;
mod get;
mod list;
mod rescue;

pub(crate) use add::format_of;
pub(crate) use cancel_deletion::canceled;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Subcommand)]
enum Operation {
    /// Lists the account's certificates
    List(list::Arguments),
    /// Shows certificates, and after a failed deletion the reason
    Get(get::Arguments),
    /// Adds a certificate (PEM or DER), or a PFX with its key
    Add(add::Arguments),
    /// Deletes certificates
    Delete(delete::Arguments),
    /// Sets certificates whose deletion failed back to active
    CancelDeletion(cancel_deletion::Arguments),
    /// Shows the certificates whose deletion failed, and sets them back to active or deletes them again
    Rescue(rescue::Arguments),
}

impl Arguments {
    pub(crate) fn operation(&self) -> Asked {
        match self.operation {
            Operation::List(_) => Asked::BatchList,
            Operation::Get(_) => Asked::BatchGet,
            Operation::Add(_) => Asked::BatchAdd,
            Operation::Delete(_) => Asked::BatchDelete,
            Operation::CancelDeletion(_) => Asked::BatchCancelDeletion,
            Operation::Rescue(_) => Asked::BatchRescue,
        }
    }
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    match arguments.operation {
        Operation::List(arguments) => list::run(arguments, format).await,
        Operation::Get(arguments) => get::run(arguments, format).await,
        Operation::Add(arguments) => add::run(arguments, format).await,
        Operation::Delete(arguments) => delete::run(arguments, format).await,
        Operation::CancelDeletion(arguments) => cancel_deletion::run(arguments, format).await,
        Operation::Rescue(arguments) => rescue::run(arguments, format).await,
    }
}
