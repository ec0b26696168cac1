//! Opens a PFX (PKCS #12, RFC 7292).
//!
//! It is taken apart here and not by a crate: those that there are bound what one key costs and not what a file costs,
//! know no PBMAC1 and no absent password, and refuse certificates over what is not needed of them. The algorithms
//! are those of `RustCrypto`.

mod algorithms;

use der::asn1::ObjectIdentifier;
use zeroize::Zeroizing;

use self::algorithms::{Cipher, Hash};
use crate::{
    MAX_CERTIFICATES, MAX_ITERATIONS,
    certificate::Certificate,
    element::{CONTEXT_0, Element, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, first, tags},
    key::{Clear, PrivateKey},
    pfx::{Bags, Closed, Unopened},
};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
const ENVELOPED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.3");
const ENCRYPTED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.6");
const KEY_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = oid("1.2.840.113549.1.12.10.1.3");
const X509: ObjectIdentifier = oid("1.2.840.113549.1.9.22.1");
const LOCAL_KEY_ID: ObjectIdentifier = oid("1.2.840.113549.1.9.21");
const PBKDF2: ObjectIdentifier = oid("1.2.840.113549.1.5.12");
const PBES2: ObjectIdentifier = oid("1.2.840.113549.1.5.13");
const PBMAC1: ObjectIdentifier = oid("1.2.840.113549.1.5.14");

/// The password's forms: RFC 7292, B.1, and as it is for PBKDF2.
struct Password {
    bmp: Zeroizing<Vec<u8>>,
    utf8: Zeroizing<Vec<u8>>,
}

impl Password {
    /// UTF-16, with a zero unit at its end.
    fn new(text: &str) -> Self {
        let units = text.encode_utf16().chain([0]);
        Self {
            bmp: Zeroizing::new(units.flat_map(u16::to_be_bytes).collect()),
            utf8: Zeroizing::new(text.as_bytes().to_vec()),
        }
    }

    /// No password is not the empty one: not even the zero at the end is there.
    fn absent() -> Self {
        Self {
            bmp: Zeroizing::default(),
            utf8: Zeroizing::default(),
        }
    }
}

/// Why it does not go on.
enum Stop {
    /// The password may be another one.
    Mismatch,
    Other(Closed),
}

impl From<der::Error> for Stop {
    fn from(_: der::Error) -> Self {
        DAMAGED
    }
}

const DAMAGED: Stop = Stop::Other(Closed::Damaged);

fn unsupported(what: impl Into<String>) -> Stop {
    Stop::Other(Closed::Unopened(Unopened::Unsupported(what.into())))
}

/// Opens a PFX. Without a password, or with an empty one, it is tried with both of these.
pub(crate) fn open(der: &[u8], password: Option<&str>) -> Result<Bags, Closed> {
    let mut reader = Opener {
        iterations: 0,
        bags: Bags::default(),
    };
    let text = password.unwrap_or_default();
    let absent = text.is_empty().then(Password::absent);
    for candidate in [Some(Password::new(text)), absent].iter().flatten() {
        match reader.open(der, candidate) {
            Ok(()) => return Ok(reader.bags),
            Err(Stop::Mismatch) => {}
            Err(Stop::Other(closed)) => return Err(closed),
        }
    }
    Err(match password {
        None => Closed::Unopened(Unopened::Locked),
        Some(_) => Closed::WrongPassword,
    })
}

struct Opener {
    /// How many steps its keys have taken.
    iterations: u64,
    bags: Bags,
}

