//! `thumbprint batch get`.

use clap::Args;
use thumbprint::{Thumbprint, batch};

use super::account::{Account, Naming, with_options};
use crate::{
    failure::Failure,
    output::{self, Format, Record},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The certificate's thumbprint, 40 hexadecimal digits
    thumbprint: Thumbprint,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.account.client()?;
    let call = client.get(&arguments.thumbprint);
    let call = with_options!(call, arguments.account, arguments.naming);
    let answer = call.await.map_err(Failure::Look)?;
    got(&answer).print(format)
}

fn got(answer: &batch::Answer<batch::Certificate>) -> Record {
    let record = Record::new("batch get")
        .with("thumbprint", answer.raw().thumbprint.as_deref())
        .with("state", super::state(answer.state.as_ref()))
        .with("since", answer.state_transition_time.map(output::time))
        .with(
            "previous_state",
            super::state(answer.previous_state.as_ref()),
        )
        .with(
            "previous_since",
            answer.previous_state_transition_time.map(output::time),
        );
    let record = with_delete_error(record, answer.delete_error.as_ref())
        .with("url", answer.url.as_deref())
        .with("status", answer.status().as_u16());
    super::with_headers(record, answer)
        .with_detail("certificate", serde_json::to_value(answer.raw()).ok())
}

/// Adds why a deletion failed: in a table, what uses the certificate stands line by line.
fn with_delete_error(record: Record, error: Option<&batch::DeleteError>) -> Record {
    let values = error.filter(|error| !error.values.is_empty()).map(|error| {
        let lines = error.values.iter();
        let lines = lines.map(|(name, value)| format!("{name}: {value}"));
        lines.collect::<Vec<_>>().join("\n")
    });
    record
        .with_text(
            "delete_error",
            error.map(|error| error.code.as_deref().unwrap_or("no reason given")),
        )
        .with_text("message", error.and_then(|error| error.message.as_deref()))
        .with_text("values", values)
        .with_detail("delete_error", error.map(super::delete_error))
}
