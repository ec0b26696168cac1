//! The sandbox's own API, by its generated client and by bytes.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_admin::{
    Client as Admin,
    types::{Advance, Fault, Seed},
};
use thumbprint_sandbox::{CertificateState, Sandbox, samples};
use thumbprint_transport::Transport;

use crate::{
    batch::{VERSION, resource, target},
    client::{BEARER, Client, EMPTY, call},
    clock::{START, builder},
    wap,
};

const SEEDED: &str = "00112233445566778899aabbccddeeff00112233";
const OTHER: &str = "ff112233445566778899aabbccddeeff00112233";

/// A client of the sandbox's own API.
pub(crate) fn client(sandbox: &Sandbox) -> Admin {
    let url = sandbox.admin_url().or_fail();
    let base = url.strip_suffix("/__sandbox").or_fail();
    let transport = Transport::builder(base, "none-is-asked-for").allow_loopback_http();
    Admin::new(transport.build().or_fail())
}

fn seed(value: Value) -> Seed {
    serde_json::from_value(value).or_fail()
}

pub(crate) fn fault(value: Value) -> Fault {
    serde_json::from_value(value).or_fail()
}

/// What the API says to a body.
async fn said(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> (u16, String) {
    let length = body.len().to_string();
    let headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", length.as_str()),
    ];
    let mut client = Client::connect(sandbox).await;
    let answer = client.call(method, path, &headers, body).await;
    let message = answer.json()["message"].as_str().or_fail().to_owned();
    (answer.status, message)
}

#[tokio::test]
async fn it_is_there_only_if_asked_for() {
    let sandbox = Sandbox::start().await.or_fail();
    assert_eq!(sandbox.admin_url(), None);
    for path in ["/__sandbox/state", "/__sandbox/reset", "/__sandbox"] {
        assert_eq!(call(&sandbox, "GET", path, &[]).await.status, 501, "{path}");
    }
}

