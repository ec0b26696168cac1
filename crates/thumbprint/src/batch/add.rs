use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use progenitor_client::ClientInfo as _;
use thumbprint_transport::{self as transport, Delivery, Secret};

use super::{
    Answer, Client, JUDGEMENT,
    call::{Options, chains_options, with_options},
    code,
    raw::types::{CertificateAddParameter, CertificateFormat, ThumbprintAlgorithm},
};
use crate::{
    Thumbprint,
    call::{awaits, chains_retry_ambiguous, still_left},
    der,
};

/// Longest data that the service takes, in base64: 10 KB.
const MAX_DATA: usize = 10 * 1024;

impl Client {
    /// Adds a certificate to the account.
    ///
    /// # Deprecated
    ///
    /// Deprecated, and since 2025 refused by the live service
    /// ([`Error::is_retired`](crate::Error::is_retired)): use the Azure Key Vault extension for virtual
    /// machines. Whether every cloud refuses it is not known.
    ///
    /// # Errors
    ///
    /// [`Error::is_conflict`](crate::Error::is_conflict): the account has it already.
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input): it is too long, or a `.cer` with a
    /// password. [`Error::is_outcome_unknown`](crate::Error::is_outcome_unknown): look whether it is there.
    /// With [`Add::retry_ambiguous`] a `.cer` is looked for and compared; of a PFX nothing can be
    /// compared but the thumbprint, so its outcome stays unknown if a repetition finds it there.
    ///
    /// Source: [Certificate - Add][page].
    ///
    /// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/certificate/add
    ///
    /// ```
    /// # async fn example(account: thumbprint::batch::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use thumbprint::batch::NewCertificate;
    ///
    /// account.add(NewCertificate::cer(&std::fs::read("ana.cer")?)?).await?;
    ///
    /// let thumbprint = "0123456789abcdef0123456789abcdef01234567".parse()?;
    /// let pfx = NewCertificate::pfx(&std::fs::read("ana.pfx")?, thumbprint)?;
    /// account.add(pfx.password(std::env::var("PFX_PASSWORD")?)).await?;
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

/// A certificate to add.
#[derive(Clone)]
pub struct NewCertificate {
    thumbprint: Thumbprint,
    data: Secret,
    format: CertificateFormat,
    password: Option<Secret>,
}

impl NewCertificate {
    /// A certificate without its key, in DER form or as PEM. Its thumbprint is computed.
    ///
    /// # Errors
    ///
    /// It is no certificate, or longer than 10 KB in base64.
    pub fn cer(bytes: &[u8]) -> Result<Self, crate::Error> {
        let der = der::certificate(bytes)?.der;
        Ok(Self {
            thumbprint: Thumbprint::of_der(&der),
            data: encode(&der)?,
            format: CertificateFormat::Cer,
            password: None,
        })
    }

    /// A certificate with its key, as a PFX (PKCS #12). What it holds is encrypted, so its thumbprint has
    /// to be given.
    ///
    /// # Errors
    ///
    /// It is empty, or longer than 10 KB in base64.
    pub fn pfx(bytes: &[u8], thumbprint: Thumbprint) -> Result<Self, crate::Error> {
        if bytes.is_empty() {
            return Err(
                transport::Error::input("data", "it is empty", "give the file's bytes").into(),
            );
        }
        Ok(Self {
            thumbprint,
            data: encode(bytes)?,
            format: CertificateFormat::Pfx,
            password: None,
        })
    }

    /// The password of a PFX. A `.cer` has none, and is refused with one when it is added.
    #[must_use]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The thumbprint under which it is added.
    #[must_use]
    pub fn thumbprint(&self) -> &Thumbprint {
        &self.thumbprint
    }

    /// What the service shows of the certificate once it has it. Of a PFX it is encrypted.
    fn public_data(&self) -> Option<Vec<u8>> {
        let cer = self.format == CertificateFormat::Cer;
        cer.then(|| BASE64_STANDARD.decode(self.data.expose()).ok())
            .flatten()
    }

    fn into_parameter(self) -> Result<CertificateAddParameter, transport::Error> {
        if self.format == CertificateFormat::Cer && self.password.is_some() {
            let problem = "a certificate without its key has no password";
            return Err(transport::Error::input(
                "password",
                problem,
                "leave it out, or add a PFX",
            ));
        }
        Ok(CertificateAddParameter {
            certificate_format: Some(self.format),
            data: self.data.expose().to_owned().into(),
            password: self
                .password
                .map(|password| password.expose().to_owned().into()),
            // A Thumbprint has the form that the document asks for.
            thumbprint: self.thumbprint.as_str().parse().map_err(|_| {
                transport::Error::input("thumbprint", "it is none", "give 40 hexadecimal digits")
            })?,
            thumbprint_algorithm: ThumbprintAlgorithm::Sha1,
        })
    }
}

impl fmt::Debug for NewCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCertificate")
            .field("thumbprint", &self.thumbprint)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// The page limits "the base64-encoded contents" to 10 KB, and does not say which side of the encoding
/// it means; what passes here passes either way.
fn encode(bytes: &[u8]) -> Result<Secret, transport::Error> {
    let text = BASE64_STANDARD.encode(bytes);
    if text.len() > MAX_DATA {
        let problem = format!("it has {} bytes in base64", text.len());
        let remedy = "the service takes 10 KB; leave out what the certificate's chain adds";
        return Err(transport::Error::input("data", problem, remedy));
    }
    Ok(Secret::from(text))
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
awaits!(Add => Answer<()>, "add" of certificate.thumbprint);

impl Add<'_> {
    async fn send(self) -> Result<Answer<()>, transport::Error> {
        let raw = self.client.raw.with_options(&self.options.call)?;
        let (transport, began) = (raw.inner(), raw.inner().clock().now());
        let thumbprint = self.certificate.thumbprint.clone();
        let public_data = self.certificate.public_data();
        #[expect(deprecated, reason = "the documentation of `Client::add` says so")]
        let builder = raw
            .certificate_add()
            .body(self.certificate.into_parameter()?);
        let builder = with_options!(builder, self.client, self.options);
        match builder.send().await {
            Ok(answer) => Ok(Answer::new(answer, |()| ())),
            Err(error) => {
                let error = transport::Error::from_client(error, &JUDGEMENT);
                let left = still_left(transport, began).filter(|_| exists_now(&error));
                let (Some(left), Some(ours)) = (left, public_data) else {
                    return Err(error);
                };
                let found = self.client.get(&thumbprint).deadline(left).await;
                match found.ok().and_then(|found| found.into_inner().public_data) {
                    Some(theirs) if theirs == ours => Answer::from_refusal(error),
                    _ => Err(error),
                }
            }
        }
    }
}

/// Whether a repetition was refused because the account has the certificate: perhaps since the attempt
/// before it, perhaps since long ago.
fn exists_now(error: &transport::Error) -> bool {
    let code = error.service().and_then(|service| service.code.as_deref());
    error.delivery() == Delivery::Unknown && code == Some(code::CERTIFICATE_EXISTS)
}
