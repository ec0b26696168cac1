//! Through thumbprint.

use std::pin::pin;

use driver::{Arguments, Outcome, PAGE, THUMBPRINT, TOKEN};
use futures_util::TryStreamExt as _;
use thumbprint::{Thumbprint, Tls, batch};

struct Peer {
    client: batch::Client,
    thumbprint: Thumbprint,
}

fn main() -> Outcome {
    driver::run(connect, call)
}

async fn connect(arguments: &Arguments) -> Outcome<Peer> {
    let mut builder = batch::Client::builder(&*arguments.base, TOKEN).allow_loopback_http();
    if arguments.scenario == "clients-added-roots" {
        let root = std::fs::read(std::env::var("BENCH_ROOT")?)?;
        builder = builder.tls(Tls::with_added_roots([root])?);
    }
    Ok(Peer {
        client: builder.build()?,
        thumbprint: THUMBPRINT.parse()?,
    })
}

async fn call(Peer { client, thumbprint }: &Peer, arguments: &Arguments) -> Outcome {
    match arguments.scenario.as_str() {
        "list" => {
            let page = client.list().await?;
            let count = page.value().value.as_ref().map_or(0, Vec::len);
            (count == PAGE).then_some(()).ok_or("another page")?;
        }
        // In a box, as it would make the future of every scenario as big as its own.
        "bulk" => Box::pin(bulk(client, arguments)).await?,
        "conflict" => match client.cancel_deletion(thumbprint).await {
            Err(error) if error.code() == Some("CertificateStateActive") => {}
            other => Err(format!("{other:?}"))?,
        },
        _ => {
            client.cancel_deletion(thumbprint).await?;
        }
    }
    Ok(())
}

async fn bulk(client: &batch::Client, arguments: &Arguments) -> Outcome {
    let mut canceled = 0;
    let mut outcomes = pin!(client.cancel_failed_deletions(arguments.in_flight));
    while let Some(one) = outcomes.try_next().await? {
        canceled += usize::from(matches!(one.outcome, batch::CancelOutcome::Canceled));
    }
    (canceled == arguments.count)
        .then_some(())
        .ok_or("another count".into())
}
