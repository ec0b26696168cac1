//! What is in files of every kind, and what is said of those that are not taken. Must notice a thumbprint that is not the
//! leaf's, a key that is taken for a certificate or sent as one, a password that is not checked, and a file
//! that costs more than it may.

#![allow(clippy::too_many_lines, reason = "tests")]

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use test_support::OrFail as _;
use thumbprint_files::{About, Encoding, Format, KeyKind, Refusal, Warning, read};

const LEAF: &str = "81F2E3453276CA01CACB384E766B33EE9DC891FF";
const ROOT: &str = "24A34DE63D85B37CAFF1032486C4BD7D510DC4C3";
const CHAIN: [&str; 3] = [
    ROOT,
    "34762D97299BF9D7B8B43FD39B5501FA9DFADF1D",
    "BCBC5961F09E259C020D50C832FCB843A109B92A",
];

fn file(name: &str) -> Vec<u8> {
    fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/data")
            .join(name),
    )
    .or_fail()
}

fn text(name: &str) -> String {
    String::from_utf8(file(name)).or_fail()
}

fn refusal(bytes: impl AsRef<[u8]>) -> Refusal {
    let contents = read(bytes.as_ref(), None);
    contents
        .and_then(|contents| contents.choose(None).cloned())
        .err_or_fail()
}

