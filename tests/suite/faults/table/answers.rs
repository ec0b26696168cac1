//! Answers that came whole, by their status and by what the service asks for.

use std::time::Duration;

use conformance::calls::Call;
use test_support::Reply;

use super::{
    super::{Class, Class::*, bare, refusal},
    Fault, Wire,
};

/// What Batch throttles with, and of unknown outcome in WAP, which has no such word.
fn batch_busy(call: &Call) -> Class {
    call.choose([N, U])
}

/// `200` where the operation has another success. WAP's sibling API answers 200 to the same addition.
fn of_200(call: &Call) -> Class {
    match call.operation {
        "ManagementCertificate_Add" => Fine,
        _ if call.success == 200 => Fine,
        _ => Doubt,
    }
}

/// `200` with JSON of no form: an object where all members may be absent, and anything else where there is
/// no such success. A deletion answers with a certificate: an error is none.
fn of_200_with_error(call: &Call) -> Class {
    match call.operation {
        "ManagementCertificate_List" => Unread,
        "ManagementCertificate_Delete" => Foreign,
        _ if call.success == 200 => Fine,
        _ => Doubt,
    }
}

/// A success with HTML. Not even a deletion of the certificate follows from it.
fn of_html(call: &Call, status: u16) -> Class {
    if call.success == status {
        Foreign
    } else {
        Doubt
    }
}

/// `204` where the operation has another success.
fn of_204(call: &Call) -> Class {
    match call.operation {
        "ManagementCertificate_Delete" => Fine,
        _ if call.success == 204 => Fine,
        _ => Doubt,
    }
}

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// A refusal whose code says what it is called for.
macro_rules! refused {
    ($name:literal, $class:expr, $says:expr, $status:literal, $code:literal) => {
        Fault::new(
            $name,
            $class,
            $says,
            Wire::Reply(|call| refusal(call, $status, &[], $code)),
        )
        .code($code)
    };
}

/// A refusal that has a status and headers, and nothing else.
macro_rules! bare {
    ($name:literal, $class:expr, $says:expr, $status:literal $(, $header:expr)*) => {
        Fault::new($name, $class, $says, Wire::Reply(|_| bare($status, &[$($header),*])))
    };
}

const NONE: &[&str] = &[];
const ODD: &[&str] = &["unexpected_answer"];

