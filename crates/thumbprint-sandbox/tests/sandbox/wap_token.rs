//! The token endpoint, and operations that take only its tokens.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use test_support::{OrFail as _, TestClock};
use thumbprint_sandbox::Sandbox;

use crate::{
    client::{Answer, BEARER, Client, call},
    clock::builder,
    wap::{PRINCIPAL, message, sample},
};

const PATH: &str = "/wstrust/issue/usernamemixed";
const USER: &str = "canary@contoso.com";
const PASSWORD: &str = "canary-password";

/// What the vendor's stack sends, at the time at which every clock starts.
const REQUEST: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
<s:Header>
<a:Action s:mustUnderstand="1">http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue</a:Action>
<a:MessageID>urn:uuid:9c4d50ee-2d56-4cd3-8152-34347dc9f2b0</a:MessageID>
<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>
<a:To s:mustUnderstand="1">https://auth.contoso.com:30071/wstrust/issue/usernamemixed</a:To>
<o:Security s:mustUnderstand="1" xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
<u:Timestamp u:Id="_0"><u:Created>2023-11-20T10:11:12.123Z</u:Created><u:Expires>2023-11-20T10:16:12.123Z</u:Expires></u:Timestamp>
<o:UsernameToken u:Id="uuid-6a13a244-dac6-42c1-84c5-cbb345b0c4c4-1"><o:Username>canary@contoso.com</o:Username>
<o:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText">canary-password</o:Password></o:UsernameToken>
</o:Security></s:Header>
<s:Body><trust:RequestSecurityToken xmlns:trust="http://docs.oasis-open.org/ws-sx/ws-trust/200512">
<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"><wsa:EndpointReference xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>http://azureservices/TenantSite</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>
<trust:KeyType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer</trust:KeyType>
<trust:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue</trust:RequestType>
<trust:TokenType>urn:ietf:params:oauth:token-type:jwt</trust:TokenType>
</trust:RequestSecurityToken></s:Body></s:Envelope>"#;

async fn start() -> (Sandbox, Arc<TestClock>) {
    let (builder, clock) = builder();
    let builder = builder.wap_user(USER, PASSWORD).check_wap_tokens(true);
    (builder.start().await.or_fail(), clock)
}

async fn ask_as(sandbox: &Sandbox, media_type: &str, body: &str) -> Answer {
    let length = body.len().to_string();
    let headers = [("Content-Type", media_type), ("Content-Length", &length)];
    let mut client = Client::connect(sandbox).await;
    client.call("POST", PATH, &headers, body).await
}

async fn ask(sandbox: &Sandbox, body: &str) -> Answer {
    ask_as(sandbox, "application/soap+xml; charset=utf-8", body).await
}

fn text(answer: &Answer) -> String {
    assert_eq!(
        answer.header("Content-Type"),
        Some("application/soap+xml; charset=utf-8")
    );
    let text = String::from_utf8(answer.body.clone()).or_fail();
    // SOAP 1.2, section 5, and the schema of WS-Trust 1.3: beside elements there is white space and no text.
    let document = roxmltree::Document::parse(&text).or_fail();
    for node in document
        .descendants()
        .filter(|node| node.children().any(|child| child.is_element()))
    {
        let stray = node.children().filter(roxmltree::Node::is_text);
        let stray: String = stray.filter_map(|child| child.text()).collect();
        assert_eq!(stray.trim(), "", "{text}");
    }
    text
}

/// What stands between two marks that are there once.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("{from}: {text}"));
    let (inner, rest) = rest
        .split_once(to)
        .unwrap_or_else(|| panic!("{to}: {text}"));
    assert!(!rest.contains(from), "{text}");
    inner
}

fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = text(answer);
    let base64 = between(&text, "#Base64Binary\">", "</o:BinarySecurityToken>");
    String::from_utf8(BASE64_STANDARD.decode(base64).or_fail()).or_fail()
}

async fn get(sandbox: &Sandbox, token: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str()), PRINCIPAL];
    call(sandbox, "GET", &sample(), &headers).await
}

