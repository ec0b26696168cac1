//! `thumbprint batch cancel-deletion`.

use std::pin::pin;

use clap::{ArgGroup, Args};
use futures_util::StreamExt as _;
use thumbprint::{
    Answer, Thumbprint,
    batch::{CancelOutcome, Outcome, raw::headers},
};

use super::{
    account::{self, Account, Naming, with_options},
    with_headers,
};
use crate::{
    failure::{self, Failure},
    output::{Format, Record, Rows},
    tally::{Tally, Verdict},
};

#[derive(Args)]
#[command(group(ArgGroup::new("which").required(true).args(["thumbprint", "all_failed"])))]
pub(crate) struct Arguments {
    /// The certificate's thumbprint, 40 hexadecimal digits
    thumbprint: Option<Thumbprint>,
    /// Every certificate of the account whose deletion failed
    #[arg(long)]
    all_failed: bool,
    /// How many requests are under way at once
    #[arg(long, value_name = "N", default_value_t = 16, conflicts_with = "thumbprint", value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Send it again while it is unknown whether it was done, and take "active" for done then
    #[arg(long, conflicts_with = "all_failed")]
    retry_ambiguous: bool,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let Some(thumbprint) = &arguments.thumbprint else {
        return all_failed(&arguments, format).await;
    };
    let client = arguments.account.client()?;
    let call = client
        .cancel_deletion(thumbprint)
        .retry_ambiguous(arguments.retry_ambiguous);
    let answer = with_options!(call, arguments.account, arguments.naming).await?;
    canceled(thumbprint, &answer).print(format)
}

/// What there is to say of a cancellation.
pub(crate) fn canceled(
    thumbprint: &Thumbprint,
    answer: &Answer<(), headers::CertificateCancelDeletion>,
) -> Record {
    let record = Record::new("batch cancel-deletion")
        .with("thumbprint", thumbprint.as_str())
        .with("status", answer.status().as_u16())
        .with("state", "active")
        .with_inferred(answer.is_inferred());
    with_headers!(record, answer).with("data_service_id", answer.headers().data_service_id())
}

async fn all_failed(arguments: &Arguments, format: Format) -> Result<(), Failure> {
    let remedy = "leave it out with --all-failed";
    account::refuse_for_several(&arguments.account, &arguments.naming, remedy)?;
    let client = arguments.account.client()?;
    let mut outcomes = pin!(client.cancel_failed_deletions(arguments.concurrency.into()));
    let mut rows = Rows::new(format, [("thumbprint", 40), ("outcome", 14), ("why", 0)]);
    let mut tally = Tally::default();
    // What is under way when the list breaks off, or when stdout is closed, is waited for: it may
    // be carried out, and then it counts.
    while let Some(outcome) = outcomes.next().await {
        let printed = outcome.map_err(Failure::Read).and_then(|outcome| {
            let (word, verdict) = judge(&outcome.outcome);
            tally.add(word, verdict);
            rows.print(&row(&outcome, word))
        });
        if let Err(failure) = printed {
            tally.trouble(failure);
        }
    }
    tally.finish()
}

/// Done is what is active at the end, by this call or another.
fn judge(outcome: &CancelOutcome) -> (&'static str, Verdict) {
    match outcome {
        CancelOutcome::Canceled => ("canceled", Verdict::Done),
        CancelOutcome::AlreadyActive => ("already active", Verdict::Done),
        CancelOutcome::BeingDeleted => ("being deleted", Verdict::Failed),
        CancelOutcome::NotFound => ("gone", Verdict::Failed),
        CancelOutcome::Refused(_) => ("refused", Verdict::Failed),
        _ => ("unknown", Verdict::Unknown),
    }
}

fn row(outcome: &Outcome<CancelOutcome>, word: &'static str) -> Record {
    let error = match &outcome.outcome {
        CancelOutcome::Refused(error) | CancelOutcome::Unknown(error) => Some(error),
        _ => None,
    };
    Record::new("batch cancel-deletion")
        .with("thumbprint", outcome.thumbprint.as_str())
        .with("outcome", word)
        .with("why", error.map(failure::reason))
}
