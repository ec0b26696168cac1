//! What must not be seen is seen nowhere: every secret and every identifying value of a call is a canary
//! that is searched for in `Debug`, `Display`, chains of sources and traces. Holds no row of the table but
//! its security habits. Must notice a derived `Debug`, an error that quotes what it refuses or where it
//! went, and a trace with a path in it.

use std::{
    error::Error as StdError,
    fmt::{self, Debug},
    io,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use conformance::{
    calls::THUMBPRINT,
    wire::{Answer, Recorder},
    world,
};
use serde_json::Value;
use thumbprint::{Credential, Error, Secret, ServiceError, Thumbprint, batch, wap};
use thumbprint_transport::{self as transport, Dialect, ErrorBody, Transport};
use thumbprint_wap::types::{LiveId, PrincipalId, SubscriptionId};
use tokio::net::TcpSocket;
use tracing::{
    Dispatch,
    subscriber::{DefaultGuard, NoSubscriber},
};
use tracing_subscriber::{filter::LevelFilter, fmt::format::FmtSpan};

const TOKEN: &str = "canary-token.eyJhbGciOiJub25lIn0";
const SUBSCRIPTION: &str = "CA4A2700-5ec2-4e7a-9c0d-5ab5c21b710e";
const PRINCIPAL: &str = "canary-principal@contoso.com";
const LIVE_ID: &str = "canary-live@contoso.com";
const BASE_PATH: &str = "/canary-path";
/// Stands in bodies and headers of answers.
const BODY: &str = "canary-body";

/// What is searched for, in lower case, and whose it is.
const CANARIES: [(&str, &str); 9] = [
    ("token", "canary-token"),
    ("token", "eyjhbgcioijub25lin0"),
    ("subscription", "ca4a2700"),
    ("subscription", "5ab5c21b710e"),
    ("principal", "canary-principal"),
    ("live id", "canary-live"),
    ("user info of the base URL", "canary-user"),
    ("body", BODY),
    ("refused value", "canary-value"),
];

/// Whose canaries a text shows.
fn leaks(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let found = CANARIES.iter().filter(|(_, canary)| text.contains(canary));
    found.map(|(name, _)| *name).collect()
}

/// Both forms of `Debug`.
fn debug(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

/// Every form of an error and of all its sources.
fn whole(error: &(dyn StdError + 'static)) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(|error| format!("{error}\n{error:#}\n{}\n", debug(&error)))
        .collect()
}

fn subject() -> Thumbprint {
    THUMBPRINT.parse().unwrap()
}

fn batch_at(url: &str) -> batch::Builder {
    batch::Client::builder(&format!("{url}{BASE_PATH}"), TOKEN).allow_loopback_http()
}

fn wap_at(url: &str) -> wap::Builder {
    let url = format!("{url}{BASE_PATH}");
    wap::Client::builder(&url, SUBSCRIPTION, PRINCIPAL, TOKEN).allow_loopback_http()
}

#[test]
fn the_search_finds_what_it_searches_for() {
    let planted = [
        TOKEN,
        SUBSCRIPTION,
        &PRINCIPAL.to_uppercase(),
        LIVE_ID,
        "https://canary-user:x@a",
        BODY,
        "canary-value",
    ];
    assert_eq!(leaks(&planted.concat()).len(), CANARIES.len());
    // These two have to be text for the wire.
    assert_eq!(
        leaks(&PrincipalId::from(PRINCIPAL.to_owned()).to_string()),
        ["principal"]
    );
    assert_eq!(
        leaks(&LiveId::from(LIVE_ID.to_owned()).to_string()),
        ["live id"]
    );
    // A derived Debug, as it would be if nobody had seen to it.
    assert_eq!(leaks(&debug(&[Some(BODY)])), ["body"]);
}

/// Everything that holds a secret, with the word that its `Debug` starts with.
fn objects() -> Vec<(&'static str, String)> {
    let url = "http://127.0.0.1:9";
    let thumbprint = subject();
    let account = batch_at(url).build().unwrap();
    let tenant = wap_at(url).build().unwrap();
    let base = Transport::builder(format!("{url}{BASE_PATH}"), TOKEN).allow_loopback_http();
    let subscription = SubscriptionId::try_from(SUBSCRIPTION).unwrap();
    let principal = PrincipalId::from(PRINCIPAL.to_owned());
    let live_id = LiveId::from(LIVE_ID.to_owned());
    #[expect(
        deprecated,
        reason = "the document says so, and it has to be tested all the same"
    )]
    let raw_cancel = account.raw().certificate_cancel_deletion();
    let raw_delete = tenant.raw().management_certificate_delete();
    let full = raw_delete
        .clone()
        .subscription_id(subscription.clone())
        .thumbprint_id(THUMBPRINT)
        .x_ms_principal_id(principal.clone())
        .x_ms_principal_liveid(live_id.clone());
    let delete = tenant.delete(&thumbprint).principal_live_id(LIVE_ID);
    vec![
        ("[redacted]", debug(&Secret::from(TOKEN))),
        ("Bearer", debug(&Credential::from(TOKEN))),
        ("Bearer", debug(&Credential::bearer(TOKEN.to_owned()))),
        ("Some", debug(&Some(Credential::from(TOKEN)))),
        ("Builder", debug(&base)),
        ("Transport", debug(&base.clone().build().unwrap())),
        ("Builder", debug(&batch_at(url))),
        ("Client", debug(&account)),
        ("Client", debug(account.raw())),
        (
            "CancelDeletion",
            debug(&account.cancel_deletion(&thumbprint)),
        ),
        (
            "CertificateCancelDeletion",
            debug(&raw_cancel.thumbprint(THUMBPRINT)),
        ),
        ("Builder", debug(&wap_at(url))),
        ("Client", debug(&tenant)),
        ("Client", debug(tenant.raw())),
        ("Delete", debug(&delete)),
        ("ManagementCertificateDelete", debug(&full)),
        (
            "ManagementCertificateDelete",
            debug(&raw_delete.subscription_id("canary-value")),
        ),
        ("SubscriptionId", debug(&subscription)),
        ("PrincipalId", debug(&principal)),
        ("LiveId", debug(&live_id)),
        ("[", debug(&[Some(principal)])),
    ]
}

#[test]
fn no_object_shows_a_secret() {
    for (starts_with, text) in objects() {
        assert!(text.starts_with(starts_with), "{text}");
        assert_eq!(leaks(&text), [""; 0], "{text}");
    }
}

/// A base path can name a customer or a site, so it is treated like the rest of a URL.
#[test]
fn no_object_shows_the_base_path() {
    let found: Vec<_> = objects()
        .into_iter()
        .filter(|(_, text)| text.contains("canary-path"))
        .map(|(name, text)| format!("{name}: {}", text.lines().next().unwrap_or_default()))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A user name and a password in a base URL are refused when the client is built. The builder holds them
/// until then.
#[test]
fn no_builder_shows_the_user_info_of_its_base_url() {
    let url = "https://canary-user:canary-user@a.example";
    for text in [
        debug(&Transport::builder(url, TOKEN)),
        debug(&batch::Client::builder(url, TOKEN)),
        debug(&wap::Client::builder(url, SUBSCRIPTION, PRINCIPAL, TOKEN)),
    ] {
        assert_eq!(leaks(&text), [""; 0], "{text}");
    }
}

/// An answer's headers can hold anything: cookies, and URLs with the subscription in them.
#[tokio::test]
async fn no_answer_shows_its_headers_or_its_body() {
    let url = format!("https://a.example/{BODY}/{SUBSCRIPTION}");
    let headers = [
        ("DataServiceId", url.as_str()),
        ("Set-Cookie", BODY),
        ("Location", &url),
    ];
    let server = Recorder::start([Answer::new(204, &headers, "")]).await;
    let account = batch_at(&server.base_url()).build().unwrap();
    let text = debug(&account.cancel_deletion(&subject()).await.unwrap());
    assert!(text.starts_with("DeletionCanceled"), "{text}");
    assert_eq!(leaks(&text), [""; 0], "{text}");

    let body = format!(r#"{{"Subject":"{BODY}","SubscriptionCertificateData":"Y2FuYXJ5"}}"#);
    let server = Recorder::start([Answer::new(200, &headers, body)]).await;
    let tenant = wap_at(&server.base_url()).build().unwrap();
    let text = debug(&tenant.delete(&subject()).await.unwrap());
    assert!(
        text.starts_with("Deleted") && text.contains("Certificate"),
        "{text}"
    );
    assert_eq!(leaks(&text), [""; 0], "{text}");
}

/// Answers that make every kind of error. What the service says for people to read, its message and its
/// details, is shown on purpose; everything else is not.
fn bad_answers() -> Vec<Answer> {
    let away = format!("https://elsewhere.example/{BODY}/{SUBSCRIPTION}?t={TOKEN}");
    let challenge = format!("Bearer realm=\"{BODY}\"");
    let headers = [
        ("Location", away.as_str()),
        ("WWW-Authenticate", &challenge),
        ("Set-Cookie", BODY),
        ("DataServiceId", &away),
    ];
    let also = |name, value| [&headers[..], &[(name, value)]].concat();
    let echo = format!("{BODY} {TOKEN} {SUBSCRIPTION} {PRINCIPAL} {LIVE_ID}");
    let mut answers = Vec::new();
    for status in [
        101, 200, 202, 300, 302, 307, 308, 400, 401, 403, 404, 409, 429, 500, 503, 600,
    ] {
        for body in [
            format!("<html>{echo}</html>"),
            format!("{{\"code\": \"{echo}"),
            format!("{{\"x\": \"{echo}\"}}"),
            format!("[\"{echo}\"]"),
            format!("<Fault>{echo}</Fault>"),
            echo.clone(),
        ] {
            answers.push(Answer::new(status, &headers, body));
        }
        let mut cut = Answer::head(status, &also("Content-Length", "9999"));
        cut.extend(echo.as_bytes());
        answers.push(Answer::Close(cut));
    }
    let unreadable = format!(r#"{{"TimeCreated": "{echo}"}}"#);
    let json = also("Content-Type", "application/json");
    let plain = r#"{"code": "C", "message": {"value": "plain"}}"#;
    answers.extend([
        Answer::new(200, &json, unreadable),
        Answer::new(200, &also("Content-Type", "text/html"), &echo),
        Answer::new(200, &also("Content-Encoding", "gzip"), &echo),
        Answer::new(204, &also("Content-Encoding", "gzip"), ""),
        Answer::new(200, &headers, echo.repeat(20_000)),
        Answer::new(404, &headers, echo.repeat(2_000)),
        Answer::new(409, &json, plain),
        Answer::Reset,
        Answer::Close(format!("HTTP/1.1 {echo}\r\n\r\n").into_bytes()),
        Answer::Stall(Vec::new()),
    ]);
    answers
}

/// What both operations make of an answer, as errors.
async fn errors_of(answer: &Answer) -> Vec<Error> {
    // Only an answer that never comes waits for it.
    let limit = match answer {
        Answer::Stall(_) => Duration::from_millis(150),
        _ => Duration::from_secs(30),
    };
    let server = Recorder::start([answer.clone()]).await;
    let url = server.base_url();
    let account = batch_at(&url).attempt_timeout(limit).build().unwrap();
    let tenant = wap_at(&url).attempt_timeout(limit).build().unwrap();
    let asked = subject();
    let canceled = account.cancel_deletion(&asked).await.err();
    let deleted = tenant.delete(&asked).principal_live_id(LIVE_ID).await.err();
    canceled.into_iter().chain(deleted).collect()
}

/// Values that are refused, each with a canary in it.
async fn refusals() -> Vec<Error> {
    let url = "http://127.0.0.1:9";
    let long = |canary: &str| canary.repeat(6000);
    let batch = |endpoint: &str| batch::Client::new(endpoint, TOKEN).err();
    let token = |token: &str| batch::Client::new("https://a.example", token).err();
    let wap = |subscription: &str, principal: &str| {
        let builder = wap::Client::builder(url, subscription, principal, TOKEN);
        builder.allow_loopback_http().build().err()
    };
    let asked = subject();
    let tenant = wap_at(url).build().unwrap();
    let account = batch_at(url).build().unwrap();
    let live_id = async |id: String| tenant.delete(&asked).principal_live_id(id).await.err();
    let request_id = async |id: String| tenant.delete(&asked).client_request_id(id).await.err();
    let refused = [
        batch("canary-value"),
        batch("canary-value://a.example"),
        batch("http://a.example/canary-value"),
        batch("https://a.example/canary-value?canary-value"),
        batch("https://a.example/#canary-value"),
        batch("https://a.example:99999/canary-value"),
        batch("https://[canary-value"),
        batch("https://canary-user@a.example"),
        batch("https://x:canary-user@a.example"),
        token(&format!("{TOKEN}\n")),
        token(&format!("Bearer {TOKEN}")),
        token(&format!("{TOKEN}\u{e9}")),
        token(&long(TOKEN)),
        wap(&format!("{{{SUBSCRIPTION}}}"), PRINCIPAL),
        wap(&SUBSCRIPTION.replace('-', ""), PRINCIPAL),
        wap("canary-value", PRINCIPAL),
        wap(SUBSCRIPTION, &format!("{PRINCIPAL}\r\nx: y")),
        wap(SUBSCRIPTION, &format!(" {PRINCIPAL}")),
        wap(SUBSCRIPTION, &long(PRINCIPAL)),
        batch_at(url).api_version("canary-value").build().err(),
        live_id(format!("{LIVE_ID}\n")).await,
        live_id(long(LIVE_ID)).await,
        request_id("canary-value\u{0}".to_owned()).await,
        request_id(long("canary-value")).await,
        account
            .cancel_deletion(&asked)
            .timeout(Duration::ZERO)
            .await
            .err(),
        account
            .cancel_deletion(&asked)
            .deadline(Duration::ZERO)
            .await
            .err(),
        tenant.delete(&asked).deadline(Duration::ZERO).await.err(),
    ];
    let count = refused.len();
    let all: Vec<_> = refused.into_iter().flatten().collect();
    assert_eq!(all.len(), count, "a bad value was taken: {all:#?}");
    assert!(all.iter().all(Error::is_invalid_input));
    all
}

/// An API of which nothing is known.
fn dialect<E>() -> Dialect<E> {
    Dialect {
        describe: |_| ServiceError::default(),
        turned_away: &[],
    }
}

/// Errors that only the layers below the facade can make.
async fn errors_below() -> Vec<transport::Error> {
    let url = "http://127.0.0.1:9";
    let transport = Transport::builder(format!("{url}{BASE_PATH}"), TOKEN);
    let transport = transport.allow_loopback_http().build().unwrap();
    let elsewhere = format!("{url}/canary-value/{SUBSCRIPTION}");
    let request = transport.http().get(elsewhere).bearer_auth(TOKEN);
    let lost = transport.exec(request.build().unwrap(), None).await;
    let lost: progenitor_client::Error<ErrorBody<Value>> =
        progenitor_client::Error::UnexpectedResponse(lost);
    let mut errors = vec![transport::Error::from_client(lost, dialect())];

    let tenant = thumbprint_wap::Client::new(transport);
    let call = |subscription: &str, principal: &str| {
        tenant
            .management_certificate_delete()
            .subscription_id(subscription)
            .thumbprint_id(THUMBPRINT)
            .x_ms_principal_id(principal.to_owned())
            .send()
    };
    for (subscription, principal) in [
        ("canary-value", PRINCIPAL),
        (SUBSCRIPTION, "canary-principal\r\nx: y"),
    ] {
        let error = call(subscription, principal).await.unwrap_err();
        errors.push(transport::Error::from_client(error, dialect()));
    }
    errors
}

#[tokio::test]
async fn no_error_and_no_source_of_one_shows_a_secret_a_path_or_a_body() {
    let mut texts = Vec::new();
    for error in refusals().await {
        texts.push(whole(&error));
    }
    for error in errors_below().await {
        texts.push(whole(&error));
        texts.push(whole(&Error::from(error)));
    }
    for answer in bad_answers() {
        let errors = errors_of(&answer).await;
        assert!(!errors.is_empty(), "{answer:?} is not bad");
        texts.extend(errors.iter().map(|error| whole(error)));
    }
    // Bound and not listening: connecting is refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let account = batch_at(&url).build().unwrap();
    texts.push(whole(
        &account.cancel_deletion(&subject()).await.unwrap_err(),
    ));
    texts.push(whole(&"canary-value".parse::<Thumbprint>().unwrap_err()));
    texts.push(whole(
        &SubscriptionId::try_from("canary-value").unwrap_err(),
    ));

    for text in &texts {
        assert_eq!(leaks(text), [""; 0], "{text}");
        for part in ["canary-path", THUMBPRINT, "elsewhere.example"] {
            assert!(!text.contains(part), "{part} is in {text}");
        }
    }
    let all = texts.concat();
    for kind in [
        "Input",
        "Path",
        "Generated",
        "Connect",
        "Timeout",
        "Interrupted",
        "Service",
        "Redirect",
        "UnexpectedStatus",
        "UnexpectedContentType",
        "UnsupportedEncoding",
        "BodyTooLarge",
        "Decode",
    ] {
        assert!(
            all.contains(&format!("kind: {kind}")),
            "no error of the kind {kind} was made"
        );
    }
}

/// `raw()` is public, so its errors are printed as well.
#[tokio::test]
async fn no_error_of_the_generated_layer_shows_a_secret_or_a_path() {
    for status in [200, 202, 302, 400, 404, 409, 500, 503] {
        let server = Recorder::start([Answer::new(status, &[], "x")]).await;
        let url = server.base_url();
        let tenant = wap_at(&url).build().unwrap();
        let call = tenant.raw().management_certificate_delete();
        let call = call.subscription_id(SUBSCRIPTION).thumbprint_id(THUMBPRINT);
        let error = call.x_ms_principal_id(PRINCIPAL.to_owned()).send().await;
        let delete = whole(&error.unwrap_err());

        let account = batch_at(&url).build().unwrap();
        #[expect(
            deprecated,
            reason = "the document says so, and it has to be tested all the same"
        )]
        let call = account.raw().certificate_cancel_deletion();
        let cancel = whole(&call.thumbprint(THUMBPRINT).send().await.unwrap_err());

        for text in [delete, cancel] {
            assert_eq!(leaks(&text), [""; 0], "{status}: {text}");
            for part in ["canary-path", THUMBPRINT] {
                assert!(!text.contains(part), "{status}: {part} is in {text}");
            }
        }
    }
}

/// What a subscriber at the lowest level writes.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<u8>>>);

impl Trace {
    /// Captures everything on this thread for as long as the guard lives.
    fn start(&self) -> DefaultGuard {
        // With a single dispatcher, tracing asks only the thread that comes to an event first whether
        // anybody listens, and remembers the answer. That thread may be another test's.
        static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));
        LazyLock::force(&SECOND);
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_writer(move || writer.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        tracing::callsite::rebuild_interest_cache();
        guard
    }
}

impl io::Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0.lock().unwrap()))
    }
}

