//! How often a connection is tried. Must notice a cut that is tried without end, or a certificate that is
//! looked at again.

use std::{io::Read as _, sync::Arc};

use test_support::{FixedJitter, OrFail as _, SocketServer};
use thumbprint_transport::{Delivery, Error, Tls, TlsFailure};

use crate::tls::{
    certificates::{self, Identity},
    client::{call, client},
    server::{self, ANY},
};

/// How many connections a call makes to a server that cuts the first ones, and the call's outcome.
fn connections(identity: Identity, cuts: usize, tls: Tls) -> (usize, Result<(), Error>) {
    let mut count = 0;
    let server = SocketServer::start(move |mut stream| {
        count += 1;
        if count > cuts {
            server::answer(stream, server::config(&identity, ANY, None));
        } else {
            let _ = stream.read(&mut [0; 1 << 14]);
        }
    });
    let client = client(server.address()).tls(tls).retries(3);
    let outcome = call(client.jitter(Arc::new(FixedJitter(0.0))));
    (server.finish().len(), outcome)
}

#[test]
fn a_cut_is_tried_once_more_and_a_refusal_is_not() {
    let identity = certificates::good();
    let tls = Tls::only_roots([&identity.root]).or_fail();
    let (count, outcome) = connections(identity, 1, tls);
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(count, 2);

    let (count, outcome) = connections(
        certificates::good(),
        usize::MAX,
        Tls::pinned([0; 32].into()),
    );
    let error = outcome.err_or_fail();
    assert_eq!(error.tls_failure(), Some(&TlsFailure::HandshakeCut));
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(count, 2);

    let (count, outcome) = connections(certificates::good(), 0, Tls::pinned([0; 32].into()));
    assert_eq!(outcome.err_or_fail().delivery(), Delivery::Final);
    assert_eq!(count, 1);
}
