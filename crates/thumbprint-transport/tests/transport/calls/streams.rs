//! Bodies that the document calls bytes: they are handed on as they come, without the limit of others.

use std::time::Duration;

use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint_transport::{Answer, ByteStream, CallOptions, Delivery, Error, Transport};

use crate::calls::client::{DOWNLOAD, Headers, SEMANTICS, TOKEN, transport};

async fn download(transport: &Transport) -> Result<Answer<ByteStream, Headers>, Error> {
    let build = || {
        let mut request = transport.request(&DOWNLOAD);
        request.literal("/things/a/bytes");
        request.finish()
    };
    let options = CallOptions {
        deadline: Some(Duration::from_secs(5)),
        ..CallOptions::default()
    };
    let response = transport.send(&build, &DOWNLOAD, &SEMANTICS, &options);
    response.await?.stream()
}

const BYTES: &[(&str, &str)] = &[("Content-Type", "application/octet-stream")];

#[tokio::test]
async fn a_stream_has_no_limit_of_its_own() {
    let body = vec![7; 6 * 1024 * 1024];
    let server = RawServer::start([Reply::new(200, BYTES, &body)]).await;
    let transport = transport(&server, TestClock::start());
    let answer = download(&transport).await.or_fail();
    assert_eq!(answer.status(), 200);
    let all = answer.into_value().collect(body.len()).await.or_fail();
    assert!(all == body);

    let answer = download(&transport).await.or_fail();
    let error = answer.into_value().collect(body.len() - 1).await;
    assert!(error.err_or_fail().to_string().starts_with("limit: "));
}

#[tokio::test]
async fn a_stream_that_breaks_off_keeps_its_status() {
    let mut cut = Reply::head(200, &[BYTES[0], ("Content-Length", "10")]);
    cut.extend(b"half");
    let server = RawServer::start([Reply::Close(cut)]).await;
    let transport = transport(&server, TestClock::start());
    let mut stream = download(&transport).await.or_fail().into_value();
    let chunk = stream.chunk().await.or_fail();
    assert_eq!(chunk.as_deref(), Some(&b"half"[..]));
    let error = stream.chunk().await.err_or_fail();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    assert_eq!(error.delivery(), Delivery::Final);
    assert!(error.to_string().starts_with("download: 200"), "{error}");
    assert!(stream.chunk().await.or_fail().is_none());
}

/// The request is long gone when a stream breaks off; what its answer repeats is known before.
#[tokio::test]
async fn a_stream_that_breaks_off_shows_no_secret() {
    let headers = [BYTES[0], ("Content-Length", "10"), ("request-id", TOKEN)];
    let server = RawServer::start([Reply::Close(Reply::head(200, &headers))]).await;
    let transport = transport(&server, TestClock::start());
    let answer = download(&transport).await.or_fail();
    assert_eq!(answer.request_id(), Some("[redacted]"));
    let error = answer.into_value().chunk().await.err_or_fail();
    assert_eq!(error.request_id(), Some("[redacted]"));
    assert!(!format!("{error:?}").contains(TOKEN), "{error:?}");
}

/// The deadline of the call is over when the head is there; each chunk has as long as an attempt.
#[tokio::test]
async fn a_stream_that_falls_silent_ends_with_the_attempts_limit() {
    let clock = TestClock::start();
    let mut stalled = Reply::head(200, &[BYTES[0], ("Content-Length", "10")]);
    stalled.extend(b"half");
    let server = RawServer::start([Reply::Stall(stalled)]).await;
    let transport = transport(&server, clock.clone());
    let mut stream = download(&transport).await.or_fail().into_value();
    stream.chunk().await.or_fail();
    clock.advance(Duration::from_secs(3600));
    // Polled in this order: the wait has begun when the silence does.
    let (error, ()) = tokio::join!(stream.chunk(), async { clock.silence() });
    let error = error.err_or_fail();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(clock.limits().last(), Some(&Duration::from_secs(35)));
}

/// A sign-in page is no download.
#[tokio::test]
async fn a_page_is_not_handed_on_in_place_of_bytes() {
    for (content_type, taken) in [
        ("application/octet-stream", true),
        ("application/zip", true),
        ("text/html; charset=utf-8", false),
        ("application/xhtml+xml", false),
    ] {
        let headers = [("Content-Type", content_type)];
        let server = RawServer::start([Reply::new(200, &headers, "<html>Sign in")]).await;
        let transport = transport(&server, TestClock::start());
        match download(&transport).await {
            Ok(_) => assert!(taken, "{content_type}"),
            Err(error) => {
                assert!(!taken, "{content_type}: {error}");
                assert!(error.is_unexpected_answer() && !error.is_outcome_unknown());
                assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
            }
        }
    }
}

#[tokio::test]
async fn an_error_is_read_whole_where_success_is_a_stream() {
    let body = r#"{"code":"Gone","message":"It is gone."}"#;
    let server = RawServer::start([Reply::new(410, &[], body)]).await;
    let transport = transport(&server, TestClock::start());
    let error = download(&transport).await.err_or_fail();
    assert_eq!(error.code(), Some("Gone"));
}
