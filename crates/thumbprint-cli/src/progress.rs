//! How far the work is: on a terminal for what takes over a second, elsewhere in a line now and then.

use std::{
    fmt,
    io::{self, IsTerminal as _},
    pin::pin,
    sync::LazyLock,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tokio::time::{Instant, interval_at, timeout};

use crate::output;

/// What takes less is not worth a look.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the terminal's line is drawn.
const TICK: Duration = Duration::from_millis(100);
/// How often a line is written where there is no terminal.
const LINE: Duration = Duration::from_secs(10);

/// It draws nothing until [`shown`] lets it.
static BAR: LazyLock<ProgressBar> = LazyLock::new(ProgressBar::hidden);

/// Does work, and shows how far it is.
pub(crate) async fn shown<T>(work: impl Future<Output = T>) -> T {
    LazyLock::force(&BAR);
    let mut work = pin!(work);
    if let Ok(done) = timeout(PATIENCE, &mut work).await {
        return done;
    }
    let terminal = io::stderr().is_terminal();
    if terminal {
        if BAR.length().is_none() {
            BAR.set_style(style("{spinner} waiting for the service, {elapsed}"));
        }
        BAR.set_draw_target(ProgressDrawTarget::stderr());
    }
    let period = if terminal { TICK } else { LINE };
    let mut ticks = interval_at(Instant::now() + period, period);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = ticks.tick() => if terminal {
                BAR.tick();
            } else if let Some(all) = BAR.length() {
                // The exit code tells the end in any case.
                let _ = output::message(format_args!(
                    "{} of {all}, {}, {:.0} a second", BAR.position(), BAR.message(), BAR.per_sec()
                ));
            }
        }
    }
}

/// So much is to be done.
pub(crate) fn begin(all: usize) {
    let line = "{bar:20} {pos} of {len}, {msg}, {rate}, {eta} left";
    BAR.set_style(style(line));
    BAR.set_length(all as u64);
    BAR.set_message("none failed");
}

/// One more was done, and so many of all have failed.
pub(crate) fn advance(failed: usize) {
    BAR.inc(1);
    if failed > 0 {
        BAR.set_message(format!("{failed} failed"));
    }
}

/// Writes something that is not progress.
pub(crate) fn suspended<T>(write: impl FnOnce() -> T) -> T {
    BAR.suspend(write)
}

/// Leaves nothing of it on the terminal.
pub(crate) fn end() {
    BAR.finish_and_clear();
}

fn style(template: &str) -> ProgressStyle {
    let rate = |state: &ProgressState, line: &mut dyn fmt::Write| {
        // The line is text in memory.
        let _ = write!(line, "{:.0}/s", state.per_sec());
    };
    // The templates above are all there are; a wrong one would be seen as a line of another form.
    let style = ProgressStyle::with_template(template);
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", rate)
}

#[cfg(test)]
mod tests {
    use super::ProgressStyle;

    #[test]
    fn the_templates_are_right() {
        for template in [
            "{spinner} waiting for the service, {elapsed}",
            "{bar:20} {pos} of {len}, {msg}, {rate}, {eta} left",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
