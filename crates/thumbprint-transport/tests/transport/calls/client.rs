//! An API of four operations, and one call.

use http::HeaderMap;
use test_support::{OrFail as _, RawServer, TestClock};
use thumbprint_transport::{
    Answer, CallOptions, Credential, Error, Operation, Semantics, Transport,
    operation::ResponseSpec,
    semantics::{AppliedEvidence, Idempotency, OperationSemantics},
};

pub(crate) static GET: Operation = operation("Thing_Get", "get", "GET", "/things/{name}/");
pub(crate) static ADD: Operation = operation("Thing_Add", "add", "POST", "/things/{name}/");
pub(crate) static LIST: Operation = operation("Thing_List", "list", "GET", "/things");
pub(crate) static DOWNLOAD: Operation = Operation::new(
    "Thing_Download",
    "download",
    "GET",
    "/things/{name}/bytes",
    Some("application/octet-stream"),
    None,
    &[],
    &[ResponseSpec::new(
        Some(200),
        Some("application/octet-stream"),
        &[],
    )],
    true,
    false,
);

const fn operation(
    id: &'static str,
    title: &'static str,
    method: &'static str,
    path: &'static str,
) -> Operation {
    const JSON: &[ResponseSpec] = &[ResponseSpec::new(Some(200), Some("application/json"), &[])];
    Operation::new(
        id,
        title,
        method,
        path,
        Some("application/json"),
        None,
        &[],
        JSON,
        true,
        false,
    )
}

pub(crate) static SEMANTICS: Semantics = Semantics {
    request_id: &["request-id"],
    operations: &[OperationSemantics {
        exists: &[AppliedEvidence::Status(409)],
        ..OperationSemantics::new("Thing_Add", Idempotency::NonIdempotent)
    }],
    ..Semantics::DEFAULT
};

/// The headers of any answer.
#[derive(Clone, Debug)]
pub(crate) struct Headers(HeaderMap);

impl From<HeaderMap> for Headers {
    fn from(headers: HeaderMap) -> Self {
        Self(headers)
    }
}

impl AsRef<HeaderMap> for Headers {
    fn as_ref(&self) -> &HeaderMap {
        &self.0
    }
}

/// A client of a server on this machine, below a path of its own.
pub(crate) fn transport(server: &RawServer, clock: std::sync::Arc<TestClock>) -> Transport {
    transport_with(server, clock, TOKEN.into())
}

/// The same with another credential.
pub(crate) fn transport_with(
    server: &RawServer,
    clock: std::sync::Arc<TestClock>,
    credential: Credential,
) -> Transport {
    let base = format!("{}/base/", server.base_url());
    let builder = Transport::builder(base, credential).allow_loopback_http();
    builder.clock(clock).build().or_fail()
}

/// What it is sent with.
pub(crate) const TOKEN: &str = "token.of-the-client";

/// Calls an operation of one thing.
pub(crate) async fn call(
    transport: &Transport,
    operation: &'static Operation,
) -> Result<Answer<Option<serde_json::Value>, Headers>, Error> {
    call_with(transport, operation, &CallOptions::default()).await
}

pub(crate) async fn call_with(
    transport: &Transport,
    operation: &'static Operation,
    options: &CallOptions<'_>,
) -> Result<Answer<Option<serde_json::Value>, Headers>, Error> {
    call_named(transport, operation, "a b", options).await
}

/// Calls an operation of the thing of that name.
pub(crate) async fn call_named(
    transport: &Transport,
    operation: &'static Operation,
    name: &str,
    options: &CallOptions<'_>,
) -> Result<Answer<Option<serde_json::Value>, Headers>, Error> {
    let build = || {
        let mut request = transport.request(operation);
        request.literal("/things/");
        request.segment("name", name);
        request.literal("/");
        request.finish()
    };
    let response = transport.send(&build, operation, &SEMANTICS, options);
    response.await?.optional_json()
}
