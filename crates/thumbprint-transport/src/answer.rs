//! What an operation answers with when it succeeds.

use std::{fmt, ops::Deref, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use tracing::{Level, event};

use crate::{
    AnswerWarning, ByteStream, Delivery, Error, Operation, Semantics,
    classify::delivery_of_success,
    error::{CallReport, Kind, Received},
    items::Items,
    lenient,
    redaction::Shown,
    service_error::without_mark,
};

/// The answer of an operation that succeeded: its value, and the headers `H` that the document declares for
/// it. It can be used like the value.
///
/// ```
/// use thumbprint_transport::{Answer, http::HeaderMap};
///
/// fn report<H: AsRef<HeaderMap>>(answer: &Answer<Vec<String>, H>) {
///     println!("{} of them, request {:?}", answer.len(), answer.request_id());
///     if answer.is_inferred() {
///         println!("the service's own answer was lost: it had done so before");
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Answer<T, H> {
    value: T,
    status: StatusCode,
    headers: H,
    inferred: bool,
    operation: &'static Operation,
    semantics: &'static Semantics,
    /// What is shown of it, if it repeats a secret.
    shown: Option<Arc<Shown>>,
    client_request_id: Option<HeaderValue>,
    warnings: Vec<AnswerWarning>,
}

impl<T, H> Answer<T, H> {
    /// What the body holds.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// What the body holds, by value.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// The status. Where the answer [is inferred](Self::is_inferred), that of the refusal.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers as they came, typed; all of them are behind its `as_ref()`. They can repeat what was sent,
    /// the credential included.
    #[must_use]
    pub fn headers(&self) -> &H {
        &self.headers
    }

    /// Whether the service's own answer was lost, and success follows from how a repetition was refused:
    /// the operation had been carried out already. It can be wrong only if another caller did the same in
    /// between.
    #[must_use]
    pub fn is_inferred(&self) -> bool {
        self.inferred
    }

    /// The caller's name for the request: the one that was set, or that was made for the call.
    #[must_use]
    pub fn client_request_id(&self) -> Option<&str> {
        self.client_request_id.as_ref()?.to_str().ok()
    }

    /// What was left out of the value, because it has not the form that the document gives it: of members that the
    /// document calls optional, so that one odd value does not cost the others. Empty for nearly every answer.
    #[must_use]
    pub fn warnings(&self) -> &[AnswerWarning] {
        &self.warnings
    }

    /// The same answer with another value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Answer<U, H> {
        Answer {
            value: make(self.value),
            status: self.status,
            headers: self.headers,
            inferred: self.inferred,
            operation: self.operation,
            semantics: self.semantics,
            shown: self.shown,
            client_request_id: self.client_request_id,
            warnings: self.warnings,
        }
    }
}

impl<T, H: AsRef<HeaderMap>> Answer<T, H> {
    /// The same answer, unless it names another thing than was asked for. Used by generated code.
    #[doc(hidden)]
    pub fn about(self, asked: &str, found: impl FnOnce(&T) -> Option<&str>) -> Result<Self, Error> {
        match found(&self.value) {
            // The services' own spelling differs from the caller's in the case of digits.
            Some(found) if !found.eq_ignore_ascii_case(asked) => {
                let answer = Received {
                    status: self.status,
                    headers: self.headers.as_ref().clone(),
                    body: Bytes::new(),
                    truncated: true,
                };
                // Whose answer it is, and what became of what was asked for, is not known.
                let delivery = if self.operation.is_read() {
                    Delivery::Final
                } else {
                    Delivery::Unknown
                };
                let report = CallReport {
                    client_request_id: self.client_request_id,
                    attempts: 1,
                    ..CallReport::default()
                };
                let mut error = Error::of_answer(Kind::AnotherSubject, delivery, answer);
                error.show(self.shown);
                Err(error.concluded(delivery, report, self.operation, self.semantics))
            }
            _ => Ok(self),
        }
    }

    /// The service's name for the request. Quote it when asking the service's operator for help. A secret that
    /// it repeats is replaced by `[redacted]`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let shown = self.shown.as_ref().map(|shown| &shown.headers);
        self.semantics
            .request_id(shown.unwrap_or_else(|| self.headers.as_ref()))
    }
}

impl<T, H> Deref for Answer<T, H> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug, H: AsRef<HeaderMap>> fmt::Debug for Answer<T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("inferred", &self.inferred)
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

/// A success, before generated code makes an [`Answer`] of it: one that the document declares, one that the
/// API's semantics tolerate, or one that is inferred.
#[derive(Debug)]
pub struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) inferred: bool,
    pub(crate) shown: Option<Arc<Shown>>,
    pub(crate) report: CallReport,
    pub(crate) operation: &'static Operation,
    pub(crate) semantics: &'static Semantics,
}

