//! A test of one's own code with the sandbox, which behaves like the service: states change, a deletion takes its time,
//! and what a test wants to go wrong does. It runs in the test itself, on a port of its own.
//!
//! ```console
//! $ cargo run -p thumbprint --example test_with_sandbox
//! ```

use std::error::Error;

use thumbprint::{Thumbprint, batch::Client};
use thumbprint_sandbox::{CertificateState, Sandbox, samples};

/// The code under test.
pub(crate) async fn rescue(account: &Client, cert: &Thumbprint) -> Result<(), thumbprint::Error> {
    account.cancel_deletion(cert).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    test().await
}

/// The test: `#[tokio::test]` in a program of one's own.
pub(crate) async fn test() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let account = Client::builder(&sandbox.base_url(), "any-token").allow_loopback_http();
    let account = account.build()?;

    let cert = samples::BATCH_DELETE_FAILED;
    rescue(&account, &cert.parse()?).await?;
    assert_eq!(sandbox.batch_state(cert), Some(CertificateState::Active));

    // It is active now, so there is nothing left to cancel.
    let again = rescue(&account, &cert.parse()?).await;
    assert!(again.is_err_and(|error| error.is_conflict()));
    sandbox.stop().await;
    Ok(())
}
