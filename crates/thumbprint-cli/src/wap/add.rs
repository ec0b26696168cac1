//! `thumbprint wap add`.

use std::path::PathBuf;

use clap::Args;
use thumbprint::{Thumbprint, wap::NewCertificate};

use super::tenant::{Naming, Tenant, with_options};
use crate::{
    failure::Failure,
    input, interrupt,
    output::{self, Format},
    results::{Change, Operation, Outcome, Response},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The certificate in DER form or as PEM, without its key; - for stdin
    file: PathBuf,
    /// Refuse the file unless its certificate has this thumbprint
    #[arg(long, value_name = "THUMBPRINT")]
    expect_thumbprint: Option<Thumbprint>,
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
    let certificate = NewCertificate::new(&input::read("FILE", &arguments.file)?)?;
    let thumbprint = certificate.thumbprint().clone();
    if let Some(expected) = &arguments.expect_thumbprint
        && *expected != thumbprint
    {
        let problem = format!("the file is a certificate with the thumbprint {thumbprint}");
        let remedy = "check whether it is the right file";
        return Err(Failure::usage("--expect-thumbprint", problem, remedy));
    }
    let call = client
        .add(certificate)
        .retry_ambiguous(arguments.retry_ambiguous);
    let call = with_options!(call, arguments.naming);
    interrupt::change(call.into_future(), |answer| {
        let added = Change {
            inferred: answer.is_inferred(),
            response: Response {
                status: Some(answer.status().as_u16()),
                ..Response::default()
            },
            ..Change::new(Operation::WapAdd, &thumbprint, Outcome::Added)
        };
        output::print_done(&added, format)
    })
    .await
}
