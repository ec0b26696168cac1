//! Why a call did not do what it was asked to.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::WWW_AUTHENTICATE};
use serde::de::DeserializeOwned;

use crate::{
    Operation, Proxy, Semantics, ServiceError, TlsFailure, endpoint::Endpoint, header,
    proxy_failure::ProxyFailure, redaction::Shown, service_error, sources::io_kind,
};

mod display;
mod kind;

pub(crate) use kind::Kind;

type Source = Arc<dyn StdError + Send + Sync>;

/// Why a call did not do what it was asked to, with everything that is known of the answer.
///
/// Ask the predicates; each says what to do next. Several can be true: most speak of the last attempt,
/// while [`is_outcome_unknown`](Self::is_outcome_unknown) and [`is_applied`](Self::is_applied) speak of the
/// whole call, so ask those two first where sending it again would do harm.
///
/// `Display` is one line with the operation, what it is about and the reason: what the service said, or scheme, host
/// and port of what was not reached. `Debug` adds the sources. No token, URL or body shows in either, nor any
/// header's value other than the request id and an unexpected content type.
///
/// A server can repeat what it was sent. In whatever is shown of an answer, by these two or by the methods that
/// give a text of it, `[redacted]` stands in the place of the credential and of each value that the API's
/// document marks as sensitive. [`headers`](Self::headers), [`body`](Self::body) and
/// [`body_as`](Self::body_as) give the answer as it came.
///
/// ```
/// use thumbprint_transport::Error;
///
/// fn advice(error: &Error) -> String {
///     if error.is_outcome_unknown() {
///         "see what the state is before you send it again".to_owned()
///     } else if error.is_throttled() {
///         format!("send it again after {:?}", error.retry_after())
///     } else if let Some(failure) = error.tls_failure() {
///         failure.to_string()
///     } else {
///         format!("{error}; request {:?}", error.request_id())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    delivery: Delivery,
    operation: Option<&'static Operation>,
    subject: Option<String>,
    semantics: &'static Semantics,
    answer: Option<Received>,
    service: Option<ServiceError>,
    /// What is shown of the answer, if it repeats a secret.
    shown: Option<Arc<Shown>>,
    throttled: bool,
    report: CallReport,
    route: Option<Arc<Route>>,
    source: Option<Source>,
}

/// Whom a client calls: scheme, host and port, as errors name them.
#[doc(hidden)]
#[derive(Debug)]
pub struct Route {
    pub(crate) service: String,
    pub(crate) proxy: Option<String>,
}

impl Route {
    pub(crate) fn new(endpoint: &Endpoint, proxy: &Proxy) -> Arc<Self> {
        Arc::new(Self {
            service: endpoint.host(),
            proxy: proxy.host(endpoint),
        })
    }
}

/// What came of an answer that is no success.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) truncated: bool,
}

/// What is known of a call beyond its last attempt.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallReport {
    /// The caller's name for the request.
    pub(crate) client_request_id: Option<HeaderValue>,
    /// How many requests were made.
    pub(crate) attempts: u32,
    /// How long the service asked to wait.
    pub(crate) retry_after: Option<Duration>,
    /// By how many seconds the service's clock is ahead of ours, where that may be why the credential
    /// was not accepted.
    pub(crate) clock_skew: Option<i64>,
    /// Whether the same request may fare better a moment later.
    pub(crate) passing: bool,
}

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

/// What is known of a request that failed: whether the service may have acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was not sent, or throttled before it was worked on. Sending it again is safe.
    NotSent,
    /// It may have been carried out.
    Unknown,
    /// It was not carried out and will not be: the service has refused it, or something that has to be
    /// mended first kept it from being sent. Also what is known of a read: there was nothing to carry out.
    Final,
    /// It was carried out; only the answer's body is missing or cannot be read.
    Applied,
    /// It was accepted, and it is not known to be finished.
    Accepted,
}

impl Error {
    pub(crate) fn new(kind: Kind, delivery: Delivery) -> Self {
        Self(Arc::new(Inner {
            kind,
            delivery,
            operation: None,
            subject: None,
            semantics: &Semantics::DEFAULT,
            answer: None,
            service: None,
            shown: None,
            throttled: false,
            report: CallReport::default(),
            route: None,
            source: None,
        }))
    }

