//! Broken connections, passed deadlines and unreadable successes. Must notice an outcome that is reported
//! as more certain or less certain than it is.

use std::{pin::Pin, time::Duration};

use conformance::{
    calls::{ALL, Call, Outcome, PATIENT, account, tenant, thumbprint},
    wire::{Answer, Recorder},
};
use thumbprint::{Error, batch, wap};
use tokio::net::TcpSocket;

use super::{CANCEL, DELETE, REQUEST_ID, ask, predicates, refusal, shown, status};

/// Short enough for a test, and always passed: the servers that it is used with never go on.
const SHORT: Duration = Duration::from_millis(150);

const JSON: (&str, &str) = ("Content-Type", "application/json");
const HTML: (&str, &str) = ("Content-Type", "text/html");

/// The ways in which an answer ends before its body does.
fn broken_off(status: u16, headers: &[(&str, &str)]) -> [Answer; 5] {
    let announced = [headers, &[("Content-Length", "900")]].concat();
    let chunked = [headers, &[("Transfer-Encoding", "chunked")]].concat();
    let part = |headers, body: &[u8]| [&Answer::head(status, headers)[..], body].concat();
    [
        Answer::Close(part(&announced, b"")),
        Answer::Close(part(&announced, br#"{"Code":"Cut","code":"Cut""#)),
        Answer::Close(part(&chunked, b"2\r\n{}\r\n")),
        Answer::Close(part(&chunked, b"5\r\n{}")),
        Answer::Close(part(&chunked, b"2\r\n{}\r\nno size\r\n")),
    ]
}

/// Calls an operation at a server that sends some bytes and then nothing more.
async fn ask_stalled(call: &Call, bytes: Vec<u8>) -> Outcome {
    let server = Recorder::start([Answer::Stall(bytes)]).await;
    (call.run)(server.base_url(), SHORT).await
}

#[tokio::test]
async fn a_deletion_whose_answer_breaks_off_is_one_without_a_certificate() {
    let headers = [JSON, ("x-ms-request-id", REQUEST_ID)];
    for answer in broken_off(200, &headers) {
        let server = Recorder::start([answer.clone()]).await;
        let gone = tenant(&server.base_url()).delete(&thumbprint()).await;
        let gone = gone.unwrap_or_else(|error| panic!("{}: {error}", shown(&answer)));
        assert_eq!(gone.status(), 200);
        assert_eq!(gone.headers()["x-ms-request-id"], REQUEST_ID);
        assert!(gone.certificate().is_none(), "{}", shown(&answer));
        assert_eq!(server.received().len(), 1, "it was deleted twice");
    }
    let head = Answer::head(200, &[JSON, ("Content-Length", "900")]);
    assert_eq!(ask_stalled(DELETE, head).await.unwrap().0, 200);
}

async fn is_refused_though_it_breaks_off(call: &Call, number: u16, headers: &[(&str, &str)]) {
    for answer in broken_off(number, headers) {
        let row = format!("{} {}", call.operation, shown(&answer));
        let error = refusal(call, answer).await;
        assert_eq!(status(&error), Some(number), "{row}");
        assert_eq!(predicates(&error), ["unexpected_answer"], "{row}");
    }
    let headers = [headers, &[("Content-Length", "900")]].concat();
    let stalled = ask_stalled(call, Answer::head(number, &headers)).await;
    assert_eq!(predicates(&stalled.unwrap_err()), ["unexpected_answer"]);
}

/// A status that the operation does not have says nothing about the operation, whole or not.
#[tokio::test]
async fn an_undeclared_success_that_breaks_off_is_not_taken_for_a_declared_one() {
    is_refused_though_it_breaks_off(CANCEL, 200, &[JSON]).await;
    is_refused_though_it_breaks_off(CANCEL, 202, &[JSON]).await;
    is_refused_though_it_breaks_off(DELETE, 202, &[JSON]).await;
    is_refused_though_it_breaks_off(DELETE, 206, &[JSON]).await;
}

/// A page of HTML was not sent by the service, whole or not: nothing is known to be deleted.
#[tokio::test]
async fn a_page_of_html_that_breaks_off_is_not_taken_for_a_success() {
    is_refused_though_it_breaks_off(CANCEL, 200, &[HTML]).await;
    is_refused_though_it_breaks_off(DELETE, 200, &[HTML]).await;
}

#[tokio::test]
async fn an_error_whose_body_breaks_off_keeps_its_status() {
    let headers = [("request-id", REQUEST_ID)];
    for call in &ALL {
        for (number, expected) in [
            (404, "not_found"),
            (409, "conflict"),
            (429, "throttled"),
            (500, "outcome_unknown"),
        ] {
            for answer in broken_off(number, &headers) {
                let row = format!("{} {}", call.operation, shown(&answer));
                let error = refusal(call, answer).await;
                assert_eq!(status(&error), Some(number), "{row}");
                assert_eq!(error.request_id(), Some(REQUEST_ID), "{row}");
                assert_eq!(predicates(&error), [expected], "{row}");
                assert!(error.service().is_some(), "{row}");
                assert_eq!(error.code(), None, "{row}");
            }
            let headers = [("Content-Length", "900")];
            let stalled = ask_stalled(call, Answer::head(number, &headers)).await;
            assert_eq!(predicates(&stalled.unwrap_err()), [expected]);
        }
    }
}

/// A body that broke off can still say what it was about.
#[tokio::test]
async fn what_came_of_an_errors_body_is_kept() {
    let part = b"<Error><Code>Half</Code><Message>It";
    for call in &ALL {
        let head = Answer::head(409, &[("Content-Length", "900")]);
        let error = refusal(call, Answer::Close([&head[..], part].concat())).await;
        assert_eq!(error.body(), Some(&part[..]), "{}", call.operation);
        assert_eq!(error.code(), Some("Half"), "{}", call.operation);
    }
}

#[tokio::test]
async fn a_deletion_whose_answer_cannot_be_read_is_applied() {
    for body in [
        &br#"{"TimeCreated":"2013-07-03T16:19:50.793""#[..],
        br#"{"TimeCreated":"yesterday"}"#,
        br#"{"SubscriptionCertificateData":7}"#,
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
        let server = Recorder::start([Answer::new(200, &headers, body)]).await;
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
    let server = Recorder::start([Answer::new(200, &[JSON], body)]).await;
    let gone = tenant(&server.base_url())
        .delete(&thumbprint())
        .await
        .unwrap();
    assert!(gone.certificate().unwrap().created_at.is_some());
}

/// Nothing that could be called an answer.
#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_leaves_the_outcome_unknown() {
    for call in &ALL {
        let success = String::from_utf8(Answer::head(call.success, &[])).unwrap();
        for answer in [
            Answer::Reset,
            Answer::Close(Vec::new()),
            Answer::Close(b"HTTP/1.1 204 No Con".to_vec()),
            Answer::Close(success.trim_end().as_bytes().to_vec()),
            Answer::Close(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
            Answer::Close(b"HTTP/1.1 99 Low\r\n\r\n".to_vec()),
            Answer::Close(b"HTTP/1.1 OK\r\n\r\n".to_vec()),
            Answer::Close(Answer::head(
                404,
                &[("Content-Length", "2"), ("Content-Length", "3")],
            )),
        ] {
            let row = format!("{} {}", call.operation, shown(&answer));
            let error = refusal(call, answer).await;
            assert_eq!(predicates(&error), ["outcome_unknown"], "{row}");
            assert_eq!(status(&error), None, "{row}");
            assert!(error.service().is_none(), "{row}");
            assert!(error.headers().is_none() && error.body().is_none());
        }
    }
}

/// A call with one of the deadlines that a caller can set.
type Limited = fn(String, Duration) -> Pin<Box<dyn Future<Output = Option<Error>>>>;

const DEADLINES: [(&str, Limited); 6] = [
    ("attempt of Batch", |url, limit| {
        Box::pin(async move { (CANCEL.run)(url, limit).await.err() })
    }),
    ("attempt of WAP", |url, limit| {
        Box::pin(async move { (DELETE.run)(url, limit).await.err() })
    }),
    ("total of Batch", |url, limit| {
        Box::pin(async move {
            let client = batch::Client::builder(&url, "token").allow_loopback_http();
            let client = client.total_timeout(limit).build().unwrap();
            client.cancel_deletion(&thumbprint()).await.err()
        })
    }),
    ("total of WAP", |url, limit| {
        Box::pin(async move {
            let subscription = conformance::calls::SUBSCRIPTION;
            let client = wap::Client::builder(&url, subscription, "p", "token");
            let client = client.allow_loopback_http().total_timeout(limit);
            let client = client.build().unwrap();
            client.delete(&thumbprint()).await.err()
        })
    }),
    ("deadline of Batch", |url, limit| {
        Box::pin(async move {
            let client = account(&url);
            client
                .cancel_deletion(&thumbprint())
                .deadline(limit)
                .await
                .err()
        })
    }),
    ("deadline of WAP", |url, limit| {
        Box::pin(async move {
            let client = tenant(&url);
            client.delete(&thumbprint()).deadline(limit).await.err()
        })
    }),
];

#[tokio::test]
async fn every_deadline_ends_the_call_and_leaves_the_outcome_unknown() {
    for (name, call) in DEADLINES {
        for bytes in [
            &b""[..],
            b"HTTP/1.1 204 No Content\r\nrequest-id: ",
            b"HTTP/1.1 100 C\r\n\r\n",
        ] {
            let server = Recorder::start([Answer::Stall(bytes.to_vec())]).await;
            let error = call(server.base_url(), SHORT).await.expect(name);
            assert_eq!(predicates(&error), ["outcome_unknown", "timeout"], "{name}");
            assert_eq!(status(&error), None, "{name}");
            assert!(error.to_string().contains("150ms"), "{name}: {error}");
            assert_eq!(server.received().len(), 1, "{name}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_refused_is_no_unknown_outcome() {
    // Bound and not listening: nobody else can get the port, and connecting to it is refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base_url = format!("http://{}", socket.local_addr().unwrap());
    for call in &ALL {
        let error = (call.run)(base_url.clone(), PATIENT).await.unwrap_err();
        assert_eq!(predicates(&error), ["connect"], "{}", call.operation);
        assert_eq!(status(&error), None);
        assert!(
            error.to_string().ends_with("nobody listens there"),
            "{error}"
        );
    }
}

/// One call after another over the same client: a fault of the first is not the second's.
#[tokio::test]
async fn a_client_survives_its_faults() {
    let good = Answer::new(204, &[], "");
    let endless = Answer::head(200, &[("Content-Length", "1000000000")]);
    for fault in [
        Answer::Reset,
        Answer::Close(Vec::new()),
        Answer::new(200, &[], "x".repeat(70_000)),
        Answer::new(500, &[], "x".repeat(70_000)),
        Answer::Bytes([endless, vec![b' '; 2 * 1024 * 1024]].concat()),
    ] {
        let server = Recorder::start([fault, good.clone()]).await;
        let client = account(&server.base_url());
        let asked = thumbprint();
        assert!(client.cancel_deletion(&asked).await.is_err());
        assert_eq!(client.cancel_deletion(&asked).await.unwrap().status(), 204);
    }
    assert!(ask(CANCEL, good).await.is_ok());
}
