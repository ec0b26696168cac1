//! The generic conformance cases of specs/wap.yaml: what any document asks of its client and its mocks.

#[path = "../../../../tests/support/cases.rs"]
#[allow(dead_code, reason = "which parts are needed depends on the document")]
mod support;

#[rustfmt::skip]
#[allow(unused_imports, deprecated)]
#[allow(clippy::all, clippy::pedantic)]
mod generated;

mod example;

use generated::{CASES, VALUES};

#[tokio::test(flavor = "current_thread")]
async fn mocks_are_hit() {
    support::mocks_are_hit(CASES).await;
}

#[tokio::test(flavor = "current_thread")]
async fn requests_are_declared() {
    support::requests_are_declared(CASES).await;
}

#[tokio::test(flavor = "current_thread")]
async fn statuses_come_out() {
    support::statuses_come_out(CASES).await;
}

#[test]
fn values_come_back() {
    support::values_come_back(VALUES);
}
