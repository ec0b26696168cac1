use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use super::raw::types::SubscriptionCertificate;
use crate::{Thumbprint, files};

/// A management certificate, as the subscription's store held it, decoded and checked.
///
/// Everything can be absent: no page says what the service always sends. What does not fit together is
/// not an error, since the certificate is stored that way; [`warnings`](Self::warnings) lists it.
///
/// ```
/// use thumbprint::wap::Certificate;
///
/// # let stored = thumbprint_sandbox::samples::wap_certificate(); // the one on the vendor's page
/// let certificate = Certificate::read(&stored, None);
/// assert!(certificate.warnings.is_empty());
/// assert_eq!(
///     certificate.thumbprint.map(|thumbprint| thumbprint.to_string()).as_deref(),
///     Some("9B3C37766BD00C22EC478B8F124C153B4B7E4C5B"),
/// );
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Certificate {
    /// The thumbprint, as the store has it.
    pub thumbprint: Option<Thumbprint>,
    /// The public key, as the store has it: the content of the certificate's `subjectPublicKey`, for RSA
    /// an `RSAPublicKey` of PKCS #1.
    pub public_key: Option<Vec<u8>>,
    /// The certificate in DER form.
    pub data: Option<Vec<u8>>,
    /// When the certificate was stored. `None` also where the time could not be read, which the answer's
    /// [`warnings`](crate::Answer::warnings) say.
    pub created_at: Option<DateTime<Utc>>,
    /// Whom the certificate was issued to, as RFC 4514 writes names.
    pub subject: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// The serial number, in hexadecimal digits.
    pub serial: Option<String>,
    /// Since when it is valid.
    pub not_before: Option<DateTime<Utc>>,
    /// Until when it is valid.
    pub not_after: Option<DateTime<Utc>>,
    /// What does not fit together.
    pub warnings: Vec<Warning>,
}

/// Something about a [`Certificate`] that does not fit together.
///
/// ```
/// use thumbprint::{Thumbprint, wap::{Certificate, Warning}};
///
/// # fn main() -> Result<(), thumbprint::Error> {
/// # let stored = thumbprint_sandbox::samples::wap_certificate();
/// let asked: Thumbprint = "0123456789abcdef0123456789abcdef01234567".parse()?;
/// let certificate = Certificate::read(&stored, Some(&asked));
/// assert_eq!(certificate.warnings, [Warning::NotTheOneAskedFor]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Warning {
    /// The thumbprint is not 40 hexadecimal digits.
    ThumbprintUnreadable,
    /// The public key is not base64.
    PublicKeyNotBase64,
    /// The certificate is not base64.
    DataNotBase64,
    /// The certificate is not DER, so its key could not be compared.
    DataNotDer,
    /// The thumbprint is not that of the certificate.
    ThumbprintOfAnother,
    /// The public key is not that of the certificate.
    PublicKeyOfAnother,
    /// The service answered with another certificate than the one that was asked for.
    NotTheOneAskedFor,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ThumbprintUnreadable => "the thumbprint is not 40 hexadecimal digits",
            Self::PublicKeyNotBase64 => "the public key is not base64",
            Self::DataNotBase64 => "the certificate is not base64",
            Self::DataNotDer => "the certificate is not DER",
            Self::ThumbprintOfAnother => "the thumbprint is not that of the certificate",
            Self::PublicKeyOfAnother => "the public key is not that of the certificate",
            Self::NotTheOneAskedFor => "the answer is about another certificate",
        })
    }
}

impl Certificate {
    /// Decodes what the service sent, and checks it: the thumbprint against the certificate's SHA-1, the
    /// public key against the certificate's, and the thumbprint against the one that was asked for, if any.
    #[must_use]
    pub fn read(stored: &SubscriptionCertificate, asked: Option<&Thumbprint>) -> Self {
        let base64 = |text: Option<&str>| BASE64_STANDARD.decode(text?).ok();
        let key_text = stored.subscription_certificate_public_key.as_deref();
        let data_text = stored.subscription_certificate_data.as_deref();
        let name = stored.subscription_certificate_thumbprint.as_deref();
        let (public_key, data) = (base64(key_text), base64(data_text));
        let thumbprint = name.and_then(|text| text.parse::<Thumbprint>().ok());
        let differs = |other: &Thumbprint| thumbprint.as_ref().is_some_and(|own| own != other);
        let own = data.as_deref().map(Thumbprint::of_der);
        let der = data.as_deref().map(files::Certificate::from_der);
        let is_not_der = matches!(der, Some(None));
        let der = der.flatten();
        let keys = public_key.as_deref().zip(der.as_ref());
        let is_other_key = keys.is_some_and(|(key, der)| *key != der.public_key);
        #[rustfmt::skip]
        let checks = [
            (key_text.is_some() && public_key.is_none(), Warning::PublicKeyNotBase64),
            (data_text.is_some() && data.is_none(), Warning::DataNotBase64),
            (name.is_some() && thumbprint.is_none(), Warning::ThumbprintUnreadable),
            (asked.is_some_and(differs), Warning::NotTheOneAskedFor),
            (own.as_ref().is_some_and(differs), Warning::ThumbprintOfAnother),
            (is_not_der, Warning::DataNotDer),
            (is_other_key, Warning::PublicKeyOfAnother),
        ];
        let warnings = checks.into_iter();
        let warnings = warnings.filter_map(|(holds, warning)| holds.then_some(warning));
        let mut certificate = Self {
            // dn448639 says that it is UTC; on the wire it has no zone.
            created_at: stored.time_created.map(|time| time.and_utc()),
            warnings: warnings.collect(),
            ..Self::default()
        };
        if let Some(der) = der {
            certificate.serial = Some(der.serial);
            certificate.subject = der.subject;
            certificate.issuer = der.issuer;
            certificate.not_before = der.not_before;
            certificate.not_after = der.not_after;
        }
        Self {
            thumbprint,
            public_key,
            data,
            ..certificate
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes =
            |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| format!("{} bytes", bytes.len()));
        f.debug_struct("Certificate")
            .field("thumbprint", &self.thumbprint)
            .field("public_key", &bytes(&self.public_key))
            .field("data", &bytes(&self.data))
            .field("created_at", &self.created_at)
            .field("subject", &self.subject)
            .field("not_after", &self.not_after)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
