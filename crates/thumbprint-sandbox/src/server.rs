//! Listening, connections, and the way from a request to its answer.

use std::{
    convert::Infallible,
    future::{pending, poll_fn},
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use thumbprint_admin::types::{Ending, Fault, Seed};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinSet,
    time,
};

use crate::{
    Builder, admin, batch,
    fault::{self, Faults, Reply, Script},
    journal::{Exchange, Journal},
    request::{Body, Request, Route},
    wap,
};

/// How long a client may take for the head of a request, and how long a connection may be idle. hyper has
/// this limit too, and does not keep it unless it is given a timer.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How many connections are served at a time unless the builder says otherwise: few enough for the 1,024
/// file descriptors that many systems give to a process.
pub(crate) const CONNECTIONS: usize = 256;

/// How many connections beyond these are told that they are too many. The others are cut.
const REFUSED_CONNECTIONS: usize = 64;

/// How long a client may go on sending a body that was refused before its connection is cut.
const LINGER: Duration = Duration::from_secs(1);

/// Pause after a connection could not be accepted, mostly for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What tells the time; see [`Builder::clock`](crate::Builder::clock).
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How often a wait looks at the sandbox's clock, which can be moved without a word.
const LOOK: Duration = Duration::from_millis(10);

/// The name by which faults know the token endpoint, which no document has.
pub(crate) const TOKEN_ISSUE: &str = "Token_Issue";

/// Both services.
pub(crate) struct Services {
    state: Mutex<State>,
    pub(crate) journal: Journal,
    builder: Builder,
}

/// Everything that requests can change: under one lock, so that of two clients who want the same thing one
/// comes first.
pub(crate) struct State {
    /// The time of the last look.
    pub(crate) now: DateTime<Utc>,
    /// By how much the sandbox's clock is ahead of the builder's.
    pub(crate) advanced: TimeDelta,
    pub(crate) batch: batch::Account,
    pub(crate) wap: wap::Subscriptions,
    pub(crate) tokens: wap::Tokens,
    pub(crate) faults: Faults,
}

/// Whose a request is.
enum Target {
    Batch(Route),
    Wap(Route),
    Token,
}

impl Target {
    fn of(request: &Request) -> Self {
        if wap::is_token_endpoint(request.path()) {
            Self::Token
        } else if wap::owns(request.path()) {
            Self::Wap(wap::find(request))
        } else {
            Self::Batch(batch::find(request))
        }
    }

    fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Batch(Route::Operation(operation, _))
            | Self::Wap(Route::Operation(operation, _)) => Some(operation.id),
            Self::Batch(_) | Self::Wap(_) => None,
            Self::Token => Some(TOKEN_ISSUE),
        }
    }
}

impl Services {
    pub(crate) fn new(state: State, builder: Builder) -> Self {
        Self {
            state: Mutex::new(state),
            journal: Journal::default(),
            builder,
        }
    }

