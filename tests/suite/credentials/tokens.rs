//! Tokens that are fetched when they are needed. Must notice a fetch for each of many calls, one in the
//! foreground where a token is at hand, a margin or a pause that is gone, a failure that is cached for ever
//! or forgotten at once, and a request that is sent without a token.

use std::time::Duration;

use conformance::calls;
use futures_util::future::{join_all, poll_immediate};
use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint::batch;

use super::{HOUR, MINUTE, Scene, Source, Step, account, chain, gated, give};

/// How long a source is not asked after it failed.
const COOL_DOWN: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(1);

/// A moment before that.
fn before(time: Duration) -> Duration {
    time.checked_sub(MOMENT).or_fail()
}

#[tokio::test]
async fn many_calls_make_one_fetch() {
    let scene = Scene::of([gated(give("one")), gated(give("two"))]).await;
    let calls = || join_all((0..50).map(|_| scene.call()));

    // Without a token all of them wait for the same fetch.
    let opened = async {
        scene.source.asked(1).await;
        assert_eq!(scene.server.connections(), 0);
        scene.source.open();
    };
    let (outcomes, ()) = tokio::join!(calls(), opened);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(scene.source.fetches(), 1);
    assert_eq!(scene.shown(), ["one"; 50]);

    // With one that is about to expire none of them waits.
    scene.clock.advance(56 * MINUTE);
    let outcomes = calls().await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(scene.source.fetches(), 2);
    assert_eq!(scene.shown(), ["one"; 100]);

    // With one that has expired they wait for the fetch that is under way already.
    scene.clock.advance(5 * MINUTE);
    let opened = async { scene.source.open() };
    let (outcomes, ()) = tokio::join!(calls(), opened);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(scene.source.fetches(), 2);
    assert_eq!(scene.shown()[100..], ["two"; 50]);
}

/// What the wait for a token has taken, the service does not get.
#[tokio::test]
async fn the_limit_that_the_service_is_told_counts_from_when_the_token_is_there() {
    let scene = Scene::of([gated(give("one"))]).await;
    let asked = calls::thumbprint();
    let call = scene.account.cancel_deletion(&asked);
    let opened = async {
        scene.source.asked(1).await;
        scene.clock.advance(Duration::from_secs(20));
        scene.source.open();
    };
    let (outcome, ()) = tokio::join!(call.timeout(Duration::from_secs(50)).into_future(), opened);
    outcome.or_fail();
    let target = &scene.server.received()[0].target;
    assert!(target.ends_with("timeout=40"), "{target}");
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_it_expires() {
    let scene = Scene::of([give("one"), give("two"), give("three")]).await;
    scene.call().await.or_fail();
    scene.clock.advance(before(55 * MINUTE));
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 1);
    scene.clock.advance(MOMENT);
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 2);
    scene.call().await.or_fail();
    assert_eq!(scene.shown(), ["one", "one", "one", "two"]);
    // The new one's own time counts.
    scene.clock.advance(54 * MINUTE);
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 2);
}

/// Five minutes before would be before it came.
#[tokio::test]
async fn a_short_lived_token_is_renewed_at_half_of_its_life() {
    let brief = |text: &str| Step::Give(text.to_owned(), 2 * MINUTE);
    let scene = Scene::of([brief("one"), brief("two")]).await;
    scene.call().await.or_fail();
    scene.clock.advance(before(MINUTE));
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 1);
    scene.clock.advance(MOMENT);
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 2);
}

#[tokio::test]
async fn a_failed_renewal_costs_nothing_while_the_token_is_good() {
    let scene = Scene::of([
        give("one"),
        Step::Fail("the vault is sealed"),
        Step::Fail("the vault is sealed"),
        give("two"),
    ])
    .await;
    scene.call().await.or_fail();
    scene.clock.advance(55 * MINUTE);
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 2);
    // It is not asked for a while, and asked once after that.
    for (pause, fetches) in [(before(COOL_DOWN), 2), (MOMENT, 3), (MOMENT, 3)] {
        scene.clock.advance(pause);
        scene.call().await.or_fail();
        scene.call().await.or_fail();
        assert_eq!(scene.source.fetches(), fetches, "{pause:?}");
    }
    scene.clock.advance(COOL_DOWN);
    scene.call().await.or_fail();
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 4);
    assert_eq!(scene.shown().last().or_fail(), "two");
}

