//! Settings of a sandbox.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use chrono::Utc;
use thumbprint_wap::types::SubscriptionCertificate;
use tokio::sync::watch;

use crate::{
    CertificateState, Sandbox, batch, samples,
    server::{self, Services, State},
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
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    address: SocketAddr,
    retired: bool,
    batch: Vec<(String, CertificateState)>,
    wap: Vec<(String, SubscriptionCertificate)>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        let batch = [
            (samples::BATCH_ACTIVE, CertificateState::Active),
            (samples::BATCH_DELETING, CertificateState::Deleting),
            (samples::BATCH_DELETE_FAILED, CertificateState::DeleteFailed),
        ];
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            retired: false,
            batch: batch.map(|(text, state)| (text.to_owned(), state)).into(),
            wap: vec![(
                samples::WAP_SUBSCRIPTION.to_owned(),
                samples::wap_certificate(),
            )],
        }
    }

    /// Where to listen: a loopback address, port 0 for any free port. `127.0.0.1:0` where it is left out.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Whether Batch answers like the live service of today: with `400 CertificateRetired` to everything.
    /// Users reported that answer of two other operations; that *Cancel Deletion* gives it too, and that
    /// nothing is checked before it, is the sandbox's choice.
    pub fn retired(mut self, retired: bool) -> Self {
        self.retired = retired;
        self
    }

    /// Leaves out the [`samples`], and whatever was added before.
    pub fn empty(mut self) -> Self {
        self.batch.clear();
        self.wap.clear();
        self
    }

    /// Adds a certificate to the Batch account. A later one of the same thumbprint, in either case,
    /// replaces it.
    pub fn batch_certificate(
        mut self,
        thumbprint: impl Into<String>,
        state: CertificateState,
    ) -> Self {
        self.batch.push((thumbprint.into(), state));
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

    /// Starts the server, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput): the address is not a loopback address, a thumbprint
    /// is not 40 hexadecimal digits, or a subscription's identifier is no GUID. Any other error is the
    /// system's, such as [`AddrInUse`](io::ErrorKind::AddrInUse).
    pub async fn start(self) -> io::Result<Sandbox> {
        let state = self.state()?;
        let listener = server::listen(self.address).await?;
        let address = listener.local_addr()?;
        let services = Arc::new(Services::new(state, address));
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
        let now = Utc::now();
        let mut batch = batch::Account::new(self.retired);
        for (thumbprint, state) in &self.batch {
            let parsed = thumbprint.parse::<thumbprint_batch::types::Thumbprint>();
            parsed.map_err(|error| invalid("the thumbprint of a Batch certificate", &error))?;
            batch.put(thumbprint, *state, now);
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
        Ok(State { batch, wap })
    }
}

fn invalid(what: &str, error: &dyn fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{what}: {error}"))
}
