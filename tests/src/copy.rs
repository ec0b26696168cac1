//! A copy of the workspace, for what writes into it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use xtask::root;

/// A copy of this workspace. It stays where it is until the next copy of its name, so that cargo finds
/// again what it has built of it.
pub struct Copy {
    folder: PathBuf,
}

impl Copy {
    /// Copies everything that cargo and the xtask read.
    pub fn new(name: &str) -> io::Result<Self> {
        let folder = target().join("copies").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        for part in [
            "Cargo.toml",
            "Cargo.lock",
            "crates",
            "specs",
            "tests",
            "xtask",
        ] {
            copy(&root().join(part), &folder.join(part))?;
        }
        Ok(Self { folder })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Runs a command of cargo on some of its crates. Dependencies are shared with this workspace's own
    /// target folder; nothing is fetched.
    pub fn cargo(&self, command: &str, packages: &[String]) -> io::Result<Output> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([command, "--offline", "--quiet"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target())
            .env_remove("RUSTFLAGS");
        cargo.args(match command {
            "check" => ["--keep-going", "--all-targets"].as_slice(),
            "test" => &["--no-fail-fast"],
            _ => &[],
        });
        for package in packages {
            cargo.args(["-p", package]);
        }
        cargo.output()
    }

    /// Every file below it, with its content.
    pub fn files(&self) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
        let mut found = Vec::new();
        let mut open = vec![self.folder.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(&self.folder).unwrap_or(&path).to_owned();
                    found.push((name, fs::read(&path)?));
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Where this workspace's own crates are built.
#[must_use]
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            copy(&from.join(&name), &to.join(&name))?;
        }
    } else if from.exists() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(from, to)?;
    }
    Ok(())
}
