//! A recorder of traces.

use std::{
    cell::RefCell,
    fmt, io,
    sync::{Arc, LazyLock, Mutex},
};

use crate::OrFail as _;

use tracing::{
    Dispatch,
    subscriber::{DefaultGuard, NoSubscriber},
};
use tracing_subscriber::{filter::LevelFilter, fmt::format::FmtSpan};

/// What a subscriber at the lowest level writes.
#[derive(Clone, Default)]
pub struct Trace(Arc<Mutex<Vec<u8>>>);

/// Writes what the crate `log` is told to the trace of the thread: reqwest tells nothing else.
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
                bytes.lock().or_fail().extend(line.as_bytes());
            }
        });
    }

    fn flush(&self) {}
}

/// Ends a trace.
pub struct TraceGuard(#[allow(dead_code, reason = "dropped")] DefaultGuard);

impl Drop for TraceGuard {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

impl Trace {
    /// Captures everything on this thread for as long as the guard lives.
    pub fn start(&self) -> TraceGuard {
        self.start_at(LevelFilter::TRACE)
    }

    /// The same from a level on.
    pub fn start_at(&self, level: LevelFilter) -> TraceGuard {
        static LOG: LazyLock<()> = LazyLock::new(|| {
            log::set_logger(&Log).expect("no other logger");
            log::set_max_level(log::LevelFilter::Trace);
        });
        // With a single dispatcher, tracing asks only the thread that reaches an event first whether
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
        TraceGuard(guard)
    }
}

impl io::Write for Trace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().or_fail().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0.lock().or_fail()))
    }
}
