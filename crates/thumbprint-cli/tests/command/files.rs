//! Files of every kind that are to be added: what `inspect` says of them, what `add` sends, and what it refuses before
//! anything is sent. The files are those of the reader's tests; their README has the origin.

use std::path::PathBuf;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use test_support::OrFail as _;

use crate::{
    service::{Service, empty},
    support::{Files, PASSWORD, STORED, batch, der, run, run_json, run_with, thumbprint, wap},
};

const LEAF: &str = "81F2E3453276CA01CACB384E766B33EE9DC891FF";
const ROOT: &str = "24A34DE63D85B37CAFF1032486C4BD7D510DC4C3";
const EC: &str = "0CB5562099BF5623022A6B4CE9CB6C8392A432A9";
const CHAIN: [&str; 3] = [
    ROOT,
    "34762D97299BF9D7B8B43FD39B5501FA9DFADF1D",
    "BCBC5961F09E259C020D50C832FCB843A109B92A",
];
/// Of the files that begin with `ec-`.
const EC_PASSWORD: &str = "p\u{e4}ssword";

fn path(name: &str) -> String {
    let data = "../thumbprint-files/tests/data";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.join(data)
        .join(name)
        .into_os_string()
        .into_string()
        .or_fail()
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).or_fail()
}

/// What `inspect` says of a file.
fn inspected(name: &str, password: &str) -> Value {
    let mut command = thumbprint(&["inspect", &path(name)]);
    let (lines, stderr, code) = run_json(command.env("THUMBPRINT_PFX_PASSWORD", password));
    assert_eq!((code, stderr.as_str()), (0, ""), "{name}");
    lines.into_iter().next().or_fail()
}

/// Both services.
fn takes_additions() -> Service {
    Service::start(|request| {
        empty(if request.target.starts_with("/certificates") {
            201
        } else {
            204
        })
    })
}

fn sent(service: &Service) -> Value {
    serde_json::from_str(service.received().last().or_fail().text()).or_fail()
}

#[test]
fn inspect_says_what_is_in_a_file_and_what_add_would_do() {
    let cer = |thumbprint: &str| json!({ "thumbprint": thumbprint, "format": "cer", "warnings": [], "refused": null });
    for (name, format, encodings) in [
        ("leaf.der", "DER", json!([])),
        ("leaf.pem", "PEM", json!([])),
        ("bom-utf8.pem", "PEM", json!(["UTF-8 with a mark"])),
        ("trusted.pem", "PEM", json!([])),
        ("utf16le.pem", "PEM", json!(["UTF-16"])),
        ("cer-base64-oneline.txt", "DER", json!(["base64"])),
    ] {
        let said = inspected(name, "");
        assert_eq!(said["format"], format, "{name}");
        assert_eq!(said["encodings"], encodings, "{name}");
        let certificate = &said["certificates"][0];
        assert_eq!(certificate["batch_thumbprint"], LEAF.to_lowercase());
        assert_eq!(certificate["wap_thumbprint"], LEAF);
        assert_eq!(certificate["subject"], "CN=leaf.example");
        assert_eq!(certificate["not_before"], "2026-11-25T18:33:31Z");
        assert_eq!(certificate["not_after"], "2036-11-22T18:33:31Z");
        assert_eq!(certificate["has_key"], false);
        assert_eq!(said["batch_add"], cer(LEAF), "{name}");
        assert_eq!(said["wap_add"], cer(LEAF), "{name}");
    }
    for (name, password) in [("leaf-aes.pfx", "secret"), ("pfx-base64-keyvault.txt", "")] {
        let said = inspected(name, password);
        assert_eq!(said["format"], "PFX");
        assert_eq!(said["certificates"][0]["wap_thumbprint"], LEAF);
        assert_eq!(said["certificates"][0]["has_key"], true);
        assert_eq!(said["keys"], json!([{ "kind": "RSA 2048" }]));
        assert_eq!(said["batch_add"]["format"], "pfx");
        assert_eq!(said["batch_add"]["thumbprint"], LEAF);
        assert_eq!(said["wap_add"]["format"], "cer");
        let key = "the file has a private key, which is not sent";
        assert_eq!(said["wap_add"]["warnings"], json!([key]));
    }
    let said = inspected("chain-root-first.pem", "");
    let chain = said["certificates"].as_array().or_fail().iter();
    let chain: Vec<_> = chain
        .map(|one| one["wap_thumbprint"].as_str().or_fail())
        .collect();
    assert_eq!(chain, CHAIN);
    for (name, reason) in [
        (
            "chain-root-first.pem",
            "--thumbprint: the file has 3 certificates",
        ),
        (
            "key-pkcs8.der",
            "FILE: it is a private key (RSA 2048) without its certificate",
        ),
        ("leaf.p7b", "FILE: it is PKCS #7; convert it: openssl pkcs7"),
        (
            "leaf-aes.pfx",
            "FILE: the PFX has a password; give it by --password-file",
        ),
        ("ec-rc4.pfx", "FILE: the PFX has a password"),
    ] {
        let said = inspected(name, "");
        for plan in ["batch_add", "wap_add"] {
            let refused = said[plan]["refused"].as_str().or_fail();
            assert!(refused.starts_with(reason), "{name}: {refused}");
        }
    }
    assert_eq!(
        inspected("leaf.p7b", "")["certificates"][0]["wap_thumbprint"],
        LEAF
    );
    assert_eq!(
        inspected("leaf-aes.pfx", "")["unopened"],
        "it has a password"
    );
}

