//! Row 18: the source pages' own examples, byte for byte. Must notice a renamed member, `\/` that is not
//! read as `/`, a time that moved, and a check of the certificate that is skipped.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{TimeZone as _, Utc};
use conformance::{
    calls::{WAP_EXAMPLE as EXAMPLE, WAP_THUMBPRINT as THUMBPRINT, der, tenant},
    world,
};
use serde_json::{Value, json};
use sha1::Digest as _;
use test_support::{OrFail as _, RawServer, Reply};
use thumbprint::{
    Thumbprint,
    wap::{Certificate, Warning},
};
use thumbprint_wap::types::SubscriptionCertificate;

const KEY: &str = "SubscriptionCertificatePublicKey";
const PRINT: &str = "SubscriptionCertificateThumbprint";
const DATA: &str = "SubscriptionCertificateData";

fn example() -> Value {
    serde_json::from_str(EXAMPLE).or_fail()
}

/// What the facade makes of a body, when it is asked for `asked`.
fn read(body: &Value, asked: Option<&str>) -> Certificate {
    let raw: SubscriptionCertificate = serde_json::from_value(body.clone()).or_fail();
    let asked: Option<Thumbprint> = asked.map(|asked| asked.parse().or_fail());
    Certificate::read(&raw, asked.as_ref())
}

// Facts: prose ManagementCertificate_Delete: the example is the certificate of the answer, byte for byte
#[test]
fn the_document_has_the_pages_example() {
    let document = world::document("wap");
    let path = "/Subscriptions/{SubscriptionId}/certificates/{ThumbprintId}";
    let response = &document.value["paths"][path]["delete"]["responses"]["200"];
    let media_type = &response["content"]["application/json"];
    assert_eq!(media_type["example"], example());
}

#[test]
fn escaped_slashes_are_slashes() {
    assert_eq!(EXAMPLE.matches(r"\/").count(), 17);
    let raw: SubscriptionCertificate = serde_json::from_str(EXAMPLE).or_fail();
    let texts = [
        raw.subscription_certificate_public_key.or_fail(),
        raw.subscription_certificate_data.or_fail(),
    ];
    let slashes = texts.concat().matches('/').count();
    assert_eq!(slashes, 17);
    assert!(!texts.concat().contains('\\'));
    // The facade's answer is the same with and without them.
    let plain = EXAMPLE.replace(r"\/", "/");
    let plain: Value = serde_json::from_str(&plain).or_fail();
    assert_eq!(read(&plain, None).data, read(&example(), None).data);
}

// Facts: SubscriptionCertificate*; prose ManagementCertificate_Delete: the answer has the certificate that was deleted
#[tokio::test]
async fn the_example_comes_through_the_facade_with_every_part_in_place() {
    let headers = [("Content-Type", "application/json; charset=utf-8")];
    let server = RawServer::start([Reply::new(200, &headers, EXAMPLE)]).await;
    let asked: Thumbprint = THUMBPRINT.parse().or_fail();
    let gone = tenant(&server.base_url()).delete(&asked).await.or_fail();
    let stored = gone.value().as_ref().or_fail();
    let certificate = Certificate::read(stored, Some(&asked));

    assert!(server.only().target.ends_with(THUMBPRINT));
    let time = Utc
        .with_ymd_and_hms(2013, 7, 3, 16, 19, 50)
        .single()
        .or_fail();
    let time = time + chrono::Duration::milliseconds(793);
    assert_eq!(certificate.created_at, Some(time));
    assert_eq!(certificate.warnings, []);
    let thumbprint = certificate.thumbprint.as_ref().or_fail();
    assert_eq!(thumbprint.as_str(), THUMBPRINT);

    // What openssl reads from the same bytes. The signature's OID and the extension are obsolete.
    assert_eq!(certificate.subject.as_deref(), Some("CN=KatalTest"));
    assert_eq!(certificate.issuer.as_deref(), Some("CN=KatalTest"));
    let serial = certificate.serial.as_deref();
    assert_eq!(serial, Some("1DBFF1DEC396969644C9A486F0E45CA2"));
    let valid = [certificate.not_before, certificate.not_after];
    let valid = valid.map(|time| time.or_fail().to_rfc3339());
    assert_eq!(
        valid,
        ["2013-07-03T15:45:56+00:00", "2039-12-31T23:59:59+00:00"]
    );

    let der = certificate.data.as_deref().or_fail();
    assert_eq!(der.len(), 759);
    let digest: String = sha1::Sha1::digest(der)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    assert_eq!(digest, THUMBPRINT);
    assert_eq!(Thumbprint::of_der(der).as_str(), THUMBPRINT);

    // A BIT STRING of 270 bytes and the byte that says how many of its last bits do not count.
    let key = certificate.public_key.as_deref().or_fail();
    assert_eq!(key.len(), 270);
    let bit_string = [&[0x03, 0x82, 0x01, 0x0f, 0x00], key].concat();
    let found = der
        .windows(bit_string.len())
        .filter(|window| *window == bit_string);
    assert_eq!(found.count(), 1);
}

