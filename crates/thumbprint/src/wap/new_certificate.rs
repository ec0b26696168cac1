use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    Certificate,
    raw::types::{SubscriptionCertificate, SubscriptionCertificateParameter},
};
use crate::{Error, Thumbprint, der};

/// A management certificate to add, with the thumbprint and the public key that were read from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// It is not a certificate.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
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

    /// Whether it is this very certificate that the store holds.
    pub(super) fn is_stored_in(&self, stored: &SubscriptionCertificate) -> bool {
        Certificate::read(stored, None).data.as_ref() == Some(&self.data)
    }
}

impl From<&NewCertificate> for SubscriptionCertificateParameter {
    fn from(certificate: &NewCertificate) -> Self {
        Self::new(
            BASE64_STANDARD.encode(&certificate.data),
            BASE64_STANDARD.encode(&certificate.public_key),
            certificate.thumbprint.to_string(),
        )
    }
}
