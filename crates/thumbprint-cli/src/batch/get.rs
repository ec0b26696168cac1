//! `thumbprint batch get`.

use clap::Args;
use futures_util::stream::{self, StreamExt as _};
use thumbprint::Thumbprint;

use super::account::{self, Account, Naming, with_options};
use crate::{
    failure::Failure,
    output::{Format, Show as _},
    reads,
    results::{BatchCertificate, Operation, response},
    selection::{self, Concurrency, Named},
};

const OPERATION: Operation = Operation::BatchGet;

#[derive(Args)]
pub(crate) struct Arguments {
    #[arg(required = true, value_name = "THUMBPRINT", help = selection::HELP)]
    thumbprints: Vec<Named>,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    account: Account,
    #[command(flatten)]
    naming: Naming,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let thumbprints = selection::read(&arguments.thumbprints)?;
    let (account, naming) = (&arguments.account, &arguments.naming);
    if thumbprints.len() != 1 {
        let remedy = "leave it out, or name one certificate";
        account::refuse_for_several(account, naming, remedy)?;
    }
    let client = &account.client()?;
    let get = |thumbprint: Thumbprint| async move {
        let answer = with_options!(client.get(&thumbprint), account, naming).await?;
        let mut got = BatchCertificate::new(OPERATION, &answer, response!(answer));
        got.contents.warn(answer.warnings());
        Ok(got)
    };
    match <[_; 1]>::try_from(thumbprints) {
        Ok([thumbprint]) => get(thumbprint).await.map_err(Failure::Read)?.print(format),
        Err(thumbprints) => {
            let results = stream::iter(thumbprints).map(get);
            let results = results.buffered(arguments.concurrency.get());
            reads::print(OPERATION, format, results).await
        }
    }
}