    /// Everything as it is now. The clock is read under the lock: what comes second is not earlier.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.builder.clock)();
        let now = batch::ticks(now.checked_add_signed(state.advanced).unwrap_or(now));
        state.now = now;
        state.batch.settle(now);
        state
    }

    /// Everything as it was at the start.
    pub(crate) fn reset(&self) -> Result<(), String> {
        let fresh = self.builder.state()?;
        *self.state() = fresh;
        self.journal.clear();
        Ok(())
    }

    /// Replaces what the services hold.
    pub(crate) fn seed(&self, seed: &Seed) -> Result<(), String> {
        let mut state = self.state();
        (state.batch, state.wap) = self.builder.filled(seed, state.now)?;
        Ok(())
    }

    /// Waits by the sandbox's clock.
    pub(crate) async fn wait(&self, time: Duration) {
        let start = self.state().now;
        loop {
            let passed = (self.state().now - start).to_std().unwrap_or_default();
            match time.checked_sub(passed) {
                None | Some(Duration::ZERO) => return,
                Some(left) => time::sleep(left.min(LOOK)).await,
            }
        }
    }

    async fn answer(&self, request: &Request, port: &Port) -> Reply {
        let mut reply = match request.origin {
            Err(reason) => Reply::Plain(self.journaled(
                request,
                text(
                    StatusCode::BAD_REQUEST,
                    format!(
                        "{reason} The sandbox is spoken to as localhost, by a loopback address, or by a name \
                         that it was given with --host.\n"
                    ),
                ),
            )),
            Ok(_) if port.admin && admin::owns(request.path()) => {
                Reply::Plain(admin::answer(self, request))
            }
            Ok(_) if !port.services => Reply::Plain(text(
                StatusCode::NOT_FOUND,
                format!("This port has nothing but {}.\n", admin::PREFIX),
            )),
            Ok(_) => self.serve(request).await,
        };
        if let Reply::Plain(response) = &mut reply
            && !request.body.is_read()
        {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        reply
    }

    async fn serve(&self, request: &Request) -> Reply {
        let (response, fault) = self.work(request);
        let Some(fault) = fault else {
            return Reply::Plain(response.unwrap_or_default());
        };
        if let Some(delay) = fault.delay_seconds {
            self.wait(Duration::from_secs_f64(delay)).await;
        }
        fault::reply(&fault, &request.method, response)
    }

    /// The answer to a request, and the fault that strikes it. Without one there is an answer.
    fn work(&self, request: &Request) -> (Option<Response<Bytes>>, Option<Fault>) {
        let target = Target::of(request);
        let operation = target.operation();
        let mut state = self.state();
        let fault = state.faults.strike_request(operation);
        let carried = fault.as_ref().is_none_or(fault::carries_out);
        let answer = carried.then(|| self.carry_out(&mut state, request, target));
        let now = state.now;
        drop(state);
        let response = match &fault {
            None => answer,
            Some(fault) => fault::response(fault, answer),
        };
        let struck = fault.is_some();
        self.note(&Exchange::new(
            now,
            operation,
            request,
            response.as_ref(),
            struck,
        ));
        (response, fault)
    }

    fn carry_out(&self, state: &mut State, request: &Request, target: Target) -> Response<Bytes> {
        let now = state.now;
        match target {
            Target::Token => wap::issue(&mut state.tokens, request, now),
            Target::Wap(route) => wap::answer(&mut state.wap, &state.tokens, request, route, now),
            Target::Batch(route) => {
                let retired = &self.builder.retired;
                batch::answer(&mut state.batch, retired, request, route, now)
            }
        }
    }

    fn journaled(&self, request: &Request, response: Response<Bytes>) -> Response<Bytes> {
        let now = self.state().now;
        self.note(&Exchange::new(now, None, request, Some(&response), false));
        response
    }

    fn note(&self, exchange: &Exchange) {
        if let Some(told) = &self.builder.on_exchange {
            told(exchange);
        }
        self.journal.add(exchange.clone());
    }
}

/// An answer that is no service's, as servers of both give before they look who is to answer.
fn text(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// A connection, with TLS or without.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

/// What is served where.
pub(crate) struct Port {
    pub(crate) services: bool,
    pub(crate) admin: bool,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Port {
    #[cfg(feature = "tls")]
    fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "with the feature it has an answer")]
    fn is_tls(&self) -> bool {
        false
    }

    /// The connection on which HTTP is spoken.
    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_async, reason = "with the feature it waits")
    )]
    async fn accept(&self, stream: TcpStream) -> io::Result<Box<dyn Socket>> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let stream = time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await??;
            return Ok(Box::new(stream));
        }
        Ok(Box::new(stream))
    }
}

