//! Named steps. Each says how often the document needs it and how often it was applied; where the two
//! differ, the pipeline stops. So an upgrade of progenitor cannot skip a step in silence.

use anyhow::{Result, bail};

/// One step, after it was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The step's name: that of its function.
    pub name: &'static str,
    /// How often the document needs it.
    pub needed: usize,
    /// How often it was applied.
    pub applied: usize,
}

impl Step {
    /// Notes what a step did.
    #[must_use]
    pub fn new(name: &'static str, needed: usize, applied: usize) -> Self {
        Self {
            name,
            needed,
            applied,
        }
    }

    /// Fails unless the step was applied as often as the document needs.
    pub fn check(&self, file: &str) -> Result<()> {
        let Self {
            name,
            needed,
            applied,
        } = self;
        if needed != applied {
            bail!(
                "{file}: the step `{name}` was applied {applied} times where the document needs it \
                 {needed} times; progenitor's output has probably changed: read the step's \
                 documentation in crates/thumbprint-codegen/src and adapt or remove it"
            );
        }
        Ok(())
    }
}
