//! Signatures. They are held to those of the vendor's own SDK, and to a verifier that knows nothing but
//! the bytes of a request and the rules of the page. Must notice a signature over another method, path,
//! query, length, type or time than what is sent, one that is not made anew for a second attempt or a
//! second page, and one with another key.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, NaiveDateTime, Utc};
use conformance::calls;
use futures_util::TryStreamExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use test_support::{OrFail as _, RawServer, Received, Reply, TestClock};
use thumbprint::{
    ClientBuilder, SharedKey,
    batch::{self, CertificateState, filter},
};
use thumbprint_transport::{CallOptions, Operation, Semantics, Transport};

use super::KEY;

/// Signed requests of the vendor's SDK; see data/README.md.
const VECTORS: &str = include_str!("../../data/wire/sharedkey-vectors.json");

/// The one request with capitals in a name of its query. The SDK signs names as they are spelled; the
/// page, .NET and Java sign them in lower case, and so do we. Computed from the rules by hand.
const LOWER_CASE: &str = "SharedKey myaccount:WFkTJNjEJ5ohKhlPXHHR6WYU//rqrtNTluj1T2sNG20=";

fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
    vector[name].as_str().or_fail()
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// Sends the request of a vector, whatever it is, through the transport.
async fn sent(vector: &Value, server: &RawServer) -> Received {
    let key = SharedKey::new(text(vector, "account"), text(vector, "key_base64")).or_fail();
    let transport = Transport::builder(server.base_url(), key);
    let transport = transport.allow_loopback_http().build().or_fail();
    let target = text(vector, "target");
    let method = text(vector, "method");
    let path = target.split('?').next().or_fail();
    let media_type = Some(text(vector, "content_type")).filter(|found| !found.is_empty());
    let operation: &'static Operation = Box::leak(Box::new(Operation::new(
        "ByHand",
        "by hand",
        leak(method),
        leak(path),
        None,
        media_type.map(leak),
        &[],
        &[],
        true,
        false,
    )));
    let build = || {
        let mut request = transport.request(operation);
        request.header("ocp_date", "ocp-date", text(vector, "ocp_date"));
        // A POST without a body gets its length, and a DELETE none: that is the SDK's own habit.
        if method == "DELETE" {
            let length = text(vector, "content_length");
            request.header("content_length", "content-length", length);
        }
        let body = text(vector, "body");
        if !body.is_empty() {
            request.text(body);
        }
        // A link is sent as it is spelled.
        request.finish_at(Some(target))
    };
    let before = server.received().len();
    // The operation has no response, so none is a success.
    let options = CallOptions::default();
    let outcome = transport.send(&build, operation, &Semantics::DEFAULT, &options);
    assert!(outcome.await.err_or_fail().is_unexpected_answer());
    let received = server.received();
    assert_eq!(received.len(), before + 1, "{}", text(vector, "call"));
    received.last().or_fail().clone()
}

// Facts: security Authorization; scheme Authorization: apiKey header Authorization
#[tokio::test]
async fn signatures_are_those_of_the_vendors_sdk() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).or_fail();
    let server = RawServer::start([Reply::new(200, &[], "")]).await;
    let mut capitals = 0;
    for vector in &vectors {
        let name = text(vector, "call");
        let received = sent(vector, &server).await;
        assert_eq!(received.method, text(vector, "method"), "{name}");
        // The parser of URLs writes a quote in a query as `%27`, which reads the same.
        let target = text(vector, "target").replace('\'', "%27");
        assert_eq!(received.target, target, "{name}");
        let header = |name: &str| received.header(name).unwrap_or_default().to_owned();
        for (header, expected) in [
            (header("content-length"), "content_length"),
            (header("content-type"), "content_type"),
            (header("ocp-date"), "ocp_date"),
        ] {
            assert_eq!(header, text(vector, expected), "{name}: {expected}");
        }
        assert_eq!(received.body, text(vector, "body").as_bytes(), "{name}");

        let differs = vector["lowercased_names_would_differ"] == true;
        let expected = if differs {
            capitals += 1;
            LOWER_CASE
        } else {
            text(vector, "authorization")
        };
        assert_eq!(header("authorization"), expected, "{name}");
        // The verifier of the tests below stands the same test.
        assert_eq!(verified(&received), Ok(()), "{name}");
    }
    assert_eq!((vectors.len(), capitals), (10, 1));
}

/// What the page says of a request's signature, applied to the bytes that came: the text that is signed.
fn string_to_sign(request: &Received) -> String {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let mut signed = format!("{}\n", request.method);
    for name in [
        "content-encoding",
        "content-language",
        "content-length",
        "content-md5",
        "content-type",
        "date",
        "if-modified-since",
        "if-match",
        "if-none-match",
        "if-unmodified-since",
        "range",
    ] {
        signed += header(name);
        signed += "\n";
    }
    let mut own: Vec<_> = request.headers.clone();
    own.retain(|(name, _)| name.starts_with("ocp-"));
    own.sort();
    let own = own.iter().map(|(name, value)| format!("{name}:{value}\n"));
    let (path, query) = request.target.split_once('?').or_fail();
    let mut parameters: Vec<_> = query
        .split('&')
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decoded(name).to_lowercase(), decoded(value)))
        .collect();
    parameters.sort();
    let parameters = parameters.iter();
    let parameters = parameters.map(|(name, value)| format!("\n{name}:{value}"));
    signed.extend(own);
    signed.extend(["/myaccount", path]);
    signed.extend(parameters);
    signed
}

/// What a form's value says: `+` is a space, `%` starts two digits.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut plain = Vec::new();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).or_fail()
            }
            other => other,
        });
    }
    String::from_utf8(plain).or_fail()
}

