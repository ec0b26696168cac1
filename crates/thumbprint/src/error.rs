use std::fmt;

use http::StatusCode;
use thumbprint_transport::{Delivery, Error as TransportError, ServiceError, TlsFailure};

use crate::{Thumbprint, batch::code};

/// Why a call did not do what it was asked to.
///
/// Ask the predicates; each says what to do next. Several can be true: most speak of the last attempt,
/// while [`is_outcome_unknown`](Self::is_outcome_unknown) and [`is_applied`](Self::is_applied) speak of the
/// whole call, so ask those two first where sending it again would do harm. `Display` is one line with the operation, the
/// certificate and the reason. No token, principal, URL or body shows in `Display`, `Debug` or the
/// chain of sources.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    call: Option<Call>,
    cause: TransportError,
}

#[derive(Clone)]
struct Call {
    operation: &'static str,
    subject: Option<String>,
}

impl Error {
    pub(crate) fn in_call(
        operation: &'static str,
        subject: Option<&Thumbprint>,
        cause: TransportError,
    ) -> Self {
        let call = Call {
            operation,
            subject: subject.map(Thumbprint::short),
        };
        Self(Box::new(Inner {
            call: Some(call),
            cause,
        }))
    }

    pub(crate) fn cause(&self) -> &TransportError {
        &self.0.cause
    }

    pub(crate) fn into_cause(self) -> TransportError {
        self.0.cause
    }

