//! How calls for several certificates ended, taken together.

use std::{
    collections::HashSet,
    fmt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::stream::{Stream, StreamExt as _};
use thumbprint::Thumbprint;

use crate::{
    failure::{Failure, code},
    interrupt::Interrupt,
    output::{self, Format, Rows},
    progress,
    results::{Change, Operation, Outcome},
};

/// Whether the call for one certificate did what it should.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done,
    Failed,
    /// It was accepted, and is not known to be finished.
    Unfinished,
    Unknown,
}

/// How the call for one certificate of several ended.
pub(crate) struct Ended {
    pub(crate) change: Change,
    pub(crate) verdict: Verdict,
}

/// The certificates for which calls are started, one after the other. It ends at a Ctrl-C.
pub(crate) type Admitted = Box<dyn Iterator<Item = Thumbprint> + Send>;

/// What the command exits with goes before what, unless it was interrupted: the first that there is.
const CODES: [u8; 4] = [
    code::UNKNOWN,
    code::FAILED,
    code::UNFINISHED,
    code::UNWRITTEN,
];

/// How many calls ended how.
pub(crate) struct Tally {
    operation: Operation,
    format: Format,
    counts: Vec<(String, usize)>,
    failed: usize,
    /// What there is to exit with, in any order.
    codes: HashSet<u8>,
    interrupted: bool,
    trouble: Option<Failure>,
}

impl Tally {
    pub(crate) fn new(operation: Operation, format: Format) -> Self {
        Self {
            operation,
            format,
            counts: Vec::new(),
            failed: 0,
            codes: HashSet::new(),
            interrupted: false,
            trouble: None,
        }
    }

    pub(crate) fn add(&mut self, outcome: Outcome, verdict: Verdict) {
        self.count(outcome.to_string(), 1);
        self.failed += usize::from(verdict != Verdict::Done);
        progress::advance(self.failed);
        self.codes.extend(match verdict {
            Verdict::Done => None,
            Verdict::Failed => Some(code::FAILED),
            Verdict::Unfinished => Some(code::UNFINISHED),
            Verdict::Unknown => Some(code::UNKNOWN),
        });
    }

    fn count(&mut self, outcome: String, more: usize) {
        match self.counts.iter_mut().find(|(name, _)| *name == outcome) {
            Some((_, count)) => *count += more,
            None => self.counts.push((outcome, more)),
        }
    }

    /// Keeps a failure that is not about a certificate, such as a list that breaks off. Others are under way,
    /// and what becomes of them has to be seen first.
    pub(crate) fn trouble(&mut self, failure: Failure) {
        self.trouble.get_or_insert(failure);
    }

    /// Makes the calls, prints how each ended and says how it went. A full disk or a reader who is gone does not
    /// stop them: they were asked for. Ctrl-C does.
    pub(crate) async fn run<S: Stream<Item = Ended>>(
        mut self,
        thumbprints: Vec<Thumbprint>,
        calls: impl FnOnce(Admitted) -> S,
    ) -> Result<(), Failure> {
        progress::begin(thumbprints.len());
        let mut interrupt = Interrupt::listen();
        let (pressed, started) = (interrupt.pressed(), Arc::<AtomicUsize>::default());
        let starting = Arc::clone(&started);
        let admitted = thumbprints.clone().into_iter();
        let admitted = admitted.take_while(move |_| !pressed.load(Ordering::SeqCst));
        let admitted = admitted.inspect(move |_| {
            starting.fetch_add(1, Ordering::SeqCst);
        });
        let mut outcomes = pin!(calls(Box::new(admitted)));
        let (mut rows, mut ended) = (Rows::new(self.format), HashSet::new());
        while let Some(one) = interrupt.next(&mut outcomes).await {
            self.add(one.change.outcome, one.verdict);
            rows.print_done(&one.change);
            ended.insert(one.change.thumbprint);
        }
        let (started, untouched) = thumbprints.split_at(started.load(Ordering::SeqCst));
        for left in started.iter().filter(|left| !ended.contains(left.as_str())) {
            self.add(Outcome::Unknown, Verdict::Unknown);
            let left = Change::new(self.operation, left, Outcome::Unknown);
            rows.print_done(&left.with_error(Failure::Left.problem(Some(self.operation))));
        }
        self.codes
            .extend(rows.is_diverted().then_some(code::UNWRITTEN));
        if interrupt.is_pressed() {
            self.interrupted = true;
            self.count("not touched".to_owned(), untouched.len());
        }
        self.finish()
    }

    /// Prints what would become of certificates. Nothing is changed, so a reader who is gone has seen enough.
    pub(crate) async fn preview(
        mut self,
        outcomes: impl Stream<Item = Ended>,
    ) -> Result<(), Failure> {
        let (mut outcomes, mut rows) = (pin!(outcomes), Rows::new(self.format));
        while let Some(one) = outcomes.next().await {
            self.add(one.change.outcome, one.verdict);
            if rows.print(&one.change)?.is_break() {
                return Ok(());
            }
        }
        self.finish()
    }

    /// Says how it went, on stderr.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        if let Some(trouble) = self.trouble.take() {
            if self.counts.is_empty() {
                return Err(trouble);
            }
            output::report(&trouble, Some(self.operation), self.format);
            self.codes.insert(match trouble {
                Failure::Unwritten { .. } => code::UNWRITTEN,
                _ => code::FAILED,
            });
        }
        let summary = self.to_string();
        let code = CODES.into_iter().find(|code| self.codes.contains(code));
        if self.interrupted {
            let code = code.unwrap_or(code::FAILED);
            let several = Failure::Several { summary, code };
            return Err(Failure::Interrupted(Some(Box::new(several))));
        }
        let code = match code {
            Some(code) => code,
            None if output::message(&summary).is_ok() => return Ok(()),
            None => code::UNWRITTEN,
        };
        Err(Failure::Several { summary, code })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.counts.is_empty() {
            f.write_str("nothing to do")?;
        }
        for (index, (outcome, count)) in self.counts.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{count} {outcome}")?;
        }
        if self.codes.contains(&code::UNWRITTEN) {
            f.write_str("; the results could not be written")?;
        }
        if self.codes.contains(&code::UNKNOWN) {
            f.write_str("; check the unknown ones before you repeat it")?;
        }
        if self.codes.contains(&code::UNFINISHED) {
            f.write_str("; the service goes on: the same command waits again")?;
        }
        if self.interrupted {
            f.write_str("; the same command goes on from here")?;
        }
        Ok(())
    }
}
