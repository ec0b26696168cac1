//! What an API's document does not say, and whoever sends its requests has to know: which of them may be
//! sent again, and what an answer means after one whose outcome is unknown.
//!
//! Each API has one such table, in `judgement.rs` beside its generated code. What holds for every HTTP
//! service stands here, too: `Rules::of_answer` judges answers, and `Error::class` their absence.

use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::{Delivery, Operation, ServiceError};

/// What the transport has to know of an API whose errors are of the document's type `E`.
pub struct Judgement<E> {
    /// What an error says, in the words that all services share.
    pub describe: fn(&E) -> ServiceError,
    /// What follows from what it says.
    pub rules: Rules,
}

impl<E> fmt::Debug for Judgement<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rules.fmt(f)
    }
}

impl<E> Clone for Judgement<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Judgement<E> {}

/// What follows from an answer of an API.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Names of errors that say, with 503, that a request was turned away before anybody worked on it.
    pub turned_away: &'static [&'static str],
    /// Names of errors that say, with 403, that the credential was not accepted: as 401 does.
    pub unauthenticated: &'static [&'static str],
    /// The query parameter that tells the service how many seconds it may spend. It never gives the
    /// service more time than the call has left.
    pub timeout_query: Option<&'static str>,
    /// The header that tells when a request was made. A retry says its own time.
    pub date_header: Option<&'static str>,
    /// One row for each operation that changes something. What only looks needs none.
    pub operations: &'static [Row],
}

impl Rules {
    /// Nothing is known: only what holds for every HTTP service.
    pub const NONE: Self = Self {
        turned_away: &[],
        unauthenticated: &[],
        timeout_query: None,
        date_header: None,
        operations: &[],
    };
}

/// What is known of one operation that changes something.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The operation id.
    pub operation: &'static str,
    /// Whether it may be sent again while nobody knows whether it was carried out.
    pub repeat: Repeat,
    /// What a repetition is refused with if the request before it was carried out after all.
    pub done: &'static [Sign],
}

/// Whether an operation may be sent again while nobody knows whether it was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Yes: twice comes to the same as once.
    Always,
    /// Only if the caller says so (`retry_ambiguous`).
    IfAsked,
}

/// A refusal that says that the request before it was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The service's name for the error.
    Code(&'static str),
    /// The status, whatever the error is called.
    Status(u16),
}

/// What an attempt came to, as far as another one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) delivery: Delivery,
    pub(crate) again: Again,
}

/// Whether another attempt makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    Never,
    /// Any operation: the first one was not carried out, or the service asks for another.
    Always,
    /// Any operation, once.
    Once,
    /// What only looks, and what may be repeated.
    Ambiguous,
    /// Any operation, once and at once, if the credential can be renewed.
    Renewed,
}

impl Class {
    pub(crate) const FINAL: Self = Self::new(Delivery::Final, Again::Never);

    pub(crate) const fn new(delivery: Delivery, again: Again) -> Self {
        Self { delivery, again }
    }
}

impl Rules {
    /// Judges an answer that is no success.
    pub(crate) fn of_answer(
        &self,
        status: StatusCode,
        service: &ServiceError,
        asks_for_retry: bool,
    ) -> Class {
        let code = service.code.as_deref().unwrap_or_default();
        let unknown = |again| Class::new(Delivery::Unknown, again);
        match status.as_u16() {
            // With another status the same word says nothing: a redirection stays one, and a server that
            // gave up half-way (500) may have gone on before.
            503 if self.turned_away.contains(&code) => Class::new(Delivery::NotSent, Again::Always),
            429 => Class::new(Delivery::NotSent, Again::Always),
            401 => Class::new(Delivery::Final, Again::Renewed),
            403 if self.unauthenticated.contains(&code) => {
                Class::new(Delivery::Final, Again::Renewed)
            }
            // A server that names a time has not given up on the request half-way.
            408 | 503 if asks_for_retry => unknown(Again::Always),
            408 | 500 | 502..=504 => unknown(Again::Ambiguous),
            _ => Class::FINAL,
        }
    }

    fn row(&self, operation: &Operation) -> Option<&'static Row> {
        self.operations
            .iter()
            .find(|row| row.operation == operation.id)
    }

    /// Whether the operation may be sent again while nobody knows whether it was carried out.
    pub(crate) fn is_repeatable(&self, operation: &Operation, asked: bool) -> bool {
        let always = |row: &Row| row.repeat == Repeat::Always;
        asked || operation.is_read() || self.row(operation).is_some_and(always)
    }

    /// Whether a refusal says that the request before it was carried out.
    pub(crate) fn is_done(
        &self,
        operation: &Operation,
        status: StatusCode,
        service: &ServiceError,
    ) -> bool {
        let code = service.code.as_deref();
        let signs = self.row(operation).map_or(&[][..], |row| row.done);
        signs.iter().any(|sign| match sign {
            Sign::Code(name) => code == Some(name),
            Sign::Status(number) => status.as_u16() == *number,
        })
    }
}

/// What is known of a call beyond its last attempt. It travels with the answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct History {
    /// How many requests were made. Zero for what never came through a transport.
    pub(crate) attempts: u32,
    /// What is known of the call, all attempts taken together. `None` before anybody judged it.
    pub(crate) delivery: Option<Delivery>,
    /// Whether the last answer is a refusal that says that an attempt before it was carried out.
    pub(crate) confirmed: bool,
    /// How long the service asked to be left alone.
    pub(crate) retry_after: Option<std::time::Duration>,
    /// By how many seconds the service's clock is ahead of ours, where that may be why the credential
    /// was not accepted.
    pub(crate) skew: Option<i64>,
}

/// The seconds by which the service's clock is ahead, if that is more than a minute.
pub(crate) fn skew(headers: &HeaderMap, now: chrono::DateTime<chrono::Utc>) -> Option<i64> {
    let date: crate::HttpDate = crate::header::value(headers, "date")?;
    let seconds = (date.to_utc() - now).num_seconds();
    (seconds.abs() > 60).then_some(seconds)
}