/// The thumbprints in a file.
fn thumbprints(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let contents = read(bytes.as_ref(), None).or_fail();
    let all = contents.certificates.iter();
    all.map(|one| one.thumbprint.clone()).collect()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn certificates_are_found_whatever_they_are_wrapped_in() {
    for (name, format, encodings, expected) in [
        ("leaf.der", Format::Der, &[][..], &[LEAF][..]),
        ("leaf.pem", Format::Pem, &[], &[LEAF]),
        ("trusted.pem", Format::Pem, &[], &[LEAF]),
        ("bom-utf8.pem", Format::Pem, &[Encoding::Marked], &[LEAF]),
        ("root-bom.pem", Format::Pem, &[Encoding::Marked], &[ROOT]),
        ("utf16le.pem", Format::Pem, &[Encoding::Utf16], &[LEAF]),
        (
            "cer-base64-oneline.txt",
            Format::Der,
            &[Encoding::Base64],
            &[LEAF],
        ),
        ("leaf.p7b", Format::Pkcs7, &[], &[LEAF]),
        ("chain-root-first.pem", Format::Pem, &[], &CHAIN),
    ] {
        let contents = read(&file(name), None).or_fail();
        assert_eq!(contents.format, format, "{name}");
        assert_eq!(contents.encodings, encodings, "{name}");
        assert_eq!(thumbprints(file(name)), expected, "{name}");
        assert!(contents.keys.is_empty(), "{name}");
        assert!(
            contents
                .certificates
                .iter()
                .all(|one| one.has_key == Some(false))
        );
    }
}

#[test]
fn what_a_certificate_says_of_itself_is_read() {
    let contents = read(&file("leaf.pem"), None).or_fail();
    let leaf = contents.choose(None).or_fail();
    assert_eq!(leaf.subject.as_deref(), Some("CN=leaf.example"));
    assert_eq!(leaf.issuer.as_deref(), Some("CN=leaf.example"));
    assert_eq!(leaf.serial, "725B3F32AF240103B8B1DB0208DF8E5516D10F00");
    assert_eq!(leaf.not_before, "2026-11-25T18:33:31Z".parse().ok());
    assert_eq!(leaf.not_after, "2036-11-22T18:33:31Z".parse().ok());
    assert_eq!(leaf.der, file("leaf.der"));
    assert_eq!(leaf.to_string(), format!("{LEAF} (CN=leaf.example)"));
}

#[test]
fn the_layout_of_text_does_not_matter() {
    let pem = text("leaf.pem");
    let base64 = text("cer-base64-oneline.txt");
    let in_lines: Vec<_> = base64.as_bytes().chunks(64).collect();
    let url_safe = base64.replace('+', "-").replace('/', "_");
    let of_body = pem.lines().filter(|line| !line.starts_with("---"));
    let label = |label: &str| pem.replace("CERTIFICATE", label);
    let headers = pem.replacen("-----\n", "-----\nComment: x\n\n", 1);
    for (name, bytes) in [
        ("CRLF", pem.replace('\n', "\r\n").into_bytes()),
        ("CR", pem.replace('\n', "\r").into_bytes()),
        ("no line end", pem.replace('\n', "").into_bytes()),
        (
            "line ends as two characters",
            pem.replace('\n', "\\n").into_bytes(),
        ),
        (
            "in JSON's quotes",
            format!("\"{}\"", pem.replace('\n', "\\r\\n")).into_bytes(),
        ),
        // RFC 7468, 3: white space behind the boundaries, and no line end behind the last.
        (
            "spaces behind boundaries",
            pem.trim_end().replace("-----\n", "----- \t\n").into_bytes(),
        ),
        ("indented", pem.replace('\n', "\n    ").into_bytes()),
        (
            "text before",
            format!("Bag Attributes\n  friendlyName: a\nsubject=/CN=x\n{pem}after").into_bytes(),
        ),
        (
            "text before in another encoding",
            [b"subject=O=M\xfcller\n", pem.as_bytes()].concat(),
        ),
        ("headers", headers.as_bytes().to_vec()),
        ("headers, CR", headers.replace('\n', "\r").into_bytes()),
        ("twice", pem.repeat(2).into_bytes()),
        ("another label", label("X509 CERTIFICATE").into_bytes()),
        ("another label", label("X.509 CERTIFICATE").into_bytes()),
        ("UTF-16 LE", utf16(&pem, u16::to_le_bytes)),
        ("UTF-16 BE", utf16(&pem, u16::to_be_bytes)),
        (
            "UTF-16 BE with a mark",
            utf16(&format!("\u{feff}{pem}"), u16::to_be_bytes),
        ),
        ("base64 in lines", in_lines.join(&b"\r\n"[..])),
        ("base64 for URLs", url_safe.into_bytes()),
        (
            "base64 without padding",
            base64.trim_end_matches('=').into(),
        ),
        ("base64 in quotes", format!("\"{base64}\"\n").into_bytes()),
        (
            "base64 with a mark",
            format!("\u{feff}{base64}").into_bytes(),
        ),
        ("base64 in UTF-16", utf16(&base64, u16::to_le_bytes)),
        ("base64 of PEM", BASE64_STANDARD.encode(&pem).into_bytes()),
        (
            "base64 of base64",
            BASE64_STANDARD.encode(&base64).into_bytes(),
        ),
        (
            "the body of PEM alone",
            of_body.collect::<Vec<_>>().join("\n").into_bytes(),
        ),
    ] {
        assert_eq!(thumbprints(bytes), [LEAF], "{name}");
    }
}

/// `certutil -encode` puts a certificate's label around any file.
#[test]
fn a_block_of_pem_is_what_it_holds_and_not_what_its_label_says() {
    let labelled = |name: &str| {
        let body = BASE64_STANDARD.encode(file(name));
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    };
    assert_eq!(
        read(labelled("ec-openssl3.pfx").as_bytes(), None)
            .or_fail()
            .format,
        Format::Pfx
    );
    assert_eq!(
        read(labelled("leaf.p7b").as_bytes(), None).or_fail().format,
        Format::Pkcs7
    );
    let key = read(labelled("key-pkcs8.der").as_bytes(), None).or_fail();
    assert!(key.certificates.is_empty());
    assert_eq!(key.keys[0].kind, Some(KeyKind::Rsa(2048)));
    // Nor is a certificate taken that says it is a key: one of the two is wrong.
    let mislabelled = text("leaf.pem").replace("CERTIFICATE", "PRIVATE KEY");
    assert!(refusal(mislabelled).problem().contains("PRIVATE KEY"));
}

#[test]
fn the_certificate_beside_the_key_is_the_one_that_is_meant() {
    let key = BASE64_STANDARD.encode(file("key-pkcs8.der"));
    let key = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
    for pem in [
        text("chain-root-first.pem") + &text("leaf.pem") + &key,
        key + &text("chain-root-first.pem") + &text("leaf.pem"),
    ] {
        let contents = read(pem.as_bytes(), None).or_fail();
        assert_eq!(contents.choose(None).or_fail().thumbprint, LEAF);
        let has_key = contents.certificates.iter().map(|one| one.has_key);
        assert_eq!(has_key.filter(|has| *has == Some(true)).count(), 1);
        // A thumbprint says otherwise.
        assert_eq!(
            contents
                .choose(Some(&ROOT.to_lowercase()))
                .or_fail()
                .thumbprint,
            ROOT
        );
    }
    let contents = read(&file("ec-chain-and-key.pem"), None).or_fail();
    assert_eq!(
        contents.choose(None).or_fail().subject.as_deref(),
        Some("CN=ec.example")
    );
    assert_eq!(contents.keys[0].kind, Some(KeyKind::Ec("P-256")));
    // The same key in the form of SEC 1, behind its parameters as OpenSSL writes them.
    let parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let sec1 = parameters.to_owned()
        + &text("leaf.pem")
        + &text("ec-chain-and-key.pem")
        + &text("ec-sec1.pem");
    let contents = read(sec1.as_bytes(), None).or_fail();
    assert_eq!(
        contents.choose(None).or_fail().subject.as_deref(),
        Some("CN=ec.example")
    );
    // A key that does not say its public half may be anybody's.
    let contents = read(&file("ed25519-key.pem"), None).or_fail();
    assert_eq!(contents.certificates[0].has_key, None);
    assert_eq!(
        contents.choose(None).or_fail().subject.as_deref(),
        Some("CN=ed25519.example")
    );
}

#[test]
fn of_several_certificates_none_is_taken_without_a_word() {
    let chain = file("chain-root-first.pem");
    let refusal = refusal(&chain);
    assert_eq!(refusal.about(), About::Choice);
    for (thumbprint, subject) in CHAIN.into_iter().zip([
        "CN=Example Root",
        "CN=Example Intermediate",
        "CN=end.example",
    ]) {
        assert!(
            refusal
                .problem()
                .contains(&format!("{thumbprint} ({subject})")),
            "{refusal}"
        );
    }
    let contents = read(&chain, None).or_fail();
    for thumbprint in CHAIN {
        assert_eq!(
            contents.choose(Some(thumbprint)).or_fail().thumbprint,
            thumbprint
        );
    }
    let other = contents.choose(Some(LEAF)).err_or_fail();
    assert_eq!(other.about(), About::Choice);
    assert!(
        other.problem().contains(LEAF) && other.problem().contains(ROOT),
        "{other}"
    );
}

#[test]
fn what_holds_no_certificate_is_named_with_what_to_do() {
    let publish_settings = |attribute: &str| {
        format!(
            "\u{feff}<?xml version=\"1.0\"?><PublishData><PublishProfile {attribute}/></PublishData>"
        )
    };
    let pfx = text("pfx-base64-keyvault.txt");
    let der = file("leaf.der");
    let hexadecimal: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
    let ssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n";
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (vec![], "empty", "contents"),
        (b" \r\n".to_vec(), "empty", "contents"),
        (b"\xef\xbb\xbf".to_vec(), "empty", "contents"),
        (b"hello, world".to_vec(), "plain text", "PFX"),
        (b"certificate".to_vec(), "plain text", "PFX"),
        (LEAF.into(), "plain text", "PFX"),
        (utf16("hello, world", u16::to_le_bytes), "plain text", "PFX"),
        (
            file("key-pkcs8.der"),
            "private key (RSA 2048)",
            "openssl pkcs12 -export",
        ),
        (
            BASE64_STANDARD.encode(file("key-pkcs8.der")).into(),
            "private key (RSA 2048)",
            "pkcs12",
        ),
        (file("ec-sec1.pem"), "private key (EC P-256)", "pkcs12"),
        (
            file("ec-encrypted.pem"),
            "private key (encrypted)",
            "pkcs12",
        ),
        (
            file("ec-traditional.pem"),
            "private key (encrypted)",
            "pkcs12",
        ),
        (file("leaf.p7b"), "PKCS #7", "openssl pkcs7"),
        (file("ec-request.pem"), "signing request", "certificate"),
        (file("ec-crl.pem"), "revoked certificates", "certificate"),
        (file("ec-public.pem"), "public key", "certificate"),
        (ssh.into(), "OPENSSH PRIVATE KEY", "X.509"),
        (
            b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI ana@example".to_vec(),
            "SSH",
            "X.509",
        ),
        (
            b"PuTTY-User-Key-File-3: ssh-ed25519".to_vec(),
            "PuTTY",
            "X.509",
        ),
        (
            b"\xfe\xed\xfe\xed\0\0\0\x02".to_vec(),
            "Java key store",
            "keytool",
        ),
        (
            BASE64_STANDARD.encode(b"\xfe\xed\xfe\xed\0\0\0\x02").into(),
            "Java key store",
            "keytool",
        ),
        (b"PK\x03\x04\x14\0".to_vec(), "zip", "unpack"),
        (
            b"\0\0\0\0CERT\x01\0".to_vec(),
            "serialized certificate store",
            "export",
        ),
        (
            publish_settings(&format!(
                "SchemaVersion=\"1.0\" ManagementCertificate=\"{pfx}\""
            ))
            .into(),
            "publish settings",
            "ManagementCertificate",
        ),
        (
            publish_settings(&format!(
                "SchemaVersion=\"2.0\"><Subscription ManagementCertificate=\"{pfx}\"/"
            ))
            .into(),
            "publish settings",
            "ManagementCertificate",
        ),
        (
            format!("{{\"contentType\":\"application/x-pkcs12\",\"value\":\"{pfx}\"}}").into(),
            "JSON",
            "--query value",
        ),
        (
            b"<!DOCTYPE html><title>Sign in</title>".to_vec(),
            "web page",
            "certificate",
        ),
        (format!("0x{hexadecimal}").into(), "hexadecimal", "xxd"),
        (hexadecimal.into(), "hexadecimal", "xxd"),
        ([&der[..], b"\n"].concat(), "1 bytes follow", "again"),
        (der[..der.len() - 1].to_vec(), "cut off", "again"),
        (
            text("cer-base64-oneline.txt")[..401].into(),
            "cut off",
            "again",
        ),
        (
            text("leaf.pem").replace("-----END", "").into(),
            "no end",
            "again",
        ),
        (
            text("leaf.pem").replace("MII", "M*I").into(),
            "not base64",
            "again",
        ),
        (text("leaf.pem")[..20].into(), "first line", "again"),
        (
            b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----".to_vec(),
            "does not hold one",
            "again",
        ),
        (b"\x30\x80\x02\x01\x01\0\0".to_vec(), "BER", "openssl"),
        (b"\x30\x03\x02\x01\x05".to_vec(), "something unknown", "PFX"),
        (b"\x30\x00".to_vec(), "something unknown", "PFX"),
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "no form", "PFX"),
        (vec![b'A'; (1 << 20) + 1], "more than 1 MiB", "right file"),
    ];
    for (bytes, problem, remedy) in cases {
        let refusal = refusal(&bytes);
        assert_eq!(refusal.about(), About::File, "{refusal}");
        assert!(refusal.problem().contains(problem), "{problem}: {refusal}");
        assert!(refusal.remedy().contains(remedy), "{remedy}: {refusal}");
    }
}

