//! What the command says of itself: help with examples, completions, man pages.

use std::{fmt::Write as _, fs, io, path::Path};

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use crate::{
    Arguments,
    failure::{Failure, code},
    output,
};

/// Examples of each command, by its path.
#[rustfmt::skip]
const EXAMPLES: &[(&[&str], &[&str])] = &[
    (&["demo"], &["thumbprint demo"]),
    (&["sandbox"], &["thumbprint sandbox --listen 127.0.0.1:8080"]),
    (&["inspect"], &["thumbprint inspect ana.pfx --password-file password.txt"]),
    (&["schema"], &["thumbprint schema > schema.json"]),
    (&["completions"], &["thumbprint completions bash > /etc/bash_completion.d/thumbprint"]),
    (&["man"], &["thumbprint man /usr/local/share/man/man1"]),
    (&["batch", "list"], &[
        "thumbprint batch list --state deletefailed",
        "thumbprint batch list --profile prod -o json | jq -r .thumbprint",
    ]),
    (&["batch", "get"], &[
        "thumbprint batch get 0123456789abcdef0123456789abcdef01234567",
        "thumbprint batch get - < thumbprints.txt",
    ]),
    (&["batch", "add"], &[
        "thumbprint batch add ana.cer",
        "thumbprint batch add ana.pfx --password-file password.txt",
    ]),
    (&["batch", "delete"], &[
        "thumbprint batch delete 0123456789abcdef0123456789abcdef01234567 --wait",
        "thumbprint batch delete - --dry-run < thumbprints.txt",
    ]),
    (&["batch", "cancel-deletion"], &[
        "thumbprint batch cancel-deletion 0123456789abcdef0123456789abcdef01234567",
        "thumbprint batch cancel-deletion --all-failed",
    ]),
    (&["batch", "rescue"], &[
        "thumbprint batch rescue",
        "thumbprint batch rescue --dry-run",
        "thumbprint batch rescue --cancel --yes",
        "thumbprint batch rescue --retry 0123456789abcdef0123456789abcdef01234567",
    ]),
    (&["wap", "list"], &["thumbprint wap list --profile prod"]),
    (&["wap", "get"], &["thumbprint wap get 9B3C37766BD00C22EC478B8F124C153B4B7E4C5B"]),
    (&["wap", "add"], &["thumbprint wap add ana.cer"]),
    (&["wap", "delete"], &["thumbprint wap delete 9B3C37766BD00C22EC478B8F124C153B4B7E4C5B --keep kept"]),
    (&["wap", "prune"], &[
        "thumbprint wap prune --expired --dry-run",
        "thumbprint wap prune --expired --keep kept --yes",
        "thumbprint wap prune --older-than 90d",
    ]),
];

/// The command as clap has it, with examples.
pub(crate) fn command() -> Command {
    let mut command = Arguments::command().after_help(after_help());
    for (path, examples) in EXAMPLES {
        command = with_examples(command, path, examples);
    }
    command
}

fn with_examples(command: Command, path: &[&str], examples: &[&str]) -> Command {
    if let [name, path @ ..] = path {
        return command.mut_subcommand(name, |command| with_examples(command, path, examples));
    }
    let mut text = command
        .get_after_help()
        .map_or_else(String::new, |said| format!("{said}\n\n"));
    text.push_str("Examples:");
    for example in examples {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  $ {example}");
    }
    command.after_help(text)
}

fn after_help() -> String {
    let mut text = "Credentials come from the environment (THUMBPRINT_BATCH_TOKEN, THUMBPRINT_BATCH_KEY, \
                    THUMBPRINT_WAP_TOKEN, THUMBPRINT_WAP_PASSWORD) or from --token-command, never from an argument. \
                    What an argument leaves out is taken from its variable, and then from the profile that --profile \
                    names.\n\nExit codes:"
        .to_owned();
    for (code, meaning) in code::TABLE {
        let _ = write!(text, "\n  {code:3}  {meaning}");
    }
    text
}

/// Prints what a shell needs to complete the command's words.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "thumbprint", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}

/// Writes a man page for each command.
pub(crate) fn man(directory: &Path) -> Result<(), Failure> {
    let written =
        fs::create_dir_all(directory).and_then(|()| clap_mangen::generate_to(command(), directory));
    written.map_err(|error: io::Error| {
        let problem = format!("{}: {error}", directory.display());
        Failure::usage("DIR", problem, "give a directory that can be written to")
    })
}

#[cfg(test)]
mod tests {
    use clap::Command;
    use test_support::OrFail as _;

    use super::{EXAMPLES, command};

    #[test]
    fn every_example_is_one_of_its_command() {
        for (path, examples) in EXAMPLES {
            for example in *examples {
                let words = example
                    .split(['|', '>', '<'])
                    .next()
                    .and_then(shlex::split)
                    .or_fail();
                assert_eq!(&words[1..=path.len()], *path, "{example}");
                let taken = command().try_get_matches_from(words);
                assert!(taken.is_ok(), "{example}: {taken:?}");
            }
        }
    }

    /// Pages that show the command as people type it.
    const PAGES: [&str; 4] = [
        include_str!("../../../README.md"),
        include_str!("../README.md"),
        include_str!("../../../docs/testing/README.md"),
        include_str!("../../thumbprint/docs/outcomes.md"),
    ];

    #[test]
    fn every_page_shows_commands_that_there_are() {
        let mut shown = 0;
        for line in PAGES.iter().flat_map(|page| page.lines()) {
            let Some(typed) = line.strip_prefix("$ thumbprint ") else {
                continue;
            };
            let words = shlex::split(typed).or_fail();
            let words = words
                .iter()
                .take_while(|word| !word.starts_with(['|', '>', '#']));
            let words = std::iter::once("thumbprint").chain(words.map(String::as_str));
            let taken = command().try_get_matches_from(words);
            assert!(taken.is_ok(), "{line}: {taken:?}");
            shown += 1;
        }
        assert!(shown > 5, "{shown}");
    }

    #[test]
    fn every_command_has_examples() {
        fn check(command: &Command, path: &str) -> usize {
            let mut leaves = 0;
            for command in command
                .get_subcommands()
                .filter(|command| command.get_name() != "help")
            {
                leaves += check(command, &format!("{path} {}", command.get_name()));
            }
            if leaves > 0 {
                return leaves;
            }
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                help.contains(&format!("Examples:\n  $ {path}")),
                "{path}: {help}"
            );
            1
        }
        assert!(check(&command(), "thumbprint") > 9);
    }
}
