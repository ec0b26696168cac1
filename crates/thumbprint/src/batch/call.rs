//! What the calls of Batch have in common.

use std::{fmt, ops::Deref, time::Duration};

use chrono::{DateTime, Datelike as _, Utc};
use http::{HeaderMap, HeaderValue, StatusCode};
use progenitor_client::ResponseValue;
use thumbprint_transport::{self as transport, CallOptions, HttpDate};
use uuid::Uuid;

use super::raw::headers::CertificateAdd201;

/// What every call can do without.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) timeout: Option<Duration>,
    pub(super) client_request_id: Option<Uuid>,
    pub(super) return_client_request_id: Option<bool>,
    pub(super) ocp_date: Option<DateTime<Utc>>,
    pub(super) call: CallOptions,
}

impl Options {
    /// The `timeout` query parameter, in seconds.
    pub(super) fn seconds(&self) -> Result<Option<i32>, transport::Error> {
        self.timeout.map(seconds).transpose()
    }

    /// The `ocp-date` header. RFC 1123 has four digits for the year.
    pub(super) fn date(&self) -> Result<Option<HttpDate>, transport::Error> {
        let Some(date) = self.ocp_date else {
            return Ok(None);
        };
        if (0..=9999).contains(&date.year()) {
            return Ok(Some(HttpDate::from(date)));
        }
        let remedy = "give the time at which the request is issued, or leave it out";
        Err(transport::Error::input(
            "ocp_date",
            "its year has not four digits",
            remedy,
        ))
    }

    /// The headers, for the requests that no generated builder makes.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut insert = |name, text: Option<String>| {
            // Ids, booleans and dates are visible ASCII.
            if let Some(Ok(value)) = text.map(HeaderValue::try_from) {
                headers.insert(name, value);
            }
        };
        insert(
            "client-request-id",
            self.client_request_id.map(|id| id.to_string()),
        );
        insert(
            "return-client-request-id",
            self.return_client_request_id
                .map(|wanted| wanted.to_string()),
        );
        insert(
            "ocp-date",
            self.ocp_date.map(|date| HttpDate::from(date).to_string()),
        );
        headers
    }
}

/// Gives a call the methods for its [`Options`].
macro_rules! chains_options {
    ($call:ident) => {
        impl $call<'_> {
            /// Longest time that the service may spend on a request, in whole seconds. It takes 30
            /// seconds where this is left out. For how long this client waits, see
            /// [`deadline`](Self::deadline).
            pub fn timeout(mut self, limit: std::time::Duration) -> Self {
                self.options.timeout = Some(limit);
                self
            }

            /// The caller's own name for the request, for the service's logs.
            pub fn client_request_id(mut self, id: uuid::Uuid) -> Self {
                self.options.client_request_id = Some(id);
                self
            }

            /// Whether the service is to repeat the client request id in its answer.
            pub fn return_client_request_id(mut self, wanted: bool) -> Self {
                self.options.return_client_request_id = Some(wanted);
                self
            }

            /// The time at which the request was issued, to the second. A bearer token does not need it.
            pub fn ocp_date(mut self, date: chrono::DateTime<chrono::Utc>) -> Self {
                self.options.ocp_date = Some(date);
                self
            }

            /// Longest time for one call, its retries included. The client's total timeout unless set.
            pub fn deadline(mut self, limit: std::time::Duration) -> Self {
                self.options.call.deadline = Some(limit);
                self
            }
        }
    };
}
pub(super) use chains_options;

/// Puts the options and the client's version into a generated builder.
macro_rules! with_options {
    ($builder:expr, $client:expr, $options:expr) => {{
        let mut builder = $builder;
        if let Some(version) = &$client.api_version {
            builder = builder.api_version(version.clone());
        }
        if let Some(seconds) = $options.seconds()? {
            builder = builder.timeout(seconds);
        }
        if let Some(id) = $options.client_request_id {
            builder = builder.client_request_id(id);
        }
        if let Some(wanted) = $options.return_client_request_id {
            builder = builder.return_client_request_id(wanted);
        }
        if let Some(date) = $options.date()? {
            builder = builder.ocp_date(date);
        }
        builder
    }};
}
pub(super) use with_options;

fn seconds(limit: Duration) -> Result<i32, transport::Error> {
    let problem = if limit.subsec_nanos() != 0 {
        "it has a fraction of a second"
    } else if limit.is_zero() {
        "it is zero"
    } else {
        match i32::try_from(limit.as_secs()) {
            Ok(seconds) => return Ok(seconds),
            Err(_) => "it is longer than 2147483647 seconds",
        }
    };
    let remedy = "give whole seconds, at least one; the service itself takes 30 if it is left out";
    Err(transport::Error::input("timeout", problem, remedy))
}

/// An answer of the service: what it says, its status and its headers.
///
/// Every header is `None` where the service left it out, as the live service does with `ETag` and
/// `Last-Modified`.
#[derive(Clone)]
pub struct Answer<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    inferred: bool,
}

impl Answer<()> {
    /// A success that a refusal tells of: it says that an earlier attempt of the same call was carried
    /// out, whose own answer was lost.
    pub(super) fn inferred(error: transport::Error) -> Result<Self, transport::Error> {
        if error.is_confirmation() {
            Self::from_refusal(error)
        } else {
            Err(error)
        }
    }

    /// The same, where more than the refusal itself was needed to know.
    pub(super) fn from_refusal(error: transport::Error) -> Result<Self, transport::Error> {
        match (error.status(), error.headers()) {
            (Some(status), Some(headers)) => Ok(Self {
                value: (),
                status,
                headers: headers.clone(),
                inferred: true,
            }),
            _ => Err(error),
        }
    }
}

impl<T> Answer<T> {
    pub(super) fn new<R>(answer: ResponseValue<R>, read: impl FnOnce(R) -> T) -> Self {
        let (status, headers) = (answer.status(), answer.headers().clone());
        Self {
            value: read(answer.into_inner()),
            status,
            headers,
            inferred: false,
        }
    }

    /// What the service said.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Whether the service's own answer was lost, and the refusal of a repetition says that it had done
    /// what it was asked to. [`status`](Self::status) and the headers are then those of the refusal.
    pub fn is_inferred(&self) -> bool {
        self.inferred
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// All headers, as they came.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The document gives the answer of Add every header that any operation has.
    fn typed(&self) -> CertificateAdd201<'_> {
        CertificateAdd201::of(&self.headers)
    }

    /// The service's name for the request.
    pub fn request_id(&self) -> Option<Uuid> {
        self.typed().request_id()
    }

    /// The caller's own name for the request, if its repetition was asked for.
    pub fn client_request_id(&self) -> Option<Uuid> {
        self.typed().client_request_id()
    }

    /// The certificate's version. No certificate operation takes it as a precondition.
    pub fn etag(&self) -> Option<&str> {
        self.typed().e_tag()
    }

    /// When the certificate was last changed.
    pub fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.typed().last_modified().map(HttpDate::to_utc)
    }

    /// URL of the certificate, where the operation adds it or cancels its deletion. After Add the live
    /// service spells its key names otherwise than in [`Certificate::url`](super::Certificate::url): do
    /// not compare the texts.
    pub fn data_service_id(&self) -> Option<&str> {
        self.typed().data_service_id()
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("inferred", &self.inferred)
            .field("request_id", &self.request_id())
            .field("client_request_id", &self.client_request_id())
            .field("etag", &self.etag())
            .field("last_modified", &self.last_modified())
            .finish_non_exhaustive()
    }
}