#[test]
fn a_damaged_block_is_not_passed_over_and_a_foreign_one_is() {
    let damaged = text("leaf.pem").replacen("MIID", "MIIE", 1);
    let both = text("root-bom.pem") + &damaged;
    assert!(refusal(both).problem().contains("block 2"));
    for other in ["ec-request.pem", "ec-public.pem", "ec-crl.pem"] {
        assert_eq!(
            thumbprints(text(other) + &text("leaf.pem")),
            [LEAF],
            "{other}"
        );
    }
}

#[test]
fn more_certificates_and_keys_than_may_be_are_refused() {
    let keys = text("ec-sec1.pem");
    assert!(
        refusal(keys.repeat(1001))
            .problem()
            .contains("more than 1000")
    );
    assert_eq!(
        read(keys.repeat(1000).as_bytes(), None)
            .or_fail()
            .keys
            .len(),
        1000
    );
}

#[test]
fn expired_and_early_certificates_are_told() {
    let contents = read(&file("leaf.pem"), None).or_fail();
    let leaf = contents.choose(None).or_fail();
    let at = |time: &str| contents.warnings(leaf, time.parse().or_fail());
    assert_eq!(at("2026-11-25T18:33:31Z"), []);
    assert_eq!(at("2036-11-22T18:33:31Z"), []);
    let expired = at("2036-11-22T18:33:32Z");
    assert_eq!(expired, [Warning::Expired(leaf.not_after.or_fail())]);
    assert!(expired[0].to_string().contains("2036-11-22T18:33:31Z"));
    let early = at("2026-11-25T18:33:30Z");
    assert_eq!(early, [Warning::NotYetValid(leaf.not_before.or_fail())]);
    assert!(early[0].to_string().contains("2026-11-25T18:33:31Z"));
}

