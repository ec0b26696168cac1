//! What becomes of results that nothing takes: a full disk, a closed pipe, a descriptor that is not for writing.

use std::{
    fs::File,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use test_support::{OrFail as _, Reply};
use thumbprint_sandbox::samples;

use crate::{
    service::{Service, empty, hang_up},
    support::{
        FAILED, Files, STORED, SUBSCRIPTION, batch, der, json_lines, problem, texts, thumbprint,
        wap,
    },
};

const OTHER: &str = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3";

type Of = fn(&str, &[&str]) -> Command;

/// Stdouts that take nothing, and why.
fn refusing() -> Vec<(Stdio, &'static str)> {
    let closed = std::io::pipe().or_fail().1;
    let mut all = vec![
        (Stdio::from(closed), "Broken pipe"),
        // https://github.com/rust-lang/rust/issues/47271: the standard library takes it for success.
        (
            File::open("/dev/null").or_fail().into(),
            "Bad file descriptor",
        ),
    ];
    if let Ok(full) = File::options().write(true).open("/dev/full") {
        all.push((full.into(), "No space left on device"));
    }
    assert_eq!(all.len() == 3, cfg!(target_os = "linux"));
    all
}

/// A list of two failed deletions.
fn both() -> Reply {
    let both = [FAILED, OTHER].map(|thumbprint| json!({ "thumbprint": thumbprint }));
    Reply::json(200, json!({ "value": both }))
}

fn run(command: &mut Command, stdout: impl Into<Stdio>) -> (String, i32) {
    let child = command.stdout(stdout).stderr(Stdio::piped()).spawn();
    let (_, stderr, code) = texts(&child.or_fail().wait_with_output().or_fail());
    (stderr, code)
}

#[test]
fn what_was_done_is_told_on_stderr() {
    let files = Files::new();
    let file = files.write("certificate", der());
    let certificate = serde_json::to_value(samples::wap_certificate()).or_fail();
    let answer = certificate.clone();
    let service = Service::start(move |request| match request.method.as_str() {
        "DELETE" if request.target.contains(SUBSCRIPTION) => Reply::json(200, &answer),
        "DELETE" => empty(202),
        _ if request.target.contains("canceldelete") => empty(204),
        _ if request.target.starts_with("/certificates") => empty(201),
        _ => empty(204),
    });
    let rows = [
        (batch as Of, vec!["cancel-deletion", FAILED], 204, FAILED),
        (batch, vec!["delete", FAILED], 202, FAILED),
        (batch, vec!["add", &file], 201, STORED),
        (wap, vec!["delete", STORED], 200, STORED),
        (wap, vec!["add", &file], 204, STORED),
    ];
    for (command, arguments, status, named) in rows {
        for (stdout, why) in refusing() {
            let mut command = command(&service.endpoint, &arguments);
            let (stderr, code) = run(command.args(["--output", "json"]), stdout);
            assert_eq!(code, 4, "{arguments:?}: {stderr}");
            let (message, result) = stderr.trim_end().split_once('\n').or_fail();
            let expected =
                format!("done (status {status}), but the result could not be written: {why}");
            let problem = problem(message);
            let message = problem["message"].as_str().or_fail();
            assert!(message.starts_with(&expected), "{message}");
            assert_eq!(
                (&problem["exit"], &problem["outcome_unknown"]),
                (&4.into(), &false.into())
            );
            let result = json_lines(result).remove(0);
            assert_eq!(result["status"], status);
            let thumbprint = result["thumbprint"].as_str().or_fail();
            assert!(thumbprint.eq_ignore_ascii_case(named), "{thumbprint}");
            if status == 200 {
                // The service has just forgotten it.
                assert_eq!(result["certificate"], certificate);
            }
        }
    }
    // A table leaves the certificate out, so all of it follows.
    for (stdout, _) in refusing() {
        let (stderr, code) = run(&mut wap(&service.endpoint, &["delete", STORED]), stdout);
        assert_eq!(code, 4);
        assert!(
            stderr.contains("\n  not after          2039-12-31T23:59:59Z\n"),
            "{stderr}"
        );
        let last: Value = serde_json::from_str(stderr.lines().last().or_fail()).or_fail();
        assert_eq!(last["certificate"], certificate);
    }
}

#[test]
fn what_became_of_several_is_told_on_stderr() {
    let service = Service::start(|request| {
        match (&*request.method, request.target.contains(SUBSCRIPTION)) {
            ("GET", false) => both(),
            ("GET", true) => Reply::json(
                200,
                json!([
                    { "SubscriptionCertificateThumbprint": FAILED, "TimeCreated": "2013-07-03T16:19:50" },
                    { "SubscriptionCertificateThumbprint": OTHER, "TimeCreated": "2013-07-03T16:19:50" },
                    { "SubscriptionCertificateThumbprint": STORED, "TimeCreated": "2090-07-03T16:19:50" },
                ]),
            ),
            ("DELETE", false) => empty(202),
            _ => empty(204),
        }
    });
    let rows: [(Of, &[&str]); 5] = [
        (batch, &["delete", FAILED, OTHER]),
        (batch, &["cancel-deletion", "--all-failed"]),
        (batch, &["rescue", "--cancel", "--yes"]),
        (wap, &["delete", FAILED, OTHER]),
        (wap, &["prune", "--older-than", "90d", "--yes", "--no-keep"]),
    ];
    for (command, arguments) in rows {
        for (stdout, why) in refusing() {
            let (stderr, code) = run(&mut command(&service.endpoint, arguments), stdout);
            assert_eq!(code, 4, "{stderr}");
            let first = format!("thumbprint: the results could not be written: {why}");
            assert!(stderr.starts_with(&first), "{stderr}");
            for part in [
                "THUMBPRINT",
                FAILED,
                OTHER,
                "; the results could not be written\n",
            ] {
                assert_eq!(stderr.matches(part).count(), 1, "{part}: {stderr}");
            }
        }
        // The summary, too, is a result.
        let full = || File::options().write(true).open("/dev/full").or_fail();
        if cfg!(target_os = "linux") {
            let mut command = command(&service.endpoint, arguments);
            assert_eq!(
                command
                    .stderr(full())
                    .stdout(Stdio::null())
                    .status()
                    .or_fail()
                    .code(),
                Some(4)
            );
        }
    }
}

/// Doubt and refusals go first, and so does the doubt of a stderr that takes nothing.
#[test]
fn what_was_not_done_keeps_its_exit_code() {
    let service = Service::start(|request| match request {
        request if request.method == "GET" => both(),
        request if request.target.contains(OTHER) => hang_up(),
        _ => Reply::json(409, json!({ "code": "CertificateStateActive" })),
    });
    for (arguments, expected) in [
        (&["cancel-deletion", "--all-failed"][..], 3),
        (&["cancel-deletion", OTHER], 3),
        (&["cancel-deletion", FAILED], 1),
        (&["cancel-deletion"], 2),
    ] {
        for (stdout, _) in refusing() {
            let (stderr, code) = run(&mut batch(&service.endpoint, arguments), stdout);
            assert_eq!(code, expected, "{stderr}");
        }
        for (stderr, _) in refusing() {
            let mut command = batch(&service.endpoint, arguments);
            let status = command.stdout(Stdio::null()).stderr(stderr).status();
            assert_eq!(status.or_fail().code(), Some(expected), "{arguments:?}");
        }
    }
    let unfinished = Service::start(|request| match &*request.method {
        "DELETE" => empty(202),
        _ => empty(403),
    });
    for named in [&[FAILED][..], &[FAILED, OTHER]] {
        let arguments = [&["delete", "--wait"], named].concat();
        for (stdout, _) in refusing() {
            let (stderr, code) = run(&mut batch(&unfinished.endpoint, &arguments), stdout);
            assert_eq!(code, 5, "{stderr}");
            assert!(stderr.contains(FAILED), "{stderr}");
        }
    }
}

/// A reader who is gone has seen enough; a full disk is a failure.
#[test]
fn what_was_only_read_is_not_told_again() {
    let service =
        Service::start(|_| Reply::json(200, json!({ "value": [{ "thumbprint": FAILED }] })));
    let commands = || {
        [
            batch(&service.endpoint, &["list"]),
            batch(&service.endpoint, &["get", STORED, OTHER]),
            batch(&service.endpoint, &["delete", STORED, "--dry-run"]),
            thumbprint(&["--help"]),
            thumbprint(&["--version"]),
        ]
    };
    for (stdout, code) in [("closed", 0), ("full", 1)] {
        for mut command in commands() {
            let stdout: Stdio = match stdout {
                "closed" => std::io::pipe().or_fail().1.into(),
                _ if !cfg!(target_os = "linux") => continue,
                _ => File::options()
                    .write(true)
                    .open("/dev/full")
                    .or_fail()
                    .into(),
            };
            let (stderr, exit) = run(&mut command, stdout);
            assert_eq!(exit, code, "{command:?} {stderr}");
            assert!(!stderr.contains(FAILED), "{stderr}");
            assert_eq!(stderr.contains("No space left"), code == 1, "{stderr}");
        }
    }
}
