//! What an operation would do to certificates, as far as their states tell.

use futures_util::stream::{self, StreamExt as _};
use thumbprint::{
    Error, Thumbprint,
    batch::{Certificate, CertificateState, Client, raw::builder::CertificateList},
};

use super::account::{Account, Naming, with_options};
use crate::{
    failure::{self, Failure},
    results::{Change, Contents, Operation, Outcome},
    tally::{Ended, Tally, Verdict},
};

/// How many certificates are asked for at once with what they are.
pub(super) const PAGE: i32 = 200;

/// What has to be known of a certificate to say what would become of it, and to name it to people.
const PROPERTIES: [&str; 5] = [
    "thumbprint",
    "state",
    "stateTransitionTime",
    "deleteCertificateError",
    "publicData",
];

/// A list of certificates with what they are, as many at once as an answer may hold: 4 MiB, and one certificate has
/// up to 10 KB, which base64 makes longer.
pub(super) fn list(client: &Client) -> CertificateList<'_> {
    client.list().select(PROPERTIES).max_results(PAGE)
}

/// How certificates are read.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) client: &'a Client,
    pub(super) account: &'a Account,
    pub(super) naming: &'a Naming,
}

impl Look<'_> {
    /// Reads the certificates, and says what would become of each by its state. Nothing is changed.
    pub(super) async fn at(
        self,
        operation: Operation,
        thumbprints: Vec<Thumbprint>,
        concurrency: usize,
        tally: Tally,
        judge: fn(Option<&CertificateState>) -> (Outcome, Verdict),
    ) -> Result<(), Failure> {
        let looked = stream::iter(thumbprints).map(|thumbprint| async move {
            match self.read(&thumbprint).await {
                Ok(certificate) => {
                    let judged = judge(certificate.state.as_ref());
                    foreseen(operation, &thumbprint, &certificate, judged)
                }
                Err(error) => unread(operation, &thumbprint, &error),
            }
        });
        tally.preview(looked.buffered(concurrency)).await
    }

    pub(super) async fn read(self, thumbprint: &Thumbprint) -> Result<Certificate, Error> {
        let call = self.client.get(thumbprint).select(PROPERTIES);
        let answer = with_options!(call, self.account, self.naming).await?;
        Ok(answer.into_value())
    }
}

/// What is said of a certificate whose state is known.
pub(super) fn foreseen(
    operation: Operation,
    thumbprint: &Thumbprint,
    certificate: &Certificate,
    (outcome, verdict): (Outcome, Verdict),
) -> Ended {
    let mut change = Change::new(operation, thumbprint, outcome);
    if let Some(error) = &certificate.delete_certificate_error {
        change = change.with_delete_error(error.into());
    }
    change.state = certificate
        .state
        .as_ref()
        .map(|state| state.as_str().to_owned());
    Ended {
        change: change.with_contents(Contents::of_batch(certificate)),
        verdict,
    }
}

/// What is said of a certificate that could not be read.
pub(super) fn unread(operation: Operation, thumbprint: &Thumbprint, error: &Error) -> Ended {
    let (outcome, verdict) = if error.is_not_found() {
        (Outcome::NotFound, Verdict::Failed)
    } else {
        (Outcome::Refused, Verdict::Failed)
    };
    let change = Change::new(operation, thumbprint, outcome);
    let change = change.with_error(failure::problem(Some(operation), error));
    Ended { change, verdict }
}
