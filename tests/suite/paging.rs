//! A list's pages, over the raw socket (rows 9, 14, 16 and 20). Must notice a link that is followed to
//! another place with the credential, a link that is changed, a circle that is walked for ever, a page
//! that is fetched before the stream is polled for it, a header that later pages lack, and an error that costs
//! the pages before it.

use std::{num::NonZeroU32, pin::pin, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use conformance::calls::{Clients, TOKEN, account, batch_builder};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use test_support::{OrFail as _, RawServer, Received, Reply, TestClock};
use thumbprint::{
    Answer, Clock as _, Error,
    batch::{
        self,
        raw::{headers, types},
    },
};

type Page = Answer<types::CertificateListResult, headers::CertificateList>;

/// A page of one certificate, told apart by its URL.
fn page(name: &str, link: impl Into<Value>) -> Reply {
    let mut body = json!({"value": [{"url": name}]});
    body["odata.nextLink"] = link.into();
    Reply::json(200, body)
}

/// A whole list: the names of the certificates, and the error that ended it.
async fn walk(account: &batch::Client) -> (Vec<String>, Option<Error>) {
    let mut names = Vec::new();
    let mut certificates = pin!(account.list().items());
    while let Some(item) = certificates.next().await {
        match item {
            Ok(certificate) => names.push(certificate.url.unwrap_or_default()),
            Err(error) => {
                assert!(
                    certificates.next().await.is_none(),
                    "it goes on after {error}"
                );
                return (names, Some(error));
            }
        }
    }
    (names, None)
}

/// A request's headers, whose order means nothing.
fn sorted(request: &Received) -> Vec<(String, String)> {
    let mut headers = request.headers.clone();
    headers.sort();
    headers
}

/// What is received when the first page has this link.
async fn following(link: impl Fn(&str) -> String) -> (Vec<Received>, Vec<String>, Option<Error>) {
    let server = RawServer::listening().await;
    let base = server.base_url();
    server.answer([page("1", link(&base)), page("2", Value::Null)]);
    let (names, error) = walk(&account(&base)).await;
    (server.received(), names, error)
}

#[tokio::test]
async fn a_link_on_the_same_origin_and_path_is_followed_with_its_own_query() {
    // What is behind the question mark is the service's text: in its order, with its escapes, with names
    // that no document has, and with no version added or any option of the first page repeated.
    for query in [
        "api-version=2023-11-01.18.0&$skiptoken=a",
        "$skipToken=TUFB%2Fe8%3D%2B1&maxresults=1&api-version=2023-11-01.18.0",
        "$filter=state%20eq%20%27active%27&z=1&a=2&a=3",
        "x=a+b%20c%2bd&empty=&alone",
        "x=%C3%A9&y=%ff",
        "",
    ] {
        for absolute in [true, false] {
            let link = |base: &str| {
                let base = if absolute { base } else { "" };
                format!("{base}/certificates?{query}")
            };
            let (received, names, error) = following(link).await;
            assert!(error.is_none(), "{query}: {error:?}");
            assert_eq!(names, ["1", "2"], "{query}");
            let [first, second] = received.as_slice() else {
                panic!("{received:?}")
            };
            assert_eq!(second.method, "GET");
            assert_eq!(second.target, format!("/certificates?{query}"));
            // Everything but the target is that of the first page.
            assert_eq!(sorted(second), sorted(first), "{query}");
            assert!(second.body.is_empty());
        }
    }
}

#[tokio::test]
async fn relative_links_are_resolved_as_those_of_the_base_url() {
    for (prefix, link, target) in [
        ("", "certificates?a=1", "/certificates?a=1"),
        ("", "/certificates?a=1", "/certificates?a=1"),
        ("", "./x/../certificates?a=1", "/certificates?a=1"),
        ("/prefix", "certificates?a=1", "/prefix/certificates?a=1"),
        (
            "/prefix",
            "/prefix/certificates?a=1",
            "/prefix/certificates?a=1",
        ),
    ] {
        let server = RawServer::start([page("1", link), page("2", Value::Null)]).await;
        let account = account(&format!("{}{prefix}", server.base_url()));
        let (names, error) = walk(&account).await;
        assert!(error.is_none(), "{link}: {error:?}");
        assert_eq!(names, ["1", "2"], "{link}");
        assert_eq!(server.received()[1].target, target, "{link}");
    }
}

/// A link is followed with the credential, so it leads nowhere else, however alike the places look.
#[tokio::test]
async fn a_link_to_another_place_is_not_followed() {
    let elsewhere = RawServer::start([page("stolen", Value::Null)]).await;
    let there = elsewhere.base_url();
    let there_port = there.rsplit(':').next().or_fail();
    let links: [fn(&str, &str, &str) -> String; 23] = [
        // Other origins.
        |_, there, _| format!("{there}/certificates?a=1"),
        |_, _, port| format!("http://localhost:{port}/certificates"),
        |_, _, port| format!("//127.0.0.1:{port}/certificates"),
        |_, _, port| format!("\\\\127.0.0.1:{port}\\certificates"),
        |here, _, _| here.replace("http://", "https://") + "/certificates",
        |here, _, _| here.replace("http://", "ftp://") + "/certificates",
        |here, _, _| here.replace("127.0.0.1", "127.0.0.2") + "/certificates",
        |here, _, _| here.replace("127.0.0.1", "localhost") + "/certificates",
        |here, _, _| here.replace("127.0.0.1", "127.0.0.1.example") + "/certificates",
        |here, there, _| format!("{here}@{}/certificates", &there["http://".len()..]),
        |_, _, _| "https://elsewhere.example/certificates".to_owned(),
        |_, _, _| "data:application/json,{}".to_owned(),
        |_, _, _| "file:///certificates".to_owned(),
        |_, _, _| "javascript:alert(1)".to_owned(),
        // Other paths of the same origin.
        |here, _, _| format!("{here}/"),
        |here, _, _| format!("{here}/pools?api-version=1"),
        |here, _, _| format!("{here}/certificates/x"),
        |here, _, _| format!("{here}/certificates/../pools"),
        |here, _, _| format!("{here}/Certificates"),
        |here, _, _| format!("{here}/certificates(thumbprintAlgorithm=sha1,thumbprint=ab)"),
        |here, _, _| format!("{here}//certificates"),
        |_, _, _| "?a=1".to_owned(),
        // No URL at all.
        |_, _, _| "http://[".to_owned(),
    ];
    for make in links {
        let link = |here: &str| make(here, &there, there_port);
        let (received, names, error) = following(link).await;
        let link = link("http://HERE");
        let error = error.unwrap_or_else(|| panic!("{link} was followed"));
        assert!(error.is_unexpected_answer(), "{link}: {error}");
        assert!(
            !error.is_outcome_unknown() && !error.is_applied(),
            "{link}: {error}"
        );
        // What the first page gave stays.
        assert_eq!(names, ["1"], "{link}");
        assert_eq!(received.len(), 1, "{link}: {received:?}");
        let text = error.to_string();
        assert!(
            text.starts_with("list: the link to the next page"),
            "{text}"
        );
        assert!(!text.contains("://") && !text.contains(TOKEN), "{text}");
    }
    assert_eq!(elsewhere.connections(), 0, "a credential left");
}

/// A user name or a password in a link would be sent as a credential, or logged as a URL.
#[tokio::test]
async fn user_info_in_a_link_is_never_sent() {
    let link = |base: &str| base.replace("http://", "http://ana:hunter2@") + "/certificates?a=1";
    let (received, _, _) = following(link).await;
    for request in received {
        assert_eq!(
            request.header("authorization"),
            Some("Bearer token.of-the-suite")
        );
        assert!(!request.head.contains("hunter2"), "{}", request.head);
    }
}

#[tokio::test]
async fn a_fragment_of_a_link_is_not_sent() {
    let (received, names, _) = following(|base| format!("{base}/certificates?a=1#b")).await;
    assert_eq!(names, ["1", "2"]);
    assert_eq!(received[1].target, "/certificates?a=1");
}

/// Below a base path, a link has to stay below it.
#[tokio::test]
async fn a_link_that_leaves_the_base_path_is_not_followed() {
    for link in [
        "/certificates?a=1",
        "../certificates?a=1",
        "/prefixed/certificates",
    ] {
        let server = RawServer::start([page("1", link), page("2", Value::Null)]).await;
        let account = account(&format!("{}/prefix", server.base_url()));
        let (names, error) = walk(&account).await;
        assert!(error.or_fail().is_unexpected_answer(), "{link}");
        assert_eq!((names.len(), server.received().len()), (1, 1), "{link}");
    }
}

#[tokio::test]
async fn an_empty_link_and_none_end_the_list() {
    for last in [
        json!({"value": []}),
        json!({"odata.nextLink": ""}),
        json!({"odata.nextLink": null}),
    ] {
        let server = RawServer::start([Reply::new(200, &[], last.to_string())]).await;
        let account = account(&server.base_url());
        let pages: Vec<Page> = account.list().pages().try_collect().await.or_fail();
        assert_eq!(pages.len(), 1, "{last}");
        assert_eq!(server.received().len(), 1, "{last}");
    }
}

#[tokio::test]
async fn an_empty_page_that_is_not_the_last_is_no_end() {
    for empty in [json!([]), Value::Null] {
        let server = RawServer::listening().await;
        let base = server.base_url();
        let more = |number| format!("{base}/certificates?page={number}");
        let nothing = |link: String| {
            let body = json!({"value": empty, "odata.nextLink": link});
            Reply::new(200, &[], body.to_string())
        };
        server.answer([
            nothing(more(2)),
            nothing(more(3)),
            page("3", more(4)),
            nothing(String::new()),
        ]);
        let (names, error) = walk(&account(&base)).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!((names, server.received().len()), (vec!["3".to_owned()], 4));
    }
}

/// Microsoft's own SDKs walk in circles for ever.
#[tokio::test]
async fn a_cycle_of_links_is_an_error() {
    for (lead, circle) in [(0, 1), (0, 2), (0, 3), (1, 1), (5, 3)] {
        // The answer of a page is found by its number in the link, so the circle has no end.
        let server = RawServer::serving(move |request: Received| async move {
            let number = request.query().into_iter().find(|(name, _)| name == "page");
            let number: usize = number.map_or(0, |(_, number)| number.parse().or_fail());
            let next = if number + 1 < lead + circle {
                number + 1
            } else {
                lead
            };
            Some(page(
                &number.to_string(),
                format!("/certificates?page={next}"),
            ))
        })
        .await;
        let account = account(&server.base_url());
        // Much more than it takes to notice.
        let pages = account.list().pages().take(100);
        let outcome: Result<Vec<Page>, Error> = pages.try_collect().await;
        let error = outcome.expect_err("it walks in circles");
        assert!(error.is_unexpected_answer(), "{error}");
        assert!(error.to_string().contains("read already"), "{error}");
        assert!(
            server.received().len() <= 3 * (lead + circle) + 2,
            "{lead} {circle}"
        );
    }
}

/// What is no circle is walked to its end.
#[tokio::test]
async fn a_long_list_has_all_its_pages() {
    const PAGES: usize = 300;
    let server = RawServer::serving(|request: Received| async move {
        let number = request.query().into_iter().find(|(name, _)| name == "page");
        let number: usize = number.map_or(0, |(_, number)| number.parse().or_fail());
        let link = (number + 1 < PAGES).then(|| format!("/certificates?page={}", number + 1));
        Some(page(&number.to_string(), link))
    })
    .await;
    let (names, error) = walk(&account(&server.base_url())).await;
    assert!(error.is_none(), "{error:?}");
    let expected: Vec<_> = (0..PAGES).map(|number| number.to_string()).collect();
    assert_eq!(names, expected);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn headers_go_with_every_page_and_queries_with_the_first() {
    let server = RawServer::listening().await;
    let base = server.base_url();
    let more = |number| format!("{base}/certificates?page={number}");
    server.answer([
        page("1", more(2)),
        page("2", more(3)),
        page("3", Value::Null),
    ]);
    let clients = Clients::at(&base);
    let list = clients
        .batch
        .list()
        .max_results(NonZeroU32::MIN)
        .select(["url"]);
    let list = list
        .timeout(Duration::from_secs(15))
        .client_request_id("9c4d50ee-2d56-4cd3-8152-34347dc9f2b0")
        .return_client_request_id(true)
        .ocp_date("2023-11-20T10:11:12Z".parse::<DateTime<Utc>>().or_fail());
    let pages: Vec<Page> = list.pages().try_collect().await.or_fail();
    let links = pages.iter().map(|page| page.odata_next_link.is_some());
    assert_eq!(links.collect::<Vec<_>>(), [true, true, false]);
    let received = server.received();
    let [first, second, third] = received.as_slice() else {
        panic!("{received:?}")
    };
    assert_eq!(first.query().len(), 4);
    for (request, target) in [
        (second, "/certificates?page=2"),
        (third, "/certificates?page=3"),
    ] {
        assert_eq!(request.target, target);
        assert_eq!(sorted(request), sorted(first));
        for (name, value) in [
            ("client-request-id", "9c4d50ee-2d56-4cd3-8152-34347dc9f2b0"),
            ("return-client-request-id", "true"),
            ("ocp-date", "Mon, 20 Nov 2023 10:11:12 GMT"),
            ("authorization", "Bearer token.of-the-suite"),
        ] {
            assert_eq!(request.header(name), Some(value));
        }
    }
}

#[tokio::test]
async fn a_page_is_fetched_when_the_stream_is_polled() {
    let server = RawServer::listening().await;
    let base = server.base_url();
    let two =
        json!({"value": [{"url": "1"}, {"url": "2"}], "odata.nextLink": "/certificates?page=2"});
    server.answer([
        Reply::new(200, &[], two.to_string()),
        page("3", Value::Null),
    ]);
    let account = account(&base);
    let mut certificates = pin!(account.list().items());
    assert_eq!(server.connections(), 0, "the stream was not polled yet");
    for (name, requests) in [("1", 1), ("2", 1), ("3", 2)] {
        let certificate = certificates.next().await.or_fail().or_fail();
        assert_eq!(certificate.url.as_deref(), Some(name));
        assert_eq!(server.received().len(), requests, "{name}");
    }
    assert!(certificates.next().await.is_none());
    assert_eq!(server.received().len(), 2);
}

/// Tells whether an error is the expected one.
type Check = fn(&Error) -> bool;

/// The ways in which a second page can fail, each told apart as on the first.
#[tokio::test]
async fn an_error_on_a_later_page_keeps_the_pages_before_it() {
    let json = [
        ("Content-Type", "application/json"),
        ("request-id", "the-id"),
    ];
    let gone = r#"{"code":"C","message":{"value":"m"}}"#;
    #[rustfmt::skip]
    let rows: [(Reply, Check); 10] = [
        (Reply::new(404, &json, gone.replace('C', "CertificateNotFound")), |error| {
            error.is_not_found() && error.code() == Some("CertificateNotFound")
                && error.request_id() == Some("the-id")
        }),
        // Not the service's own words for it.
        (Reply::new(404, &json, gone), |error| error.is_unexpected_answer() && error.code() == Some("C")),
        (Reply::new(400, &json, gone.replace('C', "CertificateRetired")), Error::is_retired),
        (Reply::new(503, &json, gone.replace('C', "ServerBusy")), Error::is_throttled),
        (Reply::new(500, &json, "<html>"), |error| error.status().is_some_and(|status| status == 500)),
        (Reply::new(204, &json, ""), Error::is_unexpected_answer),
        (Reply::new(302, &[("Location", "/certificates")], ""), Error::is_unexpected_answer),
        (Reply::new(200, &[("Content-Type", "text/html")], "<html>"), Error::is_unexpected_answer),
        (Reply::new(200, &json, "[]"), |error| !error.is_applied() && error.is_unexpected_answer()),
        (Reply::Reset, |error| error.status().is_none() && error.to_string().contains("broke")),
    ];
    for (answer, check) in rows {
        let server = RawServer::start([page("1", "/certificates?page=2"), answer.clone()]).await;
        let (names, error) = walk(&account(&server.base_url())).await;
        let error = error.unwrap_or_else(|| panic!("{answer:?} was taken"));
        assert!(check(&error), "{answer:?}: {error:?}");
        // A list changes nothing.
        assert!(!error.is_outcome_unknown(), "{answer:?}: {error:?}");
        assert!(error.to_string().starts_with("list: "), "{error}");
        assert_eq!(names, ["1"], "{answer:?}");
        assert_eq!(server.received().len(), 2, "{answer:?}");
    }
}

/// A deadline is one call's: it holds for every page, and for each anew.
#[tokio::test]
async fn a_deadline_holds_for_each_page() {
    let (clock, limit) = (TestClock::start(), Duration::from_secs(7));
    let answers = [page("1", "/certificates?page=2"), Reply::Stall(Vec::new())];
    let server = RawServer::start(answers).await.with_clock(&clock);
    let builder = batch_builder(&server.base_url());
    let account = builder.clock(Arc::clone(&clock) as _).build().or_fail();
    let start = clock.now();
    let mut pages = pin!(account.list().deadline(limit).pages());
    assert!(pages.next().await.or_fail().is_ok());
    clock.advance(Duration::from_secs(5));
    let error = pages.next().await.or_fail().err_or_fail();
    assert!(
        error.is_timeout() && error.to_string().contains("within 7s"),
        "{error}"
    );
    assert_eq!(clock.now() - start, Duration::from_secs(12));
    assert!(pages.next().await.is_none());
}
