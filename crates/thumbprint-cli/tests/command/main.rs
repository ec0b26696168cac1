//! The command, as a shell runs it: what it prints where, and what it exits with.

#![allow(clippy::too_many_lines, reason = "tests")]

mod batch;
mod batch_many;
mod credential;
mod files;
mod frame;
#[cfg(unix)]
mod interrupt;
mod network;
mod profile;
#[cfg(unix)]
mod prune;
mod readme;
#[cfg(unix)]
mod rescue;
mod sandbox;
#[cfg(unix)]
mod screen;
mod selection;
mod service;
mod support;
mod terminal;
mod wap;
mod wap_token;
#[cfg(unix)]
mod written;
mod ws_trust;

use serde_json::{Value, json};
use test_support::{OrFail as _, Reply, Unreachable};

use crate::{
    service::{Service, hang_up},
    support::{FAILED, STORED, SUBSCRIPTION, Sandbox, json_lines, problem, run, thumbprint},
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
    let lines = json_lines(&stdout);
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
    let answer: Value = serde_json::from_str(&stdout).or_fail();
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
    let answer: Value = serde_json::from_str(&stdout).or_fail();
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
        let (stdout, stderr, code) = run(thumbprint(&arguments).args(["-o", "json"]));
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        let problem = problem(&stderr);
        let message = problem["message"].as_str().or_fail();
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert!(!message.contains("Usage"), "{message}");
        assert_eq!((&problem["exit"], stderr.lines().count()), (&2.into(), 1));
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

#[test]
fn a_failure_in_json_is_one_object_on_stderr() {
    let details = json!({ "code": "AuthenticationFailed", "message": { "value": "no" },
        "values": [{ "key": "AuthenticationErrorDetail", "value": "too old" }] });
    let service = Service::start(move |request| match request.method.as_str() {
        "DELETE" => hang_up(),
        _ => Reply::new(
            403,
            &[("Content-Type", "application/json"), ("request-id", "r1")],
            details.to_string(),
        ),
    });
    let endpoint = service.endpoint.as_str();
    let failed = FAILED.to_lowercase();
    let run = |operation: &[&str]| {
        let mut command = thumbprint(&["-ojson", "batch"]);
        run(command.args(operation).args(["--endpoint", endpoint]))
    };
    let (stdout, stderr, code) = run(&["get", FAILED]);
    assert_eq!((code, stdout.as_str(), stderr.lines().count()), (1, "", 1));
    let refused = problem(&stderr);
    let message = refused["message"].as_str().or_fail();
    assert!(message.contains("too old"), "{message}");
    assert_eq!(
        refused,
        json!({
            "operation": "batch get", "thumbprint": refused["thumbprint"], "status": 403,
            "code": "AuthenticationFailed", "message": message,
            "details": [{ "name": "AuthenticationErrorDetail", "value": "too old" }],
            "request_id": "r1", "client_request_id": refused["client_request_id"],
            "outcome_unknown": false, "exit": 1,
        })
    );
    let named = refused["thumbprint"].as_str().or_fail().to_lowercase();
    assert_eq!(named, failed);

    let (_, stderr, code) = run(&["delete", FAILED]);
    let lost = problem(&stderr);
    assert_eq!(
        (code, &lost["exit"], &lost["outcome_unknown"]),
        (3, &3.into(), &true.into())
    );
    // Without an answer it is the one name to quote.
    let sent = service.received().pop().or_fail();
    let id = sent.header("client-request-id").or_fail();
    assert_eq!(lost["client_request_id"], id);
    assert!(lost["message"].as_str().or_fail().contains(id), "{lost}");
    assert_eq!(
        (&lost["operation"], &lost["status"]),
        (&"batch delete".into(), &Value::Null)
    );

    // In many at once, each outcome has its own.
    let other = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3";
    let (stdout, stderr, code) = run(&["delete", FAILED, other]);
    for line in json_lines(&stdout) {
        let error = &line["error"];
        assert_eq!(
            (&line["outcome"], &error["exit"]),
            (&"unknown".into(), &3.into())
        );
        assert_eq!(
            (&error["thumbprint"], &error["message"]),
            (&line["thumbprint"], &line["why"])
        );
    }
    assert_eq!((code, &problem(&stderr)["exit"]), (3, &3.into()));
}

#[test]
fn the_schema_is_printed() {
    let (stdout, stderr, code) = run(&mut thumbprint(&["schema"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout, include_str!("../../schema.json"));
}
