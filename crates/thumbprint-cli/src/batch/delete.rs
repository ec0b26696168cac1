//! `thumbprint batch delete`.

use std::time::Duration;

use clap::Args;
use futures_util::StreamExt as _;
use thumbprint::{
    Thumbprint,
    batch::{CertificateState, Client, DeleteOutcome, DeletionOutcome, code},
};

use super::{
    account::{self, Account, Naming, with_options},
    foresee,
};
use crate::{
    failure::{self, Failure},
    interrupt,
    output::{self, Format},
    results::{Change, Operation, Outcome, response},
    selection::{self, Concurrency, Named},
    tally::{Ended, Tally, Verdict},
};

const OPERATION: Operation = Operation::BatchDelete;

#[derive(Args)]
pub(crate) struct Arguments {
    #[arg(required = true, value_name = "THUMBPRINT", help = selection::HELP)]
    thumbprints: Vec<Named>,
    /// Wait until each certificate is gone or its deletion has failed
    #[arg(long)]
    wait: bool,
    /// Longest time to wait for a certificate
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "wait", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait_seconds: u64,
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

impl Arguments {
    fn limit(&self) -> Option<Duration> {
        self.wait.then(|| Duration::from_secs(self.wait_seconds))
    }
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let thumbprints = selection::read(&arguments.thumbprints)?;
    let (account, naming) = (&arguments.account, &arguments.naming);
    if thumbprints.len() != 1 {
        let remedy = "leave it out, or name one certificate";
        account::refuse_for_several(account, naming, remedy)?;
    }
    let (client, concurrency) = (account.client()?, arguments.concurrency.get());
    let tally = Tally::new(OPERATION, format);
    if arguments.dry_run {
        let look = foresee::Look {
            client: &client,
            account,
            naming,
        };
        return look
            .at(OPERATION, thumbprints, concurrency, tally, foreseen)
            .await;
    }
    if let [thumbprint] = &*thumbprints {
        return one(&arguments, &client, thumbprint, format).await;
    }
    let calls = |thumbprints| {
        let outcomes = client.delete_all(thumbprints, concurrency, arguments.limit());
        outcomes.map(|one| ended(OPERATION, &one.thumbprint, &one.outcome))
    };
    tally.run(thumbprints, calls).await
}

/// A deletion that failed can be asked for again.
fn foreseen(state: Option<&CertificateState>) -> (Outcome, Verdict) {
    match state {
        Some(CertificateState::Deleting) => (Outcome::BeingDeleted, Verdict::Done),
        _ => (Outcome::WouldDelete, Verdict::Done),
    }
}

/// One certificate: its request can have a timeout and a name, and its answer's headers are shown.
async fn one(
    arguments: &Arguments,
    client: &Client,
    thumbprint: &Thumbprint,
    format: Format,
) -> Result<(), Failure> {
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
        let ended = ended.map_or_else(DeleteOutcome::Unfinished, DeleteOutcome::Ended);
        Ok((answer, ended))
    };
    interrupt::change(call, |(answer, outcome)| {
        let Ended {
            mut change,
            verdict,
        } = ended(OPERATION, thumbprint, &outcome);
        if let Some(answer) = &answer {
            change.inferred = answer.is_inferred();
            change.response = response!(answer);
        }
        let printed = output::print_done(&change, format);
        if verdict == Verdict::Done {
            return printed;
        }
        let mut tally = Tally::new(OPERATION, format);
        tally.add(change.outcome, verdict);
        if let Err(failure) = printed {
            tally.trouble(failure);
        }
        tally.finish()
    })
    .await
}

/// A certificate that was never there counts as a failure: its thumbprint is probably misspelled.
fn judge(outcome: &DeleteOutcome) -> (Outcome, Verdict) {
    match outcome {
        DeleteOutcome::Accepted => (Outcome::Accepted, Verdict::Done),
        DeleteOutcome::BeingDeleted => (Outcome::BeingDeleted, Verdict::Done),
        DeleteOutcome::Ended(DeletionOutcome::Deleted) => (Outcome::Gone, Verdict::Done),
        DeleteOutcome::NotFound => (Outcome::NotFound, Verdict::Failed),
        DeleteOutcome::Ended(DeletionOutcome::DeleteFailed(_)) => {
            (Outcome::DeleteFailed, Verdict::Failed)
        }
        DeleteOutcome::Ended(DeletionOutcome::NotDeleting(_)) => {
            (Outcome::NotDeleting, Verdict::Failed)
        }
        DeleteOutcome::Refused(_) => (Outcome::Refused, Verdict::Failed),
        DeleteOutcome::Unfinished(_) => (Outcome::StillDeleting, Verdict::Unfinished),
        _ => (Outcome::Unknown, Verdict::Unknown),
    }
}

pub(super) fn ended(
    operation: Operation,
    thumbprint: &Thumbprint,
    outcome: &DeleteOutcome,
) -> Ended {
    let (word, verdict) = judge(outcome);
    let mut change = Change::new(operation, thumbprint, word);
    match outcome {
        DeleteOutcome::Ended(
            DeletionOutcome::DeleteFailed(certificate) | DeletionOutcome::NotDeleting(certificate),
        ) => {
            change.state = certificate.state.as_ref().map(ToString::to_string);
            change.why = Some(match &change.state {
                Some(state) => format!("its state is {state}"),
                None => "the service did not say its state".to_owned(),
            });
            if let Some(error) = &certificate.delete_certificate_error {
                change = change.with_delete_error(error.into());
            }
        }
        DeleteOutcome::Refused(error)
        | DeleteOutcome::Unfinished(error)
        | DeleteOutcome::Unknown(error) => {
            change = change.with_error(failure::problem(Some(operation), error));
        }
        _ => {}
    }
    Ended { change, verdict }
}
