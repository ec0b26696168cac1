//! A way in for the fuzz target, to what has none of its own. No part of the interface.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::batch::{Account, CertificateState, Filter};

/// 2023-11-20T10:11:12.1234567Z, when the certificates were changed.
const CHANGED: DateTime<Utc> = DateTime::from_timestamp_nanos(1_700_475_072_123_456_700);

/// Which of three certificates a `$filter` takes, by the first letters of their states, with `f` for `deletefailed`; or
/// why it is none.
pub fn filtered(filter: &str) -> Result<String, String> {
    let filter = Filter::parse(filter).map_err(|fault| fault.to_string())?;
    let mut account = Account::new(Duration::MAX, CHANGED);
    for (thumbprint, state) in [
        ("a", CertificateState::Active),
        ("d", CertificateState::Deleting),
        ("f", CertificateState::DeleteFailed),
    ] {
        account.put(thumbprint, state, None, [].into(), CHANGED);
    }
    let taken = account.after(None).filter(|cert| filter.takes(cert));
    Ok(taken.map(|cert| cert.thumbprint.as_str()).collect())
}
