//! `thumbprint batch cancel-deletion`.

use std::{collections::HashSet, pin::pin};

use clap::{ArgGroup, Args};
use futures_util::{
    TryStreamExt as _,
    stream::{self, StreamExt as _},
};
use thumbprint::{
    Answer, Error, Thumbprint,
    batch::{CertificateState, Client, code, filter, raw::headers},
};

use super::account::{self, Account, Naming, with_options};
use crate::{
    failure::{self, Failure},
    interrupt,
    output::{self, Format},
    results::{Change, Operation, Outcome, Response, response},
    tally::{Ended, Tally, Verdict},
};

const OPERATION: Operation = Operation::BatchCancelDeletion;

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
    /// How many certificates of the account are taken at most: ten pages of its list, and more than an
    /// account has unless something else answers for it
    #[arg(long, value_name = "N", default_value_t = 10_000, conflicts_with = "thumbprint", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max: u32,
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
    let call = with_options!(call, arguments.account, arguments.naming);
    interrupt::change(call.into_future(), |answer| {
        output::print_done(&canceled(thumbprint, &answer), format)
    })
    .await
}

/// What there is to say of a cancellation.
pub(crate) fn canceled(
    thumbprint: &Thumbprint,
    answer: &Answer<(), headers::CertificateCancelDeletion>,
) -> Change {
    Change {
        state: Some(CertificateState::Active.to_string()),
        inferred: answer.is_inferred(),
        response: Response {
            data_service_id: output::name(answer.headers().data_service_id()),
            ..response!(answer)
        },
        ..Change::new(OPERATION, thumbprint, Outcome::Canceled)
    }
}

async fn all_failed(arguments: &Arguments, format: Format) -> Result<(), Failure> {
    let remedy = "leave it out with --all-failed";
    account::refuse_for_several(&arguments.account, &arguments.naming, remedy)?;
    let client = arguments.account.client()?;
    let mut tally = Tally::new(OPERATION, format);
    let failed = failed(&client, arguments.max, &mut tally).await;
    let calls = |thumbprints| {
        let client = &client;
        let calls = stream::iter(thumbprints).map(move |thumbprint: Thumbprint| async move {
            let outcome = client.cancel_deletion(&thumbprint).await.err();
            ended(&thumbprint, outcome)
        });
        calls.buffer_unordered(arguments.concurrency.into())
    };
    tally.run(failed, calls).await
}

/// The certificates whose deletion failed, as far as the list goes and the bound lets. They are all known before
/// the first of them is changed, so that a Ctrl-C can say how many are left.
async fn failed(client: &Client, max: u32, tally: &mut Tally) -> Vec<Thumbprint> {
    let failed = filter::state().eq(CertificateState::DeleteFailed);
    let list = client.list().filter(failed).select(["thumbprint", "state"]);
    let mut certificates = pin!(list.items());
    let (mut found, mut seen, mut left) = (Vec::new(), HashSet::new(), max);
    loop {
        match certificates.try_next().await {
            Ok(Some(_)) if left == 0 => {
                let summary = format!(
                    "there are more than {max} failed deletions, and only so many were taken: run it again for the \
                     rest, or set --max"
                );
                let code = failure::code::FAILED;
                tally.trouble(Failure::Several { summary, code });
                return found;
            }
            Ok(Some(certificate)) => {
                left -= 1;
                let thumbprint = certificate.thumbprint.and_then(|text| text.parse().ok());
                found.extend(
                    thumbprint.filter(|thumbprint: &Thumbprint| seen.insert(thumbprint.clone())),
                );
            }
            Ok(None) => return found,
            Err(error) => {
                tally.trouble(Failure::Read(error));
                return found;
            }
        }
    }
}

/// Done is what is active at the end, by this call or another.
fn ended(thumbprint: &Thumbprint, error: Option<Error>) -> Ended {
    let (outcome, verdict) = match &error {
        None => (Outcome::Canceled, Verdict::Done),
        Some(error) => match error.code() {
            Some(code::CERTIFICATE_STATE_ACTIVE) => (Outcome::AlreadyActive, Verdict::Done),
            Some(code::CERTIFICATE_BEING_DELETED) => (Outcome::BeingDeleted, Verdict::Failed),
            _ if error.is_not_found() => (Outcome::Gone, Verdict::Failed),
            _ if error.is_outcome_unknown() => (Outcome::Unknown, Verdict::Unknown),
            _ => (Outcome::Refused, Verdict::Failed),
        },
    };
    let mut change = Change::new(OPERATION, thumbprint, outcome);
    if let Some(error) = error.filter(|_| verdict != Verdict::Done) {
        change = change.with_error(failure::problem(Some(OPERATION), &error));
    }
    Ended { change, verdict }
}
