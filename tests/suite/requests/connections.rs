//! Rows 20 and 21: with which credential, to which server, over how many connections. They must notice
//! a credential that is missing or doubled, a dropped base path or port, a doubled slash, and a
//! connection that is not used again.

use conformance::{
    calls,
    wire::{Answer, Recorder},
    world,
};
use thumbprint::{batch, wap};
use xtask::document::members;

use super::{PLAIN, values};

#[tokio::test]
async fn each_operation_sends_its_credential_once() {
    for (call, known) in PLAIN.into_iter().zip(calls::ALL) {
        let operation = world::operation(known.operation);
        // Both pages ask for a credential.
        assert!(operation.secured, "{}", operation.id);
        let request = call.record(calls::THUMBPRINT).await;
        let bearer = format!("Bearer {}", calls::TOKEN);
        assert_eq!(
            values(&request, "authorization"),
            [bearer.as_str()],
            "{}",
            operation.id
        );
        let elsewhere = request.head.replacen(&bearer, "", 1);
        assert!(!elsewhere.contains(calls::TOKEN), "{elsewhere}");
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
    for (call, name) in PLAIN.into_iter().zip(["batch", "wap"]) {
        let plain = call.record(calls::THUMBPRINT).await.target;
        for (given, kept) in paths {
            let recorder = Recorder::start([call.success()]).await;
            let endpoint = server(name, &recorder.base_url()) + given;
            call.send(&endpoint, &calls::thumbprint()).await.unwrap();
            let request = recorder.only();
            assert_eq!(request.target, format!("{kept}{plain}"), "{endpoint}");
            assert!(!request.target.contains("//"), "{endpoint}");
            let host = recorder.base_url().replace("http://", "");
            assert_eq!(values(&request, "host"), [host.as_str()], "{endpoint}");
        }
    }
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let json = ("Content-Type", "application/json");
    let error = r#"{"code":"CertificateStateActive","Code":"CertificateStateActive"}"#;
    // An answer, and whether it is one of success. Each leaves the connection as good as new.
    let answers = |success: Answer| {
        [
            (success.clone(), true),
            (Answer::new(409, &[json], error), false),
            (Answer::new(404, &[], ""), false),
            (
                Answer::new(500, &[("Content-Type", "text/html")], "<h1>no</h1>"),
                false,
            ),
            (
                Answer::Bytes(
                    b"HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
                        .to_vec(),
                ),
                false,
            ),
            (success, true),
        ]
    };
    let thumbprint = calls::thumbprint();

    let table = answers(PLAIN[0].success());
    let recorder = Recorder::start(table.clone().map(|(answer, _)| answer)).await;
    let account: batch::Client = calls::account(&recorder.base_url());
    for (answer, good) in &table {
        // Clones share the pool.
        let outcome = account.clone().cancel_deletion(&thumbprint).await;
        assert_eq!(outcome.is_ok(), *good, "{answer:?}: {outcome:?}");
    }
    assert_eq!(
        (recorder.received().len(), recorder.connections()),
        (table.len(), 1)
    );

    let table = answers(PLAIN[1].success());
    let recorder = Recorder::start(table.clone().map(|(answer, _)| answer)).await;
    let tenant: wap::Client = calls::tenant(&recorder.base_url());
    for (answer, good) in &table {
        let outcome = tenant.clone().delete(&thumbprint).await;
        assert_eq!(outcome.is_ok(), *good, "{answer:?}: {outcome:?}");
    }
    assert_eq!(
        (recorder.received().len(), recorder.connections()),
        (table.len(), 1)
    );
}
