use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use std::time::Duration;

use test_support::OrFail as _;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};
use tokio::time::Instant;

use crate::client::{BEARER, Client, EMPTY, TOKEN, bytes, call, patiently, refused};

const TARGET: &str = "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0";

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let sandbox = Sandbox::start().await.or_fail();
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
    assert_eq!(statuses, [204, 501, 409, 501, 409, 501]);

    // Sent in one go, answered in order.
    let one = bytes("POST", TARGET, &[BEARER, EMPTY], "");
    let other = bytes("GET", "/", &[], "");
    client.write(format!("{one}{other}{one}")).await;
    for status in [409, 501, 409] {
        assert_eq!(client.read(true).await.status, status);
    }
}

#[tokio::test]
async fn the_journal_has_what_was_received_and_answered_but_no_secret() {
    let sandbox = Sandbox::start().await.or_fail();
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
        ("Host", "localhost:1"),
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
        let address: SocketAddr = address.parse().or_fail();
        let error = Sandbox::builder().listen(address).start().await;
        let error = error.err_or_fail();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{address}");
        assert!(error.to_string().contains("loopback"), "{error}");
    }
    let sandbox = Sandbox::start().await.or_fail();
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
    let sandbox = Sandbox::start().await.or_fail();
    let second = Sandbox::builder().listen(sandbox.address()).start().await;
    assert_eq!(second.err_or_fail().kind(), ErrorKind::AddrInUse);
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
        let error = builder.start().await.err_or_fail();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
}

#[test]
fn a_builder_shows_what_it_is_set_to_and_no_secret() {
    let builder = Sandbox::builder().strict(true).wap_user("ana", "canary");
    let shown = format!("{builder:?}");
    assert!(shown.starts_with("Builder {"), "{shown}");
    assert!(
        shown.contains("strict: true") && shown.contains("users: 1"),
        "{shown}"
    );
    assert!(
        !shown.contains("canary") && !shown.contains("ana"),
        "{shown}"
    );
}

#[tokio::test]
async fn stopping_closes_what_is_idle_and_answers_what_is_under_way() {
    let sandbox = Sandbox::start().await.or_fail();
    let address = sandbox.address();
    let mut fresh = Client::connect(&sandbox).await;
    let mut idle = Client::connect(&sandbox).await;
    assert_eq!(idle.call("GET", "/", &[], "").await.status, 501);
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
    patiently(stopped).await.or_fail();
    refused(address).await;
}

