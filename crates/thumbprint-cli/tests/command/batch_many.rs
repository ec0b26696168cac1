//! `thumbprint batch` about many certificates: deletions, waits and rescues with mixed outcomes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_support::{OrFail as _, Received, Reply};

use crate::{
    service::{Service, empty, error, hang_up},
    support::{batch, run, run_json},
};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";
const D: &str = "dddddddddddddddddddddddddddddddddddddddd";
const E: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/// Which outcome each certificate has in the printed lines. They come in any order.
fn outcomes(lines: &[Value]) -> BTreeMap<&str, &str> {
    lines
        .iter()
        .map(|line| {
            (
                line["thumbprint"].as_str().or_fail(),
                line["outcome"].as_str().or_fail(),
            )
        })
        .collect()
}

fn deletes() -> Service {
    Service::start(|request| match request {
        request if request.target.contains(A) => empty(202),
        request if request.target.contains(B) => error(409, "CertificateBeingDeleted"),
        request if request.target.contains(C) => error(404, "CertificateNotFound"),
        request if request.target.contains(D) => error(403, "InsufficientPermissions"),
        _ => hang_up(),
    })
}

#[test]
fn several_deletions_exit_with_the_worst() {
    let service = deletes();
    for (thumbprints, exit, summary) in [
        (&[A, B][..], 0, "1 accepted"),
        (&[A, C], 1, "1 not found"),
        (&[A, D], 1, "1 refused"),
        (&[A, B, C, D, E], 3, "1 unknown"),
        (&[E, E, D], 3, "check the unknown ones"),
    ] {
        let arguments = [&["delete"], thumbprints].concat();
        let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &arguments));
        assert_eq!(code, exit, "{stderr}");
        assert!(stderr.contains(summary), "{stderr}");
        let expected = [
            (A, "accepted"),
            (B, "being deleted"),
            (C, "not found"),
            (D, "refused"),
            (E, "unknown"),
        ];
        let expected = expected.into_iter();
        let expected = expected.filter(|(thumbprint, _)| thumbprints.contains(thumbprint));
        assert_eq!(outcomes(&lines), expected.collect());
    }
}

#[test]
fn several_deletions_print_a_table() {
    let service = deletes();
    let (stdout, _, code) = run(&mut batch(&service.endpoint, &["delete", A, D]));
    assert_eq!(code, 1);
    let header = format!("{:40}  OUTCOME         WHY\n", "THUMBPRINT");
    assert!(stdout.starts_with(&header), "{stdout}");
    assert!(
        stdout.contains(&format!("{A}  accepted        -\n")),
        "{stdout}"
    );
    let refused = format!("{D}  refused         ");
    let line = stdout.lines().find_map(|line| line.strip_prefix(&refused));
    assert!(
        line.or_fail().contains("403 InsufficientPermissions"),
        "{stdout}"
    );
}

#[test]
fn one_deletion_is_answered_like_any_request() {
    let service = deletes();
    let id = "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0";
    let options = ["delete", A, "--client-request-id", id, "--timeout", "9"];
    let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &options));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(lines[0]["outcome"], "accepted");
    assert_eq!(lines[0]["status"], 202);
    let request = &service.received()[0];
    assert!(request.head.contains(id) && request.target.contains("timeout=9"));

    let (lines, _, code) = run_json(&mut batch(&service.endpoint, &["delete", B]));
    assert_eq!((code, &lines[0]["outcome"]), (0, &"being deleted".into()));
    for (thumbprint, exit, reason) in [
        (C, 1, "404 CertificateNotFound"),
        (D, 1, "403 InsufficientPermissions"),
        (E, 3, "it may have been done"),
    ] {
        let (stdout, stderr, code) = run(&mut batch(&service.endpoint, &["delete", thumbprint]));
        assert_eq!((code, stdout.as_str()), (exit, ""));
        assert!(stderr.contains(reason), "{stderr}");
    }
}

