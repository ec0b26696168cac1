//! Azure Batch's certificates and Windows Azure Pack's management certificates in memory, behind a real
//! HTTP/1.1 server: for tests, for demos, for other people's clients. Programs in other languages run it as
//! `thumbprint sandbox`.
//!
//! ```
//! use thumbprint_sandbox::{CertificateState, Sandbox, samples};
//! # use thumbprint_transport::{Error, Transport};
//!
//! # async fn cancel_deletion(url: String, cert: &str) -> Result<(), Error> {
//! #     let transport = Transport::builder(url, "token").allow_loopback_http().build()?;
//! #     let client = thumbprint_batch::Client::new(transport);
//! #     client.certificate_cancel_deletion().thumbprint(cert).await.map(drop)
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! cancel_deletion(sandbox.base_url(), samples::BATCH_DELETE_FAILED).await?; // by any client
//! assert_eq!(
//!     sandbox.batch_state(samples::BATCH_DELETE_FAILED),
//!     Some(CertificateState::Active),
//! );
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # When to use it
//!
//! In a test of code that makes several calls, where what one does is what the next one finds: states change, a deletion
//! takes its time and fails where a pool is in the way. Each test starts its own, on a port of its own. Where a test is about
//! one answer, the typed mocks (`thumbprint-batch-httpmock`, `thumbprint-wap-httpmock`) say it in fewer lines, and can
//! answer with anything.
//!
//! | a test wants | it takes |
//! |---|---|
//! | a state to begin with | [`Builder::seed`], or [`Builder::empty`] and what is added to it |
//! | time to pass, without waiting | [`Builder::clock`], [`Builder::deletion_time`] |
//! | what the live service says today | [`Builder::retired`] |
//! | something in a deletion's way | [`Sandbox::assign`], [`Sandbox::release`] |
//! | something to go wrong | a fault, see below |
//! | to see what was sent, and what it did | [`Sandbox::exchanges`], [`Sandbox::batch_state`], [`Sandbox::wap_certificate`] |
//!
//! Faults are staged by the sandbox's own API, whose client is the crate `thumbprint-admin`:
//!
//! ```
//! use thumbprint_admin::types::{Ending, Fault, FaultPlace};
//! use thumbprint_sandbox::{CertificateState, Sandbox, samples};
//! use thumbprint_transport::Transport;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::builder().admin(true).start().await?;
//! let transport = Transport::builder(sandbox.base_url(), "token").allow_loopback_http();
//! let transport = transport.retries(0).build()?;
//!
//! // The deletion is carried out, and its answer breaks off.
//! let mut fault = Fault::default();
//! fault.operation = Some("Certificate_Delete".to_owned());
//! fault.at = Some(FaultPlace::Head);
//! fault.ending = Some(Ending::Close);
//! thumbprint_admin::Client::new(transport.clone()).faults_add().body(fault).await?;
//!
//! let client = thumbprint_batch::Client::new(transport);
//! let deletion = client.certificate_delete().thumbprint(samples::BATCH_ACTIVE).await;
//! assert!(deletion.is_err_and(|error| error.is_outcome_unknown()));
//! let state = sandbox.batch_state(samples::BATCH_ACTIVE);
//! assert_eq!(state, Some(CertificateState::Deleting));
//! # Ok(())
//! # }
//! ```
//!
//! # What it holds and takes
//!
//! Both services answer at the one [`base_url`](Sandbox::base_url). They take any bearer token, and Batch
//! takes any shared key; which is why the server listens on loopback addresses only, unless
//! [other machines](Builder::allow_remote) are allowed in. Windows Azure Pack can
//! be told to [check tokens](Builder::check_wap_tokens): then it takes those that the sandbox's own token
//! endpoint, `/wstrust/issue/usernamemixed`, has issued by WS-Trust to one of its
//! [users](Builder::wap_user).
//!
//! A [seed](Builder::seed) says what the services hold, in place of the [`samples`]. With
//! [`admin`](Builder::admin) the sandbox answers below `/__sandbox` too, by specs/admin.yaml: a program sets and
//! reads what the services hold, resets them, lets time pass, and stages faults, each for an operation and so
//! many times. With the feature `tls` it can speak TLS, by a certificate that it makes (`Builder::tls`).
//!
//! # What is the vendors' and what is the sandbox's own
//!
//! Operations, parameters, their forms and the media types come from the documents in `specs/`, by way of
//! the generated clients: a change of a document changes the sandbox. Recorded traffic and the vendors'
//! pages stand behind the shape of Batch's errors, `MissingRequiredHeader` for a missing `Authorization`,
//! `CertificateStateActive`, the list of Batch's codes with their statuses, `CertificateRetired`, the way
//! of a Batch certificate from state to state, `PoolsReferencingCertificate`, `odata.metadata`, the seven
//! decimals of Batch's times, `Location` with its capitals, `$skiptoken`, and Windows Azure Pack's statuses
//! 200, 204, 400, 404 and 409.
//!
//! The sandbox's own are, of both services: the order in which a request is checked; which code a mistake
//! gets where no source says it; the wording of all messages; that a [strict](Builder::strict) sandbox refuses
//! undeclared headers, and any undeclared parameters of the query; that an operation which it lacks is a 501 with
//! the list of what it has, since what the service would have found nobody knows; that HEAD is answered; the
//! limit of 1 MiB on bodies, and the others that keep it small (below); that a body needs a `Content-Type`; that
//! a null in a body counts as left out; that case does not matter in a thumbprint or a subscription's identifier.
//!
//! Of Batch, every version is taken that had these operations, from 2015-12-01.2.2 to 2024-07-01.20.0. That they
//! are answered alike is recorded between 2020-09-01 and 2024-02-01, and inferred for the others.
//!
//! Of Batch: the values of `ETag` and `DataServiceId`, and that the headers which the document declares are
//! there (no success of *Cancel Deletion* was ever recorded, and no recorded answer about a certificate had
//! an `ETag` or a `Last-Modified`); how long a deletion takes, and that only pools make it fail, not nodes
//! or tasks; the order of a list, the form of its tokens and that they stand for a place in that order;
//! details of the filter's grammar; that a certificate is not looked into, so that data of another
//! thumbprint is taken, and `publicData` is that of a `cer` as it was sent and absent for a PFX.
//!
//! Of Windows Azure Pack: all codes, the JSON form of errors, the statuses 401, 405 and 501; the order of a
//! list; that only JSON is read, although the vendor's client sends XML; that members of a body other than
//! the three and `TimeCreated` are refused; that a thumbprint must be the SHA-1 of the data it comes with.
//!
//! Of the token endpoint, the message and the answer are those of the standards (WS-Trust 1.3, WS-Security
//! 1.1, SOAP 1.2), as the vendor's SDK and other clients speak them; so are the codes of faults. The sandbox's
//! own are: that every fault has status 500, as the vendor's stack mostly has it; the order of its checks and
//! the wording of its reasons; how long a token is good; the claims in it, and that its signature is chance,
//! which no client could verify; that a token is not held against `x-ms-principal-id`.
//!
//! # Limits
//!
//! It answers requests whose one `Host` header is `localhost`, a name below it, a loopback address or one of its
//! [hosts](Builder::host), with any port; another is answered with a 400, so that no web page reaches the sandbox by a name of its own that it
//! has resolve to this machine. A connection is closed after 30 seconds without the whole head of a request,
//! idle or not; a body that takes longer is refused. At most [256 connections](Builder::connections) are served
//! at a time.
//!
//! Header names go out in small letters, as HTTP allows: `dataserviceid`, not `DataServiceId`.

