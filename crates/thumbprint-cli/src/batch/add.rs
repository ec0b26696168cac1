//! `thumbprint batch add`.

use clap::Args;
use thumbprint::{batch::NewCertificate, files::Contents};

use super::account::{Account, Naming, with_options};
use crate::{
    failure::Failure,
    input::Source,
    interrupt,
    output::{self, Format, Show as _},
    results::{Change, Operation, Outcome, Response, response},
};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// Only say what would be sent: nothing is
    #[arg(long)]
    dry_run: bool,
    /// Send it again while it is unknown whether it was done, and compare what the account has then
    #[arg(long)]
    retry_ambiguous: bool,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.account.client()?;
    let given = arguments.source.read()?;
    let certificate = given.make(NewCertificate::from_contents)?;
    let thumbprint = certificate.thumbprint().clone();
    let change = |outcome| Change {
        format: Some(format_of(&given.contents).to_owned()),
        contents: given.described(),
        ..Change::new(Operation::BatchAdd, &thumbprint, outcome)
    };
    output::warn(&given.described().warnings);
    if arguments.dry_run {
        return change(Outcome::WouldAdd).print(format);
    }
    let call = client
        .add(certificate)
        .retry_ambiguous(arguments.retry_ambiguous);
    let call = with_options!(call, arguments.account, arguments.naming);
    interrupt::change(call.into_future(), |answer| {
        let added = Change {
            inferred: answer.is_inferred(),
            response: Response {
                data_service_id: output::link(answer.headers().data_service_id()),
                ..response!(answer)
            },
            ..change(Outcome::Added)
        };
        output::print_done(&added, format)
    })
    .await
}

/// The service's word for the form in which a file is sent.
pub(crate) fn format_of(contents: &Contents) -> &'static str {
    if contents.pfx.is_some() { "pfx" } else { "cer" }
}
