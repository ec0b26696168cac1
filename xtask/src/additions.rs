//! Additions to progenitor's code: what it leaves out of a document, and what it writes badly once and
//! so badly in every API. Each is a step that knows how often the document needs it.

mod bodies;
mod client;
mod deprecation;
mod enums;
mod headers;
mod mocks;
mod operations;
mod redaction;
mod requests;

use anyhow::Result;
use serde_json::Value;

use crate::{document::Document, model, step::Step};

/// What the additions to one document go by.
pub(crate) struct Context<'a> {
    pub(crate) document: &'a Document,
    /// The document as progenitor got it.
    pub(crate) adapted: &'a Value,
    pub(crate) operations: Vec<model::Operation>,
}

impl<'a> Context<'a> {
    fn new(document: &'a Document, adapted: &'a Value) -> Result<Self> {
        let operations = model::operations(document)?;
        Ok(Self {
            document,
            adapted,
            operations,
        })
    }
}

/// Completes a generated client.
pub fn complete_client(
    document: &Document,
    adapted: &Value,
    file: &mut syn::File,
) -> Result<Vec<Step>> {
    let context = Context::new(document, adapted)?;
    Ok(vec![
        client::one_constructor(file),
        requests::no_version_header(&context, file),
        requests::required_defaults(&context, file),
        bodies::error_bodies(&context, file),
        bodies::success_bodies(&context, file),
        deprecation::deprecated_methods(&context, file),
        redaction::sensitive_types(&context, file),
        redaction::opaque_builders(&context, file),
        redaction::opaque_client(file),
        enums::extensible_enums(&context, file),
        headers::response_headers(&context, file)?,
        operations::operation_table(&context, file)?,
    ])
}

/// Completes a generated httpmock crate.
pub fn complete_mocks(
    document: &Document,
    adapted: &Value,
    file: &mut syn::File,
) -> Result<Vec<Step>> {
    let context = Context::new(document, adapted)?;
    Ok(mocks::escaped_paths(&context, file))
}
