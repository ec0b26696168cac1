//! Why the command did not do what it was asked to, and what it exits with.

use std::{env, error::Error as _, fmt, io, process::ExitCode};

/// Why the command did not do what it was asked to.
pub(crate) enum Failure {
    /// What was asked for cannot be asked for like that.
    Usage(String),
    /// A call failed.
    Call(thumbprint::Error),
    /// This machine did not do its part.
    System {
        doing: &'static str,
        error: io::Error,
    },
    /// The demo saw something that it should not see.
    Unexpected(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Call(error) if error.is_invalid_input() => 2,
            Self::Call(error) if error.is_outcome_unknown() => 3,
            Self::Call(_) | Self::System { .. } | Self::Unexpected(_) => 1,
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
            Self::Call(error) => {
                write!(f, "{error}")?;
                let mut source = error.source();
                while let Some(error) = source {
                    write!(f, ": {error}")?;
                    source = error.source();
                }
                if let Some(id) = error.request_id() {
                    write!(f, " (request {id})")?;
                }
                if error.is_outcome_unknown() {
                    f.write_str("; it may have been done: look before you repeat it")?;
                }
                Ok(())
            }
        }
    }
}

/// A token from the environment. It is never taken from an argument, which every user of the machine
/// could read in the list of processes.
pub(crate) fn token(variable: &str) -> Result<String, Failure> {
    match env::var(variable) {
        Ok(token) if !token.trim().is_empty() => Ok(token.trim().to_owned()),
        Ok(_) => Err(Failure::Usage(format!(
            "{variable} is empty; set it to a bearer token"
        ))),
        Err(env::VarError::NotPresent) => Err(Failure::Usage(format!(
            "{variable} is not set; set it to a bearer token"
        ))),
        Err(env::VarError::NotUnicode(_)) => Err(Failure::Usage(format!(
            "{variable} is not UTF-8; set it to a bearer token"
        ))),
    }
}
