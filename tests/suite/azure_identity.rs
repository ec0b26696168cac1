//! Credentials that implement `azure_core`'s trait. Must notice a scope that is not Batch's, a token that
//! is asked for anew with each call, and a reason that is lost.

use std::sync::{Arc, Mutex};

use azure_core::{
    credentials::{AccessToken, TokenCredential, TokenRequestOptions},
    error::{Error, ErrorKind},
    time::{Duration, OffsetDateTime},
};
use conformance::calls::thumbprint;
use test_support::{OrFail as _, RawServer, Reply};
use thumbprint::batch;

/// A credential that remembers what it is asked for.
#[derive(Debug)]
struct Stub {
    lifetime: Duration,
    asked: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl TokenCredential for Stub {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.asked.lock().or_fail().push(scopes.join(" "));
        if self.lifetime == Duration::ZERO {
            return Err(Error::with_message(
                ErrorKind::Credential,
                "no user is signed in",
            ));
        }
        Ok(AccessToken::new(
            "stub.token",
            OffsetDateTime::now_utc() + self.lifetime,
        ))
    }
}

fn stub(lifetime: Duration) -> Arc<Stub> {
    Arc::new(Stub {
        lifetime,
        asked: Mutex::default(),
    })
}

fn account(server: &RawServer, credential: thumbprint::AzureIdentity) -> batch::Client {
    let builder = batch::Client::builder(&server.base_url(), credential);
    builder.allow_loopback_http().build().or_fail()
}

// Facts: security azure_auth user_impersonation; scheme azure_auth: oauth2
#[tokio::test]
async fn a_token_is_asked_for_once_and_for_batch() {
    let server = RawServer::start([Reply::new(204, &[], "")]).await;
    for (scope, expected) in [
        (None, "https://batch.core.windows.net/.default"),
        (
            Some("https://batch.core.chinacloudapi.cn/.default"),
            "https://batch.core.chinacloudapi.cn/.default",
        ),
    ] {
        let stub = stub(Duration::hours(1));
        let mut credential = batch::azure_identity(stub.clone());
        if let Some(scope) = scope {
            credential = credential.scope(scope);
        }
        let account = account(&server, credential);
        for _ in 0..3 {
            account.cancel_deletion(&thumbprint()).await.or_fail();
        }
        assert_eq!(*stub.asked.lock().or_fail(), [expected]);
    }
    for request in server.received() {
        assert_eq!(request.header("authorization"), Some("Bearer stub.token"));
    }
}

#[tokio::test]
async fn a_credential_that_fails_says_why_and_sends_nothing() {
    let server = RawServer::start([Reply::new(204, &[], "")]).await;
    let account = account(&server, batch::azure_identity(stub(Duration::ZERO)));
    let error = account.cancel_deletion(&thumbprint()).await.err_or_fail();
    assert!(
        error.is_credential() && !error.is_outcome_unknown(),
        "{error:?}"
    );
    assert_eq!(error.attempts(), 0);
    let reason = std::error::Error::source(&error).or_fail().to_string();
    assert!(reason.contains("no user is signed in"), "{reason}");
    assert_eq!(server.connections(), 0);
}
