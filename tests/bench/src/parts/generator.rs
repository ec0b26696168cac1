//! `cargo xtask generate`, on documents of many operations.

use anyhow::Result;

use crate::{
    Bench,
    measure::{Figure, Program},
    report::{Limit, Report},
};

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let program = bench.subject("generate")?;
    report.part("The generator, per operation beyond the first");
    let (first, first_memory) = count(&program, 1)?;
    let mut costs = Vec::new();
    for operations in [2, 200, 2000] {
        // Once: callgrind counts the same each time, and 2,000 operations take it minutes.
        let (instructions, memory) = count(&program, operations)?;
        let more = f64::from(operations - 1);
        let (instructions, memory) = (
            (instructions - first) / more,
            (memory - first_memory) / more,
        );
        report.add(
            format!("{operations} operations: instructions"),
            Figure::new(vec![instructions])?,
            Limit::AtMost(12e6),
            "",
        );
        report.add(
            format!("{operations} operations: MB at the peak"),
            Figure::new(vec![memory / 1e6])?,
            Limit::AtMost(0.3),
            "",
        );
        costs.push(instructions);
    }
    let costs = Figure::new(costs)?;
    report.add(
        "dearest / cheapest",
        Figure::new(vec![costs.most / costs.least])?,
        Limit::AtMost(1.3),
        "",
    );
    Ok(())
}

/// Instructions, and bytes at the peak.
fn count(program: &Program, operations: i32) -> Result<(f64, f64)> {
    let arguments = [operations.to_string()];
    let memory = program.print(&arguments)?.parse()?;
    Ok((program.instructions(&arguments)?, memory))
}