    /// What the service said: its code, its message and its details. `None` unless it answered with an
    /// error status. A code that nobody has seen before is there as text.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceError> {
        self.0.cause.service()
    }

    /// The service's name for the error, such as `CertificateStateActive`; [`batch::code`](crate::batch::code)
    /// lists the known ones.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.service()?.code.as_deref()
    }

    /// The answer's status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.cause.status()
    }

    /// The answer's headers, if there was an answer.
    #[must_use]
    pub fn headers(&self) -> Option<&http::HeaderMap> {
        self.0.cause.headers()
    }

    /// The answer's body as it came, at most 64 KiB of it. It can hold anything: do not print it.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.0.cause.body().map(AsRef::as_ref)
    }

    /// Whether [`body`](Self::body) holds less than the service sent.
    #[must_use]
    pub fn is_body_truncated(&self) -> bool {
        self.0.cause.is_body_truncated()
    }

    /// The service's name for the request. Quote it when asking the service's operator for help.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.cause.request_id()
    }

    /// A value was refused before anything was sent. The message names it and the remedy.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.0.cause.is_invalid_input()
    }

    /// The service knows no such certificate (404). Compare the thumbprint and the account or
    /// subscription; for a delete it can mean that somebody was faster.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.has_status(StatusCode::NOT_FOUND)
    }

    /// The certificate's state does not allow the operation (409). [`code`](Self::code) says which state
    /// it has: after `CertificateStateActive` there is nothing left to cancel, after
    /// `CertificateBeingDeleted` wait and look again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has_status(StatusCode::CONFLICT)
    }

    /// The service does not accept the credential: fetch a new token, for the right audience. Batch says
    /// so with 403 `AuthenticationFailed` too.
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        self.has_status(StatusCode::UNAUTHORIZED)
            || matches!(
                self.code(),
                Some(code::AUTHENTICATION_FAILED | code::INVALID_AUTHENTICATION_INFO)
            )
    }

    /// The credential is good and does not allow this (403): ask for the permission.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.has_status(StatusCode::FORBIDDEN) && !self.is_unauthenticated()
    }

    /// The service has too much to do (429, or Batch's `ServerBusy`) and did not look at the request:
    /// wait, then send it again, unless the outcome of an earlier attempt
    /// [is unknown](Self::is_outcome_unknown).
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.0.cause.is_turned_away()
    }

    /// The live Batch service has retired its certificate operations (400 `CertificateRetired`). No
    /// retry helps. The message holds the service's reason and what replaces certificates: the Key Vault
    /// extension for virtual machines. Drop the certificate from pools, jobs and job schedules.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.code() == Some(code::CERTIFICATE_RETIRED)
    }

    /// There was no token: its source failed, or gave none that can be used. Nothing was sent, or nothing
    /// more after the service had refused the token at hand ([`attempts`](Self::attempts) tells). The chain
    /// of sources has the reason; a source that failed is left alone for 30 seconds.
    #[must_use]
    pub fn is_credential(&self) -> bool {
        self.0.cause.is_credential()
    }

    /// How many requests were made, if any: more than one where the call was retried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.cause.attempts()
    }

    /// How long the service asked to be left alone (`Retry-After`, or Azure's `retry-after-ms` and
    /// `x-ms-retry-after-ms`). It was longer than the call had time left, or retries ran out: wait at
    /// least that long before you try again.
    #[must_use]
    pub fn retry_after(&self) -> Option<std::time::Duration> {
        self.0.cause.retry_after()
    }

    /// What the service asks for in place of the credential that it did not accept: its
    /// `WWW-Authenticate`. It can name the tenant that issues tokens.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        self.0.cause.challenge()
    }

    /// By how many seconds the service's clock is ahead of this machine's (less than zero: behind), where
    /// the credential was not accepted and they differ by more than a minute. Set this machine's clock.
    #[must_use]
    pub fn clock_skew(&self) -> Option<i64> {
        self.0.cause.clock_skew()
    }

    /// A deadline passed: one of this client's, or the server's own for the request (408). Whether the
    /// request may have been carried out, [`is_outcome_unknown`](Self::is_outcome_unknown) says: not where
    /// no connection came about ([`is_connect`](Self::is_connect)), or no token in time (no
    /// [`attempts`](Self::attempts)), so that nothing was sent.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.cause.is_timeout() || self.has_status(StatusCode::REQUEST_TIMEOUT)
    }

    /// No connection came about, so the last attempt sent nothing: check the endpoint, the network and, if
    /// [`is_tls`](Self::is_tls), the certificates. An attempt before it may have sent something:
    /// [`is_outcome_unknown`](Self::is_outcome_unknown) says so.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.cause.is_connect()
    }

    /// The TLS handshake failed: the server's certificate is not trusted, or there is no common protocol.
    /// [`tls_failure`](Self::tls_failure) says which.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.cause.is_tls()
    }

    /// Why the TLS handshake failed; its `Display` says what to do. `None` unless [`is_tls`](Self::is_tls).
    #[must_use]
    pub fn tls_failure(&self) -> Option<&TlsFailure> {
        self.0.cause.tls_failure()
    }

    /// The proxy was not reached, or did not open the way to the service: check the client's
    /// [`Proxy`](crate::Proxy), or the environment's if none was chosen.
    #[must_use]
    pub fn is_proxy(&self) -> bool {
        self.0.cause.is_proxy()
    }

    /// The answer is none that the operation has: a redirection, a sign-in page, a body without end.
    /// Something between here and the service has probably answered; check the endpoint and the proxy.
    #[must_use]
    pub fn is_unexpected_answer(&self) -> bool {
        self.0.cause.is_unexpected_answer()
    }

    /// Nobody knows whether the service carried the operation out: the connection broke, a deadline
    /// passed, or a server gave up on the way, in the last attempt or in one before it. Look at the
    /// certificate before you send it again.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.cause.delivery() == Delivery::Unknown
    }

    /// The service did carry the operation out; only its answer could not be read. Do not send it again.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.0.cause.delivery() == Delivery::Applied
    }

    fn has_status(&self, status: StatusCode) -> bool {
        self.status() == Some(status) && self.service().is_some()
    }
}

impl From<TransportError> for Error {
    fn from(cause: TransportError) -> Self {
        Self(Box::new(Inner { call: None, cause }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.call {
            Some(Call {
                operation,
                subject: Some(subject),
            }) => write!(f, "{operation} of {subject}: ")?,
            Some(Call {
                operation,
                subject: None,
            }) => write!(f, "{operation}: ")?,
            None => {}
        }
        write!(f, "{}", self.0.cause)?;
        if self.is_retired() {
            f.write_str(&code::retired(self.service()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field(
                "operation",
                &self.0.call.as_ref().map(|call| call.operation),
            )
            .field("cause", &self.0.cause)
            .finish()
    }
}

impl std::error::Error for Error {
    // The cause's own text is part of ours, so the chain goes on behind it.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0.cause)
    }
}
