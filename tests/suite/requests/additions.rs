//! Rows 12 and 13, what is added and what is asked for: values that are refused before anything is sent,
//! and how those that are taken stand in the body and in the query. They must notice a limit that was
//! moved or dropped, a password that goes with a `.cer`, a thumbprint that is not the certificate's own,
//! a name of a property that would end the parameter, and a filter whose quotes are not doubled.

use std::num::NonZeroU32;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use conformance::calls::{self, Clients, WAP_THUMBPRINT};
use serde_json::{Value, json};
use test_support::{OrFail as _, RawServer, Received};
use thumbprint::{
    batch::{self, CertificateState, Filter, filter},
    wap,
};
use thumbprint_batch::{
    builder::CertificateList,
    types::{CertificateAddParameter, CertificateData},
};

use super::{assert_refused, assert_silent, silent};

/// PEM of a DER certificate, in lines of 64 characters, with a text before it as openssl writes one.
fn pem(der: &[u8], label: &str, line_end: &str) -> String {
    let base64 = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let lines = lines.join(line_end);
    format!(
        "subject=CN = KatalTest{line_end}-----BEGIN {label}-----{line_end}{lines}{line_end}-----END {label}-----{line_end}"
    )
}

/// What was sent when this was added.
async fn added(certificate: batch::NewCertificate) -> Value {
    let recorder = RawServer::start([calls::Call::of("Certificate_Add").good()]).await;
    let account = calls::account(&recorder.base_url());
    account.add(certificate).await.or_fail();
    serde_json::from_slice(&recorder.only().body).or_fail()
}

#[tokio::test]
async fn a_certificate_is_taken_as_der_and_as_pem_and_has_its_own_thumbprint() {
    let der = calls::der();
    let forms = [
        der.clone(),
        pem(&der, "CERTIFICATE", "\n").into_bytes(),
        pem(&der, "CERTIFICATE", "\r\n").into_bytes(),
        // The same certificate twice is one.
        pem(&der, "CERTIFICATE", "\n").repeat(2).into_bytes(),
    ];
    for form in forms {
        let certificate = batch::NewCertificate::cer(&form).or_fail();
        assert_eq!(certificate.thumbprint().as_str(), WAP_THUMBPRINT);
        let expected = json!({
            "thumbprint": WAP_THUMBPRINT,
            "thumbprintAlgorithm": "sha1",
            "data": BASE64_STANDARD.encode(&der),
            "certificateFormat": "cer",
        });
        assert_eq!(added(certificate).await, expected);

        let certificate = wap::NewCertificate::new(&form).or_fail();
        assert_eq!(certificate.thumbprint().as_str(), WAP_THUMBPRINT);
        let recorder = silent().await;
        let tenant = calls::tenant(&recorder.base_url());
        tenant.add(certificate).await.or_fail();
        let sent: Value = serde_json::from_slice(&recorder.only().body).or_fail();
        let mut example: Value = serde_json::from_str(calls::WAP_EXAMPLE).or_fail();
        example.as_object_mut().or_fail().remove("TimeCreated");
        assert_eq!(sent, example);
    }
}

#[tokio::test]
async fn what_is_no_certificate_is_refused() {
    let recorder = silent().await;
    let der = calls::der();
    let longer = [&der[..], b"\0"].concat();
    let no_end = pem(&der, "CERTIFICATE", "\n").replace("-----END", "");
    let not_base64 = pem(&der, "CERTIFICATE", "\n").replace("MII", "M*I");
    let key = pem(&der, "PRIVATE KEY", "\n");
    let of_nothing = pem(b"", "CERTIFICATE", "\n");
    for (name, bytes) in [
        ("nothing", &b""[..]),
        ("text", b"certificate"),
        ("an empty sequence", b"\x30\x00"),
        ("a byte too many", &longer),
        ("a byte too few", &der[..der.len() - 1]),
        ("PEM of a key", key.as_bytes()),
        ("PEM without an end", no_end.as_bytes()),
        ("PEM that is not base64", not_base64.as_bytes()),
        ("PEM of nothing", of_nothing.as_bytes()),
    ] {
        assert_refused(batch::NewCertificate::cer(bytes), "certificate", name);
        assert_refused(wap::NewCertificate::new(bytes), "certificate", name);
    }
    assert_refused(
        batch::NewCertificate::pfx_with_thumbprint(b"", calls::thumbprint()),
        "certificate",
        "an empty PFX",
    );
    assert_silent(&recorder).await;
}

