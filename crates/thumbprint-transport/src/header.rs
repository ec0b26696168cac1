//! Typed reading of headers.

use std::str::FromStr;

use http::{HeaderMap, HeaderValue};

/// The header's text: `None` where it is absent or not visible ASCII. Of repeated headers, the first.
#[must_use]
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    first(headers, name)?.to_str().ok()
}

/// The first header of this name. A message has few, so going through them takes a third of looking one up, for which
/// the name has to be checked and hashed.
fn first<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a HeaderValue> {
    let mut headers = headers.iter();
    headers.find_map(|(other, value)| (other == name).then_some(value))
}

/// The header's value: `None` where it is absent or does not have the documented form. A header that
/// cannot be read never fails a call; its bytes are still in `headers`.
#[must_use]
pub fn value<T: FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    text(headers, name)?.trim().parse().ok()
}

/// Whether a media type is JSON, `application/json` or one with the suffix `+json` (RFC 6839).
#[must_use]
pub fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let (tree, name) = essence.split_once('/').unwrap_or_default();
    let suffix = name.rsplit_once('+').map_or(name, |(_, suffix)| suffix);
    tree.eq_ignore_ascii_case("application") && suffix.eq_ignore_ascii_case("json")
}

/// Whether a media type is a page for people.
pub(crate) fn is_html(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"]
        .iter()
        .any(|html| essence.eq_ignore_ascii_case(html))
}
