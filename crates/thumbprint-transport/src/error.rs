//! Why a call did not do what it was asked to.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use progenitor_client::ResponseValue;
use reqwest::Response;
use serde::de::DeserializeOwned;

use crate::{
    Deadline, ErrorBody, Judgement, ServiceError, TlsFailure,
    answer::is_json,
    error_body::one_line,
    header,
    judgement::{Again, Class, History},
    proxy::ProxyFailure,
};

mod display;

type Source = Arc<dyn StdError + Send + Sync>;

/// Why a call did not do what it was asked to, with everything that is known of the answer.
///
/// Neither `Display` nor `Debug` shows a URL, a header's value other than the request id, or a body.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    delivery: Delivery,
    answer: Option<Answer>,
    service: Option<ServiceError>,
    source: Option<Source>,
    history: History,
    turned_away: bool,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    truncated: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Input {
        field: &'static str,
        problem: String,
        remedy: String,
    },
    Setup,
    Path,
    Credential {
        problem: &'static str,
    },
    Connect {
        reason: &'static str,
    },
    Tls {
        failure: TlsFailure,
    },
    Proxy {
        failure: ProxyFailure,
    },
    Timeout {
        deadline: Deadline,
        limit: Duration,
    },
    NotSettled {
        limit: Duration,
    },
    Interrupted,
    Service,
    Redirect,
    UnexpectedStatus,
    UnexpectedContentType {
        found: String,
    },
    UnsupportedEncoding {
        found: String,
    },
    BodyTooLarge {
        limit: usize,
    },
    BodyLost,
    NextLink {
        problem: &'static str,
    },
    Decode {
        line: usize,
        column: usize,
    },
    Generated(String),
}

/// What is known of a request that failed: whether the service may have acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was not sent, or turned away before it was worked on. Sending it again is safe.
    NotSent,
    /// It may have been carried out.
    Unknown,
    /// It was not carried out and will not be: the service has refused it, or something that has to be
    /// mended first kept it from being sent.
    Final,
    /// It was carried out; only the answer's body is missing or cannot be read.
    Applied,
}

impl Delivery {
    /// That of a success whose body is lost: what only looks has applied nothing.
    fn of_success(is_read: bool) -> Self {
        if is_read { Self::Final } else { Self::Applied }
    }

    /// That of a request for which no connection came about.
    fn of_refusal(is_final: bool) -> Self {
        if is_final { Self::Final } else { Self::NotSent }
    }
}

/// The head and body of an answer, kept while the generated code looks at the answer.
#[derive(Clone)]
pub(crate) struct Captured {
    pub(crate) body: Bytes,
    pub(crate) truncated: bool,
    /// Whether the operation only looks.
    pub(crate) is_read: bool,
    pub(crate) history: History,
}

/// Marks an answer that only carries an error through the generated code.
#[derive(Clone)]
struct Poison(Error);

impl Error {
    fn new(kind: Kind, delivery: Delivery) -> Self {
        Self(Arc::new(Inner {
            kind,
            delivery,
            answer: None,
            service: None,
            source: None,
            history: History::default(),
            turned_away: false,
        }))
    }

