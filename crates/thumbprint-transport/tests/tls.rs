//! What is told of a TLS handshake that fails. Without a certificate of its own, a server can fail it in
//! two ways: by not speaking TLS, and by hanging up.

#![cfg(feature = "rustls")]
#![allow(clippy::unwrap_used, reason = "tests")]

use progenitor_client::Error as Client;
use serde_json::Value;
use thumbprint_transport::{
    Delivery, Error, ErrorBody, Judgement, Operation, ServiceError, Transport, judgement::Rules,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

static OPERATION: Operation =
    Operation::new("Test", "GET", "/x", None, None, &[], &[], true, false);

const JUDGEMENT: Judgement<Value> = Judgement {
    describe: |_| ServiceError::default(),
    rules: Rules::NONE,
};

/// What comes of a request to a server that answers the handshake with these bytes and hangs up.
async fn handshake(answer: &'static [u8]) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        stream.write_all(answer).await.unwrap();
    });
    let transport = Transport::builder(&url, "token").build().unwrap();
    let request = transport.http().get(format!("{url}/x")).build().unwrap();
    let response = transport.exec(request, Some(&OPERATION), &JUDGEMENT).await;
    server.await.unwrap();
    Error::from_client(
        Client::<ErrorBody<Value>>::UnexpectedResponse(response),
        &JUDGEMENT,
    )
}

#[tokio::test]
async fn a_server_that_speaks_http_is_told_from_one_that_is_not_there() {
    let error = handshake(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert!(error.is_tls() && error.is_connect(), "{error}");
    assert!(error.to_string().contains("does not speak TLS"), "{error}");
    assert_eq!(error.delivery(), Delivery::Final);
}

#[tokio::test]
async fn a_handshake_that_breaks_off_was_not_sent() {
    let error = handshake(b"").await;
    assert!(error.is_connect() && !error.is_tls(), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}
