//! The words and signs of a `$filter`.

use std::borrow::Cow;

use super::Fault;

#[derive(Debug)]
pub(super) enum Token<'t> {
    Open,
    Close,
    /// A name, an operator, or a literal without quotes.
    Word(&'t str),
    /// What stood in single quotes.
    Text(Cow<'t, str>),
    /// The same, with the name of a type before it: `DateTime'...'`.
    Typed(&'t str, Cow<'t, str>),
}

/// The tokens with their positions, counted in characters from 1.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut position = 1;
    loop {
        let start = rest.trim_start();
        position += count(rest, start);
        rest = start;
        let Some(first) = rest.chars().next() else {
            return Ok(tokens);
        };
        let (token, tail) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            _ => {
                let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '\'');
                let (word, tail) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                match tail.strip_prefix('\'') {
                    None => (Token::Word(word), tail),
                    Some(quoted) => {
                        let (text, tail) = unquote(quoted).ok_or(Fault {
                            position: position + count(rest, tail),
                            expected: "the quote is not closed",
                        })?;
                        let token = if word.is_empty() {
                            Token::Text(text)
                        } else {
                            Token::Typed(word, text)
                        };
                        (token, tail)
                    }
                }
            }
        };
        tokens.push((position, token));
        position += count(rest, tail);
        rest = tail;
    }
}

/// How many characters of `text` stand before its `tail`.
fn count(text: &str, tail: &str) -> usize {
    text[..text.len() - tail.len()].chars().count()
}

/// Splits what follows an opening quote at the closing one. Two quotes in a row stand for one.
fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut from = 0;
    loop {
        let end = from + text[from..].find('\'')?;
        let tail = &text[end + 1..];
        if tail.starts_with('\'') {
            from = end + 2;
            continue;
        }
        let inside = &text[..end];
        let inside = if from == 0 {
            Cow::Borrowed(inside)
        } else {
            Cow::Owned(inside.replace("''", "'"))
        };
        return Some((inside, tail));
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    fn shown(text: &str) -> String {
        let shown = tokens(text).map(|tokens| {
            let tokens = tokens.iter().map(|(at, token)| match token {
                Token::Open => format!("{at}("),
                Token::Close => format!("{at})"),
                Token::Word(word) => format!("{at}{word}"),
                Token::Text(text) => format!("{at}<{text}>"),
                Token::Typed(name, text) => format!("{at}{name}<{text}>"),
            });
            tokens.collect::<Vec<_>>().join(" ")
        });
        shown.unwrap_or_else(|fault| fault.to_string())
    }

    #[test]
    fn a_text_falls_into_its_tokens() {
        for (text, expected) in [
            ("", ""),
            ("  \t ", ""),
            ("state eq 'active'", "1state 7eq 10<active>"),
            (" (a)and(b)", "2( 3a 4) 5and 8( 9b 10)"),
            ("DateTime'2023'", "1DateTime<2023>"),
            ("''", "1<>"),
            ("''''", "1<'>"),
            ("'it''s' x", "1<it's> 9x"),
            ("'a' 'b'", "1<a> 5<b>"),
            ("é '✓' x", "1é 3<✓> 7x"),
            ("a 'b", "At character 3: the quote is not closed"),
            ("é'", "At character 2: the quote is not closed"),
            ("'''", "At character 1: the quote is not closed"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
