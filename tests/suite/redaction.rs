//! What must not be seen is seen nowhere: every secret and every identifying value of a call is a canary
//! that is searched for in `Debug`, `Display`, chains of sources and traces. Holds no row of the table but
//! its security habits. Must notice a derived `Debug`, an error that quotes what it refuses or where it
//! went, and a trace with a path in it.

mod calls;
mod echo;
mod errors;
mod traces;

use std::{error::Error as StdError, fmt::Debug};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use conformance::calls::{THUMBPRINT, WAP_THUMBPRINT, new_management_certificate};
use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint::{ClientBuilder, Credential, Secret, SharedKey, Thumbprint, Token, batch, wap};
use thumbprint_batch::types::{CertificateAddParameter, ThumbprintAlgorithm};
use thumbprint_transport::Transport;
use thumbprint_wap::types::{LiveId, PrincipalId, SubscriptionId};

const TOKEN: &str = "canary-token.eyJhbGciOiJub25lIn0";
const SUBSCRIPTION: &str = "CA4A2700-5ec2-4e7a-9c0d-5ab5c21b710e";
const PRINCIPAL: &str = "canary-principal@contoso.com";
const LIVE_ID: &str = "canary-live@contoso.com";
const BASE_PATH: &str = "/canary-path";
/// What is added to Batch, a PFX that a signature protects, and its password.
const PFX: &[u8] =
    b"0\x1e\x02\x01\x030\x19\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x02\xa0\x0c\x04\x0acanary-pfx";
const PASSWORD: &str = "canary-password";
/// Stands in bodies and headers of answers.
const BODY: &str = "canary-body";

/// Parts of URLs that neither errors nor traces show.
const SECRET_PLACES: [&str; 3] = ["canary-path", "canary-filter", "elsewhere.example"];

/// What errors show on purpose, and traces do not: what a call is about.
const SUBJECTS: [&str; 2] = [THUMBPRINT, WAP_THUMBPRINT];

/// What is searched for, in lower case, and whose it is.
const CANARIES: [(&str, &str); 15] = [
    ("password", PASSWORD),
    // Base64 of PFX, in lower case.
    (
        "data of a PFX",
        "mb4caqmwgqyjkozihvcnaqccoawecmnhbmfyes1wzng=",
    ),
    ("token", "canary-token"),
    ("token", "eyjhbgcioijub25lin0"),
    ("subscription", "ca4a2700"),
    ("subscription", "5ab5c21b710e"),
    ("principal", "canary-principal"),
    ("live id", "canary-live"),
    ("user info of the base URL", "canary-user"),
    ("body", BODY),
    ("refused value", "canary-value"),
    ("token of a source", "canary-source"),
    ("account", "canaryaccount"),
    // Base64 of the key, in lower case, and the key itself.
    ("account key", "y2fuyxj5lwtles1v"),
    ("account key", "canary-key"),
];

/// The key of a Batch account, and what it is in base64.
const ACCOUNT: &str = "canaryaccount";
const KEY: &str = "Y2FuYXJ5LWtleS1vZi10aGUtYWNjb3VudC1jYW5hcnk=";
/// What a source of tokens gives.
const SOURCE_TOKEN: &str = "canary-source.eyJ0eXAiOiJKV1QifQ";

fn shared_key() -> SharedKey {
    SharedKey::new(ACCOUNT, KEY).or_fail()
}

/// Whose canaries a text shows.
fn leaks(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let found = CANARIES.iter().filter(|(_, canary)| text.contains(canary));
    found.map(|(name, _)| *name).collect()
}

/// That a text shows no secret and no part of a URL.
#[track_caller]
fn assert_clean(text: &str) {
    assert_eq!(leaks(text), [""; 0], "{text}");
    for part in SECRET_PLACES {
        assert!(!text.contains(part), "{part} is in {text}");
    }
}

/// That a trace shows neither of them, nor what a call is about.
#[track_caller]
fn assert_trace_is_clean(trace: &str) {
    assert_clean(trace);
    for subject in SUBJECTS {
        assert!(!trace.contains(subject), "{subject} is in {trace}");
    }
}