impl Opener {
    fn open(&mut self, der: &[u8], password: &Password) -> Result<(), Stop> {
        self.bags = Bags::default();
        let (pfx, _) = first(der).map_err(|_| indefinite())?;
        let parts = pfx.inner().map_err(|_| indefinite())?;
        let safe = parts.get(1).ok_or(DAMAGED)?;
        let (kind, content) = content_info(safe)?;
        match kind {
            DATA => {}
            SIGNED_DATA => {
                return Err(unsupported(
                    "a signature protects it in place of a password",
                ));
            }
            _ => return Err(DAMAGED),
        }
        let content = octets(content)?;
        if let Some(mac) = parts.get(2) {
            self.check_mac(mac, content, password)?;
        }
        let read = self.read_safe(content, password);
        match (read, parts.get(2)) {
            (Err(Stop::Mismatch), Some(_)) => {
                let what = "what is in it is encrypted with another password than its MAC";
                Err(unsupported(what))
            }
            (read, _) => read,
        }
    }

    /// RFC 7292, 4: `MacData`.
    fn check_mac(
        &mut self,
        mac: &Element<'_>,
        content: &[u8],
        password: &Password,
    ) -> Result<(), Stop> {
        let parts = mac.inner()?;
        let digest = parts.first().ok_or(DAMAGED)?.inner()?;
        let [algorithm, expected] = &digest[..] else {
            return Err(DAMAGED);
        };
        let (name, parameters) = algorithm_of(algorithm)?;
        let (hash, key) = if name == PBMAC1 {
            let parameters = parameters.ok_or(DAMAGED)?.inner()?;
            let [derivation, scheme] = &parameters[..] else {
                return Err(DAMAGED);
            };
            let (scheme, _) = algorithm_of(scheme)?;
            let hash = Hash::of_hmac(scheme).ok_or_else(|| unsupported_algorithm(scheme))?;
            (hash, self.pbkdf2(derivation, password, None)?)
        } else {
            let hash = Hash::of_digest(name).ok_or_else(|| unsupported_algorithm(name))?;
            let salt = octets(*parts.get(1).ok_or(DAMAGED)?)?;
            let iterations = parts.get(2).map_or(Some(1), Element::integer);
            let iterations = iterations.ok_or(DAMAGED)?;
            let mac = 3;
            (
                hash,
                self.derive(hash, password, salt, mac, iterations, hash.size())?,
            )
        };
        if hash.verifies(&key, content, octets(*expected)?) {
            Ok(())
        } else {
            Err(Stop::Mismatch)
        }
    }

    /// RFC 7292, 4.1: `AuthenticatedSafe`, a SEQUENCE of `ContentInfo`.
    fn read_safe(&mut self, content: &[u8], password: &Password) -> Result<(), Stop> {
        let (safe, _) = first(content)?;
        for part in safe.inner()? {
            match content_info(&part)? {
                (DATA, content) => self.read_bags(octets(content)?, password)?,
                (ENCRYPTED_DATA, content) => {
                    let parts = content.inner()?;
                    // Version and `EncryptedContentInfo`: type, algorithm, and `[0] IMPLICIT OCTET STRING`.
                    let info = parts.get(1).ok_or(DAMAGED)?.inner()?;
                    let [_, algorithm, data] = &info[..] else {
                        return Err(DAMAGED);
                    };
                    if data.tag != 0x80 {
                        return Err(indefinite());
                    }
                    let decrypted = self.decrypt(algorithm, data.value, password)?;
                    self.read_bags(&decrypted, password).map_err(garbled)?;
                }
                (ENVELOPED_DATA, _) => {
                    return Err(unsupported("it is encrypted to a public key"));
                }
                _ => return Err(DAMAGED),
            }
        }
        Ok(())
    }

