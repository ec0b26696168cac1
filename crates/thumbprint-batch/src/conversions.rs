//! Values as programs have them, made into the document's types: a setter takes what converts.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use thumbprint_transport::{Error, HttpDate};

use crate::types::{Certificate, CertificateState, Rfc1123Date, Select, Timeout};

impl TryFrom<Duration> for Timeout {
    type Error = Error;

    /// Whole seconds, at least one.
    fn try_from(limit: Duration) -> Result<Self, Error> {
        let problem = if limit.subsec_nanos() != 0 {
            "it has a fraction of a second"
        } else if limit.is_zero() {
            "it is zero"
        } else {
            match i32::try_from(limit.as_secs()) {
                Ok(seconds) => return Ok(Self(seconds)),
                Err(_) => "it is longer than 2147483647 seconds",
            }
        };
        let remedy =
            "give whole seconds, at least one; the service itself takes 30 if it is left out";
        Err(Error::input("timeout", problem, remedy))
    }
}

impl TryFrom<DateTime<Utc>> for Rfc1123Date {
    type Error = Error;

    /// To the second. RFC 1123 has four digits for the year.
    fn try_from(time: DateTime<Utc>) -> Result<Self, Error> {
        HttpDate::try_from(time).map(Self).map_err(|_| {
            let remedy = "give the time at which the request is issued, or leave it out";
            Error::input("ocp_date", "its year has not four digits", remedy)
        })
    }
}

impl<const N: usize> TryFrom<[&str; N]> for Select {
    type Error = Error;

    /// Names of properties as the wire spells them: `thumbprint`, `state`.
    fn try_from(properties: [&str; N]) -> Result<Self, Error> {
        select(&properties)
    }
}

impl TryFrom<Vec<&str>> for Select {
    type Error = Error;

    /// Names of properties as the wire spells them: `thumbprint`, `state`.
    fn try_from(properties: Vec<&str>) -> Result<Self, Error> {
        select(&properties)
    }
}

/// The names joined by commas. A slip must not reach the service as a selection of something else.
fn select(properties: &[&str]) -> Result<Select, Error> {
    let is_name =
        |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !properties.is_empty() && properties.iter().all(is_name) {
        return Ok(Select(properties.join(",")));
    }
    let remedy = "give names of properties as the wire spells them, such as thumbprint and state";
    let problem = "it has a part that is not the name of a property";
    Err(Error::input("select", problem, remedy))
}

impl Certificate {
    /// The certificate's public part in DER form, as a `.cer` file holds it. `None` also where it is not
    /// base64.
    #[must_use]
    pub fn der(&self) -> Option<Vec<u8>> {
        BASE64_STANDARD.decode(self.public_data.as_deref()?).ok()
    }

    /// Whether the last deletion failed.
    #[must_use]
    pub fn is_delete_failed(&self) -> bool {
        self.state == Some(CertificateState::DeleteFailed)
    }
}

#[cfg(test)]
mod tests {
    use std::{fmt::Debug, time::Duration};

    use chrono::{TimeZone as _, Utc};
    use test_support::OrFail as _;
    use thumbprint_transport::Error;

    use crate::types::{Certificate, CertificateState, Rfc1123Date, Select, Timeout};

    #[track_caller]
    fn refused<T: Debug>(outcome: Result<T, Error>, expected: &str) {
        let error = outcome.err_or_fail();
        assert!(error.is_invalid_input());
        assert!(error.to_string().starts_with(expected), "{error}");
    }

    #[test]
    fn a_timeout_is_whole_seconds() {
        for seconds in [1, 30, 2_147_483_647] {
            let timeout = Timeout::try_from(Duration::from_secs(seconds)).or_fail();
            assert_eq!(u64::try_from(timeout.0).or_fail(), seconds);
        }
        for (limit, expected) in [
            (Duration::ZERO, "timeout: it is zero; give whole seconds"),
            (
                Duration::from_millis(1500),
                "timeout: it has a fraction of a second",
            ),
            (
                Duration::from_nanos(1),
                "timeout: it has a fraction of a second",
            ),
            (
                Duration::from_secs(2_147_483_648),
                "timeout: it is longer than",
            ),
            (Duration::from_secs(u64::MAX), "timeout: it is longer than"),
        ] {
            refused(Timeout::try_from(limit), expected);
        }
    }

    #[test]
    fn a_date_has_a_year_of_four_digits() {
        let date = |year| {
            Rfc1123Date::try_from(Utc.with_ymd_and_hms(year, 1, 2, 3, 4, 5).single().or_fail())
        };
        for (year, expected) in [
            (0, "Sun, 02 Jan 0000 03:04:05 GMT"),
            (2023, "Mon, 02 Jan 2023 03:04:05 GMT"),
            (9999, "Sat, 02 Jan 9999 03:04:05 GMT"),
        ] {
            assert_eq!(date(year).or_fail().0.to_string(), expected);
        }
        for year in [-1, 10_000] {
            refused(date(year), "ocp_date: its year has not four digits");
        }
    }

    #[test]
    fn a_selection_has_names_of_properties_only() {
        for (names, expected) in [
            (vec!["state"], "state"),
            (vec!["thumbprint", "state"], "thumbprint,state"),
        ] {
            assert_eq!(Select::try_from(names).or_fail().0, expected);
        }
        assert_eq!(Select::try_from(["url", "state"]).or_fail().0, "url,state");
        for names in [
            vec![],
            vec![""],
            vec!["state", ""],
            vec!["thumbprint,state"],
            vec!["a b"],
            vec!["a&b"],
            vec!["caf\u{e9}"],
        ] {
            refused(Select::try_from(names), "select: it has a part that is not");
        }
        refused(
            Select::try_from([""; 0]),
            "select: it has a part that is not",
        );
    }

    #[test]
    fn a_certificate_tells_its_bytes_and_its_failed_deletion() {
        let mut certificate = Certificate::default();
        assert_eq!(certificate.der(), None);
        assert!(!certificate.is_delete_failed());
        for (text, expected) in [
            ("MIIB", Some(&[0x30, 0x82, 1][..])),
            ("", Some(&[])),
            ("%", None),
        ] {
            certificate.public_data = Some(text.to_owned());
            assert_eq!(certificate.der().as_deref(), expected, "{text}");
        }
        for (state, expected) in [
            (CertificateState::DeleteFailed, true),
            (CertificateState::Deleting, false),
            (CertificateState::Active, false),
        ] {
            certificate.state = Some(state);
            assert_eq!(certificate.is_delete_failed(), expected);
        }
    }
}
