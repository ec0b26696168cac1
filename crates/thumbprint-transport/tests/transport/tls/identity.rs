//! Servers that ask for a certificate of the client.

use rcgen::{CertificateParams, Issuer, KeyPair, PKCS_RSA_SHA256};
use rustls::{
    SupportedProtocolVersion,
    pki_types::{PrivateKeyDer, pem::PemObject as _},
    version::{TLS12, TLS13},
};
use test_support::OrFail as _;
use thumbprint_transport::{Error, Tls, TlsFailure};

use crate::tls::{
    certificates::{self, Identity, authority, pem},
    client::{call, client},
    server,
};

/// A key of nobody, made by `openssl genpkey` for these tests, and the same as `openssl rsa -traditional` has it.
const RSA_PKCS8: &str = include_str!("data/rsa-pkcs8.pem");
const RSA_PKCS1: &str = include_str!("data/rsa-pkcs1.pem");

fn client_certificate(issuer: &Issuer<'_, KeyPair>, key: &KeyPair) -> Vec<u8> {
    let params = CertificateParams::new(["ana.contoso.com".to_owned()]).or_fail();
    params.signed_by(key, issuer).or_fail().der().to_vec()
}

/// Of a key on the curve P-256, the part of PKCS#8 that SEC1 describes.
fn sec1(pkcs8: &[u8]) -> &[u8] {
    let start = pkcs8
        .windows(4)
        .position(|window| window == [0x04, 0x6d, 0x30, 0x6b]);
    &pkcs8[start.or_fail() + 2..][..0x6d]
}

/// Asks a server that takes clients of an authority.
fn ask(
    identity: &Identity,
    version: &'static SupportedProtocolVersion,
    root: &[u8],
    tls: Tls,
) -> Result<(), Error> {
    let server = server::asking(identity, version, root);
    let outcome = call(client(server.address()).tls(tls));
    server::finish(server);
    outcome
}

#[test]
fn a_client_shows_who_it_is_by_a_key_in_any_form() {
    let identity = certificates::good();
    let (root, issuer) = authority("Fabrikam");
    let key = KeyPair::generate().or_fail();
    let rsa = PrivateKeyDer::from_pem_slice(RSA_PKCS8.as_bytes()).or_fail();
    let rsa = KeyPair::from_der_and_sign_algo(&rsa, &PKCS_RSA_SHA256).or_fail();
    let leaf = client_certificate(&issuer, &key);
    let rsa_leaf = client_certificate(&issuer, &rsa);
    let der = key.serialize_der();
    let text = |label: &str, der: &[u8]| pem(label, der).into_bytes();
    let chain = pem("CERTIFICATE", &leaf) + &pem("CERTIFICATE", root.der());
    let all = (pem("PRIVATE KEY", &der) + &chain).into_bytes();
    let rows = [
        (vec![leaf.clone()], der.clone()),
        (
            vec![leaf.clone(), root.der().to_vec()],
            text("PRIVATE KEY", &der),
        ),
        (vec![chain.into_bytes()], sec1(&der).to_vec()),
        (vec![leaf], text("EC PRIVATE KEY", sec1(&der))),
        (vec![all.clone()], all),
        (vec![rsa_leaf.clone()], RSA_PKCS8.into()),
        (vec![rsa_leaf], RSA_PKCS1.into()),
    ];
    for (certificates, key) in &rows {
        for version in [&TLS12, &TLS13] {
            let tls = Tls::only_roots([&identity.root]).or_fail();
            let tls = tls.with_identity(certificates, key).or_fail();
            ask(&identity, version, root.der(), tls).or_fail();
        }
    }
    #[cfg(feature = "native-tls")]
    {
        let native = |(certificates, key): &(Vec<Vec<u8>>, Vec<u8>)| {
            let tls = Tls::only_roots([&identity.root]).or_fail().with_native();
            ask(
                &identity,
                &TLS12,
                root.der(),
                tls.with_identity(certificates, key).or_fail(),
            )
        };
        native(&rows[1]).or_fail();
        native(&rows[5]).or_fail();
        let refusal = native(&rows[6]).err_or_fail();
        assert!(refusal.to_string().contains("PKCS#8 alone"), "{refusal}");
    }
}

#[test]
fn a_certificate_that_the_server_does_not_take_is_told() {
    let identity = certificates::good();
    let (root, _) = authority("Fabrikam");
    let (_, other) = authority("Contoso");
    let key = KeyPair::generate().or_fail();
    let leaf = client_certificate(&other, &key);
    let tls = Tls::only_roots([&identity.root]).or_fail();
    let tls = tls.with_identity([leaf], key.serialize_der()).or_fail();
    let error = ask(&identity, &TLS12, root.der(), tls).err_or_fail();
    let wanted = Some(&TlsFailure::ClientCertificateWanted);
    assert_eq!(error.tls_failure(), wanted, "{error}");
}

#[test]
fn what_is_no_identity_is_refused_and_not_shown() {
    let (_, issuer) = authority("Fabrikam");
    let (key, other) = (KeyPair::generate().or_fail(), KeyPair::generate().or_fail());
    let leaf = client_certificate(&issuer, &key);
    let good = key.serialize_der();
    let read = |certificate: &[u8], key: &[u8]| Tls::platform().with_identity([certificate], key);
    for (outcome, problem) in [
        (read(b"", &good), "certificate file 1 is empty"),
        (read(b"canary", &good), "cannot be read as a certificate"),
        (read(&leaf, b" "), "the key is empty"),
        (read(&leaf, b"canary"), "the key cannot be read as one"),
        (read(&leaf, &leaf), "the key cannot be read as one"),
        (
            read(&leaf, pem("ENCRYPTED PRIVATE KEY", b"canary").as_bytes()),
            "the key is encrypted",
        ),
        (
            read(&leaf, pem("CERTIFICATE", &leaf).as_bytes()),
            "and no private key",
        ),
        (
            read(&leaf, b"-----BEGIN PRIVATE KEY-----\ncanary"),
            "broken PEM",
        ),
    ] {
        let refusal = outcome.err_or_fail();
        assert!(refusal.is_invalid_input(), "{refusal}");
        let shown = format!("{refusal} {refusal:?}");
        assert!(
            shown.starts_with("identity: ") && shown.contains(problem),
            "{shown}"
        );
        assert!(!shown.contains("canary"), "{shown}");
    }
    let tls = Tls::only_roots([&leaf]).or_fail();
    let tls = tls.with_identity([&leaf], other.serialize_der()).or_fail();
    assert_eq!(format!("{tls:?}"), "1 roots, with an identity of its own");
    let refusal = call(client(([127, 0, 0, 1], 1).into()).tls(tls)).err_or_fail();
    let expected = "identity: the key is not that of the first certificate; ";
    assert!(refusal.to_string().starts_with(expected), "{refusal}");
}
