//! The token endpoint: WS-Trust 1.3 with a user name and a password.
//!
//! What is asked of a message is in SOAP 1.2 part 1, WS-Addressing 1.0, WS-Security 1.1 with its
//! `UsernameToken` Profile 1.1, and WS-Trust 1.3; the codes of faults are theirs. That the vendor's site asks
//! for the same is inferred from the clients that it serves. No fault repeats a value of the request.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::{HeaderValue, Method, Response, StatusCode, header};
use roxmltree::{Document, Node};
use serde_json::json;
use thumbprint_transport::Secret;
use uuid::Uuid;

use crate::request::{Body, Request};

const PATH: &str = "/wstrust/issue/usernamemixed";
const REALM: &str = "http://azureservices/TenantSite";
const MEDIA_TYPE: &str = "application/soap+xml";

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";
const TRUST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const PASSWORD_TEXT: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// By how much a client's clock may differ. The vendor's stack allows five minutes too.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Who gets tokens, and those that were issued.
pub(crate) struct Tokens {
    users: Vec<(String, Secret)>,
    lifetime: TimeDelta,
    /// Whether operations take nothing but tokens from here.
    checked: bool,
    /// Until when each token is good.
    issued: BTreeMap<String, DateTime<Utc>>,
}

impl Tokens {
    pub(crate) fn new(users: Vec<(String, Secret)>, lifetime: Duration, checked: bool) -> Self {
        // More than a human life is as good as for ever, and no time overflows.
        let longest = TimeDelta::days(36_500);
        Self {
            users,
            lifetime: TimeDelta::from_std(lifetime).map_or(longest, |time| time.min(longest)),
            checked,
            issued: BTreeMap::new(),
        }
    }

    /// Whether an operation takes this token.
    pub(crate) fn accept(&self, token: &str, now: DateTime<Utc>) -> bool {
        let expires = self.issued.get(token);
        !self.checked || expires.is_some_and(|expires| now < *expires)
    }

    pub(crate) fn forget(&mut self) {
        self.issued.clear();
    }

    fn knows(&self, name: &str, password: &str) -> bool {
        self.users
            .iter()
            .any(|(user, secret)| user == name && secret.expose() == password)
    }

    /// A token for a user, and until when it is good.
    fn issue(&mut self, user: &str, now: DateTime<Utc>) -> (String, DateTime<Utc>) {
        self.issued.retain(|_, expires| now < *expires);
        let expires = now + self.lifetime;
        let header = json!({ "typ": "JWT", "alg": "HS256" });
        let claims = json!({
            "iss": "http://azureservices/AuthSite",
            "aud": REALM,
            "nbf": now.timestamp(),
            "exp": expires.timestamp(),
            "jti": Uuid::new_v4(),
            "upn": user,
        });
        let signature = [*Uuid::new_v4().as_bytes(), *Uuid::new_v4().as_bytes()].concat();
        let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let (header, claims) = (header.to_string(), claims.to_string());
        let parts = [header.as_bytes(), claims.as_bytes(), &signature].map(part);
        let token = parts.join(".");
        // The claim has whole seconds, and a token is good no longer than it says.
        let until = DateTime::from_timestamp(expires.timestamp(), 0).unwrap_or(expires);
        self.issued.insert(token.clone(), until);
        (token, until)
    }
}

pub(crate) fn is_token_endpoint(path: &str) -> bool {
    path.eq_ignore_ascii_case(PATH)
}

/// Answers a request to the token endpoint.
pub(crate) fn issue(tokens: &mut Tokens, request: &Request, now: DateTime<Utc>) -> Response<Bytes> {
    let envelope = match receive(request) {
        Ok(envelope) => envelope,
        Err(status) => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = status;
            if status == StatusCode::METHOD_NOT_ALLOWED {
                let allow = HeaderValue::from_static("POST");
                response.headers_mut().insert(header::ALLOW, allow);
            }
            return response;
        }
    };
    let envelope = envelope.root_element();
    match serve(tokens, envelope, now) {
        Ok(answer) => soap(StatusCode::OK, answer),
        Err(fault) => soap(
            StatusCode::INTERNAL_SERVER_ERROR,
            fault.envelope(&related(envelope)),
        ),
    }
}

