//! Patterns. JSON Schema has those of ECMA 262 with the flag `u`; documents have those of the programs that they were
//! written beside: Java, .NET, PCRE, Python, Ruby, Go. One that is none of ECMA 262 is written as one of the same meaning,
//! or left out: a pattern that is read for another refuses good values.

use regress::Regex;
use serde_json::Value;

use crate::{
    document::Document,
    grammar::{self, Kind, join},
    problem::Problem,
};

/// A document whose patterns are of ECMA 262, and what is told of those that are left out. `None` where all are already.
pub(super) fn read(document: &Document) -> Option<(Document, Vec<Problem>)> {
    let mut found = Vec::new();
    grammar::walk(&document.value, "", Kind::Root, &mut |value, at, kind| {
        if let Some(pattern) = value.get("pattern").filter(|_| kind == Kind::Schema) {
            let written = pattern.as_str().and_then(written);
            if written.as_deref() != pattern.as_str() || written.is_none() {
                found.push((at.to_owned(), written));
            }
        }
        kind != Kind::Data
    });
    if found.is_empty() {
        return None;
    }
    let mut warnings = Vec::new();
    let mut value = Value::clone(&document.value);
    for (at, written) in found {
        let Some(schema) = value.pointer_mut(&at).and_then(Value::as_object_mut) else {
            continue;
        };
        if let Some(pattern) = written {
            schema.insert("pattern".to_owned(), pattern.into());
        } else {
            schema.remove("pattern");
            let what = "is left out, and not checked: it is no regular expression of ECMA 262, and what it is meant for is not \
                        certain; write it as one, without delimiters, and with flags as in `(?i:a)`";
            warnings.push(Problem::new(&join(&at, "pattern"), what));
        }
    }
    Some((document.with(value), warnings))
}

/// A pattern as ECMA 262 writes it; `None` where it is not certain what it means.
fn written(pattern: &str) -> Option<String> {
    let (inner, flags) = delimited(pattern)?;
    let is_known = |pattern: &str| {
        // typify reads it without the flag.
        Regex::with_flags(pattern, "u").is_ok() && Regex::new(pattern).is_ok()
    };
    if inner == pattern && is_known(pattern) {
        return Some(pattern.to_owned());
    }
    let mut reader = Reader {
        rest: inner,
        ..Reader::default()
    };
    reader.modifier(&flags)?;
    reader.pattern()?;
    // Where nothing may match, what matches more refuses more.
    let is_negative = ["(?!", "(?<!"].iter().any(|part| inner.contains(part));
    let is_sure = !(reader.is_wider && is_negative);
    Some(reader.text).filter(|text| is_sure && is_known(text))
}

/// What stands between the delimiters of a literal, and the flags behind it: `/^a$/i`. No text has its begin or its end
/// within itself, so that these are no part of it. Where delimiters may be such a part, it is not certain.
fn delimited(pattern: &str) -> Option<(&str, String)> {
    const DELIMITERS: &str = "/#~@!%\"'";
    let plain = Some((pattern, String::new()));
    let is_flags = |flags: &str| flags.chars().all(|flag| "imsuxgyDU".contains(flag));
    // Those that change which texts match.
    let kept = |flags: &str| {
        flags
            .chars()
            .filter(|flag| "imsx".contains(*flag))
            .collect()
    };
    if let Some((inner, flags)) = pattern.rsplit_once('/')
        && pattern.starts_with('^')
        && inner.ends_with('$')
        && is_flags(flags)
    {
        return Some((inner, kept(flags)));
    }
    let Some(first) = pattern.chars().next().filter(|c| DELIMITERS.contains(*c)) else {
        return plain;
    };
    let Some((inner, flags)) = pattern[1..].rsplit_once(first) else {
        return plain;
    };
    if !is_flags(flags) {
        return plain;
    }
    let ends = inner.ends_with('$') && !inner.ends_with("\\$");
    if inner.starts_with('^') || ends {
        return Some((inner, kept(flags)));
    }
    let parts = inner.replace("\\/", "");
    plain.filter(|_| first != '/' || inner.is_empty() || parts.contains('/'))
}