#[test]
fn a_key_of_another_certificate_is_told() {
    let contents = read((text("leaf.pem") + &text("ec-sec1.pem")).as_bytes(), None).or_fail();
    let leaf = contents.choose(None).or_fail();
    assert_eq!(leaf.has_key, Some(false));
    let now = leaf.not_before.or_fail();
    assert_eq!(contents.warnings(leaf, now), [Warning::KeyOfAnother]);
}

#[cfg(feature = "pkcs12")]
mod pfx {
    use thumbprint_files::{Contents, Unopened};

    use super::*;

    const EC: &str = "0CB5562099BF5623022A6B4CE9CB6C8392A432A9";
    const EC_ROOT: &str = "3AA06BC75BF645041697D34E2451B086FA03E2EC";
    const ED25519: &str = "347A1E1C783B138E2F1D0C1C585F8D2FA3579349";
    const PASSWORD: &str = "p\u{e4}ssword";

    fn open(name: &str, password: Option<&str>) -> Contents {
        read(&file(name), password).or_fail()
    }

    fn has_keys(contents: &Contents) -> Vec<(&str, Option<bool>)> {
        let all = contents.certificates.iter();
        all.map(|one| (one.thumbprint.as_str(), one.has_key))
            .collect()
    }

    #[test]
    fn those_of_every_writer_are_opened_and_have_their_leaf() {
        let own = &[(EC, Some(true))][..];
        let leaf = &[(LEAF, Some(true))][..];
        for (name, password, expected) in [
            ("leaf-aes.pfx", Some("secret"), leaf),
            ("pfx-base64-keyvault.txt", None, leaf),
            ("ec-openssl3.pfx", Some(PASSWORD), own),
            ("ec-legacy.pfx", Some(PASSWORD), own),
            ("ec-windows.pfx", Some(PASSWORD), own),
            ("ec-two-key.pfx", Some(PASSWORD), own),
            ("ec-rc2.pfx", Some(PASSWORD), own),
            ("ec-aes128.pfx", Some(PASSWORD), own),
            ("ec-aes192.pfx", Some(PASSWORD), own),
            ("ec-pbmac1.pfx", Some(PASSWORD), own),
            ("ec-no-mac.pfx", Some(PASSWORD), own),
            ("ec-clear.pfx", None, own),
            ("ec-clear.pfx", Some("any"), own),
            ("ec-empty.pfx", None, own),
            ("ec-empty.pfx", Some(""), own),
            ("ec-absent.pfx", None, own),
            ("ec-absent.pfx", Some(""), own),
            (
                "ec-chain.pfx",
                Some(PASSWORD),
                &[(EC, Some(true)), (EC_ROOT, Some(false))],
            ),
            (
                "ec-root-first.pfx",
                None,
                &[(EC_ROOT, Some(false)), (EC, Some(true))],
            ),
            // Its key does not say its public half: the PFX says which certificate it belongs to.
            ("ed25519.pfx", Some(PASSWORD), &[(ED25519, Some(true))]),
        ] {
            let contents = open(name, password);
            assert_eq!(contents.format, Format::Pfx, "{name}");
            assert_eq!(has_keys(&contents), expected, "{name}");
            let chosen = contents.choose(None).or_fail();
            let with_key = expected.iter().find(|(_, has_key)| *has_key == Some(true));
            assert_eq!(chosen.thumbprint, with_key.or_fail().0, "{name}");
            assert_eq!(
                contents.warnings(chosen, chosen.not_before.or_fail()),
                [],
                "{name}"
            );
            let pfx = contents.pfx.as_ref().or_fail();
            assert_eq!((pfx.unopened(), pfx.password()), (None, password), "{name}");
        }
    }

