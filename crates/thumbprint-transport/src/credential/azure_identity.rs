//! Credentials of the crate `azure_identity`, and of whatever else implements `azure_core`'s trait.

use std::{error::Error as StdError, fmt, sync::Arc};

use azure_core::credentials::TokenCredential;
use chrono::DateTime;

use super::{Credential, Token, TokenSource};

/// Tokens of a credential that implements `azure_core`'s `TokenCredential`, for one scope.
#[derive(Clone)]
pub struct AzureIdentity {
    credential: Arc<dyn TokenCredential>,
    scope: String,
}

impl AzureIdentity {
    /// Tokens for `scope`, such as `https://batch.core.windows.net/.default`.
    pub fn new(credential: Arc<dyn TokenCredential>, scope: impl Into<String>) -> Self {
        let scope = scope.into();
        Self { credential, scope }
    }

    /// The same credential for another scope: that of another cloud.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }
}

impl TokenSource for AzureIdentity {
    async fn token(&self) -> Result<Token, Box<dyn StdError + Send + Sync>> {
        let token = self.credential.get_token(&[&self.scope], None).await?;
        let expires = token.expires_on.unix_timestamp();
        let expires = DateTime::from_timestamp(expires, 0).ok_or("the token never expires")?;
        Ok(Token::new(token.token.secret()).expires_at(expires))
    }
}

impl From<AzureIdentity> for Credential {
    fn from(source: AzureIdentity) -> Self {
        Self::tokens(source)
    }
}

impl fmt::Debug for AzureIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureIdentity")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
