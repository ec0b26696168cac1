//! `thumbprint batch delete`.

use std::{collections::HashSet, time::Duration};

use clap::Args;
use futures_util::StreamExt as _;
use thumbprint::{
    Thumbprint,
    batch::{DeleteOutcome, DeletionOutcome, code},
};

use super::{
    account::{self, Account, Naming, with_options},
    with_headers,
};
use crate::{
    failure::{self, Failure},
    interrupt,
    output::{Format, Record, Rows},
    tally::{Ended, Tally, Verdict},
};

/// The command's name in its results.
const OPERATION: &str = "batch delete";
/// How many certificates are deleted at once.
const CONCURRENCY: usize = 16;

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
    let call = with_options!(call, arguments.account, arguments.naming);
    let call = async {
        let (answer, accepted) = match call.await {
            Ok(answer) => (Some(answer), DeleteOutcome::Accepted),
            Err(error) if error.code() == Some(code::CERTIFICATE_BEING_DELETED) => {
                (None, DeleteOutcome::BeingDeleted)
            }
            Err(error) => return Err(error),
        };
        let Some(limit) = arguments.limit() else {
            return Ok((answer, accepted));
        };
        let ended = client.wait_for_deletion(thumbprint, limit).await;
        let ended = ended.map_or_else(DeleteOutcome::Unknown, DeleteOutcome::Ended);
        Ok((answer, ended))
    };
    interrupt::change(call, |(answer, outcome)| {
        let (word, verdict) = judge(&outcome);
        let mut record = record(thumbprint, word, &outcome);
        if let Some(answer) = &answer {
            record = record
                .with("status", answer.status().as_u16())
                .with_inferred(answer.is_inferred());
            record = with_headers!(record, answer);
        }
        let printed = record.print_done(format);
        if verdict == Verdict::Done {
            return printed;
        }
        let mut tally = Tally::default();
        tally.add(word, verdict);
        if let Err(failure) = printed {
            tally.trouble(failure);
        }
        tally.finish()
    })
    .await
}

async fn several(arguments: &Arguments, format: Format) -> Result<(), Failure> {
    let remedy = "leave it out, or name one certificate";
    account::refuse_for_several(&arguments.account, &arguments.naming, remedy)?;
    let client = arguments.account.client()?;
    let thumbprints = arguments.thumbprints.clone();
    let rows = Rows::new(format, [("thumbprint", 40), ("outcome", 13), ("why", 0)]);
    let calls = |thumbprints| {
        let outcomes = client.delete_all(thumbprints, CONCURRENCY, arguments.limit());
        outcomes.map(|one| {
            let (outcome, verdict) = judge(&one.outcome);
            Ended {
                record: record(&one.thumbprint, outcome, &one.outcome),
                thumbprint: one.thumbprint,
                outcome,
                verdict,
            }
        })
    };
    Tally::default()
        .run(OPERATION, thumbprints, rows, calls)
        .await
}

/// A certificate that was never there counts as a failure: its thumbprint is probably misspelled.
fn judge(outcome: &DeleteOutcome) -> (&'static str, Verdict) {
    match outcome {
        DeleteOutcome::Accepted => ("accepted", Verdict::Done),
        DeleteOutcome::BeingDeleted => ("being deleted", Verdict::Done),
        DeleteOutcome::Ended(DeletionOutcome::Deleted) => ("gone", Verdict::Done),
        DeleteOutcome::NotFound => ("not found", Verdict::Failed),
        DeleteOutcome::Ended(DeletionOutcome::DeleteFailed(_)) => {
            ("delete failed", Verdict::Failed)
        }
        DeleteOutcome::Ended(DeletionOutcome::NotDeleting(_)) => ("not deleting", Verdict::Failed),
        DeleteOutcome::Refused(_) => ("refused", Verdict::Failed),
        _ => ("unknown", Verdict::Unknown),
    }
}

fn record(thumbprint: &Thumbprint, word: &'static str, outcome: &DeleteOutcome) -> Record {
    let delete_error = match outcome {
        DeleteOutcome::Ended(DeletionOutcome::DeleteFailed(certificate)) => {
            certificate.delete_certificate_error.as_ref()
        }
        _ => None,
    };
    let why = match outcome {
        DeleteOutcome::Ended(DeletionOutcome::NotDeleting(certificate)) => {
            Some(match &certificate.state {
                Some(state) => format!("its state is {state}"),
                None => "the service did not say its state".to_owned(),
            })
        }
        DeleteOutcome::Refused(error)
        | DeleteOutcome::Unfinished(error)
        | DeleteOutcome::Unknown(error) => Some(failure::reason(error)),
        _ => delete_error.map(super::why),
    };
    Record::new(OPERATION)
        .with("thumbprint", thumbprint.as_str())
        .with("outcome", word)
        .with("why", why)
        .with_detail("delete_error", delete_error.map(super::delete_error))
}
