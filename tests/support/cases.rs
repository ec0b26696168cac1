//! What every generated client and its mocks have to do, whatever their document: the conformance cases of the
//! suite that need a table of the document and nothing else. `cargo xtask generate` writes that table,
//! and the tests of each crate of mocks take this file in by its path: so no crate depends on the suite,
//! and no API has a copy of its own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "all of it is called by tests only"
)]

use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::{Arc, Mutex},
};

use httpmock::{HttpMockRequest, Mock, MockServer};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use thumbprint_transport::{Credential, Error, Transport, operation::match_path};

/// Headers that the transport and HTTP itself send, which no document declares.
const TRANSPORT_HEADERS: [&str; 6] = [
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "host",
    "user-agent",
];

/// What the document says of one operation, with sample values.
pub(crate) struct Case {
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    /// The path's template.
    pub(crate) path: &'static str,
    pub(crate) arguments: &'static [Argument],
    /// The body, in JSON.
    pub(crate) body: Option<&'static str>,
    pub(crate) media_type: Option<&'static str>,
    pub(crate) answers: &'static [Answer],
    /// Statuses that the document says nothing of.
    pub(crate) undeclared: &'static [u16],
    /// Calls the operation with these values.
    pub(crate) call: fn(Transport, Values) -> Calling,
    /// Mocks the operation for these values.
    pub(crate) mock: for<'a, 'b> fn(&'a MockServer, &'b Values) -> Mock<'a>,
}

/// A call that is under way.
pub(crate) type Calling = Pin<Box<dyn Future<Output = Outcome>>>;

/// An argument that goes into path, query or headers.
pub(crate) struct Argument {
    place: Place,
    /// Its name on the wire.
    name: &'static str,
    /// A value, in JSON.
    value: &'static str,
    /// Another one.
    other: Option<&'static str>,
    /// The names that its style sends it under, where that is not its own.
    sent_as: Option<&'static [&'static str]>,
    /// What the value is on the wire, where there is only one way to write it.
    text: Option<&'static str>,
    /// Whether the caller gives it.
    is_given: bool,
    /// The name of the key that it is, if it comes from the credential.
    key: Option<&'static str>,
}

impl Argument {
    pub(crate) const fn new(
        place: Place,
        name: &'static str,
        value: &'static str,
        other: Option<&'static str>,
    ) -> Self {
        Self {
            place,
            name,
            value,
            other,
            sent_as: None,
            text: None,
            is_given: true,
            key: None,
        }
    }

    /// What the document says that every call has.
    pub(crate) const fn constant(place: Place, name: &'static str, text: &'static str) -> Self {
        Self {
            text: Some(text),
            is_given: false,
            ..Self::new(place, name, "", None)
        }
    }

    /// The key `key` of the credential, which is `text` on the wire.
    pub(crate) const fn of_credential(
        place: Place,
        name: &'static str,
        key: &'static str,
        text: &'static str,
    ) -> Self {
        Self {
            key: Some(key),
            ..Self::constant(place, name, text)
        }
    }

    pub(crate) const fn sent_as(mut self, names: &'static [&'static str]) -> Self {
        self.sent_as = Some(names);
        self
    }

    pub(crate) const fn text(mut self, text: &'static str) -> Self {
        self.text = Some(text);
        self
    }
}

/// Where an argument goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// A declared answer.
pub(crate) struct Answer {
    status: u16,
    kind: Kind,
    media_type: Option<&'static str>,
    body: &'static str,
}

impl Answer {
    pub(crate) const fn new(
        status: u16,
        kind: Kind,
        media_type: Option<&'static str>,
        body: &'static str,
    ) -> Self {
        Self {
            status,
            kind,
            media_type,
            body,
        }
    }
}

/// What an answer becomes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Success,
    /// An error whose body is of the document's type: what reads it as that.
    TypedError(fn(&Error) -> bool),
    Error,
    Unexpected,
}

/// What a call came to.
pub(crate) type Outcome = Result<u16, Error>;

/// The status of a call that succeeded, or its error.
pub(crate) fn outcome<T, H>(outcome: Result<thumbprint_transport::Answer<T, H>, Error>) -> Outcome {
    outcome.map(|answer| answer.status().as_u16())
}

