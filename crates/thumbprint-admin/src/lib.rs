//! Client for Administration of the thumbprint sandbox, generated from specs/admin.yaml.
//!
//! One builder per operation ([`Client`]), the document's [`types`], the typed [`headers`] of its answers
//! and what it says of each of its [`operations`]. What it cannot say is in [`semantics`].
//!
//! It is for tests in Rust that drive a sandbox of another process (`thumbprint sandbox --admin`), and for staging faults in
//! one of their own (`thumbprint_sandbox::Builder::admin`). All that the sandbox is asked for goes to its base URL, with any
//! token:
//!
//! ```
//! use thumbprint_admin::{Client, types::Advance};
//! use thumbprint_transport::{Error, Transport};
//!
//! # async fn example(url: &str) -> Result<(), Error> {
//! let transport = Transport::builder(url, "any-token").allow_loopback_http().build()?;
//! let client = Client::new(transport);
//! client.sandbox_reset().await?;
//! let clock = client.clock_advance().body(Advance::new(60.0)).await?;
//! println!("it is {} there", clock.now);
//! # Ok(())
//! # }
//! ```

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unused_mut, unreachable_pub, unfulfilled_lint_expectations, deprecated, non_camel_case_types)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[allow(rustdoc::all)]
mod generated;
pub mod semantics;

pub use generated::*;
