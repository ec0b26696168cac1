//! What specs/batch.yaml cannot say: which requests may be sent again, and what an answer means after an
//! attempt whose outcome is unknown.
//!
//! An outcome is unknown where the request may have reached the service and no answer says whether it was
//! carried out: a connection that broke, a deadline that passed, 408, a 5xx other than 501, 505 and 511, a
//! success or a page that the operation does not have.
//!
//! | operation | idempotent: is sent again after an unknown outcome | evidence that the attempt was applied |
//! |---|---|---|
//! | Add | no, only if asked to: a second one is refused | 409 `CertificateExists`, if the caller confirms that what exists is what was to be added |
//! | Cancel Deletion | no, only if asked to: it works from `deletefailed` alone, so a second one is refused | 409 `CertificateStateActive`: the certificate is active again |
//! | Delete | yes: deleting twice is deleting once | 409 `CertificateBeingDeleted`, or 404 `CertificateNotFound`: the deletion was accepted, or is over. No other 404: a load balancer can answer so |
//! | Get, List | yes: they change nothing | - |
//!
//! On a first attempt each of these refusals means what it says. What was throttled before the service worked
//! on it (429, or 503 `ServerBusy`) is sent again in any case; so are 503 and 408 that name a time
//! (`Retry-After`). The service documents none of this: it follows from what it documents of the states of a
//! certificate.

use http::HeaderName;
use thumbprint_transport::{
    DescribeError, Semantics, ServiceError,
    semantics::{AppliedEvidence, Idempotency, NotFound, OperationSemantics, Retirement},
};

use crate::{code, types};

static CLIENT_REQUEST_ID: [HeaderName; 1] = [HeaderName::from_static("client-request-id")];

/// How Batch is to be understood.
pub static SEMANTICS: Semantics = Semantics {
    read_error: ServiceError::from_body::<types::BatchError>,
    throttled: &[code::SERVER_BUSY],
    // The table of error codes has it as 403; 401 is the usual status of the same thing.
    unauthenticated: &[code::AUTHENTICATION_FAILED],
    malformed_credential: &[code::INVALID_AUTHENTICATION_INFO],
    // `ResourceNotFound` speaks of the path, and is no evidence for anything.
    not_found: NotFound::Codes(&[code::CERTIFICATE_NOT_FOUND]),
    retired: Some(Retirement {
        code: code::CERTIFICATE_RETIRED,
        advice: "use the Azure Key Vault extension for virtual machines in place of Batch certificates",
    }),
    // The second is that of Azure's gateways. They answer in the service's place.
    request_id: &["request-id", "x-ms-request-id"],
    client_request_id: &CLIENT_REQUEST_ID,
    // Azure's own, beside `Retry-After`.
    retry_after_ms: &["retry-after-ms", "x-ms-retry-after-ms"],
    timeout_query: Some("timeout"),
    date_header: Some("ocp-date"),
    operations: &[
        OperationSemantics {
            exists: &[AppliedEvidence::Code(code::CERTIFICATE_EXISTS)],
            ..OperationSemantics::new("Certificate_Add", Idempotency::NonIdempotent)
        },
        OperationSemantics {
            already_applied: &[AppliedEvidence::Code(code::CERTIFICATE_STATE_ACTIVE)],
            ..OperationSemantics::new("Certificate_CancelDeletion", Idempotency::NonIdempotent)
        },
        OperationSemantics {
            already_applied: &[
                AppliedEvidence::Code(code::CERTIFICATE_BEING_DELETED),
                AppliedEvidence::NotFound,
            ],
            ..OperationSemantics::new("Certificate_Delete", Idempotency::Idempotent)
        },
    ],
};

impl DescribeError for types::BatchError {
    fn describe(self) -> ServiceError {
        let mut service = ServiceError::default();
        service.code = self.code;
        service.message = self.message.and_then(|message| message.value);
        let details = self.values.into_iter().flatten();
        service.details = details
            .map(|detail| {
                let (key, value) = (detail.key, detail.value);
                (key.unwrap_or_default(), value.unwrap_or_default())
            })
            .collect();
        service
    }
}
