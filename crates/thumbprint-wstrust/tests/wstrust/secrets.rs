//! Nothing secret is seen: in no error, no debug output, no trace at the lowest level. The site does what it
//! can to bring it out, by repeating what it was sent.

use std::{error::Error as StdError, future::ready};

use test_support::{OrFail as _, RawServer, Received, Reply, Trace};
use thumbprint_transport::Credential;
use thumbprint_wstrust::{TokenError, read_answer};

use crate::site::{
    PASSWORD, SECURITY, Site, USER, answer, ask, binary, envelope, fault, http, jwt, soap,
};

/// Everything that an error says.
fn said(error: &TokenError) -> String {
    let mut text = format!(
        "{error} {error:?} {error:#?} {:?} {:?}",
        error.code(),
        error.reason()
    );
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text} {error} {error:?}");
        source = error.source();
    }
    text
}

/// Whether a text has something that it must not have.
fn leak(text: &str, token: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let (head, rest) = token.split_once('.').or_fail();
    [
        USER,
        PASSWORD,
        token,
        head,
        rest,
        "canary",
        "envelope",
        "requestsecurity",
        "<s:",
        "mustunderstand",
    ]
    .into_iter()
    .find(|secret| lower.contains(&secret.to_lowercase()))
    .map(|secret| format!("{secret} is in {text}"))
}

type Echo = Box<dyn Fn(&Received) -> Vec<u8> + Send + Sync>;

/// Sites that repeat what they are sent in every place that they have.
fn echoes(token: &str) -> Vec<Echo> {
    let both = format!("{USER} {PASSWORD}");
    let reasons = [
        format!("The user {USER} is not known."),
        format!("The password {PASSWORD} is wrong."),
        format!("The password {} is wrong.", PASSWORD.to_uppercase()),
        format!("first line\n{both}"),
        // Without the tab it is whole.
        format!("The password {} is wrong.", PASSWORD.replace('-', "&#9;-")),
        format!("{}{both}", "x".repeat(395)),
    ];
    let mut answers: Vec<_> = reasons
        .iter()
        .map(|reason| soap(500, &fault(SECURITY, "FailedAuthentication", reason)))
        .collect();
    answers.extend([
        soap(500, &fault(SECURITY, PASSWORD, "A reason.")),
        soap(500, &fault(&both, "X", "A reason.")),
        http(200, &both, &both),
        http(404, "text/html", &both),
        soap(200, &both),
        soap(200, &format!("<{PASSWORD}>&{PASSWORD};</{PASSWORD}>")),
        soap(200, &format!("<{PASSWORD}:x/>")),
        soap(
            200,
            &envelope(&format!("<{PASSWORD} canary='canary'>{token}</{PASSWORD}>")),
        ),
        soap(200, &answer(&format!("<canary>{token}</canary>"))),
        soap(200, &answer(&binary(format!("{token} {both}")))),
        soap(200, &answer(&binary([token.as_bytes(), &[0xff]].concat()))),
        soap(200, &answer(&binary(token)).replace("#Base64Binary", &both)),
        soap(500, &answer(&binary(token))),
        format!("HTTP/1.1 302 {PASSWORD}\r\nlocation: http://127.0.0.1/{PASSWORD}\r\n\r\n")
            .into_bytes(),
        format!("HTTP/1.1 200 -\r\ncontent-encoding: {PASSWORD}\r\n\r\n{both}").into_bytes(),
        format!("HTTP/1.1 200 -\r\n{PASSWORD}: {both}\r\ncontent-length: 9999\r\n\r\n{both}")
            .into_bytes(),
        both.clone().into_bytes(),
        format!("HTTP/1.1 {PASSWORD}\r\n\r\n").into_bytes(),
        Vec::new(),
    ]);
    let mut sites: Vec<Echo> = Vec::new();
    for answer in answers {
        sites.push(Box::new(move |_| answer.clone()));
    }
    // The request itself.
    sites.push(Box::new(|request| soap(200, request.text())));
    sites.push(Box::new(|request| http(200, "text/plain", request.text())));
    sites.push(Box::new(|request| soap(200, &request.text()[..600])));
    sites.push(Box::new(|request| {
        let escaped = request.text().replace('&', "&amp;").replace('<', "&lt;");
        soap(500, &fault(SECURITY, "FailedAuthentication", &escaped))
    }));
    sites
}

