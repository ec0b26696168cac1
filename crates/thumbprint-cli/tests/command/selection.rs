//! Several certificates, named by arguments and on stdin.

use std::process::Command;

use serde_json::json;
use test_support::{OrFail as _, Reply};
use thumbprint_sandbox::CertificateState;

use crate::{
    sandbox::Inside,
    service::{Service, empty, error},
    support::{FAILED, STORED, batch, json_lines, run, run_json, run_with, wap},
};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

type Of = fn(&str, &[&str]) -> Command;

/// Every operation on certificates that are named.
const OPERATIONS: [(Of, &[&str]); 7] = [
    (batch, &["get"]),
    (batch, &["delete"]),
    (batch, &["cancel-deletion"]),
    (batch, &["rescue", "--cancel", "--yes"]),
    (batch, &["rescue", "--retry", "--yes"]),
    (wap, &["get"]),
    (wap, &["delete"]),
];

/// A service that has everything, and whose deletions end at once.
fn willing() -> Service {
    let deleting = std::sync::Mutex::new(std::collections::HashSet::new());
    Service::start(move |request| {
        let path = request.path().to_owned();
        match (&*request.method, path.contains("/Subscriptions/")) {
            ("GET", false) if deleting.lock().or_fail().contains(&path) => {
                error(404, "CertificateNotFound")
            }
            ("GET", false) => {
                let name = path
                    .rsplit("thumbprint=")
                    .next()
                    .or_fail()
                    .trim_end_matches(')');
                Reply::json(200, json!({ "thumbprint": name, "state": "deletefailed" }))
            }
            ("GET", true) => {
                let name = path.rsplit('/').next().or_fail();
                Reply::json(200, json!({ "SubscriptionCertificateThumbprint": name }))
            }
            ("DELETE", false) => {
                deleting.lock().or_fail().insert(path);
                empty(202)
            }
            _ => empty(204),
        }
    })
}

/// PowerShell puts a mark before what it pipes (datalust/seqcli#108); one certificate twice would be answered as if
/// somebody else were deleting it.
#[test]
fn each_certificate_is_taken_once_however_it_is_named() {
    let piped = format!(
        "\u{feff}sha1 Fingerprint={}\r\n\r\n# ana's\n  {A} # again\n{{\"thumbprint\":\"{B}\"}}\n",
        "AA:".repeat(20).trim_end_matches(':')
    );
    for (command, arguments) in OPERATIONS {
        let service = willing();
        let arguments = [arguments, &["--output", "json", "-", STORED, B]].concat();
        let command = &mut command(&service.endpoint, &arguments);
        let (stdout, stderr, code) = run_with(command, piped.as_bytes());
        assert_eq!(code, 0, "{arguments:?}: {stderr}");
        let lines = json_lines(&stdout);
        let mut named: Vec<_> = lines
            .iter()
            .map(|line| line["thumbprint"].as_str().or_fail().to_lowercase())
            .collect();
        named.sort_unstable();
        let expected = [STORED.to_lowercase(), A.to_owned(), B.to_owned()];
        assert_eq!(named, expected, "{arguments:?}");
    }
}

#[test]
fn what_list_prints_can_be_piped_into_the_next_command() {
    let inside = Inside::start(|builder| {
        builder.empty().batch_certificates(
            [A, B, FAILED].map(|name| (name.to_owned(), CertificateState::Active)),
        )
    });
    let endpoint = inside.sandbox.base_url();
    let (listed, _, code) = run(batch(&endpoint, &["list"]).args(["--output", "json"]));
    assert_eq!(code, 0);
    let delete = &mut batch(&endpoint, &["delete", "-", "--wait", "--output", "json"]);
    let (stdout, stderr, code) = run_with(delete, listed.as_bytes());
    assert_eq!((code, json_lines(&stdout).len()), (0, 3), "{stderr}");
    assert_eq!(inside.sandbox.batch_count(CertificateState::Active), 0);
}

