use std::{future, time::Duration};

use futures_util::stream::{self, Stream, StreamExt as _};

use super::{CertificateState, Client, DeletionOutcome, code, filter};
use crate::{Error, Thumbprint};

/// What happened to one certificate of many.
///
/// ```
/// use std::pin::pin;
///
/// use futures_util::StreamExt as _;
/// use thumbprint::{Thumbprint, batch::Client};
///
/// async fn delete(account: &Client, thumbprints: Vec<Thumbprint>) {
///     let mut outcomes = pin!(account.delete_all(thumbprints, 16, None));
///     while let Some(one) = outcomes.next().await {
///         println!("{}: {:?}", one.thumbprint, one.outcome);
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome<T> {
    /// The certificate.
    pub thumbprint: Thumbprint,
    /// What happened to it.
    pub outcome: T,
}

/// How canceling one failed deletion of many ended.
///
/// ```
/// use thumbprint::{Thumbprint, batch::{CancelOutcome, Client}};
///
/// async fn is_usable(account: &Client, cert: &Thumbprint) -> Option<bool> {
///     match account.cancel_one(cert).await {
///         CancelOutcome::Canceled | CancelOutcome::AlreadyActive => Some(true),
///         CancelOutcome::Unknown(_) => None, // get it, to see its state
///         _ => Some(false),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CancelOutcome {
    /// It is active again.
    Canceled,
    /// It was active already: somebody was faster.
    AlreadyActive,
    /// It is being deleted again: somebody has asked for that.
    BeingDeleted,
    /// The account has no such certificate any more.
    NotFound,
    /// The service did not do it, for this reason.
    Refused(Error),
    /// It is unknown whether the service did it.
    Unknown(Error),
}

/// How deleting one certificate of many ended.
///
/// ```
/// use std::time::Duration;
///
/// use thumbprint::{Thumbprint, batch::{Client, DeleteOutcome, DeletionOutcome}};
///
/// async fn delete(account: &Client, cert: &Thumbprint) {
///     match account.delete_one(cert, Some(Duration::from_secs(300))).await {
///         DeleteOutcome::Ended(DeletionOutcome::Deleted) | DeleteOutcome::NotFound => println!("gone"),
///         DeleteOutcome::Unfinished(_) => println!("it goes on: wait for it again"),
///         DeleteOutcome::Unknown(_) => println!("get it, to see its state"),
///         other => println!("still there: {other:?}"),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeleteOutcome {
    /// The service has taken the request, and was not waited for.
    Accepted,
    /// It was being deleted already, and was not waited for.
    BeingDeleted,
    /// It was waited for, and ended so.
    Ended(DeletionOutcome),
    /// The account had no such certificate to begin with.
    NotFound,
    /// The service did not do it, for this reason.
    Refused(Error),
    /// The service has taken the request, and it was not seen to end: it was still being deleted when the wait was
    /// over.
    Unfinished(Error),
    /// It is unknown whether the service has taken the request.
    Unknown(Error),
}

impl Client {
    /// Cancels every failed deletion of the account: lists the certificates in `deletefailed` and cancels
    /// each, `concurrency` of them at once; 16 is a good number. One that cannot be canceled does not stop
    /// the others.
    ///
    /// The stream, which is to be pinned, has the outcomes in the order in which they become known. It holds
    /// no more than a page of the list and the calls under way. It ends with an error only if the list does;
    /// what was canceled until then stays so. A certificate whose thumbprint cannot be read cannot be named
    /// in a request, and is left out.
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), thumbprint::Error> {
    /// use std::pin::pin;
    ///
    /// use futures_util::TryStreamExt as _;
    /// use thumbprint::batch::CancelOutcome;
    ///
    /// let mut outcomes = pin!(account.cancel_failed_deletions(16));
    /// while let Some(one) = outcomes.try_next().await? {
    ///     match one.outcome {
    ///         CancelOutcome::Canceled | CancelOutcome::AlreadyActive => {}
    ///         other => println!("{}: {other:?}", one.thumbprint),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel_failed_deletions(
        &self,
        concurrency: usize,
    ) -> impl Stream<Item = Result<Outcome<CancelOutcome>, Error>> + Send {
        let failed = filter::state().eq(CertificateState::DeleteFailed);
        let list = self.list().filter(failed).select(["thumbprint", "state"]);
        list.items()
            .filter_map(|item| {
                let thumbprint = item.map(|item| item.thumbprint?.parse().ok());
                future::ready(thumbprint.transpose())
            })
            .map(move |thumbprint: Result<Thumbprint, Error>| async move {
                let thumbprint = thumbprint?;
                let outcome = self.cancel_one(&thumbprint).await;
                Ok(Outcome {
                    thumbprint,
                    outcome,
                })
            })
            .buffer_unordered(concurrency.max(1))
    }

    /// Deletes the given certificates, `concurrency` of them at once. With a limit to `wait` for, it waits
    /// for each certificate until it is gone or its deletion has failed, for at most that long. One that
    /// cannot be deleted does not stop the others.
    ///
    /// The stream, which is to be pinned, has the outcomes in the order in which they become known.
    pub fn delete_all<I>(
        &self,
        thumbprints: I,
        concurrency: usize,
        wait: Option<Duration>,
    ) -> impl Stream<Item = Outcome<DeleteOutcome>> + Send
    where
        I: IntoIterator<Item = Thumbprint>,
        I::IntoIter: Send,
    {
        stream::iter(thumbprints)
            .map(move |thumbprint| async move {
                let outcome = self.delete_one(&thumbprint, wait).await;
                Outcome {
                    thumbprint,
                    outcome,
                }
            })
            .buffer_unordered(concurrency.max(1))
    }

    /// Cancels one failed deletion of many, as [`cancel_failed_deletions`](Self::cancel_failed_deletions) does:
    /// for those who choose the certificates and their order themselves. Every error is part of the outcome.
    pub async fn cancel_one(&self, thumbprint: &Thumbprint) -> CancelOutcome {
        let Err(error) = self.cancel_deletion(thumbprint).await else {
            return CancelOutcome::Canceled;
        };
        match error.code() {
            Some(code::CERTIFICATE_STATE_ACTIVE) => CancelOutcome::AlreadyActive,
            Some(code::CERTIFICATE_BEING_DELETED) => CancelOutcome::BeingDeleted,
            _ if error.is_not_found() => CancelOutcome::NotFound,
            _ if error.is_outcome_unknown() => CancelOutcome::Unknown(error),
            _ => CancelOutcome::Refused(error),
        }
    }

    /// Deletes one certificate of many, as [`delete_all`](Self::delete_all) does: for those who choose the
    /// certificates and their order themselves. Every error is part of the outcome.
    pub async fn delete_one(
        &self,
        thumbprint: &Thumbprint,
        wait: Option<Duration>,
    ) -> DeleteOutcome {
        let accepted = match self.delete(thumbprint).await {
            Ok(_) => DeleteOutcome::Accepted,
            Err(error) if error.code() == Some(code::CERTIFICATE_BEING_DELETED) => {
                DeleteOutcome::BeingDeleted
            }
            Err(error) if error.is_not_found() => return DeleteOutcome::NotFound,
            Err(error) if error.is_outcome_unknown() => return DeleteOutcome::Unknown(error),
            Err(error) => return DeleteOutcome::Refused(error),
        };
        let Some(limit) = wait else { return accepted };
        let ended = self.wait_for_deletion(thumbprint, limit).await;
        ended.map_or_else(DeleteOutcome::Unfinished, DeleteOutcome::Ended)
    }
}
