//! One call, and its outcome.

use std::net::SocketAddr;

use test_support::OrFail as _;
use thumbprint_transport::{
    Builder, CallOptions, Error, Operation, Proxy, Semantics, Transport, operation::ResponseSpec,
};

/// What must not reach a server that is not trusted. It is long enough to be more than a handshake.
pub(crate) const TOKEN: &str = "canary-token-canary-token-canary-token-canary-token";

static OPERATION: Operation = Operation::new(
    "Probe",
    "probe",
    "GET",
    "/probe",
    Some("application/json"),
    None,
    &[],
    &[ResponseSpec::new(Some(200), Some("application/json"), &[])],
    true,
    false,
);

/// A client of a server on this machine that takes one connection, whatever proxy the environment has.
pub(crate) fn client(address: SocketAddr) -> Builder {
    client_of(&address.ip().to_string(), address.port())
}

pub(crate) fn client_of(host: &str, port: u16) -> Builder {
    Transport::builder(format!("https://{host}:{port}"), TOKEN)
        .proxy(Proxy::None)
        .retries(0)
}

/// Builds the client, makes one call and drops both.
pub(crate) fn call(builder: Builder) -> Result<(), Error> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().or_fail().block_on(async {
        let transport = builder.build()?;
        let build = || {
            let mut request = transport.request(&OPERATION);
            request.literal("/probe");
            request.finish()
        };
        let options = CallOptions::default();
        let answer = transport.send(&build, &OPERATION, &Semantics::DEFAULT, &options);
        answer.await.map(drop)
    })
}
