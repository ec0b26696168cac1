//! Questions to the person at the terminal, before something is changed.

use std::{
    fmt,
    io::{self, BufRead, IsTerminal as _, Write},
};

use clap::Args;

use crate::{
    failure::{Failure, code},
    output, progress, terminal,
};

/// How long a question may be: it names a certificate and why its deletion failed.
const QUESTION: usize = 2 * terminal::LINE;

/// How many certificates are shown before a question about all of them.
const SHOWN: usize = 50;

/// Whether an operation that has chosen certificates by itself may change them.
#[derive(Args)]
pub(crate) struct Consent {
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    /// Only say what would be done: nothing is changed
    #[arg(long)]
    dry_run: bool,
}

impl Consent {
    /// Whether it was given on the command line.
    pub(crate) fn is_given(&self) -> bool {
        self.yes
    }

    /// Whether it was given, or there is a person to ask: results may go elsewhere, questions and answers may not.
    pub(crate) fn is_possible(&self) -> bool {
        let is_asked = || io::stdin().is_terminal() && io::stderr().is_terminal();
        !self.dry_run && (self.yes || is_asked())
    }

    /// How an operation ends that has shown what it would do: well, where no more was asked of it.
    pub(crate) fn missing(&self, remedy: &str) -> Result<(), Failure> {
        if self.dry_run {
            return Ok(());
        }
        let problem = "no one can be asked here, so nothing was changed";
        Err(Failure::usage("--yes", problem, remedy))
    }
}

/// How an operation ends that was not confirmed.
pub(crate) fn declined() -> Failure {
    Failure::Several {
        summary: "nothing was changed: it was not confirmed".to_owned(),
        code: code::FAILED,
    }
}

/// So many certificates, in words.
pub(crate) fn certificates(count: usize) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} certificate{end}")
}

/// Shows what a question is about, a line each.
pub(crate) fn show(lines: impl ExactSizeIterator<Item = String>) -> Result<(), Failure> {
    let more = lines.len().saturating_sub(SHOWN);
    let lines = lines.take(SHOWN);
    let lines = lines.map(|line| terminal::line(line.trim_end(), terminal::LINE));
    let more = (more > 0).then(|| format!(".. and {more} more, which --dry-run shows"));
    let text: String = lines.chain(more).map(|line| line + "\n").collect();
    output::complain(&text).map_err(unasked)
}

/// Asks whether to do something. Everything but `y` and `yes` means no, and so does the end of the input.
pub(crate) fn agreed(question: impl fmt::Display) -> Result<bool, Failure> {
    on_terminal(|from, to| {
        let answer = ask(from, to, &format!("{question} [y/N] "))?;
        Ok(answer.is_some_and(|answer| ["y", "yes"].contains(&&*answer)))
    })
}

/// Asks which of some things to do, until it is one of them: by its word or the word's first letter. `None` at the
/// end of the input.
pub(crate) fn choose<T: Copy>(
    question: impl fmt::Display,
    choices: &[(&'static str, T)],
) -> Result<Option<T>, Failure> {
    on_terminal(|from, to| one_of(from, to, &question.to_string(), choices))
}

fn on_terminal<T>(
    dialogue: impl FnOnce(&mut dyn BufRead, &mut dyn Write) -> io::Result<T>,
) -> Result<T, Failure> {
    // A question that progress is drawn over is not seen.
    let dialogue = || dialogue(&mut io::stdin().lock(), &mut io::stderr());
    progress::suspended(dialogue).map_err(unasked)
}

fn unasked(error: io::Error) -> Failure {
    Failure::System {
        doing: "asking, before anything was changed",
        error,
    }
}

fn one_of<T: Copy>(
    from: &mut dyn BufRead,
    to: &mut dyn Write,
    question: &str,
    choices: &[(&'static str, T)],
) -> io::Result<Option<T>> {
    let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
    let question = format!("{question} ({}) ", words.join(", "));
    while let Some(answer) = ask(from, to, &question)? {
        let chosen = choices
            .iter()
            .find(|(word, _)| *word == answer || answer.len() == 1 && word.starts_with(&answer));
        if let Some((_, choice)) = chosen {
            return Ok(Some(*choice));
        }
    }
    Ok(None)
}

/// The answer, in small letters. `None` at the end of the input.
fn ask(from: &mut dyn BufRead, to: &mut dyn Write, question: &str) -> io::Result<Option<String>> {
    to.write_all(terminal::line(question, QUESTION).as_bytes())?;
    to.flush()?;
    let mut answer = Vec::new();
    if from.read_until(b'\n', &mut answer)? == 0 {
        to.write_all(b"\n")?;
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&answer).trim().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::{ask, one_of};

    #[test]
    fn a_choice_is_a_word_or_its_first_letter_and_nothing_else_is_taken() {
        let choices = [("cancel", 'c'), ("retry", 'r')];
        for (typed, chosen, questions) in [
            ("c\n", Some('c'), 1),
            (" Retry \r\n", Some('r'), 1),
            ("\nca\nx\u{e4}\nr\n", Some('r'), 4),
            ("r", Some('r'), 1),
            ("no\n", None, 2),
            ("", None, 1),
        ] {
            let mut shown = Vec::new();
            let choice = one_of(&mut typed.as_bytes(), &mut shown, "what?", &choices);
            assert_eq!(choice.or_fail(), chosen, "{typed:?}");
            let shown = String::from_utf8(shown).or_fail();
            assert_eq!(
                shown.matches("what? (cancel, retry) ").count(),
                questions,
                "{shown}"
            );
        }
    }

    #[test]
    fn a_question_shows_nothing_that_a_terminal_obeys() {
        let mut shown = Vec::new();
        ask(&mut &b"y\n"[..], &mut shown, "delete CN=\u{1b}[2J\n?").or_fail();
        assert_eq!(
            String::from_utf8(shown).or_fail(),
            "delete CN=\u{fffd}[2J\u{fffd}?"
        );
    }
}
