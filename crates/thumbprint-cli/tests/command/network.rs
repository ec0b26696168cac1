//! Whom the command trusts, and by which way it goes. Must notice an option that is read and not heeded.

use std::{future::ready, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{CertificateParams, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, crypto::ring, pki_types::CertificateDer,
    server::WebPkiClientVerifier,
};
use sha2::{Digest as _, Sha256};
use test_support::{OrFail as _, RawServer, Reply};

use crate::support::{FAILED, Files, batch, run, wap};

/// A server with a certificate of its own that knows no certificate of anybody's.
fn self_signed() -> (RawServer, Vec<u8>) {
    self_signed_for("127.0.0.1")
}

pub(crate) fn self_signed_for(name: &str) -> (RawServer, Vec<u8>) {
    let mut params = CertificateParams::new([name.to_owned()]).or_fail();
    params.is_ca = IsCa::ExplicitNoCa;
    let key = KeyPair::generate().or_fail();
    let certificate = params.self_signed(&key).or_fail().der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .or_fail()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.clone()],
            key.serialize_der().try_into().or_fail(),
        )
        .or_fail();
    let server = RawServer::in_thread(|| {
        RawServer::serving_tls(config, |_| ready(Some(Reply::new(404, &[], ""))))
    });
    (server, certificate.to_vec())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02X}").or_fail();
    }
    text
}

#[test]
fn a_server_is_trusted_by_its_root_or_its_pin() {
    let files = Files::new();
    let (server, certificate) = self_signed();
    let endpoint = server.base_url();
    let ca = files.write("ca.der", &certificate);
    let (_, other) = self_signed();
    let other = files.write("other.der", other);
    let pem = BASE64_STANDARD.encode(&certificate);
    let pem =
        format!("\u{feff}-----BEGIN CERTIFICATE-----\r\n{pem}\r\n-----END CERTIFICATE-----\r\n");
    let marked = files.write("marked.pem", &pem);
    let in_utf16: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let in_utf16 = files.write("utf16.pem", in_utf16);
    let pin = hex(&Sha256::digest(&certificate));
    let wrong = "00".repeat(32);
    for (options, expected) in [
        (vec!["--ca", &ca], "404"),
        (vec!["--ca", &ca, "--only-ca"], "404"),
        (vec!["--ca", &other, "--ca", &ca, "--only-ca"], "404"),
        (vec!["--ca", &marked, "--only-ca"], "404"),
        (vec!["--ca", &in_utf16, "--only-ca"], "404"),
        (vec!["--pin", &pin], "404"),
        (vec!["--pin", &wrong, "--pin", &pin], "404"),
        (
            vec!["--ca", &other, "--only-ca"],
            "no trusted authority issued the server's certificate",
        ),
        (vec!["--pin", &wrong], "is not the pinned one"),
    ] {
        let commands = [
            batch(&endpoint, &["get", FAILED]),
            batch(&endpoint, &["list"]),
            wap(&endpoint, &["list"]),
        ];
        for mut command in commands {
            let (stdout, stderr, code) = run(command.args(&options));
            assert_eq!((code, stdout.as_str()), (1, ""), "{options:?}: {stderr}");
            assert!(stderr.contains(expected), "{options:?}: {stderr}");
        }
    }
    // The message about a pin has the one that would have been right.
    let (_, stderr, _) = run(batch(&endpoint, &["list"]).args(["--pin", &wrong]));
    assert!(stderr.contains(&pin.to_lowercase()), "{stderr}");
}

#[test]
#[cfg(target_os = "linux")]
fn the_platforms_authorities_count_unless_others_are_the_only_ones() {
    let files = Files::new();
    let (server, certificate) = self_signed();
    let endpoint = server.base_url();
    let pem = BASE64_STANDARD.encode(certificate);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
    let platform = files.write("platform.pem", pem);
    let other = files.write("other.der", self_signed().1);
    for (options, expected) in [
        (vec![], "404"),
        (vec!["--ca", &other], "404"),
        (vec!["--ca", &other, "--only-ca"], "no trusted authority"),
    ] {
        let mut command = wap(&endpoint, &["list"]);
        let (_, stderr, _) = run(command.args(&options).env("SSL_CERT_FILE", &platform));
        assert!(stderr.contains(expected), "{options:?}: {stderr}");
    }
}

