//! Through what progenitor makes of the operation by itself.

use driver::{API_VERSION, Arguments, Outcome, THUMBPRINT, TOKEN};
use reqwest::header::{AUTHORIZATION, HeaderMap};

progenitor::generate_api!(spec = "cancel_deletion.json", interface = Builder);

fn main() -> Outcome {
    driver::run(connect, call)
}

async fn connect(arguments: &Arguments) -> Outcome<Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {TOKEN}").parse()?);
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    Ok(Client::new_with_client(&arguments.base, http))
}

async fn call(client: &Client, _: &Arguments) -> Outcome {
    client
        .certificate_cancel_deletion()
        .thumbprint_algorithm("sha1")
        .thumbprint(THUMBPRINT)
        .api_version(API_VERSION)
        .content_length("0")
        .send()
        .await?;
    Ok(())
}
