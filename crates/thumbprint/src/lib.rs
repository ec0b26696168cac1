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
pub use thumbprint_transport::{
    Clock, Credential, Random, Secret, ServiceError, SharedKey, SystemClock, SystemRandom, Token,
    TokenSource,
};

/// The README's program, so that it compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
