//! How calls for several certificates ended, taken together.

use std::fmt;

use crate::{failure::Failure, output};

/// Whether the call for one certificate did what it should.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done,
    Failed,
    Unknown,
}

/// How many calls ended how.
#[derive(Default)]
pub(crate) struct Tally {
    counts: Vec<(&'static str, usize)>,
    failed: bool,
    unknown: bool,
    trouble: Option<Failure>,
}

impl Tally {
    pub(crate) fn add(&mut self, outcome: &'static str, verdict: Verdict) {
        match self.counts.iter_mut().find(|(name, _)| *name == outcome) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((outcome, 1)),
        }
        self.failed |= verdict == Verdict::Failed;
        self.unknown |= verdict == Verdict::Unknown;
    }

    /// Keeps a failure that is not about a certificate, such as a full disk behind stdout. Others are under
    /// way, and what becomes of them has to be seen first.
    pub(crate) fn trouble(&mut self, failure: Failure) {
        self.trouble.get_or_insert(failure);
    }

    /// Says how it went, on stderr.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        if let Some(trouble) = self.trouble.take() {
            if self.counts.is_empty() {
                return Err(trouble);
            }
            output::message(trouble);
            self.failed = true;
        }
        let summary = self.to_string();
        if self.failed || self.unknown {
            let unknown = self.unknown;
            return Err(Failure::Several { summary, unknown });
        }
        output::message(summary);
        Ok(())
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.counts.is_empty() {
            return f.write_str("nothing to do");
        }
        for (index, (outcome, count)) in self.counts.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{count} {outcome}")?;
        }
        Ok(())
    }
}
