//! A client that knows no rules.

use std::{fmt, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::OrFail as _;
use crate::Received;

/// An answer, as it came over the socket.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers in order, with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, by its Content-Length or its chunks.
    pub body: Vec<u8>,
}

impl Answered {
    /// A header's value. The name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for Answered {
    /// Status, headers, and the body as text, each on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{}\n{:?}\n{body}", self.status, self.headers)
    }
}

/// Sends these bytes over a connection of their own and reads the answer to the end: what a client that
/// knows no rules gets, within half a minute.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> Answered {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.or_fail();
        // A server may answer and hang up before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    let limit = Duration::from_secs(30);
    let answer = tokio::time::timeout(limit, talk).await;
    let shown = bytes[..bytes.len().min(300)].escape_ascii();
    let answer = answer.unwrap_or_else(|_| panic!("no end to the answer to {shown}"));
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer to {shown}: {answer:?}"));
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let Received {
        headers, target, ..
    } = Received::parse(&head, Vec::new());
    let mut answered = Answered {
        status: target.parse().or_fail(),
        headers,
        body: answer[end + 4..].to_vec(),
    };
    if answered.header("transfer-encoding") == Some("chunked") {
        answered.body = unchunked(&answered.body);
    } else if let Some(length) = answered.header("content-length") {
        assert_eq!(length, answered.body.len().to_string(), "{head}");
    }
    answered
}

/// The body that came in chunks.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = rest
            .windows(2)
            .position(|window| window == b"\r\n")
            .or_fail();
        let size = std::str::from_utf8(&rest[..line]).or_fail();
        let size = usize::from_str_radix(size, 16).or_fail();
        if size == 0 {
            return body;
        }
        body.extend(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + size + 4..];
    }
}
