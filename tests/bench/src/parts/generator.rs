//! `cargo xtask generate`, on documents of many operations, beside progenitor by itself.

use anyhow::{Context as _, Result};

use crate::{
    Bench,
    measure::{Figure, Program},
    report::{Limit, Report},
};

const WHY: &str = "for each kB of code it takes what bare progenitor takes: both read all of it into syntax trees and print them; mocks and cases are code as well";
const FIRST: &str = "with so few operations the peak is where the first pattern of a format is compiled, which others do not add to";

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let program = bench.subject("generate")?;
    report.part("The generator, per operation beyond the first");
    let show = |report: &mut Report, name: &str, cost: Cost| -> Result<()> {
        report.show(format!("{name}: instructions"), one(cost.instructions)?);
        report.show(format!("{name}: MB at the peak"), one(cost.memory)?);
        report.show(format!("{name}: kB of code"), one(cost.code)?);
        Ok(())
    };
    let bare = Cost::of(&program, 200, &["bare"])?.beyond(Cost::of(&program, 1, &["bare"])?, 199.0);
    show(report, "bare progenitor, 200 operations", bare)?;
    let first = Cost::of(&program, 1, &[])?;
    let mut costs = Vec::new();
    for operations in [2, 200, 2000] {
        // Once: callgrind counts the same each time, and 2,000 operations take it minutes.
        let all = Cost::of(&program, operations, &[])?;
        let cost = all.beyond(first, f64::from(operations - 1));
        report.hold(
            format!("{operations} operations: instructions"),
            one(cost.instructions)?,
            Limit::AtMost(12e6),
        );
        report.because(WHY);
        report.hold(
            format!("{operations} operations: MB at the peak"),
            one(cost.memory)?,
            Limit::AtMost(0.3),
        );
        report.show(
            format!("{operations} operations: kB of code"),
            one(cost.code)?,
        );
        costs.push(cost);
    }
    let each = |cost: Cost| cost.instructions / cost.code;
    report.show(
        "200 operations / bare progenitor: instructions for a kB of code",
        one(each(costs[1]) / each(bare))?,
    );
    let spread = |of: fn(&Cost) -> f64| {
        let figures = Figure::new(costs.iter().map(of).collect())?;
        one(figures.most / figures.least)
    };
    report.hold(
        "dearest / cheapest: instructions",
        spread(|cost| cost.instructions)?,
        Limit::AtMost(1.3),
    );
    report.hold(
        "dearest / cheapest: MB at the peak",
        spread(|cost| cost.memory)?,
        Limit::AtMost(1.3),
    );
    report.because(FIRST);
    Ok(())
}

fn one(figure: f64) -> Result<Figure> {
    Figure::new(vec![figure])
}

/// What a document costs.
#[derive(Clone, Copy)]
struct Cost {
    instructions: f64,
    /// Megabytes at the peak.
    memory: f64,
    /// Kilobytes that are written.
    code: f64,
}

impl Cost {
    fn of(program: &Program, operations: i32, further: &[&str]) -> Result<Self> {
        let mut arguments = vec![operations.to_string()];
        arguments.extend(further.iter().map(|word| (*word).to_owned()));
        let printed = program.print(&arguments)?;
        let (memory, code) = printed.split_once(' ').context("no two figures")?;
        Ok(Self {
            instructions: program.instructions(&arguments)?,
            memory: memory.parse::<f64>()? / 1e6,
            code: code.parse::<f64>()? / 1e3,
        })
    }

    /// What each of some operations more costs.
    fn beyond(self, first: Self, more: f64) -> Self {
        Self {
            instructions: (self.instructions - first.instructions) / more,
            memory: (self.memory - first.memory) / more,
            code: (self.code - first.code) / more,
        }
    }
}
