//! Row 23: the requests that the vendor's own Python SDK sent, against ours. It must notice a misreading
//! of the page that the document, the hand-written rows and the code all share.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    pin::Pin,
    time::Duration,
};

use chrono::{DateTime, Utc};
use conformance::calls;
use futures_util::{TryStreamExt as _, future::ready};
use serde_json::Value;
use test_support::{OrFail as _, RawServer, Received, Reply};
use thumbprint::{
    Error,
    batch::{
        self, CertificateState, filter,
        raw::{
            builder::{CertificateAdd, CertificateList},
            types::{CertificateAddParameter, CertificateFormat, ThumbprintAlgorithm},
        },
    },
};

const CAPTURE: &str = include_str!("../data/wire/python-azure-batch-14.1.0.json");
/// The token that the SDK was given.
const TOKEN: &str = "fake.token.value";
/// The path and query of the next link that the recorder gave the SDK.
const NEXT: &str = "/certificates?$skipToken=TUFB%2Fe8%3D%2B1&$filter=state%20eq%20'active'&maxresults=1&api-version=2023-11-01.18.0";

/// What differs in every request, and why that is right.
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
        "unasked, theirs is a UUID of version 1, which tells the machine's address, and ours is of version 4; \
         asked for, theirs keeps the caller's case, which means nothing in a GUID",
    ),
];

/// What differs in some requests besides, and why that is right.
const ADD: &[(&str, &str)] = &[
    (
        "content-type",
        "theirs appends a charset, which application/json does not have (RFC 8259) and the page does not ask for",
    ),
    (
        "content-length",
        "theirs has spaces between the members and escapes what is not ASCII; the JSON is the same",
    ),
    ("body, raw", "the same"),
];
const DELETE: &[(&str, &str)] = &[(
    "content-length",
    "theirs says 0; a DELETE without a body needs none (RFC 9110), and the vendor's own JavaScript SDK sends none",
)];
const ORDER: &[(&str, &str)] = &[(
    "target, raw",
    "ours has the document's order of queries and writes them as forms do: `%24filter` for `$filter` and `+` for \
     a space, which OData reads as the same",
)];
const LINK: &[(&str, &str)] = &[(
    "target, raw",
    "a link is parsed before it is followed, to see where it leads, and the parser of URLs (WHATWG) writes a quote \
     in a query as `%27`; the service reads the same",
)];
const NONE: &[(&str, &str)] = &[];

/// Drives ours with the values of a captured call.
type Drive = fn(batch::Client) -> Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// A [`Drive`] of one call.
macro_rules! drive {
    (|$account:ident| $call:expr) => {
        |$account| Box::pin(async move { $call.await.map(drop) })
    };
}

/// All options that the five calls share, as they were given to the SDK.
macro_rules! all_options {
    ($call:expr) => {
        $call
            .timeout(Duration::from_secs(15))
            .client_request_id("9C4D50EE-2D56-4CD3-8152-34347DC9F2B0")
            .return_client_request_id(true)
            .ocp_date("2023-11-20T10:11:12Z".parse::<DateTime<Utc>>().or_fail())
    };
}

/// A captured call, how ours is driven with its values, and what differs beside [`EXPLAINED`] in its
/// requests: one for each page.
struct Same {
    call: &'static str,
    drive: Drive,
    differs: &'static [&'static [(&'static str, &'static str)]],
}

/// What the SDK was given to add: it is no PFX, which the facade would refuse.
#[expect(
    deprecated,
    reason = "the document says so, and it has to be tested all the same"
)]
fn add(account: &batch::Client) -> CertificateAdd<'_> {
    let mut parameter = CertificateAddParameter::new(
        "TUlJQ2RhdGE=".parse().or_fail(),
        calls::THUMBPRINT.parse().or_fail(),
        ThumbprintAlgorithm::Sha1,
    );
    parameter.certificate_format = Some(CertificateFormat::Pfx);
    parameter.password = Some("p@ss \"w\"/\u{e9}".to_owned().into());
    account.raw().certificate_add().body(parameter)
}

async fn whole(list: CertificateList<'_>) -> Result<(), Error> {
    list.pages().try_for_each(|_| ready(Ok(()))).await
}

