//! Why no TLS connection came about.

use std::{error::Error as StdError, fmt, io};

use super::CertificatePin;
use crate::sources::chain;

/// Why no TLS connection came about. `Display` says the reason and what to do about it.
///
/// All but [`HandshakeCut`](Self::HandshakeCut) come again with every attempt: the server, or what the
/// client trusts, has to change first.
///
/// Of the platform's own library (feature `native-tls`) only OpenSSL's reasons are told apart; those of
/// Windows and of Apple are [`Other`](Self::Other), with the library's words in the chain of sources.
///
/// ```
/// use thumbprint_transport::{Error, TlsFailure};
///
/// fn explain(error: &Error) {
///     match error.tls_failure() {
///         Some(TlsFailure::PinMismatch { presented }) => {
///             println!("if the server was given a new certificate, its pin is {presented}");
///         }
///         Some(failure) => println!("{failure}"),
///         None => {}
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFailure {
    /// No trusted root has issued the certificate. Choose [`Tls::with_added_roots`](super::Tls::with_added_roots)
    /// with the authority's certificate, or [`Tls::pinned`](super::Tls::pinned).
    UnknownIssuer,
    /// The certificate is for another name, or the server says that it has none for this one. Ask the server by a name that it is for, or pin it.
    WrongHostName,
    /// The certificate has expired, or this machine's clock is ahead.
    Expired,
    /// The certificate is not valid yet, or this machine's clock is behind.
    NotYetValid,
    /// The certificate was revoked by its issuer.
    Revoked,
    /// The certificate is self-signed and marked as an authority's (`CA:TRUE`), and was given as a root.
    /// rustls takes no authority for a server; pin it.
    CaUsedAsEndEntity,
    /// The certificate is of X.509 version 1. A pin does not help; `native-tls` may.
    UnsupportedCertificateVersion,
    /// The certificate, or one that issued it, is signed in a way that is no longer taken, such as with
    /// SHA-1. Pin it.
    UnsupportedSignatureAlgorithm,
    /// The handshake's signature is wrong: the server does not have the key of the certificate that it
    /// shows. Do not go on before you know who answers there.
    BadSignature,
    /// Client and server know no protocol version or no cipher suite in common.
    NoCommonProtocol,
    /// The server has another certificate than the pinned one.
    PinMismatch {
        /// The SHA-256 of the certificate that it has.
        presented: CertificatePin,
    },
    /// What listens there does not speak TLS.
    NotTls,
    /// The server wants a certificate of the client. This client has none to give.
    ClientCertificateWanted,
    /// The connection was closed or reset during the handshake. Nothing of a request was sent, and it
    /// may go better the next time.
    HandshakeCut,
    /// Something else, which the chain of sources names.
    Other,
}

impl TlsFailure {
    /// Whether it may go better the next time.
    pub(crate) fn is_handshake_cut(&self) -> bool {
        *self == Self::HandshakeCut
    }

