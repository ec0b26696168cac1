//! A server of raw sockets: it keeps what it receives, byte for byte, and answers what it is told to.

use std::{
    collections::VecDeque,
    fmt, future,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::OrFail as _;
use crate::TestClock;

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
    pub(crate) fn parse(head: &str, body: Vec<u8>) -> Self {
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

    /// A header's first value. The name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.values(name).first().copied()
    }

    /// All values of a header. The name is given in lower case.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(other, _)| other == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).or_fail()
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The names and values of the query, decoded.
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
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

impl fmt::Display for Reply {
    /// What is sent, to 400 bytes, and what becomes of the connection.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes, then) = match self {
            Self::Bytes(bytes) => (bytes, ""),
            Self::Close(bytes) => (bytes, ", then the connection is closed"),
            Self::Stall(bytes) => (bytes, ", then nothing"),
            Self::Drip(bytes) => (bytes, ", byte by byte"),
            Self::Abort(bytes) => (bytes, ", then a reset"),
            Self::Reset => return f.write_str("a reset"),
        };
        write!(f, "{}{then}", bytes[..bytes.len().min(400)].escape_ascii())
    }
}

impl Reply {
    /// A whole answer with a Content-Length.
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

    /// An answer whose body is JSON.
    pub fn json(status: u16, body: impl fmt::Display) -> Self {
        let json = [("Content-Type", "application/json")];
        Self::new(status, &json, body.to_string())
    }

    /// The head of an answer, with the empty line, and with no header but those given.
    pub fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
        let lines: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        format!("HTTP/1.1 {status} Status\r\n{lines}\r\n").into_bytes()
    }
}

/// The server. It stops when it is dropped.
pub struct RawServer {
    scheme: &'static str,
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicUsize>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    events: Arc<Events>,
    _task: Stopped,
}

impl Drop for RawServer {
    /// A test that fails tells what was asked at last and what would have been answered next, whatever it fails over.
    fn drop(&mut self) {
        if std::thread::panicking()
            && let (Ok(received), Ok(replies)) = (self.received.lock(), self.replies.lock())
        {
            eprintln!("{} was asked {} times", self.address, received.len());
            if let Some(last) = received.last() {
                eprintln!("at last:\n{}\n\n{}", last.head, last.body.escape_ascii());
            }
            if let Some(next) = replies.front() {
                eprintln!("answers: {next}");
            }
        }
    }
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

/// A connection, encrypted or not.
trait Connection: AsyncRead + AsyncWrite + Send + Unpin {
    fn socket(&self) -> &TcpStream;
}

impl Connection for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

#[cfg(feature = "tls")]
impl Connection for tokio_rustls::server::TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

type Pending<T> = Pin<Box<dyn Future<Output = Option<T>> + Send>>;

/// What a socket becomes before HTTP is spoken over it. `None` where that fails.
type Handshake = Box<dyn Fn(TcpStream) -> Pending<Box<dyn Connection>> + Send>;

/// What answers a request. Without a reply the connection is reset.
type Handler = Arc<dyn Fn(Received) -> Pending<Reply> + Send + Sync>;

fn handler<F>(handler: impl Fn(Received) -> F + Send + Sync + 'static) -> Handler
where
    F: Future<Output = Option<Reply>> + Send + 'static,
{
    Arc::new(move |request| Box::pin(handler(request)))
}

impl RawServer {
    /// Starts a server that has no replies yet: for replies that name its address.
    pub async fn listening() -> Self {
        Self::start([]).await
    }

    /// Gives these replies from now on, as [`start`](Self::start) does.
    pub fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        *self.replies.lock().or_fail() = replies.into_iter().collect();
    }

    /// Starts a server that gives one reply after the other; the last one is given from then on.
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let next = {
            let replies = Arc::clone(&replies);
            move |_| {
                let mut replies = replies.lock().or_fail();
                let reply = if replies.len() > 1 {
                    replies.pop_front()
                } else {
                    replies.front().cloned()
                };
                future::ready(reply)
            }
        };
        let mut server = Self::serving(next).await;
        server.replies = replies;
        server
    }

