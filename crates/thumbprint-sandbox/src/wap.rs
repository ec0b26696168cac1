//! Windows Azure Pack: routes, authentication, handlers.

mod refusal;
mod state;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use thumbprint_transport::{
    Operation,
    operation::{Location, match_path},
};
use thumbprint_wap::operations;

use self::refusal::Refusal;
pub(crate) use self::state::Subscriptions;
use crate::request::{Arguments, Request, Route, check, route};

/// Carries out an operation whose request fits its document.
type Handler = fn(&mut Subscriptions, &Arguments) -> Result<Response<Bytes>, Refusal>;

static HANDLERS: &[(&Operation, Handler)] = &[(&operations::MANAGEMENT_CERTIFICATE_DELETE, delete)];

/// The ids of the operations that have a handler.
pub(crate) fn routes() -> impl Iterator<Item = &'static str> {
    HANDLERS.iter().map(|(operation, _)| operation.id)
}

/// Whether a path starts like one of this service's. What belongs to neither service is left to Batch.
pub(crate) fn owns(path: &str) -> bool {
    let first = |path| str::split(path, '/').nth(1).unwrap_or_default();
    operations::ALL
        .iter()
        .any(|operation| first(operation.path).eq_ignore_ascii_case(first(path)))
}

/// Answers a request.
pub(crate) fn answer(subscriptions: &mut Subscriptions, request: &Request) -> Response<Bytes> {
    serve(subscriptions, request).unwrap_or_else(Refusal::into_response)
}

/// The order of the checks is the sandbox's own.
fn serve(subscriptions: &mut Subscriptions, request: &Request) -> Result<Response<Bytes>, Refusal> {
    let (operation, path) = match route(operations::ALL, request, matches) {
        Route::Operation(operation, path) => (operation, path),
        Route::OtherMethod { allow } => return Err(Refusal::other_method(allow)),
        Route::Nowhere => return Err(Refusal::nowhere()),
    };
    if operation.secured {
        authenticate(request)?;
    }
    let arguments = check(operation, path, request)?;
    let handler = HANDLERS
        .iter()
        .find(|(handled, _)| handled.id == operation.id)
        .map(|(_, handler)| handler)
        .ok_or_else(Refusal::not_built)?;
    handler(subscriptions, &arguments)
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

/// Takes any bearer token. The pages list no 401; that a missing token is answered with it is inferred.
fn authenticate(request: &Request) -> Result<(), Refusal> {
    match request.credential() {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("Bearer") => Ok(()),
        _ => Err(Refusal::unauthenticated()),
    }
}

/// `ManagementCertificate_Delete`. The page promises the deleted certificate in the body.
fn delete(
    subscriptions: &mut Subscriptions,
    arguments: &Arguments,
) -> Result<Response<Bytes>, Refusal> {
    let argument = |name| {
        arguments
            .get(Location::Path, name)
            .ok_or_else(Refusal::not_built)
    };
    let subscription = subscriptions
        .subscription_mut(argument("SubscriptionId")?)
        .ok_or_else(Refusal::no_subscription)?;
    let certificate = subscription
        .remove(argument("ThumbprintId")?)
        .ok_or_else(Refusal::no_certificate)?;
    Ok(json(StatusCode::OK, &certificate))
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
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
