//! Tokens are cached, and fetched once however many calls need one.

use std::{
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use http::HeaderValue;
use tokio::{
    runtime::{Handle, Id},
    task::AbortHandle,
};

use super::token::{Failure, Token, TokenSource, authorization};
use crate::{Clock, Error, clock::within};

/// How long before a token expires the next one is fetched. Of a token that lives less than twice as
/// long, half of its life.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// How long a source that failed is not asked again.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// How long a fetch may take. Without a limit one that hangs would hang every call from then on.
const LONGEST_FETCH: Duration = Duration::from_secs(60);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct TokenCache {
    source: Arc<dyn Fetch>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    cached: Option<CachedToken>,
    fetches: Vec<Fetching>,
    failed: Option<(Instant, Failure)>,
}

/// A token at hand.
#[derive(Clone)]
struct CachedToken {
    value: HeaderValue,
    expires: Option<Instant>,
    renew: Option<Instant>,
}

/// A fetch under way. It runs as a task of its own, so that a call that is dropped does not stop it for others.
///
/// Only calls of the same runtime wait for it: another one may have been left before the fetch was over,
/// and would then never finish it.
struct Fetching {
    end: End,
    task: AbortHandle,
    runtime: Id,
}

/// The outcome of a fetch, for all who wait for it.
type End = Shared<BoxFuture<'static, Result<HeaderValue, Failure>>>;

/// [`TokenSource`] for a source whose type is forgotten.
trait Fetch: Send + Sync {
    fn fetch(self: Arc<Self>) -> BoxFuture<'static, Result<Token, BoxError>>;
}

impl<S: TokenSource> Fetch for S {
    fn fetch(self: Arc<Self>) -> BoxFuture<'static, Result<Token, BoxError>> {
        Box::pin(async move { self.token().await })
    }
}

impl TokenCache {
    pub(super) fn new(source: impl TokenSource) -> Self {
        Self {
            source: Arc::new(source),
            state: Arc::default(),
        }
    }

    /// The value of the `Authorization` header: of the token at hand, or of one that is waited for. And
    /// whether it was waited for.
    pub(super) async fn authorization(
        &self,
        clock: &Arc<dyn Clock>,
    ) -> Result<(HeaderValue, bool), Error> {
        let end = {
            let mut state = lock(&self.state);
            let now = clock.now();
            if let Some(cached) = state.good(now) {
                let value = cached.value.clone();
                let is_due = cached.renew.is_some_and(|renew| now >= renew);
                if is_due && state.running().is_none() && state.cooling(now).is_none() {
                    // In the background: no call waits for this one.
                    drop(self.start(&mut state, clock));
                }
                return Ok((value, false));
            }
            let running = state.running();
            match (running, state.cooling(now)) {
                (Some(end), _) => end,
                (None, Some(failure)) => return Err(failure.error()),
                (None, None) => self.start(&mut state, clock),
            }
        };
        match end.await {
            Ok(value) => Ok((value, true)),
            Err(failure) => Err(failure.error()),
        }
    }

    /// Drops the token that a service did not accept. Whether there is another one to be had: not if the
    /// source has just failed.
    pub(super) fn renew(&self, sent: &HeaderValue, clock: &dyn Clock) -> bool {
        let mut state = lock(&self.state);
        let now = clock.now();
        match state.good(now) {
            Some(cached) if cached.value != sent => true,
            _ if state.cooling(now).is_some() => false,
            _ => {
                state.cached = None;
                true
            }
        }
    }

    fn start(&self, state: &mut State, clock: &Arc<dyn Clock>) -> End {
        let (source, shared, clock) = (
            Arc::clone(&self.source),
            Arc::clone(&self.state),
            Arc::clone(clock),
        );
        let task = tokio::spawn(async move {
            let fetching = AssertUnwindSafe(fetch(source, &clock));
            let outcome = fetching
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Failure::new("the token source panicked")));
            let mut state = lock(&shared);
            match outcome {
                Ok(cached) => {
                    let value = cached.value.clone();
                    state.cached = Some(cached);
                    state.failed = None;
                    Ok(value)
                }
                Err(failure) => {
                    state.failed = Some((clock.now(), failure.clone()));
                    Err(failure)
                }
            }
        });
        let handle = task.abort_handle();
        let end: BoxFuture<'static, _> = Box::pin(async move {
            // The task ends without an outcome if the runtime shuts down.
            task.await
                .unwrap_or_else(|_| Err(Failure::new("the token source stopped half-way")))
        });
        let end = end.shared();
        state.fetches.push(Fetching {
            end: end.clone(),
            task: handle,
            runtime: Handle::current().id(),
        });
        end
    }
}

impl State {
    fn good(&self, now: Instant) -> Option<&CachedToken> {
        let good = |cached: &&CachedToken| cached.expires.is_none_or(|expires| now < expires);
        self.cached.as_ref().filter(good)
    }

    /// The fetch that calls of this runtime wait for.
    fn running(&mut self) -> Option<End> {
        self.fetches.retain(|fetch| !fetch.task.is_finished());
        let runtime = Handle::current().id();
        let fetch = self.fetches.iter().find(|fetch| fetch.runtime == runtime)?;
        Some(fetch.end.clone())
    }

    fn cooling(&self, now: Instant) -> Option<&Failure> {
        let (failed, failure) = self.failed.as_ref()?;
        (now.duration_since(*failed) < COOL_DOWN).then_some(failure)
    }
}

async fn fetch(source: Arc<dyn Fetch>, clock: &Arc<dyn Clock>) -> Result<CachedToken, Failure> {
    let token = match within(&**clock, || LONGEST_FETCH, pin!(source.fetch())).await {
        Some(Ok(token)) => token,
        Some(Err(error)) => {
            return Err(Failure {
                problem: "the token source failed",
                source: Some(error.into()),
            });
        }
        None => return Err(Failure::new("the token source took more than a minute")),
    };
    let value = authorization(&token.secret).map_err(|problem| Failure {
        problem: "the token source gave a text that cannot be a token",
        source: Some(Arc::new(super::token::refused(problem))),
    })?;
    // The lifetime is measured once, against the time of day, and goes by the other clock from then on.
    let (now, lifetime) = (clock.now(), token.lifetime(clock.utc_now()));
    if lifetime.is_some_and(|lifetime| lifetime.is_zero()) {
        let problem = "the token source gave a token that has expired; check this machine's clock";
        return Err(Failure::new(problem));
    }
    Ok(CachedToken {
        value,
        expires: lifetime.and_then(|lifetime| now.checked_add(lifetime)),
        renew: lifetime.and_then(|lifetime| {
            now.checked_add(lifetime.saturating_sub(MARGIN.min(lifetime / 2)))
        }),
    })
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // Nothing panics while it holds the lock, and a token that is half replaced does not exist.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
