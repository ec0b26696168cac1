//! Caps, content types and encodings. Must notice a cap that is gone or has moved, a success's content
//! type that is not checked, and an encoding that is taken without having been asked for.

use conformance::calls::{ALL, Call};
use test_support::{OrFail as _, Reply};

use super::{ask, is_read, predicates, refusal, status};

/// Longest body of a success that is read.
const SUCCESS_CAP: usize = 4 * 1024 * 1024;
/// Longest body of an error that is kept.
const ERROR_CAP: usize = 64 * 1024;

/// An error with a code, of exactly that many bytes, that both APIs can read.
fn error_of(length: usize) -> String {
    let empty = r#"{"code":"Long","Code":"Long","pad":""}"#;
    empty.replace(
        r#":""}"#,
        &format!(r#":"{}"}}"#, "p".repeat(length - empty.len())),
    )
}

#[tokio::test]
async fn a_success_may_be_as_long_as_the_cap_and_no_longer() {
    for call in &ALL {
        let least = call.least();
        let of = |length: usize| format!("{least}{}", " ".repeat(length - least.len()));
        let whole = ask(call, call.answer(&[], &of(SUCCESS_CAP))).await;
        // A 204 that has a body all the same breaks off the connection; see `faults`.
        if call.success != 204 {
            assert_eq!(whole.or_fail().0, call.success, "{}", call.operation);
        }
        for number in [200, 201, 202] {
            let answer = Reply::new(number, &[], of(SUCCESS_CAP + 1));
            is_unread(call, number, answer).await;
        }
    }
}

/// What became of a call whose answer has this status, and a body of JSON that is not read to its end. What a
/// declared success is about was done; any other leaves a doubt. A read does neither.
async fn is_unread(call: &Call, number: u16, answer: Reply) {
    let row = format!("{} {number}", call.operation);
    let outcome = ask(call, answer).await;
    let says = match (is_read(call), number == call.success) {
        (true, _) => &["unexpected_answer"][..],
        (false, false) => &["outcome_unknown", "unexpected_answer"],
        (false, true) if call.answers => &["applied", "unexpected_answer"],
        // Where no body is promised, none has to be read.
        (false, true) => {
            assert_eq!(outcome.expect(&row).0, number);
            return;
        }
    };
    let error = outcome.expect_err(&row);
    assert_eq!(status(&error), Some(number), "{row}");
    assert_eq!(predicates(&error), says, "{row}: {error}");
}

#[tokio::test]
async fn an_error_is_cut_at_the_cap_and_keeps_its_status() {
    for call in &ALL {
        for number in [404, 409, 500] {
            for (length, code) in [(ERROR_CAP, Some("Long")), (ERROR_CAP + 1, None)] {
                let body = error_of(length);
                assert_eq!(body.len(), length);
                let error = refusal(call, Reply::new(number, &[], &body)).await;
                let row = format!("{} {number} {length}", call.operation);
                assert_eq!(status(&error), Some(number), "{row}");
                assert_eq!(error.code(), code, "{row}");
                assert!(error.service().is_some(), "{row}");
                assert_eq!(error.body(), Some(&body.as_bytes()[..ERROR_CAP]), "{row}");
            }
        }
    }
}

#[tokio::test]
async fn an_errors_nesting_has_a_limit_too() {
    for call in &ALL {
        let deep = format!(
            r#"{{"code":"Deep","Code":"Deep","values":{}"#,
            "[".repeat(60_000)
        );
        let error = refusal(call, Reply::new(404, &[], &deep)).await;
        assert_eq!(status(&error), Some(404));
        assert_eq!(error.body(), Some(deep.as_bytes()));
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_ends_the_call_though_the_rest_never_comes() {
    let announced = [("Content-Length", "1000000000")];
    for call in &ALL {
        let stalled = |number, sent| {
            let mut bytes = Reply::head(number, &announced);
            bytes.resize(bytes.len() + sent, b' ');
            Reply::Stall(bytes)
        };
        for number in [200, 201, 202] {
            is_unread(call, number, stalled(number, SUCCESS_CAP + 1)).await;
        }
        let error = refusal(call, stalled(500, ERROR_CAP + 1)).await;
        assert_eq!(status(&error), Some(500));
        assert!(!error.is_timeout() && !error.is_applied(), "{error}");
    }
}

#[tokio::test]
async fn an_unsolicited_content_encoding_is_not_read() {
    for call in &ALL {
        for encoding in ["gzip", "GZIP", "br", "identity, gzip", "x", ""] {
            let headers = [
                ("Content-Encoding", encoding),
                ("Content-Type", "application/json"),
            ];
            for success in [200, 201, 202, 204] {
                let answer = Reply::new(success, &headers, b"\x1f\x8b\x08");
                is_unread(call, success, answer).await;
            }
            // What cannot be read does not say that it is the service's own 404.
            let error = refusal(call, Reply::new(404, &headers, b"\x1f\x8b\x08")).await;
            assert_eq!(status(&error), Some(404), "{encoding:?}");
            assert_eq!(predicates(&error), ["unexpected_answer"], "{encoding:?}");
            assert_eq!(error.code(), None, "{encoding:?}");
        }
        let plain = [("Content-Encoding", "Identity")];
        let taken = ask(call, call.answer(&plain, call.least())).await;
        assert_eq!(taken.or_fail().0, call.success);
    }
}

#[tokio::test]
async fn the_body_of_a_success_has_to_be_json_by_its_content_type() {
    for (content_type, taken) in [
        (Some("application/json"), true),
        (Some("Application/JSON; charset=utf-8"), true),
        (Some("application/json;odata=minimalmetadata"), true),
        (Some("application/problem+json"), true),
        (None, true),
        (Some("text/html; charset=utf-8"), false),
        (Some("text/plain"), false),
        (Some("text/json"), false),
        (Some("application/xml"), false),
        (Some("application/jsonp"), false),
        (Some("application/x-json"), false),
        (Some("text/x+json"), false),
        (Some("application/octet-stream"), false),
        (Some("json"), false),
        (Some(""), false),
        (Some("caf\u{e9}"), false),
    ] {
        let headers: Vec<_> = content_type
            .map(|value| ("Content-Type", value))
            .into_iter()
            .collect();
        for call in ALL.iter().filter(|call| call.answers) {
            let row = format!("{} {content_type:?}", call.operation);
            match ask(call, Reply::new(200, &headers, call.least())).await {
                Ok(_) => assert!(taken, "{row}"),
                Err(error) => {
                    assert!(!taken, "{row}: {error}");
                    assert_eq!(status(&error), Some(200), "{row}");
                    // A page in its place was not sent by the service, so nothing is known of a change.
                    let says = if is_read(call) {
                        &["unexpected_answer"][..]
                    } else {
                        &["outcome_unknown", "unexpected_answer"]
                    };
                    assert_eq!(predicates(&error), says, "{row}");
                }
            }
        }
    }
}

/// Where no body is promised, any will do but a page for people: that is a sign-in page, or a proxy's.
#[tokio::test]
async fn a_page_is_no_success_where_no_body_is_promised() {
    for (content_type, body, taken) in [
        (None, "{}", true),
        (Some("application/json"), "{}", true),
        (Some("text/plain"), "Created", true),
        (Some("application/xml"), "<a/>", true),
        (Some("text/html"), "", true),
        (Some("text/html"), "<html>Sign in", false),
        (Some("Text/HTML ; charset=utf-8"), "<html>Sign in", false),
        (Some("application/xhtml+xml"), "<html>Sign in", false),
    ] {
        let headers: Vec<_> = content_type
            .map(|value| ("Content-Type", value))
            .into_iter()
            .collect();
        // A 204 that has a body all the same breaks off the connection; see `faults`.
        let calls = ALL.iter().filter(|call| !call.answers);
        for call in calls.filter(|call| call.success != 204) {
            let row = format!("{} {content_type:?} {body:?}", call.operation);
            match ask(call, Reply::new(call.success, &headers, body)).await {
                Ok(_) => assert!(taken, "{row}"),
                Err(error) => {
                    assert!(!taken, "{row}: {error}");
                    assert_eq!(status(&error), Some(call.success), "{row}");
                    let says = ["outcome_unknown", "unexpected_answer"];
                    assert_eq!(predicates(&error), says, "{row}");
                }
            }
        }
    }
}
