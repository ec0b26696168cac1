//! Settings of a transport, and the HTTP client that they come to.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::redirect;

use crate::{
    Clock, Credential, Error, Proxy, Random, SystemClock, SystemRandom, Tls, Transport,
    endpoint::Endpoint,
    retry::{Bucket, RETRIES},
    transport::Shared,
};

/// Settings of a [`Transport`].
#[derive(Clone)]
pub struct Builder {
    endpoint: String,
    credential: Credential,
    loopback_http: bool,
    tls: Tls,
    proxy: Proxy,
    connect: Duration,
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
            tls: Tls::default(),
            proxy: Proxy::default(),
            connect: Duration::from_secs(10),
            attempt: Duration::from_secs(35),
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
        self.tls = tls;
        self
    }

    /// Which proxy the client uses. What the environment says unless set.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Longest time for opening a connection. 10 seconds unless set.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect = limit;
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
            ("connect_timeout", self.connect),
            ("attempt_timeout", self.attempt),
            ("total_timeout", self.total),
        ] {
            check_limit(field, limit)?;
        }
        let endpoint = Endpoint::parse(&self.endpoint, self.loopback_http)?;
        let authorizer = self.credential.check()?;
        let http = http_client(&endpoint, self.connect, &self.tls, &self.proxy)?;
        Ok(Transport {
            shared: Arc::new(Shared {
                http,
                endpoint,
                credential: self.credential,
                authorizer,
                connect: self.connect,
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
            .field("tls", &self.tls)
            .field("proxy", &self.proxy)
            .field("connect", &self.connect)
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

fn http_client(
    endpoint: &Endpoint,
    connect: Duration,
    tls: &Tls,
    proxy: &Proxy,
) -> Result<reqwest::Client, Error> {
    let is_https = endpoint.is_https();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("thumbprint/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(connect)
        .https_only(is_https);
    let builder = proxy.configure(builder, is_https, tls.is_pinned())?;
    let builder = tls.configure(builder, is_https)?;
    builder.build().map_err(Error::setup)
}
