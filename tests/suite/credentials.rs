//! What proves who is calling. Each submodule names the mutation that it must notice.
//!
//! - [`shared_key`]: a signature over other bytes than those that are sent.
//! - [`tokens`]: a token that is fetched too often, too late or in vain, and a source that fails and
//!   takes the client with it.
//! - [`runtimes`]: a fetch that another runtime was to finish.

use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use conformance::calls;
use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint::{Credential, Error, SharedKey, Token, batch, wap};
use tokio::sync::{Semaphore, watch};

mod runtimes;
mod shared_key;
mod tokens;

/// What a source does when it is asked.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// It gives a token of this text, which is good for this long.
    Give(String, Duration),
    /// It gives one that is good until then, by the issuer's clock.
    Until(String, DateTime<Utc>),
    /// It gives one without an expiry.
    Open(String),
    Fail(&'static str),
    Panic,
    Hang,
    /// It does that once the test has opened the gate.
    Gated(Box<Step>),
}

/// A source of tokens that does what it is told, step by step; the last step over and over.
#[derive(Clone)]
pub(crate) struct Source(Arc<Desk>);

struct Desk {
    steps: Mutex<VecDeque<Step>>,
    asked: watch::Sender<usize>,
    gate: Semaphore,
}

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

fn give(text: &str) -> Step {
    Step::Give(text.to_owned(), HOUR)
}

fn gated(step: Step) -> Step {
    Step::Gated(Box::new(step))
}

impl Source {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self(Arc::new(Desk {
            steps: Mutex::new(steps.into_iter().collect()),
            asked: watch::Sender::new(0),
            gate: Semaphore::new(0),
        }))
    }

    pub(crate) fn credential(&self) -> Credential {
        let source = self.clone();
        Credential::tokens(move || {
            let source = source.clone();
            async move { source.token().await }
        })
    }

    async fn token(&self) -> Result<Token, Box<dyn std::error::Error + Send + Sync>> {
        let mut step = {
            let mut steps = self.0.steps.lock().or_fail();
            let next = steps.front().cloned();
            if steps.len() > 1 {
                steps.pop_front();
            }
            next.or_fail()
        };
        self.0.asked.send_modify(|count| *count += 1);
        loop {
            match step {
                Step::Give(text, lifetime) => return Ok(Token::new(text).expires_after(lifetime)),
                Step::Until(text, time) => return Ok(Token::new(text).expires_at(time)),
                Step::Open(text) => return Ok(Token::new(text)),
                Step::Fail(reason) => return Err(reason.into()),
                Step::Panic => panic!("the source panics, as it was told to"),
                Step::Hang => pending().await,
                Step::Gated(then) => {
                    self.0.gate.acquire().await.or_fail().forget();
                    step = *then;
                }
            }
        }
    }

    /// Lets one fetch through that waits at the gate, or will.
    fn open(&self) {
        self.0.gate.add_permits(1);
    }

    /// How often it was asked.
    fn fetches(&self) -> usize {
        *self.0.asked.borrow()
    }

    /// Comes back once it was asked that often.
    pub(crate) async fn asked(&self, times: usize) {
        let mut asked = self.0.asked.subscribe();
        asked.wait_for(|count| *count >= times).await.or_fail();
    }
}

/// A server that takes every cancellation for done, a clock, and a client with such a credential.
struct Scene {
    server: RawServer,
    clock: Arc<TestClock>,
    account: batch::Client,
    source: Source,
}

impl Scene {
    async fn of(steps: impl IntoIterator<Item = Step>) -> Self {
        let server = RawServer::start([Reply::new(204, &[], "")]).await;
        let (clock, source) = (TestClock::start(), Source::new(steps));
        let account = account(&server.base_url(), source.credential(), &clock);
        Self {
            server,
            clock,
            account,
            source,
        }
    }

    async fn call(&self) -> Result<(), Error> {
        let thumbprint = calls::thumbprint();
        self.account.cancel_deletion(&thumbprint).await.map(drop)
    }

    /// The tokens that the server was shown, one a request.
    fn shown(&self) -> Vec<String> {
        let received = self.server.received();
        let token = |request: &test_support::Received| {
            let value = request.header("authorization").or_fail();
            value.strip_prefix("Bearer ").or_fail().to_owned()
        };
        received.iter().map(token).collect()
    }

    /// That the last call failed for want of a token, and that no call so far has reached the server.
    fn assert_nothing_sent(&self, error: &Error) {
        assert!(error.is_credential(), "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
        assert_eq!(error.attempts(), 0, "{error:?}");
        assert_eq!(self.server.connections(), 0, "{error:?}");
    }
}

fn account(url: &str, credential: Credential, clock: &Arc<TestClock>) -> batch::Client {
    let builder = batch::Client::builder(url, credential).allow_loopback_http();
    builder.clock(clock.clone()).retries(0).build().or_fail()
}

/// The error and all its sources, a line each.
fn chain(error: &Error) -> String {
    let error: &dyn std::error::Error = error;
    std::iter::successors(Some(error), |error| error.source())
        .map(|error| format!("{error}\n"))
        .collect()
}

/// A key as the portal shows it.
const KEY: &str =
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";

#[test]
fn a_key_or_an_account_of_another_form_is_refused() {
    for account in [
        "",
        "my/account",
        "my account",
        "myaccount\n",
        "myaccount:x",
        "myaccount.region.batch.azure.com",
        "m\u{fc}nchen",
    ] {
        let error = SharedKey::new(account, KEY).err_or_fail();
        assert!(error.is_invalid_input(), "{account:?}");
        assert!(error.to_string().starts_with("account: "), "{error}");
    }
    for (key, problem) in [
        ("", "key: it is empty"),
        (" \r\n", "key: it is empty"),
        ("secret-key!", "key: it is not base64"),
        // Base64 of the other alphabet, of a length that none has, and with something within.
        ("_-8=", "key: it is not base64"),
        ("QUJDR", "key: it is not base64"),
        ("QUJD RA==", "key: it is not base64"),
        ("QUJDRA", "key: it is not base64"),
    ] {
        let error = SharedKey::new("myaccount", key).err_or_fail();
        assert!(error.is_invalid_input(), "{key:?}");
        let text = error.to_string();
        assert!(text.starts_with(problem), "{key:?}: {text}");
        assert!(key.trim().is_empty() || !text.contains(key), "{text}");
    }
    // What a file or a copy from a page brings along.
    assert!(SharedKey::new("myaccount", format!("{KEY}\r\n")).is_ok());
}

#[test]
fn windows_azure_pack_takes_no_shared_key() {
    let key = SharedKey::new("myaccount", KEY).or_fail();
    let url = "http://127.0.0.1:9";
    let builder = wap::Client::builder(url, calls::SUBSCRIPTION, calls::PRINCIPAL, key);
    let error = builder.allow_loopback_http().build().err_or_fail();
    assert!(error.is_invalid_input());
    let text = error.to_string();
    let words = ["credential: ", "signs", "Windows Azure Pack", "bearer"];
    assert!(words.iter().all(|word| text.contains(word)), "{text}");
}
