//! What is made of an answer's body.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use test_support::OrFail as _;
use thumbprint_wstrust::{Answer, TokenError, read_answer};

use crate::site::{SECURITY, TRUST, answer, binary, envelope, fault, jwt};

const EXPIRES: &str = "2013-07-04T00:19:50.793Z";

fn read(text: &str) -> Result<Answer, TokenError> {
    read_answer(text.as_bytes())
}

fn problem(text: &str) -> String {
    read(text).err_or_fail().to_string()
}

/// Until when an answer's token is good.
fn expires(text: &str) -> Option<String> {
    let expires = read(text).or_fail().expires?;
    Some(expires.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

#[test]
fn the_vendors_answer_is_read() {
    let token = jwt(r#"{"upn":"ana@contoso.com"}"#);
    let answer = read(&answer(&binary(&token))).or_fail();
    assert_eq!(answer.token.expose(), token);
    assert_eq!(answer.expires, Some(EXPIRES.parse().or_fail()));
}

#[test]
fn other_prefixes_comments_lines_and_a_lone_response_are_the_same() {
    let token = jwt("{}");
    let vendor = answer(&binary(&token));
    let prefixes = [
        ("s", "soap12"),
        ("trust", "T"),
        ("o", "trust"),
        ("wsu", "s"),
    ];
    let renamed = prefixes.iter().fold(vendor.clone(), |text, (from, to)| {
        let places = ["<", "</", " ", "xmlns:"];
        places.iter().fold(text, |text, place| {
            let end = if *place == "xmlns:" { "=" } else { ":" };
            text.replace(&format!("{place}{from}{end}"), &format!("{place}{to}{end}"))
        })
    });
    assert!(renamed.contains("<T:RequestedSecurityToken><trust:BinarySecurityToken xmlns:trust="));
    let unprefixed = vendor
        .replace("<trust:", "<")
        .replace("</trust:", "</")
        .replace("xmlns:trust=", "xmlns=");
    let base64 = BASE64_STANDARD.encode(&token);
    let (left, right) = base64.split_at(20);
    let lines = vendor.replace(&base64, &format!("\r\n  {left}\n\t{right}\n"));
    let bare = base64.trim_end_matches('=');
    let commented = vendor.replace(&base64, &format!("{left}<!-- x --><![CDATA[{right}]]>"));
    let collection = "trust:RequestSecurityTokenResponseCollection";
    let alone = vendor
        .replace(&format!("<{collection} xmlns"), "<x xmlns")
        .replace(&format!("<x xmlns:trust=\"{TRUST}\">"), "")
        .replace(&format!("</{collection}>"), "")
        .replacen(
            "<s:Envelope",
            &format!("<s:Envelope xmlns:trust=\"{TRUST}\""),
            1,
        );
    for text in [
        renamed,
        unprefixed,
        lines,
        commented,
        alone,
        vendor.replace(&base64, bare),
        format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{vendor}\n"),
        vendor.replace("ValueType='urn:ietf:params:oauth:token-type:jwt'", ""),
        vendor.replace(
            "EncodingType='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary'",
            "",
        ),
    ] {
        let read = read(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(read.token.expose(), token);
        assert_eq!(read.expires, Some(EXPIRES.parse().or_fail()));
    }
}

#[test]
fn the_earlier_of_both_ends_counts() {
    let with = |claims: &str| answer(&binary(jwt(claims)));
    // 2013-07-04T00:00:00Z and 2013-07-05T00:00:00Z.
    for (text, expected) in [
        (with(r#"{"exp":1372896000}"#), Some("2013-07-04T00:00:00Z")),
        (
            with(r#"{"exp":1372896000.9}"#),
            Some("2013-07-04T00:00:00Z"),
        ),
        (with(r#"{"exp":1372982400}"#), Some(EXPIRES)),
        (with("{}"), Some(EXPIRES)),
        (with(r#"{"exp":null}"#), Some(EXPIRES)),
        (with(r#"{"exp":"1372896000"}"#), Some(EXPIRES)),
        (with(r#"{"exp":1e300}"#), Some(EXPIRES)),
        (with("[]"), Some(EXPIRES)),
        (with("no JSON"), Some(EXPIRES)),
        (with("{}").replace("wsu:Expires", "wsu:Other"), None),
        (with("{}").replace(EXPIRES, "soon"), None),
        (
            with(r#"{"exp":1372896000}"#).replace(EXPIRES, "soon"),
            Some("2013-07-04T00:00:00Z"),
        ),
        (
            with("{}").replace(EXPIRES, "2013-07-04T02:19:50+02:00"),
            Some("2013-07-04T00:19:50Z"),
        ),
        (
            with("{}").replace(EXPIRES, "2013-07-04T00:19:50"),
            Some("2013-07-04T00:19:50Z"),
        ),
        (
            with("{}").replace(
                "<trust:Lifetime>",
                "<trust:Lifetime xmlns:trust='urn:other'>",
            ),
            None,
        ),
    ] {
        assert_eq!(expires(&text).as_deref(), expected, "{text}");
    }
}

#[test]
fn an_encrypted_token_is_taken_as_it_is() {
    let token = "eyJhbGciOiJSU0EtT0FFUCJ9..AxY8.KDlT.X0NN";
    let answer = read(&answer(&binary(token))).or_fail();
    assert_eq!(answer.token.expose(), token);
}

#[test]
fn parts_that_are_missing_or_wrong_are_named() {
    let vendor = answer(&binary(jwt("{}")));
    let renamed = |from: &str, to: &str| vendor.replace(from, to);
    let base64 = |text: &str| answer(&binary("x").replace(&BASE64_STANDARD.encode("x"), text));
    let two = format!("{0}{0}", binary(jwt("{}")));
    let response = "trust:RequestSecurityTokenResponse>";
    let (_, from) = vendor.split_once(&format!("<{response}")).or_fail();
    let (one, _) = from.split_once(&format!("</{response}")).or_fail();
    let several = vendor.replace(
        &format!("</{response}"),
        &format!("</{response}<{response}{one}</{response}"),
    );
    let rows = [
        (
            renamed("s:Body", "s:Bodies"),
            "no SOAP envelope with one body",
        ),
        (
            renamed("<s:Body>", "<s:Body/><s:Body>"),
            "no SOAP envelope with one body",
        ),
        (
            renamed("s:Envelope", "s:Other"),
            "no SOAP envelope with one body",
        ),
        (
            renamed("2003/05/soap-envelope", "2003/05/soap"),
            "no SOAP envelope with one body",
        ),
        (
            renamed(
                "http://www.w3.org/2003/05/soap-envelope",
                "http://schemas.xmlsoap.org/soap/envelope/",
            ),
            "SOAP 1.1",
        ),
        (
            renamed("ws-trust/200512\">", "ws-trust/200802\">"),
            "no answer of WS-Trust 1.3",
        ),
        (
            renamed("TokenResponse>", "Token>"),
            "no answer of WS-Trust 1.3",
        ),
        (envelope(""), "no answer of WS-Trust 1.3"),
        (several, "it has several"),
        (renamed("RequestedSecurityToken", "Requested"), "is missing"),
        (answer(""), "has none, or several"),
        (answer("text"), "has none, or several"),
        (answer(&two), "has none, or several"),
        (
            answer("<Assertion xmlns='urn:oasis:names:tc:SAML:2.0:assertion'/>"),
            "is no JWT; in AD FS",
        ),
        (
            renamed("o:BinarySecurityToken", "o:Binary"),
            "is no JWT; in AD FS",
        ),
        (renamed(SECURITY, "urn:other"), "is no JWT; in AD FS"),
        (
            renamed(
                "ValueType='urn:ietf:params:oauth:token-type:jwt'",
                "ValueType='urn:x'",
            ),
            "is no JWT; in AD FS",
        ),
        (renamed("#Base64Binary", "#HexBinary"), "not in base64"),
        (base64("%%%"), "not in base64"),
        (base64("AAAAA"), "not in base64"),
        (base64(""), "does not look like a JWT"),
        (base64(r#"{"accessToken":"a.b.c"}"#), "is JSON"),
        (base64("'YS5iLmM='"), "is in quotes"),
        (answer(&binary(r#"{"access_token":"a.b.c"}"#)), "is JSON"),
        (answer(&binary("\"a.b.c\"")), "is in quotes"),
        (answer(&binary([0xff, 0xfe, b'.', b'.'])), "not UTF-8"),
        // As one sample in the wild reads it.
        (
            answer(&binary(
                jwt("{}")
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect::<Vec<_>>(),
            )),
            "does not look like a JWT",
        ),
        (answer(&binary("two.parts")), "does not look like a JWT"),
        (answer(&binary("six.p.a.r.t.s")), "does not look like a JWT"),
        (answer(&binary("a.b.c d")), "does not look like a JWT"),
        (answer(&binary(".b.c")), "does not look like a JWT"),
        (answer(&binary("a..c")), "does not look like a JWT"),
        (
            answer(&binary("a.b.c\r\nx-evil: 1")),
            "does not look like a JWT",
        ),
        (String::new(), "it ends too early"),
        (
            "<html><body>Sign in<br></body></html>".to_owned(),
            "it is not well-formed",
        ),
        ("{\"token\":1}".to_owned(), "it is not well-formed"),
    ];
    for (text, expected) in rows {
        let problem = problem(&text);
        assert!(
            problem.contains(expected),
            "{expected:?} is not in {problem:?}"
        );
        assert!(read(&text).err_or_fail().is_unexpected_answer());
    }
    assert!(
        read_answer(b"<a>\xff</a>")
            .err_or_fail()
            .to_string()
            .contains("not UTF-8")
    );
}

#[test]
fn no_prefix_of_an_answer_is_one() {
    let vendor = answer(&binary(jwt("{}")));
    for end in 0..vendor.len() {
        assert!(read(&vendor[..end]).is_err(), "{end}");
    }
}

#[test]
fn what_a_fault_means_is_told_by_its_code() {
    type Predicate = fn(&TokenError) -> bool;
    let predicates: [Predicate; 3] = [
        TokenError::is_wrong_password,
        TokenError::is_unknown_audience,
        TokenError::is_clock,
    ];
    for (namespace, code, expected) in [
        (SECURITY, "FailedAuthentication", [true, false, false]),
        (TRUST, "FailedAuthentication", [true, false, false]),
        ("urn:x", "FailedAuthentication", [false; 3]),
        (TRUST, "InvalidScope", [false, true, false]),
        (SECURITY, "InvalidScope", [false; 3]),
        (SECURITY, "MessageExpired", [false, false, true]),
        (TRUST, "RequestFailed", [false; 3]),
        (SECURITY, "InvalidSecurity", [false; 3]),
    ] {
        let error = read(&fault(namespace, code, "ID3242: The reason.")).err_or_fail();
        assert_eq!(
            predicates.map(|is| is(&error)),
            expected,
            "{namespace} {code}"
        );
        assert_eq!(
            (error.code(), error.reason()),
            (Some(code), Some("ID3242: The reason."))
        );
        assert!(!error.is_unexpected_answer());
        let said = error.to_string();
        assert!(
            said.ends_with(&format!(": {code}: ID3242: The reason.")),
            "{said}"
        );
    }
}

#[test]
fn faults_that_lack_parts_are_faults_all_the_same() {
    let whole = fault(SECURITY, "FailedAuthentication", "Reason");
    let inner = whole.replace(
        "</s:Subcode>",
        "<s:Subcode><s:Value>unknown</s:Value></s:Subcode></s:Subcode>",
    );
    for (text, wrong_password, code) in [
        (inner, true, Some("unknown")),
        (whole.replace("x:Failed", "y:Failed"), false, Some("Sender")),
        (
            whole.replace("x:FailedAuthentication", "&lt;script&gt;"),
            false,
            Some("Sender"),
        ),
        (whole.replace("s:Subcode", "s:Other"), false, Some("Sender")),
        (
            whole.replace("s:Reason", "s:Other"),
            true,
            Some("FailedAuthentication"),
        ),
        (envelope("<s:Fault/>"), false, None),
    ] {
        let error = read(&text).err_or_fail();
        assert_eq!(
            (error.is_wrong_password(), error.code()),
            (wrong_password, code)
        );
        assert!(!error.is_unexpected_answer());
    }
}
