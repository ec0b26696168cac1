//! Rows 8 to 12, 14 to 16 and 20 for the sandbox's own API, which has no facade: the generated client against rows that are
//! written by hand from what the API is for. Must notice a wrong method, path, header, query or body, an
//! operation without a row, a credential where none is asked for, a status that is taken without being declared, and
//! an error that costs its message.

use std::{collections::BTreeSet, pin::Pin};

use conformance::{calls::TOKEN, spec, world};
use serde_json::{Value, json};
use test_support::{RawServer, Reply, is_long};
use thumbprint::{Error, transport::Transport};
use thumbprint_admin::{Client, types};

type Running = Pin<Box<dyn Future<Output = Result<u16, Error>>>>;

/// A call: what is sent, and what it answers with.
struct Row {
    operation: &'static str,
    run: fn(Client) -> Running,
    request: &'static str,
    body: Value,
    success: u16,
    answer: Value,
}

macro_rules! row {
    ($operation:literal, |$client:ident| $call:expr, $request:literal, $body:tt => $success:literal, $answer:tt) => {
        Row {
            operation: $operation,
            run: |$client| {
                Box::pin(async move { $call.await.map(|answer| answer.status().as_u16()) })
            },
            request: $request,
            body: json!($body),
            success: $success,
            answer: json!($answer),
        }
    };
}

fn fault() -> types::Fault {
    serde_json::from_value(json!({ "status": 503, "count": 2 })).expect("a fault of the document")
}

#[rustfmt::skip]
fn rows() -> [Row; 11] {
    [
        row!("Sandbox_Reset", |client| client.sandbox_reset(), "POST /__sandbox/reset", null => 204, null),
        row!("Sandbox_Seed", |client| client.sandbox_seed().body(types::Seed::default()), "PUT /__sandbox/seed", {} => 204, null),
        row!("Sandbox_GetState", |client| client.sandbox_get_state(), "GET /__sandbox/state", null => 200, { "now": "2023-11-20T10:11:12Z", "holds": {}, "faults": [] }),
        row!("Journal_Get", |client| client.journal_get(), "GET /__sandbox/journal", null => 200, { "exchanges": [] }),
        row!("Journal_Get", |client| client.journal_get().last("7"), "GET /__sandbox/journal?last=7", null => 200, { "exchanges": [] }),
        row!("Journal_Clear", |client| client.journal_clear(), "DELETE /__sandbox/journal", null => 204, null),
        row!("Clock_Get", |client| client.clock_get(), "GET /__sandbox/clock", null => 200, { "now": "2023-11-20T10:11:12Z" }),
        row!("Clock_Advance", |client| client.clock_advance().body(types::Advance::new(1.5)), "POST /__sandbox/clock/advance", { "seconds": 1.5 } => 200, { "now": "2023-11-20T10:11:12Z" }),
        row!("Faults_Get", |client| client.faults_get(), "GET /__sandbox/faults", null => 200, { "faults": [] }),
        row!("Faults_Add", |client| client.faults_add().body(fault()), "POST /__sandbox/faults", { "status": 503, "count": 2 } => 204, null),
        row!("Faults_Clear", |client| client.faults_clear(), "DELETE /__sandbox/faults", null => 204, null),
    ]
}

impl Row {
    /// What a call makes of an answer, at a server of its own.
    async fn ask(&self, answer: Reply) -> (RawServer, Result<u16, Error>) {
        let server = RawServer::start([answer]).await;
        let transport = Transport::builder(server.base_url(), TOKEN).allow_loopback_http();
        let transport = transport.retries(0);
        let client = Client::new(transport.build().expect("a transport on loopback"));
        let outcome = (self.run)(client).await;
        (server, outcome)
    }

    fn reply(&self, status: u16) -> Reply {
        match &self.answer {
            Value::Null => Reply::new(status, &[], ""),
            answer => Reply::json(status, answer),
        }
    }
}

