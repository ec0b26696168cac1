use std::{task::Poll, time::Duration};

use thumbprint_transport::poller::{self, Backoff};

use super::{Certificate, CertificateState, Client, code, raw::operations};
use crate::{Error, Thumbprint};

/// How long to wait between two reads of a certificate's state.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(15),
};

impl Client {
    /// Asks the service to delete a certificate, then [waits](Self::wait_for_deletion) for at most `limit`
    /// until that is over. One that is being deleted already is waited for as well.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), thumbprint::Error> {
    /// use thumbprint::batch::DeletionOutcome;
    ///
    /// let cert = "0123456789abcdef0123456789abcdef01234567".parse()?;
    /// match account.delete_and_wait(&cert, Duration::from_secs(300)).await? {
    ///     DeletionOutcome::Deleted => println!("gone"),
    ///     DeletionOutcome::DeleteFailed(certificate) => {
    ///         println!("{:?}", certificate.delete_certificate_error);
    ///     }
    ///     other => println!("{other:?}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`delete`](Self::delete) and of [`wait_for_deletion`](Self::wait_for_deletion).
    pub async fn delete_and_wait(
        &self,
        thumbprint: &Thumbprint,
        limit: Duration,
    ) -> Result<DeletionOutcome, Error> {
        match self.delete(thumbprint).await {
            Err(error) if error.code() != Some(code::CERTIFICATE_BEING_DELETED) => Err(error),
            _ => self.wait_for_deletion(thumbprint, limit).await,
        }
    }

    /// Gets a certificate whose deletion was accepted, again and again, until it is not being deleted any more,
    /// for at most `limit`.
    ///
    /// # Errors
    ///
    /// [`Error::is_unfinished`] is true of each: the deletion goes on without you; wait for it again.
    /// [`Error::is_timeout`]: it was still being deleted at the end of `limit`. An error of one attempt that may
    /// pass is not the end; any other is.
    pub async fn wait_for_deletion(
        &self,
        thumbprint: &Thumbprint,
        limit: Duration,
    ) -> Result<DeletionOutcome, Error> {
        let transport = self.raw.transport();
        let get = |left: Duration| async move {
            let mut call = self.get(thumbprint);
            if !left.is_zero() {
                call = call.deadline(left.min(transport.total_timeout()));
            }
            match call.await {
                Ok(answer) => Ok(DeletionOutcome::of(answer.into_value())),
                Err(error) if error.is_not_found() => Ok(Poll::Ready(DeletionOutcome::Deleted)),
                Err(error) => Err(error),
            }
        };
        let outcome = poller::poll(transport.clock(), limit, BACKOFF, get).await;
        let subject = || Some(thumbprint.to_string());
        outcome.map_err(|error| error.in_call(&operations::CERTIFICATE_DELETE, subject()))
    }
}

/// How a deletion ended.
///
/// ```
/// use std::time::Duration;
///
/// use thumbprint::{Thumbprint, batch::{Client, DeletionOutcome}};
///
/// /// Waits for a deletion that was asked for earlier, and says what stands in its way.
/// async fn obstacle(account: &Client, cert: &Thumbprint) -> Result<Option<String>, thumbprint::Error> {
///     Ok(match account.wait_for_deletion(cert, Duration::from_secs(300)).await? {
///         DeletionOutcome::DeleteFailed(certificate) => {
///             certificate.delete_certificate_error.and_then(|error| error.message)
///         }
///         _ => None,
///     })
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DeletionOutcome {
    /// The account has no such certificate (any more).
    Deleted,
    /// The deletion failed; the certificate's `delete_certificate_error` says why.
    DeleteFailed(Box<Certificate>),
    /// The certificate is in another state: somebody has canceled the deletion, or there was none.
    NotDeleting(Box<Certificate>),
}

impl DeletionOutcome {
    fn of(certificate: Certificate) -> Poll<Self> {
        match certificate.state {
            Some(CertificateState::Deleting) => Poll::Pending,
            Some(CertificateState::DeleteFailed) => {
                Poll::Ready(Self::DeleteFailed(Box::new(certificate)))
            }
            _ => Poll::Ready(Self::NotDeleting(Box::new(certificate))),
        }
    }
}
