use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt as _};

use super::{Certificate, CertificateState, Client, Settled, code, filter};
use crate::{Error, Thumbprint};

/// How many calls are under way at once, unless set.
const CONCURRENCY: usize = 16;

impl Client {
    /// Cancels every failed deletion of the account: lists the certificates in `deletefailed` and cancels
    /// each, with bounded concurrency. One that cannot be canceled does not stop the others.
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), thumbprint::Error> {
    /// use std::pin::pin;
    ///
    /// use futures_util::TryStreamExt as _;
    /// use thumbprint::batch::Canceled;
    ///
    /// let mut outcomes = pin!(account.cancel_failed_deletions().outcomes());
    /// while let Some(outcome) = outcomes.try_next().await? {
    ///     match outcome.came_to {
    ///         Canceled::Done | Canceled::AlreadyActive => {}
    ///         other => println!("{:?}: {other:?}", outcome.thumbprint),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel_failed_deletions(&self) -> CancelFailedDeletions<'_> {
        CancelFailedDeletions {
            client: self,
            concurrency: CONCURRENCY,
        }
    }

    /// Deletes the given certificates, with bounded concurrency, and waits for each if asked to. One that
    /// cannot be deleted does not stop the others.
    pub fn delete_all<I>(&self, thumbprints: I) -> DeleteAll<'_, I>
    where
        I: IntoIterator<Item = Thumbprint>,
    {
        DeleteAll {
            client: self,
            thumbprints,
            concurrency: CONCURRENCY,
            limit: None,
        }
    }
}

/// What one certificate of many came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome<T> {
    /// The certificate.
    pub thumbprint: Thumbprint,
    /// What it came to.
    pub came_to: T,
}

/// What canceling one failed deletion of many came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Canceled {
    /// It is active again.
    Done,
    /// It was active already: somebody was faster.
    AlreadyActive,
    /// It is being deleted again: somebody has asked for that.
    BeingDeleted,
    /// The account has no such certificate any more.
    Gone,
    /// The service did not do it, for this reason.
    Refused(Error),
    /// Nobody knows whether the service did it.
    Unknown(Error),
}

/// The cancellation of many failed deletions; made by [`Client::cancel_failed_deletions`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct CancelFailedDeletions<'a> {
    client: &'a Client,
    concurrency: usize,
}

impl<'a> CancelFailedDeletions<'a> {
    /// How many cancellations are under way at once. 16 unless set; zero counts as one.
    pub fn concurrency(mut self, number: usize) -> Self {
        self.concurrency = number.max(1);
        self
    }

    /// The outcomes, in the order in which they come about. To be pinned. No more than a page of the list
    /// and the calls under way are held at a time. It ends with an error only if the list does; what was
    /// canceled until then stays so.
    ///
    /// A certificate whose thumbprint the service spells in another form cannot be named in a request,
    /// and is left out.
    pub fn outcomes(self) -> impl Stream<Item = Result<Outcome<Canceled>, Error>> + Send + 'a {
        let client = self.client;
        let failed = filter::state().eq(CertificateState::DeleteFailed);
        let list = client.list().filter(failed).select(["thumbprint", "state"]);
        list.certificates()
            // A certificate without a readable thumbprint cannot be named, so nothing can be done to it.
            .filter_map(|item| std::future::ready(named(item).transpose()))
            .map(move |item| async move {
                let thumbprint = item?;
                let came_to = cancel(client, &thumbprint).await;
                Ok(Outcome {
                    thumbprint,
                    came_to,
                })
            })
            .buffer_unordered(self.concurrency)
    }
}

fn named(item: Result<Certificate, Error>) -> Result<Option<Thumbprint>, Error> {
    item.map(|certificate| certificate.thumbprint)
}

async fn cancel(client: &Client, thumbprint: &Thumbprint) -> Canceled {
    match client.cancel_deletion(thumbprint).await {
        Ok(_) => Canceled::Done,
        Err(error) => match error.code() {
            Some(code::CERTIFICATE_STATE_ACTIVE) => Canceled::AlreadyActive,
            Some(code::CERTIFICATE_BEING_DELETED) => Canceled::BeingDeleted,
            _ if error.is_not_found() => Canceled::Gone,
            _ if error.is_outcome_unknown() => Canceled::Unknown(error),
            _ => Canceled::Refused(error),
        },
    }
}

/// What deleting one certificate of many came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeletedOne {
    /// The service has taken the request, and was not waited for.
    Accepted,
    /// It was being deleted already, and was not waited for.
    BeingDeleted,
    /// It is gone: the service has deleted it.
    Deleted,
    /// The account had no such certificate to begin with.
    NotFound,
    /// The deletion failed; the certificate's [`delete_error`](Certificate::delete_error) says why.
    Failed(Box<Certificate>),
    /// It is in another state: somebody has canceled the deletion.
    NotDeleting(Box<Certificate>),
    /// The service did not do it, for this reason.
    Refused(Error),
    /// Nobody knows what it came to: the connection broke, or it was still being deleted at the end.
    Unknown(Error),
}

/// The deletion of many certificates; made by [`Client::delete_all`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before the stream is polled"]
pub struct DeleteAll<'a, I> {
    client: &'a Client,
    thumbprints: I,
    concurrency: usize,
    limit: Option<Duration>,
}

impl<'a, I> DeleteAll<'a, I>
where
    I: IntoIterator<Item = Thumbprint>,
    I::IntoIter: Send + 'a,
{
    /// How many certificates are worked on at once. 16 unless set; zero counts as one.
    pub fn concurrency(mut self, number: usize) -> Self {
        self.concurrency = number.max(1);
        self
    }

    /// Waits for each certificate until it is gone or its deletion has failed, for at most `limit` each.
    pub fn and_wait(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The outcomes, in the order in which they come about. To be pinned.
    pub fn outcomes(self) -> impl Stream<Item = Outcome<DeletedOne>> + Send + 'a {
        let Self {
            client,
            thumbprints,
            concurrency,
            limit,
        } = self;
        stream::iter(thumbprints)
            .map(move |thumbprint| async move {
                let came_to = delete(client, &thumbprint, limit).await;
                Outcome {
                    thumbprint,
                    came_to,
                }
            })
            .buffer_unordered(concurrency)
    }
}

async fn delete(client: &Client, thumbprint: &Thumbprint, limit: Option<Duration>) -> DeletedOne {
    let accepted = match client.delete(thumbprint).await {
        Ok(_) => DeletedOne::Accepted,
        Err(error) if error.code() == Some(code::CERTIFICATE_BEING_DELETED) => {
            DeletedOne::BeingDeleted
        }
        Err(error) if error.is_not_found() => return DeletedOne::NotFound,
        Err(error) if error.is_outcome_unknown() => return DeletedOne::Unknown(error),
        Err(error) => return DeletedOne::Refused(error),
    };
    let Some(limit) = limit else { return accepted };
    match client.wait_until_settled(thumbprint, limit).await {
        Ok(Settled::Deleted) => DeletedOne::Deleted,
        Ok(Settled::DeleteFailed(certificate)) => DeletedOne::Failed(certificate),
        Ok(Settled::NotDeleting(certificate)) => DeletedOne::NotDeleting(certificate),
        Err(error) => DeletedOne::Unknown(error),
    }
}
