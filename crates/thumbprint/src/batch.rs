//! Certificates of an Azure Batch account.
//!
//! The service retired its certificate operations: since 2025 the live service answers them with
//! `400 CertificateRetired`, see [`Error::is_retired`]. What replaces certificates is the Key Vault
//! extension for virtual machines.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};

use chrono::{DateTime, Datelike as _, Utc};
use http::{HeaderMap, StatusCode};
use progenitor_client::ResponseValue;
use thumbprint_transport::{self as transport, Credential, HttpDate, Transport};
use uuid::Uuid;

use crate::{Error, Thumbprint};

pub mod code;
/// The generated layer: every operation, parameter and type as specs/batch.yaml has them.
pub use thumbprint_batch as raw;

/// A client of one Batch account. Cheap to clone; clones share one pool of connections.
#[derive(Clone, Debug)]
pub struct Client {
    raw: raw::Client,
    api_version: Option<raw::types::ApiVersion>,
}

impl Client {
    /// Makes a client of the account behind `endpoint`, such as `https://account.region.batch.azure.com`.
    ///
    /// `token` is a bearer token for the audience `https://batch.core.windows.net/`, whatever the account
    /// and its region. Nothing is sent yet. Fails if the endpoint is no https URL or the token cannot
    /// stand in a header.
    pub fn new(endpoint: &str, token: impl Into<Credential>) -> Result<Self, Error> {
        Self::builder(endpoint, token).build()
    }

    /// Like [`new`](Self::new), with settings.
    pub fn builder(endpoint: &str, token: impl Into<Credential>) -> Builder {
        Builder {
            transport: Transport::builder(endpoint, token),
            api_version: None,
        }
    }

    /// The generated client, for what this one does not offer.
    #[must_use]
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }

    /// Cancels the failed deletion of a certificate: sets its state from `deletefailed` back to `active`.
    ///
    /// The answer comes with `.await`; until then nothing is sent.
    ///
    /// # Deprecated
    ///
    /// Deprecated by the service, which has retired it: use the Azure Key Vault extension for virtual
    /// machines. Older installations and the sandbox still carry it out.
    ///
    /// # Errors
    ///
    /// [`Error::is_conflict`]: the certificate is not in `deletefailed` ([`code::CERTIFICATE_STATE_ACTIVE`],
    /// [`code::CERTIFICATE_BEING_DELETED`]). [`Error::is_not_found`]: the account has no such certificate.
    /// [`Error::is_outcome_unknown`]: look at the certificate's state before trying again.
    ///
    /// Source: [Certificate - Cancel Deletion][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/cancel-the-deletion-of-a-certificate
    ///
    /// ```
    /// # use std::time::Duration;
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let cert = "0123456789abcdef0123456789abcdef01234567".parse()?;
    /// match account.cancel_deletion(&cert).timeout(Duration::from_secs(15)).await {
    ///     Ok(answer) => println!("active again, request {:?}", answer.request_id()),
    ///     Err(error) if error.is_conflict() => println!("nothing to cancel: {:?}", error.code()),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "nothing is sent before `.await`"]
    pub fn cancel_deletion<'a>(&'a self, thumbprint: &'a Thumbprint) -> CancelDeletion<'a> {
        CancelDeletion {
            client: self,
            thumbprint,
            timeout: None,
            client_request_id: None,
            return_client_request_id: None,
            ocp_date: None,
            deadline: None,
        }
    }
}

/// Settings of a [`Client`].
#[derive(Clone, Debug)]
pub struct Builder {
    transport: transport::Builder,
    api_version: Option<String>,
}

impl Builder {
    /// Speaks another version of the API. `2023-11-01.18.0` unless set; `2024-07-01.20.0` differs only in
    /// that the service takes a timeout above 30 seconds for 30.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// Takes plain http for loopback addresses, for a sandbox on this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self) -> Self {
        self.transport = self.transport.allow_loopback_http();
        self
    }

    /// Longest time for opening a connection. 10 seconds unless set.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.transport = self.transport.connect_timeout(limit);
        self
    }

    /// Longest time for one attempt, up to the answer's last byte. 35 seconds unless set.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.transport = self.transport.attempt_timeout(limit);
        self
    }

    /// Longest time for a whole call. 60 seconds unless set.
    #[must_use]
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.transport = self.transport.total_timeout(limit);
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

/// A cancellation that is not sent yet; made by [`Client::cancel_deletion`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `.await`"]
pub struct CancelDeletion<'a> {
    client: &'a Client,
    thumbprint: &'a Thumbprint,
    timeout: Option<Duration>,
    client_request_id: Option<Uuid>,
    return_client_request_id: Option<bool>,
    ocp_date: Option<DateTime<Utc>>,
    deadline: Option<Duration>,
}