/// The body of a success.
#[derive(Debug)]
pub(crate) enum Body {
    Whole(Bytes),
    /// It cannot be read, for this reason, after the operation was carried out.
    Unreadable(Kind),
    /// There is none: the success is inferred.
    Absent,
    Stream(ByteStream),
}

impl Response {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The service's name for the request, as it is shown.
    pub(crate) fn request_id(&self) -> Option<&str> {
        let shown = self
            .shown
            .as_ref()
            .map_or(&self.headers, |shown| &shown.headers);
        self.semantics.request_id(shown)
    }

    /// An answer whose body is JSON.
    pub fn json<T, H>(self) -> Result<Answer<T, H>, Error>
    where
        T: DeserializeOwned,
        H: From<HeaderMap>,
    {
        let body = match &self.body {
            Body::Whole(body) => body.clone(),
            Body::Unreadable(kind) => {
                let kind = kind.clone();
                return Err(self.error(kind));
            }
            Body::Absent | Body::Stream(_) => return Err(self.error(Kind::BodyLost)),
        };
        match lenient::read_answer(without_mark(&body)) {
            Ok((value, warnings)) => {
                for warning in &warnings {
                    event!(Level::WARN, operation = self.operation.id, "{warning}");
                }
                let mut answer = self.answer(value);
                answer.warnings = warnings;
                Ok(answer)
            }
            Err(None) => Err(self.error(Kind::TooManyItems)),
            // serde_json's own text can quote the body; its place in the body cannot.
            Err(Some(error)) => Err(self.error(Kind::Decode {
                line: error.line(),
                column: error.column(),
            })),
        }
    }

    /// An answer whose body is a list, as JSON.
    pub fn list<T, H>(self) -> Result<Answer<Vec<T>, H>, Error>
    where
        T: DeserializeOwned,
        H: From<HeaderMap>,
    {
        let answer = self.json::<Items<T>, H>()?;
        Ok(answer.map(|Items(items)| items))
    }

    /// An answer whose body is JSON, or absent: some servers do not send what the document promises, and a
    /// body that broke off comes after the operation was carried out.
    pub fn optional_json<T, H>(self) -> Result<Answer<Option<T>, H>, Error>
    where
        T: DeserializeOwned,
        H: From<HeaderMap>,
    {
        match &self.body {
            Body::Absent | Body::Unreadable(Kind::BodyLost) => Ok(self.answer(None)),
            Body::Whole(body) if body.is_empty() => Ok(self.answer(None)),
            _ => self.json::<T, H>().map(|answer| answer.map(Some)),
        }
    }

    /// An answer of which the document declares no body.
    pub fn without_body<T, H>(self) -> Result<Answer<T, H>, Error>
    where
        T: Default,
        H: From<HeaderMap>,
    {
        Ok(self.answer(T::default()))
    }

    /// An answer whose body is bytes, which are handed on as they come.
    pub fn stream<H: From<HeaderMap>>(mut self) -> Result<Answer<ByteStream, H>, Error> {
        match std::mem::replace(&mut self.body, Body::Absent) {
            Body::Stream(stream) => Ok(self.answer(stream)),
            Body::Whole(body) => Ok(self.answer(ByteStream::whole(body))),
            Body::Unreadable(kind) => Err(self.error(kind)),
            Body::Absent => Err(self.error(Kind::BodyLost)),
        }
    }

    /// A success that the operation has no value for.
    pub fn undeclared<T, H>(self) -> Result<Answer<T, H>, Error> {
        let kind = if self.inferred {
            Kind::BodyLost
        } else {
            Kind::UnexpectedStatus
        };
        Err(self.error(kind))
    }

    fn answer<T, H: From<HeaderMap>>(self, value: T) -> Answer<T, H> {
        Answer {
            value,
            status: self.status,
            headers: H::from(self.headers),
            inferred: self.inferred,
            operation: self.operation,
            semantics: self.semantics,
            shown: self.shown,
            client_request_id: self.report.client_request_id,
            warnings: Vec::new(),
        }
    }

    fn error(self, kind: Kind) -> Error {
        let delivery = delivery_of_success(self.operation.is_read());
        let (body, truncated) = match self.body {
            Body::Whole(body) => (body, false),
            _ => (Bytes::new(), true),
        };
        let answer = Received {
            status: self.status,
            headers: self.headers,
            body,
            truncated,
        };
        let mut error = Error::of_answer(kind, delivery, answer);
        error.show(self.shown);
        error.concluded(delivery, self.report, self.operation, self.semantics)
    }
}
