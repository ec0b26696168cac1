//! Typed mocks of Windows Azure Pack tenant management certificates, generated from specs/wap.yaml.
//!
//! [`MockServerExt`] adds one method per operation to httpmock's `MockServer`: what it expects and
//! what it answers are typed like the client's own arguments and results.
//!
//! They are for tests of code that makes calls: a test says what a request has to hold and what it is answered with, and the
//! document's types keep both to what the service could have been sent and could have said. Where a test is about what
//! calls do to each other, the sandbox (`thumbprint-sandbox`) keeps the state.
//!
//! A whole test:
//!
#![doc = concat!("```\n", include_str!("../tests/cases/example.rs"), "```")]

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unused_mut, unreachable_pub, deprecated)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod generated;

pub use generated::*;
