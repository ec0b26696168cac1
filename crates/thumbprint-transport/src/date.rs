//! Times in the form of RFC 1123.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike as _, NaiveDateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

use crate::Error;

const FORM: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// A time as HTTP headers carry it: RFC 1123, in GMT, to the second. `Mon, 20 Nov 2023 10:11:12 GMT`.
///
/// chrono prints `+0000` where HTTP asks for `GMT`, which is why this type exists.
///
/// ```
/// use thumbprint_transport::HttpDate;
///
/// let date: HttpDate = "Mon, 20 Nov 2023 10:11:12 GMT".parse()?;
/// assert_eq!(date.to_string(), "Mon, 20 Nov 2023 10:11:12 GMT");
/// # Ok::<(), thumbprint_transport::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpDate(DateTime<Utc>);

impl HttpDate {
    /// The time, in UTC.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0
    }
}

impl TryFrom<DateTime<Utc>> for HttpDate {
    type Error = Error;

    /// To the second. RFC 1123 has four digits for the year.
    fn try_from(time: DateTime<Utc>) -> Result<Self, Error> {
        if (0..=9999).contains(&time.year()) {
            return Ok(Self(time.trunc_subsecs(0)));
        }
        let problem = "its year has not four digits";
        Err(Error::input("date", problem, "give a time of our era"))
    }
}

impl From<HttpDate> for DateTime<Utc> {
    fn from(date: HttpDate) -> Self {
        date.0
    }
}

impl From<HttpDate> for String {
    fn from(date: HttpDate) -> Self {
        date.to_string()
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format(FORM).fmt(f)
    }
}

impl FromStr for HttpDate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let remedy = "write it like Mon, 20 Nov 2023 10:11:12 GMT";
        let time = NaiveDateTime::parse_from_str(text, FORM);
        let time = time.map_err(|cause| Error::conversion("date", cause, remedy))?;
        Self::try_from(time.and_utc())
    }
}

impl TryFrom<String> for HttpDate {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::HttpDate;

    /// The example of RFC 9110, section 5.6.7.
    #[test]
    fn a_date_is_the_same_as_a_text_and_in_json() {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT";
        let date: HttpDate = text.parse().or_fail();
        assert_eq!(String::from(date), text);
        let json = serde_json::to_string(&date).or_fail();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<HttpDate>(&json).or_fail(), date);
    }
}
