//! Management certificates of a tenant's subscription in Windows Azure Pack.
//!
//! Whoever holds the key of such a certificate can run the subscription, so deleting one revokes that.
//! The product is of 2013 and 2014 and runs on premises; hosts install it with self-signed TLS
//! certificates unless they bring their own.

use std::fmt;

use thumbprint_transport::{self as transport, Credential, Transport};

use crate::{Error, settings::forwards_settings};
use raw::judgement::JUDGEMENT;

mod add;
mod call;
mod certificate;
mod delete;
mod get;
mod list;

pub use add::{Add, Added, NewCertificate};
pub use certificate::{Certificate, Warning};
pub use delete::{Delete, Deleted};
pub use get::Get;
pub use list::List;
/// The generated layer: every operation, parameter and type as specs/wap.yaml has them.
pub use thumbprint_wap as raw;

/// A client of one tenant's subscription. Cheap to clone; clones share one pool of connections.
#[derive(Clone)]
pub struct Client {
    raw: raw::Client,
    subscription: raw::types::SubscriptionId,
    principal: raw::types::PrincipalId,
}

impl Client {
    /// Makes a client of a subscription.
    ///
    /// `endpoint` is that of the tenant API, such as `https://wap.contoso.com:30005`. `subscription` is
    /// the subscription's GUID. `principal` is the user that the token was issued to, mostly an e-mail
    /// address; it is sent as `x-ms-principal-id`. `credential` is a bearer token or a source of such
    /// tokens. Nothing is sent yet. Fails if one of them is not of its form.
    pub fn new(
        endpoint: &str,
        subscription: &str,
        principal: &str,
        credential: impl Into<Credential>,
    ) -> Result<Self, Error> {
        Self::builder(endpoint, subscription, principal, credential).build()
    }

    /// Like [`new`](Self::new), with settings.
    pub fn builder(
        endpoint: &str,
        subscription: &str,
        principal: &str,
        credential: impl Into<Credential>,
    ) -> Builder {
        let credential = credential.into();
        Builder {
            is_shared_key: credential.is_shared_key(),
            transport: Transport::builder(endpoint, credential),
            subscription: subscription.to_owned(),
            principal: principal.to_owned(),
        }
    }

    /// The generated client, for what this one does not offer.
    #[must_use]
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }
}

/// The path of the endpoint of Windows Azure Pack's authentication site for tenants that takes a user name
/// and a password.
#[cfg(feature = "wstrust")]
const TOKEN_PATH: &str = "/wstrust/issue/usernamemixed";

/// The name under which authentication sites know the tenant API.
#[cfg(feature = "wstrust")]
const TENANT_REALM: &str = "http://azureservices/TenantSite";

/// A source of tokens: the authentication site for tenants, with a user name and a password that it knows.
///
/// `site` is the site's URL, such as `https://auth.contoso.com:30071`. The user is the one that clients call
/// the principal. Tokens are fetched when they are needed, kept, and renewed; clients that are given clones
/// of one [`Credential`] share them.
///
/// ```
/// use thumbprint::{Credential, wap};
///
/// # fn client() -> Result<wap::Client, Box<dyn std::error::Error>> {
/// let (user, password) = ("ana@contoso.com", std::env::var("PASSWORD")?);
/// let source = wap::ws_trust("https://auth.contoso.com:30071", user, password).build()?;
/// let subscription = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";
/// let tenant = wap::Client::new("https://wap.contoso.com:30005", subscription, user, source)?;
/// # Ok(tenant)
/// # }
/// ```
///
/// Where AD FS issues the tokens, `site` is its URL, and its own endpoint is set:
/// `.path("/adfs/services/trust/13/usernamemixed")`. It has to issue JWTs to the relying party
/// (`Set-AdfsRelyingPartyTrust -EnableJWT`).
///
/// A call that gets no token ends with an error for which [`Error::is_credential`] is true, before anything is
/// sent to the tenant API. Among its sources is a [`TokenError`](crate::wstrust::TokenError) that says why:
/// after `is_wrong_password`, correct the password before you try again, as sites lock users out.
///
/// Path, realm and kind of token are those of the vendor's SDK and of other clients.
#[cfg(feature = "wstrust")]
pub fn ws_trust(
    site: impl Into<String>,
    user: impl Into<crate::Secret>,
    password: impl Into<crate::Secret>,
) -> crate::wstrust::Builder {
    crate::wstrust::WsTrust::builder(site, user, password)
        .path(TOKEN_PATH)
        .applies_to(TENANT_REALM)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
#[derive(Clone)]
pub struct Builder {
    transport: transport::Builder,
    subscription: String,
    principal: String,
    is_shared_key: bool,
}

forwards_settings!(Builder);

impl Builder {
    /// Checks the settings and makes the client. Nothing is sent.
    pub fn build(self) -> Result<Client, Error> {
        let subscription = raw::types::SubscriptionId::try_from(self.subscription);
        let subscription = subscription.map_err(|_| {
            transport::Error::input(
                "subscription",
                "it is not a GUID in its hyphenated form",
                "give the identifier alone, such as 0cfc58de-38cb-4fa6-9258-4afde95d3c05, without braces",
            )
        })?;
        transport::header::check("principal", &self.principal)?;
        if self.is_shared_key {
            let problem = "it is a shared key, which Windows Azure Pack does not know";
            let remedy = "give a bearer token, or a source of such tokens";
            return Err(transport::Error::input("credential", problem, remedy).into());
        }
        Ok(Client {
            raw: raw::Client::new(self.transport.build()?),
            subscription,
            principal: self.principal.into(),
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
