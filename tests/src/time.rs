//! A clock for tests: nobody waits for a pause, and a deadline passes when a test says so.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use thumbprint::Clock;
use tokio::sync::watch;

/// A clock whose pauses pass at once: they only move its time on.
#[derive(Debug)]
pub struct TestClock {
    start: Instant,
    /// The time of day at the start.
    day: DateTime<Utc>,
    state: Arc<Mutex<State>>,
    silences: watch::Sender<usize>,
    heard: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    passed: Duration,
    pauses: Vec<Duration>,
}

impl TestClock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            day: Utc::now(),
            state: Arc::default(),
            silences: watch::Sender::new(0),
            heard: watch::Sender::new(0),
        })
    }

    /// Moves the time on.
    ///
    /// # Panics
    /// If another thread of the test has.
    pub fn advance(&self, time: Duration) {
        self.state.lock().unwrap().passed += time;
    }

    /// Says that nothing more will come: every deadline that somebody waits for passes, and the time is
    /// then what it is at the end of the longest.
    pub fn silence(&self) {
        self.silences.send_modify(|count| *count += 1);
    }

    /// Changes whenever somebody who waits for a deadline has looked at what has arrived.
    #[must_use]
    pub fn heard(&self) -> watch::Receiver<usize> {
        self.heard.subscribe()
    }

    /// The pauses so far: those between attempts, and between looks.
    ///
    /// # Panics
    /// If another thread of the test has.
    #[must_use]
    pub fn pauses(&self) -> Vec<Duration> {
        self.state.lock().unwrap().pauses.clone()
    }

    fn passed(&self) -> Duration {
        self.state.lock().unwrap().passed
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + self.passed()
    }

    fn utc_now(&self) -> DateTime<Utc> {
        self.day + self.passed()
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut state = self.state.lock().unwrap();
        state.passed += pause;
        state.pauses.push(pause);
        Box::pin(std::future::ready(()))
    }

    /// Passes with the next silence, or when it really has: nothing hangs for ever.
    fn deadline(&self, limit: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let end = self.passed().saturating_add(limit);
        let (state, heard) = (Arc::clone(&self.state), self.heard.clone());
        let mut silences = self.silences.subscribe();
        let mut passing = Box::pin(async move {
            let silence = async {
                if silences.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            let _ = tokio::time::timeout(limit, silence).await;
            let mut state = state.lock().unwrap();
            state.passed = state.passed.max(end);
        });
        Box::pin(poll_fn(move |context| {
            heard.send_modify(|count| *count += 1);
            passing.as_mut().poll(context)
        }))
    }
}
