//! Deletes a certificate of a Batch account, and waits until it is gone or says why it cannot go.
//!
//! ```console
//! $ export TOKEN=$(az account get-access-token --resource https://batch.core.windows.net/ --query accessToken -o tsv)
//! $ cargo run -p thumbprint --example delete_and_wait -- https://account.region.batch.azure.com THUMBPRINT
//! ```

use std::{env, error::Error, time::Duration};

use thumbprint::{
    Thumbprint,
    batch::{Client, DeletionOutcome},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let endpoint = arguments.next().ok_or("give the account's URL")?;
    let cert: Thumbprint = arguments.next().ok_or("give the thumbprint")?.parse()?;
    let account = Client::new(&endpoint, env::var("TOKEN")?)?;
    println!("{}", delete(&account, &cert).await?);
    Ok(())
}

/// Deletes a certificate, and says how that ended.
pub(crate) async fn delete(
    account: &Client,
    cert: &Thumbprint,
) -> Result<String, thumbprint::Error> {
    let five_minutes = Duration::from_secs(300);
    let outcome = match account.delete_and_wait(cert, five_minutes).await {
        Ok(outcome) => outcome,
        // The service goes on with it: wait again, by `wait_for_deletion`.
        Err(error) if error.is_unfinished() => return Ok(format!("still deleting: {error}")),
        Err(error) => return Err(error),
    };
    Ok(match outcome {
        DeletionOutcome::Deleted => "gone".to_owned(),
        DeletionOutcome::DeleteFailed(certificate) => {
            // Mostly a pool that names it. Once it does not, delete again, or cancel the deletion to keep the certificate.
            let reason = certificate.delete_certificate_error.unwrap_or_default();
            format!("{:?}: {:?}", reason.code, reason.values)
        }
        other => format!("somebody has canceled it: {other:?}"),
    })
}
