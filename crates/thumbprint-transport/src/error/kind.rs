//! What went wrong, of which [`Error`](super::Error) says everything else.

use std::time::Duration;

use http::{
    HeaderName,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};

use super::Deadline;
use crate::{TlsFailure, proxy_failure::ProxyFailure};

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Input {
        field: &'static str,
        problem: String,
        remedy: String,
    },
    Setup,
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
    Unfinished {
        limit: Duration,
    },
    Interrupted,
    Service,
    Redirect,
    UnexpectedStatus,
    UnexpectedContentType,
    /// Its body is not what the operation answers with, though its content type says nothing else.
    Foreign,
    UnexpectedEncoding,
    BodyTooLarge {
        limit: usize,
    },
    BodyLost,
    TooManyItems,
    AnotherSubject,
    ListTooLong {
        limit: usize,
        unit: &'static str,
    },
    NextLink {
        problem: &'static str,
    },
    Decode {
        line: usize,
        column: usize,
    },
}

impl Kind {
    /// Whether something on the way has answered: the service may never have seen the request.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self, Self::UnexpectedContentType | Self::Foreign)
    }

    /// The header that says what is wrong, and is shown.
    pub(crate) fn shown_header(&self) -> Option<HeaderName> {
        match self {
            Self::UnexpectedContentType => Some(CONTENT_TYPE),
            Self::UnexpectedEncoding => Some(CONTENT_ENCODING),
            _ => None,
        }
    }
}
