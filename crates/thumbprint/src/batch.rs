//! Certificates of an Azure Batch account.
//!
//! The service retired its certificate operations: since 2025 the live service answers them with
//! `400 CertificateRetired`, see [`Error::is_retired`]. What replaces certificates is the Key Vault
//! extension for virtual machines.

use futures_util::FutureExt as _;
use thumbprint_transport::Credential;

use crate::{ClientBuilder, Error, Thumbprint};
use raw::builder::{
    CertificateAdd, CertificateCancelDeletion, CertificateDelete, CertificateGet, CertificateList,
};

mod bulk;
mod deletion;
pub mod filter;
mod new_certificate;

pub use bulk::{CancelOutcome, DeleteOutcome, Outcome};
pub use deletion::DeletionOutcome;
pub use filter::Filter;
pub use new_certificate::NewCertificate;
/// The generated layer: every operation, parameter and type as specs/batch.yaml has them.
pub use thumbprint_batch as raw;
pub use thumbprint_batch::{
    code,
    types::{Certificate, CertificateState, DeleteCertificateError},
};

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

/// What a [`Client`] is set to beside its transport.
///
/// ```
/// use thumbprint::batch::Client;
///
/// let wrong = Client::builder("https://account.region.batch.azure.com", "token").api_version("latest");
/// assert!(wrong.build().is_err_and(|error| error.is_invalid_input()));
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    api_version: Option<raw::types::ApiVersion>,
}

impl ClientBuilder<Settings> {
    /// Speaks another version of the API. `2023-11-01.18.0` unless set; `2024-07-01.20.0` differs only in
    /// that the service takes a timeout above 30 seconds for 30.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        let version = raw::types::ApiVersion::try_from(version.into());
        self.service = version
            .map(|version| Settings {
                api_version: Some(version),
            })
            .map_err(|_| {
                let problem = "it does not have the form of a version";
                let remedy = "write it as the service does, such as 2023-11-01.18.0";
                Error::input("api_version", problem, remedy)
            });
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    pub fn build(self) -> Result<Client, Error> {
        let Settings { api_version } = self.service?;
        Ok(Client {
            raw: raw::Client::new(self.transport.build()?),
            api_version,
        })
    }
}

/// A client of one Batch account. Cheap to clone; clones share one pool of connections.
///
/// Each operation gives the builder of its call, which `.await` sends. What a call can do without is set on
/// it: `timeout`, `client_request_id`, `deadline` and so on.
///
/// ```
/// use std::time::Duration;
///
/// use thumbprint::{Credential, Token, batch::Client};
///
/// # async fn ask_the_vault() -> std::io::Result<String> { Ok(String::new()) }
/// # async fn example() -> Result<(), thumbprint::Error> {
/// let tokens = Credential::tokens(|| async { Ok(Token::new(ask_the_vault().await?)) });
/// let account = Client::new("https://account.region.batch.azure.com", tokens)?;
///
/// let cert = "0123456789abcdef0123456789abcdef01234567".parse()?;
/// let certificate = account.get(&cert).deadline(Duration::from_secs(5)).await?;
/// println!("{:?} since {:?}", certificate.state, certificate.state_transition_time);
/// # Ok(())
/// # }
/// ```
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
    /// [`SharedKey`](crate::SharedKey). Nothing is sent yet. Fails if the endpoint is not an https URL or the
    /// token cannot stand in a header.
    pub fn new(endpoint: &str, credential: impl Into<Credential>) -> Result<Self, Error> {
        Self::builder(endpoint, credential).build()
    }

    /// Like [`new`](Self::new), with settings.
    pub fn builder(endpoint: &str, credential: impl Into<Credential>) -> ClientBuilder<Settings> {
        let settings = Settings { api_version: None };
        ClientBuilder::new(endpoint, credential.into(), Ok(settings))
    }

    /// The generated client, for what this one does not offer.
    #[must_use]
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }
}

impl Client {
    /// Sets the version of the API, where another one was chosen than the document's.
    fn versioned<C>(&self, call: C, set: impl FnOnce(C, raw::types::ApiVersion) -> C) -> C {
        match &self.api_version {
            Some(version) => set(call, version.clone()),
            None => call,
        }
    }
}

