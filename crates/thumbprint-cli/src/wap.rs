//! `thumbprint wap`.

use clap::{Args, Subcommand};
use futures_util::stream::{self, StreamExt as _};
use thumbprint::Thumbprint;

use crate::{
    failure::Failure,
    output::{Format, Rows, Show as _},
    reads,
    results::{Operation as Asked, WapCertificate},
    selection::{self, Concurrency, Named},
};

mod add;
mod delete;
mod prune;
mod tenant;

pub(crate) use add::KEY_STAYS;
pub(crate) use delete::deleted;
pub(crate) use tenant::PASSWORD;
use tenant::{Naming, Tenant, with_options};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Subcommand)]
enum Operation {
    /// Lists the subscription's management certificates
    List(List),
    /// Shows management certificates
    Get(Get),
    /// Adds a management certificate: the holder of its key can run the subscription from then on
    Add(add::Arguments),
    /// Deletes management certificates, which revokes their access to the subscription
    Delete(delete::Arguments),
    /// Deletes the management certificates whose time is over, and keeps copies
    Prune(prune::Arguments),
}

#[derive(Args)]
struct List {
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

#[derive(Args)]
struct Get {
    #[arg(required = true, value_name = "THUMBPRINT", help = selection::HELP)]
    thumbprints: Vec<Named>,
    #[command(flatten)]
    concurrency: Concurrency,
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    naming: Naming,
}

impl Arguments {
    pub(crate) fn operation(&self) -> Asked {
        match self.operation {
            Operation::List(_) => Asked::WapList,
            Operation::Get(_) => Asked::WapGet,
            Operation::Add(_) => Asked::WapAdd,
            Operation::Delete(_) => Asked::WapDelete,
            Operation::Prune(_) => Asked::WapPrune,
        }
    }
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    match arguments.operation {
        Operation::List(arguments) => list(arguments, format).await,
        Operation::Get(arguments) => get(arguments, format).await,
        Operation::Add(arguments) => add::run(arguments, format).await,
        Operation::Delete(arguments) => delete::run(arguments, format).await,
        Operation::Prune(arguments) => prune::run(arguments, format).await,
    }
}

async fn list(arguments: List, format: Format) -> Result<(), Failure> {
    let client = arguments.tenant.client()?;
    let call = with_options!(client.list(), arguments.naming);
    let answer = call.await.map_err(Failure::Read)?;
    let certificates = answer.iter().enumerate().map(|(index, stored)| {
        let mut listed = WapCertificate::new(Asked::WapList, stored, None);
        let place = format!("[{index}]");
        let warnings = answer.warnings().iter();
        let own = warnings.filter(|warning| warning.path.starts_with(&place));
        listed.contents.warn(own);
        listed
    });
    let certificates: Vec<_> = certificates.collect();
    let mut rows = Rows::new(format).fit(&certificates);
    for certificate in &certificates {
        if rows.print(certificate)?.is_break() {
            return Ok(());
        }
    }
    rows.end("the list is empty: the subscription has no management certificates");
    Ok(())
}

async fn get(arguments: Get, format: Format) -> Result<(), Failure> {
    let thumbprints = selection::read(&arguments.thumbprints)?;
    let naming = &arguments.naming;
    if thumbprints.len() != 1 {
        naming.refuse_for_several("leave it out, or name one certificate")?;
    }
    let client = &arguments.tenant.client()?;
    let get = |thumbprint: Thumbprint| async move {
        let answer = with_options!(client.get(&thumbprint), naming).await?;
        let mut got = WapCertificate::new(Asked::WapGet, &answer, Some(&thumbprint));
        got.contents.warn(answer.warnings());
        Ok(got)
    };
    match <[_; 1]>::try_from(thumbprints) {
        Ok([thumbprint]) => get(thumbprint).await.map_err(Failure::Read)?.print(format),
        Err(thumbprints) => {
            let results = stream::iter(thumbprints).map(get);
            let results = results.buffered(arguments.concurrency.get());
            reads::print(Asked::WapGet, format, results).await
        }
    }
}
