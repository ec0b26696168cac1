//! A client that sends exactly what it is told to.

use std::{fmt::Write as _, future::Future, net::SocketAddr, time::Duration};

use serde_json::Value;
use test_support::OrFail as _;
use thumbprint_sandbox::Sandbox;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

pub(crate) const TOKEN: &str = "canary-token";
pub(crate) const BEARER: (&str, &str) = ("Authorization", "Bearer canary-token");
pub(crate) const EMPTY: (&str, &str) = ("Content-Length", "0");

/// A connection to a sandbox.
pub(crate) struct Client(BufReader<TcpStream>);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(sandbox: &Sandbox) -> Self {
        let stream = TcpStream::connect(sandbox.address()).await.or_fail();
        Self(BufReader::new(stream))
    }

    /// Sends bytes as they are.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        patiently(self.0.write_all(bytes.as_ref())).await.or_fail();
    }

    /// Reads one answer. `body` says whether the method allows for one.
    pub(crate) async fn read(&mut self, body: bool) -> Answer {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            patiently(self.0.read_line(&mut line)).await.or_fail();
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let status = lines[0].split(' ').nth(1).or_fail().parse().or_fail();
        let headers = lines[1..].iter().map(|line| {
            let (name, value) = line.split_once(':').or_fail();
            (name.to_owned(), value.trim().to_owned())
        });
        let mut answer = Answer {
            status,
            headers: headers.collect(),
            body: Vec::new(),
        };
        let length = answer.header("content-length");
        assert_eq!(answer.header("transfer-encoding"), None);
        let length = length.map_or(0, |length| length.parse().or_fail());
        if body {
            answer.body.resize(length, 0);
            patiently(self.0.read_exact(&mut answer.body))
                .await
                .or_fail();
        }
        answer
    }

    pub(crate) async fn call(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.write(bytes(method, target, headers, body)).await;
        self.read(method != "HEAD").await
    }

    /// Waits until the server closes the connection.
    pub(crate) async fn closed(&mut self) {
        let mut rest = Vec::new();
        // A reset is an end too.
        let _ = patiently(self.0.read_to_end(&mut rest)).await;
        assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }
}

/// A request as it stands on the wire.
pub(crate) fn bytes(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: localhost:1\r\n");
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").or_fail();
    }
    text + "\r\n" + body
}

/// One request on a connection of its own.
pub(crate) async fn call(
    sandbox: &Sandbox,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut client = Client::connect(sandbox).await;
    client.call(method, target, headers, "").await
}

impl Answer {
    /// The one value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "{name} is there twice");
        value
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// Waits until nothing listens on an address. In the meantime another test may have got the port.
pub(crate) async fn refused(address: SocketAddr) {
    patiently(async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Fails where nothing happens, instead of hanging.
pub(crate) async fn patiently<T>(future: impl Future<Output = T>) -> T {
    // More than any limit of the sandbox: where the time is paused, one of its own passes first.
    timeout(Duration::from_secs(60), future)
        .await
        .expect("nothing happened for a minute")
}
