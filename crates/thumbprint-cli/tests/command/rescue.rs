//! `thumbprint batch rescue`, and what every change says beforehand.

use std::process::Command;

use serde_json::json;
use test_support::{OrFail as _, Reply};
use thumbprint_sandbox::CertificateState;

use crate::{
    sandbox::Inside,
    screen::{END, answer},
    service::{Service, empty, error},
    support::{FAILED, STORED, batch, run, run_json, run_with, wap},
};

const FREE: &str = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff00010203";
const USED: &str = "00112233445566778899aabbccddeeff00112233";
const ACTIVE: &str = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3";

/// Two failed deletions, of which one would fail again, and a certificate that is active.
fn account() -> Inside {
    Inside::start(|builder| {
        builder
            .empty()
            .batch_certificate(FREE, CertificateState::DeleteFailed)
            .batch_certificate(USED, CertificateState::DeleteFailed)
            .batch_certificate(ACTIVE, CertificateState::Active)
            .batch_pool(USED, "render-pool")
    })
}

fn states(inside: &Inside) -> [Option<CertificateState>; 3] {
    [FREE, USED, ACTIVE].map(|thumbprint| inside.sandbox.batch_state(thumbprint))
}

const UNTOUCHED: [Option<CertificateState>; 3] = [
    Some(CertificateState::DeleteFailed),
    Some(CertificateState::DeleteFailed),
    Some(CertificateState::Active),
];

#[test]
fn without_consent_it_lists_and_says_what_to_add() {
    for (arguments, exit, outcome) in [
        (&["rescue"][..], 2, "delete failed"),
        (&["rescue", "--cancel"], 2, "would cancel"),
        (&["rescue", "--retry"], 2, "would delete"),
        (&["rescue", "--dry-run"], 0, "delete failed"),
        (
            &["rescue", "--cancel", "--dry-run", "--yes"],
            0,
            "would cancel",
        ),
        (
            &["rescue", "--retry", "--dry-run", FREE, USED],
            0,
            "would delete",
        ),
    ] {
        let inside = account();
        let (lines, stderr, code) = run_json(&mut batch(&inside.sandbox.base_url(), arguments));
        assert_eq!((code, lines.len()), (exit, 2), "{arguments:?}: {stderr}");
        for line in &lines {
            assert_eq!(line["outcome"], outcome);
        }
        let used = lines
            .iter()
            .find(|line| line["thumbprint"] == USED)
            .or_fail();
        assert_eq!(used["delete_error"]["code"], "PoolsReferencingCertificate");
        let values = json!([{ "name": "Pools", "value": "render-pool" }]);
        assert_eq!(used["delete_error"]["values"], values);
        let asked = "--yes: no one can be asked here, so nothing was changed; add ";
        assert_eq!(stderr.contains(asked), exit == 2, "{stderr}");
        assert_eq!(states(&inside), UNTOUCHED);
    }
}

#[test]
fn all_are_canceled_or_deleted_again_as_chosen() {
    let inside = account();
    let cancel = ["rescue", "--cancel", "--yes"];
    let (lines, stderr, code) = run_json(&mut batch(&inside.sandbox.base_url(), &cancel));
    assert_eq!((code, &*stderr), (0, "thumbprint: 2 canceled\n"));
    assert!(lines.iter().all(|line| line["operation"] == "batch rescue"));
    let used = lines
        .iter()
        .find(|line| line["thumbprint"] == USED)
        .or_fail();
    assert_eq!(used["delete_error"]["code"], "PoolsReferencingCertificate");
    assert_eq!(states(&inside), [Some(CertificateState::Active); 3]);

    let inside = account();
    let retry = ["rescue", "--retry", "--yes"];
    let (stdout, stderr, code) = run(&mut batch(&inside.sandbox.base_url(), &retry));
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stderr.contains("1 gone") && stderr.contains("1 delete failed"),
        "{stderr}"
    );
    assert!(stdout.contains("render-pool"), "{stdout}");
    assert_eq!(states(&inside), [None, UNTOUCHED[1], UNTOUCHED[2]]);
}

