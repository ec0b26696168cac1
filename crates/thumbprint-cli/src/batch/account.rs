//! What every operation on an account takes.

use std::time::Duration;

use clap::Args;
use thumbprint::{Credential, SharedKey, batch};
use uuid::Uuid;

use crate::{
    failure::{self, Failure},
    network::Network,
};

/// How much longer than the service may work on a request its answer is waited for.
const ON_THE_WAY: Duration = Duration::from_secs(5);
/// The library's own limits, which are only ever made longer here.
const ATTEMPT: Duration = Duration::from_secs(35);
const TOTAL: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(crate) struct Account {
    /// The account's URL, such as `https://account.region.batch.azure.com`; http on loopback only
    #[arg(
        long,
        value_name = "URL",
        env = "THUMBPRINT_BATCH_ENDPOINT",
        hide_env_values = true
    )]
    endpoint: String,
    /// Sign with the access key in `THUMBPRINT_BATCH_KEY`, of the account of this name, rather than send a
    /// token
    #[arg(long = "account", value_name = "NAME")]
    key_of: Option<String>,
    /// Version of the API [default: 2023-11-01.18.0]
    #[arg(long, value_name = "VERSION")]
    api_version: Option<String>,
    /// Longest time that the service may spend on the request, in seconds [service's default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=2_147_483_647))]
    timeout: Option<u64>,
    #[command(flatten)]
    network: Network,
}

impl Account {
    pub(crate) fn client(&self) -> Result<batch::Client, Failure> {
        let mut builder = batch::Client::builder(&self.endpoint, self.credential()?)
            .allow_loopback_http()
            .tls(self.network.tls()?)
            .proxy(self.network.proxy()?);
        if let Some(version) = &self.api_version {
            builder = builder.api_version(version);
        }
        if let Some(limit) = self.timeout() {
            // A client that hung up earlier would not learn what the service did with its time.
            let limit = limit + ON_THE_WAY;
            builder = builder
                .attempt_timeout(limit.max(ATTEMPT))
                .total_timeout(limit.max(TOTAL));
        }
        Ok(builder.build()?)
    }

    fn credential(&self) -> Result<Credential, Failure> {
        let Some(account) = &self.key_of else {
            return Ok(failure::token("THUMBPRINT_BATCH_TOKEN")?.into());
        };
        let key = failure::secret("THUMBPRINT_BATCH_KEY", "one of the account's access keys")?;
        Ok(SharedKey::new(account, key)?.into())
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout.map(Duration::from_secs)
    }
}

/// What one request can be given for the service's logs.
#[derive(Args)]
pub(crate) struct Naming {
    /// Your own name for the request, a GUID, for the service's logs
    #[arg(long, value_name = "UUID")]
    pub(crate) client_request_id: Option<Uuid>,
    /// Ask the service to repeat the client request id in its answer
    #[arg(long)]
    pub(crate) return_client_request_id: bool,
}

/// Refuses what only one request can be given, where several are made.
pub(crate) fn refuse_for_several(
    account: &Account,
    naming: &Naming,
    remedy: &str,
) -> Result<(), Failure> {
    for (given, field) in [
        (naming.client_request_id.is_some(), "--client-request-id"),
        (
            naming.return_client_request_id,
            "--return-client-request-id",
        ),
        (account.timeout.is_some(), "--timeout"),
    ] {
        if given {
            return Err(Failure::usage(field, "it goes with one request", remedy));
        }
    }
    Ok(())
}

/// Gives a call its timeout and its names.
macro_rules! with_options {
    ($call:expr, $account:expr, $naming:expr) => {{
        let mut call = $call;
        if let Some(limit) = $account.timeout() {
            call = call.timeout(limit);
        }
        if let Some(id) = $naming.client_request_id {
            call = call.client_request_id(id);
        }
        if $naming.return_client_request_id {
            call = call.return_client_request_id(true);
        }
        call
    }};
}
pub(super) use with_options;
