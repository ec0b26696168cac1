//! The yardstick: what somebody writes with reqwest alone.

use driver::{API_VERSION, Arguments, Outcome, PAGE, THUMBPRINT, TOKEN};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::{
    Client, RequestBuilder, Response,
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

fn main() -> Outcome {
    driver::run(connect, call)
}

async fn connect(_: &Arguments) -> Outcome<Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().build()?)
}

async fn call(client: &Client, arguments: &Arguments) -> Outcome {
    let base = &arguments.base;
    match arguments.scenario.as_str() {
        "list" => {
            let page = page(client, format!("{base}/certificates")).await?;
            (page.value.len() == PAGE)
                .then_some(())
                .ok_or("another page")?;
        }
        // In a box, as it would make the future of every scenario as big as its own.
        "bulk" => Box::pin(bulk(client, arguments)).await?,
        "conflict" => {
            let response = cancel(client, base, THUMBPRINT).await?;
            (response.status() == 409)
                .then_some(())
                .ok_or("another status")?;
            let error: BatchError = response.json().await?;
            (error.code.as_deref() == Some("CertificateStateActive"))
                .then_some(())
                .ok_or("another code")?;
        }
        _ => canceled_by(cancel(client, base, THUMBPRINT).await?)?,
    }
    Ok(())
}

async fn bulk(client: &Client, arguments: &Arguments) -> Outcome {
    let base = &arguments.base;
    let mut canceled = 0;
    let mut next = Some(format!(
        "{base}/certificates?$filter=state%20eq%20%27deletefailed%27&$select=thumbprint,state"
    ));
    while let Some(url) = next.take() {
        let page = page(client, url).await?;
        next = page.next_link;
        canceled += page.value.len();
        stream::iter(page.value)
            .map(|item| async move {
                let thumbprint = item.thumbprint.ok_or("no thumbprint")?;
                canceled_by(cancel(client, base, &thumbprint).await?)
            })
            .buffer_unordered(arguments.in_flight)
            .try_for_each(|()| async { Ok(()) })
            .await?;
    }
    (canceled == arguments.count)
        .then_some(())
        .ok_or("another count".into())
}

fn canceled_by(response: Response) -> Outcome {
    let status = response.status();
    (status == 204)
        .then_some(())
        .ok_or_else(|| format!("status {status}").into())
}

async fn cancel(client: &Client, base: &str, thumbprint: &str) -> Outcome<Response> {
    let request = client
        .post(format!(
            "{base}/certificates(thumbprintAlgorithm=sha1,thumbprint={thumbprint})/canceldelete"
        ))
        .header(CONTENT_LENGTH, "0");
    send(request).await
}

async fn page(client: &Client, url: String) -> Outcome<Page> {
    Ok(send(client.get(url)).await?.json().await?)
}

async fn send(request: RequestBuilder) -> Outcome<Response> {
    let response = request
        .query(&[("api-version", API_VERSION)])
        .header(ACCEPT, "application/json")
        .bearer_auth(TOKEN)
        .send()
        .await?;
    Ok(response)
}
