//! What a certificate in DER form says, read with as few expectations as possible.
//!
//! The WAP page's own certificate is signed with an OID that was obsolete in 2013 (1.3.14.3.2.29) and has
//! an extension (2.5.29.1) that strict parsers refuse, so everything that is not needed is stepped over.

use std::borrow::Cow;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use der::{
    AnyRef, Decode, Encode as _, Reader, SliceReader, Tag,
    asn1::{BitStringRef, ContextSpecific},
};
use thumbprint_transport::Error;
use x509_cert::{name::Name, time::Validity};

/// What a certificate says of itself.
pub(crate) struct Certificate<'a> {
    /// The content of `subjectPublicKey`: for RSA an `RSAPublicKey` of PKCS #1.
    pub(crate) public_key: &'a [u8],
    /// The serial number, as it stands there: big-endian, perhaps with a zero before it.
    pub(crate) serial: &'a [u8],
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) not_before: Option<DateTime<Utc>>,
    pub(crate) not_after: Option<DateTime<Utc>>,
}

impl<'a> Certificate<'a> {
    pub(crate) fn read(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let certificate = reader.sequence(|certificate| {
            let read = certificate.sequence(Self::read_body)?;
            rest(certificate)?;
            Ok::<_, der::Error>(read)
        })?;
        reader.finish()?;
        Ok(certificate)
    }

    fn read_body(body: &mut SliceReader<'a>) -> der::Result<Self> {
        ContextSpecific::<AnyRef<'_>>::decode_explicit(body, der::TagNumber(0))?; // version
        let serial = element(body, Tag::Integer)?.value();
        element(body, Tag::Sequence)?; // signature
        let issuer = element(body, Tag::Sequence)?;
        let validity = element(body, Tag::Sequence)?;
        let subject = element(body, Tag::Sequence)?;
        let public_key = body.sequence(|info| {
            element(info, Tag::Sequence)?; // algorithm
            BitStringRef::decode(info)
        })?;
        rest(body)?;
        let validity: Option<Validity> = typed(validity);
        let utc = |time: x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
            DateTime::from_timestamp(seconds, 0)
        };
        Ok(Self {
            public_key: public_key
                .as_bytes()
                .ok_or_else(|| der::Error::from(Tag::BitString.value_error()))?,
            serial,
            issuer: typed::<Name>(issuer).map(|name| name.to_string()),
            subject: typed::<Name>(subject).map(|name| name.to_string()),
            not_before: validity.and_then(|validity| utc(validity.not_before)),
            not_after: validity.and_then(|validity| utc(validity.not_after)),
        })
    }
}

/// The value as a type of its own: `None` where it is not of that type's form.
fn typed<T: for<'d> Decode<'d>>(value: AnyRef<'_>) -> Option<T> {
    T::from_der(&value.to_der().ok()?).ok()
}

fn element<'a>(reader: &mut SliceReader<'a>, tag: Tag) -> der::Result<AnyRef<'a>> {
    let value = AnyRef::decode(reader)?;
    der::Tagged::tag(&value).assert_eq(tag)?;
    Ok(value)
}

fn rest<'a>(reader: &mut impl Reader<'a>) -> der::Result<()> {
    let length = reader.remaining_len();
    reader.read_slice(length)?;
    Ok(())
}

/// A certificate that was given as a file: its DER form and its public key.
pub(crate) struct Given<'a> {
    pub(crate) der: Cow<'a, [u8]>,
    pub(crate) public_key: Vec<u8>,
}

/// Reads a file in DER form or as PEM. Fails on anything else.
pub(crate) fn certificate(bytes: &[u8]) -> Result<Given<'_>, Error> {
    let refuse = |problem: &str| {
        Error::input(
            "certificate",
            problem,
            "give a certificate in DER form or as PEM, without its key",
        )
    };
    let der = match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN ") => {
            let (_, rest) = text
                .split_once("-----BEGIN CERTIFICATE-----")
                .ok_or_else(|| refuse("it is PEM of something else"))?;
            let (body, _) = rest
                .split_once("-----END CERTIFICATE-----")
                .ok_or_else(|| refuse("its PEM has no end"))?;
            let body: String = body.split_whitespace().collect();
            Cow::Owned(
                BASE64_STANDARD
                    .decode(body)
                    .map_err(|_| refuse("its PEM is not base64"))?,
            )
        }
        _ => Cow::Borrowed(bytes),
    };
    let read = Certificate::read(&der).map_err(|_| refuse("it is not a certificate"))?;
    let public_key = read.public_key.to_vec();
    Ok(Given { der, public_key })
}
