//! Rows 9 and 10: each request against a hand-written row, and against the document as the whole world.
//! They must notice a wrong header name, a missing api-version, an `api-version` sent as a header, a POST
//! without `Content-Length: 0`, a member of a body that is missing or renamed, and every header or query
//! that the document does not declare.

use conformance::{
    calls::{self, Call},
    world,
};
use serde_json::Value;
use test_support::{OrFail as _, Received};
use thumbprint_transport::operation::match_path;

use super::{Send, plain, record};

mod batch;
mod wap;

const AGENT: &str = concat!("thumbprint/", env!("CARGO_PKG_VERSION"));
const BEARER: &str = "Bearer token.of-the-suite";

/// A request in the manner of Smithy's httpRequestTests. It is written from the source pages, not from
/// the documents: a misreading in a document must not repeat itself here.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    operation: &'static str,
    thumbprint: &'static str,
    send: Send,
    method: &'static str,
    target: &'static str,
    /// All headers beside [`COMMON`]: no request has any other.
    headers: &'static [(&'static str, &'static str)],
    /// The body as JSON: the order of its members does not count. Empty where there is none.
    body: &'static str,
}

/// Headers that every request of ours has. `HOST` stands for the server's own address.
const COMMON: [(&str, &str); 4] = [
    ("accept", "application/json"),
    ("authorization", BEARER),
    ("host", "HOST"),
    ("user-agent", AGENT),
];

/// The operation of each row.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    rows().map(|(row, _)| row.operation)
}

fn rows() -> impl Iterator<Item = (Row, &'static Call)> {
    let rows = batch::ROWS.into_iter().chain(wap::ROWS);
    rows.map(|row| (row, Call::of(row.operation)))
}

// Facts: Certificate_CancelDeletion: POST *; Certificate_CancelDeletion: path *; Certificate_CancelDeletion: query api-version*; Certificate_CancelDeletion: request media type *
// Facts: ManagementCertificate_Delete: DELETE *; ManagementCertificate_Delete: path ThumbprintId*; ManagementCertificate_Delete: header x-ms-principal-id*; security Bearer
// Facts: prose ManagementCertificate_Delete: the query has no parameters
#[tokio::test]
async fn each_row_is_what_is_sent() {
    for (row, call) in rows() {
        let request = record(call, row.send, row.thumbprint).await;
        let name = row.name;
        assert_eq!(request.method, row.method, "{name}");
        assert_eq!(request.target, row.target, "{name}");
        let mut headers = request.headers.clone();
        for (_, value) in headers.iter_mut().filter(|(header, _)| header == "host") {
            assert!(value.starts_with("127.0.0.1:"), "{name}: {value}");
            "HOST".clone_into(value);
        }
        headers.sort();
        let mut expected: Vec<(String, String)> = COMMON
            .iter()
            .chain(row.headers)
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        expected.sort();
        assert_eq!(headers, expected, "{name}");
        let json = |text: &[u8]| (!text.is_empty()).then(|| serde_json::from_slice(text).or_fail());
        let (sent, expected): (Option<Value>, _) = (json(&request.body), json(row.body.as_bytes()));
        assert_eq!(sent, expected, "{name}");
    }
}

// Facts: Certificate_CancelDeletion: example *
// Facts: prose ManagementCertificate_Delete: the request is of HTTP/1.1; prose ManagementCertificate_Delete: the request has no body
#[tokio::test]
async fn the_plain_requests_byte_for_byte() {
    // `Host` is first, as RFC 9110, section 7.2, has it.
    let heads = [
        (
            "Certificate_CancelDeletion",
            "POST /certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0 HTTP/1.1\r\n\
             host: HOST\r\n\
             accept: application/json\r\n\
             content-length: 0\r\n\
             authorization: Bearer token.of-the-suite\r\n\
             user-agent: thumbprint/VERSION",
        ),
        (
            "ManagementCertificate_Delete",
            "DELETE /Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/0123456789abcdef0123456789abcdef01234567 HTTP/1.1\r\n\
             host: HOST\r\n\
             accept: application/json\r\n\
             x-ms-principal-id: ana@contoso.com\r\n\
             authorization: Bearer token.of-the-suite\r\n\
             user-agent: thumbprint/VERSION",
        ),
    ];
    for (operation, head) in heads {
        let request = plain(Call::of(operation)).await;
        let host = request.header("host").or_fail();
        let head = head.replace("VERSION", env!("CARGO_PKG_VERSION"));
        assert_eq!(request.head, head.replace("HOST", host));
        assert_eq!(request.body, b"");
    }
}

