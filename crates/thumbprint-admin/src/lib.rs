//! Client for Administration of the thumbprint sandbox, generated from specs/admin.yaml.
//!
//! One builder per operation ([`Client`]), the document's [`types`], the typed [`headers`] of its answers
//! and what it says of each of its [`operations`]. What it cannot say is in [`semantics`].

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unused_mut, unreachable_pub, unfulfilled_lint_expectations, deprecated, non_camel_case_types)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[allow(rustdoc::all)]
mod generated;
pub mod semantics;

pub use generated::*;
