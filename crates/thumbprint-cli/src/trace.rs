//! What `-v` shows of the library's traces, and without it on a terminal that something is tried again.

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
    filter::Targets,
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
        0 if io::stderr().is_terminal() => Retries
            .with_filter(Targets::new().with_target(RETRY, Level::INFO))
            .boxed(),
        0 => return,
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

/// Says that something is tried again.
struct Retries;

impl<S: Subscriber> Layer<S> for Retries {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut retry = Retry::default();
        event.record(&mut retry);
        // Whether it is done at last is told in any case.
        let _ = output::message(retry);
    }
}

/// Why and when something is tried again.
#[derive(Default)]
struct Retry {
    reason: String,
    wait: Duration,
}

impl Visit for Retry {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "reason" {
            self.reason = format!("{value:?}");
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "wait_ms" {
            self.wait = Duration::from_millis(value);
        }
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, trying again in {:.1} s",
            self.reason,
            self.wait.as_secs_f32()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Retry;

    #[test]
    fn a_retry_says_why_and_when() {
        let retry = Retry {
            reason: "no connection to https://a.example:443: nothing listens there".to_owned(),
            wait: Duration::from_millis(840),
        };
        assert_eq!(
            retry.to_string(),
            "no connection to https://a.example:443: nothing listens there, trying again in 0.8 s"
        );
    }
}
