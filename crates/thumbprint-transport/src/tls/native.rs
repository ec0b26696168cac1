//! TLS by the platform's own library.

use reqwest::Certificate;

use super::Trust;
use crate::Error;

pub(super) fn configure(
    http: reqwest::ClientBuilder,
    trust: &Trust,
    is_https: bool,
) -> Result<reqwest::ClientBuilder, Error> {
    let http = http.tls_backend_native();
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
