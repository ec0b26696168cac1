//! A clock for tests: nobody waits for a pause, and a deadline passes when a test says so.

use std::{
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
    state: Mutex<State>,
    silences: watch::Sender<usize>,
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
            state: Mutex::default(),
            silences: watch::Sender::new(0),
        })
    }

    /// Moves the time on.
    ///
    /// # Panics
    /// If another thread of the test has.
    pub fn advance(&self, time: Duration) {
        self.state.lock().unwrap().passed += time;
    }

    /// Says that nothing more will come: every deadline that somebody waits for passes.
    pub fn silence(&self) {
        self.silences.send_modify(|count| *count += 1);
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
        let mut silences = self.silences.subscribe();
        Box::pin(async move {
            let silence = async {
                if silences.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            let _ = tokio::time::timeout(limit, silence).await;
        })
    }
}