/// An empty selection is not all of them: certbot/certbot#8348, where people lost every certificate by it.
#[test]
fn nothing_on_stdin_is_nothing_to_do() {
    for (command, arguments) in OPERATIONS {
        for piped in ["", "\n", "# none\r\n\r\n"] {
            let service = willing();
            let arguments = [arguments, &["-"]].concat();
            let command = &mut command(&service.endpoint, &arguments);
            let (stdout, stderr, code) = run_with(command, piped.as_bytes());
            assert_eq!((code, &*stdout), (0, ""), "{arguments:?}: {stderr}");
            assert!(stderr.contains("nothing to do"), "{stderr}");
            assert!(service.received().is_empty(), "{arguments:?}");
        }
    }
}

#[test]
fn a_line_that_names_none_is_refused_before_anything_is_sent() {
    for (command, arguments) in OPERATIONS {
        for (piped, expected) in [
            (
                format!("{A}\n{B} {B}\n"),
                "stdin: line 2: thumbprint: it has 80 digits",
            ),
            (
                format!("{A}\n\n[\"{B}\"]\n"),
                "stdin: line 3: thumbprint: character 1 is '['",
            ),
            (
                "{\"operation\":\"batch list\"}".to_owned(),
                "stdin: line 1: it has no text",
            ),
            (
                format!("{A}\n").repeat(10_001),
                "more than 10000 certificates; give them in parts",
            ),
        ] {
            let service = willing();
            let arguments = [arguments, &["-"]].concat();
            let command = &mut command(&service.endpoint, &arguments);
            let (stdout, stderr, code) = run_with(command, piped.as_bytes());
            assert_eq!((code, &*stdout), (2, ""), "{arguments:?}: {stderr}");
            assert!(stderr.contains(expected), "{stderr}");
            assert!(service.received().is_empty(), "{arguments:?}");
        }
    }
}

#[test]
fn what_one_request_can_be_given_is_refused_for_several() {
    let id = "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0";
    for (command, arguments) in OPERATIONS {
        let arguments = [arguments, &[A, B, "--client-request-id", id]].concat();
        let (stdout, stderr, code) = run(&mut command("http://127.0.0.1:1", &arguments));
        assert_eq!((code, &*stdout), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains("--client-request-id"), "{stderr}");
    }
    let arguments = ["cancel-deletion", A, B, "--retry-ambiguous"];
    let (_, stderr, code) = run(&mut batch("http://127.0.0.1:1", &arguments));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("--retry-ambiguous: it goes with one certificate"),
        "{stderr}"
    );
}

#[test]
fn one_that_cannot_be_read_does_not_stop_the_others() {
    let rows: [(Of, Reply); 2] = [
        (batch, error(404, "CertificateNotFound")),
        (
            wap,
            Reply::json(
                404,
                json!({ "Code": "CertificateNotFound", "Message": "none" }),
            ),
        ),
    ];
    for (command, missing) in rows {
        let there = willing();
        let endpoint = there.endpoint.clone();
        let (lines, _, _) = run_json(&mut command(&endpoint, &["get", A, B]));
        let order: Vec<_> = lines
            .iter()
            .map(|line| line["thumbprint"].clone())
            .collect();
        assert_eq!(order, [A, B], "as they were named");

        let service = Service::start(move |request| match request.target.contains(A) {
            true => missing.clone(),
            false if request.target.contains("/Subscriptions/") => {
                Reply::json(200, json!({ "SubscriptionCertificateThumbprint": B }))
            }
            false => Reply::json(200, json!({ "thumbprint": B, "state": "active" })),
        });
        let (stdout, stderr, code) = run(&mut command(&service.endpoint, &["get", A, B]));
        assert_eq!((code, stdout.lines().count()), (1, 2), "{stdout}{stderr}");
        assert!(stdout.lines().nth(1).or_fail().starts_with(B), "{stdout}");
        assert!(stderr.contains(A) && stderr.contains("404"), "{stderr}");
        assert!(stderr.ends_with("thumbprint: 1 read, 1 not\n"), "{stderr}");
    }
}
