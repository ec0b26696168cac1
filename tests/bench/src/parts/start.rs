//! What the first client costs, with its first call over TLS, and what the second.

use anyhow::Result;

use super::Work;
use crate::{
    Bench,
    report::{Limit, Report},
};

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let [reqwest, ours] = [bench.peer("reqwest")?, bench.peer("thumbprint")?];
    report.part("Starting");
    for (scenario, roots) in [
        ("clients", "the platform's roots"),
        ("clients-added-roots", "added roots"),
    ] {
        // From no client to one with its first call, and on to the second client.
        let step = |program, short, long| {
            let work = Work {
                scenario,
                in_flight: 1,
                short,
                long,
                tls: true,
            };
            work.instructions(bench, program)
        };
        if scenario == "clients" {
            let what = "reqwest: first client and call: instructions";
            report.show(what, step(&reqwest, 0, 1)?);
        }
        let [first, second] = [step(&ours, 0, 1)?, step(&ours, 1, 2)?];
        let what = format!("first client and call, {roots}: instructions");
        report.hold(what, first, Limit::AtMost(25e6));
        let what = format!("second client / first with its call, {roots}");
        report.hold(what, second.over(first), Limit::AtMost(0.01));
    }
    Ok(())
}
