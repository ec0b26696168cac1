//! What is made of an answer as HTTP brings it, and of none.

use std::{
    error::Error as _,
    io::{Read as _, Write as _},
    time::Duration,
};

use chrono::TimeDelta;
use test_support::{OrFail as _, RawServer, Reply, SocketServer, TestClock, Unreachable};
use thumbprint_transport::{Clock as _, Delivery, Error, HttpDate, SystemClock};
use thumbprint_wstrust::{TokenError, WsTrust};

use crate::site::{SECURITY, Site, answer, ask, binary, fault, http, jwt, refusal, soap};

const LIMIT: usize = 256 * 1024;

fn good() -> String {
    answer(&binary(jwt("{}")))
}

#[tokio::test]
async fn an_answer_is_taken_whatever_its_type_as_long_as_it_is_xml() {
    for content_type in [
        "application/soap+xml; charset=utf-8",
        "Application/SOAP+XML;action=\"x\"",
        "text/xml",
        "application/xml; charset=utf-8",
    ] {
        let site = Site::start(http(200, content_type, &good())).await;
        ask(&site.builder().build().or_fail()).await.or_fail();
    }
    let site = Site::start(format!("HTTP/1.1 200 OK\r\n\r\n{}", good())).await;
    ask(&site.builder().build().or_fail()).await.or_fail();
}

#[tokio::test]
async fn answers_without_a_token_say_so_and_keep_the_status() {
    let page = "<html><body>canary</body></html>";
    let rows = [
        (
            http(404, "text/html; charset=utf-8", page),
            404,
            "a web page that is not SOAP",
        ),
        (
            http(200, "text/html", page),
            200,
            "a web page that is not SOAP",
        ),
        (
            http(200, "application/json", "{}"),
            200,
            "something that is not SOAP",
        ),
        (
            http(200, "application/soap+xmlx", &good()),
            200,
            "something that is not SOAP",
        ),
        (
            http(200, "\u{e4}", &good()),
            200,
            "something that is not SOAP",
        ),
        (soap(200, ""), 200, "is empty"),
        (soap(200, " \r\n"), 200, "is empty"),
        (
            b"HTTP/1.1 404 -\r\ncontent-length: 0\r\n\r\n".to_vec(),
            404,
            "is empty",
        ),
        (
            b"HTTP/1.1 401 -\r\nwww-authenticate: Negotiate\r\ncontent-length: 0\r\n\r\n".to_vec(),
            401,
            "is empty",
        ),
        (b"HTTP/1.1 204 -\r\n\r\n".to_vec(), 204, "is empty"),
        (soap(200, page), 200, "is no SOAP envelope"),
        (
            soap(500, &good()),
            500,
            "has an error's status and no fault",
        ),
        (soap(200, "<a>"), 200, "cannot be read: it ends too early"),
        (
            b"HTTP/1.1 200 -\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx".to_vec(),
            200,
            "encoded its answer",
        ),
        (
            b"HTTP/1.1 200 -\r\ncontent-length: 100\r\n\r\n<a>".to_vec(),
            200,
            "broke off",
        ),
    ];
    for (bytes, status, expected) in rows {
        let error = refusal(bytes).await;
        let said = error.to_string();
        assert!(said.contains(expected), "{expected:?} is not in {said:?}");
        assert!(said.ends_with(&format!("(status {status})")), "{said}");
        assert_eq!(error.status().or_fail().as_u16(), status);
        assert!(error.is_unexpected_answer() && error.source().is_none());
    }
}

#[tokio::test]
async fn a_fault_is_read_whatever_the_status() {
    for status in [200, 400, 401, 500] {
        let error = refusal(soap(
            status,
            &fault(SECURITY, "FailedAuthentication", "No."),
        ))
        .await;
        assert!(error.is_wrong_password());
        assert_eq!(error.status().or_fail().as_u16(), status);
        assert_eq!(
            error.to_string(),
            format!(
                "the token site does not accept the user name or the password: \
                 FailedAuthentication: No. (status {status})"
            )
        );
    }
}

#[tokio::test]
async fn the_first_line_of_a_reason_is_enough() {
    let reason = format!("\n  First&#9;line {}\nsecond", "x".repeat(1000));
    let error = refusal(soap(500, &fault(SECURITY, "FailedAuthentication", &reason))).await;
    let reason = error.reason().or_fail();
    assert!(
        reason.starts_with("Firstline xxx") && reason.len() == 400,
        "{reason}"
    );
}

