//! What a server repeats of what was sent as a secret is not shown.
//!
//! A call remembers no copy of a secret, as most need none: it remembers how each begins
//! ([`Sensitive`]). Only where an answer may repeat one the request is built again, the secrets are
//! taken from it ([`Secrets`]), and a second form of the answer is made, for showing ([`Shown`]).

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use percent_encoding::percent_decode_str;
use reqwest::Request;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    Operation, ServiceError,
    endpoint::Endpoint,
    header,
    operation::{Location, match_path},
};

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// So much of the beginning of a longer secret is a secret too: services shorten what they repeat.
const PIECE: usize = 16;
/// A shorter secret has to stand alone. As a part of words it would take half the text away, and be told by
/// what is missing.
const SHORT: usize = 8;
/// How often one encoding may lie in another.
const LAYERS: usize = 4;

/// What is shown of an answer that repeats a secret.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) headers: HeaderMap,
    pub(crate) service: Option<ServiceError>,
}

/// What a call remembers of the secrets it sends.
#[derive(Default)]
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
    /// What is sensitive in a request that has no credential yet.
    pub(crate) fn of(request: &Request, operation: &Operation, endpoint: &Endpoint) -> Self {
        let mut sensitive = Self {
            is_unsure: !operation.sensitive_body.is_empty(),
            ..Self::default()
        };
        for parameter in operation.parameters.iter().filter(|one| one.sensitive) {
            let value = match parameter.location {
                Location::Header => header::text(request.headers(), parameter.name),
                Location::Path => endpoint
                    .path_of(request.url())
                    .and_then(|path| segment(operation.path, path, parameter.name)),
                Location::Query => None,
            };
            match value {
                Some(value) => sensitive.remember(value),
                None => sensitive.is_unsure |= parameter.location != Location::Header,
            }
        }
        sensitive
    }

    /// Remembers the credential of an attempt.
    pub(crate) fn authorized(&mut self, request: &Request) {
        let value = request.headers().get(AUTHORIZATION);
        if value == self.sent.as_ref() {
            return;
        }
        for secret in value.map(credentials).unwrap_or_default() {
            self.remember(secret);
        }
        let before = std::mem::replace(&mut self.sent, value.cloned());
        self.earlier.extend(before);
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
        let layers = layers.take(LAYERS).filter(|text| !text.0.is_empty());
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

/// A text as it is compared: in lower case, without what cannot be seen, each character with its place in the
/// text as it was.
#[derive(Default)]
struct Text(Zeroizing<Vec<char>>, Vec<(usize, usize)>);

impl Text {
    fn of(text: &str) -> Self {
        let mut all = Self::default();
        for (start, character) in text.char_indices() {
            all.push(character, start, start + character.len_utf8());
        }
        all
    }

    fn push(&mut self, character: char, start: usize, end: usize) {
        for character in character.to_lowercase().filter(|one| !is_dropped(*one)) {
            self.0.push(character);
            self.1.push((start, end));
        }
    }

    /// The same with one layer of encoding taken away. `None` if there is none.
    fn decoded(&self) -> Option<Self> {
        let (mut all, mut at, mut bytes) = (Self::default(), 0, Vec::new());
        while let Some(character) = self.0.get(at) {
            let (start, mut end) = self.1[at];
            let escape = escaped(&self.0[at..]);
            let length = escape.as_ref().map_or(1, |(_, length)| *length);
            at += length;
            end = self.1.get(at - 1).map_or(end, |(_, last)| *last);
            match escape {
                // Bytes in a row are characters together.
                Some((Escape::Byte(byte), _)) => bytes.push((byte, start, end)),
                Some((Escape::Character(character), _)) => {
                    all.push_bytes(&mut bytes);
                    all.push(character, start, end);
                }
                None => {
                    all.push_bytes(&mut bytes);
                    all.push(*character, start, end);
                }
            }
        }
        all.push_bytes(&mut bytes);
        (all.0 != self.0).then_some(all)
    }

    /// Appends bytes as UTF-8, or as Latin-1 where they are not.
    fn push_bytes(&mut self, run: &mut Vec<(u8, usize, usize)>) {
        let bytes: Vec<_> = run.iter().map(|(byte, ..)| *byte).collect();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            let invalid = chunk.invalid().iter().map(|byte| (char::from(*byte), 1));
            let valid = chunk.valid().chars();
            for (character, length) in valid.map(|one| (one, one.len_utf8())).chain(invalid) {
                let (start, end) = (run[at].1, run[at + length - 1].2);
                self.push(character, start, end);
                at += length;
            }
        }
        run.clear();
    }

    /// Where a secret stands, or a beginning of it that is long enough.
    fn find(&self, secret: &Self, found: &mut Vec<(usize, usize)>) {
        let (whole, text) = (secret.0.len(), &self.0);
        let is_bounded = |at: usize| {
            let sides = at.checked_sub(1).map(|before| (before, at));
            let sides = sides.filter(|_| at < text.len());
            // Characters that were dropped bound it as well.
            sides.is_none_or(|(before, after)| {
                !text[before].is_alphanumeric()
                    || !text[after].is_alphanumeric()
                    || self.1[before].1 != self.1[after].0
            })
        };
        for (at, length) in common(&secret.0, text).into_iter().enumerate() {
            let end = at + length;
            let is_whole = length == whole && (whole >= SHORT || is_bounded(at) && is_bounded(end));
            if is_whole || length >= PIECE {
                found.push((self.1[at].0, self.1[end - 1].1));
            }
        }
    }
}

