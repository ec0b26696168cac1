//! Row 14: the response headers of Batch are typed, each operation's own. Must notice a header that was
//! renamed, retyped or dropped, and a malformed header that fails the call.

use std::collections::BTreeSet;

use conformance::{
    calls::{ALL, Call, account, new_pfx, tenant, thumbprint},
    world,
};
use http::HeaderMap;
use test_support::{OrFail as _, RawServer, Reply};

use super::REQUEST_ID;

/// The headers of Batch's answers: name, a good value, how it is shown once it is read, and values of another
/// form.
#[rustfmt::skip]
const HEADERS: [(&str, &str, &str, &[&[u8]]); 5] = [
    ("request-id", REQUEST_ID, REQUEST_ID, &[b"", b"17", b"7d2f1a90-3c44-4e0b-9a51-0b6f5c1d2e3", b"\xff\xfe"]),
    (
        "client-request-id",
        "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0",
        "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0",
        &[b"", b"ticket 4711", b"\xc3\xa9"],
    ),
    ("ETag", "\"0x8DBE9AA2E0B8C7F\"", "\"0x8DBE9AA2E0B8C7F\"", &[b"\"caf\xc3\xa9\"", b"\x80"]),
    (
        "Last-Modified",
        "Mon, 20 Nov 2023 10:11:12 GMT",
        "2023-11-20 10:11:12 UTC",
        &[
            b"",
            b"2023-11-20T10:11:12Z",
            b"Mon, 20 Nov 2023 10:11:12 +0000",
            b"Tue, 20 Nov 2023 10:11:12 GMT",
            b"Mon, 20 Nov 2023 25:11:12 GMT",
            b"Mon, 20 Nov 2023 10:11:12 GMT\xff",
        ],
    ),
    (
        "DataServiceId",
        "https://a.r.batch.azure.com/certificates(ThumbprintAlgorithm=sha1,Thumbprint=ab)",
        "https://a.r.batch.azure.com/certificates(ThumbprintAlgorithm=sha1,Thumbprint=ab)",
        &[b"https://a.r/\xe2\x80\xa6"],
    ),
];

/// What is read from each of [`HEADERS`], in their order.
type Read = [Option<String>; 5];

/// What is read of an answer, and its headers. Three operations have no `DataServiceId`, as their documents
/// have none.
macro_rules! read {
    ($answer:expr $(, $data_service_id:ident)?) => {
        $answer.map(|answer| {
            let headers = answer.headers();
            // As text it is there whatever its form.
            let id = headers.as_ref().get("request-id");
            assert_eq!(answer.request_id(), id.and_then(|id| id.to_str().ok()));
            let typed: Read = [
                headers.request_id().map(|id| id.to_string()),
                headers.client_request_id().map(|id| id.to_string()),
                headers.e_tag().map(str::to_owned),
                headers.last_modified().map(|time| time.to_utc().to_string()),
                None $(.or(headers.$data_service_id().map(str::to_owned)))?,
            ];
            (typed, headers.as_ref().clone())
        })
    };
}

fn good() -> Vec<(&'static str, &'static [u8])> {
    let pairs = HEADERS
        .iter()
        .map(|(name, value, ..)| (*name, value.as_bytes()));
    pairs.collect()
}

/// What is read of an operation's answer with these headers.
fn shown(call: &Call) -> Read {
    let mut shown = HEADERS.map(|(_, _, shown, _)| Some(shown.to_owned()));
    if !["Certificate_Add", "Certificate_CancelDeletion"].contains(&call.operation) {
        shown[4] = None;
    }
    shown
}

/// Checks what is read of an answer, header by header.
fn assert_read(call: &Call, read: &Read, expected: &Read, when: &str) {
    for ((name, ..), (read, expected)) in HEADERS.iter().zip(read.iter().zip(expected)) {
        assert_eq!(
            read, expected,
            "{}, header {name} of tests/suite/responses/headers.rs, {when}: left is read, right is expected",
            call.operation
        );
    }
}

/// The documents, the generated operations and the table above have the same headers.
#[test]
fn the_headers_of_each_answer_are_those_of_the_documents() {
    let generated = [
        thumbprint_batch::operations::ALL,
        thumbprint_wap::operations::ALL,
    ]
    .concat();
    for call in &ALL {
        let operation = world::operation(call.operation);
        let response = operation.responses.iter().find(|one| one.is_success());
        let response = response.unwrap_or_else(|| panic!("{} has no success", operation.id));
        let names = response.headers.iter().map(|header| header.name.as_str());
        let declared: BTreeSet<_> = names.collect();
        let place = format!(
            "specs/{}.yaml#{}/responses/{}/headers",
            call.api(),
            operation.pointer,
            response.status
        );
        let table = HEADERS
            .iter()
            .zip(shown(call))
            .filter(|(_, shown)| shown.is_some());
        let table: BTreeSet<_> = table.map(|((name, ..), _)| *name).collect();
        let table = if call.api() == "batch" {
            table
        } else {
            BTreeSet::new()
        };
        assert_eq!(
            declared, table,
            "left: {place}, right: HEADERS of tests/suite/responses/headers.rs"
        );
        let code = generated.iter().find(|one| one.id == call.operation);
        let code = code.unwrap_or_else(|| panic!("{place}: no generated operation"));
        let code = code
            .responses
            .iter()
            .find(|one| one.status == Some(call.success));
        let code = code.unwrap_or_else(|| panic!("{place}: no generated answer {}", call.success));
        assert_eq!(
            declared,
            code.headers.iter().copied().collect(),
            "left: {place}, right: `operations` of the generated client"
        );
    }
}

