use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use thumbprint_sandbox::{CertificateState, Sandbox, samples};

use crate::client::{BEARER, Client, EMPTY, TOKEN, bytes, call, patiently, refused};

const TARGET: &str = "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0";

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut client = Client::connect(&sandbox).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(
            client
                .call("POST", TARGET, &[BEARER, EMPTY], "")
                .await
                .status,
        );
        statuses.push(client.call("GET", "/nowhere", &[], "").await.status);
    }
    assert_eq!(statuses, [204, 404, 409, 404, 409, 404]);

    // Sent in one go, answered in order.
    let one = bytes("POST", TARGET, &[BEARER, EMPTY], "");
    let other = bytes("GET", "/", &[], "");
    client.write(format!("{one}{other}{one}")).await;
    for status in [409, 404, 409] {
        assert_eq!(client.read(true).await.status, status);
    }
}

#[tokio::test]
async fn the_journal_has_what_was_received_and_answered_but_no_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let principal = "canary@contoso.com";
    let headers = [
        BEARER,
        ("X-MS-Principal-Id", principal),
        ("x-ms-principal-liveid", principal),
        ("x-ms-client-request-id", "mine"),
    ];
    let path = format!(
        "/subscriptions/{}/certificates/%39{}",
        samples::WAP_SUBSCRIPTION,
        &samples::WAP_THUMBPRINT[1..]
    );
    assert_eq!(call(&sandbox, "DELETE", &path, &headers).await.status, 200);
    // Refused requests are written down too, and are redacted too.
    let headers = [
        EMPTY,
        ("Authorization", "Basic canary-token"),
        ("Cookie", TOKEN),
    ];
    assert_eq!(call(&sandbox, "POST", TARGET, &headers).await.status, 403);

    let exchanges = sandbox.exchanges();
    let text = format!("{exchanges:?}{sandbox:?}{:?}", Sandbox::builder());
    assert!(!text.contains("canary"), "{text}");

    let [deleted, refused] = &exchanges[..] else {
        panic!("{exchanges:?}")
    };
    assert_eq!((deleted.method.as_str(), deleted.status), ("DELETE", 200));
    assert_eq!(deleted.target, path);
    for (name, value) in [
        ("Authorization", "[redacted]"),
        ("x-ms-principal-id", "[redacted]"),
        ("x-ms-principal-liveid", "[redacted]"),
        ("x-ms-client-request-id", "mine"),
        ("Host", "sandbox.test:1"),
    ] {
        assert_eq!(deleted.request_header(name), Some(value), "{name}");
    }
    assert_eq!(deleted.request_headers.len(), 5);
    assert_eq!(
        deleted.response_headers,
        [(
            "content-type".to_owned(),
            "application/json; charset=utf-8".to_owned()
        )]
    );
    assert_eq!((refused.method.as_str(), refused.status), ("POST", 403));
    assert_eq!(refused.target, TARGET);
    assert!(refused.response_header("request-id").is_some());
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
        let address: SocketAddr = address.parse().unwrap();
        let error = Sandbox::builder().listen(address).start().await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{address}");
        assert!(error.to_string().contains("loopback"), "{error}");
    }
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.address();
    assert_eq!(address.ip(), Ipv4Addr::LOCALHOST);
    assert_ne!(address.port(), 0);
    assert_eq!(
        sandbox.base_url(),
        format!("http://127.0.0.1:{}", address.port())
    );

    let other = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), 0);
    if let Ok(sandbox) = Sandbox::builder().listen(other).start().await {
        assert_eq!(sandbox.address().ip(), other.ip());
    }
    // Not every machine has IPv6.
    let v6 = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 0);
    if let Ok(sandbox) = Sandbox::builder().listen(v6).start().await {
        assert!(sandbox.base_url().starts_with("http://[::1]:"));
    }
}

#[tokio::test]
async fn an_address_in_use_is_an_error() {
    let sandbox = Sandbox::start().await.unwrap();
    let second = Sandbox::builder().listen(sandbox.address()).start().await;
    assert_eq!(second.unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[tokio::test]
async fn what_no_request_could_name_is_not_taken_in() {
    let mut nameless = samples::wap_certificate();
    nameless.subscription_certificate_thumbprint = None;
    let active = CertificateState::Active;
    for builder in [
        Sandbox::builder().batch_certificate("0123", active),
        Sandbox::builder().batch_certificates([("0123".to_owned(), active)]),
        Sandbox::builder().batch_pool("f".repeat(40), "pool"),
        Sandbox::builder()
            .empty()
            .batch_pool(samples::BATCH_ACTIVE, "pool"),
        Sandbox::builder().wap_certificate("mine", samples::wap_certificate()),
        Sandbox::builder().wap_certificate(samples::WAP_SUBSCRIPTION, nameless),
    ] {
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

#[tokio::test]
async fn stopping_closes_what_is_idle_and_answers_what_is_under_way() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.address();
    let mut fresh = Client::connect(&sandbox).await;
    let mut idle = Client::connect(&sandbox).await;
    assert_eq!(idle.call("GET", "/", &[], "").await.status, 404);
    let mut busy = Client::connect(&sandbox).await;
    let headers = [BEARER, ("Content-Length", "2"), ("Expect", "100-continue")];
    busy.write(bytes("POST", TARGET, &headers, "{")).await;
    // The server has begun to read the body when it asks for it.
    assert_eq!(busy.read(false).await.status, 100);

    let stopped = tokio::spawn(sandbox.stop());
    patiently(idle.closed()).await;
    patiently(fresh.closed()).await;
    busy.write("}").await;
    assert_eq!(busy.read(true).await.json()["code"], "InvalidRequestBody");
    busy.closed().await;
    patiently(stopped).await.unwrap();
    refused(address).await;
}

#[tokio::test]
async fn dropping_stops_the_server_and_its_connections() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.address();
    let mut client = Client::connect(&sandbox).await;
    assert_eq!(client.call("GET", "/", &[], "").await.status, 404);
    let mut busy = Client::connect(&sandbox).await;
    let headers = [BEARER, ("Content-Length", "2"), ("Expect", "100-continue")];
    busy.write(bytes("POST", TARGET, &headers, "")).await;
    assert_eq!(busy.read(false).await.status, 100);
    drop(sandbox);
    client.closed().await;
    busy.closed().await;
    // The listener is closed with the task that holds it, a moment later.
    refused(address).await;
}

#[tokio::test]
async fn bytes_that_are_no_request_do_not_harm_the_others() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut stranger = Client::connect(&sandbox).await;
    stranger.write("\x16\x03\x01 hello\r\n\r\n").await;
    assert_eq!(stranger.read(true).await.status, 400);
    stranger.closed().await;
    assert!(sandbox.exchanges().is_empty());
    assert_eq!(
        call(&sandbox, "POST", TARGET, &[BEARER, EMPTY])
            .await
            .status,
        204
    );
}

#[test]
fn every_operation_of_the_documents_has_a_route() {
    let mut routes = thumbprint_sandbox::routes();
    let mut documented: Vec<_> = thumbprint_batch::operations::ALL
        .iter()
        .chain(thumbprint_wap::operations::ALL)
        .map(|operation| operation.id)
        .collect();
    routes.sort_unstable();
    documented.sort_unstable();
    assert_eq!(routes, documented);
}
