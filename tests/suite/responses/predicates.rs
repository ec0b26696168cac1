//! What a caller asks of an error: its predicates, its code and its text. Must notice a predicate that is
//! true too often or not often enough, and a text that has several lines, no subject, or a body in it.
//! Row 17: a code that is in no list survives as text; must notice a closed enum of codes.

use conformance::calls::{ALL, Call};
use serde_json::{Value, json};
use test_support::{OrFail as _, Reply};
use thumbprint::Error;

use super::{CANCEL, REQUEST_ID, is_read, predicates, refusal, status};

/// An error's body in the form of the operation's API.
fn body(call: &Call, code: &str, message: &str) -> String {
    let batch = json!({"code": code, "message": {"lang": "en-US", "value": message}});
    let wap = json!({"Code": code, "Message": message});
    call.choose([batch, wap]).to_string()
}

/// The error of a status with a code. An empty code stands for a page of HTML in place of the body.
async fn error_of(call: &Call, status: u16, code: &str, message: &str) -> Error {
    let body = if code.is_empty() {
        "<html><body>Service Unavailable</body></html>".to_owned()
    } else {
        body(call, code, message)
    };
    refusal(call, Reply::new(status, &[], body)).await
}

/// Which predicates are true, and no others: status, code, predicates.
type Row = (u16, &'static str, &'static [&'static str]);

/// Those of which the table of faults, where nearly all of them stand, has no row.
const TABLE: &[Row] = &[
    (400, "", &[]),
    (400, "InvalidAuthenticationInfo", &["unauthenticated"]),
    (402, "X", &[]),
    (403, "", &["forbidden"]),
    (410, "Gone", &[]),
    (404, "", &["unexpected_answer"]),
    (404, "CertificateNotFound", &["not_found"]),
    (503, "X", &["outcome_unknown"]),
];

// Facts: prose Certificate_CancelDeletion: the code of an error is for programs, its message for people
#[tokio::test]
async fn each_refusal_has_its_predicates_and_no_others() {
    for (number, code, expected) in TABLE {
        for call in &ALL {
            let error = error_of(call, *number, code, "It is so.").await;
            let row = format!("{} {number} {code:?}", call.operation);
            let mut expected = expected.to_vec();
            // A read leaves no doubt.
            expected.retain(|says| *says != "outcome_unknown" || !is_read(call));
            assert_eq!(predicates(&error), expected, "{row}");
            assert_eq!(status(&error), Some(*number), "{row}");
            assert_eq!(error.code().unwrap_or_default(), *code, "{row}");
            assert!(error.service().is_some(), "{row}");
        }
    }
}

/// What answers with 404, and whether that is Batch's own "not found", and WAP's.
#[rustfmt::skip]
const NOT_FOUND: &[(&str, &str, [bool; 2])] = &[
    (JSON, r#"{"code":"CertificateNotFound"}"#, [true, false]),
    (JSON, r#"{"Code":"CertificateNotFound"}"#, [false, true]),
    ("text/html", r#"{"code":"CertificateNotFound"}"#, [true, false]),
    (JSON, "\u{feff}{\"code\":\"CertificateNotFound\"}", [true, false]),
    (JSON, r#"{"code":"CertificateNotFound","message":"m","values":7}"#, [true, false]),
    ("application/xml", "<Error><Code>CertificateNotFound</Code></Error>", [true, true]),
    ("application/xml", "<Error><Code>Another</Code></Error>", [false, true]),
    // It speaks of the path.
    (JSON, r#"{"code":"ResourceNotFound"}"#, [false, false]),
    (JSON, r#"{"Code":"ResourceNotFound"}"#, [false, true]),
    (JSON, r#"{"code":"certificatenotfound"}"#, [false, false]),
    (JSON, r#"{"message":{"value":"There is none."}}"#, [false, false]),
    (JSON, r#"{"Message":"There is none."}"#, [false, true]),
    (JSON, r#"{"message":"no Route matched with those values"}"#, [false, false]),
    (JSON, r#"{"error":{"code":"CertificateNotFound","Code":"X"}}"#, [false, false]),
    (JSON, r#"{"status":404,"title":"Not Found"}"#, [false, false]),
    (JSON, "{}", [false, false]),
    (JSON, "[]", [false, false]),
    (JSON, "null", [false, false]),
    (JSON, "", [false, false]),
    (JSON, "<html>default backend - 404</html>", [false, false]),
    ("text/html", "<html><Code>CertificateNotFound</Code></html>", [false, false]),
    ("text/html", "\r\n<!DOCTYPE HTML><body><Code>CertificateNotFound</Code>", [false, false]),
    ("application/xhtml+xml", "<?xml version=\"1.0\"?>\n<html><Code>CertificateNotFound</Code></html>", [false, false]),
    ("text/html", "<!-- 404 --><HTML><Code>CertificateNotFound</Code></HTML>", [false, false]),
    ("application/xml", "<Fault><Reason>CertificateNotFound</Reason></Fault>", [false, false]),
    ("text/plain", "404 page not found", [false, false]),
    ("text/plain", "CertificateNotFound", [false, false]),
];

const JSON: &str = "application/json";

/// "Not found" in the service's own words: of Batch, by its code for it; of WAP, which has none, by an error in
/// its form. Anything else was said by something on the way, and the message says what to check.
#[tokio::test]
async fn a_404_is_not_found_only_where_the_service_says_so() {
    for (content_type, body, services_own) in NOT_FOUND {
        for call in &ALL {
            let row = format!("{} {content_type} {body}", call.operation);
            let headers = [("Content-Type", *content_type)];
            let error = refusal(call, Reply::new(404, &headers, body)).await;
            let is_own = call.choose(*services_own);
            let says = if is_own {
                "not_found"
            } else {
                "unexpected_answer"
            };
            assert_eq!(predicates(&error), [says], "{row}");
            let text = error.to_string();
            assert_eq!(
                text.contains("check the endpoint"),
                !is_own,
                "{row}: {text}"
            );
        }
    }
}

/// `ServerBusy` is Batch's word for throttled and stays that in every form of its body: an outcome cannot be
/// known and unknown at the same time.
#[tokio::test]
async fn a_busy_batch_service_has_throttled_the_request() {
    for body in [
        body(CANCEL, "ServerBusy", "Try again."),
        json!({"code": "ServerBusy"}).to_string(),
        json!({"code": "ServerBusy", "message": "Try again.", "values": 7}).to_string(),
        "<Error><Code>ServerBusy</Code><Message>Try again.</Message></Error>".to_owned(),
    ] {
        let error = refusal(CANCEL, Reply::new(503, &[], &body)).await;
        assert_eq!(predicates(&error), ["throttled"], "{body}");
    }
}

#[tokio::test]
async fn a_retired_operation_says_why_and_what_takes_its_place() {
    let reason = "Certificate APIs are no longer supported.";
    let retired = |values: Value| {
        json!({
            "odata.metadata": "https://a/$metadata#x/@Element",
            "code": "CertificateRetired",
            "message": {"lang": "en-US", "value": "The feature was retired on 02/29/2024.\nRequestId:1"},
            "values": values,
        })
        .to_string()
    };
    let full = retired(json!([{"key": "x", "value": "y"}, {"key": "Reason", "value": reason}]));
    for call in ALL.iter().filter(|call| call.api() == "batch") {
        let error = refusal(call, Reply::new(400, &[], &full)).await;
        assert_eq!(predicates(&error), ["retired"], "{}", call.operation);
        let text = error.to_string();
        for part in [
            call.subject,
            reason,
            "400 CertificateRetired",
            "retired on 02/29/2024",
            "Key Vault",
        ] {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
    }
    for values in [
        json!(null),
        json!([]),
        json!([{"key": "Reason"}]),
        json!("x"),
    ] {
        let error = refusal(CANCEL, Reply::new(400, &[], retired(values))).await;
        assert_eq!(predicates(&error), ["retired"]);
        let text = error.to_string();
        assert!(text.contains("Key Vault") && !text.contains("()"), "{text}");
    }
}

#[tokio::test]
async fn an_errors_text_is_one_line_with_operation_certificate_status_and_code() {
    let long = "x".repeat(2000);
    for call in &ALL {
        let subject = call.subject;
        for (code, message, expected) in [
            ("Conflicted", "It is so.", "409 Conflicted: It is so."),
            (
                "Conflicted",
                "It is so.\nRequestId:7d2f1a90\nTime:2023-11-20T10:11:12Z",
                "409 Conflicted: It is so.",
            ),
            (
                "Conflicted",
                "\r\n  It is so.\r\nx",
                "409 Conflicted: It is so.",
            ),
            (
                "Conflicted",
                "a\x1b[31m\tb\x00\x7fc\u{85}",
                "409 Conflicted: a[31mbc",
            ),
            ("Con\nflicted", "It is so.", "409 Con: It is so."),
            (
                "Conflicted",
                &long,
                &format!("409 Conflicted: {}", &long[..400]),
            ),
        ] {
            let error = error_of(call, 409, code, message).await;
            assert_eq!(error.to_string(), format!("{subject}{expected}"));
            // Nothing is lost for programs.
            assert_eq!(error.code(), Some(code));
            assert_eq!(error.service().or_fail().message.as_deref(), Some(message));
        }
        let error = error_of(call, 502, "", "").await;
        let outcome = if is_read(call) {
            ""
        } else {
            "; the outcome is unknown: it may have been applied"
        };
        assert_eq!(error.to_string(), format!("{subject}502{outcome}"));
    }
}

/// The reason of a retirement comes from the service like any message, so it is cut like one.
#[tokio::test]
async fn the_reason_of_a_retirement_is_cut_like_a_message() {
    for (reason, expected) in [
        ("No more.\nRequestId:1", " (Reason: No more.); use"),
        ("\n  No more.", " (Reason: No more.); use"),
        ("a\x1b[31mb\rc", " (Reason: a[31mbc); use"),
    ] {
        let body = json!({
            "code": "CertificateRetired",
            "values": [{"key": "Reason", "value": reason}],
        });
        let error = refusal(CANCEL, Reply::new(400, &[], body.to_string())).await;
        let text = error.to_string();
        assert!(text.contains(expected), "{reason:?}: {text:?}");
    }
    let body = json!({
        "code": "CertificateRetired",
        "values": [{"key": "Reason", "value": "z".repeat(5000)}],
    });
    let error = refusal(CANCEL, Reply::new(400, &[], body.to_string())).await;
    assert!(error.to_string().len() < 1000, "the reason is not cut");
}

#[tokio::test]
async fn an_unknown_code_comes_through_as_text() {
    for code in [
        "InNoListOfCodes",
        "with space",
        "\u{540d}\u{524d}",
        "certificatenotfound",
        "0",
    ] {
        for call in &ALL {
            let error = error_of(call, 409, code, "m").await;
            assert_eq!(error.code(), Some(code));
            assert!(
                error.to_string().contains(&format!("409 {code}: m")),
                "{error}"
            );
            assert_eq!(predicates(&error), ["conflict"]);
        }
    }
}

/// Errors are passed around, kept and shown long after the call.
#[tokio::test]
async fn a_clone_says_what_its_original_says() {
    let headers = [("request-id", REQUEST_ID)];
    for call in &ALL {
        let error = refusal(call, Reply::new(409, &headers, body(call, "C", "m"))).await;
        let clone = error.clone();
        assert_eq!(clone.to_string(), error.to_string());
        assert_eq!(format!("{clone:?}"), format!("{error:?}"));
        assert_eq!(predicates(&clone), predicates(&error));
        assert_eq!(clone.request_id(), Some(REQUEST_ID));
    }
}
