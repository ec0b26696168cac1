//! Any text at all, in every place that takes one: it is refused before anything is sent, or it stands in
//! its own place on the wire and changes nothing else there. What is made of any answer is in `fuzz`. The
//! seed is fixed. Must notice a check that lets something through which ends a header, a path or a
//! query early, and a value that is changed on its way.

use std::fmt::Debug;

use conformance::calls::{self, Clients, PRINCIPAL, SUBSCRIPTION, THUMBPRINT, TOKEN};
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any},
    prop_oneof,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use test_support::{OrFail as _, RawServer, Received, Reply, is_long};
use thumbprint::{Error, Thumbprint, batch, wap};
use thumbprint_transport::operation::match_path;
use tokio::runtime::Runtime;

/// How many values each property gets.
fn cases() -> u32 {
    if is_long() { 1_000 } else { 100 }
}

/// Runs a property over values of a kind, the same ones each time.
fn holds<S: Strategy>(kind: &S, property: impl Fn(S::Value))
where
    S::Value: Debug,
{
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let outcome = runner.run(kind, |value| {
        property(value);
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.err_or_fail());
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .or_fail()
}

/// Any text, control characters and all.
fn anything() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..60).prop_map(String::from_iter)
}

/// Visible ASCII and spaces: what headers can carry. Often about as long as they may be.
fn visible() -> impl Strategy<Value = String> {
    let lengths = prop_oneof![0..300_usize, 254..260_usize];
    lengths
        .prop_flat_map(|length| vec(b' '..=b'~', length))
        .prop_map(|bytes| String::from_utf8(bytes).or_fail())
}

/// A good text with something put into it, or in place of a part of it.
fn nearly(good: &'static str) -> impl Strategy<Value = String> {
    let bad = prop_oneof![
        any::<char>().prop_map(String::from),
        proptest::sample::select(vec![
            "\t", "\u{7f}", "\r\nx: y", "\n", "\0", " ", "/", "\\", "..", "%2f", "%", "?", "#",
            "&", "=", ")", ",", "(", "\u{e9}", "\u{ff10}", "\u{202e}", "@", ":", "a", "0", "F", "",
            "'", "+",
        ])
        .prop_map(str::to_owned),
    ];
    (bad, 0..=good.len(), 0..2_usize).prop_map(move |(bad, at, cut)| {
        let after = good.get(at + cut..).unwrap_or_default();
        format!("{}{bad}{after}", &good[..at])
    })
}

/// All of these.
fn texts(good: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        anything(),
        visible(),
        nearly(good),
        nearly(good),
        Just(good.to_owned())
    ]
}

/// A server that takes everything for done, and what it has received.
struct Scene {
    runtime: Runtime,
    server: RawServer,
    plain: Received,
}

/// What a text was sent as. The order of a request's parts does not count here.
#[derive(Debug, PartialEq)]
struct Parts {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Scene {
    /// `plain` sends the request without the text.
    fn of(answer: Reply, plain: impl AsyncFnOnce(&str) -> Result<(), Error>) -> Self {
        let runtime = runtime();
        let server = runtime.block_on(RawServer::start([answer]));
        runtime.block_on(plain(&server.base_url())).or_fail();
        let plain = server.only();
        Self {
            runtime,
            server,
            plain,
        }
    }

    /// What a call sends: nothing if it is refused, and else one request.
    fn sent(&self, call: impl AsyncFnOnce(&str) -> Result<(), Error>) -> Option<Received> {
        let before = (self.server.received().len(), self.server.connections());
        let outcome = self.runtime.block_on(call(&self.server.base_url()));
        let received = self.server.received();
        let now = (received.len(), self.server.connections());
        match outcome {
            Ok(()) => {
                // Each call has a client of its own, and each client a connection.
                assert_eq!(now, (before.0 + 1, before.1 + 1));
                received.last().cloned()
            }
            Err(error) => {
                assert!(error.is_invalid_input(), "{error:?}");
                assert!(!error.is_outcome_unknown(), "{error:?}");
                assert_eq!(now, before, "{error:?}");
                None
            }
        }
    }

    /// That a request differs from the plain one in this and nothing else.
    fn assert_differs_in(&self, found: &Received, change: impl Fn(&mut Parts)) {
        let mut expected = parts(&self.plain);
        change(&mut expected);
        expected.query.sort();
        expected.headers.sort();
        assert_eq!(parts(found), expected);
    }

