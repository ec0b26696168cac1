//! Tokens by WS-Trust: what is sent to a token site, and what is made of its answers.

// clippy.toml allows these in tests, but clippy does not see that helpers are called by tests only.
#![allow(clippy::panic, clippy::too_many_lines, reason = "tests")]

mod answers;
mod exchange;
mod request;
mod secrets;
mod site;
mod token_site;
mod xml;
