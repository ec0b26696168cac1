use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_support::OrFail as _;
use thumbprint_batch::types;
use thumbprint_sandbox::{CertificateState, Sandbox, samples};

use crate::{
    batch::{ID, VERSION, pairs, resource, values},
    client::{Answer, BEARER, Client, EMPTY, call},
    clock::{START, builder},
};

/// The first certificates of an account that [`many`] makes, spelled in capitals.
fn thumbprint(number: usize) -> String {
    format!("{number:040X}")
}

async fn many(count: usize) -> Sandbox {
    let state = |number| match number % 3 {
        0 => CertificateState::Active,
        1 => CertificateState::Deleting,
        _ => CertificateState::DeleteFailed,
    };
    // In disorder.
    let all = (0..count)
        .rev()
        .map(|number| (thumbprint(number), state(number)));
    let (builder, _) = builder();
    builder
        .empty()
        .batch_certificates(all)
        .start()
        .await
        .or_fail()
}

async fn list(sandbox: &Sandbox, query: &str) -> Answer {
    let target = format!("/certificates?{VERSION}{query}");
    call(sandbox, "GET", &target, &[BEARER]).await
}

/// The link to the next page, without the host that is not the sandbox's.
fn next(answer: &Answer) -> Option<String> {
    let body = answer.json();
    let link = body.get("odata.nextLink")?.as_str().or_fail();
    Some(link.strip_prefix("http://localhost:1").or_fail().to_owned())
}

fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let value = body["value"].as_array().or_fail();
    let name = |cert: &Value| cert["thumbprint"].as_str().or_fail().to_owned();
    value.iter().map(name).collect()
}

/// All pages from a first one on.
async fn pages(sandbox: &Sandbox, query: &str) -> Vec<Vec<String>> {
    let mut answer = list(sandbox, query).await;
    let mut pages = vec![names(&answer)];
    while let Some(link) = next(&answer) {
        answer = call(sandbox, "GET", &link, &[BEARER]).await;
        pages.push(names(&answer));
    }
    pages
}

#[tokio::test]
async fn a_list_has_the_certificates_in_order() {
    let (builder, _) = builder();
    let sandbox = builder.start().await.or_fail();
    let headers = [
        BEARER,
        ("client-request-id", ID),
        ("return-client-request-id", "true"),
    ];
    let target = format!("/certificates?{VERSION}&timeout=30&maxresults=1000");
    let answer = call(&sandbox, "GET", &target, &headers).await;
    let expected = [
        samples::BATCH_DELETE_FAILED,
        samples::BATCH_ACTIVE,
        samples::BATCH_DELETING,
    ];
    assert_eq!(names(&answer), expected);
    let body = answer.json();
    assert_eq!(body.as_object().or_fail().len(), 2);
    assert_eq!(
        body["odata.metadata"],
        "http://localhost:1/$metadata#certificates"
    );
    let url = format!("http://localhost:1{}", resource(samples::BATCH_ACTIVE));
    assert_eq!(
        body["value"][1],
        json!({
            "thumbprint": samples::BATCH_ACTIVE,
            "thumbprintAlgorithm": "sha1",
            "url": url,
            "state": "active",
            "stateTransitionTime": START,
        })
    );
    let read: types::CertificateListResult = serde_json::from_slice(&answer.body).or_fail();
    assert_eq!(read.odata_next_link, None);

    let media_type = Some("application/json; odata=minimalmetadata");
    assert_eq!(answer.header("Content-Type"), media_type);
    assert_eq!(answer.header("client-request-id"), Some(ID));
    for name in ["request-id", "ETag", "Last-Modified", "DataServiceVersion"] {
        assert!(answer.header(name).is_some(), "{name}");
    }
    assert_eq!(answer.header("DataServiceId"), None);
}

#[tokio::test]
async fn an_empty_account_has_an_empty_list() {
    let sandbox = many(0).await;
    let answer = list(&sandbox, "").await;
    assert_eq!(names(&answer), [""; 0]);
    assert_eq!(next(&answer), None);
}

#[tokio::test]
async fn pages_have_the_size_that_was_asked_for() {
    let sandbox = many(10).await;
    let all: Vec<_> = (0..10).map(thumbprint).collect();
    for (size, lengths) in [
        (1, &[1; 10][..]),
        (3, &[3, 3, 3, 1]),
        (5, &[5, 5]),
        (10, &[10]),
        (1000, &[10]),
    ] {
        let pages = pages(&sandbox, &format!("&maxresults={size}")).await;
        assert_eq!(pages.concat(), all, "{size}");
        let found: Vec<_> = pages.iter().map(Vec::len).collect();
        assert_eq!(found, lengths, "{size}");
    }
}