#[tokio::test]
async fn dropping_stops_the_server_and_its_connections() {
    let sandbox = Sandbox::start().await.or_fail();
    let address = sandbox.address();
    let mut client = Client::connect(&sandbox).await;
    assert_eq!(client.call("GET", "/", &[], "").await.status, 501);
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
    let sandbox = Sandbox::start().await.or_fail();
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

/// A cancellation that would succeed, with these lines for its Host.
fn cancellation(target: &str, hosts: &str) -> String {
    format!(
        "POST {target} HTTP/1.1\r\n{hosts}Authorization: Bearer {TOKEN}\r\nContent-Length: 0\r\n\r\n"
    )
}

/// A web page whose own name resolves to this machine is of the sandbox's origin to a browser, and its
/// requests differ from a client's in the name alone: ebarti/JobCtrl#217 names the forms that a check of
/// names lets through.
#[tokio::test]
async fn a_request_for_another_host_is_refused_and_does_nothing() {
    let sandbox = Sandbox::start().await.or_fail();
    let failed = Some(CertificateState::DeleteFailed);
    let foreign = [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evillocalhost",
        "localhost..",
        "127.0.0.1, evil.example",
        "localhost@evil.example",
        "evil.example@localhost",
        "192.0.2.1",
        "0.0.0.0",
        "[::]",
        "[2001:db8::1]",
        "[::ffff:192.0.2.1]",
        "2130706433",
        "",
        "a b",
        "http://localhost",
        "localh\u{f6}st",
    ];
    let hosts = foreign.map(|host| format!("Host: {host}\r\n"));
    let twice = [
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "",
    ];
    let twice = twice.map(str::to_owned);
    let mut requests: Vec<_> = hosts
        .iter()
        .chain(&twice)
        .map(|hosts| cancellation(TARGET, hosts))
        .collect();
    let absolute = |host: &str| format!("http://{host}{TARGET}");
    requests.extend([
        cancellation(&absolute("evil.example"), "Host: localhost\r\n"),
        cancellation(&absolute("localhost"), "Host: evil.example\r\n"),
    ]);
    let count = requests.len();
    for request in requests {
        let mut client = Client::connect(&sandbox).await;
        client.write(&request).await;
        let answer = client.read(true).await;
        assert_eq!(answer.status, 400, "{request}");
        let said = String::from_utf8(answer.body).or_fail();
        assert!(said.contains("Host") || said.contains("host"), "{said}");
        assert!(!said.contains("evil"), "{said}");
        assert_eq!(
            sandbox.batch_state(samples::BATCH_DELETE_FAILED),
            failed,
            "{request}"
        );
    }
    assert_eq!(sandbox.exchanges().len(), count);
}

#[tokio::test]
async fn names_that_mean_this_machine_are_taken_with_any_port() {
    let sandbox = Sandbox::start().await.or_fail();
    let port = sandbox.address().port();
    let own = format!("127.0.0.1:{port}");
    for host in [
        own.as_str(),
        "127.0.0.1",
        "127.1.2.3:9",
        "localhost",
        "LocalHost.:9",
        "account.region.localhost:9",
        "[::1]",
        "[::1]:9",
        "[::ffff:127.0.0.1]",
    ] {
        let mut client = Client::connect(&sandbox).await;
        let hosts = format!("Host: {host}\r\n");
        client.write(cancellation("/nowhere", &hosts)).await;
        assert_eq!(client.read(true).await.status, 501, "{host}");
        let absolute = format!("http://{host}/nowhere");
        let elsewhere = "Host: localhost\r\n";
        client.write(cancellation(&absolute, elsewhere)).await;
        assert_eq!(client.read(true).await.status, 501, "{absolute}");
    }
}

/// In a container the others call it by a name of their own, and are refused without a word of why in other
/// emulators (Azure/Azurite#1583).
#[tokio::test]
async fn a_name_that_the_sandbox_was_given_is_taken_and_no_other() {
    let sandbox = Sandbox::builder().host("Sandbox").host("batch.test");
    let sandbox = sandbox.start().await.or_fail();
    for (host, status) in [
        ("sandbox:8080", 501),
        ("SANDBOX.", 501),
        ("batch.test", 501),
        ("localhost", 501),
        ("other", 400),
        ("sandbox.evil.example", 400),
        ("batch", 400),
        ("192.0.2.1", 400),
    ] {
        let mut client = Client::connect(&sandbox).await;
        client
            .write(cancellation("/nowhere", &format!("Host: {host}\r\n")))
            .await;
        let answer = client.read(true).await;
        assert_eq!(answer.status, status, "{host}");
        let said = String::from_utf8(answer.body).or_fail();
        assert!(status == 501 || said.contains("--host"), "{said}");
    }
    for name in ["", "a b", "sandbox:80", "http://sandbox", "s\u{e4}ndbox"] {
        let error = Sandbox::builder().host(name).start().await.err_or_fail();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
    }
}

#[tokio::test]
async fn other_machines_come_in_only_if_they_are_allowed_and_by_addresses() {
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let builder = Sandbox::builder().listen(everywhere).allow_remote(true);
    let sandbox = builder.start().await.or_fail();
    // What a client on this machine can use.
    let port = sandbox.address().port();
    assert_eq!(sandbox.base_url(), format!("http://127.0.0.1:{port}"));
    for (host, status) in [
        ("192.0.2.1:80", 501),
        ("[2001:db8::1]", 501),
        ("localhost", 501),
        ("evil.example", 400),
    ] {
        let mut client = Client::connect(&sandbox).await;
        client
            .write(cancellation("/nowhere", &format!("Host: {host}\r\n")))
            .await;
        assert_eq!(client.read(true).await.status, status, "{host}");
    }
}

/// How long it takes until the sandbox closes a connection on which these bytes came, after so many answers.
/// The time is paused: it jumps to the next limit whenever nothing else can happen.
async fn closed_after(bytes: &str, answers: usize) -> Duration {
    let sandbox = Sandbox::start().await.or_fail();
    let mut client = Client::connect(&sandbox).await;
    client.write(bytes).await;
    for _ in 0..answers {
        client.read(true).await;
    }
    let before = Instant::now();
    client.closed().await;
    before.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_whole_head_is_closed_after_half_a_minute() {
    let request = bytes("GET", "/nowhere", &[], "");
    for (bytes, answers) in [
        ("", 0),
        ("GET / HTT", 0),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: ", 0),
        (request.as_str(), 1),
        (&format!("{request}GET"), 1),
    ] {
        let passed = closed_after(bytes, answers).await;
        let limit = Duration::from_secs(30)..Duration::from_secs(31);
        assert!(limit.contains(&passed), "{bytes:?}: {passed:?}");
    }
}

/// The limit on a head is none on a body: hyperium/hyper#2457.
#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_refused_after_half_a_minute() {
    let sandbox = Sandbox::start().await.or_fail();
    for headers in [
        &[BEARER, ("Content-Length", "2")][..],
        &[BEARER, ("Transfer-Encoding", "chunked")],
    ] {
        let mut client = Client::connect(&sandbox).await;
        let before = Instant::now();
        client.write(bytes("POST", TARGET, headers, "1")).await;
        let answer = client.read(true).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["code"], "InvalidRequestBody");
        assert_eq!(answer.header("connection"), Some("close"));
        let passed = before.elapsed();
        let limit = Duration::from_secs(30)..Duration::from_secs(31);
        assert!(limit.contains(&passed), "{passed:?}");
        client.closed().await;
    }
}

