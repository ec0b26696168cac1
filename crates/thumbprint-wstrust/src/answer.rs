//! What a token site answers.
//!
//! Names and URIs are those of SOAP 1.2 part 1 (the envelope and its faults), WS-Trust 1.3 (the answer) and
//! WS-Security 1.1 (the token in it). That the token is a JWT in base64 is seen from the vendor's SDK and
//! other clients.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use roxmltree::{Document, Node};
use serde::Deserialize;
use thumbprint_transport::Secret;
use zeroize::Zeroizing;

use crate::error::{Cause, Fault, TokenError};

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const SOAP_1_1: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const TRUST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// How many tags and attributes an answer may have, counted by their first characters or equals signs. Real
/// ones have fewer than a hundred; one with a signed assertion has a few hundred.
const MAX_MARKUP: usize = 4_000;
/// How many declarations of namespaces an answer may have. Real ones have about ten.
const MAX_NAMESPACES: usize = 250;

/// Base64 with or without its padding, which neither reading of the token depends on.
const fn lenient(alphabet: &alphabet::Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new();
    let config = config.with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config)
}

const STANDARD: GeneralPurpose = lenient(&alphabet::STANDARD);
const URL_SAFE: GeneralPurpose = lenient(&alphabet::URL_SAFE);

/// What a site issued.
#[derive(Debug)]
pub struct Answer {
    /// The token.
    pub token: Secret,
    /// Until when it is good, as far as the answer or the token itself says.
    pub expires: Option<DateTime<Utc>>,
}

/// Reads a site's answer. It is no part of the API: fuzzing starts here.
pub fn read_answer(body: &[u8]) -> Result<Answer, TokenError> {
    let text = std::str::from_utf8(body).map_err(|_| refused("it is not UTF-8"))?;
    let document = parse(text)?;
    let body = read_envelope(document.root_element())?;
    if let Some(fault) = child(body, (SOAP, "Fault")) {
        return Err(TokenError::fault(read_fault(fault)));
    }
    // WS-Trust 1.3, section 3.2: the end of an exchange is a collection. Earlier versions had the answer
    // stand alone, which costs nothing to take.
    let collection = child(body, (TRUST, "RequestSecurityTokenResponseCollection"));
    let mut responses = children(
        collection.unwrap_or(body),
        (TRUST, "RequestSecurityTokenResponse"),
    );
    let response = responses
        .next()
        .ok_or_else(|| refused("it is no answer of WS-Trust 1.3"))?;
    if responses.next().is_some() {
        return Err(refused("it has several, and one was asked for"));
    }
    let token = read_token(response)?;
    let expires = child(response, (TRUST, "Lifetime"))
        .and_then(|lifetime| child(lifetime, (UTILITY, "Expires")))
        .and_then(|expires| time(text_of(expires).trim()));
    let expires = match (expires, expiry(token.expose())) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    Ok(Answer { token, expires })
}

fn refused(problem: &'static str) -> TokenError {
    TokenError::answer(problem)
}

/// Parses a document. Nothing in it expands: the parser refuses document types, as SOAP 1.2 part 1, section 5,
/// does, and knows no entities other than XML's own five.
///
/// Markup is counted first, since the parser compares each attribute with the others of its element, and copies
/// the namespaces in scope to each element that declares one, in the square of their number. Its own limit is one
/// of nodes. Depth needs none: neither the parser (from 0.21.2 on) nor this file goes down by recursion.
fn parse(text: &str) -> Result<Document<'_>, TokenError> {
    let is_markup = |byte: &u8| matches!(byte, b'<' | b'=');
    if text.bytes().filter(is_markup).count() > MAX_MARKUP
        || text.matches("xmlns").count() > MAX_NAMESPACES
    {
        return Err(TokenError::unreadable("it has too much markup"));
    }
    // The parser's own words can quote the document.
    Document::parse(text).map_err(|error| {
        TokenError::unreadable(match error {
            roxmltree::Error::DtdDetected => "it has a document type declaration",
            roxmltree::Error::NoRootNode
            | roxmltree::Error::UnclosedRootNode
            | roxmltree::Error::UnexpectedEndOfStream => "it ends too early",
            _ => "it is not well-formed",
        })
    })
}

