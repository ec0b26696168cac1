//! Calls that take several attempts, or a credential that has to be fetched or computed. Must notice an
//! event that shows what an attempt sent, an error that quotes a token, a key or what was signed, and an
//! event or a span that lacks one of its fields.

use std::{sync::Arc, time::Duration};

use futures_util::TryStreamExt as _;
use test_support::{FixedJitter, OrFail as _, RawServer, Reply, TestClock, Trace};
use thumbprint::{Credential, Error, batch, wap};

use super::{
    BODY, LIVE_ID, PRINCIPAL, SOURCE_TOKEN, SUBSCRIPTION, TOKEN, assert_clean,
    assert_trace_is_clean, batch_with, debug, live_id, pfx, shared_key, subject, whole,
};
use crate::credentials::{HOUR, MINUTE, Source, Step};

/// Headers that no trace shows, in every answer.
const HEADERS: [(&str, &str); 4] = [
    ("Set-Cookie", BODY),
    ("Location", "https://elsewhere.example/canary-body"),
    ("WWW-Authenticate", "Bearer realm=\"canary-body\""),
    ("Authentication-Info", "canary-source"),
];

/// An answer with a body that shows everything that the request held, beside a code.
fn refusal(status: u16, code: &str) -> Reply {
    let echo =
        format!("{BODY} {TOKEN} {SOURCE_TOKEN} {SUBSCRIPTION} {PRINCIPAL} {LIVE_ID} canaryaccount");
    let body = format!(r#"{{"code":"{code}","Code":"{code}","innererror":"{echo}"}}"#);
    Reply::new(status, &HEADERS, body)
}

fn success(status: u16, body: &str) -> Reply {
    Reply::new(status, &HEADERS, body)
}

/// Where a call goes, and the clock that it goes by.
struct Place {
    server: RawServer,
    clock: Arc<TestClock>,
}

impl Place {
    async fn answering(answers: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            server: RawServer::start(answers).await,
            clock: TestClock::start(),
        }
    }

    fn account(&self, credential: impl Into<Credential>) -> batch::Client {
        let builder = batch_with(&self.server.base_url(), credential);
        builder.clock(self.clock.clone()).build().or_fail()
    }

    fn tenant(&self, credential: impl Into<Credential>) -> wap::Client {
        let url = format!("{}/canary-path", self.server.base_url());
        let builder = wap::Client::builder(&url, SUBSCRIPTION, PRINCIPAL, credential);
        let builder = builder.allow_loopback_http().clock(self.clock.clone());
        builder.build().or_fail()
    }
}

/// What an outcome shows.
fn shown<T: std::fmt::Debug>(outcome: &Result<T, Error>) -> String {
    match outcome {
        Ok(answer) => debug(answer),
        Err(error) => whole(error),
    }
}

/// All operations with what they take, and what their outcomes show.
async fn everything(place: &Place, credential: &Credential) -> String {
    let account = place.account(credential.clone());
    let asked = subject();
    let filter = batch::Filter::raw("state eq 'canary-filter'");
    let mut text = [
        shown(&account.list().filter(filter).await),
        shown(&account.add(pfx()).await),
        shown(&account.get(&asked).await),
        shown(&account.delete(&asked).await),
        shown(&account.cancel_deletion(&asked).retry_ambiguous(true).await),
    ]
    .concat();
    if !credential.is_signature() {
        let tenant = place.tenant(credential.clone());
        let added = conformance::calls::new_management_certificate();
        text += &shown(&tenant.list().principal_live_id(live_id()).await);
        text += &shown(&tenant.add(added).principal_live_id(live_id()).await);
        text += &shown(&tenant.get(&asked).principal_live_id(live_id()).await);
        text += &shown(&tenant.delete(&asked).principal_live_id(live_id()).await);
    }
    text
}

/// Runs something and gives the trace of it, and how many attempts there were. Neither that nor what it
/// shows has a secret in it.
async fn traced(run: impl AsyncFnOnce() -> String) -> (String, usize) {
    let trace = Trace::default();
    let guard = trace.start();
    let text = run().await;
    drop(guard);
    let trace = trace.to_string();
    assert_clean(&text);
    assert_trace_is_clean(&trace);
    let attempts = trace.matches(": attempt operation=").count();
    (trace, attempts)
}

fn tokens() -> Credential {
    Source::new([Step::Give(SOURCE_TOKEN.to_owned(), HOUR)]).credential()
}

#[tokio::test]
async fn calls_of_several_attempts_show_no_secret() {
    let credentials = [Credential::from(TOKEN), tokens(), shared_key().into()];
    for (row, answers, least) in [
        ("throttled", vec![refusal(429, "TooManyRequests")], 4),
        ("given up half-way", vec![refusal(500, "InternalError")], 4),
        ("broken off", vec![Reply::Reset], 2),
        ("not accepted", vec![refusal(401, "Unauthorized")], 1),
        (
            "not accepted",
            vec![refusal(403, "AuthenticationFailed")],
            1,
        ),
        ("elsewhere", vec![success(307, "")], 1),
        (
            "done",
            vec![refusal(503, "ServerBusy"), success(200, "{}")],
            1,
        ),
    ] {
        for credential in &credentials {
            let (text, attempts) = traced(async || {
                let place = Place::answering(answers.clone()).await;
                everything(&place, credential).await
            })
            .await;
            let calls = if credential.is_signature() { 5 } else { 9 };
            assert!(
                attempts >= least * 3 && attempts >= calls,
                "{row}: {attempts}"
            );
            // What reqwest says goes to the crate `log`: it is a part of the trace.
            assert!(text.contains("log reqwest::connect"), "{row}: {text}");
        }
    }
}

