//! Running a program, and counting what it does.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Instant,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};

/// How long a tick of the kernel's CPU times is on Linux, in seconds (`proc_pid_stat(5)`: `sysconf(_SC_CLK_TCK)`,
/// which is 100 wherever Linux has not been built otherwise).
const TICK: f64 = 0.01;

/// A program and what it is started with.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) first: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, OsString)>,
}

impl Program {
    pub(crate) fn command(&self, wrapper: &[&str], arguments: &[String]) -> Command {
        let mut command = match wrapper {
            [] => Command::new(&self.path),
            [tool, rest @ ..] => {
                let mut command = Command::new(tool);
                command.args(rest).arg(&self.path);
                command
            }
        };
        command.args(&self.first).args(arguments);
        // Neither a proxy of the environment is part of what is measured, nor more root certificates.
        for name in ["http_proxy", "https_proxy", "all_proxy", "ssl_cert_dir"] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn output(&self, wrapper: &[&str], arguments: &[String]) -> Result<Output> {
        run(&mut self.command(wrapper, arguments))
    }

    /// What it prints.
    pub(crate) fn print(&self, arguments: &[String]) -> Result<String> {
        let output = self.output(&[], arguments)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Seconds of CPU and of the clock on the wall.
    pub(crate) fn seconds(&self, arguments: &[String]) -> Result<(f64, f64)> {
        seconds(&mut self.command(&[], arguments))
    }

    /// Instructions, by callgrind.
    pub(crate) fn instructions(&self, arguments: &[String]) -> Result<f64> {
        callgrind(|wrapper| {
            self.output(wrapper, arguments)?;
            Ok(())
        })
    }

    /// Blocks of memory that were allocated, by dhat.
    pub(crate) fn allocations(&self, arguments: &[String]) -> Result<f64> {
        let wrapper = ["valgrind", "--tool=dhat", "--dhat-out-file=/dev/null"];
        let output = self.output(&wrapper, arguments)?;
        let said = String::from_utf8_lossy(&output.stderr).replace(',', "");
        let total = said.lines().find(|line| line.contains("Total:"));
        let blocks = total.and_then(|line| line.split_whitespace().rev().nth(1));
        Ok(blocks.context("dhat wrote no total")?.parse()?)
    }
}

/// Instructions of a program that is run behind these words.
pub(crate) fn callgrind(run: impl FnOnce(&[&str]) -> Result<()>) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("callgrind");
    let option = format!("--callgrind-out-file={}", file.display());
    run(&["valgrind", "--quiet", "--tool=callgrind", &option])?;
    let profile = fs::read_to_string(&file)?;
    let total = profile.lines().find_map(|line| {
        let line = line
            .strip_prefix("summary:")
            .or(line.strip_prefix("totals:"));
        line?.split_whitespace().next()?.parse().ok()
    });
    total.context("callgrind wrote no total")
}

/// Runs a command to a good end.
pub(crate) fn run(command: &mut Command) -> Result<Output> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} cannot be started"))?;
    if !output.status.success() {
        bail!(
            "{command:?} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(output)
}

/// Seconds of CPU, those of all its children included, and of the clock on the wall.
pub(crate) fn seconds(command: &mut Command) -> Result<(f64, f64)> {
    let (cpu, wall) = (ticks("self", 15)?, Instant::now());
    run(command)?;
    Ok((
        (ticks("self", 15)? - cpu) * TICK,
        wall.elapsed().as_secs_f64(),
    ))
}

/// Seconds of CPU that a process has taken so far.
pub(crate) fn cpu_of(process: u32) -> Result<f64> {
    Ok(ticks(&process.to_string(), 13)? * TICK)
}

/// A time in user mode and the one in kernel mode behind it, from `/proc/PID/stat`: 13 its own, 15 those of its
/// children that have ended.
fn ticks(process: &str, field: usize) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, which is in parentheses and may have spaces, and the state are fields 1 and 2.
    let (_, fields) = text.rsplit_once(") ").context("no fields in /proc")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    Ok(fields[field - 2].parse::<f64>()? + fields[field - 1].parse::<f64>()?)
}

/// Memory of a process that is resident, in kB.
pub(crate) fn resident(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let figure = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(figure.context("no VmRSS in /proc")?.parse()?)
}

/// Valgrind's version; what to do where there is none.
pub(crate) fn valgrind() -> Result<String> {
    let version = run(Command::new("valgrind").arg("--version"));
    let version = version.context(
        "counts need valgrind, which is not here: install the package of that name (apt-get install valgrind)",
    )?;
    Ok(String::from_utf8_lossy(&version.stdout).trim().to_owned())
}

/// What was measured several times: the middle and the ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Figure {
    /// Measures so many times.
    pub(crate) fn of(rounds: usize, mut measure: impl FnMut() -> Result<f64>) -> Result<Self> {
        let figures = (0..rounds).map(|_| measure()).collect::<Result<Vec<_>>>()?;
        Self::new(figures)
    }

    pub(crate) fn new(mut figures: Vec<f64>) -> Result<Self> {
        ensure!(!figures.is_empty(), "nothing was measured");
        figures.sort_unstable_by(f64::total_cmp);
        let (low, high) = (figures[(figures.len() - 1) / 2], figures[figures.len() / 2]);
        Ok(Self {
            median: f64::midpoint(low, high),
            least: figures[0],
            most: figures[figures.len() - 1],
        })
    }

    /// This beside another: the medians, and the ends as far apart as they can be.
    pub(crate) fn over(self, other: Self) -> Self {
        Self {
            median: self.median / other.median,
            least: self.least / other.most,
            most: self.most / other.least,
        }
    }

    pub(crate) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            median: change(self.median),
            least: change(self.least),
            most: change(self.most),
        }
    }
}

/// Builds a package for release, by itself, and says where its programs are.
pub(crate) fn build(workspace: &Path, target: &Path, package: &str) -> Result<PathBuf> {
    eprintln!("building {package}");
    let mut cargo = cargo(workspace, target);
    run(cargo.args(["build", "--quiet", "--release", "--package", package]))?;
    Ok(target.join("release"))
}

pub(crate) fn cargo(workspace: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace).env("CARGO_TARGET_DIR", target);
    cargo
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::Figure;

    #[test]
    fn the_middle_of_several_figures_is_their_median() {
        for (figures, median) in [(vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 3.0], 2.5)] {
            let figure = Figure::new(figures).or_fail();
            assert!((figure.median - median).abs() < f64::EPSILON);
            assert!(figure.least <= figure.median && figure.median <= figure.most);
        }
        assert!(Figure::new(Vec::new()).is_err());
    }
}
