//! `ManagementCertificate_Add`.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chrono::SubsecRound;
use http::{Response, StatusCode};
use serde_json::{Map, Value};
use sha1::{Digest, Sha1};
use thumbprint_wap::types::{SubscriptionCertificate, Thumbprint};

use super::{Call, Subscriptions, error_reply::ErrorReply, subscription};
use crate::request::{Arguments, Body};

const PUBLIC_KEY: &str = "SubscriptionCertificatePublicKey";
const THUMBPRINT: &str = "SubscriptionCertificateThumbprint";
const DATA: &str = "SubscriptionCertificateData";
/// What the vendor's own client cannot leave out: it sends 0001-01-01T00:00:00.
const TIME: &str = "TimeCreated";

pub(super) fn add(
    subscriptions: &mut Subscriptions,
    call: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let subscription = subscription(subscriptions, arguments)?;
    let Body::Whole(body) = &call.request.body else {
        return Err(ErrorReply::not_built());
    };
    let (thumbprint, mut certificate) = read(body)?;
    // No finer than it is written.
    certificate.time_created = Some(call.now.naive_utc().trunc_subsecs(3));
    if subscription.add(&thumbprint, certificate) {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok(response)
    } else {
        Err(ErrorReply::exists())
    }
}

/// Reads a `SubscriptionCertificateParameter`. Whether the service holds the members against each other is
/// unknown. The sandbox does so with the thumbprint and the data, since what is stored under a wrong
/// thumbprint is never found again; the public key it only decodes.
fn read(body: &[u8]) -> Result<(String, SubscriptionCertificate), ErrorReply> {
    let members: Map<String, Value> = serde_json::from_slice(body).map_err(|error| {
        ErrorReply::body(if error.is_data() {
            "The request body must be one JSON object.".to_owned()
        } else {
            let (line, column) = (error.line(), error.column());
            format!("The request body is not JSON, as line {line}, column {column} shows.")
        })
    })?;
    if members
        .keys()
        .any(|name| ![PUBLIC_KEY, THUMBPRINT, DATA, TIME].contains(&name.as_str()))
    {
        return Err(ErrorReply::body(
            "The request body has a member that a SubscriptionCertificate has not.".to_owned(),
        ));
    }
    let text = |name: &str| match members.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.as_str()),
        None | Some(Value::Null | Value::String(_)) => {
            Err(ErrorReply::body(format!("The member {name} is missing.")))
        }
        Some(_) => Err(ErrorReply::body(format!(
            "The member {name} is not a string."
        ))),
    };
    let decoded = |name: &str, text: &str| {
        let bytes = STANDARD.decode(text);
        bytes.map_err(|_| ErrorReply::body(format!("The member {name} is not base64.")))
    };
    let (public_key, thumbprint, data) = (text(PUBLIC_KEY)?, text(THUMBPRINT)?, text(DATA)?);
    if thumbprint.parse::<Thumbprint>().is_err() {
        return Err(ErrorReply::body(format!(
            "The member {THUMBPRINT} is not 40 hexadecimal digits."
        )));
    }
    decoded(PUBLIC_KEY, public_key)?;
    let digest = Sha1::digest(decoded(DATA, data)?);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if !digest.eq_ignore_ascii_case(thumbprint) {
        return Err(ErrorReply::body(format!(
            "The member {THUMBPRINT} is not the SHA-1 of {DATA}."
        )));
    }
    let mut certificate = SubscriptionCertificate::default();
    certificate.subscription_certificate_public_key = Some(public_key.to_owned());
    certificate.subscription_certificate_thumbprint = Some(thumbprint.to_owned());
    certificate.subscription_certificate_data = Some(data.to_owned());
    Ok((thumbprint.to_owned(), certificate))
}
