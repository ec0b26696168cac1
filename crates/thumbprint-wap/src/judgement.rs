//! What specs/wap.yaml cannot say: which requests may be sent again, and what an answer means after one
//! whose outcome is unknown.
//!
//! An outcome is unknown where the request may have reached the service and no answer says what came of
//! it: a connection that broke, a deadline that passed, 408, 500, 502, 503 or 504.
//!
//! | operation | is sent again after an unknown outcome | and then means "it was done" |
//! |---|---|---|
//! | Add | only if asked: a second one is refused | nothing by itself: after 409 the facade looks whether it is ours |
//! | Delete | yes: deleting twice is deleting once | 404: it is deleted, and the certificate that the first answer held is lost |
//! | Get, List | yes: they change nothing | - |
//!
//! On a first attempt none of the refusals means anything but what it says. 429 is sent again in any
//! case; 503 and 408 are where they name a time (`Retry-After`). No page of Windows Azure Pack speaks of
//! retries: this follows from what its pages say of the statuses, and from HTTP.

use thumbprint_transport::{
    Judgement, ServiceError,
    judgement::{Repeat, Row, Rules, Sign},
};

use crate::types;

/// How Windows Azure Pack is to be understood.
pub const JUDGEMENT: Judgement<types::ServiceError> = Judgement {
    describe,
    rules: Rules {
        operations: &[
            Row {
                operation: "ManagementCertificate_Add",
                repeat: Repeat::IfAsked,
                done: &[],
            },
            Row {
                operation: "ManagementCertificate_Delete",
                repeat: Repeat::Always,
                done: &[Sign::Status(404)],
            },
        ],
        ..Rules::NONE
    },
};

fn describe(error: &types::ServiceError) -> ServiceError {
    let mut service = ServiceError::default();
    service.code.clone_from(&error.code);
    service.message.clone_from(&error.message);
    service.details = error
        .details
        .iter()
        .flatten()
        .map(|detail| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            (text(&detail.code), text(&detail.message))
        })
        .collect();
    service
}
