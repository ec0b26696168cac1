//! Client for Windows Azure Pack tenant management certificates, generated from specs/wap.yaml.
//!
//! The generated part has one builder per operation ([`Client`]), the document's [`types`], the typed
//! [`headers`] of its answers and what it says of each of its [`operations`]. Written by hand is what the
//! document cannot say: which requests may be sent again ([`semantics`]). Most programs want the facade, the
//! crate `thumbprint`, which knows what a thumbprint is and checks the certificates that it is sent.

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unreachable_pub, unfulfilled_lint_expectations)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
mod generated;
pub mod semantics;

pub use generated::*;
