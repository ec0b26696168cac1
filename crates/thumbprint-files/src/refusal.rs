use std::{error::Error, fmt};

/// Why a file is not taken: what is wrong with it or with what was said of it, and what to do.
///
/// It quotes nothing of a key, nor of a password.
///
/// ```
/// use thumbprint_files::{About, read};
///
/// # let (bytes, password) = (b"ssh-ed25519 AAAAC3Nz", "password");
/// match read(bytes, Some(password)) {
///     Ok(contents) => println!("{} certificates", contents.certificates.len()),
///     Err(refusal) if refusal.about() == About::Password => println!("once more: the password?"),
///     Err(refusal) => println!("not taken: {}. Instead: {}", refusal.problem(), refusal.remedy()),
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    about: About,
    problem: String,
    remedy: String,
}

/// What a [`Refusal`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum About {
    /// The file: give another one.
    File,
    /// The password: give the right one.
    Password,
    /// Which of the file's certificates is meant: name it by its thumbprint.
    Choice,
}

impl Refusal {
    pub(crate) fn new(about: About, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            about,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn file(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(About::File, problem, remedy)
    }

    /// What it is about.
    #[must_use]
    pub fn about(&self) -> About {
        self.about
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What to do instead.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem, self.remedy)
    }
}

impl Error for Refusal {}
