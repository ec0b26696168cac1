//! What proves to a service who is calling.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use http::{HeaderValue, header::AUTHORIZATION};
use reqwest::Request;

use crate::{Clock, Error, Secret};

#[cfg(feature = "azure-identity")]
mod azure_identity;
mod cache;
mod token;

#[cfg(feature = "azure-identity")]
pub use azure_identity::AzureIdentity;
use cache::TokenCache;
pub use token::{Token, TokenSource};

/// What proves to a service who is calling. `Debug` shows the kind and never the secret.
///
/// A text is a bearer token that the caller fetched. [`Credential::tokens`] takes a source of tokens that
/// are fetched when they are needed, [`Credential::signed_by`] what signs each request.
#[derive(Clone)]
pub struct Credential(Kind);

#[derive(Clone)]
enum Kind {
    Bearer(Secret),
    Tokens(Arc<TokenCache>),
    Signature(Arc<dyn SignRequest>),
}

impl Credential {
    /// A bearer token that the caller fetched and renews, without the word `Bearer`.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self(Kind::Bearer(token.into()))
    }

    /// Bearer tokens from a source that is asked when one is needed. Clones share what it gave.
    ///
    /// A token is cached, and a new one fetched in the background from five minutes before it expires.
    /// However many calls wait for one, one fetch is under way. If it fails, the token at hand goes on
    /// being used while it is good, and the source is not asked again for 30 seconds. A service that does
    /// not accept a cached token gets one new one, once per call.
    ///
    /// ```
    /// use thumbprint_transport::{Credential, Token};
    /// # async fn ask_the_vault() -> std::io::Result<(String, std::time::Duration)> { Ok(Default::default()) }
    ///
    /// let credential = Credential::tokens(|| async {
    ///     let (token, lifetime) = ask_the_vault().await?;
    ///     Ok(Token::new(token).expires_after(lifetime))
    /// });
    /// # let _ = credential;
    /// ```
    pub fn tokens(source: impl TokenSource) -> Self {
        Self(Kind::Tokens(Arc::new(TokenCache::new(source))))
    }

    /// A signature over each request, in place of a token.
    pub fn signed_by(signer: impl SignRequest) -> Self {
        Self(Kind::Signature(Arc::new(signer)))
    }

    /// Whether requests are signed, rather than sent with a token.
    #[must_use]
    pub fn is_signature(&self) -> bool {
        matches!(self.0, Kind::Signature(_))
    }

    /// Refuses what can be seen to be wrong before anything is sent.
    pub(crate) fn check(&self) -> Result<Authorizer, Error> {
        Ok(match &self.0 {
            Kind::Bearer(token) => {
                Authorizer::Fixed(token::authorization(token).map_err(token::refused)?)
            }
            Kind::Tokens(cache) => Authorizer::Tokens(Arc::clone(cache)),
            Kind::Signature(signer) => Authorizer::Signature(Arc::clone(signer)),
        })
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

impl From<Secret> for Credential {
    fn from(token: Secret) -> Self {
        Self::bearer(token)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Bearer(_) => "Bearer([redacted])",
            Kind::Tokens(_) => "Tokens([redacted])",
            Kind::Signature(_) => "Signature([redacted])",
        })
    }
}

/// What signs requests.
pub trait SignRequest: Send + Sync + 'static {
    /// Signs a request that is otherwise complete. It is asked for each attempt anew; `now` is the time of
    /// day.
    ///
    /// # Errors
    ///
    /// The request cannot be signed. It is not sent.
    fn sign(&self, request: &mut Request, now: DateTime<Utc>) -> Result<(), Error>;
}

/// A credential that was checked, ready to be put into requests.
pub(crate) enum Authorizer {
    Fixed(HeaderValue),
    Tokens(Arc<TokenCache>),
    Signature(Arc<dyn SignRequest>),
}

/// A token for one request.
pub(crate) struct Authorization {
    value: HeaderValue,
    /// Whether it came out of a cache and could be replaced.
    cached: bool,
}

impl Authorizer {
    /// The token for a request, which may have to be waited for. `None` where requests are signed.
    pub(crate) async fn token(
        &self,
        clock: &Arc<dyn Clock>,
    ) -> Result<Option<Authorization>, Error> {
        let (value, cached) = match self {
            Self::Fixed(value) => (value.clone(), false),
            Self::Tokens(cache) => {
                let (value, waited_for) = cache.authorization(clock).await?;
                (value, !waited_for)
            }
            Self::Signature(_) => return Ok(None),
        };
        Ok(Some(Authorization { value, cached }))
    }

    /// Puts what proves who is calling into a request that is otherwise complete. Gives back what it put
    /// in, if that came out of a cache.
    pub(crate) fn authorize(
        &self,
        request: &mut Request,
        token: Option<Authorization>,
        now: impl FnOnce() -> DateTime<Utc>,
    ) -> Result<Option<HeaderValue>, Error> {
        if let Self::Signature(signer) = self {
            signer.sign(request, now())?;
        }
        let Some(Authorization { value, cached }) = token else {
            return Ok(None);
        };
        let kept = cached.then(|| value.clone());
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(kept)
    }

    /// The service has not accepted `sent`. Whether another attempt would send something else.
    pub(crate) fn renew(&self, sent: &HeaderValue, clock: &dyn Clock) -> bool {
        match self {
            Self::Tokens(cache) => cache.renew(sent, clock),
            Self::Fixed(_) | Self::Signature(_) => false,
        }
    }
}
