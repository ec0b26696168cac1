//! The request for a token.
//!
//! Names and URIs are those of the standards: SOAP 1.2 part 1 (the envelope, `mustUnderstand`),
//! WS-Addressing 1.0 (`Action`, `MessageID`, `ReplyTo`, `To`), WS-Security 1.1 (`Security`, `Timestamp`) with
//! its `UsernameToken` Profile 1.1 (`PasswordText`), WS-Trust 1.3 (the rest), WS-Policy 1.2 (`AppliesTo`). That
//! the token sites of Windows Azure Pack and AD FS take this message is seen from the vendor's SDK and other
//! clients, which build it with the vendor's own stack; the order of the parts is that stack's.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long the site may take the message for a new one. The vendor's stack says five minutes too.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// What goes into a request.
pub(super) struct Values<'a> {
    pub(super) to: &'a str,
    pub(super) applies_to: &'a str,
    pub(super) user: &'a str,
    pub(super) password: &'a str,
}

/// Writes a request that is made `now`. It holds the password, so it is overwritten when it is dropped.
pub(super) fn envelope(values: &Values<'_>, now: DateTime<Utc>) -> Zeroizing<Vec<u8>> {
    let time = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let (message, token) = (Uuid::new_v4().urn().to_string(), Uuid::new_v4().to_string());
    let (created, expires) = (time(now), time(now + FRESH));
    let parts = [
        (
            concat!(
                r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope""#,
                r#" xmlns:a="http://www.w3.org/2005/08/addressing""#,
                r#" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">"#,
                r#"<s:Header><a:Action s:mustUnderstand="1">"#,
                r"http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue</a:Action>",
                r"<a:MessageID>",
            ),
            &*message,
        ),
        (
            concat!(
                r"</a:MessageID>",
                r"<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>",
                r#"<a:To s:mustUnderstand="1">"#,
            ),
            values.to,
        ),
        (
            concat!(
                r#"</a:To><o:Security s:mustUnderstand="1""#,
                r#" xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">"#,
                r#"<u:Timestamp u:Id="_0"><u:Created>"#,
            ),
            &created,
        ),
        ("</u:Created><u:Expires>", &expires),
        (
            r#"</u:Expires></u:Timestamp><o:UsernameToken u:Id="uuid-"#,
            &token,
        ),
        (r#""><o:Username>"#, values.user),
        (
            concat!(
                r#"</o:Username><o:Password Type="http://docs.oasis-open.org/wss/2004/01/"#,
                r#"oasis-200401-wss-username-token-profile-1.0#PasswordText">"#,
            ),
            values.password,
        ),
        (
            concat!(
                r"</o:Password></o:UsernameToken></o:Security></s:Header><s:Body>",
                r#"<t:RequestSecurityToken xmlns:t="http://docs.oasis-open.org/ws-sx/ws-trust/200512">"#,
                r#"<p:AppliesTo xmlns:p="http://schemas.xmlsoap.org/ws/2004/09/policy">"#,
                r"<a:EndpointReference><a:Address>",
            ),
            values.applies_to,
        ),
    ];
    let end = concat!(
        r"</a:Address></a:EndpointReference></p:AppliesTo>",
        r"<t:KeyType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Bearer</t:KeyType>",
        r"<t:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue</t:RequestType>",
        // Of the vendor's SDK and other clients: the standard has no name for this kind of token.
        r"<t:TokenType>urn:ietf:params:oauth:token-type:jwt</t:TokenType>",
        r"</t:RequestSecurityToken></s:Body></s:Envelope>",
    );
    // Enough for texts that are nothing but quotation marks: a buffer that grew would leave a copy of the
    // password behind. That is also why the text is escaped here, rather than by a function that returns a copy.
    let longest = |(markup, text): &(&str, &str)| markup.len() + LONGEST * text.len();
    let room = parts.iter().map(longest).sum::<usize>() + end.len();
    let mut xml = Zeroizing::new(Vec::with_capacity(room));
    for (markup, text) in parts {
        xml.extend_from_slice(markup.as_bytes());
        escape(text, &mut xml);
    }
    xml.extend_from_slice(end.as_bytes());
    xml
}

/// The longest that one byte comes to.
const LONGEST: usize = "&quot;".len();

/// Appends a text so that it cannot be taken for markup, neither between tags nor in an attribute.
fn escape(text: &str, xml: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'&' => xml.extend_from_slice(b"&amp;"),
            b'<' => xml.extend_from_slice(b"&lt;"),
            b'>' => xml.extend_from_slice(b"&gt;"),
            b'"' => xml.extend_from_slice(b"&quot;"),
            b'\'' => xml.extend_from_slice(b"&#39;"),
            byte => xml.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{Values, envelope};

    #[test]
    fn the_buffer_never_moves() {
        let now = "2013-07-03T16:19:50.7931234Z".parse().or_fail();
        let capacity = |text| {
            let values = Values {
                to: "https://a.example/",
                applies_to: text,
                user: text,
                password: text,
            };
            envelope(&values, now).capacity()
        };
        // The worst that can be: every byte comes to six. A buffer that grew would have doubled.
        let worst = "\"".repeat(1000);
        assert_eq!(capacity(&worst) - capacity(""), 6 * 3 * worst.len());
    }
}
