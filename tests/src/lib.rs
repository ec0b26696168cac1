//! What the conformance suite in suite/ is made of: the documents, a server of raw sockets, and one call
//! per operation.
//!
//! Regenerating proves little: a media type, a response header or a security scheme can change in a
//! document without a line of generated code changing. So the suite reads the documents themselves.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "the crate is a part of the tests; a failure of its own is a failed test"
)]

pub mod calls;
pub mod copy;
pub mod features;
pub mod schema;
pub mod spec;
pub mod world;