#[test]
fn only_the_named_ones_are_rescued_and_others_are_told() {
    let inside = account();
    let missing = STORED;
    let named = ["rescue", "--cancel", "--yes", FREE, ACTIVE, missing];
    let (lines, stderr, code) = run_json(&mut batch(&inside.sandbox.base_url(), &named));
    assert_eq!(code, 1, "{stderr}");
    let outcome = |thumbprint: &str| {
        let line = lines.iter().find(|line| line["thumbprint"] == thumbprint);
        line.or_fail()["outcome"].clone()
    };
    assert_eq!(outcome(FREE), "canceled");
    assert_eq!(outcome(ACTIVE), "not failed");
    assert_eq!(outcome(missing), "not found");
    assert_eq!(
        states(&inside),
        [Some(CertificateState::Active), UNTOUCHED[1], UNTOUCHED[2]]
    );
}

#[test]
fn consent_to_nothing_in_particular_is_refused_before_anything_is_sent() {
    let inside = account();
    let (_, stderr, code) = run(&mut batch(&inside.sandbox.base_url(), &["rescue", "--yes"]));
    assert_eq!(code, 2);
    assert!(
        stderr.contains("--yes: it does not say what to do; add --cancel or --retry"),
        "{stderr}"
    );
    let both = ["rescue", "--yes", "--cancel", "--retry"];
    assert_eq!(run(&mut batch(&inside.sandbox.base_url(), &both)).2, 2);
    assert!(inside.sandbox.exchanges().is_empty());
}

/// Enter and the end of the input change nothing: certbot/certbot#6218, where Enter stood for all.
#[test]
fn a_person_chooses_for_all_or_for_each_and_is_asked_before_it_is_done() {
    let (active, failed) = (
        Some(CertificateState::Active),
        Some(CertificateState::DeleteFailed),
    );
    for (arguments, typed, shown, exit, expected) in [
        (
            &["rescue"][..],
            "cancel\ny\n",
            "set 2 certificates back to active? [y/N]",
            0,
            [active; 3],
        ),
        (
            &["rescue"],
            "r\nyes\n",
            "delete 2 certificates again? [y/N]",
            1,
            [None, failed, active],
        ),
        (
            &["rescue"],
            "each\nc\nr\ny\n",
            "set 1 certificate back to active, and delete 1 certificate again? [y/N]",
            0,
            [None, active, active],
        ),
        (
            &["rescue"],
            "e\ns\nc\ny\n",
            "set 1 certificate back to active? [y/N]",
            0,
            [active, failed, active],
        ),
        (
            &["rescue", "--cancel", FREE],
            "y\n",
            "set 1 certificate back",
            0,
            [active, failed, active],
        ),
        (
            &["rescue"],
            "\n\nn\n",
            "cancel, retry, each, nothing",
            1,
            UNTOUCHED,
        ),
        (&["rescue"], "c\n\n", "[y/N]", 1, UNTOUCHED),
        (
            &["rescue"],
            "e\ns\ns\n",
            "cancel, retry, skip",
            1,
            UNTOUCHED,
        ),
        (
            &["rescue", FREE],
            "r\ny\n",
            "what to do with this one? (cancel, retry, skip) delete 1 certificate again? [y/N]",
            0,
            [None, failed, active],
        ),
        (&["rescue"], END, "cancel, retry", 1, UNTOUCHED),
        (&["rescue", "--retry"], END, "[y/N]", 1, UNTOUCHED),
    ] {
        let inside = account();
        let command = batch(&inside.sandbox.base_url(), arguments);
        let (stdout, screen, code) = answer(command, typed);
        assert_eq!(code, exit, "{typed:?}: {screen}");
        assert!(screen.contains(shown), "{typed:?}: {screen}");
        assert!(
            screen.contains("(Pools: render-pool)") || arguments.contains(&FREE),
            "{screen}"
        );
        assert_eq!(states(&inside), expected, "{typed:?}: {screen}");
        let is_untouched = expected == UNTOUCHED;
        assert_eq!(
            screen.contains("nothing was changed"),
            is_untouched,
            "{screen}"
        );
        assert_eq!(stdout.is_empty(), is_untouched, "{stdout}");
    }
}