/// Classes by the names that POSIX gives them, and Java as `\p{Alpha}`: the characters of the whole of Unicode, as some
/// take them, and those of ASCII.
const CLASSES: [(&str, &str, &str); 15] = [
    ("alnum", "\\p{Alphabetic}\\p{M}\\p{Nd}", "0-9A-Za-z"),
    ("alpha", "\\p{Alphabetic}\\p{M}", "A-Za-z"),
    ("ascii", "\\x00-\\x7F", "\\x00-\\x7F"),
    ("blank", "\\p{Zs}\\t", " \\t"),
    ("cntrl", "\\p{Cc}", "\\x00-\\x1F\\x7F"),
    ("digit", "\\p{Nd}", "0-9"),
    ("graph", "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}", "!-~"),
    ("ld", "\\p{L}\\p{Nd}", "\\p{L}\\p{Nd}"),
    ("lower", "\\p{Lowercase}", "a-z"),
    ("print", "\\P{C}", " -~"),
    ("punct", "\\p{P}\\p{S}", "!-\\/:-@\\[-`\\{-~"),
    ("space", "\\s", "\\t-\\r "),
    ("upper", "\\p{Uppercase}", "A-Z"),
    ("word", "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}", "\\w"),
    ("xdigit", "\\p{Hex_Digit}", "0-9A-Fa-f"),
];

/// Reads a pattern of another dialect.
#[derive(Default)]
struct Reader<'p> {
    rest: &'p str,
    text: String,
    /// The modifiers that hold up to the end of each group that is open.
    modifiers: Vec<Vec<String>>,
    /// Whether it matches more than one of the dialects has it.
    is_wider: bool,
    /// Whether a bracket stands in a class, which begins a class of its own in some dialects.
    is_nested: bool,
}

/// A member of a class.
enum Member {
    Character(String),
    /// What can be no end of a range.
    Class(String),
}

impl<'p> Reader<'p> {
    fn take(&mut self, part: &str) -> bool {
        let rest = self.rest.strip_prefix(part);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        Some(next)
    }

    /// What stands before `end`, which is taken as well.
    fn until(&mut self, end: &str) -> Option<&'p str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }

    fn pattern(&mut self) -> Option<()> {
        if self.modifiers.is_empty() {
            self.modifiers.push(Vec::new());
        }
        while let Some(next) = self.next() {
            match next {
                '\\' if self.take("Q") => {
                    let all = self.rest;
                    let literal = self.until("\\E").unwrap_or_else(|| {
                        self.rest = "";
                        all
                    });
                    self.text.extend(literal.chars().map(escaped));
                }
                '\\' if self.take("A") => self.text.push('^'),
                '\\' if self.take("z") || self.take("Z") => self.text.push('$'),
                '\\' => {
                    let piece = match self.escape(false, false)? {
                        Member::Character(piece) => piece,
                        Member::Class(class) if class.starts_with('\\') && is_one(&class) => class,
                        Member::Class(class) => format!("[{class}]"),
                    };
                    self.text += &piece;
                }
                '[' => self.class()?,
                '(' if self.rest.starts_with('?') => self.group()?,
                '(' => {
                    self.text.push('(');
                    self.modifiers.push(Vec::new());
                }
                ')' => {
                    let open = self.modifiers.pop()?;
                    self.text += &")".repeat(open.len() + 1);
                }
                // What a modifier says holds for the alternatives behind it, too.
                '|' => {
                    let open = self.modifiers.last()?;
                    let again = open.concat();
                    self.text += &")".repeat(open.len());
                    self.text.push('|');
                    self.text += &again;
                }
                '*' | '+' | '?' => {
                    self.text.push(next);
                    self.possessive();
                }
                '{' => self.braces()?,
                ']' if self.is_nested => return None,
                ']' | '}' => self.text += &escaped(next),
                other => self.text.push(other),
            }
        }
        let open = self.modifiers.pop()?;
        self.text += &")".repeat(open.len());
        self.modifiers.is_empty().then_some(())
    }

    /// A count that gives nothing back. The texts that it refuses only for that are taken.
    fn possessive(&mut self) {
        self.is_wider |= self.take("+");
    }

