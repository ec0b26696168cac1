//! What is fuzzed: everything that reads bytes of others. A target panics where a promise
//! of its reader is broken, whatever the bytes are. The fuzzer drives the targets, and so does the suite.

pub(super) mod der_tree;
pub(super) mod document_tree;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use fastrand::Rng;
use http::{HeaderMap, HeaderValue, StatusCode};
use thumbprint::{Thumbprint, batch, files, wap};
use thumbprint_codegen::{
    document::Document,
    generate::{self, Refused},
};
use thumbprint_sandbox::fuzzing::filtered;
use thumbprint_transport::{HttpDate, fuzzing};

/// What is fuzzed.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// The name, which is that of the corpus.
    pub(super) name: &'static str,
    /// What is done with an input.
    pub(super) run: fn(&[u8]),
    /// One step away from an input by what it is made of; `None` where bytes are all that is known of it.
    pub(super) edit: fn(&[u8], &mut Rng) -> Option<Vec<u8>>,
    /// What an input costs, where that of most is 1.
    pub(super) cost: usize,
}

impl Target {
    const fn of_bytes(name: &'static str, run: fn(&[u8])) -> Self {
        Self {
            name,
            run,
            edit: |_, _| None,
            cost: 1,
        }
    }
}

/// All targets. One more is a function here, a row, a file in `fuzz_targets/` and a folder in `corpus/`.
pub(super) const TARGETS: [Target; 9] = [
    Target::of_bytes("error_body", error_body),
    Target::of_bytes("next_link", next_link),
    Target::of_bytes("retry_after", retry_after),
    Target::of_bytes("der", der),
    Target::of_bytes("pem", pem),
    Target {
        edit: der_tree::edit,
        cost: 20,
        ..Target::of_bytes("pfx", pfx)
    },
    Target::of_bytes("ws_trust", ws_trust),
    Target::of_bytes("filter", filter),
    Target {
        edit: document_tree::edit,
        cost: 100,
        ..Target::of_bytes("document", document)
    },
];

/// The body of an error, as either service sends one.
pub(super) fn error_body(data: &[u8]) {
    // The first byte says how the body came.
    let (first, body) = data.split_first().unwrap_or((&0, &[]));
    let statuses = [400, 401, 403, 404, 409, 418, 500, 503];
    let status = StatusCode::from_u16(statuses[usize::from(first & 7)]).expect("all are statuses");
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
    let now: DateTime<Utc> = DateTime::from_timestamp_secs(1_795_255_200).expect("a time");
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

/// What a file is said to be, or why it is not taken. That is one line, without the password and the keys in it.
fn read_file(data: &[u8], password: Option<&str>) -> Result<files::Contents, String> {
    let read = files::read(data, password);
    let chosen = read.as_ref().map(|contents| contents.choose(None).err());
    if let Err(refusal) | Ok(Some(refusal)) = chosen.as_ref().map_err(|refusal| *refusal) {
        let text = format!("{}: {}", refusal.problem(), refusal.remedy());
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(!text.contains("s3cret"), "{text:?}");
    }
    read.map_err(|refusal| format!("{:?}: {}", refusal.about(), refusal.problem()))
}

/// A file of PEM. How its text is encoded and how its lines end changes nothing.
pub(super) fn pem(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    // Text without PEM is taken for something else by its first bytes; a mark or a backslash means something itself.
    if !text.contains("-----BEGIN ") || text.contains(['\0', '\r', '\\', '\u{feff}', '\u{fffe}']) {
        return;
    }
    let shown = |bytes: &[u8]| {
        read_file(bytes, None).map(|contents| {
            let certificates = contents
                .certificates
                .iter()
                .map(|one| one.thumbprint.clone());
            let certificates: Vec<_> = certificates.collect();
            format!("{:?} {certificates:?} {:?}", contents.format, contents.keys)
        })
    };
    let plain = shown(data);
    let utf16 = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&utf16(&format!("\u{feff}{text}"))), plain);
    assert_eq!(shown(format!("\u{feff}{text}").as_bytes()), plain);
    for end in ["\r\n", "\r", "\\n", "\\r\\n"] {
        assert_eq!(shown(text.replace('\n', end).as_bytes()), plain, "{end:?}");
    }
}