/// The elements in an element that have this name, in the namespace of this URI.
fn children<'a, 'input>(
    parent: Node<'a, 'input>,
    name: (&'static str, &'static str),
) -> impl Iterator<Item = Node<'a, 'input>> {
    parent
        .children()
        .filter(move |node| node.has_tag_name(name))
}

fn child<'a, 'input>(
    parent: Node<'a, 'input>,
    name: (&'static str, &'static str),
) -> Option<Node<'a, 'input>> {
    children(parent, name).next()
}

/// The parts of an element's own text: comments and elements in it cut it.
fn texts<'a>(element: Node<'a, '_>) -> impl Iterator<Item = &'a str> {
    element
        .children()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
}

fn text_of(element: Node<'_, '_>) -> String {
    texts(element).collect()
}

/// The one body of an envelope.
fn read_envelope<'a, 'input>(envelope: Node<'a, 'input>) -> Result<Node<'a, 'input>, TokenError> {
    if envelope.has_tag_name((SOAP_1_1, "Envelope")) {
        return Err(refused(
            "it is SOAP 1.1, and WS-Trust with SOAP 1.2 was spoken to it",
        ));
    }
    let mut bodies = children(envelope, (SOAP, "Body"));
    match (bodies.next(), bodies.next()) {
        (Some(body), None) if envelope.has_tag_name((SOAP, "Envelope")) => Ok(body),
        _ => Err(refused("it is no SOAP envelope with one body")),
    }
}

fn read_token(response: Node<'_, '_>) -> Result<Secret, TokenError> {
    let requested = child(response, (TRUST, "RequestedSecurityToken"))
        .ok_or_else(|| refused("the part where it should stand is missing"))?;
    let mut elements = requested.children().filter(Node::is_element);
    let (Some(token), None) = (elements.next(), elements.next()) else {
        return Err(refused(
            "the part where it should stand has none, or several",
        ));
    };
    let is_other_than = |attribute, value| {
        token
            .attribute(attribute)
            .is_some_and(|other| other != value)
    };
    if !token.has_tag_name((SECURITY, "BinarySecurityToken")) || is_other_than("ValueType", JWT) {
        return Err(refused(
            "the one it has is no JWT; in AD FS, enable JWT for the relying party \
             (Set-AdfsRelyingPartyTrust -EnableJWT)",
        ));
    }
    // WS-Security 1.1, section 6.3: base64 is meant where nothing is said.
    if is_other_than("EncodingType", BASE64) {
        return Err(refused("the one it has is not in base64"));
    }
    // Base64 in XML may be broken into lines. Where those end in carriage returns, the parser has a copy of
    // them that is not overwritten.
    let length = texts(token).map(str::len).sum();
    let mut base64 = Zeroizing::new(String::with_capacity(length));
    base64.extend(texts(token).flat_map(str::split_ascii_whitespace));
    let bytes = STANDARD.decode(&*base64).map(Zeroizing::new);
    let not_base64 = || wrapping(&base64).unwrap_or("the one it has is not in base64");
    let mut bytes = bytes.map_err(|_| refused(not_base64()))?;
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) if is_jwt(&text) => Ok(Secret::from(text)),
        Ok(text) => {
            let text = Zeroizing::new(text);
            let problem = wrapping(&text).unwrap_or("the one it has does not look like a JWT");
            Err(refused(problem))
        }
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(refused("the one it has is not UTF-8"))
        }
    }
}

/// What a token stands in, if it does not stand alone.
fn wrapping(text: &str) -> Option<&'static str> {
    match text.trim_start().chars().next()? {
        '{' | '[' => Some("the one it has is JSON; the site has to give the JWT alone, in base64"),
        '"' | '\'' => {
            Some("the one it has is in quotes; the site has to give the JWT alone, in base64")
        }
        _ => None,
    }
}

