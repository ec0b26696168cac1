//! Traces at the lowest level, of our crates and of those below. Must notice an event with a secret, a path
//! or a body in it, and a call that leaves no trace.

use std::{
    cell::RefCell,
    fmt, io,
    sync::{Arc, LazyLock, Mutex},
};

use conformance::{calls::ALL, wire::Answer, world};
use tracing::{
    Dispatch,
    subscriber::{DefaultGuard, NoSubscriber},
};
use tracing_subscriber::{filter::LevelFilter, fmt::format::FmtSpan};

use super::{
    BODY, SECRET_PLACES,
    errors::{bad_answers, errors_of},
    leaks,
};

/// What a subscriber at the lowest level writes.
#[derive(Clone, Default)]
pub(super) struct Trace(Arc<Mutex<Vec<u8>>>);

/// Writes what the crate `log` is told to the trace of the thread: reqwest speaks to nobody else.
struct Log;

thread_local! {
    static CURRENT: RefCell<Option<Trace>> = const { RefCell::new(None) };
}

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        CURRENT.with_borrow(|trace| {
            if let Some(Trace(bytes)) = trace {
                let line = format!(
                    "{} log {}: {}\n",
                    record.level(),
                    record.target(),
                    record.args()
                );
                bytes.lock().unwrap().extend(line.as_bytes());
            }
        });
    }

    fn flush(&self) {}
}

/// Ends a trace.
pub(super) struct Guard(#[allow(dead_code, reason = "dropped")] DefaultGuard);

impl Drop for Guard {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

impl Trace {
    /// Captures everything on this thread for as long as the guard lives.
    pub(super) fn start(&self) -> Guard {
        self.start_at(LevelFilter::TRACE)
    }

    /// The same from a level on.
    fn start_at(&self, level: LevelFilter) -> Guard {
        static LOG: LazyLock<()> = LazyLock::new(|| {
            log::set_logger(&Log).expect("no other logger");
            log::set_max_level(log::LevelFilter::Trace);
        });
        // With a single dispatcher, tracing asks only the thread that comes to an event first whether
        // anybody listens, and remembers the answer. That thread may be another test's.
        static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));
        LazyLock::force(&LOG);
        CURRENT.set(Some(self.clone()));
        LazyLock::force(&SECOND);
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_span_events(FmtSpan::FULL)
            .with_writer(move || writer.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        tracing::callsite::rebuild_interest_cache();
        Guard(guard)
    }
}

impl io::Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0.lock().unwrap()))
    }
}

/// What calls of all operations write to the trace when they are answered like that.
async fn traced(answer: &Answer) -> String {
    let trace = Trace::default();
    let guard = trace.start();
    errors_of(answer).await;
    drop(guard);
    trace.to_string()
}

#[tokio::test]
async fn no_trace_shows_a_secret_a_path_or_a_body() {
    let successes = [
        Answer::new(204, &[("DataServiceId", BODY), ("Set-Cookie", BODY)], ""),
        Answer::new(
            200,
            &[("Set-Cookie", BODY)],
            format!(r#"{{"Subject":"{BODY}"}}"#),
        ),
    ];
    for answer in successes.into_iter().chain(bad_answers()) {
        let text = traced(&answer).await;
        assert_eq!(leaks(&text), [""; 0], "{text}");
        for part in SECRET_PLACES {
            assert!(!text.contains(part), "{part} is in {text}");
        }
        for (_, operation) in world::operations() {
            for part in [&operation.id, &operation.path, &operation.method] {
                assert!(text.contains(part.as_str()), "{part} is not in {text:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_trace_says_how_each_call_ended() {
    for (answer, expected) in [
        (
            Answer::new(204, &[("request-id", "the-id")], ""),
            "status=204",
        ),
        (
            Answer::new(204, &[("request-id", "the-id")], ""),
            "request_id=\"the-id\"",
        ),
        (Answer::new(404, &[], ""), "status=404"),
        (Answer::Reset, "delivery=Unknown"),
        (Answer::Stall(Vec::new()), "delivery=Unknown"),
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
    tracing::Instrument::instrument(errors_of(&Answer::Reset), span).await;
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
