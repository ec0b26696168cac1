//! Patterns that need no regular expression: texts made of characters of given classes, one after another,
//! where greedy matching without going back gives the same answer.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

/// A number of characters of one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The bytes of the class, as ranges with their ends.
    ranges: Vec<(u8, u8)>,
    least: usize,
    most: usize,
}

impl ToTokens for Piece {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let ranges = self.ranges.iter().map(|(first, last)| {
            let [first, last] = [*first, *last].map(Literal::byte_character);
            quote!((#first, #last))
        });
        let [least, most] = [self.least, self.most].map(|count| match count {
            usize::MAX => quote!(usize::MAX),
            count => Literal::usize_unsuffixed(count).to_token_stream(),
        });
        tokens.extend(quote!(Piece::new(&[#(#ranges),*], #least, #most)));
    }
}

/// The pieces of a pattern that is anchored at both ends and made of characters, classes and counts; `None`
/// where it takes a regular expression.
pub(super) fn pieces(pattern: &str) -> Option<Vec<Piece>> {
    let mut rest = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (ranges, tail) = match rest.strip_prefix('[') {
            Some(class) => members(class)?,
            None => member(rest, "\\.()|*+?{}[]^$")?,
        };
        let (least, most, tail) = count(tail)?;
        pieces.push(Piece {
            ranges,
            least,
            most,
        });
        rest = tail;
    }
    // What takes as much as it can must not take what the next one needs.
    let is_clear = |pair: &[Piece]| {
        let meets = |a: &(u8, u8)| pair[1].ranges.iter().any(|b| a.0 <= b.1 && b.0 <= a.1);
        pair[0].least == pair[0].most || pair[1].least > 0 && !pair[0].ranges.iter().any(meets)
    };
    pieces.windows(2).all(is_clear).then_some(pieces)
}

/// The members of a class, up to its end, and the rest.
fn members(class: &str) -> Option<(Vec<(u8, u8)>, &str)> {
    let mut rest = class;
    let mut ranges = Vec::new();
    loop {
        if let Some(tail) = rest.strip_prefix(']') {
            return (!ranges.is_empty()).then_some((ranges, tail));
        }
        let (mut found, tail) = member(rest, "\\[^")?;
        rest = tail;
        let is_range = |tail: &&str| !tail.starts_with(']');
        if let Some(tail) = rest.strip_prefix('-').filter(is_range) {
            let (end, tail) = member(tail, "\\[^")?;
            // A range is of two characters, not of two classes.
            let ([(first, last)], [(same, end)]) = (&mut found[..], &end[..]) else {
                return None;
            };
            if first != last || same != end || *first > *end {
                return None;
            }
            *last = *end;
            rest = tail;
        }
        ranges.extend(found);
    }
}

/// A character, unless it is one of the `special` ones, or what a backslash makes of one, and the rest.
fn member<'t>(text: &'t str, special: &str) -> Option<(Vec<(u8, u8)>, &'t str)> {
    let mut chars = text.chars();
    let ranges = match chars.next()? {
        '\\' => match chars.next()? {
            'd' => vec![(b'0', b'9')],
            escaped => vec![byte(escaped).filter(|(byte, _)| byte.is_ascii_punctuation())?],
        },
        character => vec![byte(character).filter(|_| !special.contains(character))?],
    };
    Some((ranges, chars.as_str()))
}

fn byte(character: char) -> Option<(u8, u8)> {
    let byte = u8::try_from(character).ok().filter(u8::is_ascii)?;
    Some((byte, byte))
}

/// How often what stands before it is there, and the rest.
fn count(text: &str) -> Option<(usize, usize, &str)> {
    if let Some(tail) = text.strip_prefix('+') {
        return Some((1, usize::MAX, tail));
    }
    let Some(text) = text.strip_prefix('{') else {
        return Some((1, 1, text));
    };
    let (inner, tail) = text.split_once('}')?;
    let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
    let least: usize = least.parse().ok()?;
    let most = match most {
        "" => usize::MAX,
        most => most.parse().ok().filter(|most| least <= *most)?,
    };
    Some((least, most, tail))
}

#[cfg(test)]
mod tests {
    use regress::Regex;
    use test_support::OrFail as _;

    use super::pieces;

    /// What the code does with the pieces.
    fn matches(text: &str, pieces: &[super::Piece]) -> bool {
        let mut rest = text.as_bytes();
        for piece in pieces {
            let window = &rest[..rest.len().min(piece.most)];
            let within = |byte: &&u8| {
                let ranges = &piece.ranges;
                ranges
                    .iter()
                    .any(|(first, last)| (first..=last).contains(byte))
            };
            let length = window.iter().take_while(within).count();
            if length < piece.least {
                return false;
            }
            rest = &rest[length..];
        }
        rest.is_empty()
    }

    #[test]
    fn simple_patterns_match_as_their_regular_expressions_do() {
        let texts = "|a|aa|aaa|ab|abc|a-b|1|12|123|1.2|1..2|2023-11-01.18.0|2023-11-01.|.|-|ä|a\n| a|x]|/|a/|\
            9C4D50EE-2D56-4CD3-8152-34347DC9F2B0|0123456789abcdef0123456789ABCDEF01234567";
        for pattern in [
            "^[0-9A-Fa-f]{40}$",
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}\\.[0-9]+\\.[0-9]+$",
            "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
            "^a+$",
            "^aa{1,2}$",
            "^[a-z]+[0-9-]{1,}$",
            "^\\d{1,3}$",
            "^[a\\-b]+$",
            "^[-a]$",
            "^[\\]x]+$",
            "^[a\\d]+\\/$",
            "^a{0,2}b$",
            "^$",
        ] {
            let (regex, pieces) = (Regex::new(pattern).or_fail(), pieces(pattern).or_fail());
            for text in texts.split('|') {
                let found = regex.find(text).is_some();
                assert_eq!(matches(text, &pieces), found, "{pattern} {text:?}");
            }
        }
    }

    #[test]
    fn others_keep_their_regular_expressions() {
        for pattern in "a+ ^a a$ ^a*$ ^a?$ ^(a)$ ^.$ ^[^a]$ ^a+a$ ^[a-z]+[x-z]{2}$ ^a{0,2}a$ ^a+b{0,1}a$ ^\\s$ \
            ^\\bx$ ^ä$ ^a++$ ^[b-a]$ ^a{2,1}$ ^[a-\\d]$ ^a\\$ ^[]$ ^a|b$".split(' ')
        {
            assert_eq!(pieces(pattern), None, "{pattern}");
        }
    }
}
