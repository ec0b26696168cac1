//! Values of a success that have not the form that the document gives them. Must notice one that costs its
//! neighbours, one that is lost without a word, and one that is lost though something would be missed.

use conformance::calls::{BATCH_EXAMPLE, WAP_EXAMPLE, batch_builder, thumbprint, wap_builder};
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use test_support::{OrFail as _, RawServer, Reply, Trace};
use thumbprint::{
    AnswerWarning,
    batch::{self, CertificateState},
    wap::{self, Certificate},
};

fn example(text: &str, odd: &[(&str, Value)]) -> Value {
    let mut example: Value = serde_json::from_str(text).or_fail();
    for (name, value) in odd {
        example[*name] = value.clone();
    }
    example
}

fn paths(warnings: &[AnswerWarning]) -> Vec<&str> {
    warnings
        .iter()
        .map(|warning| warning.path.as_str())
        .collect()
}

fn batch_at(server: &RawServer) -> batch::Client {
    batch_builder(&server.base_url()).build().or_fail()
}

fn wap_at(server: &RawServer) -> wap::Client {
    wap_builder(&server.base_url()).build().or_fail()
}

/// dn448639 says that the time is in UTC, its example has neither zone nor offset, and .NET writes the others.
#[tokio::test]
async fn a_time_of_windows_azure_pack_is_read_in_every_form() {
    for text in [
        "2013-07-03T16:19:50.793",
        "2013-07-03T16:19:50.793Z",
        "2013-07-03T18:19:50.793+02:00",
        "/Date(1372868390793)/",
        "/Date(1372868390793+0200)/",
    ] {
        let body = json!([example(WAP_EXAMPLE, &[("TimeCreated", json!(text))])]);
        let server = RawServer::start([Reply::json(200, body)]).await;
        let listed = wap_at(&server).list().await.or_fail();
        assert_eq!(listed.warnings(), [], "{text}");
        let created = Certificate::read(&listed[0], None).created_at.or_fail();
        assert_eq!(
            created.to_rfc3339(),
            "2013-07-03T16:19:50.793+00:00",
            "{text}"
        );
    }
}

#[tokio::test]
async fn one_odd_time_does_not_lose_a_list_and_is_told() {
    let odd = |time: Value| example(WAP_EXAMPLE, &[("TimeCreated", time)]);
    let body = json!([
        example(WAP_EXAMPLE, &[]),
        odd(json!("canary")),
        odd(json!({"canary": 1})),
        odd(Value::Null),
    ]);
    let server = RawServer::start([Reply::json(200, body)]).await;
    let trace = Trace::default();
    let guard = trace.start();
    let listed = wap_at(&server).list().await.or_fail();
    drop(guard);
    let times: Vec<_> = listed
        .iter()
        .map(|one| one.time_created.is_some())
        .collect();
    assert_eq!(times, [true, false, false, false]);
    let shown: Vec<_> = listed.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "[1].TimeCreated is left out: the text has not the form that the document gives it",
            "[2].TimeCreated is left out: the object has not the form that the document gives it",
        ]
    );
    assert!(trace.to_string().contains(&shown[0]), "{trace}");
    assert!(!trace.to_string().contains("canary"), "{trace}");
    // The other members are whole.
    let certificate = Certificate::read(&listed[1], None);
    assert!(certificate.data.is_some() && certificate.warnings.is_empty());
}

/// What a deletion gives back is the only copy.
#[tokio::test]
async fn an_odd_time_does_not_cost_the_deleted_certificate() {
    let body = example(WAP_EXAMPLE, &[("TimeCreated", json!("yesterday"))]);
    let asked = body["SubscriptionCertificateThumbprint"]
        .as_str()
        .or_fail()
        .parse()
        .or_fail();
    let server = RawServer::start([Reply::json(200, &body)]).await;
    let answer = wap_at(&server).delete(&asked).await.or_fail();
    assert_eq!(paths(answer.warnings()), ["TimeCreated"]);
    let deleted = Certificate::read(answer.value().as_ref().or_fail(), Some(&asked));
    assert!(deleted.data.is_some() && deleted.created_at.is_none());
}

/// The page has no time without a zone. All that it has are UTC.
#[tokio::test]
async fn values_of_batch_are_read_in_another_form_or_left_out() {
    let odd = example(
        BATCH_EXAMPLE,
        &[
            ("stateTransitionTime", json!("2023-11-20T10:11:12.5")),
            ("previousStateTransitionTime", json!("soon")),
            ("previousState", json!(7)),
            ("deleteCertificateError", json!("in use")),
            ("url", json!(["canary"])),
        ],
    );
    let server = RawServer::start([Reply::json(200, odd)]).await;
    let answer = batch_at(&server).get(&thumbprint()).await.or_fail();
    let left_out = [
        "deleteCertificateError",
        "previousStateTransitionTime",
        "url",
    ];
    let mut told = paths(answer.warnings());
    told.sort_unstable();
    assert_eq!(told, left_out);
    let time = answer.state_transition_time.or_fail();
    assert_eq!(time.to_rfc3339(), "2023-11-20T10:11:12.500+00:00");
    assert_eq!(answer.previous_state, Some(CertificateState::from("7")));
    assert_eq!(answer.thumbprint.as_deref(), Some(thumbprint().as_str()));
}

#[tokio::test]
async fn each_page_tells_what_was_left_out_of_it() {
    let odd = example(BATCH_EXAMPLE, &[("stateTransitionTime", json!("soon"))]);
    let page = json!({"value": [example(BATCH_EXAMPLE, &[]), odd], "odata.metadata": {}});
    let pages = || Reply::json(200, &page);
    let server = RawServer::start([pages(), pages()]).await;
    let account = batch_at(&server);
    let pages: Vec<_> = account.list().pages().try_collect().await.or_fail();
    let mut told = paths(pages[0].warnings());
    told.sort_unstable();
    assert_eq!(told, ["odata.metadata", "value[1].stateTransitionTime"]);
    let items: Vec<_> = account.list().items().try_collect().await.or_fail();
    assert_eq!(items.len(), 2);
}

/// A list that looks shorter than it is would be taken for the whole.
#[tokio::test]
async fn what_would_be_missed_is_not_left_out() {
    for page in [
        json!({"value": [], "odata.nextLink": 7}),
        json!({"value": {}}),
        json!({"value": "none"}),
        json!({"value": [7]}),
        json!({"value": [[]]}),
        json!([]),
    ] {
        let server = RawServer::start([Reply::json(200, &page)]).await;
        let error = batch_at(&server).list().await.err_or_fail();
        assert!(error.is_unexpected_answer(), "{page}: {error}");
    }
}
