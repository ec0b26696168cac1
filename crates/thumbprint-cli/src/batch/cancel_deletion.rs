//! `thumbprint batch cancel-deletion`.

use clap::{ArgGroup, Args};
use futures_util::stream::{self, StreamExt as _};
use thumbprint::{
    Answer, Thumbprint,
    batch::{CancelOutcome, CertificateState, Client, raw::headers},
};

use super::{
    account::{self, Account, Naming, with_options},
    failed,
    foresee::{self, Look},
};
use crate::{
    failure::{self, Failure},
    interrupt,
    output::{self, Format},
    results::{Change, Operation, Outcome, Response, response},
    selection::{self, Concurrency, Named},
    tally::{Ended, Tally, Verdict},
};

const OPERATION: Operation = Operation::BatchCancelDeletion;

#[derive(Args)]
#[command(group(ArgGroup::new("which").required(true).args(["thumbprints", "all_failed"])))]
pub(crate) struct Arguments {
    #[arg(value_name = "THUMBPRINT", help = selection::HELP)]
    thumbprints: Vec<Named>,
    /// Every certificate of the account whose deletion failed
    #[arg(long)]
    all_failed: bool,
    /// How many certificates of the account are taken at most: ten pages of its list, and more than an
    /// account has unless something else answers for it
    #[arg(long, value_name = "N", default_value_t = 10_000, conflicts_with = "thumbprints", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max: u32,
    /// Send it again while it is unknown whether it was done, and take "active" for done then: for one certificate
    #[arg(long, conflicts_with = "all_failed")]
    retry_ambiguous: bool,
    /// Only say what would be done: nothing is changed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let (account, naming) = (&arguments.account, &arguments.naming);
    if arguments.all_failed {
        account::refuse_for_several(account, naming, "leave it out with --all-failed")?;
        return all_failed(&arguments, format).await;
    }
    let thumbprints = selection::read(&arguments.thumbprints)?;
    if thumbprints.len() != 1 {
        let remedy = "leave it out, or name one certificate";
        account::refuse_for_several(account, naming, remedy)?;
        if arguments.retry_ambiguous {
            let problem = "it goes with one certificate";
            return Err(Failure::usage("--retry-ambiguous", problem, remedy));
        }
    }
    let client = account.client()?;
    let tally = Tally::new(OPERATION, format);
    if arguments.dry_run {
        let look = Look {
            client: &client,
            account,
            naming,
        };
        let concurrency = arguments.concurrency.get();
        return look
            .at(OPERATION, thumbprints, concurrency, tally, foreseen)
            .await;
    }
    let [thumbprint] = &*thumbprints else {
        return several(&arguments, &client, thumbprints, tally).await;
    };
    let call = client
        .cancel_deletion(thumbprint)
        .retry_ambiguous(arguments.retry_ambiguous);
    let call = with_options!(call, account, naming);
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
            data_service_id: output::link(answer.headers().data_service_id()),
            ..response!(answer)
        },
        ..Change::new(OPERATION, thumbprint, Outcome::Canceled)
    }
}

async fn all_failed(arguments: &Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.account.client()?;
    let mut tally = Tally::new(OPERATION, format);
    let list = if arguments.dry_run {
        foresee::list(&client)
    } else {
        client.list().select(["thumbprint", "state"])
    };
    let (failed, trouble) = failed::of(list, arguments.max).await;
    if let Some(trouble) = trouble {
        tally.trouble(trouble);
    }
    if arguments.dry_run {
        let would = failed.iter().map(|(thumbprint, certificate)| {
            let judged = foreseen(certificate.state.as_ref());
            foresee::foreseen(OPERATION, thumbprint, certificate, judged)
        });
        return tally.preview(stream::iter(would)).await;
    }
    let thumbprints = failed
        .into_iter()
        .map(|(thumbprint, _)| thumbprint)
        .collect();
    several(arguments, &client, thumbprints, tally).await
}

async fn several(
    arguments: &Arguments,
    client: &Client,
    thumbprints: Vec<Thumbprint>,
    tally: Tally,
) -> Result<(), Failure> {
    let calls = |admitted| {
        let calls = stream::iter(admitted).map(move |thumbprint: Thumbprint| async move {
            let outcome = client.cancel_one(&thumbprint).await;
            ended(OPERATION, &thumbprint, &outcome)
        });
        calls.buffer_unordered(arguments.concurrency.get())
    };
    tally.run(thumbprints, calls).await
}

fn foreseen(state: Option<&CertificateState>) -> (Outcome, Verdict) {
    match state {
        Some(CertificateState::DeleteFailed) => (Outcome::WouldCancel, Verdict::Done),
        Some(CertificateState::Active) => (Outcome::AlreadyActive, Verdict::Done),
        Some(CertificateState::Deleting) => (Outcome::BeingDeleted, Verdict::Failed),
        _ => (Outcome::NotFailed, Verdict::Failed),
    }
}

/// Done is what is active at the end, by this call or another.
pub(super) fn ended(
    operation: Operation,
    thumbprint: &Thumbprint,
    outcome: &CancelOutcome,
) -> Ended {
    let (word, verdict) = match outcome {
        CancelOutcome::Canceled => (Outcome::Canceled, Verdict::Done),
        CancelOutcome::AlreadyActive => (Outcome::AlreadyActive, Verdict::Done),
        CancelOutcome::BeingDeleted => (Outcome::BeingDeleted, Verdict::Failed),
        CancelOutcome::NotFound => (Outcome::Gone, Verdict::Failed),
        CancelOutcome::Refused(_) => (Outcome::Refused, Verdict::Failed),
        _ => (Outcome::Unknown, Verdict::Unknown),
    };
    let mut change = Change::new(operation, thumbprint, word);
    if let CancelOutcome::Refused(error) | CancelOutcome::Unknown(error) = outcome {
        change = change.with_error(failure::problem(Some(operation), error));
    }
    Ended { change, verdict }
}
