//! Faults one after the other, and what stays the same over the attempts of a call. Must notice a last
//! attempt that speaks for those before it, and a request that changes, or does not, between attempts.

use std::{future::poll_fn, pin::pin, sync::Arc, time::Duration};

use chrono::{TimeZone as _, Utc};
use conformance::calls::{ALL, Call, thumbprint};
use test_support::{OrFail as _, RawServer, Received, Reply, TestClock};
use thumbprint::Clock as _;
use thumbprint_transport::HttpDate;
use tokio::{
    io::AsyncReadExt as _,
    net::TcpSocket,
    sync::{Notify, oneshot},
};
use uuid::Uuid;

use super::{Nature, PAUSES, bare, builders, clients, run};
use crate::responses::{predicates, status};

#[tokio::test]
async fn throttled_attempts_after_an_ambiguous_one_leave_the_outcome_unknown() {
    for call in &ALL {
        let clock = TestClock::start();
        let server = RawServer::start([bare(502, &[]), bare(429, &[])]).await;
        let outcome = run(call, clients(&server.base_url(), &clock), true).await;
        let error = outcome.err_or_fail();
        let says: &[&str] = match Nature::of(call) {
            Nature::Read => &["throttled"],
            Nature::Idempotent | Nature::Ambiguous => &["outcome_unknown", "throttled"],
        };
        assert_eq!(predicates(&error), says, "{}", call.operation);
        assert_eq!((status(&error), error.attempts()), (Some(429), 4));
        assert_eq!(server.received().len(), 4);
        assert_eq!(clock.pauses(), PAUSES);
    }
}

/// The server dies with the first request, and nothing listens any more.
#[tokio::test]
async fn refused_connections_after_an_ambiguous_attempt_leave_the_outcome_unknown() {
    for call in &ALL {
        let bound = || {
            let socket = TcpSocket::new_v4().or_fail();
            socket.set_reuseaddr(true).or_fail();
            socket
        };
        let (first, second) = (bound(), bound());
        first.bind("127.0.0.1:0".parse().or_fail()).or_fail();
        let address = first.local_addr().or_fail();
        // Bound and never listening: no other server can get the port afterwards.
        second.bind(address).or_fail();
        let listener = first.listen(8).or_fail();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.or_fail();
            drop(listener);
            assert!(stream.read(&mut [0; 1024]).await.or_fail() > 0);
        });
        let clock = TestClock::start();
        let clients = clients(&format!("http://{address}"), &clock);
        let error = run(call, clients, true).await.err_or_fail();
        server.await.or_fail();
        let says: &[&str] = match Nature::of(call) {
            Nature::Read => &["connect"],
            Nature::Idempotent | Nature::Ambiguous => &["connect", "outcome_unknown"],
        };
        assert_eq!(predicates(&error), says, "{}", call.operation);
        assert_eq!(error.attempts(), 4, "{}", call.operation);
    }
}

/// A success that comes after a lost answer is a success, and nothing about it is inferred.
#[tokio::test]
async fn a_success_after_any_failures_is_not_inferred() {
    for call in &ALL {
        let clock = TestClock::start();
        let answers = [Reply::Reset, bare(429, &[]), bare(504, &[]), call.good()];
        let server = RawServer::start(answers).await;
        let outcome = run(call, clients(&server.base_url(), &clock), true).await;
        let (number, shown) = outcome.or_fail();
        assert_eq!(number, call.success, "{}", call.operation);
        assert!(!shown.contains("inferred: true"), "{shown}");
        assert_eq!(clock.pauses(), PAUSES);
    }
}

/// A repetition whose own answer breaks off was carried out, whatever became of the one before it.
#[tokio::test]
async fn a_deletion_that_breaks_off_after_an_ambiguous_attempt_is_done() {
    let call = Call::of("ManagementCertificate_Delete");
    let json = ("Content-Type", "application/json");
    for (last, says) in [
        (
            Reply::Close(Reply::head(200, &[json, ("Content-Length", "9")])),
            None,
        ),
        (Reply::new(204, &[], ""), None),
        (
            Reply::new(200, &[json], "7"),
            Some(&["applied", "unexpected_answer"][..]),
        ),
        (
            Reply::new(200, &[("Content-Type", "text/html")], "<html>"),
            Some(&["outcome_unknown", "unexpected_answer"]),
        ),
    ] {
        let clock = TestClock::start();
        let server = RawServer::start([bare(502, &[]), last]).await;
        let outcome = run(call, clients(&server.base_url(), &clock), false).await;
        match says {
            None => assert!(!outcome.or_fail().1.contains("inferred: true")),
            Some(says) => assert_eq!(predicates(&outcome.err_or_fail()), says),
        }
        assert_eq!(server.received().len(), 2);
    }
}

