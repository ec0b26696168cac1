//! Every kind of fault that a client of a real service meets, staged from outside.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    admin::{client, fault},
    batch::{VERSION, resource, target},
    client::{BEARER, Client, EMPTY, bytes, call, patiently},
    clock::builder,
};

/// A certificate, whose answer has a body.
fn get() -> String {
    format!("{}?{VERSION}", resource(samples::BATCH_ACTIVE))
}

/// What comes back on a connection of its own until it ends, and whether it ends in a reset.
async fn received(sandbox: &Sandbox, method: &str, target: &str) -> (String, bool) {
    let mut stream = TcpStream::connect(sandbox.address()).await.or_fail();
    let headers = [BEARER, EMPTY, ("Connection", "close")];
    let request = bytes(method, target, &headers, "");
    // A connection that is reset at once may not take it.
    let _ = stream.write_all(request.as_bytes()).await;
    let (mut all, mut piece) = (Vec::<u8>::new(), [0; 1024]);
    let reset = loop {
        match patiently(stream.read(&mut piece)).await {
            Ok(0) => break false,
            Ok(read) => all.extend(&piece[..read]),
            Err(_) => break true,
        }
    };
    (all.iter().map(|byte| char::from(*byte)).collect(), reset)
}

async fn stage(sandbox: &Sandbox, value: Value) {
    client(sandbox)
        .faults_add()
        .body(fault(value))
        .await
        .or_fail();
}

/// The rows of the specification's table that end with the connection.
#[tokio::test]
async fn an_answer_ends_where_and_how_it_was_staged() {
    let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
    let whole = {
        stage(&sandbox, json!({"ending": "close", "at": "end"})).await;
        let (whole, reset) = received(&sandbox, "GET", &get()).await;
        assert!(!reset && whole.ends_with('}'), "{whole}");
        // The client is not told that its connection is gone: so ends an idle one.
        assert!(!whole.contains("connection: close"), "{whole}");
        whole
    };
    let (head, body) = whole.split_once("\r\n\r\n").or_fail();
    for (ending, is_reset) in [("close", false), ("reset", true)] {
        for (at, most) in [
            ("start", 0),
            ("head", head.len()),
            ("body", whole.len() - 1),
            ("end", whole.len()),
        ] {
            stage(&sandbox, json!({"ending": ending, "at": at})).await;
            let (text, reset) = received(&sandbox, "GET", &get()).await;
            assert_eq!(reset, is_reset, "{ending} at {at}: {text}");
            assert!(text.len() <= most, "{ending} at {at}: {text}");
            match at {
                "start" => assert_eq!(text, ""),
                "head" => assert!(
                    text.starts_with("HTTP/1.1 200 OK\r\n") && !text.contains("\r\n\r\n"),
                    "{text}"
                ),
                "body" => {
                    assert!(
                        text.contains(&format!("content-length: {}\r\n", body.len())),
                        "{text}"
                    );
                    assert_eq!(
                        text.split_once("\r\n\r\n").or_fail().1,
                        &body[..body.len() / 2]
                    );
                }
                _ => assert_eq!(text.len(), whole.len()),
            }
        }
    }
    // Without a body there is something missing too.
    stage(&sandbox, json!({"status": 200, "ending": "close"})).await;
    let (text, _) = received(&sandbox, "GET", &get()).await;
    assert!(text.ends_with("content-length: 1\r\n\r\n"), "{text}");
    // All of them have struck.
    assert_eq!(call(&sandbox, "GET", &get(), &[BEARER]).await.status, 200);
}

