//! A server of raw sockets: it keeps what it receives, byte for byte, and answers what it is told to.

use std::{
    collections::VecDeque,
    future,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::time::TestClock;

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
    /// The same, with the bytes one by one.
    Drip(Vec<u8>),
    /// Sends these bytes and closes the connection so that the other side sees a reset.
    Abort(Vec<u8>),
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
    events: Arc<Events>,
    _task: Stopped,
}

/// What the server tells of, and to whom.
#[derive(Default)]
struct Events {
    clock: OnceLock<Arc<TestClock>>,
    hung_up: watch::Sender<usize>,
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
        let events = Arc::<Events>::default();
        let task = tokio::spawn({
            let (received, connections) = (Arc::clone(&received), Arc::clone(&connections));
            let events = Arc::clone(&events);
            async move {
                let mut open = tokio::task::JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::SeqCst);
                    let (received, handler) = (Arc::clone(&received), Arc::clone(&handler));
                    open.spawn(serve(stream, received, handler, Arc::clone(&events)));
                }
            }
        });
        Self {
            address,
            received,
            connections,
            answers: Arc::default(),
            events,
            _task: Stopped(task),
        }
    }

    /// Lets this clock's deadlines pass whenever the server has fallen silent, so that no test waits for
    /// them. What was sent before the silence has been heard by then.
    #[must_use]
    pub fn hushing(self, clock: &Arc<TestClock>) -> Self {
        let _ = self.events.clock.set(Arc::clone(clock));
        self
    }

    /// Comes back once so many clients have hung up after the server did ([`Answer::Close`]): none of
    /// them takes the connection for a living one any more.
    ///
    /// # Panics
    /// Never: the server does not end before this does.
    pub async fn hung_up(&self, number: usize) {
        let mut hung_up = self.events.hung_up.subscribe();
        hung_up.wait_for(|count| *count >= number).await.unwrap();
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

async fn serve(
    mut stream: TcpStream,
    received: Arc<Mutex<Vec<Received>>>,
    handler: Handler,
    events: Arc<Events>,
) {
    // What is sent in parts is to arrive in parts.
    let _ = stream.set_nodelay(true);
    while let Some(request) = read(&mut stream).await {
        received.lock().unwrap().push(request.clone());
        match handler(request).await {
            Some(Answer::Bytes(bytes)) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Some(Answer::Close(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                while matches!(stream.read(&mut [0; 64]).await, Ok(1..)) {}
                events.hung_up.send_modify(|count| *count += 1);
                return;
            }
            Some(Answer::Stall(bytes)) => {
                events.tell(&mut stream, &[&bytes]).await;
                if let Some(clock) = events.clock.get() {
                    clock.silence();
                }
                return future::pending().await;
            }
            Some(Answer::Drip(bytes)) => {
                let head = bytes.windows(4).position(|window| window == b"\r\n\r\n");
                let parts: Vec<_> = match head {
                    // One byte of a head is nothing that a call could hear.
                    Some(end) => std::iter::once(&bytes[..end + 4])
                        .chain(bytes[end + 4..].chunks(1))
                        .collect(),
                    None => bytes.chunks(1).collect(),
                };
                events.tell(&mut stream, &parts).await;
                if let Some(clock) = events.clock.get() {
                    clock.silence();
                }
                return future::pending().await;
            }
            Some(Answer::Abort(bytes)) => {
                events.tell(&mut stream, &[&bytes]).await;
                let _ = stream.set_zero_linger();
                return;
            }
            Some(Answer::Reset) | None => {
                // With data unread or a zero linger the kernel sends RST in place of FIN.
                let _ = stream.set_zero_linger();
                return;
            }
        }
    }
}

impl Events {
    /// Sends these parts, each once the client has heard the one before it, and waits until it has heard
    /// the last. Before the end of a head there is nothing to be heard.
    async fn tell(&self, stream: &mut TcpStream, parts: &[&[u8]]) {
        let mut audible = false;
        for part in parts {
            let mut heard = self.clock.get().map(|clock| clock.heard());
            let _ = stream.write_all(part).await;
            let _ = stream.flush().await;
            audible |= part.windows(4).any(|window| window == b"\r\n\r\n")
                && !part.starts_with(b"HTTP/1.1 1");
            if let Some(heard) = heard.as_mut().filter(|_| audible) {
                let _ = heard.changed().await;
            }
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
