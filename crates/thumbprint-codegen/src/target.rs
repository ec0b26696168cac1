//! For whom code is written: this workspace, or one of somebody's own.
//!
//! Both have the same layout (`specs/`, and `crates/` with a client and its mocks for each document), the same
//! runtime and the same formats. What differs are the names.

use anyhow::{Result, ensure};

/// A workspace that code is written for.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// What stands before and behind an API's word in the name of its client's crate.
    client: (&'static str, &'static str),
    /// The same of the crate of its mocks.
    mocks: (&'static str, &'static str),
    /// Words that no API can have, as other crates have these names.
    reserved: &'static [&'static str],
}

impl Target {
    /// This workspace.
    pub const THUMBPRINT: Self = Self {
        client: ("thumbprint-", ""),
        mocks: ("thumbprint-", "-httpmock"),
        reserved: &["cli", "codegen", "files", "sandbox", "transport", "wstrust"],
    };

    /// A workspace of somebody's own. `serde-client` is no dependency's name, where `serde` would be one.
    pub const OWN: Self = Self {
        client: ("", "-client"),
        mocks: ("", "-httpmock"),
        reserved: &[],
    };

    /// The name of the crate of an API's client.
    #[must_use]
    pub fn client(&self, name: &str) -> String {
        format!("{}{name}{}", self.client.0, self.client.1)
    }

    /// The name of the crate of an API's mocks.
    #[must_use]
    pub fn mocks(&self, name: &str) -> String {
        format!("{}{name}{}", self.mocks.0, self.mocks.1)
    }

    /// Fails unless a word can name an API: its document, its crates, its module and its commands.
    pub fn check_name(&self, name: &str) -> Result<()> {
        let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
            && !name.ends_with('-')
            && !name.contains("--")
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        ensure!(
            is_word,
            "{name:?} cannot name an API; take a word of lower-case letters, digits and single hyphens"
        );
        ensure!(
            !self.reserved.contains(&name) && !name.ends_with("-httpmock"),
            "{name:?} is the name of another crate of this workspace; take another word"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use test_support::OrFail as _;

    use super::Target;

    #[test]
    fn a_name_is_one_word() {
        for name in ["pets", "key-vault", "s3"] {
            Target::THUMBPRINT.check_name(name).or_fail();
            Target::OWN.check_name(name).or_fail();
        }
        for name in [
            "",
            "Pets",
            "3s",
            "a--b",
            "a-",
            "a_b",
            "pets-httpmock",
            "../x",
        ] {
            assert!(Target::THUMBPRINT.check_name(name).is_err(), "{name}");
            assert!(Target::OWN.check_name(name).is_err(), "{name}");
        }
        Target::THUMBPRINT.check_name("cli").err_or_fail();
        Target::OWN.check_name("cli").or_fail();
    }
}
