//! Jitter, as far as a test may want to hold it.

use std::fmt;

/// What spreads the retries of many clients over time. Replaced in tests, so that pauses are known.
///
/// ```
/// use thumbprint_transport::Jitter;
///
/// /// No pause at all.
/// #[derive(Debug)]
/// struct NoJitter;
///
/// impl Jitter for NoJitter {
///     fn fraction(&self) -> f64 {
///         0.0
///     }
/// }
/// ```
pub trait Jitter: fmt::Debug + Send + Sync {
    /// A number from 0 up to, and without, 1: the part of the longest pause that is waited.
    fn fraction(&self) -> f64;
}

/// Random numbers that are good enough to spread retries, and for nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemJitter;

impl Jitter for SystemJitter {
    fn fraction(&self) -> f64 {
        fastrand::f64()
    }
}