    /// A count, or braces that mean themselves.
    fn braces(&mut self) -> Option<()> {
        let count = self.rest.split_once('}').map(|(count, _)| count);
        let is_count = |count: &&str| {
            let (least, most) = count.split_once(',').unwrap_or((count, "0"));
            let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
            digits(least) && digits(most) && count.contains(|c: char| c.is_ascii_digit())
        };
        if let Some(count) = count.filter(is_count) {
            self.until("}")?;
            let least = if count.starts_with(',') { "0" } else { "" };
            self.text.extend(["{", least, count, "}"]);
            self.possessive();
            return Some(());
        }
        // `{1-3}` was meant for something else.
        let is_odd = |c: char| c.is_ascii_digit() || c == ',' || c.is_whitespace();
        if self.rest.starts_with(is_odd) {
            return None;
        }
        self.text += "\\{";
        Some(())
    }

    /// What begins with `(?`.
    fn group(&mut self) -> Option<()> {
        if self.take("?#") {
            self.until(")")?;
            return Some(());
        }
        if self.take("?P=") {
            let name = self.until(")")?;
            self.text.extend(["\\k<", name, ">"]);
            return Some(());
        }
        if self.take("?>") {
            self.is_wider = true;
            self.text += "(?:";
        } else if self.take("?P<") {
            self.text += "(?<";
        } else {
            let kinds = ["?:", "?=", "?!", "?<"];
            if let Some(kind) = kinds.into_iter().find(|kind| self.rest.starts_with(kind)) {
                self.take(kind);
                self.text.extend(["(", kind]);
            } else {
                let end = self.rest.find([')', ':'])?;
                let flags = &self.rest[1..end];
                let is_for_the_rest = self.rest[end..].starts_with(')');
                self.rest = &self.rest[end + 1..];
                if is_for_the_rest {
                    return self.modifier(flags);
                }
                self.text += &modifier(flags)?;
            }
        }
        self.modifiers.push(Vec::new());
        Some(())
    }

    /// Flags that hold up to the end of the group.
    fn modifier(&mut self, flags: &str) -> Option<()> {
        let modifier = modifier(flags)?;
        if self.modifiers.is_empty() {
            self.modifiers.push(Vec::new());
        }
        if modifier != "(?:" {
            self.text += &modifier;
            self.modifiers.last_mut()?.push(modifier);
        }
        Some(())
    }

    /// A class, behind its bracket.
    fn class(&mut self) -> Option<()> {
        let is_negative = self.take("^");
        self.text += if is_negative { "[^" } else { "[" };
        let mut is_first = true;
        loop {
            if !is_first && self.take("]") {
                self.text.push(']');
                return Some(());
            }
            is_first = false;
            let member = self.member(is_negative)?;
            let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
            if !is_range {
                self.text += member.text();
                continue;
            }
            self.take("-");
            let end = self.member(is_negative)?;
            let is_range = matches!(
                (&member, &end),
                (Member::Character(_), Member::Character(_))
            );
            // Beside a class it means itself.
            let dash = if is_range { "-" } else { "\\-" };
            self.text.extend([member.text(), dash, end.text()]);
        }
    }

    fn member(&mut self, is_negative: bool) -> Option<Member> {
        if self.take("[:") {
            let name = self.until(":]")?;
            return Some(Member::Class(self.named(name, is_negative)?));
        }
        if self.rest.starts_with("&&[") {
            return None;
        }
        match self.next()? {
            '\\' => self.escape(true, is_negative),
            '[' => {
                self.is_nested = true;
                Some(Member::Character(escaped('[')))
            }
            character @ (']' | '-') => Some(Member::Character(format!("\\{character}"))),
            character => Some(Member::Character(character.to_string())),
        }
    }

    /// What a backslash makes of what is behind it.
    fn escape(&mut self, is_in_class: bool, is_negative: bool) -> Option<Member> {
        let next = self.next()?;
        let mut digits = |radix: u32, most: usize| {
            let is_digit = |c: &char| c.is_digit(radix);
            let length = self.rest.chars().take(most).take_while(is_digit).count();
            let (digits, rest) = self.rest.split_at(length);
            self.rest = rest;
            digits
        };
        let character = |text: String| Some(Member::Character(text));
        match next {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => Some(Member::Class(format!("\\{next}"))),
            'p' | 'P' => self.property(next == 'P', is_in_class, is_negative),
            'a' => character("\\x07".to_owned()),
            'e' => character("\\x1B".to_owned()),
            '0' => {
                let code = u32::from_str_radix(digits(8, 3), 8).unwrap_or_default();
                character(format!("\\u{{{code:X}}}"))
            }
            '1'..='7' if is_in_class => {
                let code = u32::from_str_radix(&format!("{next}{}", digits(8, 2)), 8).ok()?;
                character(format!("\\u{{{code:X}}}"))
            }
            'x' if self.take("{") => {
                let code = self.until("}")?;
                character(format!("\\u{{{code}}}"))
            }
            'b' | 'c' | 'f' | 'n' | 'r' | 't' | 'u' | 'v' | 'x' => character(format!("\\{next}")),
            'B' | 'k' | '1'..='9' if !is_in_class => character(format!("\\{next}")),
            letter if letter.is_ascii_alphanumeric() => None,
            '-' if is_in_class => character("\\-".to_owned()),
            other => character(escaped(other)),
        }
    }