/// Accepts connections until it is told to stop or dropped; the connections end with it.
pub(crate) async fn run(
    listener: TcpListener,
    port: Port,
    services: Arc<Services>,
    mut stop: watch::Receiver<bool>,
) {
    let port = Arc::new(port);
    let most = services.builder.connections;
    let mut connections = JoinSet::new();
    let mut refused = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if port.services && is_struck(&stream, &services) => {}
                Ok((stream, _)) if connections.len() < most => {
                    connections.spawn(serve(stream, port.clone(), services.clone(), stop.clone()));
                }
                Ok((stream, _)) if refused.len() < REFUSED_CONNECTIONS && !port.is_tls() => {
                    refused.spawn(refuse(stream, most));
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the sandbox cannot accept a connection");
                    time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
            Some(_) = refused.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether a fault ends a connection before it has begun. It does so when it is dropped.
fn is_struck(stream: &TcpStream, services: &Services) -> bool {
    let ending = services.state().faults.strike_connection();
    if ending == Some(Ending::Reset)
        && let Err(error) = stream.set_zero_linger()
    {
        tracing::debug!(%error, "the sandbox cannot reset a connection");
    }
    ending.is_some()
}

/// Says that a connection is one too many. Nothing of what it sends is looked at.
async fn refuse(mut stream: TcpStream, most: usize) {
    let body = format!(
        "The sandbox serves {most} connections at a time, and this is one more. Nothing was done: close \
         some, or try again.\n"
    );
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    if stream.write_all(answer.as_bytes()).await.is_ok() {
        linger(stream).await;
    }
}

/// Ends a connection whose client may still be sending. To close while bytes wait to be read resets the
/// connection, and the client may lose the answer that says why; so they are read and thrown away, for a
/// while.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    if stream.shutdown().await.is_ok() {
        let mut nowhere = tokio::io::sink();
        let _ = time::timeout(LINGER, tokio::io::copy(&mut stream, &mut nowhere)).await;
    }
}

async fn serve(
    stream: TcpStream,
    port: Arc<Port>,
    services: Arc<Services>,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small: without this the kernel may hold one back until the client acknowledges the last.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the sandbox cannot switch off Nagle's algorithm");
    }
    let stream = match port.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => return tracing::debug!(%error, "a TLS handshake with the sandbox failed"),
    };
    let unread = Arc::new(AtomicBool::new(false));
    let (stage, mut staged) = mpsc::channel(1);
    let service = service_fn(|request| {
        let (port, services) = (port.clone(), services.clone());
        Box::pin(exchange(
            request,
            port,
            services,
            unread.clone(),
            stage.clone(),
        ))
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut script = None;
    let ended = tokio::select! {
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => Some(ended),
        () = stopped(&mut stop) => None,
        received = staged.recv() => {
            script = received;
            Some(Ok(()))
        }
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        Pin::new(&mut connection).graceful_shutdown();
        tokio::select! {
            ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => ended,
            received = staged.recv() => {
                script = received;
                Ok(())
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the sandbox broke");
    }
    let mut stream = connection.into_parts().io.into_inner();
    if let Some(script) = script {
        play(script, stream, &services, stop).await;
    } else if unread.load(Ordering::Relaxed) {
        linger(stream).await;
    } else {
        let _ = stream.shutdown().await;
    }
}

/// Sends an answer that goes wrong. The connection ends with it.
async fn play(
    script: Script,
    mut stream: Box<dyn Socket>,
    services: &Services,
    mut stop: watch::Receiver<bool>,
) {
    let resets = script.resets();
    let played = tokio::select! {
        played = script.play(&mut *stream, services) => played,
        () = stopped(&mut stop) => Ok(()),
    };
    match played {
        Ok(()) if !resets => linger(stream).await,
        Ok(()) => {}
        Err(error) => tracing::debug!(%error, "the client of a staged fault left"),
    }
}

async fn exchange(
    request: http::Request<Incoming>,
    port: Arc<Port>,
    services: Arc<Services>,
    unread: Arc<AtomicBool>,
    stage: mpsc::Sender<Script>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let request = Request::receive(request, &services.builder.reading).await;
    if !request.body.is_read() {
        unread.store(true, Ordering::Relaxed);
    }
    match services.answer(&request, &port).await {
        Reply::Plain(response) => Ok(response.map(Full::new)),
        Reply::Staged(script) => {
            // Who receives it takes the connection away from under this.
            let _ = stage.send(script).await;
            pending().await
        }
    }
}

impl Body {
    /// Whether the next request on the connection starts where this body ends.
    fn is_read(&self) -> bool {
        matches!(self, Self::Whole(_))
    }
}

/// Returns when the server is to stop: it was told to, or the sandbox that could tell it is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Listens. Unless told otherwise the sandbox takes any token, so no other machine may reach it unasked.
pub(crate) async fn listen(address: SocketAddr, remote: bool) -> io::Result<TcpListener> {
    if !remote && !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "the sandbox listens on loopback addresses, such as 127.0.0.1 or [::1], and on {} only where other \
                 machines are allowed in (--allow-remote): anyone who reaches it may do everything",
                address.ip()
            ),
        ));
    }
    TcpListener::bind(address).await
}

/// Where a client finds what listens on an address.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