#[tokio::test]
async fn a_body_is_read_up_to_the_limit() {
    let padded = |length: usize| {
        let answer = good();
        let padding = " ".repeat(length - answer.len());
        answer + &padding
    };
    let site = Site::start(soap(200, &padded(LIMIT))).await;
    ask(&site.builder().build().or_fail()).await.or_fail();
    for length in [LIMIT + 1, 1024 * 1024] {
        let chunked = format!(
            "HTTP/1.1 200 -\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{}\r\n0\r\n\r\n",
            padded(length)
        );
        for answer in [soap(200, &padded(length)), chunked.into_bytes()] {
            let error = refusal(answer).await.to_string();
            assert!(error.contains("more than 262144 bytes"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let other = Site::start(soap(200, &good())).await;
    for status in [301, 302, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} -\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n",
            other.url
        );
        let error = refusal(answer).await;
        assert!(error.to_string().contains("redirection"), "{error}");
        assert!(error.is_unexpected_answer());
    }
    assert_eq!(other.server.received().len(), 0);
}

/// The transport's own error, which says what happened to the connection.
fn cause(error: &TokenError) -> &Error {
    assert!(!error.is_unexpected_answer());
    assert_eq!(error.status(), None);
    let cause = error.source().or_fail().downcast_ref::<Error>().or_fail();
    assert_eq!(cause.delivery(), Delivery::Final);
    cause
}

#[tokio::test]
async fn no_answer_has_its_reason_among_the_sources() {
    let site = Site::start(Vec::new()).await;
    let silent = Unreachable::new();
    let mut gone = Site::start("").await;
    gone.url = format!("http://{}", silent.address);
    let error = ask(&gone.builder().build().or_fail()).await.err_or_fail();
    assert_eq!(
        cause(&error).to_string(),
        format!("no connection to {}: nothing listens there", gone.url)
    );
    let error = ask(&site.builder().build().or_fail()).await.err_or_fail();
    assert_eq!(
        cause(&error).to_string(),
        format!("the connection to {} broke before an answer came", site.url)
    );
    assert_eq!(site.server.received().len(), 1, "it was sent twice");
}

#[tokio::test]
async fn a_silent_site_is_given_up() {
    let clock = TestClock::start();
    let silent = RawServer::start([Reply::Stall(Vec::new())]).await;
    let site = Site::of(silent.with_clock(&clock));
    let builder = site.builder().attempt_timeout(Duration::from_secs(7));
    let builder = builder.clock(clock);
    let error = ask(&builder.build().or_fail()).await.err_or_fail();
    let expected = format!("no whole answer from {} within 7s", site.url);
    assert_eq!(cause(&error).to_string(), expected);
    assert!(cause(&error).is_timeout());
}

#[tokio::test]
async fn a_site_that_speaks_no_tls_gets_nothing() {
    let server = SocketServer::start(|mut stream| {
        let mut bytes = vec![0; 4096];
        let length = stream.read(&mut bytes).or_fail();
        stream.write_all(b"HTTP/1.1 400 -\r\n\r\n").or_fail();
        bytes.truncate(length);
        bytes
    });
    let url = format!("https://localhost:{}", server.address().port());
    let builder = WsTrust::builder(url, "canary", "canary").applies_to("canary");
    let error = ask(&builder.build().or_fail()).await.err_or_fail();
    assert!(
        cause(&error).is_tls() && error.tls_failure().is_some(),
        "{error:?}"
    );
    let sent = server.finish().concat();
    assert!(!sent.windows(6).any(|window| window == b"canary"));
}

#[tokio::test]
async fn limits_of_nothing_are_refused() {
    let site = Site::start("").await;
    for builder in [
        site.builder().attempt_timeout(Duration::ZERO),
        site.builder().connect_timeout(Duration::ZERO),
    ] {
        assert!(builder.build().err_or_fail().is_invalid_input());
    }
}

/// Sites refuse what they take for old in many ways, and few say `MessageExpired`.
#[tokio::test]
async fn a_clock_that_differs_by_more_than_a_minute_is_told_whatever_the_site_says() {
    for (seconds, said) in [
        (-3600, Some(" s ahead of the site's")),
        (120, Some(" s behind the site's")),
        (30, None),
        (0, None),
    ] {
        for (status, kind, body) in [
            (
                500,
                "application/soap+xml",
                fault(SECURITY, "FailedAuthentication", "no"),
            ),
            (
                500,
                "application/soap+xml",
                fault(SECURITY, "InvalidSecurity", "no"),
            ),
            (500, "text/html", "<html></html>".to_owned()),
            (302, "text/html", String::new()),
            (200, "application/soap+xml", String::new()),
        ] {
            let date =
                HttpDate::try_from(SystemClock.utc_now() + TimeDelta::seconds(seconds)).or_fail();
            let headers = [("Content-Type", kind), ("Date", &date.to_string())];
            let server = RawServer::start([Reply::new(status, &headers, body)]).await;
            let site = Site::of(server);
            let builder = site.builder();
            let error = ask(&builder.build().or_fail()).await.err_or_fail();
            let text = error.to_string();
            // The header has no fractions of a second, and the clock goes on.
            let is_right = |skew: i64| (seconds - 20..=seconds).contains(&skew);
            assert_eq!(
                error.clock_skew().map(is_right),
                said.map(|_| true),
                "{text}"
            );
            match said {
                Some(said) => assert!(text.ends_with(said), "{text}"),
                None => assert!(!text.contains("clock"), "{text}"),
            }
        }
    }
}
