//! What is sent.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint_transport::{CallOptions, Credential, Delivery, Token, Transport};

use crate::calls::client::{ADD, GET, LIST, TOKEN, call, call_named, transport};

/// Reported of other generated clients: the base URL's own path gets lost (opencode 50428, Corvus.JsonSchema
/// 831), and so does the slash at the end of an operation's path (kiota 4291).
#[tokio::test]
async fn the_path_is_the_base_urls_and_the_operations() {
    let server = RawServer::start([Reply::new(200, &[], "{}")]).await;
    let transport = transport(&server, TestClock::start());
    call(&transport, &GET).await.or_fail();
    let request = server.only();
    assert_eq!(request.target, "/base/things/a%20b/");
    assert_eq!(request.header("accept"), Some("application/json"));
    let sent = format!("Bearer {TOKEN}");
    assert_eq!(request.header("authorization"), Some(&*sent));
    assert_eq!(request.header("content-length"), None);
}

/// A client that sets the header beside its HTTP library sends two, which servers answer with 400 (reqwest 1883).
#[tokio::test]
async fn a_request_has_one_host() {
    let server = RawServer::start([Reply::new(200, &[], "{}")]).await;
    let transport = transport(&server, TestClock::start());
    call(&transport, &GET).await.or_fail();
    let address = server.address().to_string();
    assert_eq!(server.only().values("host"), [address]);
}

#[tokio::test]
async fn a_post_without_a_body_says_so() {
    let server = RawServer::start([Reply::new(200, &[], "{}")]).await;
    let transport = transport(&server, TestClock::start());
    call(&transport, &ADD).await.or_fail();
    assert_eq!(server.only().header("content-length"), Some("0"));
}

#[tokio::test]
async fn no_value_leads_to_another_path() {
    let server = RawServer::listening().await;
    let transport = transport(&server, TestClock::start());
    for (values, path) in [
        (&["a/b"][..], Ok("/base/things/a%2Fb")),
        (&["a\\b?c#d"], Ok("/base/things/a%5Cb%3Fc%23d")),
        (&["%2e%2e"], Ok("/base/things/%252e%252e")),
        (&["a\t\nb"], Ok("/base/things/a%09%0Ab")),
        (&["\u{e9}"], Ok("/base/things/%C3%A9")),
        (&["..", "a"], Ok("/base/things/..a")),
        (&[".."], Err("path: ")),
        (&["."], Err("path: ")),
        // Two parameters side by side.
        (&[".", "."], Err("path: ")),
        (&[""], Err("name: it is empty")),
    ] {
        let mut request = transport.request(&GET);
        request.literal("/things/");
        for value in values {
            request.segment("name", *value);
        }
        let built = request.finish();
        match (built, path) {
            (Ok(request), Ok(path)) => assert_eq!(request.url().path(), path),
            (Err(error), Err(start)) => {
                assert!(error.is_invalid_input());
                assert!(error.to_string().starts_with(start), "{values:?}: {error}");
            }
            (built, _) => panic!("{values:?}: {built:?}"),
        }
        // Of one value that its style has encoded the same holds.
        if let [value @ ("" | "." | "..")] = values {
            let mut request = transport.request(&GET);
            request.literal("/things/");
            request.styled("name", Ok((*value).to_owned()));
            let error = request.finish().err_or_fail();
            let start = path.err().unwrap_or_default();
            assert!(error.to_string().starts_with(start), "{values:?}: {error}");
        }
    }
}

#[tokio::test]
async fn queries_and_headers_are_encoded_or_refused() {
    let server = RawServer::listening().await;
    let transport = transport(&server, TestClock::start());
    let mut request = transport.request(&LIST);
    request.literal("/things");
    request.query("$filter", "a eq 'b&c=d#e'");
    request.query("number", &7);
    request.header("id", "x-id", "ticket 4711");
    let request = request.finish().or_fail();
    let query = request.url().query().or_fail();
    assert_eq!(query, "%24filter=a+eq+%27b%26c%3Dd%23e%27&number=7");
    assert_eq!(request.headers()["x-id"], "ticket 4711");

    for bad in ["", " a", "a\r\nb: c", "\u{e9}", &"a".repeat(257)] {
        let mut request = transport.request(&LIST);
        request.literal("/things");
        request.header("id", "x-id", bad);
        let error = request.finish().err_or_fail();
        assert!(error.to_string().starts_with("id: "), "{bad:?}: {error}");
    }
}

/// What no HTTP library sends was never sent, so nothing is unknown of it, and no token is fetched for it.
#[tokio::test]
async fn a_url_that_cannot_be_sent_is_invalid_input() {
    let server = RawServer::start([Reply::new(200, &[], "{}")]).await;
    let fetched = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&fetched);
    let credential = Credential::tokens(move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok(Token::new("token")) }
    });
    let builder = Transport::builder(server.base_url(), credential).allow_loopback_http();
    let clock = TestClock::start();
    let transport = builder.clock(clock.clone()).build().or_fail();
    for operation in [&ADD, &GET] {
        for retry_ambiguous in [false, true] {
            let options = CallOptions {
                retry_ambiguous,
                ..CallOptions::default()
            };
            let name = "n".repeat(70_000);
            let outcome = call_named(&transport, operation, &name, &options).await;
            let error = outcome.err_or_fail();
            assert!(error.is_invalid_input(), "{error}");
            assert!(!error.is_outcome_unknown() && !error.is_unexpected_answer());
            assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 0));
            for text in [error.to_string(), format!("{error:?}")] {
                assert!(text.contains("give shorter values"), "{text}");
                assert!(text.len() < 200, "it shows the URL");
            }
        }
    }
    assert_eq!((server.connections(), clock.pauses().len()), (0, 0));
    assert_eq!(fetched.load(Ordering::SeqCst), 0);

    // The longest one goes out.
    let longest = 65_534 - server.base_url().len() - "/things//".len();
    let options = CallOptions::default();
    for (length, is_sent) in [(longest, true), (longest + 1, false)] {
        let outcome = call_named(&transport, &ADD, &"n".repeat(length), &options).await;
        assert_eq!(outcome.is_ok(), is_sent, "{length}: {outcome:?}");
    }
    assert_eq!(server.received().len(), 1);
}
