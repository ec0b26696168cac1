//! `Certificate_Delete`. What becomes of it later is [`Account::settle`]'s.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Account, Call, CertificateState, error_reply::ErrorReply};
use crate::request::Arguments;

/// A certificate whose deletion failed can be deleted again without a cancellation before it.
pub(super) fn delete(
    account: &mut Account,
    call: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let thumbprint = super::thumbprint(arguments)?;
    let state = account.certificate(thumbprint).map(|cert| cert.state);
    if state == Some(CertificateState::Deleting) {
        return Err(ErrorReply::being_deleted());
    }
    let certificate = account
        .set(thumbprint, CertificateState::Deleting, call.now)
        .ok_or_else(ErrorReply::not_found)?;
    Ok(call.empty(StatusCode::ACCEPTED, arguments, &certificate.version()))
}
