//! Copies of certificates that a service is about to forget.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;
use thumbprint::{
    Thumbprint,
    wap::{Certificate, SubscriptionCertificate},
};

use crate::failure::Failure;

/// How many files may differ that are about the same certificate. Its times differ when it was added again.
const COPIES: u32 = 100;

/// A directory for the copies. What stands there stays as it is.
pub(crate) struct Keep(PathBuf);

impl Keep {
    /// Makes the directory where there is none, and sees that it takes files.
    pub(crate) fn open(directory: &Path) -> Result<Self, Failure> {
        let open = || {
            create(directory)?;
            let directory = fs::canonicalize(directory)?;
            NamedTempFile::new_in(&directory)?;
            Ok(Self(directory))
        };
        open().map_err(|error: io::Error| {
            let problem = format!("{}: {error}", directory.display());
            Failure::usage("--keep", problem, "give a directory that can be written to")
        })
    }

    /// Where a copy is to go that may not be written now: that there is no such directory yet is no reason to make it.
    pub(crate) fn check(directory: &Path) -> Result<(), Failure> {
        if directory.exists() {
            Self::open(directory)?;
        }
        Ok(())
    }

    /// Writes the certificate in DER form and as the service's JSON, and gives the files' names. They are on the
    /// disk then, so that the certificate can be deleted.
    pub(crate) fn keep(
        &self,
        thumbprint: &Thumbprint,
        stored: &SubscriptionCertificate,
    ) -> io::Result<Vec<String>> {
        let certificate = Certificate::read(stored, Some(thumbprint));
        let data = certificate
            .data
            .ok_or_else(|| io::Error::other("the service's answer holds no certificate"))?;
        if Thumbprint::of_der(&data) != *thumbprint {
            return Err(io::Error::other(
                "the service's answer holds another certificate",
            ));
        }
        let json = serde_json::to_string_pretty(stored)? + "\n";
        let name = thumbprint.as_str().to_uppercase();
        let files = [
            self.write(&name, "cer", &data)?,
            self.write(&name, "json", json.as_bytes())?,
        ];
        // A name is on the disk when its directory is.
        #[cfg(unix)]
        fs::File::open(&self.0)?.sync_all()?;
        Ok(files.map(|file| file.display().to_string()).into())
    }

    /// Writes a file whole or not at all, unless it is there already; one of the same name and other content
    /// stays, and the new one gets a number.
    fn write(&self, name: &str, extension: &str, content: &[u8]) -> io::Result<PathBuf> {
        let mut file = NamedTempFile::new_in(&self.0)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        for copy in 1..=COPIES {
            let number = if copy == 1 {
                String::new()
            } else {
                format!("-{copy}")
            };
            let path = self.0.join(format!("{name}{number}.{extension}"));
            match file.persist_noclobber(&path) {
                Ok(_) => return Ok(path),
                Err(refused) if refused.error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(refused.error);
                }
                Err(_) if holds(&path, content) => return Ok(path),
                Err(refused) => file = refused.file,
            }
        }
        let problem =
            format!("there are {COPIES} other files {name}.{extension}; give another directory");
        Err(io::Error::other(problem))
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

/// Whether a file has this content.
fn holds(path: &Path, content: &[u8]) -> bool {
    let there = fs::symlink_metadata(path);
    there.is_ok_and(|there| there.is_file() && there.len() == content.len() as u64)
        && fs::read(path).is_ok_and(|there| there == content)
}

/// Only its owner may enter it: a certificate is public, but whom it lets in is not.
fn create(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}
