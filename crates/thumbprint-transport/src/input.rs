//! Checks of what a caller gives, before anything is sent.

use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::Error;

/// Longest header value that a caller may give, in bytes.
const MAX_HEADER: usize = 256;

/// Refuses a text that a caller wants to send as a header's value: `field` is what the caller calls it.
/// Visible ASCII and spaces within it are taken, so that nothing can end the header early.
pub fn header_value(field: &'static str, value: &str) -> Result<(), Error> {
    let problem = if value.is_empty() {
        "it is empty"
    } else if value.len() > MAX_HEADER {
        "it is longer than 256 bytes"
    } else if value.starts_with(' ') || value.ends_with(' ') {
        "it starts or ends with a space"
    } else if value
        .bytes()
        .any(|byte| !(byte == b' ' || byte.is_ascii_graphic()))
    {
        "it has a character other than visible ASCII and spaces"
    } else {
        return Ok(());
    };
    let remedy = "give 1 to 256 characters of visible ASCII";
    Err(Error::input(field, problem, remedy))
}

/// What was given for a field that the operation needs.
pub fn required<'g, T>(
    field: &'static str,
    given: &'g Result<Option<T>, Error>,
) -> Result<&'g T, Error> {
    match given {
        Ok(Some(value)) => Ok(value),
        Ok(None) => {
            let remedy = format!("set it with `.{field}(..)`");
            Err(Error::input(field, "it is not set", remedy))
        }
        Err(error) => Err(error.clone()),
    }
}

/// What the document says that a field is unless it is set, in JSON.
pub fn default<T: DeserializeOwned>(field: &'static str, json: &str) -> Result<Option<T>, Error> {
    serde_json::from_str(json)
        .map(Some)
        .map_err(|cause| Error::conversion(field, cause, "set it"))
}

/// Refuses a limit of no time at all.
pub fn limit(field: &'static str, limit: Duration) -> Result<(), Error> {
    if limit.is_zero() {
        let problem = "it is zero, so no call could end in time";
        return Err(Error::input(field, problem, "set a longer time"));
    }
    Ok(())
}

/// Refuses a number outside of the bounds that the document sets.
pub fn range(field: &'static str, value: i128, least: i128, most: i128) -> Result<(), Error> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let remedy = match (least, most) {
        (i128::MIN, most) => format!("give {most} at most"),
        (least, i128::MAX) => format!("give {least} at least"),
        (least, most) => format!("give {least} to {most}"),
    };
    Err(Error::input(field, "it is out of range", remedy))
}
