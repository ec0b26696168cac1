//! Rows 9 and 10: each request against a hand-written row, and against the document as the whole world.
//! They must notice a wrong header name, a missing api-version, an `api-version` sent as a header, a POST
//! without `Content-Length: 0`, and every header or query that nobody declared.

use std::collections::BTreeSet;

use conformance::{
    calls,
    wire::{Received, Recorder},
    world,
};
use thumbprint_transport::operation::match_path;

use super::{Call, OPERATIONS, PLAIN};

const AGENT: &str = concat!("thumbprint/", env!("CARGO_PKG_VERSION"));
const BEARER: &str = "Bearer token.of-the-suite";

/// A request in the manner of Smithy's httpRequestTests. It is written from the source pages, not from
/// the documents: a misreading in a document must not repeat itself here.
pub(super) struct Row {
    name: &'static str,
    operation: &'static str,
    thumbprint: &'static str,
    call: Call,
    method: &'static str,
    target: &'static str,
    /// All headers, in the order of their names. `HOST` stands for the server's own address.
    headers: &'static [(&'static str, &'static str)],
    /// Headers that this request must not have, beside [`FORBIDDEN`].
    forbidden: &'static [&'static str],
    body: usize,
}

/// Headers that no request of ours has, and why not.
const FORBIDDEN: [(&str, &str); 13] = [
    ("api-version", "the page has it in the query"),
    ("timeout", "the page has it in the query"),
    ("x-ms-version", "public Azure's, not WAP's"),
    ("date", "the page has ocp-date"),
    ("content-type", "there is no body"),
    ("transfer-encoding", "there is no body"),
    ("expect", "there is no body"),
    ("accept-encoding", "answers are read as they come"),
    ("accept-language", "not on the pages"),
    ("connection", "HTTP/1.1 keeps connections open anyway"),
    ("referer", "it would give the URL away"),
    ("cookie", "clients keep no state"),
    ("if-match", "no certificate operation takes a precondition"),
];

/// Names that no query of ours has.
const FORBIDDEN_QUERIES: [&str; 5] = [
    "ocp-date",
    "client-request-id",
    "return-client-request-id",
    "x-ms-principal-id",
    "thumbprint",
];

