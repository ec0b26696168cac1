use serde_json::json;
use test_support::OrFail as _;
use thumbprint_batch::types;
use thumbprint_sandbox::{CertificateState, samples};

use crate::{
    batch::{ID, VERSION, pairs, resource, values},
    client::{BEARER, EMPTY, call},
    clock::{START, builder},
};

const THUMBPRINT: &str = "ABCDEFabcdef0123456789ABCDEFabcdef012345";

fn target(query: &str) -> String {
    format!("{}?{VERSION}{query}", resource(THUMBPRINT))
}

async fn sandbox() -> thumbprint_sandbox::Sandbox {
    let (builder, _) = builder();
    let builder = builder.batch_certificate(THUMBPRINT, CertificateState::DeleteFailed);
    let builder = builder.batch_pool(THUMBPRINT, "web");
    builder.start().await.or_fail()
}

#[tokio::test]
async fn a_certificate_is_told_with_all_its_properties() {
    let sandbox = sandbox().await;
    // Spelled differently than it was added: the answer spells it as it was.
    let target = format!("{}?{VERSION}", resource(&THUMBPRINT.to_lowercase()));
    let answer = call(&sandbox, "GET", &target, &[BEARER]).await;
    assert_eq!(answer.status, 200);
    let url = format!("http://localhost:1{}", resource(THUMBPRINT));
    let mut body = answer.json();
    let message = body["deleteCertificateError"]["message"].take();
    assert!(message.is_string(), "plain, unlike that of other errors");
    assert_eq!(
        body,
        json!({
            "odata.metadata": "http://localhost:1/$metadata#certificates/@Element",
            "thumbprint": THUMBPRINT,
            "thumbprintAlgorithm": "sha1",
            "url": url,
            "state": "deletefailed",
            "stateTransitionTime": START,
            "previousState": "deleting",
            "previousStateTransitionTime": START,
            "deleteCertificateError": {
                "code": "PoolsReferencingCertificate",
                "message": null,
                "values": [{"name": "Pools", "value": "web"}],
            },
        })
    );
    let read: types::Certificate = serde_json::from_slice(&answer.body).or_fail();
    assert_eq!(read.state_transition_time, Some(START.parse().or_fail()));

    let media_type = Some("application/json; odata=minimalmetadata");
    assert_eq!(answer.header("Content-Type"), media_type);
    assert_eq!(answer.header("DataServiceVersion"), Some("3.0"));
    assert_eq!(answer.header("DataServiceId"), None);
    assert!(answer.header("ETag").is_some());
    let modified = Some("Mon, 20 Nov 2023 10:11:12 GMT");
    assert_eq!(answer.header("Last-Modified"), modified);
    assert_eq!(answer.header("client-request-id"), None);
}

#[tokio::test]
async fn the_clients_id_is_repeated_when_asked_for() {
    let sandbox = sandbox().await;
    let echo = [
        BEARER,
        ("client-request-id", ID),
        ("return-client-request-id", "true"),
    ];
    let answer = call(&sandbox, "GET", &target(""), &echo).await;
    assert_eq!(answer.header("client-request-id"), Some(ID));
}

#[tokio::test]
async fn select_leaves_out_what_it_does_not_name() {
    let sandbox = sandbox().await;
    for (select, expected) in [
        ("thumbprint", &["thumbprint"][..]),
        ("state,thumbprint", &["state", "thumbprint"]),
        ("state%2C%20thumbprint", &["state", "thumbprint"]),
        ("state,state", &["state"]),
        // Selected, but this certificate has none.
        ("publicData", &[]),
    ] {
        let target = target(&format!("&$select={select}"));
        let answer = call(&sandbox, "GET", &target, &[BEARER]).await;
        let body = answer.json();
        let names: Vec<_> = body.as_object().or_fail().keys().collect();
        let mut all = [&["odata.metadata"], expected].concat();
        all.sort_unstable();
        assert_eq!(names, all, "{select}");
    }
    for select in ["", "nothing", "State", "state,", "odata.metadata", "*"] {
        let target = target(&format!("&%24select={select}"));
        let answer = call(&sandbox, "GET", &target, &[BEARER]).await;
        let values = values(&answer, 400, "InvalidQueryParameterValue").or_fail();
        let expected = [
            ("QueryParameterName", "$select"),
            ("QueryParameterValue", select),
        ];
        assert_eq!(values[..2], pairs(&expected), "{select}");
        assert_eq!((values.len(), values[2].0.as_str()), (3, "Reason"));
    }
}

#[tokio::test]
async fn the_path_that_an_added_certificate_is_told_is_found() {
    let sandbox = sandbox().await;
    let capitals = target("")
        .replace("(thumb", "(Thumb")
        .replace(",thumb", ",Thumb");
    let answer = call(&sandbox, "GET", &capitals, &[BEARER]).await;
    assert_eq!(answer.status, 200);
    let answer = call(&sandbox, "GET", &target("").to_uppercase(), &[BEARER]).await;
    assert_eq!(values(&answer, 404, "ResourceNotFound"), None);
}

#[tokio::test]
async fn requests_are_checked_like_those_of_the_other_operations() {
    let sandbox = sandbox().await;
    let path = resource(samples::BATCH_ACTIVE);
    for method in ["GET", "DELETE"] {
        let refused = async |target: &str, headers: &[_], status, code| {
            let answer = call(&sandbox, method, target, headers).await;
            values(&answer, status, code).unwrap_or_default()
        };
        let good = format!("{path}?{VERSION}");
        refused(&good, &[], 400, "MissingRequiredHeader").await;
        let basic = ("Authorization", "Basic x");
        refused(&good, &[basic], 403, "AuthenticationFailed").await;
        let missing = "MissingRequiredQueryParameter";
        refused(&path, &[BEARER], 400, missing).await;
        let version = format!("{path}?api-version=2025-06-01");
        refused(&version, &[BEARER], 400, "UnsupportedRequestVersion").await;
        for name in ["$skiptoken", "$filter", "maxresults", "$expand"] {
            let target = format!("{good}&{name}=1");
            let values = refused(&target, &[BEARER], 400, "UnsupportedQueryParameter").await;
            assert_eq!(values, pairs(&[("QueryParameterName", name)]));
        }
        let short = format!("{}?{VERSION}", resource("0123"));
        refused(&short, &[BEARER], 400, "InvalidUri").await;
    }
    let answer = call(&sandbox, "DELETE", &target("&$select=state"), &[BEARER]).await;
    values(&answer, 400, "UnsupportedQueryParameter");
    for method in ["POST", "PUT", "PATCH"] {
        let answer = call(&sandbox, method, &path, &[BEARER, EMPTY]).await;
        assert_eq!(values(&answer, 405, "UnsupportedHttpVerb"), None);
        assert_eq!(answer.header("Allow"), Some("GET, HEAD, DELETE"));
    }
    assert_eq!(sandbox.batch_count(CertificateState::Active), 1);
}
