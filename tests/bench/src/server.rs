//! The server that every program calls: it answers with the same bytes whatever it is asked, on a thread per
//! connection, and counts the connections.

use std::{
    borrow::Cow,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::Result;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// How many certificates a page of the list has, as in Batch.
const PAGE: usize = 1000;

/// Headers of every answer, as Batch sends them.
const HEADERS: &str = "ETag: 0x8D4EDFEBFADF4AB\r\nLast-Modified: Fri, 17 Nov 2023 00:00:05 GMT\r\n\
    Server: Microsoft-HTTPAPI/2.0\r\nrequest-id: 75afb8a5-f9a5-4e9a-b1f9-0b0cb3f4c5d1\r\n\
    DataServiceId: https://account.region.batch.azure.com/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)\r\n\
    Strict-Transport-Security: max-age=31536000; includeSubDomains\r\nX-Content-Type-Options: nosniff\r\n\
    Date: Mon, 20 Nov 2023 10:11:12 GMT\r\n";

/// What the server answers.
#[derive(Clone)]
pub(crate) enum Answers {
    /// These bytes.
    Always(Arc<[u8]>),
    /// 204 to a cancellation, and pages of so many certificates to a list.
    Account(usize),
}

impl Answers {
    pub(crate) fn of(scenario: &str, count: usize) -> Self {
        match scenario {
            "bulk" => Self::Account(count),
            "conflict" => Self::Always(
                json(
                    "409 Conflict",
                    r#"{"odata.metadata":"https://account.region.batch.azure.com/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element","code":"CertificateStateActive","message":{"lang":"en-US","value":"The specified certificate is active.\nRequestId:75afb8a5-f9a5-4e9a-b1f9-0b0cb3f4c5d1\nTime:2023-11-20T10:11:12.1234567Z"}}"#,
                )
                .into(),
            ),
            "list" => Self::Always(page().into()),
            _ => Self::Always(no_content().into()),
        }
    }

    fn to(&self, request: &[u8], port: u16) -> Cow<'_, [u8]> {
        match self {
            Self::Always(answer) => Cow::Borrowed(answer),
            Self::Account(_) if request.starts_with(b"POST") => Cow::Owned(no_content()),
            Self::Account(count) => {
                let request = String::from_utf8_lossy(request);
                let token = request.split_once("skiptoken=").map(|(_, token)| token);
                let digits =
                    token.and_then(|token| token.split(|c: char| !c.is_ascii_digit()).next());
                let start = digits.and_then(|digits| digits.parse().ok()).unwrap_or(0);
                Cow::Owned(thumbprints(start, *count, port))
            }
        }
    }
}

fn no_content() -> Vec<u8> {
    format!("HTTP/1.1 204 No Content\r\n{HEADERS}\r\n").into_bytes()
}

fn json(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\n{HEADERS}Content-Type: application/json;odata=minimalmetadata\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A page of whole certificates, each with a kilobyte of public data.
fn page() -> Vec<u8> {
    let data = "MIIC".repeat(250);
    let item = format!(
        r#"{{"thumbprint":"0123456789abcdef0123456789abcdef01234567","thumbprintAlgorithm":"sha1","url":"https://account.region.batch.azure.com/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)","state":"deletefailed","stateTransitionTime":"2023-11-20T10:11:12.1234567Z","previousState":"deleting","previousStateTransitionTime":"2023-11-20T09:11:12.1234567Z","publicData":"{data}"}}"#
    );
    json(
        "200 OK",
        &format!(r#"{{"value":[{}]}}"#, vec![item; PAGE].join(",")),
    )
}

/// A page of what was selected, and the link to the next.
fn thumbprints(start: usize, count: usize, port: u16) -> Vec<u8> {
    let end = count.min(start + PAGE);
    let items =
        (start..end).map(|n| format!(r#"{{"thumbprint":"{n:040x}","state":"deletefailed"}}"#));
    let items = items.collect::<Vec<_>>().join(",");
    let next = if end < count {
        format!(r#","odata.nextLink":"http://127.0.0.1:{port}/certificates?$skiptoken={end}""#)
    } else {
        String::new()
    };
    json("200 OK", &format!(r#"{{"value":[{items}]{next}}}"#))
}

/// A server on a free port of this machine. Its threads end with the process.
pub(crate) struct Server {
    pub(crate) url: String,
    connects: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(answers: Answers, tls: Option<&Identity>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let connects = Arc::new(AtomicUsize::new(0));
        let config = tls.map(|identity| identity.config.clone());
        let scheme = if tls.is_some() { "https" } else { "http" };
        let count = connects.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::Relaxed);
                let (answers, config) = (answers.clone(), config.clone());
                // A client that goes away ends its thread.
                thread::spawn(move || {
                    stream.set_nodelay(true)?;
                    match config {
                        Some(config) => {
                            let connection = ServerConnection::new(config);
                            let connection = connection.map_err(std::io::Error::other)?;
                            serve(StreamOwned::new(connection, stream), &answers, port)
                        }
                        None => serve::<TcpStream>(stream, &answers, port),
                    }
                });
            }
        });
        Ok(Self {
            url: format!("{scheme}://127.0.0.1:{port}"),
            connects,
        })
    }

    /// How many connections there were since it was asked last.
    pub(crate) fn connects(&self) -> usize {
        self.connects.swap(0, Ordering::Relaxed)
    }
}

/// Requests of the bench have no body.
fn serve<S: Read + Write>(mut stream: S, answers: &Answers, port: u16) -> std::io::Result<()> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..length]);
        if request.ends_with(b"\r\n\r\n") {
            stream.write_all(&answers.to(&request, port))?;
            stream.flush()?;
            request.clear();
        }
    }
}

/// A certificate for 127.0.0.1, and the authority that issued it.
pub(crate) struct Identity {
    config: Arc<ServerConfig>,
    /// PEM of the authority.
    pub(crate) authority: String,
}

impl Identity {
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate whose issuer has its own name for one that is self-signed.
        params
            .distinguished_name
            .push(DnType::CommonName, "authority of the bench");
        let key = KeyPair::generate()?;
        let authority = BASE64_STANDARD.encode(params.self_signed(&key)?.der());
        let authority =
            format!("-----BEGIN CERTIFICATE-----\n{authority}\n-----END CERTIFICATE-----\n");
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate()?;
        let leaf =
            CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)?;
        Ok(Self {
            config: Arc::new(config),
            authority,
        })
    }
}
