//! The errors of Azure Batch.
//!
//! The shape of the body, the two lines at the end of its message, and the codes are the vendor's. The
//! wording is the sandbox's own; so are all `values` but those of `MissingRequiredHeader` and the key
//! `Reason` of `CertificateRetired`. No value repeats what a header or a property held.

mod fault;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde::Serialize;
use thumbprint_batch::types::{BatchError, BatchErrorDetail, ErrorMessage};

use super::{Call, MEDIA_TYPE, time::seven_decimals};
use crate::request::MAX_BODY;

pub(super) const API_VERSION: &str = "api-version";

const HEADER_NAME: &str = "HeaderName";
const PATH_NAME: &str = "PathParameterName";
const QUERY_NAME: &str = "QueryParameterName";
const QUERY_VALUE: &str = "QueryParameterValue";
const REASON: &str = "Reason";
const PROPERTY_NAME: &str = "PropertyName";

/// How much of an unknown property's name an answer repeats.
const MAX_NAME: usize = 100;

/// Why a request is not carried out.
pub(super) struct ErrorReply {
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

impl ErrorReply {
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

    /// Of certificates the sandbox has all that the service has. Of the rest nobody can say that it would have
    /// found nothing.
    pub(super) fn nowhere(path: &str) -> Self {
        const OWN: &str = "/certificates";
        let start = path.get(..OWN.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(OWN)) {
            let message = "The specified resource does not exist.";
            return Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message);
        }
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            crate::lacking(),
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
            "The request asks for a version of the API that is not supported. The sandbox takes those that \
             had these operations, from 2015-12-01.2.2 to 2024-07-01.20.0.",
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

    pub(super) fn exists() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "CertificateExists",
            "The specified certificate already exists.",
        )
    }

    pub(super) fn being_deleted() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "CertificateBeingDeleted",
            "The specified certificate is being deleted.",
        )
    }

    /// A value in the query that is wrong for other reasons than its form.
    pub(super) fn query(name: &'static str, value: &str, reason: String) -> Self {
        Self::bad(
            "InvalidQueryParameterValue",
            "The value of a query parameter is not valid.",
        )
        .with(QUERY_NAME, name)
        .with(QUERY_VALUE, value)
        .with(REASON, reason)
    }

    pub(super) fn out_of_range(name: &str, value: &str, least: usize, most: usize) -> Self {
        Self::bad(
            "OutOfRangeQueryParameterValue",
            "The value of a query parameter is out of range.",
        )
        .with(QUERY_NAME, name)
        .with(QUERY_VALUE, value)
        .with("MinimumAllowed", least.to_string())
        .with("MaximumAllowed", most.to_string())
    }

    /// Says where the body stops to be JSON. The parser's own words could repeat what stands there.
    pub(super) fn not_an_object(error: &serde_json::Error) -> Self {
        let reason = if error.is_data() {
            "The body must be one JSON object".to_owned()
        } else {
            let (line, column) = (error.line(), error.column());
            format!("The body is not JSON, as line {line}, column {column} shows")
        };
        Self::bad("InvalidRequestBody", "The request body is not valid.").with(REASON, reason)
    }

    pub(super) fn missing_property(name: &str) -> Self {
        Self::bad(
            "MissingRequiredProperty",
            "A required property is missing in the request body.",
        )
        .with(PROPERTY_NAME, name)
    }

    pub(super) fn unsupported_property(name: &str) -> Self {
        let name: String = name.chars().take(MAX_NAME).collect();
        Self::bad(
            "UnsupportedProperty",
            "A property of the request body is not supported.",
        )
        .with(PROPERTY_NAME, name)
    }

    /// Without the value, which can be a secret.
    pub(super) fn property(name: &'static str, reason: &'static str) -> Self {
        Self::bad(
            "InvalidPropertyValue",
            "The value of a property of the request body is not valid.",
        )
        .with(PROPERTY_NAME, name)
        .with(REASON, reason)
    }

    /// The document has something that the sandbox cannot do yet.
    pub(super) fn not_built() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "The sandbox does not carry out this operation yet.",
        )
    }

    fn bad(code: &'static str, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
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
        let values = self.values.into_iter().map(|(key, value)| {
            let mut detail = BatchErrorDetail::default();
            detail.key = Some(key.to_owned());
            detail.value = Some(value);
            detail
        });
        let values: Vec<_> = values.collect();
        let (id, time) = (call.request_id, seven_decimals(call.now));
        let mut message = ErrorMessage::default();
        message.lang = Some("en-US".to_owned());
        message.value = Some(format!("{}\nRequestId:{id}\nTime:{time}", self.message));
        let mut error = BatchError::default();
        error.code = Some(self.code.to_owned());
        error.message = Some(message);
        error.values = (!values.is_empty()).then_some(values);
        let body = Body {
            metadata: format!(
                "{}/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element",
                call.host()
            ),
            error,
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
