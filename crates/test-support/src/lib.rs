//! What the tests of every crate share: a server of raw sockets, a clock that does not wait, a recorder
//! of traces, and what a test says that cannot go on. It knows no API, so that the tests of thumbprint-transport can
//! use it as those of the facade do.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "the crate is a part of the tests; a failure of its own is a failed test"
)]

mod client;
mod clock;
mod or_fail;
mod server;
mod sockets;
mod trace;

pub use client::{Answered, exchange};
pub use clock::{FixedJitter, TestClock};
pub use or_fail::OrFail;
pub use server::{RawServer, Received, Reply};
pub use sockets::{SocketServer, Unreachable};
pub use trace::{Trace, TraceGuard};

/// Whether the long form of a test is wanted, as `.ci/run` does: with `LONG_TESTS` in the environment. The short form has
/// the same rules and fewer values.
pub fn is_long() -> bool {
    std::env::var_os("LONG_TESTS").is_some()
}
