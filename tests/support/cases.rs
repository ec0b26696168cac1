//! What every generated client and its mocks have to do, whatever their document: the conformance cases of the
//! suite that need a table of the document and nothing else. `cargo xtask generate` writes that table,
//! and the tests of each crate of mocks take this file in by its path: so no crate depends on the suite,
//! and no API has a copy of its own.

#![allow(
    clippy::expect_used,
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
use serde_json::{Value, json};
use thumbprint_transport::{Credential, Error, Transport};

/// Of a lock: nothing panics that holds one.
const UNPOISONED: &str = "not poisoned";

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
    /// The path and the query as they are sent.
    pub(crate) target: &'static str,
    /// The headers that the document declares, in lower case, with their texts.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// The names of the keys that the credential has; the value of each is `key`.
    pub(crate) keys: &'static [&'static str],
    pub(crate) arguments: &'static [Argument],
    pub(crate) body: Body,
    pub(crate) media_type: Option<&'static str>,
    pub(crate) answers: &'static [Answer],
    /// Statuses that the document says nothing of.
    pub(crate) undeclared: &'static [u16],
    /// Calls the operation with these values.
    pub(crate) call: fn(Transport, Given) -> Calling,
    /// Mocks the operation for these values.
    pub(crate) mock: for<'a, 'b> fn(&'a MockServer, &'b Given) -> Mock<'a>,
}

/// A call that is under way.
pub(crate) type Calling = Pin<Box<dyn Future<Output = Outcome>>>;

/// An argument that goes into path, query or headers: values in JSON.
pub(crate) struct Argument {
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    /// Another value.
    pub(crate) other: Option<&'static str>,
}

