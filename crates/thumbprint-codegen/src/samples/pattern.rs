//! Texts that match a regular expression.

use regex_syntax::hir::{Class, Hir, HirKind};

/// How often a part is repeated that may be repeated often: what is too short or too long for a schema with one of
/// them is not with another.
const REPEATED: [u32; 8] = [1, 0, 2, 4, 8, 16, 32, 64];

/// The characters that are tried first where one of several may stand.
const USUAL: [char; 5] = ['a', 'A', '1', '0', '-'];

/// The longest text that is made.
const LONGEST: usize = 1000;

/// Texts that match a pattern of ECMA 262 by what most patterns are made of. None where it has something else.
pub(super) fn texts(pattern: &str) -> Vec<String> {
    let Ok(parsed) = regex_syntax::parse(pattern) else {
        return Vec::new();
    };
    let mut made: Vec<String> = Vec::new();
    for times in REPEATED {
        let mut text = String::new();
        if write(&parsed, times, &mut text).is_some() && !made.contains(&text) {
            made.push(text);
        }
    }
    made
}

/// Writes what matches a part. `None` where it gets too long.
fn write(part: &Hir, times: u32, text: &mut String) -> Option<()> {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => {
            let holds = |c: &char| {
                class
                    .iter()
                    .any(|range| range.start() <= *c && *c <= range.end())
            };
            let usual = USUAL.into_iter().find(holds);
            text.push(usual.or_else(|| Some(class.iter().next()?.start()))?);
        }
        HirKind::Class(Class::Bytes(class)) => {
            text.push(char::from(class.iter().next()?.start()));
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            for _ in 0..times.clamp(repetition.min, most) {
                write(&repetition.sub, times, text)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, times, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, times, text)?;
            }
        }
        HirKind::Alternation(parts) => write(parts.first()?, times, text)?,
    }
    (text.len() <= LONGEST).then_some(())
}

#[cfg(test)]
mod tests {
    use regress::Regex;
    use test_support::OrFail as _;

    use super::texts;

    #[test]
    fn each_text_matches_its_pattern() {
        for pattern in [
            "^[0-9]{4}-[A-Z]+$",
            "^(get|list)?(/[^/]+)*$",
            r"^\d{1,3}(\.\d{1,3}){3}$",
            "^arn:aws:[a-z]{2,}:.*$",
            "^[^\\s]{5,12}$",
            "x{2}",
            "^[0-9A-HJKMNP-TV-Z]{26}$",
            "^(?:[0-9a-fA-F]{32}|[A-Za-z0-9._:-]{1,36})$",
            "^(?:\\*|W/\"[\\x21\\x23-\\x5B\\x5D-\\x7E]*\")$",
            r"^[\d]+\.[\d]+\.b[\d]+$",
        ] {
            let made = texts(pattern);
            assert!(!made.is_empty(), "{pattern}");
            let regex = Regex::new(pattern).or_fail();
            for text in made {
                assert!(regex.find(&text).is_some(), "{pattern}: {text}");
            }
        }
        assert!(texts("^(?=a)").is_empty());
    }
}