#[test]
fn inspect_is_for_people_too_and_reads_stdin() {
    let mut command = thumbprint(&["inspect", "-"]);
    command.env("THUMBPRINT_PFX_PASSWORD", "secret");
    let (stdout, stderr, code) = run_with(&mut command, &file("leaf-aes.pfx"));
    assert_eq!((code, stderr.as_str()), (0, ""));
    for expected in [
        "inspect\n  format            PFX\n",
        &format!("  batch thumbprint  {}\n", LEAF.to_lowercase()),
        &format!("  wap thumbprint    {LEAF}\n"),
        "    subject         CN=leaf.example\n",
        "    not after       2036-11-22T18:33:31Z\n",
        "    private key     in the file\n",
        "  private key       RSA 2048\n",
        &format!("  batch add         sends it as pfx under {LEAF}\n"),
        &format!("  wap add           sends it as cer under {LEAF}\n"),
        "warning: the file has a private key, which is not sent\n",
    ] {
        assert!(stdout.contains(expected), "{expected}: {stdout}");
    }
    let (stdout, stderr, code) = run(&mut thumbprint(&["inspect", &path("ec-request.pem")]));
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("FILE: it is a certificate signing request"),
        "{stderr}"
    );
}

#[test]
fn batch_add_computes_the_thumbprint_of_a_pfx() {
    let (files, service) = (Files::new(), takes_additions());
    let in_utf16: Vec<u8> = "secret\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let in_utf16 = files.write("utf16", [&b"\xff\xfe"[..], &in_utf16].concat());
    let (marked, base64) = (path("pw-bom.txt"), path("pfx-base64-keyvault.txt"));
    let aes = BASE64_STANDARD.encode(file("leaf-aes.pfx"));
    let vault = String::from_utf8(file("pfx-base64-keyvault.txt")).or_fail();
    let leaf = path("leaf-aes.pfx");
    for (options, variable, data, password) in [
        (vec![&*leaf], Some("secret"), &aes, json!("secret")),
        (vec![&leaf], Some("\u{feff}secret"), &aes, json!("secret")),
        (
            vec![&leaf, "--password-file", &marked],
            None,
            &aes,
            json!("secret"),
        ),
        (
            vec![&leaf, "--password-file", &in_utf16],
            None,
            &aes,
            json!("secret"),
        ),
        (
            vec![&leaf, "--password-file", &marked],
            Some("another"),
            &aes,
            json!("secret"),
        ),
        // What Key Vault gives has no password, and is a PFX all the same.
        (vec![&*base64], None, &vault, Value::Null),
        (vec![&*base64], Some(""), &vault, Value::Null),
        (
            vec![&*base64, "--thumbprint", LEAF],
            None,
            &vault,
            Value::Null,
        ),
    ] {
        let mut command = batch(&service.endpoint, &["add"]);
        command.args(&options);
        if let Some(text) = variable {
            command.env("THUMBPRINT_PFX_PASSWORD", text);
        }
        let (lines, stderr, code) = run_json(&mut command);
        assert_eq!((code, stderr.as_str()), (0, ""), "{options:?}");
        assert_eq!(lines[0]["format"], "pfx");
        assert_eq!(lines[0]["thumbprint"], LEAF);
        assert_eq!(lines[0]["subject"], "CN=leaf.example");
        let sent = sent(&service);
        assert_eq!(sent["certificateFormat"], "pfx");
        assert_eq!(sent["thumbprint"], LEAF);
        assert_eq!(&sent["data"], data);
        assert_eq!(sent["password"], password);
    }
}

