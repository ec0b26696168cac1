//! The reader: names by URI, nothing that expands, limits.

use thumbprint_transport::wstrust::xml::Element;

fn problem(text: &str) -> &'static str {
    Element::read(text).err().map_or("", |problem| problem.what)
}

#[test]
fn names_go_by_their_namespaces_and_not_by_their_prefixes() {
    let text = "<?xml version='1.0'?><a xmlns='urn:1' xmlns:p='urn:2'><p:b/><b xmlns='urn:2'/><b/><p:b xmlns:p='urn:3'/>\
                <b xmlns=''/></a>";
    let root = Element::read(text).unwrap();
    assert!(root.is("urn:1", "a"));
    for (namespace, count) in [("urn:1", 1), ("urn:2", 2), ("urn:3", 1), ("", 1), ("p", 0)] {
        assert_eq!(root.all(namespace, "b").count(), count, "{namespace}");
    }
}

#[test]
fn texts_are_whole() {
    let text = "\u{feff}<a x='1 &lt; 2'> one &amp;<!-- no --><![CDATA[<two> &amp;]]><b>not mine</b>&#x33;&#52;\r\nfive </a>\n";
    let root = Element::read(text).unwrap();
    assert_eq!(root.text(), "one &<two> &amp;34\nfive");
    assert_eq!(root.attribute("x"), Some("1 < 2"));
    assert_eq!(root.attribute("y"), None);
}

#[test]
fn a_qualified_name_means_what_its_place_says() {
    let text = "<a xmlns:p='urn:1'><v>p:x</v><v xmlns:p='urn:2'> p:x </v><v>q:x</v><v xmlns='urn:3'>x</v><v>p:x:y</v><v/></a>";
    let root = Element::read(text).unwrap();
    let names: Vec<_> = root
        .children()
        .iter()
        .map(Element::qualified_name)
        .collect();
    let expected = [
        Some(("urn:1", "x")),
        Some(("urn:2", "x")),
        None,
        Some(("urn:3", "x")),
        None,
        None,
    ];
    assert_eq!(names, expected);
}

#[test]
fn nothing_expands() {
    let laughs = "<!DOCTYPE a [<!ENTITY x0 'ha'><!ENTITY x1 '&x0;&x0;&x0;'>]><a>&x1;</a>";
    let external = "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>";
    for text in [
        laughs,
        external,
        "<a/><!DOCTYPE a>",
        "<!doctype html><html/>",
    ] {
        assert!(
            [
                "it has a document type declaration",
                "it is not well-formed"
            ]
            .contains(&problem(text)),
            "{text}"
        );
    }
    assert_eq!(problem(laughs), "it has a document type declaration");
    for text in [
        "<a>&x1;</a>",
        "<a>&nbsp;</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&#;</a>",
    ] {
        assert_eq!(
            problem(text),
            "it has an entity that XML does not know",
            "{text}"
        );
    }
    assert_eq!(
        problem("<a x='&x1;'/>"),
        "an attribute has an entity that XML does not know"
    );
}

#[test]
fn limits_hold_and_what_lies_below_them_is_read() {
    let deep = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert_eq!(problem(&deep(64)), "");
    assert_eq!(
        problem(&deep(65)),
        "its elements lie too deep in each other"
    );
    assert_eq!(
        problem(&"<a>".repeat(1_000_000)),
        "its elements lie too deep in each other"
    );
    let many = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
    assert_eq!(problem(&many(1_999)), "");
    assert_eq!(problem(&many(2_000)), "it has too many elements");
    let wide = |count: usize| {
        let attributes: Vec<_> = (0..count).map(|n| format!(" a{n}=''")).collect();
        format!("<a{}/>", attributes.concat())
    };
    assert_eq!(problem(&wide(64)), "");
    assert_eq!(problem(&wide(65)), "an element has too many attributes");
}

#[test]
fn what_is_no_document_is_refused() {
    for (text, expected) in [
        ("", "it ends too early"),
        ("<a>", "it ends too early"),
        ("<a><b></a>", "it is not well-formed"),
        ("<a", "it is not well-formed"),
        ("</a>", "it is not well-formed"),
        ("<a/><b/>", "something follows its end"),
        ("<a/>text", "it has text outside of its elements"),
        ("text", "it has text outside of its elements"),
        ("<p:a/>", "it has a prefix that is not declared"),
        ("<a x='1' x='2'/>", "it is not well-formed"),
        ("<a>&amp</a>", "it is not well-formed"),
    ] {
        assert_eq!(problem(text), expected, "{text}");
    }
    // Where a document ends early does not matter.
    let whole = "<a xmlns='urn:1' b='c'>d<e/>&lt;<![CDATA[f]]></a>";
    for end in 0..whole.len() {
        assert_ne!(problem(&whole[..end]), "", "{}", &whole[..end]);
    }
}
