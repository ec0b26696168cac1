use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use super::raw::types::SubscriptionCertificate;
use crate::{Thumbprint, der};

/// A management certificate, as the subscription's store held it.
///
/// Everything can be absent: no page says what the service always sends. What does not fit together is
/// not an error, since the certificate is stored that way; [`warnings`](Self::warnings) lists it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Certificate {
    /// The thumbprint, as the store has it.
    pub thumbprint: Option<Thumbprint>,
    /// The public key, as the store has it: the content of the certificate's `subjectPublicKey`, for RSA
    /// an `RSAPublicKey` of PKCS #1.
    pub public_key: Option<Vec<u8>>,
    /// The certificate in DER form.
    pub data: Option<Vec<u8>>,
    /// When the certificate was stored.
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
    raw: SubscriptionCertificate,
}

/// Something about a [`Certificate`] that does not fit together.
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
    /// Reads what the generated layer received, and checks it: the thumbprint against the certificate's
    /// SHA-1, the public key against the certificate's, and the thumbprint against `asked`.
    #[must_use]
    pub fn read(raw: &SubscriptionCertificate, asked: Option<&Thumbprint>) -> Self {
        let mut warnings = Vec::new();
        let mut take = |result: Option<Result<_, Warning>>| match result? {
            Ok(value) => Some(value),
            Err(warning) => {
                warnings.push(warning);
                None
            }
        };
        let decode = |text: &Option<String>, warning| {
            Some(
                BASE64_STANDARD
                    .decode(text.as_deref()?)
                    .map_err(|_| warning),
            )
        };
        let public_key = take(decode(
            &raw.subscription_certificate_public_key,
            Warning::PublicKeyNotBase64,
        ));
        let data = take(decode(
            &raw.subscription_certificate_data,
            Warning::DataNotBase64,
        ));
        let thumbprint = raw.subscription_certificate_thumbprint.as_deref();
        let thumbprint =
            thumbprint.map(|text| text.parse().map_err(|_| Warning::ThumbprintUnreadable));
        let mut certificate = Self {
            thumbprint: match thumbprint {
                Some(Ok(thumbprint)) => Some(thumbprint),
                Some(Err(warning)) => {
                    warnings.push(warning);
                    None
                }
                None => None,
            },
            public_key,
            data,
            // dn448639 says that it is UTC; on the wire it has no zone.
            created_at: raw.time_created.map(|time| time.and_utc()),
            subject: None,
            issuer: None,
            serial: None,
            not_before: None,
            not_after: None,
            warnings,
            raw: raw.clone(),
        };
        certificate.check(asked);
        certificate
    }

    /// What the service sent, as it sent it.
    #[must_use]
    pub fn raw(&self) -> &SubscriptionCertificate {
        &self.raw
    }

    fn check(&mut self, asked: Option<&Thumbprint>) {
        if let (Some(asked), Some(thumbprint)) = (asked, &self.thumbprint)
            && asked != thumbprint
        {
            self.warnings.push(Warning::NotTheOneAskedFor);
        }
        let Some(data) = &self.data else { return };
        let own = Thumbprint::of_der(data);
        if self
            .thumbprint
            .as_ref()
            .is_some_and(|thumbprint| *thumbprint != own)
        {
            self.warnings.push(Warning::ThumbprintOfAnother);
        }
        let Ok(read) = der::Certificate::read(data) else {
            self.warnings.push(Warning::DataNotDer);
            return;
        };
        if self
            .public_key
            .as_deref()
            .is_some_and(|key| key != read.public_key)
        {
            self.warnings.push(Warning::PublicKeyOfAnother);
        }
        self.subject = read.subject;
        self.issuer = read.issuer;
        self.serial = Some(
            read.serial
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect(),
        );
        self.not_before = read.not_before;
        self.not_after = read.not_after;
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
