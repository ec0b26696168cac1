//! What is fuzzed: everything that reads bytes of others. A target panics where a promise
//! of its reader is broken, whatever the bytes are. The fuzzer drives the targets, and so does the suite.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, StatusCode};
use thumbprint::{Thumbprint, batch, files, wap};
use thumbprint_transport::{HttpDate, fuzzing};

/// The name of a target, which is that of its corpus, and what it does with an input.
pub(super) type Target = (&'static str, fn(&[u8]));

/// All targets. One more is a function here, a row, a file in `fuzz_targets/` and a folder in `corpus/`.
pub(super) const TARGETS: [Target; 5] = [
    ("error_body", error_body),
    ("next_link", next_link),
    ("retry_after", retry_after),
    ("der", der),
    ("ws_trust", ws_trust),
];

/// The body of an error, as either service sends one.
pub(super) fn error_body(data: &[u8]) {
    // The first byte says how the body came.
    let (first, body) = data.split_first().unwrap_or((&0, &[]));
    let statuses = [400, 401, 403, 404, 409, 418, 500, 503];
    let status = StatusCode::from_u16(statuses[usize::from(first & 7)]).unwrap();
    let truncated = first & 8 != 0;
    for semantics in [
        &batch::raw::semantics::SEMANTICS,
        &wap::raw::semantics::SEMANTICS,
    ] {
        let error = fuzzing::refusal(status, Bytes::copy_from_slice(body), truncated, semantics);
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.body(), Some(body));
        assert_eq!(error.is_body_truncated(), truncated);
        let service = error.service().expect("an error status has one");
        if let Some(code) = &service.code {
            assert!(body.contains(&b'"') || body.contains(&b'<'), "{code}");
        }
        // Whatever the service says, it stays on one line and within bounds.
        let text = error.to_string();
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(text.chars().count() < 16_000, "{text:?}");
        assert!(text.starts_with(status.as_str()), "{text:?}");
        let _ = format!("{error:?}{service:?}");
    }
}

/// A link to a next page. Where it is followed, it stays where the list is.
pub(super) fn next_link(data: &[u8]) {
    let link = String::from_utf8_lossy(data);
    let operation = &batch::raw::operations::CERTIFICATE_LIST;
    for (endpoint, path) in [
        ("https://account.region.batch.azure.com", "/certificates"),
        (
            "https://account.region.batch.azure.com/base",
            "/base/certificates",
        ),
    ] {
        match fuzzing::next_link(endpoint, &link, operation) {
            Ok(url) => {
                assert_eq!(url.scheme(), "https", "{link:?}");
                assert_eq!(url.host_str(), Some("account.region.batch.azure.com"));
                assert_eq!(url.port_or_known_default(), Some(443), "{link:?}");
                assert_eq!((url.username(), url.password()), ("", None), "{link:?}");
                assert_eq!(url.path(), path, "{link:?}");
                // What goes into the request line cannot end it.
                let clean = |byte: u8| byte.is_ascii_graphic();
                assert!(url.as_str().bytes().all(clean), "{link:?}");
            }
            Err(error) => {
                let text = error.to_string();
                assert!(text.starts_with("the link to the next page"), "{text}");
            }
        }
    }
}

/// The three headers that say when to come back: one on each line, in any order of lines.
pub(super) fn retry_after(data: &[u8]) {
    let now: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
    let names = ["retry-after", "retry-after-ms", "x-ms-retry-after-ms"];
    let mut headers = HeaderMap::new();
    for (name, line) in names.into_iter().zip(data.split(|byte| *byte == b'\n')) {
        if let Ok(value) = HeaderValue::from_bytes(line)
            && !line.is_empty()
        {
            headers.insert(name, value);
        }
    }
    let wait = fuzzing::retry_after(&headers, now);
    if headers.is_empty() {
        assert_eq!(wait, None);
    }
    if headers.len() == 1
        && let Some(text) = headers
            .get("retry-after")
            .and_then(|value| value.to_str().ok())
    {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits {
            assert_eq!(wait.map(|wait| wait.as_secs()), text.parse().ok(), "{text}");
        } else {
            // A sign or a fraction makes it neither a number nor a date.
            assert_eq!(wait.is_some(), text.parse::<HttpDate>().is_ok(), "{text}");
        }
    }
}

/// A file that is to be added, and a certificate that a service sends.
pub(super) fn der(data: &[u8]) {
    let (for_wap, for_batch) = (
        wap::NewCertificate::new(data),
        batch::NewCertificate::cer(data),
    );
    // WAP gets the certificate of a file that has a key too.
    assert!(for_wap.is_ok() || for_batch.is_err());
    if let Ok(contents) = files::read(data, Some("password")) {
        let _ = format!("{contents:?}{:?}", contents.choose(None));
        for certificate in &contents.certificates {
            let thumbprint = Thumbprint::of_der(&certificate.der);
            assert_eq!(thumbprint.as_str(), certificate.thumbprint);
            assert!(!certificate.to_string().contains(char::is_control));
        }
        if contents.format == files::Format::Der && contents.encodings.is_empty() {
            assert_eq!(contents.certificates[0].der, data);
        }
    } else {
        assert!(for_batch.is_err());
    }
    let mut raw = wap::raw::types::SubscriptionCertificate::default();
    raw.subscription_certificate_data = Some(base64(data));
    let read = wap::Certificate::read(&raw, None);
    assert_eq!(read.data.as_deref(), Some(data));
    let not_der = read.warnings.contains(&wap::Warning::DataNotDer);
    assert_eq!(read.serial.is_some(), !not_der);
    let _ = format!("{read:?}");
}

/// The answer of a token site. What is taken for a token can stand in a header; what is refused shows
/// nothing of what was read.
pub(super) fn ws_trust(data: &[u8]) {
    match thumbprint_wstrust::read_answer(data) {
        Ok(answer) => {
            let token = answer.token.expose();
            assert!(!token.is_empty());
            assert!(token.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!(!format!("{answer:?}").contains(token));
        }
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains(char::is_control), "{text:?}");
            assert!(text.chars().count() < 1000, "{text:?}");
            let _ = format!("{error:?}");
        }
    }
}

fn base64(data: &[u8]) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    BASE64_STANDARD.encode(data)
}