/// Whether a text has the form of RFC 7519: three parts in base64url with dots between them, or five where it
/// is encrypted. The signature is checked by the service that the token is for.
fn is_jwt(text: &str) -> bool {
    let mut parts = 0;
    let mut empty = [false; 5];
    for part in text.split('.') {
        let is_base64 = part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_base64 || parts == empty.len() {
            return false;
        }
        empty[parts] = part.is_empty();
        parts += 1;
    }
    matches!(parts, 3 | 5) && !empty[0] && (parts == 5 || !empty[1])
}

#[derive(Deserialize)]
struct Claims {
    exp: Option<serde_json::Number>,
}

/// The claim `exp` of a JWT, in seconds since 1970 (RFC 7519, section 4.1.4). `None` where it cannot be seen:
/// then the token is good until a service does not accept it.
fn expiry(token: &str) -> Option<DateTime<Utc>> {
    let payload = URL_SAFE.decode(token.split('.').nth(1)?).ok()?;
    let payload = Zeroizing::new(payload);
    let exp = serde_json::from_slice::<Claims>(&payload).ok()?.exp?;
    // The claim may have decimals. Rounding down is the careful side.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "as casts of floats saturate"
    )]
    let seconds = exp
        .as_i64()
        .or_else(|| exp.as_f64().map(|seconds| seconds.floor() as i64))?;
    DateTime::from_timestamp(seconds, 0)
}

/// A time of XML Schema. WS-Security 1.1, section 10, strongly advises UTC, so a time without a zone is taken
/// for UTC; that last part is inferred.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let plain = || text.parse::<NaiveDateTime>().map(|time| time.and_utc());
    zoned.or_else(|_| plain()).ok()
}

/// Reads a fault of SOAP 1.2: part 1, section 5.4.
fn read_fault(fault: Node<'_, '_>) -> Fault {
    let mut codes = Vec::new();
    let mut level = child(fault, (SOAP, "Code"));
    while let Some(code) = level {
        codes.extend(child(code, (SOAP, "Value")).and_then(qualified_name));
        level = child(code, (SOAP, "Subcode"));
    }
    let reason = child(fault, (SOAP, "Reason")).and_then(|reason| child(reason, (SOAP, "Text")));
    let causes = codes
        .iter()
        .map(|(namespace, local)| cause(namespace, local));
    let cause = causes.rev().find(|cause| *cause != Cause::Other);
    Fault {
        cause: cause.unwrap_or(Cause::Other),
        code: codes.pop().map(|(_, local)| local),
        reason: reason.map(|reason| text_of(reason).trim().to_owned()),
        hidden: false,
    }
}

/// An element's text as a qualified name: the URI of the namespace, which the prefix means in this place, and
/// the name. Codes that standards name have letters, digits, hyphens, dots and underlines, at most forty.
fn qualified_name<'a>(value: Node<'a, '_>) -> Option<(&'a str, String)> {
    let text = text_of(value);
    let (namespace, local) = match text.trim().split_once(':') {
        Some((prefix, local)) => (value.lookup_namespace_uri(Some(prefix))?, local),
        None => (value.default_namespace().unwrap_or_default(), text.trim()),
    };
    let is_name = (1..=128).contains(&local.len())
        && local
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    is_name.then(|| (namespace, local.to_owned()))
}

/// The codes of WS-Security 1.1, section 12, and of WS-Trust 1.3, section 11. That an unknown relying party is
/// told by `InvalidScope` is seen from AD FS; of the membership site it is inferred.
fn cause(namespace: &str, local: &str) -> Cause {
    match (namespace, local) {
        (SECURITY | TRUST, "FailedAuthentication") => Cause::Password,
        (TRUST, "InvalidScope") => Cause::Audience,
        (SECURITY, "MessageExpired") => Cause::Clock,
        _ => Cause::Other,
    }
}
