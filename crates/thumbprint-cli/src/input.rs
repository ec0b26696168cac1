//! Files and secrets that the command reads.

use std::{
    env,
    fs::File,
    io::{self, Read},
    path::Path,
};

use thumbprint::Secret;

use crate::failure::Failure;

/// No certificate is longer, and no password.
const LIMIT: u64 = 1 << 20;

/// Where a PFX's password stands, unless in a file.
const PASSWORD: &str = "THUMBPRINT_PFX_PASSWORD";

/// Whether the path stands for stdin.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The bytes of the file that `field` names; those of stdin for `-`.
pub(crate) fn read(field: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if is_stdin(path) {
        limited(io::stdin().lock())
    } else {
        File::open(path).and_then(limited)
    };
    let bytes = bytes.map_err(|error| {
        let remedy = "give a file that can be read, or - for stdin";
        Failure::usage(field, format!("{}: {error}", path.display()), remedy)
    })?;
    if bytes.len() as u64 > LIMIT {
        let problem = format!("{} has more than 1 MiB", path.display());
        return Err(Failure::usage(
            field,
            problem,
            "check whether it is the right file",
        ));
    }
    Ok(bytes)
}

fn limited(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A PFX's password: from the file if there is one, otherwise from the environment. It is never taken
/// from an argument, which every user of the machine could read in the list of processes.
pub(crate) fn password(file: Option<&Path>) -> Result<Option<Secret>, Failure> {
    let Some(path) = file else {
        return match env::var(PASSWORD) {
            Ok(text) => Ok(Some(text).filter(|text| !text.is_empty()).map(Secret::from)),
            Err(env::VarError::NotPresent) => Ok(None),
            Err(env::VarError::NotUnicode(_)) => Err(Failure::usage(
                PASSWORD,
                "it is not UTF-8",
                "set it to the password",
            )),
        };
    };
    let field = "--password-file";
    let mut text = String::from_utf8(read(field, path)?)
        .map_err(|_| Failure::usage(field, "it is not UTF-8", "save the password as UTF-8"))?;
    // Editors end the last line, and no password is meant to end like that.
    let end = text.strip_suffix('\n').unwrap_or(&text);
    let end = end.strip_suffix('\r').unwrap_or(end).len();
    text.truncate(end);
    if text.is_empty() {
        let remedy = "leave it out if the PFX has no password";
        return Err(Failure::usage(field, "it is empty", remedy));
    }
    Ok(Some(Secret::from(text)))
}