/// The message, or the status for a request that has none. A document type is refused (SOAP 1.2 part 1,
/// section 5).
fn receive(request: &Request) -> Result<Document<'_>, StatusCode> {
    if request.method != Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    if !request.is_of(MEDIA_TYPE) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let text = match &request.body {
        Body::Whole(body) => std::str::from_utf8(body).ok(),
        Body::TooLarge => return Err(StatusCode::PAYLOAD_TOO_LARGE),
        Body::Broken => None,
    };
    let envelope = text.and_then(|text| Document::parse(text).ok());
    envelope.ok_or(StatusCode::BAD_REQUEST)
}

fn serve(tokens: &mut Tokens, envelope: Node<'_, '_>, now: DateTime<Utc>) -> Result<String, Fault> {
    if !envelope.has_tag_name((SOAP, "Envelope")) {
        return Err(Fault::VERSION);
    }
    let header = child(envelope, SOAP, "Header").ok_or(Fault::ACTION)?;
    let text = |name| child(header, ADDRESSING, name).map(trimmed);
    if text("Action") != Some(&*format!("{TRUST}/RST/Issue")) {
        return Err(Fault::ACTION);
    }
    if !text("To").is_some_and(|to| to.to_ascii_lowercase().ends_with(PATH)) {
        return Err(Fault::DESTINATION);
    }
    let security = child(header, SECURITY, "Security").ok_or(Fault::SECURITY)?;
    check_time(security, now)?;
    let user = authenticate(tokens, security)?;
    let body = child(envelope, SOAP, "Body").ok_or(Fault::REQUEST)?;
    check_request(body)?;
    let (token, expires) = tokens.issue(user, now);
    Ok(answer(&token, now, expires, &related(envelope)))
}

fn check_time(security: Node<'_, '_>, now: DateTime<Utc>) -> Result<(), Fault> {
    let timestamp = child(security, UTILITY, "Timestamp");
    let timestamp = timestamp.ok_or(Fault::SECURITY)?;
    let time = |name| {
        let text = trimmed(child(timestamp, UTILITY, name)?);
        Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
    };
    let (Some(created), Some(expires)) = (time("Created"), time("Expires")) else {
        return Err(Fault::SECURITY);
    };
    let is_fresh = created <= now + SKEW && now - SKEW < expires;
    is_fresh.then_some(()).ok_or(Fault::EXPIRED)
}

/// The user whose password is right.
fn authenticate<'a>(tokens: &Tokens, security: Node<'a, '_>) -> Result<&'a str, Fault> {
    let token = child(security, SECURITY, "UsernameToken");
    let token = token.ok_or(Fault::SECURITY)?;
    let part = |name| child(token, SECURITY, name).ok_or(Fault::SECURITY);
    let (user, password) = (part("Username")?, part("Password")?);
    // The profile's section 3.1: text is meant where nothing is said.
    let kind = password.attribute("Type");
    if kind.is_some_and(|kind| kind != PASSWORD_TEXT) {
        return Err(Fault::UNSUPPORTED);
    }
    let (user, password) = (text(user), text(password));
    let known = tokens.knows(user, password);
    known.then_some(user).ok_or(Fault::AUTHENTICATION)
}

fn check_request(body: Node<'_, '_>) -> Result<(), Fault> {
    let request = child(body, TRUST, "RequestSecurityToken");
    let request = request.ok_or(Fault::REQUEST)?;
    let text = |name| child(request, TRUST, name).map(trimmed);
    if text("RequestType") != Some(&*format!("{TRUST}/Issue"))
        || text("KeyType") != Some(&*format!("{TRUST}/Bearer"))
        || text("TokenType") != Some(JWT)
    {
        return Err(Fault::REQUEST);
    }
    let audience = child(request, POLICY, "AppliesTo")
        .and_then(|to| child(to, ADDRESSING, "EndpointReference"))
        .and_then(|reference| child(reference, ADDRESSING, "Address"));
    if audience.map(trimmed) == Some(REALM) {
        Ok(())
    } else {
        Err(Fault::SCOPE)
    }
}

/// The first element in an element that has this name, in the namespace of this URI.
fn child<'a, 'input>(
    parent: Node<'a, 'input>,
    namespace: &'static str,
    name: &'static str,
) -> Option<Node<'a, 'input>> {
    let mut children = parent.children();
    children.find(|node| node.has_tag_name((namespace, name)))
}

fn text<'a>(element: Node<'a, '_>) -> &'a str {
    element.text().unwrap_or_default()
}

fn trimmed<'a>(element: Node<'a, '_>) -> &'a str {
    text(element).trim()
}

/// A fault: its code with the URI of the code's namespace, and a reason.
struct Fault {
    namespace: &'static str,
    code: &'static str,
    reason: &'static str,
}

