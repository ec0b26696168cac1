//! What proves to a service who is calling.

use std::{fmt, sync::Arc};

use http::{HeaderValue, header::AUTHORIZATION};
use reqwest::Request;

use crate::{Clock, Error, Secret};

#[cfg(feature = "azure-identity")]
mod azure_identity;
mod cache;
mod shared_key;
mod token;

#[cfg(feature = "azure-identity")]
pub use azure_identity::AzureIdentity;
use cache::TokenCache;
pub use shared_key::SharedKey;
pub use token::{Token, TokenSource};

/// What proves to a service who is calling. `Debug` shows the kind and never the secret.
///
/// A text is a bearer token that the caller fetched; everything else has its own way in:
/// [`Credential::tokens`] for tokens that are fetched when they are needed, [`SharedKey`] for the key of
/// a Batch account.
#[derive(Clone)]
pub struct Credential(Kind);

#[derive(Clone)]
enum Kind {
    Bearer(Secret),
    Tokens(Arc<TokenCache>),
    SharedKey(SharedKey),
}

impl Credential {
    /// A bearer token that the caller fetched and renews, without the word `Bearer`.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Self(Kind::Bearer(token.into()))
    }

    /// Bearer tokens from a source that is asked when one is needed. Clones share what it gave.
    ///
    /// A token is kept, and a new one fetched in the background from five minutes before it expires.
    /// However many calls wait for one, one fetch is under way. If it fails, the token at hand goes on
    /// being used while it is good, and the source is left alone for 30 seconds. A service that does
    /// not accept a kept token gets one new one, once per call.
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

    /// Whether requests are signed with a key, rather than sent with a token.
    #[must_use]
    pub fn is_shared_key(&self) -> bool {
        matches!(self.0, Kind::SharedKey(_))
    }

    /// Refuses what can be seen to be wrong before anything is sent.
    pub(crate) fn check(&self) -> Result<Authorizer, Error> {
        Ok(match &self.0 {
            Kind::Bearer(token) => {
                Authorizer::Fixed(token::authorization(token).map_err(token::refused)?)
            }
            Kind::Tokens(cache) => Authorizer::Tokens(Arc::clone(cache)),
            Kind::SharedKey(key) => Authorizer::SharedKey(key.clone()),
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

impl From<SharedKey> for Credential {
    fn from(key: SharedKey) -> Self {
        Self(Kind::SharedKey(key))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Bearer(_) => "Bearer([redacted])",
            Kind::Tokens(_) => "Tokens([redacted])",
            Kind::SharedKey(_) => "SharedKey([redacted])",
        })
    }
}

/// A credential that was checked, ready to be put into requests.
pub(crate) enum Authorizer {
    Fixed(HeaderValue),
    Tokens(Arc<TokenCache>),
    SharedKey(SharedKey),
}

impl Authorizer {
    /// Puts what proves who is calling into a request that `complete` has completed: after the wait for a
    /// token, as it may say what the time is, and before it is signed. Gives back what it put in, if that
    /// came out of a cache and could be replaced.
    pub(crate) async fn authorize(
        &self,
        request: &mut Request,
        clock: &Arc<dyn Clock>,
        complete: impl FnOnce(&mut Request),
    ) -> Result<Option<HeaderValue>, Error> {
        let (value, replaceable) = match self {
            Self::Fixed(value) => (value.clone(), false),
            Self::Tokens(cache) => {
                let (value, waited_for) = cache.authorization(clock).await?;
                (value, !waited_for)
            }
            Self::SharedKey(key) => {
                complete(request);
                return key.sign(request, clock.utc_now()).map(|()| None);
            }
        };
        complete(request);
        let cached = replaceable.then(|| value.clone());
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(cached)
    }

    /// The service has not accepted `sent`. Whether another attempt would send something else.
    pub(crate) fn renew(&self, sent: &HeaderValue, clock: &dyn Clock) -> bool {
        match self {
            Self::Tokens(cache) => cache.renew(sent, clock),
            Self::Fixed(_) | Self::SharedKey(_) => false,
        }
    }
}
