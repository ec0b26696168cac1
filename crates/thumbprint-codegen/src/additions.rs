//! Additions to progenitor's code: what it leaves out of a document, and what it writes badly once and
//! so badly in every API. Each is a step that knows how often the document needs it.

mod bodies;
mod bodies_of_mocks;
mod client;
mod deprecation;
mod enums;
mod headers;
mod mocks;
mod operations;
mod outcomes;
mod parameters;
mod redaction;
mod requests;

use anyhow::Result;

use crate::{
    adapt::{Adapted, Outcome},
    document::Document,
    model::Operation,
    names::Disguises,
    step::Step,
};

/// What the additions to one document go by.
pub(crate) struct Context<'a> {
    pub(crate) document: &'a Document,
    /// The document as progenitor got it for the client.
    pub(crate) adapted: &'a serde_json::Value,
    pub(crate) operations: &'a [Operation],
    pub(crate) outcomes: &'a [Outcome],
    pub(crate) disguises: &'a Disguises,
}

impl<'a> Context<'a> {
    fn new(document: &'a Document, adapted: &'a Adapted) -> Self {
        Self {
            document,
            adapted: &adapted.client,
            operations: &adapted.operations,
            outcomes: &adapted.outcomes,
            disguises: &adapted.disguises,
        }
    }
}

/// Completes a generated client.
pub fn complete_client(
    document: &Document,
    adapted: &Adapted,
    file: &mut syn::File,
) -> Result<Vec<Step>> {
    let context = Context::new(document, adapted);
    Ok(vec![
        client::one_constructor(file),
        requests::no_version_header(&context, file),
        requests::required_defaults(&context, file),
        requests::rare_methods(&context, file),
        parameters::encoded_parameters(&context, file)?,
        bodies::error_bodies(&context, file),
        bodies::success_bodies(&context, file),
        outcomes::ranges_last(file),
        outcomes::outcomes(&context, file)?,
        deprecation::deprecated_methods(&context, file),
        redaction::sensitive_types(&context, file),
        redaction::opaque_builders(&context, file),
        redaction::opaque_client(file),
        enums::extensible_enums(&context, file),
        headers::response_headers(&context, file),
        operations::operation_table(&context, file)?,
    ])
}

/// Completes a generated httpmock crate.
pub fn complete_mocks(
    document: &Document,
    adapted: &Adapted,
    file: &mut syn::File,
) -> Result<Vec<Step>> {
    let context = Context::new(document, adapted);
    let mut steps = vec![
        bodies_of_mocks::borrowed_bodies(file),
        bodies_of_mocks::bytes(&context, &adapted.mocks, file),
        bodies_of_mocks::forms(&context, file),
    ];
    // Before the paths, which change how a path's values are written.
    steps.push(parameters::encoded_in_mocks(&context, file)?);
    steps.extend(mocks::escaped_paths(&context, file));
    Ok(steps)
}
