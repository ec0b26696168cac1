//! The `$filter` of a list: what OData's grammar has of it that the service takes.
//!
//! `state` knows `eq` and `ne`, `stateTransitionTime` these and `ge`, `gt`, `le`, `lt`; `and` binds closer
//! than `or`, and parentheses group. Operators are written in small letters, a property stands on the left
//! of its value. A state is a text in single quotes, a quote in it doubled. A time is in the form of RFC
//! 3339, bare or, as OData v3 has it, in `DateTime'...'`, where a missing zone means UTC.
//!
//! The operators are the vendor's; that a word which is no state is refused, and the form of the times, are
//! the sandbox's own.

mod token;

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};

use self::token::{Token, tokens};
use super::{CertificateState, account::Certificate};

/// How deep parentheses may nest. Deeper ones could cost the server its stack.
const MAX_DEPTH: usize = 32;

/// A condition that certificates meet or do not.
#[derive(Debug)]
pub(crate) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    State(Equality, CertificateState),
    Time(Comparison, DateTime<Utc>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Equality {
    Is,
    IsNot,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    AtLeast,
    After,
    AtMost,
    Before,
}

/// Why a text is no filter.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The character where it stops to be one, from 1.
    position: usize,
    expected: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, expected } = self;
        write!(f, "At character {position}: {expected}")
    }
}

impl Filter {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut parser = Parser {
            tokens: tokens(text)?,
            next: 0,
            end: text.chars().count() + 1,
        };
        let filter = parser.any(0)?;
        match parser.peek() {
            None => Ok(filter),
            Some(_) => Err(parser.fault("expected and, or, or the end")),
        }
    }

    pub(crate) fn takes(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Any(filters) => filters.iter().any(|filter| filter.takes(certificate)),
            Self::All(filters) => filters.iter().all(|filter| filter.takes(certificate)),
            Self::State(Equality::Is, state) => certificate.state == *state,
            Self::State(Equality::IsNot, state) => certificate.state != *state,
            Self::Time(comparison, time) => {
                let changed = &certificate.changed;
                match comparison {
                    Comparison::Equal => changed == time,
                    Comparison::NotEqual => changed != time,
                    Comparison::AtLeast => changed >= time,
                    Comparison::After => changed > time,
                    Comparison::AtMost => changed <= time,
                    Comparison::Before => changed < time,
                }
            }
        }
    }
}

/// Goes down from the loosest operator to the tightest, and looks one token ahead.
struct Parser<'t> {
    tokens: Vec<(usize, Token<'t>)>,
    next: usize,
    /// The position behind the text.
    end: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&Token<'t>> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    /// Takes a word, or leaves what is there.
    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(other)) if *other == word);
        self.next += usize::from(found);
        found
    }

    /// At the next token.
    fn fault(&self, expected: &'static str) -> Fault {
        let position = self.tokens.get(self.next).map_or(self.end, |(at, _)| *at);
        Fault { position, expected }
    }

    fn any(&mut self, depth: usize) -> Result<Filter, Fault> {
        let mut filters = vec![self.all(depth)?];
        while self.take_word("or") {
            filters.push(self.all(depth)?);
        }
        Ok(Filter::Any(filters))
    }

    fn all(&mut self, depth: usize) -> Result<Filter, Fault> {
        let mut filters = vec![self.one(depth)?];
        while self.take_word("and") {
            filters.push(self.one(depth)?);
        }
        Ok(Filter::All(filters))
    }

    fn one(&mut self, depth: usize) -> Result<Filter, Fault> {
        if matches!(self.peek(), Some(Token::Open)) {
            if depth == MAX_DEPTH {
                return Err(self.fault("parentheses nest too deep"));
            }
            self.next += 1;
            let filter = self.any(depth + 1)?;
            if !matches!(self.peek(), Some(Token::Close)) {
                return Err(self.fault("expected and, or, or a closing parenthesis"));
            }
            self.next += 1;
            Ok(filter)
        } else if self.take_word("state") {
            let operator = self.equality()?;
            Ok(Filter::State(operator, self.state()?))
        } else if self.take_word("stateTransitionTime") {
            let operator = self.comparison()?;
            Ok(Filter::Time(operator, self.time()?))
        } else {
            Err(self.fault("expected state, stateTransitionTime or an opening parenthesis"))
        }
    }

    fn equality(&mut self) -> Result<Equality, Fault> {
        match self.operator() {
            Some("eq") => Ok(Equality::Is),
            Some("ne") => Ok(Equality::IsNot),
            _ => Err(self.back("expected eq or ne")),
        }
    }

    fn comparison(&mut self) -> Result<Comparison, Fault> {
        match self.operator() {
            Some("eq") => Ok(Comparison::Equal),
            Some("ne") => Ok(Comparison::NotEqual),
            Some("ge") => Ok(Comparison::AtLeast),
            Some("gt") => Ok(Comparison::After),
            Some("le") => Ok(Comparison::AtMost),
            Some("lt") => Ok(Comparison::Before),
            _ => Err(self.back("expected eq, ne, ge, gt, le or lt")),
        }
    }

    fn state(&mut self) -> Result<CertificateState, Fault> {
        let state = match self.advance() {
            Some(Token::Text(text)) => text.parse().ok(),
            _ => None,
        };
        state.ok_or_else(|| self.back("expected 'active', 'deleting' or 'deletefailed'"))
    }

    fn time(&mut self) -> Result<DateTime<Utc>, Fault> {
        let time = match self.advance() {
            Some(Token::Word(word)) => zoned(word),
            Some(Token::Typed(name, text)) if name.eq_ignore_ascii_case("datetime") => {
                // The zone is OData v4's; v3 has none.
                zoned(text).or_else(|| Some(text.parse::<NaiveDateTime>().ok()?.and_utc()))
            }
            _ => None,
        };
        time.ok_or_else(|| self.back("expected a time, such as 2023-11-20T10:11:12Z"))
    }

    fn operator(&mut self) -> Option<&'t str> {
        match self.advance() {
            Some(Token::Word(word)) => Some(*word),
            _ => None,
        }
    }

    fn advance(&mut self) -> Option<&Token<'t>> {
        self.next += 1;
        self.tokens.get(self.next - 1).map(|(_, token)| token)
    }

    /// At the token that was taken last.
    fn back(&mut self, expected: &'static str) -> Fault {
        self.next -= 1;
        self.fault(expected)
    }
}

fn zoned(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.to_utc())
}

#[cfg(test)]
mod tests;
