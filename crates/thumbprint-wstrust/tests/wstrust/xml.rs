//! The parser, as far as answers depend on it: names by URI, whole texts, nothing that expands, limits.

use test_support::OrFail as _;
use thumbprint_wstrust::read_answer;

use crate::site::{SECURITY, answer, binary, fault, jwt};

fn problem(text: &str) -> String {
    let error = read_answer(text.as_bytes()).err();
    error.map_or_else(String::new, |error| error.to_string())
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let problem = problem(text);
    assert!(
        problem.ends_with(&format!("cannot be read: {expected}")),
        "{problem}: {text:.100}"
    );
}

#[test]
fn texts_are_whole() {
    let reason = "one &amp;<!-- no --><![CDATA[<two> &amp;]]><x>not its own</x>&#x33;&#52;\r\nfive";
    let error = read_answer(fault(SECURITY, "FailedAuthentication", reason).as_bytes());
    assert_eq!(
        error.err_or_fail().reason(),
        Some("one &<two> &amp;34\nfive")
    );
}

#[test]
fn a_code_means_what_its_prefix_means_in_its_place() {
    let whole = fault(SECURITY, "FailedAuthentication", "No.");
    let code = format!("<s:Value xmlns:x=\"{SECURITY}\">x:FailedAuthentication</s:Value>");
    assert!(whole.contains(&code));
    for (replacement, wrong_password, expected) in [
        (
            format!("<s:Value xmlns=\"{SECURITY}\"> FailedAuthentication\n</s:Value>"),
            true,
            "FailedAuthentication",
        ),
        (
            format!("<s:Value xmlns:y=\"{SECURITY}\">y:Failed<!-- -->Authentication</s:Value>"),
            true,
            "FailedAuthentication",
        ),
        (
            "<s:Value>FailedAuthentication</s:Value>".to_owned(),
            false,
            "FailedAuthentication",
        ),
        (
            "<s:Value xmlns:x='urn:1'>x:FailedAuthentication</s:Value>".to_owned(),
            false,
            "FailedAuthentication",
        ),
        ("<s:Value>x:y</s:Value>".to_owned(), false, "Sender"),
        ("<s:Value>s:x:y</s:Value>".to_owned(), false, "Sender"),
        ("<s:Value>s:</s:Value>".to_owned(), false, "Sender"),
        ("<s:Value/>".to_owned(), false, "Sender"),
    ] {
        let error = read_answer(whole.replace(&code, &replacement).as_bytes());
        let error = error.err_or_fail();
        assert_eq!(
            (error.is_wrong_password(), error.code()),
            (wrong_password, Some(expected)),
            "{replacement}"
        );
    }
}

#[test]
fn nothing_expands() {
    let vendor = answer(&binary(jwt("{}")));
    for declaration in [
        "<!DOCTYPE a [<!ENTITY x0 'ha'><!ENTITY x1 '&x0;&x0;&x0;'>]>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
        "<?xml version='1.0'?><!-- --><!DOCTYPE a>",
    ] {
        let text = format!("{declaration}{vendor}");
        refused(&text, "it has a document type declaration");
    }
    for text in [
        "<!doctype html><html/>",
        "<a/><!DOCTYPE a>",
        "<a>&x1;</a>",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a>&#;</a>",
        "<a x='&x1;'/>",
    ] {
        refused(text, "it is not well-formed");
    }
}

/// Time, memory and stack: an answer comes from a site that may be somebody else's.
#[test]
fn limits_hold_and_what_lies_below_them_is_read() {
    const READ: &str = "no SOAP envelope with one body";
    let deep = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    let many = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
    let list = |count: usize, item: fn(usize) -> String| (0..count).map(item).collect::<String>();
    let wide = |count| format!("<a{}/>", list(count, |n| format!(" a{n}=''")));
    let scoped = |count| {
        let namespaces = list(count, |n| format!(" xmlns:n{n}='{n}'"));
        format!("<a{namespaces}>{}</a>", "<b xmlns='c'/>".repeat(count))
    };
    for text in [deep(2_000), many(3_998), wide(3_999), scoped(125)] {
        let problem = problem(&text);
        assert!(problem.contains(READ), "{problem}: {text:.100}");
    }
    for text in [
        deep(2_001),
        deep(1_000_000),
        "<a>".repeat(1_000_000),
        many(3_999),
        wide(4_000),
        scoped(126),
    ] {
        refused(&text, "it has too much markup");
    }
}

#[test]
fn what_is_no_document_is_refused() {
    for text in ["", "<a>", "<a"] {
        refused(text, "it ends too early");
    }
    for text in [
        "<a><b></a>",
        "</a>",
        "<a/><b/>",
        "<a/>text",
        "text",
        "<p:a/>",
        "<a x='1' x='2'/>",
        "<a>&amp</a>",
        "<a>\u{1}</a>",
        "<a>]]></a>",
    ] {
        refused(text, "it is not well-formed");
    }
}