/// A member of the example, changed.
fn with(member: &str, value: impl Into<Value>) -> Value {
    let mut body = example();
    body[member] = value.into();
    body
}

#[test]
fn what_does_not_fit_together_is_a_warning() {
    use Warning::*;
    let another = "0123456789abcdef0123456789abcdef01234567";
    let encoded = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    let mut flipped = der();
    *flipped.last_mut().or_fail() ^= 1;
    let mut other_key = BASE64_STANDARD
        .decode(example()[KEY].as_str().or_fail())
        .or_fail();
    other_key[100] ^= 1;
    let longer = [der(), vec![0]].concat();
    let spaced = "9B 3C 37 76 6B D0 0C 22 EC 47 8B 8F 12 4C 15 3B 4B 7E 4C 5B";
    let spki = &der()[der().len() - 700..];
    #[rustfmt::skip]
    let rows: &[(&str, Value, &[Warning])] = &[
        ("nothing changed", example(), &[]),
        ("thumbprint in lower case", with(PRINT, THUMBPRINT.to_lowercase()), &[]),
        ("another thumbprint", with(PRINT, another), &[NotTheOneAskedFor, ThumbprintOfAnother]),
        ("short thumbprint", with(PRINT, &THUMBPRINT[1..]), &[ThumbprintUnreadable]),
        ("spaced thumbprint", with(PRINT, spaced), &[]),
        ("spaced part of a thumbprint", with(PRINT, "9B 3C"), &[ThumbprintUnreadable]),
        ("empty thumbprint", with(PRINT, ""), &[ThumbprintUnreadable]),
        ("no thumbprint", with(PRINT, Value::Null), &[]),
        ("another key", with(KEY, encoded(&other_key)), &[PublicKeyOfAnother]),
        ("a part of the key", with(KEY, encoded(&other_key[..99])), &[PublicKeyOfAnother]),
        ("more than the key", with(KEY, encoded(spki)), &[PublicKeyOfAnother]),
        ("empty key", with(KEY, ""), &[PublicKeyOfAnother]),
        ("key that is not base64", with(KEY, "not base64"), &[PublicKeyNotBase64]),
        ("no key", with(KEY, Value::Null), &[]),
        ("data that is not base64", with(DATA, "-----BEGIN"), &[DataNotBase64]),
        ("data that is not DER", with(DATA, encoded(b"text")), &[DataNotDer, ThumbprintOfAnother]),
        ("empty data", with(DATA, ""), &[DataNotDer, ThumbprintOfAnother]),
        ("data with a byte too many", with(DATA, encoded(&longer)), &[DataNotDer, ThumbprintOfAnother]),
        ("data with another signature", with(DATA, encoded(&flipped)), &[ThumbprintOfAnother]),
        ("no data", with(DATA, Value::Null), &[]),
        ("no time", with("TimeCreated", Value::Null), &[]),
        ("nothing", json!({}), &[]),
        ("only what is unknown", json!({"Subject": "CN=x"}), &[]),
    ];
    for (name, body, expected) in rows {
        let mut found = read(body, Some(THUMBPRINT)).warnings;
        found.sort_by_key(|warning| format!("{warning:?}"));
        assert_eq!(found, *expected, "{name}");
    }
    assert_eq!(
        read(&example(), Some(another)).warnings,
        [NotTheOneAskedFor]
    );
    assert_eq!(read(&example(), None).warnings, []);
    assert_eq!(
        read(&with(PRINT, another), None).warnings,
        [ThumbprintOfAnother]
    );

    let all = [
        ThumbprintUnreadable,
        PublicKeyNotBase64,
        DataNotBase64,
        DataNotDer,
        ThumbprintOfAnother,
        PublicKeyOfAnother,
        NotTheOneAskedFor,
    ];
    for warning in all {
        let provoked = rows
            .iter()
            .any(|(_, _, expected)| expected.contains(&warning));
        assert!(provoked, "nothing provokes {warning:?}");
        assert!(!warning.to_string().is_empty());
    }
}

