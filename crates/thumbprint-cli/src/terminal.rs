//! What a terminal is shown of text that others wrote: a service, a certificate, a file's name.

use std::{
    borrow::Cow,
    env,
    fmt::Write as _,
    io::{self, IsTerminal as _},
};

use terminal_size::{Width, terminal_size_of};
use textwrap::{Options, WordSplitter};

/// How many characters of a line are shown.
pub(crate) const LINE: usize = 1000;
/// How many characters of a name are shown, such as a request's.
pub(crate) const NAME: usize = 100;
/// How many lines of a value are shown.
const LINES: usize = 100;

/// Whether a character is not seen itself, but moves the cursor, changes the order or the look of others, or
/// hides among them: the controls (C0, DEL, C1), the separators of lines and Unicode's format characters.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a terminal may be shown the text as it stands.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.contains(|c| c != '\n' && is_hidden(c))
}

/// How many columns there are on stdout: those of the terminal, 80 of one that does not say, or what `COLUMNS` says.
/// `None` elsewhere: what reads a pipe wants one line for each.
pub(crate) fn width() -> Option<usize> {
    let said = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let said = said.filter(|columns| *columns > 0);
    if !io::stdout().is_terminal() {
        return said;
    }
    let size = terminal_size_of(io::stdout());
    let size = size.map(|(Width(columns), _)| columns.into());
    Some(size.or(said).unwrap_or(80))
}

/// A text in lines of so many columns. A word that is longer stays whole, or is cut where that is `allowed`.
pub(crate) fn wrap(text: &str, columns: usize, allowed: bool) -> Vec<String> {
    let options = Options::new(columns.max(1))
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(allowed);
    let lines = textwrap::wrap(text, options).into_iter();
    lines.map(Cow::into_owned).collect()
}

/// One line, with a mark in place of each character that is not shown, and not more than `most` characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    let shown = |c| if is_hidden(c) { '\u{fffd}' } else { c };
    let mut line: String = text.chars().take(most).map(shown).collect();
    if text.chars().nth(most).is_some() {
        // Writing to a String cannot fail.
        let _ = write!(line, ".. ({} characters)", text.chars().count());
    }
    line
}

/// The same for a text of several lines.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let mut shown: Vec<_> = text
        .lines()
        .take(LINES)
        .map(|text| line(text, LINE))
        .collect();
    let more = text.lines().skip(LINES).count();
    if more > 0 {
        shown.push(format!(".. and {more} more lines"));
    }
    shown
}

/// JSON text, on one line, with every such character as an escape: it means the same to a program.
pub(crate) fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            escaped.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{LINE, LINES, escaped, is_plain, line, lines};

    /// Of every kind one; the last are two halves in UTF-16.
    const HIDDEN: &str = "\0\t\u{1b}\r\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\u{200e}\u{2028}\u{202e}\u{2066}\u{feff}\u{e0041}";

    #[test]
    fn hidden_characters_are_not_shown() {
        for c in HIDDEN.chars() {
            assert_eq!(line(&format!("a{c}b"), 9), "a\u{fffd}b", "{c:?}");
            assert!(!is_plain(&format!("a{c}b")), "{c:?}");
        }
        for text in ["a b\u{e4}\u{4e2d}\u{1f600}", "\u{fffd}"] {
            assert_eq!(line(text, 9), text);
            assert!(is_plain(text));
        }
        assert!(is_plain("a\nb"));
    }

    #[test]
    fn what_is_long_is_cut_and_says_so() {
        let long = "\u{e4}".repeat(60_000);
        assert_eq!(line(&long, 3), "\u{e4}\u{e4}\u{e4}.. (60000 characters)");
        assert_eq!(line("abc", 3), "abc");
        let many = lines(&format!("{long}\n").repeat(LINES + 7));
        assert_eq!(many.len(), LINES + 1);
        assert!(many.iter().all(|line| line.chars().count() < LINE + 30));
        assert_eq!(many.last().map(String::as_str), Some(".. and 7 more lines"));
    }

    #[test]
    fn json_has_them_as_escapes_and_means_the_same() {
        let json = escaped(&serde_json::json!({ HIDDEN: HIDDEN }).to_string());
        assert!(is_plain(&json), "{json:?}");
        assert!(
            json.contains(r"\u009b") && json.contains(r"\udb40\udc41"),
            "{json}"
        );
        let value: serde_json::Value = serde_json::from_str(&json).or_fail();
        assert_eq!(value[HIDDEN], HIDDEN);
    }
}
