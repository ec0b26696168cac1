use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::raw::types::{CertificateAddParameter, CertificateFormat, ThumbprintAlgorithm};
use crate::{Error, Secret, Thumbprint, der};

/// Longest data that the service takes, in base64: 10 KB.
const MAX_DATA: usize = 10 * 1024;

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
    /// It is not a certificate, or longer than 10 KB in base64.
    pub fn cer(bytes: &[u8]) -> Result<Self, Error> {
        let der = der::certificate(bytes)?.der;
        Self::new(&der, Thumbprint::of_der(&der), CertificateFormat::Cer)
    }

    /// A certificate with its key, as a PFX (PKCS #12). What it holds is encrypted, so its thumbprint has
    /// to be given.
    ///
    /// # Errors
    ///
    /// It is empty, or longer than 10 KB in base64.
    pub fn pfx(bytes: &[u8], thumbprint: Thumbprint) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::input("data", "it is empty", "give the file's bytes"));
        }
        Self::new(bytes, thumbprint, CertificateFormat::Pfx)
    }

    /// The page limits "the base64-encoded contents" to 10 KB, and does not say which side of the encoding
    /// it means; what passes here passes either way.
    fn new(bytes: &[u8], thumbprint: Thumbprint, format: CertificateFormat) -> Result<Self, Error> {
        let data = BASE64_STANDARD.encode(bytes);
        if data.len() > MAX_DATA {
            let problem = format!("it has {} bytes in base64", data.len());
            let remedy = "the service takes 10 KB; leave out what the certificate's chain adds";
            return Err(Error::input("data", problem, remedy));
        }
        Ok(Self {
            thumbprint,
            data: data.into(),
            format,
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
    pub(super) fn public_data(&self) -> Option<Vec<u8>> {
        match self.format {
            CertificateFormat::Cer => BASE64_STANDARD.decode(self.data.expose()).ok(),
            CertificateFormat::Pfx => None,
        }
    }
}

impl TryFrom<NewCertificate> for CertificateAddParameter {
    type Error = Error;

    fn try_from(certificate: NewCertificate) -> Result<Self, Error> {
        if certificate.format == CertificateFormat::Cer && certificate.password.is_some() {
            let problem = "a certificate without its key has no password";
            return Err(Error::input(
                "password",
                problem,
                "leave it out, or add a PFX",
            ));
        }
        let data = certificate.data.expose().parse();
        let data =
            data.map_err(|error| Error::conversion("data", error, "give the file's bytes"))?;
        let thumbprint = certificate.thumbprint.as_str().parse();
        let thumbprint = thumbprint.map_err(|error| {
            Error::conversion("thumbprint", error, "give 40 hexadecimal digits")
        })?;
        let mut parameter = Self::new(data, thumbprint, ThumbprintAlgorithm::Sha1);
        parameter.certificate_format = Some(certificate.format);
        parameter.password = certificate
            .password
            .map(|password| password.expose().to_owned().into());
        Ok(parameter)
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
