//! What is sent.

use test_support::{RawServer, Reply, TestClock};

use crate::client::{ADD, GET, LIST, call, transport};

/// Reported of other generated clients: the base URL's own path gets lost (opencode 50428, Corvus.JsonSchema
/// 831), and so does the slash at the end of an operation's path (kiota 4291).
#[tokio::test]
async fn the_path_is_the_base_urls_and_the_operations() {
    let server = RawServer::start([Reply::new(200, &[], "{}")]).await;
    let transport = transport(&server, TestClock::start());
    call(&transport, &GET).await.unwrap();
    let request = server.only();
    assert_eq!(request.target, "/base/things/a%20b/");
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("authorization"), Some("Bearer token"));
    assert_eq!(request.header("content-length"), None);
}

#[tokio::test]
async fn a_post_without_a_body_says_so() {
    let server = RawServer::start([Reply::new(200, &[], "{}")]).await;
    let transport = transport(&server, TestClock::start());
    call(&transport, &ADD).await.unwrap();
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
    let request = request.finish().unwrap();
    let query = request.url().query().unwrap();
    assert_eq!(query, "%24filter=a+eq+%27b%26c%3Dd%23e%27&number=7");
    assert_eq!(request.headers()["x-id"], "ticket 4711");

    for bad in ["", " a", "a\r\nb: c", "\u{e9}", &"a".repeat(257)] {
        let mut request = transport.request(&LIST);
        request.literal("/things");
        request.header("id", "x-id", bad);
        let error = request.finish().unwrap_err();
        assert!(error.to_string().starts_with("id: "), "{bad:?}: {error}");
    }
}
