//! The certificate of a sandbox that speaks TLS, made at its start.

use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;

/// What a client needs to trust a sandbox that speaks TLS; from [`Sandbox::identity`](crate::Sandbox::identity).
///
/// It is made anew at each start, and its keys leave the process never.
///
/// ```
/// use thumbprint_sandbox::Sandbox;
/// use thumbprint_transport::{Tls, Transport};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().tls(true).start().await?;
/// let mut builder = Transport::builder(sandbox.base_url(), "token");
/// if let Some(identity) = sandbox.identity() {
///     builder = builder.tls(Tls::pinned(identity.pin().parse()?));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Identity {
    authority: String,
    pin: String,
    config: Arc<ServerConfig>,
}

impl Identity {
    pub(crate) fn new(address: IpAddr, hosts: &[String]) -> io::Result<Self> {
        Self::make(address, hosts).map_err(|error| {
            io::Error::other(format!(
                "the certificate of the sandbox could not be made: {error}"
            ))
        })
    }

    fn make(address: IpAddr, hosts: &[String]) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut authority = CertificateParams::default();
        let name = "thumbprint sandbox, for tests only";
        authority.distinguished_name.push(DnType::CommonName, name);
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = authority.self_signed(&key)?;
        let issuer = Issuer::new(authority, key);

        let mut server = CertificateParams::new([&["localhost".to_owned()], hosts].concat())?;
        server
            .distinguished_name
            .push(DnType::CommonName, "thumbprint sandbox");
        let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let own = (!loopback.contains(&address) && !address.is_unspecified()).then_some(address);
        server
            .subject_alt_names
            .extend(loopback.into_iter().chain(own).map(SanType::IpAddress));
        let key = KeyPair::generate()?;
        let leaf = server.signed_by(&key, &issuer)?;
        let pin = Sha256::digest(leaf.der());

        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der())?,
            )?;
        Ok(Self {
            authority: certificate.pem(),
            pin: pin.iter().map(|byte| format!("{byte:02x}")).collect(),
            config: Arc::new(config),
        })
    }

    /// The certificate of the authority that the server's was issued by, as PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// SHA-256 of the server's certificate, in hexadecimal digits.
    #[must_use]
    pub fn pin(&self) -> &str {
        &self.pin
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.config.clone().into()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("pin", &self.pin)
            .finish_non_exhaustive()
    }
}

impl crate::server::Socket for tokio_rustls::server::TlsStream<tokio::net::TcpStream> {
    fn tcp(&self) -> &tokio::net::TcpStream {
        self.get_ref().0
    }
}
