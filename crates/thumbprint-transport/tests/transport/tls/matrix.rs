//! Every kind of server against every choice of a client: which are taken, and with which reason the
//! others are not. Must notice a verifier of pins that does not check signatures, roots that are added
//! where they should be the only ones, and a request that is sent before the server is known.

use rustls::version::{TLS12, TLS13};
use test_support::OrFail as _;
use thumbprint_transport::{CertificatePin, Delivery, Tls, TlsFailure};

use crate::tls::{
    certificates::{self, Identity},
    client::{TOKEN, call, client_of},
    platform::with_platform_roots,
    server::{self, ANY, ONLY_12, ONLY_13, Server},
};

/// The outcome of one client. `None` is an answer.
type Cell = Option<TlsFailure>;

/// A kind of server, and each client's outcome with it.
struct Row {
    name: &'static str,
    identity: fn() -> Identity,
    start: fn(&Identity) -> Server,
    platform: Cell,
    added: Cell,
    only: Cell,
    pinned: Cell,
    /// Where the pin is another's. A mismatch has the SHA-256 that the server has.
    wrong_pin: Option<Cell>,
    #[cfg_attr(
        not(feature = "native-tls"),
        expect(dead_code, reason = "for the platform's own library")
    )]
    native: Cell,
    #[cfg_attr(
        not(feature = "native-tls"),
        expect(dead_code, reason = "for the platform's own library")
    )]
    native_added: Cell,
}

impl Row {
    /// A server that only who trusts its root or has pinned it takes.
    fn new(name: &'static str, identity: fn() -> Identity, start: fn(&Identity) -> Server) -> Self {
        Self {
            name,
            identity,
            start,
            platform: Some(TlsFailure::UnknownIssuer),
            added: None,
            only: None,
            pinned: None,
            wrong_pin: None,
            native: Some(TlsFailure::UnknownIssuer),
            native_added: None,
        }
    }

    /// A server whose certificate has a fault, which only a pin overlooks.
    fn faulty(name: &'static str, identity: fn() -> Identity, fault: TlsFailure) -> Self {
        Self {
            platform: Some(fault.clone()),
            added: Some(fault.clone()),
            only: Some(fault.clone()),
            native_added: Some(fault),
            ..Self::new(name, identity, any)
        }
    }

    /// A server that no client takes, as there is no certificate to speak of.
    fn hopeless(name: &'static str, start: fn(&Identity) -> Server, failure: TlsFailure) -> Self {
        let cell = Some(failure);
        Self {
            platform: cell.clone(),
            added: cell.clone(),
            only: cell.clone(),
            pinned: cell.clone(),
            wrong_pin: Some(cell.clone()),
            native: cell.clone(),
            native_added: cell,
            ..Self::new(name, certificates::good, start)
        }
    }

    /// The clients, and the outcome of each.
    fn cells(&self, identity: &Identity) -> Vec<(&'static str, Tls, Cell)> {
        let root = [&identity.root];
        let pin = pin(&identity.leaf);
        let mismatch = TlsFailure::PinMismatch {
            presented: pin.clone(),
        };
        let added = Tls::with_added_roots(root).or_fail();
        let only = Tls::only_roots(root).or_fail();
        let wrong_pin = self.wrong_pin.clone().unwrap_or(Some(mismatch));
        let next = CertificatePin::from([0; 32]);
        vec![
            ("platform", Tls::platform(), self.platform.clone()),
            #[cfg(feature = "native-tls")]
            (
                "native added",
                added.clone().with_native(),
                self.native_added.clone(),
            ),
            #[cfg(feature = "native-tls")]
            (
                "native only",
                only.clone().with_native(),
                self.native_added.clone(),
            ),
            #[cfg(feature = "native-tls")]
            ("native", Tls::native(), self.native.clone()),
            ("added", added, self.added.clone()),
            ("only", only, self.only.clone()),
            ("pinned", Tls::pinned(pin.clone()), self.pinned.clone()),
            (
                "pinned both",
                Tls::pinned(next.clone().or(pin)),
                self.pinned.clone(),
            ),
            ("wrong pin", Tls::pinned(next), wrong_pin),
        ]
    }
}

