//! Typed reading of headers, and what may stand in one.

use std::str::FromStr;

use http::HeaderMap;

use crate::Error;

/// Longest header value that a caller may give, in bytes.
const MAX_VALUE: usize = 256;

/// Refuses a text that a caller wants to send as a header's value: `field` is what the caller calls it.
/// Visible ASCII and spaces within it are taken, so that nothing can end the header early.
pub fn check(field: &'static str, value: &str) -> Result<(), Error> {
    let problem = if value.is_empty() {
        "it is empty"
    } else if value.len() > MAX_VALUE {
        "it is longer than 256 bytes"
    } else if value.starts_with(' ') || value.ends_with(' ') {
        "it starts or ends with a space"
    } else if value
        .bytes()
        .any(|byte| !(byte == b' ' || byte.is_ascii_graphic()))
    {
        "it has a character other than visible ASCII and spaces"
    } else {
        return Ok(());
    };
    Err(Error::input(
        field,
        problem,
        "give 1 to 256 characters of visible ASCII",
    ))
}

/// The header's text: `None` where it is absent or not visible ASCII. Of repeated headers, the first.
#[must_use]
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The header's value: `None` where it is absent or does not have the documented form. A header that
/// cannot be read never fails a call; its bytes are still in `headers`.
#[must_use]
pub fn value<T: FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    text(headers, name)?.trim().parse().ok()
}

/// The service's name for the request. Batch and Windows Azure Pack's siblings spell it differently.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    text(headers, "request-id").or_else(|| text(headers, "x-ms-request-id"))
}