#[tokio::test]
async fn no_error_and_no_trace_shows_a_secret() {
    let token = jwt(r#"{"sub":"somebody"}"#);
    for (row, site) in echoes(&token).into_iter().enumerate() {
        let reply = move |request| ready(Some(Reply::Close(site(&request))));
        let site = Site::of(RawServer::serving(reply).await);
        let trace = Trace::default();
        let guard = trace.start();
        let error = ask(&site.builder().build().or_fail()).await.err_or_fail();
        drop(guard);
        assert_eq!(leak(&said(&error), &token), None, "row {row}");
        let text = trace.to_string();
        assert!(text.contains("token request"), "{text}");
        assert_eq!(leak(&text, &token), None, "row {row}");
        assert_eq!(site.server.received().len(), 1);
        assert!(site.server.received()[0].text().contains(PASSWORD));
    }
}

#[tokio::test]
async fn no_trace_of_a_success_shows_a_secret() {
    let token = jwt(r#"{"sub":"somebody"}"#);
    let site = Site::start(soap(200, &answer(&binary(&token)))).await;
    let trace = Trace::default();
    let guard = trace.start();
    ask(&site.builder().build().or_fail()).await.or_fail();
    drop(guard);
    let text = trace.to_string();
    assert!(
        text.contains("token request status=200 milliseconds="),
        "{text}"
    );
    assert_eq!(leak(&text, &token), None);
}

#[tokio::test]
async fn nothing_that_holds_a_secret_shows_it() {
    let site = Site::start("").await;
    let builder = site.builder();
    let source = builder.clone().build().or_fail();
    let credential = Credential::from(source.clone());
    let token = jwt("{}");
    let answer = read_answer(answer(&binary(&token)).as_bytes()).or_fail();
    let text = format!("{builder:?} {source:#?} {credential:?} {answer:?}");
    assert_eq!(leak(&text, &token), None);
}

#[tokio::test]
async fn a_reason_that_repeats_nothing_is_kept() {
    let site = Site::start(soap(
        500,
        &fault(SECURITY, "FailedAuthentication", "ID3242: Refused."),
    ))
    .await;
    let error = ask(&site.builder().build().or_fail()).await.err_or_fail();
    assert_eq!(error.reason(), Some("ID3242: Refused."));
    let site = Site::start(soap(500, &fault(SECURITY, "FailedAuthentication", USER))).await;
    let error = ask(&site.builder().build().or_fail()).await.err_or_fail();
    assert_eq!(
        (error.reason(), error.code()),
        (None, Some("FailedAuthentication"))
    );
    assert!(
        error.to_string().contains("its reason is left out"),
        "{error}"
    );
}

/// In any form: the same search as for what services say.
#[tokio::test]
async fn a_reason_that_repeats_a_secret_in_another_form_is_left_out() {
    let each = |text: &str, form: fn(u32) -> String| -> String {
        text.chars().map(|c| form(u32::from(c))).collect()
    };
    for secret in [USER, PASSWORD] {
        for repeated in [
            each(secret, |code| format!("%{code:02x}")),
            each(secret, |code| format!("\\u{code:04x}")),
            each(secret, |code| format!("\\\\u{code:04X}")),
            each(secret, |code| format!("&#{code};&#8203;")),
            each(secret, |code| format!("&amp;#{code};")),
        ] {
            let reason = format!("The value {repeated} is wrong.");
            let site = Site::start(soap(500, &fault(SECURITY, "X", &reason))).await;
            let error = ask(&site.builder().build().or_fail()).await.err_or_fail();
            assert_eq!(error.reason(), None, "{reason}");
            assert!(error.to_string().contains("is left out"), "{error}");
        }
    }
}
