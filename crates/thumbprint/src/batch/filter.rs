//! Which certificates a list is to have, as an OData filter.
//!
//! ```
//! use thumbprint::batch::{CertificateState, filter::{state, state_transition_time}};
//!
//! let since = "2026-11-01T00:00:00Z".parse()?;
//! let filter = state().eq(CertificateState::DeleteFailed).and(state_transition_time().ge(since));
//! assert_eq!(
//!     filter.to_string(),
//!     "state eq 'deletefailed' and stateTransitionTime ge 2026-11-01T00:00:00Z",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use chrono::{DateTime, Timelike as _, Utc};

use super::{CertificateState, raw::types};

/// An OData filter over certificates.
///
/// ```
/// use thumbprint::batch::{CertificateState, Filter, filter::state};
///
/// let written = Filter::raw("state eq 'deletefailed'");
/// let filter = written.or(state().eq(CertificateState::Deleting));
/// assert_eq!(filter.to_string(), "state eq 'deletefailed' or state eq 'deleting'");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    /// `or` binds weaker than `and`, so one that goes into an `and` needs parentheses.
    is_or: bool,
}

impl Filter {
    /// A filter in the service's own words, which are not checked.
    pub fn raw(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_or: true,
        }
    }

    /// Both this and `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let text = format!("{} and {}", self.grouped(), other.grouped());
        Self { text, is_or: false }
    }

    /// This or `other`, or both.
    #[must_use]
    pub fn or(mut self, Self { text, .. }: Self) -> Self {
        self.text.push_str(" or ");
        self.text.push_str(&text);
        Self {
            is_or: true,
            ..self
        }
    }

    fn grouped(self) -> String {
        if self.is_or {
            format!("({})", self.text)
        } else {
            self.text
        }
    }

    fn compare(property: &str, operator: &str, value: &str) -> Self {
        Self {
            text: format!("{property} {operator} {value}"),
            is_or: false,
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Filter> for types::Filter {
    fn from(filter: Filter) -> Self {
        filter.text.into()
    }
}

/// The certificate's state, to be compared.
#[must_use]
pub fn state() -> State {
    State(())
}

/// When the certificate entered its state, to be compared.
#[must_use]
pub fn state_transition_time() -> StateTransitionTime {
    StateTransitionTime(())
}

/// The certificate's state, to be compared; made by [`state`].
#[derive(Clone, Copy, Debug)]
pub struct State(());

#[expect(
    clippy::needless_pass_by_value,
    reason = "a state is mostly written on the spot"
)]
impl State {
    /// It is this one.
    #[must_use]
    pub fn eq(self, state: CertificateState) -> Filter {
        Filter::compare("state", "eq", &quoted(&state))
    }

    /// It is another one.
    #[must_use]
    pub fn ne(self, state: CertificateState) -> Filter {
        Filter::compare("state", "ne", &quoted(&state))
    }
}

/// OData doubles a quote within a text.
fn quoted(state: &CertificateState) -> String {
    format!("'{}'", state.as_str().replace('\'', "''"))
}

/// When the certificate entered its state, to be compared; made by [`state_transition_time`].
#[derive(Clone, Copy, Debug)]
pub struct StateTransitionTime(());

/// The service's times have seven decimals at most; chrono would print nine.
fn odata(time: DateTime<Utc>) -> String {
    let decimals = format!(".{:07}", time.nanosecond() % 1_000_000_000 / 100);
    let decimals = decimals.trim_end_matches('0').trim_end_matches('.');
    format!("{}{decimals}Z", time.format("%Y-%m-%dT%H:%M:%S"))
}

macro_rules! compares_times {
    ($($name:ident: $doc:literal),+) => {
        impl StateTransitionTime {
            $(
                #[doc = $doc]
                #[must_use]
                pub fn $name(self, time: DateTime<Utc>) -> Filter {
                    Filter::compare("stateTransitionTime", stringify!($name), &odata(time))
                }
            )+
        }
    };
}
compares_times! {
    eq: "At this time.",
    ne: "At another time.",
    ge: "At this time or later.",
    gt: "Later.",
    le: "At this time or earlier.",
    lt: "Earlier."
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{CertificateState, Filter, state, state_transition_time};

    #[test]
    fn filters_print_what_odata_reads() {
        let time = "2023-11-20T10:11:12.1234567Z".parse().or_fail();
        let active = || state().eq(CertificateState::Active);
        let late = || state_transition_time().gt(time);
        for (filter, text) in [
            (active(), "state eq 'active'"),
            (
                state().ne(CertificateState::Unknown("o'x".into())),
                "state ne 'o''x'",
            ),
            (
                late(),
                "stateTransitionTime gt 2023-11-20T10:11:12.1234567Z",
            ),
            (
                active().and(late()),
                "state eq 'active' and stateTransitionTime gt 2023-11-20T10:11:12.1234567Z",
            ),
            (
                active().or(active()).and(active()),
                "(state eq 'active' or state eq 'active') and state eq 'active'",
            ),
            (
                active().and(active()).or(active()),
                "state eq 'active' and state eq 'active' or state eq 'active'",
            ),
            (
                Filter::raw("a or b").and(active()),
                "(a or b) and state eq 'active'",
            ),
        ] {
            assert_eq!(filter.to_string(), text);
        }
    }
}
