//! `thumbprint demo`: the operations that the project started from, *Cancel Deletion* of Batch and *Delete*
//! of Windows Azure Pack, against a sandbox in this process, then their refusals.

use thumbprint::{Error, Thumbprint, batch, wap};
use thumbprint_sandbox::{Sandbox, samples};

use crate::{
    failure::Failure,
    output::{self, Format, Record},
};

/// The sandbox takes any token.
const TOKEN: &str = "token-of-the-demo";

pub(crate) async fn run(format: Format) -> Result<(), Failure> {
    let sandbox = Sandbox::start().await.map_err(|error| Failure::System {
        doing: "starting the sandbox",
        error,
    })?;
    let endpoint = sandbox.base_url();
    Record::new("sandbox")
        .with("endpoint", endpoint.clone())
        .print(format)?;

    let account = batch::Client::builder(&endpoint, TOKEN)
        .allow_loopback_http()
        .build()?;
    let failed = sample(samples::BATCH_DELETE_FAILED)?;
    let answer = account.cancel_deletion(&failed).await?;
    show(&sandbox, crate::batch::canceled(&failed, &answer), format)?;

    let tenant = wap::Client::builder(
        &endpoint,
        samples::WAP_SUBSCRIPTION,
        "ana@contoso.com",
        TOKEN,
    );
    let tenant = tenant.allow_loopback_http().build()?;
    let stored = sample(samples::WAP_THUMBPRINT)?;
    let answer = tenant.delete(&stored).await?;
    show(&sandbox, crate::wap::deleted(&stored, &answer), format)?;

    let again = refused(
        "batch cancel-deletion, again",
        account.cancel_deletion(&failed).await,
        |error| error.code() == Some(batch::code::CERTIFICATE_STATE_ACTIVE),
    );
    show(&sandbox, again?, format)?;
    let again = refused(
        "wap delete, again",
        tenant.delete(&stored).await,
        Error::is_not_found,
    );
    show(&sandbox, again?, format)?;
    sandbox.stop().await;
    Ok(())
}

fn sample(thumbprint: &str) -> Result<Thumbprint, Failure> {
    thumbprint
        .parse()
        .map_err(|error| Failure::Unexpected(format!("a sample is wrong: {error}")))
}

/// Prints what came of a call, and before it the request as the sandbox received it.
fn show(sandbox: &Sandbox, record: Record, format: Format) -> Result<(), Failure> {
    let request = sandbox.exchanges().pop();
    let request = request.map(|exchange| format!("{} {}", exchange.method, exchange.target));
    record.with_first("request", request).print(format)
}

fn refused<T>(
    title: &'static str,
    outcome: Result<T, Error>,
    expected: impl Fn(&Error) -> bool,
) -> Result<Record, Failure> {
    match outcome {
        Err(error) if expected(&error) => Ok(Record::new(title)
            .with("status", error.status().map(|status| status.as_u16()))
            .with("code", error.code())
            .with("request_id", output::name(error.request_id()))
            .with("refused", error.to_string())),
        Err(error) => Err(error.into()),
        Ok(_) => Err(Failure::Unexpected(format!("{title}: it was not refused"))),
    }
}
