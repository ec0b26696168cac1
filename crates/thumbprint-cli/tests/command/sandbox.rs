//! Whole stories against the sandbox, which keeps what it is given.

use std::time::Duration;

use serde_json::Value;
use thumbprint_sandbox::{Builder, CertificateState, samples};
use tokio::runtime::Runtime;

use crate::support::{FAILED, Files, STORED, Sandbox, batch, der, run, run_json, run_with, wap};

/// A sandbox in this process, whose deletions end at once, so that nobody waits for them.
struct Inside {
    sandbox: thumbprint_sandbox::Sandbox,
    // Dropped last: the sandbox runs on it.
    _runtime: Runtime,
}

impl Inside {
    fn start(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let runtime = Runtime::new().unwrap();
        let builder = thumbprint_sandbox::Sandbox::builder().deletion_time(Duration::ZERO);
        let sandbox = runtime.block_on(configure(builder).start()).unwrap();
        Self {
            sandbox,
            _runtime: runtime,
        }
    }
}

fn thumbprints(lines: &[Value]) -> Vec<String> {
    let of = |line: &Value| line["thumbprint"].as_str().unwrap().to_uppercase();
    lines.iter().map(of).collect()
}

#[test]
fn a_batch_certificate_comes_and_goes() {
    let (files, inside) = (Files::new(), Inside::start(|builder| builder));
    let endpoint = inside.sandbox.base_url();
    let command = |arguments: &[&str]| batch(&endpoint, arguments);
    let file = files.write("ana.cer", der());

    let (lines, stderr, code) = run_json(&mut command(&["add", &file]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(lines[0]["status"], 201);
    let (_, stderr, code) = run(&mut command(&["add", &file]));
    assert_eq!(code, 1);
    assert!(stderr.contains("409"), "{stderr}");

    let (lines, _, code) = run_json(&mut command(&[
        "list",
        "--state",
        "active",
        "--max-results",
        "1",
    ]));
    assert_eq!(code, 0);
    assert!(
        thumbprints(&lines).contains(&STORED.to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.iter().all(|line| line["state"] == "active"),
        "{lines:?}"
    );
    let (lines, _, code) = run_json(&mut command(&["get", STORED]));
    assert_eq!((code, &lines[0]["state"]), (0, &"active".into()));

    let (_, stderr, code) = run_json(&mut command(&["delete", STORED, "--wait"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let (stdout, stderr, code) = run(&mut command(&["get", STORED]));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("404 CertificateNotFound"), "{stderr}");
}

#[test]
fn failed_deletions_are_found_and_rescued() {
    let sandbox = Sandbox::start(&[]);
    let command = |arguments: &[&str]| batch(&sandbox.endpoint, arguments);
    let (lines, _, code) = run_json(&mut command(&["list", "--state", "deletefailed"]));
    assert_eq!(
        (code, thumbprints(&lines)),
        (0, vec![FAILED.to_uppercase()])
    );

    let (lines, stderr, code) = run_json(&mut command(&["cancel-deletion", "--all-failed"]));
    assert_eq!((code, stderr.as_str()), (0, "thumbprint: 1 canceled\n"));
    assert_eq!(lines[0]["outcome"], "canceled");
    let (_, stderr, code) = run_json(&mut command(&["cancel-deletion", "--all-failed"]));
    assert_eq!((code, stderr.as_str()), (0, "thumbprint: nothing to do\n"));
}

#[test]
fn what_a_pool_uses_is_not_deleted() {
    let used = "00112233445566778899aabbccddeeff00112233";
    let inside = Inside::start(|builder| {
        builder
            .batch_certificate(used, CertificateState::Active)
            .batch_pool(used, "render-pool")
    });
    let endpoint = inside.sandbox.base_url();
    let command = |arguments: &[&str]| batch(&endpoint, arguments);
    let (stdout, stderr, code) = run(&mut command(&["delete", used, "--wait"]));
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stdout.contains("delete failed") && stdout.contains("render-pool"),
        "{stdout}"
    );
    let both = ["delete", samples::BATCH_ACTIVE, used, "--wait"];
    let (lines, stderr, code) = run_json(&mut command(&both));
    assert_eq!((code, lines.len()), (1, 2));
    assert!(
        stderr.contains("1 gone") && stderr.contains("1 delete failed"),
        "{stderr}"
    );
    let state = |thumbprint| inside.sandbox.batch_state(thumbprint);
    assert_eq!(state(used), Some(CertificateState::DeleteFailed));
    assert_eq!(state(samples::BATCH_ACTIVE), None);
    let (stdout, _, code) = run(&mut command(&["get", used]));
    assert_eq!(code, 0);
    assert!(stdout.contains("render-pool"), "{stdout}");
}

#[test]
fn a_management_certificate_goes_and_comes_back() {
    let sandbox = Sandbox::start(&[]);
    let command = |arguments: &[&str]| wap(&sandbox.endpoint, arguments);
    let (lines, _, code) = run_json(&mut command(&["list"]));
    assert_eq!((code, thumbprints(&lines)), (0, vec![STORED.to_owned()]));
    let (_, _, code) = run(&mut command(&["delete", STORED]));
    assert_eq!(code, 0);
    let (stdout, stderr, code) = run(&mut command(&["list"]));
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert!(stderr.contains("the list is empty"), "{stderr}");
    let (lines, stderr, code) = run_json(&mut command(&["list"]));
    assert_eq!((code, lines.len(), stderr.as_str()), (0, 0, ""));

    let (_, stderr, code) = run_with(&mut command(&["add", "-"]), &der());
    assert_eq!((code, stderr.as_str()), (0, ""));
    let (lines, _, code) = run_json(&mut command(&["get", STORED]));
    assert_eq!((code, &lines[0]["subject"]), (0, &"CN=KatalTest".into()));
    let (_, stderr, code) = run_with(&mut command(&["add", "-"]), &der());
    assert_eq!(code, 1, "{stderr}");
}
