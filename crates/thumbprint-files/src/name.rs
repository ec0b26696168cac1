//! Names as RFC 4514 writes them.

use std::fmt::Write as _;

use const_oid::{ObjectIdentifier, db::DB};

use crate::element::{Element, SEQUENCE, SET};

const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const BMP: u8 = 0x1e;

/// The name; `None` where the element is none.
pub(crate) fn text(name: &Element<'_>) -> Option<String> {
    let parts = inner(name, SEQUENCE)?;
    // The last part comes first (2.1).
    let parts = parts.iter().rev().map(|part| {
        let pairs = inner(part, SET)?;
        let pairs: Option<Vec<_>> = pairs.iter().map(pair).collect();
        Some(pairs?.join("+"))
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join(","))
}

fn inner<'a>(element: &Element<'a>, tag: u8) -> Option<Vec<Element<'a>>> {
    (element.tag == tag).then(|| element.inner().ok()).flatten()
}

fn pair(pair: &Element<'_>) -> Option<String> {
    let pair = inner(pair, SEQUENCE)?;
    let [name, value] = &pair[..] else {
        return None;
    };
    let oid = name.oid()?;
    if let (Some(name), Some(value)) = (short_name(oid), string(value)) {
        return Some(format!("{name}={}", escaped(&value)));
    }
    let digits = value.whole.iter().map(|byte| format!("{byte:02x}"));
    Some(format!("{oid}=#{}", digits.collect::<String>()))
}

fn short_name(oid: ObjectIdentifier) -> Option<String> {
    let name = DB.find_names_for_oid(oid).min_by_key(|name| name.len());
    name.map(str::to_ascii_uppercase)
}

/// A value that is text.
fn string(value: &Element<'_>) -> Option<String> {
    match value.tag {
        UTF8 => str::from_utf8(value.value).ok().map(str::to_owned),
        PRINTABLE | TELETEX | IA5 => {
            let is_text = value.value.is_ascii();
            is_text.then(|| String::from_utf8_lossy(value.value).into_owned())
        }
        BMP => {
            let (units, rest) = value.value.as_chunks();
            let units: Vec<_> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
            rest.is_empty()
                .then(|| String::from_utf16(&units).ok())
                .flatten()
        }
        _ => None,
    }
}

/// A value with what has a meaning of its own escaped (2.4).
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for (index, character) in value.char_indices() {
        let is_last = index + character.len_utf8() == value.len();
        match character {
            '#' if index == 0 => text.push_str("\\#"),
            ' ' if index == 0 || is_last => text.push_str("\\ "),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', character]),
            '\x00'..='\x1f' | '\x7f' => {
                let _ = write!(text, "\\{:02x}", u32::from(character));
            }
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::text;
    use crate::element::first;

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let value = parts.concat();
        let length = u8::try_from(value.len()).or_fail();
        [&[tag, length], &value[..]].concat()
    }

    fn pair(oid: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        der(0x30, &[&der(0x06, &[oid]), &der(tag, &[value])])
    }

    fn read(sets: &[&[&[u8]]]) -> Option<String> {
        let sets: Vec<_> = sets.iter().map(|pairs| der(0x31, pairs)).collect();
        let sets: Vec<_> = sets.iter().map(Vec::as_slice).collect();
        let name = der(0x30, &sets);
        text(&first(&name).or_fail().0)
    }

    const CN: &[u8] = &[0x55, 4, 3];
    const OU: &[u8] = &[0x55, 4, 11];
    const UID: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1];
    const DC: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25];

    /// The examples of RFC 4514, section 4.
    #[test]
    fn names_are_written_as_the_rfc_writes_them() {
        let dc = |text: &[u8]| pair(DC, 0x16, text);
        let (net, example) = (dc(b"net"), dc(b"example"));
        for (last, expected) in [
            (
                vec![pair(UID, 0x0c, b"jsmith")],
                "UID=jsmith,DC=example,DC=net",
            ),
            (
                vec![pair(OU, 0x0c, b"Sales"), pair(CN, 0x0c, b"J.  Smith")],
                "OU=Sales+CN=J.  Smith,DC=example,DC=net",
            ),
            (
                vec![pair(CN, 0x0c, br#"James "Jim" Smith, III"#)],
                r#"CN=James \"Jim\" Smith\, III,DC=example,DC=net"#,
            ),
            (
                vec![pair(CN, 0x0c, b"Before\x0dAfter")],
                r"CN=Before\0dAfter,DC=example,DC=net",
            ),
        ] {
            let last: Vec<_> = last.iter().map(Vec::as_slice).collect();
            let found = read(&[&[&net], &[&example], &last]);
            assert_eq!(found.as_deref(), Some(expected));
        }
        let found = read(&[&[&pair(&[0x2b, 6, 1, 4, 1, 0x8b, 0x3a, 0], 0x04, b"Hi")]]);
        assert_eq!(found.as_deref(), Some("1.3.6.1.4.1.1466.0=#04024869"));
        let found = read(&[&[&pair(&[0x55, 4, 4], 0x0c, "Lu\u{10d}i\u{107}".as_bytes())]]);
        assert_eq!(found.as_deref(), Some("SN=Lu\u{10d}i\u{107}"));
    }

    #[test]
    fn every_kind_of_text_is_written_as_text_and_the_rest_in_digits() {
        for (tag, value, expected) in [
            (0x13, &b"a@b"[..], "CN=a@b"),
            (0x14, b"a", "CN=a"),
            (0x14, b"\xfc", "2.5.4.3=#1401fc"),
            (0x0c, b"\xfc", "2.5.4.3=#0c01fc"),
            (0x1e, b"\0M\0\xfc", "CN=M\u{fc}"),
            (0x1e, b"\0M\0", "2.5.4.3=#1e03004d00"),
            (0x1e, b"\xd8\0", "2.5.4.3=#1e02d800"),
            (0x02, b"\x01", "2.5.4.3=#020101"),
            (0x0c, b" #a ", r"CN=\ #a\ "),
            (0x0c, b"#a", r"CN=\#a"),
            (0x0c, b"", "CN="),
        ] {
            let found = read(&[&[&pair(CN, tag, value)]]);
            assert_eq!(found.as_deref(), Some(expected), "{tag} {value:?}");
        }
        assert_eq!(read(&[]).as_deref(), Some(""));
        assert_eq!(text(&first(&der(0x31, &[])).or_fail().0), None);
        assert_eq!(
            text(&first(&der(0x30, &[&der(0x30, &[])])).or_fail().0),
            None
        );
    }
}
