use std::time::Duration;

use thumbprint_transport::{self as transport, Delivery};

use super::{
    Answer, Certificate, CertificateState, Client, JUDGEMENT,
    call::{Options, chains_options, with_options},
    code,
};
use crate::{Error, Thumbprint, call::awaits};

/// First pause between two looks at a certificate that is being deleted; each one after it is half as
/// long again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause between two looks.
const LAST_PAUSE: Duration = Duration::from_secs(15);

impl Client {
    /// Asks the service to delete a certificate. The answer (202) only says that it will: see
    /// [`and_wait`](Delete::and_wait).
    ///
    /// # Deprecated
    ///
    /// Deprecated, and since 2025 refused by the live service
    /// ([`Error::is_retired`](crate::Error::is_retired)): use the Azure Key Vault extension for virtual
    /// machines. Whether every cloud refuses it is not known.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`]: the account has no such certificate. [`Error::is_conflict`]: it is being
    /// deleted already. [`Error::is_outcome_unknown`]: look at its state.
    ///
    /// Source: [Certificate - Delete][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/certificate/delete
    ///
    /// ```
    /// # use std::time::Duration;
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use thumbprint::batch::Settled;
    ///
    /// let cert = "0123456789abcdef0123456789abcdef01234567".parse()?;
    /// match account.delete(&cert).and_wait(Duration::from_secs(300)).await? {
    ///     Settled::Deleted => println!("gone"),
    ///     Settled::DeleteFailed(certificate) => println!("{:?}", certificate.delete_error),
    ///     other => println!("{other:?}"),
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

    /// Looks at a certificate, again and again, until it is not being deleted any more, for at most
    /// `limit`.
    ///
    /// # Errors
    ///
    /// [`Error::is_timeout`]: it was still being deleted at the end of `limit`.
    #[must_use = "nothing is sent before `.await`"]
    pub fn wait_until_settled<'a>(
        &'a self,
        thumbprint: &'a Thumbprint,
        limit: Duration,
    ) -> WaitUntilSettled<'a> {
        WaitUntilSettled {
            client: self,
            thumbprint,
            limit,
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
awaits!(Delete => Answer<()>, "delete" of thumbprint);

impl<'a> Delete<'a> {
    /// Waits, after the service has taken the request, until the certificate is gone or its deletion has
    /// failed, for at most `limit`.
    pub fn and_wait(self, limit: Duration) -> DeleteAndWait<'a> {
        DeleteAndWait {
            delete: self,
            limit,
        }
    }

    async fn send(self) -> Result<Answer<()>, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        #[expect(deprecated, reason = "the documentation of `Client::delete` says so")]
        let builder = raw
            .certificate_delete()
            .thumbprint(self.thumbprint.as_str());
        let builder = with_options!(builder, self.client, self.options);
        match builder.send().await {
            Ok(answer) => Ok(Answer::new(answer, |()| ())),
            Err(error) => Answer::inferred(transport::Error::from_client(error, &JUDGEMENT)),
        }
    }
}

/// A deletion that is waited for; made by [`Delete::and_wait`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `.await`"]
pub struct DeleteAndWait<'a> {
    delete: Delete<'a>,
    limit: Duration,
}

awaits!(DeleteAndWait => Settled, "delete" of delete.thumbprint);

impl DeleteAndWait<'_> {
    async fn send(self) -> Result<Settled, transport::Error> {
        let (client, thumbprint) = (self.delete.client, self.delete.thumbprint);
        match self.delete.send().await {
            // Somebody has asked for it already: what is waited for is the same.
            Err(error) if is_being_deleted(&error) => {}
            outcome => drop(outcome?),
        }
        wait(client, thumbprint, self.limit).await
    }
}

/// A wait for the end of a deletion; made by [`Client::wait_until_settled`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `.await`"]
pub struct WaitUntilSettled<'a> {
    client: &'a Client,
    thumbprint: &'a Thumbprint,
    limit: Duration,
}

awaits!(WaitUntilSettled => Settled, "wait for the deletion" of thumbprint);

impl WaitUntilSettled<'_> {
    async fn send(self) -> Result<Settled, transport::Error> {
        wait(self.client, self.thumbprint, self.limit).await
    }
}

/// What a deletion came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Settled {
    /// The account has no such certificate (any more).
    Deleted,
    /// The deletion failed; the certificate's [`delete_error`](Certificate::delete_error) says why.
    DeleteFailed(Box<Certificate>),
    /// The certificate is in another state: somebody has canceled the deletion, or there was none.
    NotDeleting(Box<Certificate>),
}

async fn wait(
    client: &Client,
    thumbprint: &Thumbprint,
    limit: Duration,
) -> Result<Settled, transport::Error> {
    let (transport, clock) = (client.transport(), client.transport().clock());
    let start = clock.now();
    let (mut left, mut pause) = (limit, FIRST_PAUSE);
    loop {
        let mut look = client.get(thumbprint);
        if !left.is_zero() {
            // A look that hangs must not outlast the caller's patience.
            look = look.deadline(left.min(transport.total_timeout()));
        }
        match look.await {
            Ok(answer) => {
                let certificate = Box::new(answer.into_inner());
                match certificate.state {
                    Some(CertificateState::Deleting) => {}
                    Some(CertificateState::DeleteFailed) => {
                        return Ok(Settled::DeleteFailed(certificate));
                    }
                    _ => return Ok(Settled::NotDeleting(certificate)),
                }
            }
            Err(error) if error.is_not_found() => return Ok(Settled::Deleted),
            // A look changes nothing, so one that came to nothing is made again.
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error.into_cause()),
        }
        left = limit.saturating_sub(clock.now().duration_since(start));
        if left.is_zero() {
            return Err(transport::Error::not_settled(limit));
        }
        clock.sleep(pause.min(left)).await;
        pause = (pause * 3 / 2).min(LAST_PAUSE);
    }
}

fn is_being_deleted(error: &transport::Error) -> bool {
    let code = error.service().and_then(|service| service.code.as_deref());
    code == Some(code::CERTIFICATE_BEING_DELETED)
}

fn is_passing(error: &Error) -> bool {
    error.is_outcome_unknown()
        || error.is_throttled()
        || error.cause().is_body_lost()
        || (error.is_connect() && error.cause().delivery() == Delivery::NotSent)
}