#[expect(deprecated, reason = "the documentation of each method says so")]
impl Client {
    /// Adds a certificate to the account.
    ///
    /// # Deprecated
    ///
    /// Deprecated, and since 2025 refused by the live service ([`Error::is_retired`]): use the Azure Key
    /// Vault extension for virtual machines. Whether every cloud refuses it is not known. The same holds for
    /// every operation of this client.
    ///
    /// # Errors
    ///
    /// [`Error::is_conflict`]: the account has it already. [`Error::is_invalid_input`]: it is a `.cer` with
    /// a password. [`Error::is_outcome_unknown`]: get it, to see whether it is there, or have that done for
    /// you (`retry_ambiguous`): a `.cer` that a repetition finds there is compared with what was to be
    /// added. Whether the key of a PFX is there cannot be seen, so its outcome stays unknown.
    ///
    /// Source: [Certificate - Add][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/certificate/add
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use thumbprint::batch::NewCertificate;
    ///
    /// account.add(NewCertificate::cer(&std::fs::read("ana.cer")?)?).await?;
    ///
    /// let pfx = NewCertificate::pfx(&std::fs::read("ana.pfx")?, std::env::var("PFX_PASSWORD")?)?;
    /// account.add(pfx).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add(&self, certificate: NewCertificate) -> CertificateAdd<'_> {
        let thumbprint = certificate.thumbprint().clone();
        let public_data = certificate.public_data();
        let call = self.raw.certificate_add().body(certificate);
        let call = self.versioned(call, CertificateAdd::api_version);
        let Some(ours) = public_data else { return call };
        call.confirm(move |left| {
            let (thumbprint, ours) = (thumbprint.clone(), ours.clone());
            let compare = async move {
                let found = self.get(&thumbprint).deadline(left).await;
                found.is_ok_and(|found| found.der() == Some(ours))
            };
            compare.boxed()
        })
    }

    /// Lists the account's certificates: `items()` is a stream over all pages, `pages()` one of the pages.
    /// [`filter`] makes filters; `select` asks for some properties only.
    ///
    /// A page of more than 4 MiB is refused ([`Error::is_unexpected_answer`]). A thousand certificates of
    /// ordinary length fit; for very long ones ask for fewer (`max_results`), or `select` less of each.
    ///
    /// Deprecated, like [`add`](Self::add).
    ///
    /// # Errors
    ///
    /// The stream ends with its first error. [`Error::is_unexpected_answer`]: among others, a link to the
    /// next page that leads to another place, which is not followed, since the credential would go along.
    ///
    /// Source: [Certificate - List][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/certificate/list
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), thumbprint::Error> {
    /// use std::pin::pin;
    ///
    /// use futures_util::TryStreamExt as _;
    /// use thumbprint::batch::{CertificateState, filter};
    ///
    /// let failed = filter::state().eq(CertificateState::DeleteFailed);
    /// let mut certificates = pin!(account.list().filter(failed).items());
    /// while let Some(certificate) = certificates.try_next().await? {
    ///     println!("{:?}: {:?}", certificate.thumbprint, certificate.delete_certificate_error);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> CertificateList<'_> {
        let call = self.raw.certificate_list();
        self.versioned(call, CertificateList::api_version)
    }

    /// Gets a certificate: its state, and after a failed deletion the reason.
    ///
    /// Deprecated, like [`add`](Self::add).
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`]: the account has no such certificate. After a deletion that is what success
    /// looks like.
    ///
    /// Source: [Certificate - Get][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/certificate/get
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), thumbprint::Error> {
    /// let cert = "0123456789abcdef0123456789abcdef01234567".parse()?;
    /// let certificate = account.get(&cert).select(["state", "deleteCertificateError"]).await?;
    /// if let Some(error) = &certificate.delete_certificate_error {
    ///     println!("not deleted: {:?} {:?}", error.code, error.values);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, thumbprint: &Thumbprint) -> CertificateGet<'_> {
        let call = self.raw.certificate_get().thumbprint(thumbprint.as_str());
        self.versioned(call, CertificateGet::api_version)
    }

    /// Asks the service to delete a certificate. The answer (202) only says that it will: see
    /// [`delete_and_wait`](Self::delete_and_wait).
    ///
    /// Deprecated, like [`add`](Self::add).
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`]: the account has no such certificate. [`Error::is_conflict`]: it is being
    /// deleted already. [`Error::is_outcome_unknown`]: get it, to see its state.
    ///
    /// Source: [Certificate - Delete][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/certificate/delete
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), thumbprint::Error> {
    /// let cert = "0123456789abcdef0123456789abcdef01234567".parse()?;
    /// let answer = account.delete(&cert).await?;
    /// println!("accepted, request {:?}", answer.request_id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, thumbprint: &Thumbprint) -> CertificateDelete<'_> {
        let call = self.raw.certificate_delete();
        let call = call.thumbprint(thumbprint.as_str());
        self.versioned(call, CertificateDelete::api_version)
    }

    /// Cancels the failed deletion of a certificate: sets its state from `deletefailed` back to `active`.
    ///
    /// Deprecated, like [`add`](Self::add).
    ///
    /// # Errors
    ///
    /// [`Error::is_conflict`]: the certificate is not in `deletefailed`
    /// ([`CERTIFICATE_STATE_ACTIVE`](code::CERTIFICATE_STATE_ACTIVE),
    /// [`CERTIFICATE_BEING_DELETED`](code::CERTIFICATE_BEING_DELETED)). [`Error::is_not_found`]: the account
    /// has no such certificate. [`Error::is_outcome_unknown`]: get it, to see its state, before you try
    /// again; or, where you alone work on it, have the call repeated (`retry_ambiguous`).
    ///
    /// Source: [Certificate - Cancel Deletion][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/cancel-the-deletion-of-a-certificate
    ///
    /// ```
    /// # use std::time::Duration;
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), thumbprint::Error> {
    /// let cert = "0123456789abcdef0123456789abcdef01234567".parse()?;
    /// match account.cancel_deletion(&cert).timeout(Duration::from_secs(15)).await {
    ///     Ok(answer) => println!("active again, request {:?}", answer.request_id()),
    ///     Err(error) if error.is_conflict() => println!("nothing to cancel: {:?}", error.code()),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel_deletion(&self, thumbprint: &Thumbprint) -> CertificateCancelDeletion<'_> {
        let call = self.raw.certificate_cancel_deletion();
        let call = call.thumbprint(thumbprint.as_str());
        self.versioned(call, CertificateCancelDeletion::api_version)
    }
}
