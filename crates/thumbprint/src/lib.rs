//! The certificates that two Microsoft services know by thumbprint: those of an Azure Batch account,
//! and the management certificates of a tenant's subscription in Windows Azure Pack.
//!
//! ```
//! use thumbprint::{Thumbprint, batch, wap};
//!
//! # async fn rescue(token: &str) -> Result<(), thumbprint::Error> {
//! let cert: Thumbprint = "0123456789abcdef0123456789abcdef01234567".parse()?;
//!
//! let account = batch::Client::new("https://account.region.batch.azure.com", token)?;
//! let answer = account.cancel_deletion(&cert).await?;
//! println!("{:?} {:?}", answer.request_id(), answer.headers().last_modified());
//!
//! let subscription = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";
//! let tenant = wap::Client::new("https://wap.contoso.com:30005", subscription, "ana@contoso.com", token)?;
//! tenant.delete(&cert).await?;
//! # Ok(())
//! # }
//! ```
//!
//! What an operation needs are arguments; what it can do without is chained; `.await` sends. Every call gives
//! an [`Answer`]: the value, the status, the typed headers. Every failure is an [`Error`] with predicates that
//! say what to do next. Clients are cheap to clone, and clones share one pool of connections.
//!
//! [`concepts`] has the two services in a page, [`outcomes`] what is sent again and what to do where it is unknown whether
//! something was done, [`credentials`] who is calling and whom to trust, and [`documents`] how a document becomes a client.
//!
//! Calls are made on Tokio, by a runtime of either flavor with I/O and timers enabled (`enable_all`). A
//! call that is polled anywhere else panics.
//!
//! # Trust
//!
//! The platform's roots decide which servers a client trusts, unless it is told otherwise. Windows Azure
//! Pack installs itself with self-signed certificates; a pin takes the one that you know:
//!
//! ```
//! use thumbprint::{CertificatePin, Proxy, Tls, wap};
//!
//! # fn main() -> Result<(), thumbprint::Error> {
//! # let (subscription, token) = ("0cfc58de-38cb-4fa6-9258-4afde95d3c05", "token");
//! let pin: CertificatePin = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".parse()?;
//! let builder = wap::Client::builder("https://wap.contoso.com:30005", subscription, "ana@contoso.com", token)
//!     .tls(Tls::pinned(pin))
//!     .proxy(Proxy::None);
//! # Ok(())
//! # }
//! ```
//!
//! When a server is not trusted, [`Error::tls_failure`] says which reason it is and what to do.
//!
//! # Features
//!
//! | feature | what it brings |
//! |---|---|
//! | `rustls` (on unless switched off) | TLS by rustls |
//! | `pkcs12` | PFX files are opened: their password is checked and their certificate's thumbprint computed. Without it a PFX is added under a thumbprint that is known |
//! | `native-tls` | TLS by the platform's library, for hosts that are too old for rustls; on Linux it needs OpenSSL's headers |
//! | `azure-identity` | credentials of the crate `azure_identity`: `batch::azure_identity` |
//! | `schemars` | `schemars::JsonSchema` of the services' types, `batch::raw::types` and `wap::raw::types`, for those who hand them on in an API of their own |
//! | `wstrust` | Windows Azure Pack's tokens for a user name and a password: `wap::ws_trust` |
//!
//! Without `rustls` and `native-tls` a client reaches http on loopback only.
//!
//! # The generated layer
//!
//! The calls are builders that are generated from the services' documents. [`batch::raw`] and [`wap::raw`]
//! hold them, their types and their headers.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod batch;
mod chosen;
mod client_builder;
// The links of these pages lead into the repository, where they are read on a forge. Of a link's definitions the first
// counts, so in the documentation they lead to its items.
/// [`Thumbprint`]: crate::Thumbprint
/// [`Error::is_retired`]: crate::Error::is_retired
/// [`delete_and_wait`]: crate::batch::Client::delete_and_wait
/// [outcomes]: crate::outcomes
#[doc = include_str!("../docs/concepts.md")]
pub mod concepts {}
/// [`Credential::tokens`]: crate::Credential::tokens
/// [`SharedKey::new(account, key)`]: crate::SharedKey::new
/// [`Error::is_credential`]: crate::Error::is_credential
/// [`Error::tls_failure`]: crate::Error::tls_failure
#[doc = include_str!("../docs/credentials.md")]
pub mod credentials {}
/// [outcomes]: crate::outcomes
#[doc = include_str!("../docs/documents.md")]
pub mod documents {}
/// [`batch::raw::semantics`]: crate::batch::raw::semantics
/// [`wap::raw::semantics`]: crate::wap::raw::semantics
/// [`Credential::tokens`]: crate::Credential::tokens
/// [`SharedKey`]: crate::SharedKey
/// [fields]: crate::transport#traces
#[doc = include_str!("../docs/outcomes.md")]
pub mod outcomes {}
mod thumbprint;
pub mod wap;

pub use client_builder::ClientBuilder;
pub use thumbprint::Thumbprint;
pub use thumbprint_batch::SharedKey;
/// What is in a file of certificates or keys.
pub use thumbprint_files as files;
#[cfg(feature = "azure-identity")]
pub use thumbprint_transport::AzureIdentity;
pub use thumbprint_transport::{
    Answer, AnswerWarning, CertificatePin, Clock, Credential, Error, Jitter, Proxy, ProxyUrl,
    Secret, ServiceError, SystemClock, SystemJitter, Tls, TlsFailure, Token, TokenSource,
};
#[cfg(feature = "wstrust")]
pub use thumbprint_wstrust as wstrust;
pub use {chrono, thumbprint_transport::http, uuid};

/// How requests are sent: what the generated clients are made of.
pub use thumbprint_transport as transport;

/// The README's program, so that it compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
