//! `thumbprint batch`.

use clap::{Args, Subcommand};
use thumbprint::batch;

use crate::{
    failure::Failure,
    output::{self, Format, Record},
};

mod account;
mod add;
mod cancel_deletion;
mod delete;
mod get;
mod list;

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
    /// Shows a certificate, and after a failed deletion the reason
    Get(get::Arguments),
    /// Adds a certificate (PEM or DER), or a PFX with its key
    Add(add::Arguments),
    /// Deletes certificates
    Delete(delete::Arguments),
    /// Sets a certificate whose deletion failed back to active
    CancelDeletion(cancel_deletion::Arguments),
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    match arguments.operation {
        Operation::List(arguments) => list::run(arguments, format).await,
        Operation::Get(arguments) => get::run(arguments, format).await,
        Operation::Add(arguments) => add::run(arguments, format).await,
        Operation::Delete(arguments) => delete::run(arguments, format).await,
        Operation::CancelDeletion(arguments) => cancel_deletion::run(arguments, format).await,
    }
}

/// The word for a state.
fn state(state: Option<&batch::CertificateState>) -> Option<&str> {
    state.map(batch::CertificateState::as_str)
}

/// Adds what the headers of an answer say.
fn with_headers<T>(record: Record, answer: &batch::Answer<T>) -> Record {
    record
        .with("request_id", answer.request_id().map(|id| id.to_string()))
        .with(
            "client_request_id",
            answer.client_request_id().map(|id| id.to_string()),
        )
        .with("etag", answer.etag())
        .with("last_modified", answer.last_modified().map(output::time))
}

/// The reason of a failed deletion, for JSON.
fn delete_error(error: &batch::DeleteError) -> serde_json::Value {
    let values = error.values.iter();
    let values = values.map(|(name, value)| serde_json::json!({ "name": name, "value": value }));
    serde_json::json!({
        "code": error.code,
        "message": error.message,
        "values": values.collect::<Vec<_>>(),
    })
}