#[tokio::test]
async fn a_page_has_a_thousand_unless_less_is_asked_for() {
    let start = Instant::now();
    let sandbox = many(10_000).await;
    let pages = pages(&sandbox, "").await;
    assert_eq!(pages.len(), 10);
    assert!(pages.iter().all(|page| page.len() == 1000));
    assert!(pages.concat().is_sorted());
    assert_eq!(sandbox.batch_count(CertificateState::Active), 3334);
    // Generous, for slow machines: an account whose cost grows with its square takes minutes.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_link_carries_the_question_and_a_token() {
    let sandbox = many(10).await;
    let filter =
        "state%20eq%20'active'%20or%20stateTransitionTime%20lt%202023-11-20T10%3A11%3A12%2B01%3A00";
    let query = format!("&$filter={filter}&%24select=thumbprint%2Cstate&maxresults=2&timeout=5");
    let answer = list(&sandbox, &query).await;
    let link = next(&answer).or_fail();
    let (path, query) = link.split_once('?').or_fail();
    assert_eq!(path, "/certificates");
    assert!(query.starts_with("$skiptoken=%2B%2F%2B%2B"), "{query}");
    assert!(
        query.contains("%3D&api-version=2023-11-01.18.0&"),
        "{query}"
    );
    assert!(
        query.ends_with(&format!(
            "&$filter={}&$select=thumbprint%2Cstate&maxresults=2",
            filter.replace('\'', "%27")
        )),
        "{query}"
    );

    let answer = call(&sandbox, "GET", &link, &[BEARER]).await;
    let expected = [thumbprint(6), thumbprint(9)];
    assert_eq!(names(&answer), expected);
    assert_eq!(next(&answer), None);
    assert_eq!(answer.json()["value"][0].as_object().or_fail().len(), 2);
}

#[tokio::test]
async fn a_token_can_be_spelled_as_either_page_has_it() {
    let sandbox = many(3).await;
    let link = next(&list(&sandbox, "&maxresults=2").await).or_fail();
    for spelled in ["$skiptoken", "$skipToken", "%24skipToken"] {
        let target = link.replace("$skiptoken", spelled);
        let answer = call(&sandbox, "GET", &target, &[BEARER]).await;
        assert_eq!(names(&answer), [thumbprint(2)], "{spelled}");
    }
    let token = link.split(['=', '&']).nth(1).or_fail();
    let twice = format!("{link}&$skipToken={token}");
    let answer = call(&sandbox, "GET", &twice, &[BEARER]).await;
    let expected = [
        ("QueryParameterName", "$skiptoken"),
        ("Reason", "The parameter must be sent once"),
    ];
    let values = values(&answer, 400, "InvalidQueryParameterValue");
    assert_eq!(values, Some(pairs(&expected)));
}

#[tokio::test]
async fn a_token_that_is_none_is_refused() {
    let sandbox = many(3).await;
    for (token, decoded) in [
        ("", ""),
        ("2", "2"),
        ("MDEyMw%3D%3D", "MDEyMw=="),
        // What becomes of a token whose plus signs were not escaped.
        ("+%2F++MA%3D%3D", " /  MA=="),
    ] {
        let answer = list(&sandbox, &format!("&$skiptoken={token}")).await;
        let values = values(&answer, 400, "InvalidQueryParameterValue");
        let expected = [
            ("QueryParameterName", "$skiptoken"),
            ("QueryParameterValue", decoded),
            ("Reason", "The token is not one of this service's"),
        ];
        assert_eq!(values, Some(pairs(&expected)));
    }
}

#[tokio::test]
async fn paging_stays_right_while_certificates_come_and_go() {
    let (builder, clock) = builder();
    let all = [1, 2, 3, 4, 6].map(|number| (thumbprint(number), CertificateState::Active));
    let sandbox = builder
        .empty()
        .batch_certificates(all)
        .start()
        .await
        .or_fail();
    let delete = async |number| {
        let target = format!("{}?{VERSION}", resource(&thumbprint(number)));
        let answer = call(&sandbox, "DELETE", &target, &[BEARER]).await;
        assert_eq!(answer.status, 202);
    };
    let add = async |number| {
        let body = json!({
            "thumbprint": thumbprint(number),
            "thumbprintAlgorithm": "sha1",
            "data": "AA==",
        });
        let body = body.to_string();
        let length = body.len().to_string();
        let headers = [
            BEARER,
            ("Content-Length", length.as_str()),
            ("Content-Type", "application/json"),
        ];
        let mut client = Client::connect(&sandbox).await;
        let target = format!("/certificates?{VERSION}");
        let answer = client.call("POST", &target, &headers, &body).await;
        assert_eq!(answer.status, 201);
    };

    let first = list(&sandbox, "&maxresults=2").await;
    assert_eq!(names(&first), [thumbprint(1), thumbprint(2)]);
    // One is added before the place of the link, the one that the link names is deleted, and so is
    // one after it; one is added after it.
    add(0).await;
    delete(2).await;
    delete(3).await;
    add(5).await;
    clock.advance(Duration::from_secs(10));
    let second = call(&sandbox, "GET", &next(&first).or_fail(), &[BEARER]).await;
    assert_eq!(names(&second), [thumbprint(4), thumbprint(5)]);
    let third = call(&sandbox, "GET", &next(&second).or_fail(), &[BEARER]).await;
    assert_eq!(names(&third), [thumbprint(6)]);
    assert_eq!(next(&third), None);
    // A link can be followed again.
    let again = call(&sandbox, "GET", &next(&first).or_fail(), &[BEARER]).await;
    assert_eq!(names(&again), names(&second));
}

