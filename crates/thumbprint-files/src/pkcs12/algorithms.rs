//! The algorithms that a PFX can name, of `RustCrypto`, and PKCS #12's own derivation of keys.

use aes::cipher::{
    Block, BlockCipherDecrypt, BlockModeDecrypt as _, InnerIvInit as _, KeyInit,
    block_padding::Pkcs7,
};
use der::asn1::ObjectIdentifier;
use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, digest::common::BlockSizeUser};
use zeroize::Zeroizing;

use super::oid;

#[derive(Clone, Copy)]
pub(super) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// Runs a function for the digest that a [`Hash`] stands for.
macro_rules! with {
    ($hash:expr, $name:ident => $call:expr) => {
        match $hash {
            Hash::Sha1 => {
                type $name = Sha1;
                $call
            }
            Hash::Sha224 => {
                type $name = Sha224;
                $call
            }
            Hash::Sha256 => {
                type $name = Sha256;
                $call
            }
            Hash::Sha384 => {
                type $name = Sha384;
                $call
            }
            Hash::Sha512 => {
                type $name = Sha512;
                $call
            }
        }
    };
}

impl Hash {
    pub(super) fn of_digest(name: ObjectIdentifier) -> Option<Self> {
        const NAMES: [(ObjectIdentifier, Hash); 5] = [
            (oid("1.3.14.3.2.26"), Hash::Sha1),
            (oid("2.16.840.1.101.3.4.2.4"), Hash::Sha224),
            (oid("2.16.840.1.101.3.4.2.1"), Hash::Sha256),
            (oid("2.16.840.1.101.3.4.2.2"), Hash::Sha384),
            (oid("2.16.840.1.101.3.4.2.3"), Hash::Sha512),
        ];
        find(&NAMES, name)
    }

    pub(super) fn of_hmac(name: ObjectIdentifier) -> Option<Self> {
        const NAMES: [(ObjectIdentifier, Hash); 5] = [
            (oid("1.2.840.113549.2.7"), Hash::Sha1),
            (oid("1.2.840.113549.2.8"), Hash::Sha224),
            (oid("1.2.840.113549.2.9"), Hash::Sha256),
            (oid("1.2.840.113549.2.10"), Hash::Sha384),
            (oid("1.2.840.113549.2.11"), Hash::Sha512),
        ];
        find(&NAMES, name)
    }

    pub(super) fn size(self) -> usize {
        with!(self, D => <D as Digest>::output_size())
    }

    pub(super) fn verifies(self, key: &[u8], content: &[u8], expected: &[u8]) -> bool {
        with!(self, D => {
            let mac = <Hmac<D> as KeyInit>::new_from_slice(key);
            mac.is_ok_and(|mac| mac.chain_update(content).verify_slice(expected).is_ok())
        })
    }

    pub(super) fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
        with!(self, D => pbkdf2::pbkdf2_hmac::<D>(password, salt, iterations, key));
    }

    pub(super) fn derive(
        self,
        password: &[u8],
        salt: &[u8],
        id: u8,
        iterations: u32,
        size: usize,
    ) -> Zeroizing<Vec<u8>> {
        with!(self, D => derive::<D>(password, salt, id, iterations, size))
    }
}

fn find<T: Copy>(names: &[(ObjectIdentifier, T)], name: ObjectIdentifier) -> Option<T> {
    let found = names.iter().find(|(other, _)| *other == name);
    found.map(|(_, value)| *value)
}

/// RFC 7292, B.2, with its names.
fn derive<H: Digest + BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    id: u8,
    iterations: u32,
    size: usize,
) -> Zeroizing<Vec<u8>> {
    let v = H::block_size();
    let filled = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().next_multiple_of(v);
        bytes.iter().copied().cycle().take(length).collect()
    };
    let mut i = Zeroizing::new(filled(salt));
    i.extend(&*Zeroizing::new(filled(password)));
    let mut key = Zeroizing::new(Vec::with_capacity(size + 64));
    while key.len() < size {
        let mut a = H::new()
            .chain_update(vec![id; v])
            .chain_update(&*i)
            .finalize();
        for _ in 1..iterations {
            a = H::digest(&a);
        }
        key.extend_from_slice(&a);
        let b: Zeroizing<Vec<u8>> = Zeroizing::new(a.iter().copied().cycle().take(v).collect());
        for block in i.chunks_exact_mut(v) {
            // I_j = (I_j + B + 1) mod 2^v, from the last byte on.
            let mut carry = 1;
            for (byte, add) in block.iter_mut().zip(&*b).rev() {
                carry += u16::from(*byte) + u16::from(*add);
                *byte = carry.to_be_bytes()[1];
                carry >>= 8;
            }
        }
    }
    key.truncate(size);
    key
}

#[derive(Clone, Copy)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    TwoKeyTripleDes,
    Rc2(usize),
}

impl Cipher {
    pub(super) fn of_pbes2(name: ObjectIdentifier) -> Option<Self> {
        const NAMES: [(ObjectIdentifier, Cipher); 4] = [
            (oid("2.16.840.1.101.3.4.1.2"), Cipher::Aes128),
            (oid("2.16.840.1.101.3.4.1.22"), Cipher::Aes192),
            (oid("2.16.840.1.101.3.4.1.42"), Cipher::Aes256),
            (oid("1.2.840.113549.3.7"), Cipher::TripleDes),
        ];
        find(&NAMES, name)
    }

    pub(super) fn of_pbes1(name: ObjectIdentifier) -> Option<Self> {
        const NAMES: [(ObjectIdentifier, Cipher); 4] = [
            (oid("1.2.840.113549.1.12.1.3"), Cipher::TripleDes),
            (oid("1.2.840.113549.1.12.1.4"), Cipher::TwoKeyTripleDes),
            (oid("1.2.840.113549.1.12.1.5"), Cipher::Rc2(16)),
            (oid("1.2.840.113549.1.12.1.6"), Cipher::Rc2(5)),
        ];
        find(&NAMES, name)
    }

    pub(super) fn key_size(self) -> usize {
        match self {
            Self::Aes128 | Self::TwoKeyTripleDes => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2(size) => size,
        }
    }

    /// The plain bytes, unless their padding is wrong.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Aes128 => cbc::<aes::Aes128>(key, iv, data),
            Self::Aes192 => cbc::<aes::Aes192>(key, iv, data),
            Self::Aes256 => cbc::<aes::Aes256>(key, iv, data),
            Self::TripleDes => cbc::<des::TdesEde3>(key, iv, data),
            Self::TwoKeyTripleDes => cbc::<des::TdesEde2>(key, iv, data),
            Self::Rc2(_) => cbc::<rc2::Rc2>(key, iv, data),
        }
    }
}

fn cbc<C: KeyInit + BlockCipherDecrypt>(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = C::new_from_slice(key).ok()?;
    let iv = <&Block<C>>::try_from(iv).ok()?;
    let mut buffer = Zeroizing::new(data.to_vec());
    let decryptor = cbc::Decryptor::inner_iv_init(cipher, iv);
    let length = decryptor.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}
