//! The certificate and the key of a client.

use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{PemObject as _, SectionKind},
};

use super::roots;
use crate::Error;

const FIELD: &str = "identity";
const REMEDY: &str = "give the private key in the clear, as PEM or DER of PKCS#8, PKCS#1 or SEC1; of a PFX, take it out first";

/// What a client proves with who it is.
pub(super) struct Identity {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Identity {
    pub(super) fn read(
        certificates: impl IntoIterator<Item = impl AsRef<[u8]>>,
        key: &[u8],
    ) -> Result<Self, Error> {
        Ok(Self {
            certificates: roots::read(FIELD, certificates)?,
            key: read_key(key)?,
        })
    }
}

fn read_key(file: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    let refuse = |problem: &str| Error::input(FIELD, problem, REMEDY);
    if file.trim_ascii().is_empty() {
        return Err(refuse("the key is empty"));
    }
    if !roots::is_pem(file) {
        return PrivateKeyDer::try_from(file.to_vec())
            .map_err(|_| refuse("the key cannot be read as one"));
    }
    let mut is_other = false;
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(file) {
        match section {
            Ok((SectionKind::PrivateKey, der)) => return Ok(PrivateKeyDer::Pkcs8(der.into())),
            Ok((SectionKind::RsaPrivateKey, der)) => return Ok(PrivateKeyDer::Pkcs1(der.into())),
            Ok((SectionKind::EcPrivateKey, der)) => return Ok(PrivateKeyDer::Sec1(der.into())),
            Ok(_) => is_other = true,
            Err(_) => return Err(refuse("the key's file is broken PEM")),
        }
    }
    let is_encrypted = file
        .windows(21)
        .any(|window| window == b"ENCRYPTED PRIVATE KEY");
    Err(refuse(if is_encrypted {
        "the key is encrypted; take the password off it first (`openssl pkey -in FILE`)"
    } else if is_other {
        "the key's file has a certificate or something else, and no private key"
    } else {
        "the key's file is PEM without a private key"
    }))
}