const CALLS: [Same; 10] = [
    Same {
        call: "bearer: add default (no options object)",
        drive: drive!(|account| add(&account)),
        differs: &[ADD],
    },
    Same {
        call: "bearer: add all options",
        drive: drive!(|account| all_options!(add(&account))),
        differs: &[ADD],
    },
    Same {
        call: "bearer: list default (no options object), two pages",
        drive: drive!(|account| whole(account.list())),
        differs: &[NONE, LINK],
    },
    Same {
        call: "bearer: list all options, two pages",
        drive: drive!(|account| {
            let since = filter::Filter::raw("stateTransitionTime gt 2023-01-01T00:00:00+00:00");
            let list = all_options!(
                account
                    .list()
                    .select(["thumbprint", "state"])
                    .max_results(NonZeroU32::new(7).or_fail())
            );
            list.filter(raw_and(CertificateState::Active, &since))
        }),
        differs: &[ORDER],
    },
    Same {
        call: "bearer: cancel_deletion default (no options object)",
        drive: drive!(|account| account.cancel_deletion(&calls::thumbprint())),
        differs: &[NONE],
    },
    Same {
        call: "bearer: cancel_deletion all options",
        drive: drive!(|account| all_options!(account.cancel_deletion(&calls::thumbprint()))),
        differs: &[NONE],
    },
    Same {
        call: "bearer: delete default (no options object)",
        drive: drive!(|account| account.delete(&calls::thumbprint())),
        differs: &[DELETE],
    },
    Same {
        call: "bearer: delete all options",
        drive: drive!(|account| all_options!(account.delete(&calls::thumbprint()))),
        differs: &[DELETE],
    },
    Same {
        call: "bearer: get default (no options object)",
        drive: drive!(|account| account.get(&calls::thumbprint())),
        differs: &[NONE],
    },
    Same {
        call: "bearer: get all options",
        drive: drive!(|account| all_options!(
            account
                .get(&calls::thumbprint())
                .select(["thumbprint", "state"])
        )),
        differs: &[ORDER],
    },
];

/// The SDK takes a filter as text, and was given a time with an offset, which ours would write with `Z`.
fn raw_and(state: CertificateState, other: &batch::Filter) -> batch::Filter {
    batch::Filter::raw(format!("{} and {other}", filter::state().eq(state)))
}

/// A request: method, target, headers, body.
#[derive(Debug)]
struct Request {
    method: String,
    target: String,
    headers: BTreeMap<String, Vec<String>>,
    body: Vec<u8>,
}

impl Request {
    /// Path and queries, decoded and in the order of their names.
    fn meaning(&self) -> (&str, Vec<(String, String)>) {
        let (path, query) = self.target.split_once('?').or_fail();
        let query = url::form_urlencoded::parse(query.as_bytes());
        let mut query: Vec<_> = query.into_owned().collect();
        query.sort();
        (path, query)
    }

