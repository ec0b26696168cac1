//! Typed mocks of Administration of the thumbprint sandbox, generated from specs/admin.yaml.
//!
//! [`MockServerExt`] adds one method per operation to httpmock's `MockServer`: what it expects and
//! what it answers are typed like the client's own arguments and results.

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unused_mut, unreachable_pub, deprecated)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[allow(rustdoc::all)]
mod generated;

pub use generated::*;
