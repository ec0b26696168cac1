//! Why no token was issued.

use std::{error::Error as StdError, fmt};

use http::StatusCode;
use thumbprint_transport::{Error, TlsFailure, one_line, redact};

/// Why a token site issued no token: one of the sources of the [`Error`] that a call ends with.
///
/// It shows neither the user name nor the password, a token, a URL or a part of the answer, other than
/// what the site gave as its reason; a reason that repeats the user name or the password, in any form, is left out.
///
/// ```
/// use std::error::Error;
///
/// use thumbprint_wstrust::TokenError;
///
/// fn is_password_wrong(mut error: &(dyn Error + 'static)) -> bool {
///     loop {
///         if let Some(error) = error.downcast_ref::<TokenError>() {
///             return error.is_wrong_password();
///         }
///         match error.source() {
///             Some(source) => error = source,
///             None => return false,
///         }
///     }
/// }
/// # assert!(!is_password_wrong(&std::fmt::Error));
/// ```
#[derive(Clone)]
pub struct TokenError {
    kind: Kind,
    status: Option<StatusCode>,
    clock_skew: Option<i64>,
}

#[derive(Clone, Debug)]
enum Kind {
    NoAnswer(Error),
    Redirect,
    Encoded,
    TooLarge { limit: usize },
    Lost,
    Empty,
    NotSoap { html: bool },
    Unreadable(&'static str),
    Answer(&'static str),
    Fault(Fault),
}

/// What a SOAP fault says.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// The innermost code, without its namespace.
    pub(super) code: Option<String>,
    pub(super) cause: Cause,
    pub(super) reason: Option<String>,
    pub(super) hidden: bool,
}

/// What a fault's code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Password,
    Audience,
    Clock,
    Other,
}

