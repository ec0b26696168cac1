//! The sandbox from outside: bytes over a socket.

// clippy.toml allows these in tests, but clippy does not see that helpers are called by tests only.
#![allow(clippy::expect_used, clippy::panic)]

mod admin;
mod batch;
mod batch_add;
mod batch_get;
mod batch_life;
mod batch_list;
mod batch_refusals;
mod client;
mod clock;
mod faults;
mod server;
mod wap;
mod wap_store;
mod wap_token;
