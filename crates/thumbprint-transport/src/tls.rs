//! TLS by rustls with the ring provider, configured here and nowhere else: no process-wide default
//! is read or set, so a program with a provider of its own is left alone.

use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::Verifier;

use crate::Error;

/// The configuration for https. It is made once per process, as it reads the platform's roots.
pub(crate) fn platform() -> Result<ClientConfig, Error> {
    static CONFIG: LazyLock<Result<ClientConfig, rustls::Error>> = LazyLock::new(|| {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier::new(Arc::clone(&provider))?;
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            // rustls calls every verifier that is not its own "dangerous". This one asks the platform.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth())
    });
    CONFIG.clone().map_err(Error::tls_setup)
}

/// A configuration that trusts nobody, for clients that only speak http on loopback: reqwest asks for
/// one all the same, and reading the platform's roots would cost milliseconds for nothing.
pub(crate) fn unused() -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::tls_setup)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}
