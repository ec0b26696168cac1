//! `thumbprint batch`.

use clap::{Args, Subcommand};
use thumbprint::batch::{self, DeleteCertificateError};

use crate::{failure::Failure, output::Format};

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

/// Adds what the headers of an answer say. Each operation has its own type for them.
macro_rules! with_headers {
    ($record:expr, $answer:expr) => {{
        let headers = $answer.headers();
        let id = headers.client_request_id().map(|id| id.to_string());
        let modified = headers.last_modified();
        let modified = modified.map(|date| $crate::output::time(date.to_utc()));
        $record
            .with("request_id", $crate::output::name($answer.request_id()))
            .with("client_request_id", id)
            .with("etag", $crate::output::name(headers.e_tag()))
            .with("last_modified", modified)
    }};
}
use with_headers;

/// The reason of a failed deletion, for JSON.
fn delete_error(error: &DeleteCertificateError) -> serde_json::Value {
    let values = uses(error);
    let values = values.map(|(name, value)| serde_json::json!({ "name": name, "value": value }));
    serde_json::json!({
        "code": error.code,
        "message": error.message,
        "values": values.collect::<Vec<_>>(),
    })
}

/// The reason of a failed deletion, on one line.
fn why(error: &DeleteCertificateError) -> String {
    let mut text = code(error).to_owned();
    if let Some(message) = &error.message {
        text = format!("{text}: {}", message.lines().next().unwrap_or_default());
    }
    uses(error).fold(text, |text, (name, value)| {
        format!("{text} ({name}: {value})")
    })
}

fn code(error: &DeleteCertificateError) -> &str {
    error.code.as_deref().unwrap_or("no reason given")
}

/// What uses the certificate, as pairs of name and value.
fn uses(error: &DeleteCertificateError) -> impl Iterator<Item = (&str, &str)> {
    let pairs = error.values.iter().flatten();
    pairs.map(|pair| {
        let (name, value) = (pair.name.as_deref(), pair.value.as_deref());
        (name.unwrap_or_default(), value.unwrap_or_default())
    })
}
