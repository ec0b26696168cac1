//! Which way a request takes, and whose fault it is when it does not arrive.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    thread,
    time::Duration,
};

use test_support::{OrFail as _, Unreachable};
use thumbprint_transport::{CertificatePin, Delivery, Proxy, Tls, TlsFailure, Transport};

use crate::tls::{
    certificates,
    client::{TOKEN, call, client},
    platform::in_child,
    server::{self, ANY, Came, Server},
};

/// A proxy that answers so to whatever it is asked for.
fn answering(answer: &'static [u8]) -> Server {
    server::saying(answer)
}

/// A proxy that opens the way to where it is told to. Keeps the head of what it was asked.
fn forwarding(to: SocketAddr) -> Server {
    Server::start(move |mut stream| {
        let mut raw = Vec::new();
        let mut byte = [0];
        while !raw.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
            raw.extend_from_slice(&byte);
        }
        let came = Came {
            raw,
            messages: Vec::new(),
        };
        if came.raw.is_empty() {
            return came;
        }
        let there = TcpStream::connect(to).or_fail();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").or_fail();
        let (mut from, mut into) = (stream.try_clone().or_fail(), there.try_clone().or_fail());
        let forth = thread::spawn(move || {
            let _ = io::copy(&mut from, &mut into);
            let _ = into.shutdown(std::net::Shutdown::Write);
        });
        let (mut from, mut into) = (there, stream);
        let _ = io::copy(&mut from, &mut into);
        let _ = into.shutdown(std::net::Shutdown::Write);
        forth.join().or_fail();
        came
    })
}

fn url(proxy: &Server) -> Proxy {
    Proxy::url(&format!(
        "http://canary-user:canary%20password@{}",
        proxy.address()
    ))
    .or_fail()
}

/// The credentials above, as they go over the wire.
const BASIC: &str = "Basic Y2FuYXJ5LXVzZXI6Y2FuYXJ5IHBhc3N3b3Jk";

#[test]
fn a_proxy_opens_the_way_and_sees_no_more_than_where_to() {
    let identity = certificates::good();
    let tls = Tls::only_roots([&identity.root]).or_fail();
    let server = server::tls(&identity, ANY);
    let proxy = forwarding(server.address());
    call(client(server.address()).tls(tls).proxy(url(&proxy))).or_fail();
    let seen = String::from_utf8(server::finish(proxy).raw).or_fail();
    let address = server.address();
    assert!(
        seen.starts_with(&format!("CONNECT {address} HTTP/1.1\r\n")),
        "{seen}"
    );
    assert!(
        seen.contains(&format!("proxy-authorization: {BASIC}\r\n")),
        "{seen}"
    );
    assert!(!seen.contains(TOKEN), "{seen}");
    let message = String::from_utf8(server::finish(server).messages).or_fail();
    assert!(message.contains(TOKEN));
    assert!(
        !message.to_lowercase().contains("proxy-authorization"),
        "{message}"
    );
}

#[test]
fn the_services_certificate_is_checked_through_a_proxy() {
    let identity = certificates::good();
    let server = server::tls(&identity, ANY);
    let proxy = forwarding(server.address());
    let (other, _) = certificates::authority("Fabrikam");
    let tls = Tls::only_roots([other.der()]).or_fail();
    let error = call(client(server.address()).tls(tls).proxy(url(&proxy))).err_or_fail();
    assert_eq!(error.tls_failure(), Some(&TlsFailure::UnknownIssuer));
    assert!(!error.is_proxy());
    server::finish(proxy);
    assert!(server::finish(server).messages.is_empty());
}