/// What cannot be opened goes under the thumbprint that is given, and not without a word.
#[test]
fn batch_add_takes_a_pfx_that_it_cannot_open_with_its_thumbprint() {
    let service = takes_additions();
    let rc4 = path("ec-rc4.pfx");
    let mut command = batch(&service.endpoint, &["add", &rc4]);
    let (_, stderr, code) = run(command.env("THUMBPRINT_PFX_PASSWORD", EC_PASSWORD));
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stderr.contains("--thumbprint: the PFX cannot be opened"),
        "{stderr}"
    );
    // Windows Azure Pack is sent the certificate, which is not to be had.
    for thumbprint in [&[][..], &["--thumbprint", EC]] {
        let mut command = wap(&service.endpoint, &["add", &rc4]);
        command
            .args(thumbprint)
            .env("THUMBPRINT_PFX_PASSWORD", EC_PASSWORD);
        let (_, stderr, code) = run(&mut command);
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains("FILE: the PFX cannot be opened")
                && stderr.contains("-clcerts -nokeys"),
            "{stderr}"
        );
    }
    assert!(service.received().is_empty());
    let mut command = batch(&service.endpoint, &["add", &rc4, "--thumbprint", EC]);
    let (lines, stderr, code) = run_json(command.env("THUMBPRINT_PFX_PASSWORD", EC_PASSWORD));
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.contains("warning: the PFX could not be opened"),
        "{stderr}"
    );
    assert!(
        lines[0]["warnings"][0]
            .as_str()
            .or_fail()
            .contains("could not be opened")
    );
    assert_eq!(sent(&service)["thumbprint"], EC);
    assert_eq!(sent(&service)["password"], EC_PASSWORD);
}

#[test]
fn what_is_not_to_be_sent_is_refused_before_anything_is() {
    let (files, service) = (Files::new(), takes_additions());
    let wrong = files.write("wrong", format!("{PASSWORD}\n"));
    let none = files.write("none", "\n");
    let text = files.write("text", "hello");
    let (leaf, clear) = (path("leaf-aes.pfx"), path("ec-clear.pfx"));
    for (options, expected) in [
        (
            vec![&*leaf],
            "FILE: the PFX has a password; give it by --password-file FILE or in THUMBPRINT_PFX_PASSWORD",
        ),
        (
            vec![&leaf, "--thumbprint", LEAF],
            "FILE: the PFX has a password",
        ),
        (
            vec![&leaf, "--password-file", &wrong],
            "--password-file: it does not open the PFX",
        ),
        (
            vec![&leaf, "--password-file", &none],
            "--password-file: it is empty",
        ),
        (
            vec!["-", "--password-file", "-"],
            "--password-file: stdin is the certificate already",
        ),
        (
            vec![&clear, "--thumbprint", LEAF],
            &format!("--thumbprint: the file has no certificate {LEAF}, but {EC}"),
        ),
        (vec!["/nowhere"], "FILE: /nowhere"),
        (vec![&text], "FILE: it is plain text"),
        (
            vec![&path("key-pkcs8.der")],
            "FILE: it is a private key (RSA 2048)",
        ),
        (
            vec![&path("key-pkcs8.der"), "--thumbprint", LEAF],
            "FILE: it is a private key (RSA 2048)",
        ),
        (vec![&path("leaf.p7b")], "FILE: it is PKCS #7"),
        (
            vec![&path("ec-key-only.pfx")],
            "FILE: the PFX has a password",
        ),
        (
            vec![&path("chain-root-first.pem")],
            &format!("--thumbprint: the file has 3 certificates: {ROOT} (CN=Example Root), "),
        ),
        (
            vec![&path("chain-root-first.pem"), "--thumbprint", LEAF],
            "--thumbprint: the file has no certificate",
        ),
    ] {
        let (stdout, stderr, code) = run(batch(&service.endpoint, &["add"]).args(&options));
        assert_eq!((code, stdout.as_str()), (2, ""), "{options:?}: {stderr}");
        assert!(stderr.contains(expected), "{options:?}: {stderr}");
        let (stdout, stderr, code) = run(wap(&service.endpoint, &["add"]).args(&options));
        assert_eq!((code, stdout.as_str()), (2, ""), "{options:?}: {stderr}");
        assert!(stderr.contains(expected), "{options:?}: {stderr}");
    }
    // A password in the environment is named as such, and not shown.
    let mut command = batch(&service.endpoint, &["add", &leaf]);
    let (_, stderr, code) = run(command.env("THUMBPRINT_PFX_PASSWORD", PASSWORD));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("THUMBPRINT_PFX_PASSWORD: it does not open the PFX"),
        "{stderr}"
    );
    // Whether the account is to have the key is not guessed.
    let (_, stderr, code) = run(&mut batch(
        &service.endpoint,
        &["add", &path("ec-chain-and-key.pem")],
    ));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("FILE: the file has a private key, which is sent in a PFX or not at all"),
        "{stderr}"
    );
    assert!(service.received().is_empty());
}

