//! How roots are given, and what is refused.

use test_support::OrFail as _;
use thumbprint_transport::{Error, Tls};

use crate::tls::{
    certificates::{self, pem},
    client::{call, client},
    server::{self, ANY},
};

#[test]
fn roots_are_der_or_pem_and_several_at_once() {
    let identity = certificates::good();
    let others = [certificates::good().root, certificates::good().root];
    let text = |der: &[u8]| pem("CERTIFICATE", der);
    let bundle = format!(
        "Contoso's roots\r\n{}\n# the second\n{}{}",
        text(&others[0]),
        text(&others[1]),
        text(&identity.root)
    );
    let dos = bundle.replace('\n', "\r\n");
    let key_first = pem("PRIVATE KEY", b"canary") + &text(&identity.root);
    for files in [
        vec![identity.root.clone()],
        vec![text(&identity.root).into()],
        vec![bundle.into()],
        vec![dos.into()],
        vec![key_first.into()],
        // As Windows' editors save text.
        vec![format!("\u{feff}{}", text(&identity.root)).into()],
        vec![
            others[0].clone(),
            text(&others[1]).into(),
            identity.root.clone(),
        ],
    ] {
        for tls in [Tls::only_roots(&files), Tls::with_added_roots(&files)] {
            let server = server::tls(&identity, ANY);
            call(client(server.address()).tls(tls.or_fail())).or_fail();
            server::finish(server);
        }
    }
}

#[test]
fn what_is_no_root_is_refused_with_the_reason() {
    let root = certificates::good().root;
    let good = pem("CERTIFICATE", &root);
    let cut = &good[..good.len() / 2];
    let nothing: [&[u8]; 0] = [];
    for (files, reason) in [
        (&nothing[..], "no certificate was given"),
        (&[b""], "certificate file 1 is empty"),
        (&[&root, b" \n"], "certificate file 2 is empty"),
        (&[b"canary"], "cannot be read as a certificate"),
        (
            &[&root[..root.len() - 1]],
            "cannot be read as a certificate",
        ),
        (&[cut.as_bytes()], "a section has no end"),
        (&[pem("PRIVATE KEY", b"canary").as_bytes()], "private key"),
        (
            &[pem("PKCS7", b"canary").as_bytes()],
            "without a certificate",
        ),
        (
            &[b"-----BEGIN CERTIFICATE-----\n(canary)\n-----END CERTIFICATE-----"],
            "not Base64",
        ),
        (
            &[(good.clone() + &pem("CERTIFICATE", b"canary")).as_bytes()],
            "number 2, that cannot be read",
        ),
    ] {
        let refusals: [Result<Tls, Error>; 2] =
            [Tls::only_roots(files), Tls::with_added_roots(files)];
        for refusal in refusals {
            let refusal = refusal.err_or_fail();
            assert!(refusal.is_invalid_input());
            let refusal = format!("{refusal} {refusal:?}");
            assert!(refusal.starts_with("roots: "), "{refusal}");
            assert!(refusal.contains(reason), "{reason}: {refusal}");
            assert!(!refusal.contains("canary"), "{refusal}");
        }
    }
}

#[test]
fn a_choice_says_what_it_is_and_no_more() {
    let root = certificates::good().root;
    for (tls, shown) in [
        (Tls::default(), "platform roots".to_owned()),
        (
            Tls::with_added_roots([&root]).or_fail(),
            "platform roots and 1 more".into(),
        ),
        (Tls::only_roots([&root, &root]).or_fail(), "2 roots".into()),
        (
            Tls::pinned([0xab; 32].into()),
            format!("pinned to {}", "ab".repeat(32)),
        ),
        #[cfg(feature = "native-tls")]
        (
            Tls::native(),
            "platform roots, checked by the platform".into(),
        ),
    ] {
        assert_eq!(format!("{tls:?}"), shown);
    }
}

#[test]
#[cfg(feature = "native-tls")]
fn the_platforms_library_takes_no_pin() {
    use thumbprint_transport::Transport;
    let tls = Tls::pinned([0; 32].into()).with_native();
    let refusal = Transport::builder("https://a.example", "token")
        .tls(tls)
        .build();
    let refusal = refusal.err_or_fail();
    assert!(refusal.is_invalid_input());
    assert!(
        refusal
            .to_string()
            .starts_with("tls: a pin cannot be checked"),
        "{refusal}"
    );
}
