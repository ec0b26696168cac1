//! What a server repeats of what was sent as a secret is not shown.
//!
//! A call remembers no copy of a secret, as most need none: it remembers how each begins
//! ([`Sensitive`]). Only where an answer may repeat one the request is built again, the secrets are
//! taken from it ([`Secrets`]), and a second form of the answer is made, for showing ([`Shown`]).

mod text;

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use reqwest::Request;
use serde_json::Value;

use crate::{
    Operation, ServiceError, cookie,
    credential::Authorizer,
    endpoint::Endpoint,
    header,
    operation::{Location, match_path},
};

use text::{PIECE, Text};

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// How often one encoding may lie in another.
const LAYERS: usize = 4;

/// What is shown of an answer that repeats a secret.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) headers: HeaderMap,
    pub(crate) service: Option<ServiceError>,
}

/// What a call remembers of the secrets it sends.
#[derive(Clone, Default)]
pub(crate) struct Sensitive {
    starts: [Start; 8],
    count: usize,
    /// The characters that they end with, a bit for each, by their last six bits.
    ends: u64,
    /// Whether there is a secret whose start is not known.
    is_unsure: bool,
    /// The `Authorization` of the last attempt, and those of earlier ones that were others.
    sent: Option<HeaderValue>,
    earlier: Vec<HeaderValue>,
}

/// The first characters of a secret, at most eight.
#[derive(Clone, Copy, Default)]
struct Start {
    text: u64,
    mask: u64,
}

impl Sensitive {
    /// What is known of a credential before it is asked for. Every call of a client begins with a copy.
    pub(crate) fn of_credential(authorizer: &Authorizer) -> Self {
        let mut sensitive = Self::default();
        if let Authorizer::Fixed(token) = authorizer {
            sensitive.authorized(Some(token));
        }
        for secret in authorizer.secrets() {
            sensitive.keep(secret);
        }
        sensitive
    }

    /// Remembers what is sensitive in a request that has no credential yet.
    pub(crate) fn add(&mut self, request: &Request, operation: &Operation, endpoint: &Endpoint) {
        self.is_unsure |= !operation.sensitive_body.is_empty();
        for parameter in operation.parameters.iter().filter(|one| one.sensitive) {
            let value = match parameter.location {
                Location::Header => header::text(request.headers(), parameter.name),
                Location::Path => endpoint
                    .path_of(request.url())
                    .and_then(|path| segment(operation.path, path, parameter.name)),
                Location::Cookie => cookie::value(request.headers(), parameter.name),
                Location::Query => None,
            };
            let is_found = matches!(parameter.location, Location::Header | Location::Cookie);
            match value {
                Some(value) => self.remember(value),
                None => self.is_unsure |= !is_found,
            }
        }
    }

    /// Remembers the `Authorization` of an attempt.
    pub(crate) fn authorized(&mut self, value: Option<&HeaderValue>) {
        if value == self.sent.as_ref() {
            return;
        }
        for secret in value.map(credentials).unwrap_or_default() {
            self.remember(secret);
        }
        let before = std::mem::replace(&mut self.sent, value.cloned());
        self.earlier.extend(before);
    }

    /// Remembers a secret that goes with every attempt.
    fn keep(&mut self, value: &HeaderValue) {
        for secret in credentials(value) {
            self.remember(secret);
        }
        self.earlier.push(value.clone());
    }

    fn remember(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        match (Start::of(secret), self.starts.get_mut(self.count)) {
            (Some(start), Some(place)) => {
                self.ends |= 1 << (start.text & 63);
                *place = start;
                self.count += 1;
            }
            _ => self.is_unsure = true,
        }
    }

