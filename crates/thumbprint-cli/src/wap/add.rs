//! `thumbprint wap add`.

use clap::Args;
use thumbprint::wap::NewCertificate;

use super::tenant::{Naming, Tenant, with_options};
use crate::{
    failure::Failure,
    input::Source,
    interrupt,
    output::{self, Format, Show as _},
    results::{Change, Operation, Outcome, Response},
};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Only say what would be sent: nothing is
    #[arg(long)]
    dry_run: bool,
    /// Send it again while it is unknown whether it was done, and compare what the subscription has then
    #[arg(long)]
    retry_ambiguous: bool,
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.tenant.client()?;
    let given = arguments.source.read()?;
    let certificate = given.make(NewCertificate::from_contents)?;
    let thumbprint = certificate.thumbprint().clone();
    let mut contents = given.described();
    if !given.contents.keys.is_empty() {
        contents.warnings.push(KEY_STAYS.to_owned());
    }
    output::warn(&contents.warnings);
    let change = |outcome| Change {
        contents,
        ..Change::new(Operation::WapAdd, &thumbprint, outcome)
    };
    if arguments.dry_run {
        return change(Outcome::WouldAdd).print(format);
    }
    let call = client
        .add(certificate)
        .retry_ambiguous(arguments.retry_ambiguous);
    let call = with_options!(call, arguments.naming);
    interrupt::change(call.into_future(), |answer| {
        let added = Change {
            inferred: answer.is_inferred(),
            response: Response::of(&answer),
            ..change(Outcome::Added)
        };
        output::print_done(&added, format)
    })
    .await
}

/// What is said of a file with a private key.
pub(crate) const KEY_STAYS: &str = "the file has a private key, which is not sent";
