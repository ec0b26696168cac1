use std::{sync::Arc, time::Duration};

use thumbprint_transport as transport;

use crate::{Clock, Credential, Error, Jitter, Proxy, Tls};

/// Settings of a client. `S` holds those of its service: [`batch::Settings`](crate::batch::Settings) or
/// [`wap::Settings`](crate::wap::Settings).
///
/// ```
/// use std::time::Duration;
///
/// use thumbprint::{ClientBuilder, Proxy, batch};
///
/// /// What all clients of a program share.
/// fn hurried<S>(builder: ClientBuilder<S>) -> ClientBuilder<S> {
///     builder.proxy(Proxy::None).total_timeout(Duration::from_secs(10)).retries(1)
/// }
///
/// # fn client(token: &str) -> Result<batch::Client, thumbprint::Error> {
/// let account = batch::Client::builder("https://account.region.batch.azure.com", token);
/// let account = hurried(account).api_version("2024-07-01.20.0").build()?;
/// # Ok(account)
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a client is made by `build`"]
pub struct ClientBuilder<S> {
    pub(crate) transport: transport::Builder,
    /// What was given for the service, once it is checked.
    pub(crate) service: Result<S, Error>,
}

impl<S> ClientBuilder<S> {
    pub(crate) fn new(endpoint: &str, credential: Credential, service: Result<S, Error>) -> Self {
        Self {
            transport: transport::Transport::builder(endpoint, credential),
            service,
        }
    }

    fn with(self, set: impl FnOnce(transport::Builder) -> transport::Builder) -> Self {
        Self {
            transport: set(self.transport),
            ..self
        }
    }

    /// Takes plain http for loopback addresses, for a sandbox on this machine.
    pub fn allow_loopback_http(self) -> Self {
        self.with(transport::Builder::allow_loopback_http)
    }

    /// Which servers the client trusts: added roots, only these roots, or a pinned certificate. Those with
    /// certificates of the platform's roots unless set.
    ///
    /// When it does not trust one, [`Error::tls_failure`] says why and what to do.
    pub fn tls(self, tls: Tls) -> Self {
        self.with(|transport| transport.tls(tls))
    }

    /// Which proxy the client uses. What the environment says unless set. Plain http never goes through one.
    pub fn proxy(self, proxy: Proxy) -> Self {
        self.with(|transport| transport.proxy(proxy))
    }

    /// Longest time for opening a connection. 10 seconds unless set.
    pub fn connect_timeout(self, limit: Duration) -> Self {
        self.with(|transport| transport.connect_timeout(limit))
    }

    /// Longest time for one attempt, up to the answer's last byte. 35 seconds unless set.
    pub fn attempt_timeout(self, limit: Duration) -> Self {
        self.with(|transport| transport.attempt_timeout(limit))
    }

    /// Longest time for a whole call, its retries included. 60 seconds unless set.
    pub fn total_timeout(self, limit: Duration) -> Self {
        self.with(|transport| transport.total_timeout(limit))
    }

    /// How many attempts may follow the first. 3 unless set; with 0 nothing is sent twice, but for a request
    /// whose token was not accepted. What may be sent again at all is the table in
    /// [`outcomes`](crate::outcomes).
    pub fn retries(self, most: u32) -> Self {
        self.with(|transport| transport.retries(most))
    }

    /// Whether a call without a `client_request_id` of its own is sent with a random one (a UUID, the same for all
    /// its attempts). It is unless set. [`Error::client_request_id`] and
    /// [`Answer::client_request_id`](crate::Answer::client_request_id) give it back: quote it to the service's
    /// operator when an answer was lost.
    pub fn client_request_ids(self, are_made: bool) -> Self {
        self.with(|transport| transport.client_request_ids(are_made))
    }

    /// How many pages a list may have before it ends with an error. 10,000 unless set.
    pub fn max_pages(self, most: usize) -> Self {
        self.with(|transport| transport.max_pages(most))
    }

    /// How many items a list over pages may have before it ends with an error. 1,000,000 unless set.
    pub fn max_items(self, most: usize) -> Self {
        self.with(|transport| transport.max_items(most))
    }

    /// Tells the time by another clock, for tests. All waiting goes by it.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        self.with(|transport| transport.clock(clock))
    }

    /// Takes the jitter of the pauses between attempts from another source, for tests.
    pub fn jitter(self, jitter: Arc<dyn Jitter>) -> Self {
        self.with(|transport| transport.jitter(jitter))
    }
}
