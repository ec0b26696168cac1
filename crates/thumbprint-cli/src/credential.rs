//! Where tokens, keys and passwords come from. Never from an argument, which every user of the machine could read in
//! the list of processes.

use std::{
    env,
    error::Error as StdError,
    io::{self, IsTerminal as _},
    process::Stdio,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::DateTime;
use clap::ValueEnum;
use serde::Deserialize;
use serde_json::Value;
use thumbprint::{Credential, Token, TokenSource, files};
use tokio::process::Command;

use crate::{failure::Failure, terminal};

/// What proves to Batch who is calling.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// The token in `THUMBPRINT_BATCH_TOKEN`
    Token,
    /// Tokens that --token-command prints
    TokenCommand,
    /// Signatures with the key in `THUMBPRINT_BATCH_KEY`, of --account
    SharedKey,
    /// Tokens of the user who is signed in to the Azure CLI
    AzureCli,
    /// Tokens of the machine's managed identity; `AZURE_CLIENT_ID` names one that is user-assigned
    ManagedIdentity,
}

/// A token from the environment; `remedy` says what to do where there is none.
pub(crate) fn token(variable: &str, remedy: &str) -> Result<Credential, Failure> {
    Ok(secret(variable, remedy)?.trim().to_owned().into())
}

/// Whether the variable holds something.
pub(crate) fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// A secret from the environment; `remedy` says what to do where there is none. It is given as it stands, but for a
/// byte order mark: a password may end with a space.
pub(crate) fn secret(variable: &str, remedy: &str) -> Result<String, Failure> {
    let problem = match env::var(variable) {
        Ok(text) => match files::without_mark(&text) {
            text if !text.trim().is_empty() => return Ok(text.to_owned()),
            _ => "empty",
        },
        Err(env::VarError::NotPresent) => "not set",
        Err(env::VarError::NotUnicode(_)) => "not UTF-8",
    };
    Err(Failure::Usage(format!("{variable} is {problem}; {remedy}")))
}

/// A user's password: from the environment, or from the person at the terminal.
pub(crate) fn password(variable: &str, user: &str) -> Result<String, Failure> {
    if is_set(variable) || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let remedy = "set it to the user's password, or run it at a terminal, which asks for it";
        return secret(variable, remedy);
    }
    let prompt = format!("Password of {}: ", terminal::line(user, terminal::NAME));
    rpassword::prompt_password(prompt).map_err(|error| Failure::System {
        doing: "asking for the password",
        error,
    })
}

/// Tokens of a sign-in to Azure.
#[cfg(feature = "azure-identity")]
pub(crate) fn azure(kind: Kind) -> Result<Credential, Failure> {
    use std::sync::Arc;

    use azure_core::credentials::TokenCredential;
    use azure_identity::{
        AzureCliCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
        UserAssignedId,
    };

    // The client of azure_core takes the process's TLS, without which it panics.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let credential = if kind == Kind::AzureCli {
        AzureCliCredential::new(None).map(|it| it as Arc<dyn TokenCredential>)
    } else {
        let id = env::var("AZURE_CLIENT_ID").ok();
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: id.map(UserAssignedId::ClientId),
            ..ManagedIdentityCredentialOptions::default()
        };
        ManagedIdentityCredential::new(Some(options)).map(|it| it as Arc<dyn TokenCredential>)
    };
    let credential = credential.map_err(|error| {
        Failure::usage(
            "--credential",
            error,
            "see what the sign-in asks for, or use another",
        )
    })?;
    Ok(thumbprint::batch::azure_identity(credential).into())
}

/// Tokens of a sign-in to Azure.
#[cfg(not(feature = "azure-identity"))]
pub(crate) fn azure(_: Kind) -> Result<Credential, Failure> {
    let problem = "this build knows no sign-ins";
    let remedy = "install it with --features azure-identity, or have `az` print the token: --token-command \"az \
                  account get-access-token --resource https://batch.core.windows.net/\"";
    Err(Failure::usage("--credential", problem, remedy))
}

/// Tokens that a program prints. No shell reads the command: its words may be quoted, and are otherwise passed on.
pub(crate) struct TokenCommand {
    program: String,
    arguments: Vec<String>,
}

impl TokenCommand {
    pub(crate) fn new(command: &str) -> Result<Self, Failure> {
        let words = shlex::split(command).map(Vec::into_iter);
        let words = words.and_then(|mut words| Some((words.next()?, words.collect())));
        let Some((program, arguments)) = words else {
            let remedy = "give a program and its arguments, with quotes in pairs";
            return Err(Failure::usage(
                "--token-command",
                "it is not a command",
                remedy,
            ));
        };
        Ok(Self { program, arguments })
    }
}

