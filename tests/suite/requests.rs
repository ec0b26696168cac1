//! Rows 9 to 13 and 20: what leaves the machine, and what never does. Each submodule names its rows
//! and the mutation that it must notice.

mod additions;
mod connections;
mod formats;
mod options;
mod refusals;
pub(crate) mod table;

use std::pin::Pin;

use conformance::calls::{self, Call, Clients};
use thumbprint::{Error, Thumbprint};

use crate::responses::predicates;

/// Sends a request, with some options set or none.
type Send = fn(Clients, Thumbprint) -> Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// A [`Send`]. What the call answers is of no interest here.
macro_rules! sends {
    (|$clients:ident, $thumbprint:pat_param| $call:expr) => {
        |$clients, $thumbprint| ::std::boxed::Box::pin(async move { $call.await.map(drop) })
    };
}
use sends;
use test_support::{OrFail as _, RawServer, Received, Reply};

/// What the server of an operation receives.
async fn record(call: &Call, send: Send, thumbprint: &str) -> Received {
    let recorder = RawServer::start([call.good()]).await;
    let clients = Clients::at(&recorder.base_url());
    send(clients, thumbprint.parse().or_fail()).await.or_fail();
    recorder.only()
}

/// What the server of an operation receives if no option is set.
async fn plain(call: &Call) -> Received {
    let recorder = RawServer::start([call.good()]).await;
    let outcome = call.at(recorder.base_url(), calls::PATIENT).await;
    outcome.or_fail();
    recorder.only()
}

/// Checks that a call was refused because of `field`, before anything was sent.
#[track_caller]
fn assert_refused<T>(outcome: Result<T, Error>, field: &str, value: &str) {
    let Err(error) = outcome else {
        panic!("{field} = {value:?} was taken");
    };
    let message = error.to_string();
    // In a call's error the operation and the certificate stand before it.
    let named =
        message.starts_with(&format!("{field}: ")) || message.contains(&format!(": {field}: "));
    assert!(named, "{field} = {value:?}: {message}");
    assert_eq!(predicates(&error), ["invalid_input"], "{message}");
    assert_eq!(
        (error.status(), error.code(), error.request_id()),
        (None, None, None)
    );
}

/// A server that takes every body-less operation for done.
async fn silent() -> RawServer {
    RawServer::start([Reply::new(204, &[], "")]).await
}

/// Checks that the server received nothing so far. A good call comes last: it proves that the server
/// was there to receive something, and that nothing else was on its way.
async fn assert_silent(recorder: &RawServer) {
    let account = calls::account(&recorder.base_url());
    account
        .cancel_deletion(&calls::thumbprint())
        .await
        .or_fail();
    assert_eq!((recorder.received().len(), recorder.connections()), (1, 1));
}
