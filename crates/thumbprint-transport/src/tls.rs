//! Whom a client trusts. What TLS is done with is configured here and below and nowhere else: no
//! process-wide default is read or set, so a program with a provider of its own keeps it.

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use std::sync::Arc;
use std::{fmt, str::FromStr};

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use rustls_pki_types::CertificateDer;

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use self::identity::Identity;
use crate::Error;

mod failure;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod identity;
#[cfg(feature = "native-tls")]
mod native;
mod pin;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod roots;
#[cfg(feature = "rustls")]
mod rustls;

pub use failure::TlsFailure;
pub use pin::CertificatePin;

/// Which servers a client believes to be who they say they are. The platform's own roots decide unless
/// something else is chosen here. There is no way to accept every certificate.
///
/// | the server's certificate | choose |
/// |---|---|
/// | from a public authority | [`Tls::platform`] |
/// | from a company's own authority | [`Tls::with_added_roots`], or [`Tls::only_roots`] to trust no other |
/// | self-signed, expired, for another name, or signed with SHA-1 | [`Tls::pinned`] |
/// | of X.509 version 1, or from a server of 2012 that knows none of rustls's cipher suites | `Tls::native`, behind the feature `native-tls` |
///
/// Windows Azure Pack installs itself with self-signed certificates, most of which are marked as an
/// authority's; a pin is what takes them. An https proxy is checked in the same way as the service.
///
/// A client of an http endpoint (loopback only) takes any choice and makes no use of it.
///
/// ```
/// use thumbprint_transport::{CertificatePin, Tls, Transport};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // openssl s_client -connect wap.contoso.com:30005 </dev/null | openssl x509 -noout -fingerprint -sha256
/// let pin: CertificatePin = "9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:\
///                            A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0:0A:08".parse()?;
/// let builder = Transport::builder("https://wap.contoso.com:30005", "token").tls(Tls::pinned(pin));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Tls {
    trust: Trust,
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    identity: Option<Arc<Identity>>,
    #[cfg(feature = "native-tls")]
    native: bool,
}

#[derive(Clone, Default)]
enum Trust {
    #[default]
    Platform,
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    Added(Vec<CertificateDer<'static>>),
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    Only(Vec<CertificateDer<'static>>),
    Pinned(CertificatePin),
}

impl Tls {
    /// The platform's roots decide: what every client does unless told otherwise.
    ///
    /// The check is made by rustls. With the feature `native-tls` and without `rustls` it is made by the
    /// platform's own library. Where the platform has no roots, as in a container without the package
    /// `ca-certificates`, building the client fails and says so.
    #[must_use]
    pub fn platform() -> Self {
        Self::default()
    }

    /// The platform's roots decide, and these certificates are roots too.
    ///
    /// Each item is a file's contents: DER, or PEM with one certificate or several. Roots are read when
    /// the client is built, so make few clients and clone them.
    ///
    /// A self-signed certificate can be given as its own root if it is not marked as an authority's
    /// (`CA:TRUE`); [`TlsFailure::CaUsedAsEndEntity`] says that it is, and [`Tls::pinned`] takes it.
    ///
    /// # Errors
    ///
    /// Where nothing is given, or something that is not a certificate: the message says which and why. A
    /// private key or a PFX in place of a certificate is refused as well.
    ///
    /// ```no_run
    /// use thumbprint_transport::Tls;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let tls = Tls::with_added_roots([std::fs::read("contoso-ca.pem")?])?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn with_added_roots(
        certificates: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Self, Error> {
        Ok(Trust::Added(roots::read("roots", certificates)?).into())
    }

    /// These certificates are the only roots; the platform's are not even read.
    ///
    /// The certificates are given, and refused, as for [`Tls::with_added_roots`].
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn only_roots(
        certificates: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Self, Error> {
        Ok(Trust::Only(roots::read("roots", certificates)?).into())
    }

    /// The server's certificate is the pinned one. Its issuer, name and dates do not matter; that the
    /// server holds its key is still checked, by the signature in the handshake.
    ///
    /// Before the server gets a new certificate, pin both: [`CertificatePin::or`].
    ///
    /// # Errors
    ///
    /// Building the client fails without the feature `rustls`, or for `Tls::native`:
    /// the platform's own library cannot be asked to check a pin. It fails for an https proxy too, whose
    /// certificate would have to be the pinned one.
    #[must_use]
    pub fn pinned(pin: CertificatePin) -> Self {
        Trust::Pinned(pin).into()
    }

    /// The platform's own TLS library (OpenSSL on Linux) does all of it, with the platform's roots. It
    /// still speaks with hosts that are too old for rustls, as far as its configuration lets it.
    #[cfg(feature = "native-tls")]
    #[must_use]
    pub fn native() -> Self {
        Self::platform().with_native()
    }

    /// The same roots, checked by the platform's own TLS library; see [`Tls::native`].
    ///
    /// ```no_run
    /// use thumbprint_transport::Tls;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let tls = Tls::with_added_roots([std::fs::read("contoso-ca.pem")?])?.with_native();
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "native-tls")]
    #[must_use]
    pub fn with_native(mut self) -> Self {
        self.native = true;
        self
    }

    /// The client shows this certificate to servers that ask for one, and proves that it has the key.
    ///
    /// `certificates` is the client's own certificate and behind it those that lead to its authority: files as DER or
    /// as PEM. `key` is its private key, as PEM or DER: PKCS#8, PKCS#1 or SEC1. One PEM file that holds all of it is
    /// given twice. The platform's own library (`Tls::native`) takes PKCS#8 alone.
    ///
    /// Public ports of Windows Azure Pack (30006) ask for one; whether they serve the operations of management
    /// certificates is not known.
    ///
    /// # Errors
    ///
    /// Where something is given that is no certificate, or no private key in the clear: the message says which, and
    /// quotes neither. That the two belong together is checked when the client is built.
    ///
    /// ```no_run
    /// use thumbprint_transport::Tls;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let file = std::fs::read("ana.pem")?;
    /// let tls = Tls::platform().with_identity([&file], &file)?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn with_identity(
        mut self,
        certificates: impl IntoIterator<Item = impl AsRef<[u8]>>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, Error> {
        self.identity = Some(Arc::new(Identity::read(certificates, key.as_ref())?));
        Ok(self)
    }

    pub(crate) fn is_pinned(&self) -> bool {
        matches!(self.trust, Trust::Pinned(_))
    }

    /// Puts the choice into a client for an endpoint that is https, or http on loopback.
    #[cfg_attr(
        not(any(feature = "rustls", feature = "native-tls")),
        expect(clippy::unused_self, reason = "there is nothing to choose without TLS")
    )]
    pub(crate) fn configure(
        &self,
        http: reqwest::ClientBuilder,
        is_https: bool,
    ) -> Result<reqwest::ClientBuilder, Error> {
        #[cfg(feature = "native-tls")]
        if self.native || cfg!(not(feature = "rustls")) {
            let identity = self.identity.as_deref();
            return native::configure(http, &self.trust, identity, is_https);
        }
        #[cfg(feature = "rustls")]
        return rustls::configure(http, &self.trust, self.identity.as_deref(), is_https);
        #[cfg(not(feature = "rustls"))]
        if is_https {
            return Err(Error::input(
                "endpoint",
                "it is https, and this program was built without TLS",
                "enable the feature `rustls` or `native-tls`",
            ));
        }
        #[cfg(not(feature = "rustls"))]
        Ok(http)
    }
}