#[test]
fn a_proxy_is_used_as_told() {
    let files = Files::new();
    let (server, certificate) = self_signed();
    let endpoint = server.base_url();
    let ca = files.write("ca.der", &certificate);
    // It lets nothing through, and says so for good, so that nothing is tried again.
    let refusal = Reply::new(407, &[], "");
    let proxy = RawServer::in_thread(|| RawServer::start([refusal]));
    let plain = proxy.base_url();
    let with_password = plain.replace("//", "//canary-user:canary-password@");
    let proxy =
        format!("no connection to the proxy {plain}: it asks for a user name and a password");
    let proxy = proxy.as_str();
    let environment = |value: &str| vec![("HTTPS_PROXY", value.to_owned())];
    let own = |value: &str| vec![("THUMBPRINT_PROXY", value.to_owned())];
    let rows = [
        (vec!["--proxy", &plain], vec![], proxy),
        (vec![], own(&with_password), proxy),
        (vec![], environment(&with_password), proxy),
        (vec!["--proxy", "none"], environment(&plain), "404"),
        (vec![], [environment(&plain), own("none")].concat(), "404"),
        (
            vec!["--proxy", "system"],
            [environment(&plain), own("none")].concat(),
            proxy,
        ),
    ];
    for (options, variables, expected) in rows {
        let mut command = wap(&endpoint, &["list", "--ca", &ca, "--only-ca"]);
        command.args(&options).envs(variables.clone());
        let (_, stderr, code) = run(&mut command);
        assert_eq!(code, 1, "{options:?}: {stderr}");
        assert!(
            stderr.contains(expected),
            "{options:?} {variables:?}: {stderr}"
        );
    }
}

#[test]
fn what_cannot_be_trusted_or_used_is_refused() {
    let files = Files::new();
    let text = files.write("text", "canary-password");
    let (_, certificate) = self_signed();
    let ca = files.write("ca.der", certificate);
    for (options, expected) in [
        (vec!["--ca", "/nonexistent"], "--ca: /nonexistent: "),
        (vec!["--ca", "-"], "--ca: it is stdin; give a file"),
        (vec!["--ca", &text], "--ca: it is plain text"),
        (vec!["--only-ca"], "--ca <FILE>"),
        (vec!["--ca", &ca, "--pin", "00"], "cannot be used with"),
        (
            vec!["--pin", "00"],
            "--pin: it has 2 digits in place of 64; ",
        ),
        (vec!["--proxy", "proxy.example"], "--proxy: it is not a URL"),
        (
            vec!["--proxy", "http://ana:canary-password@proxy.example"],
            "every user of the machine could read",
        ),
    ] {
        let (stdout, stderr, code) = run(batch("https://a.example", &["list"]).args(&options));
        assert_eq!((code, stdout.as_str()), (2, ""), "{options:?}: {stderr}");
        assert!(stderr.contains(expected), "{options:?}: {stderr}");
    }
    let mut command = batch("https://a.example", &["list"]);
    let (_, stderr, code) = run(command.env("THUMBPRINT_PROXY", "ftp://canary-password@a"));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("THUMBPRINT_PROXY: its scheme is neither"),
        "{stderr}"
    );
    for variable in [
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "THUMBPRINT_PROXY",
    ] {
        let mut command = batch("https://a.example", &["list"]);
        let (_, stderr, code) = run(command.env(variable, "socks5://canary-password@a"));
        assert_eq!(code, 2);
        let expected =
            format!("thumbprint: {variable}: it is a SOCKS proxy, which is not supported");
        assert!(stderr.starts_with(&expected), "{stderr}");
    }
    // Plain http stays on this machine.
    let mut command = batch("http://127.0.0.1:1", &["list"]);
    let (_, stderr, code) = run(command.args(["--proxy", "http://proxy.example"]));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("the endpoint is http on this machine"),
        "{stderr}"
    );
}

