//! Profiles: what is the same in call after call, in a file. Never a secret.
//!
//! What an argument says goes before its variable, and that before the profile.

use std::{
    collections::BTreeMap,
    env,
    ops::Range,
    path::{Path, PathBuf},
};

use clap::Args;
use etcetera::BaseStrategy as _;
use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::{credential::Kind, failure::Failure, input, output};

/// Which profile, of which file.
#[derive(Args)]
pub(crate) struct Choice {
    /// Take what no argument and no variable says from this profile of the configuration file
    #[arg(
        long,
        help_heading = "Profile",
        value_name = "NAME",
        env = "THUMBPRINT_PROFILE",
        hide_env_values = true
    )]
    profile: Option<String>,
    /// The configuration file [default: thumbprint/config.toml in the user's configuration directory, such
    /// as ~/.config]
    #[arg(
        long,
        help_heading = "Profile",
        value_name = "FILE",
        env = "THUMBPRINT_CONFIG",
        hide_env_values = true
    )]
    config: Option<PathBuf>,
}

/// What a profile says: how servers are reached and trusted, and what goes with each service.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Profile {
    pub(crate) ca: Vec<PathBuf>,
    pub(crate) only_ca: bool,
    pub(crate) pin: Vec<String>,
    pub(crate) client_cert: Option<PathBuf>,
    pub(crate) proxy: Option<String>,
    pub(crate) batch: Batch,
    pub(crate) wap: Wap,
}

/// What a profile says of an Azure Batch account.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Batch {
    pub(crate) endpoint: Option<String>,
    pub(crate) credential: Option<Kind>,
    pub(crate) account: Option<String>,
    pub(crate) token_command: Option<String>,
    pub(crate) api_version: Option<String>,
}

/// What a profile says of a Windows Azure Pack subscription.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Wap {
    pub(crate) endpoint: Option<String>,
    pub(crate) subscription: Option<String>,
    pub(crate) principal: Option<String>,
    pub(crate) auth_site: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) auth_path: Option<String>,
    pub(crate) token_command: Option<String>,
}

impl Choice {
    /// The profile that was named, or an empty one.
    pub(crate) fn load(&self) -> Result<Profile, Failure> {
        let Some(name) = self.profile.as_deref().filter(|name| !name.is_empty()) else {
            return Ok(Profile::default());
        };
        let path = match &self.config {
            Some(path) => path.clone(),
            None => etcetera::choose_base_strategy()
                .map(|places| places.config_dir().join("thumbprint/config.toml"))
                .map_err(|error| Failure::usage("--config", error, "give the file"))?,
        };
        let bytes = input::read("--config", &path)?;
        let mut profiles = parse(&bytes).map_err(|problem| {
            let remedy = "correct the file";
            Failure::usage("--config", format!("{}: {problem}", path.display()), remedy)
        })?;
        let Some(mut profile) = profiles.remove(name) else {
            let names: Vec<_> = profiles.into_keys().collect();
            let problem = format!("{} has no `{name}`", path.display());
            let remedy = format!("it has these: {}", names.join(", "));
            return Err(Failure::usage("--profile", problem, &remedy));
        };
        let directory = path.parent().unwrap_or(Path::new(""));
        for path in profile.ca.iter_mut().chain(&mut profile.client_cert) {
            *path = directory.join(&*path);
        }
        Ok(profile)
    }
}

/// What an argument or a variable says, or else the profile. That a variable goes before the profile is told, as it may
/// be left over from another day, and what is to be changed is elsewhere then.
pub(crate) fn chosen<'a>(
    said: Option<&'a String>,
    variable: &str,
    of_profile: Option<&'a String>,
) -> Option<&'a String> {
    if said.is_some()
        && of_profile.is_some()
        && said != of_profile
        && env::var(variable).ok().as_ref() == said
    {
        overrides(variable);
    }
    said.or(of_profile)
}

/// Says that a variable goes before the profile.
pub(crate) fn overrides(variable: &str) {
    // It is a hint, and nothing depends on it.
    let _ = output::message(format_args!("{variable} goes before what the profile says"));
}

