//! Azure Batch: routes, authentication, handlers.

mod account;
mod add;
mod cancel_deletion;
mod delete;
mod entity;
mod error_reply;
mod filter;
mod get;
mod list;
mod state;
mod time;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use serde::Serialize;
use thumbprint_batch::operations;
use thumbprint_transport::{
    HttpDate, Operation,
    operation::{Location, match_path},
};
use uuid::Uuid;

pub use self::state::{CertificateState, ParseCertificateStateError};
use self::{account::Version, error_reply::ErrorReply};
pub(crate) use self::{
    account::{Account, Certificate, key},
    filter::Filter,
    time::ticks,
};
use crate::request::{Arguments, Body, Request, Route, check, route};

/// The versions that had these operations: the vendor's folders of stable versions up to the last one before
/// 2025-06-01, which has them no more. From 2016-07-01 on each is the version of a client of its own with all
/// five operations in it (azure-batch 1.1.0 to 14.2.0, `azure_svc_batch` 0.21.0); between 2020-09-01 and
/// 2024-02-01 recordings have the same answers, and what the answers say of the version is the one that was
/// asked for.
const VERSIONS: [&str; 21] = [
    "2015-12-01.2.2",
    "2016-02-01.3.0",
    "2016-07-01.3.1",
    "2017-01-01.4.0",
    "2017-05-01.5.0",
    "2017-06-01.5.1",
    "2017-09-01.6.0",
    "2018-03-01.6.1",
    "2018-08-01.7.0",
    "2018-12-01.8.0",
    "2019-06-01.9.0",
    "2019-08-01.10.0",
    "2020-03-01.11.0",
    "2020-09-01.12.0",
    "2021-06-01.14.0",
    "2022-01-01.15.0",
    "2022-10-01.16.0",
    "2023-05-01.17.0",
    "2023-11-01.18.0",
    "2024-02-01.19.0",
    "2024-07-01.20.0",
];

/// Carries out an operation whose request fits its document.
type Handler = fn(&mut Account, &Call<'_>, &Arguments) -> Result<Response<Bytes>, ErrorReply>;

static HANDLERS: &[(&Operation, Handler)] = &[
    (&operations::CERTIFICATE_LIST, list::list),
    (&operations::CERTIFICATE_ADD, add::add),
    (&operations::CERTIFICATE_GET, get::get),
    (&operations::CERTIFICATE_DELETE, delete::delete),
    (
        &operations::CERTIFICATE_CANCEL_DELETION,
        cancel_deletion::cancel_deletion,
    ),
];

/// As recorded. The document says `application/json`.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/json; odata=minimalmetadata");

/// Which operations answer like the live service of today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Retired {
    #[default]
    None,
    /// What the account does not have, too.
    All,
    Some(Vec<String>),
}

impl Retired {
    fn reaches(&self, route: &Route) -> bool {
        match (self, route) {
            (Self::All, _) => true,
            (Self::Some(ids), Route::Operation(operation, _)) => {
                ids.iter().any(|id| id == operation.id)
            }
            _ => false,
        }
    }
}

/// A request on its way through the service.
struct Call<'a> {
    request: &'a Request,
    request_id: Uuid,
    now: DateTime<Utc>,
}

/// The operations that have a handler.
pub(crate) fn operations() -> impl Iterator<Item = &'static Operation> {
    HANDLERS.iter().map(|(operation, _)| *operation)
}

/// Where a request belongs.
pub(crate) fn find(request: &Request) -> Route {
    route(operations::ALL, request, matches)
}

/// Answers a request.
pub(crate) fn answer(
    account: &mut Account,
    retired: &Retired,
    request: &Request,
    route: Route,
    now: DateTime<Utc>,
) -> Response<Bytes> {
    let call = Call {
        request,
        request_id: Uuid::new_v4(),
        now,
    };
    let answer = if retired.reaches(&route) {
        Err(ErrorReply::retired())
    } else {
        serve(account, &call, route)
    };
    answer.unwrap_or_else(|reply| reply.into_response(&call))
}

