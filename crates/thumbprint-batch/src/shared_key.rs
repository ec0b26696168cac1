//! Azure Batch's `SharedKey` scheme: every request is signed with the account's key.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use http::{
    HeaderMap, HeaderValue,
    header::{
        AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, DATE,
        HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, RANGE,
    },
};
use reqwest::Request;
use ring::hmac;
use thumbprint_transport::{Credential, Error, HttpDate, Secret, SignRequest};
use zeroize::Zeroizing;

/// The header that says when a request was made. The service takes a request up to 15 minutes after it.
const OCP_DATE: HeaderName = HeaderName::from_static("ocp-date");

/// The key of a Batch account, with which each request is signed.
///
/// A signature covers the method, the path, the query and the time, and is made anew for each attempt and
/// each page. The key opens the whole account: where there is a choice, take tokens of Entra ID.
///
/// ```
/// use thumbprint_batch::{Client, SharedKey};
/// use thumbprint_transport::Transport;
///
/// # fn client() -> Result<Client, Box<dyn std::error::Error>> {
/// let key = SharedKey::new("myaccount", std::env::var("AZURE_BATCH_ACCESS_KEY")?)?;
/// let transport = Transport::builder("https://myaccount.region.batch.azure.com", key).build()?;
/// # Ok(Client::new(transport))
/// # }
/// ```
///
/// Source: [Authenticate Requests to the Azure Batch Service][page].
///
/// [page]: https://learn.microsoft.com/en-us/rest/api/batchservice/authenticate-requests-to-the-azure-batch-service
#[derive(Clone)]
pub struct SharedKey {
    account: String,
    key: Zeroizing<Vec<u8>>,
}

impl SharedKey {
    /// A key in base64, as the portal shows it, of the account of that name.
    pub fn new(account: impl Into<String>, key: impl Into<Secret>) -> Result<Self, Error> {
        let account = account.into();
        if account.is_empty() || !account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Error::input(
                "account",
                "it is empty or has a character other than letters and digits",
                "give the account's name alone, the first part of its host name",
            ));
        }
        let key: Secret = key.into();
        let key = BASE64_STANDARD.decode(key.expose().trim());
        match key.map(Zeroizing::new) {
            Ok(key) if key.is_empty() => Err(refused("it is empty")),
            Ok(key) => Ok(Self { account, key }),
            Err(_) => Err(refused("it is not base64")),
        }
    }

    /// What the signature covers. It follows what goes over the wire, where the page's own rules and its
    /// example disagree: a line break stands before each query parameter, and none after the last.
    fn string_to_sign(&self, request: &Request) -> String {
        let headers = request.headers();
        let text = |name: &HeaderName| visible(headers, name);
        let length = match request.body().and_then(reqwest::Body::as_bytes) {
            Some(body) => body.len().to_string(),
            None => text(&CONTENT_LENGTH),
        };
        let mut lines = vec![
            request.method().to_string(),
            text(&CONTENT_ENCODING),
            text(&CONTENT_LANGUAGE),
            length,
            text(&HeaderName::from_static("content-md5")),
            text(&CONTENT_TYPE),
            // Empty beside `ocp-date`, which is signed below.
            text(&DATE),
            text(&IF_MODIFIED_SINCE),
            text(&IF_MATCH),
            text(&IF_NONE_MATCH),
            text(&IF_UNMODIFIED_SINCE),
            text(&RANGE),
        ];
        let mut own: Vec<_> = headers
            .keys()
            .filter(|name| name.as_str().starts_with("ocp-"))
            .map(|name| format!("{name}:{}", visible(headers, name)))
            .collect();
        own.sort();
        lines.append(&mut own);
        lines.push(format!("/{}{}", self.account, request.url().path()));
        // The page, .NET and Java sign the names in lower case; it matters for a next link's `$skipToken`.
        let mut query: Vec<_> = request
            .url()
            .query_pairs()
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect();
        query.sort();
        lines.extend(query.iter().map(|(name, value)| format!("{name}:{value}")));
        lines.join("\n")
    }
}

/// Signs each request, and dates it if it has no date yet.
impl SignRequest for SharedKey {
    fn sign(&self, request: &mut Request, now: DateTime<Utc>) -> Result<(), Error> {
        if !request.headers().contains_key(OCP_DATE)
            && let Ok(date) = HeaderValue::try_from(HttpDate::try_from(now)?.to_string())
        {
            request.headers_mut().insert(OCP_DATE, date);
        }
        let text = self.string_to_sign(request);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key);
        let signature = BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()));
        let value = format!("SharedKey {}:{signature}", self.account);
        // Letters, digits and base64 always stand in a header.
        let value = HeaderValue::try_from(value);
        let mut value = value.map_err(|_| refused("it cannot sign"))?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

impl From<SharedKey> for Credential {
    fn from(key: SharedKey) -> Self {
        Self::signed_by(key)
    }
}

fn refused(problem: &'static str) -> Error {
    let remedy = "copy one of the account's two access keys as it stands";
    Error::input("key", problem, remedy)
}

fn visible(headers: &HeaderMap, name: &HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedKey([redacted])")
    }
}