impl Fault {
    const VERSION: Self = Self::new(SOAP, "VersionMismatch", "The message is not SOAP 1.2.");
    const ACTION: Self = Self::new(
        ADDRESSING,
        "ActionNotSupported",
        "The action is not supported.",
    );
    const DESTINATION: Self = Self::new(
        ADDRESSING,
        "DestinationUnreachable",
        "The message is addressed to somebody else.",
    );
    const SECURITY: Self = Self::new(
        SECURITY,
        "InvalidSecurity",
        "The security header is missing or not whole.",
    );
    const EXPIRED: Self = Self::new(
        SECURITY,
        "MessageExpired",
        "The message has expired, or was made in the future.",
    );
    const UNSUPPORTED: Self = Self::new(
        SECURITY,
        "UnsupportedSecurityToken",
        "The password must be sent as text.",
    );
    const AUTHENTICATION: Self = Self::new(
        SECURITY,
        "FailedAuthentication",
        "The user name or the password is wrong.",
    );
    const REQUEST: Self = Self::new(
        TRUST,
        "InvalidRequest",
        "The request is not one for a new bearer token that is a JWT.",
    );
    const SCOPE: Self = Self::new(TRUST, "InvalidScope", "There is no such relying party.");

    const fn new(namespace: &'static str, code: &'static str, reason: &'static str) -> Self {
        Self {
            namespace,
            code,
            reason,
        }
    }

    fn envelope(&self, related: &str) -> String {
        let Self {
            namespace,
            code,
            reason,
        } = self;
        // SOAP's own code stands alone; others stand below the one that says whose fault it is.
        let code = if *namespace == SOAP {
            format!("<s:Value>s:{code}</s:Value>")
        } else {
            format!(
                r#"<s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:c="{namespace}">c:{code}</s:Value></s:Subcode>"#
            )
        };
        let body = format!(
            r#"<s:Fault><s:Code>{code}</s:Code><s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason></s:Fault>"#
        );
        envelope(&format!("{ADDRESSING}/soap/fault"), related, &body)
    }
}

/// The header that names the message that is answered, where its name has nothing that XML minds.
fn related(envelope: Node<'_, '_>) -> String {
    let header = child(envelope, SOAP, "Header");
    let id = header.and_then(|header| child(header, ADDRESSING, "MessageID"));
    let id = id.map(trimmed).unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":-._".contains(&byte);
    if id.is_empty() || !id.bytes().all(is_plain) {
        return String::new();
    }
    format!("<a:RelatesTo>{id}</a:RelatesTo>")
}

fn answer(token: &str, now: DateTime<Utc>, expires: DateTime<Utc>, related: &str) -> String {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let (created, expires) = (time(now), time(expires));
    let token = BASE64_STANDARD.encode(token);
    let body = [
        &*format!(
            r#"<t:RequestSecurityTokenResponseCollection xmlns:t="{TRUST}"><t:RequestSecurityTokenResponse>"#
        ),
        &format!(r#"<t:Lifetime><u:Created xmlns:u="{UTILITY}">{created}</u:Created>"#),
        &format!(r#"<u:Expires xmlns:u="{UTILITY}">{expires}</u:Expires></t:Lifetime>"#),
        &format!(
            r#"<p:AppliesTo xmlns:p="{POLICY}"><a:EndpointReference><a:Address>{REALM}</a:Address></a:EndpointReference></p:AppliesTo>"#
        ),
        &format!(
            r#"<t:RequestedSecurityToken><o:BinarySecurityToken xmlns:o="{SECURITY}" ValueType="{JWT}""#
        ),
        r#" EncodingType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary">"#,
        &token,
        r"</o:BinarySecurityToken></t:RequestedSecurityToken>",
        &format!("<t:TokenType>{JWT}</t:TokenType><t:RequestType>{TRUST}/Issue</t:RequestType>"),
        &format!("<t:KeyType>{TRUST}/Bearer</t:KeyType>"),
        r"</t:RequestSecurityTokenResponse></t:RequestSecurityTokenResponseCollection>",
    ];
    envelope(
        &format!("{TRUST}/RSTRC/IssueFinal"),
        related,
        &body.concat(),
    )
}

fn envelope(action: &str, related: &str, body: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}"><s:Header><a:Action s:mustUnderstand="1">{action}</a:Action>{related}</s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    )
}

fn soap(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/soap+xml; charset=utf-8"),
    );
    response
}
