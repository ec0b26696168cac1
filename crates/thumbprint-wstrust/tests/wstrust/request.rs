//! What is sent.

use roxmltree::{Document, Node};
use test_support::{OrFail as _, TestClock};
use thumbprint_wstrust::WsTrust;

use crate::site::{PASSWORD, PATH, REALM, Site, USER, answer, ask, binary, jwt, soap};

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const SECURITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const TRUST: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
const POLICY: &str = "http://schemas.xmlsoap.org/ws/2004/09/policy";

async fn site() -> Site {
    Site::start(soap(200, &answer(&binary(jwt("{}"))))).await
}

/// Depth, namespace, name and text of each element.
fn flat<'a>(document: &'a Document<'_>) -> Vec<(usize, &'a str, &'a str, &'a str)> {
    let elements = document.descendants().filter(Node::is_element);
    let row = |element: Node<'a, '_>| {
        let depth = element.ancestors().skip(2).count();
        let name = element.tag_name();
        let text = element.text().unwrap_or_default();
        (depth, name.namespace().or_fail(), name.name(), text)
    };
    elements.map(row).collect()
}

/// The first element of that name.
fn find<'a, 'input>(document: &'a Document<'input>, name: &'static str) -> Node<'a, 'input> {
    let mut elements = document.descendants();
    elements.find(|node| node.has_tag_name(name)).or_fail()
}

#[tokio::test]
async fn the_message_is_that_of_the_standards() {
    let site = site().await;
    let clock = TestClock::at("2013-07-03T16:19:50.7931234Z".parse().or_fail());
    let source = site.builder().clock(clock).build().or_fail();
    ask(&source).await.or_fail();
    ask(&source).await.or_fail();
    let received = site.server.received();
    let to = format!("{}{PATH}", site.url);
    let mut messages = Vec::new();
    for request in &received {
        let envelope = Document::parse(request.text()).or_fail();
        let found = flat(&envelope);
        let message = found[3].3;
        let id = message.strip_prefix("urn:uuid:").or_fail().to_owned();
        let expected = [
            (0, SOAP, "Envelope", ""),
            (1, SOAP, "Header", ""),
            (
                2,
                ADDRESSING,
                "Action",
                "http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue",
            ),
            (2, ADDRESSING, "MessageID", message),
            (2, ADDRESSING, "ReplyTo", ""),
            (
                3,
                ADDRESSING,
                "Address",
                "http://www.w3.org/2005/08/addressing/anonymous",
            ),
            (2, ADDRESSING, "To", &to),
            (2, SECURITY, "Security", ""),
            (3, UTILITY, "Timestamp", ""),
            (4, UTILITY, "Created", "2013-07-03T16:19:50.793Z"),
            (4, UTILITY, "Expires", "2013-07-03T16:24:50.793Z"),
            (3, SECURITY, "UsernameToken", ""),
            (4, SECURITY, "Username", USER),
            (4, SECURITY, "Password", PASSWORD),
            (1, SOAP, "Body", ""),
            (2, TRUST, "RequestSecurityToken", ""),
            (3, POLICY, "AppliesTo", ""),
            (4, ADDRESSING, "EndpointReference", ""),
            (5, ADDRESSING, "Address", "http://azureservices/TenantSite"),
            (
                3,
                TRUST,
                "KeyType",
                "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer",
            ),
            (
                3,
                TRUST,
                "RequestType",
                "http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue",
            ),
            (
                3,
                TRUST,
                "TokenType",
                "urn:ietf:params:oauth:token-type:jwt",
            ),
        ];
        assert_eq!(found, expected);
        assert_eq!(
            find(&envelope, "Password").attribute("Type"),
            Some(
                "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
            )
        );
        // RFC 9562: the version is the first digit of the third group.
        assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
        messages.push(id);
    }
    assert_eq!(received.len(), 2);
    assert_ne!(messages[0], messages[1]);
}

#[tokio::test]
async fn action_to_and_security_must_be_understood() {
    let site = site().await;
    ask(&site.builder().build().or_fail()).await.or_fail();
    let received = site.server.received();
    let envelope = Document::parse(received[0].text()).or_fail();
    for header in ["Action", "To", "Security"] {
        let must = find(&envelope, header).attribute((SOAP, "mustUnderstand"));
        assert_eq!(must, Some("1"), "{header}");
    }
}

