//! Settings of a sandbox.

use std::{
    collections::BTreeMap,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use thumbprint_admin::types::{BatchCertificate, BatchSeed, Seed, WapSeed, WapSubscription};
use thumbprint_transport::Secret;
use thumbprint_wap::types::SubscriptionCertificate;
use tokio::sync::watch;

use crate::{
    CertificateState, Exchange, Sandbox, admin,
    batch::{self, Retired},
    fault::Faults,
    request::Reading,
    samples, seed,
    server::{self, Clock, Port, Services, State},
    wap,
};

/// What is told of every exchange; see [`Builder::on_exchange`].
pub type Observer = Arc<dyn Fn(&Exchange) + Send + Sync>;

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
    admin: bool,
    admin_address: Option<SocketAddr>,
    pub(crate) reading: Reading,
    pub(crate) connections: usize,
    pub(crate) clock: Clock,
    deletion_time: Duration,
    pub(crate) retired: Retired,
    batch: Vec<BatchCertificate>,
    pools: Vec<(String, String)>,
    wap: Vec<WapSubscription>,
    /// What is wrong with what was given so far; told at the start.
    wrong: Option<String>,
    users: Vec<(String, Secret)>,
    token_lifetime: Duration,
    checks_tokens: bool,
    pub(crate) on_exchange: Option<Observer>,
}

/// How long a deletion takes unless the builder says otherwise. No page says how long the service takes;
/// a demo wants to see the end.
const DELETION_TIME: Duration = Duration::from_secs(2);

/// How long a token of the token endpoint is good unless the builder says otherwise. No page says how long
/// the vendor's are.
const TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);

