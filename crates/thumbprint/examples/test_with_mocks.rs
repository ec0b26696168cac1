//! A test of one's own code with the typed mocks: they answer what a test says, and notice a request that differs
//! in a value. Here the service answers that the feature is retired, as it does since 2025.
//!
//! ```console
//! $ cargo run -p thumbprint --example test_with_mocks
//! ```

use std::error::Error;

use httpmock::MockServer;
use thumbprint::{
    Thumbprint,
    batch::{Client, raw::types},
};
use thumbprint_batch_httpmock::MockServerExt as _;

/// The code under test: whether the certificate is usable again.
pub(crate) async fn rescue(account: &Client, cert: &Thumbprint) -> Result<bool, thumbprint::Error> {
    match account.cancel_deletion(cert).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_retired() => Ok(false),
        Err(error) => Err(error),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    test().await
}

/// The test: `#[tokio::test]` in a program of one's own.
pub(crate) async fn test() -> Result<(), Box<dyn Error>> {
    let cert: Thumbprint = "0123456789abcdef0123456789abcdef01234567".parse()?;
    let named: types::Thumbprint = cert.as_str().parse()?;
    let mut retired = types::BatchError::default();
    retired.code = Some("CertificateRetired".to_owned());
    let server = MockServer::start_async().await;
    let mock = server.certificate_cancel_deletion(|when, then| {
        when.thumbprint(&named);
        then.client_error(400, &retired);
    });

    let account = Client::builder(&server.base_url(), "any-token").allow_loopback_http();
    assert!(!rescue(&account.build()?, &cert).await?);
    mock.assert_async().await;
    Ok(())
}