/// Both forms of `Debug`.
fn debug(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

/// Every form of an error and of all its sources.
fn whole(error: &(dyn StdError + 'static)) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(|error| format!("{error}\n{error:#}\n{}\n", debug(&error)))
        .collect()
}

fn live_id() -> LiveId {
    LIVE_ID.to_owned().into()
}

fn subject() -> Thumbprint {
    THUMBPRINT.parse().or_fail()
}

fn batch_at(url: &str) -> ClientBuilder<batch::Settings> {
    batch_with(url, TOKEN)
}

fn batch_with(url: &str, credential: impl Into<Credential>) -> ClientBuilder<batch::Settings> {
    batch::Client::builder(&format!("{url}{BASE_PATH}"), credential)
        .allow_loopback_http()
        .clock(TestClock::start())
}

fn wap_at(url: &str) -> ClientBuilder<wap::Settings> {
    let url = format!("{url}{BASE_PATH}");
    wap::Client::builder(&url, SUBSCRIPTION, PRINCIPAL, TOKEN)
        .allow_loopback_http()
        .clock(TestClock::start())
}

#[test]
fn the_search_finds_what_it_searches_for() {
    let planted = [
        TOKEN,
        SUBSCRIPTION,
        &PRINCIPAL.to_uppercase(),
        LIVE_ID,
        "https://canary-user:x@a",
        BODY,
        "canary-value",
        PASSWORD,
        &BASE64_STANDARD.encode(PFX),
        SOURCE_TOKEN,
        ACCOUNT,
        KEY,
        "canary-key",
    ];
    assert!(
        BASE64_STANDARD
            .decode(KEY)
            .or_fail()
            .starts_with(b"canary-key")
    );
    assert_eq!(leaks(&planted.concat()).len(), CANARIES.len());
    // These two have to be text for the wire.
    assert_eq!(
        leaks(&PRINCIPAL.parse::<PrincipalId>().or_fail().to_string()),
        ["principal"]
    );
    assert_eq!(leaks(&live_id().to_string()), ["live id"]);
    assert_eq!(
        leaks(&parameter().password.or_fail().to_string()),
        ["password"]
    );
    // A derived Debug.
    assert_eq!(leaks(&debug(&[Some(BODY)])), ["body"]);
}

fn pfx() -> batch::NewCertificate {
    let pfx = batch::NewCertificate::pfx_with_thumbprint(PFX, subject()).or_fail();
    pfx.password(PASSWORD)
}

/// The generated layer's form of it.
fn parameter() -> CertificateAddParameter {
    let mut parameter = CertificateAddParameter::new(
        BASE64_STANDARD.encode(PFX).parse().or_fail(),
        THUMBPRINT.parse().or_fail(),
        ThumbprintAlgorithm::Sha1,
    );
    parameter.password = Some(PASSWORD.to_owned().into());
    parameter
}

/// Everything that holds a secret, with the word that its `Debug` starts with.
#[rustfmt::skip]
fn objects() -> Vec<(&'static str, String)> {
    let url = "http://127.0.0.1:9";
    let thumbprint = subject();
    let account = batch_at(url).build().or_fail();
    let tenant = wap_at(url).build().or_fail();
    let base = Transport::builder(format!("{url}{BASE_PATH}"), TOKEN).allow_loopback_http();
    let subscription = SubscriptionId::try_from(SUBSCRIPTION).or_fail();
    let principal: PrincipalId = PRINCIPAL.parse().or_fail();
    #[expect(deprecated, reason = "the document says so, and it has to be tested all the same")]
    let (raw_cancel, raw_add) = (account.raw().certificate_cancel_deletion(), account.raw().certificate_add());
    let raw_delete = tenant.raw().management_certificate_delete();
    let full = raw_delete
        .clone()
        .subscription_id(subscription.clone())
        .thumbprint(THUMBPRINT)
        .principal_id(principal.clone())
        .principal_live_id(live_id());
    vec![
        ("[redacted]", debug(&Secret::from(TOKEN))),
        ("Bearer", debug(&Credential::from(TOKEN))),
        ("Bearer", debug(&Credential::bearer(TOKEN.to_owned()))),
        ("Some", debug(&Some(Credential::from(TOKEN)))),
        ("SharedKey", debug(&shared_key())),
        ("Signature", debug(&Credential::from(shared_key()))),
        ("Token {", debug(&Token::new(SOURCE_TOKEN))),
        ("Tokens", debug(&Credential::tokens(|| async { Ok(Token::new(SOURCE_TOKEN)) }))),
        ("Client", debug(&batch_with(url, shared_key()).build().or_fail())),
        ("ClientBuilder", debug(&wap::Client::builder(url, SUBSCRIPTION, PRINCIPAL, shared_key()))),
        ("Builder", debug(&base)),
        ("Transport", debug(&base.clone().build().or_fail())),
        ("ClientBuilder", debug(&batch_at(url))),
        ("Client", debug(&account)),
        ("Client", debug(account.raw())),
        ("CertificateCancelDeletion", debug(&account.cancel_deletion(&thumbprint))),
        ("CertificateCancelDeletion", debug(&raw_cancel.thumbprint("canary-value"))),
        ("ClientBuilder", debug(&wap_at(url))),
        ("Client", debug(&tenant)),
        ("Client", debug(tenant.raw())),
        ("ManagementCertificateDelete", debug(&full)),
        ("ManagementCertificateDelete", debug(&raw_delete.subscription_id("canary-value"))),
        ("NewCertificate", debug(&pfx())),
        ("CertificateAdd", debug(&account.add(pfx()))),
        ("CertificateAdd", debug(&raw_add.body(parameter()))),
        ("CertificateAddParameter", debug(&parameter())),
        ("CertificateList", debug(&account.list())),
        ("CertificateGet", debug(&account.get(&thumbprint))),
        ("CertificateDelete", debug(&account.delete(&thumbprint))),
        ("ManagementCertificateList", debug(&tenant.list().principal_live_id(live_id()))),
        ("ManagementCertificateGet", debug(&tenant.get(&thumbprint).principal_live_id(live_id()))),
        ("ManagementCertificateAdd", debug(&tenant.add(new_management_certificate()).principal_live_id(live_id()))),
        ("ManagementCertificateDelete", debug(&tenant.delete(&thumbprint).principal_live_id(live_id()))),
        ("SubscriptionId", debug(&subscription)),
        ("PrincipalId", debug(&principal)),
        ("LiveId", debug(&live_id())),
        ("[", debug(&[Some(principal)])),
    ]
}

#[test]
fn no_object_shows_a_secret() {
    for (starts_with, text) in objects() {
        assert!(text.starts_with(starts_with), "{text}");
        assert_eq!(leaks(&text), [""; 0], "{text}");
    }
}

/// A base path can name a customer or a site, so it is treated like the rest of a URL.
#[test]
fn no_object_shows_the_base_path() {
    let found: Vec<_> = objects()
        .into_iter()
        .filter(|(_, text)| text.contains("canary-path"))
        .map(|(name, text)| format!("{name}: {}", text.lines().next().unwrap_or_default()))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A user name and a password in a base URL are refused when the client is built. The builder holds them
/// until then.
#[test]
fn no_builder_shows_the_user_info_of_its_base_url() {
    let url = "https://canary-user:canary-user@a.example";
    for text in [
        debug(&Transport::builder(url, TOKEN)),
        debug(&batch::Client::builder(url, TOKEN)),
        debug(&wap::Client::builder(url, SUBSCRIPTION, PRINCIPAL, TOKEN)),
    ] {
        assert_eq!(leaks(&text), [""; 0], "{text}");
    }
}

/// An answer's headers can hold anything: cookies, and URLs with the subscription in them. So can members of
/// its body that no document has; what a document has is the value, which is shown.
#[tokio::test]
async fn no_answer_shows_its_headers_or_what_no_document_has() {
    let url = format!("https://a.example/{BODY}/{SUBSCRIPTION}");
    let headers = [
        ("DataServiceId", url.as_str()),
        ("Set-Cookie", BODY),
        ("Location", &url),
    ];
    let at = async |status, body: &str| {
        let server = RawServer::start([Reply::new(status, &headers, body)]).await;
        let (account, tenant) = (batch_at(&server.base_url()), wap_at(&server.base_url()));
        (server, account.build().or_fail(), tenant.build().or_fail())
    };
    let asked = subject();
    let (_server, account, _) = at(204, "").await;
    let canceled = account.cancel_deletion(&asked).await.or_fail();
    let mut texts = vec![debug(&canceled), debug(canceled.headers())];

    let stored = format!(r#"{{"Subject":"{BODY}","SubscriptionCertificateData":"Y2FuYXJ5"}}"#);
    let (_server, _, tenant) = at(200, &stored).await;
    let got = tenant.get(&asked).await.or_fail();
    texts.push(debug(&wap::Certificate::read(&got, Some(&asked))));
    texts.extend([debug(&got), debug(&tenant.delete(&asked).await.or_fail())]);
    let (_server, _, tenant) = at(200, &format!("[{stored}]")).await;
    texts.push(debug(&tenant.list().await.or_fail()));

    let body = format!(r#"{{"publicData":"Y2FuYXJ5","eTag":"{BODY}"}}"#);
    let (_server, account, _) = at(200, &body).await;
    texts.push(debug(&account.get(&asked).await.or_fail()));
    let (_server, account, _) = at(200, &format!(r#"{{"value":[{body}]}}"#)).await;
    texts.push(debug(&account.list().await.or_fail()));
    for text in texts {
        assert_clean(&text);
    }
}

/// A secret says which one it is, and nothing else.
#[test]
fn secrets_show_their_names_alone() {
    let secret = |shown: String, name: &str| assert_eq!(shown, format!("{name}([redacted])"));
    let data: thumbprint_batch::types::CertificateData = "canary".parse().expect("a text");
    secret(format!("{data:?}"), "CertificateData");
    let password: thumbprint_batch::types::Password = "canary".parse().expect("a text");
    secret(format!("{password:?}"), "Password");
    let principal: thumbprint_wap::types::PrincipalId = "canary".parse().expect("a text");
    secret(format!("{principal:?}"), "PrincipalId");
    let live: thumbprint_wap::types::LiveId = "canary".parse().expect("a text");
    secret(format!("{live:?}"), "LiveId");
    let id: thumbprint_wap::types::SubscriptionId =
        conformance::calls::SUBSCRIPTION.parse().expect("a GUID");
    secret(format!("{id:?}"), "SubscriptionId");
}
