//! TLS by rustls with the ring provider.

use std::sync::{Arc, OnceLock};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{
        CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature,
        verify_tls13_signature,
    },
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::{CertifiedKey, SingleCertAndKey},
};
use rustls_platform_verifier::Verifier;

use super::{CertificatePin, Trust, failure::PinMismatch, identity::Identity};
use crate::Error;

pub(super) fn configure(
    http: reqwest::ClientBuilder,
    trust: &Trust,
    identity: Option<&Identity>,
    is_https: bool,
) -> Result<reqwest::ClientBuilder, Error> {
    // reqwest asks for a configuration in any case.
    let mut config = if is_https {
        trusting(trust, platform)?
    } else {
        trusting_nobody()?
    };
    if let Some(identity) = identity.filter(|_| is_https) {
        config.client_auth_cert_resolver = shown(identity)?;
    }
    Ok(http.tls_backend_preconfigured(config))
}

/// `platform` is asked only where the platform's roots count, as it reads them.
fn trusting(
    trust: &Trust,
    platform: impl FnOnce() -> Result<&'static Platform, Error>,
) -> Result<ClientConfig, Error> {
    match trust {
        Trust::Platform => Ok(platform()?.config.clone()),
        Trust::Added(roots) => {
            let added: Arc<dyn ServerCertVerifier> = only(roots)?;
            // A machine without roots can do with those that are added.
            let platform = platform().ok().map(|platform| platform.verifier.clone());
            verified(Check::Chain([added].into_iter().chain(platform).collect()))
        }
        Trust::Only(roots) => verified(Check::Chain(vec![only(roots)?])),
        Trust::Pinned(pin) => verified(Check::Pin(pin.clone())),
    }
}

fn shown(identity: &Identity) -> Result<Arc<SingleCertAndKey>, Error> {
    let (certificates, key) = (identity.certificates.clone(), identity.key.clone_key());
    let certified = CertifiedKey::from_der(certificates, key, &provider()).map_err(|error| {
        let problem = match error {
            rustls::Error::InconsistentKeys(_) => "the key is not that of the first certificate",
            _ => "TLS cannot make use of the key",
        };
        let remedy = "give the client's own certificate first, and the RSA, ECDSA or Ed25519 key that belongs to it";
        Error::input("identity", problem, remedy)
    })?;
    Ok(Arc::new(SingleCertAndKey::from(certified)))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// A configuration in which the server's certificate is checked like this. rustls calls every verifier
/// that is given to it "dangerous".
fn verified(check: Check) -> Result<ClientConfig, Error> {
    let provider = provider();
    let algorithms = provider.signature_verification_algorithms;
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::tls_setup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Checked { check, algorithms }))
        .with_no_client_auth())
}

/// What trusts the platform's roots.
struct Platform {
    verifier: Arc<dyn ServerCertVerifier>,
    config: ClientConfig,
}

/// It is made once per process, as it reads the roots. A failure is not kept: roots may be installed while the
/// process runs.
fn platform() -> Result<&'static Platform, Error> {
    static PLATFORM: OnceLock<Platform> = OnceLock::new();
    if let Some(platform) = PLATFORM.get() {
        return Ok(platform);
    }
    let verifier: Arc<dyn ServerCertVerifier> =
        Arc::new(Verifier::new(provider()).map_err(no_roots)?);
    let config = verified(Check::Chain(vec![verifier.clone()]))?;
    Ok(PLATFORM.get_or_init(|| Platform { verifier, config }))
}

fn no_roots(error: rustls::Error) -> Error {
    Error::input(
        "tls",
        "this machine has no root certificates that could be read, so no server could be trusted",
        "install the platform's (the package ca-certificates), or choose roots or a pin for the client",
    )
    .caused_by(error)
}

