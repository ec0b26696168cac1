//! What `cargo xtask` does, as a library, so that the conformance suite can ask the same questions. All that
//! concerns any document is in thumbprint-codegen.

pub mod bench;
pub mod corpus;
pub mod lock;
pub mod mutate;
pub mod new;
pub mod own;
pub mod trace;
pub mod trial;

use std::{path::PathBuf, process::Command};

pub use thumbprint_codegen::*;

/// The workspace's folder.
#[must_use]
pub fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path
}

/// The cargo that runs this. One that is found in another way may leave the toolchain to files that lie among the
/// sources of dependencies.
#[must_use]
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
}
