//! Where requests of one client go, and how.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;

use crate::{
    Clock, Credential, Jitter, credential::Authorizer, endpoint::Endpoint, error::Route,
    redaction::Sensitive, retry::Budget,
};

/// How requests of one client are sent: to where, with which credential, within which limits. Cheap to
/// clone; all clones share one pool of connections.
#[derive(Clone)]
pub struct Transport {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) endpoint: Endpoint,
    pub(crate) route: Arc<Route>,
    pub(crate) credential: Credential,
    pub(crate) authorizer: Authorizer,
    pub(crate) sensitive: Sensitive,
    pub(crate) connect: Duration,
    pub(crate) attempt: Duration,
    pub(crate) total: Duration,
    pub(crate) retries: u32,
    pub(crate) client_request_ids: bool,
    pub(crate) list: ListLimits,
    pub(crate) budget: Budget,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter: Arc<dyn Jitter>,
}

/// How long a list over pages may be: what a server sends for ever must end somewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListLimits {
    pub(crate) pages: usize,
    pub(crate) items: usize,
}

impl ListLimits {
    /// Far more than a list of certificates has.
    pub(crate) const DEFAULT: Self = Self {
        pages: 10_000,
        items: 1_000_000,
    };
}

/// What one call can have otherwise than its client. Generated builders have a method for each.
#[derive(Clone, Default)]
pub struct CallOptions<'a> {
    /// Longest time for the whole call, its retries included. The client's total timeout unless set.
    pub deadline: Option<Duration>,
    /// Whether an operation that is not idempotent may be sent again while it is unknown whether it was
    /// carried out.
    pub retry_ambiguous: bool,
    /// Tells whether what a repetition was refused for is what an earlier attempt made.
    pub confirm: Option<Confirm<'a>>,
}

/// Finds out within a time whether what exists is what was to be made.
pub type Confirm<'a> = Arc<dyn Fn(Duration) -> BoxFuture<'a, bool> + Send + Sync + 'a>;

impl Transport {
    /// The service's base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.shared.endpoint.base()
    }

    /// Longest time for a whole call.
    #[must_use]
    pub fn total_timeout(&self) -> Duration {
        self.shared.total
    }

    /// The clock that waiting goes by.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("endpoint", &self.shared.endpoint)
            .field("credential", &self.shared.credential)
            .field("connect", &self.shared.connect)
            .field("attempt", &self.shared.attempt)
            .field("total", &self.shared.total)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CallOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("deadline", &self.deadline)
            .field("retry_ambiguous", &self.retry_ambiguous)
            .field("confirm", &self.confirm.is_some())
            .finish()
    }
}
