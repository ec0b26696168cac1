//! The code under test revokes a certificate, and takes one that is gone already for done.

use std::error::Error;

use httpmock::MockServer;
use thumbprint_transport::Transport;
use thumbprint_wap::{Client, types};
use thumbprint_wap_httpmock::MockServerExt as _;

const SUBSCRIPTION: &str = "0cfc58de-38cb-4fa6-9258-4afde95d3c05";
const CERT: &str = "9B3C37766BD00C22EC478B8F124C153B4B7E4C5B";

async fn revoke(client: &Client, cert: &str) -> Result<(), thumbprint_transport::Error> {
    let call = client.management_certificate_delete().thumbprint(cert);
    let call = call.principal_id("ana@contoso.com");
    match call.subscription_id(SUBSCRIPTION).await {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

#[tokio::test]
async fn a_certificate_that_is_gone_is_revoked() -> Result<(), Box<dyn Error>> {
    let (subscription, cert) = (SUBSCRIPTION.parse()?, CERT.parse()?);
    let mut gone = types::ServiceError::default();
    gone.message = Some("there is no such certificate".to_owned());
    let server = MockServer::start_async().await;
    let mock = server.management_certificate_delete(|when, then| {
        when.subscription_id(&subscription).thumbprint(&cert);
        then.not_found(&gone);
    });

    let transport = Transport::builder(server.base_url(), "any-token").allow_loopback_http();
    revoke(&Client::new(transport.build()?), CERT).await?;
    mock.assert_async().await;
    Ok(())
}
