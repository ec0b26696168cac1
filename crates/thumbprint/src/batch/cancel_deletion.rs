use thumbprint_transport as transport;

use super::{
    Answer, Client, JUDGEMENT,
    call::{Options, chains_options, with_options},
};
use crate::{
    Thumbprint,
    call::{awaits, chains_retry_ambiguous},
};

impl Client {
    /// Cancels the failed deletion of a certificate: sets its state from `deletefailed` back to `active`.
    ///
    /// The answer comes with `.await`; until then nothing is sent.
    ///
    /// # Deprecated
    ///
    /// Deprecated, and since 2025 refused by the live service
    /// ([`Error::is_retired`](crate::Error::is_retired)): use the Azure Key Vault extension for virtual
    /// machines. Whether every cloud refuses it is not known.
    ///
    /// # Errors
    ///
    /// [`Error::is_conflict`](crate::Error::is_conflict): the certificate is not in `deletefailed`
    /// ([`CERTIFICATE_STATE_ACTIVE`](super::code::CERTIFICATE_STATE_ACTIVE),
    /// [`CERTIFICATE_BEING_DELETED`](super::code::CERTIFICATE_BEING_DELETED)).
    /// [`Error::is_not_found`](crate::Error::is_not_found): the account has no such certificate.
    /// [`Error::is_outcome_unknown`](crate::Error::is_outcome_unknown): look at the certificate's state
    /// before trying again, or have that done for you ([`CancelDeletion::retry_ambiguous`]).
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
            options: Options::default(),
        }
    }
}

/// A cancellation that is not sent yet; made by [`Client::cancel_deletion`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `.await`"]
pub struct CancelDeletion<'a> {
    client: &'a Client,
    thumbprint: &'a Thumbprint,
    options: Options,
}

chains_options!(CancelDeletion);
chains_retry_ambiguous!(CancelDeletion);
awaits!(CancelDeletion => Answer<()>, "cancel deletion" of thumbprint);

impl CancelDeletion<'_> {
    async fn send(self) -> Result<Answer<()>, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        #[expect(
            deprecated,
            reason = "the documentation of `Client::cancel_deletion` says so"
        )]
        let builder = raw
            .certificate_cancel_deletion()
            .thumbprint(self.thumbprint.as_str());
        let builder = with_options!(builder, self.client, self.options);
        match builder.send().await {
            Ok(answer) => Ok(Answer::new(answer, |()| ())),
            Err(error) => Answer::inferred(transport::Error::from_client(error, &JUDGEMENT)),
        }
    }
}
