//! The conformance suite: one module per question, each row with the mutation that it must notice.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "tests"
)]
mod admin;
mod architecture;
mod azure_identity;
mod bulk;
mod coverage;
mod credentials;
mod deletion_wait;
mod documents;
mod example;
mod examples;
mod faults;
mod features;
mod fuzz;
mod generation;
mod lock;
mod mocks;
mod new;
mod operations;
mod or_fail;
mod oracle;
mod paging;
mod project;
mod properties;
mod redaction;
mod requests;
mod responses;
mod sandbox;
mod schemas;
mod seed;
mod setters;
mod trace;
