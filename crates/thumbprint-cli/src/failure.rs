//! Why the command did not do what it was asked to, and what it exits with.

use std::{env, error::Error as _, fmt, io, process::ExitCode};

/// Why the command did not do what it was asked to.
pub(crate) enum Failure {
    /// What was asked for cannot be asked for like that.
    Usage(String),
    /// A call that changes something failed.
    Call(thumbprint::Error),
    /// A call that only reads failed: it has changed nothing.
    Read(thumbprint::Error),
    /// Of several certificates, not all ended as they should.
    Several { summary: String, unknown: bool },
    /// This machine did not do its part.
    System {
        doing: &'static str,
        error: io::Error,
    },
    /// The demo saw something that it should not see.
    Unexpected(String),
}

impl Failure {
    /// Wrong usage: which argument, what is wrong with it, and what to do instead.
    pub(crate) fn usage(field: &str, problem: impl fmt::Display, remedy: &str) -> Self {
        Self::Usage(format!("{field}: {problem}; {remedy}"))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Call(error) | Self::Read(error) if error.is_invalid_input() => 2,
            Self::Call(error) if error.is_outcome_unknown() => 3,
            Self::Several { unknown: true, .. } => 3,
            _ => 1,
        })
    }
}

impl From<thumbprint::Error> for Failure {
    fn from(error: thumbprint::Error) -> Self {
        Self::Call(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(problem) | Self::Unexpected(problem) => f.write_str(problem),
            Self::System { doing, error } => write!(f, "{doing}: {error}"),
            Self::Read(error) => f.write_str(&reason(error)),
            Self::Call(error) => {
                f.write_str(&reason(error))?;
                if error.is_outcome_unknown() {
                    f.write_str(
                        "; it may have been done: check the certificate before you repeat it",
                    )?;
                }
                Ok(())
            }
            Self::Several { summary, unknown } => {
                f.write_str(summary)?;
                if *unknown {
                    f.write_str("; check the unknown ones before you repeat it")?;
                }
                Ok(())
            }
        }
    }
}

/// An error with its causes, on one line, and the service's name for the request.
pub(crate) fn reason(error: &thumbprint::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    if let Some(id) = error.request_id() {
        text.push_str(" (request ");
        text.push_str(id);
        text.push(')');
    }
    text
}

/// A token from the environment. It is never taken from an argument, which every user of the machine
/// could read in the list of processes.
pub(crate) fn token(variable: &str) -> Result<String, Failure> {
    Ok(secret(variable, "a bearer token")?.trim().to_owned())
}

/// A secret from the environment, for the same reason. It is given as it stands: a password may end with a
/// space.
pub(crate) fn secret(variable: &str, what: &str) -> Result<String, Failure> {
    let problem = match env::var(variable) {
        Ok(text) if !text.trim().is_empty() => return Ok(text),
        Ok(_) => "empty",
        Err(env::VarError::NotPresent) => "not set",
        Err(env::VarError::NotUnicode(_)) => "not UTF-8",
    };
    Err(Failure::Usage(format!(
        "{variable} is {problem}; set it to {what}"
    )))
}