#[tokio::test]
async fn a_replayed_call_shows_neither_token() {
    for (last, is_done) in [
        (success(204, ""), true),
        (refusal(401, "Unauthorized"), false),
    ] {
        let (text, attempts) = traced(async || {
            let answers = [success(204, ""), refusal(401, "Unauthorized"), last];
            let place = Place::answering(answers).await;
            let account = place.account(
                Source::new([
                    Step::Give(format!("{SOURCE_TOKEN}.1"), HOUR),
                    Step::Give(format!("{SOURCE_TOKEN}.2"), HOUR),
                ])
                .credential(),
            );
            account.cancel_deletion(&subject()).await.or_fail();
            let outcome = account.cancel_deletion(&subject()).await;
            assert_eq!(outcome.is_ok(), is_done);
            let shown_to_server: Vec<_> = place.server.received();
            let value = shown_to_server[2].header("authorization").or_fail();
            assert_eq!(value, format!("Bearer {SOURCE_TOKEN}.2"));
            shown(&outcome)
        })
        .await;
        assert_eq!(attempts, 3, "{text}");
    }
}

#[tokio::test]
async fn an_error_of_a_credential_shows_no_token() {
    for step in [
        Step::Fail("the vault is sealed"),
        Step::Panic,
        Step::Give(format!("{SOURCE_TOKEN}\r\nx: y"), HOUR),
        Step::Give(format!("Bearer {SOURCE_TOKEN}"), HOUR),
        Step::Give(SOURCE_TOKEN.repeat(5000), HOUR),
        Step::Give(SOURCE_TOKEN.to_owned(), Duration::ZERO),
        Step::Hang,
    ] {
        let row = format!("{:.60}", format!("{step:?}"));
        let hangs = matches!(step, Step::Hang);
        traced(async || {
            let place = Place::answering([success(204, "")]).await;
            let source = Source::new([step]);
            let account = place.account(source.credential());
            let asked = subject();
            let silence = async {
                source.asked(1).await;
                if hangs {
                    place.clock.advance(2 * MINUTE);
                    place.clock.silence();
                }
            };
            let (outcome, ()) =
                tokio::join!(async { account.cancel_deletion(&asked).await }, silence);
            let error = outcome.err_or_fail();
            assert!(error.is_credential() != hangs, "{row}: {error:?}");
            assert_eq!(place.server.connections(), 0, "{row}");
            whole(&error)
        })
        .await;
    }
}

/// A link can hold anything, and is a path and a query like any other.
#[tokio::test]
async fn further_pages_show_neither_their_link_nor_their_token() {
    for credential in [Credential::from(TOKEN), tokens(), shared_key().into()] {
        let (text, attempts) = traced(async || {
            let place = Place::answering([]).await;
            let link = format!(
                "{}/canary-path/certificates?$skipToken={BODY}&$filter=canary-filter",
                place.server.base_url()
            );
            let page = format!(r#"{{"value":[],"odata.nextLink":"{link}"}}"#);
            let answers = [success(200, &page), refusal(500, "InternalError")];
            place.server.answer(answers);
            let account = place.account(credential);
            let outcome = account.list().pages().try_collect::<Vec<_>>().await;
            assert!(place.server.received()[1].target.contains(BODY));
            shown(&outcome)
        })
        .await;
        assert_eq!(attempts, 5, "{text}");
    }
}

#[tokio::test]
async fn each_attempt_and_each_call_trace_their_outcome() {
    let id = "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0";
    let named = |status, body| Reply::new(status, &[("request-id", "the-id")], body);
    let server = RawServer::start([
        named(500, ""),
        named(503, r#"{"code":"ServerBusy"}"#),
        named(204, ""),
    ])
    .await;
    let clock = TestClock::start();
    let account = batch_with(&server.base_url(), TOKEN);
    let account = account
        .clock(clock.clone())
        .jitter(Arc::new(FixedJitter(0.5)));
    let account = account.build().or_fail();
    let (text, attempts) = traced(async || {
        let asked = subject();
        let call = account.cancel_deletion(&asked).retry_ambiguous(true);
        call.client_request_id(id).await.or_fail();
        String::new()
    })
    .await;
    assert_eq!(attempts, 3);
    let template = "/certificates(thumbprintAlgorithm={thumbprintAlgorithm},thumbprint={thumbprint})/canceldelete";
    let common =
        format!("operation=\"Certificate_CancelDeletion\" method=\"POST\" path=\"{template}\" ");
    let of = |attempt: &str, client_request_id: &str, rest: &str| {
        format!(
            "{common}{attempt} client_request_id=\"{client_request_id}\" request_id=\"the-id\" milliseconds=0{rest}"
        )
    };
    let expected = [
        of(
            "attempt=1 status=500 delivery=Unknown",
            id,
            " retry_in_milliseconds=400",
        ),
        of(
            "attempt=2 status=503 delivery=NotSent",
            id,
            " retry_in_milliseconds=800",
        ),
        of("attempt=3 status=204", id, ""),
    ];
    let found: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once(": attempt ").map(|(_, fields)| fields))
        .collect();
    assert_eq!(found, expected, "{text}");
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.contains(": close"))
        .collect();
    let [closed] = lines[..] else {
        panic!("{text}")
    };
    assert!(closed.contains(" DEBUG call{"), "{closed}");
    // The whole call took the two pauses.
    for field in [
        common.trim_end(),
        &format!("client_request_id=\"{id}\""),
        "status=204",
        "request_id=\"the-id\"",
        "attempts=3",
        "milliseconds=1200",
    ] {
        assert!(closed.contains(field), "{field} is not in {closed}");
    }
}
