//! A host whose name is none. Over https, as http is for this machine alone.

#![cfg(feature = "rustls")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use progenitor_client::Error as Client;
use serde_json::Value;
use thumbprint_transport::{
    Clock, Delivery, Error, ErrorBody, Judgement, Operation, Random, ServiceError, Transport,
    judgement::Rules,
};

static LOOK: Operation = Operation::new("Look", "GET", "/x", None, None, &[], &[], true, false);
static CHANGE: Operation =
    Operation::new("Change", "POST", "/x", None, None, &[], &[], true, false);

const JUDGEMENT: Judgement<Value> = Judgement {
    describe: |_| ServiceError::default(),
    rules: Rules::NONE,
};

/// A clock whose pauses pass at once.
#[derive(Debug, Default)]
struct Pauses(Mutex<Vec<Duration>>);

impl Clock for Pauses {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(pause);
        Box::pin(std::future::ready(()))
    }

    fn deadline(&self, limit: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(limit))
    }
}

#[derive(Debug)]
struct Half;

impl Random for Half {
    fn fraction(&self) -> f64 {
        0.5
    }
}

/// Nothing was sent, so any operation is tried again.
#[tokio::test]
async fn a_host_that_is_not_found_is_looked_for_again() {
    for operation in [&LOOK, &CHANGE] {
        // Too long for a name: no resolver asks anybody for it.
        let url = format!("https://{}.invalid", "n".repeat(70));
        let clock = Arc::new(Pauses::default());
        let builder = Transport::builder(&url, "token");
        let builder = builder
            .clock(Arc::clone(&clock) as _)
            .random(Arc::new(Half));
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
        let pauses = clock.0.lock().unwrap().clone();
        assert_eq!(pauses, [400, 800, 1600].map(Duration::from_millis));
    }
}
