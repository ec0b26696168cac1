//! What `-v` shows of the library's traces; without it warnings, and on a terminal that something is tried again.

use std::{
    fmt,
    io::{self, IsTerminal as _},
    time::Duration,
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    fmt::{format::FmtSpan, layer, time::Uptime},
    layer::{Context, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

use crate::{output, terminal};

/// The library's crates. Those that it is built on say more, and know of no secrets.
const OURS: &str = "thumbprint";
/// Where the library says that it tries again.
const RETRY: &str = "thumbprint_transport::retry";

/// From now on shows what was asked for.
pub(crate) fn start(verbose: u8) {
    let layer = layer()
        .with_writer(|| Stderr)
        .with_ansi(false)
        .with_target(false);
    let targets = |level| Targets::new().with_target(OURS, level);
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match verbose {
        0 => {
            let retries = if io::stderr().is_terminal() {
                LevelFilter::INFO
            } else {
                LevelFilter::OFF
            };
            let targets = targets(Level::WARN).with_target(RETRY, retries);
            Notes.with_filter(targets).boxed()
        }
        1 => layer
            .without_time()
            .with_filter(targets(Level::DEBUG))
            .boxed(),
        _ => {
            let layer = layer
                .with_timer(Uptime::default())
                .with_span_events(FmtSpan::FULL);
            layer.with_filter(targets(Level::TRACE)).boxed()
        }
    };
    tracing_subscriber::registry().with(layer).init();
}

/// Stderr, for lines of which a terminal obeys nothing.
struct Stderr;

impl io::Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        output::complain(&(terminal::lines(&text).join("\n") + "\n"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Tells what the library warns of, and that something is tried again.
struct Notes;

impl<S: Subscriber> Layer<S> for Notes {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut note = Note::default();
        event.record(&mut note);
        // Nothing depends on it.
        let _ = output::message(note);
    }
}

/// What an event says to people.
#[derive(Default)]
struct Note {
    message: String,
    reason: String,
    wait: Option<Duration>,
}

impl Visit for Note {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "reason" => self.reason = format!("{value:?}"),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "wait_ms" {
            self.wait = Some(Duration::from_millis(value));
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            message,
            reason,
            wait,
        } = self;
        match wait {
            Some(wait) => write!(f, "{reason}, {message} in {:.1} s", wait.as_secs_f32()),
            None => write!(f, "warning: {message}"),
        }
    }
}
