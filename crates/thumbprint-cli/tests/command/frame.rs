//! What every command has in common: help, completions, man pages, `-v`.

use serde_json::json;
use test_support::{OrFail as _, Reply};

use crate::{
    service::{Service, empty},
    support::{FAILED, Files, STORED, TOKEN, batch, run, run_json, thumbprint, wap},
};

/// What may be exited with, as the library's page has it.
const OUTCOMES: &str = include_str!("../../../thumbprint/docs/outcomes.md");

#[test]
fn help_has_examples_and_every_exit_code() {
    let (stdout, _, code) = run(&mut thumbprint(&["--help"]));
    assert_eq!(code, 0);
    let (_, codes) = stdout.split_once("Exit codes:\n").or_fail();
    let codes: Vec<_> = codes
        .lines()
        .map(|line| line.split_whitespace().next().or_fail())
        .collect();
    assert!(codes.len() > 5, "{stdout}");
    for code in &codes {
        assert!(
            OUTCOMES.contains(&format!("| {code} |")),
            "{code} is not in outcomes.md"
        );
    }
    let (stdout, _, _) = run(&mut thumbprint(&["batch", "delete", "--help"]));
    assert!(
        stdout.contains("Examples:\n  $ thumbprint batch delete "),
        "{stdout}"
    );
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 100),
        "{stdout}"
    );
    let mut narrow = thumbprint(&["batch", "delete", "--help"]);
    let (stdout, _, _) = run(narrow.env("COLUMNS", "60"));
    let long: Vec<_> = stdout
        .lines()
        .filter(|line| line.chars().count() > 60)
        .collect();
    // Only words that are longer than the rest of their line stand out: an example, a variable.
    assert!(
        long.iter()
            .all(|line| line.contains("$ ") || line.contains("THUMBPRINT_")),
        "{long:?}"
    );
}

#[test]
fn completions_and_man_pages_are_written() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (stdout, stderr, code) = run(&mut thumbprint(&["completions", shell]));
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert!(stdout.contains("cancel-deletion"), "{shell}");
    }
    let (_, stderr, code) = run(&mut thumbprint(&["completions", "tcsh"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("bash"), "{stderr}");

    let files = Files::new();
    let directory = files.path().join("a/man1");
    let name = directory.to_str().or_fail();
    let (stdout, stderr, code) = run(&mut thumbprint(&["man", name]));
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", ""));
    let page =
        std::fs::read_to_string(directory.join("thumbprint-batch-cancel-deletion.1")).or_fail();
    assert!(page.contains("Examples:"), "{page}");
    let file = files.write("file", "");
    let (_, stderr, code) = run(&mut thumbprint(&["man", &file]));
    assert_eq!(code, 2);
    assert!(stderr.contains(&format!("DIR: {file}: ")), "{stderr}");
}

#[test]
fn rows_fit_the_columns_there_are_and_lose_nothing() {
    let why = "word ".repeat(40);
    let error = json!({ "code": "PoolsReferencingCertificate", "message": why.trim() });
    let list = json!({ "value": [{
        "thumbprint": FAILED, "state": "deletefailed", "stateTransitionTime": "2026-11-01T10:11:12Z",
        "deleteCertificateError": error,
    }] });
    let service = Service::start(move |_| Reply::json(200, &list));
    for columns in ["80", "120"] {
        let mut command = batch(&service.endpoint, &["list"]);
        let (stdout, stderr, code) = run(command.env("COLUMNS", columns));
        assert_eq!((code, stderr.as_str()), (0, ""));
        let width: usize = columns.parse().or_fail();
        assert!(
            stdout.lines().all(|line| line.chars().count() <= width),
            "{stdout}"
        );
        assert_eq!(stdout.matches("word").count(), 40, "{stdout}");
        assert!(
            stdout.contains(&format!("\n{FAILED}  deletefailed  2026-11-01T10:11:12Z")),
            "{stdout}"
        );
    }
    // What reads a pipe gets a line for each.
    let (stdout, _, _) = run(&mut batch(&service.endpoint, &["list"]));
    assert_eq!(stdout.lines().count(), 2, "{stdout}");
}

#[test]
fn verbose_tells_the_attempts_and_no_secret() {
    let service = Service::start(|_| {
        let headers = [("request-id", "r\u{9b}1"), ("x-echo", TOKEN)];
        Reply::new(204, &headers, "")
    });
    let cancel = ["cancel-deletion", FAILED];
    let (_, stderr, _) = run(&mut batch(&service.endpoint, &cancel));
    assert_eq!(stderr, "");
    for flag in ["-v", "-vv"] {
        // `run` sees to it that neither a token nor a control character is in it.
        let mut command = batch(&service.endpoint, &cancel);
        let (stdout, stderr, code) = run(command.arg(flag));
        assert_eq!(code, 0);
        assert!(
            stderr.contains("attempt") && stderr.contains("204"),
            "{stderr}"
        );
        assert!(!stdout.contains("attempt"), "{stdout}");
        assert!(
            !stderr.contains(FAILED) && !stderr.contains("hyper"),
            "{stderr}"
        );
    }
    // The command's own messages stay as they are.
    let service = Service::start(|_| empty(403));
    let (_, stderr, code) = run(batch(&service.endpoint, &cancel).arg("-v"));
    assert_eq!(code, 1);
    assert!(
        stderr.lines().last().or_fail().starts_with("thumbprint: "),
        "{stderr}"
    );
}

/// One odd value costs itself, and is told: in what JSON says of the certificate, and to people.
#[test]
fn what_is_left_out_of_an_answer_is_told() {
    let stored =
        |time: &str| json!({ "SubscriptionCertificateThumbprint": STORED, "TimeCreated": time });
    let list = json!([stored("2013-07-03T16:19:50.793"), stored("soon")]);
    let service = Service::start(move |request| {
        Reply::json(
            200,
            if request.target.contains(STORED) {
                &list[1]
            } else {
                &list
            },
        )
    });
    let (lines, stderr, code) = run_json(&mut wap(&service.endpoint, &["list"]));
    assert_eq!((code, lines.len()), (0, 2), "{stderr}");
    assert_eq!(
        (&lines[0]["warnings"], &lines[1]["created_at"]),
        (&json!([]), &json!(null))
    );
    let warning = lines[1]["warnings"][0].as_str().or_fail();
    assert!(warning.contains("TimeCreated"), "{warning}");
    assert!(
        stderr.contains("thumbprint: warning: ") && stderr.contains("TimeCreated"),
        "{stderr}"
    );
    for command in ["get", "delete"] {
        let (lines, _, code) = run_json(&mut wap(&service.endpoint, &[command, STORED]));
        let warning = lines[0]["warnings"][0].as_str().or_fail();
        assert!(
            code == 0 && warning.contains("TimeCreated"),
            "{command}: {warning}"
        );
    }
}