    /// The reason why a connection failed, if it was TLS.
    pub(crate) fn of_connect(error: &(dyn StdError + 'static)) -> Option<Self> {
        Self::told(error).or_else(|| is_cut(error).then_some(Self::HandshakeCut))
    }

    /// The reason why a connection failed that was made already. In TLS 1.3 the client is done before the
    /// server has looked for its certificate, so the server's refusal comes as an answer to the request.
    pub(crate) fn of_answer(error: &(dyn StdError + 'static)) -> Option<Self> {
        #[cfg(feature = "native-tls")]
        if by_native::wants_certificate(error) {
            return Some(Self::ClientCertificateWanted);
        }
        Self::told(error).filter(|failure| *failure == Self::ClientCertificateWanted)
    }

    fn told(error: &(dyn StdError + 'static)) -> Option<Self> {
        chain(error).find_map(|error| {
            #[cfg(feature = "rustls")]
            if let Some(error) = by_rustls::find(error) {
                return Some(by_rustls::failure(error));
            }
            #[cfg(feature = "native-tls")]
            if let Some(error) = error.downcast_ref::<native_tls::Error>() {
                return by_native::failure(error);
            }
            // Without TLS there is no reason to find.
            let _ = error;
            None
        })
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => {
                "no trusted authority issued the server's certificate; add the certificate of the \
                 authority that did, or pin the server's"
            }
            Self::WrongHostName => {
                "the server's certificate is for another name; check the host name in the endpoint, or \
                 pin the certificate"
            }
            Self::Expired => {
                "the server's certificate has expired; have it renewed, check this machine's clock, or \
                 pin the certificate"
            }
            Self::NotYetValid => {
                "the server's certificate is not valid yet; check this machine's clock, or pin the \
                 certificate"
            }
            Self::Revoked => "the server's certificate was revoked; ask who runs the server",
            Self::CaUsedAsEndEntity => {
                "the server's certificate is marked as an authority's, so it cannot be a root of its \
                 own; pin it"
            }
            Self::UnsupportedCertificateVersion => {
                "the server's certificate is of an old version of X.509; have it replaced, or use the \
                 feature native-tls"
            }
            Self::UnsupportedSignatureAlgorithm => {
                "the server's certificate is signed with an algorithm that is no longer safe, such as \
                 SHA-1; have it replaced, or pin it"
            }
            Self::BadSignature => {
                "the server does not have the key of the certificate that it shows; do not go on \
                 before you know who answers there"
            }
            Self::NoCommonProtocol => {
                "the server knows no protocol or cipher suite that is still safe; have TLS 1.2 with \
                 ECDHE and AES-GCM enabled there, or use the feature native-tls"
            }
            Self::PinMismatch { presented } => {
                return write!(
                    f,
                    "the server's certificate is not the pinned one, its SHA-256 is {presented}; pin \
                     that only if the server's operator confirms it"
                );
            }
            Self::NotTls => "the server does not speak TLS there; check the port",
            Self::ClientCertificateWanted => {
                "the server wants a certificate of the client, or another than it got; check the port, and \
                 ask who runs the server for one (`Tls::with_identity`)"
            }
            Self::HandshakeCut => {
                "the connection was closed during the handshake; try again, then check the port and \
                 what stands between"
            }
            Self::Other => {
                "the handshake failed; the causes say why, and a pin or the feature native-tls may help"
            }
        })
    }
}

/// Whether the other side went away. One `io::Error` is wrapped in another here, as what its `source`
/// does not name.
fn is_cut(error: &(dyn StdError + 'static)) -> bool {
    chain(error)
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => true,
            _ => error.get_ref().is_some_and(|payload| is_cut(payload)),
        })
}

#[cfg(feature = "rustls")]
pub(super) use by_rustls::PinMismatch;

#[cfg(feature = "rustls")]
mod by_rustls {
    use std::{error::Error as StdError, fmt, io, sync::Arc};

    use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, OtherError};

    use super::{CertificatePin, TlsFailure};

    /// How the verifier of pins says what it saw.
    #[derive(Debug)]
    pub(in crate::tls) struct PinMismatch(pub(in crate::tls) CertificatePin);

    impl fmt::Display for PinMismatch {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} is not pinned", self.0)
        }
    }

    impl StdError for PinMismatch {}

    impl From<PinMismatch> for Error {
        fn from(mismatch: PinMismatch) -> Self {
            CertificateError::Other(OtherError(Arc::new(mismatch))).into()
        }
    }

    /// An `io::Error` does not name its payload among its sources, and here one is wrapped in another.
    pub(super) fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
        let payload = || error.downcast_ref::<io::Error>()?.get_ref();
        error.downcast_ref().or_else(|| find(payload()?))
    }

    pub(super) fn failure(error: &Error) -> TlsFailure {
        match error {
            Error::InvalidCertificate(error) => of_certificate(error),
            Error::PeerIncompatible(_) => TlsFailure::NoCommonProtocol,
            Error::AlertReceived(alert) => of_alert(*alert),
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge,
            ) => TlsFailure::NotTls,
            _ => TlsFailure::Other,
        }
    }

    fn of_certificate(error: &CertificateError) -> TlsFailure {
        use CertificateError as Found;
        match error {
            Found::UnknownIssuer => TlsFailure::UnknownIssuer,
            Found::NotValidForName | Found::NotValidForNameContext { .. } => {
                TlsFailure::WrongHostName
            }
            Found::Expired | Found::ExpiredContext { .. } => TlsFailure::Expired,
            Found::NotValidYet | Found::NotValidYetContext { .. } => TlsFailure::NotYetValid,
            Found::Revoked => TlsFailure::Revoked,
            Found::BadSignature => TlsFailure::BadSignature,
            // What webpki's two errors of that kind still become.
            #[expect(deprecated, reason = "rustls has not stopped giving it")]
            Found::UnsupportedSignatureAlgorithm => TlsFailure::UnsupportedSignatureAlgorithm,
            Found::UnsupportedSignatureAlgorithmContext { .. }
            | Found::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                TlsFailure::UnsupportedSignatureAlgorithm
            }
            Found::Other(OtherError(other)) => of_other(other.as_ref()),
            _ => TlsFailure::Other,
        }
    }

    fn of_other(error: &(dyn StdError + 'static)) -> TlsFailure {
        if let Some(PinMismatch(presented)) = error.downcast_ref() {
            let presented = presented.clone();
            return TlsFailure::PinMismatch { presented };
        }
        match error.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => TlsFailure::CaUsedAsEndEntity,
            Some(webpki::Error::UnsupportedCertVersion) => {
                TlsFailure::UnsupportedCertificateVersion
            }
            _ => TlsFailure::Other,
        }
    }

    fn of_alert(alert: AlertDescription) -> TlsFailure {
        use AlertDescription as Alert;
        match alert {
            Alert::HandshakeFailure
            | Alert::ProtocolVersion
            | Alert::InsufficientSecurity
            | Alert::InappropriateFallback => TlsFailure::NoCommonProtocol,
            Alert::UnrecognisedName => TlsFailure::WrongHostName,
            // We show no certificate, so these are about the one that is missing.
            Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateUnknown
            | Alert::UnknownCA => TlsFailure::ClientCertificateWanted,
            _ => TlsFailure::Other,
        }
    }
}

