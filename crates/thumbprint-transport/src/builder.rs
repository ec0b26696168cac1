//! Settings of a transport, and the HTTP client that they come to.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::redirect;

use crate::{
    Clock, Credential, Error, Proxy, Random, SystemClock, SystemRandom, Tls, Transport,
    endpoint::Endpoint,
    retry::{Bucket, RETRIES},
    transport::Shared,
};

/// Longest time for one attempt, unless set.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(35);

/// Settings of a [`Transport`].
#[derive(Clone)]
pub struct Builder {
    endpoint: String,
    credential: Credential,
    loopback_http: bool,
    http: HttpSettings,
    attempt: Duration,
    total: Duration,
    retries: u32,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Builder {
    pub(crate) fn new(endpoint: String, credential: Credential) -> Self {
        Self {
            endpoint,
            credential,
            loopback_http: false,
            http: HttpSettings::default(),
            attempt: ATTEMPT,
            total: Duration::from_secs(60),
            retries: RETRIES,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
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

    /// Longest time for one attempt, up to the answer's last byte. 35 seconds unless set, which is
    /// more than the 30 that Batch takes for itself.
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

    /// How many attempts may follow the first. 3 unless set; with 0 nothing is sent twice, but for a
    /// request whose token was not accepted.
    #[must_use]
    pub fn retries(mut self, most: u32) -> Self {
        self.retries = most;
        self
    }

    /// Spreads retries by another source of chance, for tests.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
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
            check_limit(field, limit)?;
        }
        let endpoint = Endpoint::parse(&self.endpoint, self.loopback_http)?;
        let authorizer = self.credential.check()?;
        let http = self.http.client(&endpoint)?;
        Ok(Transport {
            shared: Arc::new(Shared {
                http,
                endpoint,
                credential: self.credential,
                authorizer,
                connect: self.http.connect,
                attempt: self.attempt,
                retries: self.retries,
                bucket: Bucket::full(),
                clock: self.clock,
                random: self.random,
            }),
            total: self.total,
            retry_ambiguous: false,
        })
    }
}

/// Without the endpoint, which nobody has looked at yet: a password may stand in it.
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

pub(crate) fn check_limit(field: &'static str, limit: Duration) -> Result<(), Error> {
    if limit.is_zero() {
        return Err(Error::input(
            field,
            "it is zero, so no call could end in time",
            "set a longer time",
        ));
    }
    Ok(())
}

/// What every HTTP client of ours is set to, whomever it speaks to.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    pub(crate) connect: Duration,
    pub(crate) tls: Tls,
    pub(crate) proxy: Proxy,
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
    /// The client for an endpoint, with the habits that keep secrets where they belong.
    pub(crate) fn client(&self, endpoint: &Endpoint) -> Result<reqwest::Client, Error> {
        let is_https = endpoint.is_https();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("thumbprint/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.connect)
            .https_only(is_https);
        let builder = self
            .proxy
            .configure(builder, is_https, self.tls.is_pinned())?;
        let builder = self.tls.configure(builder, is_https)?;
        builder.build().map_err(Error::setup)
    }
}
