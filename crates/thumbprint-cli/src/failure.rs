//! Why the command did not do what it was asked to, and what it exits with.

use std::{error::Error as _, fmt, io, process::ExitCode};

use crate::{
    results::{Operation, Problem},
    terminal,
};

/// What the command exits with. `outcomes.md` of the library says what to do about each.
pub(crate) mod code {
    pub(crate) const DONE: u8 = 0;
    pub(crate) const FAILED: u8 = 1;
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const UNKNOWN: u8 = 3;
    pub(crate) const UNWRITTEN: u8 = 4;
    pub(crate) const UNFINISHED: u8 = 5;
    /// What shells say of a process that SIGINT ends.
    pub(crate) const INTERRUPTED: u8 = 130;

    /// All of them.
    pub(crate) const TABLE: [(u8, &str); 7] = [
        (DONE, "done"),
        (FAILED, "refused or failed"),
        (USAGE, "wrong usage; nothing was sent"),
        (UNKNOWN, "it is unknown whether it was done"),
        (
            UNWRITTEN,
            "done, and the result, which is on stderr, could not be written to stdout",
        ),
        (
            UNFINISHED,
            "accepted, and not finished when the wait was over",
        ),
        (INTERRUPTED, "interrupted by Ctrl-C"),
    ];
}

/// Why the command did not do what it was asked to.
pub(crate) enum Failure {
    /// What was asked for cannot be asked for like that.
    Usage(String),
    /// A call that changes something failed.
    Call(thumbprint::Error),
    /// A call that only reads failed: it has changed nothing.
    Read(thumbprint::Error),
    /// Of several certificates, not all ended as they should.
    Several { summary: String, code: u8 },
    /// It was done, and stdout does not take the result.
    Unwritten {
        done: String,
        error: io::Error,
        result: String,
    },
    /// Ctrl-C was pressed, and what was under way has ended: as it should, or so.
    Interrupted(Option<Box<Failure>>),
    /// Ctrl-C was pressed twice, before an answer came.
    Left,
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

    /// Something is needed that neither an argument nor a variable nor a profile says.
    pub(crate) fn missing(
        argument: &str,
        value: &str,
        variable: &str,
        service: &str,
        key: &str,
    ) -> Self {
        Self::Usage(format!(
            "{argument}: it is missing; give {argument} {value}, set {variable}, or set `{key}` in the part \
             [NAME.{service}] of a profile and give --profile NAME"
        ))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        self.code().into()
    }

    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => code::USAGE,
            Self::Call(error) => code_of(error),
            Self::Read(error) if error.is_invalid_input() => code::USAGE,
            Self::Several { code, .. } => *code,
            Self::Unwritten { .. } => code::UNWRITTEN,
            Self::Interrupted(_) => code::INTERRUPTED,
            _ => code::FAILED,
        }
    }

    /// The same for programs.
    pub(crate) fn problem(&self, operation: Option<Operation>) -> Problem {
        let (message, exit) = (self.to_string(), self.code());
        let problem = match self {
            Self::Call(error) | Self::Read(error) => problem(operation, error),
            Self::Interrupted(Some(failure)) => failure.problem(operation),
            Self::Left => Problem::new(operation, String::new(), code::UNKNOWN),
            _ => Problem::new(operation, String::new(), exit),
        };
        Problem {
            message,
            exit,
            ..problem
        }
    }

    /// The result that stdout did not take.
    pub(crate) fn result(&self) -> Option<&str> {
        match self {
            Self::Unwritten { result, .. } => Some(result),
            Self::Interrupted(Some(failure)) => failure.result(),
            _ => None,
        }
    }
}

/// What is said of an outcome that is unknown.
const DOUBT: &str = "it may have been done: check the certificate before you repeat it";

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
                    write!(f, "; {DOUBT}")?;
                }
                Ok(())
            }
            Self::Several { summary, .. } => f.write_str(summary),
            Self::Unwritten { done, error, .. } => {
                write!(
                    f,
                    "{done}, but the result could not be written: {error}; it follows here"
                )
            }
            Self::Interrupted(None) => f.write_str("interrupted, and done"),
            Self::Interrupted(Some(failure)) => write!(f, "interrupted: {failure}"),
            Self::Left => write!(f, "left before an answer came; {DOUBT}"),
        }
    }
}

fn code_of(error: &thumbprint::Error) -> u8 {
    if error.is_invalid_input() {
        code::USAGE
    } else if error.is_outcome_unknown() {
        code::UNKNOWN
    } else if error.is_unfinished() {
        code::UNFINISHED
    } else {
        code::FAILED
    }
}

/// An error for programs.
pub(crate) fn problem(operation: Option<Operation>, error: &thumbprint::Error) -> Problem {
    Problem::new(operation, reason(error), code_of(error)).with(error)
}

/// Whether there is something to look for in the service's logs.
fn was_sent(error: &thumbprint::Error) -> bool {
    error.attempts() > 0 && !error.is_connect() && !error.is_tls() && !error.is_proxy()
}

/// An error with its causes, on one line, and the name by which the service's logs have the request.
pub(crate) fn reason(error: &thumbprint::Error) -> String {
    let mut text = terminal::line(&error.to_string(), terminal::LINE);
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&terminal::line(&error.to_string(), terminal::LINE));
        source = error.source();
    }
    if let Some(id) = error.request_id() {
        text.push_str(" (request ");
        text.push_str(&terminal::line(id, terminal::NAME));
        text.push(')');
    } else if let Some(id) = error.client_request_id()
        && was_sent(error)
    {
        text.push_str(" (client request ");
        text.push_str(&terminal::line(id, terminal::NAME));
        text.push(')');
    }
    text
}
