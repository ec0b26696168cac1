//! Settings of a sandbox.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use chrono::Utc;
use thumbprint_transport::Secret;
use thumbprint_wap::types::SubscriptionCertificate;
use tokio::sync::watch;

use crate::{
    CertificateState, Sandbox, batch, samples,
    server::{self, Clock, Services, State},
    wap,
};

/// Settings of a [`Sandbox`], from [`Sandbox::builder`].
///
/// ```
/// use thumbprint_sandbox::{CertificateState, Sandbox};
///
/// # async fn example() -> std::io::Result<()> {
/// let thumbprint = "00112233445566778899aabbccddeeff00112233";
/// let sandbox = Sandbox::builder()
///     .empty()
///     .batch_certificate(thumbprint, CertificateState::DeleteFailed)
///     .start()
///     .await?;
/// assert_eq!(sandbox.batch_state(thumbprint), Some(CertificateState::DeleteFailed));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    address: SocketAddr,
    connections: usize,
    clock: Clock,
    deletion_time: Duration,
    retired: bool,
    batch: Vec<(String, CertificateState)>,
    pools: Vec<(String, String)>,
    wap: Vec<(String, SubscriptionCertificate)>,
    users: Vec<(String, Secret)>,
    token_lifetime: Duration,
    checks_tokens: bool,
}

/// How long a deletion takes unless the builder says otherwise. No page says how long the service takes;
/// a demo wants to see the end.
const DELETION_TIME: Duration = Duration::from_secs(2);

/// How long a token of the token endpoint is good unless the builder says otherwise. No page says how long
/// the vendor's are.
const TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);

