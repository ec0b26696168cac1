//! Connections without HTTP, for what happens below it: handshakes, cuts, and answers that have no end.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use crate::OrFail as _;

/// A server that hands its connections to a function, one after the other, in a thread of its own.
pub struct SocketServer<T> {
    address: SocketAddr,
    /// The connection that ends the server, by the client's address.
    last: Arc<Mutex<Option<SocketAddr>>>,
    thread: JoinHandle<Vec<T>>,
}

impl<T: Send + 'static> SocketServer<T> {
    /// Starts a server whose connections are served like this.
    pub fn start(mut serve: impl FnMut(TcpStream) -> T + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).or_fail();
        let address = listener.local_addr().or_fail();
        let last = Arc::<Mutex<Option<SocketAddr>>>::default();
        let is_last = Arc::clone(&last);
        let thread = thread::spawn(move || {
            let mut served = Vec::new();
            while let Ok((stream, client)) = listener.accept() {
                if *is_last.lock().or_fail() == Some(client) {
                    break;
                }
                served.push(serve(stream));
            }
            served
        });
        Self {
            address,
            last,
            thread,
        }
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What each connection so far gave. The clients have to be gone.
    pub fn finish(self) -> Vec<T> {
        // Locked until the address is known, so that the server does not take this for a client.
        let mut last = self.last.lock().or_fail();
        let wake = TcpStream::connect(self.address).or_fail();
        *last = Some(wake.local_addr().or_fail());
        drop(last);
        self.thread.join().or_fail()
    }
}

/// An address of this machine where nothing listens. It is the client's end of a connection, so that no
/// server gets it before this is dropped.
pub struct Unreachable {
    /// The address.
    pub address: SocketAddr,
    _ends: (TcpStream, TcpListener),
}

impl Unreachable {
    /// Takes an address.
    #[expect(
        clippy::new_without_default,
        reason = "it takes something from the machine"
    )]
    pub fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).or_fail();
        let client = TcpStream::connect(listener.local_addr().or_fail()).or_fail();
        Self {
            address: client.local_addr().or_fail(),
            _ends: (client, listener),
        }
    }
}
