//! One call, with credential, deadlines, armed retries and typed headers: Cancel Deletion.

use std::{cell::RefCell, ffi::OsString, path::PathBuf, process::Command};

use anyhow::Result;

use super::Work;
use crate::{
    Bench,
    measure::{Figure, Program, run},
    report::{Limit, Report},
    server::{Answers, Server},
};

const PYTHON_SDK: &str = "azure-batch==14.1.0";
const JAVASCRIPT_SDK: &str = "@azure/batch@10.2.0";

/// Instructions of a call, beside those of hand-written reqwest.
const AIM: Limit = Limit::Aim(1.0, 0.95);

/// The programs, each built by itself.
struct Peers {
    hyper: Program,
    progenitor: Program,
    azure: Program,
    reqwest: Program,
    ours: Program,
}

pub(crate) fn measure(bench: &Bench, report: &mut Report) -> Result<()> {
    let peers = Peers {
        hyper: bench.peer("hyper")?,
        progenitor: bench.peer("progenitor")?,
        azure: bench.peer("azure-svc-batch")?,
        reqwest: bench.peer("reqwest")?,
        ours: bench.peer("thumbprint")?,
    };
    report.part("A call, sequential, http");
    sequential(bench, report, &peers)?;
    let many = Work {
        scenario: "cancel",
        in_flight: 64,
        short: 640,
        long: 3840,
        tls: false,
    };
    for (title, work, limit) in [
        ("A call, 64 in flight, http", many, AIM),
        ("A call, sequential, https", alone("cancel", true), AIM),
        (
            "A refusal: 409 with a JSON body that is decoded",
            alone("conflict", false),
            Limit::AtMost(1.1),
        ),
    ] {
        report.part(title);
        beside_reqwest(bench, report, &peers, &work, limit)?;
    }
    report.part("Connections of 1,000 sequential calls");
    connections(bench, report, &peers)?;
    report.part("Microseconds of a call, sequential, http (shown only)");
    times(bench, report, peers)
}

