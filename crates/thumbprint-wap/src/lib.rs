//! Client for Windows Azure Pack tenant management certificates, generated from specs/wap.yaml.
//!
//! This is the generated layer: one builder per operation ([`Client`]), the document's [`types`], the
//! typed [`headers`] of its answers and what it says of each of its [`operations`]. Most programs want
//! the facade, the crate `thumbprint`, which validates what it is given and names what went wrong.

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unreachable_pub, unfulfilled_lint_expectations)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
mod generated;
mod hooks;
pub mod judgement;

pub use generated::*;
