//! Which servers a client takes, by which choice, and what it says of those that it does not take. The
//! certificates are made here, the servers listen on loopback, and no port is fixed.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "tests"
)]

mod certificates;
mod choices;
mod client;
mod der;
mod identity;
mod matrix;
mod platform;
mod proxy;
mod retries;
mod server;
