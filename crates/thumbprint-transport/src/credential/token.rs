//! Bearer tokens and where they come from.

use std::{error::Error as StdError, fmt, future::Future, time::Duration};

use chrono::{DateTime, Utc};
use http::HeaderValue;

use crate::{Error, Secret};

/// Longest token, in bytes. Real ones have a few KiB; more than this no server would take.
const MAX_LENGTH: usize = 64 * 1024;

/// A bearer token, and until when it is good.
///
/// ```
/// use std::time::Duration;
///
/// use thumbprint_transport::Token;
///
/// /// The answer of an OAuth server (RFC 6749, section 5.1).
/// #[derive(serde::Deserialize)]
/// struct Issued {
///     access_token: String,
///     expires_in: u64,
/// }
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let issued: Issued = serde_json::from_str(r#"{"access_token": "2YotnFZF", "expires_in": 3600}"#)?;
/// let token = Token::new(issued.access_token).expires_after(Duration::from_secs(issued.expires_in));
/// assert!(!format!("{token:?}").contains("2YotnFZF"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Token {
    pub(super) secret: Secret,
    pub(super) expires: Option<Expiry>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Expiry {
    At(DateTime<Utc>),
    After(Duration),
}

impl Token {
    /// A token, without the word `Bearer`. Unless told otherwise it is good until a service does not
    /// accept it.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self {
            secret: secret.into(),
            expires: None,
        }
    }

    /// The token is good until then, as the issuer's clock has it.
    #[must_use]
    pub fn expires_at(mut self, time: DateTime<Utc>) -> Self {
        self.expires = Some(Expiry::At(time));
        self
    }

    /// The token is good for this long, from now on.
    #[must_use]
    pub fn expires_after(mut self, lifetime: Duration) -> Self {
        self.expires = Some(Expiry::After(lifetime));
        self
    }

    /// How long it is good, seen from `now`. `None` where that is unknown.
    pub(super) fn lifetime(&self, now: DateTime<Utc>) -> Option<Duration> {
        self.expires.map(|expires| match expires {
            Expiry::At(time) => (time - now).to_std().unwrap_or(Duration::ZERO),
            Expiry::After(lifetime) => lifetime,
        })
    }
}

/// Where bearer tokens come from: a function that fetches one, or a type of your own.
///
/// An error ends the call that needed the token, before anything is sent; it stands among the sources of
/// [`Error`], so it must not hold a secret. Nothing has to be cached between fetches:
/// [`Credential::tokens`](crate::Credential::tokens) does that.
///
/// ```
/// use std::{error::Error, path::PathBuf};
///
/// use thumbprint_transport::{Credential, Token, TokenSource};
///
/// /// A file that something else renews.
/// struct TokenFile(PathBuf);
///
/// impl TokenSource for TokenFile {
///     async fn token(&self) -> Result<Token, Box<dyn Error + Send + Sync>> {
///         Ok(Token::new(std::fs::read_to_string(&self.0)?.trim_end()))
///     }
/// }
///
/// let credential = Credential::tokens(TokenFile("/run/secrets/batch-token".into()));
/// # let _ = credential;
/// ```
pub trait TokenSource: Send + Sync + 'static {
    /// Fetches a new token. One fetch is under way at a time (one for each runtime, where calls come from
    /// several); one of more than a minute is given up.
    fn token(&self) -> impl Future<Output = Result<Token, Box<dyn StdError + Send + Sync>>> + Send;
}

impl<F, R> TokenSource for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<Token, Box<dyn StdError + Send + Sync>>> + Send,
{
    fn token(&self) -> impl Future<Output = Result<Token, Box<dyn StdError + Send + Sync>>> + Send {
        self()
    }
}

/// What a token was copied with, if it is not alone.
fn wrapping(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let first = text.chars().next()?;
    let word = text.get(.."bearer".len()).unwrap_or_default();
    let is_word = |text: &str| text.is_empty() || text.starts_with([' ', '\t', ':']);
    match first {
        '{' | '[' => Some(
            "it is JSON, of which the value of `accessToken` or `access_token` is the token (`az account \
             get-access-token --query accessToken --output tsv` prints that alone)",
        ),
        '"' | '\'' | '`' => Some("it is in quotes"),
        '\u{feff}' => Some("it begins with a byte order mark"),
        _ if word.eq_ignore_ascii_case("bearer") && is_word(&text[word.len()..]) => {
            Some("it begins with the word `Bearer`")
        }
        _ => None,
    }
}

/// The value of the `Authorization` header, or what is wrong with the token.
pub(super) fn authorization(token: &Secret) -> Result<HeaderValue, &'static str> {
    let token = token.expose();
    if token.is_empty() {
        return Err("it is empty");
    }
    if let Some(problem) = wrapping(token) {
        return Err(problem);
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it has a character other than visible ASCII, perhaps a line break at its end");
    }
    if token.len() > MAX_LENGTH {
        return Err("it is longer than 64 KiB");
    }
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| "it cannot stand in a header")?;
    value.set_sensitive(true);
    Ok(value)
}

pub(super) fn refused(problem: &'static str) -> Error {
    Error::input(
        "token",
        problem,
        "pass the token alone, as the issuer printed it, without `Bearer`",
    )
}

/// What a fetch failed with, for all who waited for it.
#[derive(Clone)]
pub(super) struct Failure {
    pub(super) problem: &'static str,
    pub(super) source: Option<std::sync::Arc<dyn StdError + Send + Sync>>,
}

impl Failure {
    pub(super) fn new(problem: &'static str) -> Self {
        Self {
            problem,
            source: None,
        }
    }

    pub(super) fn error(&self) -> Error {
        Error::credential(self.problem, self.source.clone())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problem)
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::authorization;
    use crate::Secret;

    #[test]
    fn a_token_that_was_copied_with_more_is_refused_by_name() {
        for (text, problem) in [
            (
                r#"{"accessToken":"canary","expiresOn":"2026"}"#,
                "it is JSON",
            ),
            ("{\n  \"access_token\": \"canary\"\n}\n", "it is JSON"),
            (r#"[{"accessToken":"canary"}]"#, "it is JSON"),
            (r#""canary""#, "it is in quotes"),
            ("'canary'\n", "it is in quotes"),
            ("Bearer canary", "the word `Bearer`"),
            ("bearer\tcanary", "the word `Bearer`"),
            ("BEARER:canary", "the word `Bearer`"),
            ("Bearer", "the word `Bearer`"),
            ("\u{feff}canary", "byte order mark"),
            ("", "it is empty"),
            ("canary\n", "a line break at its end"),
        ] {
            let refused = authorization(&Secret::from(text)).err_or_fail();
            assert!(refused.contains(problem), "{text}: {refused}");
            assert!(!refused.contains("canary"), "{refused}");
        }
        for text in [
            "canary",
            "eyJ0.e30.c2ln",
            "bearers-of-tokens",
            "bearer.e30.c2ln",
        ] {
            let value = authorization(&Secret::from(text)).or_fail();
            assert_eq!(value.to_str().or_fail(), format!("Bearer {text}"));
        }
    }
}
