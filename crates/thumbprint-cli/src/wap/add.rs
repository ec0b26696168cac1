//! `thumbprint wap add`.

use std::path::PathBuf;

use clap::Args;
use thumbprint::{Thumbprint, wap::NewCertificate};

use super::tenant::{Naming, Tenant, with_options};
use crate::{
    failure::Failure,
    input,
    output::{Format, Record},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The certificate in DER form or as PEM, without its key; - for stdin
    file: PathBuf,
    /// Refuse the file unless its certificate has this thumbprint
    #[arg(long, value_name = "THUMBPRINT")]
    expect_thumbprint: Option<Thumbprint>,
    /// Send it again while nobody knows whether it was done, and look whether the subscription has it then
    #[arg(long)]
    retry_ambiguous: bool,
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.tenant.client()?;
    let mut certificate = NewCertificate::new(&input::read("FILE", &arguments.file)?)?;
    if let Some(thumbprint) = &arguments.expect_thumbprint {
        certificate = certificate.expect(thumbprint)?;
    }
    let call = client
        .add(certificate)
        .retry_ambiguous(arguments.retry_ambiguous);
    let answer = with_options!(call, arguments.naming).await?;
    Record::new("wap add")
        .with("thumbprint", answer.thumbprint.as_str())
        .with("status", answer.status.as_u16())
        .with("state", "added")
        .with_inferred(answer.inferred)
        .print(format)
}