/// The generated client refuses by the document what the facade refuses by checks of its own.
#[tokio::test]
async fn an_empty_value_is_refused_where_the_document_has_a_shortest_one() {
    let recorder = silent().await;
    let tenant = calls::tenant(&recorder.base_url());
    let list = tenant.raw().management_certificate_list();
    let list = list.subscription_id(calls::SUBSCRIPTION).principal_id("");
    assert_refused(list.await, "principal_id", "an empty principal");
    assert!("".parse::<CertificateData>().is_err());
    let body =
        json!({ "thumbprint": calls::THUMBPRINT, "thumbprintAlgorithm": "sha1", "data": "" });
    assert!(serde_json::from_value::<CertificateAddParameter>(body).is_err());
    assert_silent(&recorder).await;
}

/// A PFX that a signature protects, around as many bytes as make it as long as this.
fn pfx_of_length(length: usize) -> Vec<u8> {
    let sequence = |tag: u8, content: &[u8]| {
        let [high, low] = u16::try_from(content.len()).or_fail().to_be_bytes();
        [&[tag, 0x82, high, low], content].concat()
    };
    let signed = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
    let content = sequence(0xa0, &sequence(0x04, &vec![7; length - 30]));
    let safe = sequence(0x30, &[&signed[..], &content].concat());
    let pfx = sequence(0x30, &[&b"\x02\x01\x03"[..], &safe].concat());
    assert_eq!(pfx.len(), length);
    pfx
}

/// The page: the base64-encoded contents of the certificate, at most 10 KB.
#[tokio::test]
async fn data_may_be_ten_kib_of_base64_and_no_longer() {
    let longest = 10 * 1024 / 4 * 3;
    let pfx = |length| {
        let pfx = pfx_of_length(length);
        batch::NewCertificate::pfx_with_thumbprint(&pfx, calls::thumbprint())
    };
    let sent = added(pfx(longest).or_fail()).await;
    assert_eq!(sent["data"].as_str().or_fail().len(), 10 * 1024);
    for length in [longest + 1, longest + 2, 60_000] {
        assert_refused(pfx(length), "data", &length.to_string());
    }
}

/// A file of the reader's tests, whose README has its origin.
macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../crates/thumbprint-files/tests/data/",
            $name
        ))
    };
}

const LEAF: &str = "81F2E3453276CA01CACB384E766B33EE9DC891FF";
const ROOT: &str = "24A34DE63D85B37CAFF1032486C4BD7D510DC4C3";

#[tokio::test]
async fn a_pfx_is_opened_and_goes_under_the_thumbprint_of_its_leaf() {
    let aes = file!("leaf-aes.pfx");
    let sent = added(batch::NewCertificate::pfx(aes, "secret").or_fail()).await;
    let expected = json!({
        "thumbprint": LEAF,
        "thumbprintAlgorithm": "sha1",
        "data": BASE64_STANDARD.encode(aes),
        "certificateFormat": "pfx",
        "password": "secret",
    });
    assert_eq!(sent, expected);
    // Key Vault gives it without a password, in base64: the PFX itself is sent, and no password.
    let base64 = file!("pfx-base64-keyvault.txt");
    let sent = added(batch::NewCertificate::pfx(base64, "").or_fail()).await;
    let expected = json!({
        "thumbprint": LEAF,
        "thumbprintAlgorithm": "sha1",
        "data": String::from_utf8_lossy(base64),
        "certificateFormat": "pfx",
    });
    assert_eq!(sent, expected);
    // Whoever has the thumbprint need not have the password.
    let unopened = batch::NewCertificate::pfx_with_thumbprint(aes, LEAF.parse().or_fail());
    assert_eq!(added(unopened.or_fail()).await["thumbprint"], LEAF);
}