impl Builder {
    pub(crate) fn new() -> Self {
        let batch = [
            (samples::BATCH_ACTIVE, CertificateState::Active),
            (samples::BATCH_DELETING, CertificateState::Deleting),
            (samples::BATCH_DELETE_FAILED, CertificateState::DeleteFailed),
        ];
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            connections: server::CONNECTIONS,
            clock: Arc::new(Utc::now),
            deletion_time: DELETION_TIME,
            retired: false,
            batch: batch.map(|(text, state)| (text.to_owned(), state)).into(),
            pools: vec![(
                samples::BATCH_DELETE_FAILED.to_owned(),
                samples::BATCH_POOL.to_owned(),
            )],
            wap: vec![(
                samples::WAP_SUBSCRIPTION.to_owned(),
                samples::wap_certificate(),
            )],
            users: Vec::new(),
            token_lifetime: TOKEN_LIFETIME,
            checks_tokens: false,
        }
    }

    /// Where to listen: a loopback address, port 0 for any free port. `127.0.0.1:0` where it is left out.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// How many connections are served at a time: 256 where it is left out. One more is answered with a 503
    /// that says so, whatever it asks for; with 0 every one is.
    pub fn connections(mut self, most: usize) -> Self {
        self.connections = most;
        self
    }

    /// What tells the time to both services: the system's clock where it is left out. With a clock of its
    /// own a test makes time pass without waiting:
    ///
    /// ```
    /// use std::{sync::{Arc, Mutex}, time::Duration};
    ///
    /// use chrono::{DateTime, Utc};
    /// use thumbprint_sandbox::{CertificateState, Sandbox, samples};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let now: DateTime<Utc> = "2023-11-20T10:11:12Z".parse()?;
    /// let hand = Arc::new(Mutex::new(now));
    /// let clock = hand.clone();
    /// let sandbox = Sandbox::builder()
    ///     .clock(Arc::new(move || *clock.lock().unwrap()))
    ///     .deletion_time(Duration::from_secs(600))
    ///     .start()
    ///     .await?;
    /// assert_eq!(sandbox.batch_state(samples::BATCH_DELETING), Some(CertificateState::Deleting));
    /// *hand.lock().unwrap() += Duration::from_secs(600);
    /// assert_eq!(sandbox.batch_state(samples::BATCH_DELETING), None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is asked whenever the state is read, and must not read the sandbox itself.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How long the deletion of a Batch certificate takes: two seconds where it is left out. After that
    /// time the certificate is gone, or its state is [`DeleteFailed`](CertificateState::DeleteFailed)
    /// where a pool uses it. With [`Duration::MAX`] no deletion ever ends.
    pub fn deletion_time(mut self, time: Duration) -> Self {
        self.deletion_time = time;
        self
    }

    /// Whether Batch answers like the live service of today: with `400 CertificateRetired` to everything.
    /// Users reported that answer of *Add* and of an operation on pools; that the others give it too, and
    /// that nothing is checked before it, is the sandbox's choice.
    pub fn retired(mut self, retired: bool) -> Self {
        self.retired = retired;
        self
    }

    /// Leaves out the [`samples`], and whatever was added before.
    pub fn empty(mut self) -> Self {
        self.batch.clear();
        self.pools.clear();
        self.wap.clear();
        self.users.clear();
        self
    }

    /// Adds a certificate to the Batch account. A later one of the same thumbprint, in either case,
    /// replaces it. It enters its state when the sandbox starts: one that is being deleted ends after the
    /// [`deletion_time`](Self::deletion_time).
    pub fn batch_certificate(
        mut self,
        thumbprint: impl Into<String>,
        state: CertificateState,
    ) -> Self {
        self.batch.push((thumbprint.into(), state));
        self
    }

    /// Adds many certificates to the Batch account.
    ///
    /// ```
    /// use thumbprint_sandbox::{CertificateState, Sandbox};
    ///
    /// let many = (0..10_000).map(|n| (format!("{n:040x}"), CertificateState::Active));
    /// let builder = Sandbox::builder().empty().batch_certificates(many);
    /// ```
    pub fn batch_certificates(
        mut self,
        certificates: impl IntoIterator<Item = (String, CertificateState)>,
    ) -> Self {
        self.batch.extend(certificates);
        self
    }

    /// Lets a pool use a certificate of the Batch account, so that its deletion fails. The certificate may
    /// be added later.
    pub fn batch_pool(mut self, thumbprint: impl Into<String>, pool: impl Into<String>) -> Self {
        self.pools.push((thumbprint.into(), pool.into()));
        self
    }

    /// Adds a management certificate to a Windows Azure Pack subscription. A later one of the same
    /// subscription and thumbprint, in either case, replaces it.
    pub fn wap_certificate(
        mut self,
        subscription: impl Into<String>,
        certificate: SubscriptionCertificate,
    ) -> Self {
        self.wap.push((subscription.into(), certificate));
        self
    }

    /// Lets the token endpoint `/wstrust/issue/usernamemixed` issue tokens to a user with this password. It
    /// speaks WS-Trust 1.3, as Windows Azure Pack's authentication site for tenants does. Without a user it
    /// refuses everybody.
    ///
    /// ```
    /// use thumbprint_sandbox::Sandbox;
    ///
    /// let builder = Sandbox::builder()
    ///     .wap_user("ana@contoso.com", "a password of tests")
    ///     .check_wap_tokens(true);
    /// ```
    pub fn wap_user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.users
            .push((name.into(), Secret::from(password.into())));
        self
    }

    /// Whether Windows Azure Pack's operations take only tokens that the token endpoint has issued and that
    /// have not expired. Where it is left out they take any.
    pub fn check_wap_tokens(mut self, check: bool) -> Self {
        self.checks_tokens = check;
        self
    }

    /// How long a token of the token endpoint is good: an hour where it is left out.
    pub fn wap_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Starts the server, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput): the address is not a loopback address, a thumbprint
    /// is not 40 hexadecimal digits, a pool uses a certificate that is not there, or a subscription's
    /// identifier is no GUID. Any other error is the system's, such as
    /// [`AddrInUse`](io::ErrorKind::AddrInUse).
    pub async fn start(self) -> io::Result<Sandbox> {
        let state = self.state()?;
        let listener = server::listen(self.address).await?;
        let address = listener.local_addr()?;
        let services = Arc::new(Services::new(state, self.clock, self.connections));
        let (stop, stopping) = watch::channel(false);
        let server = tokio::spawn(server::run(listener, services.clone(), stopping));
        Ok(Sandbox {
            address,
            services,
            stop,
            server,
        })
    }

    fn state(&self) -> io::Result<State> {
        let now = batch::ticks((self.clock)());
        let mut pools = BTreeMap::<_, BTreeSet<_>>::new();
        for (thumbprint, pool) in &self.pools {
            let users = pools.entry(batch::key(thumbprint)).or_default();
            users.insert(pool.clone());
        }
        let mut batch = batch::Account::new(self.retired, self.deletion_time, now);
        for (thumbprint, state) in &self.batch {
            let parsed = thumbprint.parse::<thumbprint_batch::types::Thumbprint>();
            parsed.map_err(|error| invalid("the thumbprint of a Batch certificate", &error))?;
            let users = pools.get(&batch::key(thumbprint));
            batch.put(thumbprint, *state, users.cloned().unwrap_or_default(), now);
        }
        for thumbprint in pools.keys() {
            if batch.certificate(thumbprint).is_none() {
                let error = "the account has no such certificate";
                return Err(invalid("the certificate of a pool", &error));
            }
        }
        let mut wap = wap::Subscriptions::default();
        for (subscription, certificate) in &self.wap {
            let parsed = subscription.parse::<thumbprint_wap::types::SubscriptionId>();
            parsed.map_err(|error| invalid("the identifier of a subscription", &error))?;
            let thumbprint = certificate
                .subscription_certificate_thumbprint
                .as_deref()
                .unwrap_or_default();
            let parsed = thumbprint.parse::<thumbprint_wap::types::Thumbprint>();
            parsed
                .map_err(|error| invalid("the thumbprint of a management certificate", &error))?;
            wap.put(subscription, thumbprint, certificate.clone());
        }
        let users = self.users.clone();
        let tokens = wap::Tokens::new(users, self.token_lifetime, self.checks_tokens);
        Ok(State {
            now,
            batch,
            wap,
            tokens,
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("connections", &self.connections)
            .field("deletion_time", &self.deletion_time)
            .field("retired", &self.retired)
            .field("batch", &self.batch)
            .field("pools", &self.pools)
            .field("wap", &self.wap)
            .field("users", &self.users.len())
            .field("token_lifetime", &self.token_lifetime)
            .field("checks_tokens", &self.checks_tokens)
            .finish_non_exhaustive()
    }
}

fn invalid(what: &str, error: &dyn fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{what}: {error}"))
}