/// Every first look finds the certificate settled, so nobody waits for long.
fn settles(request: &Received) -> Reply {
    if request.method == "DELETE" {
        return match request {
            request if request.target.contains(A) => error(404, "CertificateNotFound"),
            request if request.target.contains(B) => error(409, "CertificateBeingDeleted"),
            _ => empty(202),
        };
    }
    let failure = json!({ "code": "PoolsReferencingCertificate", "message": "in use" });
    match request {
        request if request.target.contains(B) => error(404, "CertificateNotFound"),
        request if request.target.contains(C) => Reply::json(
            200,
            json!({ "thumbprint": C, "state": "deletefailed", "deleteCertificateError": failure }),
        ),
        request if request.target.contains(D) => {
            Reply::json(200, json!({ "thumbprint": D, "state": "active" }))
        }
        _ => error(403, "InsufficientPermissions"),
    }
}

#[test]
fn waiting_tells_how_each_deletion_ended() {
    let service = Service::start(settles);
    let all = [
        (A, 1, "not found", Value::Null),
        (B, 0, "gone", Value::Null),
        (
            C,
            1,
            "delete failed",
            "PoolsReferencingCertificate: in use".into(),
        ),
        (D, 1, "not deleting", "its state is active".into()),
    ];
    let several = ["delete", A, B, C, D, "--wait", "--wait-seconds", "60"];
    let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &several));
    assert_eq!(code, 1);
    for part in ["1 not found", "1 gone", "1 delete failed", "1 not deleting"] {
        assert!(stderr.contains(part), "{stderr}");
    }
    let expected = all
        .iter()
        .map(|(thumbprint, _, outcome, _)| (*thumbprint, *outcome));
    assert_eq!(outcomes(&lines), expected.collect());

    // Of one alone that was never there, the service's own words are told.
    let one = ["delete", A, "--wait"];
    let (stdout, stderr, code) = run(&mut batch(&service.endpoint, &one));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("404 CertificateNotFound"), "{stderr}");
    for (thumbprint, exit, outcome, why) in all.into_iter().skip(1) {
        let one = ["delete", thumbprint, "--wait", "--timeout", "9"];
        let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &one));
        assert_eq!((code, lines.len()), (exit, 1), "{stderr}");
        assert_eq!(lines[0]["outcome"], outcome);
        assert_eq!(lines[0]["why"], why);
    }
    for (thumbprints, exit) in [(&[E][..], 5), (&[B, E], 5), (&[C, E], 1)] {
        let arguments = [&["delete", "--wait"], thumbprints].concat();
        let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &arguments));
        assert_eq!((code, lines.len()), (exit, thumbprints.len()), "{stderr}");
        assert_eq!(outcomes(&lines)[E], "accepted, still deleting");
    }
}

fn rescues(request: &Received, thumbprints: &[&str]) -> Reply {
    match request {
        request if request.method == "GET" && request.target.contains("skiptoken") => {
            error(500, "InternalError")
        }
        request if request.method == "GET" => {
            let of = |thumbprint| json!({ "thumbprint": thumbprint, "state": "deletefailed" });
            let page: Vec<_> = thumbprints.iter().map(of).collect();
            Reply::json(200, json!({ "value": page }))
        }
        request if request.target.contains(A) => empty(204),
        request if request.target.contains(B) => error(409, "CertificateStateActive"),
        request if request.target.contains(C) => error(409, "CertificateBeingDeleted"),
        request if request.target.contains(D) => error(403, "InsufficientPermissions"),
        _ => hang_up(),
    }
}