    fn with(kind: Kind, delivery: Delivery, answer: Answer) -> Self {
        Self(Arc::new(Inner {
            kind,
            delivery,
            answer: Some(answer),
            service: None,
            source: None,
            history: History::default(),
            turned_away: false,
        }))
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.0).source = Some(Arc::new(source));
        self
    }

    /// The same error, as the end of a call with this history.
    pub(crate) fn after(mut self, history: History) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.delivery = history.delivery.unwrap_or(inner.delivery);
        inner.history = history;
        self
    }

    /// What came of an attempt that has no answer, or none that can be read.
    pub(crate) fn class(&self, is_read: bool) -> Class {
        let again = match &self.0.kind {
            Kind::Connect { .. }
            | Kind::Timeout {
                deadline: Deadline::Connect,
                ..
            } => Again::Always,
            Kind::Proxy { failure } if !failure.is_final() => Again::Always,
            // A connection that breaks in the middle of a handshake may be chance; twice, it is not.
            Kind::Tls { failure } if failure.is_handshake_cut() => Again::Once,
            Kind::Interrupted => Again::Ambiguous,
            // Without a request on its way the call's time is up, and there is none left to try again.
            Kind::Timeout { .. } if self.0.delivery == Delivery::Unknown => Again::Ambiguous,
            // It did happen; but what only looks can look again.
            Kind::BodyLost if is_read => Again::Ambiguous,
            _ => Again::Never,
        };
        Class::new(self.0.delivery, again)
    }

    /// A value that was refused before anything was sent: which one, what is wrong with it, and what
    /// to do instead. None of the three may quote a secret.
    pub fn input(
        field: &'static str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (problem, remedy) = (problem.into(), remedy.into());
        Self::new(
            Kind::Input {
                field,
                problem,
                remedy,
            },
            Delivery::NotSent,
        )
    }

    #[cfg(feature = "rustls")]
    pub(crate) fn tls_setup(error: rustls::Error) -> Self {
        Self::new(Kind::Setup, Delivery::NotSent).caused_by(error)
    }

    pub(crate) fn setup(error: reqwest::Error) -> Self {
        Self::new(Kind::Setup, Delivery::NotSent).caused_by(error.without_url())
    }

    pub(crate) fn path() -> Self {
        Self::new(Kind::Path, Delivery::NotSent)
    }

    /// Nothing was sent, as there is nothing to prove with who is calling.
    pub(crate) fn credential(problem: &'static str, source: Option<Source>) -> Self {
        let mut error = Self::new(Kind::Credential { problem }, Delivery::Final);
        Arc::make_mut(&mut error.0).source = source;
        error
    }

    /// The call's time was up before its request could be sent: a token took too long.
    pub(crate) fn too_late(limit: Duration) -> Self {
        let deadline = Deadline::Total;
        Self::new(Kind::Timeout { deadline, limit }, Delivery::NotSent)
    }

    /// A link to a next page that is not followed.
    #[must_use]
    pub fn next_link(problem: &'static str) -> Self {
        Self::new(Kind::NextLink { problem }, Delivery::Final)
    }

    /// What the service had accepted was not finished when the caller's patience was.
    #[must_use]
    pub fn not_settled(limit: Duration) -> Self {
        Self::new(Kind::NotSettled { limit }, Delivery::Unknown)
    }

    pub(crate) fn timeout(deadline: Deadline, limit: Duration) -> Self {
        Self::new(Kind::Timeout { deadline, limit }, Delivery::Unknown)
    }

    /// No answer came. Whether the request may have been sent decides what is known.
    pub(crate) fn no_answer(error: reqwest::Error, connect: Duration) -> Self {
        let error = error.without_url();
        let (kind, delivery) = if !error.is_connect() {
            match TlsFailure::of_answer(&error) {
                Some(failure) => (Kind::Tls { failure }, Delivery::Final),
                None => (Kind::Interrupted, Delivery::Unknown),
            }
        } else if error.is_timeout() {
            let kind = Kind::Timeout {
                deadline: Deadline::Connect,
                limit: connect,
            };
            (kind, Delivery::NotSent)
        } else if let Some(failure) = ProxyFailure::of(&error) {
            let delivery = Delivery::of_refusal(failure.is_final());
            (Kind::Proxy { failure }, delivery)
        } else if let Some(failure) = TlsFailure::of_connect(&error) {
            let delivery = Delivery::of_refusal(!failure.is_handshake_cut());
            (Kind::Tls { failure }, delivery)
        } else {
            let refused = io_kind(&error) == Some(std::io::ErrorKind::ConnectionRefused);
            let reason = if refused {
                "nobody listens there"
            } else {
                "the host was not found or not reached"
            };
            (Kind::Connect { reason }, Delivery::NotSent)
        };
        Self::new(kind, delivery).caused_by(error)
    }

    pub(crate) fn body_lost(status: StatusCode, headers: HeaderMap, is_read: bool) -> Self {
        let answer = Answer::bodiless(status, headers);
        Self::with(Kind::BodyLost, Delivery::of_success(is_read), answer)
    }

    pub(crate) fn body_too_large(status: StatusCode, headers: HeaderMap, limit: usize) -> Self {
        let answer = Answer::bodiless(status, headers);
        Self::with(Kind::BodyTooLarge { limit }, Delivery::Final, answer)
    }

    pub(crate) fn unsupported_encoding(status: StatusCode, headers: HeaderMap) -> Self {
        let found = printable(&headers, "content-encoding");
        let answer = Answer::bodiless(status, headers);
        Self::with(Kind::UnsupportedEncoding { found }, Delivery::Final, answer)
    }

    pub(crate) fn unexpected_content_type(status: StatusCode, headers: HeaderMap) -> Self {
        let found = printable(&headers, "content-type");
        let answer = Answer::bodiless(status, headers);
        Self::with(
            Kind::UnexpectedContentType { found },
            Delivery::Final,
            answer,
        )
    }

    pub(crate) fn decode(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        error: &serde_json::Error,
        is_read: bool,
    ) -> Self {
        // serde_json's own text can quote the body; its place in the body cannot.
        let kind = Kind::Decode {
            line: error.line(),
            column: error.column(),
        };
        Self::with(
            kind,
            Delivery::of_success(is_read),
            Answer {
                status,
                headers,
                body,
                truncated: false,
            },
        )
    }

    /// Wraps the error in an answer that the generated code takes for one that no document declares.
    /// [`Error::from_client`] unwraps it again. This is how an error of our own travels through
    /// progenitor's hooks, which can only fail with reqwest's.
    pub(crate) fn into_response(self) -> Response {
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = self.status().unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        answer.extensions_mut().insert(Poison(self));
        answer.into()
    }

    /// The error that [`Error::into_response`] wrapped.
    pub(crate) fn in_response(response: &Response) -> Option<Self> {
        response
            .extensions()
            .get::<Poison>()
            .map(|Poison(error)| error.clone())
    }

    /// The one way from the generated clients' errors to ours. Every variant is named, so that an
    /// upgrade of progenitor that brings a new one does not compile until it is thought about.
    pub fn from_client<E: DeserializeOwned>(
        error: progenitor_client::Error<ErrorBody<E>>,
        judgement: &Judgement<E>,
    ) -> Self {
        use progenitor_client::Error as Client;
        match error {
            Client::InvalidRequest(problem) | Client::Custom(problem) => {
                Self::new(Kind::Generated(problem), Delivery::NotSent)
            }
            // The hooks give no reqwest error: these come from building a request.
            Client::CommunicationError(error) => Self::new(
                Kind::Generated("the request could not be built".into()),
                Delivery::NotSent,
            )
            .caused_by(error.without_url()),
            Client::ErrorResponse(value) => Self::documented(value, judgement),
            Client::InvalidUpgrade(error) | Client::ResponseBodyError(error) => {
                Self::new(Kind::Interrupted, Delivery::Unknown).caused_by(error.without_url())
            }
            Client::InvalidResponsePayload(body, error) => {
                Self::decode(StatusCode::OK, HeaderMap::new(), body, &error, false)
            }
            Client::UnexpectedResponse(response) => Self::in_response(&response)
                .unwrap_or_else(|| Self::undocumented(&response, judgement)),
        }
    }

    fn documented<E>(value: ResponseValue<ErrorBody<E>>, judgement: &Judgement<E>) -> Self {
        let (status, headers) = (value.status(), value.headers().clone());
        Self::of_status(
            Kind::Service,
            status,
            headers,
            &value.into_inner(),
            judgement,
        )
    }

    fn undocumented<E: DeserializeOwned>(response: &Response, judgement: &Judgement<E>) -> Self {
        let captured = response.extensions().get::<Captured>();
        let body = captured.map_or_else(
            || ErrorBody::parse(Bytes::new(), false),
            |captured| {
                ErrorBody::parse(captured.body.clone(), captured.truncated).after(captured.history)
            },
        );
        let status = response.status();
        let kind = if status.is_redirection() {
            Kind::Redirect
        } else if status.is_client_error() || status.is_server_error() {
            Kind::Service
        } else {
            Kind::UnexpectedStatus
        };
        Self::of_status(kind, status, response.headers().clone(), &body, judgement)
    }

    fn of_status<E>(
        kind: Kind,
        status: StatusCode,
        headers: HeaderMap,
        body: &ErrorBody<E>,
        judgement: &Judgement<E>,
    ) -> Self {
        let service = body.service_error(judgement.describe);
        let history = body.history();
        let alone = judgement.rules.of_answer(status, &service, false).delivery;
        let (body, truncated) = (body.raw().clone(), body.is_truncated());
        Self(Arc::new(Inner {
            kind,
            // A body that came through no transport was judged by nobody.
            delivery: history.delivery.unwrap_or(alone),
            answer: Some(Answer {
                status,
                headers,
                body,
                truncated,
            }),
            service: Some(service),
            source: None,
            history,
            turned_away: alone == Delivery::NotSent,
        }))
    }

    /// What is known of the request: whether the service may have acted on it.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The answer's status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.answer.as_ref().map(|answer| answer.status)
    }

    /// The answer's headers, if there was an answer.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(|answer| &answer.headers)
    }

    /// The answer's body as it came, at most 64 KiB of it. It can hold anything: do not print it.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.answer.as_ref().map(|answer| &answer.body)
    }

    /// Whether [`body`](Self::body) holds less than the service sent.
    #[must_use]
    pub fn is_body_truncated(&self) -> bool {
        self.0
            .answer
            .as_ref()
            .is_some_and(|answer| answer.truncated)
    }

    /// What the service said of the error. `None` unless it answered with an error status.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceError> {
        self.0
            .service
            .as_ref()
            .filter(|_| matches!(self.0.kind, Kind::Service))
    }

    /// The service's name for the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        header::request_id(self.headers()?)
    }

    /// How many requests were made. Zero where nothing was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.history.attempts
    }

    /// How long the service asked to be left alone, with the last answer.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.history.retry_after
    }

    /// Whether the service turned the last request away before it was worked on: it has too much to do.
    #[must_use]
    pub fn is_turned_away(&self) -> bool {
        self.0.turned_away
    }

    /// Whether this is a refusal that says that an earlier attempt of the same call was carried out.
    #[must_use]
    pub fn is_confirmation(&self) -> bool {
        self.0.history.confirmed
    }

    /// What the service wants to be shown in place of the credential that it did not accept.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        header::text(self.headers()?, "www-authenticate")
    }

    /// By how many seconds the service's clock is ahead of this machine's (less than zero: behind), where
    /// that may be why it did not accept the credential.
    #[must_use]
    pub fn clock_skew(&self) -> Option<i64> {
        self.0.history.skew
    }

    /// Whether there was nothing to prove with who is calling: no token came about.
    #[must_use]
    pub fn is_credential(&self) -> bool {
        matches!(self.0.kind, Kind::Credential { .. })
    }

    /// Whether a value was refused before anything was sent.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Input { .. } | Kind::Path | Kind::Generated(_)
        )
    }

    /// Whether a deadline passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout { .. } | Kind::NotSettled { .. })
    }

    /// Whether no connection came about.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Connect { .. }
                | Kind::Tls { .. }
                | Kind::Proxy { .. }
                | Kind::Timeout {
                    deadline: Deadline::Connect,
                    ..
                }
        )
    }

    /// Whether TLS was what failed.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls_failure().is_some()
    }

    /// Why TLS failed, with the service or with an https proxy ([`is_proxy`](Self::is_proxy)).
    #[must_use]
    pub fn tls_failure(&self) -> Option<&TlsFailure> {
        match &self.0.kind {
            Kind::Tls { failure }
            | Kind::Proxy {
                failure: ProxyFailure::Tls(failure),
            } => Some(failure),
            _ => None,
        }
    }

    /// Whether the proxy was what failed.
    #[must_use]
    pub fn is_proxy(&self) -> bool {
        matches!(self.0.kind, Kind::Proxy { .. })
    }

    /// Whether the answer was none that the operation's document allows or this client can read.
    #[must_use]
    pub fn is_unexpected_answer(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Redirect
                | Kind::UnexpectedStatus
                | Kind::UnexpectedContentType { .. }
                | Kind::UnsupportedEncoding { .. }
                | Kind::BodyTooLarge { .. }
                | Kind::BodyLost
                | Kind::NextLink { .. }
                | Kind::Decode { .. }
        )
    }

    /// The status of a success that the operation's document does not have, unless its body is one that
    /// no API sends: a page of HTML comes from a proxy.
    #[must_use]
    pub fn undeclared_success(&self) -> Option<StatusCode> {
        let answer = self.0.answer.as_ref()?;
        let plausible = answer.body.is_empty() || is_json(&answer.headers);
        let undeclared =
            matches!(self.0.kind, Kind::UnexpectedStatus) && answer.status.is_success();
        (undeclared && plausible).then_some(answer.status)
    }

    /// Whether the answer was a success whose body broke off.
    #[must_use]
    pub fn is_body_lost(&self) -> bool {
        matches!(self.0.kind, Kind::BodyLost)
    }

    /// Whether the answer was a success that only lacks the documented body: 204, 200 with nothing in
    /// it, or 200 with a body that broke off. For operations whose documents promise a body that some
    /// servers do not send.
    #[must_use]
    pub fn is_success_without_body(&self) -> bool {
        let Some(answer) = &self.0.answer else {
            return false;
        };
        match self.0.kind {
            Kind::UnexpectedStatus => answer.status == StatusCode::NO_CONTENT,
            Kind::Decode { .. } => answer.status == StatusCode::OK && answer.body.is_empty(),
            Kind::BodyLost => answer.status == StatusCode::OK,
            _ => false,
        }
    }
}

impl Answer {
    fn bodiless(status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            status,
            headers,
            body: Bytes::new(),
            truncated: true,
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

fn printable(headers: &HeaderMap, name: &str) -> String {
    header::text(headers, name)
        .map(one_line)
        .unwrap_or_default()
}

pub(crate) fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

pub(crate) fn io_kind(error: &(dyn StdError + 'static)) -> Option<std::io::ErrorKind> {
    chain(error)
        .find_map(|error| error.downcast_ref::<std::io::Error>())
        .map(std::io::Error::kind)
}
