//! Row 15: every status from 200 to 599 that is not a declared success is an error that keeps it, and that
//! says whether it leaves a doubt. Must notice 200 taken for 204, and a doubt that is not told. Interim
//! answers are in the table of faults.

use conformance::{
    calls::{ALL, Call, tenant, thumbprint},
    world,
};
use test_support::{OrFail as _, RawServer, Reply, is_long};

use super::{DELETE, REQUEST_ID, ask, is_read, predicates, status};

/// Successes that no document declares and that are taken all the same: the siblings of WAP's operations
/// answer that way (facts), to a deletion without a certificate, and to an addition with 200 and no body.
const BEYOND_THE_DOCUMENT: [(&str, u16); 2] = [
    ("ManagementCertificate_Delete", 204),
    ("ManagementCertificate_Add", 200),
];

fn accepted(call: &Call, body: &str) -> Vec<u16> {
    let declared = world::operation(call.operation).responses;
    let declared = declared.iter().filter(|response| response.is_success());
    let declared = declared.map(|response| response.status.parse().or_fail());
    let others = BEYOND_THE_DOCUMENT.iter().filter(|(operation, status)| {
        // Of a 204 no body is read.
        *operation == call.operation && (body.is_empty() || *status == 204)
    });
    declared.chain(others.map(|(_, status)| *status)).collect()
}

/// Whether it is unknown what became of a change that was answered with this status, which the operation
/// does not have: a success of some kind, "see there", or something on the way gave up. 501, 505 and 511 say
/// that the request was not worked on.
fn is_doubt(status: u16) -> bool {
    match status {
        501 | 505 | 511 => false,
        200..=299 | 303 | 408 | 500..=599 => true,
        _ => false,
    }
}

async fn every_status(body_of: fn(&Call) -> &'static str, step: usize) {
    for (index, call) in ALL.iter().enumerate() {
        let body = body_of(call);
        // A body that a document promises, and that is not there. WAP's deletion does without.
        let lost = call.answers && body.is_empty() && call.operation != DELETE.operation;
        let (accepted, changes) = (accepted(call, body), !is_read(call));
        assert!(accepted.contains(&call.success), "{}", call.operation);
        let first = 200 + u16::try_from(index % step).expect("a few");
        let some = (first..600).step_by(step).chain(accepted.clone());
        for number in some.chain([600, 999]) {
            let row = format!("{} {number} {body:?}", call.operation);
            let headers = [("request-id", REQUEST_ID), ("X-Kept", "yes")];
            let outcome = ask(call, Reply::new(number, &headers, body)).await;
            let error = match outcome {
                Ok((found, _)) => {
                    assert!(accepted.contains(&number), "{row} was taken for a success");
                    assert_eq!(found, number, "{row}");
                    continue;
                }
                Err(error) => error,
            };
            if lost && number == call.success {
                // Only reads have an answer to lose here: WAP's deletion takes an empty one.
                assert_eq!(predicates(&error), ["unexpected_answer"], "{row}");
                assert_eq!(status(&error), Some(number), "{row}");
                continue;
            }
            assert!(!accepted.contains(&number), "{row}: {error}");
            assert_eq!(status(&error), Some(number), "{row}");
            assert_eq!(error.request_id(), Some(REQUEST_ID), "{row}");
            assert_eq!(error.headers().or_fail()["x-kept"], "yes", "{row}");
            let refused = (400..600).contains(&number);
            assert_eq!(error.service().is_some(), refused, "{row}");
            // An empty body, or an empty object, does not say that it is the service's own 404.
            let unexpected = !refused || number == 404;
            assert_eq!(error.is_unexpected_answer(), unexpected, "{row}");
            assert!(!error.is_not_found(), "{row}");
            let unknown = is_doubt(number) && changes;
            assert_eq!(error.is_outcome_unknown(), unknown, "{row}: {error}");
            let told = error.to_string().contains("the outcome is unknown");
            assert_eq!(told, unknown, "{row}: {error}");
            assert!(!error.is_applied(), "{row}");
            assert_eq!(error.code(), None, "{row}");
            assert!(error.to_string().contains(&number.to_string()), "{error}");
        }
    }
}

// Facts: Certificate_CancelDeletion: answer 204; ManagementCertificate_Delete: answer 200
#[tokio::test]
async fn only_declared_statuses_are_successes_with_an_empty_body() {
    every_status(|_| "", 1).await;
}

#[tokio::test]
async fn only_declared_statuses_are_successes_with_a_json_body() {
    // The short form takes other statuses of each operation.
    let step = if is_long() { 1 } else { 7 };
    every_status(|call| if call.answers { call.least() } else { "{}" }, step).await;
}

#[tokio::test]
async fn wap_takes_204_and_an_empty_200_for_a_deletion_without_a_certificate() {
    let empty_chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec();
    for (answer, expected) in [
        (Reply::new(204, &[], ""), 204),
        (Reply::new(200, &[], ""), 200),
        // Nothing has no form, whatever its content type says.
        (Reply::new(200, &[("Content-Type", "text/html")], ""), 200),
        (Reply::Bytes(empty_chunks), 200),
        (Reply::Close(Reply::head(200, &[])), 200),
    ] {
        let server = RawServer::start([answer.clone()]).await;
        let gone = tenant(&server.base_url()).delete(&thumbprint()).await;
        let gone = gone.unwrap_or_else(|error| panic!("{answer:?}: {error}"));
        assert_eq!(gone.status(), expected, "{answer:?}");
        assert!(gone.value().is_none(), "{answer:?}");
    }
}
