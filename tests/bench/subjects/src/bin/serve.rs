//! A server to be measured: `serve bare`, or `serve sandbox CERTIFICATES`. Prints its URL and serves until its
//! standard input ends.

use std::convert::Infallible;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use thumbprint_sandbox::{CertificateState, Sandbox};
use tokio::net::TcpListener;

fn main() -> Result<()> {
    std::thread::spawn(|| {
        // Whether it ends or breaks: nobody is left who would stop it.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let mut words = std::env::args().skip(1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match words.next().as_deref() {
        Some("bare") => runtime.block_on(bare()),
        Some("sandbox") => {
            let certificates: u64 = words
                .next()
                .context("give a number of certificates")?
                .parse()?;
            runtime.block_on(sandbox(certificates))
        }
        _ => bail!("give `bare`, or `sandbox CERTIFICATES`"),
    }
}

async fn sandbox(certificates: u64) -> Result<()> {
    let certificates = (0..certificates).map(|n| (format!("{n:040x}"), CertificateState::Active));
    let sandbox = Sandbox::builder()
        .empty()
        .batch_certificates(certificates)
        .start()
        .await?;
    println!("{}", sandbox.base_url());
    std::future::pending().await
}

/// What hyper takes to read a request and to answer it with a certificate.
async fn bare() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
        tokio::spawn(async {
            // A client that goes away is no failure.
            let _ = connection.await;
        });
    }
}

async fn answer(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = Bytes::from_static(
        br#"{"thumbprint":"0000000000000000000000000000000000000000","thumbprintAlgorithm":"sha1","state":"active","stateTransitionTime":"2023-11-20T10:11:12.1234567Z"}"#,
    );
    let mut response = Response::new(Full::new(body));
    let json = HeaderValue::from_static("application/json;odata=minimalmetadata");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}
