use std::fmt;

use chrono::{DateTime, Utc};
use der::{
    Decode as _,
    asn1::{GeneralizedTime, UtcTime},
};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::{
    element::{
        BIT_STRING, CONTEXT_0, Element, GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME, elements,
        tags,
    },
    name,
};

/// A certificate, and what it says of itself, read with as few expectations as possible.
///
/// The certificate on Windows Azure Pack's own page is signed with an OID that was obsolete in 2013
/// (1.3.14.3.2.29) and has an extension (2.5.29.1) that strict parsers refuse, so everything that is not needed
/// is stepped over. No signature is checked.
///
/// ```
/// # let der = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/leaf.der"));
/// use thumbprint_files::Certificate;
///
/// let certificate = Certificate::from_der(der);
/// let subject = certificate.as_ref().and_then(|one| one.subject.as_deref());
/// assert_eq!(subject, Some("CN=leaf.example"));
/// assert!(Certificate::from_der(b"anything else").is_none());
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Certificate {
    /// The certificate itself, in DER form.
    pub der: Vec<u8>,
    /// SHA-1 over it, as 40 upper-case hexadecimal digits.
    pub thumbprint: String,
    /// The content of `subjectPublicKey`: for RSA an `RSAPublicKey` of PKCS #1.
    pub public_key: Vec<u8>,
    /// Whom it was issued to, as RFC 4514 writes names; `None` where it cannot be written so.
    pub subject: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// The serial number, in hexadecimal digits.
    pub serial: String,
    /// Since when it is valid.
    pub not_before: Option<DateTime<Utc>>,
    /// Until when it is valid.
    pub not_after: Option<DateTime<Utc>>,
    /// Whether its private key lies beside it; `None` where a key does that cannot be compared.
    pub has_key: Option<bool>,
    /// The name by which a PFX ties it to its key.
    pub(crate) local_id: Option<Vec<u8>>,
}

impl Certificate {
    /// Reads a certificate in DER form; `None` where it is none.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        match elements(der).ok()?[..] {
            [whole] if whole.tag == SEQUENCE => Self::read(&whole),
            _ => None,
        }
    }

    pub(crate) fn read(certificate: &Element<'_>) -> Option<Self> {
        let parts = certificate.inner().ok()?;
        let body = parts.first().filter(|body| body.tag == SEQUENCE)?;
        let body = body.inner().ok()?;
        let after_version = usize::from(body.first()?.tag == CONTEXT_0);
        let fields = body.get(after_version..after_version + 6)?;
        let expected = [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE];
        let [serial, _, issuer, validity, subject, public_key] = fields else {
            return None;
        };
        let public_key = public_key.inner().ok()?;
        if tags(fields) != expected || tags(&public_key) != [SEQUENCE, BIT_STRING] {
            return None;
        }
        let validity = validity.inner().ok()?;
        Some(Self {
            der: certificate.whole.to_vec(),
            thumbprint: hexadecimal(digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.whole).as_ref()),
            public_key: public_key[1].bits()?.to_vec(),
            subject: name::text(subject),
            issuer: name::text(issuer),
            serial: hexadecimal(serial.value),
            not_before: validity.first().and_then(time),
            not_after: validity.get(1).and_then(time),
            has_key: Some(false),
            local_id: None,
        })
    }
}

/// One of the two forms that a time has (RFC 5280, 4.1.2.5).
fn time(element: &Element<'_>) -> Option<DateTime<Utc>> {
    let since_1970 = match element.tag {
        UTC_TIME => UtcTime::from_der(element.whole).ok()?.to_unix_duration(),
        GENERALIZED_TIME => GeneralizedTime::from_der(element.whole)
            .ok()?
            .to_unix_duration(),
        _ => return None,
    };
    DateTime::from_timestamp(i64::try_from(since_1970.as_secs()).ok()?, 0)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The thumbprint and whom it was issued to, on one line that a terminal can be shown.
impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self
            .subject
            .as_deref()
            .unwrap_or("a name that cannot be read");
        let subject: String = subject.chars().take(200).collect();
        write!(f, "{} ({})", self.thumbprint, subject.escape_debug())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("thumbprint", &self.thumbprint)
            .field("subject", &self.subject)
            .field("not_after", &self.not_after)
            .field("has_key", &self.has_key)
            .finish_non_exhaustive()
    }
}