    /// Whether a text may repeat a secret. Where it may be encoded, it may.
    fn may_be_in(&self, text: &str) -> bool {
        if self.is_unsure {
            return true;
        }
        let starts = &self.starts[..self.count];
        let (mut last, ends) = (0, self.ends);
        for byte in text.bytes() {
            match FOLDED[usize::from(byte)] {
                DROPPED => {}
                ESCAPE => return true,
                byte => {
                    last = last << 8 | u64::from(byte);
                    if ends >> (byte & 63) & 1 != 0
                        && starts.iter().any(|start| last & start.mask == start.text)
                    {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// What is shown of an answer in its place, if it repeats a secret in one of these texts of its headers, or
    /// in what the service says. `secrets` takes them from the request, built again.
    pub(crate) fn shown(
        &self,
        headers: &HeaderMap,
        texts: [Option<&str>; 2],
        service: Option<&ServiceError>,
        secrets: impl FnOnce(&[&HeaderValue]) -> Secrets,
    ) -> Option<Arc<Shown>> {
        let is_said = |service: &ServiceError| service.texts().any(|text| self.may_be_in(text));
        let is_in_header = texts.iter().flatten().any(|text| self.may_be_in(text));
        if !is_in_header && !service.is_some_and(is_said) {
            return None;
        }
        let sent: Vec<_> = self.earlier.iter().chain(&self.sent).collect();
        let secrets = secrets(&sent);
        let mut headers = headers.clone();
        let mut is_other = false;
        for value in headers.values_mut() {
            let text = value.to_str().ok();
            let other = text.and_then(|text| secrets.redact(text));
            if let Some(Ok(other)) = other.map(HeaderValue::try_from) {
                *value = other;
                is_other = true;
            }
        }
        let mut service = service.cloned();
        for text in service.iter_mut().flat_map(ServiceError::texts_mut) {
            if let Some(other) = secrets.redact(text) {
                *text = other;
                is_other = true;
            }
        }
        is_other.then(|| Arc::new(Shown { headers, service }))
    }
}

impl Start {
    fn of(secret: &str) -> Option<Self> {
        let mut start = Self::default();
        let kept = secret.bytes().map(|byte| FOLDED[usize::from(byte)]);
        let kept = kept.filter(|byte| *byte != DROPPED);
        for byte in kept.take(8) {
            if byte == ESCAPE {
                return None;
            }
            start.text = start.text << 8 | u64::from(byte);
            start.mask = start.mask << 8 | 0xff;
        }
        // One without a character would be everywhere.
        (start.mask != 0).then_some(start)
    }
}

/// A character that is not compared.
const DROPPED: u8 = 0;
/// One from which on a text may be another one than it looks like.
const ESCAPE: u8 = 1;

/// Each byte as it is compared on the first look, which every call takes: in lower case.
static FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut byte = u8::MAX;
    loop {
        folded[byte as usize] = match byte {
            b'%' | b'\\' | b'&' | 0x80.. => ESCAPE,
            b'-' | 0..b' ' | 0x7f => DROPPED,
            _ => byte.to_ascii_lowercase(),
        };
        if byte == 0 {
            break folded;
        }
        byte -= 1;
    }
};

/// The value of a parameter that is a whole segment of the path.
fn segment<'p>(template: &str, path: &'p str, name: &str) -> Option<&'p str> {
    let is_it = |part: &str| {
        let name_of = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        name_of == Some(name)
    };
    let index = template.split('/').position(is_it)?;
    path.split('/').nth(index)
}

/// What is secret in an `Authorization`: what follows the scheme; of a JWT also what follows the first dot and
/// the last, of a signature what follows the account. Those that there are not are empty.
fn credentials(value: &HeaderValue) -> [&str; 3] {
    let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
    // Shorter ones may be words.
    let part = |split: Option<(_, _)>| match split {
        Some((_, part)) if str::len(part) >= PIECE => part,
        _ => "",
    };
    if let Some(token) = text.strip_prefix("Bearer ") {
        let parts = [token.split_once('.'), token.rsplit_once('.')];
        return [token, part(parts[0]), part(parts[1])];
    }
    let whole = text.split_once(' ').map_or(text, |(_, whole)| whole);
    [whole, part(whole.rsplit_once(':')), ""]
}

/// The values of a call that were sent as secrets.
pub(crate) struct Secrets(Vec<Text>);

impl Secrets {
    /// What is secret in a request and the credentials that it was sent with.
    pub(crate) fn of(
        request: Option<&Request>,
        operation: &Operation,
        endpoint: &Endpoint,
        sent: &[&HeaderValue],
    ) -> Self {
        let mut secrets = Self(Vec::new());
        for secret in sent.iter().flat_map(|value| credentials(value)) {
            secrets.add(secret);
        }
        if let Some(request) = request {
            secrets.add_parameters(request, operation, endpoint);
            secrets.add_body(request, operation);
        }
        secrets
    }

    fn add_parameters(&mut self, request: &Request, operation: &Operation, endpoint: &Endpoint) {
        let path = endpoint.path_of(request.url());
        let in_path = path.and_then(|path| match_path(operation.path, path));
        for parameter in operation.parameters.iter().filter(|one| one.sensitive) {
            let is_it = |name: &str| name == parameter.name;
            match parameter.location {
                Location::Header => {
                    let value = request.headers().get(parameter.name);
                    self.add(&String::from_utf8_lossy(
                        value.map_or(b"", HeaderValue::as_bytes),
                    ));
                }
                Location::Cookie => {
                    self.add(cookie::value(request.headers(), parameter.name).unwrap_or_default());
                }
                Location::Path => {
                    let values = in_path.iter().flatten().filter(|(name, _)| is_it(name));
                    for (_, value) in values {
                        self.add(&percent_decode_str(value).decode_utf8_lossy());
                    }
                }
                Location::Query => {
                    let pairs = request.url().query_pairs();
                    for (_, value) in pairs.filter(|(name, _)| is_it(name)) {
                        self.add(&value);
                    }
                }
            }
        }
    }

    fn add_body(&mut self, request: &Request, operation: &Operation) {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let (Some(body), [_, ..]) = (body, operation.sensitive_body) else {
            return;
        };
        let is_sensitive = |name: &str| operation.sensitive_body.contains(&name);
        let media_type = operation.content_type.unwrap_or_default();
        if header::is_json(media_type) {
            let value = serde_json::from_slice(body).unwrap_or_default();
            self.add_members(&value, is_sensitive(""), &is_sensitive);
        } else if media_type.starts_with("application/x-www-form-urlencoded") {
            let pairs = url::form_urlencoded::parse(body);
            for (_, value) in pairs.filter(|(name, _)| is_sensitive(name) || is_sensitive("")) {
                self.add(&value);
            }
        } else {
            self.add(&String::from_utf8_lossy(body));
        }
    }

    fn add_members(&mut self, value: &Value, is_secret: bool, is_sensitive: &dyn Fn(&str) -> bool) {
        match value {
            Value::String(text) if is_secret => self.add(text),
            Value::Number(number) if is_secret => self.add(&number.to_string()),
            Value::Array(items) => {
                for item in items {
                    self.add_members(item, is_secret, is_sensitive);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.add_members(value, is_secret || is_sensitive(name), is_sensitive);
                }
            }
            _ => {}
        }
    }

    /// Adds a secret, and what it is with each of its own encodings taken away.
    fn add(&mut self, secret: &str) {
        let layers = std::iter::successors(Some(Text::of(secret)), Text::decoded);
        let layers = layers.take(LAYERS).filter(|text| !text.is_empty());
        self.0.extend(layers);
    }

    /// The text without the secrets, if it repeats one: as it is or in any case of its letters,
    /// percent-encoded, escaped as in JSON or XML, several of these in each other, or cut by characters that
    /// cannot be seen.
    pub(crate) fn redact(&self, text: &str) -> Option<String> {
        let mut found = Vec::new();
        let layers = std::iter::successors(Some(Text::of(text)), Text::decoded);
        for layer in layers.take(LAYERS) {
            for secret in &self.0 {
                layer.find(secret, &mut found);
            }
        }
        found.sort_unstable();
        let (mut shown, mut rest) = (String::new(), 0);
        for (start, end) in &found {
            // What touches the one before is one with it.
            if *start > rest || shown.is_empty() {
                shown.push_str(&text[rest..*start]);
                shown.push_str(REDACTED);
            }
            rest = rest.max(*end);
        }
        shown.push_str(&text[rest..]);
        (!found.is_empty()).then_some(shown)
    }
}

/// The text without these secrets, if it repeats one.
#[doc(hidden)]
#[must_use]
pub fn redact(text: &str, secrets: &[&str]) -> Option<String> {
    let mut all = Secrets(Vec::new());
    for secret in secrets {
        all.add(secret);
    }
    all.redact(text)
}

#[cfg(test)]
mod tests;
