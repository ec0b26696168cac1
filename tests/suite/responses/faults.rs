//! Broken connections, passed deadlines and unreadable successes. Must notice an outcome that is reported
//! as more certain or less certain than it is.

use std::{sync::Arc, time::Duration};

use conformance::calls::{
    ALL, Call, Clients, Outcome, Running, account, batch_builder, tenant, thumbprint, wap_builder,
};
use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint::{ClientBuilder, Clock as _, batch, wap};

use super::{CANCEL, DELETE, REQUEST_ID, ask, is_read, predicates, refusal, status};

/// A deadline that no test waits for: it passes as soon as the server has fallen silent.
const LIMIT: Duration = Duration::from_secs(7);

const JSON: (&str, &str) = ("Content-Type", "application/json");
const HTML: (&str, &str) = ("Content-Type", "text/html");

/// The ways in which an answer ends before its body does.
fn broken_off(status: u16, headers: &[(&str, &str)]) -> [Reply; 5] {
    let announced = [headers, &[("Content-Length", "900")]].concat();
    let chunked = [headers, &[("Transfer-Encoding", "chunked")]].concat();
    let part = |headers, body: &[u8]| [&Reply::head(status, headers)[..], body].concat();
    [
        Reply::Close(part(&announced, b"")),
        Reply::Close(part(&announced, br#"{"Code":"Cut","code":"Cut""#)),
        Reply::Close(part(&chunked, b"2\r\n{}\r\n")),
        Reply::Close(part(&chunked, b"5\r\n{}")),
        Reply::Close(part(&chunked, b"2\r\n{}\r\nno size\r\n")),
    ]
}

/// Calls an operation at a server that sends some bytes and then nothing more.
async fn ask_stalled(call: &Call, bytes: Vec<u8>) -> Outcome {
    let clock = TestClock::start();
    let server = RawServer::start([Reply::Stall(bytes)]).await;
    let server = server.with_clock(&clock);
    let (batch, wap) = builders(&server.base_url(), &clock);
    let clients = Clients {
        batch: batch.build().or_fail(),
        wap: wap.build().or_fail(),
    };
    (call.run)(clients, None).await
}

/// Settings of a client of each service.
type Builders = (ClientBuilder<batch::Settings>, ClientBuilder<wap::Settings>);

/// Settings of clients by this clock.
fn builders(url: &str, clock: &Arc<TestClock>) -> Builders {
    (
        batch_builder(url).clock(Arc::clone(clock) as _),
        wap_builder(url).clock(Arc::clone(clock) as _),
    )
}

#[tokio::test]
async fn a_deletion_whose_answer_breaks_off_is_one_without_a_certificate() {
    let headers = [JSON, ("x-ms-request-id", REQUEST_ID)];
    for answer in broken_off(200, &headers) {
        let server = RawServer::start([answer.clone()]).await;
        let gone = tenant(&server.base_url()).delete(&thumbprint()).await;
        let gone = gone.unwrap_or_else(|error| panic!("{answer}: {error}"));
        assert_eq!(gone.status(), 200);
        assert_eq!(gone.request_id(), Some(REQUEST_ID));
        assert!(gone.value().is_none(), "{answer}");
        assert_eq!(server.received().len(), 1, "it was deleted twice");
    }
    let head = Reply::head(200, &[JSON, ("Content-Length", "900")]);
    assert_eq!(ask_stalled(DELETE, head).await.or_fail().0, 200);
}

/// Nothing of what was asked for came, so there is nothing to give; and a read applies nothing.
#[tokio::test]
async fn a_read_whose_answer_breaks_off_is_an_error() {
    for call in ALL.iter().filter(|call| is_read(call)) {
        for answer in broken_off(200, &[JSON]) {
            let row = format!("{} {answer}", call.operation);
            let error = refusal(call, answer).await;
            assert_eq!(status(&error), Some(200), "{row}");
            assert_eq!(predicates(&error), ["unexpected_answer"], "{row}");
        }
    }
}

/// There is nothing to lose of an answer without a body.
#[tokio::test]
async fn a_success_without_a_body_needs_none_to_be_whole() {
    for call in ALL.iter().filter(|call| !call.answers) {
        for headers in [
            &[("Content-Length", "0")][..],
            &[("DataServiceVersion", "3.0")],
        ] {
            let answer = Reply::Close(Reply::head(call.success, headers));
            assert_eq!(ask(call, answer).await.or_fail().0, call.success);
        }
        // What the live service sends (facts): a chunked body of nothing.
        if call.success != 204 {
            let mut chunked = Reply::head(call.success, &[("Transfer-Encoding", "chunked")]);
            chunked.extend(b"0\r\n\r\n");
            assert_eq!(
                ask(call, Reply::Bytes(chunked)).await.or_fail().0,
                call.success
            );
        }
    }
}

/// Neither done nor refused: a change is in doubt, and of a read there is nothing to give.
async fn is_no_success_though_it_breaks_off(call: &Call, number: u16, headers: &[(&str, &str)]) {
    let says = if is_read(call) {
        &["unexpected_answer"][..]
    } else {
        &["outcome_unknown", "unexpected_answer"]
    };
    for answer in broken_off(number, headers) {
        let row = format!("{} {answer}", call.operation);
        let error = refusal(call, answer).await;
        assert_eq!(status(&error), Some(number), "{row}");
        assert_eq!(predicates(&error), says, "{row}");
    }
    let headers = [headers, &[("Content-Length", "900")]].concat();
    let stalled = ask_stalled(call, Reply::head(number, &headers)).await;
    assert_eq!(predicates(&stalled.err_or_fail()), says);
}

/// A status that the operation does not have does not say what became of the operation, whole or not.
#[tokio::test]
async fn an_undeclared_success_that_breaks_off_is_not_taken_for_a_declared_one() {
    is_no_success_though_it_breaks_off(CANCEL, 200, &[JSON]).await;
    is_no_success_though_it_breaks_off(CANCEL, 202, &[JSON]).await;
    is_no_success_though_it_breaks_off(DELETE, 202, &[JSON]).await;
    is_no_success_though_it_breaks_off(DELETE, 206, &[JSON]).await;
    is_no_success_though_it_breaks_off(Call::of("Certificate_Get"), 206, &[JSON]).await;
}

/// A page of HTML was not sent by the service, whole or not: nothing is known to be deleted.
#[tokio::test]
async fn a_page_of_html_that_breaks_off_is_not_taken_for_a_success() {
    is_no_success_though_it_breaks_off(CANCEL, 200, &[HTML]).await;
    is_no_success_though_it_breaks_off(DELETE, 200, &[HTML]).await;
    is_no_success_though_it_breaks_off(Call::of("Certificate_Add"), 201, &[HTML]).await;
    is_no_success_though_it_breaks_off(Call::of("Certificate_Delete"), 202, &[HTML]).await;
    is_no_success_though_it_breaks_off(Call::of("Certificate_Get"), 200, &[HTML]).await;
}

#[tokio::test]
async fn an_error_whose_body_breaks_off_keeps_its_status() {
    let headers = [("request-id", REQUEST_ID)];
    for call in &ALL {
        // What came of the body does not say that it is the service's own 404.
        let doubt = if is_read(call) {
            &[][..]
        } else {
            &["outcome_unknown"]
        };
        for (number, expected) in [
            (404, &["unexpected_answer"][..]),
            (409, &["conflict"]),
            (429, &["throttled"]),
            (500, doubt),
        ] {
            for answer in broken_off(number, &headers) {
                let row = format!("{} {answer}", call.operation);
                let error = refusal(call, answer).await;
                assert_eq!(status(&error), Some(number), "{row}");
                assert_eq!(error.request_id(), Some(REQUEST_ID), "{row}");
                assert_eq!(predicates(&error), expected, "{row}");
                assert!(error.service().is_some(), "{row}");
                assert_eq!(error.code(), None, "{row}");
            }
            let headers = [("Content-Length", "900")];
            let stalled = ask_stalled(call, Reply::head(number, &headers)).await;
            assert_eq!(predicates(&stalled.err_or_fail()), expected);
        }
    }
}

/// A body that broke off can still say what it was about.
#[tokio::test]
async fn what_came_of_an_errors_body_is_kept() {
    let part = b"<Error><Code>Half</Code><Message>It";
    for call in &ALL {
        let head = Reply::head(409, &[("Content-Length", "900")]);
        let error = refusal(call, Reply::Close([&head[..], part].concat())).await;
        assert_eq!(error.body(), Some(&part[..]), "{}", call.operation);
        assert_eq!(error.code(), Some("Half"), "{}", call.operation);
    }
}

#[tokio::test]
async fn a_deletion_whose_answer_cannot_be_read_is_applied() {
    for body in [
        &br#"{"TimeCreated":"2013-07-03T16:19:50.793""#[..],
        br#"{"TimeCreated":yesterday}"#,
        b"[]",
        b"null",
        b"{}{}",
        b"\"\"",
        b"\xff",
        b"<html>",
        b" ",
    ] {
        let row = body.escape_ascii().to_string();
        let headers = [JSON, ("request-id", REQUEST_ID)];
        let server = RawServer::start([Reply::new(200, &headers, body)]).await;
        let error = tenant(&server.base_url()).delete(&thumbprint()).await;
        let error = error.expect_err(&row);
        assert_eq!(status(&error), Some(200), "{row}");
        assert_eq!(error.request_id(), Some(REQUEST_ID), "{row}");
        assert_eq!(error.body(), Some(body), "{row}");
        assert_eq!(
            predicates(&error),
            ["applied", "unexpected_answer"],
            "{row}"
        );
        assert_eq!(server.received().len(), 1, "{row} was deleted twice");
    }
}

#[tokio::test]
async fn a_bom_before_the_certificate_is_no_obstacle() {
    let body = b"\xef\xbb\xbf{\"TimeCreated\":\"2013-07-03T16:19:50.793\"}";
    let server = RawServer::start([Reply::new(200, &[JSON], body)]).await;
    let gone = tenant(&server.base_url()).delete(&thumbprint()).await;
    let deleted = gone.or_fail().into_value().or_fail();
    assert!(deleted.time_created.is_some());
}

/// The deadlines that a caller can set: of the attempt, of all calls, and of this call.
const DEADLINES: [(&str, Limited); 3] = [
    ("attempt", |call, (batch, wap)| {
        let clients = Clients {
            batch: batch.attempt_timeout(LIMIT).build().or_fail(),
            wap: wap.attempt_timeout(LIMIT).build().or_fail(),
        };
        (call.run)(clients, None)
    }),
    ("total", |call, (batch, wap)| {
        let clients = Clients {
            batch: batch.total_timeout(LIMIT).build().or_fail(),
            wap: wap.total_timeout(LIMIT).build().or_fail(),
        };
        (call.run)(clients, None)
    }),
    ("deadline", |call, (batch, wap)| {
        let clients = Clients {
            batch: batch.build().or_fail(),
            wap: wap.build().or_fail(),
        };
        (call.run)(clients, Some(LIMIT))
    }),
];

/// A call by clients of these settings, with a deadline.
type Limited = fn(&Call, Builders) -> Running;

#[tokio::test]
async fn every_deadline_ends_the_call_and_leaves_a_change_in_doubt() {
    for (name, limited) in DEADLINES {
        for bytes in [
            &b""[..],
            b"HTTP/1.1 204 No Content\r\nrequest-id: ",
            b"HTTP/1.1 100 C\r\n\r\n",
        ] {
            for call in &ALL {
                let row = format!("{name} {}", call.operation);
                let clock = TestClock::start();
                let start = clock.now();
                let server = RawServer::start([Reply::Stall(bytes.to_vec())]).await;
                let server = server.with_clock(&clock);
                let outcome = limited(call, builders(&server.base_url(), &clock)).await;
                let error = outcome.expect_err(&row);
                assert_eq!(clock.now() - start, LIMIT, "{row}");
                let says = if is_read(call) {
                    &["timeout"][..]
                } else {
                    &["outcome_unknown", "timeout"]
                };
                assert_eq!(predicates(&error), says, "{row}");
                assert_eq!(status(&error), None, "{row}");
                assert!(error.to_string().contains("within 7s"), "{row}: {error}");
                assert_eq!(server.received().len(), 1, "{row}");
            }
        }
    }
}

/// One call after another over the same client: a fault of the first is not the second's.
#[tokio::test]
async fn a_client_survives_its_faults() {
    let good = Reply::new(204, &[], "");
    let endless = Reply::head(200, &[("Content-Length", "1000000000")]);
    for fault in [
        Reply::Reset,
        Reply::Close(Vec::new()),
        Reply::new(200, &[], "x".repeat(70_000)),
        Reply::new(500, &[], "x".repeat(70_000)),
        Reply::Bytes([endless, vec![b' '; 5 * 1024 * 1024]].concat()),
    ] {
        let server = RawServer::start([fault, good.clone()]).await;
        let client = account(&server.base_url());
        let asked = thumbprint();
        assert!(client.cancel_deletion(&asked).await.is_err());
        assert_eq!(client.cancel_deletion(&asked).await.or_fail().status(), 204);
    }
    assert!(ask(CANCEL, good).await.is_ok());
}