#[test]
fn what_is_no_pfx_does_not_go_as_one() {
    let unopened = |bytes| {
        let thumbprint = calls::thumbprint();
        batch::NewCertificate::pfx_with_thumbprint(bytes, thumbprint)
    };
    for (name, bytes) in [
        ("an unencrypted key", &file!("key-pkcs8.der")[..]),
        ("a key as PEM", file!("ec-sec1.pem")),
        ("PKCS #7", file!("leaf.p7b")),
        ("a certificate", file!("leaf.der")),
        ("UTF-16", file!("utf16le.pem")),
        ("text", b"not a PFX"),
        ("a request", file!("ec-request.pem")),
    ] {
        assert_refused(
            batch::NewCertificate::pfx(bytes, "secret"),
            "certificate",
            name,
        );
        assert_refused(unopened(bytes), "certificate", name);
    }
    let pfx = file!("leaf-aes.pfx");
    for wrong in ["Secret", "secret\n", ""] {
        let outcome = batch::NewCertificate::pfx(pfx, wrong);
        assert_refused(outcome, "password", wrong);
    }
    // What is open to see is compared.
    assert_refused(
        unopened(file!("pfx-base64-keyvault.txt")),
        "thumbprint",
        "another",
    );
    // What cannot be opened is asked for its thumbprint.
    let rc4 = file!("ec-rc4.pfx");
    assert_refused(
        batch::NewCertificate::pfx(rc4, "p\u{e4}ssword"),
        "thumbprint",
        "RC4",
    );
    assert!(unopened(rc4).is_ok());
}

#[test]
fn of_several_certificates_the_one_is_taken_that_is_named() {
    let chain = file!("chain-root-first.pem");
    assert_refused(batch::NewCertificate::cer(chain), "thumbprint", "a chain");
    assert_refused(wap::NewCertificate::new(chain), "thumbprint", "a chain");
    let contents = thumbprint::files::read(chain, None).or_fail();
    let (root, leaf) = (ROOT.parse().or_fail(), LEAF.parse().or_fail());
    let for_batch = batch::NewCertificate::from_contents(&contents, Some(&root)).or_fail();
    let for_wap = wap::NewCertificate::from_contents(&contents, Some(&root)).or_fail();
    assert_eq!(for_batch.thumbprint(), &root);
    assert_eq!(for_wap.thumbprint(), &root);
    let other = batch::NewCertificate::from_contents(&contents, Some(&leaf));
    assert_refused(other, "thumbprint", "another");
}

/// The Batch account is to have the key, or the key was not meant to be there: neither is guessed. WAP never gets one.
#[tokio::test]
async fn a_key_beside_the_certificate_is_not_sent_in_the_clear() {
    let pem = file!("ec-chain-and-key.pem");
    let refused = batch::NewCertificate::cer(pem);
    assert_refused(refused, "certificate", "a key beside the chain");
    let certificate = wap::NewCertificate::new(pem).or_fail();
    let recorder = silent().await;
    let tenant = calls::tenant(&recorder.base_url());
    tenant.add(certificate).await.or_fail();
    let sent: Value = serde_json::from_slice(&recorder.only().body).or_fail();
    let data = sent["SubscriptionCertificateData"].as_str().or_fail();
    let data = BASE64_STANDARD.decode(data).or_fail();
    let contents = thumbprint::files::read(&data, None).or_fail();
    assert_eq!(
        contents.certificates[0].subject.as_deref(),
        Some("CN=ec.example")
    );
    assert!(contents.keys.is_empty());
}

#[tokio::test]
async fn a_password_goes_with_a_pfx_and_never_with_a_cer() {
    // Empty, longer than a header may be, and all that JSON has to escape.
    for password in ["", "p@ss \"w\"/\u{e9}\\\n\0\u{1f511}", &"x".repeat(1000)] {
        let sent = added(calls::new_pfx().password(password)).await;
        assert_eq!(sent["password"], password);
        assert_eq!(sent["certificateFormat"], "pfx");
    }
    let sent = added(calls::new_pfx()).await;
    assert_eq!(sent.get("password"), None);

    let recorder = silent().await;
    let account = calls::account(&recorder.base_url());
    for password in ["", "secret"] {
        let cer = batch::NewCertificate::cer(&calls::der()).or_fail();
        let outcome = account.add(cer.password(password)).await;
        assert_refused(outcome, "password", password);
    }
    assert_silent(&recorder).await;
}