    /// A class by the name of a property of its characters.
    fn property(&mut self, is_not: bool, is_in_class: bool, is_negative: bool) -> Option<Member> {
        let name = if self.take("{") {
            self.until("}")?.to_owned()
        } else {
            self.next()?.to_string()
        };
        let (is_not, name) = match name.strip_prefix('^') {
            Some(name) => (!is_not, name),
            None => (is_not, name.as_str()),
        };
        let letter = if is_not { 'P' } else { 'p' };
        // Java writes `\p{IsL}`, and Go and PCRE `\p{Latin}`.
        let bare = name.strip_prefix("Is").unwrap_or(name);
        let spelled = [name, bare].map(str::to_owned);
        let scripts = [name, bare].map(|name| format!("Script={name}"));
        let any = (name.eq_ignore_ascii_case("all")).then(|| "Any".to_owned());
        let known = spelled.into_iter().chain(scripts).chain(any);
        let mut known = known.map(|name| format!("\\{letter}{{{name}}}"));
        if let Some(known) = known.find(|class| Regex::with_flags(class, "u").is_ok()) {
            return Some(Member::Class(known));
        }
        let class = self.named(name, is_negative || is_not)?;
        match (is_not, is_in_class) {
            (false, _) => Some(Member::Class(class)),
            (true, false) => Some(Member::Class(format!("^{class}"))),
            (true, true) => None,
        }
    }

    /// The characters of a class that has a name: as many as one of the dialects has, unless others are meant.
    fn named(&mut self, name: &str, is_negative: bool) -> Option<String> {
        let name = name.to_ascii_lowercase();
        let (_, all, ascii) = CLASSES.iter().find(|(known, ..)| *known == name)?;
        self.is_wider |= all != ascii;
        Some(if is_negative { ascii } else { all }.to_string())
    }
}

impl Member {
    fn text(&self) -> &str {
        let (Self::Character(text) | Self::Class(text)) = self;
        text
    }
}

/// Whether a class is one escape, which needs no brackets.
fn is_one(class: &str) -> bool {
    class.matches('\\').count() == 1 && (class.len() == 2 || class.ends_with('}'))
}

/// A character that means itself.
fn escaped(character: char) -> String {
    if "^$\\.*+?()[]{}|/".contains(character) {
        format!("\\{character}")
    } else {
        character.to_string()
    }
}

/// The beginning of a group for which flags hold. Those that do not change which texts match are left out.
fn modifier(flags: &str) -> Option<String> {
    let kept: String = flags
        .chars()
        .filter(|flag| !"uUaLd".contains(*flag))
        .collect();
    let is_known = kept.chars().all(|flag| "ims-".contains(flag));
    let kept = kept.strip_suffix('-').unwrap_or(&kept);
    is_known.then(|| format!("(?{kept}:"))
}

#[cfg(test)]
mod tests {
    use regress::Regex;
    use test_support::OrFail as _;

    use super::written;