#[tokio::test]
async fn what_is_lost_was_carried_out_only_if_it_is_said() {
    let failed = samples::BATCH_DELETE_FAILED;
    for (value, applied) in [
        (json!({"ending": "reset", "at": "start"}), false),
        (
            json!({"ending": "reset", "at": "start", "carryOut": true}),
            true,
        ),
        (json!({"ending": "reset", "at": "head"}), true),
        (json!({"status": 500}), false),
        (json!({"status": 500, "carryOut": true}), true),
        (json!({"headers": [{"name": "x-more", "value": "1"}]}), true),
    ] {
        let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
        stage(&sandbox, value.clone()).await;
        received(&sandbox, "POST", &(target(failed) + "&timeout=1")).await;
        let expected = if applied {
            CertificateState::Active
        } else {
            CertificateState::DeleteFailed
        };
        assert_eq!(sandbox.batch_state(failed), Some(expected), "{value}");
        let exchanges = sandbox.exchanges();
        assert!(exchanges.len() == 1 && exchanges[0].fault, "{exchanges:?}");
    }
}

/// Status, headers and body as they were staged, whatever HTTP would have of them.
#[tokio::test]
async fn an_answer_is_what_was_staged_byte_by_byte() {
    let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
    let field = |name: &str, value: &str| json!({"name": name, "value": value});
    let json_type = field("content-type", "application/json");
    #[rustfmt::skip]
    let rows = [
        (json!({"status": 429, "headers": [field("Retry-After", "7")]}), vec!["HTTP/1.1 429 ", "retry-after: 7\r\n"], ""),
        (json!({"status": 503, "headers": [json_type], "body": r#"{"code":"ServerBusy"}"#}), vec!["HTTP/1.1 503 "], r#"{"code":"ServerBusy"}"#),
        (json!({"status": 401, "headers": [field("WWW-Authenticate", "Bearer")]}), vec!["www-authenticate: Bearer\r\n"], ""),
        (json!({"status": 302, "headers": [field("Location", "https://elsewhere.example/")]}), vec!["location: https://elsewhere.example/\r\n"], ""),
        (json!({"status": 200, "headers": [json_type], "body": "{\"state\":"}), vec!["HTTP/1.1 200 "], "{\"state\":"),
        (json!({"status": 200, "headers": [field("content-type", "text/html")], "body": "<html>"}), vec!["content-type: text/html\r\n"], "<html>"),
        (json!({"status": 500, "body": "\u{feff}{}"}), vec!["content-length: 5\r\n"], "\u{ef}\u{bb}\u{bf}{}"),
        (json!({"status": 500, "bodyBase64": "/w=="}), vec!["content-length: 1\r\n"], "\u{ff}"),
        (json!({"status": 200, "headers": [field("content-encoding", "gzip")], "bodyBase64": "H4s="}), vec!["content-encoding: gzip\r\n"], "\u{1f}\u{8b}"),
        (json!({"status": 200, "headers": [field("request-id", "\u{ff}"), field("request-id", "b")]}), vec!["request-id: \u{ff}\r\n", "request-id: b\r\n"], ""),
        (json!({"status": 200, "headers": [field("Content-Length", "3"), field("Content-Length", "4")], "body": "abc"}), vec!["content-length: 3\r\ncontent-length: 4\r\n"], "abc"),
        (json!({"status": 204, "body": "abc"}), vec!["HTTP/1.1 204 No Content\r\n"], "abc"),
        // The least and the greatest that the document has.
        (json!({"status": 100}), vec!["HTTP/1.1 100 Continue\r\n"], ""),
        (json!({"status": 101}), vec!["HTTP/1.1 101 Switching Protocols\r\n"], ""),
        (json!({"status": 999}), vec!["HTTP/1.1 999 "], ""),
        (json!({"headers": [field("Date", "Mon, 20 Nov 2023 10:11:12 GMT")], "body": "{}"}), vec!["HTTP/1.1 200 ", "date: Mon, 20 Nov 2023 10:11:12 GMT\r\n", "request-id: "], "{}"),
        (json!({"interim": [103, 102], "status": 200}), vec!["HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n"], ""),
        (json!({"interim": vec![100; 1000], "body": "{}"}), vec!["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"], "{}"),
    ];
    for (value, heads, body) in rows {
        stage(&sandbox, value.clone()).await;
        // It ends by itself where its head says so, and where this request asks for it.
        let mut stream = TcpStream::connect(sandbox.address()).await.or_fail();
        let close = [BEARER, ("Connection", "close")];
        let request = bytes("GET", &get(), &close, "");
        stream.write_all(request.as_bytes()).await.or_fail();
        let mut all = Vec::new();
        patiently(stream.read_to_end(&mut all)).await.or_fail();
        let text: String = all.iter().map(|byte| char::from(*byte)).collect();
        for head in heads {
            assert!(text.contains(head), "{value}: {head:?} is not in {text:?}");
        }
        assert!(
            text.ends_with(&format!("\r\n\r\n{body}")),
            "{value}: {text:?}"
        );
    }
}

#[tokio::test]
async fn a_fault_strikes_its_operation_so_often_and_the_connection_goes_on() {
    let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
    stage(
        &sandbox,
        json!({"operation": "Certificate_Get", "count": 2, "status": 503}),
    )
    .await;
    stage(
        &sandbox,
        json!({"operation": "Certificate_Get", "status": 429}),
    )
    .await;
    stage(&sandbox, json!({"operation": "Token_Issue", "status": 500})).await;
    let mut client = Client::connect(&sandbox).await;
    let list = format!("/certificates?{VERSION}");
    for (target, status) in [
        (&get(), 503),
        (&list, 200),
        (&get(), 503),
        (&get(), 429),
        (&get(), 200),
    ] {
        assert_eq!(
            client.call("GET", target, &[BEARER], "").await.status,
            status
        );
    }
    let left = crate::admin::client(&sandbox).faults_get().await.or_fail();
    assert_eq!(left.value().faults.len(), 1);
    let token = client
        .call("POST", "/wstrust/issue/usernamemixed", &[EMPTY], "")
        .await;
    assert_eq!(token.status, 500);
    // One for any operation, and none for the sandbox's own.
    stage(&sandbox, json!({"count": 100, "status": 500})).await;
    assert_eq!(client.call("GET", "/nowhere", &[], "").await.status, 500);
    assert_eq!(
        client.call("GET", "/__sandbox/clock", &[], "").await.status,
        200
    );
    crate::admin::client(&sandbox)
        .faults_clear()
        .await
        .or_fail();
    assert_eq!(client.call("GET", &get(), &[BEARER], "").await.status, 200);
}

/// HEAD never has a body, not even a staged one: dreamhead/moco#126.
#[tokio::test]
async fn head_has_no_body_whatever_is_staged() {
    let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
    for value in [
        json!({"status": 200, "body": "abc"}),
        json!({"status": 200, "body": "abc", "interim": [103]}),
        json!({"status": 200, "body": "abc", "ending": "close", "at": "end"}),
    ] {
        stage(&sandbox, value.clone()).await;
        let (text, _) = received(&sandbox, "HEAD", &get()).await;
        assert!(text.contains("content-length: 3\r\n"), "{value}: {text}");
        assert!(text.ends_with("\r\n\r\n"), "{value}: {text}");
    }
}

#[tokio::test]
async fn a_connection_is_cut_before_any_request() {
    let any = "127.0.0.1:0".parse().or_fail();
    let sandbox = Sandbox::builder().admin_listen(any).start().await.or_fail();
    for (ending, is_reset) in [("reset", true), ("close", false)] {
        stage(
            &sandbox,
            json!({"at": "connection", "ending": ending, "count": 2}),
        )
        .await;
        for _ in 0..2 {
            let (text, reset) = received(&sandbox, "GET", &get()).await;
            assert_eq!(text, "");
            // What was sent to a socket that is closed is answered with a reset as well.
            assert!(reset || !is_reset);
        }
        assert_eq!(call(&sandbox, "GET", &get(), &[BEARER]).await.status, 200);
    }
    assert_eq!(sandbox.exchanges().len(), 2);
}

#[tokio::test]
async fn a_delay_passes_by_the_sandboxs_clock() {
    let (builder, clock) = builder();
    let sandbox = builder.admin(true).start().await.or_fail();
    stage(&sandbox, json!({"delaySeconds": 3600, "status": 202})).await;
    let mut waiting = Client::connect(&sandbox).await;
    waiting.write(bytes("GET", &get(), &[BEARER], "")).await;
    // It has been received, and held back.
    patiently(async {
        while sandbox.exchanges().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    clock.advance(Duration::from_secs(3599));
    let admin = client(&sandbox);
    let advance = thumbprint_admin::types::Advance::new(1.0);
    admin.clock_advance().body(advance).await.or_fail();
    assert_eq!(waiting.read(true).await.status, 202);
}

#[tokio::test]
async fn a_slow_answer_comes_byte_by_byte() {
    let (builder, clock) = builder();
    let sandbox = builder.admin(true).start().await.or_fail();
    for (at, first) in [("start", 0), ("body", 4)] {
        stage(
            &sandbox,
            json!({"status": 200, "body": "abcdefgh", "ending": "drip", "at": at}),
        )
        .await;
        let mut stream = TcpStream::connect(sandbox.address()).await.or_fail();
        let request = bytes("GET", &get(), &[BEARER], "");
        stream.write_all(request.as_bytes()).await.or_fail();
        let mut all = Vec::new();
        if first > 0 {
            while !all.ends_with(b"abcd") {
                all.push(patiently(stream.read_u8()).await.or_fail());
            }
            // It is the last one of its connection, which says so (RFC 9112, section 9.6).
            let head = String::from_utf8_lossy(&all);
            assert!(
                head.lines().any(|line| line == "connection: close"),
                "{head}"
            );
        }
        let rest = if first > 0 { "efgh" } else { "HTTP" };
        for expected in rest.bytes() {
            let mut byte = [0];
            // It waits for the clock, however often it is asked for.
            while timeout(Duration::from_millis(2), stream.read(&mut byte))
                .await
                .is_err()
            {
                clock.advance(Duration::from_millis(500));
            }
            assert_eq!(byte[0], expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_answer_leaves_the_client_waiting_and_a_stop_ends_it() {
    for (at, first) in [
        ("start", ""),
        ("head", "HTTP/1.1 "),
        ("body", "HTTP/1.1 200 OK\r\n"),
    ] {
        let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
        stage(&sandbox, json!({"ending": "stall", "at": at})).await;
        let mut stream = TcpStream::connect(sandbox.address()).await.or_fail();
        let request = bytes("GET", &get(), &[BEARER], "");
        stream.write_all(request.as_bytes()).await.or_fail();
        let mut all = Vec::new();
        // Longer than any limit of the sandbox's own.
        let more = timeout(Duration::from_secs(600), stream.read_to_end(&mut all)).await;
        assert!(more.is_err(), "{at}");
        assert!(all.starts_with(first.as_bytes()), "{at}");
        assert_eq!(all.is_empty(), first.is_empty(), "{at}");
        sandbox.stop().await;
        let _ = patiently(stream.read_to_end(&mut all)).await;
    }
}

#[tokio::test]
async fn an_endless_body_does_not_end() {
    let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
    stage(
        &sandbox,
        json!({"status": 200, "body": "ab", "ending": "endless"}),
    )
    .await;
    let mut stream = TcpStream::connect(sandbox.address()).await.or_fail();
    let request = bytes("GET", &get(), &[BEARER], "");
    stream.write_all(request.as_bytes()).await.or_fail();
    let mut all = vec![0; 8 << 20];
    patiently(stream.read_exact(&mut all)).await.or_fail();
    let text = String::from_utf8(all).or_fail();
    let (head, body) = text.split_once("\r\n\r\n").or_fail();
    let is_chunked = head
        .lines()
        .any(|line| line == "transfer-encoding: chunked");
    assert!(is_chunked, "{head}");
    assert!(body.starts_with("4000\r\nabab"), "{}", &body[..20]);
    assert!(!body.contains("\r\n0\r\n"));
    // The client leaves, and the connection is free again.
    drop(stream);
    assert_eq!(call(&sandbox, "GET", &get(), &[BEARER]).await.status, 200);
}
