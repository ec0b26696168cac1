//! One request, from its generated form to a complete answer.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
};
use progenitor_client::ResponseValue;
use reqwest::{Request, Response, ResponseBuilderExt, redirect};
use serde::de::DeserializeOwned;
use tracing::{Level, event};
use url::Url;

use crate::{
    Credential, Delivery, Error, ErrorBody, Operation, endpoint::Endpoint, error::Captured, header,
    operation::match_path,
};

/// Longest body of a success that is read, in bytes.
const SUCCESS_LIMIT: usize = 1024 * 1024;
/// Longest body of an error that is read, in bytes. What is longer is cut.
const ERROR_LIMIT: usize = 64 * 1024;

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
    shared: Arc<Shared>,
    total: Duration,
}

struct Shared {
    http: reqwest::Client,
    endpoint: Endpoint,
    credential: Credential,
    authorization: HeaderValue,
    connect: Duration,
    attempt: Duration,
}

/// Settings of a [`Transport`].
#[derive(Clone, Debug)]
pub struct Builder {
    endpoint: String,
    credential: Credential,
    loopback_http: bool,
    connect: Duration,
    attempt: Duration,
    total: Duration,
}

impl Builder {
    /// Takes plain http for loopback addresses, for a sandbox on this machine.
    #[must_use]
    pub fn allow_loopback_http(mut self) -> Self {
        self.loopback_http = true;
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

    /// Longest time for a whole call. 60 seconds unless set.
    #[must_use]
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.total = limit;
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
        let authorization = self.credential.authorization()?;
        let http = http_client(&endpoint, self.connect)?;
        Ok(Transport {
            shared: Arc::new(Shared {
                http,
                endpoint,
                credential: self.credential,
                authorization,
                connect: self.connect,
                attempt: self.attempt,
            }),
            total: self.total,
        })
    }
}

fn check_limit(field: &'static str, limit: Duration) -> Result<(), Error> {
    if limit.is_zero() {
        return Err(Error::input(
            field,
            "it is zero, so no call could end in time",
            "set a longer time",
        ));
    }
    Ok(())
}

