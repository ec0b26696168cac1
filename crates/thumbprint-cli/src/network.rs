//! Whom the command trusts, and by which way it goes.

use std::{env, fmt, path::PathBuf};

use clap::Args;
use thumbprint::{CertificatePin, Proxy, Tls};

use crate::{failure::Failure, input};

/// Where a proxy stands that has a password.
const PROXY: &str = "THUMBPRINT_PROXY";

#[derive(Args)]
pub(crate) struct Network {
    /// Trust the authority with this certificate too (PEM or DER); can be repeated
    #[arg(long, help_heading = "Network", value_name = "FILE")]
    ca: Vec<PathBuf>,
    /// Trust the authorities of --ca and no others
    #[arg(long, help_heading = "Network", requires = "ca")]
    only_ca: bool,
    /// Trust the server with this certificate, by its SHA-256, whatever stands in it; can be repeated
    #[arg(
        long,
        help_heading = "Network",
        value_name = "SHA256",
        conflicts_with = "ca"
    )]
    pin: Vec<String>,
    /// Go through this proxy: a URL, none, or system for the environment's; one with a password goes into
    /// `THUMBPRINT_PROXY` [default: system]
    #[arg(long, help_heading = "Network", value_name = "URL")]
    proxy: Option<String>,
}

impl Network {
    /// Which servers are trusted.
    pub(crate) fn tls(&self) -> Result<Tls, Failure> {
        if let Some(pin) = self.pins()? {
            return Ok(Tls::pinned(pin));
        }
        if self.ca.is_empty() {
            return Ok(Tls::platform());
        }
        let mut files = Vec::with_capacity(self.ca.len());
        for path in &self.ca {
            // Stdin may be wanted for the certificate that is added.
            if input::is_stdin(path) {
                return Err(Failure::usage("--ca", "it is stdin", "give a file"));
            }
            files.push(input::read("--ca", path)?);
        }
        let tls = if self.only_ca {
            Tls::only_roots(files)
        } else {
            Tls::with_added_roots(files)
        };
        tls.map_err(|error| refused("--ca", &error))
    }

    fn pins(&self) -> Result<Option<CertificatePin>, Failure> {
        let mut all: Option<CertificatePin> = None;
        for text in &self.pin {
            let pin = text.parse::<CertificatePin>();
            let pin = pin.map_err(|error| refused("--pin", &error))?;
            all = Some(match all {
                Some(others) => others.or(pin),
                None => pin,
            });
        }
        Ok(all)
    }

    /// By which way the service is reached.
    pub(crate) fn proxy(&self) -> Result<Proxy, Failure> {
        if let Some(text) = &self.proxy {
            if text.contains('@') {
                let remedy = "set THUMBPRINT_PROXY to the URL, and leave the argument out";
                let problem = "it holds a user name, which every user of the machine could read in the list of processes";
                return Err(Failure::usage("--proxy", problem, remedy));
            }
            return proxy("--proxy", text);
        }
        match env::var(PROXY) {
            Ok(text) => proxy(PROXY, &text),
            Err(env::VarError::NotPresent) => Ok(Proxy::System),
            Err(env::VarError::NotUnicode(_)) => {
                Err(Failure::usage(PROXY, "it is not UTF-8", "set it to a URL"))
            }
        }
    }
}

fn proxy(field: &str, text: &str) -> Result<Proxy, Failure> {
    match text.trim() {
        "" | "system" => Ok(Proxy::System),
        "none" => Ok(Proxy::None),
        url => Proxy::url(url).map_err(|error| refused(field, &error)),
    }
}

/// What the library refuses, by the command's own name for it.
fn refused(field: &str, error: &dyn fmt::Display) -> Failure {
    let text = error.to_string();
    let reason = text.split_once(": ").map_or(&*text, |(_, reason)| reason);
    Failure::Usage(format!("{field}: {reason}"))
}
