//! Caps, content types and encodings. Must notice a cap that is gone or has moved, a success's content
//! type that is not checked, and an encoding that is taken without having been asked for.

use conformance::calls::ALL;
use test_support::Reply;

use super::{ask, predicates, refusal, status};

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
            assert_eq!(whole.unwrap().0, call.success, "{}", call.operation);
        }
        let error = refusal(call, Reply::new(200, &[], of(SUCCESS_CAP + 1))).await;
        assert_eq!(status(&error), Some(200));
        assert_eq!(
            predicates(&error),
            ["unexpected_answer"],
            "{}",
            call.operation
        );
    }
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
        for (number, sent) in [(200, SUCCESS_CAP + 1), (500, ERROR_CAP + 1)] {
            let mut bytes = Reply::head(number, &announced);
            bytes.resize(bytes.len() + sent, b' ');
            let error = refusal(call, Reply::Stall(bytes)).await;
            assert_eq!(status(&error), Some(number));
            assert!(!error.is_timeout() && !error.is_applied(), "{error}");
        }
    }
}

#[tokio::test]
async fn an_unsolicited_content_encoding_is_refused() {
    for call in &ALL {
        for encoding in ["gzip", "GZIP", "br", "identity, gzip", "x", ""] {
            let headers = [
                ("Content-Encoding", encoding),
                ("Content-Type", "application/json"),
            ];
            for success in [200, 201, 202, 204] {
                let error = refusal(call, Reply::new(success, &headers, b"\x1f\x8b\x08")).await;
                assert_eq!(status(&error), Some(success), "{encoding:?}");
                assert_eq!(predicates(&error), ["unexpected_answer"], "{encoding:?}");
            }
            let error = refusal(call, Reply::new(404, &headers, b"\x1f\x8b\x08")).await;
            assert_eq!(status(&error), Some(404), "{encoding:?}");
            assert_eq!(predicates(&error), ["not_found"], "{encoding:?}");
            assert_eq!(error.code(), None, "{encoding:?}");
        }
        let plain = [("Content-Encoding", "Identity")];
        let taken = ask(call, call.answer(&plain, call.least())).await;
        assert_eq!(taken.unwrap().0, call.success);
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
                    assert_eq!(predicates(&error), ["unexpected_answer"], "{row}");
                }
            }
        }
    }
}
