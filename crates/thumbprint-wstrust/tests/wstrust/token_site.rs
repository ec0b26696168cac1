//! Only a token site that is trusted gets the password, by the way that was chosen.

use std::{future::ready, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use sha2::{Digest as _, Sha256};
use test_support::{OrFail as _, RawServer, Reply, Unreachable};
use thumbprint_transport::{CertificatePin, Proxy, Tls};
use thumbprint_wstrust::{TokenError, WsTrust};

use crate::site::{PASSWORD, REALM, USER, ask};

/// A site's certificate and key, and the root that issued it.
struct Identity {
    leaf: CertificateDer<'static>,
    key: KeyPair,
    root: CertificateDer<'static>,
}

impl Identity {
    fn new() -> Self {
        let mut authority = CertificateParams::new([]).or_fail();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer_key = KeyPair::generate().or_fail();
        let root = authority.self_signed(&issuer_key).or_fail().der().clone();
        let issuer = Issuer::new(authority, issuer_key);
        let key = KeyPair::generate().or_fail();
        let leaf = CertificateParams::new(["127.0.0.1".to_owned()]).or_fail();
        let leaf = leaf.signed_by(&key, &issuer).or_fail().der().clone();
        Self { leaf, key, root }
    }

    fn config(&self) -> ServerConfig {
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().or_fail();
        let builder = builder.with_no_client_auth();
        builder
            .with_single_cert(vec![self.leaf.clone()], key)
            .or_fail()
    }
}

/// Speaks TLS, takes a message and has no token for it.
async fn site(identity: &Identity) -> RawServer {
    let answer = Reply::head(404, &[("Content-Length", "0"), ("Connection", "close")]);
    let reply = move |_| ready(Some(Reply::Close(answer.clone())));
    RawServer::serving_tls(identity.config(), reply).await
}

async fn refusal(url: &str, tls: Tls, proxy: Proxy) -> TokenError {
    let builder = WsTrust::builder(url, USER, PASSWORD)
        .applies_to(REALM)
        .tls(tls)
        .proxy(proxy);
    ask(&builder.build().or_fail()).await.err_or_fail()
}

fn has_password(server: &RawServer) -> bool {
    let received = server.received();
    received
        .iter()
        .any(|request| request.text().contains(PASSWORD))
}

#[tokio::test]
async fn only_a_site_that_is_trusted_gets_the_password() {
    let (identity, other) = (Identity::new(), Identity::new());
    let pin = |identity: &Identity| {
        let hash = <[u8; 32]>::from(Sha256::digest(&identity.leaf));
        Tls::pinned(CertificatePin::from(hash))
    };
    let roots = |identity: &Identity| Tls::only_roots([&identity.root]).or_fail();
    for (tls, trusted) in [
        (roots(&identity), true),
        (pin(&identity), true),
        (roots(&other), false),
        (pin(&other), false),
        (Tls::platform(), false),
    ] {
        let site = site(&identity).await;
        let error = refusal(&site.base_url(), tls.clone(), Proxy::None).await;
        assert_eq!(site.connections(), 1, "{tls:?}");
        assert_eq!(has_password(&site), trusted, "{tls:?}");
        assert_eq!(error.status().is_some(), trusted, "{tls:?}: {error}");
        assert_eq!(error.tls_failure().is_some(), !trusted, "{tls:?}: {error}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_chosen_is_used_and_learns_no_password() {
    let refused = Reply::Close(Reply::head(502, &[]));
    let proxy = RawServer::start([refused]).await;
    let elsewhere = Unreachable::new().address;
    let url = format!("https://{elsewhere}");
    let error = refusal(
        &url,
        Tls::platform(),
        Proxy::url(&proxy.base_url()).or_fail(),
    )
    .await;
    assert_eq!(error.status(), None);
    let head = proxy.only().head;
    assert!(
        head.starts_with(&format!("CONNECT {elsewhere} HTTP/1.1\r\n")),
        "{head}"
    );
    assert!(!has_password(&proxy));
}
