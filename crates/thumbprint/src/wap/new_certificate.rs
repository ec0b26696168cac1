use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    Certificate,
    raw::types::{SubscriptionCertificate, SubscriptionCertificateParameter},
};
use crate::{
    Error, Thumbprint, chosen,
    files::{Contents, Pfx, Unopened},
};

/// A management certificate to add, with the thumbprint and the public key that were read from it.
///
/// ```
/// use thumbprint::{files, wap::NewCertificate};
///
/// # fn example(password: &str) -> Result<NewCertificate, Box<dyn std::error::Error>> {
/// let contents = files::read(&std::fs::read("ana.pfx")?, Some(password))?;
/// let new = NewCertificate::from_contents(&contents, None)?; // without the key
/// println!("{} will run the subscription", new.thumbprint());
/// # Ok(new)
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewCertificate {
    thumbprint: Thumbprint,
    public_key: Vec<u8>,
    data: Vec<u8>,
}

impl NewCertificate {
    /// The certificate in a file, in any form that [`files::read`](crate::files::read) takes.
    ///
    /// A private key that lies beside it says which of several certificates is meant, and is not sent: of a PFX the
    /// certificate alone is, too.
    ///
    /// # Errors
    ///
    /// The file has no certificate, or several: then [`from_contents`](Self::from_contents) takes the thumbprint of the
    /// one that is meant. It is a PFX with a password: `from_contents` takes one that was read with it.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_contents(&chosen::read(bytes, None)?, None)
    }

    /// A certificate out of a file that was read: the one with this thumbprint, or by the rules of
    /// [`Contents::choose`].
    ///
    /// # Errors
    ///
    /// There is none, or it is not clear which is meant: the error names them.
    pub fn from_contents(
        contents: &Contents,
        thumbprint: Option<&Thumbprint>,
    ) -> Result<Self, Error> {
        if let Some(Unopened::Unsupported(why)) = contents.pfx.as_ref().and_then(Pfx::unopened) {
            let problem = format!("the PFX cannot be opened: {why}");
            let remedy =
                "take its certificate out: openssl pkcs12 -in FILE -clcerts -nokeys -out NEW.pem";
            return Err(Error::input("certificate", problem, remedy));
        }
        let certificate = chosen::choose(contents, thumbprint)?;
        Ok(Self {
            thumbprint: Thumbprint::of_der(&certificate.der),
            public_key: certificate.public_key.clone(),
            data: certificate.der.clone(),
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