/// How much of the beginning of a secret stands at each place of a text: the Z-algorithm, whose time is that of
/// reading both once, whatever a server sends.
fn common(secret: &[char], text: &[char]) -> Vec<usize> {
    // No text has a control character here.
    let all: Zeroizing<Vec<char>> = Zeroizing::new([secret, &['\0'], text].concat());
    let mut lengths = vec![0; all.len()];
    let (mut start, mut end) = (0, 0_usize);
    for at in 1..all.len() {
        let known = lengths[at - start].min(end.saturating_sub(at));
        let mut length = known;
        while all.get(at + length).is_some_and(|one| *one == all[length]) {
            length += 1;
        }
        if at + length > end {
            (start, end) = (at, at + length);
        }
        lengths[at] = length;
    }
    lengths.split_off(secret.len() + 1)
}

enum Escape {
    Byte(u8),
    Character(char),
}

/// What the characters begin with that stands for another one, and how long it is: `%40`, `%u0040`; `\u0040`
/// and the others of JSON; `&#64;`, `&#x40;`, `&amp;` and the others of XML.
fn escaped(text: &[char]) -> Option<(Escape, usize)> {
    let number = |from: usize, length: usize, radix| {
        let digits = text.get(from..from + length).filter(|_| length > 0)?;
        digits.iter().try_fold(0_u32, |number, digit| {
            number
                .checked_mul(radix)?
                .checked_add(digit.to_digit(radix)?)
        })
    };
    let found = |character, length| Some((Escape::Character(character), length));
    match text {
        ['%' | '\\', 'u', ..] => {
            let first = number(2, 4, 16)?;
            if let Some(character) = char::from_u32(first) {
                return found(character, 6);
            }
            // Half of a character beyond the first 65,536.
            let is_pair = text.get(6) == text.first() && text.get(7) == Some(&'u');
            let second = number(8, 4, 16).filter(|_| is_pair)?;
            let second = u16::try_from(second).ok()?;
            let pair = char::decode_utf16([u16::try_from(first).ok()?, second]);
            let character = pair.into_iter().next()?.ok()?;
            found(character, 12)
        }
        ['%', ..] => {
            let byte = u8::try_from(number(1, 2, 16)?).ok()?;
            Some((Escape::Byte(byte), 3))
        }
        ['\\', character @ ('"' | '\\' | '/'), ..] => found(*character, 2),
        ['\\', 'b' | 'f' | 'n' | 'r' | 't', ..] => found('\n', 2),
        ['&', rest @ ..] => {
            let length = rest.iter().take(10).position(|one| *one == ';')?;
            let character = match &rest[..length] {
                ['#', 'x', ..] => char::from_u32(number(3, length - 2, 16)?)?,
                ['#', ..] => char::from_u32(number(2, length - 1, 10)?)?,
                ['a', 'm', 'p'] => '&',
                ['l', 't'] => '<',
                ['g', 't'] => '>',
                ['q', 'u', 'o', 't'] => '"',
                ['a', 'p', 'o', 's'] => '\'',
                _ => return None,
            };
            found(character, length + 2)
        }
        _ => None,
    }
}

/// Whether a character is not compared: a control character, one that cannot be seen
/// (`Default_Ignorable_Code_Point` of Unicode), and the hyphen, which some services leave out of a GUID.
fn is_dropped(character: char) -> bool {
    character == '-' || character.is_control() || is_invisible(character)
}

fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use reqwest::{Method, Request};

    use super::{Secrets, Sensitive, Start, redact};
    use crate::{
        Operation,
        endpoint::Endpoint,
        operation::{Location, Parameter, ValueFormat},
    };

    /// eng-floe/floecat#519: each pass that looked for the credential as it was sent was defeated by a form that
    /// no list had, an escaped solidus, `\u` or a percent sign.
    #[test]
    fn a_secret_is_found_in_whatever_form_it_is_repeated() {
        let [mail, guid] = ["Ana+x@contoso.com", "ca4a2700-5ec2-4e7a-9c0d-5ab5c21b710e"];
        let [domain, password] = [r"CONTOSO\nadia.roe", "pass\u{e9}\u{1f511}\"word"];
        let [base64, wrapped] = ["MIIKXgIBAzCC+/A=", "MIIKXgIB\r\nAzCC+/A="];
        for (secret, repeated) in [
            (mail, "ana+X@CONTOSO.com"),
            (mail, "Ana%2Bx%40contoso.com"),
            (mail, "Ana%2bx%40contoso.com"),
            (mail, "Ana%252Bx%2540contoso.com"),
            (mail, "Ana%u002Bx%u0040contoso.com"),
            (mail, r"Ana\u002Bx\u0040contoso.com"),
            (mail, r"Ana\\u002bx\\u0040contoso.com"),
            (mail, "Ana&#43;x&#x40;contoso.com"),
            (mail, "Ana&amp;#43;x@contoso.com"),
            (mail, r"\u0041na%2Bx&#64;contoso.com"),
            (mail, "Ana+\u{200b}x@\u{feff}con\u{ad}toso.com"),
            (mail, "Ana%2Bx%E2%80%8B%40contoso.com"),
            (mail, r"Ana+x@con\u200btoso.com"),
            (mail, "Ana+x%4\u{200b}0contoso.com"),
            (mail, "Ana+x@\u{0}conto\nso.com"),
            ("ana%40contoso.com", "ana@contoso.com"),
            (guid, "CA4A27005EC24E7A9C0D5AB5C21B710E"),
            (domain, r"CONTOSO\\nadia.roe"),
            (domain, r"contoso\\\\nadia.roe"),
            (domain, "CONTOSO%5Cnadia.roe"),
            (password, r#"pass\u00e9\ud83d\udd11\"word"#),
            (password, "pass%C3%A9%F0%9F%94%91%22word"),
            (password, "pass%E9\u{1f511}&quot;word"),
            (base64, wrapped),
            (base64, r"MIIKXgIBAzCC\u002B\/A\u003D"),
            // Shortened by the service.
            ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123"),
            ("pass", "pass"),
        ] {
            for [before, after] in [
                ["", ""],
                ["user ", " is unknown"],
                ["(", ")"],
                ["\u{e9}: ", "%"],
            ] {
                let text = format!("{before}{repeated}{after}");
                let shown = redact(&text, &["another", secret]);
                let expected = format!("{before}[redacted]{after}");
                assert_eq!(shown.as_deref(), Some(&*expected), "{secret} in {text}");
            }
        }
    }

    #[test]
    fn a_text_that_repeats_nothing_is_left_alone() {
        for text in [
            "",
            "Certificate not found.",
            "100 % \\ & &; %zz \\u12 &#;",
            "\u{1f511}%",
        ] {
            assert_eq!(
                redact(text, &["ana@contoso.com", "", "\u{200b}"]),
                None,
                "{text}"
            );
        }
    }

    /// actions/runner#326: masks of single characters took them out of every word of a log, which made it
    /// unreadable and told the secret.
    #[test]
    fn a_short_secret_takes_no_words_apart() {
        for (secret, text, expected) in [
            ("e", "the certificate", None),
            ("e", "key e is wrong", Some("key [redacted] is wrong")),
            ("1234", "error 12345 of 01234", None),
            ("1234", "pin=1234", Some("pin=[redacted]")),
            ("1234", "pin%3D1234", Some("pin%3D[redacted]")),
            ("1234", "pin\u{200b}1234", Some("pin\u{200b}[redacted]")),
            ("{", "{\n}", Some("[redacted]\n}")),
        ] {
            assert_eq!(
                redact(text, &[secret]).as_deref(),
                expected,
                "{secret} in {text}"
            );
        }
    }

    #[test]
    fn secrets_that_overlap_leave_nothing_between_them() {
        let periodic = "abababababababababababX";
        let shown = |text: &str, secrets: &[&str]| redact(text, secrets).unwrap();
        assert_eq!(shown(&format!("ab{periodic}."), &[periodic]), "[redacted].");
        assert_eq!(
            shown("user:password!", &["user:pass", "password"]),
            "[redacted]!"
        );
        assert_eq!(
            shown("first-one second-one", &["first-one", "second-one"]),
            "[redacted] [redacted]"
        );
        assert_eq!(
            shown("password password", &["password"]),
            "[redacted] [redacted]"
        );
    }

    /// Texts of a server that are as long as they get, and as much like the secret: a search that begins anew
    /// at each place would take minutes.
    #[test]
    fn the_search_takes_one_pass() {
        let secret = "a".repeat(64 * 1024);
        assert_eq!(redact(&secret.replace("aaaa", "aaab"), &[&secret]), None);
        assert_eq!(redact(&secret, &[&secret]).as_deref(), Some("[redacted]"));
    }

    static OPERATION: Operation = Operation::new(
        "Thing_Put",
        "put",
        "PUT",
        "/of/{user}/things({id})",
        None,
        Some("application/json"),
        &[
            Parameter::new("user", Location::Path, true, ValueFormat::Text).sensitive(),
            Parameter::new("id", Location::Path, true, ValueFormat::Text).sensitive(),
            Parameter::new("Pin", Location::Query, true, ValueFormat::Text).sensitive(),
            Parameter::new("X-Who", Location::Header, true, ValueFormat::Text).sensitive(),
            Parameter::new("x-plain", Location::Header, true, ValueFormat::Text),
        ],
        &[],
        true,
        false,
    )
    .with_sensitive_body(&["secret"]);

    #[test]
    fn what_the_document_marks_is_secret_wherever_it_is_sent() {
        let endpoint = Endpoint::parse("https://a.example/base", false).unwrap();
        let url =
            "https://a.example/base/of/ana%20roe%40x/things(id-value)?Pin=pin-value&x=not-this";
        let mut request = Request::new(Method::PUT, url.parse().unwrap());
        for (name, value) in [
            ("x-who", "who-value"),
            ("x-plain", "not-this"),
            ("authorization", "SharedKey account:signature-value="),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let json = r#"{"a":[{"secret":"deep-value"},{"secret":{"x":["list-value",12345678]}}],"b":"not-this"}"#;
        *request.body_mut() = Some(json.into());
        let sent = request.headers()["authorization"].clone();
        let secrets = Secrets::of(Some(&request), &OPERATION, &endpoint, &[&sent]);
        for secret in [
            "ana roe@x",
            "id-value",
            "pin-value",
            "who-value",
            "deep-value",
            "list-value",
            "12345678",
            "signature-value=",
            "account:signature-value=",
        ] {
            assert_eq!(
                secrets.redact(secret).as_deref(),
                Some("[redacted]"),
                "{secret}"
            );
        }
        for text in ["not-this", "account", "SharedKey", "https://a.example/base"] {
            assert_eq!(secrets.redact(text), None, "{text}");
        }
    }

    /// What makes a second look worth its price must never miss what the look would find.
    #[test]
    fn nothing_that_is_found_is_missed_by_the_first_look() {
        static HEADER: [Parameter; 1] =
            [Parameter::new("x-who", Location::Header, true, ValueFormat::Text).sensitive()];
        static OPERATION: Operation = Operation::new(
            "Thing_Get",
            "get",
            "GET",
            "/things",
            None,
            None,
            &HEADER,
            &[],
            true,
            false,
        );
        let endpoint = Endpoint::parse("https://a.example", false).unwrap();
        let secrets = [
            "ana@contoso.com",
            "a-b-c-d-e-f-g-h-i",
            "pin",
            "%41na@contoso.com",
            "A&B Company",
        ];
        for secret in secrets {
            let mut request =
                Request::new(Method::GET, "https://a.example/things".parse().unwrap());
            request
                .headers_mut()
                .insert("x-who", secret.parse().unwrap());
            let sensitive = Sensitive::of(&request, &OPERATION, &endpoint);
            for repeated in [
                secret.to_owned(),
                secret.to_uppercase(),
                secret.replace('-', ""),
                secret
                    .chars()
                    .map(|one| format!("%{:02x}", u32::from(one)))
                    .collect(),
                secret
                    .chars()
                    .map(|one| format!("\\u{:04x}", u32::from(one)))
                    .collect(),
                secret.chars().map(|one| format!("{one}\u{200b}")).collect(),
                secret.chars().map(|one| format!("{one}\n")).collect(),
            ] {
                let text = format!("user {repeated} is unknown");
                assert!(redact(&text, &[secret]).is_some(), "{text:?}");
                assert!(sensitive.may_be_in(&text), "{text:?}");
            }
            let is_plain = Start::of(secret).is_some();
            assert_eq!(sensitive.may_be_in("not found"), !is_plain, "{secret}");
        }
    }
}
