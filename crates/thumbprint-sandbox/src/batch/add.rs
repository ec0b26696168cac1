//! `Certificate_Add`.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::{Account, Call, error_reply::ErrorReply, insert};
use crate::request::{Arguments, Body};

const THUMBPRINT: &str = "thumbprint";
const ALGORITHM: &str = "thumbprintAlgorithm";
const DATA: &str = "data";
const FORMAT: &str = "certificateFormat";
const PASSWORD: &str = "password";

/// "The base64-encoded contents", at most 10 KB. That this counts the characters of the base64 is how the
/// sandbox reads the page.
const MAX_DATA: usize = 10 * 1024;

pub(super) fn add(
    account: &mut Account,
    call: &Call<'_>,
    arguments: &Arguments,
) -> Result<Response<Bytes>, ErrorReply> {
    let Body::Whole(body) = &call.request.body else {
        return Err(ErrorReply::not_built());
    };
    let New {
        thumbprint,
        public_data,
    } = New::read(body)?;
    let certificate = account
        .add(&thumbprint, public_data, call.now)
        .ok_or_else(ErrorReply::exists)?;
    let mut response = call.empty(StatusCode::CREATED, arguments, &certificate.version());
    // Both recorded, and with these capitals; `url` in bodies has none.
    let url = format!(
        "{}/certificates(ThumbprintAlgorithm=sha1,Thumbprint={thumbprint})",
        call.host()
    );
    let headers = response.headers_mut();
    insert(headers, "dataserviceid", &url);
    insert(headers, "location", &url);
    Ok(response)
}

/// What is kept of a body. A password is looked at and forgotten, and so is a PFX, which has a private key
/// in it.
struct New {
    thumbprint: String,
    public_data: Option<String>,
}

impl New {
    /// Reads a `CertificateAddParameter`. A refusal names properties and never shows a value.
    fn read(body: &[u8]) -> Result<Self, ErrorReply> {
        let properties: Map<String, Value> =
            serde_json::from_slice(body).map_err(|error| ErrorReply::not_an_object(&error))?;
        for name in properties.keys() {
            if ![THUMBPRINT, ALGORITHM, DATA, FORMAT, PASSWORD].contains(&name.as_str()) {
                return Err(ErrorReply::unsupported_property(name));
            }
        }
        // A null is taken for a property that is left out, as serializers write it.
        let given = |name: &'static str| match properties.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(ErrorReply::property(name, "The value must be a string")),
        };
        let required = |name| given(name)?.ok_or_else(|| ErrorReply::missing_property(name));
        let (thumbprint, algorithm, data) =
            (required(THUMBPRINT)?, required(ALGORITHM)?, required(DATA)?);
        let format = given(FORMAT)?;

        // The service "strips" spaces, says the page, in the body only.
        let thumbprint = thumbprint.replace(' ', "");
        if !(1..=40).contains(&thumbprint.len())
            || !thumbprint.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            let reason = "The value must be up to 40 hexadecimal digits";
            return Err(ErrorReply::property(THUMBPRINT, reason));
        }
        if algorithm != "sha1" {
            return Err(ErrorReply::property(ALGORITHM, "The value must be sha1"));
        }
        if data.len() > MAX_DATA {
            let reason = "The value must have at most 10240 characters";
            return Err(ErrorReply::property(DATA, reason));
        }
        if data.is_empty() || STANDARD.decode(data).is_err() {
            let reason = "The value must be a certificate in base64";
            return Err(ErrorReply::property(DATA, reason));
        }
        if !matches!(format, None | Some("pfx" | "cer")) {
            return Err(ErrorReply::property(FORMAT, "The value must be pfx or cer"));
        }
        let is_public = format == Some("cer");
        if given(PASSWORD)?.is_some() && is_public {
            let reason = "The property must be left out where the format is cer";
            return Err(ErrorReply::property(PASSWORD, reason));
        }
        Ok(Self {
            thumbprint,
            public_data: is_public.then(|| data.to_owned()),
        })
    }
}
