//! Row 14: the response headers of Batch are typed, in the facade and below it. Must notice a header that
//! was renamed, retyped or dropped, and a malformed header that fails the call.

use conformance::{
    calls::{ALL, Call, account, new_pfx, tenant, thumbprint},
    world,
};
use http::HeaderMap;
use test_support::{RawServer, Reply};
use thumbprint::batch;
use thumbprint_batch::headers::{
    CertificateAdd201, CertificateCancelDeletion204, CertificateDelete202, CertificateGet200,
    CertificateList200,
};

use super::REQUEST_ID;

/// The headers of Batch's answers: name, a good value, how the facade shows it, and values of another form.
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

/// What the facade reads of an answer, with its headers.
fn read<T>(answer: &batch::Answer<T>) -> (Read, HeaderMap) {
    let typed = [
        answer.request_id().map(|id| id.to_string()),
        answer.client_request_id().map(|id| id.to_string()),
        answer.etag().map(str::to_owned),
        answer.last_modified().map(|time| time.to_string()),
        answer.data_service_id().map(str::to_owned),
    ];
    (typed, answer.headers().clone())
}

/// What a generated view reads. Two of the views have no `DataServiceId`, as their documents have none.
macro_rules! view {
    ($view:ident, $headers:expr, $data_service_id:expr) => {{
        let view = $view::of($headers);
        [
            view.request_id().map(|id| id.to_string()),
            view.client_request_id().map(|id| id.to_string()),
            view.e_tag().map(str::to_owned),
            view.last_modified().map(|time| time.to_utc().to_string()),
            $data_service_id(view),
        ]
    }};
}

/// What the generated layer reads of an operation's answer.
fn view(call: &Call, headers: &HeaderMap) -> Read {
    match call.operation {
        "Certificate_List" => view!(CertificateList200, headers, |_| None),
        "Certificate_Get" => view!(CertificateGet200, headers, |_| None),
        "Certificate_Delete" => view!(CertificateDelete202, headers, |_| None),
        "Certificate_Add" => view!(CertificateAdd201, headers, |view: CertificateAdd201<'_>| {
            view.data_service_id().map(str::to_owned)
        }),
        _ => view!(
            CertificateCancelDeletion204,
            headers,
            |view: CertificateCancelDeletion204<'_>| view.data_service_id().map(str::to_owned)
        ),
    }
}

fn good() -> Vec<(&'static str, &'static [u8])> {
    let pairs = HEADERS
        .iter()
        .map(|(name, value, ..)| (*name, value.as_bytes()));
    pairs.collect()
}

fn shown() -> Read {
    HEADERS.map(|(_, _, shown, _)| Some(shown.to_owned()))
}

/// Every call of Batch whose answer the facade gives as such. A list gives its certificates.
fn answered() -> impl Iterator<Item = &'static Call> {
    let calls = ALL.iter().filter(|call| call.api() == "batch");
    calls.filter(|call| call.operation != "Certificate_List")
}

/// What the facade makes of an answer with headers that need not be text.
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
        "Certificate_Add" => account.add(new_pfx()).await.map(|answer| read(&answer)),
        "Certificate_Get" => account.get(&thumbprint).await.map(|answer| read(&answer)),
        "Certificate_Delete" => account
            .delete(&thumbprint)
            .await
            .map(|answer| read(&answer)),
        _ => account
            .cancel_deletion(&thumbprint)
            .await
            .map(|answer| read(&answer)),
    };
    let (typed, all) = outcome.unwrap_or_else(|error| panic!("{}: {error}", call.operation));
    let declared = world::operation(call.operation);
    let declared = &declared.responses[0].headers;
    let mut expected = typed.clone();
    if declared.iter().all(|header| header.name != "DataServiceId") {
        expected[4] = None;
    }
    assert_eq!(
        view(call, &all),
        expected,
        "{}: the generated layer",
        call.operation
    );
    (typed, all)
}

#[tokio::test]
async fn headers_that_are_there_are_read_and_those_that_are_not_are_none() {
    for call in answered() {
        assert_eq!(answer(call, &good()).await.0, shown());
        assert_eq!(answer(call, &[]).await.0, [const { None }; 5]);
        for (index, (name, ..)) in HEADERS.iter().enumerate() {
            let mut headers = good();
            headers.remove(index);
            let mut expected = shown();
            expected[index] = None;
            assert_eq!(answer(call, &headers).await.0, expected, "without {name}");
        }
    }
}

/// The facade gives no headers of a list, so the generated layer is asked.
#[tokio::test]
async fn a_list_has_its_headers_in_the_generated_layer() {
    let call = Call::of("Certificate_List");
    let headers: Vec<_> = HEADERS
        .iter()
        .map(|(name, value, ..)| (*name, *value))
        .collect();
    let server = RawServer::start([call.answer(&headers, call.least())]).await;
    let account = account(&server.base_url());
    #[expect(deprecated, reason = "the operation is, in the document")]
    let answer = account.raw().certificate_list().send().await.unwrap();
    let mut expected = shown();
    expected[4] = None;
    assert_eq!(view(call, answer.headers()), expected);
    assert_eq!(view(call, &HeaderMap::new()), [const { None }; 5]);
}

#[tokio::test]
async fn a_malformed_header_is_none_and_still_there_as_it_came() {
    for call in answered() {
        for (index, (name, _, _, malformed)) in HEADERS.iter().enumerate() {
            for value in *malformed {
                let mut headers = good();
                headers[index].1 = value;
                let mut expected = shown();
                expected[index] = None;
                let (typed, all) = answer(call, &headers).await;
                assert_eq!(typed, expected, "{name}: {}", value.escape_ascii());
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
    for call in answered() {
        let (typed, all) = answer(call, &headers).await;
        assert_eq!(typed, shown());
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
    for call in answered() {
        let (typed, all) = answer(call, &headers).await;
        assert_eq!(typed, shown());
        assert_eq!(all["dataserviceversion"], "3.0");
    }
}

#[tokio::test]
async fn wap_answers_carry_their_headers_though_none_is_declared() {
    let answer = Reply::new(200, &[("x-ms-request-id", REQUEST_ID)], "{}");
    let server = RawServer::start([answer]).await;
    let gone = tenant(&server.base_url())
        .delete(&thumbprint())
        .await
        .unwrap();
    assert_eq!(gone.headers()["x-ms-request-id"], REQUEST_ID);
}
