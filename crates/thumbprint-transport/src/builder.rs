//! Settings of a transport, and the HTTP client that they come to.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::redirect;

use crate::{
    Clock, Credential, Error, Jitter, Proxy, SystemClock, SystemJitter, Tls, Transport,
    endpoint::Endpoint,
    error::Route,
    input,
    redaction::Sensitive,
    retry::{Budget, RETRIES},
    transport::{ListLimits, Shared},
};

/// Longest time for one attempt, unless set.
#[doc(hidden)]
pub const ATTEMPT: Duration = Duration::from_secs(35);

/// Settings of a [`Transport`].
///
/// ```
/// use std::time::Duration;
///
/// use thumbprint_transport::{Error, Proxy, Transport};
///
/// # fn transport(token: &str) -> Result<Transport, Error> {
/// let transport = Transport::builder("https://account.region.batch.azure.com", token)
///     .proxy(Proxy::None)
///     .total_timeout(Duration::from_secs(20))
///     .retries(1)
///     .build()?;
/// # Ok(transport)
/// # }
/// ```
#[derive(Clone)]
pub struct Builder {
    endpoint: String,
    credential: Credential,
    loopback_http: bool,
    http: HttpSettings,
    attempt: Duration,
    total: Duration,
    retries: u32,
    client_request_ids: bool,
    list: ListLimits,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
}

impl Transport {
    /// Starts with the two things that every client needs: the service's base URL and a credential.
    pub fn builder(endpoint: impl Into<String>, credential: impl Into<Credential>) -> Builder {
        Builder::new(endpoint.into(), credential.into())
    }
}

impl Builder {
    fn new(endpoint: String, credential: Credential) -> Self {
        Self {
            endpoint,
            credential,
            loopback_http: false,
            http: HttpSettings::default(),
            attempt: ATTEMPT,
            total: Duration::from_secs(60),
            retries: RETRIES,
            client_request_ids: true,
            list: ListLimits::DEFAULT,
            clock: Arc::new(SystemClock),
            jitter: Arc::new(SystemJitter),
        }
    }

    /// Takes plain http for loopback addresses, for a sandbox on this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self) -> Self {
        self.loopback_http = true;
        self
    }

    /// Which servers the client trusts. Those with certificates of the platform's roots unless set.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.http.tls = tls;
        self
    }

    /// Which proxy the client uses. What the environment says unless set.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.http.proxy = proxy;
        self
    }

    /// Longest time for opening a connection. 10 seconds unless set.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.http.connect = limit;
        self
    }

    /// Longest time for one attempt, up to the answer's last byte. 35 seconds unless set.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt = limit;
        self
    }

    /// Longest time for a whole call, its retries included. 60 seconds unless set.
    #[must_use]
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.total = limit;
        self
    }

    /// How many attempts may follow the first. 3 unless set; with 0 nothing is sent twice, except for a
    /// request whose token was not accepted.
    #[must_use]
    pub fn retries(mut self, most: u32) -> Self {
        self.retries = most;
        self
    }

    /// Whether a call that is given no name by its caller is sent with a random one (a UUID, the same for all its
    /// attempts), in the header that the API has for it: `Error::client_request_id` and `Answer::client_request_id`
    /// give it back, so that there is something to quote when an answer is lost. It is unless set.
    #[must_use]
    pub fn client_request_ids(mut self, are_made: bool) -> Self {
        self.client_request_ids = are_made;
        self
    }

    /// How many pages a list may have before it ends with an error. 10,000 unless set.
    #[must_use]
    pub fn max_pages(mut self, most: usize) -> Self {
        self.list.pages = most;
        self
    }

    /// How many items a list over pages may have before it ends with an error. 1,000,000 unless set.
    #[must_use]
    pub fn max_items(mut self, most: usize) -> Self {
        self.list.items = most;
        self
    }

    /// Spreads retries by another source of jitter, for tests.
    #[must_use]
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// Tells the time by another clock, for tests. All waiting goes by it.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings and makes the transport. Nothing is sent.
    pub fn build(self) -> Result<Transport, Error> {
        for (field, limit) in [
            ("connect_timeout", self.http.connect),
            ("attempt_timeout", self.attempt),
            ("total_timeout", self.total),
        ] {
            input::limit(field, limit)?;
        }
        let endpoint = Endpoint::parse(&self.endpoint, self.loopback_http)?;
        let authorizer = self.credential.check()?;
        let sensitive = Sensitive::of_credential(&authorizer);
        let http = self.http.client(&endpoint)?;
        Ok(Transport {
            shared: Arc::new(Shared {
                http,
                route: self.http.route(&endpoint),
                endpoint,
                credential: self.credential,
                authorizer,
                sensitive,
                connect: self.http.connect,
                attempt: self.attempt,
                total: self.total,
                retries: self.retries,
                client_request_ids: self.client_request_ids,
                list: self.list,
                budget: Budget::full(),
                clock: self.clock,
                jitter: self.jitter,
            }),
        })
    }
}

/// Without the endpoint, which is not checked yet: a password may stand in it.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("credential", &self.credential)
            .field("loopback_http", &self.loopback_http)
            .field("http", &self.http)
            .field("attempt", &self.attempt)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// What every HTTP client of this project is set to, whatever it speaks to.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct HttpSettings {
    pub connect: Duration,
    pub tls: Tls,
    pub proxy: Proxy,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            tls: Tls::default(),
            proxy: Proxy::default(),
        }
    }
}

impl HttpSettings {
    /// Whom the client for an endpoint calls.
    #[must_use]
    pub fn route(&self, endpoint: &Endpoint) -> Arc<Route> {
        Route::new(endpoint, &self.proxy)
    }

    /// The client for an endpoint, with the habits that keep secrets where they belong.
    pub fn client(&self, endpoint: &Endpoint) -> Result<reqwest::Client, Error> {
        let is_https = endpoint.is_https();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("thumbprint/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.connect)
            .https_only(is_https);
        let builder = self
            .proxy
            .configure(builder, endpoint, self.tls.is_pinned())?;
        let builder = self.tls.configure(builder, is_https)?;
        builder.build().map_err(Error::setup)
    }
}
