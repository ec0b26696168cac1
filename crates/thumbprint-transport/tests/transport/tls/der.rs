//! Changing a certificate's DER, for what rcgen does not make: old versions and old algorithms.

use test_support::OrFail as _;

/// The identifier of ECDSA with SHA-256, as it stands in a certificate.
const ECDSA_SHA256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// That of ECDSA with SHA-1.
const ECDSA_SHA1: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];

const SEQUENCE: u8 = 0x30;
/// The tags of a certificate's version and of its extensions.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// The same certificate in version 1: without a version and without extensions. Its signature is the old
/// one, which is not checked before the version.
pub(crate) fn as_version_1(certificate: &[u8]) -> Vec<u8> {
    rebuilt(
        certificate,
        |(tag, _)| *tag != VERSION && *tag != EXTENSIONS,
        <[u8]>::to_vec,
    )
}

/// The same certificate, signed with SHA-1 by its own account. The signature is never checked: the
/// algorithm is refused, or the certificate is trusted as it is.
pub(crate) fn as_sha1(certificate: &[u8]) -> Vec<u8> {
    rebuilt(
        certificate,
        |_| true,
        |content| {
            if content == ECDSA_SHA256 {
                ECDSA_SHA1
            } else {
                content
            }
            .to_vec()
        },
    )
}

fn rebuilt(
    certificate: &[u8],
    keep: impl Fn(&(u8, &[u8])) -> bool,
    change: impl Fn(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let joined = |members: Vec<(u8, &[u8])>| -> Vec<u8> {
        let members = members.into_iter();
        members
            .flat_map(|(tag, content)| element(tag, &change(content)))
            .collect()
    };
    let [(SEQUENCE, whole)] = members(certificate)[..] else {
        panic!("not a certificate");
    };
    let mut parts = members(whole).into_iter();
    let (_, body) = parts.next().or_fail();
    let body = members(body).into_iter().filter(keep).collect();
    let body = element(SEQUENCE, &joined(body));
    element(SEQUENCE, &[body, joined(parts.collect())].concat())
}

/// The elements that stand one behind the other.
fn members(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let [tag, first, rest @ ..] = bytes {
        let (length, rest) = match *first {
            short @ 0..0x80 => (usize::from(short), rest),
            long => {
                let (length, rest) = rest.split_at(usize::from(long & 0x7f));
                let length = length
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                (length, rest)
            }
        };
        let (content, rest) = rest.split_at(length);
        found.push((*tag, content));
        bytes = rest;
    }
    found
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).or_fail().to_be_bytes();
    let length = match length {
        [0, short @ 0..0x80] => vec![short],
        [0, low] => vec![0x81, low],
        [high, low] => vec![0x82, high, low],
    };
    [&[tag], &length[..], content].concat()
}
