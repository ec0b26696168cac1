//! The command, as a shell runs it: what it prints where, and what it exits with.

#![allow(clippy::unwrap_used, clippy::too_many_lines, reason = "tests")]

mod batch;
mod batch_many;
#[cfg(unix)]
mod interrupt;
mod network;
mod sandbox;
mod service;
mod support;
mod terminal;
mod wap;
mod wap_token;
#[cfg(unix)]
mod written;

use serde_json::Value;
use test_support::Unreachable;

use crate::{
    service::{Service, hang_up},
    support::{FAILED, STORED, SUBSCRIPTION, Sandbox, run, thumbprint},
};

#[test]
fn demo_shows_both_operations_and_both_refusals() {
    let (stdout, stderr, code) = run(&mut thumbprint(&["demo"]));
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    for expected in [
        "POST /certificates(thumbprintAlgorithm=sha1,thumbprint=",
        "DELETE /Subscriptions/",
        "2013-07-03T16:19:50.793Z",
        "409 CertificateStateActive",
        "404",
    ] {
        assert!(stdout.contains(expected), "{expected} is not in:\n{stdout}");
    }
}

#[test]
fn demo_prints_json_lines() {
    let (stdout, _, code) = run(&mut thumbprint(&["demo", "--output", "json"]));
    let lines: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let statuses: Vec<_> = lines.iter().map(|line| line["status"].as_u64()).collect();
    assert_eq!(
        (code, statuses),
        (0, vec![None, Some(204), Some(200), Some(409), Some(404)])
    );
}

#[test]
fn both_operations_against_a_sandbox_of_its_own() {
    let sandbox = Sandbox::start(&[]);
    let cancel = [
        "batch",
        "cancel-deletion",
        FAILED,
        "--endpoint",
        &sandbox.endpoint,
        "--output",
        "json",
    ];
    let id = "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0";
    let options = [
        "--timeout",
        "15",
        "--client-request-id",
        id,
        "--return-client-request-id",
    ];
    let (stdout, stderr, code) = run(thumbprint(&cancel).args(options));
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(answer["status"], 204);
    assert_eq!(answer["client_request_id"], id.to_lowercase());

    let (stdout, stderr, code) = run(&mut thumbprint(&cancel));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("409 CertificateStateActive"), "{stderr}");

    // The endpoint can come from the environment too.
    let delete = [
        "wap",
        "delete",
        STORED,
        "--subscription",
        SUBSCRIPTION,
        "--principal",
        "ana@contoso.com",
    ];
    let mut command = thumbprint(&delete);
    command
        .args(["--output", "json"])
        .env("THUMBPRINT_WAP_ENDPOINT", &sandbox.endpoint);
    let (stdout, _, code) = run(&mut command);
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (code, &answer["created_at"]),
        (0, &"2013-07-03T16:19:50.793Z".into())
    );
    assert_eq!(
        answer["certificate"]["SubscriptionCertificateThumbprint"],
        STORED
    );
    assert_eq!(answer["warnings"], Value::Array(Vec::new()));
    let (_, stderr, code) = run(&mut command);
    assert_eq!(code, 1);
    assert!(stderr.contains("404"), "{stderr}");
}

#[test]
fn a_retired_service_is_explained() {
    let sandbox = Sandbox::start(&["--retired"]);
    let arguments = [
        "batch",
        "cancel-deletion",
        FAILED,
        "--endpoint",
        &sandbox.endpoint,
    ];
    let (stdout, stderr, code) = run(&mut thumbprint(&arguments));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("400 CertificateRetired") && stderr.contains("Key Vault"),
        "{stderr}"
    );
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_is_wrong() {
    let cancel = |more: &[&'static str]| [&["batch", "cancel-deletion"], more].concat();
    let on_loopback = ["--endpoint", "http://127.0.0.1:1"];
    let rows: [(Vec<&str>, &str); 9] = [
        (cancel(&[FAILED]), "--endpoint"),
        (
            cancel(&[&["xyz"][..], &on_loopback].concat()),
            "character 1 is 'x'",
        ),
        (cancel(&[&["abc"][..], &on_loopback].concat()), "3 digits"),
        (
            cancel(&[FAILED, "--endpoint", "http://example.com"]),
            "https",
        ),
        (
            cancel(&[FAILED, "--endpoint", "nowhere"]),
            "endpoint: it is not a URL",
        ),
        (
            cancel(&[&[FAILED, "--timeout", "0"][..], &on_loopback].concat()),
            "--timeout",
        ),
        (
            cancel(&[&[FAILED, "--client-request-id", "1"][..], &on_loopback].concat()),
            "--client-request-id",
        ),
        (
            cancel(&[&[FAILED, "--token", "t"][..], &on_loopback].concat()),
            "--token",
        ),
        (
            vec![
                "wap",
                "delete",
                STORED,
                "--endpoint",
                "http://127.0.0.1:1",
                "--subscription",
                "1",
                "--principal",
                "a",
            ],
            "subscription: it is not a GUID",
        ),
    ];
    for (arguments, expected) in rows {
        let (stdout, stderr, code) = run(&mut thumbprint(&arguments));
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    for token in [None, Some(""), Some("two words")] {
        let mut command = thumbprint(&cancel(&[&[FAILED][..], &on_loopback].concat()));
        match token {
            Some(token) => command.env("THUMBPRINT_BATCH_TOKEN", token),
            None => command.env_remove("THUMBPRINT_BATCH_TOKEN"),
        };
        let (_, stderr, code) = run(&mut command);
        assert_eq!(code, 2, "{token:?}: {stderr}");
    }
}

/// The connection is taken and dropped without an answer: the service may have acted.
#[test]
fn an_unknown_outcome_exits_with_3() {
    let service = Service::start(|_| hang_up());
    let arguments = [
        "batch",
        "cancel-deletion",
        FAILED,
        "--endpoint",
        &service.endpoint,
    ];
    let (stdout, stderr, code) = run(&mut thumbprint(&arguments));
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(stderr.contains("it may have been done"), "{stderr}");
}

#[test]
fn nobody_listening_exits_with_1() {
    let silent = Unreachable::new();
    let endpoint = format!("http://{}", silent.address);
    let arguments = ["batch", "cancel-deletion", FAILED, "--endpoint", &endpoint];
    let (_, stderr, code) = run(&mut thumbprint(&arguments));
    assert_eq!(code, 1);
    assert!(stderr.contains("nothing listens there"), "{stderr}");
}