#[tokio::test]
async fn filters_and_selections_apply_to_the_list() {
    let sandbox = many(6).await;
    for (query, expected) in [
        ("$filter=state+eq+'active'", &[0, 3][..]),
        ("%24filter=state%20ne%20%27active%27", &[1, 2, 4, 5]),
        (
            "$filter=stateTransitionTime%20eq%202023-11-20T10:11:12.1234567Z%20and%20state%20eq%20'deleting'",
            &[1, 4],
        ),
        (
            "$filter=stateTransitionTime+gt+DateTime'2023-11-20T10:11:12.1234567Z'",
            &[],
        ),
        ("$select=thumbprint", &[0, 1, 2, 3, 4, 5]),
    ] {
        let answer = list(&sandbox, &format!("&{query}")).await;
        let expected: Vec<_> = expected.iter().map(|number| thumbprint(*number)).collect();
        assert_eq!(names(&answer), expected, "{query}");
        let all = pages(&sandbox, &format!("&{query}&maxresults=1")).await;
        assert_eq!(all.concat(), expected, "{query}");
    }
    let answer = list(&sandbox, "&$select=thumbprint&maxresults=1").await;
    assert_eq!(
        answer.json()["value"],
        json!([{"thumbprint": thumbprint(0)}])
    );
    let answer = list(&sandbox, "&$select=name").await;
    values(&answer, 400, "InvalidQueryParameterValue");
}

#[tokio::test]
async fn a_query_that_cannot_be_answered_is_refused() {
    let sandbox = many(3).await;
    let filter = "state eq 'gone'";
    let answer = list(&sandbox, &format!("&$filter={}", filter.replace(' ', "+"))).await;
    let reason = "At character 10: expected 'active', 'deleting' or 'deletefailed'";
    let expected = [
        ("QueryParameterName", "$filter"),
        ("QueryParameterValue", filter),
        ("Reason", reason),
    ];
    let found = values(&answer, 400, "InvalidQueryParameterValue");
    assert_eq!(found, Some(pairs(&expected)));

    let deep = "(".repeat(20_000);
    let answer = list(&sandbox, &format!("&$filter={deep}")).await;
    values(&answer, 400, "InvalidQueryParameterValue");

    for size in ["0", "-1", "1001", "2147483647", "-2147483648"] {
        let answer = list(&sandbox, &format!("&maxresults={size}")).await;
        let expected = [
            ("QueryParameterName", "maxresults"),
            ("QueryParameterValue", size),
            ("MinimumAllowed", "1"),
            ("MaximumAllowed", "1000"),
        ];
        let found = values(&answer, 400, "OutOfRangeQueryParameterValue");
        assert_eq!(found, Some(pairs(&expected)));
    }
    for (query, code) in [
        ("maxresults=many", "InvalidQueryParameterValue"),
        ("maxresults=1&maxresults=2", "InvalidQueryParameterValue"),
        ("$top=1", "UnsupportedQueryParameter"),
        ("$Filter=x", "UnsupportedQueryParameter"),
    ] {
        let answer = list(&sandbox, &format!("&{query}")).await;
        assert!(values(&answer, 400, code).is_some());
    }
    let target = format!("/certificates?{VERSION}");
    let answer = call(&sandbox, "GET", &target, &[]).await;
    values(&answer, 400, "MissingRequiredHeader");
    let answer = call(&sandbox, "GET", "/certificates", &[BEARER]).await;
    values(&answer, 400, "MissingRequiredQueryParameter");
    let answer = call(&sandbox, "PUT", &target, &[BEARER, EMPTY]).await;
    values(&answer, 405, "UnsupportedHttpVerb");
    assert_eq!(answer.header("Allow"), Some("GET, HEAD, POST"));
}
