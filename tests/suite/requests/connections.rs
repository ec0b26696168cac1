//! Row 20: to which server. It must notice a dropped base path or port, and a doubled slash. Credentials are
//! in the rows of `table`; how many connections there are is in `faults::pool`.

use conformance::{calls, world};
use test_support::{OrFail as _, RawServer};
use xtask::document::members;

use super::plain;

/// A document's server with its variables filled in. The host and the port are a recorder's, so https
/// becomes http.
fn server(name: &str, base: &str) -> String {
    let address = base.strip_prefix("http://").or_fail();
    let (host, port) = address.split_once(':').or_fail();
    let document = world::document(name);
    let server = &document.value["servers"][0];
    let mut url = server["url"].as_str().or_fail().to_owned();
    for (variable, _) in members(&server["variables"]) {
        let value = match variable.as_str() {
            "batchUrl" => base,
            "ServiceMgmt" => host,
            "port" => port,
            other => panic!("{name}: the server has a variable {other}"),
        };
        url = url.replace(&format!("{{{variable}}}"), value);
    }
    url.replace("https://", "http://")
}

// Facts: server {batchUrl}; server https://{ServiceMgmt}:{port}
#[tokio::test]
async fn base_urls_keep_their_port_and_path() {
    let paths = [
        ("", ""),
        ("/", ""),
        ("//", ""),
        ("/prefix", "/prefix"),
        ("/prefix/", "/prefix"),
        ("/prefix//", "/prefix"),
        ("/prefix/sub", "/prefix/sub"),
        ("/prefix/sub/", "/prefix/sub"),
        ("/Prefix/a%20b/", "/Prefix/a%20b"),
    ];
    for call in &calls::ALL {
        let plain = plain(call).await.target;
        for (given, kept) in paths {
            let recorder = RawServer::start([call.good()]).await;
            let endpoint = server(call.api(), &recorder.base_url()) + given;
            call.at(endpoint.as_str(), calls::PATIENT).await.or_fail();
            let request = recorder.only();
            assert_eq!(request.target, format!("{kept}{plain}"), "{endpoint}");
            assert!(!request.target.contains("//"), "{endpoint}");
            let host = recorder.base_url().replace("http://", "");
            assert_eq!(request.values("host"), [host.as_str()], "{endpoint}");
        }
    }
}

/// What a client is told in place of a page's placeholders, and the port that the page of WAP has.
// Facts: server variable port, default 30005
#[test]
fn the_servers_of_the_documents_are_those_of_the_pages() {
    assert_eq!(
        (thumbprint_batch::SERVERS, thumbprint_wap::SERVERS),
        (
            &["https://account.region.batch.azure.com"][..],
            &["https://wap.contoso.com:30005"][..]
        ),
        "left: `SERVERS` of the generated clients, right: what the request lines of the pages have"
    );
}