fn only(roots: &[CertificateDer<'static>]) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root.clone()).map_err(Error::tls_setup)?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider())
        .build()
        .map_err(|error| Error::tls_setup(rustls::Error::General(error.to_string())))
}

/// For clients that only speak http on loopback: reading the platform's roots would cost milliseconds
/// for nothing.
fn trusting_nobody() -> Result<ClientConfig, Error> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(Error::tls_setup)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

/// How a server's certificate is checked.
#[derive(Debug)]
enum Check {
    /// By its issuer, name and dates. One of these has to accept it.
    Chain(Vec<Arc<dyn ServerCertVerifier>>),
    /// By itself, whatever stands in it.
    Pin(CertificatePin),
}

/// The verifier of every client. A certificate is public, so showing one proves nothing: that the server
/// has its key is proved by the signature in the handshake, which is checked in every case.
#[derive(Debug)]
struct Checked {
    check: Check,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Checked {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match &self.check {
            Check::Chain(verifiers) => {
                let mut failure = rustls::Error::from(CertificateError::UnknownIssuer);
                for verifier in verifiers {
                    match verifier.verify_server_cert(
                        end_entity,
                        intermediates,
                        server_name,
                        ocsp_response,
                        now,
                    ) {
                        // A root of the issuer's name with another key: an authority, or a server with a
                        // certificate of its own, that was installed anew. Wrong signatures are left to the
                        // handshake, where they mean something else. Whoever knows the issuer knows better.
                        Err(rustls::Error::InvalidCertificate(
                            CertificateError::BadSignature | CertificateError::UnknownIssuer,
                        )) => {}
                        Err(error) => failure = error,
                        accepted => return accepted,
                    }
                }
                Err(failure)
            }
            Check::Pin(pin) => {
                let presented = CertificatePin::of(end_entity);
                if pin.accepts(&presented) {
                    Ok(ServerCertVerified::assertion())
                } else {
                    Err(PinMismatch(presented).into())
                }
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::{
        CertificateError, DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        pki_types::{CertificateDer, ServerName, UnixTime},
    };
    use test_support::OrFail as _;

    use super::{Check, Checked, Platform, Trust, platform, provider, trusting};
    use crate::{CertificatePin, Error as CallError};

    /// Decides so whatever it is shown.
    #[derive(Debug)]
    struct Always(Option<CertificateError>);

    impl ServerCertVerifier for Always {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            match &self.0 {
                Some(error) => Err(error.clone().into()),
                None => Ok(ServerCertVerified::assertion()),
            }
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Err(Error::General("not asked".to_owned()))
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Err(Error::General("not asked".to_owned()))
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            Vec::new()
        }
    }

    #[test]
    fn one_that_knows_the_issuer_decides() {
        use CertificateError::{BadSignature, Expired, UnknownIssuer};

        for (added, of_the_platform, outcome) in [
            (None, Some(UnknownIssuer), None),
            (Some(UnknownIssuer), None, None),
            // Of two roots of one name the other may be the right one.
            (Some(BadSignature), None, None),
            (Some(Expired), None, None),
            (Some(Expired), Some(UnknownIssuer), Some(Expired)),
            (Some(UnknownIssuer), Some(Expired), Some(Expired)),
            (
                Some(UnknownIssuer),
                Some(UnknownIssuer),
                Some(UnknownIssuer),
            ),
            (Some(BadSignature), Some(UnknownIssuer), Some(UnknownIssuer)),
        ] {
            let verifiers = [added.clone(), of_the_platform.clone()];
            let verifiers =
                verifiers.map(|one| Arc::new(Always(one)) as Arc<dyn ServerCertVerifier>);
            let checked = Checked {
                check: Check::Chain(verifiers.into()),
                algorithms: provider().signature_verification_algorithms,
            };
            let certificate = CertificateDer::from(Vec::new());
            let name = ServerName::try_from("a.example").or_fail();
            let found = checked.verify_server_cert(&certificate, &[], &name, &[], UnixTime::now());
            let expected = outcome.map(Error::from);
            assert_eq!(found.err(), expected, "{added:?}, {of_the_platform:?}");
        }
    }

    /// A client that was given a configuration of its own read them all the same, at each connection (nats.rs 1622).
    #[test]
    fn the_platforms_roots_are_not_read_where_they_do_not_count() {
        let root = rcgen::generate_simple_self_signed(["a.example".to_owned()]).or_fail();
        let root = root.cert.der().clone();
        let pin = CertificatePin::from([7; 32]);
        for (trust, is_read) in [
            (Trust::Only(vec![root.clone()]), false),
            (Trust::Pinned(pin), false),
            (Trust::Added(vec![root]), true),
        ] {
            let mut was_read = false;
            let config = trusting(&trust, || {
                was_read = true;
                Err(CallError::input("tls", "there are none", ""))
            });
            assert_eq!((config.is_ok(), was_read), (true, is_read));
        }
    }

    /// Each verifier reads them from the disk (rustls-platform-verifier 230): seconds for a client that talks to
    /// many servers (walrus 1069).
    #[test]
    fn the_platforms_roots_are_read_once() {
        let shared = || platform().ok().map(std::ptr::from_ref::<Platform>);
        assert_eq!(shared(), shared());
    }
}
