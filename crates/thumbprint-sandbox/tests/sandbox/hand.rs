//! A clock that goes when it is told to.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use thumbprint_sandbox::{Builder, Clock, Sandbox};

/// When every hand starts.
pub(crate) const START: &str = "2023-11-20T10:11:12.1234567Z";

#[derive(Clone)]
pub(crate) struct Hand(Arc<Mutex<DateTime<Utc>>>);

impl Hand {
    pub(crate) fn new() -> Self {
        // What the service does not print, it must not keep either.
        let start = "2023-11-20T10:11:12.123456789Z".parse().unwrap();
        Self(Arc::new(Mutex::new(start)))
    }

    pub(crate) fn clock(&self) -> Clock {
        let hand = self.clone();
        Arc::new(move || *hand.0.lock().unwrap())
    }

    pub(crate) fn turn(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }

    pub(crate) fn back(&self, seconds: u64) {
        *self.0.lock().unwrap() -= Duration::from_secs(seconds);
    }
}

/// A builder with a hand for its clock, and deletions of ten seconds.
pub(crate) fn builder() -> (Builder, Hand) {
    let hand = Hand::new();
    let builder = Sandbox::builder()
        .clock(hand.clock())
        .deletion_time(Duration::from_secs(10));
    (builder, hand)
}
