//! Simple patterns, checked without a regular expression. Meant for generated code, which writes a pattern
//! of a document as pieces where greedy matching without going back gives the same answer.

/// A number of characters of one class.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// Which ASCII characters are of the class.
    class: [bool; 128],
    least: usize,
    most: usize,
}

impl Piece {
    /// `least` to `most` characters within `ranges` of ASCII, whose ends belong to them.
    #[must_use]
    pub const fn new(ranges: &[(u8, u8)], least: usize, most: usize) -> Self {
        let (mut class, mut index) = ([false; 128], 0);
        while index < ranges.len() {
            let (from, to) = ranges[index];
            let mut byte = from;
            while byte <= to && byte < 128 {
                class[byte as usize] = true;
                byte += 1;
            }
            index += 1;
        }
        Self { class, least, most }
    }

    fn has(&self, byte: u8) -> bool {
        self.class.get(usize::from(byte)) == Some(&true)
    }
}

/// Whether the whole text is made of the pieces, in their order.
#[must_use]
pub fn matches(text: &str, pieces: &[Piece]) -> bool {
    let mut rest = text.as_bytes();
    for piece in pieces {
        let window = &rest[..rest.len().min(piece.most)];
        let length = window.iter().take_while(|byte| piece.has(**byte)).count();
        if length < piece.least {
            return false;
        }
        rest = &rest[length..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{Piece, matches};

    const DIGIT: &[(u8, u8)] = &[(b'0', b'9')];
    const POINT: &[(u8, u8)] = &[(b'.', b'.')];

    #[test]
    fn a_text_matches_as_a_whole_or_not_at_all() {
        let version = [
            Piece::new(DIGIT, 4, 4),
            Piece::new(POINT, 1, 1),
            Piece::new(DIGIT, 1, usize::MAX),
        ];
        for (text, fits) in [
            ("2023.1", true),
            ("2023.123456", true),
            ("2023.", false),
            ("202.1", false),
            ("20233.1", false),
            ("2023.1\n", false),
            ("2023.1\u{661}", false),
            ("", false),
        ] {
            assert_eq!(matches(text, &version), fits, "{text:?}");
        }
    }
}
