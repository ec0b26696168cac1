use test_support::OrFail as _;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};

use crate::{
    batch::{ID, VERSION, pairs, path, target, values},
    client::{BEARER, Client, EMPTY, bytes, call},
};

#[tokio::test]
async fn a_query_that_the_document_does_not_allow_is_refused() {
    const NAME: &str = "QueryParameterName";
    const VALUE: &str = "QueryParameterValue";
    let sandbox = Sandbox::start().await.or_fail();
    let missing = (
        "MissingRequiredQueryParameter",
        &[(NAME, "api-version")][..],
    );
    let invalid = "InvalidQueryParameterValue";
    let integer = ("Reason", "The value must be an integer of 32 bits");
    let once = ("Reason", "The parameter must be sent once");
    for (query, (code, expected)) in [
        ("", missing),
        ("?", missing),
        ("?timeout=15", missing),
        ("?api-version=", missing),
        (
            "?api-version=2025-06-01",
            (
                "UnsupportedRequestVersion",
                &[(NAME, "api-version"), (VALUE, "2025-06-01")],
            ),
        ),
        (
            "?api-version=latest",
            (
                "UnsupportedRequestVersion",
                &[(NAME, "api-version"), (VALUE, "latest")],
            ),
        ),
        (
            "?api-version=2023-11-01.18.0&api-version=2023-11-01.18.0",
            (invalid, &[(NAME, "api-version"), once]),
        ),
        (
            "?api-version=2023-11-01.18.0&timeout=1&timeout=2",
            (invalid, &[(NAME, "timeout"), once]),
        ),
        (
            "?api-version=2023-11-01.18.0&timeout=soon",
            (invalid, &[(NAME, "timeout"), (VALUE, "soon"), integer]),
        ),
        (
            "?api-version=2023-11-01.18.0&timeout=+5",
            (invalid, &[(NAME, "timeout"), (VALUE, " 5"), integer]),
        ),
        (
            "?api-version=2023-11-01.18.0&%24select=state",
            ("UnsupportedQueryParameter", &[(NAME, "$select")]),
        ),
    ] {
        let target = path(samples::BATCH_DELETE_FAILED) + query;
        let answer = call(&sandbox, "POST", &target, &[BEARER, EMPTY]).await;
        assert_eq!(values(&answer, 400, code), Some(pairs(expected)), "{query}");
    }
    assert_eq!(
        sandbox.batch_state(samples::BATCH_DELETE_FAILED),
        Some(CertificateState::DeleteFailed)
    );
}

#[tokio::test]
async fn a_strict_sandbox_refuses_headers_that_the_document_does_not_allow() {
    let sandbox = Sandbox::builder().strict(true).start().await.or_fail();
    let date = "The value must be a time in the form of RFC 1123, in GMT";
    let guid = "The value must be a GUID without decoration";
    let invalid = "InvalidHeaderValue";
    for (header, code, reason) in [
        // progenitor's clients send the version as a header too, unless they are kept from it.
        (
            ("api-version", "2023-11-01.18.0"),
            "UnsupportedHeader",
            None,
        ),
        (("if-match", "*"), "UnsupportedHeader", None),
        (("x-ms-client-request-id", ID), "UnsupportedHeader", None),
        (("client-request-id", ""), invalid, Some(guid)),
        (
            (
                "client-request-id",
                "{9C4D50EE-2D56-4CD3-8152-34347DC9F2B0}",
            ),
            invalid,
            Some(guid),
        ),
        (
            ("return-client-request-id", "True"),
            invalid,
            Some("The value must be true or false"),
        ),
        (
            ("ocp-date", "2023-11-20 10:11:12.0 +00:00:00"),
            invalid,
            Some(date),
        ),
        (
            ("ocp-date", "\u{e9}"),
            invalid,
            Some("The value has characters that cannot stand there"),
        ),
    ] {
        let target = target(samples::BATCH_DELETE_FAILED);
        let answer = call(&sandbox, "POST", &target, &[BEARER, EMPTY, header]).await;
        let mut expected = vec![("HeaderName", header.0)];
        expected.extend(reason.map(|reason| ("Reason", reason)));
        assert_eq!(
            values(&answer, 400, code),
            Some(pairs(&expected)),
            "{header:?}"
        );
    }
    let twice = [
        BEARER,
        EMPTY,
        ("client-request-id", ID),
        ("client-request-id", ID),
    ];
    let answer = call(&sandbox, "POST", &target(samples::BATCH_ACTIVE), &twice).await;
    let expected = [
        ("HeaderName", "client-request-id"),
        ("Reason", "The header must be sent once"),
    ];
    assert_eq!(values(&answer, 400, invalid), Some(pairs(&expected)));
}