/// The body of a request: its value in JSON, and how it is sent.
pub(crate) enum Body {
    None,
    Json(&'static str),
    /// A form of these pairs.
    Form(&'static str, &'static [(&'static str, &'static str)]),
    /// Several parts, each with its name.
    Parts(&'static str, &'static [(&'static str, &'static str)]),
    /// A text as it is.
    Raw(&'static str),
}

impl Body {
    fn value(&self) -> Option<&'static str> {
        match *self {
            Self::None => None,
            Self::Json(value) | Self::Form(value, _) | Self::Parts(value, _) | Self::Raw(value) => {
                Some(value)
            }
        }
    }
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

/// The status of a call that succeeded, or its error. Of what the document describes nothing is read otherwise, or left
/// out.
pub(crate) fn outcome<T, H>(outcome: Result<thumbprint_transport::Answer<T, H>, Error>) -> Outcome {
    let answer = outcome?;
    assert!(answer.warnings().is_empty(), "{:?}", answer.warnings());
    Ok(answer.status().as_u16())
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
pub(crate) struct Given(Vec<&'static str>);

impl Given {
    fn of(case: &Case) -> Self {
        let arguments = case.arguments.iter().map(|argument| argument.value);
        Self(arguments.chain(case.body.value()).collect())
    }

    /// The value at `index`, as the generated code's type for it.
    pub(crate) fn get<T: DeserializeOwned>(&self, index: usize) -> T {
        let text = self.0[index];
        serde_json::from_str(text).unwrap_or_else(|error| {
            panic!("{}: {text}: {error}", std::any::type_name::<T>());
        })
    }
}

/// Values of a type.
pub(crate) struct Values {
    /// Where the document describes it.
    place: &'static str,
    decoded: fn(&str) -> serde_json::Result<Value>,
    /// Values that it has, as a list in JSON.
    taken: &'static str,
    /// Values that it does not have.
    refused: &'static str,
    /// Whether clients send it: nothing is added then, and `null` is no absence.
    is_sent: bool,
    /// Whether members that are not declared are allowed, and have no place in it.
    is_extended: bool,
}

impl Values {
    pub(crate) const fn new(
        place: &'static str,
        decoded: fn(&str) -> serde_json::Result<Value>,
        taken: &'static str,
    ) -> Self {
        Self {
            place,
            decoded,
            taken,
            refused: "[]",
            is_sent: false,
            is_extended: false,
        }
    }

    pub(crate) const fn refused(mut self, refused: &'static str) -> Self {
        self.refused = refused;
        self
    }

    pub(crate) const fn sent(mut self) -> Self {
        self.is_sent = true;
        self
    }

    pub(crate) const fn extended(mut self) -> Self {
        self.is_extended = true;
        self
    }
}

/// JSON, decoded into a type and encoded again. By the functions that the transport uses, so that the client's code
/// has them compiled.
pub(crate) fn decoded<T: DeserializeOwned + Serialize>(json: &str) -> serde_json::Result<Value> {
    let value: T = serde_json::from_slice(json.as_bytes())?;
    serde_json::from_slice(&serde_json::to_vec(&value)?)
}

/// What all cases are sent with: it can give whatever credential one of them asks for.
fn transport(server: &MockServer, cases: &[Case]) -> Transport {
    let keys: BTreeSet<_> = cases.iter().flat_map(|case| case.keys).collect();
    let keys = keys.into_iter().map(|name| Credential::key(*name, "key"));
    let usual = [
        Credential::bearer("token"),
        Credential::basic("user", "password"),
    ];
    let credential = Credential::all(usual.into_iter().chain(keys));
    let builder = Transport::builder(server.base_url(), credential);
    // What is sent is what a case sets.
    let builder = builder.allow_loopback_http().client_request_ids(false);
    builder.retries(0).build().expect("mocks have a base URL")
}

/// Fails with all of the failures.
fn conclude(failures: &[String]) {
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The mock of each operation is hit by the client's call with the same values, and by none that differs
/// in one of them.
pub(crate) async fn mocks_are_hit(cases: &[Case]) {
    let server = MockServer::start_async().await;
    let transport = transport(&server, cases);
    let mut failures = Vec::new();
    for case in cases {
        let values = Given::of(case);
        server.reset_async().await;
        let mock = (case.mock)(&server, &values);
        // What comes of it does not matter here: a mock answers as it likes.
        let _ = (case.call)(transport.clone(), values.clone()).await;
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
            let _ = (case.call)(transport.clone(), values).await;
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
    let transport = transport(&server, cases);
    let mut failures = Vec::new();
    for case in cases {
        server.reset_async().await;
        let requests: Arc<Mutex<Vec<HttpMockRequest>>> = Arc::default();
        let seen = Arc::clone(&requests);
        server.mock(|when, then| {
            when.is_true(move |request| {
                seen.lock().expect(UNPOISONED).push(request.clone());
                true
            });
            then.status(500);
        });
        let outcome = (case.call)(transport.clone(), Given::of(case)).await;
        let requests = requests.lock().expect(UNPOISONED);
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
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    if !is_target(target, case.target) {
        fail(format!("the target {target}, not {}", case.target));
    }
    let headers: Vec<_> = request
        .headers_vec()
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    for (name, text) in case.headers {
        let found = headers.iter().find(|(other, _)| other == name);
        if !found.is_some_and(|(_, found)| is_text(found, text)) {
            fail(format!("the header {name}: {found:?}, not {text}"));
        }
    }
    for (name, _) in &headers {
        let mut declared = case.headers.iter().map(|(name, _)| name);
        if !declared.any(|one| one == name) && !TRANSPORT_HEADERS.contains(&name.as_str()) {
            fail(format!("the header {name}, which is not declared"));
        }
    }
    let sent = headers.iter().find(|(name, _)| name == "content-type");
    let sent = sent.map(|(_, value)| value.as_str());
    let (media_type, boundary) = sent
        .and_then(|sent| sent.split_once("; boundary="))
        .map_or((sent, ""), |(media_type, boundary)| {
            (Some(media_type), boundary)
        });
    if media_type != case.media_type {
        fail(format!(
            "the content type {sent:?}, not {:?}",
            case.media_type
        ));
    }
    let body = String::from_utf8_lossy(request.body_ref());
    if !is_body(&body, &case.body, boundary) {
        fail(format!("the body {body}, not {:?}", case.body.value()));
    }
}

/// Whether a target is the declared one, but for the spelling of values and the order of the query.
fn is_target(sent: &str, declared: &str) -> bool {
    let [sent, declared] = [sent, declared].map(|target| {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut pairs: Vec<_> = query.split('&').collect();
        pairs.sort_by_key(|pair| pair.split('=').next());
        format!("{path}?{}", pairs.join("&"))
    });
    let delimiters = ['/', '?', '&', '=', ','];
    let is_piece = |(sent, declared): (&str, &str)| {
        // The same text may be encoded in one way only.
        sent == declared
            || plain(sent) != plain(declared) && is_text(&plain(sent), &plain(declared))
    };
    let marks = |text: &str| text.matches(delimiters).collect::<String>();
    let pieces = sent.split(delimiters).zip(declared.split(delimiters));
    marks(&sent) == marks(&declared) && pieces.into_iter().all(is_piece)
}

/// Whether a text is the declared one, but for the spelling of numbers, times and identifiers.
fn is_text(sent: &str, declared: &str) -> bool {
    let same = |sent: &Value, declared: &Value| is_same(declared, sent, true);
    let [sent_json, declared_json] = [sent, declared].map(serde_json::from_str::<Value>);
    same(&sent.into(), &declared.into())
        || matches!((sent_json, declared_json), (Ok(sent), Ok(declared)) if same(&sent, &declared))
}

fn is_body(sent: &str, declared: &Body, boundary: &str) -> bool {
    let are_pairs = |mut sent: Vec<(String, String)>, declared: &[(&str, &str)]| {
        let mut declared = declared.to_vec();
        // Members have no order.
        sent.sort_by(|one, other| one.0.cmp(&other.0));
        declared.sort_by(|one, other| one.0.cmp(other.0));
        sent.len() == declared.len()
            && sent
                .iter()
                .zip(declared)
                .all(|(sent, declared)| sent.0 == declared.0 && is_text(&sent.1, declared.1))
    };
    match *declared {
        Body::None => sent.is_empty(),
        Body::Raw(text) => serde_json::from_str::<String>(text).is_ok_and(|text| sent == text),
        Body::Json(value) => {
            let [sent, declared] = [sent, value].map(serde_json::from_str::<Value>);
            matches!((sent, declared), (Ok(sent), Ok(declared)) if is_same(&declared, &sent, true))
        }
        Body::Form(_, pairs) => {
            let pair = |pair: &str| {
                let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
                [name, text].map(|text| plain(&text.replace('+', " ")))
            };
            let sent = sent.split('&').filter(|pair| !pair.is_empty()).map(pair);
            are_pairs(sent.map(|[name, text]| (name, text)).collect(), pairs)
        }
        Body::Parts(_, parts) => {
            let part = |part: &str| {
                let (head, text) = part.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
                let name = head.split_once("; name=\"")?.1.split_once('"')?.0;
                Some((name.to_owned(), text.strip_suffix("\r\n")?.to_owned()))
            };
            let boundary = format!("--{boundary}");
            are_pairs(sent.split(&boundary).filter_map(part).collect(), parts)
        }
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
    let transport = transport(&server, cases);
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
            let outcome = (case.call)(transport.clone(), Given::of(case)).await;
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

/// Each value decodes into its type and encodes to what it was, also beside a member that is not declared; and what
/// the document rules out is refused.
pub(crate) fn values_come_back(all: &[Values]) {
    let mut failures = Vec::new();
    for one in all {
        let list = |json: &str| serde_json::from_str::<Vec<Value>>(json).expect("values are JSON");
        let values = list(one.taken);
        for before in &values {
            match (one.decoded)(&before.to_string()) {
                Ok(after) if is_same(before, &after, one.is_sent) => {}
                Ok(after) => failures.push(format!("{}: {before} became {after}", one.place)),
                Err(error) => failures.push(format!("{}: {before}: {error}", one.place)),
            }
        }
        if let (true, Some(Value::Object(value))) = (one.is_extended, values.last()) {
            let mut more = value.clone();
            more.insert("x-undeclared".to_owned(), Value::from(vec![1]));
            let after = (one.decoded)(&Value::from(more).to_string());
            if !after.is_ok_and(|after| is_same(&value.clone().into(), &after, one.is_sent)) {
                failures.push(format!(
                    "{}: a further member is not passed over",
                    one.place
                ));
            }
        }
        for value in list(one.refused) {
            if let Ok(after) = (one.decoded)(&value.to_string()) {
                failures.push(format!("{}: {value} is taken for {after}", one.place));
            }
        }
    }
    conclude(&failures);
}

/// Whether two values are the same, but for the spelling of numbers, times and identifiers. If not `exact`, `null` and
/// what is empty are as good as absent, and the second may have further members: defaults.
fn is_same(before: &Value, after: &Value, exact: bool) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let is_kept = |(name, value): (&String, &Value)| match after.get(name) {
                Some(after) => is_same(value, after, exact),
                None => !exact && (value.is_null() || *value == json!([]) || *value == json!({})),
            };
            before.iter().all(is_kept) && (!exact || before.len() == after.len())
        }
        (Value::Array(before), Value::Array(after)) => {
            let mut pairs = before.iter().zip(after);
            before.len() == after.len() && pairs.all(|(one, other)| is_same(one, other, exact))
        }
        (Value::Number(one), Value::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one == other,
            _ => one.as_f64() == other.as_f64(),
        },
        (Value::String(before), Value::String(after)) => {
            let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
            let address = |text: &str| text.parse::<std::net::IpAddr>().ok();
            before == after
                || time(before).is_some_and(|before| Some(before) == time(after))
                || address(before).is_some_and(|before| Some(before) == address(after))
                || uuid::Uuid::parse_str(before).is_ok_and(|uuid| uuid.to_string() == *after)
        }
        (before, after) => before == after,
    }
}