#[test]
fn wap_add_sends_the_certificate_that_is_meant_and_no_key() {
    let service = takes_additions();
    let chain = path("chain-root-first.pem");
    let key = "thumbprint: warning: the file has a private key, which is not sent\n";
    for (options, expected, said) in [
        (vec![&*chain, "--thumbprint", CHAIN[2]], CHAIN[2], ""),
        (vec![&path("ec-chain-and-key.pem")], EC, key),
        (vec![&path("ec-root-first.pfx")], EC, key),
        (vec![&path("pfx-base64-keyvault.txt")], LEAF, key),
        (vec![&path("utf16le.pem")], LEAF, ""),
    ] {
        let (lines, stderr, code) = run_json(wap(&service.endpoint, &["add"]).args(&options));
        assert_eq!((code, stderr.as_str()), (0, said), "{options:?}");
        assert_eq!(lines[0]["thumbprint"], expected);
        let sent = sent(&service);
        assert_eq!(sent["SubscriptionCertificateThumbprint"], expected);
        let data = sent["SubscriptionCertificateData"].as_str().or_fail();
        let data = BASE64_STANDARD.decode(data).or_fail();
        let (lines, ..) = {
            let files = Files::new();
            let data = files.write("data", data);
            run_json(&mut thumbprint(&["inspect", &data]))
        };
        assert_eq!(lines[0]["format"], "DER");
        assert_eq!(lines[0]["certificates"][0]["wap_thumbprint"], expected);
        assert_eq!(lines[0]["keys"], json!([]));
    }
}

#[test]
fn an_expired_or_early_certificate_is_added_with_a_warning() {
    let (files, service) = (Files::new(), takes_additions());
    let key = KeyPair::generate().or_fail();
    let certificate = |from, to| {
        let mut params = CertificateParams::new(["ana.example".to_owned()]).or_fail();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params.self_signed(&key).or_fail().der().to_vec()
    };
    for (from, to, said) in [
        (
            2001,
            2002,
            "the certificate expired at 2002-01-01T00:00:00Z",
        ),
        (
            3001,
            3002,
            "the certificate is not valid before 3001-01-01T00:00:00Z",
        ),
    ] {
        let file = files.write("certificate", certificate(from, to));
        for mut command in [
            batch(&service.endpoint, &["add"]),
            wap(&service.endpoint, &["add"]),
        ] {
            let (lines, stderr, code) = run_json(command.arg(&file));
            assert_eq!(code, 0);
            assert_eq!(stderr, format!("thumbprint: warning: {said}\n"));
            assert_eq!(lines[0]["warnings"], json!([said]));
        }
        let (lines, ..) = run_json(&mut thumbprint(&["inspect", &file]));
        assert_eq!(lines[0]["certificates"][0]["warnings"], json!([said]));
        assert_eq!(lines[0]["batch_add"]["warnings"], json!([said]));
    }
    assert_eq!(service.received().len(), 4);
}

#[test]
fn a_dry_run_says_what_would_be_sent_and_sends_nothing() {
    let (files, service) = (Files::new(), takes_additions());
    let file = files.write("certificate", der());
    for mut command in [
        batch(&service.endpoint, &["add"]),
        wap(&service.endpoint, &["add"]),
    ] {
        let (lines, stderr, code) = run_json(command.args([&file, "--dry-run"]));
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert_eq!(lines[0]["outcome"], "would add");
        assert_eq!(lines[0]["thumbprint"], STORED);
        assert_eq!(lines[0]["status"], Value::Null);
    }
    assert!(service.received().is_empty());
}

/// A hostile name in a certificate is shown as what it is, everywhere that it shows.
#[test]
fn names_in_certificates_do_not_reach_the_terminal_as_they_are() {
    let (files, service) = (Files::new(), takes_additions());
    let key = KeyPair::generate().or_fail();
    let pem = |name: &str| {
        let mut params = CertificateParams::new(["ana.example".to_owned()]).or_fail();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        let der = BASE64_STANDARD.encode(params.self_signed(&key).or_fail().der());
        format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n")
    };
    let both = pem("a\u{1b}[2Jb\u{202e}c") + &pem("d\u{9b}31me");
    let file = files.write("both", both);
    let (stdout, _, code) = run(&mut thumbprint(&["inspect", &file]));
    assert_eq!(code, 0);
    assert!(stdout.contains("CN="), "{stdout}");
    let (_, stderr, code) = run(&mut wap(&service.endpoint, &["add", &file]));
    assert_eq!(code, 2);
    assert!(stderr.contains("2 certificates"), "{stderr}");
}