#[tokio::test]
async fn with_no_retries_everything_is_sent_once() {
    for call in &ALL {
        for answer in [
            Reply::Reset,
            bare(429, &[]),
            bare(503, &[("Retry-After", "1")]),
            bare(500, &[]),
        ] {
            let clock = TestClock::start();
            let server = RawServer::start([answer, call.good()]).await;
            let (batch, wap) = builders(&server.base_url(), &clock);
            let clients = conformance::calls::Clients {
                batch: batch.retries(0).build().or_fail(),
                wap: wap.retries(0).build().or_fail(),
            };
            let error = run(call, clients, true).await.err_or_fail();
            assert_eq!(error.attempts(), 1, "{}", call.operation);
            assert_eq!(server.received().len(), 1, "{}", call.operation);
            assert!(clock.pauses().is_empty());
        }
    }
}

/// The names of the header in which a caller names a request, and what it holds.
fn named(received: &[Received], name: &str) -> Vec<String> {
    let values = received.iter().map(|request| request.header(name));
    values
        .map(|value| value.unwrap_or("none").to_owned())
        .collect()
}

#[tokio::test]
async fn a_retry_keeps_the_client_request_id() {
    let (clock, asked) = (TestClock::start(), thumbprint());
    let answers = || [Reply::Reset, bare(429, &[]), bare(404, &[])];
    let id = Uuid::from_u128(7);
    let server = RawServer::start(answers()).await;
    let account = clients(&server.base_url(), &clock).batch;
    let call = account.get(&asked).client_request_id(id);
    assert!(call.await.err_or_fail().is_unexpected_answer());
    let names = named(&server.received(), "client-request-id");
    assert_eq!(names, vec![id.to_string(); 3]);

    let server = RawServer::start(answers()).await;
    let tenant = clients(&server.base_url(), &clock).wap;
    let call = tenant
        .get(&asked)
        .client_request_id("ticket 4711".to_owned());
    assert!(call.await.err_or_fail().is_unexpected_answer());
    let names = named(&server.received(), "x-ms-client-request-id");
    assert_eq!(names, ["ticket 4711"; 3]);
}

/// So that there is something to quote where no answer came.
#[tokio::test]
async fn a_call_without_a_name_is_given_one_that_all_attempts_and_the_outcome_have() {
    for call in &ALL {
        let header = call.choose(["client-request-id", "x-ms-client-request-id"]);
        let mut seen = Vec::new();
        for last in [Reply::Reset, call.answer(&[], &call.body())] {
            let clock = TestClock::start();
            let server = RawServer::start([bare(429, &[]), last]).await;
            let [batch, wap] = [true, false].map(|_| builders(&server.base_url(), &clock));
            let clients = conformance::calls::Clients {
                batch: batch.0.client_request_ids(true).build().or_fail(),
                wap: wap.1.client_request_ids(true).build().or_fail(),
            };
            let outcome = run(call, clients, false).await;
            let names = named(&server.received(), header);
            let id: Uuid = names[0].parse().or_fail();
            assert_eq!(id.get_version_num(), 4, "{id}");
            assert_eq!(id.to_string(), names[0]);
            assert!(
                names.len() > 1 && names.iter().all(|name| *name == names[0]),
                "{names:?}"
            );
            if let Err(error) = outcome {
                assert_eq!(error.client_request_id(), Some(&*names[0]));
                assert!(format!("{error:?}").contains(&names[0]), "{error:?}");
            }
            seen.push(id);
        }
        assert_ne!(seen[0], seen[1], "{}", call.operation);
    }
}

#[tokio::test]
async fn an_answer_gives_back_the_name_of_its_request_and_none_is_made_where_that_is_off() {
    let (clock, asked) = (TestClock::start(), thumbprint());
    let server = RawServer::start([bare(202, &[])]).await;
    for (are_made, own) in [(true, false), (true, true), (false, true), (false, false)] {
        let builder = builders(&server.base_url(), &clock).0;
        let account = builder.client_request_ids(are_made).build().or_fail();
        let mut call = account.delete(&asked);
        if own {
            call = call.client_request_id(Uuid::from_u128(7));
        }
        let answer = call.await.or_fail();
        let received = server.received().pop().or_fail();
        let sent = received.header("client-request-id");
        assert_eq!(answer.client_request_id(), sent);
        assert_eq!(sent.is_some(), are_made || own);
        let is_own = sent == Some(&*Uuid::from_u128(7).to_string());
        assert_eq!(is_own, own);
    }
}

