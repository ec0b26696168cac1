//! How a request of thumbprint is sent: credential, retries, deadlines, limits, redaction, TLS.
//!
//! The crate knows no API. Generated clients hold a [`Transport`] and hand every request to it
//! ([`Transport::exec`]); [`Error::from_client`] turns what the generated code makes of the outcome
//! into one [`Error`]. Each [`Operation`] tells the transport what its document says: which path the
//! request must have, what to accept, and whether a credential goes along.

mod answer;
mod builder;
mod call;
mod clock;
mod credential;
mod date;
mod endpoint;
mod error;
mod error_body;
#[doc(hidden)]
pub mod fuzzing;
pub mod header;
pub mod judgement;
pub mod operation;
mod proxy;
mod random;
mod retry;
mod secret;
#[doc(hidden)]
pub mod style;
mod tls;
mod transport;
#[cfg(feature = "wstrust")]
pub mod wstrust;

pub use answer::{error_body, success_body};
pub use builder::Builder;
pub use clock::{Clock, SystemClock};
#[cfg(feature = "azure-identity")]
pub use credential::AzureIdentity;
pub use credential::{Credential, SharedKey, Token, TokenSource};
pub use date::HttpDate;
pub use error::{Delivery, Error};
pub use error_body::{ErrorBody, ServiceError};
pub use judgement::Judgement;
pub use operation::Operation;
pub use proxy::{Proxy, ProxyUrl};
pub use random::{Random, SystemRandom};
pub use secret::Secret;
pub use tls::{CertificatePin, Tls, TlsFailure};
pub use transport::{CallOptions, Deadline, Transport, post};
