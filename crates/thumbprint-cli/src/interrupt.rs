//! Ctrl-C while something is changed: nothing new is started, and what is under way is waited for. A second one
//! does not wait.
//!
//! Before anything is sent that changes something, Ctrl-C ends the process at once, as it does by default.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::stream::{self, Stream, StreamExt as _};
#[cfg(unix)]
use tokio::signal::unix::Signal as Presses;
#[cfg(windows)]
use tokio::signal::windows::CtrlC as Presses;

use crate::{failure::Failure, output};

pub(crate) struct Interrupt {
    /// `None` where Ctrl-C cannot be taken over: it ends the process then.
    presses: Option<Presses>,
    pressed: Arc<AtomicBool>,
}

impl Interrupt {
    /// Takes Ctrl-C over, from now on.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        let presses = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt());
        #[cfg(windows)]
        let presses = tokio::signal::windows::ctrl_c();
        Self {
            presses: presses.ok(),
            pressed: Arc::default(),
        }
    }

    /// Whether Ctrl-C was pressed. It tells what starts calls to start no more.
    pub(crate) fn pressed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.pressed)
    }

    /// Whether Ctrl-C was pressed until now.
    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::SeqCst)
    }

    /// The next outcome. `None` after the last one, or at the second Ctrl-C.
    pub(crate) async fn next<S: Stream + Unpin>(&mut self, outcomes: &mut S) -> Option<S::Item> {
        loop {
            let press = async {
                match &mut self.presses {
                    Some(presses) => presses.recv().await,
                    None => None,
                }
            };
            tokio::select! {
                biased;
                Some(()) = press => {
                    if self.pressed.swap(true, Ordering::SeqCst) {
                        return None;
                    }
                    // The exit code tells it in any case.
                    let _ = output::message(
                        "interrupted: nothing new is started, what is under way is waited for; \
                         press Ctrl-C again to leave it",
                    );
                }
                outcome = outcomes.next() => return outcome,
            }
        }
    }
}

/// Makes one call that changes something, and prints its answer.
pub(crate) async fn change<T>(
    call: impl Future<Output = Result<T, thumbprint::Error>>,
    print: impl FnOnce(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut interrupt = Interrupt::listen();
    let outcome = interrupt.next(&mut pin!(stream::once(call))).await;
    let ended = match outcome {
        Some(answer) => answer.map_err(Failure::Call).and_then(print),
        None => Err(Failure::Left),
    };
    if interrupt.is_pressed() {
        return Err(Failure::Interrupted(ended.err().map(Box::new)));
    }
    ended
}
