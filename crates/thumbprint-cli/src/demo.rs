//! `thumbprint demo`: the operations that the project started from, *Cancel Deletion* of Batch and *Delete*
//! of Windows Azure Pack, against a sandbox in this process, then their refusals.

use thumbprint::{Error, Thumbprint, batch, wap};
use thumbprint_sandbox::{Sandbox, samples};

use crate::{
    failure::{self, Failure},
    output::{Format, Show},
    results::{Demonstrated, Listening, Operation, Problem},
};

/// The sandbox takes any token.
const TOKEN: &str = "token-of-the-demo";

pub(crate) async fn run(format: Format) -> Result<(), Failure> {
    let sandbox = Sandbox::builder()
        .strict(true)
        .start()
        .await
        .map_err(|error| Failure::System {
            doing: "starting the sandbox",
            error,
        })?;
    let endpoint = sandbox.base_url();
    let listening = Listening {
        operation: Operation::Demo,
        listening_on: endpoint.clone(),
        administration: None,
        certificate_pin: None,
    };
    listening.print(format)?;

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
        Operation::BatchCancelDeletion,
        account.cancel_deletion(&failed).await,
        |error| error.code() == Some(batch::code::CERTIFICATE_STATE_ACTIVE),
    );
    show(&sandbox, again?, format)?;
    let again = refused(
        Operation::WapDelete,
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
fn show(sandbox: &Sandbox, result: impl Show, format: Format) -> Result<(), Failure> {
    let request = sandbox.exchanges().pop();
    let request = request.map(|exchange| format!("{} {}", exchange.method, exchange.target));
    Demonstrated { request, result }.print(format)
}

fn refused<T>(
    operation: Operation,
    outcome: Result<T, Error>,
    expected: impl Fn(&Error) -> bool,
) -> Result<Problem, Failure> {
    match outcome {
        Err(error) if expected(&error) => Ok(failure::problem(Some(operation), &error)),
        Err(error) => Err(error.into()),
        Ok(_) => Err(Failure::Unexpected(format!(
            "{operation}, again: it was not refused"
        ))),
    }
}
