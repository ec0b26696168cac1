//! A host that is not there, or does not answer, and what is said of it.

use std::{sync::Arc, time::Duration};

use test_support::{FixedJitter, OrFail as _, RawServer, Reply, TestClock, Trace, Unreachable};
use thumbprint_transport::{Delivery, Transport};

use crate::calls::client::{ADD, GET, TOKEN, call, transport};

/// Nothing was sent, so any operation is tried again. Over https, as http is for this machine alone.
#[tokio::test]
async fn a_host_that_is_not_found_is_looked_up_again() {
    for operation in [&GET, &ADD] {
        // Too long for a name: no resolver asks for it.
        let url = format!("https://{}.invalid", "n".repeat(70));
        let clock = TestClock::start();
        let transport = Transport::builder(&url, "token")
            .clock(clock.clone())
            .jitter(Arc::new(FixedJitter(0.5)))
            .build()
            .or_fail();
        let error = call(&transport, operation).await.err_or_fail();
        assert!(error.is_connect() && !error.is_tls(), "{error}");
        let text = format!("no connection to {url}:443: the host was not found or not reached");
        assert!(error.to_string().contains(&text), "{error}");
        assert_eq!(error.host(), Some(&*format!("{url}:443")));
        assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 4));
        assert_eq!(clock.pauses(), [400, 800, 1600].map(Duration::from_millis));
    }
}

/// Scheme, host and port; the path in front of every operation's can name a customer.
#[tokio::test]
async fn an_error_without_an_answer_names_whom_was_called_and_no_more() {
    let clock = TestClock::start();
    let unreachable = Unreachable::new();
    let url = format!("http://{}", unreachable.address);
    let gone = Transport::builder(format!("{url}/canary-path"), TOKEN).allow_loopback_http();
    let error = call(&gone.retries(0).build().or_fail(), &ADD)
        .await
        .err_or_fail();
    let expected = format!("add: no connection to {url}: nothing listens there");
    assert_eq!(error.to_string(), expected);

    let stalling = RawServer::start([Reply::Stall(Vec::new())]).await;
    let server = stalling.with_clock(&clock);
    let error = call(&transport(&server, clock.clone()), &ADD)
        .await
        .err_or_fail();
    let expected = format!("add: no whole answer from {} within 35s", server.base_url());
    assert!(error.to_string().starts_with(&expected), "{error}");

    let server = RawServer::start([Reply::Reset]).await;
    let error = call(&transport(&server, clock), &ADD).await.err_or_fail();
    let expected = format!(
        "add: the connection to {} broke before an answer came",
        server.base_url()
    );
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(!format!("{error:?}").contains("/base"), "{error:?}");
}

#[tokio::test]
async fn each_retry_is_told_to_people_with_the_host_and_the_pause() {
    let unreachable = Unreachable::new();
    let host = format!("http://{}", unreachable.address);
    let busy = r#"{"code":"Busy","message":"canary-message"}"#;
    for (reply, reason) in [
        (
            None,
            format!("no connection to {host}: nothing listens there"),
        ),
        (
            Some(Reply::new(503, &[], busy)),
            "503 Busy from HOST".to_owned(),
        ),
        (Some(Reply::new(429, &[], "")), "429 from HOST".to_owned()),
        (
            Some(Reply::Reset),
            "the connection to HOST broke before an answer came".to_owned(),
        ),
    ] {
        let server = RawServer::start(reply.clone()).await;
        let url = if reply.is_some() {
            server.base_url()
        } else {
            host.clone()
        };
        let builder = Transport::builder(&url, TOKEN).allow_loopback_http();
        let builder = builder.jitter(Arc::new(FixedJitter(0.5))).retries(1);
        let transport = builder.clock(TestClock::start()).build().or_fail();
        let trace = Trace::default();
        let guard = trace.start_at(tracing::level_filters::LevelFilter::INFO);
        call(&transport, &GET).await.err_or_fail();
        drop(guard);
        let text = trace.to_string();
        let reason = reason.replace("HOST", &url);
        let expected = format!(
            "thumbprint_transport::retry: trying again operation=\"Thing_Get\" host=\"{url}\" attempt=1 wait_ms=400 reason={reason}\n"
        );
        assert_eq!(text.matches("trying again").count(), 1, "{text}");
        assert!(text.contains(&expected), "{text} is not {expected}");
        assert!(!text.contains("canary"), "{text}");
    }
}
