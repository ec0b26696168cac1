//! Files and secrets that the command reads.

use std::{
    env,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use chrono::Utc;
use clap::Args;
use thumbprint::{
    Error, Secret, Thumbprint,
    files::{self, About, Certificate, Contents, Pfx, Refusal, Unopened, Warning},
    wap::SubscriptionCertificate,
};
use zeroize::Zeroizing;

use crate::{failure::Failure, results};

/// No certificate is longer, and no password.
const LIMIT: u64 = 1 << 20;

/// Where a PFX's password stands, unless in a file.
const PASSWORD: &str = "THUMBPRINT_PFX_PASSWORD";

/// Whether the path stands for stdin.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The bytes of the file that `field` names; those of stdin for `-`.
pub(crate) fn read(field: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if is_stdin(path) {
        limited(io::stdin().lock())
    } else {
        File::open(path).and_then(limited)
    };
    let bytes = bytes.map_err(|error| {
        let remedy = "give a file that can be read, or - for stdin";
        Failure::usage(field, format!("{}: {error}", path.display()), remedy)
    })?;
    if bytes.len() as u64 > LIMIT {
        let problem = format!("{} has more than 1 MiB", path.display());
        return Err(Failure::usage(
            field,
            problem,
            "check whether it is the right file",
        ));
    }
    Ok(bytes)
}

fn limited(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The certificates in the file that `field` names, all of which are meant.
pub(crate) fn authorities(field: &str, path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let refused = |refusal: Refusal| Failure::usage(field, refusal.problem(), refusal.remedy());
    let contents = files::read(&read(field, path)?, None).map_err(refused)?;
    if contents.certificates.is_empty() {
        contents.choose(None).map_err(refused)?;
    }
    Ok(contents
        .certificates
        .into_iter()
        .map(|one| one.der)
        .collect())
}

/// The certificate in what Windows Azure Pack said of it: the JSON that `wap delete --keep` writes.
fn stored(bytes: &[u8]) -> Option<Vec<u8>> {
    let stored: SubscriptionCertificate = serde_json::from_slice(bytes).ok()?;
    stored.subscription_certificate_data.map(String::into_bytes)
}

/// A file of certificates, and which one of them is meant.
#[derive(Args)]
#[command(
    after_help = "A PFX's password comes from --password-file or from THUMBPRINT_PFX_PASSWORD."
)]
pub(crate) struct Source {
    /// A certificate (DER or PEM) or a PFX, also as base64 or in UTF-16; - for stdin
    file: PathBuf,
    /// The certificate that is meant, where the file has several or is a PFX that cannot be opened; any other is
    /// refused
    #[arg(long, value_name = "THUMBPRINT")]
    thumbprint: Option<Thumbprint>,
    /// File with the PFX's password, without a line's end that it may have
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Source {
    /// Reads the file. A password that was set for another file does not matter to one that has none; one that was
    /// given for this very file shows that another one was meant.
    pub(crate) fn read(&self) -> Result<Given<'_>, Failure> {
        let file = self.password_file.as_deref();
        if is_stdin(&self.file) && file.is_some_and(is_stdin) {
            let problem = "stdin is the certificate already";
            return Err(Failure::usage("--password-file", problem, "give a file"));
        }
        let bytes = Zeroizing::new(read("FILE", &self.file)?);
        let password = password(file)?;
        let password = password.as_ref().map(Secret::expose);
        let stored = stored(&bytes);
        let contents = files::read(stored.as_deref().unwrap_or(&bytes), password);
        let contents = contents.map_err(|refusal| self.refused(&refusal))?;
        if file.is_some() && contents.pfx.is_none() {
            let problem = "the file is no PFX, and has no password";
            let remedy = "leave it out, or give a PFX";
            return Err(Failure::usage("--password-file", problem, remedy));
        }
        Ok(Given {
            source: self,
            contents,
        })
    }