    /// What was refused did not reach the server later on either.
    fn assert_nothing_came_late(self, sent: usize) {
        let Self {
            runtime, server, ..
        } = self;
        runtime.block_on(async {
            let tenant = calls::tenant(&server.base_url());
            let _ = tenant.delete(&calls::thumbprint()).await;
        });
        // The plain request, those that were sent, and this one.
        let count = sent + 2;
        assert_eq!(
            (server.received().len(), server.connections()),
            (count, count)
        );
    }
}

fn parts(request: &Received) -> Parts {
    let mut query = request.query();
    query.sort();
    let mut headers: Vec<_> = request
        .head
        .split("\r\n")
        .skip(1)
        .map(str::to_owned)
        .collect();
    headers.sort();
    Parts {
        method: request.method.clone(),
        path: request.path().to_owned(),
        query,
        headers,
        body: request.body.clone(),
    }
}

fn tenant(url: &str, subscription: &str, principal: &str) -> Result<wap::Client, Error> {
    let tenant = wap::Client::builder(url, subscription, principal, TOKEN);
    tenant
        .allow_loopback_http()
        .client_request_ids(false)
        .retries(0)
        .build()
}

/// Runs a text through a place where it stands as a header of WAP's Delete.
fn header(name: &str, good: &'static str, call: &impl AsyncFn(&str, &str) -> Result<(), Error>) {
    let scene = Scene::of(Reply::new(204, &[], ""), async |url| {
        let tenant = calls::tenant(url);
        tenant.delete(&calls::thumbprint()).await.map(drop)
    });
    let sent = std::cell::Cell::new(0);
    let start = format!("{name}: ");
    holds(&texts(good), |text| {
        let fits = (1..=256).contains(&text.len())
            && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
            && text.trim() == text;
        let found = scene.sent(async |url| call(url, &text).await);
        assert_eq!(found.is_some(), fits, "{text:?}");
        let Some(found) = found else { return };
        sent.set(sent.get() + 1);
        scene.assert_differs_in(&found, |parts| {
            parts
                .headers
                .retain(|line| !line.to_lowercase().starts_with(&start));
            parts.headers.push(format!("{start}{text}"));
        });
    });
    let sent = sent.get();
    assert!(
        (cases() / 10..cases()).contains(&u32::try_from(sent).or_fail()),
        "{sent}"
    );
    scene.assert_nothing_came_late(sent);
}

#[test]
fn any_principal() {
    header(
        "x-ms-principal-id",
        PRINCIPAL,
        &async |url: &str, text: &str| {
            let tenant = tenant(url, SUBSCRIPTION, text)?;
            tenant.delete(&calls::thumbprint()).await.map(drop)
        },
    );
}

#[test]
fn any_live_id() {
    header(
        "x-ms-principal-liveid",
        "ana@live.example",
        &async |url: &str, text: &str| {
            let (tenant, thumbprint) = (calls::tenant(url), calls::thumbprint());
            tenant
                .delete(&thumbprint)
                .principal_live_id(text.to_owned())
                .await
                .map(drop)
        },
    );
}

#[test]
fn any_request_id() {
    header(
        "x-ms-client-request-id",
        "request 1",
        &async |url: &str, text: &str| {
            let (tenant, thumbprint) = (calls::tenant(url), calls::thumbprint());
            tenant
                .delete(&thumbprint)
                .client_request_id(text.to_owned())
                .await
                .map(drop)
        },
    );
}

#[test]
fn any_subscription() {
    let scene = Scene::of(Reply::new(204, &[], ""), async |url| {
        calls::tenant(url)
            .delete(&calls::thumbprint())
            .await
            .map(drop)
    });
    let sent = std::cell::Cell::new(0);
    holds(&texts(SUBSCRIPTION), |text| {
        let found = scene.sent(async |url| {
            let tenant = tenant(url, &text, PRINCIPAL)?;
            tenant.delete(&calls::thumbprint()).await.map(drop)
        });
        let fits = text.len() == 36
            && uuid::Uuid::try_parse(&text).is_ok()
            && text
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
        assert_eq!(found.is_some(), fits, "{text:?}");
        let Some(found) = found else { return };
        sent.set(sent.get() + 1);
        let template = "/Subscriptions/{s}/certificates/{t}";
        let values = match_path(template, found.path()).or_fail();
        assert_eq!(values, [("s", text.as_str()), ("t", THUMBPRINT)]);
        scene.assert_differs_in(&found, |parts| found.path().clone_into(&mut parts.path));
    });
    let sent = sent.get();
    assert!(sent > 10, "{sent}");
    scene.assert_nothing_came_late(sent);
}

/// A call whose setter takes any text as a thumbprint: its path, and what sends it.
type Raw = (&'static str, fn(Clients, String) -> Outcome);
type Outcome = std::pin::Pin<Box<dyn Future<Output = bool>>>;

macro_rules! raw {
    ($template:literal, |$clients:ident, $any:ident| $call:expr) => {
        ($template, |$clients, text| {
            Box::pin(async move {
                let $any = calls::thumbprint();
                $call.thumbprint(text).await.is_ok()
            })
        })
    };
}

#[rustfmt::skip]
const RAW: [Raw; 5] = [
    raw!("/certificates(thumbprintAlgorithm=sha1,thumbprint={t})", |clients, any| clients.batch.get(&any)),
    raw!("/certificates(thumbprintAlgorithm=sha1,thumbprint={t})", |clients, any| clients.batch.delete(&any)),
    raw!("/certificates(thumbprintAlgorithm=sha1,thumbprint={t})/canceldelete", |clients, any| clients.batch.cancel_deletion(&any)),
    raw!("/Subscriptions/{s}/certificates/{t}", |clients, any| clients.wap.delete(&any)),
    raw!("/Subscriptions/{s}/certificates/{t}", |clients, any| clients.wap.get(&any)),
];

#[test]
fn any_thumbprint() {
    for (template, call) in RAW {
        let status = if template.ends_with("canceldelete") {
            204
        } else {
            200
        };
        let runtime = runtime();
        let answer = Reply::new(status, &[], "{}");
        let server = runtime.block_on(RawServer::start([answer]));
        let sent = std::cell::Cell::new(0);
        let run = |text: &str| {
            let before = server.received().len();
            let clients = Clients::at(&server.base_url());
            runtime.block_on(call(clients, text.to_owned()));
            let received = server.received();
            assert!(received.len() <= before + 1);
            received.get(before).cloned()
        };
        let plain = run(THUMBPRINT).or_fail();
        holds(&texts(THUMBPRINT), |text| {
            let fits = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let found = run(&text);
            assert_eq!(found.is_some(), fits, "{text:?}");
            let Some(found) = found else { return };
            sent.set(sent.get() + 1);
            let values = match_path(template, found.path()).or_fail();
            assert_eq!(values.last(), Some(&("t", text.as_str())));
            let mut expected = parts(&plain);
            expected.path = plain.path().replace(THUMBPRINT, &text);
            assert_eq!(parts(&found), expected);
        });
        assert!(sent.get() > 10);
        assert_eq!((server.received().len(), server.connections()), {
            let count = sent.get() + 1;
            (count, count)
        });
    }
}

/// What is read as a thumbprint has 40 digits, those of the text, with nothing but separators and a line
/// end beside them.
#[test]
fn any_text_is_a_thumbprint_or_none() {
    let read = std::cell::Cell::new(0);
    holds(&texts(THUMBPRINT), |text| {
        let beside = |c: char| matches!(c, ' ' | ':' | '-' | '\r' | '\n' | '\u{200e}');
        let digits: String = text.chars().filter(|&c| !beside(c)).collect();
        let fits = digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match text.parse::<Thumbprint>() {
            Ok(thumbprint) => {
                assert!(fits, "{text:?}");
                assert_eq!(thumbprint.as_str(), digits);
                read.set(read.get() + 1);
            }
            Err(error) => {
                assert!(error.is_invalid_input(), "{error:?}");
                assert!(digits != text || !fits, "{text:?}");
            }
        }
    });
    assert!(read.get() > 10);
}

/// A filter is free text, and stays one parameter whatever stands in it.
#[test]
fn any_filter() {
    let scene = Scene::of(Reply::new(200, &[], r#"{"value":[]}"#), async |url| {
        calls::account(url).list().await.map(drop)
    });
    holds(&texts("state eq 'active'"), |text| {
        let found = scene.sent(async |url| {
            let account = calls::account(url);
            let list = account.list().filter(batch::Filter::raw(text.clone()));
            list.await.map(drop)
        });
        scene.assert_differs_in(&found.or_fail(), |parts| {
            parts.query.push(("$filter".to_owned(), text.clone()));
        });
    });
}

#[test]
fn any_selection_and_any_version() {
    let scene = Scene::of(Reply::new(200, &[], r#"{"value":[]}"#), async |url| {
        calls::account(url).list().await.map(drop)
    });
    holds(&texts("thumbprint,state"), |text| {
        let found = scene.sent(async |url| {
            let account = calls::account(url);
            account.list().select([text.as_str()]).await.map(drop)
        });
        if let Some(found) = found {
            let fits = |byte: u8| byte == b',' || byte.is_ascii_alphanumeric();
            assert!(text.bytes().all(fits), "{text:?}");
            scene.assert_differs_in(&found, |parts| {
                parts.query.push(("$select".to_owned(), text.clone()));
            });
        }
    });
    holds(&texts("2023-11-01.18.0"), |text| {
        let found = scene.sent(async |url| {
            let account = calls::batch_builder(url)
                .api_version(text.as_str())
                .build()?;
            account.list().await.map(drop)
        });
        if let Some(found) = found {
            let fits = |byte: u8| b"-.".contains(&byte) || byte.is_ascii_digit();
            assert!(text.bytes().all(fits), "{text:?}");
            scene.assert_differs_in(&found, |parts| {
                parts.query = vec![("api-version".to_owned(), text.clone())];
            });
        }
    });
}