impl TokenError {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            status: None,
            clock_skew: None,
        }
    }

    /// One request was made, and it changed nothing: a token that did not arrive does no harm.
    pub(super) fn no_answer(error: Error) -> Self {
        Self::new(Kind::NoAnswer(error.settled()))
    }

    pub(super) fn redirect() -> Self {
        Self::new(Kind::Redirect)
    }

    pub(super) fn encoded() -> Self {
        Self::new(Kind::Encoded)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(Kind::TooLarge { limit })
    }

    pub(super) fn lost() -> Self {
        Self::new(Kind::Lost)
    }

    pub(super) fn empty() -> Self {
        Self::new(Kind::Empty)
    }

    pub(super) fn not_soap(html: bool) -> Self {
        Self::new(Kind::NotSoap { html })
    }

    pub(super) fn unreadable(problem: &'static str) -> Self {
        Self::new(Kind::Unreadable(problem))
    }

    pub(super) fn answer(problem: &'static str) -> Self {
        Self::new(Kind::Answer(problem))
    }

    pub(super) fn fault(fault: Fault) -> Self {
        Self::new(Kind::Fault(fault))
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn with_clock_skew(mut self, seconds: Option<i64>) -> Self {
        self.clock_skew = seconds;
        self
    }

    /// Takes out what the site said if it repeats one of these: sites put names, and worse, into reasons.
    pub(super) fn without(mut self, secrets: &[&str]) -> Self {
        if let Kind::Fault(fault) = &mut self.kind {
            let repeats = |text: &str| redact(text, secrets).is_some();
            if let Some(whole) = fault.reason.take() {
                fault.hidden = repeats(&whole);
                let line = Some(one_line(&whole));
                fault.reason = line.filter(|line| !line.is_empty() && !fault.hidden);
            }
            fault.code.take_if(|code| repeats(code));
        }
        self
    }

    /// The site does not accept the user name or the password (`FailedAuthentication` of WS-Security and
    /// WS-Trust). Correct them before the next try: sites lock users out after a few.
    #[must_use]
    pub fn is_wrong_password(&self) -> bool {
        self.has_cause(Cause::Password)
    }

    /// The site does not issue tokens for whom this one is (`InvalidScope` of WS-Trust). Compare `applies_to`
    /// with the identifiers of the relying parties that the site knows.
    #[must_use]
    pub fn is_unknown_audience(&self) -> bool {
        self.has_cause(Cause::Audience)
    }

    /// The site takes the request for an old one (`MessageExpired` of WS-Security). Set this machine's clock.
    #[must_use]
    pub fn is_clock(&self) -> bool {
        self.has_cause(Cause::Clock)
    }

    /// By how many seconds the site's clock is ahead of this machine's (less than zero: behind), where they differ by
    /// more than a minute: set this machine's clock. Sites refuse what they take for old or for of tomorrow, and say
    /// so in many ways.
    #[must_use]
    pub fn clock_skew(&self) -> Option<i64> {
        self.clock_skew
    }

    /// The answer is none that a token site gives: a sign-in page, a redirection, XML that cannot be read.
    /// Check the site's URL and the path.
    #[must_use]
    pub fn is_unexpected_answer(&self) -> bool {
        !matches!(self.kind, Kind::NoAnswer(_) | Kind::Fault(_))
    }

    /// Why TLS failed, with the site or with an https proxy, where that is why there was no answer. It says
    /// what to do.
    #[must_use]
    pub fn tls_failure(&self) -> Option<&TlsFailure> {
        match &self.kind {
            Kind::NoAnswer(error) => error.tls_failure(),
            _ => None,
        }
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The innermost code of the site's SOAP fault, without its namespace, such as `FailedAuthentication`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let Kind::Fault(fault) = &self.kind else {
            return None;
        };
        fault.code.as_deref()
    }

    /// The first line of the reason that the site's SOAP fault gives. `None` too where it repeats the user
    /// name or the password.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let Kind::Fault(fault) = &self.kind else {
            return None;
        };
        fault.reason.as_deref()
    }

    fn has_cause(&self, cause: Cause) -> bool {
        matches!(&self.kind, Kind::Fault(fault) if fault.cause == cause)
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::NoAnswer(_) => f.write_str("the token site gave no answer")?,
            Kind::Redirect => f.write_str(
                "the token site answered with a redirection, which is not followed; check the path",
            )?,
            Kind::Encoded => {
                f.write_str("the token site encoded its answer, which was not asked for")?;
            }
            Kind::TooLarge { limit } => {
                write!(f, "the token site's answer has more than {limit} bytes")?;
            }
            Kind::Lost => f.write_str("the token site's answer broke off")?,
            Kind::Empty => f.write_str("the token site's answer is empty; check the path")?,
            Kind::NotSoap { html } => {
                let what = if *html { "a web page" } else { "something" };
                write!(
                    f,
                    "the token site answered with {what} that is not SOAP; check its URL and the path"
                )?;
            }
            Kind::Unreadable(problem) => {
                write!(f, "the token site's answer cannot be read: {problem}")?;
            }
            Kind::Answer(problem) => write!(f, "the token site's answer has no token: {problem}")?,
            Kind::Fault(fault) => fault.fmt(f)?,
        }
        if let Some(status) = self.status {
            write!(f, " (status {})", status.as_u16())?;
        }
        match self.clock_skew {
            Some(skew) => {
                let direction = if skew > 0 { "behind" } else { "ahead of" };
                let seconds = skew.unsigned_abs();
                write!(
                    f,
                    "; this machine's clock is {seconds} s {direction} the site's"
                )
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            Cause::Password => "the token site does not accept the user name or the password",
            Cause::Audience => {
                "the token site issues no tokens for this audience; check what the token applies to"
            }
            Cause::Clock => {
                "the token site takes the request for an old one; check this machine's clock"
            }
            Cause::Other => "the token site refused the request",
        })?;
        if let Some(code) = &self.code {
            write!(f, ": {}", one_line(code))?;
        }
        match &self.reason {
            Some(reason) => write!(f, ": {}", one_line(reason)),
            None if self.hidden => {
                f.write_str("; its reason is left out, as it repeats the user name or the password")
            }
            None => Ok(()),
        }
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenError")
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("clock_skew", &self.clock_skew)
            .finish()
    }
}

impl StdError for TokenError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            Kind::NoAnswer(error) => Some(error),
            _ => None,
        }
    }
}
