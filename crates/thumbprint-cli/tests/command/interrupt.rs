//! Ctrl-C, while nothing, one thing or many things are being changed.

use std::{
    collections::HashSet,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::process::ExitStatusExt as _,
    process::{Child, ChildStderr, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
};

use serde_json::{Value, json};
use test_support::{OrFail as _, RawServer, Received, Reply};
use tokio::sync::watch;

use crate::{
    service::{empty, error},
    support::{FAILED, Files, STORED, batch, der, json_lines, problem, run_json, texts, wap},
};

/// A service that keeps its answers to some requests until it is told to give them.
pub(crate) struct Holding {
    pub(crate) endpoint: String,
    server: RawServer,
    arrived: mpsc::Receiver<()>,
    released: watch::Sender<bool>,
}

impl Holding {
    pub(crate) fn start(
        holds: impl Fn(&Received) -> bool + Send + Sync + 'static,
        reply: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (arrive, arrived) = mpsc::channel();
        let (released, waiting) = watch::channel(false);
        let reply = move |request: Received| {
            let (reply, holds) = (reply(&request), holds(&request));
            let (arrive, mut waiting) = (arrive.clone(), waiting.clone());
            async move {
                if holds {
                    let _ = arrive.send(());
                    waiting.wait_for(|released| *released).await.ok()?;
                }
                Some(reply)
            }
        };
        let server = RawServer::in_thread(|| RawServer::serving(reply));
        let endpoint = server.base_url();
        Self {
            endpoint,
            server,
            arrived,
            released,
        }
    }

    /// Comes back once so many requests are held.
    fn wait_for(&self, requests: usize) {
        self.arrived.iter().take(requests).for_each(drop);
    }

    pub(crate) fn release(&self) {
        self.released.send_replace(true);
    }
}

type Of = fn(&str, &[&str]) -> Command;

const CHANGES: fn(&Received) -> bool = |request| request.method != "GET";

/// The command under way, and its stderr.
struct Running(Child, BufReader<ChildStderr>);

impl Running {
    fn start(command: &mut Command) -> Self {
        let command = command.args(["--output", "json"]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().or_fail();
        let stderr = BufReader::new(child.stderr.take().or_fail());
        Self(child, stderr)
    }

    fn press(&self) {
        let pid = self.0.id().to_string();
        let kill = Command::new("kill").args(["-INT", &pid]).status();
        assert!(kill.or_fail().success());
    }

    /// Presses Ctrl-C, and comes back when the command has noticed.
    fn press_and_read(&mut self) {
        self.press();
        let mut line = String::new();
        self.1.read_line(&mut line).or_fail();
        assert!(line.contains("press Ctrl-C again"), "{line}");
    }

    /// What was printed, on stderr after what was read.
    fn end(mut self) -> (Vec<Value>, String, i32) {
        let mut rest = Vec::new();
        self.1.read_to_end(&mut rest).or_fail();
        let mut output = self.0.wait_with_output().or_fail();
        output.stderr = rest;
        let (stdout, stderr, code) = texts(&output);
        (json_lines(&stdout), stderr, code)
    }
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:040}")).collect()
}

/// An account with failed deletions, which forgets those that were canceled.
fn rescued(count: usize) -> Holding {
    let failed = numbered(count);
    let canceled = Arc::new(Mutex::new(HashSet::new()));
    Holding::start(CHANGES, move |request| {
        let mut canceled = canceled.lock().or_fail();
        if request.method == "GET" {
            let left = failed
                .iter()
                .filter(|thumbprint| !canceled.contains(*thumbprint));
            let page: Vec<_> = left
                .map(|thumbprint| json!({ "thumbprint": thumbprint }))
                .collect();
            return Reply::json(200, json!({ "value": page }));
        }
        let named = failed
            .iter()
            .find(|thumbprint| request.target.contains(*thumbprint));
        canceled.insert(named.or_fail().clone());
        empty(204)
    })
}

/// Two ways to cancel all of them.
const ALL: [&[&str]; 2] = [
    &["cancel-deletion", "--all-failed", "--concurrency", "2"],
    &["rescue", "--cancel", "--yes", "--concurrency", "2"],
];

#[test]
fn what_is_under_way_is_waited_for_and_a_second_run_goes_on() {
    for all in ALL {
        let holding = rescued(5);
        let mut running = Running::start(&mut batch(&holding.endpoint, all));
        holding.wait_for(2);
        running.press_and_read();
        holding.release();
        let (lines, stderr, code) = running.end();
        assert_eq!(code, 130, "{stderr}");
        assert_eq!(lines.len(), 2);
        assert!(
            lines.iter().all(|line| line["outcome"] == "canceled"),
            "{lines:?}"
        );
        let problem = problem(&stderr);
        let expected = "interrupted: 2 canceled, 3 not touched; the same command goes on from here";
        assert_eq!(
            (&problem["message"], &problem["exit"]),
            (&expected.into(), &130.into())
        );
        assert_eq!(holding.server.received().len(), 3);

        let (lines, stderr, code) = run_json(&mut batch(&holding.endpoint, all));
        assert_eq!(
            (code, lines.len(), stderr.as_str()),
            (0, 3, "thumbprint: 3 canceled\n")
        );
    }
}

#[test]
fn a_second_press_leaves_what_is_under_way_and_names_it() {
    for all in ALL {
        let holding = rescued(5);
        let mut running = Running::start(&mut batch(&holding.endpoint, all));
        holding.wait_for(2);
        running.press_and_read();
        running.press();
        let (lines, stderr, code) = running.end();
        assert_eq!(code, 130, "{stderr}");
        let named: Vec<_> = lines
            .iter()
            .map(|line| line["thumbprint"].as_str().or_fail())
            .collect();
        assert_eq!(named, numbered(2));
        assert!(
            lines.iter().all(|line| line["outcome"] == "unknown"),
            "{lines:?}"
        );
        assert!(
            stderr.contains("interrupted: 2 unknown, 3 not touched; check the unknown ones"),
            "{stderr}"
        );
        assert_eq!(problem(&stderr)["outcome_unknown"], true);
    }
}

#[test]
fn deletions_that_were_not_started_are_not_touched() {
    let holding = Holding::start(CHANGES, |_| empty(202));
    let thumbprints = numbered(20);
    let mut command = batch(&holding.endpoint, &["delete"]);
    let mut running = Running::start(command.args(&thumbprints));
    holding.wait_for(16);
    running.press_and_read();
    holding.release();
    let (lines, stderr, code) = running.end();
    assert_eq!((code, lines.len()), (130, 16), "{stderr}");
    assert!(stderr.contains("16 accepted, 4 not touched"), "{stderr}");
    assert_eq!(holding.server.received().len(), 16);
}

#[test]
fn management_certificates_that_were_not_started_are_not_touched() {
    let list: Vec<_> = numbered(5)
        .into_iter()
        .map(|thumbprint| json!({ "SubscriptionCertificateThumbprint": thumbprint, "TimeCreated": "2013-07-03T16:19:50" }))
        .chain([json!({ "SubscriptionCertificateThumbprint": STORED, "TimeCreated": "2090-07-03T16:19:50" })])
        .collect();
    let named = numbered(5);
    let named: Vec<_> = named.iter().map(String::as_str).collect();
    for arguments in [
        [&["delete"][..], &named].concat(),
        vec!["prune", "--older-than", "90d", "--yes", "--no-keep"],
    ] {
        let list = list.clone();
        let holding = Holding::start(CHANGES, move |request| match &*request.method {
            "GET" => Reply::json(200, json!(list)),
            _ => empty(204),
        });
        let mut command = wap(&holding.endpoint, &arguments);
        let mut running = Running::start(command.args(["--concurrency", "2"]));
        holding.wait_for(2);
        running.press_and_read();
        holding.release();
        let (lines, stderr, code) = running.end();
        assert_eq!((code, lines.len()), (130, 2), "{stderr}");
        assert!(stderr.contains("2 deleted, 3 not touched"), "{stderr}");
        let received = holding.server.received();
        assert_eq!(
            received.iter().filter(|request| CHANGES(request)).count(),
            2
        );
    }
}

#[test]
fn one_change_is_waited_for_as_well() {
    let files = Files::new();
    let file = files.write("certificate", der());
    let rows = [
        (batch as Of, vec!["cancel-deletion", FAILED], 204),
        (batch, vec!["delete", FAILED], 202),
        (batch, vec!["add", &file], 201),
        (wap, vec!["delete", STORED], 204),
        (wap, vec!["add", &file], 204),
    ];
    for (command, arguments, status) in rows {
        for presses in [1, 2] {
            let holding = Holding::start(CHANGES, move |_| empty(status));
            let mut running = Running::start(&mut command(&holding.endpoint, &arguments));
            holding.wait_for(1);
            running.press_and_read();
            if presses == 2 {
                running.press();
            } else {
                holding.release();
            }
            let (lines, stderr, code) = running.end();
            assert_eq!(code, 130, "{arguments:?}: {stderr}");
            if presses == 2 {
                assert!(lines.is_empty(), "{lines:?}");
                assert!(stderr.contains("it may have been done: check"), "{stderr}");
            } else {
                assert_eq!(lines[0]["status"], status);
                assert_eq!(problem(&stderr)["message"], "interrupted, and done");
            }
        }
    }
    let holding = Holding::start(CHANGES, |_| error(409, "CertificateStateActive"));
    let command = &mut batch(&holding.endpoint, &["cancel-deletion", FAILED]);
    let mut running = Running::start(command);
    holding.wait_for(1);
    running.press_and_read();
    holding.release();
    let (_, stderr, code) = running.end();
    assert_eq!(code, 130);
    assert!(
        stderr.contains("interrupted: ") && stderr.contains("409"),
        "{stderr}"
    );
}

/// Whether what runs the tests runs in the background of a script: its children do not hear Ctrl-C by default.
fn is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:\t"));
    mask.is_some_and(|mask| u64::from_str_radix(mask, 16).or_fail() & 0b10 != 0)
}

/// Nothing was changed, so nothing is waited for.
#[test]
fn what_only_reads_ends_at_once() {
    if is_ignored() {
        return;
    }
    let keep = tempfile::tempdir().or_fail();
    let keep = keep.path().to_str().or_fail();
    let rows: [(Of, &[&str]); 9] = [
        (batch, &["list"]),
        (batch, &["get", FAILED]),
        (batch, &["get", FAILED, STORED]),
        (batch, &["delete", FAILED, "--dry-run"]),
        (batch, ALL[0]),
        (batch, ALL[1]),
        (wap, &["get", FAILED, STORED]),
        (wap, &["delete", STORED, "--keep", keep]),
        (wap, &["prune", "--expired", "--yes", "--keep", keep]),
    ];
    for (command, arguments) in rows {
        let holding = Holding::start(|_| true, |_| empty(403));
        let running = Running::start(&mut command(&holding.endpoint, arguments));
        holding.wait_for(1);
        running.press();
        // Without an end the test would not fail but hang.
        holding.release();
        let output = running.0.wait_with_output().or_fail();
        assert_eq!(output.status.signal(), Some(2), "{arguments:?}");
    }
}
