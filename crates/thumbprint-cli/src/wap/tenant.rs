//! What every operation on a subscription takes.

use clap::Args;
use thumbprint::{Credential, wap};
use uuid::Uuid;

use crate::{
    credential::{self, TokenCommand},
    failure::Failure,
    network::Network,
    profile::{self, Choice, Profile, chosen},
};

#[derive(Args)]
#[command(next_help_heading = "Subscription")]
pub(crate) struct Tenant {
    /// The tenant API's URL, such as `https://wap.contoso.com:30005`; http on loopback only
    #[arg(
        long,
        value_name = "URL",
        env = ENDPOINT,
        hide_env_values = true
    )]
    endpoint: Option<String>,
    /// The subscription's identifier, a GUID
    #[arg(
        long,
        value_name = "ID",
        env = SUBSCRIPTION,
        hide_env_values = true
    )]
    subscription: Option<String>,
    /// The user that the token was issued to, mostly an e-mail address
    #[arg(
        long,
        value_name = "NAME",
        env = PRINCIPAL,
        hide_env_values = true
    )]
    principal: Option<String>,
    /// Fetch the token from this authentication site, such as `https://auth.contoso.com:30071`, with the
    /// password in `THUMBPRINT_WAP_PASSWORD`, or asked for on a terminal; http on loopback only
    #[arg(long, value_name = "URL")]
    auth_site: Option<String>,
    /// The user whose password that is [default: the principal]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Path of the site's endpoint, `/adfs/services/trust/13/usernamemixed` of AD FS
    /// [default: /wstrust/issue/usernamemixed]
    #[arg(long, value_name = "PATH")]
    auth_path: Option<String>,
    /// Send tokens that this command prints; no shell reads it
    #[arg(long, value_name = "COMMAND", conflicts_with = "auth_site")]
    token_command: Option<String>,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    profile: Choice,
}

const ENDPOINT: &str = "THUMBPRINT_WAP_ENDPOINT";
const SUBSCRIPTION: &str = "THUMBPRINT_WAP_SUBSCRIPTION";
const PRINCIPAL: &str = "THUMBPRINT_WAP_PRINCIPAL";
const TOKEN: &str = "THUMBPRINT_WAP_TOKEN";
/// Where the password for the authentication site stands.
pub(crate) const PASSWORD: &str = "THUMBPRINT_WAP_PASSWORD";

impl Tenant {
    pub(crate) fn client(&self) -> Result<wap::Client, Failure> {
        let profile = self.profile.load()?;
        let missing = |name, value, variable, key| {
            move || Failure::missing(name, value, variable, "wap", key)
        };
        let of_profile = &profile.wap;
        let endpoint = chosen(
            self.endpoint.as_ref(),
            ENDPOINT,
            of_profile.endpoint.as_ref(),
        );
        let endpoint = endpoint.ok_or_else(missing("--endpoint", "URL", ENDPOINT, "endpoint"))?;
        let subscription = self.subscription.as_ref();
        let subscription = chosen(subscription, SUBSCRIPTION, of_profile.subscription.as_ref());
        let subscription = subscription.ok_or_else(missing(
            "--subscription",
            "ID",
            SUBSCRIPTION,
            "subscription",
        ))?;
        let principal = chosen(
            self.principal.as_ref(),
            PRINCIPAL,
            of_profile.principal.as_ref(),
        );
        let principal =
            principal.ok_or_else(missing("--principal", "NAME", PRINCIPAL, "principal"))?;
        let credential = self.credential(principal, &profile)?;
        let builder = wap::Client::builder(endpoint, subscription, principal, credential);
        let network = &self.network;
        let builder = builder
            .tls(network.tls(&profile)?)
            .proxy(network.proxy(&profile)?);
        Ok(builder.allow_loopback_http().build()?)
    }

    /// A site or a command that is named goes before a token in the environment, which may be left over from another
    /// day.
    fn credential(&self, principal: &str, profile: &Profile) -> Result<Credential, Failure> {
        if let Some(command) = &self.token_command {
            return Ok(Credential::tokens(TokenCommand::new(command)?));
        }
        let of_site = [(&self.user, "--user"), (&self.auth_path, "--auth-path")];
        let of_site = of_site.iter().find(|(given, _)| given.is_some());
        if self.auth_site.is_none() && of_site.is_none() && credential::is_set(TOKEN) {
            if profile.wap.auth_site.is_some() || profile.wap.token_command.is_some() {
                profile::overrides(TOKEN);
            }
            return credential::token(TOKEN, "set it to a bearer token");
        }
        if let Some(site) = self.auth_site.as_ref().or(profile.wap.auth_site.as_ref()) {
            return self.signed_in(site, principal, profile);
        }
        if let Some((_, name)) = of_site {
            let remedy = "give --auth-site URL, or leave it out";
            return Err(Failure::usage(
                name,
                "it goes with an authentication site",
                remedy,
            ));
        }
        if let Some(command) = &profile.wap.token_command {
            return Ok(Credential::tokens(TokenCommand::new(command)?));
        }
        credential::token(
            TOKEN,
            "set it to a bearer token of the tenant's authentication site, or give --auth-site URL, which fetches one \
             for a password, --token-command COMMAND, or --profile NAME of one that says so",
        )
    }

    /// Tokens of an authentication site.
    fn signed_in(
        &self,
        site: &str,
        principal: &str,
        profile: &Profile,
    ) -> Result<Credential, Failure> {
        let user = self.user.as_ref().or(profile.wap.user.as_ref());
        let user = user.map_or(principal, String::as_str);
        let password = credential::password(PASSWORD, user)?;
        let mut source = wap::ws_trust(site, user, password)
            .allow_loopback_http()
            .tls(self.network.tls(profile)?)
            .proxy(self.network.proxy(profile)?);
        if let Some(path) = self.auth_path.as_ref().or(profile.wap.auth_path.as_ref()) {
            source = source.path(path);
        }
        Ok(source.build()?.into())
    }
}

/// What a request can be given for the service's logs.
#[derive(Args)]
#[command(next_help_heading = "Request")]
#[expect(clippy::struct_field_names, reason = "they are the options' own names")]
pub(crate) struct Naming {
    /// Your own name for the request, free text
    #[arg(long, value_name = "TEXT")]
    pub(crate) client_request_id: Option<String>,
    /// Identifier of your session, a GUID
    #[arg(long, value_name = "UUID")]
    pub(crate) client_session_id: Option<Uuid>,
    /// Live identifier of the principal
    #[arg(
        long,
        value_name = "NAME",
        env = "THUMBPRINT_WAP_PRINCIPAL_LIVE_ID",
        hide_env_values = true
    )]
    pub(crate) principal_live_id: Option<String>,
}

impl Naming {
    /// Refuses what only one request can be given, where several are made.
    pub(crate) fn refuse_for_several(&self, remedy: &str) -> Result<(), Failure> {
        if self.client_request_id.is_none() {
            return Ok(());
        }
        let problem = "it goes with one request";
        Err(Failure::usage("--client-request-id", problem, remedy))
    }
}

/// Gives a call its names.
macro_rules! with_options {
    ($call:expr, $naming:expr) => {{
        let mut call = $call;
        if let Some(id) = &$naming.client_request_id {
            call = call.client_request_id(id.clone());
        }
        if let Some(id) = $naming.client_session_id {
            call = call.client_session_id(id);
        }
        if let Some(id) = &$naming.principal_live_id {
            call = call.principal_live_id(id.clone());
        }
        call
    }};
}
pub(super) use with_options;