impl Builder {
    pub(crate) fn new() -> Self {
        let mut builder = Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            admin: false,
            admin_address: None,
            reading: Reading::default(),
            connections: server::CONNECTIONS,
            clock: Arc::new(Utc::now),
            deletion_time: DELETION_TIME,
            retired: Retired::None,
            batch: Vec::new(),
            pools: Vec::new(),
            wap: Vec::new(),
            wrong: None,
            users: Vec::new(),
            token_lifetime: TOKEN_LIFETIME,
            checks_tokens: false,
            on_exchange: None,
        };
        for (thumbprint, state) in [
            (samples::BATCH_ACTIVE, CertificateState::Active),
            (samples::BATCH_DELETING, CertificateState::Deleting),
            (samples::BATCH_DELETE_FAILED, CertificateState::DeleteFailed),
        ] {
            builder = builder.batch_certificate(thumbprint, state);
        }
        builder
            .batch_pool(samples::BATCH_DELETE_FAILED, samples::BATCH_POOL)
            .wap_certificate(samples::WAP_SUBSCRIPTION, samples::wap_certificate())
    }

    /// Where to listen: port 0 takes any free port. `127.0.0.1:0` where it is left out. An address that other
    /// machines can reach is taken only where they are [allowed in](Self::allow_remote).
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Whether other machines may speak to the sandbox, as those of a container do. Anyone who reaches it may do
    /// everything. It then answers by any address; by a name only if it is one of its
    /// [hosts](Self::host).
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.reading.remote = allow;
        self
    }

    /// A name that the sandbox answers by, such as that of its container, beside `localhost` and the loopback
    /// addresses. It is refused by any other, so that no web page reaches it by a name that resolves to it.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        let name = name.into().to_ascii_lowercase();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || !name.chars().all(fits) {
            let problem = "write a name alone, such as sandbox, without scheme and port";
            self.fail(format!(
                "a host of the sandbox: {name:?} is none; {problem}"
            ));
        }
        self.reading.hosts.push(name);
        self
    }

    /// Whether the sandbox's own API of specs/admin.yaml answers below `/__sandbox`, beside the services. It does
    /// not where it is left out. `thumbprint-admin` is its client; any other program can speak to it too.
    pub fn admin(mut self, admin: bool) -> Self {
        self.admin = admin;
        self
    }

    /// Gives that API a port of its own, where nothing else answers; always without TLS. See
    /// [`Sandbox::admin_url`].
    pub fn admin_listen(mut self, address: SocketAddr) -> Self {
        self.admin_address = Some(address);
        self
    }

    /// Whether requests with headers that the documents do not declare are refused, but for those of HTTP itself.
    /// Clients send more than they should, and the live services take it; with this a test notices.
    pub fn strict(mut self, strict: bool) -> Self {
        self.reading.strict = strict;
        self
    }

    /// Whether the services speak TLS, with a certificate that is made at the start for `localhost`, for the
    /// loopback addresses, for the address that is listened on and for the [hosts](Self::host);
    /// [`Sandbox::identity`] has what a client needs to trust it.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: bool) -> Self {
        self.reading.tls = tls;
        self
    }

    /// Calls this for each exchange, before its answer goes out. It runs between the client and its answer:
    /// hand on what takes time.
    pub fn on_exchange(mut self, observer: Observer) -> Self {
        self.on_exchange = Some(observer);
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
    /// use std::{sync::{Arc, atomic::{AtomicI64, Ordering}}, time::Duration};
    ///
    /// use chrono::{DateTime, TimeDelta, Utc};
    /// use thumbprint_sandbox::{CertificateState, Sandbox, samples};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let start: DateTime<Utc> = "2023-11-20T10:11:12Z".parse()?;
    /// let passed = Arc::new(AtomicI64::new(0));
    /// let seconds = passed.clone();
    /// let sandbox = Sandbox::builder()
    ///     .clock(Arc::new(move || start + TimeDelta::seconds(seconds.load(Ordering::Relaxed))))
    ///     .deletion_time(Duration::from_secs(600))
    ///     .start()
    ///     .await?;
    /// assert_eq!(sandbox.batch_state(samples::BATCH_DELETING), Some(CertificateState::Deleting));
    /// passed.store(600, Ordering::Relaxed);
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
    /// that nothing is checked before it, is inferred. For one operation alone:
    /// [`retired_operation`](Self::retired_operation).
    pub fn retired(mut self, retired: bool) -> Self {
        self.retired = if retired { Retired::All } else { Retired::None };
        self
    }

    /// Has one more operation of Batch answer like that, and the others as ever.
    ///
    /// ```
    /// use thumbprint_sandbox::Sandbox;
    ///
    /// let builder = Sandbox::builder().retired_operation("Certificate_Add");
    /// ```
    pub fn retired_operation(mut self, id: impl Into<String>) -> Self {
        let id = id.into();
        if !batch::operations().any(|operation| operation.id == id) {
            let known: Vec<_> = batch::operations().map(|operation| operation.id).collect();
            let known = known.join(", ");
            self.fail(format!(
                "a retired operation: Batch has no {id:?}; write one of {known}"
            ));
        }
        match &mut self.retired {
            Retired::Some(ids) => ids.push(id),
            other => *other = Retired::Some(vec![id]),
        }
        self
    }

    /// Replaces the [`samples`], and whatever was added before.
    ///
    /// ```
    /// use thumbprint_sandbox::{Sandbox, Seed};
    ///
    /// # fn main() -> serde_json::Result<()> {
    /// let thumbprint = "00112233445566778899aabbccddeeff00112233";
    /// let seed: Seed = serde_json::from_value(serde_json::json!({
    ///     "batch": {"certificates": [{"thumbprint": thumbprint, "state": "deletefailed"}]}
    /// }))?;
    /// let builder = Sandbox::builder().seed(seed);
    /// # Ok(())
    /// # }
    /// ```
    pub fn seed(mut self, seed: Seed) -> Self {
        self = self.empty();
        self.batch = seed
            .batch
            .and_then(|batch| batch.certificates)
            .unwrap_or_default();
        self.wap = seed
            .wap
            .and_then(|wap| wap.subscriptions)
            .unwrap_or_default();
        self
    }

    /// Leaves out the [`samples`], and whatever was added before.
    pub fn empty(mut self) -> Self {
        self.batch.clear();
        self.pools.clear();
        self.wap.clear();
        self.users.clear();
        self.wrong = None;
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
        match seed::parse_thumbprint(&thumbprint.into(), "a Batch certificate") {
            Ok(thumbprint) => {
                let mut certificate = BatchCertificate::new(thumbprint);
                certificate.state = Some(state.into());
                self.batch.push(certificate);
            }
            Err(problem) => self.fail(problem),
        }
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
        self,
        certificates: impl IntoIterator<Item = (String, CertificateState)>,
    ) -> Self {
        certificates
            .into_iter()
            .fold(self, |builder, (thumbprint, state)| {
                builder.batch_certificate(thumbprint, state)
            })
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
        let thumbprint = certificate.subscription_certificate_thumbprint.as_deref();
        let thumbprint = thumbprint.unwrap_or_default();
        let checked = seed::parse_thumbprint(thumbprint, "a management certificate");
        match checked.and_then(|_| seed::parse_subscription(&subscription.into())) {
            Ok(id) => {
                let mut subscription = WapSubscription::new(id);
                subscription.certificates =
                    seed::wap_certificate(certificate).map(|certificate| vec![certificate]);
                self.wap.push(subscription);
            }
            Err(problem) => self.fail(problem),
        }
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
    /// [`InvalidInput`](io::ErrorKind::InvalidInput): other machines can reach the address and are not allowed
    /// in, a thumbprint is not 40 hexadecimal digits, a pool uses a certificate that is not there, a
    /// subscription's identifier is no GUID, a host is no name, or an operation is not known. Any other error is
    /// the system's, such as [`AddrInUse`](io::ErrorKind::AddrInUse).
    pub async fn start(self) -> io::Result<Sandbox> {
        let state = self.state().map_err(invalid)?;
        let listener = server::listen(self.address, self.reading.remote).await?;
        let address = listener.local_addr()?;
        let own_port = match self.admin_address {
            Some(address) => Some(server::listen(address, self.reading.remote).await?),
            None => None,
        };
        let admin_address = match &own_port {
            Some(listener) => Some(listener.local_addr()?),
            None => self.admin.then_some(address),
        };
        #[cfg(feature = "tls")]
        let identity = (self.reading.tls)
            .then(|| crate::tls::Identity::new(address.ip(), &self.reading.hosts))
            .transpose()?;
        let port = Port {
            services: true,
            admin: self.admin && own_port.is_none(),
            #[cfg(feature = "tls")]
            tls: identity.as_ref().map(crate::tls::Identity::acceptor),
        };
        let scheme = if self.reading.tls { "https" } else { "http" };
        let base_url = format!("{scheme}://{}", server::reachable(address));
        let admin_scheme = if own_port.is_some() { "http" } else { scheme };
        let admin_url = admin_address.map(|address| {
            format!(
                "{admin_scheme}://{}{}",
                server::reachable(address),
                admin::PREFIX
            )
        });
        let services = Arc::new(Services::new(state, self));
        let (stop, stopping) = watch::channel(false);
        let server = tokio::spawn({
            let services = services.clone();
            async move {
                let main = server::run(listener, port, services.clone(), stopping.clone());
                let admin = async {
                    if let Some(listener) = own_port {
                        let port = Port {
                            services: false,
                            admin: true,
                            #[cfg(feature = "tls")]
                            tls: None,
                        };
                        server::run(listener, port, services, stopping).await;
                    }
                };
                tokio::join!(main, admin);
            }
        });
        Ok(Sandbox {
            address,
            base_url,
            admin_url,
            #[cfg(feature = "tls")]
            identity,
            services,
            stop,
            server,
        })
    }

    /// Keeps the first thing that is wrong.
    fn fail(&mut self, problem: String) {
        self.wrong.get_or_insert(problem);
    }

    /// How long a deletion takes.
    #[must_use]
    pub fn deletion(&self) -> Duration {
        self.deletion_time
    }

    /// What the services hold at the start: a file of it starts another sandbox that holds the same.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start) that are [`InvalidInput`](io::ErrorKind::InvalidInput), but for the
    /// address.
    pub fn to_seed(&self) -> io::Result<Seed> {
        let state = self.state().map_err(invalid)?;
        Ok(seed::of(&state.batch, &state.wap))
    }

    /// Everything as it is at the start.
    pub(crate) fn state(&self) -> Result<State, String> {
        if let Some(problem) = &self.wrong {
            return Err(problem.clone());
        }
        let now = batch::ticks((self.clock)());
        let mut certificates = self.batch.clone();
        let mut pools = BTreeMap::<_, Vec<_>>::new();
        for (thumbprint, pool) in &self.pools {
            pools
                .entry(batch::key(thumbprint))
                .or_default()
                .push(pool.clone());
        }
        for certificate in &mut certificates {
            let users = pools.get(&batch::key(&certificate.thumbprint));
            let users = users.into_iter().flatten().cloned();
            certificate.pools.get_or_insert_default().extend(users);
        }
        let known = |key: &String| {
            let mut all = certificates.iter();
            all.any(|certificate| batch::key(&certificate.thumbprint) == *key)
        };
        if let Some(unknown) = pools.keys().find(|key| !known(key)) {
            return Err(format!(
                "the certificate of a pool: the account has no {unknown:?}; add it, or name another"
            ));
        }
        let (mut of_batch, mut of_wap) = (BatchSeed::default(), WapSeed::default());
        of_batch.certificates = Some(certificates);
        of_wap.subscriptions = Some(self.wap.clone());
        let mut seed = Seed::default();
        (seed.batch, seed.wap) = (Some(of_batch), Some(of_wap));
        let (batch, wap) = self.filled(&seed, now)?;
        let users = self.users.clone();
        Ok(State {
            now,
            advanced: TimeDelta::zero(),
            batch,
            wap,
            tokens: wap::Tokens::new(users, self.token_lifetime, self.checks_tokens),
            faults: Faults::default(),
        })
    }

    /// Both services with what a seed says.
    pub(crate) fn filled(
        &self,
        seed: &Seed,
        now: DateTime<Utc>,
    ) -> Result<(batch::Account, wap::Subscriptions), String> {
        let mut account = batch::Account::new(self.deletion_time, now);
        if let Some(batch) = &seed.batch {
            seed::fill_batch(&mut account, batch, now)?;
        }
        let subscriptions = seed.wap.as_ref().map(seed::subscriptions);
        Ok((account, subscriptions.unwrap_or_default()))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("remote", &self.reading.remote)
            .field("admin", &self.admin)
            .field("admin_address", &self.admin_address)
            .field("strict", &self.reading.strict)
            .field("hosts", &self.reading.hosts)
            .field("connections", &self.connections)
            .field("deletion_time", &self.deletion_time)
            .field("retired", &self.retired)
            .field("batch", &self.batch.len())
            .field("pools", &self.pools)
            .field("users", &self.users.len())
            .field("token_lifetime", &self.token_lifetime)
            .field("checks_tokens", &self.checks_tokens)
            .finish_non_exhaustive()
    }
}

fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, problem)
}
