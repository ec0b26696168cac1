//! The errors of Azure Batch.
//!
//! The shape of the body, the two lines at the end of its message, and the codes are the vendor's. The
//! wording is the sandbox's own; so are all `values` but those of `MissingRequiredHeader` and the key
//! `Reason` of `CertificateRetired`. No value repeats what a header held.

use bytes::Bytes;
use chrono::{DateTime, Timelike, Utc};
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use thumbprint_batch::types::{BatchError, BatchErrorDetail, ErrorMessage};
use thumbprint_transport::operation::Location;

use super::Call;
use crate::request::{Fault, MAX_BODY};

pub(super) const API_VERSION: &str = "api-version";

const HEADER_NAME: &str = "HeaderName";
const PATH_NAME: &str = "PathParameterName";
const QUERY_NAME: &str = "QueryParameterName";
const QUERY_VALUE: &str = "QueryParameterValue";
const REASON: &str = "Reason";

/// As recorded. The document says `application/json`.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/json; odata=minimalmetadata");

/// Why a request is not carried out.
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    values: Vec<(&'static str, String)>,
    allow: Option<String>,
}

/// The body as it is sent. `odata.metadata` is in every recorded error and declared nowhere.
#[derive(Serialize)]
struct Body {
    #[serde(rename = "odata.metadata")]
    metadata: String,
    #[serde(flatten)]
    error: BatchError,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            values: Vec::new(),
            allow: None,
        }
    }

    fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.values.push((key, value.into()));
        self
    }

    pub(super) fn nowhere() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ResourceNotFound",
            "The specified resource does not exist.",
        )
    }

    pub(super) fn other_method(allow: String) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "UnsupportedHttpVerb",
                "The resource does not support this HTTP method.",
            )
        }
    }

    pub(super) fn no_length() -> Self {
        Self::new(
            StatusCode::LENGTH_REQUIRED,
            "MissingContentLengthHeader",
            "The Content-Length header is missing. Send Content-Length: 0 where there is no body.",
        )
    }

    pub(super) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestBodyTooLarge",
            "The body of the request is too large.",
        )
        .with("MaxLimit", MAX_BODY.to_string())
    }

    /// A 400 and not a 401, with these values: as recorded.
    pub(super) fn missing_authorization() -> Self {
        Self::missing_header("Authorization")
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "AuthenticationFailed",
            "The server could not authenticate the request. The Authorization header is neither \
             `Bearer <token>` nor `SharedKey <account>:<signature>`.",
        )
    }

    /// The code, the date and the key are those that users of the live service reported in 2025.
    pub(super) fn retired() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "CertificateRetired",
            "The certificate feature was retired on 02/29/2024.",
        )
        .with(
            REASON,
            "Certificate APIs are no longer supported. Remove the certificate references from your \
             pools, jobs and job schedules, or delete those that have them.",
        )
    }

    pub(super) fn version(version: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "UnsupportedRequestVersion",
            "The request asks for a version of the API that is not supported.",
        )
        .with(QUERY_NAME, API_VERSION)
        .with(QUERY_VALUE, version)
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "CertificateNotFound",
            "The specified certificate does not exist.",
        )
    }

    /// Without `values`, as recorded.
    pub(super) fn active() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "CertificateStateActive",
            "The specified certificate is active.",
        )
    }

    pub(super) fn being_deleted() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "CertificateBeingDeleted",
            "The specified certificate is being deleted.",
        )
    }

    /// The document has something that the sandbox cannot do yet.
    pub(super) fn not_built() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "The sandbox does not carry out this operation yet.",
        )
    }

    fn missing_header(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "MissingRequiredHeader",
            format!("The required header {name} is missing."),
        )
        .with(HEADER_NAME, name)
    }

    fn uri(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "InvalidUri",
            "The requested URI does not represent a resource of the service.",
        )
        .with(PATH_NAME, name)
    }

    pub(super) fn into_response(self, call: &Call<'_>) -> Response<Bytes> {
        let values = self
            .values
            .into_iter()
            .map(|(key, value)| BatchErrorDetail {
                key: Some(key.to_owned()),
                value: Some(value),
            });
        let values: Vec<_> = values.collect();
        let message = format!(
            "{}\nRequestId:{}\nTime:{}",
            self.message,
            call.request_id,
            seven_decimals(call.now)
        );
        let body = Body {
            metadata: format!(
                "http://{}/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element",
                call.request.authority
            ),
            error: BatchError {
                code: Some(self.code.to_owned()),
                message: Some(ErrorMessage {
                    lang: Some("en-US".to_owned()),
                    value: Some(message),
                }),
                values: (!values.is_empty()).then_some(values),
            },
        };
        // Texts only: this cannot fail.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = call.response(self.status, body.into());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
        if let Some(allow) = self.allow.and_then(|allow| allow.try_into().ok()) {
            headers.insert(header::ALLOW, allow);
        }
        response
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let bad = |code, message: String| Self::new(StatusCode::BAD_REQUEST, code, message);
        match fault {
            Fault::Missing(Location::Header, name) => Self::missing_header(name),
            Fault::Missing(Location::Query, name) => bad(
                "MissingRequiredQueryParameter",
                format!("The required query parameter {name} is missing."),
            )
            .with(QUERY_NAME, name),
            Fault::Undeclared(Location::Query, name) => bad(
                "UnsupportedQueryParameter",
                "A query parameter is not supported by this operation.".to_owned(),
            )
            .with(QUERY_NAME, name),
            Fault::Undeclared(Location::Header, name) => bad(
                "UnsupportedHeader",
                "A header is not supported by this operation.".to_owned(),
            )
            .with(HEADER_NAME, name),
            Fault::Repeated(Location::Query, name) => bad(
                "InvalidQueryParameterValue",
                "A query parameter was sent more than once.".to_owned(),
            )
            .with(QUERY_NAME, name)
            .with(REASON, "The parameter must be sent once"),
            Fault::Repeated(Location::Header, name) => bad(
                "InvalidHeaderValue",
                "A header was sent more than once.".to_owned(),
            )
            .with(HEADER_NAME, name)
            .with(REASON, "The header must be sent once"),
            Fault::Malformed {
                location: Location::Query,
                name: API_VERSION,
                value,
                ..
            } => Self::version(&value),
            Fault::Malformed {
                location: Location::Query,
                name,
                value,
                reason,
            } => bad(
                "InvalidQueryParameterValue",
                "The value of a query parameter is not valid.".to_owned(),
            )
            .with(QUERY_NAME, name)
            .with(QUERY_VALUE, value)
            .with(REASON, reason),
            Fault::Malformed {
                location: Location::Header,
                name,
                reason,
                ..
            } => bad(
                "InvalidHeaderValue",
                "The value of a header is not valid.".to_owned(),
            )
            .with(HEADER_NAME, name)
            .with(REASON, reason),
            Fault::Malformed {
                location: Location::Path,
                name,
                reason,
                ..
            } => Self::uri(name).with(REASON, reason),
            Fault::Missing(Location::Path, name) | Fault::Repeated(Location::Path, name) => {
                Self::uri(name)
            }
            Fault::Undeclared(Location::Path, name) => Self::uri(&name),
            Fault::UnexpectedBody => bad(
                "InvalidRequestBody",
                "The operation takes no request body.".to_owned(),
            ),
            Fault::BrokenBody => bad(
                "InvalidRequestBody",
                "The request body could not be read to its end.".to_owned(),
            ),
        }
    }
}

/// The service's times have seven decimals; chrono prints three, six or nine.
fn seven_decimals(time: DateTime<Utc>) -> String {
    format!(
        "{}.{:07}Z",
        time.format("%Y-%m-%dT%H:%M:%S"),
        // A leap second counts on beyond a whole second.
        time.nanosecond() % 1_000_000_000 / 100
    )
}

#[cfg(test)]
mod tests {
    use super::seven_decimals;

    #[test]
    fn times_have_seven_decimals() {
        for (time, text) in [
            ("2023-11-20T10:11:12Z", "2023-11-20T10:11:12.0000000Z"),
            (
                "2023-11-20T10:11:12.001234567Z",
                "2023-11-20T10:11:12.0012345Z",
            ),
        ] {
            assert_eq!(seven_decimals(time.parse().unwrap()), text);
        }
    }
}
