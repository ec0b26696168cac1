//! One call, and what it came to.

use std::net::SocketAddr;

use http::HeaderMap;
use serde_json::Value;
use thumbprint_transport::{
    Builder, Error, Judgement, Operation, Proxy, ServiceError, Transport, judgement::Rules,
};

const JUDGEMENT: Judgement<Value> = Judgement {
    describe: |_| ServiceError::default(),
    rules: Rules::NONE,
};

/// What must not reach a server that is not trusted. It is long enough to be more than a handshake.
pub(crate) const TOKEN: &str = "canary-token-canary-token-canary-token-canary-token";

static OPERATION: Operation = Operation::new(
    "Probe",
    "GET",
    "/probe",
    Some("application/json"),
    None,
    &[],
    &[],
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
    runtime.enable_all().build().unwrap().block_on(async {
        let transport = builder.build()?;
        let answer =
            transport.follow::<Value, Value>("probe", HeaderMap::new(), &OPERATION, &JUDGEMENT);
        answer.await.map(drop)
    })
}