    fn json(&self) -> Option<Value> {
        (!self.body.is_empty()).then(|| serde_json::from_slice(&self.body).or_fail())
    }
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

/// The vendor's requests, by what the capture calls them, page by page.
fn theirs() -> BTreeMap<String, Vec<Request>> {
    let capture: Vec<Value> = serde_json::from_str(CAPTURE).or_fail();
    let text = |value: &Value| value.as_str().or_fail().to_owned();
    let request = |entry: &Value| Request {
        method: text(&entry["method"]),
        target: text(&entry["target"]),
        headers: by_name(
            entry["headers"]
                .as_array()
                .or_fail()
                .iter()
                .map(|header| (text(&header["name"]), text(&header["value"]))),
        ),
        body: text(&entry["body"]).into_bytes(),
    };
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for entry in &capture {
        let name = text(&entry["call"]);
        let name = name.split(" [request ").next().or_fail().to_owned();
        found.entry(name).or_default().push(request(entry));
    }
    found
}

async fn ours(same: &Same) -> Vec<Request> {
    let recorder = RawServer::listening().await;
    let base = recorder.base_url();
    let page = format!(r#"{{"value":[],"odata.nextLink":"{base}{NEXT}"}}"#);
    let last = r#"{"value":[]}"#;
    let answers = match same.call {
        call if call.contains("list") => {
            vec![Reply::new(200, &[], page), Reply::new(200, &[], last)]
        }
        call if call.contains("get") => vec![Reply::new(200, &[], "{}")],
        call if call.contains("add") => vec![Reply::new(201, &[], "")],
        call if call.contains("cancel") => vec![Reply::new(204, &[], "")],
        _ => vec![Reply::new(202, &[], "")],
    };
    recorder.answer(answers);
    let account = batch::Client::builder(&base, TOKEN)
        .allow_loopback_http()
        .build()
        .or_fail();
    (same.drive)(account).await.or_fail();
    // The capture has `PORT` where its recorder's port was.
    let port = base.rsplit(':').next().or_fail();
    let placeholder = |(name, value): (String, String)| {
        let value = if name == "host" {
            value.replace(port, "PORT")
        } else {
            value
        };
        (name, value)
    };
    let request = |received: Received| Request {
        method: received.method,
        target: received.target,
        headers: by_name(received.headers.into_iter().map(placeholder)),
        body: received.body,
    };
    recorder.received().into_iter().map(request).collect()
}

#[tokio::test]
async fn requests_are_the_vendors_but_for_an_explained_list() {
    let theirs = theirs();
    let names: BTreeSet<_> = theirs.keys().map(String::as_str).collect();
    assert_eq!(names, CALLS.iter().map(|same| same.call).collect());
    for same in &CALLS {
        let (theirs, ours) = (&theirs[same.call], ours(same).await);
        assert_eq!(
            (ours.len(), theirs.len()),
            (same.differs.len(), same.differs.len()),
            "{}",
            same.call
        );
        for ((ours, theirs), differs) in ours.iter().zip(theirs).zip(same.differs) {
            let name = same.call;
            assert_eq!(ours.method, theirs.method, "{name}");
            assert_eq!(ours.meaning(), theirs.meaning(), "{name}");
            assert_eq!(ours.json(), theirs.json(), "{name}");
            let headers = ours.headers.keys().chain(theirs.headers.keys());
            let mut differing: BTreeSet<_> = headers
                .map(String::as_str)
                .filter(|header| ours.headers.get(*header) != theirs.headers.get(*header))
                .collect();
            if ours.target != theirs.target {
                differing.insert("target, raw");
            }
            if ours.body != theirs.body {
                differing.insert("body, raw");
            }
            let explained = EXPLAINED.iter().chain(*differs);
            let explained: BTreeSet<_> = explained.map(|(what, _)| *what).collect();
            assert_eq!(
                differing, explained,
                "{name}\nours: {ours:#?}\ntheirs: {theirs:#?}"
            );
        }
    }
}

/// A next link is the service's text: neither of the two touches it, but for the quotes in ours.
#[tokio::test]
async fn the_next_link_is_followed_verbatim() {
    let list = CALLS.iter().find(|same| same.differs.len() == 2).or_fail();
    assert_eq!(theirs()[list.call][1].target, NEXT);
    assert_eq!(ours(list).await[1].target, NEXT.replace('\'', "%27"));
}

/// Both say the same of the differences that their list gives a reason for.
#[tokio::test]
async fn the_explained_differences_hold() {
    let theirs = theirs();
    let header =
        |request: &Request, name: &str| request.headers.get(name).map(|values| values.join(", "));
    for same in &CALLS {
        let (theirs, ours) = (&theirs[same.call][0], &ours(same).await[0]);
        let [their_id, our_id] = [theirs, ours].map(|request| header(request, "client-request-id"));
        let their_id = their_id.or_fail();
        if same.call.contains("all options") {
            assert_eq!(our_id, Some(their_id.to_ascii_lowercase()), "{}", same.call);
        } else {
            let unasked: uuid::Uuid = their_id.parse().or_fail();
            assert_eq!(unasked.get_version_num(), 1, "{}", same.call);
            let ours: uuid::Uuid = our_id.or_fail().parse().or_fail();
            assert_eq!(ours.get_version_num(), 4, "{}", same.call);
        }
        let [their_type, our_type] = [theirs, ours].map(|request| header(request, "content-type"));
        if let Some(our_type) = our_type {
            assert_eq!(their_type, Some(format!("{our_type}; charset=utf-8")));
        }
        let lengths = [theirs, ours].map(|request| header(request, "content-length"));
        if theirs.method == "DELETE" {
            assert_eq!(lengths, [Some("0".to_owned()), None], "{}", same.call);
        } else {
            let real = [theirs, ours].map(|request| request.body.len().to_string());
            let real = real.map(|length| (theirs.method == "POST").then_some(length));
            assert_eq!(lengths, real, "{}", same.call);
        }
    }
}