    #[test]
    fn a_pfx_is_given_as_it_is_out_of_its_wrapping() {
        let contents = open("pfx-base64-keyvault.txt", None);
        let der = BASE64_STANDARD
            .decode(file("pfx-base64-keyvault.txt"))
            .or_fail();
        assert_eq!(contents.pfx.or_fail().der(), der);
    }

    #[test]
    fn a_wrong_password_is_refused_and_a_missing_one_told() {
        for name in [
            "leaf-aes.pfx",
            "ec-openssl3.pfx",
            "ec-legacy.pfx",
            "ec-windows.pfx",
            "ec-two-key.pfx",
            "ec-rc2.pfx",
            "ec-aes128.pfx",
            "ec-pbmac1.pfx",
            "ec-no-mac.pfx",
            "ec-key-only.pfx",
        ] {
            for wrong in ["Secret", "password", "p\u{e4}ssword "] {
                let refusal = read(&file(name), Some(wrong)).err_or_fail();
                assert_eq!(refusal.about(), About::Password, "{name}");
                assert!(!refusal.to_string().contains(wrong) || wrong == "password");
            }
            let contents = open(name, None);
            let pfx = contents.pfx.as_ref().or_fail();
            assert_eq!(pfx.unopened(), Some(&Unopened::Locked), "{name}");
            assert_eq!(contents.choose(None).err_or_fail().about(), About::Password);
        }
        let refusal = read(&file("ec-empty.pfx"), Some("x")).err_or_fail();
        assert_eq!(refusal.about(), About::Password);
    }

