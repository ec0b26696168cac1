//! Ways in for the fuzz targets, to what has none of its own. No part of the interface.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use url::Url;

use crate::{Error, Operation, endpoint::Endpoint};

/// Where a client of this base URL would follow a link to.
pub fn next_link(endpoint: &str, link: &str, operation: &Operation) -> Result<Url, Error> {
    Endpoint::parse(endpoint, false)?.linked(link, operation)
}

/// How long an answer with these headers asks to be left alone.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    crate::retry::retry_after(headers, now)
}
