//! From an OpenAPI document to a typed client, its mocks and their tests.
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
pub mod lower;
pub mod model;
pub mod names;
pub mod rows;
pub mod samples;
pub mod step;

/// The workspace's folder.
#[cfg(test)]
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
