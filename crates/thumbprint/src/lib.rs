//! The certificates that two Microsoft services know by thumbprint: those of an Azure Batch account,
//! and the management certificates of a tenant's subscription in Windows Azure Pack.
//!
//! ```
//! use thumbprint::{Thumbprint, batch, wap};
//!
//! # async fn rescue(token: &str, endpoint: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let cert: Thumbprint = "0123456789abcdef0123456789abcdef01234567".parse()?;
//!
//! let account = batch::Client::new("https://account.region.batch.azure.com", token)?;
//! let answer = account.cancel_deletion(&cert).await?;
//! println!("{:?} {:?}", answer.request_id(), answer.last_modified());
//!
//! let subscription = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";
//! let tenant = wap::Client::new("https://wap.contoso.com:30005", subscription, "ana@contoso.com", token)?;
//! let gone = tenant.delete(&cert).await?;
//! println!("{:?}", gone.certificate());
//! # Ok(())
//! # }
//! ```
//!
//! What an operation needs are arguments; what it can do without is chained; `.await` sends. Clients are
//! cheap to clone, and clones share one pool of connections. Every failure is an [`Error`] with
//! predicates that say what to do next.
//!
//! What is sent again, and what to do where nobody knows whether something was done, is the page
//! [`outcomes`].
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
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (subscription, token) = ("0cfc58de-38cb-4fa6-9258-4afde95d3c05", "token");
//! let pin = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".parse::<CertificatePin>()?;
//! let builder = wap::Client::builder("https://wap.contoso.com:30005", subscription, "ana@contoso.com", token)
//!     .tls(Tls::pinned(pin))
//!     .proxy(Proxy::None);
//! # Ok(())
//! # }
//! ```
//!
//! When a server is not trusted, [`Error::tls_failure`] says which reason it is and what to do.
//!
//! # The generated layer
//!
//! The generated layer below is [`batch::raw`] and [`wap::raw`].

pub mod batch;
mod call;
mod der;
mod error;
#[doc = include_str!("../docs/outcomes.md")]
pub mod outcomes {}
mod settings;
mod thumbprint;
pub mod wap;

pub use error::Error;
pub use thumbprint::{ParseThumbprintError, Thumbprint};
#[cfg(feature = "azure-identity")]
pub use thumbprint_transport::AzureIdentity;
#[cfg(feature = "wstrust")]
pub use thumbprint_transport::wstrust;
pub use thumbprint_transport::{
    CertificatePin, Clock, Credential, Proxy, ProxyUrl, Random, Secret, ServiceError, SharedKey,
    SystemClock, SystemRandom, Tls, TlsFailure, Token, TokenSource,
};

/// How requests are sent: what the clients' settings, the generated layer and the judgements are made of.
pub use thumbprint_transport as transport;

/// The README's program, so that it compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
