//! How often a connection is tried. Must notice a cut that is tried without end, or a certificate that is
//! looked at again.

use std::{
    io::Read as _,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use thumbprint_transport::{Delivery, Error, Random, Tls, TlsFailure};

use crate::{
    certificates::{self, Identity},
    client::{call, client},
    server::{self, ANY},
};

/// Waits as little as can be.
#[derive(Debug)]
struct Hasty;

impl Random for Hasty {
    fn fraction(&self) -> f64 {
        0.0
    }
}

/// How many connections come of a call to a server that cuts the first ones, and what the call comes to.
fn connections(identity: Identity, cuts: usize, tls: Tls) -> (usize, Result<(), Error>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let is_over = over.clone();
    let server = thread::spawn(move || {
        let mut count = 0;
        for stream in listener.incoming().flatten() {
            if is_over.load(Ordering::SeqCst) {
                break;
            }
            count += 1;
            if count > cuts {
                server::answer(stream, server::config(&identity, ANY, false));
            } else {
                let _ = (&stream).read(&mut [0; 1 << 14]);
            }
        }
        count
    });
    let outcome = call(client(address).tls(tls).retries(3).random(Arc::new(Hasty)));
    over.store(true, Ordering::SeqCst);
    let _ = std::net::TcpStream::connect(address);
    (server.join().unwrap(), outcome)
}

#[test]
fn a_cut_is_tried_once_more_and_a_refusal_is_not() {
    let identity = certificates::good();
    let tls = Tls::only_roots([&identity.root]).unwrap();
    let (count, outcome) = connections(identity, 1, tls);
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(count, 2);

    let (count, outcome) = connections(
        certificates::good(),
        usize::MAX,
        Tls::pinned([0; 32].into()),
    );
    let error = outcome.unwrap_err();
    assert_eq!(error.tls_failure(), Some(&TlsFailure::HandshakeCut));
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(count, 2);

    let (count, outcome) = connections(certificates::good(), 0, Tls::pinned([0; 32].into()));
    assert_eq!(outcome.unwrap_err().delivery(), Delivery::Final);
    assert_eq!(count, 1);
}