/// What calls of both operations write to the trace when they are answered like that.
async fn traced(answer: &Answer) -> String {
    let trace = Trace::default();
    let guard = trace.start();
    errors_of(answer).await;
    drop(guard);
    trace.to_string()
}

#[tokio::test]
async fn no_trace_shows_a_secret_a_path_or_a_body() {
    let successes = [
        Answer::new(204, &[("DataServiceId", BODY), ("Set-Cookie", BODY)], ""),
        Answer::new(
            200,
            &[("Set-Cookie", BODY)],
            format!(r#"{{"Subject":"{BODY}"}}"#),
        ),
    ];
    for answer in successes.into_iter().chain(bad_answers()) {
        let text = traced(&answer).await;
        assert_eq!(leaks(&text), [""; 0], "{text}");
        for part in ["canary-path", THUMBPRINT, "elsewhere.example"] {
            assert!(!text.contains(part), "{part} is in {text}");
        }
        for (_, operation) in world::operations() {
            for part in [&operation.id, &operation.path, &operation.method] {
                assert!(text.contains(part.as_str()), "{part} is not in {text:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_trace_says_how_each_call_ended() {
    for (answer, expected) in [
        (
            Answer::new(204, &[("request-id", "the-id")], ""),
            "status=204",
        ),
        (
            Answer::new(204, &[("request-id", "the-id")], ""),
            "request_id=\"the-id\"",
        ),
        (Answer::new(404, &[], ""), "status=404"),
        (Answer::Reset, "delivery=Unknown"),
        (Answer::Stall(Vec::new()), "delivery=Unknown"),
    ] {
        let text = traced(&answer).await;
        assert_eq!(
            text.matches(expected).count(),
            2,
            "{expected} is not twice in {text}"
        );
    }
}
