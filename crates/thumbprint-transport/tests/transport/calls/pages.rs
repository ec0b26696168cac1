//! Lists over pages.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use serde_json::Value;
use test_support::{OrFail as _, RawServer, Received, Reply, TestClock};
use thumbprint_transport::{
    Answer, CallOptions, Error, Transport,
    pager::{self, Paged},
};

use crate::calls::client::{Headers, LIST, SEMANTICS, transport};

struct Things(Transport);

impl Paged for Things {
    type Page = Answer<Value, Headers>;

    async fn fetch(&self, link: Option<&str>) -> Result<Self::Page, Error> {
        let build = || {
            let mut request = self.0.request(&LIST);
            request.literal("/things");
            request.finish_at(link)
        };
        let options = CallOptions::default();
        let response = self.0.send(&build, &LIST, &SEMANTICS, &options);
        response.await?.json()
    }

    fn next_link(page: &Self::Page) -> Option<&str> {
        page["next"].as_str()
    }

    fn count(page: &Self::Page) -> usize {
        page["items"].as_array().map_or(0, Vec::len)
    }

    fn transport(&self) -> &Transport {
        &self.0
    }
}

fn page(next: &str, items: &str) -> Reply {
    Reply::new(200, &[], format!(r#"{{"next":"{next}","items":{items}}}"#))
}

async fn read(server: &RawServer) -> Result<Vec<usize>, Error> {
    let transport = transport(server, TestClock::start());
    let pages = pin!(pager::pages(Things(transport)));
    let pages: Vec<_> = pages.try_collect().await?;
    Ok(pages.iter().map(Things::count).collect())
}

/// Reported of another SDK: a list that ends at its first empty page, though that one has a link
/// (azure-libraries-for-net 996).
#[tokio::test]
async fn an_empty_page_with_a_link_is_not_the_last() {
    let server = RawServer::start([
        page("things?page=2", "[1]"),
        page("/base/things?page=3", "[]"),
        page("", "[1,2]"),
    ])
    .await;
    assert_eq!(read(&server).await.or_fail(), [1, 0, 2]);
    let targets = server.received().into_iter().map(|request| request.target);
    assert_eq!(
        targets.collect::<Vec<_>>(),
        ["/base/things", "/base/things?page=2", "/base/things?page=3"]
    );
}

/// Reported of another SDK: the last page's token is the one that it was asked for with, for ever
/// (azure-sdk-for-python 30337).
#[tokio::test]
async fn a_page_that_links_to_itself_ends_the_list() {
    let server = RawServer::start([page("things?page=2", "[1]")]).await;
    let error = read(&server).await.err_or_fail();
    assert!(error.is_unexpected_answer());
    assert!(error.to_string().contains("read already"), "{error}");
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_list_that_is_too_long_ends_with_an_error() {
    for (pages, items, requests, says) in [
        (3, 100, 4, "more than 3 pages"),
        (100, 5, 3, "more than 5 items"),
    ] {
        // Each page has two items, and a link that is longer than its own.
        let server = RawServer::serving(|request: Received| async move {
            let next = format!("things?after={}", "x".repeat(request.target.len()));
            Some(page(&next, "[1,2]"))
        })
        .await;
        let base = format!("{}/base", server.base_url());
        let builder = Transport::builder(base, "token").allow_loopback_http();
        let transport = builder.max_pages(pages).max_items(items).build().or_fail();
        let list = pin!(pager::pages(Things(transport)));
        let list: Result<Vec<_>, Error> = list.try_collect().await;
        let error = list.err_or_fail();
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.is_unexpected_answer());
        assert_eq!(server.received().len(), requests);
    }
}

#[tokio::test]
async fn a_link_that_leaves_the_operation_is_not_followed() {
    for link in [
        "https://elsewhere.example/base/things",
        "//elsewhere.example/base/things",
        "/things",
        "/base/others",
        "/base/things/../others",
        "http://user@127.0.0.1/base/things",
        // No HTTP library sends it; and it is not the caller who gave it.
        &format!("things?page={}", "2".repeat(70_000)),
    ] {
        let server = RawServer::start([page(link, "[]")]).await;
        let error = read(&server).await.err_or_fail();
        assert!(error.is_unexpected_answer(), "{link}: {error}");
        assert_eq!(server.received().len(), 1, "{link}");
    }
}
