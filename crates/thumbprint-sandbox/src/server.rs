//! Listening, connections, and the way from a request to its answer.

use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time,
};

use crate::{
    batch,
    journal::{Exchange, Journal},
    request::{Body, Request},
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

/// Both services.
pub(crate) struct Services {
    state: Mutex<State>,
    clock: Clock,
    pub(crate) journal: Journal,
    connections: usize,
}

/// Everything that requests can change: under one lock, so that of two clients who want the same thing one
/// comes first.
pub(crate) struct State {
    /// The time of the last look.
    pub(crate) now: DateTime<Utc>,
    pub(crate) batch: batch::Account,
    pub(crate) wap: wap::Subscriptions,
    pub(crate) tokens: wap::Tokens,
}

impl Services {
    pub(crate) fn new(state: State, clock: Clock, connections: usize) -> Self {
        Self {
            state: Mutex::new(state),
            clock,
            journal: Journal::default(),
            connections,
        }
    }

    /// Everything as it is now. The clock is read under the lock: what comes second is not earlier.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = batch::ticks((self.clock)());
        state.now = now;
        state.batch.settle(now);
        state
    }

    fn answer(&self, request: &Request) -> Response<Bytes> {
        let mut response = match request.authority {
            Ok(_) => self.serve(request),
            Err(reason) => text(
                StatusCode::BAD_REQUEST,
                format!(
                    "{reason} The sandbox is spoken to as localhost, or by a loopback address.\n"
                ),
            ),
        };
        if !request.body.is_read() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        self.journal.add(Exchange::new(
            &request.method,
            request.uri.to_string(),
            &request.headers,
            response.status(),
            response.headers(),
        ));
        response
    }

    fn serve(&self, request: &Request) -> Response<Bytes> {
        let mut state = self.state();
        let state = &mut *state;
        let now = state.now;
        if wap::is_token_endpoint(request.path()) {
            wap::issue(&mut state.tokens, request, now)
        } else if wap::owns(request.path()) {
            wap::answer(&mut state.wap, &state.tokens, request, now)
        } else {
            batch::answer(&mut state.batch, request, now)
        }
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

/// Accepts connections until it is told to stop or dropped; the connections end with it.
pub(crate) async fn run(
    listener: TcpListener,
    services: Arc<Services>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let mut refused = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < services.connections => {
                    connections.spawn(serve(stream, services.clone(), stop.clone()));
                }
                Ok((stream, _)) if refused.len() < REFUSED_CONNECTIONS => {
                    refused.spawn(refuse(stream, services.connections));
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
async fn linger(mut stream: TcpStream) {
    if stream.shutdown().await.is_ok() {
        let mut nowhere = tokio::io::sink();
        let _ = time::timeout(LINGER, tokio::io::copy(&mut stream, &mut nowhere)).await;
    }
}

async fn serve(stream: TcpStream, services: Arc<Services>, mut stop: watch::Receiver<bool>) {
    // Answers are small: without this the kernel may hold one back until the client acknowledges the last.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the sandbox cannot switch off Nagle's algorithm");
    }
    let unread = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| {
        let (services, unread) = (services.clone(), unread.clone());
        Box::pin(exchange(request, services, unread))
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => Some(ended),
        () = stopped(&mut stop) => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        Pin::new(&mut connection).graceful_shutdown();
        poll_fn(|cx| connection.poll_without_shutdown(cx)).await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the sandbox broke");
    }
    let mut stream = connection.into_parts().io.into_inner();
    if unread.load(Ordering::Relaxed) {
        linger(stream).await;
    } else {
        let _ = stream.shutdown().await;
    }
}

async fn exchange(
    request: http::Request<Incoming>,
    services: Arc<Services>,
    unread: Arc<AtomicBool>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let request = Request::receive(request).await;
    if !request.body.is_read() {
        unread.store(true, Ordering::Relaxed);
    }
    Ok(services.answer(&request).map(Full::new))
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

/// Listens on a loopback address: unless told otherwise the sandbox takes any token, so no other machine
/// may reach it.
pub(crate) async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "the sandbox listens on loopback addresses only, such as 127.0.0.1 or [::1], and not on {}",
                address.ip()
            ),
        ));
    }
    TcpListener::bind(address).await
}