    /// Patterns of several dialects, each with texts that their own programs take and do not take.
    const PATTERNS: &[(&str, &[&str], &[&str])] = &[
        // ECMA 262, as it is.
        (r"^[\p{L} ]+$", &["Ünal é"], &["1"]),
        (
            r"^[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*$",
            &["a 🦀\n", ""],
            &["\u{1}"],
        ),
        // Escapes that the flag `u` does not have.
        (r"^[a-z\-\_\.]+\_\-\@$", &["a-_._-@"], &["a"]),
        (r"^[\w-.]+[a-\d]$", &["a-._9", "x-"], &["a b"]),
        (r"^{a}]$", &["{a}]"], &["a"]),
        // Java: https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
        (r"\p{Print}+", &["a ~"], &["\u{7}", ""]),
        (
            r"^[\p{Alnum}\p{Punct}\p{Blank}]*$",
            &["aZ9 ~$\t"],
            &["\u{1}"],
        ),
        (r"^[^\p{Cntrl}]*$", &["aé"], &["\u{7f}"]),
        (r"^\P{Digit}$", &["a"], &["1"]),
        (
            r"^\p{IsL}\pL\p{IsAlphabetic}\p{IsLatin}$",
            &["éaaa"],
            &["1aaa"],
        ),
        (r"^[a-z]++\d*+[x]{2}+$", &["a1xx"], &["a1x"]),
        (r"^(?>a|b)\Qa.b\E$", &["aa.b"], &["aaxb"]),
        (r"^\x{1F980}\07$", &["🦀\u{7}"], &["x"]),
        // springdoc-openapi 2389
        (r"^[\p{L}\p{Zs}\p{Nd}\p{Pd}]{3,5}$/u", &["Ü -1"], &["Ü"]),
        // PCRE and .NET.
        (r"(?i)^ab$", &["AB", "ab"], &["abc"]),
        (r"^a(?i)b|c$", &["aB", "ab", "C"], &["AB"]),
        (r"^(a(?i:b)(?-i)c)$", &["aBc"], &["aBC"]),
        (r"(?s)^a.b$", &["a\nb"], &["ab"]),
        ("/^[a-z]{2}$/i", &["aB"], &["abc", "/ab/i"]),
        (r"/^\d{4}-\d{2}$/", &["2020-01"], &["2020"]),
        ("#^a/b$#", &["a/b"], &["ab"]),
        (r"\Aa\z|\Ab\Z", &["a", "b"], &["ab"]),
        ("^[[:alpha:]_][[:alnum:]-]*$", &["_a-9"], &["9"]),
        ("^[^[:space:]]+$", &["aé"], &["a b"]),
        ("^[]a]+$", &["]a"], &["b"]),
        (r"^[\000-\037]\e$", &["\u{1}\u{1b}"], &["a\u{1b}"]),
        // Python and Go. django-rest-framework 7204: `\\Z` is the end, beside what must not match.
        (
            r"^(?:[a-z0-9-]{1,63}(?<!-))\.?\Z",
            &["a-b.", "a"],
            &["a-", "a.b"],
        ),
        ("^(?P<x>a)(?P=x)(?#why)$", &["aa"], &["a"]),
        ("^a{,2}$", &["", "aa"], &["aaa"]),
        (r"^\p{Greek}+$", &["αβ"], &["a"]),
    ];

    #[test]
    fn a_pattern_of_another_dialect_keeps_its_meaning() {
        for (pattern, matching, others) in PATTERNS {
            let written = written(pattern).unwrap_or_else(|| panic!("{pattern}"));
            let regex = Regex::with_flags(&written, "u").or_fail();
            for text in *matching {
                assert!(regex.find(text).is_some(), "{pattern}, {written}: {text:?}");
            }
            for text in *others {
                assert!(regex.find(text).is_none(), "{pattern}, {written}: {text:?}");
            }
        }
    }

    #[test]
    fn a_pattern_whose_meaning_is_not_certain_is_none() {
        for pattern in [
            // Horizontal white space, or a hexadecimal digit in Ruby.
            r"^\h+$",
            // An intersection in Java, and a class with brackets elsewhere.
            "^[a-z&&[^b]]$",
            "^[a[bc]]$",
            "[a-z]{1-20}",
            // A literal of some language, or a text between slashes.
            "/[a-z]+/",
            r"(?x) a b",
            r"^\p{InGreek}$",
            // What matches more within refuses more.
            r"^(?!\p{Print}).$",
            r"[\p\{L\}]",
            "*.example.com",
            "a[",
            r"^\i\c*$",
        ] {
            assert_eq!(written(pattern), None, "{pattern}");
        }
        // What is of ECMA 262 is not touched, whatever it looks like.
        for pattern in [
            "^/v1/$",
            "/a/b/c",
            "^[!@&&*]$",
            r"^(?!\p{L}).$",
            "/[0-9a-z]+",
        ] {
            assert_eq!(written(pattern).as_deref(), Some(pattern));
        }
    }
}
