//! Where requests of one client go, and how.

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, Method, StatusCode};
use progenitor_client::ResponseValue;
use reqwest::{Request, Response};
use serde::de::DeserializeOwned;

use crate::{
    Builder, Clock, Credential, Error, Judgement, Operation, Random, answer::success_body,
    builder::check_limit, call::Call, credential::Authorizer, endpoint::Endpoint,
    error_body::ErrorBody, retry::Bucket,
};

/// Which deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// That of opening a connection, TLS included.
    Connect,
    /// That of one attempt, from its first byte to the last of the answer.
    Attempt,
    /// That of the whole call.
    Total,
}

/// How requests of one client are sent: to where, with which credential, within which limits. Cheap to
/// clone; all clones share one pool of connections.
#[derive(Clone)]
pub struct Transport {
    pub(crate) shared: Arc<Shared>,
    pub(crate) total: Duration,
    pub(crate) retry_ambiguous: bool,
}

pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) endpoint: Endpoint,
    pub(crate) credential: Credential,
    pub(crate) authorizer: Authorizer,
    pub(crate) connect: Duration,
    pub(crate) attempt: Duration,
    pub(crate) retries: u32,
    pub(crate) bucket: Bucket,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

/// What one call can have otherwise than its client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallOptions {
    /// Longest time for the whole call, its retries included. The client's total timeout unless set.
    pub deadline: Option<Duration>,
    /// Whether an operation that changes something may be sent again while nobody knows whether it was
    /// carried out, even where twice is not the same as once.
    pub retry_ambiguous: bool,
}

impl Transport {
    /// Starts with the two things that every client needs: the service's base URL and a credential.
    pub fn builder(endpoint: impl Into<String>, credential: impl Into<Credential>) -> Builder {
        Builder::new(endpoint.into(), credential.into())
    }

    /// The service's base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.shared.endpoint.base()
    }

    /// Longest time for a whole call.
    #[must_use]
    pub fn total_timeout(&self) -> Duration {
        self.total
    }

    /// The clock that waiting goes by.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    /// The client that sends. Generated code builds its requests with it.
    #[doc(hidden)]
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.shared.http
    }

    /// The same transport, for calls with these options.
    pub fn with_options(&self, options: &CallOptions) -> Result<Self, Error> {
        if let Some(limit) = options.deadline {
            check_limit("deadline", limit)?;
        }
        Ok(Self {
            shared: Arc::clone(&self.shared),
            total: options.deadline.unwrap_or(self.total),
            retry_ambiguous: options.retry_ambiguous,
        })
    }

    /// Sends a request, as often as `judgement` allows, and reads the whole answer: what the generated
    /// clients' `exec` hook calls.
    ///
    /// An error of ours comes back as an answer that [`post`] recognises; see [`Error::from_client`].
    pub async fn exec<E: DeserializeOwned>(
        &self,
        request: Request,
        operation: Option<&'static Operation>,
        judgement: &Judgement<E>,
    ) -> Response {
        let Some(operation) = operation else {
            return Error::path().into_response();
        };
        let describe = judgement.describe;
        let call = Call {
            transport: self,
            operation,
            rules: judgement.rules,
            read: &move |body, truncated| {
                ErrorBody::<E>::parse(body, truncated).service_error(describe)
            },
        };
        let outcome = call.run(request).await;
        outcome.unwrap_or_else(Error::into_response)
    }

    /// Fetches the page that a link of an earlier answer names. The link has to stay where the operation
    /// is: on the same origin, below the same base URL, on the operation's own path. Anywhere else it
    /// would take the credential along.
    pub async fn follow<T, E>(
        &self,
        link: &str,
        headers: HeaderMap,
        operation: &'static Operation,
        judgement: &Judgement<E>,
    ) -> Result<ResponseValue<T>, Error>
    where
        T: DeserializeOwned,
        E: DeserializeOwned,
    {
        let url = self.shared.endpoint.linked(link, operation)?;
        let mut request = Request::new(Method::GET, url);
        *request.headers_mut() = headers;
        let response = self.exec(request, Some(operation), judgement).await;
        if let Some(error) = Error::in_response(&response) {
            return Err(error);
        }
        let answer = if response.status() == StatusCode::OK {
            success_body(response).await
        } else {
            Err(progenitor_client::Error::UnexpectedResponse(response))
        };
        answer.map_err(|error| Error::from_client(error, judgement))
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("endpoint", &self.shared.endpoint)
            .field("credential", &self.shared.credential)
            .field("connect", &self.shared.connect)
            .field("attempt", &self.shared.attempt)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// What the generated clients' `post` hook calls: stops an answer that carries an error of ours before
/// the generated code takes it for one of the service's.
#[expect(
    clippy::result_large_err,
    reason = "progenitor's hooks are written that way"
)]
pub fn post<E>(result: &reqwest::Result<Response>) -> Result<(), progenitor_client::Error<E>> {
    match result.as_ref().ok().and_then(Error::in_response) {
        Some(error) => Err(progenitor_client::Error::UnexpectedResponse(
            error.into_response(),
        )),
        None => Ok(()),
    }
}