/// What cannot be read is absent, and what can be read is there all the same.
#[test]
fn a_part_that_cannot_be_read_does_not_cost_the_others() {
    for (member, bad) in [(KEY, "?"), (PRINT, "?"), (DATA, "?")] {
        let certificate = read(&with(member, bad), Some(THUMBPRINT));
        assert_eq!(certificate.public_key.is_none(), member == KEY, "{member}");
        assert_eq!(
            certificate.thumbprint.is_none(),
            member == PRINT,
            "{member}"
        );
        assert_eq!(certificate.data.is_none(), member == DATA, "{member}");
        assert!(certificate.created_at.is_some(), "{member}");
        assert_eq!(certificate.warnings.len(), 1, "{member}");
    }
    let nothing = read(&json!({}), Some(THUMBPRINT));
    assert!(nothing.thumbprint.is_none() && nothing.public_key.is_none());
    assert!(nothing.data.is_none() && nothing.created_at.is_none());
}

#[test]
fn a_certificate_that_is_cut_or_damaged_anywhere_never_panics() {
    let whole = der();
    let expected = [Warning::DataNotDer, Warning::ThumbprintOfAnother];
    for length in 0..whole.len() {
        let cut = with(DATA, BASE64_STANDARD.encode(&whole[..length]));
        let mut warnings = read(&cut, Some(THUMBPRINT)).warnings;
        warnings.sort_by_key(|warning| format!("{warning:?}"));
        assert_eq!(warnings, expected, "cut to {length} bytes");
    }
    for place in 0..whole.len() {
        for damage in [0x00, 0x7f, 0x80, 0x84, 0xff] {
            let mut damaged = whole.clone();
            if std::mem::replace(&mut damaged[place], damage) == damage {
                continue;
            }
            let body = with(DATA, BASE64_STANDARD.encode(&damaged));
            let warnings = read(&body, Some(THUMBPRINT)).warnings;
            let noticed = warnings.contains(&Warning::ThumbprintOfAnother);
            assert!(noticed, "byte {place} as {damage:02x}");
        }
    }
}

#[tokio::test]
async fn an_answer_about_another_certificate_is_a_success_with_a_warning() {
    let server = RawServer::start([Reply::new(200, &[], EXAMPLE)]).await;
    let asked = conformance::calls::thumbprint();
    let gone = tenant(&server.base_url()).delete(&asked).await.or_fail();
    let stored = gone.into_value().or_fail();
    let warnings = Certificate::read(&stored, Some(&asked)).warnings;
    assert_eq!(warnings, [Warning::NotTheOneAskedFor]);
}
