//! What specs/wap.yaml cannot say: which requests may be sent again, and what an answer means after an
//! attempt whose outcome is unknown.
//!
//! An outcome is unknown where the request may have reached the service and no answer says whether it was
//! carried out: a connection that broke, a deadline that passed, 408, a 5xx other than 501, 505 and 511, a
//! success or a page that the operation does not have.
//!
//! | operation | idempotent: is sent again after an unknown outcome | evidence that the attempt was applied |
//! |---|---|---|
//! | Add | no, only if asked to: a second one is refused | 409, if the caller confirms that what exists is what was to be added |
//! | Delete | yes: deleting twice is deleting once | 404 with an error in the service's form: it is deleted, and the certificate that the lost answer held is lost. No other 404: a load balancer can answer so |
//! | Get, List | yes: they change nothing | - |
//!
//! On a first attempt each of these refusals means what it says. 429 is sent again in any case; so are 503 and
//! 408 that name a time (`Retry-After`). No page of Windows Azure Pack speaks of retries: this follows from
//! what its pages say of the statuses, and from HTTP.
//!
//! Add also succeeds with 200 and no body, and Delete with 204: the sibling API of public Azure answers so to
//! the same requests. Delete with 200 and JSON that has no member of a certificate is no success: an error says
//! so, whatever its status.

use thumbprint_transport::{
    DescribeError, Semantics, ServiceError,
    http::HeaderName,
    semantics::{AppliedEvidence, Idempotency, NotFound, OperationSemantics},
};

use crate::types;

static CLIENT_REQUEST_ID: [HeaderName; 1] = [HeaderName::from_static("x-ms-client-request-id")];

/// How Windows Azure Pack is to be understood.
pub static SEMANTICS: Semantics = Semantics {
    read_error: ServiceError::from_body::<types::ServiceError>,
    // Names that public Azure has for it, with 403 and 400. That a new token would be accepted is written
    // nowhere.
    malformed_credential: &["AuthenticationFailed", "InvalidAuthenticationInfo"],
    // The pages name none of these headers; Azure's gateways have them.
    request_id: &["request-id", "x-ms-request-id"],
    client_request_id: &CLIENT_REQUEST_ID,
    retry_after_ms: &["retry-after-ms", "x-ms-retry-after-ms"],
    // No page names a code for it.
    not_found: NotFound::ServiceError,
    operations: &[
        OperationSemantics {
            exists: &[AppliedEvidence::Status(409)],
            tolerated: &[200],
            ..OperationSemantics::new("ManagementCertificate_Add", Idempotency::NonIdempotent)
        },
        OperationSemantics {
            already_applied: &[AppliedEvidence::NotFound],
            tolerated: &[204],
            // Each can be absent. That one of them is there tells a certificate from an error that comes with 200.
            answer_members: &[
                "SubscriptionCertificatePublicKey",
                "SubscriptionCertificateThumbprint",
                "SubscriptionCertificateData",
                "TimeCreated",
            ],
            ..OperationSemantics::new("ManagementCertificate_Delete", Idempotency::Idempotent)
        },
    ],
    ..Semantics::DEFAULT
};

impl DescribeError for types::ServiceError {
    fn describe(self) -> ServiceError {
        let mut service = ServiceError::default();
        service.code = self.code;
        service.message = self.message;
        let details = self.details.into_iter().flatten();
        service.details = details
            .map(|detail| {
                let (code, message) = (detail.code, detail.message);
                (code.unwrap_or_default(), message.unwrap_or_default())
            })
            .collect();
        service
    }
}
