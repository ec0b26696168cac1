//! What proves to a service who is calling.

use http::HeaderValue;

use crate::{Error, Secret};

/// What proves to a service who is calling. `Debug` shows the kind and never the secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credential {
    /// A bearer token that the caller fetched and renews. Sent as `Authorization: Bearer`.
    Bearer(Secret),
}

impl Credential {
    /// A bearer token, without the word `Bearer`.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self::Bearer(token.into())
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, Error> {
        let Self::Bearer(token) = self;
        let token = token.expose();
        let problem = if token.is_empty() {
            Some("it is empty")
        } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            Some("it has a character other than visible ASCII, perhaps a line break at its end")
        } else if token.len() > MAX_TOKEN {
            Some("it is longer than 64 KiB")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(Error::input(
                "token",
                problem,
                "pass the token alone, as the issuer printed it, without `Bearer`",
            ));
        }
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| Error::input("token", "it cannot stand in a header", "fetch a new one"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl From<&str> for Credential {
    fn from(token: &str) -> Self {
        Self::bearer(token)
    }
}

impl From<String> for Credential {
    fn from(token: String) -> Self {
        Self::bearer(token)
    }
}

/// Longest token, in bytes. Real ones have a few KiB; more than this no server would take.
const MAX_TOKEN: usize = 64 * 1024;
