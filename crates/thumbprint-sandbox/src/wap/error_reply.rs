//! The errors of Windows Azure Pack.
//!
//! The statuses are those of the vendor's status page, but for 401, 405 and 501. The page has no 411, 413
//! or 415: what is wrong with a body is a 400, its "input validation". The body is inferred: the
//! vendor's client reads these members from XML, and no JSON error was ever captured. Codes and messages
//! are the sandbox's own. No message repeats a value of the request: they hold identifiers and tokens.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use thumbprint_transport::operation::Location;
use thumbprint_wap::types::ServiceError;

use crate::request::Fault;

/// Why a request is not carried out.
pub(super) struct ErrorReply {
    status: StatusCode,
    code: &'static str,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl ErrorReply {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            header: None,
        }
    }

    /// As for Batch: of certificates the sandbox has everything.
    pub(super) fn nowhere(path: &str) -> Self {
        let resource = path.split('/').nth(3);
        if resource.is_some_and(|resource| resource.eq_ignore_ascii_case("certificates")) {
            let message = "There is no such resource.";
            return Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message);
        }
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            crate::lacking(),
        )
    }

    pub(super) fn other_method(allow: String) -> Self {
        let allow = HeaderValue::try_from(allow).ok();
        Self {
            header: allow.map(|allow| (header::ALLOW, allow)),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "The resource does not support this method.",
            )
        }
    }

    pub(super) fn unauthenticated() -> Self {
        Self::challenge("The Authorization header must carry one bearer token.")
    }

    /// The token is of the right form and none that the sandbox has issued, or it has expired.
    pub(super) fn not_accepted() -> Self {
        Self::challenge("The token is unknown, or it has expired.")
    }

    fn challenge(message: &str) -> Self {
        let challenge = HeaderValue::from_static("Bearer");
        Self {
            header: Some((header::WWW_AUTHENTICATE, challenge)),
            ..Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", message)
        }
    }

    pub(super) fn no_subscription() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "SubscriptionNotFound",
            "There is no such subscription.",
        )
    }

    pub(super) fn no_certificate() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "CertificateNotFound",
            "The subscription has no such certificate.",
        )
    }

    pub(super) fn exists() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "CertificateExists",
            "The subscription has this certificate already.",
        )
    }

    /// What is wrong with the request's body.
    pub(super) fn body(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidBody", message)
    }

    /// The document has something that the sandbox cannot do yet.
    pub(super) fn not_built() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            "The sandbox does not carry out this operation yet.",
        )
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let mut body = ServiceError::default();
        body.code = Some(self.code.to_owned());
        body.message = Some(self.message);
        body.details = Some(Vec::new());
        let mut response = super::json(self.status, &body);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<Fault> for ErrorReply {
    fn from(fault: Fault) -> Self {
        let (code, message) = match fault {
            Fault::Missing(location, name) => (
                "MissingParameter",
                format!("The required {} {name} is missing.", kind(location)),
            ),
            Fault::Undeclared(location, name) => (
                "UnsupportedParameter",
                format!("The {} {name} is not supported.", kind(location)),
            ),
            Fault::Repeated(location, name) => (
                "InvalidParameter",
                format!("The {} {name} was sent more than once.", kind(location)),
            ),
            Fault::Malformed {
                location,
                name,
                reason,
                ..
            } => (
                "InvalidParameter",
                format!("The {} {name} is not valid. {reason}.", kind(location)),
            ),
            Fault::UnexpectedBody => (
                "InvalidBody",
                "The operation takes no request body.".to_owned(),
            ),
            Fault::LargeBody => ("InvalidBody", "The request body is too large.".to_owned()),
            Fault::BrokenBody => (
                "InvalidBody",
                "The request body could not be read to its end.".to_owned(),
            ),
        };
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }
}

fn kind(location: Location) -> &'static str {
    match location {
        Location::Path => "path parameter",
        Location::Query => "query parameter",
        Location::Header => "header",
        Location::Cookie => "cookie",
    }
}