/// A PFX, with its password, another one, an empty one and none.
pub(super) fn pfx(data: &[u8]) {
    for password in [None, Some(""), Some("password"), Some("s3cret")] {
        match read_file(data, password) {
            Ok(contents) => {
                let _ = format!("{contents:?}");
                if contents.format == files::Format::Pfx && contents.encodings.is_empty() {
                    let pfx = contents.pfx.as_ref().map(|pfx| (pfx.der(), pfx.password()));
                    assert_eq!(pfx, Some((data, password)));
                }
                for certificate in &contents.certificates {
                    let thumbprint = Thumbprint::of_der(&certificate.der);
                    assert_eq!(thumbprint.as_str(), certificate.thumbprint);
                }
                // What Batch gets opens with what it gets.
                if let Ok(new) = batch::NewCertificate::from_contents(&contents, None) {
                    let is_there =
                        |one: &files::Certificate| one.thumbprint == new.thumbprint().as_str();
                    assert!(contents.certificates.iter().any(is_there));
                }
            }
            // Without a password it is locked, which is no refusal.
            Err(said) => assert!(password.is_some() || said.starts_with("File"), "{said}"),
        }
    }
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

/// A `$filter`. Grouping, and saying the same twice, changes nothing.
pub(super) fn filter(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match filtered(text) {
        Ok(taken) => {
            let all = format!("{text} or state eq 'active' or state ne 'active'");
            assert_eq!(filtered(&all).as_deref(), Ok("adf"), "{text:?}");
            let grouped = format!("({text})");
            match filtered(&grouped) {
                Err(said) => assert!(said.ends_with("parentheses nest too deep"), "{said}"),
                Ok(again) => {
                    assert_eq!(again, taken, "{text:?}");
                    let active = filtered(&format!("{grouped} and state eq 'active'"));
                    let expected = if taken.contains('a') { "a" } else { "" };
                    assert_eq!(active.as_deref(), Ok(expected), "{text:?}");
                }
            }
        }
        Err(said) => {
            let place = said
                .strip_prefix("At character ")
                .and_then(|said| said.split_once(": "));
            let (at, what) = place.expect("a refusal names its place");
            let at: usize = at.parse().expect("the place is a number");
            assert!(
                (1..=text.chars().count() + 1).contains(&at),
                "{said}: {text:?}"
            );
            assert!(
                !what.is_empty() && !what.contains(char::is_control),
                "{said}"
            );
        }
    }
}

/// A document that somebody describes an API by. What is taken becomes code, and what is not has its reasons.
pub(super) fn document(data: &[u8]) {
    let parsed =
        str::from_utf8(data).map(|text| Document::parse("things", "specs/things.json", text));
    let Ok(Ok(document)) = parsed else {
        return;
    };
    match generate::render(&document) {
        Ok(rendered) => {
            assert!(rendered.unmended.is_empty(), "{:?}", rendered.unmended);
            for (file, text) in rendered.files {
                let parsed = syn::parse_file(&text);
                assert!(parsed.is_ok(), "{file}: {:?}", parsed.err());
            }
        }
        // Anything else is a fault of the pipeline's.
        Err(error) => {
            let Refused(problems) = error.downcast().expect("the document is the reason");
            assert!(!problems.is_empty());
            for problem in problems {
                let text = problem.to_string();
                assert!(!text.contains("no step foresees the form"), "{text}");
                assert!(!text.contains(char::is_control), "{text:?}");
            }
        }
    }
}

fn base64(data: &[u8]) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    BASE64_STANDARD.encode(data)
}