impl TokenSource for TokenCommand {
    async fn token(&self) -> Result<Token, Box<dyn StdError + Send + Sync>> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = command.output().await;
        let output = output.map_err(|error| {
            format!(
                "the token's command {} could not be run: {error}",
                self.program
            )
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said: Vec<_> = said.split_whitespace().collect();
            let (program, status) = (&self.program, output.status);
            return Err(format!(
                "the token's command {program} ended with {status}: {}",
                said.join(" ")
            )
            .into());
        }
        printed(&output.stdout).ok_or_else(|| {
            format!(
                "what the token's command {} printed has no token in it",
                self.program
            )
            .into()
        })
    }
}

/// The token in what a command printed: by itself, or in the JSON of `az account get-access-token`.
fn printed(output: &[u8]) -> Option<Token> {
    let text = std::str::from_utf8(output).ok()?;
    let text = text.trim_start_matches('\u{feff}').trim();
    let object = match serde_json::from_str(text) {
        Ok(object @ Value::Object(_)) => object,
        Ok(Value::String(token)) => return Some(bare(&token)),
        _ => return Some(text).filter(|text| !text.is_empty()).map(bare),
    };
    let token = ["accessToken", "access_token", "token"]
        .iter()
        .find_map(|name| object[name].as_str());
    let number = |name| {
        object[name]
            .as_i64()
            .or_else(|| object[name].as_str()?.parse().ok())
    };
    let token = bare(token?);
    // Its `expiresOn` is in a time zone that is not told.
    if let Some(time) = number("expires_on").and_then(|time| DateTime::from_timestamp(time, 0)) {
        return Some(token.expires_at(time));
    }
    Some(
        match number("expires_in").and_then(|seconds| u64::try_from(seconds).ok()) {
            Some(seconds) => token.expires_after(Duration::from_secs(seconds)),
            None => token,
        },
    )
}

/// A token by itself, which may say when it expires: most are JWTs.
fn bare(token: &str) -> Token {
    let expires = || {
        let claims = BASE64_URL_SAFE_NO_PAD
            .decode(token.split('.').nth(1)?)
            .ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        DateTime::from_timestamp(claims["exp"].as_i64()?, 0)
    };
    let good = Token::new(token);
    match expires() {
        Some(time) => good.expires_at(time),
        None => good,
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenCommand, printed};

    /// `Debug` shows when a token expires, and not the token.
    #[test]
    fn a_token_is_found_in_what_was_printed_and_when_it_expires() {
        // The claims are {"exp":1793800000}.
        let jwt = "e30.eyJleHAiOjE3OTM4MDAwMDB9.c2ln";
        let at = "At(2026-11-04T";
        for (output, expires) in [
            ("canary\n", "None".to_owned()),
            ("\u{feff}\"canary\"\r\n", "None".to_owned()),
            (jwt, at.to_owned()),
            (
                &format!(
                    "{{\"accessToken\":\"{jwt}\",\"expiresOn\":\"2026-01-01 00:00:00.000000\"}}"
                ),
                at.to_owned(),
            ),
            (
                r#"{"accessToken":"canary","expires_on":1793800000}"#,
                at.to_owned(),
            ),
            (
                r#"{"access_token":"canary","expires_on":"1793800000"}"#,
                at.to_owned(),
            ),
            (
                r#"{"accessToken":"canary","expiresOn":"N/A"}"#,
                "None".to_owned(),
            ),
            (
                r#"{"access_token":"canary","expires_in":3599}"#,
                "After(3599s)".to_owned(),
            ),
        ] {
            let token = format!("{:?}", printed(output.as_bytes()));
            assert!(token.contains(&expires), "{output}: {token}");
            assert!(!token.contains("canary"), "{token}");
        }
        for output in ["", " \n", r#"{"error":"x"}"#, "{}"] {
            assert!(printed(output.as_bytes()).is_none(), "{output}");
        }
        assert!(printed(b"\xff").is_none());
    }

    #[test]
    fn a_command_is_words_with_quotes_in_pairs() {
        let command = TokenCommand::new("az account 'get access' --resource \"https://a b/\"").ok();
        let command = command.map(|command| (command.program, command.arguments));
        let arguments = ["account", "get access", "--resource", "https://a b/"].map(str::to_owned);
        assert_eq!(command, Some(("az".to_owned(), arguments.to_vec())));
        for wrong in ["", "  ", "az 'account"] {
            assert!(TokenCommand::new(wrong).is_err(), "{wrong}");
        }
    }
}
