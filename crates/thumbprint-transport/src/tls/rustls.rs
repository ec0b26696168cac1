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
    let mut config = match trust {
        _ if !is_https => trusting_nobody()?,
        Trust::Platform => platform()?,
        Trust::Added(roots) => {
            let verifier = Verifier::new_with_extra_roots(roots.iter().cloned(), provider());
            verified(Check::Chain(Arc::new(verifier.map_err(no_roots)?)))?
        }
        Trust::Only(roots) => verified(Check::Chain(only(roots)?))?,
        Trust::Pinned(pin) => verified(Check::Pin(pin.clone()))?,
    };
    if let Some(identity) = identity.filter(|_| is_https) {
        config.client_auth_cert_resolver = shown(identity)?;
    }
    Ok(http.tls_backend_preconfigured(config))
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

/// The configuration with the platform's roots. It is made once per process, as it reads them. A failure
/// is not kept: roots may be installed while the process runs.
fn platform() -> Result<ClientConfig, Error> {
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let verifier = Verifier::new(provider()).map_err(no_roots)?;
    let config = verified(Check::Chain(Arc::new(verifier)))?;
    Ok(CONFIG.get_or_init(|| config).clone())
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
    /// By its issuer, name and dates.
    Chain(Arc<dyn ServerCertVerifier>),
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
            Check::Chain(verifier) => verifier
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map_err(|error| match error {
                    // A root of the issuer's name with another key: an authority, or a server with a
                    // certificate of its own, that was installed anew. Wrong signatures are left to the
                    // handshake, where they mean something else.
                    rustls::Error::InvalidCertificate(CertificateError::BadSignature) => {
                        CertificateError::UnknownIssuer.into()
                    }
                    other => other,
                }),
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
