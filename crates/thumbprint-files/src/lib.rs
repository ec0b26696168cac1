//! What is in a file of certificates or keys, whatever form people and tools have given it.
//!
//! It is for programs that are given such files by people, and have to say which certificate is meant, whether its key is
//! there and what is odd about it, or why the file is not taken and how to make of it one that is. It knows no API, reads
//! no file by itself, and checks no signature or chain. The facade has it as `thumbprint::files`, and its
//! `NewCertificate`s take what it has read.
//!
//! ```
//! # fn example(bytes: &[u8]) -> Result<(), thumbprint_files::Refusal> {
//! let contents = thumbprint_files::read(bytes, Some("password"))?;
//! for certificate in &contents.certificates {
//!     println!("{certificate}, key: {:?}", certificate.has_key);
//! }
//! let certificate = contents.choose(None)?;
//! println!("the one that is meant: {}", certificate.thumbprint);
//! # Ok(())
//! # }
//! ```
//!
//! [`read`] gives [`Contents`], or a [`Refusal`]; [`Contents::choose`] finds the [`Certificate`] that is meant, and
//! [`Contents::warnings`] says what is odd about it.
//!
//! # What is read
//!
//! | form | what is read of it |
//! |---|---|
//! | a certificate in DER form | the certificate; nothing may follow it |
//! | PEM, with anything around its blocks | every certificate and key, by what a block holds and not by its label, `X509 CERTIFICATE` and `TRUSTED CERTIFICATE` included |
//! | a PFX (PKCS #12, RFC 7292) | with the feature `pkcs12` its certificates and keys; see below |
//! | PKCS #7 (`.p7b`) | its certificates, to be shown; they are not chosen from |
//! | a private key (PKCS #8, PKCS #1, SEC 1), encrypted or not | its kind and its public half, so that the certificate beside it is found |
//!
//! Each of them also as base64 on one line or many; text in UTF-8, with a mark or without, and in UTF-16, with any line
//! ends. Everything else is refused, by what it is and what to do: requests and lists of revoked certificates, public
//! keys, keys of SSH, Java key stores, publish settings, JSON, web pages, archives, BER of indefinite length.
//!
//! # Which PFX files are opened
//!
//! Those with a MAC by SHA-1, SHA-2 (SHA-224 to SHA-512) or PBMAC1 (RFC 9579), or without one, whose contents are in the
//! clear, or encrypted with PBES2 (PBKDF2 with HMAC by SHA-1 or SHA-2; AES-CBC or triple DES) or with what RFC 7292 has in
//! its appendix C, but RC4. The MAC is checked, so a wrong password is told. Both forms of an empty password are tried:
//! RFC 7292 has one in its appendix B.1 and another in B.2.
//!
//! Not opened are those that a signature protects in place of a MAC, that are encrypted to a public key, with scrypt, RC4 or
//! a mode of AES other than CBC, that are BER of indefinite length, or that take more than [`MAX_ITERATIONS`].
//! [`Pfx::unopened`] says so; their certificate's thumbprint has to be known from elsewhere.
//!
//! # Bounds
//!
//! A file may have [`MAX_BYTES`] and [`MAX_CERTIFICATES`], and a PFX [`MAX_ITERATIONS`], so that a hostile one costs
//! a few seconds at most. Nothing recurses over what is in it. Of a private key nothing is kept but its public half;
//! copies that are made on the way are overwritten.

mod certificate;
mod element;
mod key;
mod name;
mod pfx;
#[cfg(feature = "pkcs12")]
mod pkcs12;
mod reader;
mod recognise;
mod refusal;
mod text;

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

pub use crate::{
    certificate::Certificate,
    key::{KeyKind, PrivateKey},
    pfx::{Pfx, Unopened},
    refusal::{About, Refusal},
    text::{text, without_mark},
};

/// How many bytes a file may have: 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;
/// How many certificates and keys a file may have.
pub const MAX_CERTIFICATES: usize = 1000;
/// How many steps of key derivation a PFX may ask for, all its keys together. OpenSSL asks for 2,048 for each of three.
pub const MAX_ITERATIONS: u64 = 5_000_000;

