//! Traces at the lowest level, of our crates and of those below. Must notice an event with a secret, a path
//! or a body in it, and a call that leaves no trace.

use conformance::{calls::ALL, world};
use test_support::{Reply, Trace};
use tracing::level_filters::LevelFilter;

use super::{
    BODY, assert_trace_is_clean,
    errors::{bad_answers, errors_of},
};

/// What calls of all operations write to the trace when they are answered like that.
async fn traced(answer: &Reply) -> String {
    let trace = Trace::default();
    let guard = trace.start();
    errors_of(answer).await;
    drop(guard);
    trace.to_string()
}

#[tokio::test]
async fn no_trace_shows_a_secret_a_path_or_a_body() {
    let successes = [
        Reply::new(204, &[("DataServiceId", BODY), ("Set-Cookie", BODY)], ""),
        Reply::new(
            200,
            &[("Set-Cookie", BODY)],
            format!(r#"{{"Subject":"{BODY}"}}"#),
        ),
    ];
    for answer in successes.into_iter().chain(bad_answers()) {
        let text = traced(&answer).await;
        assert_trace_is_clean(&text);
        for (_, operation) in world::operations() {
            for part in [&operation.id, &operation.path, &operation.method] {
                assert!(
                    text.contains(part.as_str()),
                    "{}: no trace of the calls of tests/src/calls.rs has {part}, but: {text}",
                    operation.id
                );
            }
        }
    }
}

#[tokio::test]
async fn a_trace_says_how_each_call_ended() {
    for (answer, expected) in [
        (
            Reply::new(204, &[("request-id", "the-id")], ""),
            "status=204",
        ),
        (
            Reply::new(204, &[("request-id", "the-id")], ""),
            "request_id=\"the-id\"",
        ),
        (Reply::new(404, &[], ""), "status=404"),
        (Reply::Reset, "delivery=Unknown"),
        (Reply::Stall(Vec::new()), "delivery=Unknown"),
    ] {
        let text = traced(&answer).await;
        let attempts = text.lines().filter(|line| {
            line.contains(": attempt ") && line.contains("attempt=1 ") && line.contains(expected)
        });
        assert_eq!(
            attempts.count(),
            ALL.len(),
            "{expected} is not there for each call in {text}"
        );
    }
}

/// A program that listens from INFO on has spans of its own, whose fields may be called like ours.
#[tokio::test]
async fn nothing_is_recorded_in_a_span_of_the_caller() {
    let trace = Trace::default();
    let guard = trace.start_at(LevelFilter::INFO);
    let span = tracing::info_span!(
        "theirs",
        status = "mine",
        attempts = "mine",
        delivery = "mine",
        request_id = "mine",
        milliseconds = "mine",
    );
    tracing::Instrument::instrument(errors_of(&Reply::Reset), span).await;
    drop(guard);
    let text = trace.to_string();
    assert!(text.contains("theirs{status=\"mine\""), "{text}");
    for field in [
        "status",
        "attempts",
        "delivery",
        "request_id",
        "milliseconds",
    ] {
        let (all, theirs) = (format!("{field}="), format!("{field}=\"mine\""));
        let count = |words: &str| text.matches(words).count();
        assert_eq!(count(&all), count(&theirs), "{field} in {text}");
    }
}
