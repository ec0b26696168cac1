//! Client for Azure Batch certificates, generated from specs/batch.yaml.
//!
//! The generated part has one builder per operation ([`Client`]), the document's [`types`], the typed
//! [`headers`] of its answers and what it says of each of its [`operations`]. Written by hand is what the
//! document cannot say: which requests may be sent again ([`semantics`]), the names of errors ([`code`]), how
//! a request is signed ([`SharedKey`]), and conversions to the document's types. Most programs want the
//! facade, the crate `thumbprint`, which knows what a thumbprint is and waits for deletions.
//!
//! It is for those who need a parameter or a header that the facade has no method for, or no facade at all: arguments
//! are the document's types, or what converts to them, and a call without one that it needs sends nothing.
//!
//! ```
//! use thumbprint_batch::Client;
//! use thumbprint_transport::{Error, Transport};
//!
//! # async fn example(token: &str) -> Result<(), Error> {
//! let transport = Transport::builder("https://account.region.batch.azure.com", token).build()?;
//! let client = Client::new(transport);
//! let cert = "0123456789abcdef0123456789abcdef01234567";
//! let certificate = client.certificate_get().thumbprint(cert).await?;
//! println!("{:?}, request {:?}", certificate.state, certificate.request_id());
//! # Ok(())
//! # }
//! ```

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
