//! A certificate as the service writes it, and the `$select` that leaves out parts of it.

use serde::Serialize;
use serde_json::{Map, Value};
use thumbprint_batch::types::{DeleteCertificateError, NameValuePair};
use thumbprint_transport::operation::Location;

use super::{
    CertificateState, account::Certificate, error_reply::ErrorReply, time::seven_decimals,
};
use crate::request::Arguments;

/// The properties of the vendor's `Certificate`. `odata.metadata` is not one: it describes the answer.
const PROPERTIES: [&str; 9] = [
    "thumbprint",
    "thumbprintAlgorithm",
    "url",
    "state",
    "stateTransitionTime",
    "previousState",
    "previousStateTransitionTime",
    "publicData",
    "deleteCertificateError",
];

/// Which properties an answer is to have.
pub(super) struct Select(Vec<&'static str>);

impl Select {
    /// Reads `$select`: all properties where it is left out. That spaces around a name do not matter is
    /// the sandbox's own choice.
    pub(super) fn read(arguments: &Arguments) -> Result<Self, ErrorReply> {
        const NAME: &str = "$select";
        let Some(text) = arguments.get(Location::Query, NAME) else {
            return Ok(Self(PROPERTIES.to_vec()));
        };
        let names = text.split(',').map(|name| {
            let known = PROPERTIES.into_iter().find(|known| *known == name.trim());
            known.ok_or_else(|| {
                let reason = format!("The names must be some of: {}", PROPERTIES.join(", "));
                ErrorReply::query(NAME, text, reason)
            })
        });
        names.collect::<Result<_, _>>().map(Self)
    }
}

/// A certificate on its way into an answer, with the properties that were selected. `host` is the URL of
/// the service.
pub(super) fn entity(certificate: &Certificate, select: &Select, host: &str) -> impl Serialize {
    let properties = select.0.iter().filter_map(|name| {
        let value = property(certificate, name, host)?;
        Some(((*name).to_owned(), value))
    });
    properties.collect::<Map<_, _>>()
}

fn property(certificate: &Certificate, name: &str, host: &str) -> Option<Value> {
    let thumbprint = &certificate.thumbprint;
    let previous = certificate.previous;
    Some(match name {
        "thumbprint" => thumbprint.as_str().into(),
        "thumbprintAlgorithm" => "sha1".into(),
        "url" => {
            format!("{host}/certificates(thumbprintAlgorithm=sha1,thumbprint={thumbprint})").into()
        }
        "state" => certificate.state.as_str().into(),
        "stateTransitionTime" => seven_decimals(certificate.changed).into(),
        "previousState" => previous?.0.as_str().into(),
        "previousStateTransitionTime" => seven_decimals(previous?.1).into(),
        "publicData" => certificate.public_data.as_deref()?.into(),
        "deleteCertificateError" => serde_json::to_value(deletion_error(certificate)?).ok()?,
        _ => return None,
    })
}

/// Code and name are those of the vendor's example, the wording is the sandbox's own. One pair per pool:
/// the example has a single one.
fn deletion_error(certificate: &Certificate) -> Option<DeleteCertificateError> {
    if certificate.state != CertificateState::DeleteFailed {
        return None;
    }
    let values = certificate.failed_for.iter().map(|pool| {
        let mut pair = NameValuePair::default();
        pair.name = Some("Pools".to_owned());
        pair.value = Some(pool.clone());
        pair
    });
    let message = "The specified certificate is being used by the pools below.";
    let mut error = DeleteCertificateError::default();
    error.code = Some("PoolsReferencingCertificate".to_owned());
    error.message = Some(message.to_owned());
    error.values = Some(values.collect());
    Some(error)
}
