//! `Certificate_CancelDeletion`.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{Account, Call, CertificateState, error_reply::ErrorReply, insert};
use crate::request::Arguments;

/// No success was ever recorded: the headers are the document's, the values of `ETag` and `DataServiceId`
/// the sandbox's own.
pub(super) fn cancel_deletion(
    account: &mut Account,
    call: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let thumbprint = super::thumbprint(arguments)?;
    match account.certificate(thumbprint).map(|cert| cert.state) {
        Some(CertificateState::DeleteFailed) => {}
        Some(CertificateState::Active) => return Err(ErrorReply::active()),
        Some(CertificateState::Deleting) => return Err(ErrorReply::being_deleted()),
        None => return Err(ErrorReply::not_found()),
    }
    let certificate = account
        .set(thumbprint, CertificateState::Active, call.now)
        .ok_or_else(ErrorReply::not_found)?;
    let mut response = call.empty(StatusCode::NO_CONTENT, arguments, &certificate.version());
    // The URL of the certificate as the client wrote it: all of the path but the action's name.
    let path = call.request.path();
    let resource = path.rsplit_once('/').map_or(path, |(resource, _)| resource);
    let url = format!("{}{resource}", call.host());
    insert(response.headers_mut(), "dataserviceid", &url);
    Ok(response)
}
