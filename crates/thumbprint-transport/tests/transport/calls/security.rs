//! What an operation asks for to know who is calling, and what of a credential is sent.

use test_support::{OrFail as _, RawServer, Reply, TestClock};
use thumbprint_transport::{
    Credential, Operation, Secret,
    operation::SecurityScheme::{self, Basic, Bearer, Cookie, Header, Other, Query},
};

use crate::calls::client::{call, transport_with};

const fn asking(security: &'static [&'static [SecurityScheme]]) -> Operation {
    Operation::new(
        "Get",
        "get",
        "GET",
        "/things",
        None,
        None,
        &[],
        &[],
        true,
        false,
    )
    .with_security(security)
}

static BASIC: Operation = asking(&[&[Basic]]);
static HEADER: Operation = asking(&[&[Header("X-Key")]]);
static RAW: Operation = asking(&[&[Header("Authorization")]]);
static QUERY: Operation = asking(&[&[Query("api_key")]]);
static COOKIE: Operation = asking(&[&[Cookie("sid")]]);
static BOTH: Operation = asking(&[&[Header("X-Key"), Query("api_key")]]);
static EITHER: Operation = asking(&[&[], &[Bearer], &[Basic]]);
static DIGEST: Operation = asking(&[&[Other("digest")]]);
static USUAL: Operation = asking(&[]);

fn basic() -> Credential {
    // RFC 7617, section 2.
    Credential::basic("Aladdin", "open sesame")
}

fn key(name: &str) -> Credential {
    Credential::key(name, "k-123 4")
}

#[tokio::test]
async fn each_scheme_is_sent_where_it_belongs() {
    let rfc = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    let both = || Credential::all([key("api_key"), key("x-key"), basic()]);
    let key_query = "/base/things/a%20b/?api_key=k-123+4";
    for (operation, credential, target, headers) in [
        (
            &BASIC,
            basic(),
            "/base/things/a%20b/",
            &[("authorization", rfc)][..],
        ),
        (
            &HEADER,
            key("x-key"),
            "/base/things/a%20b/",
            &[("x-key", "k-123 4")],
        ),
        (
            &RAW,
            key("authorization"),
            "/base/things/a%20b/",
            &[("authorization", "k-123 4")],
        ),
        (&QUERY, key("api_key"), key_query, &[]),
        (
            &COOKIE,
            key("sid"),
            "/base/things/a%20b/",
            &[("cookie", "sid=k-123 4")],
        ),
        (&BOTH, both(), key_query, &[("x-key", "k-123 4")]),
        (
            &EITHER,
            "token".into(),
            "/base/things/a%20b/",
            &[("authorization", "Bearer token")],
        ),
        (
            &EITHER,
            both(),
            "/base/things/a%20b/",
            &[("authorization", rfc)],
        ),
        (&EITHER, key("other"), "/base/things/a%20b/", &[]),
        (
            &USUAL,
            Credential::all([basic(), "token".into()]),
            "/base/things/a%20b/",
            &[("authorization", "Bearer token")],
        ),
    ] {
        let server = RawServer::start([Reply::new(200, &[], "")]).await;
        let transport = transport_with(&server, TestClock::start(), credential);
        let _ = call(&transport, operation).await;
        let request = server.only();
        assert_eq!(request.target, target, "{:?}", operation.security);
        for name in ["authorization", "x-key", "cookie"] {
            let expected = headers.iter().find(|(header, _)| *header == name);
            let expected = expected.map(|(_, value)| *value);
            assert_eq!(request.header(name), expected, "{:?}", operation.security);
        }
    }
}

#[tokio::test]
async fn a_credential_that_does_not_fit_sends_nothing_and_says_what_would() {
    for (operation, credential, wanted, remedy) in [
        (
            &BASIC,
            "token".into(),
            "a user and a password",
            "`Credential::basic`",
        ),
        (&USUAL, basic(), "a bearer token", "`Credential::bearer`"),
        (
            &QUERY,
            key("API_KEY"),
            "a key in the query as `api_key`",
            "`Credential::key(\"api_key\", ..)`",
        ),
        (
            &BOTH,
            key("x-key"),
            "`X-Key` and a key in the query",
            "`Credential::all` of `Credential::key(\"X-Key\", ..)` and",
        ),
        (&DIGEST, basic(), "`digest`", "`Credential::signed_by`"),
    ] {
        let server = RawServer::listening().await;
        let transport = transport_with(&server, TestClock::start(), credential);
        let error = call(&transport, operation).await.err_or_fail();
        assert!(error.is_invalid_input());
        let text = error.to_string();
        assert!(text.contains(wanted) && text.contains(remedy), "{text}");
        assert!(server.received().is_empty());
    }
}

/// Whatever repeats it: the credential is nowhere shown.
#[tokio::test]
async fn no_part_of_a_credential_is_shown() {
    let body = r#"{"error":{"code":"Bad","message":"open sesame, k-123 4, QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}}"#;
    for (operation, credential) in [
        (&BASIC, basic()),
        (&QUERY, key("api_key")),
        (&HEADER, key("X-Key")),
    ] {
        let server = RawServer::start([Reply::new(403, &[], body)]).await;
        let transport = transport_with(&server, TestClock::start(), credential.clone());
        let error = call(&transport, operation).await.err_or_fail();
        let secret = if operation == &BASIC {
            "sesame"
        } else {
            "k-123"
        };
        for shown in [
            error.to_string(),
            format!("{error:?}"),
            format!("{credential:?}"),
            format!("{transport:?}"),
        ] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(error.to_string().contains("Bad"), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is() {
    for (credential, field) in [
        (Credential::basic("a:b", "c"), "credential: "),
        (Credential::basic("a", "b\nc"), "password: "),
        (Credential::key("X-Key", ""), "key: "),
        (Credential::key("X-Key", Secret::from("a\r\nb")), "key: "),
        (Credential::all([Credential::key("X-Key", "ä")]), "key: "),
    ] {
        let built =
            thumbprint_transport::Transport::builder("https://example.com", credential).build();
        let error = built.err_or_fail();
        assert!(error.to_string().starts_with(field), "{error}");
    }
}
