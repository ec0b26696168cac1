//! Ways in for the fuzz targets, to what has none of its own. No part of the interface.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::{
    Error, Operation, Semantics,
    classify::{self, Verdict},
    endpoint::Endpoint,
    error::{Kind, Received},
};

/// Where a client of this base URL would follow a link to.
pub fn next_link(endpoint: &str, link: &str, operation: &Operation) -> Result<Url, Error> {
    Endpoint::parse(endpoint, false)?.linked(link, operation)
}

/// How long an answer with these headers asks to wait.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let in_milliseconds = &["retry-after-ms", "x-ms-retry-after-ms"];
    classify::retry_after(headers, in_milliseconds, || now)
}

/// The error that a call ends with whose answer has this status and this body.
#[must_use]
pub fn refusal(status: StatusCode, body: Bytes, truncated: bool, semantics: &Semantics) -> Error {
    let service = (semantics.read_error)(&body);
    let verdict = Verdict::of_answer(semantics, status, &service, false);
    let answer = Received {
        status,
        headers: HeaderMap::new(),
        body,
        truncated,
    };
    Error::of_answer(Kind::Service, verdict.delivery, answer).with_service(service, false)
}