#[cfg(feature = "native-tls")]
mod by_native {
    use std::{error::Error as StdError, io};

    use super::{TlsFailure, chain, is_cut};

    /// OpenSSL's words in small letters, and what they mean. native-tls hides everything else.
    const WORDS: &[(&str, TlsFailure)] = &[
        ("unable to get local issuer", TlsFailure::UnknownIssuer),
        ("unable to get issuer", TlsFailure::UnknownIssuer),
        ("unable to verify the first", TlsFailure::UnknownIssuer),
        ("self-signed certificate", TlsFailure::UnknownIssuer),
        // OpenSSL 1.1.
        ("self signed certificate", TlsFailure::UnknownIssuer),
        // A root of the issuer's name with another key.
        ("certificate signature failure", TlsFailure::UnknownIssuer),
        ("hostname mismatch", TlsFailure::WrongHostName),
        ("ip address mismatch", TlsFailure::WrongHostName),
        ("unrecognized name", TlsFailure::WrongHostName),
        ("certificate has expired", TlsFailure::Expired),
        ("certificate is not yet valid", TlsFailure::NotYetValid),
        ("certificate revoked", TlsFailure::Revoked),
        ("md too weak", TlsFailure::UnsupportedSignatureAlgorithm),
        (
            "signature digest algorithm too weak",
            TlsFailure::UnsupportedSignatureAlgorithm,
        ),
        ("wrong version number", TlsFailure::NotTls),
        ("packet length too long", TlsFailure::NotTls),
        ("http request", TlsFailure::NotTls),
        ("handshake failure", TlsFailure::NoCommonProtocol),
        ("unsupported protocol", TlsFailure::NoCommonProtocol),
        ("protocol version", TlsFailure::NoCommonProtocol),
        ("no protocols available", TlsFailure::NoCommonProtocol),
        ("bad signature", TlsFailure::BadSignature),
        ("certificate required", TlsFailure::ClientCertificateWanted),
        ("alert bad certificate", TlsFailure::ClientCertificateWanted),
        ("unexpected eof", TlsFailure::HandshakeCut),
    ];

    pub(super) fn failure(error: &native_tls::Error) -> Option<TlsFailure> {
        // A broken connection is told by its own kind, further down.
        if is_cut(error) {
            return None;
        }
        let text: Vec<_> = chain(error).map(ToString::to_string).collect();
        let text = text.join(" ").to_lowercase();
        let found = WORDS.iter().find(|(words, _)| text.contains(words));
        Some(found.map_or(TlsFailure::Other, |(_, failure)| failure.clone()))
    }

    /// Whether this is the alert of TLS 1.3 that says so.
    pub(super) fn wants_certificate(error: &(dyn StdError + 'static)) -> bool {
        chain(error)
            .filter_map(|error| error.downcast_ref::<io::Error>())
            .any(|error| error.to_string().contains("alert certificate required"))
    }
}
