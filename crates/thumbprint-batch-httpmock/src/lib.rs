//! Typed mocks of Azure Batch certificates, generated from specs/batch.yaml.
//!
//! [`MockServerExt`] adds one method per operation to httpmock's `MockServer`: what it expects and
//! what it answers are typed like the client's own arguments and results.

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unreachable_pub)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
mod generated;

pub use generated::*;
