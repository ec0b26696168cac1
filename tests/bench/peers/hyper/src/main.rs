//! The floor: one connection of hyper's, with headers that were made before.

use driver::{API_VERSION, Arguments, Outcome, THUMBPRINT, TOKEN};
use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::Mutex};

struct Peer {
    sender: Mutex<http1::SendRequest<Empty<Bytes>>>,
    path: http::Uri,
    headers: HeaderMap,
}

fn main() -> Outcome {
    driver::run(connect, call)
}

async fn connect(arguments: &Arguments) -> Outcome<Peer> {
    let authority = arguments.base.trim_start_matches("http://");
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, authority.parse()?);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::AUTHORIZATION, format!("Bearer {TOKEN}").parse()?);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    let path = format!(
        "/certificates(thumbprintAlgorithm=sha1,thumbprint={THUMBPRINT})/canceldelete?api-version={API_VERSION}"
    );
    Ok(Peer {
        sender: Mutex::new(sender),
        path: path.parse()?,
        headers,
    })
}

async fn call(peer: &Peer, _: &Arguments) -> Outcome {
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = peer.path.clone();
    *request.headers_mut() = peer.headers.clone();
    let mut sender = peer.sender.lock().await;
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    response.into_body().collect().await?;
    (status == 204)
        .then_some(())
        .ok_or_else(|| format!("status {status}").into())
}
