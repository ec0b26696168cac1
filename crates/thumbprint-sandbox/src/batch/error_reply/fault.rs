//! What a request has, or lacks, against its document, as an error of Azure Batch.

use http::StatusCode;
use thumbprint_transport::operation::Location;

use super::{API_VERSION, ErrorReply, HEADER_NAME, QUERY_NAME, REASON};
use crate::request::Fault;

impl From<Fault> for ErrorReply {
    fn from(fault: Fault) -> Self {
        let bad = |code, message: String| Self::new(StatusCode::BAD_REQUEST, code, message);
        match fault {
            Fault::Missing(Location::Header | Location::Cookie, name) => Self::missing_header(name),
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
            Fault::Undeclared(Location::Header | Location::Cookie, name) => bad(
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
            Fault::Repeated(Location::Header | Location::Cookie, name) => bad(
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
            } => Self::query(name, &value, reason),
            Fault::Malformed {
                location: Location::Header | Location::Cookie,
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
            Fault::LargeBody => Self::too_large(),
            Fault::BrokenBody => bad(
                "InvalidRequestBody",
                "The request body could not be read to its end.".to_owned(),
            ),
        }
    }
}