fn calls() -> impl Iterator<Item = &'static Call> {
    ALL.iter().filter(|call| call.api() == "batch")
}

/// What the client makes of an answer with headers that need not be text.
async fn answer(call: &Call, headers: &[(&str, &[u8])]) -> (Read, HeaderMap) {
    let mut head = format!("HTTP/1.1 {} Status\r\n", call.success).into_bytes();
    for (name, value) in headers {
        head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    let least = call.least();
    if call.success != 204 {
        head.extend(format!("Content-Length: {}\r\n", least.len()).into_bytes());
    }
    head.extend([b"\r\n", least.as_bytes()].concat());
    let server = RawServer::start([Reply::Bytes(head)]).await;
    let (account, thumbprint) = (account(&server.base_url()), thumbprint());
    let outcome = match call.operation {
        "Certificate_List" => read!(account.list().await),
        "Certificate_Add" => read!(account.add(new_pfx()).await, data_service_id),
        "Certificate_Get" => read!(account.get(&thumbprint).await),
        "Certificate_Delete" => read!(account.delete(&thumbprint).await),
        _ => read!(account.cancel_deletion(&thumbprint).await, data_service_id),
    };
    outcome.unwrap_or_else(|error| panic!("{}: {error}", call.operation))
}

// Facts: Certificate_CancelDeletion: answer 204, header *
#[tokio::test]
async fn headers_that_are_there_are_read_and_those_that_are_not_are_none() {
    for call in calls() {
        let read = answer(call, &good()).await.0;
        assert_read(call, &read, &shown(call), "all are there");
        let read = answer(call, &[]).await.0;
        assert_read(call, &read, &[const { None }; 5], "none is there");
        for (index, (name, ..)) in HEADERS.iter().enumerate() {
            let mut headers = good();
            headers.remove(index);
            let mut expected = shown(call);
            expected[index] = None;
            let read = answer(call, &headers).await.0;
            assert_read(call, &read, &expected, &format!("without {name}"));
        }
    }
}

#[tokio::test]
async fn a_malformed_header_is_none_and_still_there_as_it_came() {
    for call in calls() {
        for (index, (name, _, _, malformed)) in HEADERS.iter().enumerate() {
            for value in *malformed {
                let mut headers = good();
                headers[index].1 = value;
                let mut expected = shown(call);
                expected[index] = None;
                let (typed, all) = answer(call, &headers).await;
                let when = format!("{name} is {:?}", value.escape_ascii().to_string());
                assert_read(call, &typed, &expected, &when);
                assert_eq!(all[*name].as_bytes(), *value, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn of_a_repeated_header_the_first_counts() {
    let others: [&[u8]; 5] = [
        b"00000000-0000-4000-8000-000000000000",
        b"00000000-0000-4000-8000-000000000000",
        b"\"another\"",
        b"Tue, 21 Nov 2023 10:11:12 GMT",
        b"https://another",
    ];
    let repeated = good().into_iter().zip(others);
    let headers: Vec<_> = repeated
        .flat_map(|((name, value), other)| [(name, value), (name, other)])
        .collect();
    for call in calls() {
        let (typed, all) = answer(call, &headers).await;
        assert_read(call, &typed, &shown(call), "each is there twice");
        assert_eq!(all.get_all("request-id").iter().count(), 2);
    }
}

#[tokio::test]
async fn other_cases_and_unknown_headers_change_nothing() {
    let upper = HEADERS.map(|(name, ..)| name.to_uppercase());
    let mut headers: Vec<(&str, &[u8])> = upper
        .iter()
        .zip(good())
        .map(|(name, (_, value))| (name.as_str(), value))
        .collect();
    headers.push(("DataServiceVersion", b"3.0"));
    // What the live service sends with an addition, and no document declares.
    headers.push(("Location", b"https://a.r.batch.azure.com/certificates(x)"));
    for call in calls() {
        let (typed, all) = answer(call, &headers).await;
        assert_read(call, &typed, &shown(call), "in upper case");
        assert_eq!(all["dataserviceversion"], "3.0");
    }
}

#[tokio::test]
async fn wap_answers_carry_their_headers_though_none_is_declared() {
    let answer = Reply::new(200, &[("x-ms-request-id", REQUEST_ID)], "{}");
    let server = RawServer::start([answer]).await;
    let gone = tenant(&server.base_url()).delete(&thumbprint()).await;
    assert_eq!(
        gone.or_fail().headers().as_ref()["x-ms-request-id"],
        REQUEST_ID
    );
}