impl From<Trust> for Tls {
    fn from(trust: Trust) -> Self {
        Self {
            trust,
            #[cfg(any(feature = "rustls", feature = "native-tls"))]
            identity: None,
            #[cfg(feature = "native-tls")]
            native: false,
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.trust {
            Trust::Platform => f.write_str("platform roots")?,
            #[cfg(any(feature = "rustls", feature = "native-tls"))]
            Trust::Added(roots) => write!(f, "platform roots and {} more", roots.len())?,
            #[cfg(any(feature = "rustls", feature = "native-tls"))]
            Trust::Only(roots) => write!(f, "{} roots", roots.len())?,
            Trust::Pinned(pin) => write!(f, "pinned to {pin}")?,
        }
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        if self.identity.is_some() {
            f.write_str(", with an identity of its own")?;
        }
        #[cfg(feature = "native-tls")]
        if self.native {
            f.write_str(", checked by the platform")?;
        }
        Ok(())
    }
}

/// Here rather than beside the type: an error can hold a TLS failure, and that a pin.
impl FromStr for CertificatePin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |problem: String| {
            let remedy = "give the certificate's SHA-256 as 64 hexadecimal digits, as \
                          `openssl x509 -noout -fingerprint -sha256` prints it behind `=`";
            Error::input("pin", problem, remedy)
        };
        let text = text.trim();
        let separator = |byte: &u8| *byte == b':' || *byte == b' ';
        let mut digits = Vec::with_capacity(2 * pin::LENGTH);
        for byte in text.bytes().filter(|byte| !separator(byte)) {
            let digit = char::from(byte).to_digit(16);
            let digit = digit.ok_or_else(|| {
                refuse("it has a character that is no hexadecimal digit, colon or space".into())
            })?;
            // A hexadecimal digit has four bits.
            digits.push(u8::try_from(digit).unwrap_or_default());
        }
        match digits.len() {
            64 => {}
            40 => return Err(refuse("it has 40 digits, which is a SHA-1".into())),
            length => return Err(refuse(format!("it has {length} digits in place of 64"))),
        }
        let mut hash = [0; pin::LENGTH];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self::from(hash))
    }
}
