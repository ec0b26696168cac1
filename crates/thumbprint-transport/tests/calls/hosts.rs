//! A host that is not there. Over https, as http is for this machine alone.

use std::{sync::Arc, time::Duration};

use test_support::{FixedJitter, TestClock};
use thumbprint_transport::{Delivery, Transport};

use crate::client::{ADD, GET, call};

/// Nothing was sent, so any operation is tried again.
#[tokio::test]
async fn a_host_that_is_not_found_is_looked_up_again() {
    for operation in [&GET, &ADD] {
        // Too long for a name: no resolver asks for it.
        let url = format!("https://{}.invalid", "n".repeat(70));
        let clock = TestClock::start();
        let transport = Transport::builder(&url, "token")
            .clock(clock.clone())
            .jitter(Arc::new(FixedJitter(0.5)))
            .build()
            .unwrap();
        let error = call(&transport, operation).await.unwrap_err();
        assert!(error.is_connect() && !error.is_tls(), "{error}");
        assert!(error.to_string().contains("not found"), "{error}");
        assert_eq!((error.delivery(), error.attempts()), (Delivery::NotSent, 4));
        assert_eq!(clock.pauses(), [400, 800, 1600].map(Duration::from_millis));
    }
}
