use std::fmt;

use der::{AnyRef, Encode as _, Tag, asn1::ObjectIdentifier};
use zeroize::Zeroizing;

use crate::element::{
    BIT_STRING, CONTEXT_0, CONTEXT_1, Element, INTEGER, OCTET_STRING, SEQUENCE, elements, tags,
};

/// A private key. Of the key itself nothing is kept, unless it came out of a PFX: see [`pkcs8`](Self::pkcs8).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrivateKey {
    /// What kind of key it is; `None` where it is encrypted.
    pub kind: Option<KeyKind>,
    /// The public half, as [`Certificate::public_key`](crate::Certificate::public_key) has it; `None` where the key
    /// is encrypted, or does not say it.
    pub public_key: Option<Vec<u8>>,
    /// The name by which a PFX ties it to its certificate.
    pub(crate) local_id: Option<Vec<u8>>,
    pub(crate) clear: Clear,
}

/// A key in the clear, or none. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Clear(Option<Zeroizing<Vec<u8>>>);

impl Clear {
    #[cfg(feature = "pkcs12")]
    pub(crate) fn new(der: &[u8]) -> Self {
        Self(Some(Zeroizing::new(der.to_vec())))
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA, with the length of its modulus in bits.
    Rsa(usize),
    /// On the curve P-256, P-384 or P-521.
    Ec(&'static str),
    /// On another curve.
    OtherCurve,
    /// Ed25519.
    Ed25519,
    /// DSA.
    Dsa,
    /// Of an algorithm that is not known here.
    Other,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA {bits}"),
            Self::Ec(curve) => write!(f, "EC {curve}"),
            Self::OtherCurve => f.write_str("EC"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Dsa => f.write_str("DSA"),
            Self::Other => f.write_str("of an unknown algorithm"),
        }
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const CURVES: [(ObjectIdentifier, &str); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), "P-256"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), "P-384"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), "P-521"),
];

impl PrivateKey {
    pub(crate) const ENCRYPTED: Self = Self::new(None, None);

    const fn new(kind: Option<KeyKind>, public_key: Option<Vec<u8>>) -> Self {
        Self {
            kind,
            public_key,
            local_id: None,
            clear: Clear(None),
        }
    }

    /// The key itself, PKCS #8 in DER form, for a key that came out of a PFX: what the PFX is needed for cannot be done
    /// without. It is overwritten when it is dropped.
    #[must_use]
    pub fn pkcs8(&self) -> Option<&[u8]> {
        self.clear.0.as_deref().map(Vec::as_slice)
    }

    /// Reads what is in an outer SEQUENCE; `None` where it is no private key.
    pub(crate) fn read(parts: &[Element<'_>]) -> Option<Self> {
        match tags(parts)[..] {
            // PKCS #8 (RFC 5958): version, algorithm, key, attributes, public key.
            [INTEGER, SEQUENCE, OCTET_STRING, ..] => Self::read_pkcs8(parts),
            // PKCS #8, encrypted: algorithm, data.
            [SEQUENCE, OCTET_STRING] => {
                let algorithm = parts[0].inner().ok()?.first()?.oid()?.to_string();
                let is_password_based = |arc| algorithm.starts_with(arc);
                ["1.2.840.113549.1.5.", "1.2.840.113549.1.12.1."]
                    .into_iter()
                    .any(is_password_based)
                    .then_some(Self::ENCRYPTED)
            }
            // SEC 1 (RFC 5915): version, key, curve, public key.
            [INTEGER, OCTET_STRING, ..] => Some(Self::sec1(&parts[1..], None)),
            // PKCS #1 (RFC 8017, A.1.2), and OpenSSL's own form of DSA.
            [INTEGER, ..] if tags(parts).iter().all(|tag| *tag == INTEGER) => match parts {
                [_, modulus, exponent, _, _, _, _, _, _] => Self::rsa(modulus, exponent),
                [_, _, _, _, _, _] => Some(Self::new(Some(KeyKind::Dsa), None)),
                _ => None,
            },
            _ => None,
        }
    }

    fn read_pkcs8(parts: &[Element<'_>]) -> Option<Self> {
        let algorithm = parts[1].inner().ok()?;
        let name = algorithm.first()?.oid()?;
        let key = elements(parts[2].value).ok();
        let inner = || key.as_ref()?.first()?.inner().ok();
        Some(match name {
            RSA | RSA_PSS => Self::read(&inner()?)?,
            EC => Self::sec1(&inner()?, algorithm.get(1)),
            ED25519 => {
                // `[1] IMPLICIT BIT STRING`, since version 2 of the form.
                let public_key = parts[3..].iter().find(|part| part.tag == 0x81);
                let public_key = public_key.and_then(|key| key.value.strip_prefix(&[0]));
                Self::new(Some(KeyKind::Ed25519), public_key.map(<[u8]>::to_vec))
            }
            DSA => Self::new(Some(KeyKind::Dsa), None),
            _ => Self::new(Some(KeyKind::Other), None),
        })
    }

    fn rsa(modulus: &Element<'_>, exponent: &Element<'_>) -> Option<Self> {
        let public_key = [modulus.whole, exponent.whole].concat();
        let public_key = AnyRef::new(Tag::Sequence, &public_key)
            .ok()?
            .to_der()
            .ok()?;
        let digits = modulus.value.iter().skip_while(|byte| **byte == 0);
        let bytes = digits.clone().count();
        let unused = digits.take(1).map(|byte| byte.leading_zeros() as usize);
        let bits = bytes * 8 - unused.sum::<usize>();
        Some(Self::new(Some(KeyKind::Rsa(bits)), Some(public_key)))
    }

    fn sec1(parts: &[Element<'_>], curve: Option<&Element<'_>>) -> Self {
        let explicit = |tag| {
            let part = parts.iter().find(|part| part.tag == tag)?;
            part.inner().ok()?.first().copied()
        };
        let curve = curve.copied().or_else(|| explicit(CONTEXT_0));
        let curve = curve.and_then(|curve| curve.oid());
        let known = CURVES.iter().find(|(oid, _)| Some(*oid) == curve);
        let kind = known.map_or(KeyKind::OtherCurve, |(_, name)| KeyKind::Ec(name));
        let public_key = explicit(CONTEXT_1).filter(|key| key.tag == BIT_STRING);
        let public_key = public_key.and_then(|key| key.bits()).map(<[u8]>::to_vec);
        Self::new(Some(kind), public_key)
    }
}