/// What a list asked for: the raw target, and the value of a query.
async fn listed(set: impl FnOnce(CertificateList<'_>) -> CertificateList<'_>) -> Received {
    let recorder = RawServer::start([calls::Call::of("Certificate_List").good()]).await;
    let clients = Clients::at(&recorder.base_url());
    set(clients.batch.list()).await.or_fail();
    recorder.only()
}

fn query(request: &Received, name: &str) -> Option<String> {
    let mut values = request
        .query()
        .into_iter()
        .filter(|(other, _)| other == name);
    let value = values.next().map(|(_, value)| value);
    assert_eq!(values.next(), None, "{name} is there twice");
    value
}

#[tokio::test]
async fn filters_are_sent_whole_whatever_is_in_them() {
    let time = "2023-11-20T10:11:12.5Z".parse().or_fail();
    let failed = || filter::state().eq(CertificateState::DeleteFailed);
    for (filter, text) in [
        (failed(), "state eq 'deletefailed'"),
        (
            filter::state().ne(CertificateState::Unknown("o'x&y=1#%41+".to_owned())),
            "state ne 'o''x&y=1#%41+'",
        ),
        (
            failed().and(filter::state_transition_time().le(time)),
            "state eq 'deletefailed' and stateTransitionTime le 2023-11-20T10:11:12.5Z",
        ),
        (
            failed().or(failed()).and(failed()),
            "(state eq 'deletefailed' or state eq 'deletefailed') and state eq 'deletefailed'",
        ),
        (
            Filter::raw("a&$select=x\r\n\u{e9}"),
            "a&$select=x\r\n\u{e9}",
        ),
        (Filter::raw(""), ""),
    ] {
        let request = listed(|list| list.filter(filter)).await;
        assert_eq!(query(&request, "$filter").as_deref(), Some(text));
        assert_eq!(request.query().len(), 2, "{}", request.target);
        let raw = request.target.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(raw, "{}", request.target);
    }
}

#[tokio::test]
async fn times_of_a_filter_have_seven_decimals_at_most_and_are_in_utc() {
    for (given, sent) in [
        ("2023-11-20T10:11:12Z", "2023-11-20T10:11:12Z"),
        (
            "2023-11-20T10:11:12.7735986Z",
            "2023-11-20T10:11:12.7735986Z",
        ),
        (
            "2023-11-20T10:11:12.123456789Z",
            "2023-11-20T10:11:12.1234567Z",
        ),
        ("2023-11-20T10:11:12.000000001Z", "2023-11-20T10:11:12Z"),
        ("2023-11-21T01:11:12+02:00", "2023-11-20T23:11:12Z"),
    ] {
        let time = given.parse().or_fail();
        for (filter, operator) in [
            (filter::state_transition_time().eq(time), "eq"),
            (filter::state_transition_time().ne(time), "ne"),
            (filter::state_transition_time().ge(time), "ge"),
            (filter::state_transition_time().gt(time), "gt"),
            (filter::state_transition_time().le(time), "le"),
            (filter::state_transition_time().lt(time), "lt"),
        ] {
            let expected = format!("stateTransitionTime {operator} {sent}");
            assert_eq!(filter.to_string(), expected);
        }
    }
}

#[tokio::test]
async fn a_page_may_have_1_to_1000_certificates() {
    for number in [1, 999, 1000] {
        let most = NonZeroU32::new(number).or_fail();
        let request = listed(|list| list.max_results(most)).await;
        assert_eq!(query(&request, "maxresults"), Some(number.to_string()));
    }
    let recorder = silent().await;
    let account = calls::account(&recorder.base_url());
    for number in [0, 1001, i32::MAX as u32 + 1, u32::MAX] {
        let number = number.to_string();
        let outcome = account.list().max_results(number.as_str()).await;
        assert_refused(outcome, "max_results", &number);
    }
    assert_silent(&recorder).await;
}

#[tokio::test]
async fn selections_are_names_and_commas() {
    let request = listed(|list| list.select(["thumbprint"])).await;
    assert_eq!(query(&request, "$select").as_deref(), Some("thumbprint"));
    let every = [
        "thumbprint",
        "state",
        "deleteCertificateError",
        "publicData",
    ];
    let request = listed(|list| list.select(every)).await;
    assert_eq!(query(&request, "$select"), Some(every.join(",")));

    let recorder = silent().await;
    let account = calls::account(&recorder.base_url());
    let thumbprint = calls::thumbprint();
    for names in [
        &[][..],
        &[""],
        &["thumbprint", ""],
        &[" thumbprint"],
        &["thumbprint state"],
        &["thumbprint,"],
        &["state eq 'active'"],
        &["state&$filter=x"],
        &["state\r\n"],
        &["*"],
        &["deleteCertificateError/code"],
        &["\u{e9}tat"],
    ] {
        let shown = format!("{names:?}");
        let outcome = account.list().select(names.to_vec()).await;
        assert_refused(outcome, "select", &shown);
        let outcome = account.get(&thumbprint).select(names.to_vec()).await;
        assert_refused(outcome, "select", &shown);
    }
    assert_silent(&recorder).await;
}