#[tokio::test]
async fn a_path_value_of_another_form_is_refused() {
    let sandbox = Sandbox::start().await.or_fail();
    for (algorithm, thumbprint, name) in [
        ("sha256", samples::BATCH_ACTIVE, "thumbprintAlgorithm"),
        ("sha1", "0123", "thumbprint"),
        ("sha1", "..%2F..%2Fjobs%2Fj", "thumbprint"),
        ("sha1", "%FF", "thumbprint"),
        (
            "sha1",
            "0123456789abcdef0123456789abcdef0123456g",
            "thumbprint",
        ),
    ] {
        let target = target(thumbprint).replace("sha1", algorithm);
        let answer = call(&sandbox, "POST", &target, &[BEARER, EMPTY]).await;
        let values = values(&answer, 400, "InvalidUri").or_fail();
        let expected = ("PathParameterName".to_owned(), name.to_owned());
        assert_eq!(values[0], expected, "{target}");
        assert_eq!((values.len(), values[1].0.as_str()), (2, "Reason"));
    }
}

#[tokio::test]
async fn a_request_without_a_credential_that_can_be_one_is_refused() {
    let sandbox = Sandbox::start().await.or_fail();
    let target = target(samples::BATCH_DELETE_FAILED);
    let answer = call(&sandbox, "POST", &target, &[EMPTY]).await;
    assert_eq!(
        values(&answer, 400, "MissingRequiredHeader"),
        Some(pairs(&[("HeaderName", "Authorization")]))
    );
    for authorization in [
        "",
        "canary-token",
        "Bearer",
        "Bearer ",
        "Bearer canary-token canary-token",
        "Basic canary-token",
        "SharedKey canary-token",
        "SharedKey :canary-token",
        "SharedKey canary-token:",
        "SharedKeyLite account:canary-token",
    ] {
        let headers = [EMPTY, ("Authorization", authorization)];
        let answer = call(&sandbox, "POST", &target, &headers).await;
        let values = values(&answer, 403, "AuthenticationFailed");
        assert_eq!(values, None, "{authorization}");
    }
    let answer = call(&sandbox, "POST", &target, &[EMPTY, BEARER, BEARER]).await;
    assert_eq!(values(&answer, 403, "AuthenticationFailed"), None);
    assert_eq!(
        sandbox.batch_state(samples::BATCH_DELETE_FAILED),
        Some(CertificateState::DeleteFailed)
    );
}

