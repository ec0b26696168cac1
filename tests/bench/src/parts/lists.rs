//! Lists: a page of whole certificates, and ten thousand that are canceled.

use anyhow::{Context as _, Result};

use super::Work;
use crate::{
    Bench,
    measure::{Figure, Program},
    report::{Limit, Report},
    server::{Answers, Server},
};

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let [reqwest, ours] = [bench.peer("reqwest")?, bench.peer("thumbprint")?];
    report.part("A certificate of a list of 1,000, read into the same types");
    let work = Work {
        scenario: "list",
        in_flight: 1,
        short: 2,
        long: 12,
        tls: false,
    };
    let item = |figure: Figure| figure.map(|page| page / 1000.0);
    let [theirs, own] = [
        item(work.instructions(bench, &reqwest)?),
        item(work.instructions(bench, &ours)?),
    ];
    report.show("reqwest + serde_json: instructions", theirs);
    report.show("thumbprint: instructions", own);
    report.hold(
        "thumbprint / reqwest: instructions",
        own.over(theirs),
        Limit::AtMost(1.0),
    );
    let [theirs, own] = [
        item(work.allocations(bench, &reqwest)?),
        item(work.allocations(bench, &ours)?),
    ];
    report.show("reqwest + serde_json: allocations", theirs);
    report.show("thumbprint: allocations", own);
    report.hold(
        "thumbprint / reqwest: allocations",
        own.over(theirs),
        Limit::AtMost(1.0),
    );
    Ok(())
}

pub(crate) fn measure_bulk(bench: &Bench, report: &mut Report) -> Result<()> {
    let [reqwest, ours] = [bench.peer("reqwest")?, bench.peer("thumbprint")?];
    report.part("10,000 failed deletions canceled, 64 in flight");
    let work = Work {
        scenario: "bulk",
        in_flight: 64,
        short: 2000,
        long: 10_000,
        tls: false,
    };
    let [theirs, own] = [
        work.instructions(bench, &reqwest)?,
        work.instructions(bench, &ours)?,
    ];
    report.show("reqwest: instructions per certificate", theirs);
    report.show("thumbprint: instructions per certificate", own);
    let what = "thumbprint / reqwest: instructions per certificate";
    report.hold(what, own.over(theirs), Limit::AtMost(1.1));
    for (program, limit) in [(&reqwest, Limit::Shown), (&ours, Limit::AtMost(12.0))] {
        let memory = Figure::of(bench.rounds, || memory(program, &work))?;
        report.hold(
            format!("{}: peak memory over idle, MB", program.name),
            memory,
            limit,
        );
    }
    Ok(())
}

/// Resident memory at its peak beyond what the client takes before its first call, in MB.
fn memory(program: &Program, work: &Work) -> Result<f64> {
    let server = Server::start(Answers::of(work.scenario, work.long), None)?;
    let printed = program.print(&work.arguments(&server, work.long))?;
    let (idle, peak) = printed.split_once(' ').context("two figures of memory")?;
    Ok((peak.parse::<f64>()? - idle.parse::<f64>()?) / 1024.0)
}
