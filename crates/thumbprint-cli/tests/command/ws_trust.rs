//! The library's clients with tokens of a token site, against the sandbox. It stands here as only the command
//! knows both.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use futures_util::future::join_all;
use test_support::{OrFail as _, TestClock};
use thumbprint::{Clock as _, Credential, Error, Thumbprint, wap, wstrust::TokenError};
use thumbprint_sandbox::{Sandbox, samples};

const USER: &str = "canary-user@contoso.com";
const PASSWORD: &str = "canary <&\"']]> p\u{e4}ssword \u{1f511}";
const PATH: &str = "/wstrust/issue/usernamemixed";

async fn sandbox(clock: &Arc<TestClock>) -> Sandbox {
    let clock = Arc::clone(clock);
    let builder = Sandbox::builder()
        .clock(Arc::new(move || clock.utc_now()))
        .wap_user(USER, PASSWORD)
        .check_wap_tokens(true);
    builder.start().await.or_fail()
}

fn credential(sandbox: &Sandbox, clock: &Arc<TestClock>, password: &str) -> Credential {
    let source = wap::ws_trust(sandbox.base_url(), USER, password)
        .allow_loopback_http()
        .clock(Arc::clone(clock) as _);
    source.build().or_fail().into()
}

fn client(sandbox: &Sandbox, clock: &Arc<TestClock>, credential: Credential) -> wap::Client {
    let url = sandbox.base_url();
    let builder = wap::Client::builder(&url, samples::WAP_SUBSCRIPTION, USER, credential)
        .allow_loopback_http()
        .clock(Arc::clone(clock) as _);
    builder.build().or_fail()
}

/// What the sandbox answered so far: whether it was asked for a token, and with which status it answered.
fn exchanges(sandbox: &Sandbox) -> Vec<(bool, u16)> {
    let exchanges = sandbox.exchanges();
    let of = |exchange: &thumbprint_sandbox::Exchange| (exchange.target == PATH, exchange.status);
    exchanges.iter().map(of).collect()
}

fn thumbprint() -> Thumbprint {
    samples::WAP_THUMBPRINT.parse().or_fail()
}

/// Why there was no token.
fn token_error(error: &Error) -> &TokenError {
    assert!(
        error.is_credential() && !error.is_outcome_unknown(),
        "{error}"
    );
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref() {
            return error;
        }
        source = error.source();
    }
    unreachable!("{error}: no token error is among the sources");
}

/// Everything that an error says.
fn said(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text} {error} {error:?}");
        source = error.source();
    }
    text
}

#[tokio::test]
async fn one_token_does_for_fifty_calls_and_two_clients() {
    let clock = TestClock::start();
    let sandbox = sandbox(&clock).await;
    let credential = credential(&sandbox, &clock, PASSWORD);
    let clients = [
        client(&sandbox, &clock, credential.clone()),
        client(&sandbox, &clock, credential),
    ];
    let thumbprint = thumbprint();
    let calls = (0..50).map(|n| clients[n % 2].get(&thumbprint).into_future());
    for answer in join_all(calls).await {
        answer.or_fail();
    }
    let exchanges = exchanges(&sandbox);
    assert_eq!(exchanges.len(), 51);
    assert_eq!(exchanges[0], (true, 200));
    assert!(
        exchanges[1..]
            .iter()
            .all(|exchange| *exchange == (false, 200))
    );
}

#[tokio::test]
async fn a_wrong_password_ends_the_call_before_anything_is_sent() {
    let clock = TestClock::start();
    let sandbox = sandbox(&clock).await;
    let wrong = "canary of another";
    let client = client(&sandbox, &clock, credential(&sandbox, &clock, wrong));
    let thumbprint = thumbprint();
    // The second finds the site at rest: three tries lock users out.
    for _ in 0..2 {
        let error = client.delete(&thumbprint).await.err_or_fail();
        let cause = token_error(&error);
        assert!(cause.is_wrong_password(), "{cause}");
        assert_eq!(cause.code(), Some("FailedAuthentication"));
        assert_eq!(exchanges(&sandbox), [(true, 500)]);
        let said = said(&error);
        for secret in [USER, wrong, "canary", "Envelope"] {
            assert!(!said.contains(secret), "{secret} is in {said}");
        }
    }
    // After half a minute it is asked again.
    clock.advance(Duration::from_secs(31));
    client.delete(&thumbprint).await.err_or_fail();
    assert_eq!(exchanges(&sandbox), [(true, 500); 2]);
    let stored = sandbox.wap_certificate(samples::WAP_SUBSCRIPTION, samples::WAP_THUMBPRINT);
    assert!(stored.is_some());
}

#[tokio::test]
async fn a_token_that_has_expired_is_renewed_before_it_is_sent() {
    let clock = TestClock::start();
    let sandbox = sandbox(&clock).await;
    let client = client(&sandbox, &clock, credential(&sandbox, &clock, PASSWORD));
    let thumbprint = thumbprint();
    client.get(&thumbprint).await.or_fail();
    clock.advance(Duration::from_secs(54 * 60));
    client.get(&thumbprint).await.or_fail();
    clock.advance(Duration::from_secs(6 * 60));
    client.get(&thumbprint).await.or_fail();
    let (token, call) = ((true, 200), (false, 200));
    assert_eq!(exchanges(&sandbox), [token, call, call, token, call]);
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_replaced_by_another() {
    let clock = TestClock::start();
    let sandbox = sandbox(&clock).await;
    let client = client(&sandbox, &clock, credential(&sandbox, &clock, PASSWORD));
    let thumbprint = thumbprint();
    client.get(&thumbprint).await.or_fail();
    sandbox.forget_wap_tokens();
    client.delete(&thumbprint).await.or_fail();
    let (token, call) = ((true, 200), (false, 200));
    let expected = [token, call, (false, 401), token, call];
    assert_eq!(exchanges(&sandbox), expected);
}

#[tokio::test]
async fn an_audience_that_is_unknown_and_a_clock_that_is_wrong_are_told() {
    let (clock, late) = (TestClock::start(), TestClock::start());
    let sandbox = sandbox(&clock).await;
    let source = || wap::ws_trust(sandbox.base_url(), USER, PASSWORD).allow_loopback_http();
    let admin = source().applies_to("http://azureservices/AdminSite");
    let admin = admin.build().or_fail().into();
    let error = client(&sandbox, &clock, admin).list().await.err_or_fail();
    assert!(token_error(&error).is_unknown_audience(), "{error}");

    late.advance(Duration::from_secs(3600));
    let late = source().clock(late).build().or_fail().into();
    let error = client(&sandbox, &clock, late).list().await.err_or_fail();
    assert!(token_error(&error).is_clock(), "{error}");
    assert_eq!(exchanges(&sandbox), [(true, 500); 2]);
}
