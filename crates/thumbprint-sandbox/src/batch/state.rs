//! The certificates of the Batch account.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, Utc};

/// The state of a Batch certificate.
///
/// ```
/// use thumbprint_sandbox::CertificateState;
///
/// let state: CertificateState = "deleteFailed".parse()?;
/// assert_eq!(state, CertificateState::DeleteFailed);
/// assert_eq!(state.to_string(), "deletefailed");
/// # Ok::<(), thumbprint_sandbox::ParseCertificateStateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CertificateState {
    /// `active`: pools and nodes can use the certificate.
    Active,
    /// `deleting`: a deletion was asked for and is not finished.
    Deleting,
    /// `deletefailed`: a deletion failed. The vendor's prose spells it `deleteFailed`, the wire does not.
    DeleteFailed,
}

impl CertificateState {
    /// The state as it is spelled on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleting => "deleting",
            Self::DeleteFailed => "deletefailed",
        }
    }
}

impl fmt::Display for CertificateState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for CertificateState {
    type Err = ParseCertificateStateError;

    /// Reads a state, ignoring case. Fails on any word that is not one of the three states.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Active, Self::Deleting, Self::DeleteFailed]
            .into_iter()
            .find(|state| state.as_str().eq_ignore_ascii_case(text))
            .ok_or(ParseCertificateStateError(()))
    }
}

/// A text is not a [`CertificateState`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseCertificateStateError(());

impl fmt::Display for ParseCertificateStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a certificate state: expected active, deleting or deletefailed")
    }
}

impl std::error::Error for ParseCertificateStateError {}

/// A Batch account.
pub(crate) struct Account {
    /// By thumbprint in small letters.
    certificates: BTreeMap<String, Certificate>,
    /// Whether the account is one of those that the retirement has reached.
    pub(crate) retired: bool,
}

/// A certificate of an [`Account`].
pub(crate) struct Certificate {
    pub(crate) state: CertificateState,
    /// Time of the last change of state.
    pub(crate) changed: DateTime<Utc>,
    /// How often the state has changed.
    revision: u64,
}

impl Account {
    pub(crate) fn new(retired: bool) -> Self {
        Self {
            certificates: BTreeMap::new(),
            retired,
        }
    }

    /// Adds a certificate, or replaces one of the same thumbprint.
    pub(crate) fn put(&mut self, thumbprint: &str, state: CertificateState, now: DateTime<Utc>) {
        let certificate = Certificate {
            state,
            changed: now,
            revision: 0,
        };
        self.certificates.insert(key(thumbprint), certificate);
    }

    pub(crate) fn certificate(&self, thumbprint: &str) -> Option<&Certificate> {
        self.certificates.get(&key(thumbprint))
    }

    pub(crate) fn certificate_mut(&mut self, thumbprint: &str) -> Option<&mut Certificate> {
        self.certificates.get_mut(&key(thumbprint))
    }
}

impl Certificate {
    pub(crate) fn set(&mut self, state: CertificateState, now: DateTime<Utc>) {
        self.state = state;
        self.changed = now;
        self.revision += 1;
    }

    /// Another value after each change, even of two changes within one tick of the clock. The form is
    /// made up: an `ETag` is opaque.
    pub(crate) fn etag(&self) -> String {
        format!(
            "\"0x{:X}-{}\"",
            self.changed.timestamp_micros(),
            self.revision
        )
    }
}

fn key(thumbprint: &str) -> String {
    thumbprint.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::{Account, CertificateState};

    #[test]
    fn states_are_read_in_either_case_and_written_in_small_letters() {
        for (text, state) in [
            ("active", CertificateState::Active),
            ("Deleting", CertificateState::Deleting),
            ("deleteFailed", CertificateState::DeleteFailed),
        ] {
            assert_eq!(text.parse(), Ok(state));
            assert_eq!(state.to_string(), text.to_lowercase());
        }
        let error = "gone".parse::<CertificateState>().unwrap_err();
        assert!(error.to_string().contains("deletefailed"));
    }

    #[test]
    fn each_change_makes_another_etag() {
        let now: DateTime<Utc> = "2023-11-20T10:11:12Z".parse().unwrap();
        let mut account = Account::new(false);
        account.put("AB", CertificateState::DeleteFailed, now);
        let before = account.certificate("ab").unwrap().etag();
        let certificate = account.certificate_mut("aB").unwrap();
        certificate.set(CertificateState::Active, now);
        assert_eq!(certificate.state, CertificateState::Active);
        assert_ne!(certificate.etag(), before);
    }
}
