//! The runtime of generated clients: credential, attempts, deadlines, limits, redaction, TLS.
//!
//! The crate knows no API. A generated client holds a [`Transport`], builds its requests with it
//! ([`Transport::request`]) and hands them over ([`Transport::send`]) with two tables: an [`Operation`] says
//! what the document says, and [`Semantics`] what the document cannot say. Back comes a [`Response`], of
//! which the generated code makes an [`Answer`], or an [`Error`].
//!
//! Programs that use the facade, the crate `thumbprint`, find there what they need of it. It is a dependency of those who
//! use a generated client by itself, such as one of `cargo xtask new`, or write a source of tokens ([`TokenSource`]) or a
//! signature ([`SignRequest`]) in a crate of its own.
//!
//! # Features
//!
//! | feature | what it brings |
//! |---|---|
//! | `rustls` (on unless switched off) | TLS by rustls |
//! | `native-tls` | TLS by the platform's library |
//! | `azure-identity` | `AzureIdentity`: tokens of what implements `azure_core`'s `TokenCredential` |
//! | `schemars` | `schemars::JsonSchema` of what occurs in generated types |
//!
//! Without `rustls` and `native-tls` a client reaches http on loopback only.
//!
//! # Traces
//!
//! Each call is a `tracing` span (`call`, at DEBUG), and each attempt an event in it (`attempt`). Before each
//! attempt but the first there is an event for people, at INFO, with the target `thumbprint_transport::retry`
//! and these fields:
//!
//! | field | type | what |
//! |---|---|---|
//! | `operation` | text | the operation's id |
//! | `host` | text | scheme, host and port of what was called; absent for a proxy of the platform's settings |
//! | `attempt` | number | how many requests were made until now |
//! | `wait_ms` | number | the pause before the next one, in milliseconds |
//! | `reason` | `Display` | why, as the beginning of a sentence that names the host |
//!
//! A program can show it as "`reason`, trying again in 0.8 s". No field has a secret, a path or a thumbprint in it.

mod answer;
mod builder;
mod call;
mod classify;
mod clock;
#[doc(hidden)]
pub mod cookie;
mod credential;
mod date;
mod endpoint;
mod error;
#[doc(hidden)]
pub mod fuzzing;
pub mod header;
pub mod input;
#[doc(hidden)]
pub mod items;
mod jitter;
#[cfg(feature = "schemars")]
#[doc(hidden)]
pub mod json_schema;
#[doc(hidden)]
pub mod lenient;
pub mod multipart;
pub mod operation;
pub mod pager;
#[doc(hidden)]
pub mod pattern;
pub mod poller;
#[doc(hidden)]
pub mod presence;
mod proxy;
mod proxy_failure;
mod reader;
mod redaction;
mod request;
mod retry;
mod secret;
pub mod semantics;
mod service_error;
mod sources;
mod stream;
#[doc(hidden)]
pub mod style;
mod tls;
mod transport;
#[doc(hidden)]
pub mod union;
#[doc(hidden)]
pub mod word;

pub use answer::{Answer, Response};
pub use builder::Builder;
#[doc(hidden)]
pub use builder::{ATTEMPT, HttpSettings};
#[doc(hidden)]
pub use classify::clock_skew;
#[doc(hidden)]
pub use clock::within;
pub use clock::{Clock, SystemClock};
#[cfg(feature = "azure-identity")]
pub use credential::AzureIdentity;
pub use credential::{Credential, SignRequest, Token, TokenSource};
pub use date::HttpDate;
#[doc(hidden)]
pub use endpoint::Endpoint;
#[doc(hidden)]
pub use error::Route;
pub use error::{Deadline, Delivery, Error};
pub use jitter::{Jitter, SystemJitter};
pub use lenient::AnswerWarning;
pub use operation::Operation;
pub use proxy::{Proxy, ProxyUrl};
#[doc(hidden)]
pub use redaction::redact;
pub use request::{Content, RequestBuilder};
pub use secret::Secret;
pub use semantics::Semantics;
#[doc(hidden)]
pub use service_error::one_line;
pub use service_error::{DescribeError, ServiceError};
pub use stream::ByteStream;
pub use tls::{CertificatePin, Tls, TlsFailure};
pub use transport::{CallOptions, Confirm, Transport};

pub use {bytes, chrono, futures_util, http};
