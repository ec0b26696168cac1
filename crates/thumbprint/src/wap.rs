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
