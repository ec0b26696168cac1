//! Answers that came whole and are not what they should be: bodies, content types, headers.

use conformance::calls::Call;
use serde_json::{Value, json};
use test_support::{OrFail as _, Reply};

use super::{
    super::{Class, Class::*},
    Fault, Wire,
};
use crate::responses::REQUEST_ID;

const JSON: (&str, &str) = ("Content-Type", "application/json");
const NAMED: (&str, &str) = ("request-id", REQUEST_ID);
const NONE: &[&str] = &[];
const ODD: &[&str] = &["unexpected_answer"];

/// An answer of success that cannot have a body has nothing that could be wrong with it.
fn success(call: &Call, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    if call.success == 204 {
        return call.good();
    }
    Reply::new(call.success, &[headers, &[NAMED]].concat(), body)
}

fn error(status: u16, media_type: &str, body: &[u8]) -> Reply {
    Reply::new(status, &[("Content-Type", media_type), NAMED], body)
}

/// More than a client reads: the head promises a gigabyte.
fn endless(status: u16, headers: &[(&str, &str)]) -> Reply {
    let headers = [headers, &[JSON, NAMED, ("Content-Length", "1000000000")]].concat();
    Reply::Close([Reply::head(status, &headers), vec![b' '; 4_300_000]].concat())
}

/// Only what may have a body can have one that is too long.
fn of_endless(call: &Call) -> Class {
    if call.success == 204 { Fine } else { Unread }
}

/// A page, of which only a success without any body is free.
fn of_page(call: &Call) -> Class {
    if call.success == 204 { Fine } else { Foreign }
}

/// Another media type than the document's, where it has one.
fn of_text(call: &Call) -> Class {
    if call.answers { Foreign } else { Fine }
}

/// The good answer with something else in each of its objects.
fn with(call: &Call, name: &str, value: &Value) -> Reply {
    fn put(place: &mut Value, name: &str, value: &Value) {
        match place {
            Value::Array(items) => items.iter_mut().for_each(|item| put(item, name, value)),
            Value::Object(members) => {
                if let Some(items) = members.get_mut("value") {
                    put(items, name, value);
                } else {
                    members.insert(name.to_owned(), value.clone());
                }
            }
            _ => {}
        }
    }
    if !call.answers {
        return call.good();
    }
    let mut body = serde_json::from_str(&call.body()).or_fail();
    put(&mut body, name, value);
    call.answer(&[], &body.to_string())
}

/// A gzipped `{}`.
const GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00";

/// An answer of success with this body, and its class.
macro_rules! success {
    ($name:literal, $class:expr, $headers:expr, $body:expr) => {
        Fault::new(
            $name,
            $class,
            ODD,
            Wire::Reply(|call| success(call, &$headers, $body)),
        )
    };
}

/// An error with this body. Its class goes by the status alone.
macro_rules! error {
    ($name:literal, $class:ident, $says:expr, $status:literal, $media_type:literal, $body:expr) => {
        Fault::new(
            $name,
            |_| $class,
            $says,
            Wire::Reply(|_| error($status, $media_type, $body)),
        )
    };
}

