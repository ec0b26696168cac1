//! `thumbprint batch delete`.

use std::{collections::HashSet, pin::pin, time::Duration};

use clap::Args;
use futures_util::StreamExt as _;
use thumbprint::{
    Error, Thumbprint,
    batch::{DeletedOne, Settled, code},
};

use super::account::{self, Account, Naming, with_options};
use crate::{
    failure::{self, Failure},
    output::{Format, Record, Rows},
    tally::{Tally, Verdict},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The certificates' thumbprints, 40 hexadecimal digits each
    #[arg(required = true, value_name = "THUMBPRINT")]
    thumbprints: Vec<Thumbprint>,
    /// Wait until each certificate is gone or its deletion has failed
    #[arg(long)]
    wait: bool,
    /// Longest time to wait for a certificate
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "wait", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait_seconds: u64,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    naming: Naming,
}

impl Arguments {
    fn limit(&self) -> Option<Duration> {
        self.wait.then(|| Duration::from_secs(self.wait_seconds))
    }
}

pub(crate) async fn run(mut arguments: Arguments, format: Format) -> Result<(), Failure> {
    // A certificate that is named twice would be reported as being deleted by somebody else.
    let mut seen = HashSet::new();
    arguments
        .thumbprints
        .retain(|thumbprint| seen.insert(thumbprint.clone()));
    match arguments.thumbprints.as_slice() {
        [thumbprint] => one(&arguments, thumbprint, format).await,
        _ => several(&arguments, format).await,
    }
}

/// One certificate: its request can have a timeout and a name, and its answer's headers are shown.
async fn one(
    arguments: &Arguments,
    thumbprint: &Thumbprint,
    format: Format,
) -> Result<(), Failure> {
    let client = arguments.account.client()?;
    let call = client.delete(thumbprint);
    let answer = with_options!(call, arguments.account, arguments.naming).await;
    let accepted = match &answer {
        Ok(_) => DeletedOne::Accepted,
        Err(error) if error.code() == Some(code::CERTIFICATE_BEING_DELETED) => {
            DeletedOne::BeingDeleted
        }
        Err(error) => return Err(error.clone().into()),
    };
    let came_to = match (arguments.limit(), accepted) {
        (Some(limit), DeletedOne::Accepted | DeletedOne::BeingDeleted) => {
            settled(client.wait_until_settled(thumbprint, limit).await)?
        }
        (_, accepted) => accepted,
    };
    let (word, verdict) = judge(&came_to);
    let mut record = record(thumbprint, word, &came_to);
    if let Ok(answer) = &answer {
        record = record
            .with("status", answer.status().as_u16())
            .with_inferred(answer.is_inferred());
        record = super::with_headers(record, answer);
    }
    let printed = record.print(format);
    if verdict == Verdict::Done {
        return printed;
    }
    let mut tally = Tally::default();
    tally.add(word, verdict);
    if let Err(failure) = printed {
        tally.trouble(failure);
    }
    tally.finish()
}

fn settled(outcome: Result<Settled, Error>) -> Result<DeletedOne, Failure> {
    Ok(match outcome {
        Ok(Settled::Deleted) => DeletedOne::Deleted,
        Ok(Settled::DeleteFailed(certificate)) => DeletedOne::Failed(certificate),
        Ok(Settled::NotDeleting(certificate)) => DeletedOne::NotDeleting(certificate),
        Ok(other) => {
            return Err(Failure::Unexpected(format!(
                "the deletion came to {other:?}"
            )));
        }
        Err(error) => DeletedOne::Unknown(error),
    })
}

async fn several(arguments: &Arguments, format: Format) -> Result<(), Failure> {
    let remedy = "leave it out, or name one certificate";
    account::refuse_for_several(&arguments.account, &arguments.naming, remedy)?;
    let client = arguments.account.client()?;
    let mut calls = client.delete_all(arguments.thumbprints.iter().cloned());
    if let Some(limit) = arguments.limit() {
        calls = calls.and_wait(limit);
    }
    let mut outcomes = pin!(calls.outcomes());
    let mut rows = Rows::new(format, [("thumbprint", 40), ("outcome", 13), ("why", 0)]);
    let mut tally = Tally::default();
    // A reader who is gone does not stop the deletions: they were asked for.
    while let Some(outcome) = outcomes.next().await {
        let (word, verdict) = judge(&outcome.came_to);
        tally.add(word, verdict);
        let record = record(&outcome.thumbprint, word, &outcome.came_to);
        if let Err(failure) = rows.print(&record) {
            tally.trouble(failure);
        }
    }
    tally.finish()
}

/// A certificate that was never there counts as a failure: its thumbprint is probably misspelled.
fn judge(came_to: &DeletedOne) -> (&'static str, Verdict) {
    match came_to {
        DeletedOne::Accepted => ("accepted", Verdict::Done),
        DeletedOne::BeingDeleted => ("being deleted", Verdict::Done),
        DeletedOne::Deleted => ("gone", Verdict::Done),
        DeletedOne::NotFound => ("not found", Verdict::Failed),
        DeletedOne::Failed(_) => ("delete failed", Verdict::Failed),
        DeletedOne::NotDeleting(_) => ("not deleting", Verdict::Failed),
        DeletedOne::Refused(_) => ("refused", Verdict::Failed),
        _ => ("unknown", Verdict::Unknown),
    }
}

fn record(thumbprint: &Thumbprint, word: &'static str, came_to: &DeletedOne) -> Record {
    let delete_error = match came_to {
        DeletedOne::Failed(certificate) => certificate.delete_error.as_ref(),
        _ => None,
    };
    let why = match came_to {
        DeletedOne::Failed(_) => delete_error.map(ToString::to_string),
        DeletedOne::NotDeleting(certificate) => Some(match &certificate.state {
            Some(state) => format!("its state is {state}"),
            None => "the service did not say its state".to_owned(),
        }),
        DeletedOne::Refused(error) | DeletedOne::Unknown(error) => Some(failure::reason(error)),
        _ => None,
    };
    Record::new("batch delete")
        .with("thumbprint", thumbprint.as_str())
        .with("outcome", word)
        .with("why", why)
        .with_detail("delete_error", delete_error.map(super::delete_error))
}