mod admin;
mod batch;
mod builder;
mod fault;
#[doc(hidden)]
pub mod fuzzing;
mod journal;
mod request;
pub mod samples;
mod seed;
mod server;
#[cfg(feature = "tls")]
mod tls;
mod value_format;
mod wap;

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

pub use thumbprint_admin::types::Seed;
use thumbprint_transport::Operation;
use thumbprint_wap::types::SubscriptionCertificate;
use tokio::{sync::watch, task::JoinHandle, time};

#[cfg(feature = "tls")]
pub use crate::tls::Identity;
pub use crate::{
    batch::{CertificateState, ParseCertificateStateError},
    builder::{Builder, Observer},
    journal::Exchange,
    server::Clock,
};

/// How long [`Sandbox::stop`] waits for requests that are under way.
const GRACE: Duration = Duration::from_secs(5);

/// The ids of the operations that the sandbox carries out, as the documents spell them.
///
/// ```
/// assert!(thumbprint_sandbox::routes().contains(&"Certificate_CancelDeletion"));
/// ```
#[must_use]
pub fn routes() -> Vec<&'static str> {
    operations().map(|operation| operation.id).collect()
}

fn operations() -> impl Iterator<Item = &'static Operation> {
    batch::operations().chain(wap::operations())
}

/// What a fault can be staged for.
fn stageable() -> impl Iterator<Item = &'static str> {
    let ids = operations().map(|operation| operation.id);
    ids.chain([server::TOKEN_ISSUE])
}

