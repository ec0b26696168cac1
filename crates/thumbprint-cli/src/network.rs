//! Whom the command trusts, and by which way it goes.

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

use clap::Args;
use thumbprint::{
    CertificatePin, Proxy, Tls,
    files::{self, About, PrivateKey},
};
use zeroize::Zeroizing;

use crate::{failure::Failure, input, profile::Profile};

/// Where a proxy stands that has a password.
const PROXY: &str = "THUMBPRINT_PROXY";
/// Where the password of a PFX stands that is shown to servers.
const CLIENT_CERT_PASSWORD: &str = "THUMBPRINT_CLIENT_CERT_PASSWORD";

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
    /// Show this certificate to a server that asks for one: a PEM file with its key, or a PFX with its password
    /// in `THUMBPRINT_CLIENT_CERT_PASSWORD`. Windows Azure Pack's public port 30006 does; whether it serves the
    /// operations of management certificates is not known
    #[arg(long, help_heading = "Network", value_name = "FILE")]
    client_cert: Option<PathBuf>,
    /// Go through this proxy: a URL, none, or system for the environment's; one with a password goes into
    /// `THUMBPRINT_PROXY` [default: system]
    #[arg(long, help_heading = "Network", value_name = "URL")]
    proxy: Option<String>,
}

impl Network {
    /// Which servers are trusted, and what they are shown.
    pub(crate) fn tls(&self, profile: &Profile) -> Result<Tls, Failure> {
        let tls = self.trust(profile)?;
        if let Some(path) = &self.client_cert {
            identity(tls, "--client-cert", path)
        } else if let Some(path) = &profile.client_cert {
            identity(tls, "client-cert in the profile", path)
        } else {
            Ok(tls)
        }
    }

    /// Which servers are trusted. What arguments say of it takes the place of all that the profile says.
    fn trust(&self, profile: &Profile) -> Result<Tls, Failure> {
        let said = !self.ca.is_empty() || !self.pin.is_empty();
        if said {
            trust(&self.ca, self.only_ca, &self.pin, ["--ca", "--pin"])
        } else {
            let names = ["ca in the profile", "pin in the profile"];
            trust(&profile.ca, profile.only_ca, &profile.pin, names)
        }
    }

    /// By which way the service is reached.
    pub(crate) fn proxy(&self, profile: &Profile) -> Result<Proxy, Failure> {
        if let Some(text) = &self.proxy {
            let problem = "it holds a user name, which every user of the machine could read in the list of processes";
            return without_user("--proxy", text, problem);
        }
        match env::var(PROXY) {
            Ok(text) => proxy(PROXY, &text),
            Err(env::VarError::NotPresent) => {
                let text = profile.proxy.as_deref().unwrap_or_default();
                without_user("proxy in the profile", text, "it holds a user name")
            }
            Err(env::VarError::NotUnicode(_)) => {
                Err(Failure::usage(PROXY, "it is not UTF-8", "set it to a URL"))
            }
        }
    }
}

/// Trust in the servers with these pins, or else in these authorities. `names` are what the two are called.
fn trust(ca: &[PathBuf], only: bool, pins: &[String], names: [&str; 2]) -> Result<Tls, Failure> {
    let [ca_name, pin_name] = names;
    let pins = pins.iter().map(|text| text.parse::<CertificatePin>());
    let pins = pins.collect::<Result<Vec<_>, _>>();
    let pins = pins.map_err(|error| refused(pin_name, &error))?.into_iter();
    if let Some(pins) = pins.reduce(CertificatePin::or) {
        return Ok(Tls::pinned(pins));
    }
    if ca.is_empty() {
        return Ok(Tls::platform());
    }
    let mut files = Vec::with_capacity(ca.len());
    for path in ca {
        // Stdin may be wanted for the certificate that is added.
        if input::is_stdin(path) {
            return Err(Failure::usage(ca_name, "it is stdin", "give a file"));
        }
        files.extend(input::authorities(ca_name, path)?);
    }
    let tls = if only {
        Tls::only_roots(files)
    } else {
        Tls::with_added_roots(files)
    };
    tls.map_err(|error| refused(ca_name, &error))
}

/// The same trust, with a certificate of the client's.
fn identity(tls: Tls, field: &str, path: &Path) -> Result<Tls, Failure> {
    if input::is_stdin(path) {
        return Err(Failure::usage(field, "it is stdin", "give a file"));
    }
    let bytes = Zeroizing::new(input::read(field, path)?);
    let password = env::var(CLIENT_CERT_PASSWORD).ok().map(Zeroizing::new);
    let password = password.as_ref().map(|text| text.as_str());
    let password = password
        .map(files::without_mark)
        .filter(|text| !text.is_empty());
    let refusal = |refusal: files::Refusal| match (refusal.about(), password) {
        (About::Password, Some(_)) => {
            Failure::usage(CLIENT_CERT_PASSWORD, refusal.problem(), refusal.remedy())
        }
        (About::Password, None) => Failure::usage(
            field,
            refusal.problem(),
            "set THUMBPRINT_CLIENT_CERT_PASSWORD to it",
        ),
        (About::Choice, _) => {
            let remedy = "give a file with one key and the certificates that go with it";
            Failure::usage(field, refusal.problem(), remedy)
        }
        _ => Failure::usage(field, refusal.problem(), refusal.remedy()),
    };
    let contents = files::read(&bytes, password).map_err(refusal)?;
    let own = contents.choose(None).map_err(refusal)?;
    let is_own = |key: &&PrivateKey| key.public_key.as_ref() == Some(&own.public_key);
    let key = contents.keys.iter().find(is_own).or(contents.keys.first());
    let Some(key) = key else {
        let remedy = "give a PFX or a PEM file of both";
        return Err(Failure::usage(
            field,
            "it has no key of the certificate",
            remedy,
        ));
    };
    let others = contents.certificates.iter().filter(|other| *other != own);
    let certificates = [own].into_iter().chain(others).map(|one| &one.der);
    // A key that is not in a PFX stands in the file's own text.
    let text = files::text(&bytes);
    let text = text.as_ref().map_or(&**bytes, |text| text.as_bytes());
    let tls = tls.with_identity(certificates, key.pkcs8().unwrap_or(text));
    tls.map_err(|error| refused(field, &error))
}

/// A proxy from a place where others can read it.
fn without_user(field: &str, text: &str, problem: &str) -> Result<Proxy, Failure> {
    if text.contains('@') {
        let remedy = "set THUMBPRINT_PROXY to the URL, and leave it out here";
        return Err(Failure::usage(field, problem, remedy));
    }
    proxy(field, text)
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
