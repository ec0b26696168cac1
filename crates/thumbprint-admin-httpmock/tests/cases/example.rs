//! The code under test lets a minute pass in a sandbox, and tells what time it is there.

use std::error::Error;

use chrono::{DateTime, Utc};
use httpmock::MockServer;
use thumbprint_admin::{
    Client,
    types::{Advance, Clock},
};
use thumbprint_admin_httpmock::MockServerExt as _;
use thumbprint_transport::Transport;

async fn a_minute_later(client: &Client) -> Result<DateTime<Utc>, thumbprint_transport::Error> {
    let clock = client.clock_advance().body(Advance::new(60.0)).await?;
    Ok(clock.now)
}

#[tokio::test]
async fn the_sandbox_says_what_time_it_is() -> Result<(), Box<dyn Error>> {
    let now = "2023-11-20T10:12:12Z".parse()?;
    let server = MockServer::start_async().await;
    let mock = server.clock_advance(|when, then| {
        when.body(&Advance::new(60.0));
        then.ok(&Clock::new(now));
    });

    let transport = Transport::builder(server.base_url(), "any-token").allow_loopback_http();
    let client = Client::new(transport.build()?);
    assert_eq!(a_minute_later(&client).await?, now);
    mock.assert_async().await;
    Ok(())
}