    #[test]
    fn one_without_a_key_or_a_certificate_says_so() {
        let contents = open("ec-certificate-only.pfx", Some(PASSWORD));
        let only = contents.choose(None).or_fail();
        assert_eq!(only.thumbprint, EC);
        let now = only.not_before.or_fail();
        assert_eq!(contents.warnings(only, now), [Warning::WithoutKey]);
        let contents = open("ec-key-only.pfx", Some(PASSWORD));
        assert_eq!(contents.keys[0].kind, Some(KeyKind::Ec("P-256")));
        let refusal = contents.choose(None).err_or_fail();
        assert!(
            refusal.problem().contains("has no certificate"),
            "{refusal}"
        );
    }

    #[test]
    fn what_is_not_opened_says_why_and_asks_for_the_thumbprint() {
        let signed = b"\x30\x19\x02\x01\x03\x30\x14\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x07\x30\x05\x02\x01\x01\x31\x00";
        let indefinite =
            b"\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
        let within = [
            &b"\x30\x12\x02\x01\x03\x30\x80\x06\x09"[..],
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\0\0",
        ]
        .concat();
        for (bytes, why) in [
            (file("ec-rc4.pfx"), "1.2.840.113549.1.12.1.1"),
            (file("ec-costly.pfx"), "more than 5000000 iterations"),
            (signed.to_vec(), "a signature"),
            (indefinite.to_vec(), "BER of indefinite length"),
            (within, "BER of indefinite length"),
        ] {
            let contents = read(&bytes, Some(PASSWORD)).or_fail();
            let refusal = contents.choose(None).err_or_fail();
            assert_eq!(refusal.about(), About::Choice, "{refusal}");
            assert!(refusal.problem().contains(why), "{why}: {refusal}");
            assert!(refusal.remedy().contains("thumbprint"), "{refusal}");
            assert_eq!(contents.pfx.or_fail().der(), bytes);
        }
    }

    #[test]
    fn nothing_shows_a_password_or_a_key() {
        let contents = open("ec-clear.pfx", Some("canary"));
        let shown = format!("{contents:?}");
        let der = file("ec-clear.pfx");
        assert!(
            !shown.contains("canary") && !shown.contains(&format!("{:?}", &der[..8])),
            "{shown}"
        );
    }

    /// Without encryption every byte of it is looked at.
    #[test]
    fn damage_of_any_kind_is_no_panic() {
        let whole = file("ec-clear.pfx");
        for at in 0..whole.len() {
            assert!(read(&whole[..at], None).is_err(), "{at}");
            for flip in [1, 0x80] {
                let mut damaged = whole.clone();
                damaged[at] ^= flip;
                let _ = read(&damaged, None).map(|contents| contents.choose(None).cloned());
            }
        }
    }
}

/// The expected key is what `openssl pkey` writes of the same one.
#[test]
#[cfg(feature = "pkcs12")]
fn a_key_comes_out_of_a_pfx_alone_and_is_not_shown() {
    let contents = read(&file("ed25519.pfx"), Some("p\u{e4}ssword")).or_fail();
    let pem = text("ed25519-key.pem");
    // The key is one line; the certificate follows.
    let line = pem.lines().nth(1).or_fail();
    let expected = BASE64_STANDARD.decode(line).or_fail();
    assert_eq!(contents.keys[0].pkcs8(), Some(&*expected));
    let shown = format!("{:?}", contents.keys[0]);
    assert!(shown.contains("[redacted]"), "{shown}");
    let pem = read(pem.as_bytes(), None).or_fail();
    assert_eq!(pem.keys[0].pkcs8(), None);
}
