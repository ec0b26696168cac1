//! Rotates a management certificate of a Windows Azure Pack subscription: adds the new one, sees that it is there,
//! and only then deletes the old one, of which it writes a copy.
//!
//! ```console
//! $ export TOKEN=... SUBSCRIPTION=0cfc58de-38cb-4fa6-9258-4afde95d3c05 PRINCIPAL=ana@contoso.com
//! $ cargo run -p thumbprint --example rotate_management_certificate -- https://wap.contoso.com:30005 new.cer OLD_THUMBPRINT
//! ```

use std::{env, error::Error, fs};

use thumbprint::{
    Thumbprint,
    wap::{Certificate, Client, NewCertificate},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let endpoint = arguments.next().ok_or("give the tenant API's URL")?;
    let new = NewCertificate::new(&fs::read(arguments.next().ok_or("give the new file")?)?)?;
    let old: Thumbprint = arguments.next().ok_or("give the old thumbprint")?.parse()?;
    let (subscription, principal) = (env::var("SUBSCRIPTION")?, env::var("PRINCIPAL")?);
    let tenant = Client::new(&endpoint, &subscription, &principal, env::var("TOKEN")?)?;
    if let Some(copy) = rotate(&tenant, new, &old).await? {
        fs::write(format!("{old}.cer"), copy)?;
    }
    Ok(())
}

/// Puts `new` in the place of `old`, and gives the old certificate in DER form, which the service has forgotten then.
pub(crate) async fn rotate(
    tenant: &Client,
    new: NewCertificate,
    old: &Thumbprint,
) -> Result<Option<Vec<u8>>, thumbprint::Error> {
    let thumbprint = new.thumbprint().clone();
    match tenant.add(new).await {
        Ok(_) => {}
        // It is there from an earlier run, or somebody was faster.
        Err(error) if error.is_conflict() => {}
        Err(error) => return Err(error),
    }
    let stored = tenant.get(&thumbprint).await?;
    for warning in Certificate::read(&stored, Some(&thumbprint)).warnings {
        println!("{thumbprint}: {warning}");
    }
    // Taken before the deletion: its answer may be lost, and the certificate with it.
    let copy = Certificate::read(&*tenant.get(old).await?, Some(old)).data;
    tenant.delete(old).await?;
    Ok(copy)
}