/// Once the token has expired, there is nothing left to be sent.
#[tokio::test]
async fn a_failed_renewal_counts_once_the_token_has_expired() {
    let scene = Scene::of([give("one"), Step::Fail("the vault is sealed"), give("two")]).await;
    scene.call().await.or_fail();
    scene.clock.advance(before(HOUR));
    scene.call().await.or_fail();
    scene.clock.advance(MOMENT);
    let error = scene.call().await.err_or_fail();
    assert!(error.is_credential(), "{error:?}");
    assert!(chain(&error).contains("the vault is sealed"), "{error:?}");
    assert_eq!((scene.source.fetches(), scene.shown().len()), (2, 2));
    scene.clock.advance(COOL_DOWN);
    scene.call().await.or_fail();
    assert_eq!(scene.shown(), ["one", "one", "two"]);
}

/// A step that gives no token, what the error says, and what its chain of sources says.
fn failures() -> Vec<(Step, &'static str, &'static str)> {
    let bad = |text: &str| Step::Give(text.to_owned(), HOUR);
    let unusable = "nothing was sent: the token source gave a text that cannot be a token";
    vec![
        (
            Step::Fail("the vault is sealed"),
            "nothing was sent: the token source failed",
            "the vault is sealed",
        ),
        (Step::Panic, "nothing was sent: the token source", ""),
        (
            Step::Give("late".to_owned(), Duration::ZERO),
            "nothing was sent: the token source gave a token that has expired",
            "clock",
        ),
        (bad("secret-text\n"), unusable, ""),
        (bad("secret-text\r\nx-injected: 1"), unusable, ""),
        (bad("Bearer secret-text"), unusable, ""),
        (bad("secret-t\u{e9}xt"), unusable, ""),
        (bad(""), unusable, ""),
        (bad(&"secret-text".repeat(6000)), unusable, ""),
    ]
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_source_cools_down() {
    for (step, problem, reason) in failures() {
        let scene = Scene::of([step.clone(), give("two")]).await;
        let (one, other) = tokio::join!(scene.call(), scene.call());
        scene.clock.advance(before(COOL_DOWN));
        for error in [one, other, scene.call().await] {
            let error = error.err_or_fail();
            scene.assert_nothing_sent(&error);
            assert!(error.to_string().contains(problem), "{step:?}: {error}");
            let all = format!("{}{error:?}", chain(&error));
            assert!(all.contains(reason), "{step:?}: {all}");
            assert!(!all.contains("secret-"), "{all}");
        }
        assert_eq!(scene.source.fetches(), 1, "{step:?}");
        scene.clock.advance(MOMENT);
        scene.call().await.or_fail();
        assert_eq!(scene.source.fetches(), 2, "{step:?}");
        assert_eq!(scene.shown(), ["two"], "{step:?}");
    }
}

/// The call's time runs out first, and the fetch's own a moment later.
#[tokio::test]
async fn a_source_that_hangs_takes_no_call_with_it() {
    let scene = Scene::of([Step::Hang, give("two")]).await;
    let silence = async {
        scene.source.asked(1).await;
        scene.clock.advance(MINUTE + MOMENT);
        scene.clock.silence();
    };
    let (outcome, ()) = tokio::join!(scene.call(), silence);
    let error = outcome.err_or_fail();
    assert!(
        error.is_timeout() && !error.is_outcome_unknown(),
        "{error:?}"
    );
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    assert_eq!((error.attempts(), scene.server.connections()), (0, 0));

    let error = scene.call().await.err_or_fail();
    scene.assert_nothing_sent(&error);
    assert!(error.to_string().contains("a minute"), "{error}");
    assert_eq!(scene.source.fetches(), 1);
    scene.clock.advance(COOL_DOWN);
    scene.call().await.or_fail();
    assert_eq!(
        (scene.source.fetches(), scene.shown()),
        (2, vec!["two".to_owned()])
    );
}

#[tokio::test]
async fn a_dropped_call_does_not_stop_the_fetch_for_others() {
    let scene = Scene::of([gated(give("one")), give("two")]).await;
    let mut dropped = Box::pin(scene.call());
    assert!(poll_immediate(&mut dropped).await.is_none());
    scene.source.asked(1).await;
    drop(dropped);
    scene.source.open();
    scene.call().await.or_fail();
    assert_eq!(
        (scene.source.fetches(), scene.shown()),
        (1, vec!["one".to_owned()])
    );
}

/// No call waits any more when the token comes; the next one finds it.
#[tokio::test]
async fn a_fetch_goes_on_when_its_calls_are_dropped() {
    let scene = Scene::of([gated(give("one")), Step::Fail("there is one")]).await;
    for _ in 0..3 {
        let mut dropped = Box::pin(scene.call());
        assert!(poll_immediate(&mut dropped).await.is_none());
        scene.source.asked(1).await;
    }
    scene.source.open();
    // The test's own runtime has one thread: what was woken before this has run when it comes back.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    let mut call = Box::pin(scene.call());
    assert!(poll_immediate(&mut call).await.is_none());
    call.await.or_fail();
    assert_eq!(
        (scene.source.fetches(), scene.shown()),
        (1, vec!["one".to_owned()])
    );
}

#[tokio::test]
async fn clients_share_what_their_credential_fetched() {
    let server = RawServer::start([Reply::new(204, &[], "")]).await;
    let source = Source::new([give("one"), give("two")]);
    let credential = source.credential();
    let clock = TestClock::start();
    for _ in 0..3 {
        let account = account(&server.base_url(), credential.clone(), &clock);
        account
            .cancel_deletion(&calls::thumbprint())
            .await
            .or_fail();
    }
    assert_eq!((source.fetches(), server.received().len()), (1, 3));
}

/// The source has just failed, so there is nothing better than what the service does not accept: the
/// error is the service's.
#[tokio::test]
async fn a_cached_token_that_is_not_accepted_stays_while_its_source_cools_down() {
    let scene = Scene::of([give("one"), Step::Fail("the vault is sealed"), give("two")]).await;
    scene.call().await.or_fail();
    scene.clock.advance(56 * MINUTE);
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 2);
    scene.server.answer([
        Reply::new(401, &[], ""),
        Reply::new(401, &[], ""),
        Reply::new(204, &[], ""),
    ]);
    let error = scene.call().await.err_or_fail();
    assert!(error.is_unauthenticated(), "{error:?}");
    assert_eq!((error.attempts(), scene.source.fetches()), (1, 2));
    // It has rested: it is asked again in the background, and the call takes what comes of that.
    scene.clock.advance(COOL_DOWN);
    scene.call().await.or_fail();
    assert_eq!(scene.shown(), ["one", "one", "one", "one", "two"]);
    assert_eq!(scene.source.fetches(), 3);
}

