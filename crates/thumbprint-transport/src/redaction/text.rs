//! A text as it is compared with a secret: in whatever form it is repeated, it reads the same here.

use zeroize::Zeroizing;

/// So much of the beginning of a longer secret is a secret too: services shorten what they repeat.
pub(super) const PIECE: usize = 16;
/// A shorter secret has to stand alone. As a part of words it would take half the text away, and be told by
/// what is missing.
const SHORT: usize = 8;

/// A text as it is compared: in lower case, without what cannot be seen, each character with its place in the
/// text as it was.
#[derive(Default)]
pub(super) struct Text(Zeroizing<Vec<char>>, Vec<(usize, usize)>);

impl Text {
    pub(super) fn of(text: &str) -> Self {
        let mut all = Self::default();
        for (start, character) in text.char_indices() {
            all.push(character, start, start + character.len_utf8());
        }
        all
    }

    fn push(&mut self, character: char, start: usize, end: usize) {
        for character in character.to_lowercase().filter(|one| !is_dropped(*one)) {
            self.0.push(character);
            self.1.push((start, end));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with one layer of encoding taken away. `None` if there is none.
    pub(super) fn decoded(&self) -> Option<Self> {
        let (mut all, mut at, mut bytes) = (Self::default(), 0, Vec::new());
        while let Some(character) = self.0.get(at) {
            let (start, mut end) = self.1[at];
            let escape = escaped(&self.0[at..]);
            let length = escape.as_ref().map_or(1, |(_, length)| *length);
            at += length;
            end = self.1.get(at - 1).map_or(end, |(_, last)| *last);
            match escape {
                // Bytes in a row are characters together.
                Some((Escape::Byte(byte), _)) => bytes.push((byte, start, end)),
                Some((Escape::Character(character), _)) => {
                    all.push_bytes(&mut bytes);
                    all.push(character, start, end);
                }
                None => {
                    all.push_bytes(&mut bytes);
                    all.push(*character, start, end);
                }
            }
        }
        all.push_bytes(&mut bytes);
        (all.0 != self.0).then_some(all)
    }

    /// Appends bytes as UTF-8, or as Latin-1 where they are not.
    fn push_bytes(&mut self, run: &mut Vec<(u8, usize, usize)>) {
        let bytes: Vec<_> = run.iter().map(|(byte, ..)| *byte).collect();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            let invalid = chunk.invalid().iter().map(|byte| (char::from(*byte), 1));
            let valid = chunk.valid().chars();
            for (character, length) in valid.map(|one| (one, one.len_utf8())).chain(invalid) {
                let (start, end) = (run[at].1, run[at + length - 1].2);
                self.push(character, start, end);
                at += length;
            }
        }
        run.clear();
    }

    /// Where a secret stands, or a beginning of it that is long enough.
    pub(super) fn find(&self, secret: &Self, found: &mut Vec<(usize, usize)>) {
        let (whole, text) = (secret.0.len(), &self.0);
        let is_bounded = |at: usize| {
            let sides = at.checked_sub(1).map(|before| (before, at));
            let sides = sides.filter(|_| at < text.len());
            // Characters that were dropped bound it as well.
            sides.is_none_or(|(before, after)| {
                !text[before].is_alphanumeric()
                    || !text[after].is_alphanumeric()
                    || self.1[before].1 != self.1[after].0
            })
        };
        for (at, length) in common(&secret.0, text).into_iter().enumerate() {
            let end = at + length;
            let is_whole = length == whole && (whole >= SHORT || is_bounded(at) && is_bounded(end));
            if is_whole || length >= PIECE {
                found.push((self.1[at].0, self.1[end - 1].1));
            }
        }
    }
}

/// How much of the beginning of a secret stands at each place of a text: the Z-algorithm, whose time is that of
/// reading both once, whatever a server sends.
fn common(secret: &[char], text: &[char]) -> Vec<usize> {
    // No text has a control character here.
    let all: Zeroizing<Vec<char>> = Zeroizing::new([secret, &['\0'], text].concat());
    let mut lengths = vec![0; all.len()];
    let (mut start, mut end) = (0, 0_usize);
    for at in 1..all.len() {
        let known = lengths[at - start].min(end.saturating_sub(at));
        let mut length = known;
        while all.get(at + length).is_some_and(|one| *one == all[length]) {
            length += 1;
        }
        if at + length > end {
            (start, end) = (at, at + length);
        }
        lengths[at] = length;
    }
    lengths.split_off(secret.len() + 1)
}

enum Escape {
    Byte(u8),
    Character(char),
}

/// What the characters begin with that stands for another one, and how long it is: `%40`, `%u0040`; `\u0040`
/// and the others of JSON; `&#64;`, `&#x40;`, `&amp;` and the others of XML.
fn escaped(text: &[char]) -> Option<(Escape, usize)> {
    let number = |from: usize, length: usize, radix| {
        let digits = text.get(from..from + length).filter(|_| length > 0)?;
        digits.iter().try_fold(0_u32, |number, digit| {
            number
                .checked_mul(radix)?
                .checked_add(digit.to_digit(radix)?)
        })
    };
    let found = |character, length| Some((Escape::Character(character), length));
    match text {
        ['%' | '\\', 'u', ..] => {
            let first = number(2, 4, 16)?;
            if let Some(character) = char::from_u32(first) {
                return found(character, 6);
            }
            // Half of a character beyond the first 65,536.
            let is_pair = text.get(6) == text.first() && text.get(7) == Some(&'u');
            let second = number(8, 4, 16).filter(|_| is_pair)?;
            let second = u16::try_from(second).ok()?;
            let pair = char::decode_utf16([u16::try_from(first).ok()?, second]);
            let character = pair.into_iter().next()?.ok()?;
            found(character, 12)
        }
        ['%', ..] => {
            let byte = u8::try_from(number(1, 2, 16)?).ok()?;
            Some((Escape::Byte(byte), 3))
        }
        ['\\', character @ ('"' | '\\' | '/'), ..] => found(*character, 2),
        ['\\', 'b' | 'f' | 'n' | 'r' | 't', ..] => found('\n', 2),
        ['&', rest @ ..] => {
            let length = rest.iter().take(10).position(|one| *one == ';')?;
            let character = match &rest[..length] {
                ['#', 'x', ..] => char::from_u32(number(3, length - 2, 16)?)?,
                ['#', ..] => char::from_u32(number(2, length - 1, 10)?)?,
                ['a', 'm', 'p'] => '&',
                ['l', 't'] => '<',
                ['g', 't'] => '>',
                ['q', 'u', 'o', 't'] => '"',
                ['a', 'p', 'o', 's'] => '\'',
                _ => return None,
            };
            found(character, length + 2)
        }
        _ => None,
    }
}

/// Whether a character is not compared: a control character, one that cannot be seen
/// (`Default_Ignorable_Code_Point` of Unicode), and the hyphen, which some services leave out of a GUID.
fn is_dropped(character: char) -> bool {
    character == '-' || character.is_control() || is_invisible(character)
}

fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
