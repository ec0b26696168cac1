//! What every operation on a subscription takes.

use clap::Args;
use thumbprint::wap;
use uuid::Uuid;

use crate::{
    failure::{self, Failure},
    network::Network,
};

#[derive(Args)]
pub(crate) struct Tenant {
    /// The tenant API's URL, such as `https://wap.contoso.com:30005`; http on loopback only
    #[arg(long, value_name = "URL", env = "THUMBPRINT_WAP_ENDPOINT")]
    endpoint: String,
    /// The subscription's identifier, a GUID
    #[arg(long, value_name = "ID")]
    subscription: String,
    /// The user that the token was issued to, mostly an e-mail address
    #[arg(long, value_name = "NAME")]
    principal: String,
    #[command(flatten)]
    network: Network,
}

impl Tenant {
    pub(crate) fn client(&self) -> Result<wap::Client, Failure> {
        let token = failure::token("THUMBPRINT_WAP_TOKEN")?;
        let Self {
            endpoint,
            subscription,
            principal,
            network,
        } = self;
        let builder = wap::Client::builder(endpoint, subscription, principal, token);
        let builder = builder.tls(network.tls()?).proxy(network.proxy()?);
        Ok(builder.allow_loopback_http().build()?)
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
    #[arg(long, value_name = "NAME")]
    pub(crate) principal_live_id: Option<String>,
}

/// Gives a call its names.
macro_rules! with_options {
    ($call:expr, $naming:expr) => {{
        let mut call = $call;
        if let Some(id) = &$naming.client_request_id {
            call = call.client_request_id(id);
        }
        if let Some(id) = $naming.client_session_id {
            call = call.client_session_id(id);
        }
        if let Some(id) = &$naming.principal_live_id {
            call = call.principal_live_id(id);
        }
        call
    }};
}
pub(super) use with_options;
