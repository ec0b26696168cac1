//! A server that repeats what it was sent: each secret in each place of an answer that is shown, in each form.
//! Must notice a place that is shown or traced as it came, a secret that the document marks and the runtime does
//! not know, and a form in which one is not recognised.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use conformance::calls::{self, ALL, Call, Clients};
use serde_json::json;
use test_support::{OrFail as _, RawServer, Reply, Trace, is_long};
use thumbprint::Error;
use thumbprint_batch::types::BatchError;

use super::{
    LIVE_ID, PASSWORD, PFX, PRINCIPAL, SOURCE_TOKEN, SUBSCRIPTION, TOKEN, batch_with, debug,
    errors::errors_of, shared_key, subject, whole,
};
use crate::credentials::{HOUR, Source, Step};

/// A secret, and what its call's operation id starts with.
fn secrets() -> [(&'static str, String); 6] {
    [
        ("", TOKEN.to_owned()),
        ("Certificate_Add", BASE64_STANDARD.encode(PFX)),
        ("Certificate_Add", PASSWORD.to_owned()),
        ("ManagementCertificate", SUBSCRIPTION.to_owned()),
        ("ManagementCertificate", PRINCIPAL.to_owned()),
        ("ManagementCertificate", LIVE_ID.to_owned()),
    ]
}

fn each(text: &str, form: impl Fn(char) -> String) -> String {
    text.chars().map(form).collect()
}

/// A text with something between its characters.
fn cut(text: &str, between: &str) -> String {
    let characters: Vec<_> = text.chars().map(String::from).collect();
    characters.join(between)
}

/// The forms in which a server repeats a text. Those that can stand in a header come first.
fn forms(text: &str) -> Vec<String> {
    let percent = |text: &str| each(text, |c| format!("%{:02X}", u32::from(c)));
    let reserved = |text: &str| {
        each(text, |c| match c {
            c if c.is_alphanumeric() || "-._".contains(c) => c.to_string(),
            c => format!("%{:02x}", u32::from(c)),
        })
    };
    let json = |text: &str| each(text, |c| format!("\\u{:04x}", u32::from(c)));
    vec![
        text.to_owned(),
        text.to_uppercase(),
        percent(text),
        reserved(text),
        percent(&percent(text)),
        json(text),
        json(text).replace('\\', "\\\\"),
        json(&percent(text)),
        each(text, |c| format!("&#{};", u32::from(c))),
        cut(text, "\u{200b}"),
        cut(text, "\u{feff}\u{2060}"),
        cut(text, "\u{ad}"),
        cut(&percent(text), "\u{200d}"),
    ]
}

const HEADER_FORMS: usize = 9;

/// Where an answer shows a text, and how an error gives it.
type Place = (&'static str, fn(&str) -> Reply, fn(&Error) -> Option<&str>);

fn json_error(code: &str, message: &str, name: &str, value: &str) -> Reply {
    let body = json!({
        "code": code, "Code": code,
        "message": {"value": message}, "Message": message,
        "values": [{"key": name, "value": value}], "Details": [{"Code": name, "Message": value}],
    });
    Reply::json(400, body)
}

fn with_header(status: u16, name: &str, value: &str) -> Reply {
    Reply::new(status, &[(name, value)], r#"{"code":"C","Code":"C"}"#)
}

/// Those of a body.
const BODY_PLACES: [Place; 9] = [
    ("code", |echo| json_error(echo, "M", "n", "v"), Error::code),
    (
        "message",
        |echo| json_error("C", echo, "n", "v"),
        Error::message,
    ),
    (
        "message that is plain text",
        |echo| Reply::json(500, json!({"message": echo})),
        Error::message,
    ),
    (
        "name of a detail",
        |echo| json_error("C", "M", echo, "v"),
        |error| Some(&error.details().first()?.0),
    ),
    (
        "value of a detail",
        |echo| json_error("C", "M", "n", echo),
        |error| Some(&error.details().first()?.1),
    ),
    (
        "XML",
        |echo| {
            let body = format!("<E><Code>C</Code><Message>{echo}</Message></E>");
            Reply::new(409, &[("Content-Type", "application/xml")], body)
        },
        Error::message,
    ),
    (
        "title of a page",
        |echo| {
            let page = format!("<html><title>{echo}</title></html>");
            Reply::new(502, &[("Content-Type", "text/html")], page)
        },
        |error| Some(&error.details().first()?.1),
    ),
    (
        "title of a page in place of an answer",
        |echo| {
            let page = format!("<html><title>{echo}</title></html>");
            Reply::new(200, &[("Content-Type", "text/html")], page)
        },
        |error| Some(&error.details().first()?.1),
    ),
    (
        "exception of Web API",
        |echo| Reply::json(500, json!({"ExceptionMessage": echo})),
        |error| Some(&error.details().first()?.1),
    ),
];

/// Those of the headers.
const HEADER_PLACES: [Place; 6] = [
    (
        "request id of a conflict",
        |echo| with_header(409, "request-id", echo),
        Error::request_id,
    ),
    (
        "request id of a gateway",
        |echo| with_header(503, "x-ms-request-id", echo),
        Error::request_id,
    ),
    (
        "request id of a redirection",
        |echo| with_header(302, "request-id", echo),
        Error::request_id,
    ),
    (
        "challenge",
        |echo| with_header(401, "WWW-Authenticate", echo),
        Error::challenge,
    ),
    // The next two are shown by `Display` alone.
    (
        "media type",
        |echo| with_header(200, "Content-Type", echo),
        |_| None,
    ),
    (
        "encoding",
        |echo| with_header(200, "Content-Encoding", echo),
        |_| None,
    ),
];

/// All that an error shows, also of what is not a line of it.
fn all(error: &Error) -> String {
    let more = (error.code(), error.message(), error.details());
    let more = (more, error.service(), error.request_id(), error.challenge());
    whole(error) + &debug(&more)
}

#[tokio::test]
async fn no_place_shows_a_secret_that_is_repeated_there_in_any_form() {
    let mut redacted = 0;
    for (of, secret) in secrets() {
        let forms = forms(&secret);
        let in_headers = HEADER_PLACES.iter().map(|place| (place, HEADER_FORMS));
        let in_bodies = BODY_PLACES.iter().map(|place| (place, forms.len()));
        for (index, (place, count)) in in_bodies.chain(in_headers).enumerate() {
            let (place, reply, given) = place;
            for (number, form) in forms[..count].iter().enumerate() {
                // The short form has each form in some places, and each place with some forms.
                if !is_long() && (index + number) % 4 > 0 {
                    continue;
                }
                let (before, after) = ("text before ", " after");
                let echo = format!("{before}{form}{after}");
                let trace = Trace::default();
                let guard = trace.start();
                let errors = errors_of(&reply(&echo)).await;
                drop(guard);
                let knows = |id: &str| id.starts_with(of);
                for error in &errors {
                    let row = format!("{place}: {form}");
                    let id = error.operation().or_fail().id;
                    let shown = all(error);
                    if !knows(id) {
                        // It is no secret of this call's. Of XML and HTML, references are read.
                        if form.contains("&#") {
                            continue;
                        }
                        assert_eq!(given(error), given(error).map(|_| &*echo), "{row}");
                        continue;
                    }
                    assert!(!shown.contains(form.as_str()), "{row}: {shown}");
                    let lower = shown.to_lowercase();
                    assert!(!lower.contains(&secret.to_lowercase()), "{row}: {shown}");
                    if let Some(text) = given(error) {
                        assert_eq!(text, format!("{before}[redacted]{after}"), "{row}");
                        redacted += 1;
                    }
                    // As it came.
                    let body = String::from_utf8_lossy(error.body().or_fail()).into_owned();
                    let headers = format!("{:?}", error.headers().or_fail());
                    let plain = *form == secret && !place.starts_with("message that");
                    assert!(!plain || (body + &headers).contains(&secret), "{row}");
                }
                let trace = trace.to_string();
                let lines = trace.lines().filter(|line| {
                    let mut words = line.split("operation=\"").skip(1);
                    words.any(|word| knows(word.split('"').next().unwrap_or_default()))
                });
                for line in lines {
                    assert!(!line.contains(form.as_str()), "{place}: {line}");
                }
            }
        }
    }
    let least = if is_long() { 2000 } else { 500 };
    assert!(redacted > least, "{redacted}");
}

/// What is shown of the media type and the encoding, to the letter.
#[tokio::test]
async fn a_media_type_and_an_encoding_are_shown_without_the_secret() {
    for (name, expected) in [
        ("Content-Type", "200 with content type \"text/[redacted]\""),
        (
            "Content-Encoding",
            "200 with content encoding \"text/[redacted]\"",
        ),
    ] {
        let errors = errors_of(&with_header(200, name, &format!("text/{TOKEN}"))).await;
        let shown = errors.iter().map(ToString::to_string);
        let shown: Vec<_> = shown.filter(|text| text.contains(expected)).collect();
        assert!(shown.len() >= 5, "{name}: {errors:?}");
    }
}

/// The typed body is the answer as it came: it says so.
#[tokio::test]
async fn a_typed_body_is_as_it_came() {
    let errors = errors_of(&json_error("C", TOKEN, "n", "v")).await;
    let body: BatchError = errors[0].body_as().or_fail();
    assert_eq!(body.message.or_fail().value.as_deref(), Some(TOKEN));
}

/// A success has its request id alone to show, and so has what cannot be read of it.
#[tokio::test]
async fn no_success_shows_a_secret_in_its_request_id() {
    let pfx = BASE64_STANDARD.encode(calls::PFX);
    for (of, secret) in [
        ("", calls::TOKEN),
        ("Certificate_Add", &*pfx),
        ("ManagementCertificate", calls::SUBSCRIPTION),
        ("ManagementCertificate", calls::PRINCIPAL),
    ] {
        for form in &forms(secret)[..HEADER_FORMS] {
            for call in ALL.iter().filter(|call| call.operation.starts_with(of)) {
                for name in ["request-id", "x-ms-request-id"] {
                    for body in [call.body(), "{\"unfinished".to_owned()] {
                        let reply = call.answer(&[(name, form)], &body);
                        check_success(call, reply, form).await;
                    }
                }
            }
        }
    }
}

async fn check_success(call: &Call, reply: Reply, form: &str) {
    let row = format!("{} {form}", call.operation);
    let server = RawServer::start([reply]).await;
    let trace = Trace::default();
    let guard = trace.start();
    let shown = match (call.run)(Clients::at(&server.base_url()), None).await {
        Ok((_, shown)) => shown,
        Err(error) => all(&error),
    };
    drop(guard);
    for text in [shown, trace.to_string()] {
        assert!(!text.contains(form), "{row}: {text}");
        assert!(text.contains("[redacted]"), "{row}: {text}");
    }
}

/// The answers of a call that takes several attempts, the last of which is taken for a success.
#[tokio::test]
async fn an_inferred_success_shows_no_secret() {
    let refused = json!({"code": "CertificateStateActive"}).to_string();
    let server = RawServer::start([
        Reply::new(500, &[("request-id", TOKEN)], ""),
        Reply::new(409, &[("request-id", TOKEN)], refused),
    ])
    .await;
    let trace = Trace::default();
    let guard = trace.start();
    let account = batch_with(&server.base_url(), TOKEN).build().or_fail();
    let asked = subject();
    let call = account.cancel_deletion(&asked).retry_ambiguous(true);
    let answer = call.await.or_fail();
    drop(guard);
    assert!(answer.is_inferred());
    assert_eq!(answer.request_id(), Some("[redacted]"));
    let shown = debug(&answer);
    for text in [shown, trace.to_string()] {
        assert!(!text.contains(TOKEN), "{text}");
        assert!(text.contains("[redacted]"), "{text}");
    }
}

/// The signature covers the time, which stands still here: the second call is signed as the first one.
#[tokio::test]
async fn no_error_shows_the_signature_of_its_request() {
    let server = RawServer::start([Reply::new(204, &[], "")]).await;
    let account = batch_with(&server.base_url(), shared_key());
    let account = account.build().or_fail();
    account.cancel_deletion(&subject()).await.or_fail();
    let sent = server.only().header("authorization").or_fail().to_owned();
    let (_, signature) = sent.rsplit_once(':').or_fail();
    for echo in forms(signature).iter().chain([&sent]) {
        server.answer([json_error("C", echo, "n", "v")]);
        let error = account.cancel_deletion(&subject()).await.err_or_fail();
        let again = server.received().pop().or_fail();
        assert_eq!(again.header("authorization"), Some(&*sent));
        assert!(error.message().or_fail().ends_with("[redacted]"), "{error}");
        assert!(!all(&error).contains(echo), "{echo}: {error:?}");
    }
}

/// What an error is, the service's own words decide, not what is shown of them.
#[tokio::test]
async fn a_secret_does_not_change_what_an_error_is() {
    let server = RawServer::start([json_error("AuthenticationFailed", "M", "n", "v")]).await;
    let account = batch_with(&server.base_url(), "AuthenticationFailed");
    let error = account.build().or_fail().cancel_deletion(&subject()).await;
    let error = error.err_or_fail();
    assert_eq!(error.code(), Some("[redacted]"));
    assert!(error.is_unauthenticated(), "{error}");
}

/// Services shorten a token, or quote the part of a JWT that they mean.
#[tokio::test]
async fn parts_of_a_token_are_secret() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJ1cG4iOiJhbmFAY29udG9zby5jb20ifQ.c2lnbmF0dXJlLW9mLWl0";
    let parts = token.split('.');
    for echo in parts.chain([&token[..20], &token[..60]]) {
        let message = format!("token {echo} is not valid");
        let server = RawServer::start([json_error("C", &message, "n", "v")]).await;
        let account = batch_with(&server.base_url(), token).build().or_fail();
        let error = account.cancel_deletion(&subject()).await.err_or_fail();
        assert_eq!(
            error.message(),
            Some("token [redacted] is not valid"),
            "{echo}"
        );
    }
}

/// The service was sent both.
#[tokio::test]
async fn no_error_shows_the_token_of_an_earlier_attempt() {
    let [old, new] = ["1", "2"].map(|number| format!("{SOURCE_TOKEN}.{number}"));
    let message = format!("neither {old} nor {new}");
    let server = RawServer::start([
        Reply::new(204, &[], ""),
        Reply::new(401, &[], ""),
        Reply::json(401, json!({"code": "C", "message": {"value": message}})),
    ])
    .await;
    let steps = [&old, &new].map(|token| Step::Give(token.clone(), HOUR));
    let account = batch_with(&server.base_url(), Source::new(steps).credential());
    let account = account.build().or_fail();
    account.cancel_deletion(&subject()).await.or_fail();
    let error = account.cancel_deletion(&subject()).await.err_or_fail();
    assert_eq!(error.attempts(), 2);
    assert_eq!(error.message(), Some("neither [redacted] nor [redacted]"));
}
