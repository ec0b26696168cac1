//! What goes wrong before there is an answer, or while it comes.

use conformance::calls::Call;
use test_support::Reply;

use super::{
    super::{Class, Class::*, refusal},
    Fault, Wire,
};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// An answer's head and the first bytes of a body that is longer.
fn part(call: &Call, status: u16) -> Vec<u8> {
    let mut bytes = Reply::head(status, &[JSON, ("Content-Length", "900")]);
    if !call.least().is_empty() || status >= 300 {
        bytes.extend(b"{\"code\"");
    }
    bytes
}

/// The first bytes of an answer of success, without the end of its head.
fn opening(call: &Call) -> Vec<u8> {
    let head = Reply::head(call.success, &[JSON]);
    head[..head.len() - 4].to_vec()
}

fn closing(answer: Reply) -> Reply {
    match answer {
        Reply::Bytes(bytes) => Reply::Close(bytes),
        other => other,
    }
}

/// The body of an answer that has none cannot break off.
fn of_part(call: &Call) -> Class {
    if call.success == 204 { Fine } else { Broken }
}

#[rustfmt::skip]
pub(super) const ROWS: &[Fault] = &[
    Fault::new("connection refused", |_| N, &["connect"], Wire::NoServer),
    Fault::new("connect timeout", |_| N, &["connect", "timeout"], Wire::Full),
    Fault::new("reset before headers", |_| U, &[], Wire::Reply(|_| Reply::Reset)),
    Fault::new("closed before headers", |_| U, &[], Wire::Reply(|_| Reply::Close(Vec::new()))),
    Fault::new("reset mid headers", |_| U, &[], Wire::Reply(|call| Reply::Abort(opening(call)))),
    Fault::new("closed mid headers", |_| U, &[], Wire::Reply(|call| Reply::Close(opening(call)))),
    Fault::new(
        "pooled connection closed after the request was written",
        |_| U,
        &[],
        Wire::Pooled(Call::good, |_| Reply::Close(Vec::new())),
    ),
    Fault::new("pooled connection reset after the request was written", |_| U, &[], Wire::Pooled(Call::good, |_| Reply::Reset)),
    Fault::new("idle keep-alive closed by the server", |_| Fine, &[], Wire::Pooled(|call| closing(call.good()), Call::good)),
    Fault::new(
        "reset mid-body, 2xx seen",
        of_part,
        &["unexpected_answer"],
        Wire::Reply(|call| Reply::Abort(part(call, call.success))),
    ),
    Fault::new(
        "closed mid-body, 2xx seen",
        of_part,
        &["unexpected_answer"],
        Wire::Reply(|call| Reply::Close(part(call, call.success))),
    ),
    Fault::new(
        "stall mid-body, 2xx seen",
        of_part,
        &["unexpected_answer"],
        Wire::Reply(|call| match call.success {
            204 => call.good(),
            status => Reply::Stall(part(call, status)),
        }),
    )
    .at_most(2),
    Fault::new(
        "slow drip mid-body, 2xx seen",
        of_part,
        &["unexpected_answer"],
        Wire::Reply(|call| match call.success {
            204 => call.good(),
            status => Reply::Drip(part(call, status)),
        }),
    )
    .at_most(2),
    Fault::new("reset mid-body, 404 seen", |_| F, &["unexpected_answer"], Wire::Reply(|call| Reply::Abort(part(call, 404)))),
    Fault::new("reset mid-body, 429 seen", |_| N, &[], Wire::Reply(|call| Reply::Abort(part(call, 429)))),
    Fault::new("reset mid-body, 500 seen", |_| U, &[], Wire::Reply(|call| Reply::Abort(part(call, 500)))),
    Fault::new("stall mid-body, 409 seen", |_| F, &["conflict"], Wire::Reply(|call| Reply::Stall(part(call, 409)))),
    Fault::new("stall mid-body, 503 seen", |_| U, &[], Wire::Reply(|call| Reply::Stall(part(call, 503)))).at_most(2),
    Fault::new("silent server", |_| U, &["timeout"], Wire::Reply(|_| Reply::Stall(Vec::new()))).at_most(2),
    Fault::new("slow-loris headers", |_| U, &["timeout"], Wire::Reply(|call| Reply::Drip(opening(call)))).at_most(2),
    Fault::new(
        "100 and nothing after it",
        |_| U,
        &["timeout"],
        Wire::Reply(|_| Reply::Stall(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())),
    )
    .at_most(2),
    Fault::new("no HTTP at all", |_| U, &[], Wire::Reply(|_| Reply::Close(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()))),
    Fault::new(
        "conflicting Content-Length",
        |_| U,
        &[],
        Wire::Reply(|_| {
            let lengths = [("Content-Length", "2"), ("Content-Length", "3")];
            Reply::Close([&Reply::head(404, &lengths)[..], b"{}"].concat())
        }),
    ),
    Fault::new("token provider fails", |_| F, &["credential"], Wire::NoToken),
    Fault::new("value out of range", |_| F, &["invalid_input"], Wire::Refused),
    Fault::new("a good answer", |_| Fine, &[], Wire::Reply(Call::good)),
    Fault::new(
        "1xx before the answer",
        |_| Fine,
        &[],
        Wire::Reply(|call| {
            let Reply::Bytes(answer) = call.good() else {
                return Reply::Reset;
            };
            let hint = b"HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\nHTTP/1.1 100 C\r\n\r\n";
            Reply::Bytes([&hint[..], &answer].concat())
        }),
    ),
    Fault::new(
        "a refusal over a connection that served before",
        |_| F,
        &["conflict"],
        Wire::Pooled(Call::good, |call| refusal(call, 409, &[], "Known")),
    )
    .code("Known"),
];
