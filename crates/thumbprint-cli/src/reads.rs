//! What is read of several certificates.

use std::pin::pin;

use futures_util::stream::{Stream, StreamExt as _};
use thumbprint::Error;

use crate::{
    failure::{Failure, code},
    output::{self, Format, Row, Rows},
    results::Operation,
};

/// Prints what there is, and tells of each that could not be read: one does not stop the others.
pub(crate) async fn print<T: Row>(
    operation: Operation,
    format: Format,
    results: impl Stream<Item = Result<T, Error>>,
) -> Result<(), Failure> {
    let (mut results, mut rows) = (pin!(results), Rows::new(format));
    let (mut read, mut failed) = (0, 0);
    while let Some(result) = results.next().await {
        match result {
            Ok(result) => {
                read += 1;
                if rows.print(&result)?.is_break() {
                    break;
                }
            }
            Err(error) => {
                failed += 1;
                output::report(&Failure::Read(error), Some(operation), format);
            }
        }
    }
    match (read, failed) {
        (0, 0) => output::message("nothing to do").map_err(|error| Failure::System {
            doing: "writing a message",
            error,
        }),
        (_, 0) => Ok(()),
        _ => Err(Failure::Several {
            summary: format!("{read} read, {failed} not"),
            code: code::FAILED,
        }),
    }
}