impl Kind {
    /// Whether an outcome is of this kind, with a status.
    fn fits(self, status: u16, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (Self::Success, Ok(found)) => *found == status,
            (Self::Success, Err(_)) | (_, Ok(_)) => false,
            (kind, Err(error)) => {
                let is_kind = match kind {
                    Self::TypedError(reads) => error.service().is_some() && reads(error),
                    Self::Error => error.service().is_some(),
                    _ => error.is_unexpected_answer(),
                };
                is_kind && error.status().is_some_and(|found| found == status)
            }
        }
    }
}

/// The values of one call, in JSON: those of the case's arguments and then its body.
#[derive(Clone)]
pub(crate) struct Values(Vec<&'static str>);

impl Values {
    fn of(case: &Case) -> Self {
        let given = case.arguments.iter().filter(|one| one.is_given);
        let arguments = given.map(|argument| argument.value);
        Self(arguments.chain(case.body).collect())
    }

    /// The value at `index`, as the generated code's type for it.
    pub(crate) fn get<T: DeserializeOwned>(&self, index: usize) -> T {
        let text = self.0[index];
        serde_json::from_str(text).unwrap_or_else(|error| {
            panic!("{}: {text}: {error}", std::any::type_name::<T>());
        })
    }
}

/// An example of the document's.
pub(crate) struct Example {
    /// Where it stands.
    pub(crate) place: &'static str,
    pub(crate) json: &'static str,
    pub(crate) decoded: fn(&str) -> serde_json::Result<Value>,
}

/// JSON, decoded into a type and encoded again.
pub(crate) fn decoded<T: DeserializeOwned + Serialize>(json: &str) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_str::<T>(json)?)
}

fn transport(server: &MockServer, case: &Case) -> Transport {
    let keys = case.arguments.iter().filter_map(|one| one.key);
    let keys = keys.map(|name| Credential::key(name, "key"));
    let usual = [
        Credential::bearer("token"),
        Credential::basic("user", "password"),
    ];
    let credential = Credential::all(usual.into_iter().chain(keys));
    let builder = Transport::builder(server.base_url(), credential);
    // What is sent is what a case sets.
    let builder = builder.allow_loopback_http().client_request_ids(false);
    builder.retries(0).build().unwrap()
}

