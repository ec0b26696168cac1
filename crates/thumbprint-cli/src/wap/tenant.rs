//! What every operation on a subscription takes.

use clap::Args;
use thumbprint::{Credential, wap};
use uuid::Uuid;

use crate::{
    failure::{self, Failure},
    network::Network,
};

#[derive(Args)]
pub(crate) struct Tenant {
    /// The tenant API's URL, such as `https://wap.contoso.com:30005`; http on loopback only
    #[arg(
        long,
        value_name = "URL",
        env = "THUMBPRINT_WAP_ENDPOINT",
        hide_env_values = true
    )]
    endpoint: String,
    /// The subscription's identifier, a GUID
    #[arg(
        long,
        value_name = "ID",
        env = "THUMBPRINT_WAP_SUBSCRIPTION",
        hide_env_values = true
    )]
    subscription: String,
    /// The user that the token was issued to, mostly an e-mail address
    #[arg(
        long,
        value_name = "NAME",
        env = "THUMBPRINT_WAP_PRINCIPAL",
        hide_env_values = true
    )]
    principal: String,
    /// Fetch the token from this authentication site, such as `https://auth.contoso.com:30071`, with the
    /// password in `THUMBPRINT_WAP_PASSWORD`; http on loopback only
    #[arg(long, value_name = "URL")]
    auth_site: Option<String>,
    /// The user whose password that is [default: the principal]
    #[arg(long, value_name = "NAME", requires = "auth_site")]
    user: Option<String>,
    /// Path of the site's endpoint, `/adfs/services/trust/13/usernamemixed` of AD FS
    /// [default: /wstrust/issue/usernamemixed]
    #[arg(long, value_name = "PATH", requires = "auth_site")]
    auth_path: Option<String>,
    #[command(flatten)]
    network: Network,
}

/// Where the password for the authentication site stands.
pub(crate) const PASSWORD: &str = "THUMBPRINT_WAP_PASSWORD";

impl Tenant {
    pub(crate) fn client(&self) -> Result<wap::Client, Failure> {
        let builder = wap::Client::builder(
            &self.endpoint,
            &self.subscription,
            &self.principal,
            self.credential()?,
        );
        let network = &self.network;
        let builder = builder.tls(network.tls()?).proxy(network.proxy()?);
        Ok(builder.allow_loopback_http().build()?)
    }

    /// A site that is named goes before a token in the environment, which may be left over from another day.
    fn credential(&self) -> Result<Credential, Failure> {
        let Some(site) = &self.auth_site else {
            return Ok(failure::token("THUMBPRINT_WAP_TOKEN")?.into());
        };
        let user = self.user.as_ref().unwrap_or(&self.principal);
        let password = failure::secret(PASSWORD, "the user's password")?;
        let mut source = wap::ws_trust(site, user.as_str(), password)
            .allow_loopback_http()
            .tls(self.network.tls()?)
            .proxy(self.network.proxy()?);
        if let Some(path) = &self.auth_path {
            source = source.path(path);
        }
        Ok(source.build()?.into())
    }
}

/// What a request can be given for the service's logs.
#[derive(Args)]
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
