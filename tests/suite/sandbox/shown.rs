//! The documents' own examples: what one shows of a request the sandbox does, and what one shows of an answer it gives.

use std::sync::Arc;

use conformance::{
    calls::{SUBSCRIPTION, THUMBPRINT, TOKEN},
    world,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_support::TestClock;
use thumbprint::{Clock as _, transport::Transport};
use thumbprint_admin::{Client, types};
use thumbprint_sandbox::{CertificateState, Sandbox, samples};

use super::{Checked, Request, required};

/// The example of a schema of the sandbox's own API, as the type of its name.
fn example<T: DeserializeOwned>(schema: &str) -> T {
    let document = world::document("admin");
    let example = document.value["components"]["schemas"][schema]["example"].clone();
    serde_json::from_value(example)
        .unwrap_or_else(|error| panic!("specs/admin.yaml: the example of {schema}: {error}"))
}

#[tokio::test]
async fn examples_of_the_sandboxs_own_api_do_what_they_show() {
    let clock = TestClock::at("2023-11-20T10:11:12Z".parse().expect("a time"));
    let builder = Sandbox::builder().empty().admin(true);
    let builder = builder.clock(Arc::new(move || clock.utc_now()));
    let checked = Checked::new(builder.start().await.expect("a sandbox on loopback"));
    let url = checked.sandbox.admin_url().expect("it was asked for");
    let base = url.trim_end_matches("/__sandbox");
    let transport = Transport::builder(base, TOKEN).allow_loopback_http();
    let client = Client::new(transport.build().expect("a transport on loopback"));

    let seed = client.sandbox_seed().body(example::<types::Seed>("Seed"));
    seed.await.expect("the example of Seed is a seed");
    let state = checked.sandbox.batch_state(THUMBPRINT);
    assert_eq!(state, Some(CertificateState::DeleteFailed));
    let held = client.sandbox_get_state().await.expect("a state");
    let held = serde_json::to_value(&held.value().holds).expect("JSON");
    let pools = &held["batch"]["certificates"][0]["pools"];
    assert_eq!(*pools, json!(["mypool"]), "{held}");

    let advance = example::<types::Advance>("Advance");
    let after = client.clock_advance().body(advance).await;
    let after = after.expect("the example of Advance is a time").value().now;
    assert_eq!(after.to_rfc3339(), "2023-11-20T10:21:12+00:00");

    let fault = example::<types::Fault>("Fault");
    let staged = client.faults_add().body(fault).await;
    staged.expect("the example of Fault is a fault");
    let id = "Certificate_CancelDeletion";
    let (_, operation) = checked.operation(id);
    let request = Request::new(operation, &required(THUMBPRINT, SUBSCRIPTION));
    let host = checked.sandbox.address().to_string();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = test_support::exchange(checked.sandbox.address(), &request.bytes(&host)).await;
        statuses.push((
            answer.status,
            answer.header("retry-after").map(str::to_owned),
        ));
    }
    let later = || Some("1".to_owned());
    assert_eq!(statuses, [(503, later()), (503, later()), (204, None)]);
}

#[tokio::test]
async fn the_example_of_a_refusal_is_what_the_sandbox_answers() {
    let checked = Checked::new(Sandbox::start().await.expect("a sandbox on loopback"));
    let id = "Certificate_CancelDeletion";
    let (document, operation) = checked.operation(id);
    let place = "/components/responses/BatchError/content/application~1json/example";
    let mut shown = document.value.pointer(place).expect(place).clone();
    let request = Request::new(operation, &required(samples::BATCH_ACTIVE, SUBSCRIPTION));
    let answer = checked.send(id, &request).await;
    let mut given: Value = serde_json::from_slice(&answer.body).expect("JSON");
    // Of the account there is only the place, and the service adds identifier and time to what it says.
    for value in [&mut shown, &mut given] {
        for (pointer, from) in [("/odata.metadata", "/$metadata"), ("/message/value", "")] {
            let text = value.pointer(pointer).and_then(Value::as_str);
            let text = text.unwrap_or_else(|| panic!("{pointer} lacks"));
            let text = text.lines().next().unwrap_or_default();
            let start = text.find(from).unwrap_or_default();
            let text = json!(text[start..]);
            *value.pointer_mut(pointer).expect(pointer) = text;
        }
    }
    assert_eq!(given, shown, "specs/batch.yaml#{place} is on the right");
}
