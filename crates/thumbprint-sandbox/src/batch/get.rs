//! `Certificate_Get`.

use bytes::Bytes;
use http::Response;
use serde::Serialize;

use super::{
    Account, Call,
    entity::{Select, entity},
    error_reply::ErrorReply,
};
use crate::request::Arguments;

#[derive(Serialize)]
struct Body<E> {
    #[serde(rename = "odata.metadata")]
    metadata: String,
    #[serde(flatten)]
    certificate: E,
}

pub(super) fn get(
    account: &mut Account,
    call: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let select = Select::read(arguments)?;
    let certificate = account
        .certificate(super::thumbprint(arguments)?)
        .ok_or_else(ErrorReply::not_found)?;
    let host = call.host();
    let body = Body {
        metadata: format!("{host}/$metadata#certificates/@Element"),
        certificate: entity(certificate, &select, host),
    };
    Ok(call.json(arguments, &certificate.version(), &body))
}
