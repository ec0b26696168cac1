//! A host whose name is none. Over https, as http is for this machine alone.

#![cfg(feature = "rustls")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{sync::Arc, time::Duration};

use progenitor_client::Error as Client;
use serde_json::Value;
use test_support::{FixedJitter, TestClock};
use thumbprint_transport::{
    Delivery, Error, ErrorBody, Judgement, Operation, ServiceError, Transport, judgement::Rules,
};

static LOOK: Operation = Operation::new("Look", "GET", "/x", None, None, &[], &[], true, false);
static CHANGE: Operation =
    Operation::new("Change", "POST", "/x", None, None, &[], &[], true, false);

const JUDGEMENT: Judgement<Value> = Judgement {
    describe: |_| ServiceError::default(),
    rules: Rules::NONE,
};

/// Nothing was sent, so any operation is tried again.
#[tokio::test]
async fn a_host_that_is_not_found_is_looked_for_again() {
    for operation in [&LOOK, &CHANGE] {
        // Too long for a name: no resolver asks anybody for it.
        let url = format!("https://{}.invalid", "n".repeat(70));
        let clock = TestClock::start();
        let builder = Transport::builder(&url, "token");
        let builder = builder
            .clock(clock.clone())
            .random(Arc::new(FixedJitter(0.5)));
        let transport = builder.build().unwrap();
        let method = operation.method.parse().unwrap();
        let request = transport.http().request(method, format!("{url}/x"));
        let request = request.build().unwrap();
        let response = transport.exec(request, Some(operation), &JUDGEMENT).await;
        let error = Error::from_client(
            Client::<ErrorBody<Value>>::UnexpectedResponse(response),
            &JUDGEMENT,
        );
        assert!(error.is_connect() && !error.is_tls(), "{error}");
        assert!(error.to_string().contains("not found"), "{error}");
        assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 4));
        assert_eq!(clock.pauses(), [400, 800, 1600].map(Duration::from_millis));
    }
}
