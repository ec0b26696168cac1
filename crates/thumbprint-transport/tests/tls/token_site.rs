//! A token site is given the password by those alone who trust it, by the way that was chosen.

use std::{
    io::{Read as _, Write as _},
    net::SocketAddr,
};

use rustls::{ServerConnection, StreamOwned};
use test_support::Unreachable;
use thumbprint_transport::{
    Proxy, Tls, TokenSource as _,
    wstrust::{TokenError, WsTrust},
};

use crate::{
    certificates::{self, Identity},
    matrix,
    server::{ANY, Came, Server, config, finish},
};

const PASSWORD: &str = "canary-password";

/// Speaks TLS, takes a message and has no token for it.
fn site(identity: &Identity) -> Server {
    let config = config(identity, ANY, false);
    Server::start(move |stream| {
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let (mut messages, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            messages.extend_from_slice(&buffer[..length]);
            if messages.ends_with(b"</s:Envelope>") {
                let answer = b"HTTP/1.1 404 -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).unwrap();
            }
        }
        Came {
            raw: Vec::new(),
            messages,
        }
    })
}

fn ask(address: SocketAddr, tls: Tls, proxy: Proxy) -> TokenError {
    let builder = WsTrust::builder(format!("https://{address}"), "ana", PASSWORD)
        .applies_to("http://azureservices/TenantSite")
        .tls(tls)
        .proxy(proxy);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().unwrap();
    let error = runtime.block_on(async { builder.build().unwrap().token().await });
    error
        .unwrap_err()
        .downcast_ref::<TokenError>()
        .unwrap()
        .clone()
}

fn has_password(bytes: &[u8]) -> bool {
    bytes
        .windows(PASSWORD.len())
        .any(|window| window == PASSWORD.as_bytes())
}

#[test]
fn only_a_site_that_is_trusted_gets_the_password() {
    let (identity, other) = (certificates::good(), certificates::good());
    let pin = |identity: &Identity| Tls::pinned(matrix::pin(&identity.leaf));
    let roots = |identity: &Identity| Tls::only_roots([&identity.root]).unwrap();
    for (tls, trusted) in [
        (roots(&identity), true),
        (pin(&identity), true),
        (roots(&other), false),
        (pin(&other), false),
        (Tls::platform(), false),
    ] {
        let server = site(&identity);
        let error = ask(server.address(), tls.clone(), Proxy::None);
        let came = finish(server);
        assert_eq!(has_password(&came.messages), trusted, "{tls:?}");
        assert_eq!(error.status().is_some(), trusted, "{tls:?}: {error}");
        assert_eq!(error.tls_failure().is_some(), !trusted, "{tls:?}: {error}");
    }
}

#[test]
fn a_proxy_that_is_chosen_is_used_and_learns_no_password() {
    let proxy = Server::start(|mut stream| {
        let (mut raw, mut buffer) = (Vec::new(), [0; 4096]);
        while !raw.ends_with(b"\r\n\r\n") {
            let length = stream.read(&mut buffer).unwrap();
            assert_ne!(length, 0, "it was not asked");
            raw.extend_from_slice(&buffer[..length]);
        }
        stream.write_all(b"HTTP/1.1 502 -\r\n\r\n").unwrap();
        Came {
            raw,
            messages: Vec::new(),
        }
    });
    let url = format!("http://{}", proxy.address());
    let nobody = Unreachable::new().address;
    let error = ask(nobody, Tls::platform(), Proxy::url(&url).unwrap());
    assert_eq!(error.status(), None);
    let raw = finish(proxy).raw;
    assert!(raw.starts_with(format!("CONNECT {nobody} HTTP/1.1\r\n").as_bytes()));
    assert!(!has_password(&raw));
}