/// What is in a file.
///
/// ```
/// # fn main() -> Result<(), thumbprint_files::Refusal> {
/// # let bytes = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ec-chain-and-key.pem"));
/// let contents = thumbprint_files::read(bytes, None)?;
/// // The chain has several certificates; the key beside them says which is meant.
/// let certificate = contents.choose(None)?;
/// assert_eq!(certificate.subject.as_deref(), Some("CN=ec.example"));
/// assert_eq!(certificate.has_key, Some(true));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Contents {
    /// The form of the file.
    pub format: Format,
    /// What the form is wrapped in, from the outside in.
    pub encodings: Vec<Encoding>,
    /// The certificates, in the file's order, each once.
    pub certificates: Vec<Certificate>,
    /// The private keys.
    pub keys: Vec<PrivateKey>,
    /// The PFX itself, if it is one.
    pub pfx: Option<Pfx>,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A certificate in DER form.
    Der,
    /// Certificates, keys or both, as PEM.
    Pem,
    /// A PFX (PKCS #12).
    Pfx,
    /// Certificates as PKCS #7.
    Pkcs7,
    /// A private key in DER form.
    Key,
}

impl Format {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Der => "DER",
            Self::Pem => "PEM",
            Self::Pfx => "PFX",
            Self::Pkcs7 => "PKCS #7",
            Self::Key => "private key",
        }
    }
}

/// What a form is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8 with a byte order mark.
    Marked,
    /// UTF-16 of either byte order.
    Utf16,
    /// Base64, without PEM's lines around it.
    Base64,
}

impl Encoding {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marked => "UTF-8 with a mark",
            Self::Utf16 => "UTF-16",
            Self::Base64 => "base64",
        }
    }
}

/// What is odd about a certificate that can be added all the same.
///
/// ```
/// use thumbprint_files::Warning;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bytes = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/leaf.pem"));
/// let contents = thumbprint_files::read(bytes, None)?;
/// let warnings = contents.warnings(contents.choose(None)?, "2040-01-01T00:00:00Z".parse()?);
/// assert!(matches!(warnings[..], [Warning::Expired(since)] if since.to_rfc3339().starts_with("2036")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// It has expired.
    Expired(DateTime<Utc>),
    /// It is not valid yet.
    NotYetValid(DateTime<Utc>),
    /// The private key beside it is that of another certificate.
    KeyOfAnother,
    /// It is in a PFX without its private key.
    WithoutKey,
    /// The PFX could not be opened, so nothing of it was checked.
    Unopened,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: &DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            Self::Expired(since) => write!(f, "the certificate expired at {}", time(since)),
            Self::NotYetValid(from) => {
                write!(f, "the certificate is not valid before {}", time(from))
            }
            Self::KeyOfAnother => {
                f.write_str("the private key in the file is that of another certificate")
            }
            Self::WithoutKey => f.write_str("the PFX has no private key of the certificate"),
            Self::Unopened => f.write_str(
                "the PFX could not be opened: neither its password nor the thumbprint was checked",
            ),
        }
    }
}

/// Says what is in a file.
///
/// `password` opens a PFX; it does not matter for anything else. Without one, and with an empty one, a PFX is opened
/// that has none; where it has one after all, [`Contents::pfx`] says that it is locked, and that is not an error.
///
/// # Errors
///
/// The file is none that holds certificates or private keys, is damaged or too long: the [`Refusal`] says what it is and
/// how to make of it what is taken. Or the password is wrong ([`About::Password`]).
pub fn read(bytes: &[u8], password: Option<&str>) -> Result<Contents, Refusal> {
    if bytes.len() > MAX_BYTES {
        let problem = format!("it has more than {} MiB", MAX_BYTES >> 20);
        return Err(Refusal::file(problem, "check whether it is the right file"));
    }
    let mut contents = Contents {
        format: Format::Der,
        encodings: Vec::new(),
        certificates: Vec::new(),
        keys: Vec::new(),
        pfx: None,
    };
    contents.read(bytes, password, 0)?;
    contents.match_keys();
    Ok(contents)
}

