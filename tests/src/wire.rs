//! A server of raw sockets: it keeps what it receives, byte for byte, and answers what it is told to.

use std::{
    collections::VecDeque,
    future,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A request, as it came over the socket.
#[derive(Clone, Debug)]
pub struct Received {
    /// Every byte up to the empty line, without it.
    pub head: String,
    /// The method.
    pub method: String,
    /// The target, as it was spelled.
    pub target: String,
    /// The headers in order, with their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, by its Content-Length.
    pub body: Vec<u8>,
}

impl Received {
    fn parse(head: &str, body: Vec<u8>) -> Self {
        let mut lines = head.split("\r\n");
        let mut request_line = lines.next().unwrap_or_default().splitn(3, ' ');
        let mut word = || request_line.next().unwrap_or_default().to_owned();
        Self {
            method: word(),
            target: word(),
            headers: lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            head: head.to_owned(),
            body,
        }
    }

    /// A header's value. The name is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The names and values of the query, decoded.
    #[must_use]
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Sends these bytes and keeps the connection open.
    Bytes(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
    /// Sends these bytes and then nothing more, with the connection open.
    Stall(Vec<u8>),
    /// Closes the connection so that the other side sees a reset.
    Reset,
}

impl Answer {
    /// A whole answer with a Content-Length.
    #[must_use]
    pub fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = body.len().to_string();
        let mut headers = headers.to_vec();
        // These two statuses have no body, so they may not announce one.
        if status != 204 && status != 304 {
            headers.push(("Content-Length", &length));
        }
        let mut bytes = Self::head(status, &headers);
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }

    /// The head of an answer, with the empty line, and with no header but those given.
    #[must_use]
    pub fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        format!("HTTP/1.1 {status} Status\r\n{lines}\r\n").into_bytes()
    }
}

/// The server. It stops when it is dropped.
pub struct Recorder {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicUsize>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    _task: Stopped,
}

/// A task that stops when this is dropped.
struct Stopped(JoinHandle<()>);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What answers a request. Without an answer the connection is reset.
type Handler =
    Arc<dyn Fn(Received) -> Pin<Box<dyn Future<Output = Option<Answer>> + Send>> + Send + Sync>;

impl Recorder {
    /// Starts a server that has no answers yet: for answers that name its address.
    pub async fn listening() -> Self {
        Self::start([]).await
    }

    /// Gives these answers from now on, as [`start`](Self::start) does.
    ///
    /// # Panics
    /// If a task of the server has.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        *self.answers.lock().unwrap() = answers.into_iter().collect();
    }

    /// Starts a server that gives one answer after the other; the last one is given from then on.
    ///
    /// # Panics
    /// If the machine has no free port.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let handler = {
            let answers = Arc::clone(&answers);
            move |_| {
                let mut answers = answers.lock().unwrap();
                let answer = if answers.len() > 1 {
                    answers.pop_front()
                } else {
                    answers.front().cloned()
                };
                future::ready(answer)
            }
        };
        Self {
            answers,
            ..Self::serving(handler).await
        }
    }

    /// Starts a server that gives what `handler` says to each request.
    ///
    /// # Panics
    /// If the machine has no free port.
    pub async fn serving<F>(handler: impl Fn(Received) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Answer>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |request| Box::pin(handler(request)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn({
            let (received, connections) = (Arc::clone(&received), Arc::clone(&connections));
            async move {
                let mut open = tokio::task::JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::SeqCst);
                    open.spawn(serve(stream, Arc::clone(&received), Arc::clone(&handler)));
                }
            }
        });
        Self {
            address,
            received,
            connections,
            answers: Arc::default(),
            _task: Stopped(task),
        }
    }

    /// Where the server listens: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was received so far.
    ///
    /// # Panics
    /// If a task of the server has.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The one request that was received.
    ///
    /// # Panics
    /// If there were none or several.
    #[must_use]
    pub fn only(&self) -> Received {
        let received = self.received();
        assert_eq!(received.len(), 1, "{received:#?}");
        received.into_iter().next().unwrap()
    }

    /// How many connections were opened so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, received: Arc<Mutex<Vec<Received>>>, handler: Handler) {
    while let Some(request) = read(&mut stream).await {
        received.lock().unwrap().push(request.clone());
        let answer = handler(request).await;
        let keep = match answer {
            Some(Answer::Bytes(bytes)) => stream.write_all(&bytes).await.is_ok(),
            Some(Answer::Close(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                false
            }
            Some(Answer::Stall(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                std::future::pending().await
            }
            Some(Answer::Reset) | None => {
                // With data unread or a zero linger the kernel sends RST in place of FIN.
                let _ = stream.set_zero_linger();
                false
            }
        };
        if !keep {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut body = bytes.split_off(end + 4);
    let length = Received::parse(&head, Vec::new())
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received::parse(&head, body))
}

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
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Sends these bytes over a connection of their own and reads the answer to the end: what a client that
/// knows no rules gets.
///
/// # Panics
/// If the answer is none, or does not come within half a minute.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> Answered {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // A server may answer and hang up before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    let limit = std::time::Duration::from_secs(30);
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
        status: target.parse().unwrap(),
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
            .unwrap();
        let size = std::str::from_utf8(&rest[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + size + 4..];
    }
}