#[rustfmt::skip]
pub(super) const ROWS: &[Fault] = &[
    refused!("429", |_| N, &[], 429, "TooManyRequests"),
    bare!("429 without a body", |_| N, &[], 429),
    Fault::new("503 with a Batch ServerBusy", batch_busy, &[], Wire::Reply(|call| refusal(call, 503, &[], "ServerBusy")))
        .code("ServerBusy"),
    bare!("Retry-After", |_| N, &[], 429, ("Retry-After", "7")).pausing(seconds(7)),
    bare!("Retry-After until the budget is spent", |_| N, &[], 429, ("Retry-After", "20")).pausing(seconds(20)).at_most(3),
    bare!("retry-after-ms", |_| N, &[], 429, ("retry-after-ms", "70")).pausing(Duration::from_millis(70)),
    bare!("x-ms-retry-after-ms", |_| N, &[], 429, ("x-ms-retry-after-ms", "71")).pausing(Duration::from_millis(71)),
    bare!("the finest Retry-After counts", |_| N, &[], 429, ("Retry-After", "50"), ("x-ms-retry-after-ms", "72"))
        .pausing(Duration::from_millis(72)),
    bare!("Retry-After: past date", |_| N, &[], 429, ("Retry-After", "Sat, 21 Nov 2015 10:00:00 GMT")).retry_after(Duration::ZERO),
    bare!("Retry-After: now", |_| N, &[], 429, ("Retry-After", "0")).retry_after(Duration::ZERO),
    bare!("Retry-After: negative", |_| N, &[], 429, ("Retry-After", "-5")),
    bare!("Retry-After: garbage", |_| N, &[], 429, ("Retry-After", "soon")),
    bare!("Retry-After longer than the budget", |_| N, &[], 429, ("Retry-After", "61")).retry_after(seconds(61)).at_most(1),
    bare!("Retry-After as long as the budget", |_| N, &[], 429, ("retry-after-ms", "60000")).retry_after(seconds(60)).at_most(1),
    bare!("Retry-After longer than anybody lives", |_| N, &[], 429, ("Retry-After", "18446744073709551615"))
        .retry_after(seconds(u64::MAX))
        .at_most(1),
    refused!("500", |_| U, NONE, 500, "InternalError"),
    refused!("500 OperationTimedOut", |_| U, NONE, 500, "OperationTimedOut"),
    refused!("500 ServerBusy", |_| U, NONE, 500, "ServerBusy"),
    bare!("500 with Retry-After", |_| U, NONE, 500, ("Retry-After", "3")).pausing(seconds(3)),
    bare!("502", |_| U, NONE, 502),
    bare!("504", |_| U, NONE, 504),
    bare!("503 from a proxy", |_| U, NONE, 503),
    bare!("503 with Retry-After", |_| Asked, NONE, 503, ("Retry-After", "2")).pausing(seconds(2)),
    bare!("503 with retry-after-ms", |_| Asked, NONE, 503, ("retry-after-ms", "9")).pausing(Duration::from_millis(9)),
    bare!("503 with a Retry-After of garbage", |_| U, NONE, 503, ("Retry-After", "soon")),
    bare!("503 with Retry-After longer than the budget", |_| Asked, NONE, 503, ("Retry-After", "90"))
        .retry_after(seconds(90))
        .at_most(1),
    bare!("408", |_| U, &["timeout"], 408),
    bare!("408 with Retry-After", |_| Asked, &["timeout"], 408, ("Retry-After", "2")).pausing(seconds(2)),
    bare!("501", |_| F, NONE, 501),
    bare!("505", |_| F, NONE, 505),
    bare!("511", |_| F, NONE, 511),
    bare!("507", |_| U, NONE, 507),
    bare!("520", |_| U, NONE, 520),
    bare!("521", |_| U, NONE, 521),
    bare!("524", |_| U, NONE, 524),
    bare!("530", |_| U, NONE, 530),
    bare!("598", |_| U, NONE, 598),
    bare!("599", |_| U, NONE, 599),
    bare!("524 with Retry-After", |_| U, NONE, 524, ("Retry-After", "2")).pausing(seconds(2)),
    bare!("404 without a body", |_| F, ODD, 404),
    Fault::new(
        "404 of a load balancer",
        |_| F,
        ODD,
        Wire::Reply(|_| Reply::new(404, &[("Content-Type", "text/html")], "<html>default backend - 404</html>")),
    ),
    Fault::new(
        "404 of a gateway in JSON",
        |_| F,
        ODD,
        Wire::Reply(|_| Reply::new(404, &[("Content-Type", "application/json")], r#"{"message":"no Route matched with those values"}"#)),
    ),
    Fault::new(
        "404 of a gateway in text",
        |_| F,
        ODD,
        Wire::Reply(|_| Reply::new(404, &[("Content-Type", "text/plain")], "404 page not found")),
    ),
    bare!("401", |_| F, &["unauthenticated"], 401),
    refused!("403 AuthenticationFailed", |_| F, &["unauthenticated"], 403, "AuthenticationFailed"),
    refused!("403 others", |_| F, &["forbidden"], 403, "InsufficientAccountPermissions"),
    bare!("403 with Retry-After", |_| F, &["forbidden"], 403, ("Retry-After", "2")).retry_after(seconds(2)),
    refused!("400", |_| F, NONE, 400, "InvalidPropertyValue"),
    refused!("400 MissingRequiredHeader", |_| F, NONE, 400, "MissingRequiredHeader"),
    refused!("400 CertificateRetired", |_| F, &["retired"], 400, "CertificateRetired"),
    refused!("405", |_| F, NONE, 405, "UnsupportedHttpVerb"),
    refused!("411", |_| F, NONE, 411, "MissingContentLengthHeader"),
    refused!("412", |_| F, NONE, 412, "ConditionNotMet"),
    refused!("413", |_| F, NONE, 413, "RequestBodyTooLarge"),
    refused!("404", |_| F, &["not_found"], 404, "CertificateNotFound"),
    refused!("409 CertificateStateActive", |_| F, &["conflict"], 409, "CertificateStateActive"),
    refused!("409 CertificateBeingDeleted", |_| F, &["conflict"], 409, "CertificateBeingDeleted"),
    refused!("409 CertificateExists", |_| F, &["conflict"], 409, "CertificateExists"),
    refused!("409 unknown", |_| F, &["conflict"], 409, "NobodyHasSeenThisCode"),
    bare!("301 to another host", |_| F, ODD, 301, ("Location", "http://ELSEWHERE/")),
    bare!("302 to another host", |_| F, ODD, 302, ("Location", "http://ELSEWHERE/x")),
    bare!("303 to the same host", |_| Doubt, ODD, 303, ("Location", "http://HERE/x")),
    bare!("307 to another host", |_| F, ODD, 307, ("Location", "http://ELSEWHERE/x")),
    bare!("308 to the same path", |_| F, ODD, 308, ("Location", "?again")),
    Fault::new(
        "307 that calls itself ServerBusy",
        |_| F,
        ODD,
        Wire::Reply(|call| refusal(call, 307, &[("Location", "http://ELSEWHERE/")], "ServerBusy")),
    ),
    bare!("304", |_| F, ODD, 304),
    Fault::new(
        "101",
        |_| F,
        ODD,
        Wire::Reply(|_| {
            let headers = [("Connection", "upgrade"), ("Upgrade", "h2c")];
            Reply::Bytes(Reply::head(101, &headers))
        }),
    ),
    Fault::new(
        "200 for another success",
        of_200,
        ODD,
        Wire::Reply(|call| Reply::new(200, &[("Content-Type", "application/json")], call.body())),
    ),
    Fault::new(
        "200 with an error in it",
        of_200_with_error,
        ODD,
        Wire::Reply(|_| Reply::new(200, &[("Content-Type", "application/json")], r#"{"error":"expired"}"#)),
    ),
    Fault::new(
        "200 with HTML",
        |call| of_html(call, 200),
        ODD,
        Wire::Reply(|_| Reply::new(200, &[("Content-Type", "text/html")], "<html>Sign in")),
    ),
    Fault::new(
        "201 with HTML",
        |call| of_html(call, 201),
        ODD,
        Wire::Reply(|_| Reply::new(201, &[("Content-Type", "text/html")], "<html>Sign in")),
    ),
    Fault::new(
        "202 with HTML",
        |call| of_html(call, 202),
        ODD,
        Wire::Reply(|_| Reply::new(202, &[("Content-Type", "text/html")], "<html>Sign in")),
    ),
    bare!("203", |_| Doubt, ODD, 203),
    Fault::new("204 for another success", of_204, ODD, Wire::Reply(|_| Reply::new(204, &[], ""))),
    bare!("205", |_| Doubt, ODD, 205),
    bare!("207 for a success", |_| Doubt, ODD, 207),
    Fault::new("207 that calls itself ServerBusy", |_| Doubt, ODD, Wire::Reply(|call| refusal(call, 207, &[], "ServerBusy"))),
];