/// Reads all profiles of a file. What is wrong is told by its place, and without the file's text, which may have
/// been meant to be secret.
fn parse(bytes: &[u8]) -> Result<BTreeMap<String, Profile>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let at = |span: Option<Range<usize>>| {
        let before = text.get(..span.map_or(0, |span| span.start));
        before.unwrap_or(text).matches('\n').count() + 1
    };
    let place = |error: &toml::de::Error| format!("line {}", at(error.span()));
    let table =
        DeTable::parse(text).map_err(|error| format!("{}: it is not TOML", place(&error)))?;
    if let Some((key, span)) = secret(table.get_ref()) {
        return Err(format!(
            "line {}: `{key}` looks like a secret, which does not belong into a file: put it into its variable, \
             such as THUMBPRINT_BATCH_TOKEN, or have a `token-command` fetch it",
            at(Some(span))
        ));
    }
    toml::from_str(text).map_err(|error| {
        let message = error.message();
        // serde quotes keys, and of values that do not fit their texts.
        let problem = if message.starts_with("unknown field") {
            message.to_owned()
        } else {
            let line = text.lines().nth(at(error.span()).saturating_sub(1));
            let key = line
                .and_then(|line| line.split('=').next())
                .unwrap_or_default()
                .trim();
            let kinds = match key.rsplit('.').next() {
                Some("credential") => {
                    "; it takes token, token-command, shared-key, azure-cli or managed-identity"
                }
                _ => "",
            };
            format!("the value of `{key}` is not of the kind that it takes{kinds}")
        };
        format!("{}: {problem}", place(&error))
    })
}

/// The first key that looks like that of a secret, and its place.
fn secret(table: &DeTable<'_>) -> Option<(String, Range<usize>)> {
    const WORDS: [&str; 4] = ["token", "password", "secret", "key"];
    table.iter().find_map(|(key, value)| {
        if let DeValue::Table(table) = value.get_ref() {
            return secret(table);
        }
        let name = key.get_ref().to_lowercase();
        let is_secret = name != "token-command" && WORDS.iter().any(|word| name.contains(word));
        is_secret.then(|| (key.get_ref().to_string(), key.span()))
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_profile_has_a_part_for_each_service() {
        let text = "\u{feff}[prod]\nca = [\"ca.pem\"]\n[prod.batch]\nendpoint = \"e\"\ncredential = \"shared-key\"\n\
                    token-command = \"az\"\n[prod.wap]\nauth-site = \"s\"\n[other]\nonly-ca = true\n";
        let profiles = parse(text.as_bytes()).unwrap_or_default();
        assert_eq!(profiles.len(), 2);
        assert_eq!(profiles["prod"].batch.endpoint.as_deref(), Some("e"));
        assert_eq!(profiles["prod"].wap.auth_site.as_deref(), Some("s"));
        assert!(profiles["other"].only_ca);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place_and_never_quoted() {
        for (text, expected) in [
            (
                "[a]\n[a.batch]\ntoken = \"canary\"\n",
                "line 3: `token` looks like a secret",
            ),
            (
                "password = \"canary\"",
                "line 1: `password` looks like a secret",
            ),
            (
                "[a.batch]\nAccess_Key = \"canary\"",
                "line 2: `Access_Key` looks like a secret",
            ),
            (
                "a.wap.client-secret = \"canary\"",
                "line 1: `client-secret` looks like a secret",
            ),
            (
                "[a.batch]\nendpiont = \"canary\"",
                "line 2: unknown field `endpiont`, expected one of `endpoint`",
            ),
            (
                "[a.wap]\n\naccount = \"canary\"",
                "line 3: unknown field `account`",
            ),
            (
                "[a]\npin = \"canary\"",
                "line 2: the value of `pin` is not of the kind",
            ),
            (
                "[a.batch]\ncredential = \"canary\"",
                "line 2: the value of `credential` is not of the kind that it takes; it takes token,",
            ),
            (
                "a = \"canary\"",
                "line 1: the value of `a` is not of the kind",
            ),
            ("[a]\nproxy = canary\n", "line 2: it is not TOML"),
            ("[a]\nproxy = \"canary\n", "line 2: it is not TOML"),
        ] {
            let problem = parse(text.as_bytes()).err().unwrap_or_default();
            assert!(problem.contains(expected), "{text}: {problem}");
            assert!(!problem.contains("canary"), "{problem}");
        }
        assert_eq!(parse(b"\xff").err().as_deref(), Some("it is not UTF-8"));
    }
}
