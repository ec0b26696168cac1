use std::fmt;

use http::{HeaderMap, StatusCode};
use thumbprint_transport as transport;

use super::{
    Certificate, Client, JUDGEMENT,
    call::{Options, chains_options, with_options},
};
use crate::{Thumbprint, call::awaits};

impl Client {
    /// Deletes a management certificate, which revokes its access to the subscription. The answer holds
    /// the certificate that was deleted.
    ///
    /// The answer comes with `.await`; until then nothing is sent. Keep another way into the
    /// subscription: clients that authenticate by certificate are locked out with the last one.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`](crate::Error::is_not_found): the subscription has no such certificate.
    /// [`Error::is_outcome_unknown`](crate::Error::is_outcome_unknown): it may be deleted; it was sent
    /// again, to no avail. Send it again later and take "not found" for done. [`Error::is_applied`](crate::Error::is_applied): it is deleted, and
    /// the answer could not be read.
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
            options: Options::default(),
        }
    }
}

/// A deletion that is not sent yet; made by [`Client::delete`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `.await`"]
pub struct Delete<'a> {
    client: &'a Client,
    thumbprint: &'a Thumbprint,
    options: Options,
}

chains_options!(Delete);
awaits!(Delete => Deleted, "delete" of thumbprint);

impl Delete<'_> {
    async fn send(self) -> Result<Deleted, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        let builder = raw
            .management_certificate_delete()
            .thumbprint_id(self.thumbprint.as_str());
        let builder = with_options!(builder, self.client, self.options);
        match builder.send().await {
            Ok(answer) => Ok(Deleted {
                status: answer.status(),
                headers: answer.headers().clone(),
                certificate: Some(Certificate::read(&answer, Some(self.thumbprint))),
                inferred: false,
            }),
            Err(error) => Deleted::without_body(transport::Error::from_client(error, &JUDGEMENT)),
        }
    }
}

/// The answer to a deletion: the certificate is gone.
#[derive(Clone)]
pub struct Deleted {
    status: StatusCode,
    headers: HeaderMap,
    certificate: Option<Certificate>,
    inferred: bool,
}

impl Deleted {
    /// A success without the documented body is one all the same: the sibling APIs send none (their 200
    /// is empty, their other deletions answer 204), and a body that broke off comes after the deletion.
    /// So is "not found" after an attempt whose answer was lost.
    fn without_body(error: transport::Error) -> Result<Self, transport::Error> {
        match (error.status(), error.headers()) {
            (Some(status), Some(headers))
                if error.is_success_without_body() || error.is_confirmation() =>
            {
                Ok(Self {
                    status,
                    headers: headers.clone(),
                    certificate: None,
                    inferred: error.is_confirmation(),
                })
            }
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

    /// Whether the service's own answer was lost, and a repetition was answered that there is no such
    /// certificate. [`status`](Self::status) and the headers are then those of that answer.
    #[must_use]
    pub fn is_inferred(&self) -> bool {
        self.inferred
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
            .field("inferred", &self.inferred)
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}
