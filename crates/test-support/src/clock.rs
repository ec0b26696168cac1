//! Time and jitter that a test holds: no pause is waited for, and a deadline passes when a test says so.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::OrFail as _;

use chrono::{DateTime, Utc};
use thumbprint_transport::{Clock, Jitter};
use tokio::sync::watch;

/// A clock whose pauses pass at once: they only move its time on.
#[derive(Debug)]
pub struct TestClock {
    start: Instant,
    state: Arc<Mutex<State>>,
    silences: watch::Sender<usize>,
    heard: watch::Sender<usize>,
}

#[derive(Debug)]
struct State {
    /// The time of day at the start.
    day: DateTime<Utc>,
    passed: Duration,
    pauses: Vec<Duration>,
    limits: Vec<Duration>,
}

impl TestClock {
    /// A clock that starts now.
    pub fn start() -> Arc<Self> {
        Self::at(Utc::now())
    }

    /// A clock that starts at this time of day.
    pub fn at(day: DateTime<Utc>) -> Arc<Self> {
        let state = State {
            day,
            passed: Duration::ZERO,
            pauses: Vec::new(),
            limits: Vec::new(),
        };
        Arc::new(Self {
            start: Instant::now(),
            state: Arc::new(Mutex::new(state)),
            silences: watch::Sender::new(0),
            heard: watch::Sender::new(0),
        })
    }

    /// Moves the time on.
    pub fn advance(&self, time: Duration) {
        self.state.lock().or_fail().passed += time;
    }

    /// Sets the time of day back, and nothing else.
    pub fn set_back(&self, time: Duration) {
        self.state.lock().or_fail().day -= time;
    }

    /// Says that nothing more will come: every deadline that is waited for passes, and the time is then
    /// what it is at the end of the longest.
    pub fn silence(&self) {
        self.silences.send_modify(|count| *count += 1);
    }

    /// Changes whenever something that waits for a deadline has looked at what has arrived.
    pub fn heard(&self) -> watch::Receiver<usize> {
        self.heard.subscribe()
    }

    /// The pauses so far: those between attempts, and between polls.
    pub fn pauses(&self) -> Vec<Duration> {
        self.state.lock().or_fail().pauses.clone()
    }

    /// The limits of the deadlines so far.
    pub fn limits(&self) -> Vec<Duration> {
        self.state.lock().or_fail().limits.clone()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + self.state.lock().or_fail().passed
    }

    fn utc_now(&self) -> DateTime<Utc> {
        let state = self.state.lock().or_fail();
        state.day + state.passed
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut state = self.state.lock().or_fail();
        state.passed += pause;
        state.pauses.push(pause);
        Box::pin(std::future::ready(()))
    }

    /// Passes with the next silence, or when it really has: nothing hangs for ever.
    fn deadline(&self, limit: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (state, heard) = (Arc::clone(&self.state), self.heard.clone());
        let end = {
            let mut state = state.lock().or_fail();
            state.limits.push(limit);
            state.passed.saturating_add(limit)
        };
        let mut silences = self.silences.subscribe();
        let mut passing = Box::pin(async move {
            let silence = async {
                if silences.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            let _ = tokio::time::timeout(limit, silence).await;
            let mut state = state.lock().or_fail();
            state.passed = state.passed.max(end);
        });
        Box::pin(poll_fn(move |context| {
            heard.send_modify(|count| *count += 1);
            passing.as_mut().poll(context)
        }))
    }
}

/// Jitter that is always the same, so that pauses are known.
#[derive(Clone, Copy, Debug)]
pub struct FixedJitter(pub f64);

impl Jitter for FixedJitter {
    fn fraction(&self) -> f64 {
        self.0
    }
}
