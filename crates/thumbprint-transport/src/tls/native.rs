//! TLS by the platform's own library.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Certificate;
use rustls_pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use super::{Trust, identity::Identity};
use crate::Error;

pub(super) fn configure(
    http: reqwest::ClientBuilder,
    trust: &Trust,
    identity: Option<&Identity>,
    is_https: bool,
) -> Result<reqwest::ClientBuilder, Error> {
    let mut http = http.tls_backend_native();
    if let Some(identity) = identity.filter(|_| is_https) {
        http = http.identity(shown(identity)?);
    }
    Ok(match trust {
        _ if !is_https => http.tls_certs_only([]),
        Trust::Platform => http,
        Trust::Added(roots) => http.tls_certs_merge(certificates(roots)?),
        Trust::Only(roots) => http.tls_certs_only(certificates(roots)?),
        Trust::Pinned(_) => {
            return Err(Error::input(
                "tls",
                "a pin cannot be checked by the platform's own TLS library",
                "let rustls check it (the feature `rustls`, and no `native`), or give the certificate as a root",
            ));
        }
    })
}

fn shown(identity: &Identity) -> Result<reqwest::Identity, Error> {
    let PrivateKeyDer::Pkcs8(key) = &identity.key else {
        return Err(Error::input(
            "identity",
            "the platform's own TLS library takes keys of PKCS#8 alone",
            "convert the key (`openssl pkcs8 -topk8 -nocrypt -in FILE`), or let rustls use it",
        ));
    };
    let certificates = identity.certificates.iter();
    let chain: String = certificates.map(|one| pem("CERTIFICATE", one)).collect();
    let key = Zeroizing::new(pem("PRIVATE KEY", key.secret_pkcs8_der()));
    reqwest::Identity::from_pkcs8_pem(chain.as_bytes(), key.as_bytes()).map_err(|_| {
        Error::input(
            "identity",
            "the platform's own TLS library cannot make use of the certificate and the key",
            "give the client's own certificate first, and the key that belongs to it",
        )
    })
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

fn certificates(roots: &[impl AsRef<[u8]>]) -> Result<Vec<Certificate>, Error> {
    let roots = roots
        .iter()
        .map(|root| Certificate::from_der(root.as_ref()));
    roots.collect::<Result<_, _>>().map_err(|error| {
        Error::input(
            "roots",
            "the platform's own TLS library cannot read one of them",
            "give another, or let rustls check it",
        )
        .caused_by(error.without_url())
    })
}
