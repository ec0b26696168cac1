//! Rescues the certificates of a Batch account whose deletion failed: all of them are active again afterwards.
//!
//! ```console
//! $ export TOKEN=$(az account get-access-token --resource https://batch.core.windows.net/ --query accessToken -o tsv)
//! $ cargo run -p thumbprint --example rescue -- https://account.region.batch.azure.com
//! ```

use std::{env, error::Error, pin::pin};

use futures_util::TryStreamExt as _;
use thumbprint::batch::{CancelOutcome, Client};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = env::args().nth(1).ok_or("give the account's URL")?;
    let account = Client::new(&endpoint, env::var("TOKEN")?)?;
    let left = rescue(&account).await?;
    if left > 0 {
        return Err(format!("{left} could not be rescued").into());
    }
    Ok(())
}

/// Cancels every failed deletion, 16 at once, and gives the number of those that could not be canceled.
pub(crate) async fn rescue(account: &Client) -> Result<usize, thumbprint::Error> {
    let mut left = 0;
    let mut outcomes = pin!(account.cancel_failed_deletions(16));
    while let Some(one) = outcomes.try_next().await? {
        match one.outcome {
            CancelOutcome::Canceled | CancelOutcome::AlreadyActive => {
                println!("{} is active", one.thumbprint);
            }
            // Get it before you try again: it may be active, or deleted by somebody else since.
            CancelOutcome::Unknown(error) => {
                println!("{error}");
                left += 1;
            }
            other => {
                println!("{}: {other:?}", one.thumbprint);
                left += 1;
            }
        }
    }
    Ok(left)
}
