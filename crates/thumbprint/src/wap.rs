//! Management certificates of a tenant's subscription in Windows Azure Pack.
//!
//! Whoever holds the key of such a certificate can run the subscription, so deleting one revokes that.
//! The product is of 2013 and 2014 and runs on premises; hosts install it with self-signed TLS
//! certificates unless they bring their own.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};

use http::{HeaderMap, StatusCode};
use thumbprint_transport::{self as transport, Credential, ServiceError, Transport};
use uuid::Uuid;

use crate::{Error, Thumbprint};

mod certificate;

pub use certificate::{Certificate, Warning};
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
    /// the subscription's GUID. `principal` is the user that `token` was issued to, mostly an e-mail
    /// address; it is sent as `x-ms-principal-id`. Nothing is sent yet. Fails if one of them is not of
    /// its form.
    pub fn new(
        endpoint: &str,
        subscription: &str,
        principal: &str,
        token: impl Into<Credential>,
    ) -> Result<Self, Error> {
        Self::builder(endpoint, subscription, principal, token).build()
    }

    /// Like [`new`](Self::new), with settings.
    pub fn builder(
        endpoint: &str,
        subscription: &str,
        principal: &str,
        token: impl Into<Credential>,
    ) -> Builder {
        Builder {
            transport: Transport::builder(endpoint, token),
            subscription: subscription.to_owned(),
            principal: principal.to_owned(),
        }
    }

    /// The generated client, for what this one does not offer.
    #[must_use]
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }

    /// Deletes a management certificate, which revokes its access to the subscription. The answer holds
    /// the certificate that was deleted.
    ///
    /// The answer comes with `.await`; until then nothing is sent. Keep another way into the
    /// subscription: clients that authenticate by certificate are locked out with the last one.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`]: the subscription has no such certificate. [`Error::is_outcome_unknown`]:
    /// it may be deleted; send it again and take [`Error::is_not_found`] for done. [`Error::is_applied`]:
    /// it is deleted, and the answer could not be read.
    ///
    /// Source: [Delete a Management Certificate][page].
    ///
    /// [page]: https://technet.microsoft.com/en-us/library/dn448651(v=msdn.10)
    ///
    /// ```
    /// # async fn example(tenant: thumbprint::wap::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let cert = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B".parse()?;
    /// let gone = tenant.delete(&cert).client_request_id("ticket 4711").await?;
    /// if let Some(certificate) = gone.certificate() {
    ///     println!("stored {:?}, {:?}", certificate.created_at, certificate.warnings);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "nothing is sent before `.await`"]
    pub fn delete<'a>(&'a self, thumbprint: &'a Thumbprint) -> Delete<'a> {
        Delete {
            client: self,
            thumbprint,
            client_request_id: None,
            client_session_id: None,
            principal_live_id: None,
            deadline: None,
        }
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
}

impl Builder {
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
        let subscription = raw::types::SubscriptionId::try_from(self.subscription);
        let subscription = subscription.map_err(|_| {
            transport::Error::input(
                "subscription",
                "it is not a GUID in its hyphenated form",
                "give the identifier alone, such as 0cfc58de-38cb-4fa6-9258-4afde95d3c05, without braces",
            )
        })?;
        transport::header::check("principal", &self.principal)?;
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

/// A deletion that is not sent yet; made by [`Client::delete`].
#[derive(Clone)]
#[must_use = "nothing is sent before `.await`"]
pub struct Delete<'a> {
    client: &'a Client,
    thumbprint: &'a Thumbprint,
    client_request_id: Option<String>,
    client_session_id: Option<Uuid>,
    principal_live_id: Option<String>,
    deadline: Option<Duration>,
}

impl Delete<'_> {
    /// The caller's own name for the request: visible ASCII and spaces, at most 256 characters. The
    /// vendor's examples join a GUID and a time.
    pub fn client_request_id(mut self, id: impl Into<String>) -> Self {
        self.client_request_id = Some(id.into());
        self
    }

    /// Identifier of the caller's session.
    pub fn client_session_id(mut self, id: Uuid) -> Self {
        self.client_session_id = Some(id);
        self
    }

    /// Live identifier of the principal: visible ASCII, at most 256 characters.
    pub fn principal_live_id(mut self, id: impl Into<String>) -> Self {
        self.principal_live_id = Some(id.into());
        self
    }

    /// Longest time for this call. The client's total timeout unless set.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    async fn send(self) -> Result<Deleted, transport::Error> {
        let raw = self.client.raw.within(self.deadline)?;
        let mut call = raw
            .management_certificate_delete()
            .subscription_id(self.client.subscription.clone())
            .thumbprint_id(self.thumbprint.as_str())
            .x_ms_principal_id(self.client.principal.clone());
        if let Some(id) = self.client_request_id {
            transport::header::check("client_request_id", &id)?;
            call = call.x_ms_client_request_id(id);
        }
        if let Some(id) = self.client_session_id {
            call = call.x_ms_client_session_id(id);
        }
        if let Some(id) = self.principal_live_id {
            transport::header::check("principal_live_id", &id)?;
            call = call.x_ms_principal_liveid(id);
        }
        match call.send().await {
            Ok(answer) => Ok(Deleted {
                status: answer.status(),
                headers: answer.headers().clone(),
                certificate: Some(Certificate::read(&answer, Some(self.thumbprint))),
            }),
            Err(error) => Deleted::without_body(transport::Error::from_client(error, DIALECT)),
        }
    }
}

impl fmt::Debug for Delete<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delete")
            .field("thumbprint", &self.thumbprint)
            .field("client_request_id", &self.client_request_id)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl<'a> IntoFuture for Delete<'a> {
    type Output = Result<Deleted, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let thumbprint = self.thumbprint;
        Box::pin(async move {
            let outcome = self.send().await;
            outcome.map_err(|cause| Error::in_call("delete", thumbprint, cause))
        })
    }
}

/// How Windows Azure Pack speaks of errors. No page has a name for "busy".
const DIALECT: transport::Dialect<raw::types::ServiceError> = transport::Dialect {
    describe,
    turned_away: &[],
};

fn describe(error: &raw::types::ServiceError) -> ServiceError {
    let mut service = ServiceError::default();
    service.code.clone_from(&error.code);
    service.message.clone_from(&error.message);
    service.details = error
        .details
        .iter()
        .flatten()
        .map(|detail| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            (text(&detail.code), text(&detail.message))
        })
        .collect();
    service
}

/// The answer to a deletion: the certificate is gone.
#[derive(Clone)]
pub struct Deleted {
    status: StatusCode,
    headers: HeaderMap,
    certificate: Option<Certificate>,
}

impl Deleted {
    /// A success without the documented body is one all the same: the sibling APIs send none (their 200
    /// is empty, their other deletions answer 204), and a body that broke off comes after the deletion.
    fn without_body(error: transport::Error) -> Result<Self, transport::Error> {
        match (error.status(), error.headers()) {
            (Some(status), Some(headers)) if error.is_success_without_body() => Ok(Self {
                status,
                headers: headers.clone(),
                certificate: None,
            }),
            _ => Err(error),
        }
    }

    /// The certificate that was deleted. `None` if the service did not send it, or sent it only in part.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// The certificate that was deleted, by value.
    #[must_use]
    pub fn into_certificate(self) -> Option<Certificate> {
        self.certificate
    }

    /// The status: 200, or 204 where there is no certificate.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// All headers, as they came.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl fmt::Debug for Deleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deleted")
            .field("status", &self.status)
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}