fn http_client(endpoint: &Endpoint, connect: Duration) -> Result<reqwest::Client, Error> {
    #[cfg(not(feature = "rustls"))]
    if endpoint.is_https() {
        return Err(Error::input(
            "endpoint",
            "it is https, and this program was built without TLS",
            "enable the feature `rustls`",
        ));
    }
    let builder = reqwest::Client::builder()
        .user_agent(concat!("thumbprint/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(connect)
        .https_only(endpoint.is_https());
    // A proxy has no business between this machine and itself, and would see a token sent over http.
    let builder = if endpoint.is_https() {
        builder
    } else {
        builder.no_proxy()
    };
    #[cfg(feature = "rustls")]
    let builder = builder.tls_backend_preconfigured(if endpoint.is_https() {
        crate::tls::platform()?
    } else {
        crate::tls::unused()?
    });
    builder.build().map_err(Error::setup)
}

impl Transport {
    /// Starts with the two things that every client needs: the service's base URL and a credential.
    pub fn builder(endpoint: impl Into<String>, credential: impl Into<Credential>) -> Builder {
        Builder {
            endpoint: endpoint.into(),
            credential: credential.into(),
            loopback_http: false,
            connect: Duration::from_secs(10),
            attempt: Duration::from_secs(35),
            total: Duration::from_secs(60),
        }
    }

    /// The service's base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.shared.endpoint.base()
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
        let url = request.url().clone();
        let mut received = Received::default();
        let sending = received.read(&self.shared.http, request);
        let end = match tokio::time::timeout(limit, sending).await {
            Ok(end) => end,
            Err(_) => End::Late,
        };
        received.conclude(end, operation, url, |end| match end {
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

/// How reading an answer ended.
enum End {
    Whole,
    Broken(reqwest::Error),
    Late,
    TooLarge,
    Encoded,
}

/// What has arrived of an answer so far. It outlives the attempt, so that a deadline or a broken
/// connection cannot take a status away that was already seen.
#[derive(Default)]
struct Received {
    head: Option<(StatusCode, HeaderMap)>,
    body: BytesMut,
}

impl Received {
    async fn read(&mut self, http: &reqwest::Client, request: Request) -> End {
        let mut response = match http.execute(request).await {
            Ok(response) => response,
            Err(error) => return End::Broken(error),
        };
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        // We ask for no encoding, so an encoded body is a bomb or a broken proxy.
        let encoded = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
        self.head = Some((status, headers));
        if encoded {
            return End::Encoded;
        }
        let limit = if status.is_success() {
            SUCCESS_LIMIT
        } else {
            ERROR_LIMIT
        };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = limit - self.body.len();
                    self.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        return End::TooLarge;
                    }
                }
                Ok(None) => return End::Whole,
                Err(error) => return End::Broken(error),
            }
        }
    }

    /// Makes an answer of what has arrived, or says why there is none.
    fn conclude(
        self,
        end: End,
        operation: &'static Operation,
        url: Url,
        no_answer: impl FnOnce(End) -> Error,
    ) -> Result<Response, Error> {
        let Some((status, headers)) = self.head else {
            return Err(no_answer(end));
        };
        let body = self.body.freeze();
        let truncated = !matches!(end, End::Whole);
        if status.is_success() {
            match end {
                End::Whole => {}
                End::Encoded => return Err(Error::unsupported_encoding(status, headers)),
                End::TooLarge => return Err(Error::body_too_large(status, headers, SUCCESS_LIMIT)),
                End::Broken(_) | End::Late => return Err(Error::body_lost(status, headers)),
            }
            let typed = operation
                .answer(status.as_u16())
                .is_some_and(|answer| answer.status.is_some() && answer.media_type.is_some());
            if typed && !body.is_empty() && !is_json(&headers) {
                return Err(Error::unexpected_content_type(status, headers));
            }
        }
        let mut response = http::Response::builder().status(status).url(url);
        if let Some(slot) = response.headers_mut() {
            *slot = headers;
        }
        let captured = Captured {
            body: body.clone(),
            truncated,
        };
        let response = response.extension(captured).body(body);
        response.map(Response::from).map_err(|_| Error::path())
    }
}

/// Whether the content type is JSON. An answer without one gets the benefit of the doubt.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let text = value.to_str().unwrap_or_default();
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
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

/// Reads a success's body. Generated code calls it in place of progenitor's own reading, which loses
/// the status and the headers of a body that does not decode.
#[doc(hidden)]
pub async fn success_body<T: DeserializeOwned, E>(
    response: Response,
) -> Result<ResponseValue<T>, progenitor_client::Error<E>> {
    let (status, headers, body) = parts(response).await;
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    match serde_json::from_slice(json) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => {
            let error = Error::decode(status, headers, body, &error);
            Err(progenitor_client::Error::UnexpectedResponse(
                error.into_response(),
            ))
        }
    }
}

/// Reads an error's body. It never fails: a body that is not what the document says keeps the status,
/// the headers and its bytes.
#[doc(hidden)]
pub async fn error_body<E: DeserializeOwned>(response: Response) -> ResponseValue<ErrorBody<E>> {
    let truncated = response
        .extensions()
        .get::<Captured>()
        .is_some_and(|captured| captured.truncated);
    let (status, headers, body) = parts(response).await;
    ResponseValue::new(ErrorBody::parse(body, truncated), status, headers)
}

/// Takes an answer of [`Transport::exec`] apart. Its body is in memory already.
async fn parts(mut response: Response) -> (StatusCode, HeaderMap, Bytes) {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let body = response.bytes().await.unwrap_or_default();
    (status, headers, body)
}

impl Delivery {
    /// Whether the service may have acted on the request without our knowing.
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self == Self::Unknown
    }
}
