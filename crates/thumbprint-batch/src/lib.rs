//! Client for Azure Batch certificates, generated from specs/batch.yaml.
//!
//! The generated part has one builder per operation ([`Client`]), the document's [`types`], the typed
//! [`headers`] of its answers and what it says of each of its [`operations`]. Written by hand is what the
//! document cannot say: which requests may be sent again ([`semantics`]), the names of errors ([`code`]), how
//! a request is signed ([`SharedKey`]), and conversions to the document's types. Most programs want the
//! facade, the crate `thumbprint`, which knows what a thumbprint is and waits for deletions.

pub mod code;
mod conversions;
#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unreachable_pub, unfulfilled_lint_expectations)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
mod generated;
pub mod semantics;
mod shared_key;

pub use generated::*;
pub use shared_key::SharedKey;