    /// What the library refuses, by the command's own names.
    fn refused(&self, refusal: &Refusal) -> Failure {
        let (problem, remedy) = (refusal.problem(), refusal.remedy());
        match (refusal.about(), &self.password_file) {
            (About::Password, Some(_)) => Failure::usage("--password-file", problem, remedy),
            (About::Password, None) if env::var_os(PASSWORD).is_some_and(|set| !set.is_empty()) => {
                Failure::usage(PASSWORD, problem, remedy)
            }
            (About::Password, None) => {
                let remedy = format!("give it by --password-file FILE or in {PASSWORD}");
                Failure::usage("FILE", problem, &remedy)
            }
            (About::Choice, _) => {
                let remedy = match &self.thumbprint {
                    Some(_) => remedy,
                    None => "give --thumbprint with that of the one that is meant",
                };
                Failure::usage("--thumbprint", problem, remedy)
            }
            _ => Failure::usage("FILE", problem, remedy),
        }
    }
}

/// A file that was read.
pub(crate) struct Given<'a> {
    source: &'a Source,
    pub(crate) contents: Contents,
}

impl Given<'_> {
    /// Makes of it what is added.
    pub(crate) fn make<T>(
        &self,
        make: fn(&Contents, Option<&Thumbprint>) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let thumbprint = self.source.thumbprint.as_ref();
        // What it means that a PFX cannot be opened is for each service to say.
        let unopened = self.contents.pfx.as_ref().and_then(Pfx::unopened);
        if !matches!(unopened, Some(Unopened::Unsupported(_))) {
            self.chosen()?;
        }
        make(&self.contents, thumbprint).map_err(|error| {
            let text = error.to_string();
            Failure::Usage(match text.split_once(": ") {
                Some(("thumbprint", reason)) => format!("--thumbprint: {reason}"),
                Some((_, reason)) => format!("FILE: {reason}"),
                None => text,
            })
        })
    }

    /// The certificate that is meant.
    fn chosen(&self) -> Result<&Certificate, Failure> {
        let thumbprint = self.source.thumbprint.as_ref();
        let chosen = self.contents.choose(thumbprint.map(Thumbprint::as_str));
        chosen.map_err(|refusal| self.source.refused(&refusal))
    }

    /// What the certificate that is meant says of itself, and what is odd about it.
    pub(crate) fn described(&self) -> results::Contents {
        self.chosen().map_or_else(
            |_| results::Contents {
                warnings: vec![Warning::Unopened.to_string()],
                ..results::Contents::default()
            },
            |certificate| {
                let warnings = self.contents.warnings(certificate, Utc::now());
                results::Contents::of_file(certificate, &warnings)
            },
        )
    }
}

/// A PFX's password: from the file if there is one, otherwise from the environment. It is never taken
/// from an argument, which every user of the machine could read in the list of processes.
fn password(file: Option<&Path>) -> Result<Option<Secret>, Failure> {
    let Some(path) = file else {
        return match env::var(PASSWORD) {
            Ok(text) => {
                let text = Some(files::without_mark(&text)).filter(|text| !text.is_empty());
                Ok(text.map(Secret::from))
            }
            Err(env::VarError::NotPresent) => Ok(None),
            Err(env::VarError::NotUnicode(_)) => Err(Failure::usage(
                PASSWORD,
                "it is not UTF-8",
                "set it to the password",
            )),
        };
    };
    let field = "--password-file";
    let bytes = Zeroizing::new(read(field, path)?);
    let text = files::text(&bytes).ok_or_else(|| {
        let remedy = "save the password as UTF-8";
        Failure::usage(field, "it is neither UTF-8 nor UTF-16", remedy)
    })?;
    // Editors end the last line, and no password is meant to end like that.
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        let remedy = "leave it out if the PFX has no password";
        return Err(Failure::usage(field, "it is empty", remedy));
    }
    Ok(Some(Secret::from(text)))
}
