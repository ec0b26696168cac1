//! What others wrote and a terminal would obey: of a service, a certificate, a TLS failure, a file's name, the
//! command line. That nothing of it comes through is asserted for every output, in `support`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{CertificateParams, DnType, KeyPair};
use serde_json::{Value, json};
use test_support::{OrFail as _, Reply};

use crate::{
    network::self_signed_for,
    service::Service,
    support::{FAILED, Files, STORED, batch, run, run_json, thumbprint, wap},
};

/// Clears the screen, in C0 and in C1; turns the order of what follows; begins a new line.
const HOSTILE: &str = "in\u{1b}[2J\u{9b}31m\u{7f}\u{202e}\u{2066}\u{200f}\u{2028}\r\nuse";
/// The same, where no line begins.
const SHOWN: &str = "in\u{fffd}[2J\u{fffd}31m\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}";

#[test]
fn what_a_service_says_is_shown_without_what_a_terminal_obeys() {
    let certificate = json!({
        "thumbprint": HOSTILE, "state": HOSTILE, "url": HOSTILE, "previousState": HOSTILE,
        "deleteCertificateError": {
            "code": HOSTILE, "message": HOSTILE, "values": [{ "name": HOSTILE, "value": HOSTILE }],
        },
    });
    let list = json!({ "value": [certificate.clone()] });
    let service = Service::start(move |request| {
        if request.target.contains(FAILED) {
            Reply::json(
                200,
                json!({ "thumbprint": FAILED, "state": HOSTILE, "url": HOSTILE }),
            )
        } else {
            Reply::json(200, &list)
        }
    });
    let (stdout, _, code) = run(&mut batch(&service.endpoint, &["list"]));
    assert_eq!(code, 0);
    assert!(
        stdout.contains(&format!("\n{SHOWN:40}  {SHOWN:12}  ")),
        "{stdout}"
    );
    let (stdout, _, _) = run(&mut batch(&service.endpoint, &["get", FAILED]));
    assert!(
        stdout.contains(&format!("state       {SHOWN}\n              use\n")),
        "{stdout}"
    );

    // JSON means what the service said, and is as harmless.
    let (lines, _, _) = run_json(&mut batch(&service.endpoint, &["list"]));
    for value in [
        &lines[0]["thumbprint"],
        &lines[0]["state"],
        &lines[0]["delete_error"]["message"],
    ] {
        assert_eq!(value, HOSTILE);
    }
}

#[test]
fn an_error_is_shown_on_one_line_of_bounded_length() {
    let service = Service::start(|_| {
        let long = "i".repeat(60_000);
        let body = json!({ "code": HOSTILE, "message": { "value": HOSTILE.repeat(10_000) } });
        let headers = [("Content-Type", "application/json"), ("request-id", &*long)];
        Reply::new(403, &headers, body.to_string())
    });
    for arguments in [
        &["get", FAILED][..],
        &["list"],
        &["cancel-deletion", FAILED],
    ] {
        let (stdout, stderr, code) = run(&mut batch(&service.endpoint, arguments));
        assert_eq!((code, stdout.as_str()), (1, ""));
        assert!(
            stderr.contains("(request iii") && stderr.contains(".. (60000 characters))"),
            "{stderr}"
        );
        assert!(
            stderr.lines().count() == 1 && stderr.len() < 5_000,
            "{stderr}"
        );
    }
    let answered = Service::start(|_| {
        let long = "i".repeat(60_000);
        let names = [
            ("request-id", &*long),
            ("etag", &long),
            ("DataServiceId", &long),
        ];
        Reply::new(204, &names, "")
    });
    for format in ["table", "json"] {
        let command = ["cancel-deletion", FAILED, "--output", format];
        let (stdout, stderr, code) = run(&mut batch(&answered.endpoint, &command));
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert_eq!(
            stdout.matches(".. (60000 characters)").count(),
            3,
            "{stdout}"
        );
        assert!(stdout.len() < 5_000, "{stdout}");
    }
    let several = ["delete", FAILED, STORED];
    let (stdout, _, code) = run(&mut batch(&service.endpoint, &several));
    assert_eq!((code, stdout.lines().count()), (1, 3), "{stdout}");
    assert!(stdout.len() < 5_000, "{stdout}");
}

#[test]
fn what_a_certificate_says_is_shown_without_what_a_terminal_obeys() {
    let mut params = CertificateParams::new(Vec::new()).or_fail();
    params.distinguished_name.push(DnType::CommonName, HOSTILE);
    let key = KeyPair::generate().or_fail();
    let der = params.self_signed(&key).or_fail().der().to_vec();
    let stored = json!({
        "SubscriptionCertificateThumbprint": HOSTILE,
        "SubscriptionCertificateData": BASE64_STANDARD.encode(der),
    });
    let service = Service::start(move |request| {
        let one = request.target.contains(STORED);
        Reply::json(200, if one { stored.clone() } else { json!([stored]) })
    });
    for arguments in [&["list"][..], &["get", STORED], &["delete", STORED]] {
        let (stdout, stderr, code) = run(&mut wap(&service.endpoint, arguments));
        assert!(stdout.contains("CN="), "{code} {stdout} {stderr}");
    }
    let (lines, _, _) = run_json(&mut wap(&service.endpoint, &["list"]));
    assert_eq!(lines[0]["thumbprint"], HOSTILE);
    assert_ne!(lines[0]["subject"], Value::Null);
}

#[test]
fn what_the_command_line_says_is_shown_without_what_a_terminal_obeys() {
    let name = format!("/nowhere/{}", HOSTILE.replace('\n', ""));
    let endpoint = "http://127.0.0.1:1";
    for (mut command, expected) in [
        (batch(endpoint, &["add", &name]), "/nowhere/in"),
        (wap(endpoint, &["add", &name]), "/nowhere/in"),
        (batch(endpoint, &["list", "--ca", &name]), "/nowhere/in"),
        (batch(endpoint, &["get", &name]), "'/nowhere/in"),
        (thumbprint(&[&name]), "'/nowhere/in"),
    ] {
        let (_, stderr, code) = run(&mut command);
        assert_eq!(code, 2);
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn what_a_tls_failure_says_is_shown_without_what_a_terminal_obeys() {
    let files = Files::new();
    let (server, certificate) = self_signed_for("in\u{1b}[2Juse");
    let ca = files.write("ca.der", certificate);
    let options = ["list", "--ca", &ca, "--only-ca"];
    let (_, stderr, code) = run(&mut batch(&server.base_url(), &options));
    assert_eq!(code, 1);
    assert!(
        stderr.contains("is for another name") && stderr.contains("[2J"),
        "{stderr}"
    );
}