/// The order of the checks is the sandbox's own.
fn serve(
    account: &mut Account,
    call: &Call<'_>,
    route: Route,
) -> Result<Response<Bytes>, ErrorReply> {
    let request = call.request;
    let (operation, path) = match route {
        Route::Operation(operation, path) => (operation, path),
        Route::OtherMethod { allow } => return Err(ErrorReply::other_method(allow)),
        Route::Nowhere => return Err(ErrorReply::nowhere(request.path())),
    };
    if request.method == Method::POST && !request.has_length() {
        return Err(ErrorReply::no_length());
    }
    if matches!(request.body, Body::TooLarge) {
        return Err(ErrorReply::too_large());
    }
    if operation.secured {
        authenticate(request)?;
    }
    let undeclared = if operation.id == operations::CERTIFICATE_LIST.id {
        &list::UNDECLARED[..]
    } else {
        &[]
    };
    let arguments = check(operation, undeclared, path, request)?;
    check_version(&arguments)?;
    let handler = HANDLERS
        .iter()
        .find(|(handled, _)| handled.id == operation.id)
        .map(|(_, handler)| handler)
        .ok_or_else(ErrorReply::not_built)?;
    handler(account, call, &arguments)
}

/// Takes any bearer token and any signature. That a missing header is a 400 and not a 401 was recorded;
/// what the service says to one of another form was not.
fn authenticate(request: &Request) -> Result<(), ErrorReply> {
    if !request.headers.contains_key(header::AUTHORIZATION) {
        return Err(ErrorReply::missing_authorization());
    }
    let known = request.credential().is_some_and(|(scheme, text)| {
        if scheme.eq_ignore_ascii_case("SharedKey") {
            text.split_once(':')
                .is_some_and(|(account, signature)| !account.is_empty() && !signature.is_empty())
        } else {
            scheme.eq_ignore_ascii_case("Bearer")
        }
    });
    if known {
        Ok(())
    } else {
        Err(ErrorReply::unauthenticated())
    }
}

fn check_version(arguments: &Arguments) -> Result<(), ErrorReply> {
    match arguments.get(Location::Query, error_reply::API_VERSION) {
        Some(version) if !VERSIONS.contains(&version) => Err(ErrorReply::version(version)),
        _ => Ok(()),
    }
}

/// The thumbprint in the path.
fn thumbprint(arguments: &Arguments) -> Result<&str, ErrorReply> {
    let thumbprint = arguments.get(Location::Path, "thumbprint");
    thumbprint.ok_or_else(ErrorReply::not_built)
}

impl Call<'_> {
    /// A response with the headers that all of the service's responses have.
    fn response(&self, status: StatusCode, body: Bytes) -> Response<Bytes> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        insert(headers, "request-id", &self.request_id.to_string());
        // Declared nowhere, but recorded with the service's answers.
        insert(headers, "dataserviceversion", "3.0");
        response
    }

    /// A success without a body. The document declares `ETag` and `Last-Modified` with every one; no
    /// recorded answer about a certificate had them.
    fn empty(
        &self,
        status: StatusCode,
        arguments: &Arguments,
        version: &Version,
    ) -> Response<Bytes> {
        let mut response = self.response(status, Bytes::new());
        let headers = response.headers_mut();
        if arguments.get(Location::Header, "return-client-request-id") == Some("true")
            && let Some(id) = arguments.get(Location::Header, "client-request-id")
        {
            insert(headers, "client-request-id", id);
        }
        insert(headers, "etag", &version.etag());
        if let Ok(modified) = HttpDate::try_from(version.changed) {
            insert(headers, "last-modified", &modified.to_string());
        }
        response
    }

    /// A success with a body.
    fn json(
        &self,
        arguments: &Arguments,
        version: &Version,
        body: &impl Serialize,
    ) -> Response<Bytes> {
        let mut response = self.empty(StatusCode::OK, arguments, version);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, MEDIA_TYPE);
        // Texts only: this cannot fail.
        *response.body_mut() = serde_json::to_vec(body).unwrap_or_default().into();
        response
    }

    /// The URL of the service, as the client spoke to it.
    fn host(&self) -> &str {
        self.request.origin.as_deref().unwrap_or_default()
    }
}

/// Like [`match_path`], and takes the key's names with capitals too: so they stand in `Location` of a
/// certificate that was added, and a client that follows it is to find it. That the service does as much is
/// inferred.
fn matches(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let owned = |values: Vec<(_, &str)>| {
        let values = values.into_iter();
        values.map(|(name, raw)| (name, raw.to_owned())).collect()
    };
    if let Some(values) = match_path(template, path) {
        return Some(owned(values));
    }
    let path = path
        .replacen("(ThumbprintAlgorithm=", "(thumbprintAlgorithm=", 1)
        .replacen(",Thumbprint=", ",thumbprint=", 1);
    match_path(template, &path).map(owned)
}

/// Leaves out what cannot stand in a header: a peculiar `Host` must not cost the client its answer.
fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
