//! Row 23: the requests that the vendor's own Python SDK sent, against ours. It must notice a misreading
//! of the page that the document, the hand-written rows and the code all share.

use std::collections::BTreeMap;

use conformance::{
    calls,
    wire::{Answer, Received, Recorder},
};
use serde_json::Value;
use thumbprint::batch::{self, CancelDeletion};

const CAPTURE: &str = include_str!("../data/wire/python-azure-batch-14.1.0.json");
/// The token that the SDK was given.
const TOKEN: &str = "fake.token.value";

/// Headers in which the two differ, and why that is right. In both requests these and no others differ.
const EXPLAINED: [(&str, &str); 5] = [
    ("user-agent", "it names the client"),
    (
        "accept-encoding",
        "we ask for no encoding, so that no small answer becomes a huge one",
    ),
    (
        "accept-language",
        "error texts are for people who operate the account, in the service's own language",
    ),
    ("connection", "in HTTP/1.1 keep-alive goes without saying"),
    (
        "client-request-id",
        "unasked, theirs is a UUID of version 1, which tells the machine's address, and ours is not sent; \
         asked for, theirs keeps the caller's case, which means nothing in a GUID",
    ),
];

/// How ours is driven with the values of a captured call.
type Same = (&'static str, fn(CancelDeletion<'_>) -> CancelDeletion<'_>);

const CALLS: [Same; 2] = [
    (
        "bearer: cancel_deletion default (no options object)",
        |call| call,
    ),
    ("bearer: cancel_deletion all options", |call| {
        call.timeout(std::time::Duration::from_secs(15))
            .client_request_id("9C4D50EE-2D56-4CD3-8152-34347DC9F2B0".parse().unwrap())
            .return_client_request_id(true)
            .ocp_date("2023-11-20T10:11:12Z".parse().unwrap())
    }),
];

/// A request: method, target, headers, body.
#[derive(Debug)]
struct Request {
    method: String,
    target: String,
    headers: BTreeMap<String, Vec<String>>,
    body: Vec<u8>,
}

/// Headers by their names in lower case.
fn by_name(headers: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in headers {
        found
            .entry(name.to_ascii_lowercase())
            .or_default()
            .push(value);
    }
    found
}

/// The vendor's requests that cancel a deletion, by what the capture calls them.
fn theirs() -> BTreeMap<String, Request> {
    let capture: Vec<Value> = serde_json::from_str(CAPTURE).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let cancellations = capture
        .iter()
        .filter(|entry| text(&entry["call"]).contains("cancel_deletion"));
    let request = |entry: &Value| Request {
        method: text(&entry["method"]),
        target: text(&entry["target"]),
        headers: by_name(
            entry["headers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|header| (text(&header["name"]), text(&header["value"]))),
        ),
        body: text(&entry["body"]).into_bytes(),
    };
    cancellations
        .map(|entry| (text(&entry["call"]), request(entry)))
        .collect()
}

async fn ours(set: fn(CancelDeletion<'_>) -> CancelDeletion<'_>) -> Request {
    let recorder = Recorder::start([Answer::new(204, &[], "")]).await;
    let base = recorder.base_url();
    let account = batch::Client::builder(&base, TOKEN)
        .allow_loopback_http()
        .build()
        .unwrap();
    set(account.cancel_deletion(&calls::thumbprint()))
        .await
        .unwrap();
    let Received {
        method,
        target,
        headers,
        body,
        ..
    } = recorder.only();
    // The capture has `PORT` where its recorder's port was.
    let port = base.rsplit(':').next().unwrap();
    let placeholder = |(name, value): (String, String)| {
        let value = if name == "host" {
            value.replace(port, "PORT")
        } else {
            value
        };
        (name, value)
    };
    Request {
        method,
        target,
        headers: by_name(headers.into_iter().map(placeholder)),
        body,
    }
}

#[tokio::test]
async fn requests_are_the_vendors_but_for_an_explained_list() {
    let theirs = theirs();
    let names: Vec<_> = theirs.keys().map(String::as_str).collect();
    let mut known = CALLS.map(|(name, _)| name);
    known.sort_unstable();
    assert_eq!(names, known);
    let mut explained = EXPLAINED.map(|(name, _)| name);
    explained.sort_unstable();
    for (name, set) in CALLS {
        let (theirs, ours) = (&theirs[name], ours(set).await);
        assert_eq!(ours.method, theirs.method, "{name}");
        assert_eq!(ours.target, theirs.target, "{name}");
        assert_eq!(ours.body, theirs.body, "{name}");
        let mut differing: Vec<_> = ours
            .headers
            .keys()
            .chain(theirs.headers.keys())
            .map(String::as_str)
            .collect();
        differing.sort_unstable();
        differing.dedup();
        differing.retain(|header| ours.headers.get(*header) != theirs.headers.get(*header));
        assert_eq!(
            differing, explained,
            "{name}\nours: {ours:#?}\ntheirs: {theirs:#?}"
        );
    }
}

#[tokio::test]
async fn what_the_list_says_of_the_client_request_id_holds() {
    let theirs = theirs();
    let [plain, all] = CALLS;
    let id = |request: &Request| {
        request
            .headers
            .get("client-request-id")
            .map(|ids| ids.join(", "))
    };

    let unasked: uuid::Uuid = id(&theirs[plain.0]).unwrap().parse().unwrap();
    assert_eq!(unasked.get_version_num(), 1);
    assert_eq!(id(&ours(plain.1).await), None);

    let (their_id, our_id) = (id(&theirs[all.0]).unwrap(), id(&ours(all.1).await).unwrap());
    assert_eq!(our_id, their_id.to_ascii_lowercase());
}
