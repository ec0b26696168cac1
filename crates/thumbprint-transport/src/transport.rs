//! One request, from its generated form to a complete answer.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE},
};
use progenitor_client::ResponseValue;
use reqwest::{Request, Response};
use serde::de::DeserializeOwned;
use tracing::{Level, event};
use url::Url;

use crate::{
    Builder, Clock, Credential, Dialect, Error, Operation,
    answer::{End, Received, success_body},
    builder::check_limit,
    endpoint::Endpoint,
    header,
    operation::match_path,
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
}

pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) endpoint: Endpoint,
    pub(crate) credential: Credential,
    pub(crate) authorization: HeaderValue,
    pub(crate) connect: Duration,
    pub(crate) attempt: Duration,
    pub(crate) clock: Arc<dyn Clock>,
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

    /// The same transport with another deadline for whole calls.
    pub fn with_total_timeout(&self, limit: Duration) -> Result<Self, Error> {
        check_limit("deadline", limit)?;
        Ok(Self {
            shared: Arc::clone(&self.shared),
            total: limit,
        })
    }

    /// Sends a request and reads the whole answer: what the generated clients' `exec` hook calls.
    ///
    /// An error of ours comes back as an answer that [`post`] recognises; see [`Error::from_client`].
    pub async fn exec(&self, request: Request, operation: Option<&'static Operation>) -> Response {
        let Some(operation) = operation else {
            return Error::path().into_response();
        };
        let start = Instant::now();
        let client_request_id = client_request_id(request.headers());
        let outcome = self.attempt(request, operation).await;
        let (status, answer_id, delivery) = match &outcome {
            Ok(response) => (
                Some(response.status()),
                header::text(response.headers(), "request-id"),
                None,
            ),
            Err(error) => (error.status(), error.request_id(), Some(error.delivery())),
        };
        event!(
            Level::DEBUG,
            operation = operation.id,
            method = operation.method,
            path = operation.path,
            status = status.map(|status| status.as_u16()),
            delivery = delivery.map(tracing::field::debug),
            client_request_id,
            request_id = answer_id,
            milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
            "attempt"
        );
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
        dialect: Dialect<E>,
    ) -> Result<ResponseValue<T>, Error>
    where
        T: DeserializeOwned,
        E: DeserializeOwned,
    {
        let base = Url::parse(&format!("{}/", self.base_url())).map_err(|_| Error::path())?;
        let url = base
            .join(link)
            .map_err(|_| Error::next_link("it is not a URL"))?;
        let path = self.shared.endpoint.path_of(&url);
        let path = path.ok_or_else(|| Error::next_link("it leads to another origin"))?;
        if match_path(operation.path, path).is_none() {
            return Err(Error::next_link("it leads to another path"));
        }
        let mut request = Request::new(Method::GET, url);
        *request.headers_mut() = headers;
        let response = self.exec(request, Some(operation)).await;
        if let Some(error) = Error::in_response(&response) {
            return Err(error);
        }
        let answer = if response.status() == StatusCode::OK {
            success_body(response).await
        } else {
            Err(progenitor_client::Error::UnexpectedResponse(response))
        };
        answer.map_err(|error| Error::from_client(error, dialect))
    }

    async fn attempt(
        &self,
        mut request: Request,
        operation: &'static Operation,
    ) -> Result<Response, Error> {
        self.prepare(&mut request, operation)?;
        let (deadline, limit) = if self.total <= self.shared.attempt {
            (Deadline::Total, self.total)
        } else {
            (Deadline::Attempt, self.shared.attempt)
        };
        let mut received = Received::default();
        let sending = received.read(&self.shared.http, request);
        let end = match tokio::time::timeout(limit, sending).await {
            Ok(end) => end,
            Err(_) => End::Late,
        };
        received.conclude(end, operation, |end| match end {
            End::Broken(error) => Error::no_answer(error, self.shared.connect),
            _ => Error::timeout(deadline, limit),
        })
    }

    /// Puts in what every request of the operation carries, and checks that it goes where it should.
    fn prepare(&self, request: &mut Request, operation: &'static Operation) -> Result<(), Error> {
        let path = self.shared.endpoint.path_of(request.url());
        let shape = path.and_then(|path| match_path(operation.path, path));
        if request.method().as_str() != operation.method || shape.is_none() {
            return Err(Error::path());
        }
        let bodiless = request.body().is_none();
        let takes_body = matches!(
            *request.method(),
            Method::POST | Method::PUT | Method::PATCH
        );
        let headers = request.headers_mut();
        if operation.secured {
            headers.insert(AUTHORIZATION, self.shared.authorization.clone());
        }
        if let Some(accept) = operation.accept {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        if bodiless && takes_body {
            // Batch answers 411 MissingContentLengthHeader to an empty POST without it, and hyper
            // leaves it out.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        } else if let (false, Some(media_type)) = (bodiless, operation.content_type) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        Ok(())
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

fn client_request_id(headers: &HeaderMap) -> Option<String> {
    ["client-request-id", "x-ms-client-request-id"]
        .iter()
        .find_map(|name| header::text(headers, name))
        .map(str::to_owned)
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
