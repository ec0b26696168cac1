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
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    error::{Cause, Fault, TokenError},
    xml::Element,
};
use crate::Secret;

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const SOAP_1_1: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const TRUST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const BASE64: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

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
    let envelope = Element::read(text).map_err(TokenError::xml)?;
    if envelope.is(SOAP_1_1, "Envelope") {
        return Err(refused(
            "it is SOAP 1.1, and WS-Trust with SOAP 1.2 was spoken to it",
        ));
    }
    let body = only(&envelope, "Envelope", SOAP, "Body")?;
    if let Some(fault) = body.child(SOAP, "Fault") {
        return Err(TokenError::fault(read_fault(fault)));
    }
    // WS-Trust 1.3, section 3.2: the end of an exchange is a collection. Earlier versions had the answer
    // stand alone, which costs nothing to take.
    let collection = body.child(TRUST, "RequestSecurityTokenResponseCollection");
    let mut responses = collection
        .unwrap_or(body)
        .all(TRUST, "RequestSecurityTokenResponse");
    let response = responses
        .next()
        .ok_or_else(|| refused("it is no answer of WS-Trust 1.3"))?;
    if responses.next().is_some() {
        return Err(refused("it has several, and one was asked for"));
    }
    let token = read_token(response)?;
    let lifetime = response.child(TRUST, "Lifetime");
    let expires = lifetime
        .and_then(|lifetime| lifetime.child(UTILITY, "Expires"))
        .and_then(|expires| time(expires.text()));
    let expires = match (expires, expiry(token.expose())) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    Ok(Answer { token, expires })
}

fn refused(problem: &'static str) -> TokenError {
    TokenError::answer(problem)
}

/// The one body of an envelope.
fn only<'a>(
    envelope: &'a Element,
    name: &str,
    namespace: &'a str,
    child: &'a str,
) -> Result<&'a Element, TokenError> {
    let problem = || refused("it is no SOAP envelope with one body");
    if !envelope.is(namespace, name) {
        return Err(problem());
    }
    let mut bodies = envelope.all(namespace, child);
    let body = bodies.next().ok_or_else(problem)?;
    match bodies.next() {
        Some(_) => Err(problem()),
        None => Ok(body),
    }
}

fn read_token(response: &Element) -> Result<Secret, TokenError> {
    let requested = response
        .child(TRUST, "RequestedSecurityToken")
        .ok_or_else(|| refused("the part where it should stand is missing"))?;
    let [token] = requested.children() else {
        return Err(refused(
            "the part where it should stand has none, or several",
        ));
    };
    let of_another_kind = || {
        refused(
            "the one it has is no JWT; in AD FS, enable JWT for the relying party \
             (Set-AdfsRelyingPartyTrust -EnableJWT)",
        )
    };
    if !token.is(SECURITY, "BinarySecurityToken")
        || token.attribute("ValueType").is_some_and(|kind| kind != JWT)
    {
        return Err(of_another_kind());
    }
    // WS-Security 1.1, section 6.3: base64 is meant where nothing is said.
    if token
        .attribute("EncodingType")
        .is_some_and(|encoding| encoding != BASE64)
    {
        return Err(refused("the one it has is not in base64"));
    }
    // Base64 in XML may be broken into lines.
    let mut base64 = Zeroizing::new(String::with_capacity(token.whole_text().len()));
    base64.extend(token.whole_text().split_ascii_whitespace());
    let bytes = STANDARD.decode(&*base64).map(Zeroizing::new);
    let mut bytes = bytes.map_err(|_| refused("the one it has is not in base64"))?;
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) if is_jwt(&text) => Ok(Secret::from(text)),
        Ok(text) => {
            drop(Zeroizing::new(text));
            Err(refused("the one it has does not look like a JWT"))
        }
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(refused("the one it has is not UTF-8"))
        }
    }
}

/// Whether a text has the form of RFC 7519: three parts in base64url with dots between them, or five where it
/// is encrypted. The signature is the business of those who are shown the token.
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
fn read_fault(fault: &Element) -> Fault {
    let mut codes = Vec::new();
    let mut level = fault.child(SOAP, "Code");
    while let Some(code) = level {
        codes.extend(code.child(SOAP, "Value").and_then(Element::qualified_name));
        level = code.child(SOAP, "Subcode");
    }
    let reason = fault
        .child(SOAP, "Reason")
        .and_then(|reason| reason.child(SOAP, "Text"));
    let causes = codes.iter().map(|code| cause(*code));
    let cause = causes.rev().find(|cause| *cause != Cause::Other);
    Fault {
        code: codes.last().map(|(_, local)| (*local).to_owned()),
        cause: cause.unwrap_or(Cause::Other),
        reason: reason.map(|text| text.text().to_owned()),
        hidden: false,
    }
}

/// The codes of WS-Security 1.1, section 12, and of WS-Trust 1.3, section 11. That an unknown relying party is
/// told by `InvalidScope` is seen from AD FS; of the membership site it is inferred.
fn cause((namespace, local): (&str, &str)) -> Cause {
    match (namespace, local) {
        (SECURITY | TRUST, "FailedAuthentication") => Cause::Password,
        (TRUST, "InvalidScope") => Cause::Audience,
        (SECURITY, "MessageExpired") => Cause::Clock,
        _ => Cause::Other,
    }
}
