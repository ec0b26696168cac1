//! `thumbprint batch get`.

use clap::Args;
use thumbprint::{
    Answer, Thumbprint,
    batch::{Certificate, DeleteCertificateError, raw::headers},
};

use super::{
    account::{Account, Naming, with_options},
    with_headers,
};
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
    let answer = call.await.map_err(Failure::Read)?;
    got(&answer).print(format)
}

fn got(answer: &Answer<Certificate, headers::CertificateGet>) -> Record {
    let record = Record::new("batch get")
        .with("thumbprint", answer.thumbprint.as_deref())
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
    let record = with_delete_error(record, answer.delete_certificate_error.as_ref())
        .with("url", answer.url.as_deref())
        .with("status", answer.status().as_u16());
    with_headers!(record, answer)
        .with_detail("certificate", serde_json::to_value(answer.value()).ok())
}

/// Adds why a deletion failed: in a table, what uses the certificate stands line by line.
fn with_delete_error(record: Record, error: Option<&DeleteCertificateError>) -> Record {
    let values = error.map(|error| {
        let lines = super::uses(error).map(|(name, value)| format!("{name}: {value}"));
        lines.collect::<Vec<_>>().join("\n")
    });
    let values = values.filter(|values| !values.is_empty());
    record
        .with_text("delete_error", error.map(super::code))
        .with_text("message", error.and_then(|error| error.message.as_deref()))
        .with_text("values", values)
        .with_detail("delete_error", error.map(super::delete_error))
}
