//! `thumbprint batch get`.

use clap::Args;
use thumbprint::Thumbprint;

use super::account::{Account, Naming, with_options};
use crate::{
    failure::Failure,
    output::{Format, Show as _},
    results::{BatchCertificate, Operation, response},
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The certificate's thumbprint, 40 hexadecimal digits
    thumbprint: Thumbprint,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let client = arguments.account.client()?;
    let call = client.get(&arguments.thumbprint);
    let call = with_options!(call, arguments.account, arguments.naming);
    let answer = call.await.map_err(Failure::Read)?;
    BatchCertificate::new(Operation::BatchGet, &answer, response!(answer)).print(format)
}
