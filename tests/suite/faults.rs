//! What the client does when things go wrong: whether it sends again, what it says in the end, and what
//! it never sends. Must notice a request that is sent once too often or not often enough, a pause that
//! was not asked for, and an outcome that is reported as more certain than it is.
//!
//! [`table`] has one row per fault. A cell is a row, one of the nine operations, with or without
//! `retry_ambiguous` where the operation has it, and a server that fails always or only once. What each
//! cell expects is derived in [`expected`] from the fault's class and from what the operation is.
//! Faults in sequence, and those that are about more than one answer, have their own modules.

use std::{sync::Arc, time::Duration};

use conformance::calls::{Call, Clients, batch_builder, wap_builder};
use serde_json::json;
use test_support::{FixedJitter, OrFail as _, Reply, TestClock};
use thumbprint::{ClientBuilder, batch, wap};

use crate::responses::REQUEST_ID;

mod after_ambiguous;
mod budget;
mod credentials;
mod expected;
mod pool;
mod sequences;
mod table;

/// What an attempt means, in the words of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Not sent, or throttled before it was worked on.
    N,
    /// Unknown: it may have been carried out.
    U,
    /// Unknown, and the service asks to be asked again (408 or 503 with `Retry-After`).
    Asked,
    /// Final.
    F,
    /// An answer that leaves in doubt whether it was carried out, and that would come again.
    Doubt,
    /// A declared success was seen, then its body broke off.
    Broken,
    /// A declared success whose body cannot be read: undecodable, encoded or too long.
    Unread,
    /// A declared success of another media type, such as a sign-in page.
    Foreign,
    /// Nothing that a caller has to notice.
    Fine,
}

/// What an operation is, as far as sending it twice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nature {
    Read,
    /// Twice is the same as once.
    Idempotent,
    /// Twice is not the same as once.
    Ambiguous,
}

impl Nature {
    fn of(call: &Call) -> Self {
        match call.operation {
            "Certificate_List"
            | "Certificate_Get"
            | "ManagementCertificate_List"
            | "ManagementCertificate_Get" => Self::Read,
            "Certificate_Delete" | "ManagementCertificate_Delete" => Self::Idempotent,
            "Certificate_Add" | "Certificate_CancelDeletion" | "ManagementCertificate_Add" => {
                Self::Ambiguous
            }
            other => panic!("{other} has no nature yet"),
        }
    }
}

/// The pauses between attempts where no service says otherwise: half of 0.8 s, and twice as long each time.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
];

/// Settings of clients that send again as often as they do by default, by this clock.
fn builders(
    url: &str,
    clock: &Arc<TestClock>,
) -> (ClientBuilder<batch::Settings>, ClientBuilder<wap::Settings>) {
    let (batch, wap) = (batch_builder(url), wap_builder(url));
    (timed(batch, clock).retries(3), timed(wap, clock).retries(3))
}

/// The same settings, by this clock and with pauses that are known.
fn timed<S>(builder: ClientBuilder<S>, clock: &Arc<TestClock>) -> ClientBuilder<S> {
    let jitter = Arc::new(FixedJitter(0.5));
    builder.clock(Arc::clone(clock) as _).jitter(jitter)
}

fn clients(url: &str, clock: &Arc<TestClock>) -> Clients {
    let (batch, wap) = builders(url, clock);
    Clients {
        batch: batch.build().or_fail(),
        wap: wap.build().or_fail(),
    }
}

/// Calls an operation, with `retry_ambiguous` where it has that and it is wanted.
async fn run(call: &Call, clients: Clients, retry_ambiguous: bool) -> conformance::calls::Outcome {
    match call.retry_ambiguous {
        Some(call) if retry_ambiguous => call(clients).await,
        _ => (call.run)(clients, None).await,
    }
}

/// A refusal in the form of the operation's API, with a name for the request.
fn refusal(call: &Call, status: u16, headers: &[(&str, &str)], code: &str) -> Reply {
    let headers = [
        headers,
        &[
            ("Content-Type", "application/json"),
            ("request-id", REQUEST_ID),
        ],
    ]
    .concat();
    let batch = json!({"code": code, "message": {"lang": "en-US", "value": "It is so."}});
    let wap = json!({"Code": code, "Message": "It is so."});
    Reply::new(status, &headers, call.choose([batch, wap]).to_string())
}

/// A refusal without a body.
fn bare(status: u16, headers: &[(&str, &str)]) -> Reply {
    let headers = [headers, &[("request-id", REQUEST_ID)]].concat();
    Reply::new(status, &headers, "")
}
