//! Calls through the runtime alone, of an API that is made up here: what no generated client is needed for.

mod client;
mod confirm;
mod deadlines;
#[cfg(feature = "rustls")]
mod hosts;
mod pages;
mod requests;
mod security;
mod streams;
mod waits;
