//! `thumbprint batch`.

use std::time::Duration;

use clap::{Args, Subcommand};
use thumbprint::{Thumbprint, batch};
use uuid::Uuid;

use crate::{
    failure::{self, Failure},
    output::{Format, Record},
};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Subcommand)]
enum Operation {
    /// Sets a certificate whose deletion failed back to active
    CancelDeletion(CancelDeletion),
}

#[derive(Args)]
struct CancelDeletion {
    /// The certificate's thumbprint, 40 hexadecimal digits
    thumbprint: Thumbprint,
    #[command(flatten)]
    account: Account,
    /// Longest time that the service may spend on the request, in seconds [service's default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=2_147_483_647))]
    timeout: Option<u64>,
    /// Your own name for the request, a GUID, for the service's logs
    #[arg(long, value_name = "UUID")]
    client_request_id: Option<Uuid>,
    /// Ask the service to repeat the client request id in its answer
    #[arg(long)]
    return_client_request_id: bool,
}

#[derive(Args)]
struct Account {
    /// The account's URL, such as `https://account.region.batch.azure.com`; http on loopback only
    #[arg(long, value_name = "URL", env = "THUMBPRINT_BATCH_ENDPOINT")]
    endpoint: String,
    /// Version of the API [default: 2023-11-01.18.0]
    #[arg(long, value_name = "VERSION")]
    api_version: Option<String>,
}

impl Account {
    fn client(self) -> Result<batch::Client, Failure> {
        let token = failure::token("THUMBPRINT_BATCH_TOKEN")?;
        let mut builder = batch::Client::builder(&self.endpoint, token).allow_loopback_http();
        if let Some(version) = self.api_version {
            builder = builder.api_version(version);
        }
        Ok(builder.build()?)
    }
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    match arguments.operation {
        Operation::CancelDeletion(arguments) => cancel_deletion(arguments, format).await,
    }
}

async fn cancel_deletion(arguments: CancelDeletion, format: Format) -> Result<(), Failure> {
    let client = arguments.account.client()?;
    let mut call = client.cancel_deletion(&arguments.thumbprint);
    if let Some(seconds) = arguments.timeout {
        call = call.timeout(Duration::from_secs(seconds));
    }
    if let Some(id) = arguments.client_request_id {
        call = call.client_request_id(id);
    }
    if arguments.return_client_request_id {
        call = call.return_client_request_id(true);
    }
    let answer = call.await?;
    canceled(&arguments.thumbprint, &answer).print(format)
}

/// What there is to say of a cancellation.
pub(crate) fn canceled(thumbprint: &Thumbprint, answer: &batch::DeletionCanceled) -> Record {
    Record::new("batch cancel-deletion")
        .with("thumbprint", thumbprint.as_str())
        .with("status", answer.status().as_u16())
        .with("state", "active")
        .with("request_id", answer.request_id().map(|id| id.to_string()))
        .with(
            "client_request_id",
            answer.client_request_id().map(|id| id.to_string()),
        )
        .with("etag", answer.etag())
        .with(
            "last_modified",
            answer.last_modified().map(|time| time.to_rfc3339()),
        )
        .with("data_service_id", answer.data_service_id())
}
