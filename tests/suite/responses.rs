//! Rows 14 to 17: what the client makes of answers, with one module per question.
//!
//! - [`headers`], row 14, must notice a response header that was renamed, retyped or dropped.
//! - [`statuses`], row 15, must notice a status that is taken for success without being declared.
//! - [`bodies`], row 16, must notice an error body of any kind that costs the status, a header, the code
//!   or the message.
//! - [`certificates`], rows 14 and 17, must notice a member of a body that was renamed or retyped, a
//!   closed enum of states, and a body that is refused because of a member that no document has.
//! - [`limits`] must notice a cap, a content type or a content encoding that is not checked.
//! - [`odd`] must notice an odd value that costs its neighbours, or is lost without a word.
//! - [`faults`] must notice a broken connection or a passed deadline that is reported as something else.
//! - [`predicates`] must notice a predicate that is true too often or not often enough, and an error's
//!   text that shows too much or too little. It holds row 17, which must notice a closed enum of codes.

use std::sync::LazyLock;

use conformance::{
    calls::{ALL, Call, Outcome, PATIENT},
    world,
};
use test_support::{RawServer, Reply};
use thumbprint::Error;

mod bodies;
mod certificates;
mod faults;
mod headers;
mod limits;
mod odd;
mod predicates;
mod statuses;

/// The service's name for a request, in every answer that has one.
pub(crate) const REQUEST_ID: &str = "7d2f1a90-3c44-4e0b-9a51-0b6f5c1d2e3f";

/// The call of Batch that both the page and its recordings are about.
const CANCEL: &Call = &ALL[4];
/// The call of WAP that has a body on its page.
const DELETE: &Call = &ALL[8];

#[test]
fn the_calls_are_those_that_their_names_say() {
    assert_eq!(CANCEL.operation, "Certificate_CancelDeletion");
    assert_eq!(DELETE.operation, "ManagementCertificate_Delete");
}

/// Calls an operation at a server that gives one answer, again and again.
async fn ask(call: &Call, answer: Reply) -> Outcome {
    let server = RawServer::start([answer]).await;
    call.at(server.base_url(), PATIENT).await
}

/// Whether an operation changes nothing: what is asked by GET.
fn is_read(call: &Call) -> bool {
    static READS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let operations = world::operations().into_iter();
        let reads = operations.filter(|(_, operation)| operation.method == "GET");
        reads.map(|(_, operation)| operation.id).collect()
    });
    READS.iter().any(|id| id == call.operation)
}

/// The error that an operation makes of an answer.
async fn refusal(call: &Call, answer: Reply) -> Error {
    let row = format!("{}: {answer}", call.operation);
    match ask(call, answer).await {
        Ok(success) => panic!("{row} was taken for {success:?}"),
        Err(error) => error,
    }
}

/// The names of all predicates that are true.
pub(crate) fn predicates(error: &Error) -> Vec<&'static str> {
    let all = [
        ("invalid_input", error.is_invalid_input()),
        ("not_found", error.is_not_found()),
        ("conflict", error.is_conflict()),
        ("unauthenticated", error.is_unauthenticated()),
        ("forbidden", error.is_forbidden()),
        ("throttled", error.is_throttled()),
        ("retired", error.is_retired()),
        ("credential", error.is_credential()),
        ("timeout", error.is_timeout()),
        ("connect", error.is_connect()),
        ("tls", error.is_tls()),
        ("unexpected_answer", error.is_unexpected_answer()),
        ("outcome_unknown", error.is_outcome_unknown()),
        ("applied", error.is_applied()),
    ];
    let mut names: Vec<_> = all
        .into_iter()
        .filter_map(|(name, is)| is.then_some(name))
        .collect();
    names.sort_unstable();
    names
}

/// The status of an error's answer.
pub(crate) fn status(error: &Error) -> Option<u16> {
    error.status().map(|status| status.as_u16())
}