fn alone(scenario: &'static str, tls: bool) -> Work<'static> {
    Work {
        scenario,
        in_flight: 1,
        short: 200,
        long: 1200,
        tls,
    }
}

/// Every program.
fn sequential(bench: &Bench, report: &mut Report, peers: &Peers) -> Result<()> {
    let work = alone("cancel", false);
    for peer in [&peers.hyper, &peers.progenitor, &peers.azure] {
        let instructions = work.instructions(bench, peer)?;
        report.show(format!("{}: instructions", peer.name), instructions);
        let allocations = work.allocations(bench, peer)?;
        report.show(format!("{}: allocations", peer.name), allocations);
    }
    beside_reqwest(bench, report, peers, &work, AIM)?;
    report.chart("instructions");
    report.chart("allocations");
    Ok(())
}

fn beside_reqwest(
    bench: &Bench,
    report: &mut Report,
    Peers {
        reqwest,
        azure,
        ours,
        ..
    }: &Peers,
    work: &Work<'_>,
    limit: Limit,
) -> Result<()> {
    let [theirs, own] = [
        work.instructions(bench, reqwest)?,
        work.instructions(bench, ours)?,
    ];
    report.show("reqwest: instructions", theirs);
    let allocations = work.allocations(bench, reqwest)?;
    report.show("reqwest: allocations", allocations);
    report.show("thumbprint: instructions", own);
    // The row is about a call that succeeds.
    let most = if work.scenario == "cancel" {
        Limit::Aim(60.0, 55.0)
    } else {
        Limit::Shown
    };
    report.hold(
        "thumbprint: allocations",
        work.allocations(bench, ours)?,
        most,
    );
    report.hold(
        "thumbprint / reqwest: instructions",
        own.over(theirs),
        limit,
    );
    if work.tls {
        // It makes a connection for every call.
        let few = Work {
            short: 5,
            long: 25,
            ..*work
        };
        let theirs = few.instructions(bench, azure)?;
        report.show("azure-svc-batch: instructions", theirs);
        let what = "thumbprint / azure-svc-batch: instructions";
        report.hold(what, own.over(theirs), Limit::AtMost(0.03));
    }
    Ok(())
}

fn connections(bench: &Bench, report: &mut Report, peers: &Peers) -> Result<()> {
    let Peers {
        reqwest,
        azure,
        ours,
        ..
    } = peers;
    for (peer, scenario, tls) in [
        (azure, "cancel", true),
        (reqwest, "cancel", true),
        (reqwest, "conflict", false),
        (ours, "cancel", false),
        (ours, "cancel", true),
        (ours, "conflict", false),
    ] {
        let server = Server::start(Answers::of(scenario, 0), tls.then_some(&bench.identity))?;
        peer.print(&alone(scenario, tls).arguments(&server, 1000))?;
        let limit = if peer.name == ours.name {
            Limit::AtMost(1.0)
        } else {
            Limit::Shown
        };
        #[allow(clippy::cast_precision_loss, reason = "a thousand at most")]
        let connects = Figure::new(vec![server.connects() as f64])?;
        let scheme = if tls { "https" } else { "http" };
        report.hold(
            format!("{}: {scheme}, {scenario}", peer.name),
            connects,
            limit,
        );
    }
    Ok(())
}

fn times(bench: &Bench, report: &mut Report, peers: Peers) -> Result<()> {
    let Peers {
        hyper,
        progenitor,
        azure,
        reqwest,
        ours,
    } = peers;
    let mut peers = vec![hyper, reqwest, progenitor, azure, ours];
    for (name, program) in [
        ("Python SDK", python(bench)),
        ("JavaScript SDK", javascript(bench)),
    ] {
        match program {
            Ok(program) => peers.push(program),
            Err(error) => {
                let why = format!("skipped: {error:#}").replace(['\n', '|'], " ");
                report.skip(name, &why);
            }
        }
    }
    let work = Work {
        short: 1000,
        long: 5000,
        ..alone("cancel", false)
    };
    for peer in peers {
        let walls = RefCell::new(Vec::new());
        let cpu = work.each(bench, bench.rounds, |arguments| {
            let (cpu, wall) = peer.seconds(arguments)?;
            walls.borrow_mut().push(wall);
            Ok(cpu)
        })?;
        // Long runs and short ones, in turn.
        let walls = walls.into_inner();
        let wall = walls
            .chunks_exact(2)
            .map(|pair| (pair[0] - pair[1]) / 4000.0);
        for (what, figure) in [("CPU", cpu), ("wall", Figure::new(wall.collect())?)] {
            let figure = figure.map(|seconds| seconds * 1e6);
            report.show(format!("{}: {what}", peer.name), figure);
        }
    }
    Ok(())
}

/// The vendor's Python SDK, in an environment of its own.
fn python(bench: &Bench) -> Result<Program> {
    let folder = bench.target.join("bench/python");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PYTHON_SDK]))?;
    Ok(interpreted(
        "Python SDK",
        python,
        bench.peers().join("python/call.py").into(),
    ))
}

/// The vendor's JavaScript SDK, in a folder of its own.
fn javascript(bench: &Bench) -> Result<Program> {
    let folder = bench.target.join("bench/node");
    std::fs::create_dir_all(&folder)?;
    run(Command::new("npm").current_dir(&folder).args([
        "install",
        "--silent",
        "--prefix",
        ".",
        JAVASCRIPT_SDK,
    ]))?;
    // Node looks for packages beside the program.
    let script = folder.join("call.js");
    std::fs::copy(bench.peers().join("node/call.js"), &script)?;
    Ok(interpreted("JavaScript SDK", "node".into(), script.into()))
}

fn interpreted(name: &'static str, path: PathBuf, script: OsString) -> Program {
    Program {
        name,
        path,
        first: vec![script],
        environment: Vec::new(),
    }
}