    /// RFC 7292, 4.2: `SafeContents`, a SEQUENCE of `SafeBag`.
    fn read_bags(&mut self, content: &[u8], password: &Password) -> Result<(), Stop> {
        let (bags, _) = first(content)?;
        for bag in bags.inner()? {
            if self.bags.certificates.len() + self.bags.keys.len() > MAX_CERTIFICATES {
                return Err(Stop::Other(Closed::TooMany));
            }
            let parts = bag.inner()?;
            let [name, value, attributes @ ..] = &parts[..] else {
                return Err(DAMAGED);
            };
            let inner = value.inner()?;
            let value = inner.first().ok_or(DAMAGED)?;
            let key = match name.oid() {
                Some(CERTIFICATE_BAG) => {
                    let parts = value.inner()?;
                    let [kind, content] = &parts[..] else {
                        return Err(DAMAGED);
                    };
                    if kind.oid() == Some(X509) {
                        let content = content.inner()?;
                        let der = octets(*content.first().ok_or(DAMAGED)?)?;
                        let mut certificate = Certificate::from_der(der).ok_or(DAMAGED)?;
                        certificate.local_id = local_id(attributes);
                        self.bags.certificates.push(certificate);
                    }
                    continue;
                }
                Some(KEY_BAG) => private_key(value)?,
                Some(SHROUDED_KEY_BAG) => {
                    let parts = value.inner()?;
                    let [algorithm, data] = &parts[..] else {
                        return Err(DAMAGED);
                    };
                    let key = self.decrypt(algorithm, octets(*data)?, password)?;
                    let (key, _) = first(&key).map_err(|_| Stop::Mismatch)?;
                    private_key(&key).map_err(|_| Stop::Mismatch)?
                }
                // Lists of revoked certificates, secrets.
                _ => continue,
            };
            let mut key = key.ok_or(DAMAGED)?;
            key.local_id = local_id(attributes);
            self.bags.keys.push(key);
        }
        Ok(())
    }

    fn decrypt(
        &mut self,
        algorithm: &Element<'_>,
        data: &[u8],
        password: &Password,
    ) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let (name, parameters) = algorithm_of(algorithm)?;
        let parameters = parameters
            .ok_or_else(|| unsupported_algorithm(name))?
            .inner()?;
        let (cipher, key, iv) = if name == PBES2 {
            // RFC 8018, A.4.
            let [derivation, scheme] = &parameters[..] else {
                return Err(DAMAGED);
            };
            let (scheme, iv) = algorithm_of(scheme)?;
            let cipher = Cipher::of_pbes2(scheme).ok_or_else(|| unsupported_algorithm(scheme))?;
            let key = self.pbkdf2(derivation, password, Some(cipher.key_size()))?;
            let iv = octets(iv.ok_or(DAMAGED)?)?;
            (cipher, key, Zeroizing::new(iv.to_vec()))
        } else {
            // RFC 7292, C.
            let cipher = Cipher::of_pbes1(name).ok_or_else(|| unsupported_algorithm(name))?;
            let [salt, iterations] = &parameters[..] else {
                return Err(DAMAGED);
            };
            let salt = octets(*salt)?;
            let iterations = iterations.integer().ok_or(DAMAGED)?;
            let mut derive =
                |id, size| self.derive(Hash::Sha1, password, salt, id, iterations, size);
            (cipher, derive(1, cipher.key_size())?, derive(2, 8)?)
        };
        cipher.decrypt(&key, &iv, data).ok_or(Stop::Mismatch)
    }

    /// RFC 8018, A.2: the key by PBKDF2.
    fn pbkdf2(
        &mut self,
        algorithm: &Element<'_>,
        password: &Password,
        size: Option<usize>,
    ) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let (name, parameters) = algorithm_of(algorithm)?;
        if name != PBKDF2 {
            return Err(unsupported_algorithm(name));
        }
        let parameters = parameters.ok_or(DAMAGED)?.inner()?;
        let [salt, iterations, optional @ ..] = &parameters[..] else {
            return Err(DAMAGED);
        };
        let (salt, iterations) = (octets(*salt)?, iterations.integer().ok_or(DAMAGED)?);
        let said = optional.first().filter(|field| field.tag == INTEGER);
        let said = said.and_then(Element::integer);
        let size = size.or_else(|| said.and_then(|size| usize::try_from(size).ok()));
        let size = size.filter(|size| (1..=64).contains(size)).ok_or(DAMAGED)?;
        let hash = match optional.last().filter(|field| field.tag == SEQUENCE) {
            Some(function) => {
                let (name, _) = algorithm_of(function)?;
                Hash::of_hmac(name).ok_or_else(|| unsupported_algorithm(name))?
            }
            None => Hash::Sha1,
        };
        self.spend(iterations, size.div_ceil(hash.size()))?;
        let mut key = Zeroizing::new(vec![0; size]);
        hash.pbkdf2(&password.utf8, salt, iterations, &mut key);
        Ok(key)
    }

    /// RFC 7292, B.2: the key for encryption (1), its initial vector (2), the key of the MAC (3).
    fn derive(
        &mut self,
        hash: Hash,
        password: &Password,
        salt: &[u8],
        id: u8,
        iterations: u32,
        size: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Stop> {
        self.spend(iterations, size.div_ceil(hash.size()))?;
        Ok(hash.derive(&password.bmp, salt, id, iterations, size))
    }

    fn spend(&mut self, iterations: u32, blocks: usize) -> Result<(), Stop> {
        self.iterations += u64::from(iterations) * blocks as u64;
        if iterations == 0 {
            return Err(DAMAGED);
        }
        if self.iterations > MAX_ITERATIONS {
            let what = format!("its keys take more than {MAX_ITERATIONS} iterations");
            return Err(unsupported(what));
        }
        Ok(())
    }
}