/// Fails with all of the failures.
fn conclude(failures: &[String]) {
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The mock of each operation is hit by the client's call with the same values, and by none that differs
/// in one of them.
pub(crate) async fn mocks_are_hit(cases: &[Case]) {
    let server = MockServer::start_async().await;
    let mut failures = Vec::new();
    for case in cases {
        let values = Values::of(case);
        server.reset_async().await;
        let mock = (case.mock)(&server, &values);
        // What comes of it does not matter here: a mock answers as it likes.
        let _ = (case.call)(transport(&server, case), values.clone()).await;
        let hits = mock.calls_async().await;
        if hits != 1 {
            failures.push(format!("{}: its mock was hit {hits} times", case.operation));
        }
        for (index, argument) in case.arguments.iter().enumerate() {
            let Some(other) = argument.other else {
                continue;
            };
            server.reset_async().await;
            let mock = (case.mock)(&server, &values);
            let mut values = values.clone();
            values.0[index] = other;
            let _ = (case.call)(transport(&server, case), values).await;
            if mock.calls_async().await != 0 {
                failures.push(format!(
                    "{}: its mock for {} = {} was hit by {other}",
                    case.operation, argument.name, argument.value
                ));
            }
        }
    }
    conclude(&failures);
}

/// Each request is as the document has it, and has nothing that the document does not declare.
pub(crate) async fn requests_are_declared(cases: &[Case]) {
    let server = MockServer::start_async().await;
    let mut failures = Vec::new();
    for case in cases {
        server.reset_async().await;
        let requests: Arc<Mutex<Vec<HttpMockRequest>>> = Arc::default();
        let seen = Arc::clone(&requests);
        server.mock(|when, then| {
            when.is_true(move |request| {
                seen.lock().unwrap().push(request.clone());
                true
            });
            then.status(500);
        });
        let outcome = (case.call)(transport(&server, case), Values::of(case)).await;
        let requests = requests.lock().unwrap();
        let mut fail = |what: String| failures.push(format!("{}: {what}", case.operation));
        match requests.as_slice() {
            [request] => check_request(case, request, &mut fail),
            all => fail(format!("{} requests; {outcome:?}", all.len())),
        }
    }
    conclude(&failures);
}

fn check_request(case: &Case, request: &HttpMockRequest, fail: &mut impl FnMut(String)) {
    if request.method_str() != case.method {
        fail(format!("the method {}", request.method_str()));
    }
    let uri = request.uri();
    let Some(segments) = match_path(case.path, uri.path()) else {
        return fail(format!("the path {} is not {}", uri.path(), case.path));
    };
    let in_path = segments
        .into_iter()
        .map(|(name, value)| (name.to_owned(), plain(value)));
    let headers: Vec<_> = request
        .headers_vec()
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    check_pairs(case, Place::Path, &in_path.collect::<Vec<_>>(), fail);
    check_pairs(case, Place::Query, &request.query_params(), fail);
    check_pairs(case, Place::Header, &headers, fail);
    let sent = headers.iter().find(|(name, _)| name == "content-type");
    let sent = sent.map(|(_, value)| value.split("; boundary=").next().unwrap_or_default());
    if sent != case.media_type {
        fail(format!(
            "the content type {sent:?}, not {:?}",
            case.media_type
        ));
    }
}

/// What is sent in one place, against the arguments that go there.
fn check_pairs(
    case: &Case,
    place: Place,
    sent: &[(String, String)],
    fail: &mut impl FnMut(String),
) {
    let spelt = |name: &str| match place {
        Place::Header => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    };
    let mut declared = BTreeSet::new();
    for argument in case.arguments.iter().filter(|one| one.place == place) {
        let own = [argument.name];
        for name in argument.sent_as.unwrap_or(&own) {
            let name = spelt(name);
            let found = sent.iter().find(|(other, _)| *other == name);
            match (found, argument.text) {
                (None, _) => fail(format!("{place:?} lacks {name}")),
                (Some((_, found)), Some(text)) if found != text => {
                    fail(format!("{place:?}: {name} is {found}, not {text}"));
                }
                _ => {}
            }
            declared.insert(name);
        }
    }
    if place == Place::Header {
        declared.extend(TRANSPORT_HEADERS.map(str::to_owned));
    }
    for (name, _) in sent.iter().filter(|(name, _)| !declared.contains(name)) {
        fail(format!("{place:?} has {name}, which is not declared"));
    }
}

/// Text without its percent-encoding.
fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let byte = others.get(..2).filter(|_| *first == b'%');
        let byte = byte.and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = byte.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Each declared status becomes what it is declared as, and any other an error or an unexpected answer, with the
/// status kept.
pub(crate) async fn statuses_come_out(cases: &[Case]) {
    let server = MockServer::start_async().await;
    let mut failures = Vec::new();
    for case in cases {
        let undeclared = case.undeclared.iter().map(|status| {
            let kind = match status {
                400..=599 => Kind::Error,
                _ => Kind::Unexpected,
            };
            Answer::new(*status, kind, None, "")
        });
        let undeclared: Vec<_> = undeclared.collect();
        for answer in case.answers.iter().chain(&undeclared) {
            server.reset_async().await;
            server.mock(|_, then| {
                let then = then.status(answer.status).body(answer.body);
                if let Some(media_type) = answer.media_type {
                    then.header("content-type", media_type);
                }
            });
            let outcome = (case.call)(transport(&server, case), Values::of(case)).await;
            if !answer.kind.fits(answer.status, &outcome) {
                failures.push(format!(
                    "{}: {} is {:?} and became {outcome:?}",
                    case.operation, answer.status, answer.kind
                ));
            }
        }
    }
    conclude(&failures);
}

/// Each example decodes into its type, and encodes to what it was.
pub(crate) fn examples_decode(examples: &[Example]) {
    let mut failures = Vec::new();
    for Example {
        place,
        json,
        decoded,
    } in examples
    {
        let before: Value = serde_json::from_str(json).unwrap();
        match decoded(json) {
            Ok(after) if is_same(&before, &after) => {}
            Ok(after) => failures.push(format!("{place}: {before} became {after}")),
            Err(error) => failures.push(format!("{place}: {error}")),
        }
    }
    conclude(&failures);
}

/// Whether two values are the same, but for members that are absent or `null`, and for the spelling of
/// numbers, times and identifiers.
fn is_same(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => before.iter().all(|(name, value)| {
            let after = after.get(name).unwrap_or(&Value::Null);
            is_same(value, after)
        }),
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len()
                && before
                    .iter()
                    .zip(after)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Number(before), Value::Number(after)) => before.as_f64() == after.as_f64(),
        (Value::String(before), Value::String(after)) => {
            let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
            before == after
                || time(before).is_some_and(|before| Some(before) == time(after))
                || uuid::Uuid::parse_str(before).is_ok_and(|uuid| uuid.to_string() == *after)
        }
        (before, after) => before == after,
    }
}
