//! How a request of thumbprint is sent: credential, deadlines, limits, redaction, TLS.
//!
//! The crate knows no API. Generated clients hold a [`Transport`] and hand every request to it
//! ([`Transport::exec`]); [`Error::from_client`] turns what the generated code makes of the outcome
//! into one [`Error`]. Each [`Operation`] tells the transport what its document says: which path the
//! request must have, what to accept, and whether a credential goes along.

mod answer;
mod builder;
mod clock;
mod credential;
mod date;
mod endpoint;
mod error;
mod error_body;
pub mod header;
pub mod operation;
mod secret;
#[cfg(feature = "rustls")]
mod tls;
mod transport;

pub use answer::{error_body, success_body};
pub use builder::Builder;
pub use clock::{Clock, SystemClock};
pub use credential::Credential;
pub use date::HttpDate;
pub use error::{Delivery, Error};
pub use error_body::{Dialect, ErrorBody, ServiceError};
pub use operation::Operation;
pub use secret::Secret;
pub use transport::{Deadline, Transport, post};