#[tokio::test]
async fn the_http_request_says_no_more_than_it_must() {
    let site = site().await;
    ask(&site.builder().build().or_fail()).await.or_fail();
    let request = &site.server.received()[0];
    assert!(
        request
            .head
            .starts_with(&format!("POST {PATH} HTTP/1.1\r\n"))
    );
    let mut names: Vec<_> = request
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "content-length",
            "content-type",
            "host",
            "user-agent"
        ]
    );
    let soap = "application/soap+xml; charset=utf-8";
    assert_eq!(request.header("content-type"), Some(soap));
    assert_eq!(request.header("accept"), Some("application/soap+xml"));
}

#[tokio::test]
async fn no_value_can_break_out_of_its_place() {
    let site = site().await;
    for hostile in [
        "<&\"']]>",
        "</o:Password><x/>",
        "&lt;&#65;",
        "<!-- ",
        "<![CDATA[",
        " two  spaces ",
        "p\u{e4}ssw\u{f6}rd \u{1f511} \u{5bc6}\u{7801}",
        "{to}%s\\",
    ] {
        let builder = WsTrust::builder(&*site.url, hostile, hostile)
            .path(PATH)
            .applies_to(hostile)
            .allow_loopback_http();
        ask(&builder.build().or_fail()).await.or_fail();
        let request = site.server.received().pop().or_fail();
        let body = request.text();
        let envelope = Document::parse(body).or_fail();
        let found = flat(&envelope);
        assert_eq!(found.len(), 22);
        // XML 1.0 section 2.4: no text has it, which not every reader minds.
        assert!(!body.contains("]]>"), "{body}");
        for place in [12, 13, 18] {
            assert_eq!(found[place].3, hostile);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_not_quoted() {
    let text = |text: &str| WsTrust::builder("https://a.example", text, PASSWORD).applies_to(REALM);
    let password = |text: &str| WsTrust::builder("https://a.example", USER, text).applies_to(REALM);
    let to = |text: &str| WsTrust::builder("https://a.example", USER, PASSWORD).applies_to(text);
    let site = |text: &str| WsTrust::builder(text, USER, PASSWORD).applies_to(REALM);
    let path = |text: &str| site("https://a.example").path(text);
    let long = "canary".repeat(200);
    let rows = [
        (text(""), "user: it is empty"),
        (text("canary\n"), "user: it has a control character"),
        (text(&long), "user: it is longer than 1024 bytes"),
        (password(""), "password: it is empty"),
        (
            password("canary\r\n"),
            "password: it has a control character",
        ),
        (password("canary\0"), "password: it has a control character"),
        (
            password("canary\u{85}"),
            "password: it has a control character",
        ),
        (
            password("canary\u{ffff}"),
            "password: it has a control character",
        ),
        (password(&long), "password: it is longer than 1024 bytes"),
        (to(""), "applies_to: it is empty"),
        (to("a\tb"), "applies_to: it has a control character"),
        (site(""), "site: it is not a URL"),
        (
            site("http://a.example"),
            "site: it is http, which would show the credential",
        ),
        (
            site("http://127.0.0.1:1"),
            "site: it is http, and http on loopback was not allowed",
        ),
        (
            site("https://ana:canary@a.example"),
            "site: it holds a user name or a password",
        ),
        (path("wstrust"), "path: it is not a path"),
        (path("@evil.example/"), "path: it is not a path"),
        (path(":1/"), "path: it is not a path"),
        (path("/x?canary=1"), "path: it is not a path"),
        (path("/x#canary"), "path: it is not a path"),
        (path("\\evil"), "path: it is not a path"),
    ];
    for (builder, expected) in rows {
        let error = builder.build().err_or_fail();
        assert!(error.is_invalid_input());
        let said = format!("{error} {error:?}");
        assert!(said.starts_with(expected), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
    // The base path stays where it is, and a path that climbs cannot leave it.
    assert!(
        site("https://a.example/base")
            .path("/../x")
            .build()
            .is_err()
    );
    for good in ["", "/", "/a/b", "/a/b/"] {
        assert!(path(good).build().is_ok(), "{good}");
    }
}