/// The certificates are all there, in each state that matters.
#[test]
fn a_dry_run_reads_and_changes_nothing() {
    let inside = Inside::start(|builder| builder);
    let deleting = thumbprint_sandbox::samples::BATCH_DELETING;
    // The deletion ends at once: a service that is slower shows one that is under way.
    let slow = Service::start(move |request| match &*request.method {
        "GET" => Reply::json(200, json!({ "thumbprint": deleting, "state": "deleting" })),
        _ => empty(500),
    });
    let (endpoint, slow_endpoint) = (inside.sandbox.base_url(), slow.endpoint.clone());
    let (endpoint, slow_endpoint) = (&*endpoint, &*slow_endpoint);
    let rows: [(Command, &[&str], i32); 11] = [
        (batch(endpoint, &["delete", ACTIVE]), &["would delete"], 0),
        (
            batch(endpoint, &["delete", ACTIVE, FAILED, "--wait"]),
            &["would delete"; 2],
            0,
        ),
        (batch(endpoint, &["delete", USED]), &["not found"], 1),
        (
            batch(slow_endpoint, &["delete", deleting, "--timeout", "9"]),
            &["being deleted"],
            0,
        ),
        (
            batch(endpoint, &["cancel-deletion", FAILED]),
            &["would cancel"],
            0,
        ),
        (
            batch(endpoint, &["cancel-deletion", "--all-failed"]),
            &["would cancel"],
            0,
        ),
        (
            batch(endpoint, &["cancel-deletion", ACTIVE]),
            &["already active"],
            0,
        ),
        (
            batch(slow_endpoint, &["cancel-deletion", deleting]),
            &["being deleted"],
            1,
        ),
        (
            batch(endpoint, &["rescue", "--retry", "--yes"]),
            &["would delete"],
            0,
        ),
        (
            wap(endpoint, &["delete", STORED, "--keep", "/nowhere/at/all"]),
            &["would delete"],
            0,
        ),
        (
            wap(endpoint, &["prune", "--older-than", "90d", "--yes"]),
            &["would delete"],
            0,
        ),
    ];
    for (mut command, outcomes, exit) in rows {
        let (lines, stderr, code) = run_json(command.arg("--dry-run"));
        assert_eq!(code, exit, "{command:?}: {stderr}");
        let found: Vec<_> = lines.iter().map(|line| line["outcome"].clone()).collect();
        assert_eq!(found, outcomes, "{command:?}");
    }
    let (stdout, _, code) = run_with(
        batch(endpoint, &["delete", "-"]).arg("--dry-run"),
        format!("{ACTIVE}\n").as_bytes(),
    );
    assert_eq!(code, 0);
    assert!(stdout.contains("would delete"), "{stdout}");
    let exchanges = inside.sandbox.exchanges();
    assert!(exchanges.len() >= 10 && slow.received().len() == 2);
    for exchange in exchanges {
        assert_eq!(exchange.method, "GET", "{}", exchange.target);
    }
    assert!(
        slow.received()
            .iter()
            .all(|request| request.method == "GET")
    );
}

#[test]
fn a_deletion_that_goes_on_after_the_wait_is_accepted_and_still_deleting() {
    let service = Service::start(|request| match &*request.method {
        "DELETE" if request.target.contains(USED) => error(404, "CertificateNotFound"),
        "DELETE" => empty(202),
        _ => Reply::json(200, json!({ "state": "deleting" })),
    });
    let wait = ["--wait", "--wait-seconds", "1"];
    for (named, exit) in [(&[FREE][..], 5), (&[FREE, ACTIVE], 5), (&[FREE, USED], 1)] {
        let arguments = [&["delete"][..], named, &wait].concat();
        let (lines, stderr, code) = run_json(&mut batch(&service.endpoint, &arguments));
        assert_eq!((code, lines.len()), (exit, named.len()), "{stderr}");
        let line = lines
            .iter()
            .find(|line| line["thumbprint"] == FREE)
            .or_fail();
        assert_eq!(line["outcome"], "accepted, still deleting");
        assert_eq!(
            (&line["error"]["outcome_unknown"], &line["error"]["exit"]),
            (&false.into(), &5.into())
        );
        assert!(stderr.contains("accepted, still deleting"), "{stderr}");
        assert!(stderr.contains("the same command waits again"), "{stderr}");
    }
}
