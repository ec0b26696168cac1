//! What somebody writes with reqwest alone: `bench-by-hand URL cancel|conflict|list COUNT IN_FLIGHT`.

use std::error::Error;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::{
    Client,
    header::{ACCEPT, CONTENT_LENGTH},
};
use serde::Deserialize;

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoded like the other client's")]
struct BatchError {
    code: Option<String>,
    message: Option<Message>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoded like the other client's")]
struct Message {
    lang: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoded like the other client's")]
struct Page {
    #[serde(rename = "odata.metadata")]
    metadata: Option<String>,
    #[serde(rename = "odata.nextLink")]
    next_link: Option<String>,
    value: Vec<Certificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "decoded like the other client's")]
struct Certificate {
    thumbprint: Option<String>,
    thumbprint_algorithm: Option<String>,
    url: Option<String>,
    state: Option<State>,
    state_transition_time: Option<chrono::DateTime<chrono::Utc>>,
    previous_state: Option<State>,
    previous_state_transition_time: Option<chrono::DateTime<chrono::Utc>>,
    public_data: Option<String>,
    delete_certificate_error: Option<DeleteError>,
    #[serde(rename = "odata.metadata")]
    metadata: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoded like the other client's")]
struct DeleteError {
    code: Option<String>,
    message: Option<String>,
    values: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoded like the other client's")]
struct Value {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code, reason = "decoded like the other client's")]
enum State {
    Active,
    Deleting,
    DeleteFailed,
    #[serde(untagged)]
    Unknown(String),
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().collect();
    let (base, scenario) = (arguments[1].as_str(), arguments[2].as_str());
    let (count, in_flight): (usize, usize) = (arguments[3].parse()?, arguments[4].parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::builder().build()?;
        stream::iter(0..count)
            .map(|_| call(&client, base, scenario))
            .buffer_unordered(in_flight)
            .try_for_each(|()| async { Ok(()) })
            .await
    })
}

async fn call(client: &Client, base: &str, scenario: &str) -> Result<(), Box<dyn Error>> {
    let thumbprint = "0123456789abcdef0123456789abcdef01234567";
    let request = match scenario {
        "list" => client.get(format!("{base}/certificates")),
        _ => client
            .post(format!(
                "{base}/certificates(thumbprintAlgorithm=sha1,thumbprint={thumbprint})/canceldelete"
            ))
            .header(CONTENT_LENGTH, "0"),
    };
    let response = request
        .query(&[("api-version", "2023-11-01.18.0")])
        .header(ACCEPT, "application/json")
        .bearer_auth("token.of-the-bench")
        .send()
        .await?;
    match (scenario, response.status().as_u16()) {
        ("cancel", 204) => Ok(()),
        ("conflict", 409) => {
            let error: BatchError = response.json().await?;
            (error.code.as_deref() == Some("CertificateStateActive"))
                .then_some(())
                .ok_or_else(|| "another code".into())
        }
        ("list", 200) => {
            let page: Page = response.json().await?;
            (page.value.len() == 1000).then_some(()).ok_or_else(|| "another page".into())
        }
        (_, status) => Err(format!("status {status}").into()),
    }
}
