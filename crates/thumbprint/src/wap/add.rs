use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::StatusCode;
use progenitor_client::ClientInfo as _;
use thumbprint_transport::{self as transport, Delivery};

use super::{
    Client, JUDGEMENT,
    call::{Options, chains_options, with_options},
    raw::types::SubscriptionCertificateParameter,
};
use crate::{
    Thumbprint,
    call::{awaits, chains_retry_ambiguous, still_left},
    der,
};

impl Client {
    /// Adds a management certificate. Whoever holds its key can run the subscription from then on.
    ///
    /// # Errors
    ///
    /// [`Error::is_conflict`](crate::Error::is_conflict): the subscription has it already.
    /// [`Error::is_outcome_unknown`](crate::Error::is_outcome_unknown): look whether it is there, or have
    /// that done for you ([`Add::retry_ambiguous`]).
    ///
    /// Source: [Add a Management Certificate][page], which wrongly says that there is no body; the
    /// vendor's own client sends the certificate, and so does this.
    ///
    /// [page]: https://technet.microsoft.com/en-us/library/dn448680(v=msdn.10)
    ///
    /// ```
    /// # async fn example(tenant: thumbprint::wap::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use thumbprint::wap::NewCertificate;
    ///
    /// let certificate = NewCertificate::new(&std::fs::read("ana.cer")?)?;
    /// let added = tenant.add(certificate).await?;
    /// println!("{} may run the subscription", added.thumbprint);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "nothing is sent before `.await`"]
    pub fn add(&self, certificate: NewCertificate) -> Add<'_> {
        Add {
            client: self,
            certificate,
            options: Options::default(),
        }
    }
}

/// A management certificate to add, with the thumbprint and the public key that were read from it.
#[derive(Clone, Debug)]
pub struct NewCertificate {
    thumbprint: Thumbprint,
    public_key: Vec<u8>,
    data: Vec<u8>,
}

impl NewCertificate {
    /// A certificate without its key, in DER form or as PEM.
    ///
    /// # Errors
    ///
    /// It is no certificate.
    pub fn new(bytes: &[u8]) -> Result<Self, crate::Error> {
        let der::Given { der, public_key } = der::certificate(bytes)?;
        Ok(Self {
            thumbprint: Thumbprint::of_der(&der),
            public_key,
            data: der.into_owned(),
        })
    }

    /// The certificate's thumbprint.
    #[must_use]
    pub fn thumbprint(&self) -> &Thumbprint {
        &self.thumbprint
    }

    /// Refuses the certificate unless it has this thumbprint: for those who were told which one to add.
    pub fn expect(self, thumbprint: &Thumbprint) -> Result<Self, crate::Error> {
        if self.thumbprint == *thumbprint {
            return Ok(self);
        }
        let problem = format!("it has the thumbprint {}", self.thumbprint);
        Err(
            transport::Error::input("certificate", problem, "look whether it is the right file")
                .into(),
        )
    }
}

/// An addition that is not sent yet; made by [`Client::add`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `.await`"]
pub struct Add<'a> {
    client: &'a Client,
    certificate: NewCertificate,
    options: Options,
}

chains_options!(Add);
chains_retry_ambiguous!(Add);
awaits!(Add => Added, "add" of certificate.thumbprint);

/// The answer to an addition: the subscription has the certificate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Added {
    /// The certificate's thumbprint.
    pub thumbprint: Thumbprint,
    /// The status: 204, or 200 from some servers. That of the refusal if it is [inferred](Self::inferred).
    pub status: StatusCode,
    /// Whether the service's own answer was lost, and a repetition was refused because the subscription
    /// has this very certificate.
    pub inferred: bool,
}

impl Add<'_> {
    async fn send(self) -> Result<Added, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        let (transport, began) = (raw.inner(), raw.inner().clock().now());
        let NewCertificate {
            thumbprint,
            public_key,
            data,
        } = self.certificate;
        let body = SubscriptionCertificateParameter {
            subscription_certificate_public_key: BASE64_STANDARD.encode(public_key),
            subscription_certificate_thumbprint: thumbprint.to_string(),
            subscription_certificate_data: BASE64_STANDARD.encode(&data),
        };
        let builder = raw.management_certificate_add().body(body);
        let builder = with_options!(builder, self.client, self.options);
        let (status, inferred) = match builder.send().await {
            Ok(answer) => (answer.status(), false),
            Err(error) => {
                let error = transport::Error::from_client(error, &JUDGEMENT);
                // The sibling API of public Azure answers 200 to the same request.
                if error.undeclared_success() == Some(StatusCode::OK) {
                    (StatusCode::OK, false)
                } else {
                    let Some(left) = still_left(transport, began).filter(|_| exists_now(&error))
                    else {
                        return Err(error);
                    };
                    let found = self.client.get(&thumbprint).deadline(left).await;
                    match found.ok().and_then(|found| found.data) {
                        Some(theirs) if theirs == data => (StatusCode::CONFLICT, true),
                        _ => return Err(error),
                    }
                }
            }
        };
        Ok(Added {
            thumbprint,
            status,
            inferred,
        })
    }
}

/// Whether a repetition was refused because the subscription has the certificate: perhaps since the
/// attempt before it, perhaps since long ago.
fn exists_now(error: &transport::Error) -> bool {
    error.delivery() == Delivery::Unknown && error.status() == Some(StatusCode::CONFLICT)
}
