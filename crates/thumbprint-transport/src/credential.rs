//! What proves to a service who is calling.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use http::{HeaderValue, header::AUTHORIZATION};
use reqwest::Request;

use crate::{Clock, Error, Secret, operation::SecurityScheme};

#[cfg(feature = "azure-identity")]
mod azure_identity;
mod cache;
mod scheme;
mod token;

#[cfg(feature = "azure-identity")]
pub use azure_identity::AzureIdentity;
use cache::TokenCache;
pub use token::{Token, TokenSource};

/// What proves to a service who is calling. `Debug` shows the kind and never the secret.
///
/// A text is a bearer token that the caller fetched. [`Credential::tokens`] takes a source of tokens that
/// are fetched when they are needed, [`Credential::signed_by`] what signs each request. An operation sends
/// what its document asks for, [`Credential::basic`] or [`Credential::key`] in place of a token; a call for
/// which the credential does not fit sends nothing, and says what would.
///
/// ```
/// use thumbprint_transport::Credential;
///
/// # let (token, key) = ("token", "key");
/// let both = Credential::all([Credential::bearer(token), Credential::key("X-Api-Key", key)]);
/// assert_eq!(format!("{both:?}"), "All([redacted])");
/// ```
#[derive(Clone)]
pub struct Credential(Kind);

#[derive(Clone)]
enum Kind {
    Bearer(Secret),
    Tokens(Arc<TokenCache>),
    Signature(Arc<dyn SignRequest>),
    Basic(Secret, Secret),
    Key(String, Secret),
    All(Vec<Credential>),
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

    /// The name and the password of a user, for services that ask for HTTP's `Basic`.
    pub fn basic(user: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        Self(Kind::Basic(user.into(), password.into()))
    }

    /// A key, sent as the document says: in the header, the query or the cookie of this name.
    ///
    /// ```
    /// use thumbprint_transport::Credential;
    ///
    /// # let secret = "k";
    /// let credential = Credential::key("X-Api-Key", secret);
    /// # let _ = credential;
    /// ```
    pub fn key(name: impl Into<String>, key: impl Into<Secret>) -> Self {
        Self(Kind::Key(name.into(), key.into()))
    }

    /// Several, for services that ask for more than one, or for others in other operations. Each operation
    /// sends those that it asks for.
    pub fn all(credentials: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::All(credentials.into_iter().collect()))
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
            Kind::Basic(user, password) => scheme::basic(user, password)?,
            Kind::Key(name, key) => scheme::key(name, key)?,
            Kind::All(all) => {
                Authorizer::All(all.iter().map(Self::check).collect::<Result<_, _>>()?)
            }
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
            Kind::Basic(..) => "Basic([redacted])",
            Kind::Key(..) => "Key([redacted])",
            Kind::All(_) => "All([redacted])",
        })
    }
}

/// What signs requests.
///
/// ```
/// use reqwest::Request;
/// use thumbprint_transport::{
///     Credential, Error, SignRequest,
///     chrono::{DateTime, Utc},
///     http::HeaderValue,
/// };
///
/// struct Signer;
/// # fn signature(_: &Request, _: DateTime<Utc>) -> String { String::new() }
///
/// impl SignRequest for Signer {
///     fn sign(&self, request: &mut Request, now: DateTime<Utc>) -> Result<(), Error> {
///         let mut value = HeaderValue::try_from(signature(request, now))
///             .map_err(|error| Error::conversion("account", error, "give its name alone"))?;
///         value.set_sensitive(true);
///         request.headers_mut().insert("authorization", value);
///         Ok(())
///     }
/// }
///
/// let credential = Credential::signed_by(Signer);
/// assert!(credential.is_signature());
/// ```
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
    /// What `Authorization` says, and what is secret in it.
    Basic(HeaderValue, [HeaderValue; 1]),
    /// The name of a key, the key, and what is secret in it.
    Key(String, [HeaderValue; 2]),
    All(Vec<Authorizer>),
}

/// A token for one request.
pub(crate) struct Authorization {
    value: HeaderValue,
    /// Whether it came out of a cache and could be replaced.
    cached: bool,
}

impl Authorizer {
    /// The token for a request that asks for `schemes`, which may have to be waited for. `None` where it asks for
    /// none.
    pub(crate) async fn token(
        &self,
        schemes: &[SecurityScheme],
        clock: &Arc<dyn Clock>,
    ) -> Result<Option<Authorization>, Error> {
        let mut parts = schemes.iter().filter_map(|scheme| self.part(*scheme));
        let (value, cached) =
            match parts.find(|part| matches!(part, Self::Fixed(_) | Self::Tokens(_))) {
                Some(Self::Fixed(value)) => (value.clone(), false),
                Some(Self::Tokens(cache)) => {
                    let (value, waited_for) = cache.authorization(clock).await?;
                    (value, !waited_for)
                }
                _ => return Ok(None),
            };
        Ok(Some(Authorization { value, cached }))
    }

    /// Puts what proves who is calling into a request that is otherwise complete. Gives back what it put
    /// in, if that came out of a cache.
    pub(crate) fn authorize(
        &self,
        schemes: &[SecurityScheme],
        request: &mut Request,
        token: Option<Authorization>,
        now: impl Fn() -> DateTime<Utc>,
    ) -> Result<Option<HeaderValue>, Error> {
        let mut kept = None;
        if let Some(Authorization { value, cached }) = token {
            kept = cached.then(|| value.clone());
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let mut signer = None;
        for scheme in schemes {
            match self.part(*scheme) {
                Some(Self::Basic(value, _)) => {
                    request.headers_mut().insert(AUTHORIZATION, value.clone());
                }
                Some(Self::Key(_, [key, _])) => scheme::put(*scheme, key, request)?,
                Some(Self::Signature(found)) => signer = Some(found),
                _ => {}
            }
        }
        // A signature is over all that is sent.
        if let Some(signer) = signer {
            signer.sign(request, now())?;
        }
        Ok(kept)
    }

    /// The service has not accepted `sent`. Whether another attempt would send something else.
    pub(crate) fn renew(&self, sent: &HeaderValue, clock: &dyn Clock) -> bool {
        match self {
            Self::Tokens(cache) => cache.renew(sent, clock),
            Self::All(all) => all.iter().any(|one| one.renew(sent, clock)),
            _ => false,
        }
    }
}
