//! What an API's document does not say and its runtime has to know: which requests may be sent again, what
//! an answer means after an attempt whose outcome is unknown, and which of the API's own names for errors
//! and headers mean what every service has a word for.
//!
//! Each API has one such table, in `semantics.rs` beside its generated code. What holds for every HTTP
//! service stands in this crate.

use http::{HeaderMap, HeaderName, StatusCode};

use crate::{Operation, ServiceError, header, operation::Location};

/// What the runtime has to know of an API. `..Semantics::DEFAULT` fills in what an API does not have.
///
/// ```
/// use thumbprint_transport::{
///     Semantics,
///     semantics::{Idempotency, OperationSemantics},
/// };
///
/// static SEMANTICS: Semantics = Semantics {
///     request_id: &["x-request-id"],
///     operations: &[OperationSemantics::new("Pets_Delete", Idempotency::Idempotent)],
///     ..Semantics::DEFAULT
/// };
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Semantics {
    /// Reads the body of an error answer.
    pub read_error: fn(&[u8]) -> ServiceError,
    /// Codes that say, with 503, that a request was throttled: turned away before it was worked on.
    pub throttled: &'static [&'static str],
    /// Codes that say, with 403, what 401 says: the credential is not accepted. A new token is tried.
    pub unauthenticated: &'static [&'static str],
    /// Codes that say that the credential cannot be read at all. A new token would fare no better.
    pub malformed_credential: &'static [&'static str],
    /// How the API says that there is no such thing.
    pub not_found: NotFound,
    /// How the API says that an operation was retired.
    pub retired: Option<Retirement>,
    /// Headers of an answer that hold the service's name for the request, the first one found counts.
    pub request_id: &'static [&'static str],
    /// Headers of a request that hold the caller's name for it. One that the operation declares, and that is not
    /// set, is sent with a random name, unless the client is told otherwise.
    pub client_request_id: &'static [HeaderName],
    /// Headers that say in milliseconds what `Retry-After` says in seconds.
    pub retry_after_ms: &'static [&'static str],
    /// The query parameter that tells the service how many seconds it may spend. It never gives the
    /// service more time than the call has left.
    pub timeout_query: Option<&'static str>,
    /// The header that tells when a request was made. A retry tells its own time.
    pub date_header: Option<&'static str>,
    /// One row for each operation that changes something. Reads need none.
    pub operations: &'static [OperationSemantics],
}

impl Semantics {
    /// Only what holds for every HTTP service.
    pub const DEFAULT: Self = Self {
        read_error: ServiceError::from_json_body,
        throttled: &[],
        unauthenticated: &[],
        malformed_credential: &[],
        not_found: NotFound::Status,
        retired: None,
        request_id: &[],
        client_request_id: &[],
        retry_after_ms: &[],
        timeout_query: None,
        date_header: None,
        operations: &[],
    };

    pub(crate) fn of(&self, operation: &Operation) -> Option<&'static OperationSemantics> {
        self.operations
            .iter()
            .find(|row| row.operation == operation.id)
    }

    /// Whether the operation may be sent again while it is unknown whether it was carried out.
    pub(crate) fn is_repeatable(&self, operation: &Operation, asked: bool) -> bool {
        let idempotent = |row: &OperationSemantics| row.idempotency == Idempotency::Idempotent;
        asked || operation.is_read() || self.of(operation).is_some_and(idempotent)
    }

    /// Whether a success that the document does not have is taken for one.
    pub(crate) fn is_tolerated(&self, operation: &Operation, status: StatusCode) -> bool {
        let tolerates = |row: &OperationSemantics| row.tolerated.contains(&status.as_u16());
        self.of(operation).is_some_and(tolerates)
    }

    /// Whether an answer with status 404 is the service's own: something on the way can answer so, too.
    pub(crate) fn is_not_found(&self, status: StatusCode, service: &ServiceError) -> bool {
        status == StatusCode::NOT_FOUND
            && match self.not_found {
                NotFound::Status => true,
                NotFound::ServiceError => service.code.is_some() || service.message.is_some(),
                NotFound::Codes(codes) => {
                    let code = service.code.as_deref();
                    code.is_some_and(|code| codes.contains(&code))
                }
            }
    }

    /// Whether a refusal is among these pieces of evidence.
    pub(crate) fn is_evidence(
        &self,
        among: &[AppliedEvidence],
        status: StatusCode,
        service: &ServiceError,
    ) -> bool {
        among.iter().any(|evidence| match evidence {
            AppliedEvidence::Code(code) => service.code.as_deref() == Some(code),
            AppliedEvidence::Status(number) => status.as_u16() == *number,
            AppliedEvidence::NotFound => self.is_not_found(status, service),
        })
    }

    /// The service's name for the request.
    pub(crate) fn request_id<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let mut names = self.request_id.iter();
        names.find_map(|name| header::text(headers, name))
    }

    /// The header for the caller's name for a request, where the operation declares one.
    pub(crate) fn client_request_id_header(
        &self,
        operation: &Operation,
    ) -> Option<&'static HeaderName> {
        let is_declared = |name: &&HeaderName| {
            let mut parameters = operation.parameters.iter();
            parameters.any(|one| one.location == Location::Header && one.name == **name)
        };
        self.client_request_id.iter().find(is_declared)
    }
}

/// How an API says that there is no such thing. With 404 alone a load balancer or a proxy says that it knows
/// no such host or path, which is no evidence for anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// With 404, whatever the body: all that is known of an API of which nothing else is.
    Status,
    /// With 404 and an error in the form of the API's own.
    ServiceError,
    /// With 404 and one of these codes.
    Codes(&'static [&'static str]),
}

/// How an API says that an operation was retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retirement {
    /// The service's code.
    pub code: &'static str,
    /// What to do instead, as the end of a sentence.
    pub advice: &'static str,
}

/// What is known of one operation that changes something.
#[derive(Clone, Copy, Debug)]
pub struct OperationSemantics {
    /// The operation id.
    pub operation: &'static str,
    /// Whether it may be sent again while it is unknown whether it was carried out.
    pub idempotency: Idempotency,
    /// What a repetition is refused with if an earlier attempt was carried out.
    pub already_applied: &'static [AppliedEvidence],
    /// What a repetition is refused with if the thing exists: because an earlier attempt was carried out,
    /// or for longer. [`CallOptions::confirm`](crate::CallOptions::confirm) tells the two apart.
    pub exists: &'static [AppliedEvidence],
    /// Statuses of success that the document does not have and servers are known to answer with.
    pub tolerated: &'static [u16],
    /// Members of which the body of a success has at least one, if it has a body. JSON without any of them is an
    /// error, or the answer of something on the way, whatever its status says.
    pub answer_members: &'static [&'static str],
}

impl OperationSemantics {
    /// A row without evidence and tolerance.
    #[must_use]
    pub const fn new(operation: &'static str, idempotency: Idempotency) -> Self {
        Self {
            operation,
            idempotency,
            already_applied: &[],
            exists: &[],
            tolerated: &[],
            answer_members: &[],
        }
    }
}

/// Whether an operation is the same done twice as done once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// It is, so it is sent again while its outcome is unknown.
    Idempotent,
    /// It is not. It is sent again only if the caller asks for that (`retry_ambiguous`).
    NonIdempotent,
}

/// A refusal that is evidence for an earlier attempt having been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliedEvidence {
    /// The service's code for the error.
    Code(&'static str),
    /// The status, whatever the code.
    Status(u16),
    /// That there is no such thing, as the API says it: [`Semantics::not_found`].
    NotFound,
}
