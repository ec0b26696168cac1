//! Certificates of an Azure Batch account.
//!
//! The service retired its certificate operations: since 2025 the live service answers them with
//! `400 CertificateRetired`, see [`Error::is_retired`]. What replaces certificates is the Key Vault
//! extension for virtual machines.

use progenitor_client::ClientInfo as _;
use thumbprint_transport::{self as transport, Credential, Transport};

use crate::{Error, settings::forwards_settings};
use raw::judgement::JUDGEMENT;

mod add;
mod bulk;
mod call;
mod cancel_deletion;
mod certificate;
pub mod code;
mod delete;
pub mod filter;
mod get;
mod list;

pub use add::{Add, NewCertificate};
pub use bulk::{CancelFailedDeletions, Canceled, DeleteAll, DeletedOne, Outcome};
pub use call::Answer;
pub use cancel_deletion::CancelDeletion;
pub use certificate::{Certificate, DeleteError};
pub use delete::{Delete, DeleteAndWait, Settled, WaitUntilSettled};
pub use filter::Filter;
pub use get::Get;
pub use list::{List, Page};
pub use raw::types::CertificateState;
/// The generated layer: every operation, parameter and type as specs/batch.yaml has them.
pub use thumbprint_batch as raw;

/// The scope of tokens for Batch, in Azure's public cloud. It is not the account's own URL.
pub const SCOPE: &str = "https://batch.core.windows.net/.default";

/// Tokens for Batch from a credential of the crate `azure_identity`, or from anything else that
/// implements `azure_core`'s `TokenCredential`. For another cloud, set its
/// [`scope`](crate::AzureIdentity::scope).
///
/// The example `azure_identity` is a whole program.
#[cfg(feature = "azure-identity")]
pub fn azure_identity(
    credential: std::sync::Arc<dyn azure_core::credentials::TokenCredential>,
) -> crate::AzureIdentity {
    crate::AzureIdentity::new(credential, SCOPE)
}

/// A client of one Batch account. Cheap to clone; clones share one pool of connections.
#[derive(Clone, Debug)]
pub struct Client {
    raw: raw::Client,
    api_version: Option<raw::types::ApiVersion>,
}

impl Client {
    /// Makes a client of the account behind `endpoint`, such as `https://account.region.batch.azure.com`.
    ///
    /// `credential` is a bearer token for the audience `https://batch.core.windows.net/`, whatever the
    /// account and its region; a source of such tokens ([`Credential::tokens`]); or the account's
    /// [`SharedKey`](crate::SharedKey). Nothing is sent yet. Fails if the endpoint is no https URL or the
    /// token cannot stand in a header.
    pub fn new(endpoint: &str, credential: impl Into<Credential>) -> Result<Self, Error> {
        Self::builder(endpoint, credential).build()
    }

    /// Like [`new`](Self::new), with settings.
    pub fn builder(endpoint: &str, credential: impl Into<Credential>) -> Builder {
        Builder {
            transport: Transport::builder(endpoint, credential),
            api_version: None,
        }
    }

    fn transport(&self) -> &Transport {
        self.raw.inner()
    }

    /// The generated client, for what this one does not offer.
    #[must_use]
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }
}

/// Settings of a [`Client`].
#[derive(Clone, Debug)]
pub struct Builder {
    transport: transport::Builder,
    api_version: Option<String>,
}

forwards_settings!(Builder);

impl Builder {
    /// Speaks another version of the API. `2023-11-01.18.0` unless set; `2024-07-01.20.0` differs only in
    /// that the service takes a timeout above 30 seconds for 30.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    pub fn build(self) -> Result<Client, Error> {
        let api_version = self.api_version.map(raw::types::ApiVersion::try_from);
        let api_version = api_version.transpose().map_err(|_| {
            transport::Error::input(
                "api_version",
                "it does not have the form of a version",
                "write it as the service does, such as 2023-11-01.18.0",
            )
        })?;
        Ok(Client {
            raw: raw::Client::new(self.transport.build()?),
            api_version,
        })
    }
}