#[tokio::test]
async fn a_token_is_issued_and_taken_until_it_expires() {
    let (sandbox, clock) = start().await;
    let answer = ask(&sandbox, REQUEST).await;
    let token = token(&answer);
    let text = text(&answer);
    for expected in [
        "<a:RelatesTo>urn:uuid:9c4d50ee-2d56-4cd3-8152-34347dc9f2b0</a:RelatesTo>",
        ">http://docs.oasis-open.org/ws-sx/ws-trust/200512/RSTRC/IssueFinal</a:Action>",
        "<t:TokenType>urn:ietf:params:oauth:token-type:jwt</t:TokenType>",
        ">2023-11-20T10:11:12.123Z</u:Created>",
        ">2023-11-20T11:11:12.000Z</u:Expires>",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    let parts: Vec<_> = token
        .split('.')
        .map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).or_fail())
        .collect();
    let [head, claims, signature] = parts.as_slice() else {
        panic!("{token} has not three parts");
    };
    // RFC 7515, section 4.1.1, and RFC 7519, section 5.1; RFC 7518, section 3.2: of HS256 a signature has 256 bits.
    let head: Value = serde_json::from_slice(head).or_fail();
    assert_eq!(head, json!({ "typ": "JWT", "alg": "HS256" }));
    assert_eq!(signature.len(), 32);
    let claims: Value = serde_json::from_slice(claims).or_fail();
    // RFC 7519, sections 4.1.4 and 4.1.5: good from 2023-11-20T10:11:12Z on, and no longer an hour later.
    assert_eq!(
        (&claims["nbf"], &claims["exp"]),
        (&json!(1_700_475_072), &json!(1_700_478_672))
    );
    // RFC 7519, section 4.1, and the one by which the vendor's sites know a user. Nobody else knows any other.
    for name in claims.as_object().or_fail().keys() {
        let known = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "upn"];
        assert!(known.contains(&name.as_str()), "{name}");
    }
    assert_eq!(claims["upn"], USER);
    assert_eq!(claims["aud"], "http://azureservices/TenantSite");

    assert_eq!(get(&sandbox, &token).await.status, 200);
    clock.advance(Duration::from_secs(3599));
    assert_eq!(get(&sandbox, &token).await.status, 200);
    clock.advance(Duration::from_secs(1));
    let refused = get(&sandbox, &token).await;
    assert!(message(&refused, 401, "Unauthorized").contains("has expired"));
    assert_eq!(refused.header("WWW-Authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn unknown_tokens_are_taken_unless_they_are_checked() {
    let (sandbox, _) = start().await;
    let first = token(&ask(&sandbox, REQUEST).await);
    let second = token(&ask(&sandbox, REQUEST).await);
    assert_ne!(first, second);
    assert_eq!(get(&sandbox, &first).await.status, 200);
    let changed = format!("{first}x");
    for token in ["canary-token", &changed] {
        message(&get(&sandbox, token).await, 401, "Unauthorized");
    }
    // Batch has nothing to do with it.
    let target = "/certificates?api-version=2023-11-01.18.0";
    assert_eq!(call(&sandbox, "GET", target, &[BEARER]).await.status, 200);
    sandbox.forget_wap_tokens();
    for token in [&first, &second] {
        message(&get(&sandbox, token).await, 401, "Unauthorized");
    }

    let unchecked = builder().0.wap_user(USER, PASSWORD).start().await.or_fail();
    assert_eq!(get(&unchecked, "canary-token").await.status, 200);
}

#[tokio::test]
async fn a_lifetime_is_what_it_was_set_to() {
    let (builder, clock) = builder();
    for (seconds, at_once, later) in [(0, 401, 401), (2, 200, 401), (u64::MAX, 200, 200)] {
        let lifetime = std::time::Duration::from_secs(seconds);
        let builder = builder
            .clone()
            .wap_user(USER, PASSWORD)
            .check_wap_tokens(true);
        let sandbox = builder.wap_token_lifetime(lifetime).start().await.or_fail();
        let token = token(&ask(&sandbox, REQUEST).await);
        assert_eq!(get(&sandbox, &token).await.status, at_once, "{seconds}");
        clock.advance(Duration::from_secs(10));
        assert_eq!(get(&sandbox, &token).await.status, later, "{seconds}");
        clock.set_back(Duration::from_secs(10));
    }
}

const TRUST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

/// What is changed in the request, into what, and the fault that answers it.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    (
        "canary-password",
        "wrong-canary",
        SECURITY,
        "FailedAuthentication",
    ),
    (
        "canary-password",
        "CANARY-PASSWORD",
        SECURITY,
        "FailedAuthentication",
    ),
    ("canary-password<", "<", SECURITY, "FailedAuthentication"),
    (
        ">canary@",
        ">other-canary@",
        SECURITY,
        "FailedAuthentication",
    ),
    (">canary@", "> canary@", SECURITY, "FailedAuthentication"),
    (
        "#PasswordText",
        "#PasswordDigest",
        SECURITY,
        "UnsupportedSecurityToken",
    ),
    ("o:UsernameToken", "o:Other", SECURITY, "InvalidSecurity"),
    ("o:Username>", "o:Other>", SECURITY, "InvalidSecurity"),
    ("o:Password", "o:Other", SECURITY, "InvalidSecurity"),
    ("o:Security", "o:Other", SECURITY, "InvalidSecurity"),
    ("u:Timestamp", "u:Other", SECURITY, "InvalidSecurity"),
    (
        "2023-11-20T10:11:12.123Z",
        "yesterday",
        SECURITY,
        "InvalidSecurity",
    ),
    (
        "2023-11-20T10:11:12.123Z",
        "2023-11-20T10:16:13Z",
        SECURITY,
        "MessageExpired",
    ),
    (
        "2023-11-20T10:16:12.123Z",
        "2023-11-20T10:06:12Z",
        SECURITY,
        "MessageExpired",
    ),
    ("/RST/Issue", "/RST/Renew", ADDRESSING, "ActionNotSupported"),
    ("s:Header", "s:Other", ADDRESSING, "ActionNotSupported"),
    (
        "30071/wstrust/issue/usernamemixed",
        "30071/other",
        ADDRESSING,
        "DestinationUnreachable",
    ),
    ("200512/Issue<", "200512/Renew<", TRUST, "InvalidRequest"),
    ("200512/Bearer", "200512/PublicKey", TRUST, "InvalidRequest"),
    ("token-type:jwt", "token-type:saml", TRUST, "InvalidRequest"),
    ("trust:TokenType", "trust:Other", TRUST, "InvalidRequest"),
    (
        "trust:RequestSecurityToken",
        "trust:Other",
        TRUST,
        "InvalidRequest",
    ),
    ("s:Body", "s:Other", TRUST, "InvalidRequest"),
    (
        "azureservices/TenantSite",
        "azureservices/AdminSite",
        TRUST,
        "InvalidScope",
    ),
    ("wsp:AppliesTo", "wsp:Other", TRUST, "InvalidScope"),
];