impl Contents {
    /// The certificate that is meant: the one with this thumbprint, in hexadecimal digits of either case; without
    /// a thumbprint the only one whose private key lies beside it, or the only one.
    ///
    /// # Errors
    ///
    /// There is none, or it is not clear which of several is meant: the [`Refusal`] names them all.
    pub fn choose(&self, thumbprint: Option<&str>) -> Result<&Certificate, Refusal> {
        if self.format == Format::Pkcs7 {
            let remedy = "convert it: openssl pkcs7 -in FILE -print_certs -out NEW.pem, with -inform DER where it is \
                          not PEM";
            return Err(Refusal::file("it is PKCS #7", remedy));
        }
        if self.certificates.is_empty() {
            return Err(self.without_certificate());
        }
        let all = || self.certificates.iter();
        if let Some(wanted) = thumbprint {
            let is_it = |one: &&Certificate| one.thumbprint.eq_ignore_ascii_case(wanted);
            return all().find(is_it).ok_or_else(|| {
                let problem = format!("the file has no certificate {wanted}, but {}", self.names());
                Refusal::new(About::Choice, problem, "check whether it is the right file")
            });
        }
        let mut with_key = all().filter(|one| one.has_key == Some(true));
        match (with_key.next(), with_key.next(), &self.certificates[..]) {
            (Some(one), None, _) | (None, None, [one]) => Ok(one),
            _ => {
                let count = self.certificates.len();
                let problem = format!("the file has {count} certificates: {}", self.names());
                Err(Refusal::new(
                    About::Choice,
                    problem,
                    "name the one that is meant by its thumbprint",
                ))
            }
        }
    }

    /// The certificates' names, of a great many the first ones.
    fn names(&self) -> String {
        const SHOWN: usize = 10;
        let names = self
            .certificates
            .iter()
            .take(SHOWN)
            .map(ToString::to_string);
        let names = names.collect::<Vec<_>>().join(", ");
        match self.certificates.len().checked_sub(SHOWN) {
            None | Some(0) => names,
            Some(more) => format!("{names} and {more} more"),
        }
    }

    fn without_certificate(&self) -> Refusal {
        match self.pfx.as_ref().map(Pfx::unopened) {
            Some(Some(Unopened::Locked)) => {
                Refusal::new(About::Password, "the PFX has a password", "give it")
            }
            Some(Some(Unopened::Unsupported(why))) => {
                let problem = format!("the PFX cannot be opened: {why}");
                let remedy = "give the thumbprint of the certificate in it";
                Refusal::new(About::Choice, problem, remedy)
            }
            Some(None) => Refusal::file("the PFX has no certificate", "add its certificate to it"),
            None => {
                let kind = self.keys.first().and_then(|key| key.kind);
                let kind = kind.map_or("encrypted".to_owned(), |kind| kind.to_string());
                let problem = format!("it is a private key ({kind}) without its certificate");
                let remedy = "give the certificate, or a PFX of both: openssl pkcs12 -export -inkey FILE -in \
                              CERTIFICATE -out NEW.pfx";
                Refusal::file(problem, remedy)
            }
        }
    }

    /// What is odd about one of its certificates.
    #[must_use]
    pub fn warnings(&self, certificate: &Certificate, now: DateTime<Utc>) -> Vec<Warning> {
        let expired = certificate.not_after.filter(|end| *end < now);
        let early = certificate.not_before.filter(|start| *start > now);
        let keyless = certificate.has_key == Some(false);
        let key = match (self.keys.is_empty(), &self.pfx) {
            (false, _) if keyless => Some(Warning::KeyOfAnother),
            (true, Some(_)) => Some(Warning::WithoutKey),
            _ => None,
        };
        let validity = expired
            .map(Warning::Expired)
            .or(early.map(Warning::NotYetValid));
        validity.into_iter().chain(key).collect()
    }

    /// Finds the certificate of each key: by its public half, or by the name that a PFX gives both.
    fn match_keys(&mut self) {
        for certificate in &mut self.certificates {
            let is_own =
                |key: &PrivateKey| match (&key.public_key, &key.local_id, &certificate.local_id) {
                    (Some(public_key), ..) => Some(*public_key == certificate.public_key),
                    (None, Some(id), Some(own)) => Some(id == own),
                    _ => None,
                };
            let own: Vec<_> = self.keys.iter().map(is_own).collect();
            certificate.has_key = match (own.contains(&Some(true)), own.contains(&None)) {
                (true, _) => Some(true),
                (false, true) => None,
                (false, false) => Some(false),
            };
        }
    }
}
