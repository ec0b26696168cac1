//! Times in the form of RFC 1123.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

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
/// # Ok::<(), chrono::ParseError>(())
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

impl From<DateTime<Utc>> for HttpDate {
    /// Drops what is smaller than a second.
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.trunc_subsecs(0))
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
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NaiveDateTime::parse_from_str(text, FORM).map(|time| Self(time.and_utc()))
    }
}

impl TryFrom<String> for HttpDate {
    type Error = chrono::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
