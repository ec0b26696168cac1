//! What every operation on an account takes.

use std::time::Duration;

use clap::Args;
use thumbprint::{Credential, SharedKey, batch};
use uuid::Uuid;

use crate::{
    credential::{self, Kind, TokenCommand},
    failure::Failure,
    network::Network,
    profile::{self, Choice},
};

/// How much longer than the service may work on a request its answer is waited for.
const ON_THE_WAY: Duration = Duration::from_secs(5);
/// The library's own limits, which are only ever made longer here.
const ATTEMPT: Duration = Duration::from_secs(35);
const TOTAL: Duration = Duration::from_secs(60);

const ENDPOINT: &str = "THUMBPRINT_BATCH_ENDPOINT";
const TOKEN: &str = "THUMBPRINT_BATCH_TOKEN";
const KEY: &str = "THUMBPRINT_BATCH_KEY";

#[derive(Args)]
#[command(next_help_heading = "Account")]
pub(crate) struct Account {
    /// The account's URL, such as `https://account.region.batch.azure.com`; http on loopback only
    #[arg(
        long,
        value_name = "URL",
        env = ENDPOINT,
        hide_env_values = true
    )]
    endpoint: Option<String>,
    /// What proves who is calling [default: what --token-command or --account say, `THUMBPRINT_BATCH_TOKEN`,
    /// or the profile]
    #[arg(long, value_enum, value_name = "KIND")]
    credential: Option<Kind>,
    /// Sign with the access key in `THUMBPRINT_BATCH_KEY`, of the account of this name, rather than send a
    /// token
    #[arg(long = "account", value_name = "NAME")]
    key_of: Option<String>,
    /// Send tokens that this command prints, such as `az account get-access-token --resource
    /// https://batch.core.windows.net/`; no shell reads it
    #[arg(long, value_name = "COMMAND", conflicts_with = "key_of")]
    token_command: Option<String>,
    /// Version of the API [default: 2023-11-01.18.0]
    #[arg(long, value_name = "VERSION")]
    api_version: Option<String>,
    /// Longest time that the service may spend on the request, in seconds [service's default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=2_147_483_647))]
    timeout: Option<u64>,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    profile: Choice,
}

impl Account {
    pub(crate) fn client(&self) -> Result<batch::Client, Failure> {
        let profile = self.profile.load()?;
        let of_profile = profile.batch.endpoint.as_ref();
        let endpoint = profile::chosen(self.endpoint.as_ref(), ENDPOINT, of_profile);
        let endpoint = endpoint
            .ok_or_else(|| Failure::missing("--endpoint", "URL", ENDPOINT, "batch", "endpoint"))?;
        let mut builder = batch::Client::builder(endpoint, self.credential(&profile.batch)?)
            .allow_loopback_http()
            .tls(self.network.tls(&profile)?)
            .proxy(self.network.proxy(&profile)?);
        if let Some(version) = self
            .api_version
            .as_ref()
            .or(profile.batch.api_version.as_ref())
        {
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

    fn credential(&self, profile: &profile::Batch) -> Result<Credential, Failure> {
        let implied = |command: &Option<String>, account: &Option<String>| {
            let command = command.as_ref().map(|_| Kind::TokenCommand);
            command.or(account.as_ref().map(|_| Kind::SharedKey))
        };
        let said = self
            .credential
            .or_else(|| implied(&self.token_command, &self.key_of));
        let of_profile = || {
            let implied = || implied(&profile.token_command, &profile.account);
            profile.credential.or_else(implied)
        };
        let kind = match (said, of_profile()) {
            (Some(kind), _) => kind,
            (None, kind) if credential::is_set(TOKEN) => {
                if kind.is_some_and(|kind| kind != Kind::Token) {
                    profile::overrides(TOKEN);
                }
                Kind::Token
            }
            (None, kind) => kind.unwrap_or(Kind::Token),
        };
        match kind {
            Kind::Token => credential::token(
                TOKEN,
                "set it to a bearer token (`az account get-access-token --resource https://batch.core.windows.net/ \
                 --query accessToken --output tsv` prints one), or give --token-command COMMAND, --account NAME with \
                 its key in THUMBPRINT_BATCH_KEY, --credential KIND, or --profile NAME of one that says so",
            ),
            Kind::TokenCommand => {
                let command = self
                    .token_command
                    .as_ref()
                    .or(profile.token_command.as_ref());
                let command = command.ok_or_else(|| {
                    let remedy =
                        "give --token-command COMMAND, or set `token-command` in the profile";
                    Failure::usage("--token-command", "it is missing", remedy)
                })?;
                Ok(Credential::tokens(TokenCommand::new(command)?))
            }
            Kind::SharedKey => {
                let account = self.key_of.as_ref().or(profile.account.as_ref());
                let account = account.ok_or_else(|| {
                    let remedy = "give --account NAME, or set `account` in the profile";
                    Failure::usage("--account", "it is missing", remedy)
                })?;
                let remedy = "set it to one of the account's access keys (`az batch account keys list` prints them)";
                let key = credential::secret(KEY, remedy)?;
                Ok(SharedKey::new(account, key)?.into())
            }
            kind @ (Kind::AzureCli | Kind::ManagedIdentity) => credential::azure(kind),
        }
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout.map(Duration::from_secs)
    }
}

/// What one request can be given for the service's logs.
#[derive(Args, Default)]
#[command(next_help_heading = "Request")]
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
