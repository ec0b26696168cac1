//! Through the generated crate of Azure's SDK for Rust.

use std::sync::Arc;

use azure_core::auth::{AccessToken, TokenCredential};
use azure_svc_batch::package_2023_11::Client;
use driver::{Arguments, Outcome, THUMBPRINT, TOKEN};

fn main() -> Outcome {
    driver::run(connect, call)
}

#[derive(Debug)]
struct Token;

#[async_trait::async_trait]
impl TokenCredential for Token {
    async fn get_token(&self, _: &[&str]) -> azure_core::Result<AccessToken> {
        let later = time::OffsetDateTime::now_utc() + time::Duration::hours(1);
        Ok(AccessToken::new(TOKEN, later))
    }

    async fn clear_cache(&self) -> azure_core::Result<()> {
        Ok(())
    }
}

async fn connect(arguments: &Arguments) -> Outcome<Client> {
    let endpoint = azure_core::Url::parse(&arguments.base)?;
    Ok(Client::builder(Arc::new(Token))
        .endpoint(endpoint)
        .build()?)
}

async fn call(client: &Client, _: &Arguments) -> Outcome {
    let certificates = client.certificate_client();
    certificates
        .cancel_deletion("sha1", THUMBPRINT)
        .send()
        .await?;
    Ok(())
}
