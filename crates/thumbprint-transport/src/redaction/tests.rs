use reqwest::{Method, Request};
use test_support::OrFail as _;

use super::{Secrets, Sensitive, Start, redact};
use crate::{
    Operation,
    endpoint::Endpoint,
    operation::{Location, Parameter, ValueFormat},
};

/// eng-floe/floecat#519: each pass that looked for the credential as it was sent was defeated by a form that
/// no list had, an escaped solidus, `\u` or a percent sign.
#[test]
fn a_secret_is_found_in_whatever_form_it_is_repeated() {
    let [mail, guid] = ["Ana+x@contoso.com", "ca4a2700-5ec2-4e7a-9c0d-5ab5c21b710e"];
    let [domain, password] = [r"CONTOSO\nadia.roe", "pass\u{e9}\u{1f511}\"word"];
    let [base64, wrapped] = ["MIIKXgIBAzCC+/A=", "MIIKXgIB\r\nAzCC+/A="];
    for (secret, repeated) in [
        (mail, "ana+X@CONTOSO.com"),
        (mail, "Ana%2Bx%40contoso.com"),
        (mail, "Ana%2bx%40contoso.com"),
        (mail, "Ana%252Bx%2540contoso.com"),
        (mail, "Ana%u002Bx%u0040contoso.com"),
        (mail, r"Ana\u002Bx\u0040contoso.com"),
        (mail, r"Ana\\u002bx\\u0040contoso.com"),
        (mail, "Ana&#43;x&#x40;contoso.com"),
        (mail, "Ana&amp;#43;x@contoso.com"),
        (mail, r"\u0041na%2Bx&#64;contoso.com"),
        (mail, "Ana+\u{200b}x@\u{feff}con\u{ad}toso.com"),
        (mail, "Ana%2Bx%E2%80%8B%40contoso.com"),
        (mail, r"Ana+x@con\u200btoso.com"),
        (mail, "Ana+x%4\u{200b}0contoso.com"),
        (mail, "Ana+x@\u{0}conto\nso.com"),
        ("ana%40contoso.com", "ana@contoso.com"),
        (guid, "CA4A27005EC24E7A9C0D5AB5C21B710E"),
        (domain, r"CONTOSO\\nadia.roe"),
        (domain, r"contoso\\\\nadia.roe"),
        (domain, "CONTOSO%5Cnadia.roe"),
        (password, r#"pass\u00e9\ud83d\udd11\"word"#),
        (password, "pass%C3%A9%F0%9F%94%91%22word"),
        (password, "pass%E9\u{1f511}&quot;word"),
        (base64, wrapped),
        (base64, r"MIIKXgIBAzCC\u002B\/A\u003D"),
        // Shortened by the service.
        ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123"),
        ("pass", "pass"),
    ] {
        for [before, after] in [
            ["", ""],
            ["user ", " is unknown"],
            ["(", ")"],
            ["\u{e9}: ", "%"],
        ] {
            let text = format!("{before}{repeated}{after}");
            let shown = redact(&text, &["another", secret]);
            let expected = format!("{before}[redacted]{after}");
            assert_eq!(shown.as_deref(), Some(&*expected), "{secret} in {text}");
        }
    }
}

#[test]
fn a_text_that_repeats_nothing_is_left_alone() {
    for text in [
        "",
        "Certificate not found.",
        "100 % \\ & &; %zz \\u12 &#;",
        "\u{1f511}%",
    ] {
        assert_eq!(
            redact(text, &["ana@contoso.com", "", "\u{200b}"]),
            None,
            "{text}"
        );
    }
}

/// actions/runner#326: masks of single characters took them out of every word of a log, which made it
/// unreadable and told the secret.
#[test]
fn a_short_secret_takes_no_words_apart() {
    for (secret, text, expected) in [
        ("e", "the certificate", None),
        ("e", "key e is wrong", Some("key [redacted] is wrong")),
        ("1234", "error 12345 of 01234", None),
        ("1234", "pin=1234", Some("pin=[redacted]")),
        ("1234", "pin%3D1234", Some("pin%3D[redacted]")),
        ("1234", "pin\u{200b}1234", Some("pin\u{200b}[redacted]")),
        ("{", "{\n}", Some("[redacted]\n}")),
    ] {
        assert_eq!(
            redact(text, &[secret]).as_deref(),
            expected,
            "{secret} in {text}"
        );
    }
}

#[test]
fn secrets_that_overlap_leave_nothing_between_them() {
    let periodic = "abababababababababababX";
    let shown = |text: &str, secrets: &[&str]| redact(text, secrets).or_fail();
    assert_eq!(shown(&format!("ab{periodic}."), &[periodic]), "[redacted].");
    assert_eq!(
        shown("user:password!", &["user:pass", "password"]),
        "[redacted]!"
    );
    assert_eq!(
        shown("first-one second-one", &["first-one", "second-one"]),
        "[redacted] [redacted]"
    );
    assert_eq!(
        shown("password password", &["password"]),
        "[redacted] [redacted]"
    );
}

/// Texts of a server that are as long as they get, and as much like the secret: a search that begins anew
/// at each place would take minutes.
#[test]
fn the_search_takes_one_pass() {
    let secret = "a".repeat(64 * 1024);
    assert_eq!(redact(&secret.replace("aaaa", "aaab"), &[&secret]), None);
    assert_eq!(redact(&secret, &[&secret]).as_deref(), Some("[redacted]"));
}

static OPERATION: Operation = Operation::new(
    "Thing_Put",
    "put",
    "PUT",
    "/of/{user}/things({id})",
    None,
    Some("application/json"),
    &[
        Parameter::new("user", Location::Path, true, ValueFormat::Text).sensitive(),
        Parameter::new("id", Location::Path, true, ValueFormat::Text).sensitive(),
        Parameter::new("Pin", Location::Query, true, ValueFormat::Text).sensitive(),
        Parameter::new("X-Who", Location::Header, true, ValueFormat::Text).sensitive(),
        Parameter::new("x-plain", Location::Header, true, ValueFormat::Text),
    ],
    &[],
    true,
    false,
)
.with_sensitive_body(&["secret"]);

#[test]
fn what_the_document_marks_is_secret_wherever_it_is_sent() {
    let endpoint = Endpoint::parse("https://a.example/base", false).or_fail();
    let url = "https://a.example/base/of/ana%20roe%40x/things(id-value)?Pin=pin-value&x=not-this";
    let mut request = Request::new(Method::PUT, url.parse().or_fail());
    for (name, value) in [
        ("x-who", "who-value"),
        ("x-plain", "not-this"),
        ("authorization", "SharedKey account:signature-value="),
    ] {
        request.headers_mut().insert(name, value.parse().or_fail());
    }
    let json = r#"{"a":[{"secret":"deep-value"},{"secret":{"x":["list-value",12345678]}}],"b":"not-this"}"#;
    *request.body_mut() = Some(json.into());
    let sent = request.headers()["authorization"].clone();
    let secrets = Secrets::of(Some(&request), &OPERATION, &endpoint, &[&sent]);
    for secret in [
        "ana roe@x",
        "id-value",
        "pin-value",
        "who-value",
        "deep-value",
        "list-value",
        "12345678",
        "signature-value=",
        "account:signature-value=",
    ] {
        assert_eq!(
            secrets.redact(secret).as_deref(),
            Some("[redacted]"),
            "{secret}"
        );
    }
    for text in ["not-this", "account", "SharedKey", "https://a.example/base"] {
        assert_eq!(secrets.redact(text), None, "{text}");
    }
}

/// What makes a second look worth its price must never miss what the look would find.
#[test]
fn nothing_that_is_found_is_missed_by_the_first_look() {
    static HEADER: [Parameter; 1] =
        [Parameter::new("x-who", Location::Header, true, ValueFormat::Text).sensitive()];
    static OPERATION: Operation = Operation::new(
        "Thing_Get",
        "get",
        "GET",
        "/things",
        None,
        None,
        &HEADER,
        &[],
        true,
        false,
    );
    let endpoint = Endpoint::parse("https://a.example", false).or_fail();
    let secrets = [
        "ana@contoso.com",
        "a-b-c-d-e-f-g-h-i",
        "pin",
        "%41na@contoso.com",
        "A&B Company",
    ];
    for secret in secrets {
        let mut request = Request::new(Method::GET, "https://a.example/things".parse().or_fail());
        request
            .headers_mut()
            .insert("x-who", secret.parse().or_fail());
        let mut sensitive = Sensitive::default();
        sensitive.add(&request, &OPERATION, &endpoint);
        for repeated in [
            secret.to_owned(),
            secret.to_uppercase(),
            secret.replace('-', ""),
            secret
                .chars()
                .map(|one| format!("%{:02x}", u32::from(one)))
                .collect(),
            secret
                .chars()
                .map(|one| format!("\\u{:04x}", u32::from(one)))
                .collect(),
            secret.chars().map(|one| format!("{one}\u{200b}")).collect(),
            secret.chars().map(|one| format!("{one}\n")).collect(),
        ] {
            let text = format!("user {repeated} is unknown");
            assert!(redact(&text, &[secret]).is_some(), "{text:?}");
            assert!(sensitive.may_be_in(&text), "{text:?}");
        }
        let is_plain = Start::of(secret).is_some();
        assert_eq!(sensitive.may_be_in("not found"), !is_plain, "{secret}");
    }
}
