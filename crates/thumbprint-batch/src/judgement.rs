//! What specs/batch.yaml cannot say: which requests may be sent again, and what an answer means after one
//! whose outcome is unknown.
//!
//! An outcome is unknown where the request may have reached the service and no answer says what came of
//! it: a connection that broke, a deadline that passed, 408, 500, 502, 503 or 504.
//!
//! | operation | is sent again after an unknown outcome | and then means "it was done" |
//! |---|---|---|
//! | Add | only if asked: a second one is refused | nothing by itself: after `CertificateExists` the facade looks whether it is ours |
//! | Cancel Deletion | only if asked: it works from `deletefailed` alone, so a second one is refused | 409 `CertificateStateActive`: the certificate is active again |
//! | Delete | yes: deleting twice is deleting once | 409 `CertificateBeingDeleted`, or 404: the deletion was taken, or is over |
//! | Get, List | yes: they change nothing | - |
//!
//! On a first attempt none of the refusals means anything but what it says. What was turned away before
//! anybody worked on it (429, or 503 `ServerBusy`) is sent again in any case; 503 and 408 are where they name
//! a time (`Retry-After`). The service does not document any of this: it follows from what it documents
//! of the states of a certificate.

use thumbprint_transport::{
    Judgement, ServiceError,
    judgement::{Repeat, Row, Rules, Sign},
};

use crate::types::BatchError;

/// How Batch is to be understood.
pub const JUDGEMENT: Judgement<BatchError> = Judgement {
    describe,
    rules: Rules {
        turned_away: &["ServerBusy"],
        // The table of error codes has it as 403; 401 is the usual status of the same thing.
        unauthenticated: &["AuthenticationFailed"],
        timeout_query: Some("timeout"),
        date_header: Some("ocp-date"),
        operations: &[
            Row {
                operation: "Certificate_Add",
                repeat: Repeat::IfAsked,
                done: &[],
            },
            Row {
                operation: "Certificate_CancelDeletion",
                repeat: Repeat::IfAsked,
                done: &[Sign::Code("CertificateStateActive")],
            },
            Row {
                operation: "Certificate_Delete",
                repeat: Repeat::Always,
                done: &[Sign::Code("CertificateBeingDeleted"), Sign::Status(404)],
            },
        ],
    },
};

fn describe(error: &BatchError) -> ServiceError {
    let mut service = ServiceError::default();
    service.code.clone_from(&error.code);
    service.message = error
        .message
        .as_ref()
        .and_then(|message| message.value.clone());
    service.details = error
        .values
        .iter()
        .flatten()
        .map(|detail| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            (text(&detail.key), text(&detail.value))
        })
        .collect();
    service
}