#[tokio::test]
async fn what_is_wrong_with_a_message_is_told_by_a_fault() {
    let (sandbox, _) = start().await;
    for (from, to, namespace, code) in FAULTS {
        assert!(REQUEST.contains(from), "{from}");
        let answer = ask(&sandbox, &REQUEST.replace(from, to)).await;
        assert_eq!(answer.status, 500, "{from}");
        let text = text(&answer);
        let subcode = format!("<s:Subcode><s:Value xmlns:c=\"{namespace}\">c:{code}</s:Value>");
        assert!(text.contains(&subcode), "{code} is not in {text}");
        assert!(
            text.contains("<s:Value>s:Sender</s:Value>") && !text.contains("canary"),
            "{text}"
        );
    }
    let other = REQUEST.replace("2003/05/soap-envelope", "2003/05/soap");
    let text = text(&ask(&sandbox, &other).await);
    assert!(
        text.contains("<s:Code><s:Value>s:VersionMismatch</s:Value></s:Code>"),
        "{text}"
    );

    // Within the five minutes that clocks may differ by.
    for (from, to) in [
        ("2023-11-20T10:11:12.123Z", "2023-11-20T10:16:12Z"),
        ("2023-11-20T10:16:12.123Z", "2023-11-20T10:06:13Z"),
    ] {
        token(&ask(&sandbox, &REQUEST.replace(from, to)).await);
    }
}

#[tokio::test]
async fn without_users_nobody_gets_a_token() {
    for builder in [builder().0, builder().0.wap_user(USER, PASSWORD).empty()] {
        let sandbox = builder.start().await.or_fail();
        let answer = ask(&sandbox, REQUEST).await;
        assert!(text(&answer).contains("c:FailedAuthentication"));
    }
}

#[tokio::test]
async fn what_is_no_message_is_refused_by_http() {
    let (sandbox, _) = start().await;
    for (media_type, body, status) in [
        ("text/xml", REQUEST, 415),
        ("application/soap+xml", "", 400),
        ("application/soap+xml", "<a", 400),
        (
            "application/soap+xml",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            400,
        ),
    ] {
        let answer = ask_as(&sandbox, media_type, body).await;
        assert_eq!((answer.status, answer.body.len()), (status, 0), "{body}");
    }
    for method in ["GET", "PUT"] {
        let answer = call(&sandbox, method, PATH, &[]).await;
        assert_eq!((answer.status, answer.header("Allow")), (405, Some("POST")));
    }
    // No byte of this one is sent.
    let mut client = Client::connect(&sandbox).await;
    let headers = [
        ("Content-Type", "application/soap+xml"),
        ("Content-Length", "1048577"),
    ];
    assert_eq!(client.call("POST", PATH, &headers, "").await.status, 413);
    // Other paths below it are not the endpoint's.
    let answer = call(
        &sandbox,
        "POST",
        "/wstrust/issue",
        &[BEARER, ("Content-Length", "0")],
    )
    .await;
    assert_eq!(answer.status, 501);
}

#[tokio::test]
async fn an_identifier_that_could_be_markup_is_not_repeated() {
    let (sandbox, _) = start().await;
    let hostile = REQUEST.replace("9c4d50ee", "&lt;x/>canary");
    let answer = ask(&sandbox, &hostile).await;
    token(&answer);
    let text = text(&answer);
    assert!(
        !text.contains("RelatesTo") && !text.contains("canary"),
        "{text}"
    );
}

#[tokio::test]
async fn neither_the_journal_nor_the_settings_show_a_secret() {
    let (builder, _) = builder();
    let builder = builder.wap_user(USER, PASSWORD).check_wap_tokens(true);
    let settings = format!("{builder:?}");
    assert!(settings.contains("users: 1"), "{settings}");
    let sandbox = builder.start().await.or_fail();
    let token = token(&ask(&sandbox, REQUEST).await);
    get(&sandbox, &token).await;
    let exchanges = sandbox.exchanges();
    assert_eq!(exchanges.len(), 2);
    assert_eq!(exchanges[0].target, PATH);
    let text = format!("{settings} {exchanges:?} {sandbox:?}");
    for secret in [USER, PASSWORD, &token] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