/// By another way than the client's, so that both would have to be wrong.
pub(crate) fn pin(certificate: &[u8]) -> CertificatePin {
    use sha2::{Digest as _, Sha256};
    CertificatePin::from(<[u8; 32]>::from(Sha256::digest(certificate)))
}

fn any(identity: &Identity) -> Server {
    server::tls(identity, ANY)
}

fn rows() -> Vec<Row> {
    let stolen = || certificates::good().with_stolen_certificate();
    let of_a_thief = |name, start| Row {
        added: Some(TlsFailure::BadSignature),
        only: Some(TlsFailure::BadSignature),
        pinned: Some(TlsFailure::BadSignature),
        native_added: Some(TlsFailure::BadSignature),
        ..Row::new(name, stolen, start)
    };
    let wanting_a_certificate = |name, start| {
        let wanted = Some(TlsFailure::ClientCertificateWanted);
        Row {
            added: wanted.clone(),
            only: wanted.clone(),
            pinned: wanted.clone(),
            native_added: wanted,
            ..Row::new(name, certificates::good, start)
        }
    };
    vec![
        Row::new("private authority", certificates::good, any),
        Row::new(
            "private authority, TLS 1.2",
            certificates::good,
            |identity| server::tls(identity, ONLY_12),
        ),
        Row::new(
            "private authority, TLS 1.3",
            certificates::good,
            |identity| server::tls(identity, ONLY_13),
        ),
        Row::new(
            "self-signed, CA:FALSE",
            certificates::self_signed_server,
            any,
        ),
        Row {
            native: Some(TlsFailure::UnknownIssuer),
            native_added: None,
            ..Row::faulty(
                "self-signed, CA:TRUE",
                certificates::self_signed_authority,
                TlsFailure::CaUsedAsEndEntity,
            )
        },
        Row {
            platform: Some(TlsFailure::UnknownIssuer),
            ..Row::faulty(
                "other host name",
                certificates::for_another_host,
                TlsFailure::WrongHostName,
            )
        },
        Row::faulty("expired", certificates::expired, TlsFailure::Expired),
        Row::faulty(
            "not yet valid",
            certificates::not_yet_valid,
            TlsFailure::NotYetValid,
        ),
        Row::faulty(
            "unknown issuer",
            certificates::of_an_unknown_issuer,
            TlsFailure::UnknownIssuer,
        ),
        Row::faulty(
            "issuer with a new key",
            certificates::of_an_issuer_with_a_new_key,
            TlsFailure::UnknownIssuer,
        ),
        Row {
            // Its signatures are checked with its key, which rustls does not read from version 1.
            pinned: Some(TlsFailure::UnsupportedCertificateVersion),
            native_added: None,
            ..Row::faulty(
                "X.509 version 1",
                certificates::version_1,
                TlsFailure::UnsupportedCertificateVersion,
            )
        },
        Row {
            platform: Some(TlsFailure::UnknownIssuer),
            native_added: None,
            ..Row::faulty(
                "SHA-1",
                certificates::sha1,
                TlsFailure::UnsupportedSignatureAlgorithm,
            )
        },
        of_a_thief("another's certificate, TLS 1.2", |identity| {
            server::tls(identity, ONLY_12)
        }),
        of_a_thief("another's certificate, TLS 1.3", |identity| {
            server::tls(identity, ONLY_13)
        }),
        wanting_a_certificate("wants a certificate, TLS 1.2", |identity| {
            server::wanting_a_certificate(identity, &TLS12)
        }),
        wanting_a_certificate("wants a certificate, TLS 1.3", |identity| {
            server::wanting_a_certificate(identity, &TLS13)
        }),
        // The alerts handshake_failure, protocol_version (RFC 5246, section 7.2) and unrecognized_name
        // (RFC 6066, section 3): what servers say that only know static RSA, DHE or CBC, or TLS 1.0, or
        // that have no certificate for the name.
        Row::hopeless(
            "no common cipher suite",
            |_| server::saying(b"\x15\x03\x03\x00\x02\x02\x28"),
            TlsFailure::NoCommonProtocol,
        ),
        Row::hopeless(
            "no common version",
            |_| server::saying(b"\x15\x03\x01\x00\x02\x02\x46"),
            TlsFailure::NoCommonProtocol,
        ),
        Row::hopeless(
            "name that the server does not have",
            |_| server::saying(b"\x15\x03\x03\x00\x02\x02\x70"),
            TlsFailure::WrongHostName,
        ),
        // A ServerHello of TLS 1.0 with static RSA, as a host of 2012 gives it without asking.
        Row::hopeless(
            "TLS 1.0",
            |_| {
                server::saying(
                    b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01\
                      0123456789abcdef0123456789abcdef\x00\x00\x2f\x00",
                )
            },
            TlsFailure::NoCommonProtocol,
        ),
        Row::hopeless(
            "http",
            |_| server::saying(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
            TlsFailure::NotTls,
        ),
        Row::hopeless("reset", |_| server::resetting(), TlsFailure::HandshakeCut),
        Row::hopeless("hung up", |_| server::saying(b""), TlsFailure::HandshakeCut),
    ]
}

/// One client against one server. Says what is not as it should be.
fn wrong(row: &Row, identity: &Identity, tls: Tls, expected: &Cell) -> Option<String> {
    let server = (row.start)(identity);
    let host = format!("https://{}:{}", identity.host, server.address().port());
    let outcome = call(client_of(identity.host, server.address().port()).tls(tls));
    let came = server::finish(server);
    let contains = |bytes: &[u8]| {
        let mut windows = bytes.windows(TOKEN.len());
        windows.any(|window| window == TOKEN.as_bytes())
    };
    let Err(error) = outcome else {
        assert!(contains(&came.messages), "the server has seen the request");
        assert!(!contains(&came.raw), "encrypted");
        return expected.as_ref().map(|_| "it was answered".to_owned());
    };
    if !came.messages.is_empty() || contains(&came.raw) {
        return Some(format!("the server has got some of the request ({error})"));
    }
    let delivery = match error.tls_failure() {
        Some(TlsFailure::HandshakeCut) => Delivery::NotSent,
        _ => Delivery::Final,
    };
    let text = error.to_string();
    let right = expected.is_some()
        && error.tls_failure() == expected.as_ref()
        && error.delivery() == delivery
        && error.is_tls()
        && error.is_connect()
        && !error.is_proxy()
        && error.host() == Some(&host)
        && text
            == format!(
                "probe: no TLS connection to {host}: {}",
                expected.as_ref().or_fail()
            );
    (!right).then(|| format!("{text}: {error:?}"))
}

#[test]
fn every_server_against_every_choice() {
    let (other, _) = certificates::authority("Fabrikam");
    with_platform_roots(
        "tls::matrix::every_server_against_every_choice",
        other.der(),
        || {
            let (mut cells, mut faults) = (0, Vec::new());
            for row in rows() {
                let identity = (row.identity)();
                for (choice, tls, expected) in row.cells(&identity) {
                    cells += 1;
                    if let Some(fault) = wrong(&row, &identity, tls, &expected) {
                        faults.push(format!(
                            "{} / {choice}, not {expected:?}: {fault}",
                            row.name
                        ));
                    }
                }
            }
            println!("{cells} cells");
            assert!(faults.is_empty(), "{}", faults.join("\n"));
            let choices = if cfg!(feature = "native-tls") { 9 } else { 6 };
            assert_eq!(cells, 23 * choices);
        },
    );
}