    /// Starts a server that gives what `reply` says to each request.
    pub async fn serving<F>(reply: impl Fn(Received) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Reply>> + Send + 'static,
    {
        let plain: Handshake = Box::new(|socket| {
            let connection: Box<dyn Connection> = Box::new(socket);
            Box::pin(future::ready(Some(connection)))
        });
        Self::accepting("http", plain, handler(reply)).await
    }

    /// The same over TLS. A connection whose handshake fails is closed.
    #[cfg(feature = "tls")]
    pub async fn serving_tls<F>(
        config: rustls::ServerConfig,
        reply: impl Fn(Received) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Option<Reply>> + Send + 'static,
    {
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let tls: Handshake = Box::new(move |socket| {
            let accept = acceptor.accept(socket);
            Box::pin(async { Some(Box::new(accept.await.ok()?) as Box<dyn Connection>) })
        });
        Self::accepting("https", tls, handler(reply)).await
    }

    /// Runs a server in a thread of its own, for tests that are not asynchronous.
    pub fn in_thread<F>(start: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Self>,
    {
        let (give, take) = mpsc::channel();
        thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().or_fail();
            runtime.block_on(async {
                give.send(start().await).ok();
                future::pending::<()>().await;
            });
        });
        take.recv().or_fail()
    }

    async fn accepting(scheme: &'static str, handshake: Handshake, handler: Handler) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.or_fail();
        let address = listener.local_addr().or_fail();
        let received = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let events = Arc::<Events>::default();
        let task = tokio::spawn({
            let (received, connections) = (Arc::clone(&received), Arc::clone(&connections));
            let events = Arc::clone(&events);
            async move {
                let mut open = tokio::task::JoinSet::new();
                while let Ok((socket, _)) = listener.accept().await {
                    connections.fetch_add(1, Ordering::SeqCst);
                    // What is sent in parts is to arrive in parts.
                    let _ = socket.set_nodelay(true);
                    let (received, handler) = (Arc::clone(&received), Arc::clone(&handler));
                    let (connection, events) = (handshake(socket), Arc::clone(&events));
                    open.spawn(async move {
                        if let Some(connection) = connection.await {
                            serve(connection, received, handler, events).await;
                        }
                    });
                }
            }
        });
        Self {
            scheme,
            address,
            received,
            connections,
            replies: Arc::default(),
            events,
            _task: Stopped(task),
        }
    }

    /// Lets this clock's deadlines pass whenever the server has fallen silent, so that no test waits for
    /// them. What was sent before the silence has been heard by then.
    #[must_use]
    pub fn with_clock(self, clock: &Arc<TestClock>) -> Self {
        let _ = self.events.clock.set(Arc::clone(clock));
        self
    }

    /// Comes back once so many clients have hung up after the server did ([`Reply::Close`]): none of
    /// them takes the connection for a living one any more.
    pub async fn hung_up(&self, number: usize) {
        let mut hung_up = self.events.hung_up.subscribe();
        hung_up.wait_for(|count| *count >= number).await.or_fail();
    }

    /// Where the server listens: `http://127.0.0.1:PORT`, or `https://` with TLS.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything that was received so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().or_fail().clone()
    }

    /// The one request that was received.
    pub fn only(&self) -> Received {
        let received = self.received();
        assert_eq!(received.len(), 1, "{received:#?}");
        received.into_iter().next().or_fail()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: Box<dyn Connection>,
    received: Arc<Mutex<Vec<Received>>>,
    handler: Handler,
    events: Arc<Events>,
) {
    while let Some(request) = read(&mut *stream).await {
        received.lock().or_fail().push(request.clone());
        match handler(request).await {
            Some(Reply::Bytes(bytes)) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Some(Reply::Close(bytes)) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                while matches!(stream.read(&mut [0; 64]).await, Ok(1..)) {}
                events.hung_up.send_modify(|count| *count += 1);
                return;
            }
            Some(Reply::Stall(bytes)) => {
                events.tell(&mut *stream, &[&bytes]).await;
                if let Some(clock) = events.clock.get() {
                    clock.silence();
                }
                return future::pending().await;
            }
            Some(Reply::Drip(bytes)) => {
                let head = bytes.windows(4).position(|window| window == b"\r\n\r\n");
                let parts: Vec<_> = match head {
                    // One byte of a head is nothing that a call could hear.
                    Some(end) => std::iter::once(&bytes[..end + 4])
                        .chain(bytes[end + 4..].chunks(1))
                        .collect(),
                    None => bytes.chunks(1).collect(),
                };
                events.tell(&mut *stream, &parts).await;
                if let Some(clock) = events.clock.get() {
                    clock.silence();
                }
                return future::pending().await;
            }
            Some(Reply::Abort(bytes)) => {
                events.tell(&mut *stream, &[&bytes]).await;
                let _ = stream.socket().set_zero_linger();
                return;
            }
            Some(Reply::Reset) | None => {
                // With data unread or a zero linger the kernel sends RST in place of FIN.
                let _ = stream.socket().set_zero_linger();
                return;
            }
        }
    }
}

impl Events {
    /// Sends these parts, each once the client has heard the one before it, and waits until it has heard
    /// the last. Before the end of a head there is nothing to be heard.
    async fn tell(&self, stream: &mut dyn Connection, parts: &[&[u8]]) {
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

async fn read(stream: &mut dyn Connection) -> Option<Received> {
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