pub(super) const ROWS: [Row; 8] = [
    Row {
        name: "batch: nothing but what the page requires",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        call: Call::CancelDeletion(|call| call),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0",
        headers: &[
            ("accept", "application/json"),
            ("authorization", BEARER),
            ("content-length", "0"),
            ("host", "HOST"),
            ("user-agent", AGENT),
        ],
        forbidden: &["client-request-id", "return-client-request-id", "ocp-date"],
        body: 0,
    },
    Row {
        name: "batch: everything that the page offers",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        call: Call::CancelDeletion(|call| {
            call.ocp_date("2023-11-20T10:11:12Z".parse().unwrap())
                .return_client_request_id(true)
                .client_request_id("9c4d50ee-2d56-4cd3-8152-34347dc9f2b0".parse().unwrap())
                .timeout(std::time::Duration::from_secs(15))
        }),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0&timeout=15",
        headers: &[
            ("accept", "application/json"),
            ("authorization", BEARER),
            ("client-request-id", "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0"),
            ("content-length", "0"),
            ("host", "HOST"),
            ("ocp-date", "Mon, 20 Nov 2023 10:11:12 GMT"),
            ("return-client-request-id", "true"),
            ("user-agent", AGENT),
        ],
        forbidden: &[],
        body: 0,
    },
    Row {
        name: "batch: false is said, since the caller said it",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        call: Call::CancelDeletion(|call| call.return_client_request_id(false)),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0",
        headers: &[
            ("accept", "application/json"),
            ("authorization", BEARER),
            ("content-length", "0"),
            ("host", "HOST"),
            ("return-client-request-id", "false"),
            ("user-agent", AGENT),
        ],
        forbidden: &["client-request-id", "ocp-date"],
        body: 0,
    },
    Row {
        name: "batch: the thumbprint's case and the service's own default are sent as given",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789ABCDEF0123456789abcdef01234567",
        call: Call::CancelDeletion(|call| call.timeout(std::time::Duration::from_secs(30))),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789ABCDEF0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0&timeout=30",
        headers: &[
            ("accept", "application/json"),
            ("authorization", BEARER),
            ("content-length", "0"),
            ("host", "HOST"),
            ("user-agent", AGENT),
        ],
        forbidden: &["client-request-id", "return-client-request-id", "ocp-date"],
        body: 0,
    },
    Row {
        name: "batch: a deadline of the caller's is not the service's business",
        operation: "Certificate_CancelDeletion",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        call: Call::CancelDeletion(|call| call.deadline(calls::PATIENT)),
        method: "POST",
        target: "/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0",
        headers: &[
            ("accept", "application/json"),
            ("authorization", BEARER),
            ("content-length", "0"),
            ("host", "HOST"),
            ("user-agent", AGENT),
        ],
        forbidden: &["client-request-id", "return-client-request-id", "ocp-date"],
        body: 0,
    },
    Row {
        name: "wap: nothing but what the page requires",
        operation: "ManagementCertificate_Delete",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        call: Call::Delete(|call| call),
        method: "DELETE",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/0123456789abcdef0123456789abcdef01234567",
        headers: &[
            ("accept", "application/json"),
            ("authorization", BEARER),
            ("host", "HOST"),
            ("user-agent", AGENT),
            ("x-ms-principal-id", "ana@contoso.com"),
        ],
        forbidden: &[
            "content-length",
            "x-ms-client-request-id",
            "x-ms-client-session-id",
            "x-ms-principal-liveid",
        ],
        body: 0,
    },
    Row {
        name: "wap: everything that the page offers, for the certificate of its example",
        operation: "ManagementCertificate_Delete",
        thumbprint: "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B",
        call: Call::Delete(|call| {
            call.principal_live_id("ana@live.example")
                .client_session_id("7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001".parse().unwrap())
                .client_request_id("26e2a5a6-0a22-45c8-a27e-7ef8cd1f27a5-2013-07-03 16:19:50Z")
        }),
        method: "DELETE",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/9B3C37766BD00C22EC478B8F124C153B4B7E4C5B",
        headers: &[
            ("accept", "application/json"),
            ("authorization", BEARER),
            ("host", "HOST"),
            ("user-agent", AGENT),
            (
                "x-ms-client-request-id",
                "26e2a5a6-0a22-45c8-a27e-7ef8cd1f27a5-2013-07-03 16:19:50Z",
            ),
            (
                "x-ms-client-session-id",
                "7b5a3d5e-8a53-4a71-9c7e-2f3fd1e1a001",
            ),
            ("x-ms-principal-id", "ana@contoso.com"),
            ("x-ms-principal-liveid", "ana@live.example"),
        ],
        forbidden: &["content-length", "client-request-id"],
        body: 0,
    },
    Row {
        name: "wap: a deadline of the caller's is not the service's business",
        operation: "ManagementCertificate_Delete",
        thumbprint: "0123456789abcdef0123456789abcdef01234567",
        call: Call::Delete(|call| call.deadline(calls::PATIENT)),
        method: "DELETE",
        target: "/Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/0123456789abcdef0123456789abcdef01234567",
        headers: &[
            ("accept", "application/json"),
            ("authorization", BEARER),
            ("host", "HOST"),
            ("user-agent", AGENT),
            ("x-ms-principal-id", "ana@contoso.com"),
        ],
        forbidden: &[
            "content-length",
            "x-ms-client-request-id",
            "x-ms-client-session-id",
            "x-ms-principal-liveid",
        ],
        body: 0,
    },
];

/// The operation of each row.
pub(super) const fn operations() -> [&'static str; ROWS.len()] {
    let mut ids = [""; ROWS.len()];
    let mut index = 0;
    while index < ids.len() {
        ids[index] = ROWS[index].operation;
        index += 1;
    }
    ids
}

#[test]
fn every_operation_has_rows() {
    let documented: BTreeSet<_> = world::operations()
        .into_iter()
        .map(|(_, operation)| operation.id)
        .collect();
    assert_eq!(
        documented,
        OPERATIONS.into_iter().map(str::to_owned).collect()
    );
}

#[tokio::test]
async fn each_row_is_what_is_sent() {
    for row in ROWS {
        let request = row.call.record(row.thumbprint).await;
        let name = row.name;
        assert_eq!(request.method, row.method, "{name}");
        assert_eq!(request.target, row.target, "{name}");
        let forbidden = FORBIDDEN.map(|(header, _)| header);
        for header in forbidden.iter().chain(row.forbidden) {
            assert_eq!(request.header(header), None, "{name}: {header}");
        }
        for query in request.query() {
            assert!(
                !FORBIDDEN_QUERIES.contains(&query.0.as_str()),
                "{name}: {query:?}"
            );
        }
        let mut headers = request.headers.clone();
        for (_, value) in headers.iter_mut().filter(|(header, _)| header == "host") {
            assert!(value.starts_with("127.0.0.1:"), "{name}: {value}");
            "HOST".clone_into(value);
        }
        headers.sort();
        let expected = row.headers.iter();
        let expected: Vec<_> = expected
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        assert_eq!(headers, expected, "{name}");
        assert_eq!(request.body.len(), row.body, "{name}");
    }
}

