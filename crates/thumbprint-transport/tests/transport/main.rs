//! The runtime without any API: calls through it, and which servers it trusts.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "tests"
)]

mod calls;
#[cfg(feature = "rustls")]
mod tls;
