//! `thumbprint batch` about one certificate, and its list.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use test_support::{OrFail as _, Received, Reply};

use crate::{
    service::{Service, empty, error, hang_up},
    support::{FAILED, Files, PASSWORD, STORED, batch, der, pem, run, run_json, run_with},
};

const OTHER: &str = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3";
const ID: &str = "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0";

fn failed() -> Value {
    json!({
        "thumbprint": FAILED,
        "thumbprintAlgorithm": "sha1",
        "publicData": BASE64_STANDARD.encode(der()),
        "state": "deletefailed",
        "stateTransitionTime": "2026-11-01T10:11:12.1234567Z",
        "previousState": "deleting",
        "previousStateTransitionTime": "2026-11-01T10:00:00Z",
        "deleteCertificateError": {
            "code": "PoolsReferencingCertificate",
            "message": "Pools use it\u{1b}[2J\nsecond line",
            "values": [{ "name": "Pools", "value": "p1" }, { "name": "Pools", "value": "p2" }],
        },
    })
}

/// Two pages: of one certificate each.
fn pages() -> Service {
    Service::start(|request| {
        if request.target.contains("skiptoken") {
            let unreadable = json!({ "thumbprint": "not one", "state": "retired" });
            return Reply::json(200, json!({ "value": [unreadable] }));
        }
        let next = "/certificates?api-version=2023-11-01.18.0&$skiptoken=1";
        Reply::json(200, json!({ "value": [failed()], "odata.nextLink": next }))
    })
}

