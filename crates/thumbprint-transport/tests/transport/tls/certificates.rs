//! Certificates as servers have them, good and bad.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rustls::{
    crypto::ring::sign::any_ecdsa_type,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::{CertifiedKey, SigningKey},
};
use test_support::OrFail as _;

use crate::tls::der;

/// The name that every good certificate is for, and that tests ask for.
pub(crate) const HOST: &str = "127.0.0.1";

/// A server's certificate and key, and what a client could take for its root.
pub(crate) struct Identity {
    pub(crate) leaf: CertificateDer<'static>,
    pub(crate) key: Arc<dyn SigningKey>,
    pub(crate) root: Vec<u8>,
    /// By which name the client asks for it.
    pub(crate) host: &'static str,
}

impl Identity {
    fn new(leaf: Vec<u8>, key: &KeyPair, root: Vec<u8>) -> Self {
        Self {
            leaf: leaf.into(),
            key: signing(key),
            root,
            host: HOST,
        }
    }

    /// The same certificate, and the key of another.
    pub(crate) fn with_stolen_certificate(mut self) -> Self {
        self.key = signing(&key());
        self
    }

    pub(crate) fn certified(&self) -> CertifiedKey {
        CertifiedKey::new(vec![self.leaf.clone()], self.key.clone())
    }
}

fn key() -> KeyPair {
    KeyPair::generate().or_fail()
}

fn signing(key: &KeyPair) -> Arc<dyn SigningKey> {
    any_ecdsa_type(&PrivateKeyDer::Pkcs8(key.serialize_der().into())).or_fail()
}

fn params(host: &str) -> CertificateParams {
    let mut params = CertificateParams::new([host.to_owned()]).or_fail();
    params.distinguished_name.push(DnType::CommonName, host);
    params
}

/// An authority of the test's own.
pub(crate) fn authority(name: &str) -> (Certificate, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new([]).or_fail();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = key();
    let certificate = params.self_signed(&key).or_fail();
    (certificate, Issuer::new(params, key))
}

fn issued(params: &CertificateParams) -> Identity {
    let (root, issuer) = authority("Contoso");
    let key = key();
    let leaf = params.signed_by(&key, &issuer).or_fail();
    Identity::new(leaf.der().to_vec(), &key, root.der().to_vec())
}

/// From a private authority, without a fault.
pub(crate) fn good() -> Identity {
    issued(&params(HOST))
}

pub(crate) fn for_another_host() -> Identity {
    issued(&params("elsewhere.example"))
}

pub(crate) fn expired() -> Identity {
    let mut params = params(HOST);
    params.not_before = date_time_ymd(2013, 1, 1);
    params.not_after = date_time_ymd(2014, 1, 1);
    issued(&params)
}

pub(crate) fn not_yet_valid() -> Identity {
    let mut params = params(HOST);
    params.not_before = date_time_ymd(2999, 1, 1);
    params.not_after = date_time_ymd(3000, 1, 1);
    issued(&params)
}

/// Issued by one authority, where the client knows another.
pub(crate) fn of_an_unknown_issuer() -> Identity {
    let (other, _) = authority("Fabrikam");
    Identity {
        root: other.der().to_vec(),
        ..good()
    }
}

/// Issued by an authority whose key is not the one that the client knows it by.
pub(crate) fn of_an_issuer_with_a_new_key() -> Identity {
    let (other, _) = authority("Contoso");
    Identity {
        root: other.der().to_vec(),
        ..good()
    }
}

fn self_signed(host: &'static str, is_ca: IsCa, change: fn(&[u8]) -> Vec<u8>) -> Identity {
    let mut params = params(host);
    params.is_ca = is_ca;
    let key = key();
    let leaf = change(params.self_signed(&key).or_fail().der());
    Identity {
        host,
        ..Identity::new(leaf.clone(), &key, leaf)
    }
}

/// Self-signed, and no authority by its own account.
pub(crate) fn self_signed_server() -> Identity {
    self_signed(HOST, IsCa::ExplicitNoCa, <[u8]>::to_vec)
}

/// Self-signed, and an authority by its own account: what WAP installs itself with.
pub(crate) fn self_signed_authority() -> Identity {
    let is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    self_signed(HOST, is_ca, <[u8]>::to_vec)
}

/// Its name is in its subject alone, where OpenSSL looks for names but not for addresses.
pub(crate) fn version_1() -> Identity {
    self_signed("localhost", IsCa::NoCa, der::as_version_1)
}

pub(crate) fn sha1() -> Identity {
    self_signed(HOST, IsCa::ExplicitNoCa, der::as_sha1)
}

/// The PEM form.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    use std::fmt::Write as _;
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN {label}-----\n");
    for chunk in der.chunks(48) {
        for group in chunk.chunks(3) {
            let bits = (0..3).fold(0, |bits, place| {
                bits << 8 | usize::from(group.get(place).copied().unwrap_or_default())
            });
            for place in 0..4 {
                let digit = char::from(DIGITS[bits >> (18 - 6 * place) & 63]);
                let digit = if place > group.len() { '=' } else { digit };
                write!(text, "{digit}").or_fail();
            }
        }
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