#[test]
fn every_operation_of_the_sandboxs_api_has_everything() {
    let documented = spec::operations(&world::document("admin").value);
    let documented: BTreeSet<_> = documented.into_iter().map(|one| one.id).collect();
    let tried = rows()
        .map(|row| row.operation.to_owned())
        .into_iter()
        .collect();
    let generated = thumbprint_admin::operations::ALL.iter();
    let generated: BTreeSet<_> = generated.map(|one| one.id.to_owned()).collect();
    for (place, found) in [
        ("a row in tests/suite/admin.rs", &tried),
        ("generated code: run cargo xtask generate admin", &generated),
    ] {
        let lacking: Vec<_> = documented.symmetric_difference(found).collect();
        assert!(
            lacking.is_empty(),
            "specs/admin.yaml: of {lacking:?} only one of the document and the code has {place}"
        );
    }
}

#[tokio::test]
async fn each_request_is_as_written_and_within_the_document() {
    let operations = spec::operations(&world::document("admin").value);
    for row in rows() {
        let (server, outcome) = row.ask(row.reply(row.success)).await;
        let outcome = outcome.unwrap_or_else(|error| panic!("{}: {error}", row.operation));
        assert_eq!(outcome, row.success, "{}", row.operation);
        let request = server.only();
        let sent = format!("{} {}", request.method, request.target);
        assert_eq!(sent, row.request, "{}: left is sent", row.operation);
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        assert_eq!(body, row.body, "{}: left is sent", row.operation);
        let mut names: Vec<_> = request
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        // The API asks for no credential, so that none is sent.
        let mut expected = vec!["accept", "host", "user-agent"];
        if !request.body.is_empty() {
            expected.extend(["content-length", "content-type"]);
            assert_eq!(
                request.header("content-type"),
                Some("application/json"),
                "{}",
                row.operation
            );
        } else if request.method == "POST" {
            expected.push("content-length");
        }
        expected.sort_unstable();
        assert_eq!(names, expected, "{}: left is sent", row.operation);
        assert_eq!(
            request.header("accept"),
            Some("application/json"),
            "{}",
            row.operation
        );
        let operation = operations.iter().find(|one| one.id == row.operation);
        let operation =
            operation.unwrap_or_else(|| panic!("specs/admin.yaml has no {}", row.operation));
        assert_eq!(
            world::undeclared(operation, &request),
            [""; 0],
            "{}",
            row.operation
        );
    }
}

#[tokio::test]
async fn only_declared_statuses_of_the_sandboxs_api_are_successes() {
    for row in rows() {
        // Each row has others in the short form.
        let first = 200 + row.operation.len() % 7;
        let every = (first..600).step_by(if is_long() { 1 } else { 7 });
        let every = every.map(|status| u16::try_from(status).expect("below 600"));
        for status in every.chain([200, 201, 204]) {
            let (_, outcome) = row.ask(row.reply(status)).await;
            match outcome {
                Ok(found) => assert_eq!(
                    (found, status),
                    (row.success, row.success),
                    "{}",
                    row.operation
                ),
                Err(error) => {
                    assert_ne!(status, row.success, "{}: {error}", row.operation);
                    let kept = error.status().map(|status| status.as_u16());
                    assert_eq!(kept, Some(status), "{}: {error}", row.operation);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_of_the_sandboxs_api_has_its_message() {
    for row in rows() {
        for status in [400, 403] {
            let refusal = Reply::json(status, json!({ "message": "the seed has no thumbprint" }));
            let (_, outcome) = row.ask(refusal).await;
            let error = outcome.expect_err(row.operation);
            assert_eq!(
                error.message(),
                Some("the seed has no thumbprint"),
                "{}: {error}",
                row.operation
            );
            let typed: Option<types::AdminError> = error.body_as();
            let typed = typed.map(|error| error.message);
            assert_eq!(
                typed.as_deref(),
                Some("the seed has no thumbprint"),
                "{}",
                row.operation
            );
        }
    }
}
