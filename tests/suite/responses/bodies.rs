//! Row 16: an error's body of any kind never costs the status, the headers, the request id or the bytes,
//! and what it says is read where it can be. Must notice a renamed member, and a body that fails the call.

use conformance::calls::ALL;
use test_support::{OrFail as _, Reply};

use super::{REQUEST_ID, refusal, status};

/// An error's body, in the forms of both APIs, and what is read from it.
struct Row {
    name: &'static str,
    /// Of Batch's error and of WAP's.
    bodies: [&'static [u8]; 2],
    code: Option<&'static str>,
    message: Option<&'static str>,
    details: &'static [(&'static str, &'static str)],
}

/// A row of bodies that say nothing that could be read.
const fn silent(name: &'static str, body: &'static [u8]) -> Row {
    Row {
        name,
        bodies: [body, body],
        code: None,
        message: None,
        details: &[],
    }
}

/// A row of bodies that are none of the service's own, and say something all the same.
const fn told(
    name: &'static str,
    body: &'static [u8],
    details: &'static [(&'static str, &'static str)],
) -> Row {
    Row {
        name,
        bodies: [body, body],
        code: None,
        message: None,
        details,
    }
}

/// A row without details.
const fn row(
    name: &'static str,
    bodies: [&'static [u8]; 2],
    code: Option<&'static str>,
    message: Option<&'static str>,
) -> Row {
    Row {
        name,
        bodies,
        code,
        message,
        details: &[],
    }
}

const ROWS: &[Row] = &[
    Row {
        name: "full",
        bodies: [
            br#"{"odata.metadata":"https://a/$metadata#errors/@Element","code":"Full","message":{"lang":"en-US","value":"It is full."},"values":[{"key":"Where","value":"here"},{"key":"Why","value":"because"}]}"#,
            br#"{"Code":"Full","Message":"It is full.","Details":[{"Code":"Where","Source":"x","Message":"here"},{"Code":"Why","Source":"y","Message":"because"}]}"#,
        ],
        code: Some("Full"),
        message: Some("It is full."),
        details: &[("Where", "here"), ("Why", "because")],
    },
    row(
        "code alone",
        [br#"{"code":"Alone"}"#, br#"{"Code":"Alone"}"#],
        Some("Alone"),
        None,
    ),
    row(
        "message alone",
        [
            br#"{"message":{"value":"It is so."}}"#,
            br#"{"Message":"It is so."}"#,
        ],
        None,
        Some("It is so."),
    ),
    row(
        "unknown members",
        [
            br#"{"x":{"y":[1]},"code":"Extra","message":{"value":"m","z":0},"values":[]}"#,
            br#"{"x":{"y":[1]},"Code":"Extra","Message":"m","Details":[],"State":7}"#,
        ],
        Some("Extra"),
        Some("m"),
    ),
    row(
        "null details",
        [
            br#"{"code":"Null","message":{"lang":null,"value":"m"},"values":null}"#,
            br#"{"Code":"Null","Message":"m","Details":null}"#,
        ],
        Some("Null"),
        Some("m"),
    ),
    row(
        "null message",
        [
            br#"{"code":"Null","message":null}"#,
            br#"{"Code":"Null","Message":null}"#,
        ],
        Some("Null"),
        None,
    ),
    Row {
        name: "null in a detail",
        bodies: [
            br#"{"code":null,"values":[{"key":"k","value":null}]}"#,
            br#"{"Code":null,"Details":[{"Code":"k","Source":null,"Message":null}]}"#,
        ],
        code: None,
        message: None,
        details: &[("k", "")],
    },
    // A member of another form costs itself and not its neighbours.
    Row {
        name: "a text in place of the message's object",
        bodies: [
            br#"{"code":"Text","message":"It is so.","values":[{"key":"k","value":"v"}]}"#,
            br#"{"Code":"Text","Message":"It is so.","Details":[{"Code":"k","Message":"v"}]}"#,
        ],
        code: Some("Text"),
        message: Some("It is so."),
        details: &[("k", "v")],
    },
    row(
        "members of another form",
        [
            br#"{"code":"Odd","message":["m"],"values":[7]}"#,
            br#"{"Code":"Odd","Message":["m"],"Details":[7]}"#,
        ],
        Some("Odd"),
        None,
    ),
    row(
        "a number in place of the code",
        [
            br#"{"code":409,"message":{"value":"m"}}"#,
            br#"{"Code":409,"Message":"m"}"#,
        ],
        None,
        Some("m"),
    ),
    row(
        "BOM",
        [
            b"\xef\xbb\xbf{\"code\":\"Bom\",\"message\":{\"value\":\"m\"}}",
            b"\xef\xbb\xbf{\"Code\":\"Bom\",\"Message\":\"m\"}",
        ],
        Some("Bom"),
        Some("m"),
    ),
    row(
        "pretty",
        [
            b"{\r\n  \"code\": \"Pretty\",\r\n  \"message\": {\r\n    \"value\": \"m\"\r\n  }\r\n}\r\n",
            b"{\r\n  \"Code\": \"Pretty\",\r\n  \"Message\": \"m\"\r\n}\r\n",
        ],
        Some("Pretty"),
        Some("m"),
    ),
    row(
        "XML",
        [br#"<?xml version="1.0" encoding="utf-8"?><Error xmlns="http://schemas.microsoft.com/windowsazure"><Code>Marked</Code><Message>It is so.</Message></Error>"#; 2],
        Some("Marked"),
        Some("It is so."),
    ),
    row(
        "XML with BOM and white space",
        [b"\xef\xbb\xbf\r\n<Error>\r\n  <Code> Marked </Code>\r\n  <Message>\r\n    It is so.\r\n  </Message>\r\n</Error>"; 2],
        Some("Marked"),
        Some("It is so."),
    ),
    row(
        "XML that breaks off",
        [b"<Error><Code>Marked</Code><Message>It is"; 2],
        Some("Marked"),
        None,
    ),
    row(
        "XML with an entity in the message",
        [b"<Error><Code>Marked</Code><Message>a &lt; b</Message></Error>"; 2],
        Some("Marked"),
        Some("a < b"),
    ),
    told(
        "HTML with a title",
        b"<!DOCTYPE html><html><head><TITLE lang='en'>\r\n 502 &#8212; Bad\n Gateway</TITLE></head><h1>x</h1></html>",
        &[("title", "502 \u{2014} Bad Gateway")],
    ),
    told(
        "an exception of Web API as XML",
        b"<Error><Message>An error has occurred.</Message><ExceptionMessage>a &amp; b</ExceptionMessage><ExceptionType>X</ExceptionType><StackTrace>   at canary</StackTrace></Error>",
        &[
            ("Message", "An error has occurred."),
            ("ExceptionMessage", "a & b"),
            ("ExceptionType", "X"),
        ],
    ),
    Row {
        name: "XML with details",
        bodies: [br#"<?xml version="1.0"?><w:Error xmlns:w="http://schemas.microsoft.com/windowsazure"><w:Code>Marked</w:Code><w:Message>It is so.</w:Message><w:Details><w:Detail><w:Code>Where</w:Code><w:Source>x</w:Source><w:Message>here</w:Message></w:Detail><w:Detail><w:Message>there</w:Message></w:Detail></w:Details></w:Error>"#; 2],
        code: Some("Marked"),
        message: Some("It is so."),
        details: &[("Where", "here"), ("", "there")],
    },
    Row {
        name: "XML with the reason in an element of its own",
        bodies: [b"<Error><Code>AuthenticationFailed2</Code><Message>\n  It failed.</Message><AuthenticationErrorDetail>\n  Request date header too old\n</AuthenticationErrorDetail></Error>"; 2],
        code: Some("AuthenticationFailed2"),
        message: Some("It failed."),
        details: &[("AuthenticationErrorDetail", "Request date header too old")],
    },
    told(
        "a text in the place of details",
        br#"{"Details":"It is full."}"#,
        &[("Details", "It is full.")],
    ),
    told(
        "an object in the place of details",
        br#"{"details":{"Reason":"It is full."}}"#,
        &[("Reason", "It is full.")],
    ),
    told(
        "an error of OData as such",
        br#"{"odata.error":{"code":"Full","message":{"lang":"en-us","value":"It is full."}}}"#,
        &[("code", "Full"), ("message", "It is full.")],
    ),
    told(
        "problem details",
        br#"{"type":"about:blank","title":"Not allowed","detail":"The IP address is not.","errors":{"ip":["It is blocked."]},"status":403}"#,
        &[
            ("detail", "The IP address is not."),
            ("ip", "It is blocked."),
            ("title", "Not allowed"),
        ],
    ),
    told(
        "an error of Azure Resource Manager",
        br#"{"error":{"code":"Throttled","message":"Later.","details":[{"code":"Why","message":"busy","target":"t"}]}}"#,
        &[("code", "Throttled"), ("Why", "busy"), ("message", "Later.")],
    ),
    silent("empty", b""),
    silent("white space", b" \r\n"),
    silent("null", b"null"),
    silent("empty array", b"[]"),
    silent("array", br#"[{"code":"A","Code":"A"}]"#),
    silent("text", br#""Code""#),
    silent("number", b"-1e999"),
    silent("empty object", b"{}"),
    silent("HTML without a title", b"<!DOCTYPE html><html><body><h1>Bad Gateway</h1></body></html>"),
    silent("XML of another kind", b"<Fault><Reason>no</Reason></Fault>"),
    silent("an open element", b"<Code>"),
    silent("plain text", b"The service is unavailable."),
    silent("cut off", br#"{"code":"Cut","Code":"Cut","mess"#),
    silent("two values", br#"{"code":"A"}{"code":"B"}"#),
    silent("not UTF-8", b"\xff\xfe\x00\x01"),
    silent("not UTF-8 within JSON", b"{\"code\":\"\xff\",\"Code\":\"\xff\"}"),
    silent("not UTF-8 within XML", b"<Error><Code>\xff</Code></Error>"),
    silent("UTF-16", b"\xff\xfe{\0}\0"),
    silent("half a surrogate", br#"{"code":"\ud800","Code":"\ud800"}"#),
];

/// Statuses that the documents declare, and statuses that one of them does not.
const STATUSES: [u16; 9] = [400, 401, 403, 404, 409, 418, 500, 503, 599];

// Facts: Certificate_CancelDeletion: answer default; BatchError*; ErrorMessage*
#[tokio::test]
async fn what_an_error_says_is_read_and_everything_else_is_kept() {
    for number in STATUSES {
        for row in ROWS {
            for call in &ALL {
                let body = call.choose(row.bodies);
                let shown = format!("{} {number} {}", call.operation, row.name);
                let headers = [
                    ("request-id", REQUEST_ID),
                    ("X-Kept", "yes"),
                    ("Content-Type", "application/json; odata=minimalmetadata"),
                ];
                let error = refusal(call, Reply::new(number, &headers, body)).await;
                assert_eq!(status(&error), Some(number), "{shown}");
                assert_eq!(error.request_id(), Some(REQUEST_ID), "{shown}");
                assert_eq!(error.headers().or_fail()["x-kept"], "yes", "{shown}");
                assert_eq!(error.body(), Some(body), "{shown}");
                assert_eq!(error.code(), row.code, "{shown}");
                let service = error.service().expect(&shown);
                assert_eq!(service.code.as_deref(), row.code, "{shown}");
                assert_eq!(service.message.as_deref(), row.message, "{shown}");
                let details = service.details.iter();
                let details: Vec<_> = details.map(|(k, v)| (k.as_str(), v.as_str())).collect();
                assert_eq!(details, row.details, "{shown}");
            }
        }
    }
}

/// Windows Azure Pack is built with ASP.NET Web API, whose errors of its own (`HttpError`) have these members. A
/// stack trace is not for the caller.
#[tokio::test]
async fn an_error_of_web_api_says_all_but_the_stack_trace() {
    type Row = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
    );
    let rows: [Row; 2] = [
        (
            r#"{"Message":"An error has occurred.","ExceptionMessage":"Cannot open database.","ExceptionType":"SqlException","StackTrace":"   at canary","InnerException":{"ExceptionMessage":"Access denied.","StackTrace":"   at canary"}}"#,
            &[
                ("ExceptionMessage", "Cannot open database."),
                ("ExceptionType", "SqlException"),
                ("ExceptionMessage", "Access denied."),
            ],
            "500: An error has occurred. (ExceptionMessage: Cannot open database.; ExceptionType: SqlException; ExceptionMessage: Access denied.)",
        ),
        (
            r#"{"Message":"The request is invalid.","MessageDetail":"No action was found.","ModelState":{"certificate.Data":["It is missing.","It is no base64."]}}"#,
            &[
                ("MessageDetail", "No action was found."),
                ("certificate.Data", "It is missing."),
                ("certificate.Data", "It is no base64."),
            ],
            "500: The request is invalid. (MessageDetail: No action was found.; certificate.Data: It is missing.; certificate.Data: It is no base64.)",
        ),
    ];
    let calls = ALL.iter().filter(|call| call.choose([false, true]));
    for call in calls {
        for (body, details, shown) in rows {
            let error = refusal(call, Reply::new(500, &[], body)).await;
            let found = error.details().iter();
            let found: Vec<_> = found.map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!(found, details, "{}", call.operation);
            let text = error.to_string();
            assert!(text.contains(shown), "{text}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
    }
}

/// A sign-in page in place of an answer says whose it is.
#[tokio::test]
async fn the_title_of_a_page_in_place_of_an_answer_is_shown() {
    let page = "<html><head><title>Sign in to Contoso</title></head></html>";
    for headers in [&[("Content-Type", "text/html")][..], &[]] {
        for status in [200, 302, 404, 502] {
            for call in &ALL {
                let error = refusal(call, Reply::new(status, headers, page)).await;
                let details = [("title".to_owned(), "Sign in to Contoso".to_owned())];
                assert_eq!(error.details(), details, "{} {error}", call.operation);
                let text = error.to_string();
                assert!(text.contains("(title: Sign in to Contoso)"), "{text}");
                assert!(!error.is_not_found(), "{text}");
            }
        }
    }
}

/// The content type can be wrong, above all from a proxy: an error is read all the same.
#[tokio::test]
async fn an_errors_content_type_does_not_matter() {
    let full = &ROWS[0];
    for content_type in [
        "text/html",
        "text/plain",
        "application/xml",
        "x",
        "",
        "\u{e9}",
    ] {
        for call in &ALL {
            let body = call.choose(full.bodies);
            for number in [404, 409] {
                let headers = [("Content-Type", content_type)];
                let error = refusal(call, Reply::new(number, &headers, body)).await;
                assert_eq!(status(&error), Some(number), "{content_type}");
                assert_eq!(error.code(), full.code, "{content_type}");
                assert_eq!(error.body(), Some(body), "{content_type}");
            }
        }
    }
}

/// Neither do the names that the other API uses: WAP says `Code`, Batch says `code`.
#[tokio::test]
async fn names_are_taken_as_the_documents_spell_them() {
    let [batch, wap] = ROWS[0].bodies;
    for call in &ALL {
        let body = call.choose([wap, batch]);
        let error = refusal(call, Reply::new(404, &[], body)).await;
        assert_eq!(error.code(), None, "{}", call.operation);
        assert_eq!(error.body(), Some(body), "{}", call.operation);
    }
}

#[tokio::test]
async fn the_request_id_of_an_error_is_read_by_either_name() {
    for call in &ALL {
        for (headers, expected) in [
            (
                &[("request-id", "a"), ("x-ms-request-id", "b")][..],
                Some("a"),
            ),
            (&[("x-ms-request-id", "b")], Some("b")),
            (&[("request-id", "a"), ("request-id", "b")], Some("a")),
            // Not a GUID, and still worth quoting to the service's operator.
            (&[("request-id", "not a guid")], Some("not a guid")),
            (&[("request-id", "caf\u{e9}")], None),
            (&[], None),
        ] {
            let error = refusal(call, Reply::new(404, headers, "")).await;
            assert_eq!(error.request_id(), expected, "{headers:?}");
        }
    }
}