#[tokio::test]
async fn each_row_stays_within_its_document() {
    for (row, call) in rows() {
        let request = record(call, row.send, row.thumbprint).await;
        let operation = world::operation(row.operation);
        let undeclared = world::undeclared(&operation, &request);
        assert!(undeclared.is_empty(), "{}: {undeclared:?}", row.name);
        // `undeclared` leaves the path out.
        let values = match_path(&operation.path, request.path()).expect(row.name);
        let named = values
            .iter()
            .find(|(name, _)| ["thumbprint", "ThumbprintId"].contains(name));
        if let Some((_, thumbprint)) = named {
            assert_eq!(*thumbprint, row.thumbprint, "{}", row.name);
        }
    }
}

/// A change to a good request, and what `undeclared` says of it.
type Mutation = (fn(&mut Received), &'static [&'static str]);

fn header(request: &mut Received, name: &str, value: &str) {
    request.headers.push((name.to_owned(), value.to_owned()));
}

#[tokio::test]
async fn undeclared_parts_of_a_request_are_noticed() {
    #[rustfmt::skip]
    let batch: [Mutation; 12] = [
        // What an answer has is not declared for a request (kubernetes-sigs/gateway-api#1473: a test took the one for the
        // other), and a name without its value says little (disneystreaming/smithy4s#1037).
        (|request| header(request, "request-id", "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0"), &["header request-id"]),
        (|request| request.target.push_str("&timeout=soon"), &["query timeout is \"soon\""]),
        (|request| request.target.push_str("&api-version=2023-11-01.18.0"), &["query api-version twice"]),
        (|request| header(request, "ocp-date", "2023-11-20T10:11:12Z"), &["header ocp-date is \"2023-11-20T10:11:12Z\""]),
        (|request| header(request, "return-client-request-id", "True"), &["header return-client-request-id is \"True\""]),
        (|request| header(request, "api-version", "2023-11-01.18.0"), &["header api-version"]),
        (|request| header(request, "x-ms-principal-id", "ana@contoso.com"), &["header x-ms-principal-id"]),
        (|request| request.target.push_str("&unknown=1"), &["query unknown"]),
        (|request| request.target.push_str("&ocp-date=x"), &["query ocp-date"]),
        (|request| request.target = request.path().to_owned(), &["no api-version"]),
        (|request| "PUT".clone_into(&mut request.method), &["method PUT"]),
        (|_| (), &[]),
    ];
    #[rustfmt::skip]
    let wap: [Mutation; 6] = [
        (|request| header(request, "x-ms-client-session-id", "session 1"), &["header x-ms-client-session-id is \"session 1\""]),
        (|request| request.target = request.target.replace('-', ""), &["path SubscriptionId is \"0cfc58de38cb4fa692584afde95d3c05\""]),
        (|request| header(request, "accept-encoding", "gzip"), &["header accept-encoding"]),
        (|request| request.target.push_str("?api-version=2014"), &["query api-version"]),
        (
            |request| {
                let principal = "x-ms-principal-id";
                request.headers.retain(|(name, _)| name != principal);
            },
            &["no x-ms-principal-id"],
        ),
        (|_| (), &[]),
    ];
    let without_body: [Mutation; 2] = [
        (
            |request| header(request, "content-type", "application/json"),
            &["header content-type"],
        ),
        (|request| request.body.push(b'x'), &["a body"]),
    ];
    let with_body: [Mutation; 1] = [(
        |request| request.body.clear(),
        &["header content-type", "no body"],
    )];
    for call in &calls::ALL {
        let operation = world::operation(call.operation);
        let bodies = if operation.request_media_type.is_some() {
            &with_body[..]
        } else {
            &without_body
        };
        let good = plain(call).await;
        for (mutate, found) in call.choose([&batch[..], &wap]).iter().chain(bodies) {
            let mut request = good.clone();
            mutate(&mut request);
            assert_eq!(
                world::undeclared(&operation, &request),
                *found,
                "{}",
                call.operation
            );
        }
    }
}
