//! `Certificate_List`: filter, pages, and the links from one to the next.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use thumbprint_transport::operation::{Location, Parameter, ValueFormat};

use super::{
    Account, Call,
    account::Certificate,
    entity::{Select, entity},
    error_reply::{API_VERSION, ErrorReply},
    filter::Filter,
};
use crate::request::Arguments;

const FILTER: &str = "$filter";
const SELECT: &str = "$select";
const MAX_RESULTS: &str = "maxresults";
const SKIP_TOKEN: &str = "$skiptoken";

/// The largest page, which is also the one that a client gets who names no size.
const LARGEST: usize = 1000;

/// What a link to a next page has and the document has not. One page of the vendor spells it in small
/// letters, a captured SDK test `$skipToken`: either is taken.
pub(super) static UNDECLARED: [Parameter; 1] = [Parameter::new(
    SKIP_TOKEN,
    Location::Query,
    false,
    ValueFormat::Text,
)];

/// All that stands for itself in a query's value.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What tokens begin with. In base64 these are `+/++`: a client that decodes and encodes links carelessly
/// is to be found out here. The token that the vendor's SDK was captured with has such characters too.
const MARK: [u8; 3] = [0xfb, 0xff, 0xbe];

#[derive(Serialize)]
struct Body<E> {
    #[serde(rename = "odata.metadata")]
    metadata: String,
    value: Vec<E>,
    #[serde(rename = "odata.nextLink", skip_serializing_if = "Option::is_none")]
    next_link: Option<String>,
}

/// The order, by thumbprint, is the sandbox's own. So is what a link stands for: everything after a
/// thumbprint. Whatever is added or deleted between two pages, no other certificate is missed or repeated.
pub(super) fn list(
    account: &mut Account,
    call: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let size = page_size(arguments)?;
    let filter = match arguments.get(Location::Query, FILTER) {
        Some(text) => Some(
            Filter::parse(text)
                .map_err(|fault| ErrorReply::query(FILTER, text, fault.to_string()))?,
        ),
        None => None,
    };
    let select = Select::read(arguments)?;
    let after = match arguments.get(Location::Query, SKIP_TOKEN) {
        Some(token) => Some(key_of(token).ok_or_else(|| {
            let reason = "The token is not one of this service's";
            ErrorReply::query(SKIP_TOKEN, token, reason.to_owned())
        })?),
        None => None,
    };

    let mut found = account.after(after.as_deref()).filter(|certificate| {
        filter
            .as_ref()
            .is_none_or(|filter| filter.takes(certificate))
    });
    let page: Vec<&Certificate> = found.by_ref().take(size).collect();
    let last = page.last().filter(|_| found.next().is_some());
    let host = call.host();
    let body = Body {
        metadata: format!("{host}/$metadata#certificates"),
        next_link: last.map(|last| next_link(host, arguments, &token_of(&last.key()))),
        value: page
            .into_iter()
            .map(|certificate| entity(certificate, &select, host))
            .collect(),
    };
    Ok(call.json(arguments, &account.version(), &body))
}

fn page_size(arguments: &Arguments) -> Result<usize, ErrorReply> {
    let Some(text) = arguments.get(Location::Query, MAX_RESULTS) else {
        return Ok(LARGEST);
    };
    // That it is an integer was checked; a negative one does not parse, and is out of range just so.
    let size = text.parse().ok();
    size.filter(|size| (1..=LARGEST).contains(size))
        .ok_or_else(|| ErrorReply::out_of_range(MAX_RESULTS, text, 1, LARGEST))
}

fn next_link(host: &str, arguments: &Arguments, token: &str) -> String {
    let kept = [API_VERSION, FILTER, SELECT, MAX_RESULTS]
        .into_iter()
        .filter_map(|name| Some((name, arguments.get(Location::Query, name)?)));
    let query: Vec<_> = std::iter::once((SKIP_TOKEN, token))
        .chain(kept)
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ESCAPED)))
        .collect();
    format!("{host}/certificates?{}", query.join("&"))
}

fn token_of(key: &str) -> String {
    STANDARD.encode([&MARK, key.as_bytes()].concat())
}

fn key_of(token: &str) -> Option<String> {
    let bytes = STANDARD.decode(token).ok()?;
    let key = bytes.strip_prefix(&MARK)?;
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let is_key = (1..=40).contains(&key.len()) && key.iter().all(is_digit);
    is_key.then(|| key.iter().map(|byte| char::from(*byte)).collect())
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::{key_of, token_of};

    #[test]
    fn a_token_gives_back_its_key_and_nothing_else_is_one() {
        for key in ["0", "0123456789abcdef0123456789abcdef01234567"] {
            let token = token_of(key);
            assert!(token.starts_with("+/++"), "{token}");
            assert_eq!(key_of(&token).as_deref(), Some(key));
        }
        for token in [
            "",
            "+/++",
            "MDEy",
            "not base64",
            &token_of("0123")[..11],
            &token_of("AB"),
            &token_of("g"),
            &token_of(&"0".repeat(41)),
            &STANDARD.encode("0123"),
        ] {
            assert_eq!(key_of(token), None, "{token}");
        }
    }
}
