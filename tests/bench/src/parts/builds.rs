//! What a consumer builds, and how big its program gets.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use anyhow::Result;

use crate::{
    Bench,
    measure::{Figure, build, cargo, run, seconds},
    report::{Limit, Report},
};

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    report.part("Building an empty consumer, default features");
    let peers = bench.peers();
    let packages = ["azure-svc-batch", "thumbprint"];
    for (profile, options) in [("release", &["--release"][..]), ("dev", &[])] {
        let mut costs = Vec::new();
        for name in packages {
            // Once: it takes minutes.
            let cost = Figure::new(vec![cold(&peers, &format!("empty-{name}"), options)?])?;
            report.show(format!("{name}: {profile}, CPU seconds"), cost);
            costs.push(cost);
        }
        let what = format!("thumbprint / azure-svc-batch: {profile} CPU");
        report.hold(what, costs[1].over(costs[0]), Limit::AtMost(0.75));
        report.because("nearly all of its crates are those that hand-written reqwest builds, too");
    }
    let reqwest = crates(&peers, "peer-reqwest")?;
    // The program's own driver is no part of it.
    report.show("reqwest: crates", Figure::new(vec![reqwest - 1.0])?);
    for (name, limit) in packages
        .into_iter()
        .zip([Limit::Shown, Limit::AtMost(105.0)])
    {
        let crates = Figure::new(vec![crates(&peers, &format!("empty-{name}"))?])?;
        report.hold(format!("{name}: crates"), crates, limit);
    }
    report.chart("release, CPU seconds");
    report.chart("crates");

    report.part("Stripped release programs");
    let size = |program: &Path| Figure::new(vec![stripped(program)?]);
    let empty = build(&peers, &bench.target.join("peers"), "empty-thumbprint")?;
    report.show(
        "an empty consumer of thumbprint: bytes",
        size(&empty.join("empty-thumbprint"))?,
    );
    let theirs = size(&bench.peer("reqwest")?.path)?;
    report.show("reqwest, calls and lists: bytes", theirs);
    let own = size(&bench.peer("thumbprint")?.path)?;
    report.show("thumbprint, calls and lists: bytes", own);
    report.hold(
        "thumbprint / reqwest with rustls and ring, calls and lists",
        own.over(theirs),
        Limit::AtMost(1.1),
    );
    report.because(
        "readers of answers that tell which member is wrong, error texts, redaction, retries and credentials are code \
         that hand-written calls do not have",
    );
    Ok(())
}

/// Seconds of CPU to build a package from nothing.
fn cold(workspace: &Path, package: &str, options: &[&str]) -> Result<f64> {
    let target = tempfile::tempdir()?;
    let mut fetch = cargo(workspace, target.path());
    run(fetch.args(["fetch", "--quiet"]))?;
    let mut build = cargo(workspace, target.path());
    // A cache of compilers would have it done before.
    build
        .env_remove("RUSTC_WRAPPER")
        .args(["build", "--quiet", "--package", package])
        .args(options);
    Ok(seconds(&mut build)?.0)
}

/// How many crates are built for a package, itself not counted.
fn crates(workspace: &Path, package: &str) -> Result<f64> {
    let mut tree = cargo(workspace, workspace);
    let output = run(tree.args([
        "tree",
        "--edges=normal,build",
        "--prefix=none",
        "--package",
        package,
    ]))?;
    let text = String::from_utf8_lossy(&output.stdout);
    // A line may end in what is said of the crate: `(*)`, `(proc-macro)`, its folder.
    let names = text
        .lines()
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>());
    let names: BTreeSet<_> = names.filter(|name| !name.is_empty()).collect();
    #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
    let others = (names.len() - 1) as f64;
    Ok(others)
}

/// The size of a program without its symbols, in bytes.
fn stripped(program: &Path) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("program");
    run(Command::new("strip").arg("-o").arg(&copy).arg(program))?;
    #[allow(clippy::cast_precision_loss, reason = "megabytes")]
    let size = fs::metadata(copy)?.len() as f64;
    Ok(size)
}