/// An issuer says until when by the time of day. It is compared once, and never with a clock that
/// can be set.
#[tokio::test]
async fn a_time_of_expiry_goes_by_the_time_of_day() {
    let now = chrono::Utc::now();
    let until = |seconds| now + chrono::TimeDelta::seconds(seconds);
    let scene = Scene::of([Step::Until("one".to_owned(), until(3600)), give("two")]).await;
    scene.call().await.or_fail();
    scene.clock.advance(54 * MINUTE);
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 1);
    scene.clock.advance(MINUTE);
    scene.call().await.or_fail();
    assert_eq!(scene.source.fetches(), 2);

    for seconds in [0, -1, -3600, i64::from(i32::MIN)] {
        let late = Step::Until("late".to_owned(), until(seconds));
        let scene = Scene::of([late]).await;
        let error = scene.call().await.err_or_fail();
        scene.assert_nothing_sent(&error);
        assert!(error.to_string().contains("has expired"), "{error}");
    }
}

#[tokio::test]
async fn a_token_without_an_expiry_is_cached() {
    let endless = Step::Give("endless".to_owned(), Duration::MAX);
    for (step, text) in [
        (Step::Open("open".to_owned()), "open"),
        (endless, "endless"),
    ] {
        let scene = Scene::of([step, give("two")]).await;
        scene.call().await.or_fail();
        scene.clock.advance(100_000 * HOUR);
        scene.call().await.or_fail();
        assert_eq!(
            (scene.source.fetches(), scene.shown()),
            (1, vec![text.to_owned(); 2])
        );
    }
}

/// A call may wait for an hour; a fetch may not.
#[tokio::test]
async fn a_fetch_has_a_limit_of_its_own() {
    let clock = TestClock::start();
    let source = Source::new([Step::Hang]);
    let account = batch::Client::builder("http://127.0.0.1:9", source.credential());
    let account = account.allow_loopback_http().total_timeout(HOUR);
    let account = account.clock(clock.clone()).build().or_fail();
    let thumbprint = calls::thumbprint();
    let mut call = account.cancel_deletion(&thumbprint).into_future();
    assert!(poll_immediate(&mut call).await.is_none());
    source.asked(1).await;
    assert_eq!(clock.limits(), [HOUR, MINUTE]);
}