/// Whoever makes a header up names it by what it holds.
#[tokio::test]
async fn the_journal_has_no_value_of_a_header_that_is_named_like_a_secret() {
    let sandbox = Sandbox::start().await.or_fail();
    let names = [
        "Proxy-Authorization",
        "Set-Cookie",
        "X-Credentials",
        "X-Api-Key",
        "X-Password",
        "X-Principal",
        "X-Client-Secret",
        "X-Auth-Token",
    ];
    let headers: Vec<_> = names.iter().map(|name| (*name, "canary")).collect();
    call(&sandbox, "GET", "/", &headers).await;
    let exchanges = sandbox.exchanges();
    for name in names {
        assert_eq!(
            exchanges[0].request_header(name),
            Some("[redacted]"),
            "{name}"
        );
    }
}

/// As the builder says.
#[tokio::test]
async fn as_many_as_256_connections_are_served_at_a_time_unless_told_otherwise() {
    let sandbox = Sandbox::start().await.or_fail();
    let mut clients = Vec::new();
    for _ in 0..256 {
        let mut client = Client::connect(&sandbox).await;
        assert_eq!(client.call("GET", "/", &[], "").await.status, 501);
        clients.push(client);
    }
    let answer = Client::connect(&sandbox).await.read(true).await;
    assert_eq!(answer.status, 503);
    let said = String::from_utf8(answer.body).or_fail();
    assert!(said.contains("256 connections"), "{said}");
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_a_later_one_is_served() {
    let sandbox = Sandbox::builder().connections(2).start().await.or_fail();
    let mut first = Client::connect(&sandbox).await;
    let mut second = Client::connect(&sandbox).await;
    for client in [&mut first, &mut second] {
        assert_eq!(client.call("GET", "/", &[], "").await.status, 501);
    }
    // It is told so also when it sends nothing, and whatever it sends.
    for request in [String::new(), bytes("POST", TARGET, &[BEARER, EMPTY], "")] {
        let mut third = Client::connect(&sandbox).await;
        third.write(request).await;
        let answer = third.read(true).await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(answer.header("connection"), Some("close"));
        let said = String::from_utf8(answer.body.clone()).or_fail();
        assert!(said.contains("2 connections") && said.contains("Nothing was done"));
        third.closed().await;
    }
    assert_eq!(sandbox.exchanges().len(), 2);
    assert_eq!(second.call("GET", "/", &[], "").await.status, 501);

    drop(first);
    let served = async {
        loop {
            let mut client = Client::connect(&sandbox).await;
            if client.call("GET", "/", &[], "").await.status == 501 {
                break;
            }
        }
    };
    patiently(served).await;
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