/// A server that asks for a certificate of this client's.
fn asks_for(roots: impl IntoIterator<Item = CertificateDer<'static>>) -> (RawServer, Vec<u8>) {
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).or_fail();
    let key = KeyPair::generate().or_fail();
    let own = params.self_signed(&key).or_fail().der().clone();
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots);
    let provider = Arc::new(ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .or_fail()
        .with_client_cert_verifier(verifier.build().or_fail())
        .with_single_cert(vec![own.clone()], key.serialize_der().try_into().or_fail())
        .or_fail();
    let server = RawServer::in_thread(|| {
        RawServer::serving_tls(config, |_| ready(Some(Reply::new(404, &[], ""))))
    });
    (server, own.to_vec())
}

#[test]
fn a_certificate_is_shown_to_a_server_that_asks_for_one() {
    let files = Files::new();
    let key = KeyPair::generate().or_fail();
    let params = CertificateParams::new(Vec::new()).or_fail();
    let certificate = params.self_signed(&key).or_fail();
    let (server, own) = asks_for([certificate.der().clone()]);
    let endpoint = server.base_url();
    let ca = files.write("ca.der", own);
    let pem = files.write("ana.pem", certificate.pem() + &key.serialize_pem());
    let other = params.self_signed(&KeyPair::generate().or_fail()).or_fail();
    let behind = other.pem() + &certificate.pem() + &key.serialize_pem();
    let wide: Vec<u8> = behind.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let behind = files.write("behind.pem", behind);
    let wide = files.write("wide.pem", [&b"\xff\xfe"[..], &wide].concat());
    let config = files.write("config.toml", "[prod]\nclient-cert = \"ana.pem\"\n");
    for (options, expected) in [
        (vec![], "no TLS connection"),
        (vec!["--client-cert", &pem], "404"),
        (vec!["--client-cert", &behind], "404"),
        (vec!["--client-cert", &wide], "404"),
        (vec!["--config", &config, "--profile", "prod"], "404"),
    ] {
        for mut command in [
            batch(&endpoint, &["get", FAILED]),
            wap(&endpoint, &["list"]),
        ] {
            command.args(["--ca", &ca, "--only-ca"]).args(&options);
            let (_, stderr, code) = run(&mut command);
            assert_eq!(code, 1, "{options:?}: {stderr}");
            assert_eq!(
                stderr.contains("404"),
                expected == "404",
                "{options:?}: {stderr}"
            );
        }
    }
    let alone = files.write("alone.pem", certificate.pem());
    for (file, expected) in [
        ("-", "--client-cert: it is stdin"),
        ("/nowhere", "--client-cert: /nowhere: "),
        (&alone, "--client-cert: "),
        (&ca, "--client-cert: "),
    ] {
        let (_, stderr, code) = run(batch(&endpoint, &["list"]).args(["--client-cert", file]));
        assert_eq!(code, 2, "{file}: {stderr}");
        assert!(stderr.contains(expected), "{file}: {stderr}");
    }
}

/// The files are those of the reader's tests; their README has the origin. TLS refuses a key that is not the
/// certificate's before a connection is made.
#[test]
fn a_pfx_is_taken_apart_for_a_server() {
    const DATA: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../thumbprint-files/tests/data/"
    );
    let files = Files::new();
    let (server, own) = self_signed();
    let endpoint = server.base_url();
    let ca = files.write("ca.der", own);
    let ec = "p\u{e4}ssword";
    for (file, password, exit, expected) in [
        ("leaf-aes.pfx", "secret", 1, "404"),
        ("ed25519.pfx", ec, 1, "404"),
        (
            "leaf-aes.pfx",
            "another",
            2,
            "THUMBPRINT_CLIENT_CERT_PASSWORD: ",
        ),
        (
            "leaf-aes.pfx",
            "",
            2,
            "set THUMBPRINT_CLIENT_CERT_PASSWORD to it",
        ),
        (
            "ec-certificate-only.pfx",
            ec,
            2,
            "--client-cert: it has no key of the certificate",
        ),
    ] {
        let path = format!("{DATA}{file}");
        let mut command = batch(&endpoint, &["get", FAILED, "--ca", &ca, "--only-ca"]);
        command
            .args(["--client-cert", &path])
            .env("THUMBPRINT_CLIENT_CERT_PASSWORD", password);
        let (_, stderr, code) = run(&mut command);
        assert!(
            code == exit && stderr.contains(expected),
            "{file}: {code} {stderr}"
        );
    }
}
