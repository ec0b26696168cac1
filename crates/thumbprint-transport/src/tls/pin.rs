//! A certificate that is known by its hash.

use std::fmt;

#[cfg(feature = "rustls")]
use ring::digest::{SHA256, digest};

pub(super) const LENGTH: usize = 32;

/// The SHA-256 of a server's certificate (of its DER form, as `openssl x509 -fingerprint -sha256` shows
/// it and as browsers do), or of several of which each will do.
///
/// It is parsed from 64 hexadecimal digits in either case, with or without colons or spaces between
/// them. A pin is no secret.
///
/// ```
/// use thumbprint_transport::CertificatePin;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".parse::<CertificatePin>()?;
/// let next = CertificatePin::from([7; 32]);
/// let both = now.or(next);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CertificatePin(Vec<[u8; LENGTH]>);

impl CertificatePin {
    /// Either of both: for the time in which a server changes from one certificate to the next.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    #[cfg(feature = "rustls")]
    pub(super) fn of(certificate: &[u8]) -> Self {
        let mut hash = [0; LENGTH];
        hash.copy_from_slice(digest(&SHA256, certificate).as_ref());
        Self::from(hash)
    }

    /// Whether one of these is the other.
    #[cfg(feature = "rustls")]
    pub(super) fn accepts(&self, other: &Self) -> bool {
        other.0.iter().any(|hash| self.0.contains(hash))
    }
}

impl From<[u8; LENGTH]> for CertificatePin {
    fn from(hash: [u8; LENGTH]) -> Self {
        Self(vec![hash])
    }
}

impl fmt::Display for CertificatePin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, hash) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" or ")?;
            }
            for byte in hash {
                write!(f, "{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for CertificatePin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificatePin({self})")
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::CertificatePin;

    /// The SHA-256 of `test`.
    const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn every_spelling_is_the_same_pin() {
        let plain: CertificatePin = HEX.parse().or_fail();
        let pairs: Vec<_> = HEX.as_bytes().chunks(2).map(str::from_utf8).collect();
        let pairs: Vec<_> = pairs.into_iter().map(Result::unwrap).collect();
        for text in [
            HEX.to_uppercase(),
            pairs.join(":"),
            pairs.join(" ").to_uppercase(),
            format!(" {HEX}\n"),
        ] {
            assert_eq!(text.parse::<CertificatePin>().or_fail(), plain, "{text}");
        }
        assert_eq!(plain.to_string(), HEX);
        assert_eq!(format!("{plain:?}"), format!("CertificatePin({HEX})"));
        let both = plain.clone().or(CertificatePin::from([0; 32]));
        assert_eq!(both.to_string(), format!("{HEX} or {}", "0".repeat(64)));
        #[cfg(feature = "rustls")]
        {
            assert_eq!(CertificatePin::of(b"test"), plain);
            assert!(both.accepts(&plain) && both.accepts(&CertificatePin::from([0; 32])));
            assert!(!both.accepts(&CertificatePin::from([1; 32])));
        }
    }

    #[test]
    fn what_is_no_pin_is_refused_with_the_reason() {
        for (text, reason) in [
            (String::new(), "0 digits"),
            (HEX[1..].to_owned(), "63 digits"),
            (format!("{HEX}0"), "65 digits"),
            (HEX[..40].to_owned(), "SHA-1"),
            (format!("{}g", &HEX[1..]), "no hexadecimal digit"),
            (format!("sha256/{HEX}"), "no hexadecimal digit"),
            (format!("{}é", &HEX[1..]), "no hexadecimal digit"),
        ] {
            let refusal = text.parse::<CertificatePin>().err_or_fail();
            assert!(refusal.is_invalid_input());
            let refusal = refusal.to_string();
            assert!(refusal.starts_with("pin: "), "{refusal}");
            assert!(refusal.contains(reason), "{text}: {refusal}");
        }
    }
}
