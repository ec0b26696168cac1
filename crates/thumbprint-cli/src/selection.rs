//! Which certificates an operation is about: those that are named on the command line, or on stdin.

use std::{
    collections::HashSet,
    io::{self, BufRead, Read as _},
    str::FromStr,
};

use clap::Args;
use serde_json::Value;
use thumbprint::{Error, Thumbprint};

use crate::failure::Failure;

/// What the help of each such operation says.
pub(crate) const HELP: &str = "The certificates' thumbprints, 40 hexadecimal digits each; - reads them from stdin, one a line or as the JSON lines that list prints";

/// How many certificates stdin may name: as many as `--max` takes of an account by itself.
const MOST: usize = 10_000;
/// No line is longer that names a certificate, not even one of JSON that holds it.
const LINE: u64 = 1 << 20;

/// A name on the command line.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    Certificate(Thumbprint),
    Stdin,
}

impl FromStr for Named {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "-" => Ok(Self::Stdin),
            text => text.parse().map(Self::Certificate),
        }
    }
}

/// How fast several certificates are gone through.
#[derive(Args)]
pub(crate) struct Concurrency {
    /// How many requests are under way at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
}

impl Concurrency {
    pub(crate) fn get(&self) -> usize {
        self.concurrency.into()
    }
}

/// The certificates that are named, each once: a second request for the same one would be answered as if somebody
/// else had sent the first.
pub(crate) fn read(named: &[Named]) -> Result<Vec<Thumbprint>, Failure> {
    let mut all = Vec::new();
    for name in named {
        match name {
            Named::Certificate(thumbprint) => all.push(thumbprint.clone()),
            Named::Stdin => all.extend(lines(io::stdin().lock())?),
        }
    }
    let mut seen = HashSet::new();
    all.retain(|thumbprint| seen.insert(thumbprint.clone()));
    Ok(all)
}

/// The certificates of a text: one a line, without blank lines and what stands behind a `#`.
fn lines(mut text: impl BufRead) -> Result<Vec<Thumbprint>, Failure> {
    let mut all = Vec::new();
    for number in 1.. {
        let mut line = Vec::new();
        let read = text.by_ref().take(LINE + 1).read_until(b'\n', &mut line);
        match read {
            Ok(0) => break,
            Ok(_) if line.len() as u64 <= LINE => {}
            Ok(_) => return Err(refused(number, "it has more than 1 MiB")),
            Err(error) => {
                return Err(Failure::usage(
                    "stdin",
                    error,
                    "give a text that can be read",
                ));
            }
        }
        let line = str::from_utf8(&line).map_err(|_| refused(number, "it is not UTF-8"))?;
        let line = line.trim_start_matches('\u{feff}').trim();
        let Some(name) = named_in(line, number)? else {
            continue;
        };
        if all.len() == MOST {
            let problem = format!("it names more than {MOST} certificates");
            return Err(Failure::usage("stdin", problem, "give them in parts"));
        }
        let thumbprint = name.parse();
        all.push(
            thumbprint.map_err(|error| Failure::Usage(format!("stdin: line {number}: {error}")))?,
        );
    }
    Ok(all)
}

/// The name in a line, if there is one.
fn named_in(line: &str, number: usize) -> Result<Option<String>, Failure> {
    if line.starts_with(['{', '"']) {
        let value = serde_json::from_str(line).map_err(|_| refused(number, "it is not JSON"))?;
        let name = match &value {
            Value::String(name) => Some(name),
            Value::Object(result) => match result.get("thumbprint") {
                Some(Value::String(name)) => Some(name),
                _ => None,
            },
            _ => None,
        };
        let name =
            name.ok_or_else(|| refused(number, "it has no text with the name thumbprint"))?;
        return Ok(Some(name.clone()));
    }
    let name = line.split('#').next().unwrap_or_default().trim();
    Ok(Some(name.to_owned()).filter(|name| !name.is_empty()))
}

fn refused(line: usize, problem: &str) -> Failure {
    let remedy = "give one thumbprint a line as UTF-8 text, or the JSON lines that list prints";
    Failure::usage("stdin", format!("line {line}: {problem}"), remedy)
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{MOST, lines};

    const PLAIN: &str = "9b3c37766bd00c22ec478b8f124c153b4b7e4c5b";

    #[test]
    fn a_line_is_a_thumbprint_in_any_spelling_or_a_result() {
        let text = format!(
            "\u{feff}{PLAIN}\r\n\n  # nothing\n\
             sha1 Fingerprint=9B:3C:37:76:6B:D0:0C:22:EC:47:8B:8F:12:4C:15:3B:4B:7E:4C:5B # ana's\n\
             {{\"operation\":\"batch list\",\"thumbprint\":\"{PLAIN}\",\"url\":null}}\n\"{PLAIN}\"\n\
             9B 3C 37 76 6B D0 0C 22 EC 47 8B 8F 12 4C 15 3B 4B 7E 4C 5B"
        );
        let found = lines(text.as_bytes()).ok().or_fail();
        assert_eq!(found, vec![PLAIN.parse().or_fail(); 5]);
        assert!(lines(&b""[..]).ok().or_fail().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line() {
        let hostile = format!("{PLAIN}\n{}", "a".repeat(2 << 20));
        let sparse: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let many = format!("{PLAIN}\n").repeat(MOST + 1);
        for (text, expected) in [
            (
                format!("{PLAIN}\n\nxyz\n").as_bytes(),
                "line 3: thumbprint: character 1 is 'x'",
            ),
            (
                b"{\"thumbprint\":null}",
                "line 1: it has no text with the name thumbprint",
            ),
            (b"\n{\"thumbprint\":", "line 2: it is not JSON"),
            (b"\xff\xfea\0", "line 1: it is not UTF-8"),
            (&sparse, "line 1: thumbprint: character 2 is '\\0'"),
            (hostile.as_bytes(), "line 2: it has more than 1 MiB"),
            (
                many.as_bytes(),
                "it names more than 10000 certificates; give them in parts",
            ),
        ] {
            let message = lines(text).err().or_fail().to_string();
            assert!(
                message.starts_with("stdin: ") && message.contains(expected),
                "{message}"
            );
        }
        let most = format!("{PLAIN}\n").repeat(MOST);
        assert_eq!(lines(most.as_bytes()).ok().or_fail().len(), MOST);
    }
}
