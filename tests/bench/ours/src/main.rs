//! The same through thumbprint: `bench-ours URL cancel|conflict|list COUNT IN_FLIGHT`.

use std::error::Error;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use thumbprint::{Thumbprint, batch};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().collect();
    let (base, scenario) = (arguments[1].as_str(), arguments[2].as_str());
    let (count, in_flight): (usize, usize) = (arguments[3].parse()?, arguments[4].parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = batch::Client::builder(base, "token.of-the-bench")
            .allow_loopback_http()
            .build()?;
        let thumbprint = "0123456789abcdef0123456789abcdef01234567".parse()?;
        stream::iter(0..count)
            .map(|_| call(&client, &thumbprint, scenario))
            .buffer_unordered(in_flight)
            .try_for_each(|()| async { Ok(()) })
            .await
    })
}

async fn call(
    client: &batch::Client,
    thumbprint: &Thumbprint,
    scenario: &str,
) -> Result<(), Box<dyn Error>> {
    if scenario == "list" {
        let page = client.list().await?;
        let count = page.value().value.as_ref().map_or(0, Vec::len);
        return (count == 1000).then_some(()).ok_or_else(|| "another page".into());
    }
    match (scenario, client.cancel_deletion(thumbprint).await) {
        ("cancel", Ok(_)) => Ok(()),
        ("conflict", Err(error)) if error.code() == Some("CertificateStateActive") => Ok(()),
        (_, Err(error)) => Err(error.into()),
        (_, Ok(answer)) => Err(format!("status {}", answer.status()).into()),
    }
}
