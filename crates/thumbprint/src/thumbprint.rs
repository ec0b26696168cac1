use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// A certificate's thumbprint: SHA-1 over its DER form, as 40 hexadecimal digits.
///
/// Either case is taken and given out as it was spelled, since nobody knows whether the services mind;
/// comparing ignores the case.
///
/// ```
/// use thumbprint::Thumbprint;
///
/// let lower: Thumbprint = "9b3c37766bd00c22ec478b8f124c153b4b7e4c5b".parse()?;
/// let upper: Thumbprint = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B".parse()?;
/// assert_eq!(lower, upper);
/// assert_eq!(upper.to_string(), "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B");
/// # Ok::<(), thumbprint::ParseThumbprintError>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint(String);

/// Digits of a thumbprint: two for each of SHA-1's 20 bytes.
const DIGITS: usize = 40;

impl Thumbprint {
    /// The thumbprint of a certificate in DER form. What it is given is not looked at: the digest of
    /// anything else is of no use.
    #[must_use]
    pub fn of_der(der: &[u8]) -> Self {
        use fmt::Write as _;
        use sha1::Digest as _;

        let mut digits = String::with_capacity(DIGITS);
        for byte in sha1::Sha1::digest(der) {
            // Writing to a String cannot fail.
            let _ = write!(digits, "{byte:02X}");
        }
        Self(digits)
    }

    /// The digits, as they were spelled.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first and the last four digits: enough to tell certificates apart in a message.
    pub(crate) fn short(&self) -> String {
        format!("{}\u{2026}{}", &self.0[..4], &self.0[DIGITS - 4..])
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|digit| digit.to_ascii_lowercase())
    }
}

impl FromStr for Thumbprint {
    type Err = ParseThumbprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = ParseThumbprintError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some((at, found)) = text
            .chars()
            .enumerate()
            .find(|(_, c)| !c.is_ascii_hexdigit())
        {
            return Err(ParseThumbprintError(Problem::Character {
                found,
                at: at + 1,
            }));
        }
        if text.len() != DIGITS {
            return Err(ParseThumbprintError(Problem::Length(text.len())));
        }
        Ok(Self(text))
    }
}

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        thumbprint.0
    }
}

impl AsRef<str> for Thumbprint {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Thumbprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Thumbprint {}

impl Hash for Thumbprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for digit in self.digits() {
            state.write_u8(digit);
        }
    }
}

impl Ord for Thumbprint {
    fn cmp(&self, other: &Self) -> Ordering {
        self.digits().cmp(other.digits())
    }
}

impl PartialOrd for Thumbprint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({})", self.0)
    }
}

/// Why a text is no [`Thumbprint`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseThumbprintError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Character { found: char, at: usize },
    Length(usize),
}

impl fmt::Display for ParseThumbprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Problem::Character { found, at } => write!(
                f,
                "thumbprint: character {at} is {found:?}; give the 40 hexadecimal digits alone, \
                 without spaces, colons or invisible marks"
            ),
            Problem::Length(length) => write!(
                f,
                "thumbprint: it has {length} digits; a SHA-1 thumbprint has {DIGITS}"
            ),
        }
    }
}

impl std::error::Error for ParseThumbprintError {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Thumbprint;

    const LOWER: &str = "9b3c37766bd00c22ec478b8f124c153b4b7e4c5b";

    #[test]
    fn case_is_kept_and_does_not_count() {
        let lower: Thumbprint = LOWER.parse().unwrap();
        let upper: Thumbprint = LOWER.to_uppercase().parse().unwrap();
        assert_eq!(lower, upper);
        assert_eq!(lower.cmp(&upper), std::cmp::Ordering::Equal);
        assert_eq!(HashSet::from([lower.clone(), upper.clone()]).len(), 1);
        assert_eq!(lower.as_str(), LOWER);
        assert_eq!(upper.to_string(), LOWER.to_uppercase());
        assert_eq!(upper.short(), "9B3C\u{2026}4C5B");
    }

    #[test]
    fn everything_else_is_refused_with_the_place() {
        for (text, says) in [
            (String::new(), "0 digits"),
            (LOWER[1..].to_owned(), "39 digits"),
            (format!("{LOWER}0"), "41 digits"),
            (format!("\u{200e}{LOWER}"), "character 1 is '\\u{200e}'"),
            (LOWER.replace("3c", "3 c"), "character 4 is ' '"),
            ("../../jobs/j".to_owned(), "character 1 is '.'"),
            ("\u{ff19}".repeat(40), "character 1"),
            (format!("{}\n", &LOWER[..39]), "character 40 is '\\n'"),
        ] {
            let refusal = text.parse::<Thumbprint>().unwrap_err().to_string();
            assert!(refusal.contains(says), "{text:?}: {refusal}");
        }
    }

    #[test]
    fn json_is_checked_like_text() {
        let read = |json: &str| serde_json::from_str::<Thumbprint>(json);
        assert_eq!(read(&format!("\"{LOWER}\"")).unwrap().as_str(), LOWER);
        assert!(read("\"ab\"").is_err());
    }
}