#[tokio::test]
async fn the_plain_requests_byte_for_byte() {
    let heads = [
        "POST /certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)/canceldelete?api-version=2023-11-01.18.0 HTTP/1.1\r\n\
         accept: application/json\r\n\
         authorization: Bearer token.of-the-suite\r\n\
         content-length: 0\r\n\
         user-agent: thumbprint/VERSION\r\n\
         host: HOST",
        "DELETE /Subscriptions/0cfc58de-38cb-4fa6-9258-4afde95d3c05/certificates/0123456789abcdef0123456789abcdef01234567 HTTP/1.1\r\n\
         accept: application/json\r\n\
         x-ms-principal-id: ana@contoso.com\r\n\
         authorization: Bearer token.of-the-suite\r\n\
         user-agent: thumbprint/VERSION\r\n\
         host: HOST",
    ];
    for (call, head) in PLAIN.into_iter().zip(heads) {
        let recorder = Recorder::start([call.success()]).await;
        let base = recorder.base_url();
        call.send(&base, &calls::thumbprint()).await.unwrap();
        let host = base.strip_prefix("http://").unwrap();
        let head = head.replace("VERSION", env!("CARGO_PKG_VERSION"));
        let request = recorder.only();
        assert_eq!(request.head, head.replace("HOST", host));
        assert_eq!(request.body, b"");
    }
}

#[tokio::test]
async fn each_row_stays_within_its_document() {
    for row in ROWS {
        let request = row.call.record(row.thumbprint).await;
        let operation = world::operation(row.operation);
        let strangers = world::strangers(&operation, &request);
        assert!(strangers.is_empty(), "{}: {strangers:?}", row.name);
        // `strangers` does not look at the path.
        let values = match_path(&operation.path, request.path()).expect(row.name);
        let thumbprint = values.last().map(|(_, value)| *value);
        assert_eq!(thumbprint, Some(row.thumbprint), "{}", row.name);
    }
}

/// A change to a good request, and what `strangers` says of it.
type Spoiled = (fn(&mut Received), &'static [&'static str]);

fn header(request: &mut Received, name: &str, value: &str) {
    request.headers.push((name.to_owned(), value.to_owned()));
}

#[tokio::test]
async fn strangers_are_noticed() {
    let batch: [Spoiled; 8] = [
        (
            |request| header(request, "api-version", "2023-11-01.18.0"),
            &["header api-version"],
        ),
        (
            |request| header(request, "x-ms-principal-id", "ana@contoso.com"),
            &["header x-ms-principal-id"],
        ),
        (
            |request| header(request, "content-type", "application/json"),
            &["header content-type"],
        ),
        (
            |request| request.target.push_str("&unknown=1"),
            &["query unknown"],
        ),
        (
            |request| request.target.push_str("&ocp-date=x"),
            &["query ocp-date"],
        ),
        (
            |request| request.target = request.path().to_owned(),
            &["no api-version"],
        ),
        (|request| request.body.push(b'x'), &["a body"]),
        (
            |request| "GET".clone_into(&mut request.method),
            &["method GET"],
        ),
    ];
    let wap: [Spoiled; 3] = [
        (
            |request| header(request, "accept-encoding", "gzip"),
            &["header accept-encoding"],
        ),
        (
            |request| request.target.push_str("?api-version=2014"),
            &["query api-version"],
        ),
        (
            |request| {
                let principal = "x-ms-principal-id";
                request.headers.retain(|(name, _)| name != principal);
            },
            &["no x-ms-principal-id"],
        ),
    ];
    let tables = [batch.as_slice(), &wap];
    for ((call, table), id) in PLAIN
        .into_iter()
        .zip(tables)
        .zip(calls::ALL.map(|call| call.operation))
    {
        let operation = world::operation(id);
        let good = call.record(calls::THUMBPRINT).await;
        for (spoil, found) in table {
            let mut request = good.clone();
            spoil(&mut request);
            assert_eq!(world::strangers(&operation, &request), *found);
        }
    }
}
