//! Rows 20 and 21: with which credential, to which server, over how many connections. They must notice
//! a credential that is missing or doubled, a dropped base path or port, a doubled slash, and a
//! connection that is not used again.

use conformance::{
    calls::{self, Clients},
    world,
};
use test_support::{RawServer, Reply};
use xtask::document::members;

use super::plain;

#[tokio::test]
async fn each_operation_sends_its_credential_once() {
    for call in &calls::ALL {
        let operation = world::operation(call.operation);
        // All pages ask for a credential.
        assert!(operation.secured, "{}", operation.id);
        let request = plain(call).await;
        let bearer = format!("Bearer {}", calls::TOKEN);
        assert_eq!(
            request.values("authorization"),
            [bearer.as_str()],
            "{}",
            operation.id
        );
        let elsewhere = request.head.replacen(&bearer, "", 1);
        assert!(!elsewhere.contains(calls::TOKEN), "{elsewhere}");
        let body = String::from_utf8_lossy(&request.body);
        assert!(!body.contains(calls::TOKEN), "{body}");
    }
}

#[test]
fn the_documents_know_bearer_tokens() {
    // `Authorization: Bearer` is what `http`/`bearer` and `oauth2` schemes mean. A client of ours that is
    // given a token may use no other scheme.
    for (name, scheme) in [
        ("batch", ("azure_auth", "oauth2")),
        ("wap", ("Bearer", "http")),
    ] {
        let document = world::document(name);
        let schemes = &document.value["components"]["securitySchemes"];
        assert_eq!(schemes[scheme.0]["type"], scheme.1, "{name}");
        let offered = document.value["security"].as_array().unwrap();
        assert!(
            offered
                .iter()
                .any(|alternative| alternative.get(scheme.0).is_some()),
            "{name}"
        );
    }
    let wap = world::document("wap");
    assert_eq!(
        wap.value["components"]["securitySchemes"]["Bearer"]["scheme"],
        "bearer"
    );
}

#[test]
fn the_documents_servers_are_the_pages() {
    let batch = world::document("batch");
    let [server] = batch.value["servers"].as_array().unwrap().as_slice() else {
        panic!("several servers")
    };
    assert_eq!(server["url"], "{batchUrl}");
    let wap = world::document("wap");
    let [server] = wap.value["servers"].as_array().unwrap().as_slice() else {
        panic!("several servers")
    };
    assert_eq!(server["url"], "https://{ServiceMgmt}:{port}");
    assert_eq!(server["variables"]["port"]["default"], "30005");
}

/// A document's server with its variables filled in. The host and the port are a recorder's, so https
/// becomes http.
fn server(name: &str, base: &str) -> String {
    let address = base.strip_prefix("http://").unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let document = world::document(name);
    let server = &document.value["servers"][0];
    let mut url = server["url"].as_str().unwrap().to_owned();
    for (variable, _) in members(&server["variables"]) {
        let value = match variable.as_str() {
            "batchUrl" => base,
            "ServiceMgmt" => host,
            "port" => port,
            other => panic!("{name}: the server has a variable {other}"),
        };
        url = url.replace(&format!("{{{variable}}}"), value);
    }
    url.replace("https://", "http://")
}

#[tokio::test]
async fn base_urls_keep_their_port_and_path() {
    let paths = [
        ("", ""),
        ("/", ""),
        ("//", ""),
        ("/prefix", "/prefix"),
        ("/prefix/", "/prefix"),
        ("/prefix//", "/prefix"),
        ("/prefix/sub", "/prefix/sub"),
        ("/prefix/sub/", "/prefix/sub"),
        ("/Prefix/a%20b/", "/Prefix/a%20b"),
    ];
    for call in &calls::ALL {
        let plain = plain(call).await.target;
        for (given, kept) in paths {
            let recorder = RawServer::start([call.good()]).await;
            let endpoint = server(call.api(), &recorder.base_url()) + given;
            call.at(endpoint.as_str(), calls::PATIENT).await.unwrap();
            let request = recorder.only();
            assert_eq!(request.target, format!("{kept}{plain}"), "{endpoint}");
            assert!(!request.target.contains("//"), "{endpoint}");
            let host = recorder.base_url().replace("http://", "");
            assert_eq!(request.values("host"), [host.as_str()], "{endpoint}");
        }
    }
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let json = ("Content-Type", "application/json");
    let error = r#"{"code":"CertificateStateActive","Code":"CertificateStateActive"}"#;
    // An answer, and whether it is one of success. Each leaves the connection as good as new.
    let answers = |success: Reply| {
        [
            (success.clone(), true),
            (Reply::new(409, &[json], error), false),
            (Reply::new(404, &[], ""), false),
            (
                Reply::new(500, &[("Content-Type", "text/html")], "<h1>no</h1>"),
                false,
            ),
            (
                Reply::Bytes(
                    b"HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
                        .to_vec(),
                ),
                false,
            ),
            (success, true),
        ]
    };
    for call in &calls::ALL {
        let table = answers(call.good());
        let recorder = RawServer::start(table.clone().map(|(answer, _)| answer)).await;
        let clients = Clients::at(&recorder.base_url());
        for (answer, good) in &table {
            // Clones share the pool.
            let outcome = (call.run)(clients.clone(), None).await;
            assert_eq!(outcome.is_ok(), *good, "{answer:?}: {outcome:?}");
        }
        assert_eq!(
            (recorder.received().len(), recorder.connections()),
            (table.len(), 1),
            "{}",
            call.operation
        );
    }
}

/// All operations of a service go over the same connection, with and without bodies either way.
#[tokio::test]
async fn one_connection_serves_all_operations() {
    for api in ["batch", "wap"] {
        let calls: Vec<_> = calls::ALL
            .iter()
            .filter(|call| call.api() == api)
            .cycle()
            .take(12)
            .collect();
        let recorder = RawServer::start(calls.iter().map(|call| call.good())).await;
        let clients = Clients::at(&recorder.base_url());
        for call in &calls {
            let outcome = (call.run)(clients.clone(), None).await;
            assert!(outcome.is_ok(), "{}: {outcome:?}", call.operation);
        }
        assert_eq!(
            (recorder.received().len(), recorder.connections()),
            (calls.len(), 1),
            "{api}"
        );
    }
}
