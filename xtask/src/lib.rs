//! Everything that follows from the documents in specs/: what `cargo xtask` does, as a library, so that
//! the conformance suite can ask the same questions.
//!
//! ```text
//! specs/NAME.yaml -> lint -> adapt (the document, in memory) -> progenitor -> additions (the code)
//!                 -> prettyplease -> crates/thumbprint-NAME[-httpmock]/src/generated.rs
//!                 -> rows (what the document asks of both) -> crates/thumbprint-NAME-httpmock/tests/rows/generated.rs
//! ```

pub mod adapt;
pub mod additions;
pub mod diff;
pub mod document;
pub mod generate;
pub mod lint;
pub mod locate;
pub mod lock;
pub mod lower;
pub mod model;
pub mod names;
pub mod new;
pub mod rows;
pub mod samples;
pub mod step;

use std::path::PathBuf;

/// The workspace's folder.
#[must_use]
pub fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path
}
