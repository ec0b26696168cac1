use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use super::raw::types::{self, CertificateState};
use crate::Thumbprint;

/// A certificate of the account. Any property can be absent: the service promises none, and a list or a
/// look can ask for some only.
#[derive(Clone)]
#[non_exhaustive]
pub struct Certificate {
    /// The thumbprint, if it is one.
    pub thumbprint: Option<Thumbprint>,
    /// URL of the certificate.
    pub url: Option<String>,
    /// The state.
    pub state: Option<CertificateState>,
    /// When it entered the state.
    pub state_transition_time: Option<DateTime<Utc>>,
    /// The state before. `None` in the first active state.
    pub previous_state: Option<CertificateState>,
    /// When it entered the state before.
    pub previous_state_transition_time: Option<DateTime<Utc>>,
    /// The certificate's public part, as a `.cer` file holds it. `None` also where it is not base64.
    pub public_data: Option<Vec<u8>>,
    /// Why the last deletion failed, in the state `deletefailed`.
    pub delete_error: Option<DeleteError>,
    raw: types::Certificate,
}

impl Certificate {
    /// What the service sent, as it sent it.
    #[must_use]
    pub fn raw(&self) -> &types::Certificate {
        &self.raw
    }

    /// Whether the last deletion failed.
    #[must_use]
    pub fn is_delete_failed(&self) -> bool {
        self.state == Some(CertificateState::DeleteFailed)
    }
}

impl From<types::Certificate> for Certificate {
    fn from(raw: types::Certificate) -> Self {
        Self {
            thumbprint: raw.thumbprint.as_deref().and_then(|text| text.parse().ok()),
            url: raw.url.clone(),
            state: raw.state.clone(),
            state_transition_time: raw.state_transition_time,
            previous_state: raw.previous_state.clone(),
            previous_state_transition_time: raw.previous_state_transition_time,
            public_data: raw
                .public_data
                .as_deref()
                .and_then(|text| BASE64_STANDARD.decode(text).ok()),
            delete_error: raw.delete_certificate_error.as_ref().map(DeleteError::from),
            raw,
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("thumbprint", &self.thumbprint)
            .field("state", &self.state)
            .field("state_transition_time", &self.state_transition_time)
            .field("previous_state", &self.previous_state)
            .field("delete_error", &self.delete_error)
            .finish_non_exhaustive()
    }
}

/// Why a certificate could not be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteError {
    /// The name of the error, such as `PoolsReferencingCertificate`.
    pub code: Option<String>,
    /// The text meant for people.
    pub message: Option<String>,
    /// What uses the certificate, as pairs of name and value. Only about the first hundred of them.
    pub values: Vec<(String, String)>,
}

impl From<&types::DeleteCertificateError> for DeleteError {
    fn from(raw: &types::DeleteCertificateError) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let values = raw.values.iter().flatten();
        Self {
            code: raw.code.clone(),
            message: raw.message.clone(),
            values: values
                .map(|pair| (text(&pair.name), text(&pair.value)))
                .collect(),
        }
    }
}

impl fmt::Display for DeleteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_deref().unwrap_or("no reason given"))?;
        if let Some(message) = &self.message {
            write!(f, ": {}", message.lines().next().unwrap_or_default())?;
        }
        for (name, value) in &self.values {
            write!(f, " ({name}: {value})")?;
        }
        Ok(())
    }
}
