//! Typed mocks of Administration of the thumbprint sandbox, generated from specs/admin.yaml.
//!
//! [`MockServerExt`] adds one method per operation to httpmock's `MockServer`: what it expects and
//! what it answers are typed like the client's own arguments and results.
//!
//! They are for tests of code that drives a sandbox, without one: a test says what a request has to hold and what it is
//! answered with.
//!
//! A whole test:
//!
#![doc = concat!("```\n", include_str!("../tests/cases/example.rs"), "```")]

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unused_mut, unreachable_pub, deprecated)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[allow(rustdoc::all)]
mod generated;

pub use generated::*;