/// What both services say of an operation that they lack here.
fn lacking() -> String {
    format!(
        "The sandbox does not carry out this operation. It has: {}.",
        list(operations())
    )
}

fn list(operations: impl Iterator<Item = &'static Operation>) -> String {
    let of = |operation: &Operation| format!("{} {}", operation.method, operation.path);
    operations.map(of).collect::<Vec<_>>().join(", ")
}

/// A running sandbox. Dropping it ends the server and its connections.
///
/// ```
/// # use std::time::Duration;
/// # use thumbprint_transport::Transport;
/// use thumbprint_sandbox::{CertificateState, Sandbox, samples};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().deletion_time(Duration::ZERO).start().await?;
/// sandbox.assign(samples::BATCH_ACTIVE, "a pool");
/// # let transport = Transport::builder(sandbox.base_url(), "token").allow_loopback_http().build()?;
/// # let client = thumbprint_batch::Client::new(transport);
/// client.certificate_delete().thumbprint(samples::BATCH_ACTIVE).await?;
/// let state = sandbox.batch_state(samples::BATCH_ACTIVE);
/// assert_eq!(state, Some(CertificateState::DeleteFailed)); // the pool is in the way
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    address: SocketAddr,
    base_url: String,
    admin_url: Option<String>,
    #[cfg(feature = "tls")]
    identity: Option<Identity>,
    services: Arc<server::Services>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox with the [`samples`] on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::start`].
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A sandbox with settings.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The address that the sandbox listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of both services, such as `http://127.0.0.1:49152`: without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// The URL of the sandbox's own API, such as `http://127.0.0.1:49152/__sandbox`: `None` where it has none.
    /// Without its path it is the one for `thumbprint_admin::Client`.
    #[must_use]
    pub fn admin_url(&self) -> Option<&str> {
        self.admin_url.as_deref()
    }

    /// What a client needs to trust the sandbox: `None` where it speaks without [TLS](Builder::tls).
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// What was received and answered so far, oldest first: the last 10,000 exchanges, or those of them that
    /// fit into 16 MiB. An exchange is there before its answer reaches the client. What the HTTP layer refuses
    /// by itself, such as a request line that is none, is not.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.services.journal.exchanges()
    }

    /// The state of a Batch certificate: `None` where the account has no such certificate.
    #[must_use]
    pub fn batch_state(&self, thumbprint: &str) -> Option<CertificateState> {
        let state = self.services.state();
        state.batch.certificate(thumbprint).map(|cert| cert.state)
    }

    /// How many certificates of the Batch account are in a state.
    #[must_use]
    pub fn batch_count(&self, state: CertificateState) -> usize {
        let all = self.services.state();
        let certificates = all.batch.after(None);
        certificates.filter(|cert| cert.state == state).count()
    }

    /// Lets a pool use a Batch certificate, so that its deletion fails: a deletion under way too, unless
    /// the certificate is [released](Self::release) before the end. Tells whether the account has such a
    /// certificate.
    pub fn assign(&self, thumbprint: &str, pool: impl Into<String>) -> bool {
        self.services.state().batch.assign(thumbprint, pool.into())
    }

    /// Takes a Batch certificate out of all pools that use it, so that it can be deleted. Its state stays:
    /// where a deletion failed, it must be asked for again. Tells whether the account has such a
    /// certificate.
    #[expect(clippy::must_use_candidate, reason = "called for what it does")]
    pub fn release(&self, thumbprint: &str) -> bool {
        self.services.state().batch.release(thumbprint)
    }

    /// A certificate of a Windows Azure Pack subscription: `None` where there is none, or no such
    /// subscription.
    #[must_use]
    pub fn wap_certificate(
        &self,
        subscription: &str,
        thumbprint: &str,
    ) -> Option<SubscriptionCertificate> {
        let state = self.services.state();
        let subscription = state.wap.subscription(subscription)?;
        subscription.certificate(thumbprint).cloned()
    }

    /// Forgets all tokens that the token endpoint has issued, as the vendor's service does for a user on its
    /// administrator's word. If tokens are [checked](Builder::check_wap_tokens), they are refused from now on.
    pub fn forget_wap_tokens(&self) {
        self.services.state().tokens.forget();
    }

    /// Stops the server: no new connections, idle ones are closed, requests under way are answered. What
    /// takes longer than five seconds is cut off.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if time::timeout(GRACE, &mut self.server).await.is_err() {
            self.server.abort();
            let _ = (&mut self.server).await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
