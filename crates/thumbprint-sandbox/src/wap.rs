//! Windows Azure Pack: routes, authentication, handlers.

mod add;
mod error_reply;
mod state;
mod token;
mod wire;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde::Serialize;
use thumbprint_transport::{
    Operation,
    operation::{Location, match_path},
};
use thumbprint_wap::operations;

use self::{error_reply::ErrorReply, state::Subscription, wire::Wire};
pub(crate) use self::{
    state::Subscriptions,
    token::{Tokens, is_token_endpoint, issue},
};
use crate::request::{Arguments, Request, Route, check, route};

/// Carries out an operation whose request fits its document.
type Handler = fn(&mut Subscriptions, &Call<'_>, &Arguments) -> Result<Response<Bytes>, ErrorReply>;

static HANDLERS: &[(&Operation, Handler)] = &[
    (&operations::MANAGEMENT_CERTIFICATE_LIST, list),
    (&operations::MANAGEMENT_CERTIFICATE_ADD, add::add),
    (&operations::MANAGEMENT_CERTIFICATE_GET, get),
    (&operations::MANAGEMENT_CERTIFICATE_DELETE, delete),
];

/// A request on its way through the service.
struct Call<'a> {
    request: &'a Request,
    tokens: &'a Tokens,
    now: DateTime<Utc>,
}

/// The operations that have a handler.
pub(crate) fn operations() -> impl Iterator<Item = &'static Operation> {
    HANDLERS.iter().map(|(operation, _)| *operation)
}

/// Where a request belongs.
pub(crate) fn find(request: &Request) -> Route {
    route(operations::ALL, request, |template, path| {
        // The page of this operation writes its path with a slash at the end, the vendor's client without.
        let add = &operations::MANAGEMENT_CERTIFICATE_ADD;
        let is_add = template == add.path && request.method == Method::POST;
        let path = path.strip_suffix('/').filter(|_| is_add).unwrap_or(path);
        matches(template, path)
    })
}

/// Whether a path starts like one of this service's. What belongs to neither service is left to Batch.
pub(crate) fn owns(path: &str) -> bool {
    let first = |path| str::split(path, '/').nth(1).unwrap_or_default();
    operations::ALL
        .iter()
        .any(|operation| first(operation.path).eq_ignore_ascii_case(first(path)))
}

/// Answers a request.
pub(crate) fn answer(
    subscriptions: &mut Subscriptions,
    tokens: &Tokens,
    request: &Request,
    route: Route,
    now: DateTime<Utc>,
) -> Response<Bytes> {
    let call = Call {
        request,
        tokens,
        now,
    };
    serve(subscriptions, &call, route).unwrap_or_else(ErrorReply::into_response)
}

/// The order of the checks is the sandbox's own.
fn serve(
    subscriptions: &mut Subscriptions,
    call: &Call<'_>,
    route: Route,
) -> Result<Response<Bytes>, ErrorReply> {
    let request = call.request;
    let (operation, path) = match route {
        Route::Operation(operation, path) => (operation, path),
        Route::OtherMethod { allow } => return Err(ErrorReply::other_method(allow)),
        Route::Nowhere => return Err(ErrorReply::nowhere(request.path())),
    };
    if operation.secured {
        authenticate(call)?;
    }
    let arguments = check(operation, &[], path, request)?;
    let handler = HANDLERS
        .iter()
        .find(|(handled, _)| handled.id == operation.id)
        .map(|(_, handler)| handler)
        .ok_or_else(ErrorReply::not_built)?;
    handler(subscriptions, call, &arguments)
}

/// Like [`match_path`], but takes a literal segment in either case: the vendor's pages write both
/// `/Subscriptions` and `/subscriptions`. Values stay as they are.
fn matches(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut literals = template.split('/');
    let spelled: Vec<_> = path
        .split('/')
        .map(|segment| match literals.next() {
            Some(literal) if literal.eq_ignore_ascii_case(segment) => literal,
            _ => segment,
        })
        .collect();
    let spelled = spelled.join("/");
    let values = match_path(template, &spelled)?.into_iter();
    Some(values.map(|(name, raw)| (name, raw.to_owned())).collect())
}

/// Takes any bearer token, unless told to check them. The pages list no 401; that a token that is missing or
/// not accepted is answered with it is inferred.
fn authenticate(call: &Call<'_>) -> Result<(), ErrorReply> {
    match call.request.credential() {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => {
            if call.tokens.accept(token, call.now) {
                Ok(())
            } else {
                Err(ErrorReply::not_accepted())
            }
        }
        _ => Err(ErrorReply::unauthenticated()),
    }
}

/// `ManagementCertificate_List`. A bare array; that it is empty where there is nothing is inferred.
fn list(
    subscriptions: &mut Subscriptions,
    _: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let subscription = subscription(subscriptions, arguments)?;
    let certificates: Vec<_> = subscription.certificates().map(Wire::from).collect();
    Ok(json(StatusCode::OK, &certificates))
}

/// `ManagementCertificate_Get`.
fn get(
    subscriptions: &mut Subscriptions,
    _: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let certificate = subscription(subscriptions, arguments)?
        .certificate(argument(arguments, "ThumbprintId")?)
        .ok_or_else(ErrorReply::no_certificate)?;
    Ok(json(StatusCode::OK, &Wire::from(certificate)))
}

/// `ManagementCertificate_Delete`. The page promises the deleted certificate in the body.
fn delete(
    subscriptions: &mut Subscriptions,
    _: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let certificate = subscription(subscriptions, arguments)?
        .remove(argument(arguments, "ThumbprintId")?)
        .ok_or_else(ErrorReply::no_certificate)?;
    Ok(json(StatusCode::OK, &Wire::from(&certificate)))
}

/// The subscription in the path.
fn subscription<'a>(
    subscriptions: &'a mut Subscriptions,
    arguments: &Arguments,
) -> Result<&'a mut Subscription, ErrorReply> {
    let id = argument(arguments, "SubscriptionId")?;
    let subscription = subscriptions.subscription_mut(id);
    subscription.ok_or_else(ErrorReply::no_subscription)
}

fn argument<'a>(arguments: &'a Arguments, name: &str) -> Result<&'a str, ErrorReply> {
    let value = arguments.get(Location::Path, name);
    value.ok_or_else(ErrorReply::not_built)
}

pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    // Texts and times only: this cannot fail.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::{matches, owns};

    const TEMPLATE: &str = "/Subscriptions/{SubscriptionId}/certificates/{ThumbprintId}";

    #[test]
    fn literal_segments_match_in_either_case_and_values_stay() {
        let values = Some(vec![
            ("SubscriptionId", "Ab".to_owned()),
            ("ThumbprintId", "Certificates".to_owned()),
        ]);
        for path in [
            "/Subscriptions/Ab/certificates/Certificates",
            "/subscriptions/Ab/CERTIFICATES/Certificates",
        ] {
            assert_eq!(matches(TEMPLATE, path), values, "{path}");
        }
        for path in [
            "/subscriptions/Ab/certificates",
            "/subscriptions/Ab/certificates/",
            "/subscriptions/Ab/certificates/1/2",
            "/other/Ab/certificates/1",
        ] {
            assert_eq!(matches(TEMPLATE, path), None, "{path}");
        }
    }

    #[test]
    fn the_first_segment_says_whose_a_path_is() {
        for (path, ours) in [
            ("/Subscriptions/1", true),
            ("/subscriptions", true),
            ("/subscriptions2", false),
            ("/", false),
            ("*", false),
            ("", false),
        ] {
            assert_eq!(owns(path), ours, "{path}");
        }
    }
}
