//! `thumbprint batch rescue`.

use std::{collections::HashMap, future, pin::pin, time::Duration};

use clap::Args;
use futures_util::stream::{self, StreamExt as _};
use thumbprint::{
    Thumbprint,
    batch::{Certificate, CertificateState},
};

use super::{
    account::{self, Account, Naming},
    cancel_deletion, delete, failed,
    foresee::{self, Look},
};
use crate::{
    confirm::{self, Consent},
    failure::Failure,
    output::Format,
    results::{Contents, DeleteError, Operation, Outcome},
    selection::{self, Concurrency, Named},
    tally::{Ended, Tally, Verdict},
};

const OPERATION: Operation = Operation::BatchRescue;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Only these of the certificates whose deletion failed, 40 hexadecimal digits each; - reads them from stdin
    #[arg(value_name = "THUMBPRINT")]
    thumbprints: Vec<Named>,
    /// Cancel their deletion, which sets them back to active
    #[arg(long, conflicts_with = "retry")]
    cancel: bool,
    /// Delete them again, and wait until each is gone or its deletion has failed again
    #[arg(long)]
    retry: bool,
    /// Longest time to wait for a certificate that is deleted again
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait_seconds: u64,
    /// How many certificates of the account are taken at most
    #[arg(long, value_name = "N", default_value_t = 10_000, conflicts_with = "thumbprints", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max: u32,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    account: Account,
}

/// What to do about a failed deletion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Cancel,
    Retry,
}

/// A certificate whose deletion failed.
type Failed = (Thumbprint, Certificate);

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let action = arguments.action();
    if action.is_none() && arguments.consent.is_given() {
        let problem = "it does not say what to do";
        return Err(Failure::usage("--yes", problem, "add --cancel or --retry"));
    }
    let remedy = "leave it out: several requests are made";
    let naming = Naming::default();
    account::refuse_for_several(&arguments.account, &naming, remedy)?;
    let named = selection::read(&arguments.thumbprints)?;
    let client = arguments.account.client()?;
    let mut tally = Tally::new(OPERATION, format);
    let (failed, others) = if arguments.thumbprints.is_empty() {
        let (failed, trouble) = failed::of(foresee::list(&client), arguments.max).await;
        if let Some(trouble) = trouble {
            tally.trouble(trouble);
        }
        (failed, Vec::new())
    } else {
        let look = Look {
            client: &client,
            account: &arguments.account,
            naming: &naming,
        };
        read(look, named, arguments.concurrency.get()).await
    };
    if failed.is_empty() || !arguments.consent.is_possible() {
        let would = match action {
            Some(Action::Cancel) => Outcome::WouldCancel,
            Some(Action::Retry) => Outcome::WouldDelete,
            None => Outcome::DeleteFailed,
        };
        let found = failed.iter().map(|(thumbprint, certificate)| {
            foresee::foreseen(OPERATION, thumbprint, certificate, (would, Verdict::Done))
        });
        let shown = tally
            .preview(stream::iter(others.into_iter().chain(found)))
            .await;
        if failed.is_empty() {
            return shown;
        }
        return arguments
            .consent
            .missing(match action {
                Some(_) => "add it",
                None => "add --cancel or --retry, and --yes",
            })
            .and(shown);
    }
    let actions = match action {
        Some(action) if arguments.consent.is_given() => vec![Some(action); failed.len()],
        action => ask(&failed, action)?,
    };
    let chosen = failed.into_iter().zip(actions);
    let chosen = chosen.filter_map(|(failed, action)| Some((failed, action?)));
    let (thumbprints, plan): (Vec<_>, HashMap<_, _>) = chosen
        .map(|((thumbprint, certificate), action)| {
            (thumbprint.clone(), (thumbprint, (action, certificate)))
        })
        .unzip();
    let (client, plan) = (&client, &plan);
    let limit = Some(Duration::from_secs(arguments.wait_seconds));
    let calls = |admitted| {
        let calls = stream::iter(admitted).map(move |thumbprint: Thumbprint| async move {
            let (action, certificate) = plan.get(&thumbprint)?;
            Some(match action {
                Action::Cancel => {
                    let outcome = client.cancel_one(&thumbprint).await;
                    let mut ended = cancel_deletion::ended(OPERATION, &thumbprint, &outcome);
                    // What was wrong is not known any more once it is active.
                    let error = certificate.delete_certificate_error.as_ref();
                    ended.change.delete_error = error.map(DeleteError::from);
                    ended
                }
                Action::Retry => {
                    let outcome = client.delete_one(&thumbprint, limit).await;
                    delete::ended(OPERATION, &thumbprint, &outcome)
                }
            })
        });
        let calls = calls.buffer_unordered(arguments.concurrency.get());
        stream::iter(others).chain(calls.filter_map(future::ready))
    };
    tally.run(thumbprints, calls).await
}