    /// An answer that is no success, or none that can be read.
    pub(crate) fn of_answer(kind: Kind, delivery: Delivery, answer: Received) -> Self {
        let mut error = Self::new(kind, delivery);
        error.inner().answer = Some(answer);
        error
    }

    /// A body that broke off.
    pub(crate) fn body_lost() -> Self {
        Self::new(Kind::BodyLost, Delivery::Unknown)
    }

    /// The same error with the answer that it is about.
    pub(crate) fn with_answer(mut self, answer: Received) -> Self {
        self.inner().answer = Some(answer);
        self
    }

    /// Shows that of the answer.
    pub(crate) fn show(&mut self, shown: Option<Arc<Shown>>) {
        if shown.is_some() {
            self.inner().shown = shown;
        }
    }

    /// What the service said, with whatever secrets it repeats.
    pub(crate) fn said(&self) -> Option<&ServiceError> {
        self.0.service.as_ref()
    }

    /// The service's name for the request, as it is shown, before an end of the call has said whose.
    pub(crate) fn shown_request_id(&self, semantics: &Semantics) -> Option<&str> {
        semantics.request_id(self.shown_headers()?)
    }

    /// The header that is shown beside the request id.
    pub(crate) fn shown_header(&self) -> Option<HeaderName> {
        let challenge = self.is_refusal().then_some(WWW_AUTHENTICATE);
        self.0.kind.shown_header().or(challenge)
    }

    fn shown_headers(&self) -> Option<&HeaderMap> {
        let shown = self.0.shown.as_ref().map(|shown| &shown.headers);
        shown.or_else(|| self.headers())
    }

