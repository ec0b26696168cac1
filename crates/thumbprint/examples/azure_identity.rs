//! Lists the certificates of a Batch account whose deletion failed, as the user who is signed in to the
//! Azure CLI or the Azure Developer CLI.
//!
//! ```console
//! $ az login
//! $ cargo run -p thumbprint --features azure-identity --example azure_identity -- https://account.region.batch.azure.com
//! ```

use std::pin::pin;

use azure_identity::DeveloperToolsCredential;
use futures_util::TryStreamExt as _;
use thumbprint::batch::{self, CertificateState, filter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1);
    let endpoint = endpoint.ok_or("give the account's URL")?;
    let credential = batch::azure_identity(DeveloperToolsCredential::new(None)?);
    let account = batch::Client::new(&endpoint, credential)?;

    let failed = filter::state().eq(CertificateState::DeleteFailed);
    let mut certificates = pin!(account.list().filter(failed).items());
    while let Some(certificate) = certificates.try_next().await? {
        println!("{certificate:?}");
    }
    Ok(())
}