impl Arguments {
    fn action(&self) -> Option<Action> {
        match (self.cancel, self.retry) {
            (true, _) => Some(Action::Cancel),
            (_, true) => Some(Action::Retry),
            _ => None,
        }
    }
}

/// Those of the certificates whose deletion failed, and what there is to say of the others.
async fn read(
    look: Look<'_>,
    thumbprints: Vec<Thumbprint>,
    concurrency: usize,
) -> (Vec<Failed>, Vec<Ended>) {
    let looked = stream::iter(thumbprints).map(|thumbprint| async move {
        let certificate = look.read(&thumbprint).await;
        (thumbprint, certificate)
    });
    let mut looked = pin!(looked.buffered(concurrency));
    let (mut failed, mut others) = (Vec::new(), Vec::new());
    while let Some((thumbprint, certificate)) = looked.next().await {
        match certificate {
            Ok(certificate) if certificate.state == Some(CertificateState::DeleteFailed) => {
                failed.push((thumbprint, certificate));
            }
            Ok(certificate) => {
                let ended = (Outcome::NotFailed, Verdict::Failed);
                others.push(foresee::foreseen(
                    OPERATION,
                    &thumbprint,
                    &certificate,
                    ended,
                ));
            }
            Err(error) => others.push(foresee::unread(OPERATION, &thumbprint, &error)),
        }
    }
    (failed, others)
}

/// What the person at the terminal wants done to each.
fn ask(failed: &[Failed], action: Option<Action>) -> Result<Vec<Option<Action>>, Failure> {
    #[derive(Clone, Copy)]
    enum Choice {
        All(Action),
        Each,
        Nothing,
    }
    let is_one = action.is_none() && failed.len() == 1;
    if !is_one {
        confirm::show(failed.iter().map(line))?;
    }
    let choice = match action {
        Some(action) => Some(Choice::All(action)),
        None if is_one => Some(Choice::Each),
        None => {
            let all = confirm::certificates(failed.len());
            let choices = [
                ("cancel", Choice::All(Action::Cancel)),
                ("retry", Choice::All(Action::Retry)),
                ("each", Choice::Each),
                ("nothing", Choice::Nothing),
            ];
            confirm::choose(format!("{all}: what to do with all of them?"), &choices)?
        }
    };
    let actions = match choice {
        Some(Choice::All(action)) => vec![Some(action); failed.len()],
        Some(Choice::Each) => {
            let choices = [
                ("cancel", Some(Action::Cancel)),
                ("retry", Some(Action::Retry)),
                ("skip", None),
            ];
            let each = failed.iter().map(|one| {
                confirm::show(std::iter::once(line(one)))?;
                let choice = confirm::choose("what to do with this one?", &choices)?;
                choice.ok_or_else(confirm::declined)
            });
            each.collect::<Result<_, _>>()?
        }
        Some(Choice::Nothing) | None => return Err(confirm::declined()),
    };
    let count = |wanted| {
        actions
            .iter()
            .filter(|action| **action == Some(wanted))
            .count()
    };
    let question = match (count(Action::Cancel), count(Action::Retry)) {
        (0, 0) => return Err(confirm::declined()),
        (cancel, 0) => canceling(cancel),
        (0, retry) => deleting(retry),
        (cancel, retry) => format!("{}, and {}", canceling(cancel), deleting(retry)),
    };
    if confirm::agreed(format!("{question}?"))? {
        Ok(actions)
    } else {
        Err(confirm::declined())
    }
}

fn canceling(count: usize) -> String {
    format!("set {} back to active", confirm::certificates(count))
}

fn deleting(count: usize) -> String {
    format!("delete {} again", confirm::certificates(count))
}

/// A certificate as people choose it.
fn line((thumbprint, certificate): &Failed) -> String {
    let error = certificate.delete_certificate_error.as_ref();
    let why = error.map(|error| DeleteError::from(error).line());
    let parts = [
        Some(thumbprint.to_string()),
        Contents::of_batch(certificate).line(),
        why,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}