#[tokio::test]
async fn a_port_of_its_own_has_nothing_else_and_the_services_do_not_have_it() {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let builder = Sandbox::builder().admin_listen(any);
    let sandbox = builder.start().await.or_fail();
    let state = client(&sandbox).sandbox_get_state().await.or_fail();
    assert!(state.value().holds.batch.is_some());
    assert_eq!(
        call(&sandbox, "GET", "/__sandbox/state", &[]).await.status,
        501
    );
    let url: url::Url = sandbox.admin_url().or_fail().parse().or_fail();
    let own = SocketAddr::from((Ipv4Addr::LOCALHOST, url.port().or_fail()));
    let request = format!(
        "GET /certificates?{VERSION} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    let answer = test_support::exchange(own, request.as_bytes()).await;
    assert_eq!(answer.status, 404);
    // It is not for other machines either.
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let error = Sandbox::builder().admin_listen(everywhere).start().await;
    assert_eq!(error.err_or_fail().kind(), ErrorKind::InvalidInput);
}

/// A page of any site can have a browser send a request to this machine, and a POST without a body needs no
/// leave to do so.
#[tokio::test]
async fn web_pages_are_refused_and_change_nothing() {
    let sandbox = Sandbox::builder()
        .empty()
        .admin(true)
        .start()
        .await
        .or_fail();
    client(&sandbox)
        .sandbox_seed()
        .body(seed(
            json!({"batch": {"certificates": [{"thumbprint": SEEDED}]}}),
        ))
        .await
        .or_fail();
    // What the document says of a state that is left out.
    assert_eq!(sandbox.batch_state(SEEDED), Some(CertificateState::Active));
    for origin in ["http://evil.example", "http://localhost:3000", "null"] {
        let headers = [EMPTY, ("Origin", origin)];
        let answer = call(&sandbox, "POST", "/__sandbox/reset", &headers).await;
        assert_eq!(answer.status, 403, "{origin}");
    }
    assert!(sandbox.batch_state(SEEDED).is_some());
}

#[tokio::test]
async fn a_seed_replaces_what_the_services_hold() {
    let (builder, clock) = builder();
    let sandbox = builder.admin(true).start().await.or_fail();
    let admin = client(&sandbox);
    let holds = json!({
        "batch": {"certificates": [
            {"thumbprint": SEEDED, "state": "deletefailed", "since": "2023-11-01T00:00:00Z", "pools": ["one", "two"]},
            {"thumbprint": OTHER, "publicData": "TUlJQw=="},
            {"thumbprint": samples::BATCH_DELETING, "state": "deleting", "since": "2023-11-20T10:11:05Z"},
        ]},
        "wap": {"subscriptions": [
            {"id": samples::WAP_SUBSCRIPTION, "certificates": [{
                "SubscriptionCertificateThumbprint": samples::WAP_THUMBPRINT,
                "TimeCreated": "2013-07-03T16:19:50.793",
            }]},
            {"id": "11111111-38cb-4fa6-9258-4afde95d3c05"},
        ]},
    });
    admin.sandbox_seed().body(seed(holds)).await.or_fail();
    assert_eq!(sandbox.batch_state(samples::BATCH_ACTIVE), None);

    let answer = call(
        &sandbox,
        "GET",
        &format!("{}?{VERSION}", resource(SEEDED)),
        &[BEARER],
    )
    .await;
    let body = answer.json();
    assert_eq!(body["stateTransitionTime"], "2023-11-01T00:00:00.0000000Z");
    let pools = &body["deleteCertificateError"]["values"];
    assert_eq!(
        (&pools[0]["value"], &pools[1]["value"]),
        (&json!("one"), &json!("two"))
    );
    let answer = call(
        &sandbox,
        "GET",
        &format!("{}?{VERSION}", resource(OTHER)),
        &[BEARER],
    )
    .await;
    assert_eq!(answer.json()["publicData"], "TUlJQw==");
    let path = wap::target("11111111-38cb-4fa6-9258-4afde95d3c05", "");
    let list = call(
        &sandbox,
        "GET",
        path.trim_end_matches('/'),
        &[BEARER, wap::PRINCIPAL],
    )
    .await;
    assert_eq!(list.json(), json!([]));

    // A deletion of ten seconds, seven of which had passed.
    let deleting = || sandbox.batch_state(samples::BATCH_DELETING);
    assert_eq!(deleting(), Some(CertificateState::Deleting));
    clock.advance(Duration::from_secs(3));
    assert_eq!(deleting(), None);

    // The state is a seed again.
    let state = admin.sandbox_get_state().await.or_fail();
    let before = state.value().holds.clone();
    admin.sandbox_seed().body(Seed::default()).await.or_fail();
    assert_eq!(sandbox.batch_count(CertificateState::Active), 0);
    admin.sandbox_seed().body(before.clone()).await.or_fail();
    let state = admin.sandbox_get_state().await.or_fail();
    assert_eq!(state.value().holds, before);
}

#[tokio::test]
async fn a_reset_takes_everything_back_to_the_start() {
    let (builder, _) = builder();
    let sandbox = builder.admin(true).start().await.or_fail();
    let admin = client(&sandbox);
    let start = admin.sandbox_get_state().await.or_fail().value().clone();
    assert_eq!(
        start.now,
        START.parse::<chrono::DateTime<chrono::Utc>>().or_fail()
    );
    admin
        .clock_advance()
        .body(Advance::new(600.0))
        .await
        .or_fail();
    admin.sandbox_seed().body(Seed::default()).await.or_fail();
    admin
        .faults_add()
        .body(fault(json!({"status": 503})))
        .await
        .or_fail();
    assert_eq!(call(&sandbox, "GET", "/", &[]).await.status, 503);
    admin
        .faults_add()
        .body(fault(json!({"status": 503})))
        .await
        .or_fail();
    admin.sandbox_reset().await.or_fail();
    assert_eq!(*admin.sandbox_get_state().await.or_fail().value(), start);
    assert_eq!(sandbox.exchanges(), []);
}

#[tokio::test]
async fn the_clock_goes_on_when_it_is_told_to() {
    let (builder, _) = builder();
    let sandbox = builder.admin(true).start().await.or_fail();
    let admin = client(&sandbox);
    let before = admin.clock_get().await.or_fail().value().now;
    let after = admin
        .clock_advance()
        .body(Advance::new(9.5))
        .await
        .or_fail();
    assert_eq!(
        after.value().now - before,
        chrono::TimeDelta::milliseconds(9500)
    );
    assert_eq!(
        sandbox.batch_state(samples::BATCH_DELETING),
        Some(CertificateState::Deleting)
    );
    admin
        .clock_advance()
        .body(Advance::new(0.5))
        .await
        .or_fail();
    assert_eq!(sandbox.batch_state(samples::BATCH_DELETING), None);
    for seconds in ["-1", "3153600001"] {
        let body = format!("{{\"seconds\": {seconds}}}");
        let (status, message) = said(&sandbox, "POST", "/__sandbox/clock/advance", &body).await;
        assert_eq!(status, 400);
        assert!(message.contains("seconds"), "{message}");
    }
    for _ in 0..79 {
        admin
            .clock_advance()
            .body(Advance::new(3_153_600_000.0))
            .await
            .or_fail();
    }
    let body = json!({"seconds": 3_153_600_000_u32}).to_string();
    let (status, message) = said(&sandbox, "POST", "/__sandbox/clock/advance", &body).await;
    assert_eq!(status, 400);
    assert!(message.contains("9999"), "{message}");
}

#[tokio::test]
async fn the_journal_tells_what_was_asked_and_no_secret() {
    let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
    let admin = client(&sandbox);
    let headers = [BEARER, EMPTY, ("x-api-key", "canary-key")];
    call(
        &sandbox,
        "POST",
        &target(samples::BATCH_DELETE_FAILED),
        &headers,
    )
    .await;
    call(&sandbox, "GET", "/pools?sig=canary", &[]).await;
    let journal = admin.journal_get().await.or_fail();
    let [cancel, other] = &journal.value().exchanges[..] else {
        panic!("{journal:?}")
    };
    assert_eq!(
        cancel.operation.as_deref(),
        Some("Certificate_CancelDeletion")
    );
    assert_eq!((cancel.status, cancel.fault), (204, false));
    assert_eq!(
        (other.status, other.target.as_str()),
        (501, "/pools?sig=[redacted]")
    );
    assert!(!format!("{journal:?}").contains("canary"));
    let last = admin.journal_get().last(1).await.or_fail();
    assert_eq!(last.value().exchanges, std::slice::from_ref(other));
    admin.journal_clear().await.or_fail();
    assert_eq!(sandbox.exchanges(), []);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_and_remedy_and_changes_nothing() {
    let (builder, _) = builder();
    let sandbox = builder.admin(true).start().await.or_fail();
    let before = client(&sandbox)
        .sandbox_get_state()
        .await
        .or_fail()
        .value()
        .clone();
    #[rustfmt::skip]
    let rows = [
        ("PUT", "seed", json!({"batsh": {}}), "batsh"),
        ("PUT", "seed", json!({"batch": {"certificates": [{"thumbprint": "0123"}]}}), "batch.certificates[0].thumbprint: "),
        ("PUT", "seed", json!({"batch": {"certificates": [{"thumbprint": SEEDED, "state": "gone"}]}}), "deletefailed"),
        ("PUT", "seed", json!({"batch": {"certificates": [{"thumbprint": SEEDED, "since": "2100-01-01T00:00:00Z"}]}}), "since"),
        ("PUT", "seed", json!({"wap": {"subscriptions": [{"id": "mine"}]}}), "wap.subscriptions[0].id: "),
        ("PUT", "seed", json!([]), "specs/admin.yaml"),
        ("POST", "clock/advance", json!({}), "seconds"),
        ("POST", "clock/advance", json!({"seconds": "10"}), "seconds"),
        ("POST", "faults", json!({"operation": "Pool_List"}), "Certificate_List"),
        ("POST", "faults", json!({"count": 0}), "nonzero"),
        ("POST", "faults", json!({"count": 1_000_000_001}), "count"),
        ("POST", "faults", json!({"delaySeconds": -1}), "delaySeconds"),
        ("POST", "faults", json!({"delaySeconds": 86_401}), "delaySeconds"),
        ("POST", "faults", json!({"interim": [200]}), "interim"),
        ("POST", "faults", json!({"status": 99}), "status"),
        ("POST", "faults", json!({"status": 1000}), "status"),
        ("POST", "faults", json!({"headers": [{"name": "a b", "value": ""}]}), "headers"),
        ("POST", "faults", json!({"headers": [{"name": "a", "value": "\r\nb: c"}]}), "headers"),
        ("POST", "faults", json!({"headers": [{"name": "a", "value": "\u{2713}"}]}), "headers"),
        ("POST", "faults", json!({"body": "", "bodyBase64": ""}), "bodyBase64"),
        ("POST", "faults", json!({"bodyBase64": "?"}), "bodyBase64"),
        ("POST", "faults", json!({"at": "head"}), "at:"),
        ("POST", "faults", json!({"at": "head", "ending": "endless"}), "at:"),
        ("POST", "faults", json!({"at": "connection", "ending": "stall"}), "at:"),
        ("POST", "faults", json!({"at": "connection", "ending": "reset", "status": 500}), "at:"),
        ("POST", "faults", json!({"carryOut": false, "ending": "reset"}), "carryOut"),
        ("POST", "faults", json!({"ending": "never"}), "ending"),
    ];
    for (method, path, body, expected) in rows {
        let path = format!("/__sandbox/{path}");
        let (status, message) = said(&sandbox, method, &path, &body.to_string()).await;
        assert_eq!(status, 400, "{body}: {message}");
        assert!(message.contains(expected), "{body}: {message}");
    }
    assert_eq!(
        *client(&sandbox).sandbox_get_state().await.or_fail().value(),
        before
    );
    let answer = call(&sandbox, "GET", "/__sandbox/journal?last=0", &[]).await;
    assert_eq!(answer.status, 400);
    let answer = call(&sandbox, "GET", "/__sandbox/nothing", &[]).await;
    assert_eq!(answer.status, 404);
    assert!(
        answer.json()["message"]
            .as_str()
            .or_fail()
            .contains("POST /__sandbox/reset")
    );
    let answer = call(&sandbox, "DELETE", "/__sandbox/clock", &[]).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, HEAD"))
    );
}

/// `every_operation_of_the_documents_has_a_route`, of this document.
#[tokio::test]
async fn every_operation_of_the_document_is_carried_out() {
    let sandbox = Sandbox::builder().admin(true).start().await.or_fail();
    for operation in thumbprint_admin::operations::ALL {
        let body = match operation.content_type {
            None => "",
            Some(_) if operation.id == "Clock_Advance" => r#"{"seconds": 0}"#,
            Some(_) => "{}",
        };
        let length = body.len().to_string();
        let typed = [
            ("Content-Length", length.as_str()),
            ("Content-Type", "application/json"),
        ];
        let headers = if body.is_empty() { &typed[..1] } else { &typed };
        let mut client = Client::connect(&sandbox).await;
        let answer = client
            .call(operation.method, operation.path, headers, body)
            .await;
        let declared = operation.responses.iter().map(|response| response.status);
        assert!(answer.status < 300, "{}: {answer:?}", operation.id);
        assert!(
            declared
                .into_iter()
                .any(|status| status == Some(answer.status)),
            "{}",
            operation.id
        );
    }
}
