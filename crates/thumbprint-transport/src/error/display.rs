//! What an error says of itself: never a URL, a body, or a header's value other than the request id.

use std::fmt;

use super::{Error, Kind};
use crate::{Deadline, Delivery, error_body::one_line};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_kind(f)?;
        self.fmt_circumstances(f)
    }
}

impl Error {
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
            Kind::Path => f.write_str(
                "the request's path does not have the operation's shape; nothing was sent",
            ),
            // The service has refused the token at hand, and there is no other.
            Kind::Credential { problem } if self.attempts() > 0 => {
                write!(f, "not sent again: {problem}")
            }
            Kind::Credential { problem } => write!(f, "nothing was sent: {problem}"),
            Kind::Connect { reason } => write!(f, "no connection: {reason}"),
            Kind::Tls { failure } => write!(f, "no TLS connection: {failure}"),
            Kind::Proxy { failure } => write!(f, "{failure}"),
            Kind::Timeout {
                deadline: Deadline::Connect,
                limit,
            } => {
                write!(f, "no connection within {limit:?}")
            }
            Kind::Timeout { limit, .. } if self.attempts() == 0 => {
                write!(f, "nothing was sent: no token within {limit:?}")
            }
            Kind::Timeout { limit, .. } => write!(f, "no whole answer within {limit:?}"),
            Kind::NotSettled { limit } => {
                write!(f, "the service had not finished after {limit:?}")
            }
            Kind::Interrupted => f.write_str("the connection broke before an answer came"),
            Kind::Service => self.fmt_service(f, status),
            Kind::Redirect => write!(f, "{status}: a redirection, which is not followed"),
            Kind::UnexpectedStatus => {
                write!(f, "{status}: a status that the operation does not have")
            }
            Kind::UnexpectedContentType { found } => write!(
                f,
                "{status} with content type {found:?} in place of JSON; a proxy or a sign-in page may have answered"
            ),
            Kind::UnsupportedEncoding { found } => {
                write!(
                    f,
                    "{status} with content encoding {found:?}, which was not asked for"
                )
            }
            Kind::BodyTooLarge { limit } => {
                write!(f, "{status} with a body of more than {limit} bytes")
            }
            Kind::NextLink { problem } => {
                write!(f, "the link to the next page is not followed: {problem}")
            }
            Kind::BodyLost => write!(f, "{status}: {done}the answer broke off"),
            Kind::Decode { line, column } => write!(
                f,
                "{status}: {done}the answer's JSON cannot be read at line {line}, column {column}"
            ),
            Kind::Generated(problem) => f.write_str(problem),
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
            write!(f, "; the service asks to be left alone for {wait:?}")?;
        }
        if self.attempts() > 1 {
            write!(f, "; {} attempts", self.attempts())?;
        }
        let settled = matches!(self.0.kind, Kind::NotSettled { .. });
        if self.0.delivery == Delivery::Unknown && !settled {
            f.write_str("; whatever it was to change may be changed by now")?;
        }
        Ok(())
    }

    fn fmt_service(&self, f: &mut fmt::Formatter<'_>, status: u16) -> fmt::Result {
        write!(f, "{status}")?;
        let service = self.0.service.as_ref();
        if let Some(code) = service.and_then(|service| service.code.as_deref()) {
            write!(f, " {}", one_line(code))?;
        }
        if let Some(message) = service.and_then(|service| service.message.as_deref()) {
            write!(f, ": {}", one_line(message))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("delivery", &self.0.delivery)
            .field("status", &self.status())
            .field("service", &self.service())
            .field("request_id", &self.request_id())
            .field("source", &self.0.source)
            .finish()
    }
}
