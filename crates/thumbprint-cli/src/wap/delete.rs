//! `thumbprint wap delete`.

use std::path::PathBuf;

use clap::Args;
use futures_util::stream::{self, StreamExt as _};
use thumbprint::{
    Answer, Error, Thumbprint,
    wap::{Client, SubscriptionCertificate, raw::headers},
};

use super::tenant::{Naming, Tenant, with_options};
use crate::{
    failure::{self, Failure, code},
    interrupt,
    keep::Keep,
    output::{self, Format},
    results::{Change, Contents, Operation, Outcome, Problem, Response},
    selection::{self, Concurrency, Named},
    tally::{Ended, Tally, Verdict},
};

const OPERATION: Operation = Operation::WapDelete;

#[derive(Args)]
pub(crate) struct Arguments {
    #[arg(required = true, value_name = "THUMBPRINT", help = selection::HELP)]
    thumbprints: Vec<Named>,
    /// Write a copy of each into this directory before it is deleted, as `THUMBPRINT.cer` and as
    /// `THUMBPRINT.json`; add takes both
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Only say what would be done: nothing is changed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let thumbprints = selection::read(&arguments.thumbprints)?;
    if thumbprints.len() != 1 {
        arguments
            .naming
            .refuse_for_several("leave it out, or name one certificate")?;
    }
    let (client, naming) = (&arguments.tenant.client()?, &arguments.naming);
    let concurrency = arguments.concurrency.get();
    let tally = Tally::new(OPERATION, format);
    if arguments.dry_run {
        arguments.keep.as_deref().map(Keep::check).transpose()?;
        let looked = stream::iter(thumbprints).map(|thumbprint| async move {
            let stored = with_options!(client.get(&thumbprint), naming).await;
            match stored {
                Ok(stored) => foreseen(OPERATION, &thumbprint, &stored),
                Err(error) => failed(OPERATION, &thumbprint, &error, Outcome::Refused),
            }
        });
        return tally.preview(looked.buffered(concurrency)).await;
    }
    let keep = &arguments.keep.as_deref().map(Keep::open).transpose()?;
    if let [thumbprint] = &*thumbprints {
        return one(client, naming, keep.as_ref(), thumbprint, format).await;
    }
    let calls = |admitted| {
        let calls = stream::iter(admitted).map(move |thumbprint: Thumbprint| async move {
            one_of_several(OPERATION, client, naming, keep.as_ref(), None, &thumbprint).await
        });
        calls.buffer_unordered(concurrency)
    };
    tally.run(thumbprints, calls).await
}

async fn one(
    client: &Client,
    naming: &Naming,
    keep: Option<&Keep>,
    thumbprint: &Thumbprint,
    format: Format,
) -> Result<(), Failure> {
    let mut kept = Vec::new();
    if let Some(keep) = keep {
        let stored = with_options!(client.get(thumbprint), naming).await;
        let stored = stored.map_err(Failure::Read)?;
        kept = keep
            .keep(thumbprint, &stored)
            .map_err(|error| Failure::System {
                doing: "keeping a copy, without which nothing is deleted",
                error,
            })?;
    }
    let call = with_options!(client.delete(thumbprint), naming);
    interrupt::change(call.into_future(), |answer| {
        let change = Change {
            kept,
            ..deleted(thumbprint, &answer)
        };
        output::print_done(&change, format)
    })
    .await
}

/// Deletes one certificate of several, once its copy is on the disk if there is to be one. What the service holds is
/// asked for unless it is known.
pub(super) async fn one_of_several(
    operation: Operation,
    client: &Client,
    naming: &Naming,
    keep: Option<&Keep>,
    known: Option<&SubscriptionCertificate>,
    thumbprint: &Thumbprint,
) -> Ended {
    let mut kept = Vec::new();
    if let Some(keep) = keep {
        let copied = match known {
            Some(stored) => keep.keep(thumbprint, stored),
            None => match with_options!(client.get(thumbprint), naming).await {
                Ok(stored) => keep.keep(thumbprint, &stored),
                Err(error) => return failed(operation, thumbprint, &error, Outcome::NotKept),
            },
        };
        match copied {
            Ok(files) => kept = files,
            Err(error) => {
                let problem = Problem::new(Some(operation), error.to_string(), code::FAILED);
                let change = Change::new(operation, thumbprint, Outcome::NotKept);
                return Ended {
                    change: change.with_error(problem),
                    verdict: Verdict::Failed,
                };
            }
        }
    }
    let mut ended = match with_options!(client.delete(thumbprint), naming).await {
        Ok(answer) => Ended {
            change: Change {
                operation,
                ..deleted(thumbprint, &answer)
            },
            verdict: Verdict::Done,
        },
        Err(error) => failed(operation, thumbprint, &error, Outcome::Refused),
    };
    ended.change.kept = kept;
    ended
}

/// What there is to say of a deletion. The service has just forgotten the certificate; the JSON still has
/// it.
pub(crate) fn deleted(
    thumbprint: &Thumbprint,
    answer: &Answer<Option<SubscriptionCertificate>, headers::ManagementCertificateDelete>,
) -> Change {
    let stored = answer.value().as_ref();
    let contents = stored.map(|stored| Contents::of_wap(stored, Some(thumbprint)));
    let mut contents = contents.unwrap_or_default();
    contents.warn(answer.warnings());
    Change {
        inferred: answer.is_inferred(),
        contents,
        response: Response::of(answer),
        ..Change::new(OPERATION, thumbprint, Outcome::Deleted)
    }
}

/// What is said of a certificate that would be deleted.
pub(super) fn foreseen(
    operation: Operation,
    thumbprint: &Thumbprint,
    stored: &SubscriptionCertificate,
) -> Ended {
    let change = Change::new(operation, thumbprint, Outcome::WouldDelete);
    Ended {
        change: change.with_contents(Contents::of_wap(stored, Some(thumbprint))),
        verdict: Verdict::Done,
    }
}

fn failed(
    operation: Operation,
    thumbprint: &Thumbprint,
    error: &Error,
    otherwise: Outcome,
) -> Ended {
    let (outcome, verdict) = match error {
        error if error.is_not_found() => (Outcome::NotFound, Verdict::Failed),
        error if error.is_outcome_unknown() => (Outcome::Unknown, Verdict::Unknown),
        error if error.is_applied() => (Outcome::Deleted, Verdict::Failed),
        _ => (otherwise, Verdict::Failed),
    };
    let change = Change::new(operation, thumbprint, outcome);
    Ended {
        change: change.with_error(failure::problem(Some(operation), error)),
        verdict,
    }
}
