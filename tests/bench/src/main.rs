//! Measures this project beside what people would pick instead, on one machine, against one server. Counts
//! decide (instructions, allocations, connections, crates); times are only shown. PERFORMANCE.md says how.

mod measure;
mod parts;
mod report;
mod server;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::{
    measure::{Program, build, run, valgrind},
    report::Report,
    server::Identity,
};

#[derive(Parser)]
#[command(
    name = "cargo xtask bench",
    about = "Measures this project beside what people would pick instead"
)]
struct Arguments {
    /// How often each figure is measured
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Also put the tables into PERFORMANCE.md, those of parts that were measured earlier included
    #[arg(long)]
    write: bool,
    /// What is measured. Everything if none is given, which takes an hour on two cores
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    /// One call, alone and among others, over http and https
    Calls,
    /// A page of a list
    Lists,
    /// Ten thousand certificates at once
    Bulk,
    /// The first client and the second
    Start,
    /// What an empty consumer builds, and how big a program gets
    Builds,
    /// `cargo xtask generate`
    Generator,
    /// The sandbox beside a bare server
    Sandbox,
}

/// What the page calls the table of all limits.
const LIMITS: &str = "limits";

/// What all parts need.
struct Bench {
    root: PathBuf,
    target: PathBuf,
    rounds: usize,
    identity: Identity,
    /// The platform's root certificates and the identity's authority; and the authority alone.
    roots: PathBuf,
    authority: PathBuf,
    // Removed at the end.
    _folder: tempfile::TempDir,
}

fn main() -> ExitCode {
    match bench(&Arguments::parse()) {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &Arguments) -> Result<String> {
    let valgrind = valgrind()?;
    let bench = Bench::new(arguments.rounds)?;
    let rustc = run(std::process::Command::new("rustc").arg("--version"))?;
    let cores = std::thread::available_parallelism()?;
    let machine = format!(
        "{}, {valgrind}, {cores} cores, {} {}",
        String::from_utf8_lossy(&rustc.stdout).trim(),
        std::env::consts::OS,
        std::env::consts::ARCH,
    );
    let parts = if arguments.parts.is_empty() {
        Part::value_variants()
    } else {
        &arguments.parts
    };
    let out = bench.target.join("bench");
    fs::create_dir_all(&out)?;
    let file = out.join("figures.json");
    for part in parts {
        let mut report = Report::new(&machine);
        part.measure(&bench, &mut report)?;
        // What other parts gave in an earlier run stays.
        let mut figures = figures(&file);
        figures.insert(*part, report);
        fs::write(&file, serde_json::to_string_pretty(&figures)?)?;
    }
    let figures = figures(&file);
    if arguments.write {
        let file = bench.root.join("PERFORMANCE.md");
        let mut page = fs::read_to_string(&file)?;
        for (part, report) in &figures {
            page = with_table(&page, &part.name(), &report.markdown())?;
        }
        let (_, tables) = page.split_once("<!-- /limits -->").unwrap_or_default();
        let limits = report::limits(tables);
        fs::write(&file, with_table(&page, LIMITS, &limits)?)?;
    }
    let tables = figures.values().map(|report| report.markdown() + "\n");
    let tables: String = tables.collect();
    let tables = format!("{tables}### All limits\n\n{}", report::limits(&tables));
    fs::write(out.join("figures.md"), &tables)?;
    eprintln!("written: {}", out.join("figures.{md,json}").display());
    Ok(tables)
}

/// What was measured of each part the last time.
fn figures(file: &Path) -> BTreeMap<Part, Report> {
    let json = fs::read(file).ok();
    json.and_then(|json| serde_json::from_slice(&json).ok())
        .unwrap_or_default()
}

impl Part {
    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn measure(self, bench: &Bench, report: &mut Report) -> Result<()> {
        match self {
            Self::Calls => parts::calls::measure(bench, report),
            Self::Lists => parts::lists::measure(bench, report),
            Self::Bulk => parts::lists::measure_bulk(bench, report),
            Self::Start => parts::start::measure(bench, report),
            Self::Builds => parts::builds::measure(bench, report),
            Self::Generator => parts::generator::measure(bench, report),
            Self::Sandbox => parts::sandbox::measure(bench, report),
        }
    }
}

impl Bench {
    fn new(rounds: usize) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .canonicalize()?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
        let (identity, folder) = (Identity::new()?, tempfile::tempdir()?);
        let platform = [
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
        ];
        let platform = platform
            .iter()
            .find_map(|file| fs::read_to_string(file).ok());
        if platform.is_none() {
            eprintln!(
                "the platform's root certificates were not found: a client starts without reading them"
            );
        }
        let (roots, authority) = (
            folder.path().join("roots.pem"),
            folder.path().join("authority.pem"),
        );
        fs::write(&roots, platform.unwrap_or_default() + &identity.authority)?;
        fs::write(&authority, &identity.authority)?;
        Ok(Self {
            root,
            target,
            rounds,
            identity,
            roots,
            authority,
            _folder: folder,
        })
    }

    fn peers(&self) -> PathBuf {
        self.root.join("tests/bench/peers")
    }

    /// A peer, built by itself.
    fn peer(&self, name: &'static str) -> Result<Program> {
        let package = format!("peer-{name}");
        let folder = build(&self.peers(), &self.target.join("peers"), &package)?;
        Ok(Program {
            name,
            path: folder.join(package),
            first: Vec::new(),
            environment: vec![
                ("SSL_CERT_FILE", self.roots.clone().into()),
                ("BENCH_ROOT", self.authority.clone().into()),
            ],
        })
    }

    /// A program of the package `bench-subjects`.
    fn subject(&self, name: &'static str) -> Result<Program> {
        let folder = build(&self.root, &self.target, "bench-subjects")?;
        Ok(Program {
            name,
            path: folder.join(name),
            first: Vec::new(),
            environment: Vec::new(),
        })
    }
}

/// A page with a table between its marks.
fn with_table(page: &str, name: &str, table: &str) -> Result<String> {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let marks = page
        .split_once(&start)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?)));
    let (before, (_, after)) =
        marks.with_context(|| format!("PERFORMANCE.md has no marks {start}{end}"))?;
    Ok(format!("{before}{start}\n{table}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;
    use test_support::OrFail as _;

    use super::{LIMITS, Part, report::limits};

    #[test]
    fn the_page_has_a_place_for_the_tables_of_every_part() {
        let page = include_str!("../../../PERFORMANCE.md");
        let parts = Part::value_variants().iter().map(|part| part.name());
        for name in parts.chain([LIMITS.to_owned()]) {
            let start = page.find(&format!("<!-- {name} -->\n"));
            let end = page.find(&format!("<!-- /{name} -->"));
            assert!(start.is_some() && start < end, "{name}");
        }
    }

    #[test]
    fn the_table_of_limits_is_what_the_tables_of_the_page_have() {
        let page = include_str!("../../../PERFORMANCE.md");
        let (head, tables) = page.split_once("<!-- /limits -->").or_fail();
        assert!(head.contains(limits(tables).trim_end()));
    }
}
