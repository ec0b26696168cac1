//! Client for Windows Azure Pack tenant management certificates, generated from specs/wap.yaml.
//!
//! The generated part has one builder per operation ([`Client`]), the document's [`types`], the typed
//! [`headers`] of its answers and what it says of each of its [`operations`]. Written by hand is what the
//! document cannot say: which requests may be sent again ([`semantics`]). Most programs want the facade, the
//! crate `thumbprint`, which knows what a thumbprint is and checks the certificates that it is sent.
//!
//! It is for those who need a parameter or a header that the facade has no method for, or no facade at all: arguments
//! are the document's types, or what converts to them, and a call without one that it needs sends nothing.
//!
//! ```
//! use thumbprint_transport::{Error, Transport};
//! use thumbprint_wap::Client;
//!
//! # async fn example(token: &str) -> Result<(), Error> {
//! let transport = Transport::builder("https://wap.contoso.com:30005", token).build()?;
//! let client = Client::new(transport);
//! let call = client.management_certificate_list().principal_id("ana@contoso.com");
//! let stored = call.subscription_id("0cfc58de-38cb-4fa6-9258-4afde95d3c05").await?;
//! println!("{} certificates, request {:?}", stored.len(), stored.request_id());
//! # Ok(())
//! # }
//! ```

#[rustfmt::skip]
#[allow(missing_docs, unused_imports, unreachable_pub, unfulfilled_lint_expectations)]
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used)]
mod generated;
pub mod semantics;

pub use generated::*;