#[rustfmt::skip]
pub(super) const ROWS: &[Fault] = &[
    success!("truncated JSON on 2xx", |_| Unread, [JSON], b"{\"thumbprint\""),
    success!("invalid JSON on 2xx", |_| Unread, [JSON], b"{]"),
    success!("JSON of another form on 2xx", |_| Unread, [JSON], b"7"),
    success!("null on 2xx", |_| Unread, [JSON], b"null"),
    success!("not UTF-8 on 2xx", |_| Unread, [JSON], b"\"\xff\""),
    success!("wrong Content-Type on 2xx", of_text, [("Content-Type", "text/plain")], b"{}"),
    success!("HTML on 2xx", of_page, [("Content-Type", "text/html; charset=utf-8")], b"<html>Sign in"),
    Fault::new(
        "empty 2xx",
        |call| match call.operation {
            "ManagementCertificate_Delete" => Fine,
            _ => Unread,
        },
        ODD,
        Wire::Reply(|call| success(call, &[JSON], b"")),
    ),
    Fault::new(
        "1 GB body",
        of_endless,
        ODD,
        Wire::Reply(|call| match call.success {
            204 => call.good(),
            status => endless(status, &[]),
        }),
    ),
    Fault::new("1 GB body of an error", |_| F, ODD, Wire::Reply(|_| endless(404, &[]))),
    Fault::new("1 GB body of a 429", |_| N, &[], Wire::Reply(|_| endless(429, &[]))),
    Fault::new(
        "unsolicited Content-Encoding",
        |_| Unread,
        ODD,
        Wire::Reply(|call| {
            let headers = [JSON, NAMED, ("Content-Encoding", "gzip")];
            Reply::new(call.success, &headers, if call.success == 204 { b"" } else { GZIP })
        }),
    ),
    Fault::new(
        "gzip bomb",
        of_endless,
        ODD,
        Wire::Reply(|call| match call.success {
            204 => call.good(),
            status => endless(status, &[("Content-Encoding", "gzip")]),
        }),
    ),
    Fault::new(
        "unsolicited Content-Encoding of an error",
        |_| N,
        &[],
        Wire::Reply(|_| Reply::new(429, &[NAMED, ("Content-Encoding", "br")], GZIP)),
    ),
    error!("HTML error body, 502", U, NONE, 502, "text/html", b"<html>Bad Gateway"),
    error!("HTML error body, 404", F, ODD, 404, "text/html", b"<html>"),
    error!("empty error body", F, &["conflict"], 409, "application/json", b""),
    error!("null error body", F, &["conflict"], 409, "application/json", b"null"),
    error!("empty object as error body", U, NONE, 500, "application/json", b"{}"),
    error!("array as error body", N, &[], 429, "application/json", b"[]"),
    error!("XML error body", F, &["conflict"], 409, "application/xml", b"<Error><Code>Xml</Code><Message>m</Message></Error>")
        .code("Xml"),
    error!("truncated error body", F, &["forbidden"], 403, "application/json", b"{\"code\":\"Cut\",\"mess"),
    error!(
        "BOM before an error body",
        F,
        &["conflict"],
        409,
        "application/json",
        b"\xef\xbb\xbf{\"code\":\"Bom\",\"Code\":\"Bom\"}"
    )
    .code("Bom"),
    error!("error body that is not UTF-8", U, NONE, 504, "application/json", b"\xff\xfe{\"code\":\"x\"}"),
    error!(
        "`message` string instead of object",
        F,
        &["conflict"],
        409,
        "application/json",
        br#"{"code":"Text","Code":"Text","message":"plain","Message":{"value":"m"}}"#
    )
    .code("Text"),
    error!("ServerBusy as a message", U, NONE, 503, "application/json", br#"{"message":"ServerBusy","Message":"ServerBusy"}"#),
    Fault::new(
        "duplicate headers",
        |_| F,
        &["conflict"],
        Wire::Reply(|_| {
            let second = ("request-id", "another");
            Reply::new(409, &[NAMED, second, JSON, JSON], "")
        }),
    ),
    Fault::new(
        "invalid UTF-8 in headers of an error",
        |_| N,
        &[],
        Wire::Reply(|_| {
            let head = b"HTTP/1.1 429 \xff\r\nrequest-id: \xff\r\nRetry-After: \xfe\r\n";
            Reply::Bytes([&head[..], b"Content-Length: 0\r\n\r\n"].concat())
        }),
    ),
    Fault::new(
        "invalid UTF-8 in headers of a success",
        |_| Fine,
        NONE,
        Wire::Reply(|call| {
            let Reply::Bytes(bytes) = call.good() else {
                return Reply::Reset;
            };
            let end = bytes.windows(2).position(|window| window == b"\r\n").or_fail();
            let odd = b"\r\nETag: \xff\r\nrequest-id: \xfe\r\nLast-Modified: \xfd";
            Reply::Bytes([&bytes[..end], odd, &bytes[end..]].concat())
        }),
    ),
    Fault::new("unknown enum value", |_| Fine, NONE, Wire::Reply(|call| with(call, "state", &json!("retired")))),
    Fault::new("unknown JSON field", |_| Fine, NONE, Wire::Reply(|call| with(call, "nobodyKnowsThis", &json!({"a": [1]})))),
    Fault::new("null in optional, Batch", |_| Fine, NONE, Wire::Reply(|call| with(call, "deleteCertificateError", &Value::Null))),
    Fault::new("null in optional, WAP", |_| Fine, NONE, Wire::Reply(|call| with(call, "TimeCreated", &Value::Null))),
];
