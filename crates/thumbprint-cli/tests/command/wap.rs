//! `thumbprint wap`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use test_support::{OrFail as _, Reply};
use thumbprint_sandbox::samples;

use crate::{
    service::{Service, empty, hang_up},
    support::{
        FAILED, Files, STORED, SUBSCRIPTION, der, pem, run, run_json, run_with, thumbprint, wap,
    },
};

fn stored() -> Value {
    serde_json::to_value(samples::wap_certificate()).or_fail()
}

/// A certificate whose thumbprint is that of another.
fn mixed_up() -> Value {
    let mut certificate = stored();
    certificate["SubscriptionCertificateThumbprint"] = FAILED.into();
    certificate
}

#[test]
fn list_prints_a_row_for_each_certificate() {
    let broken = json!({ "SubscriptionCertificateThumbprint": "not one" });
    let service =
        Service::start(move |_| Reply::json(200, json!([stored(), mixed_up(), broken.clone()])));
    let (stdout, stderr, code) = run(&mut wap(&service.endpoint, &["list"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{stdout}");
    for name in [
        "THUMBPRINT",
        "NOT BEFORE",
        "NOT AFTER",
        "SERIAL",
        "SUBJECT",
        "ISSUER",
        "WARNINGS",
    ] {
        assert!(lines[0].contains(name), "{stdout}");
    }
    assert!(lines[1].starts_with(STORED), "{stdout}");
    assert!(
        lines[1].contains("  2013-07-03T15:45:56Z  2039-12-31T23:59:59Z  1DBFF1DEC39696"),
        "{stdout}"
    );
    assert!(
        lines[1].contains("  CN=KatalTest  CN=KatalTest  none"),
        "{stdout}"
    );
    assert!(
        lines[2].ends_with("the thumbprint is not that of the certificate"),
        "{stdout}"
    );
    assert!(lines[3].starts_with("not one"), "{stdout}");

    let (lines, _, code) = run_json(&mut wap(&service.endpoint, &["list"]));
    assert_eq!((code, lines.len()), (0, 3));
    assert_eq!(lines[0]["certificate"], stored());
    assert_eq!(
        lines[1]["warnings"],
        json!(["the thumbprint is not that of the certificate"])
    );
    assert_eq!(lines[2]["thumbprint"], "not one");
    assert_eq!(lines[2]["subject"], Value::Null);
}

#[test]
fn get_shows_what_the_certificate_says() {
    let service = Service::start(|_| Reply::json(200, stored()));
    let options = ["get", STORED, "--client-request-id", "ticket 4711"];
    let (stdout, _, code) = run(&mut wap(&service.endpoint, &options));
    assert_eq!(code, 0);
    for expected in [
        "  subject            CN=KatalTest\n",
        "  issuer             CN=KatalTest\n",
        "  not after          2039-12-31T23:59:59Z\n",
        "  created at         2013-07-03T16:19:50.793Z\n",
        "  warnings           none\n",
    ] {
        assert!(stdout.contains(expected), "{expected} is not in:\n{stdout}");
    }
    assert!(
        service.received()[0]
            .head
            .contains("x-ms-client-request-id: ticket 4711")
    );

    let (lines, _, code) = run_json(&mut wap(&service.endpoint, &["get", FAILED]));
    assert_eq!(code, 0);
    assert_eq!(lines[0]["certificate"], stored());
    assert_eq!(
        lines[0]["warnings"],
        json!(["the answer is about another certificate"])
    );
}

/// Arguments are there to see for every user of the machine, in the list of processes. So is the help, for those who
/// look over a shoulder.
#[test]
fn what_names_a_person_can_come_from_the_environment_and_help_does_not_show_it() {
    const VARIABLES: [(&str, &str); 4] = [
        ("THUMBPRINT_WAP_SUBSCRIPTION", SUBSCRIPTION),
        ("THUMBPRINT_WAP_PRINCIPAL", "hidden-principal"),
        ("THUMBPRINT_WAP_PRINCIPAL_LIVE_ID", "hidden-live-id"),
        ("THUMBPRINT_BATCH_ENDPOINT", "http://hidden.example"),
    ];
    let service = Service::start(|_| Reply::json(200, stored()));
    let of_environment = |arguments: &[&str]| {
        let mut command = thumbprint(arguments);
        command
            .envs(VARIABLES)
            .env("THUMBPRINT_WAP_ENDPOINT", &service.endpoint);
        command
    };
    let (_, stderr, code) = run(&mut of_environment(&["wap", "get", STORED]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let request = &service.received()[0];
    assert!(request.target.contains(SUBSCRIPTION), "{}", request.target);
    assert_eq!(
        request.header("x-ms-principal-id"),
        Some("hidden-principal")
    );
    assert_eq!(
        request.header("x-ms-principal-liveid"),
        Some("hidden-live-id")
    );
    // An argument goes before the environment.
    let (_, _, code) = run(&mut of_environment(&[
        "wap",
        "get",
        STORED,
        "--principal",
        "ana",
    ]));
    assert_eq!(
        (code, service.received()[1].header("x-ms-principal-id")),
        (0, Some("ana"))
    );

    for group in [
        &["wap", "list"][..],
        &["wap", "get"],
        &["wap", "add"],
        &["wap", "delete"],
        &["batch", "list"],
    ] {
        for help in ["--help", "-h"] {
            let (stdout, _, code) = run(&mut of_environment(&[group, &[help]].concat()));
            assert_eq!(code, 0);
            assert!(stdout.contains("[env: THUMBPRINT_"), "{stdout}");
            for shown in ["hidden", SUBSCRIPTION, &service.endpoint] {
                assert!(!stdout.contains(shown), "{stdout}");
            }
        }
    }
}

#[test]
fn add_sends_the_certificate_of_a_file_or_stdin() {
    let (files, service) = (Files::new(), Service::start(|_| empty(204)));
    let file = files.write("certificate", pem());
    let command = ["add", &file, "--thumbprint", STORED];
    let (stdout, stderr, code) = run(&mut wap(&service.endpoint, &command));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains(STORED), "{stdout}");
    let (stdout, _, code) = run_with(&mut wap(&service.endpoint, &["add", "-"]), &der());
    assert_eq!(code, 0);
    assert!(stdout.contains("  outcome     added\n"), "{stdout}");
    let received = service.received();
    assert_eq!(received.len(), 2);
    for request in received {
        let body: Value = serde_json::from_str(request.text()).or_fail();
        for name in [
            "SubscriptionCertificateData",
            "SubscriptionCertificatePublicKey",
        ] {
            assert_eq!(body[name], stored()[name]);
        }
        assert_eq!(body["SubscriptionCertificateThumbprint"], STORED);
    }
}

#[test]
fn a_wrong_file_is_refused_before_anything_is_sent() {
    let (files, service) = (Files::new(), Service::start(|_| hang_up()));
    let right = files.write("certificate", der());
    let key = files.write(
        "key",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
    );
    let long = files.write("long", vec![0; (1 << 20) + 1]);
    for (options, expected) in [
        (&["add", &right, "--thumbprint", FAILED][..], STORED),
        (&["add", &key], "block 1 of its PEM, PRIVATE KEY,"),
        (&["add", &long], "more than 1 MiB"),
        (&["add", "/nowhere"], "FILE: /nowhere"),
    ] {
        let (stdout, stderr, code) = run(&mut wap(&service.endpoint, options));
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    }
    assert!(service.received().is_empty());
}

#[test]
fn calls_that_break_off_are_told_apart_by_what_they_do() {
    let (files, service) = (Files::new(), Service::start(|_| hang_up()));
    let file = files.write("certificate", der());
    for (options, exit) in [
        (&["list"][..], 1),
        (&["get", STORED], 1),
        (&["add", &file], 3),
        (&["delete", STORED], 3),
    ] {
        let (stdout, stderr, code) = run(&mut wap(&service.endpoint, options));
        assert_eq!((code, stdout.as_str()), (exit, ""), "{stderr}");
    }
}

/// What answers in the service's place knows nothing of certificates: nothing is deleted or added by it.
#[test]
fn what_something_on_the_way_says_is_no_evidence() {
    const PAGE: [(&str, &str); 1] = [("Content-Type", "text/html; charset=utf-8")];
    let files = Files::new();
    let file = files.write("certificate", der());
    let add = || vec!["add", file.as_str()];
    let delete = || vec!["delete", STORED];
    let not_found = Reply::new(404, &PAGE, "<html>default backend - 404</html>");
    let error = Reply::json(200, json!({ "error": "expired" }));
    let html = |status| Reply::new(status, &PAGE, "<html>Sign in</html>");
    for (options, answers, exit) in [
        (delete(), vec![empty(504), not_found.clone()], 3),
        (delete(), vec![empty(504), empty(404)], 3),
        (delete(), vec![html(200)], 3),
        (delete(), vec![html(202)], 3),
        (delete(), vec![not_found.clone()], 1),
        (add(), vec![error], 3),
        (add(), vec![html(200)], 3),
        (add(), vec![html(201)], 3),
        (vec!["get", STORED], vec![not_found], 1),
        (vec!["list"], vec![html(200)], 1),
    ] {
        let row = format!("{options:?} {answers:?}");
        let (count, next) = (answers.len(), AtomicUsize::new(0));
        let service = Service::start(move |_| answers[next.fetch_add(1, Ordering::SeqCst)].clone());
        let (stdout, stderr, code) = run(&mut wap(&service.endpoint, &options));
        assert_eq!((code, stdout.as_str()), (exit, ""), "{row}: {stderr}");
        assert_eq!(service.received().len(), count, "{row}");
        let asked = stderr.contains("it may have been done");
        assert_eq!(asked, exit == 3, "{row}: {stderr}");
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_if_wanted() {
    let files = Files::new();
    let file = files.write("certificate", der());
    for (options, stored_now, requests, exit) in [
        (&["add", &file, "--retry-ambiguous"][..], true, 3, 0),
        (&["add", &file, "--retry-ambiguous"], false, 3, 3),
        (&["add", &file], true, 1, 3),
        (&["delete", STORED], false, 2, 0),
    ] {
        let answered = AtomicBool::new(false);
        let service = Service::start(move |request| {
            match (
                answered.swap(true, Ordering::SeqCst),
                request.method.as_str(),
            ) {
                (false, _) => empty(504),
                (true, "GET") if stored_now => Reply::json(200, stored()),
                (true, "POST") => empty(409),
                (true, _) => Reply::json(
                    404,
                    json!({ "Code": "CertificateNotFound", "Message": "none" }),
                ),
            }
        });
        let (lines, stderr, code) = run_json(&mut wap(&service.endpoint, options));
        assert_eq!(code, exit, "{options:?} {stderr}");
        assert_eq!(service.received().len(), requests, "{options:?}");
        let inferred = lines.first().map(|line| &line["inferred"]);
        assert_eq!(inferred, (exit == 0).then_some(&Value::Bool(true)));
    }
}
