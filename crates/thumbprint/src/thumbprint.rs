use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::{Deserialize, Serialize};

use crate::Error;

/// A certificate's thumbprint: SHA-1 over its DER form, as 40 hexadecimal digits.
///
/// It is read as tools and people write it: in either case; with spaces, colons or dashes between digits; and
/// with one of these before it:
///
/// | before the digits | who writes it |
/// |---|---|
/// | `SHA1 Fingerprint=`, `sha1 Fingerprint=` | `openssl x509 -fingerprint` |
/// | `SHA1-` | Azure's management API, in the names of a Batch account's certificates |
/// | `Cert Hash(sha1): ` | `certutil` |
/// | the invisible mark U+200E | the clipboard, after Windows' certificate dialog ([KB 2023835]) |
///
/// A line end may follow. Anything else is refused, with its place. The digits keep their case, since no
/// source says whether the services mind; comparing ignores it.
///
/// ```
/// use thumbprint::Thumbprint;
///
/// let plain: Thumbprint = "9b3c37766bd00c22ec478b8f124c153b4b7e4c5b".parse()?;
/// let openssl = "sha1 Fingerprint=9B:3C:37:76:6B:D0:0C:22:EC:47:8B:8F:12:4C:15:3B:4B:7E:4C:5B\n";
/// let openssl: Thumbprint = openssl.parse()?;
/// assert_eq!(plain, openssl);
/// assert_eq!(openssl.to_string(), "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B");
/// # Ok::<(), thumbprint::Error>(())
/// ```
///
/// [KB 2023835]: https://support.microsoft.com/help/2023835
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint(String);

/// Digits of a thumbprint: two for each of SHA-1's 20 bytes.
const DIGITS: usize = 40;

/// What can stand before the digits, in either case.
const LABELS: [&str; 4] = [
    "SHA1 Fingerprint=",
    "SHA1-",
    "Cert Hash(sha1): ",
    "\u{200e}",
];

const REMEDY: &str = "give the 40 hexadecimal digits of a SHA-1 thumbprint";

impl Thumbprint {
    /// The thumbprint of a certificate in DER form. The bytes are not checked: the digest of anything else
    /// is of no use.
    #[must_use]
    pub fn of_der(der: &[u8]) -> Self {
        let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, der);
        Self(
            digest
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect(),
        )
    }

    /// The digits, in the case in which they were given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|digit| digit.to_ascii_lowercase())
    }
}

impl FromStr for Thumbprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let labelled = |label: &&str| {
            let start = text.get(..label.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(label))
        };
        let label = LABELS.into_iter().find(labelled).unwrap_or_default();
        let end = text.strip_suffix('\n').unwrap_or(text);
        let end = end.strip_suffix('\r').unwrap_or(end).len();
        let mut digits = String::with_capacity(DIGITS);
        let mut last = ' ';
        for (number, (at, c)) in text.char_indices().enumerate() {
            if at < label.len() || at >= end {
                continue;
            }
            let is_separator = matches!(c, ' ' | ':' | '-') && last.is_ascii_hexdigit();
            if c.is_ascii_hexdigit() {
                digits.push(c);
            } else if !is_separator || at + 1 == end {
                let problem = format!("character {} is {c:?}", number + 1);
                return Err(Error::input("thumbprint", problem, REMEDY));
            }
            last = c;
        }
        if digits.len() == DIGITS {
            return Ok(Self(digits));
        }
        let problem = format!("it has {} digits", digits.len());
        Err(Error::input("thumbprint", problem, REMEDY))
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use test_support::OrFail as _;

    use super::Thumbprint;

    const LOWER: &str = "9b3c37766bd00c22ec478b8f124c153b4b7e4c5b";
    const COLONS: &str = "9B:3C:37:76:6B:D0:0C:22:EC:47:8B:8F:12:4C:15:3B:4B:7E:4C:5B";

    #[test]
    fn case_is_kept_and_does_not_count() {
        let lower: Thumbprint = LOWER.parse().or_fail();
        let upper: Thumbprint = LOWER.to_uppercase().parse().or_fail();
        assert_eq!(lower, upper);
        assert_eq!(lower.cmp(&upper), std::cmp::Ordering::Equal);
        assert_eq!(HashSet::from([lower.clone(), upper.clone()]).len(), 1);
        assert_eq!(lower.as_str(), LOWER);
        assert_eq!(upper.to_string(), LOWER.to_uppercase());
    }

    #[test]
    fn usual_spellings_are_read() {
        for text in [
            COLONS.to_owned(),
            COLONS.replace(':', " "),
            COLONS.replace(':', "-"),
            format!("{LOWER}\n"),
            format!("{LOWER}\r\n"),
            format!("SHA1 Fingerprint={COLONS}"),
            format!("sha1 Fingerprint={COLONS}\n"),
            format!("SHA1-{LOWER}"),
            format!("sha1-{LOWER}"),
            format!("Cert Hash(sha1): {}", COLONS.replace(':', " ")),
            format!("\u{200e}{}", COLONS.replace(':', " ")),
        ] {
            let read: Thumbprint = text.parse().or_fail();
            assert!(read.as_str().eq_ignore_ascii_case(LOWER), "{text:?}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_place() {
        for (text, says) in [
            (String::new(), "0 digits"),
            (LOWER[1..].to_owned(), "39 digits"),
            (format!("{LOWER}0"), "41 digits"),
            ("ab:".repeat(31) + "ab", "64 digits"),
            (format!("\u{200f}{LOWER}"), "character 1 is '\\u{200f}'"),
            (format!(" {LOWER}"), "character 1 is ' '"),
            (format!("{LOWER} "), "character 41 is ' '"),
            (LOWER.replace("3c", "3::c"), "character 5 is ':'"),
            (format!("{LOWER}\n\n"), "character 41 is '\\n'"),
            (format!("SHA1-:{LOWER}"), "character 6 is ':'"),
            (format!("sha256 Fingerprint={LOWER}"), "character 1 is 's'"),
            ("../../jobs/j".to_owned(), "character 1 is '.'"),
            ("\u{ff19}".repeat(40), "character 1"),
            (format!("{}\n", &LOWER[..39]), "39 digits"),
        ] {
            let refusal = text.parse::<Thumbprint>().err_or_fail();
            assert!(refusal.is_invalid_input());
            let refusal = refusal.to_string();
            assert!(refusal.contains(says), "{text:?}: {refusal}");
            assert!(refusal.contains(super::REMEDY), "{refusal}");
        }
    }

    #[test]
    fn json_is_checked_like_text() {
        let read = |json: &str| serde_json::from_str::<Thumbprint>(json);
        assert_eq!(read(&format!("\"{LOWER}\"")).or_fail().as_str(), LOWER);
        assert!(read("\"ab\"").is_err());
    }
}
