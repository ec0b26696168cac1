//! Cookies that a request is sent with (RFC 6265).

use http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::Error;

/// Refuses what a cookie cannot hold (section 4.1.1): how it is to be encoded is between the caller and the service.
pub(crate) fn check(field: &'static str, value: &str) -> Result<(), Error> {
    let is_octet = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
    if value.bytes().all(is_octet) {
        return Ok(());
    }
    Err(Error::input(
        field,
        "it has a character that a cookie cannot hold: a space, a quote, a comma, a semicolon, a backslash or what is no visible ASCII",
        "give it encoded, as the service expects it",
    ))
}

/// Adds a cookie to those of a request, which are one header (section 5.4). A key is sent as it was issued, unless it
/// would end the cookie.
pub(crate) fn push(
    headers: &mut HeaderMap,
    field: &'static str,
    name: &str,
    value: &str,
) -> Result<(), Error> {
    if value.contains(';') {
        return Err(Error::input(
            field,
            "it has a semicolon, which ends a cookie",
            "give it encoded, as the service expects it",
        ));
    }
    let before = headers.get(COOKIE).map(HeaderValue::as_bytes);
    let before = before.map(|before| [before, b"; "].concat());
    let cookie = [
        &before.unwrap_or_default(),
        name.as_bytes(),
        b"=",
        value.as_bytes(),
    ]
    .concat();
    let mut cookie = HeaderValue::try_from(cookie)
        .map_err(|cause| Error::conversion(field, cause, "mend the document"))?;
    // Who holds a session's is the session.
    cookie.set_sensitive(true);
    headers.insert(COOKIE, cookie);
    Ok(())
}

/// The value of a cookie that a request is sent with.
pub(crate) fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get(COOKIE)?.to_str().ok()?.split("; ");
    let mut all = all.filter_map(|cookie| cookie.split_once('='));
    all.find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// What matches a request in which the cookies of these names are these, each as often as it is here. Meant for
/// generated mocks.
pub fn expected(
    names: Vec<String>,
    pairs: Vec<(String, String)>,
) -> impl Fn(&[(String, String)]) -> bool + Send + Sync + 'static {
    move |headers| {
        let is_it = |name: &str| name.eq_ignore_ascii_case("cookie");
        let sent = headers.iter().filter(|(name, _)| is_it(name));
        let sent = sent.flat_map(|(_, cookies)| cookies.split("; "));
        let sent = sent.filter_map(|cookie| cookie.split_once('='));
        let ours = sent.filter(|(name, _)| names.iter().any(|ours| ours == name));
        ours.eq(pairs.iter().map(|(name, value)| (&**name, &**value)))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header::COOKIE};
    use test_support::OrFail as _;

    use super::{check, expected, push, value};

    /// micronaut-core 6356, dotnet/systemweb-adapters 228: several headers, or values joined by commas.
    #[test]
    fn all_cookies_are_one_header_that_is_not_shown() {
        let mut headers = HeaderMap::new();
        push(&mut headers, "session", "session", "a=b/c").or_fail();
        push(&mut headers, "page", "page", "2").or_fail();
        let all: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(all, ["session=a=b/c; page=2"]);
        assert!(!format!("{headers:?}").contains("a=b"));
        assert_eq!(value(&headers, "session"), Some("a=b/c"));
        assert_eq!(value(&headers, "pag"), None);
    }

    #[test]
    fn what_would_end_a_cookie_is_refused() {
        for text in ["x;y", "x y", "x,y", "\"x\"", "x\\y", "x\n", "ä"] {
            let error = check("session", text).err_or_fail();
            let said = error.to_string();
            assert!(error.is_invalid_input(), "{said}");
            assert!(said.contains("session") && !said.contains(text), "{said}");
        }
    }

    /// A key is sent as it was issued, but not what would be a cookie more.
    #[test]
    fn a_key_does_not_become_two_cookies() {
        let mut headers = HeaderMap::new();
        assert!(push(&mut headers, "credential", "sid", "a; admin=1").is_err());
        assert!(headers.is_empty());
        push(&mut headers, "credential", "sid", "a b").or_fail();
        assert_eq!(value(&headers, "sid"), Some("a b"));
    }

    #[test]
    fn a_mock_expects_the_cookies_of_its_names_and_no_more() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fits = expected(vec!["a".to_owned()], vec![pair("a", "1"), pair("a", "2")]);
        let sent = |cookies: &str| vec![pair("Cookie", cookies)];
        assert!(fits(&sent("sid=x; a=1; a=2")));
        for other in ["a=1", "a=2; a=1", "a=1; a=2; a=3", "sid=x"] {
            assert!(!fits(&sent(other)), "{other}");
        }
        let none = expected(vec!["a".to_owned()], Vec::new());
        assert!(none(&[]) && none(&sent("b=1")) && !none(&sent("a=1")));
    }
}