#[tokio::test]
async fn other_paths_and_other_methods_are_refused() {
    let sandbox = Sandbox::start().await.or_fail();
    let known = path(samples::BATCH_DELETE_FAILED);
    for target in [
        known.replace("canceldelete", "delete"),
        known.clone() + "/",
        known.to_uppercase(),
        path(""),
        path("a/b"),
    ] {
        let target = target + "?" + VERSION;
        let answer = call(&sandbox, "POST", &target, &[BEARER, EMPTY]).await;
        assert_eq!(values(&answer, 404, "ResourceNotFound"), None, "{target}");
    }
    for method in ["GET", "DELETE", "PUT", "OPTIONS", "PURGE"] {
        let answer = call(&sandbox, method, &known, &[]).await;
        assert_eq!(values(&answer, 405, "UnsupportedHttpVerb"), None);
        assert_eq!(answer.header("Allow"), Some("POST"), "{method}");
    }
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body() {
    let sandbox = Sandbox::start().await.or_fail();
    let mut client = Client::connect(&sandbox).await;
    for (target, status) in [("/", 501), (&format!("/certificates?{VERSION}"), 200)] {
        let answer = client.call("HEAD", target, &[BEARER], "").await;
        assert_eq!(answer.status, status);
        let length = answer.header("content-length").or_fail().to_owned();
        let whole = client.call("GET", target, &[BEARER], "").await;
        assert_eq!(whole.header("content-length"), Some(length.as_str()));
    }
}

/// Other people's clients name requests in their own way, trace them, and come out of browsers.
#[tokio::test]
async fn headers_that_no_document_has_are_taken_unless_the_sandbox_is_strict() {
    for strict in [false, true] {
        let sandbox = Sandbox::builder().strict(strict).start().await.or_fail();
        for header in [
            ("x-ms-client-request-id", ID),
            ("If-Match", "*"),
            ("b3", "1"),
            ("Sec-Fetch-Mode", "cors"),
            ("Origin", "http://localhost:3000"),
            // The document has one that is almost called so.
            ("client_request_id", "{no guid}"),
        ] {
            let target = target(samples::BATCH_ACTIVE).replace("/canceldelete", "");
            let answer = call(&sandbox, "GET", &target, &[BEARER, header]).await;
            if strict {
                values(&answer, 400, "UnsupportedHeader");
            } else {
                assert_eq!(answer.status, 200, "{header:?}");
            }
        }
        // What the document does have has to be right all the same.
        let wrong = [BEARER, EMPTY, ("client-request-id", "{no guid}")];
        let answer = call(&sandbox, "POST", &target(samples::BATCH_ACTIVE), &wrong).await;
        values(&answer, 400, "InvalidHeaderValue");
    }
}

/// What any client may send: RFC 9110 and 9112, of caches RFC 9111, the W3C's Trace Context, and what proxies add.
#[tokio::test]
async fn a_strict_sandbox_takes_the_headers_of_http_itself() {
    let sandbox = Sandbox::builder().strict(true).start().await.or_fail();
    for header in [
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip"),
        ("Accept-Language", "en"),
        ("Cache-Control", "no-cache"),
        ("Pragma", "no-cache"),
        ("Connection", "keep-alive"),
        ("Keep-Alive", "timeout=5"),
        ("Date", "Mon, 20 Nov 2023 10:11:12 GMT"),
        ("Expect", "100-continue"),
        ("TE", "trailers"),
        ("User-Agent", "a/1"),
        ("Via", "1.1 proxy"),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        ("tracestate", "a=1"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Proto", "https"),
    ] {
        let target = target(samples::BATCH_ACTIVE).replace("/canceldelete", "");
        let answer = call(&sandbox, "GET", &target, &[BEARER, header]).await;
        assert_eq!(answer.status, 200, "{header:?}: {answer:?}");
    }
    let mut client = Client::connect(&sandbox).await;
    let chunked = [BEARER, ("Transfer-Encoding", "chunked")];
    let target = target(samples::BATCH_DELETE_FAILED);
    let answer = client.call("POST", &target, &chunked, "0\r\n\r\n").await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// The vendor's folders of stable versions that had these operations, and the first without them.
#[tokio::test]
async fn every_version_that_had_the_operations_is_taken_and_answered_by_it() {
    let sandbox = Sandbox::start().await.or_fail();
    for (version, known) in [
        ("2015-12-01.2.2", true),
        ("2016-02-01.3.0", true),
        ("2016-07-01.3.1", true),
        ("2017-01-01.4.0", true),
        ("2017-05-01.5.0", true),
        ("2017-06-01.5.1", true),
        ("2017-09-01.6.0", true),
        ("2018-03-01.6.1", true),
        ("2018-08-01.7.0", true),
        ("2018-12-01.8.0", true),
        ("2019-06-01.9.0", true),
        ("2019-08-01.10.0", true),
        ("2020-03-01.11.0", true),
        ("2020-09-01.12.0", true),
        ("2021-06-01.14.0", true),
        ("2022-01-01.15.0", true),
        ("2022-10-01.16.0", true),
        ("2023-05-01.17.0", true),
        ("2023-11-01.18.0", true),
        ("2024-02-01.19.0", true),
        ("2024-07-01.20.0", true),
        ("2013-05-01.17.0", false),
        ("2025-06-01", false),
    ] {
        let target = format!("/certificates?api-version={version}&maxresults=1");
        let answer = call(&sandbox, "GET", &target, &[BEARER]).await;
        if known {
            let next = answer.json()["odata.nextLink"]
                .as_str()
                .or_fail()
                .to_owned();
            assert!(next.contains(&format!("api-version={version}&")), "{next}");
        } else {
            values(&answer, 400, "UnsupportedRequestVersion");
        }
    }
}

#[tokio::test]
async fn what_the_sandbox_lacks_it_says_with_what_it_has() {
    let sandbox = Sandbox::start().await.or_fail();
    for target in ["/pools", "/jobs/j/tasks", "/subscriptions", "/"] {
        let answer = call(&sandbox, "GET", &format!("{target}?{VERSION}"), &[BEARER]).await;
        assert_eq!(answer.status, 501, "{target}");
        let said = String::from_utf8(answer.body.clone()).or_fail();
        for path in [
            // The code has the status's name, whichever service has the path.
            "\"NotImplemented\"",
            "GET /certificates,",
            "DELETE /Subscriptions/{SubscriptionId}/certificates/{ThumbprintId}",
        ] {
            assert!(said.contains(path), "{said}");
        }
    }
}

#[tokio::test]
async fn a_post_must_say_how_long_it_is() {
    let sandbox = Sandbox::start().await.or_fail();
    let target = target(samples::BATCH_DELETE_FAILED);
    let answer = call(&sandbox, "POST", &target, &[BEARER]).await;
    assert_eq!(values(&answer, 411, "MissingContentLengthHeader"), None);

    let mut client = Client::connect(&sandbox).await;
    let chunked = [BEARER, ("Transfer-Encoding", "chunked")];
    let answer = client.call("POST", &target, &chunked, "0\r\n\r\n").await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

#[tokio::test]
async fn a_body_is_refused_and_the_connection_goes_on() {
    let sandbox = Sandbox::start().await.or_fail();
    let target = target(samples::BATCH_DELETE_FAILED);
    let mut client = Client::connect(&sandbox).await;
    let sized = [BEARER, ("Content-Length", "2")];
    let answer = client.call("POST", &target, &sized, "{}").await;
    assert_eq!(values(&answer, 400, "InvalidRequestBody"), None);
    let chunked = [BEARER, ("Transfer-Encoding", "chunked")];
    let body = "2\r\n{}\r\n0\r\n\r\n";
    let answer = client.call("POST", &target, &chunked, body).await;
    assert_eq!(values(&answer, 400, "InvalidRequestBody"), None);
    let answer = client.call("POST", &target, &[BEARER, EMPTY], "").await;
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_unread() {
    let sandbox = Sandbox::start().await.or_fail();
    let target = target(samples::BATCH_DELETE_FAILED);
    let limit = Some(pairs(&[("MaxLimit", "1048576")]));

    // No byte of this body is ever sent, so the answer cannot have waited for it.
    let headers = [BEARER, ("Content-Length", "1048577")];
    let mut client = Client::connect(&sandbox).await;
    let answer = client.call("POST", &target, &headers, "").await;
    assert_eq!(values(&answer, 413, "RequestBodyTooLarge"), limit);
    assert_eq!(answer.header("Connection"), Some("close"));

    // A body without an end: what is beyond the limit is not waited for either.
    let headers = [BEARER, ("Transfer-Encoding", "chunked")];
    let mut client = Client::connect(&sandbox).await;
    client.write(bytes("POST", &target, &headers, "")).await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..17 {
        client.write(&chunk).await;
    }
    let answer = client.read(true).await;
    assert_eq!(values(&answer, 413, "RequestBodyTooLarge"), limit);

    // One of just the limit is read, and refused for what it is.
    let headers = [BEARER, ("Content-Length", "1048576")];
    let mut client = Client::connect(&sandbox).await;
    let body = "x".repeat(1 << 20);
    let answer = client.call("POST", &target, &headers, &body).await;
    assert_eq!(values(&answer, 400, "InvalidRequestBody"), None);
}

#[tokio::test]
async fn a_client_that_sends_all_of_its_large_body_still_gets_the_answer() {
    let sandbox = Sandbox::start().await.or_fail();
    let target = target(samples::BATCH_DELETE_FAILED);
    let body = "x".repeat(8 << 20);
    let length = body.len().to_string();
    let headers = [BEARER, ("Content-Length", length.as_str())];
    let mut client = Client::connect(&sandbox).await;
    let answer = client.call("POST", &target, &headers, &body).await;
    assert_eq!(answer.status, 413);
    client.closed().await;
}

#[tokio::test]
async fn a_body_with_broken_chunks_is_refused() {
    let sandbox = Sandbox::start().await.or_fail();
    let target = target(samples::BATCH_DELETE_FAILED);
    let headers = [BEARER, ("Transfer-Encoding", "chunked")];
    let mut client = Client::connect(&sandbox).await;
    let answer = client.call("POST", &target, &headers, "zz\r\n").await;
    assert_eq!(values(&answer, 400, "InvalidRequestBody"), None);
    client.closed().await;
    assert_eq!(
        sandbox.batch_state(samples::BATCH_DELETE_FAILED),
        Some(CertificateState::DeleteFailed)
    );
}
