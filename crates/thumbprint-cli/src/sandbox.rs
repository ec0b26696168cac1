//! `thumbprint sandbox`.

use std::net::SocketAddr;

use clap::Args;
use thumbprint_sandbox::Sandbox;

use crate::{
    credential,
    failure::Failure,
    output::{Format, Show as _},
    results::{Listening, Operation},
    wap,
};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Where to listen, on loopback; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Answer every Batch request with 400 `CertificateRetired`, as the live service does since 2025
    #[arg(long)]
    retired: bool,
    /// Issue Windows Azure Pack's tokens to this user, whose password is in `THUMBPRINT_WAP_PASSWORD`, and
    /// take no others
    #[arg(long, value_name = "NAME")]
    wap_user: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, format: Format) -> Result<(), Failure> {
    let mut builder = Sandbox::builder()
        .listen(arguments.listen)
        .retired(arguments.retired);
    if let Some(user) = arguments.wap_user {
        let password = credential::password(wap::PASSWORD, &user)?;
        builder = builder.wap_user(user, password).check_wap_tokens(true);
    }
    let sandbox = builder.start().await.map_err(|error| Failure::System {
        doing: "starting the sandbox",
        error,
    })?;
    let listening = Listening {
        operation: Operation::Sandbox,
        listening_on: sandbox.base_url(),
    };
    listening.print(format)?;
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| Failure::System {
            doing: "waiting to be stopped",
            error,
        })?;
    sandbox.stop().await;
    Ok(())
}