#[tokio::test]
async fn a_retry_has_a_new_ocp_date() {
    let (clock, asked) = (TestClock::start(), thumbprint());
    let answers = [
        bare(503, &[("Retry-After", "5")]),
        bare(429, &[("Retry-After", "7")]),
        Call::of("Certificate_Get").good(),
    ];
    let server = RawServer::start(answers.clone()).await;
    let account = clients(&server.base_url(), &clock).batch;
    let given = Utc.with_ymd_and_hms(2001, 2, 3, 4, 5, 6).single().or_fail();
    let start = clock.utc_now();
    account.get(&asked).ocp_date(given).await.or_fail();
    let later = |seconds| {
        HttpDate::try_from(start + Duration::from_secs(seconds))
            .or_fail()
            .to_string()
    };
    let dates = named(&server.received(), "ocp-date");
    let given = HttpDate::try_from(given).or_fail().to_string();
    assert_eq!(dates, [given, later(5), later(12)]);

    // Who gives none gets none.
    let server = RawServer::start(answers).await;
    let account = clients(&server.base_url(), &clock).batch;
    account.get(&asked).await.or_fail();
    assert_eq!(named(&server.received(), "ocp-date"), ["none"; 3]);
}

#[tokio::test]
async fn the_timeout_query_is_capped_by_the_time_left() {
    let asked = thumbprint();
    for (given, expected) in [
        (30, ["30", "25", "18"]),
        (10, ["10", "10", "10"]),
        (25, ["25", "25", "18"]),
        (24, ["24", "24", "18"]),
        (600, ["60", "25", "18"]),
    ] {
        let clock = TestClock::start();
        let answers = [
            // 35 seconds, and a pause of 0.4.
            Reply::Stall(Vec::new()),
            bare(503, &[("Retry-After", "7")]),
            Call::of("Certificate_Get").good(),
        ];
        let server = RawServer::start(answers).await.with_clock(&clock);
        let account = clients(&server.base_url(), &clock).batch;
        let call = account.get(&asked).timeout(Duration::from_secs(given));
        call.await.or_fail();
        let received = server.received();
        let limits = received.iter().map(|request| {
            let query = request.query();
            let limit = query.into_iter().find(|(name, _)| name == "timeout");
            limit.or_fail().1
        });
        assert_eq!(limits.collect::<Vec<_>>(), expected, "{given}");
        let rest = |request: &Received| {
            let (before, after) = request.target.split_once("timeout=").or_fail();
            (
                before.to_owned(),
                after.trim_start_matches(char::is_numeric).to_owned(),
            )
        };
        for request in &received {
            assert_eq!(rest(request), rest(&received[0]), "{given}");
        }
    }
}

/// A filter that looks like the parameter stays what it is.
#[tokio::test]
async fn only_the_timeout_query_is_capped() {
    let clock = TestClock::start();
    let server = RawServer::start([Call::of("Certificate_List").good()]).await;
    let account = clients(&server.base_url(), &clock).batch;
    let filter = thumbprint::batch::Filter::raw("timeout=999&timeout=998 eq 'a+b %'");
    let list = account
        .list()
        .filter(filter)
        .timeout(Duration::from_secs(300));
    list.await.or_fail();
    let query = server.only().query();
    let of = |name: &str| {
        let found = query.iter().filter(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of("timeout"), ["60"]);
    assert_eq!(of("$filter"), ["timeout=999&timeout=998 eq 'a+b %'"]);
}

#[tokio::test]
async fn a_dropped_call_is_not_retried() {
    for call in &ALL {
        let clock = TestClock::start();
        let (arrived, waiting) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let server = RawServer::serving({
            let (arrived, waiting) = (Arc::clone(&arrived), Arc::clone(&waiting));
            move |_| {
                let (arrived, waiting) = (Arc::clone(&arrived), Arc::clone(&waiting));
                async move {
                    arrived.notify_one();
                    waiting.notified().await;
                    Some(bare(503, &[("Retry-After", "1")]))
                }
            }
        })
        .await;
        let clients = clients(&server.base_url(), &clock);
        {
            let mut running = pin!(run(call, clients.clone(), true));
            let mut arrived = pin!(arrived.notified());
            poll_fn(|context| {
                assert!(running.as_mut().poll(context).is_pending());
                arrived.as_mut().poll(context)
            })
            .await;
        }
        clock.silence();
        waiting.notify_one();
        // What is under way gets its turn before the next call ends.
        let (done, ended) = oneshot::channel();
        let next = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move {
                let server = RawServer::start([bare(404, &[])]).await;
                let account = super::clients(&server.base_url(), &clock).batch;
                let error = account.get(&thumbprint()).await.err_or_fail();
                done.send(error.is_unexpected_answer()).or_fail();
            }
        });
        assert!(ended.await.or_fail());
        next.await.or_fail();
        assert_eq!(server.received().len(), 1, "{}", call.operation);
        assert!(clock.pauses().is_empty(), "{}", call.operation);
    }
}
