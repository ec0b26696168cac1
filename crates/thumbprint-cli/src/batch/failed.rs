//! The certificates whose deletion failed.

use std::{collections::HashSet, pin::pin};

use futures_util::TryStreamExt as _;
use thumbprint::{
    Thumbprint,
    batch::{Certificate, CertificateState, filter, raw::builder::CertificateList},
};

use crate::failure::{Failure, code};

/// All of an account's list, as far as it goes and the bound lets, and why it does not go further. They are all
/// known before the first of them is changed, so that a Ctrl-C can say how many are left.
pub(super) async fn of(
    list: CertificateList<'_>,
    max: u32,
) -> (Vec<(Thumbprint, Certificate)>, Option<Failure>) {
    let failed = filter::state().eq(CertificateState::DeleteFailed);
    let mut certificates = pin!(list.filter(failed).items());
    let (mut found, mut seen, mut left) = (Vec::new(), HashSet::new(), max);
    loop {
        match certificates.try_next().await {
            Ok(Some(_)) if left == 0 => {
                let summary = format!(
                    "there are more than {max} failed deletions, and only so many were taken: run it again for the \
                     rest, or set --max"
                );
                let code = code::FAILED;
                return (found, Some(Failure::Several { summary, code }));
            }
            Ok(Some(certificate)) => {
                left -= 1;
                let name = certificate.thumbprint.as_deref();
                let thumbprint = name.and_then(|name| name.parse::<Thumbprint>().ok());
                let thumbprint = thumbprint.filter(|thumbprint| seen.insert(thumbprint.clone()));
                found.extend(thumbprint.map(|thumbprint| (thumbprint, certificate)));
            }
            Ok(None) => return (found, None),
            Err(error) => return (found, Some(Failure::Read(error))),
        }
    }
}
