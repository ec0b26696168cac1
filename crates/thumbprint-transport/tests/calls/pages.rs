//! Lists over pages.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use serde_json::Value;
use test_support::{RawServer, Reply, TestClock};
use thumbprint_transport::{
    Answer, CallOptions, Error, Transport,
    pager::{self, Paged},
};

use crate::client::{Headers, LIST, SEMANTICS, transport};

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
}

fn page(next: &str, items: &str) -> Reply {
    Reply::new(200, &[], format!(r#"{{"next":"{next}","items":{items}}}"#))
}

async fn read(server: &RawServer) -> Result<Vec<usize>, Error> {
    let transport = transport(server, TestClock::start());
    let pages = pin!(pager::pages(Things(transport)));
    let pages: Vec<_> = pages.try_collect().await?;
    let count = |page: &Answer<Value, Headers>| page["items"].as_array().map_or(0, Vec::len);
    Ok(pages.iter().map(count).collect())
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
    assert_eq!(read(&server).await.unwrap(), [1, 0, 2]);
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
    let error = read(&server).await.unwrap_err();
    assert!(error.is_unexpected_answer());
    assert!(error.to_string().contains("read already"), "{error}");
    assert_eq!(server.received().len(), 2);
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
    ] {
        let server = RawServer::start([page(link, "[]")]).await;
        let error = read(&server).await.unwrap_err();
        assert!(error.is_unexpected_answer(), "{link}: {error}");
        assert_eq!(server.received().len(), 1, "{link}");
    }
}