/// What is wrong with a request's signature.
fn verified(request: &Received) -> Result<(), String> {
    let signed = string_to_sign(request);
    let key = BASE64_STANDARD.decode(KEY).or_fail();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).or_fail();
    mac.update(signed.as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let expected = format!("SharedKey myaccount:{signature}");
    match request.header("authorization") {
        Some(found) if found == expected => Ok(()),
        found => Err(format!("{found:?} does not sign {signed:?}")),
    }
}

fn date(request: &Received) -> DateTime<Utc> {
    let text = request.header("ocp-date").or_fail();
    let time = NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT");
    time.or_fail().and_utc()
}

fn keyed(url: &str, clock: &Arc<TestClock>) -> ClientBuilder<batch::Settings> {
    let key = SharedKey::new("myaccount", KEY).or_fail();
    let builder = batch::Client::builder(url, key).allow_loopback_http();
    builder.clock(clock.clone())
}

/// The next link of a list, with capitals, an empty value, a plus and what needs no escape in it.
const NEXT: &str = "/base/certificates?$skipToken=TUFB%2Fe8%3D%2B1+x&$filter=state%20eq%20'active'&Empty=&api-version=2023-11-01.18.0";

#[tokio::test]
async fn every_request_of_ours_is_signed_as_it_is_sent() {
    let server = RawServer::listening().await;
    let page = format!(
        r#"{{"value":[],"odata.nextLink":"{}{NEXT}"}}"#,
        server.base_url()
    );
    server.answer([
        Reply::new(204, &[], ""),
        Reply::new(200, &[], page),
        Reply::new(200, &[], r#"{"value":[]}"#),
        Reply::new(201, &[], ""),
        Reply::new(202, &[], ""),
        Reply::new(200, &[], "{}"),
    ]);
    let clock = TestClock::start();
    // A base path is a part of what is signed.
    let account = keyed(&format!("{}/base/", server.base_url()), &clock);
    let account = account.build().or_fail();
    let thumbprint = calls::thumbprint();

    let cancel = account.cancel_deletion(&thumbprint);
    cancel.timeout(Duration::from_secs(15)).await.or_fail();
    let list = account
        .list()
        .filter(filter::state().eq(CertificateState::Unknown("caf\u{e9} + o'x&".into())))
        .select(["thumbprint", "state"])
        .max_results("7");
    let pages: Vec<_> = list.pages().try_collect().await.or_fail();
    assert_eq!(pages.len(), 2);
    account.add(calls::new_pfx()).await.or_fail();
    account.delete(&thumbprint).await.or_fail();
    account.get(&thumbprint).await.or_fail();

    let received = server.received();
    let methods: Vec<_> = received.iter().map(|one| one.method.as_str()).collect();
    assert_eq!(methods, ["POST", "GET", "GET", "POST", "DELETE", "GET"]);
    assert_eq!(received[2].target, NEXT.replace('\'', "%27"));
    for request in &received {
        assert_eq!(verified(request), Ok(()));
        assert!(request.path().starts_with("/base/certificates"));
        let late = thumbprint::Clock::utc_now(&*clock) - date(request);
        assert!((0..2).contains(&late.num_seconds()), "{late}");
    }
    // Theirs says and signs 0; a DELETE without a body needs none, and what is not sent is not signed.
    assert_eq!(received[4].header("content-length"), None);
    assert_eq!(received[0].header("content-length"), Some("0"));

    // The verifier can tell: each part of a request that is signed counts.
    let mut changed = received[1].clone();
    changed.target = changed.target.replace("maxresults=7", "maxresults=8");
    assert!(verified(&changed).is_err());
    let mut changed = received[0].clone();
    changed.headers.retain(|(name, _)| name != "content-length");
    assert!(verified(&changed).is_err());
    let mut changed = received[5].clone();
    changed.method = "DELETE".to_owned();
    assert!(verified(&changed).is_err());
}

/// The service takes a request for 15 minutes after its date, and a retry can come later than that.
#[tokio::test]
async fn each_attempt_is_signed_anew() {
    let wait = [("Retry-After", "1200")];
    for given in [false, true] {
        let server = RawServer::start([
            Reply::new(503, &wait, r#"{"code":"ServerBusy"}"#),
            Reply::new(204, &[], ""),
        ])
        .await;
        let clock = TestClock::start();
        let account = keyed(&server.base_url(), &clock).total_timeout(Duration::from_secs(3600));
        let account = account.build().or_fail();
        let thumbprint = calls::thumbprint();
        let call = account.cancel_deletion(&thumbprint);
        let call = if given {
            call.ocp_date(thumbprint::Clock::utc_now(&*clock))
        } else {
            call
        };
        call.await.or_fail();

        let received = server.received();
        assert_eq!(received.len(), 2);
        for request in &received {
            assert_eq!(verified(request), Ok(()), "{given}");
        }
        let apart = date(&received[1]) - date(&received[0]);
        assert_eq!(apart.num_seconds(), 1200, "{given}");
    }
}

/// Nothing can be put in place of a key that is not accepted.
#[tokio::test]
async fn a_key_that_is_not_accepted_is_not_tried_again() {
    for (status, body) in [(401, ""), (403, r#"{"code":"AuthenticationFailed"}"#)] {
        let server = RawServer::start([Reply::new(status, &[], body)]).await;
        let account = keyed(&server.base_url(), &TestClock::start());
        let account = account.build().or_fail();
        let error = account.cancel_deletion(&calls::thumbprint()).await;
        let error = error.err_or_fail();
        assert!(error.is_unauthenticated(), "{error}");
        assert_eq!((error.attempts(), server.received().len()), (1, 1));
    }
}
