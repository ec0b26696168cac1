//! A sandbox by a clock that the test holds.

use std::{sync::Arc, time::Duration};

use test_support::{OrFail as _, TestClock};
use thumbprint_sandbox::{Builder, Sandbox};
use thumbprint_transport::Clock as _;

/// When every clock starts.
pub(crate) const START: &str = "2023-11-20T10:11:12.1234567Z";

/// A builder with a clock of its own, and deletions of ten seconds.
pub(crate) fn builder() -> (Builder, Arc<TestClock>) {
    // What the service does not print, it must not keep either.
    let clock = TestClock::at("2023-11-20T10:11:12.123456789Z".parse().or_fail());
    let told = clock.clone();
    let builder = Sandbox::builder()
        .clock(Arc::new(move || told.utc_now()))
        .deletion_time(Duration::from_secs(10));
    (builder, clock)
}