impl CancelDeletion<'_> {
    /// Longest time that the service may spend on the request, in whole seconds. It takes 30 seconds
    /// where this is left out. For how long this client waits, see [`deadline`](Self::deadline).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// The caller's own name for the request, for the service's logs.
    pub fn client_request_id(mut self, id: Uuid) -> Self {
        self.client_request_id = Some(id);
        self
    }

    /// Whether the service is to repeat the client request id in its answer.
    pub fn return_client_request_id(mut self, wanted: bool) -> Self {
        self.return_client_request_id = Some(wanted);
        self
    }

    /// The time at which the request was issued, to the second. A bearer token does not need it.
    pub fn ocp_date(mut self, date: DateTime<Utc>) -> Self {
        self.ocp_date = Some(date);
        self
    }

    /// Longest time for this call. The client's total timeout unless set.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    async fn send(self) -> Result<DeletionCanceled, transport::Error> {
        let timeout = self.timeout.map(seconds).transpose()?;
        let raw = &self.client.raw;
        let raw = raw.within(self.deadline)?;
        #[expect(
            deprecated,
            reason = "the documentation of `Client::cancel_deletion` says so"
        )]
        let mut call = raw
            .certificate_cancel_deletion()
            .thumbprint(self.thumbprint.as_str());
        if let Some(version) = &self.client.api_version {
            call = call.api_version(version.clone());
        }
        if let Some(timeout) = timeout {
            call = call.timeout(timeout);
        }
        if let Some(id) = self.client_request_id {
            call = call.client_request_id(id);
        }
        if let Some(wanted) = self.return_client_request_id {
            call = call.return_client_request_id(wanted);
        }
        if let Some(date) = self.ocp_date {
            check_year(date)?;
            call = call.ocp_date(HttpDate::from(date));
        }
        match call.send().await {
            Ok(answer) => Ok(DeletionCanceled(answer)),
            Err(error) => Err(transport::Error::from_client(error, code::DIALECT)),
        }
    }
}

impl<'a> IntoFuture for CancelDeletion<'a> {
    type Output = Result<DeletionCanceled, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let thumbprint = self.thumbprint;
        Box::pin(async move {
            let outcome = self.send().await;
            outcome.map_err(|cause| Error::in_call("cancel deletion", thumbprint, cause))
        })
    }
}

fn seconds(limit: Duration) -> Result<i32, transport::Error> {
    let problem = if limit.subsec_nanos() != 0 {
        "it has a fraction of a second"
    } else if limit.is_zero() {
        "it is zero"
    } else {
        match i32::try_from(limit.as_secs()) {
            Ok(seconds) => return Ok(seconds),
            Err(_) => "it is longer than 2147483647 seconds",
        }
    };
    let remedy = "give whole seconds, at least one; the service itself takes 30 if it is left out";
    Err(transport::Error::input("timeout", problem, remedy))
}

/// RFC 1123 has four digits for the year.
fn check_year(date: DateTime<Utc>) -> Result<(), transport::Error> {
    if (0..=9999).contains(&date.year()) {
        return Ok(());
    }
    let remedy = "give the time at which the request is issued, or leave it out";
    Err(transport::Error::input(
        "ocp_date",
        "its year has not four digits",
        remedy,
    ))
}

/// The answer to a cancellation: the certificate is `active` again.
///
/// Every header is `None` where the service left it out, as the live service does with `ETag` and
/// `Last-Modified`.
pub struct DeletionCanceled(ResponseValue<()>);

impl DeletionCanceled {
    fn typed(&self) -> raw::headers::CertificateCancelDeletion204<'_> {
        raw::headers::CertificateCancelDeletion204::of(self.0.headers())
    }

    /// The status: 204.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The service's name for the request.
    #[must_use]
    pub fn request_id(&self) -> Option<Uuid> {
        self.typed().request_id()
    }

    /// The caller's own name for the request, if its repetition was asked for.
    #[must_use]
    pub fn client_request_id(&self) -> Option<Uuid> {
        self.typed().client_request_id()
    }

    /// The certificate's version. No certificate operation takes it as a precondition.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.typed().e_tag()
    }

    /// When the certificate was last changed.
    #[must_use]
    pub fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.typed().last_modified().map(HttpDate::to_utc)
    }

    /// URL of the certificate.
    #[must_use]
    pub fn data_service_id(&self) -> Option<&str> {
        self.typed().data_service_id()
    }

    /// All headers, as they came.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }
}

impl fmt::Debug for DeletionCanceled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeletionCanceled")
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("client_request_id", &self.client_request_id())
            .field("etag", &self.etag())
            .field("last_modified", &self.last_modified())
            .finish_non_exhaustive()
    }
}