    /// Whether it is an answer that is no success, rather than one that cannot be read.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Service | Kind::Redirect | Kind::UnexpectedStatus
        )
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    pub(crate) fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.inner().source = Some(Arc::new(source));
        self
    }

    /// The same error with what the service said.
    pub(crate) fn with_service(mut self, service: ServiceError, throttled: bool) -> Self {
        let inner = self.inner();
        inner.service = Some(service);
        inner.throttled = throttled;
        self
    }

    /// Names whom the client calls.
    #[doc(hidden)]
    pub fn on(&mut self, route: &Arc<Route>) {
        self.inner().route = Some(Arc::clone(route));
    }

    /// The same error, as the end of a call.
    pub(crate) fn concluded(
        mut self,
        delivery: Delivery,
        report: CallReport,
        operation: &'static Operation,
        semantics: &'static Semantics,
    ) -> Self {
        let inner = self.inner();
        inner.delivery = delivery;
        inner.report = report;
        inner.operation = Some(operation);
        inner.semantics = semantics;
        self
    }

    /// The same error as one of an operation, about `subject`. What it says of either already stays.
    #[must_use]
    pub fn in_call(mut self, operation: &'static Operation, subject: Option<String>) -> Self {
        let inner = self.inner();
        inner.operation.get_or_insert(operation);
        if inner.subject.is_none() {
            inner.subject = subject;
        }
        self
    }

    /// The same error as that of a single request after which the caller is done with it.
    #[doc(hidden)]
    #[must_use]
    pub fn settled(mut self) -> Self {
        let inner = self.inner();
        inner.delivery = Delivery::Final;
        inner.report.attempts = 1;
        self
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// A value that was refused before anything was sent: which one, what is wrong with it, and what
    /// to do instead. None of the three may quote a secret.
    pub fn input(
        field: &'static str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let (problem, remedy) = (problem.into(), remedy.into());
        let kind = Kind::Input {
            field,
            problem,
            remedy,
        };
        Self::new(kind, Delivery::NotSent)
    }

    /// A value that could not be made into what is sent: `cause` says what is wrong with it and stays
    /// among the sources. A cause that is an error of this type already says all of that by itself.
    pub fn conversion(
        field: &'static str,
        cause: impl Into<Box<dyn StdError + Send + Sync>>,
        remedy: impl Into<String>,
    ) -> Self {
        match cause.into().downcast::<Self>() {
            Ok(error) => *error,
            Err(cause) => {
                let mut error = Self::input(field, cause.to_string(), remedy);
                error.inner().source = Some(Arc::from(cause));
                error
            }
        }
    }

    #[cfg(feature = "rustls")]
    pub(crate) fn tls_setup(error: rustls::Error) -> Self {
        Self::new(Kind::Setup, Delivery::NotSent).caused_by(error)
    }

    pub(crate) fn setup(error: reqwest::Error) -> Self {
        Self::new(Kind::Setup, Delivery::NotSent).caused_by(error.without_url())
    }

    /// Nothing was sent, as there is nothing to prove with who is calling.
    pub(crate) fn credential(problem: &'static str, source: Option<Source>) -> Self {
        let mut error = Self::new(Kind::Credential { problem }, Delivery::Final);
        error.inner().source = source;
        error
    }

    /// The call's time was up before its request could be sent: a token took too long.
    pub(crate) fn too_late(limit: Duration) -> Self {
        let deadline = Deadline::Total;
        Self::new(Kind::Timeout { deadline, limit }, Delivery::NotSent)
    }

    /// A list that has more pages or items than the client takes.
    pub(crate) fn list_too_long(limit: usize, unit: &'static str) -> Self {
        Self::new(Kind::ListTooLong { limit, unit }, Delivery::Final)
    }

    /// A link to a next page that is not followed.
    pub(crate) fn next_link(problem: &'static str) -> Self {
        Self::new(Kind::NextLink { problem }, Delivery::Final)
    }

    /// What the service has accepted was not finished when the time to wait for it was over.
    pub(crate) fn unfinished(limit: Duration) -> Self {
        Self::new(Kind::Unfinished { limit }, Delivery::Accepted)
    }

    /// The same error, as the end of a wait for something that was accepted.
    pub(crate) fn accepted(mut self) -> Self {
        self.inner().delivery = Delivery::Accepted;
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub fn timeout(deadline: Deadline, limit: Duration) -> Self {
        Self::new(Kind::Timeout { deadline, limit }, Delivery::Unknown)
    }

    /// No answer came. Whether the request may have been sent decides what is known.
    #[doc(hidden)]
    #[must_use]
    pub fn no_answer(error: reqwest::Error, connect: Duration) -> Self {
        let error = error.without_url();
        if error.is_builder() {
            let problem = "the HTTP library does not take the request's URL or headers";
            let remedy = "give shorter values";
            return Self::input("request", problem, remedy).caused_by(error);
        }
        let refusal = |is_final| {
            if is_final {
                Delivery::Final
            } else {
                Delivery::NotSent
            }
        };
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
            let delivery = refusal(failure.is_final());
            (Kind::Proxy { failure }, delivery)
        } else if let Some(failure) = TlsFailure::of_connect(&error) {
            let delivery = refusal(!failure.is_handshake_cut());
            (Kind::Tls { failure }, delivery)
        } else {
            let refused = io_kind(&error) == Some(std::io::ErrorKind::ConnectionRefused);
            let reason = if refused {
                "nothing listens there"
            } else {
                "the host was not found or not reached"
            };
            (Kind::Connect { reason }, Delivery::NotSent)
        };
        Self::new(kind, delivery).caused_by(error)
    }

    /// What is known of the request: whether the service may have acted on it.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The operation that failed. `None` for an error of settings.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    /// Scheme, host and port of what was to be called, such as `https://account.region.batch.azure.com:443`: of
    /// the proxy where that is what failed ([`is_proxy`](Self::is_proxy)), else of the service. `None` for an error
    /// of settings or values, and for a proxy that the platform's settings name.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        let route = self.0.route.as_ref()?;
        if self.is_proxy() {
            route.proxy.as_deref()
        } else {
            Some(&route.service)
        }
    }

    /// What the operation was about, such as a thumbprint.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// The answer's status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.answer.as_ref().map(|answer| answer.status)
    }

    /// The answer's headers as they came, if there was an answer. They can repeat what was sent, the credential
    /// included: do not print them.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(|answer| &answer.headers)
    }

    /// The answer's body as it came, at most 64 KiB of it. It can hold anything, and repeat what was sent, the
    /// credential included: do not print it.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.0.answer.as_ref().map(|answer| &*answer.body)
    }

    /// The answer's body as a type of the document, such as `types::BatchError`: as it came, with whatever it
    /// repeats of what was sent. Members that do not fit are left out; `None` where it is not JSON of that form.
    #[must_use]
    pub fn body_as<T: DeserializeOwned>(&self) -> Option<T> {
        service_error::decode(self.body()?)
    }

    /// Whether [`body`](Self::body) holds less than the service sent.
    #[must_use]
    pub fn is_body_truncated(&self) -> bool {
        let answer = self.0.answer.as_ref();
        answer.is_some_and(|answer| answer.truncated)
    }

    /// What the service said: its code, its message and its details. `None` unless it answered with an
    /// error status.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceError> {
        self.shown_service()
            .filter(|_| matches!(self.0.kind, Kind::Service))
    }

    /// What an answer of any kind says.
    fn shown_service(&self) -> Option<&ServiceError> {
        let shown = self.0.shown.as_ref();
        let shown = shown.and_then(|shown| shown.service.as_ref());
        shown.or(self.said())
    }

    /// The service's name for the error. A name that is in no list is here all the same, as text.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.service()?.code.as_deref()
    }

    /// The answer's text for people. It can have several lines. Of an
    /// [unexpected answer](Self::is_unexpected_answer) it is not the service's.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.shown_service()?.message.as_deref()
    }

    /// Further details that the answer gave, as pairs of name and value; of a page its `title`. `Display` shows the
    /// first 16.
    #[must_use]
    pub fn details(&self) -> &[(String, String)] {
        self.shown_service().map_or(&[], |service| &service.details)
    }

    /// The service's name for the request. Quote it when asking the service's operator for help.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.shown_request_id(self.0.semantics)
    }

    /// The caller's name for the request, which all attempts were sent with: the one that was set, or that was made
    /// for the call. Quote it where no answer came, and so no [`request_id`](Self::request_id).
    #[must_use]
    pub fn client_request_id(&self) -> Option<&str> {
        self.0.report.client_request_id.as_ref()?.to_str().ok()
    }

    /// How many requests were made: more than one where the call was retried, zero where nothing was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.report.attempts
    }

    /// How long the service asked to wait (`Retry-After`, or the API's own header in milliseconds). It was
    /// longer than the call had time left, or retries ran out: wait at least that long before you try
    /// again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.report.retry_after
    }

    /// What the service asks for in place of the credential that it did not accept: its
    /// `WWW-Authenticate`. It can name the tenant that issues tokens.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        let headers = self.shown_headers().filter(|_| self.is_refusal())?;
        header::text(headers, "www-authenticate")
    }

    /// By how many seconds the service's clock is ahead of this machine's (less than zero: behind), where
    /// the credential was not accepted and they differ by more than a minute. Set this machine's clock.
    #[must_use]
    pub fn clock_skew(&self) -> Option<i64> {
        self.0.report.clock_skew
    }

    /// A value was refused before anything was sent. The message names it and the remedy.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.0.kind, Kind::Input { .. })
    }

    /// The service knows no such thing (404, in the service's own words). Compare the name and where it was
    /// looked for; for a deletion it can mean that another caller was faster.
    ///
    /// A 404 that is not the service's own is [`is_unexpected_answer`](Self::is_unexpected_answer): check the
    /// endpoint.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        let answer = self.status().zip(self.service().and(self.said()));
        answer.is_some_and(|(status, service)| self.0.semantics.is_not_found(status, service))
    }

    /// Whether it is a 404 that something on the way has answered.
    fn is_foreign_not_found(&self) -> bool {
        self.has_status(StatusCode::NOT_FOUND) && !self.is_not_found()
    }

    /// The state of things does not allow the operation (409). [`code`](Self::code) says which state that
    /// is.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has_status(StatusCode::CONFLICT)
    }

    /// The service does not accept the credential (401, or the API's own code for that): fetch a new token,
    /// for the right audience.
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        let Semantics {
            unauthenticated,
            malformed_credential,
            ..
        } = self.0.semantics;
        let told = |code| unauthenticated.contains(&code) || malformed_credential.contains(&code);
        self.has_status(StatusCode::UNAUTHORIZED) || self.said_code().is_some_and(told)
    }

    /// The credential is good and does not allow this (403): ask for the permission.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.has_status(StatusCode::FORBIDDEN) && !self.is_unauthenticated()
    }

    /// The service has too much to do (429, or the API's own code for that) and did not work on the last
    /// request: wait, then send it again, unless the outcome of an earlier attempt
    /// [is unknown](Self::is_outcome_unknown).
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.0.throttled
    }

    /// The service has retired the operation. No retry helps; the message says what takes its place.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        let retired = self.0.semantics.retired;
        retired.is_some_and(|retired| self.said_code() == Some(retired.code))
    }

    /// There was no token: its source failed, or gave none that can be used. Nothing was sent, or nothing
    /// more after the service had refused the token at hand ([`attempts`](Self::attempts) tells). The chain
    /// of sources has the reason; a source that failed is not asked again for 30 seconds.
    #[must_use]
    pub fn is_credential(&self) -> bool {
        matches!(self.0.kind, Kind::Credential { .. })
    }

    /// A deadline passed: one of this client's, that of a wait ([`is_unfinished`](Self::is_unfinished)), or the
    /// server's own for the request (408). Whether the request may have been carried out,
    /// [`is_outcome_unknown`](Self::is_outcome_unknown) says: not where no connection came about
    /// ([`is_connect`](Self::is_connect)), or no token in time (no [`attempts`](Self::attempts)), so that
    /// nothing was sent.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, Kind::Timeout { .. } | Kind::Unfinished { .. })
            || self.has_status(StatusCode::REQUEST_TIMEOUT)
    }

    /// No connection came about, so the last attempt sent nothing: check the endpoint, the network and, if
    /// [`is_tls`](Self::is_tls), the certificates. An attempt before it may have sent something:
    /// [`is_outcome_unknown`](Self::is_outcome_unknown) says so.
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

    /// The TLS handshake failed: the server's certificate is not trusted, or there is no common protocol.
    /// [`tls_failure`](Self::tls_failure) says which.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls_failure().is_some()
    }

    /// Why TLS failed, with the service or with an https proxy ([`is_proxy`](Self::is_proxy)). Its `Display`
    /// says what to do.
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

    /// The proxy was not reached, or did not open the way to the service: check the client's
    /// [`Proxy`](crate::Proxy), or the environment's if none was chosen.
    #[must_use]
    pub fn is_proxy(&self) -> bool {
        matches!(self.0.kind, Kind::Proxy { .. })
    }

    /// The operation has no such answer: a redirection, a sign-in page, a load balancer's 404, a body without
    /// end.
    /// Something between here and the service has probably answered; check the endpoint and the proxy.
    #[must_use]
    pub fn is_unexpected_answer(&self) -> bool {
        matches!(
            self.0.kind,
            Kind::Redirect
                | Kind::UnexpectedStatus
                | Kind::UnexpectedContentType
                | Kind::Foreign
                | Kind::UnexpectedEncoding
                | Kind::BodyTooLarge { .. }
                | Kind::BodyLost
                | Kind::TooManyItems
                | Kind::AnotherSubject
                | Kind::ListTooLong { .. }
                | Kind::NextLink { .. }
                | Kind::Decode { .. }
        ) || self.is_foreign_not_found()
    }

    /// It is unknown whether the service carried out an operation that changes something: the connection
    /// broke, a deadline passed, a server gave up on the way, or the answer is one that the operation does
    /// not have, in the last attempt or in one before it. Read the state of things before you send it again.
    /// Of a read it is never true.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.delivery == Delivery::Unknown
    }

    /// The service did carry the operation out; only its answer could not be read. Do not send it again.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.0.delivery == Delivery::Applied
    }

    /// The service has accepted the operation, and the wait for its end was over before that was seen: the time
    /// ran out ([`is_timeout`](Self::is_timeout)), or a read of the state failed. It goes on at the service: wait
    /// again, and do not repeat it.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.0.delivery == Delivery::Accepted
    }

    /// Whether the same request may fare better a moment later: for reads, which can be made again.
    pub(crate) fn is_passing(&self) -> bool {
        self.0.report.passing
            || self.is_foreign_not_found()
            || matches!(self.0.kind, Kind::AnotherSubject)
    }

    /// The code that decides what the error is, which no secret may change.
    fn said_code(&self) -> Option<&str> {
        self.service().and(self.said()?.code.as_deref())
    }

    fn has_status(&self, status: StatusCode) -> bool {
        self.status() == Some(status) && self.service().is_some()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