#[test]
fn all_failed_deletions_are_canceled_and_counted() {
    let command = ["cancel-deletion", "--all-failed", "--concurrency", "2"];
    for (thumbprints, exit, summary) in [
        (&[][..], 0, "nothing to do"),
        (&[A, B], 0, "1 already active"),
        (&[A, C], 1, "1 being deleted"),
        (&[A, B, C, D, E], 3, "1 unknown"),
    ] {
        let service = Service::start(|request| rescues(request, thumbprints));
        let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &command));
        assert_eq!(code, exit, "{stderr}");
        assert!(stderr.contains(summary), "{stderr}");
        let expected = [
            (A, "canceled"),
            (B, "already active"),
            (C, "being deleted"),
            (D, "refused"),
            (E, "unknown"),
        ];
        let expected = expected.into_iter();
        let expected = expected.filter(|(thumbprint, _)| thumbprints.contains(thumbprint));
        assert_eq!(outcomes(&lines), expected.collect());
        let filter = service.received()[0].target.contains("deletefailed");
        assert!(filter, "{:?}", service.received());
    }
    let service = Service::start(|request| rescues(request, &[A]));
    let (stdout, stderr, code) = run(&mut batch(&service.endpoint, &command));
    assert_eq!((code, stderr.as_str()), (0, "thumbprint: 1 canceled\n"));
    assert!(
        stdout.ends_with(&format!("{A}  canceled        -\n")),
        "{stdout}"
    );
}

/// What was under way when the list broke off is waited for and counted.
#[test]
fn a_list_that_breaks_off_keeps_what_was_done() {
    let service = Service::start(|request| match request {
        request if request.method == "GET" && !request.target.contains("skiptoken") => {
            let next = "/certificates?$skiptoken=1";
            let page = [json!({ "thumbprint": A }), json!({ "thumbprint": B })];
            Reply::json(200, json!({ "value": page, "odata.nextLink": next }))
        }
        request => rescues(request, &[]),
    });
    let command = ["cancel-deletion", "--all-failed"];
    let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &command));
    assert_eq!(code, 1, "{stderr}");
    let expected = [(A, "canceled"), (B, "already active")];
    assert_eq!(outcomes(&lines), expected.into_iter().collect());
    assert!(stderr.contains("500 InternalError"), "{stderr}");
    assert!(stderr.contains("1 canceled"), "{stderr}");

    let retired = Service::start(|_| error(400, "CertificateRetired"));
    let (stdout, stderr, code) = run(&mut batch(&retired.endpoint, &command));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("Key Vault"), "{stderr}");
}

/// A list that has no end, as of something that answers in the service's place.
#[test]
fn no_more_certificates_are_taken_than_the_bound_says() {
    let endless = Service::start(|request| {
        if request.method != "GET" {
            return empty(204);
        }
        let page = request.target.rsplit_once("skiptoken=");
        let page: u64 = page.map_or(0, |(_, page)| page.parse().or_fail());
        let next = format!("/certificates?$skiptoken={}", page + 1);
        let of = |number| json!({ "thumbprint": format!("{number:040}") });
        let items = [of(2 * page), of(2 * page + 1)];
        Reply::json(200, json!({ "value": items, "odata.nextLink": next }))
    });
    let command = ["cancel-deletion", "--all-failed", "--max", "5"];
    let (lines, stderr, code) = run_json(&mut batch(&endless.endpoint, &command));
    assert_eq!((code, lines.len()), (1, 5), "{stderr}");
    for part in [
        "more than 5 failed deletions",
        "run it again for the rest, or set --max",
        "5 canceled",
    ] {
        assert!(stderr.contains(part), "{stderr}");
    }
    let changes = endless.received();
    let changes = changes.iter().filter(|request| request.method != "GET");
    assert_eq!(changes.count(), 5);

    // As many as the bound says are all of them, and one that is listed twice is changed once.
    let service = Service::start(|request| rescues(request, &[A, B, A]));
    let command = ["cancel-deletion", "--all-failed", "--max", "3"];
    let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &command));
    assert_eq!((code, lines.len()), (0, 2), "{stderr}");
}

/// The reader is gone before the first outcome; the deletions were asked for all the same.
#[test]
fn a_reader_who_leaves_does_not_stop_deletions() {
    let service = deletes();
    let mut child = batch(&service.endpoint, &["delete", A, B, D])
        .stdout(closed())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .or_fail();
    let code = child.wait().or_fail().code();
    assert_eq!(code, Some(1));
    assert_eq!(service.received().len(), 3);
}

/// The writing end of a pipe that nobody reads.
fn closed() -> std::io::PipeWriter {
    std::io::pipe().or_fail().1
}