/// A key in the clear; `None` where it is none.
fn private_key(key: &Element<'_>) -> Result<Option<PrivateKey>, Stop> {
    let read = PrivateKey::read(&key.inner()?);
    Ok(read.map(|read| PrivateKey {
        clear: Clear::new(key.whole),
        ..read
    }))
}

fn indefinite() -> Stop {
    unsupported("it is BER of indefinite length")
}

fn unsupported_algorithm(name: ObjectIdentifier) -> Stop {
    unsupported(format!(
        "it uses an algorithm that is not known here ({name})"
    ))
}

/// What was decrypted with a wrong password ends, now and then, as if it had been the right one.
fn garbled(stop: Stop) -> Stop {
    match stop {
        Stop::Other(Closed::Damaged) => Stop::Mismatch,
        stop => stop,
    }
}

/// The type and the content of a `ContentInfo`.
fn content_info<'a>(info: &Element<'a>) -> Result<(ObjectIdentifier, Element<'a>), Stop> {
    let parts = info.inner().map_err(|_| indefinite())?;
    match (&parts[..], &tags(&parts)[..]) {
        ([name, content], [OID, CONTEXT_0]) => {
            let content = content.inner().map_err(|_| indefinite())?;
            Ok((name.oid().ok_or(DAMAGED)?, *content.first().ok_or(DAMAGED)?))
        }
        _ => Err(DAMAGED),
    }
}

/// An OCTET STRING's bytes. One in pieces is BER.
fn octets(element: Element<'_>) -> Result<&[u8], Stop> {
    match element.tag {
        OCTET_STRING => Ok(element.value),
        0x24 => Err(indefinite()),
        _ => Err(DAMAGED),
    }
}

/// An `AlgorithmIdentifier`'s name and parameters.
fn algorithm_of<'a>(
    element: &Element<'a>,
) -> Result<(ObjectIdentifier, Option<Element<'a>>), Stop> {
    let parts = element.inner()?;
    let name = parts.first().and_then(Element::oid).ok_or(DAMAGED)?;
    Ok((name, parts.get(1).copied()))
}

/// The bag's attribute that ties a key to its certificate.
fn local_id(attributes: &[Element<'_>]) -> Option<Vec<u8>> {
    let set = attributes.iter().find(|part| part.tag == SET)?;
    let all = set.inner().ok()?;
    let mut found = all.iter().filter_map(|attribute| {
        let parts = attribute.inner().ok()?;
        let [name, values] = &parts[..] else {
            return None;
        };
        let is_it = name.oid() == Some(LOCAL_KEY_ID);
        is_it.then(|| values.inner().ok()?.first().map(|id| id.value.to_vec()))?
    });
    found.next()
}
