//! Certificates that a caller gives, as roots or as its own.

use rustls_pki_types::{
    CertificateDer,
    pem::{self, PemObject as _, SectionKind},
};

use crate::Error;

const REMEDY: &str = "give certificates as DER, or as PEM with `BEGIN CERTIFICATE`";

/// Every certificate of these files. None of them is quoted: one may be a private key by mistake.
pub(super) fn read(
    field: &'static str,
    files: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut found = Vec::new();
    for (place, file) in files.into_iter().enumerate() {
        let name = format!("certificate file {}", place + 1);
        let file = file.as_ref();
        // The mark that Windows' editors put before UTF-8 would hide the first line of PEM.
        let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
        read_one(field, &name, file, &mut found)?;
    }
    if found.is_empty() {
        return Err(Error::input(field, "no certificate was given", REMEDY));
    }
    Ok(found)
}

fn read_one(
    field: &'static str,
    name: &str,
    file: &[u8],
    found: &mut Vec<CertificateDer<'static>>,
) -> Result<(), Error> {
    let refuse = |problem: &str| Error::input(field, format!("{name} {problem}"), REMEDY);
    if file.trim_ascii().is_empty() {
        return Err(refuse("is empty"));
    }
    if !is_pem(file) {
        let certificate = CertificateDer::from(file.to_vec());
        check(&certificate).map_err(|reason| refuse(&reason))?;
        found.push(certificate);
        return Ok(());
    }
    let before = found.len();
    let mut other = false;
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(file) {
        match section {
            Ok((SectionKind::Certificate, der)) => {
                let certificate = CertificateDer::from(der);
                let number = found.len() - before + 1;
                check(&certificate).map_err(|reason| {
                    refuse(&format!(
                        "has a certificate, number {number}, that {reason}"
                    ))
                })?;
                found.push(certificate);
            }
            Ok(_) => other = true,
            Err(error) => return Err(refuse(&format!("is broken PEM ({})", reason(&error)))),
        }
    }
    if found.len() > before {
        return Ok(());
    }
    Err(refuse(if other {
        "has no certificate but something else, such as a private key"
    } else {
        "is PEM without a certificate"
    }))
}

pub(super) fn is_pem(file: &[u8]) -> bool {
    file.windows(11).any(|window| window == b"-----BEGIN ")
}

/// The PEM reader's own words can quote the file.
fn reason(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no end",
        pem::Error::IllegalSectionStart { .. } => "a section's first line is wrong",
        pem::Error::Base64Decode(_) => "it is not Base64 between the lines",
        _ => "it cannot be read",
    }
}

/// Whether TLS will be able to make use of it. rustls takes it for a root if it is one in form.
#[cfg(feature = "rustls")]
fn check(certificate: &CertificateDer<'_>) -> Result<(), String> {
    webpki::anchor_from_trusted_cert(certificate)
        .map(drop)
        .map_err(|error| format!("cannot be read as a certificate ({error:?})"))
}

#[cfg(not(feature = "rustls"))]
fn check(certificate: &CertificateDer<'_>) -> Result<(), String> {
    native_tls::Certificate::from_der(certificate)
        .map(drop)
        .map_err(|_| "cannot be read as a certificate".to_owned())
}