#[test]
fn what_the_proxy_did_wrong_is_said_to_be_the_proxys() {
    let unreachable = Unreachable::new();
    let identity = certificates::good();
    let tls = Tls::only_roots([&identity.root]).or_fail();
    let rows = [
        (
            answering(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
            "a user name and a password",
            Delivery::Final,
        ),
        (
            answering(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"),
            "did not open a way to the service",
            Delivery::NotSent,
        ),
        (
            answering(b"SSH-2.0-canary\r\n"),
            "did not open a way to the service",
            Delivery::NotSent,
        ),
        (answering(b""), "broke off", Delivery::NotSent),
        (server::resetting(), "broke off", Delivery::NotSent),
    ];
    let check = |proxy: Proxy, reason: &str, delivery| {
        // Without what stands before the host.
        let shown = format!("{proxy:?}").replace("Url(", "").replace(')', "");
        let call = call(client(unreachable.address).tls(tls.clone()).proxy(proxy));
        let error = call.err_or_fail();
        let text = error.to_string();
        let start = format!("probe: no connection to the proxy {shown}: ");
        assert!(text.starts_with(&start), "{text}");
        assert_eq!(error.host(), Some(&*shown));
        assert!(text.contains(reason), "{text}");
        assert!(error.is_proxy() && error.is_connect(), "{text}");
        assert_eq!(error.delivery(), delivery, "{text}");
        let whole = format!("{error:?} {error:#?}");
        for canary in ["canary", &BASIC[6..], TOKEN] {
            assert!(!whole.contains(canary), "{whole}");
        }
        error
    };
    for (proxy, reason, delivery) in rows {
        let error = check(url(&proxy), reason, delivery);
        assert!(!error.is_tls());
        server::finish(proxy);
    }
    let gone = Proxy::url(&format!("http://{}", unreachable.address)).or_fail();
    check(gone, "nothing listens there", Delivery::NotSent);
    let unknown = Proxy::url("http://proxy.invalid:8080").or_fail();
    check(unknown, "not found or not reached", Delivery::NotSent);
    // An https proxy, whose certificate is checked like the service's.
    let https = server::resetting();
    let proxy = Proxy::url(&format!("https://{}", https.address())).or_fail();
    let error = check(proxy, "closed during the handshake", Delivery::NotSent);
    assert_eq!(error.tls_failure(), Some(&TlsFailure::HandshakeCut));
    server::finish(https);
    let https = server::tls(&certificates::good(), ANY);
    let proxy = Proxy::url(&format!("https://{}", https.address())).or_fail();
    let error = check(proxy, "no trusted authority", Delivery::Final);
    assert_eq!(error.tls_failure(), Some(&TlsFailure::UnknownIssuer));
    assert!(server::finish(https).messages.is_empty());
}

/// It is not known which of the two did not answer.
#[test]
fn a_connection_that_takes_too_long_names_the_service_and_the_proxy() {
    let unreachable = Unreachable::new();
    // It takes connections, and never reads from them.
    let proxy = TcpListener::bind("127.0.0.1:0").or_fail();
    let url = format!("http://{}", proxy.local_addr().or_fail());
    let with_user = url.replace("//", "//canary-user:canary-password@");
    let builder = client(unreachable.address).proxy(Proxy::url(&with_user).or_fail());
    let error = call(builder.connect_timeout(Duration::from_millis(50))).err_or_fail();
    let service = format!("https://{}", unreachable.address);
    let expected = format!("probe: no connection to {service} through the proxy {url} within 50ms");
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.host(), Some(&*service));
}

#[test]
fn what_makes_no_sense_together_is_refused() {
    let proxy = Proxy::url("http://canary-user:canary-password@proxy.example").or_fail();
    let builder = Transport::builder("http://127.0.0.1:1", TOKEN).allow_loopback_http();
    let builder = builder.proxy(proxy);
    assert!(!format!("{builder:?}").contains("canary"), "{builder:?}");
    let refusal = builder.build().err_or_fail();
    assert!(refusal.is_invalid_input());
    assert!(
        refusal
            .to_string()
            .starts_with("proxy: the endpoint is http"),
        "{refusal}"
    );

    let proxy = Proxy::url("https://proxy.example").or_fail();
    let pinned = Tls::pinned(CertificatePin::from([0; 32]));
    let builder = Transport::builder("https://a.example", TOKEN)
        .proxy(proxy)
        .tls(pinned);
    let refusal = builder.build().err_or_fail();
    assert!(refusal.is_invalid_input());
    assert!(
        refusal.to_string().starts_with("proxy: it is https"),
        "{refusal}"
    );
}

#[test]
fn the_environments_proxy_is_used_unless_told_otherwise() {
    let unreachable = Unreachable::new();
    let variable = format!("http://canary-user:canary-password@{}", unreachable.address);
    in_child(
        "tls::proxy::the_environments_proxy_is_used_unless_told_otherwise",
        &[
            ("HTTPS_PROXY", Path::new(&variable)),
            ("HTTP_PROXY", Path::new(&variable)),
        ],
        || {
            let identity = certificates::good();
            let tls = Tls::only_roots([&identity.root]).or_fail();
            let https = |address| client(address).tls(tls.clone());
            let server = server::tls(&identity, ANY);
            let error = call(https(server.address()).proxy(Proxy::System)).err_or_fail();
            assert!(error.is_proxy(), "{error}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
            call(https(server.address()).proxy(Proxy::None)).or_fail();
            server::finish(server);
            // Nothing that goes to this machine without encryption is shown to a proxy.
            let server = server::saying(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
            );
            let http = Transport::builder(format!("http://{}", server.address()), TOKEN);
            call(http.allow_loopback_http()).or_fail();
            assert!(!server::finish(server).raw.is_empty());
        },
    );
}

/// reqwest connects directly where a variable cannot be read, where it is of a kind that it was not built for (as in
/// <https://github.com/0xPlaygrounds/rig/issues/310>), and in a CGI script.
#[test]
fn a_variable_that_cannot_be_used_is_an_error_that_names_it() {
    const EXPECTED: &str = "THUMBPRINT_TEST_EXPECTED";
    const SOCKS: &str = "socks5://canary:canary@127.0.0.1:1";
    const LATER: [&str; 4] = ["https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"];
    let unreachable = Unreachable::new();
    let usable = unreachable.address.to_string();
    let rows = [
        (
            vec![("HTTPS_PROXY", SOCKS)],
            "HTTPS_PROXY: it is a SOCKS proxy, which is not supported",
        ),
        (
            vec![("https_proxy", "SOCKS5h://a")],
            "https_proxy: it is a SOCKS proxy, which is not supported",
        ),
        (
            vec![("HTTPS_PROXY", "ftp://canary@a")],
            "HTTPS_PROXY: its scheme is neither http nor https",
        ),
        (vec![("ALL_PROXY", "http://")], "ALL_PROXY: it is not a URL"),
        (
            vec![("all_proxy", "canary:99999")],
            "all_proxy: it is not a URL",
        ),
        (
            vec![("HTTPS_PROXY", "http://a/canary.pac")],
            "HTTPS_PROXY: it goes on behind host and port",
        ),
        (
            vec![("HTTPS_PROXY", "https://a"), ("NO_PROXY", "b")],
            "HTTPS_PROXY: it is https, and the only",
        ),
        (
            vec![("HTTPS_PROXY", SOCKS), ("ALL_PROXY", &usable)],
            "HTTPS_PROXY: it is a SOCKS proxy",
        ),
        (
            vec![
                ("HTTPS_PROXY", SOCKS),
                ("NO_PROXY", "a.example, 127.0.0.0/8"),
            ],
            "direct",
        ),
        (vec![("HTTPS_PROXY", SOCKS), ("no_proxy", "*")], "direct"),
        (vec![("HTTP_PROXY", SOCKS)], "direct"),
        (vec![("HTTPS_PROXY", ""), ("ALL_PROXY", "")], "direct"),
        (
            vec![("HTTPS_PROXY", &usable), ("NO_PROXY", "127.0.0.1")],
            "direct",
        ),
        (
            vec![("HTTPS_PROXY", &usable), ("ALL_PROXY", SOCKS)],
            "proxy",
        ),
        (vec![("HTTPS_PROXY", ""), ("all_proxy", &usable)], "proxy"),
        (
            vec![("HTTPS_PROXY", &usable), ("REQUEST_METHOD", "GET")],
            "proxy",
        ),
    ];
    for (variables, expected) in rows {
        let unset = LATER.map(|name| (name, ""));
        let expectation = (EXPECTED, expected);
        let variables = [&unset[..], &variables, &[expectation]].concat();
        let variables: Vec<_> = variables
            .iter()
            .map(|(name, value)| (*name, Path::new(value)))
            .collect();
        in_child(
            "tls::proxy::a_variable_that_cannot_be_used_is_an_error_that_names_it",
            &variables,
            || {
                let pinned = Tls::pinned(CertificatePin::from([0; 32]));
                let client = client(unreachable.address).tls(pinned).proxy(Proxy::System);
                let error = call(client).err_or_fail();
                let text = format!("{error} {error:?}");
                assert!(!text.contains("canary"), "{text}");
                match std::env::var(EXPECTED).or_fail().as_str() {
                    "direct" => assert!(error.is_connect() && !error.is_proxy(), "{text}"),
                    "proxy" => assert!(error.is_proxy(), "{text}"),
                    reason => {
                        assert!(
                            error.is_invalid_input() && text.starts_with(reason),
                            "{text}"
                        );
                    }
                }
            },
        );
    }
}

#[test]
#[cfg(unix)]
fn a_variable_that_is_not_utf_8_is_an_error_that_names_it() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};
    in_child(
        "tls::proxy::a_variable_that_is_not_utf_8_is_an_error_that_names_it",
        &[("HTTPS_PROXY", Path::new(OsStr::from_bytes(b"http://\xff")))],
        || {
            let builder = Transport::builder("https://a.example", TOKEN);
            let refusal = builder.build().err_or_fail().to_string();
            assert!(
                refusal.starts_with("HTTPS_PROXY: it is not UTF-8"),
                "{refusal}"
            );
        },
    );
}
