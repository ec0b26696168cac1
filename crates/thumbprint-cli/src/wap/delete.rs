//! `thumbprint wap delete`.

use clap::Args;
use futures_util::stream::{self, StreamExt as _};
use thumbprint::{
    Answer, Error, Thumbprint,
    wap::{Client, SubscriptionCertificate, raw::headers},
};

use super::tenant::{Naming, Tenant, with_options};
use crate::{
    failure::{self, Failure},
    interrupt,
    output::{self, Format},
    results::{Change, Contents, Operation, Outcome, Response},
    selection::{self, Concurrency, Named},
    tally::{Ended, Tally, Verdict},
};

const OPERATION: Operation = Operation::WapDelete;

#[derive(Args)]
pub(crate) struct Arguments {
    #[arg(required = true, value_name = "THUMBPRINT", help = selection::HELP)]
    thumbprints: Vec<Named>,
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
        let looked = stream::iter(thumbprints).map(|thumbprint| async move {
            let stored = with_options!(client.get(&thumbprint), naming).await;
            match stored {
                Ok(stored) => foreseen(&thumbprint, &stored),
                Err(error) => failed(&thumbprint, &error),
            }
        });
        return tally.preview(looked.buffered(concurrency)).await;
    }
    if let [thumbprint] = &*thumbprints {
        return one(client, naming, thumbprint, format).await;
    }
    let calls = |admitted| {
        let calls = stream::iter(admitted).map(move |thumbprint: Thumbprint| async move {
            one_of_several(client, naming, &thumbprint).await
        });
        calls.buffer_unordered(concurrency)
    };
    tally.run(thumbprints, calls).await
}

async fn one(
    client: &Client,
    naming: &Naming,
    thumbprint: &Thumbprint,
    format: Format,
) -> Result<(), Failure> {
    let call = with_options!(client.delete(thumbprint), naming);
    interrupt::change(call.into_future(), |answer| {
        output::print_done(&deleted(thumbprint, &answer), format)
    })
    .await
}

async fn one_of_several(client: &Client, naming: &Naming, thumbprint: &Thumbprint) -> Ended {
    match with_options!(client.delete(thumbprint), naming).await {
        Ok(answer) => Ended {
            change: deleted(thumbprint, &answer),
            verdict: Verdict::Done,
        },
        Err(error) => failed(thumbprint, &error),
    }
}

/// What there is to say of a deletion. The service has just forgotten the certificate; the JSON still has
/// it.
pub(crate) fn deleted(
    thumbprint: &Thumbprint,
    answer: &Answer<Option<SubscriptionCertificate>, headers::ManagementCertificateDelete>,
) -> Change {
    let stored = answer.value().as_ref();
    let contents = stored.map(|stored| Contents::of_wap(stored, Some(thumbprint)));
    Change {
        inferred: answer.is_inferred(),
        contents: contents.unwrap_or_default(),
        response: Response {
            status: Some(answer.status().as_u16()),
            ..Response::default()
        },
        ..Change::new(OPERATION, thumbprint, Outcome::Deleted)
    }
}

/// What is said of a certificate that would be deleted.
fn foreseen(thumbprint: &Thumbprint, stored: &SubscriptionCertificate) -> Ended {
    let mut change = Change::new(OPERATION, thumbprint, Outcome::WouldDelete);
    change.contents = Contents::of_wap(stored, Some(thumbprint));
    Ended {
        change,
        verdict: Verdict::Done,
    }
}

fn failed(thumbprint: &Thumbprint, error: &Error) -> Ended {
    let (outcome, verdict) = match error {
        error if error.is_not_found() => (Outcome::NotFound, Verdict::Failed),
        error if error.is_outcome_unknown() => (Outcome::Unknown, Verdict::Unknown),
        error if error.is_applied() => (Outcome::Deleted, Verdict::Failed),
        _ => (Outcome::Refused, Verdict::Failed),
    };
    let change = Change::new(OPERATION, thumbprint, outcome);
    Ended {
        change: change.with_error(failure::problem(Some(OPERATION), error)),
        verdict,
    }
}
