//! `cargo xtask generate`, on documents of many operations.

use anyhow::Result;

use crate::{
    Bench,
    measure::{Figure, Program},
    report::{Limit, Report},
};

const WHY: &str = "what progenitor makes is read into trees, rewritten and printed, the client's and the mocks', each as a whole";

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let program = bench.subject("generate")?;
    report.part("The generator, per operation beyond the first");
    let (first, first_memory) = count(&program, 1)?;
    let (mut costs, mut sizes) = (Vec::new(), Vec::new());
    for operations in [2, 200, 2000] {
        // Once: callgrind counts the same each time, and 2,000 operations take it minutes.
        let (instructions, memory) = count(&program, operations)?;
        let more = f64::from(operations - 1);
        costs.push((instructions - first) / more);
        sizes.push((memory - first_memory) / more / 1e6);
        let figure = |figures: &[f64]| Figure::new(figures[figures.len() - 1..].to_vec());
        report.hold(
            format!("{operations} operations: instructions"),
            figure(&costs)?,
            Limit::AtMost(12e6),
        );
        report.because(WHY);
        report.hold(
            format!("{operations} operations: MB at the peak"),
            figure(&sizes)?,
            Limit::AtMost(0.3),
        );
        report.because(WHY);
    }
    for (what, figures) in [("instructions", costs), ("MB at the peak", sizes)] {
        report.chart(what);
        let figures = Figure::new(figures)?;
        report.hold(
            format!("dearest / cheapest: {what}"),
            Figure::new(vec![figures.most / figures.least])?,
            Limit::AtMost(1.3),
        );
    }
    Ok(())
}

/// Instructions, and bytes at the peak.
fn count(program: &Program, operations: i32) -> Result<(f64, f64)> {
    let arguments = [operations.to_string()];
    let memory = program.print(&arguments)?.parse()?;
    Ok((program.instructions(&arguments)?, memory))
}
