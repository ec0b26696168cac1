//! From an OpenAPI document to a typed client, its mocks and their tests.
//!
//! ```text
//! specs/NAME.yaml (source: bundled, overlaid)
//!                 -> sound (structure, references, bounds) -> lower (to OpenAPI 3.0) -> lint
//!                 -> adapt::composition (plain schemas)
//!                 -> model (the operations) -> adapt (the schemas, in memory) -> progenitor (types)
//!                 -> emit (client and mocks) -> crates/thumbprint-NAME[-httpmock]/src/generated.rs
//!                 -> cases (what the document asks of both) -> crates/thumbprint-NAME-httpmock/tests/cases/generated.rs
//! ```
//!
//! All of them go by one grammar of documents ([`grammar`]), and say what is wrong as [`problem::Problem`]s.

pub mod adapt;
pub mod bounds;
pub mod bundle;
pub mod cases;
pub mod diff;
pub mod document;
pub mod emit;
pub mod generate;
pub mod grammar;
pub mod lint;
pub mod locate;
pub mod lower;
pub mod model;
pub mod names;
pub mod overlay;
pub mod problem;
mod rust;
pub mod samples;
mod sound;
pub mod source;
mod structure;
mod syntax;
pub mod target;
pub mod told;
mod wire;

/// The workspace's folder.
#[cfg(test)]
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
