//! Chance, as far as a test may want to hold it.

use std::fmt;

/// What spreads the retries of many clients over time. Replaced in tests, so that pauses are known.
pub trait Random: fmt::Debug + Send + Sync {
    /// A number from 0 up to, and without, 1.
    fn fraction(&self) -> f64;
}

/// Numbers that are good enough to spread retries, and for nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fraction(&self) -> f64 {
        fastrand::f64()
    }
}
