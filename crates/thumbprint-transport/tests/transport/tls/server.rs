//! Servers that speak TLS, or refuse to, and remember what came.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::Arc,
};

use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
    crypto::ring,
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use test_support::{OrFail as _, SocketServer};

use crate::tls::certificates::{Identity, authority};

/// What came over a connection, and what of it was a message for the service.
#[derive(Default)]
pub(crate) struct Came {
    pub(crate) raw: Vec<u8>,
    pub(crate) messages: Vec<u8>,
}

/// What came over all connections of a server. The client has to be gone.
pub(crate) fn finish(server: Server) -> Came {
    let mut came = Came::default();
    for Came { raw, messages } in server.finish() {
        came.raw.extend(raw);
        came.messages.extend(messages);
    }
    came
}

pub(crate) type Server = SocketServer<Came>;

/// A stream that keeps what is read from it.
struct Recorded {
    stream: TcpStream,
    raw: Vec<u8>,
}

impl Read for Recorded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.raw.extend_from_slice(&buffer[..length]);
        Ok(length)
    }
}

impl Write for Recorded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Shows its certificate to every client, whatever the key.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

pub(crate) const ANY: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
pub(crate) const ONLY_12: &[&SupportedProtocolVersion] = &[&TLS12];
pub(crate) const ONLY_13: &[&SupportedProtocolVersion] = &[&TLS13];

pub(crate) fn config(
    identity: &Identity,
    versions: &[&'static SupportedProtocolVersion],
    of: Option<&[u8]>,
) -> Arc<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .or_fail();
    let builder = match of {
        Some(root) => {
            let mut roots = RootCertStore::empty();
            roots.add(root.to_vec().into()).or_fail();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().or_fail())
        }
        None => builder.with_no_client_auth(),
    };
    Arc::new(builder.with_cert_resolver(Arc::new(Always(Arc::new(identity.certified())))))
}

/// Speaks TLS and answers with an empty object.
pub(crate) fn tls(identity: &Identity, versions: &[&'static SupportedProtocolVersion]) -> Server {
    let config = config(identity, versions, None);
    Server::start(move |stream| answer(stream, config.clone()))
}

/// Speaks TLS with those who show a certificate of an authority.
pub(crate) fn asking(
    identity: &Identity,
    version: &'static SupportedProtocolVersion,
    root: &[u8],
) -> Server {
    let config = config(identity, &[version], Some(root));
    Server::start(move |stream| answer(stream, config.clone()))
}

/// Speaks TLS with those who show a certificate.
pub(crate) fn wanting_a_certificate(
    identity: &Identity,
    version: &'static SupportedProtocolVersion,
) -> Server {
    let config = config(identity, &[version], Some(authority("Fabrikam").0.der()));
    Server::start(move |stream| {
        let mut connection = ServerConnection::new(config.clone()).or_fail();
        let mut stream = Recorded {
            stream,
            raw: Vec::new(),
        };
        let mut refused = false;
        while !refused && connection.is_handshaking() {
            while connection.wants_write() && connection.write_tls(&mut stream).is_ok() {}
            match connection.read_tls(&mut stream) {
                Ok(1..) => refused = connection.process_new_packets().is_err(),
                _ => break,
            }
        }
        // In TLS 1.3 the client sends its request without waiting for this. So that the test is the same
        // every time, the alert comes after it, and a reset does not overtake the alert.
        let mut buffer = [0; 4096];
        let waits = refused && version.version == TLS13.version;
        while waits && !has_request(&stream.raw) {
            if !matches!(stream.read(&mut buffer), Ok(1..)) {
                break;
            }
        }
        while connection.wants_write() && connection.write_tls(&mut stream).is_ok() {}
        let _ = stream.stream.shutdown(Shutdown::Write);
        let _ = io::copy(&mut stream, &mut io::sink());
        Came {
            raw: stream.raw,
            messages: Vec::new(),
        }
    })
}

/// Whether there is an encrypted record that is too long for the end of a handshake.
fn has_request(mut raw: &[u8]) -> bool {
    while let [kind, _, _, high, low, rest @ ..] = raw {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if rest.len() < length {
            return false;
        }
        if *kind == 0x17 && length > 150 {
            return true;
        }
        raw = &rest[length..];
    }
    false
}

pub(crate) fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> Came {
    let connection = ServerConnection::new(config).or_fail();
    let raw = Vec::new();
    let mut stream = StreamOwned::new(connection, Recorded { stream, raw });
    let mut messages = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        messages.extend_from_slice(&buffer[..length]);
        if messages.ends_with(b"\r\n\r\n") {
            let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                           content-length: 2\r\nconnection: close\r\n\r\n{}";
            stream.write_all(answer).or_fail();
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
    Came {
        raw: stream.sock.raw,
        messages,
    }
}

/// Reads once, says this and hangs up; then reads what else comes.
pub(crate) fn saying(answer: &'static [u8]) -> Server {
    Server::start(move |mut stream| {
        let mut buffer = [0; 1 << 14];
        let length = stream.read(&mut buffer).unwrap_or(0);
        let mut raw = buffer[..length].to_vec();
        let _ = stream.write_all(answer);
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut raw);
        Came {
            raw,
            messages: Vec::new(),
        }
    })
}

/// Resets the connection: that is what closing one with something unread in it does.
pub(crate) fn resetting() -> Server {
    Server::start(|stream| {
        let mut raw = vec![0; 1 << 14];
        let length = stream.peek(&mut raw).unwrap_or(0);
        raw.truncate(length);
        Came {
            raw,
            messages: Vec::new(),
        }
    })
}