#[test]
fn list_prints_rows_of_fixed_widths() {
    let service = pages();
    let (stdout, stderr, code) = run(&mut batch(&service.endpoint, &["list"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let why = "PoolsReferencingCertificate: Pools use it\u{fffd}[2J (Pools: p1) (Pools: p2)";
    let since = "2026-11-01T10:11:12Z";
    let rows = [
        [
            "THUMBPRINT",
            "STATE",
            "SINCE",
            "NOT AFTER",
            "SUBJECT",
            "WHY",
        ],
        [
            FAILED,
            "deletefailed",
            since,
            "2039-12-31T23:59:59Z",
            "CN=KatalTest",
            why,
        ],
        ["not one", "retired", "-", "-", "-", "-"],
    ];
    let rows = rows.map(|[thumbprint, state, since, not_after, subject, why]| {
        format!("{thumbprint:40}  {state:12}  {since:20}  {not_after:20}  {subject:20}  {why}\n")
    });
    assert_eq!(stdout, rows.concat());
}

#[test]
fn list_prints_json_lines() {
    let service = pages();
    let (lines, _, code) = run_json(&mut batch(&service.endpoint, &["list"]));
    assert_eq!((code, lines.len()), (0, 2));
    assert_eq!(lines[0]["thumbprint"], FAILED);
    assert_eq!(lines[0]["since"], "2026-11-01T10:11:12.123456700Z");
    assert_eq!(
        lines[0]["delete_error"]["values"][1],
        json!({ "name": "Pools", "value": "p2" })
    );
    assert_eq!(lines[1]["thumbprint"], "not one");
    assert_eq!(lines[1]["delete_error"], Value::Null);
}

#[test]
fn list_asks_for_what_its_options_say() {
    let service = Service::start(|_| Reply::json(200, json!({ "value": [] })));
    let options = [
        "list",
        "--state",
        "DeleteFailed",
        "--since",
        "2026-11-01T01:00:00+01:00",
        "--filter",
        "state ne 'x' or state eq 'y'",
        "--max-results",
        "7",
        "--timeout",
        "60",
        "--api-version",
        "2024-07-01.20.0",
    ];
    let (stdout, stderr, code) = run(&mut batch(&service.endpoint, &options));
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert!(stderr.contains("the list is empty"), "{stderr}");
    let target = service.received()[0].target.replace('+', " ");
    let target = percent_decoded(&target);
    for expected in [
        "$filter=state eq 'deletefailed' and stateTransitionTime ge 2026-11-01T00:00:00Z \
         and (state ne 'x' or state eq 'y')",
        "maxresults=7",
        "timeout=60",
        "api-version=2024-07-01.20.0",
    ] {
        assert!(target.contains(expected), "{expected} is not in {target}");
    }
}

/// A page of certificates with what they say is to fit into an answer: 4 MiB, and one has up to 10 KB.
#[test]
fn list_asks_for_whom_certificates_are_of_and_until_when() {
    let data = BASE64_STANDARD.encode(der());
    let certificate = json!({ "thumbprint": STORED, "state": "active", "publicData": data });
    let service = Service::start(move |_| Reply::json(200, json!({ "value": [certificate] })));
    let (stdout, _, code) = run(&mut batch(&service.endpoint, &["list"]));
    assert_eq!(code, 0);
    let row = stdout.lines().nth(1).or_fail();
    for shown in [STORED, "2039-12-31T23:59:59Z", "CN=KatalTest"] {
        assert!(row.contains(shown), "{stdout}");
    }
    let (listed, _, _) = run_json(&mut batch(&service.endpoint, &["list"]));
    assert_eq!(listed[0]["subject"], "CN=KatalTest");
    let request = &service.received()[0];
    let query: BTreeMap<_, _> = request.query().into_iter().collect();
    let selected = query.get("$select");
    assert!(
        selected.is_none_or(|names| names.contains("publicData")),
        "{query:?}"
    );
    let page: usize = query["maxresults"].parse().or_fail();
    assert!(
        page * (10 * 1024 * 4 / 3 + 1024) < 4 * 1024 * 1024,
        "{page}"
    );
}

fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded = parts.next().or_fail().to_owned();
    for part in parts {
        let code = u8::from_str_radix(&part[..2], 16).or_fail();
        decoded.push(code.into());
        decoded.push_str(&part[2..]);
    }
    decoded
}

/// The list has no end, so the command ends only if it notices that nobody reads.
#[test]
fn a_reader_who_leaves_ends_the_list() {
    let service = Service::start(|request| {
        let page: u64 = request
            .target
            .rsplit_once("skiptoken=")
            .map_or(0, |(_, page)| page.parse().or_fail());
        let next = format!("/certificates?$skiptoken={}", page + 1);
        Reply::json(200, json!({ "value": [failed()], "odata.nextLink": next }))
    });
    let mut child = batch(&service.endpoint, &["list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .or_fail();
    let mut line = String::new();
    BufReader::new(child.stdout.take().or_fail())
        .read_line(&mut line)
        .or_fail();
    assert!(line.starts_with("THUMBPRINT"), "{line}");
    let output = child.wait_with_output().or_fail();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}

#[test]
fn get_shows_why_a_deletion_failed() {
    let service = Service::start(|_| Reply::json(200, failed()));
    let options = ["get", FAILED, "--client-request-id", ID];
    let (stdout, _, code) = run(&mut batch(&service.endpoint, &options));
    assert_eq!(code, 0);
    for expected in [
        "  state           deletefailed\n",
        "  previous state  deleting\n",
        "  delete error    PoolsReferencingCertificate\n",
        "  message         Pools use it\u{fffd}[2J\n                  second line\n",
        "  values          Pools: p1\n                  Pools: p2\n",
    ] {
        assert!(stdout.contains(expected), "{expected} is not in:\n{stdout}");
    }
    let headers = &service.received()[0].head;
    assert!(headers.contains(&format!("client-request-id: {ID}")));

    let (lines, _, code) = run_json(&mut batch(&service.endpoint, &["get", FAILED]));
    assert_eq!((code, &lines[0]["status"]), (0, &200.into()));
    assert_eq!(
        lines[0]["delete_error"]["code"],
        "PoolsReferencingCertificate"
    );
    assert_eq!(lines[0]["certificate"]["thumbprintAlgorithm"], "sha1");
    // The certificate that the service gives out is compared with its name.
    assert_eq!(lines[0]["subject"], "CN=KatalTest");
    let other = "the thumbprint is not that of the certificate";
    assert_eq!(lines[0]["warnings"], json!([other]));
}

/// A look changes nothing, so there is nothing that may have been done.
#[test]
fn a_look_that_breaks_off_exits_with_1() {
    let service = Service::start(|_| hang_up());
    for options in [&["get", FAILED][..], &["list"]] {
        let (stdout, stderr, code) = run(&mut batch(&service.endpoint, options));
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert!(!stderr.contains("may have been done"), "{stderr}");
    }
}

fn takes_additions() -> Service {
    Service::start(|_| empty(201))
}

fn sent(service: &Service) -> Value {
    serde_json::from_str(service.received().last().or_fail().text()).or_fail()
}

#[test]
fn add_takes_a_certificate_from_a_file_or_stdin() {
    let (files, service) = (Files::new(), takes_additions());
    let password = files.write("password", PASSWORD);
    for bytes in [der(), pem().into_bytes()] {
        let file = files.write("certificate", &bytes);
        let mut command = batch(&service.endpoint, &["add", &file]);
        // A password in the environment is meant for another file.
        command.env("THUMBPRINT_PFX_PASSWORD", PASSWORD);
        let (lines, stderr, code) = run_json(&mut command);
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert_eq!(lines[0]["thumbprint"], STORED);
        assert_eq!(lines[0]["format"], "cer");
        assert_eq!(sent(&service)["data"], BASE64_STANDARD.encode(der()));
        assert_eq!(sent(&service)["password"], Value::Null);

        let options = ["add", "-", "--thumbprint", &STORED.to_lowercase()];
        let (stdout, _, code) = run_with(&mut batch(&service.endpoint, &options), &bytes);
        assert_eq!(code, 0);
        assert!(stdout.contains("  thumbprint  9B3C"), "{stdout}");
        assert_eq!(service.received().len() % 2, 0);
    }
    let file = files.write("certificate", der());
    for (options, expected) in [
        (["--thumbprint", OTHER], format!("{STORED} (CN=KatalTest)")),
        (["--password-file", &password], "has no password".to_owned()),
    ] {
        let (_, stderr, code) = run(batch(&service.endpoint, &["add", &file]).args(options));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(&expected), "{stderr}");
    }
    assert_eq!(service.received().len(), 4);
}

#[test]
fn a_refused_addition_exits_with_1_and_a_lost_one_with_3() {
    let files = Files::new();
    let file = files.write("certificate", der());
    let exists = Service::start(|_| error(409, "CertificateExists"));
    let (stdout, stderr, code) = run(&mut batch(&exists.endpoint, &["add", &file]));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("409 CertificateExists"), "{stderr}");

    let lost = Service::start(|_| hang_up());
    let (stdout, stderr, code) = run(&mut batch(&lost.endpoint, &["add", &file]));
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(stderr.contains("it may have been done"), "{stderr}");
}

/// A service that loses its first answer and refuses what is asked of it again.
fn loses_the_first(again: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Service {
    let answered = AtomicBool::new(false);
    Service::start(move |request| {
        if answered.swap(true, Ordering::SeqCst) {
            again(request)
        } else {
            empty(502)
        }
    })
}

#[test]
fn what_may_have_been_done_exits_with_3() {
    let files = Files::new();
    let file = files.write("certificate", der());
    // A server gave up, or answers with a success that the operation does not have.
    for status in [
        408, 500, 502, 503, 504, 507, 520, 524, 530, 598, 599, 200, 202, 205, 303,
    ] {
        let service = Service::start(move |_| empty(status));
        for (options, requests) in [(["cancel-deletion", FAILED], 1), (["add", &file], 1)] {
            let before = service.received().len();
            let (stdout, stderr, code) = run(&mut batch(&service.endpoint, &options));
            assert_eq!((code, stdout.as_str()), (3, ""), "{status} {stderr}");
            assert!(stderr.contains("it may have been done"), "{stderr}");
            assert_eq!(service.received().len() - before, requests, "{options:?}");
        }
    }
    // The refusal of a repetition does not make it known; a 404 does so only in the service's own words.
    for again in [
        error(403, "X"),
        error(404, "ResourceNotFound"),
        Reply::new(404, &[("Content-Type", "text/html")], "<html>"),
        empty(404),
    ] {
        for options in [&["delete", FAILED][..], &["delete", FAILED, "--wait"]] {
            let again = again.clone();
            let service = loses_the_first(move |_| again.clone());
            let (stdout, stderr, code) = run(&mut batch(&service.endpoint, options));
            assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
            assert_eq!(service.received().len(), 2, "{stderr}");
        }
    }
    // These say that the request was not worked on.
    for status in [501, 505, 511] {
        let service = Service::start(move |_| empty(status));
        let command = ["cancel-deletion", FAILED];
        let (_, stderr, code) = run(&mut batch(&service.endpoint, &command));
        assert_eq!((code, service.received().len()), (1, 1), "{stderr}");
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_if_wanted() {
    let files = Files::new();
    let file = files.write("certificate", der());
    let active = || loses_the_first(|_| error(409, "CertificateStateActive"));
    let service = active();
    let options = ["cancel-deletion", FAILED, "--retry-ambiguous"];
    let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &options));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(
        (&lines[0]["status"], &lines[0]["state"]),
        (&409.into(), &"active".into())
    );
    assert_eq!(
        (&lines[0]["inferred"], service.received().len()),
        (&true.into(), 2)
    );
    let (stdout, _, code) = run(&mut batch(&active().endpoint, &options));
    assert_eq!(code, 0);
    assert!(stdout.contains("  inferred "), "{stdout}");
    // Without the option it is sent once, and on a first attempt it is a conflict.
    let service = active();
    let (_, _, code) = run(&mut batch(&service.endpoint, &options[..2]));
    assert_eq!((code, service.received().len()), (3, 1));
    let (_, stderr, code) = run(&mut batch(&service.endpoint, &options));
    assert_eq!(code, 1, "{stderr}");

    for (data, exit) in [(der(), 0), (b"another".to_vec(), 3)] {
        let service = loses_the_first(move |request| {
            if request.method == "GET" {
                let data = BASE64_STANDARD.encode(&data);
                Reply::json(200, json!({ "thumbprint": STORED, "publicData": data }))
            } else {
                error(409, "CertificateExists")
            }
        });
        let options = ["add", &file, "--retry-ambiguous"];
        let (_, stderr, code) = run(&mut batch(&service.endpoint, &options));
        assert_eq!((code, service.received().len()), (exit, 3), "{stderr}");
    }
    let service = loses_the_first(|_| error(404, "CertificateNotFound"));
    let (lines, _, code) = run_json(&mut batch(&service.endpoint, &["delete", FAILED]));
    assert_eq!((code, &lines[0]["inferred"]), (0, &true.into()));

    let several = ["cancel-deletion", "--all-failed", "--retry-ambiguous"];
    let (_, stderr, code) = run(&mut batch(&service.endpoint, &several));
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn wrong_usage_names_the_option_and_the_remedy() {
    for (options, expected) in [
        (
            &["list", "--since", "yesterday"][..],
            "a date, a time and a zone",
        ),
        (&["list", "--state", "gone"], "deletefailed"),
        (&["list", "--max-results", "1001"], "--max-results"),
        (&["list", "--client-request-id", ID], "--client-request-id"),
        (&["get"], "<THUMBPRINT>"),
        (&["delete"], "<THUMBPRINT>"),
        (&["delete", FAILED, "--wait-seconds", "5"], "--wait"),
        (
            &["delete", FAILED, OTHER, "--client-request-id", ID],
            "--client-request-id: it goes with one request",
        ),
        (
            &["delete", FAILED, OTHER, "--timeout", "9"],
            "--timeout: it goes with one request",
        ),
        (&["cancel-deletion"], "--all-failed"),
        (&["cancel-deletion", FAILED, "--all-failed"], "--all-failed"),
        (
            &["cancel-deletion", "--all-failed", "--concurrency", "0"],
            "--concurrency",
        ),
        (&["cancel-deletion", "--all-failed", "--max", "0"], "--max"),
        (&["cancel-deletion", FAILED, "--max", "2"], "--max"),
        (
            &[
                "cancel-deletion",
                "--all-failed",
                "--return-client-request-id",
            ],
            "leave it out with --all-failed",
        ),
    ] {
        let (stdout, stderr, code) = run(&mut batch("http://127.0.0.1:1", options));
        assert_eq!((code, stdout.as_str()), (2, ""), "{options:?}: {stderr}");
        assert!(stderr.contains(expected), "{options:?}: {stderr}");
    }
}

#[test]
fn a_key_signs_in_place_of_a_token() {
    const KEY: &str = "THUMBPRINT_BATCH_KEY";
    let service = Service::start(|_| empty(204));
    let options = ["cancel-deletion", FAILED, "--account", "myaccount"];
    let signed = |key: &str| {
        let mut command = batch(&service.endpoint, &options);
        run(command.env_remove("THUMBPRINT_BATCH_TOKEN").env(KEY, key))
    };
    let key = BASE64_STANDARD.encode("canary-key");
    // What was copied out of a file of Windows' editors may have a mark before it.
    for key in [&key, &format!("\u{feff}{key}")] {
        let (_, stderr, code) = signed(key);
        assert_eq!((code, stderr.as_str()), (0, ""));
    }
    let headers = service.received()[0].head.to_lowercase();
    assert!(
        headers.contains("authorization: sharedkey myaccount:"),
        "{headers}"
    );
    assert!(headers.contains("ocp-date: "), "{headers}");

    let (_, stderr, code) = signed("canary-key!");
    assert_eq!(code, 2);
    assert!(stderr.contains("key: it is not base64"), "{stderr}");
    assert!(!stderr.contains("canary"), "{stderr}");
    let (_, stderr, code) = signed("");
    assert_eq!(code, 2);
    assert!(stderr.contains("THUMBPRINT_BATCH_KEY is empty"), "{stderr}");
    assert_eq!(service.received().len(), 2);
}
