//! What an error says of itself: never more of a URL than scheme, host and port, never a body, or a header's value
//! other than the request id and an unexpected content type; and nothing of an answer that repeats a secret.

use std::fmt;

use super::{Deadline, Delivery, Error, Kind};
use crate::{header, items, service_error::one_line, sources::chain};

/// How many details of the service's stand in a message.
const MAX_DETAILS: usize = 16;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.operation(), self.subject()) {
            (Some(operation), Some(subject)) => {
                write!(f, "{} of {}: ", operation.title, one_line(subject))?;
            }
            (Some(operation), None) => write!(f, "{}: ", operation.title)?,
            (None, _) => {}
        }
        self.fmt_kind(f)?;
        let is_other = !matches!(self.0.kind, Kind::Service);
        if is_other
            && self
                .said()
                .is_some_and(|said| said.texts().next().is_some())
        {
            f.write_str("; it says")?;
            self.fmt_said(f)?;
        }
        self.fmt_circumstances(f)
    }
}

/// The message and the sources behind it: `main` prints this.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        if let Some(id) = self.request_id() {
            write!(f, "; request id {}", one_line(id))?;
        } else if let Some(id) = self.client_request_id() {
            write!(f, "; client request id {}", one_line(id))?;
        }
        chain(self).skip(1).try_for_each(|source| {
            let text = source.to_string();
            write!(f, "\n  caused by: {}", one_line(&text))
        })
    }
}

/// Why another attempt is made, in a few words.
struct Reason<'e>(&'e Error);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        match (error.status(), &error.0.kind) {
            (Some(status), Kind::Service) => {
                write!(f, "{}", status.as_u16())?;
                if let Some(code) = error.code() {
                    write!(f, " {}", one_line(code))?;
                }
                f.write_str(&error.named(" from "))
            }
            _ => error.fmt_kind(f),
        }
    }
}

