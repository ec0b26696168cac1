//! The states of a Batch certificate.

use std::{fmt, str::FromStr};

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

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::CertificateState;

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
        let error = "gone".parse::<CertificateState>().err_or_fail();
        assert!(error.to_string().contains("deletefailed"));
    }
}