impl Error {
    /// Why another attempt is made.
    pub(crate) fn reason(&self) -> impl fmt::Display + '_ {
        Reason(self)
    }

    fn fmt_kind(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let applied = self.0.delivery == Delivery::Applied;
        let done = if applied { "done, but " } else { "" };
        let status = self.status().map_or(0, |status| status.as_u16());
        match &self.0.kind {
            Kind::Input {
                field,
                problem,
                remedy,
            } => write!(f, "{field}: {problem}; {remedy}"),
            Kind::Setup => f.write_str("the HTTP client could not be set up"),
            // The service has refused the token at hand, and there is no other.
            Kind::Credential { problem } if self.attempts() > 0 => {
                write!(f, "not sent again: {problem}")
            }
            Kind::Credential { problem } => write!(f, "nothing was sent: {problem}"),
            Kind::Connect { reason } => write!(f, "no connection{}: {reason}", self.named(" to ")),
            Kind::Tls { failure } => {
                write!(f, "no TLS connection{}: {failure}", self.named(" to "))
            }
            Kind::Proxy { failure } => {
                write!(
                    f,
                    "no connection to the proxy{}: {failure}",
                    self.named(" ")
                )
            }
            Kind::Timeout {
                deadline: Deadline::Connect,
                limit,
            } => {
                write!(f, "no connection{}", self.named(" to "))?;
                let route = self.0.route.as_ref();
                if let Some(proxy) = route.and_then(|route| route.proxy.as_deref()) {
                    write!(f, " through the proxy {proxy}")?;
                }
                write!(f, " within {limit:?}")
            }
            Kind::Timeout { limit, .. } if self.attempts() == 0 => {
                write!(f, "nothing was sent: no token within {limit:?}")
            }
            Kind::Timeout { limit, .. } => {
                write!(
                    f,
                    "no whole answer{} within {limit:?}",
                    self.named(" from ")
                )
            }
            Kind::Unfinished { limit } => {
                write!(f, "accepted, and not finished after {limit:?}")
            }
            Kind::Interrupted => write!(
                f,
                "the connection{} broke before an answer came",
                self.named(" to ")
            ),
            Kind::Service => self.fmt_service(f, status),
            Kind::Redirect => write!(f, "{status}: a redirection, which is not followed"),
            Kind::UnexpectedStatus => {
                write!(f, "{status}: a status that the operation does not have")
            }
            Kind::UnexpectedContentType => write!(
                f,
                "{status} with content type {:?}, which is not the service's; a proxy or a sign-in page may have answered",
                self.printable("content-type")
            ),
            Kind::Foreign => write!(
                f,
                "{status} with a page, an error or something else in place of the answer; a proxy may have answered"
            ),
            Kind::UnexpectedEncoding => write!(
                f,
                "{status} with content encoding {:?}, which was not asked for",
                self.printable("content-encoding")
            ),
            Kind::BodyTooLarge { limit } => {
                write!(f, "{status} with a body of more than {limit} bytes")
            }
            Kind::NextLink { problem } => {
                write!(f, "the link to the next page is not followed: {problem}")
            }
            Kind::AnotherSubject => write!(
                f,
                "{status}: the answer is about another one than was asked for; something on the way has mixed up answers, check the endpoint and the proxy"
            ),
            Kind::ListTooLong { limit, unit } => write!(
                f,
                "the list has more than {limit} {unit}; ask for less of it, or raise the client's `max_{unit}`"
            ),
            Kind::TooManyItems => write!(
                f,
                "{status}: {done}the answer's lists hold more than {} bytes; ask for fewer items",
                items::BUDGET
            ),
            Kind::BodyLost => write!(f, "{status}: {done}the answer broke off"),
            Kind::Decode { line, column } => write!(
                f,
                "{status}: {done}the answer's JSON cannot be read at line {line}, column {column}"
            ),
        }
    }

    /// The host that was called, with a word before it.
    fn named(&self, before: &str) -> String {
        self.host()
            .map(|host| format!("{before}{host}"))
            .unwrap_or_default()
    }

    fn fmt_said(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.shown_service().and_then(|said| said.code.as_deref());
        if let Some(code) = code {
            write!(f, " {}", one_line(code))?;
        }
        if let Some(message) = self.message() {
            write!(f, ": {}", one_line(message))?;
        }
        let details = self.details();
        for (index, (name, value)) in details.iter().take(MAX_DETAILS).enumerate() {
            let start = if index == 0 { " (" } else { "; " };
            let between = if name.is_empty() || value.is_empty() {
                ""
            } else {
                ": "
            };
            write!(f, "{start}{}{between}{}", one_line(name), one_line(value))?;
        }
        if details.len() > MAX_DETAILS {
            write!(f, "; and {} more", details.len() - MAX_DETAILS)?;
        }
        if !details.is_empty() {
            f.write_str(")")?;
        }
        Ok(())
    }

    fn fmt_service(&self, f: &mut fmt::Formatter<'_>, status: u16) -> fmt::Result {
        write!(f, "{status}")?;
        self.fmt_said(f)?;
        if self.is_foreign_not_found() {
            f.write_str(
                "; this is not the service's own answer, something on the way gave it: check the endpoint",
            )?;
        }
        match self.0.semantics.retired {
            Some(retired) if self.is_retired() => write!(f, "; {}", retired.advice),
            _ => Ok(()),
        }
    }

    /// What is known beyond the last attempt's own end.
    fn fmt_circumstances(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(skew) = self.clock_skew() {
            let direction = if skew > 0 { "behind" } else { "ahead of" };
            let seconds = skew.unsigned_abs();
            write!(
                f,
                "; this machine's clock is {seconds} s {direction} the service's"
            )?;
        }
        if let Some(wait) = self.retry_after() {
            write!(f, "; the service asks to wait {wait:?}")?;
        }
        if self.attempts() > 1 {
            write!(f, "; {} attempts", self.attempts())?;
        }
        let changes = self
            .operation()
            .is_none_or(|operation| !operation.is_read());
        if changes && self.is_outcome_unknown() {
            f.write_str("; the outcome is unknown: it may have been applied")?;
        }
        if self.is_unfinished() && !matches!(self.0.kind, Kind::Unfinished { .. }) {
            f.write_str("; what was waited for is accepted, and not known to be finished")?;
        }
        Ok(())
    }

    fn printable(&self, name: &str) -> String {
        let text = self
            .shown_headers()
            .and_then(|headers| header::text(headers, name));
        text.map(one_line).unwrap_or_default()
    }
}
