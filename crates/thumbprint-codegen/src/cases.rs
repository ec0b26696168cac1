//! The conformance cases of a document: a table with one case per operation and one per example, which
//! tests/support/cases.rs puts to the generated client and its mocks. The table has what the document says
//! (methods, templates, names on the wire, statuses, examples) with sample values, and the two calls that
//! only generated code can spell: the client's and the mock's.
//!
//! What has no sample value has no case, which is a warning.

use std::collections::BTreeMap;

use anyhow::Result;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::Type;

use crate::{
    adapt::Adapted,
    document::{Document, join, members},
    emit::{Call, Emitted},
    model::{BodyForm, Content, Encoding, Operation, Parameter, Response, Scheme},
    names,
    problem::Problem,
    rust,
    samples::Samples,
};

/// Statuses that most documents do not declare, in the order in which they are tried.
const UNDECLARED: [u16; 9] = [299, 418, 599, 399, 218, 306, 499, 598, 298];

/// How many of them an operation is tried with.
const TRIED: usize = 3;

/// The table of a document.
pub struct Cases {
    /// Its code.
    pub code: syn::File,
    /// What has no case, and why.
    pub warnings: Vec<Problem>,
}

/// Makes the table that goes with a client and its mocks.
pub fn cases(document: &Document, adapted: &Adapted, emitted: &Emitted) -> Result<Cases> {
    let mut work = Work {
        document,
        samples: Samples::new(document),
        warnings: Vec::new(),
    };
    let mut cases = Vec::new();
    for call in &emitted.calls {
        if let Some(known) = work.arguments(call) {
            cases.push(work.case(call, &known));
        }
    }
    let examples = work.examples(adapted, emitted);
    let client: syn::Path = syn::parse_str(&document.crate_path())?;
    let mocks: syn::Path = syn::parse_str(&document.mocks_path())?;
    let code = syn::parse2(quote! {
        use #client::{Client, types};
        use #mocks::MockServerExt;
        use crate::support::{Answer, Argument, Case, Example, Kind, Place, decoded, outcome};

        pub(crate) const CASES: &[Case] = &[#(#cases),*];

        pub(crate) const EXAMPLES: &[Example] = &[#(#examples),*];
    })?;
    Ok(Cases {
        code,
        warnings: work.warnings,
    })
}

struct Work<'a> {
    document: &'a Document,
    samples: Samples<'a>,
    warnings: Vec<Problem>,
}

/// An argument of an operation with its sample values.
struct Known<'a> {
    ident: &'a str,
    ty: &'a Type,
    is_copied: bool,
    /// The case's entry; `None` for the body.
    entry: Option<TokenStream>,
    value: Value,
}

impl Work<'_> {
    fn warn(&mut self, pointer: &str, what: impl Into<String>) {
        self.warnings.push(Problem {
            file: self.document.file.clone(),
            pointer: pointer.to_owned(),
            line: None,
            what: what.into(),
        });
    }

    /// Sample values of an operation's arguments, the body last. `None` where one that is required has none.
    fn arguments<'c>(&mut self, call: &'c Call) -> Option<Vec<Known<'c>>> {
        let operation = &call.operation;
        let schemes = operation
            .security
            .iter()
            .find(|schemes| !schemes.is_empty());
        if schemes.is_some_and(|schemes| {
            schemes
                .iter()
                .any(|scheme| matches!(scheme, Scheme::Other(_)))
        }) {
            self.warn(
                &operation.pointer,
                "it asks for a signature that the transport does not make, so it has no conformance cases",
            );
            return None;
        }
        let mut all = Vec::new();
        for argument in &call.arguments {
            let parameter = &argument.parameter;
            match self.parameter(parameter) {
                Some(value) => all.push(Known {
                    ident: &parameter.ident,
                    ty: &argument.ty,
                    is_copied: argument.is_copied,
                    entry: Some(self.entry(parameter, &value)),
                    value,
                }),
                None if parameter.required => {
                    let what = format!(
                        "no sample value for `{}`, so the operation has no conformance cases; write an `example`",
                        parameter.name
                    );
                    self.warn(&operation.pointer, what);
                    return None;
                }
                None => {}
            }
        }
        let Some(body) = &call.body else {
            return Some(all);
        };
        let value = if matches!(body.form, BodyForm::Text | BodyForm::Bytes) {
            Some("text".into())
        } else {
            let holder = operation.content();
            self.samples.of_holder(holder, &holder["schema"])
        };
        let Some(value) = value else {
            self.warn(
                &join(&operation.pointer, "requestBody"),
                "no sample value of the body, so the operation has no conformance cases; write an `example`",
            );
            return None;
        };
        all.push(Known {
            ident: "body",
            ty: &body.ty,
            is_copied: body.is_copied,
            entry: None,
            value,
        });
        Some(all)
    }

    /// A value that a parameter can be sent with.
    fn parameter(&self, parameter: &Parameter) -> Option<Value> {
        let schema = &parameter.schema;
        let sample = self.samples.of_holder(&parameter.source.value, schema);
        let fuller = sample.as_ref().and_then(|value| {
            let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty);
            is_empty.then(|| self.samples.with_a_member(schema, value))?
        });
        let found = fuller.or(sample);
        found.filter(|value| is_sendable(value, parameter))
    }

    fn entry(&self, parameter: &Parameter, value: &Value) -> TokenStream {
        let place = format_ident!("{}", names::pascal(&parameter.location));
        let name = &parameter.name;
        let other = self.samples.other_than(&parameter.schema, value);
        let other = other.filter(|other| is_sendable(other, parameter));
        let other = option(other.map(|other| other.to_string()));
        let pairs = pairs(parameter, value);
        let text = plain_text(parameter, value);
        let value = value.to_string();
        let sent_as = (pairs != [name.clone()]).then(|| quote!(.sent_as(&[#(#pairs),*])));
        let text = text.map(|text| quote!(.text(#text)));
        quote!(Argument::new(Place::#place, #name, #value, #other) #sent_as #text)
    }

    fn case(&mut self, call: &Call, known: &[Known<'_>]) -> TokenStream {
        let operation = &call.operation;
        let method = &call.method;
        let (mut calls, mut expected) = (TokenStream::new(), TokenStream::new());
        for (index, argument) in known.iter().enumerate() {
            let ident = format_ident!("{}", argument.ident);
            let index = Literal::usize_unsuffixed(index);
            // Bytes are those of a text here.
            let is_raw = argument.entry.is_none()
                && matches!(
                    operation.body_form(),
                    Some(BodyForm::Text | BodyForm::Bytes)
                );
            let ty = argument.ty.to_token_stream();
            let ty = if is_raw { quote!(String) } else { ty };
            let value = quote!(values.get::<#ty>(#index));
            calls.extend(quote!(.#ident(#value)));
            expected.extend(if argument.is_copied || is_raw {
                quote!(.#ident(#value))
            } else if rust::is_string(argument.ty) {
                quote!(.#ident(#value.as_str()))
            } else {
                quote!(.#ident(&#value))
            });
        }
        let (values, expected) = if known.is_empty() {
            (quote!(_), quote!(|_, _| {}))
        } else {
            (
                quote!(values),
                quote!(|when, _| { let _ = when #expected; }),
            )
        };
        let id = &operation.id;
        let (verb, path) = (&operation.method, &operation.path);
        let arguments = known.iter().filter_map(|argument| argument.entry.clone());
        let constants = operation.constants.iter();
        let constants =
            constants.map(|(name, value)| quote!(Argument::constant(Place::Query, #name, #value)));
        let arguments = arguments.chain(constants).chain(keys(operation));
        let body = known.iter().find(|argument| argument.entry.is_none());
        let body = option(body.map(|body| body.value.to_string()));
        let media_type = option(operation.request_media_type.clone());
        let answers = self.answers(call);
        let undeclared = undeclared(operation)
            .into_iter()
            .map(Literal::u16_unsuffixed);
        quote! {
            Case {
                operation: #id,
                method: #verb,
                path: #path,
                arguments: &[#(#arguments),*],
                body: #body,
                media_type: #media_type,
                answers: &[#(#answers),*],
                undeclared: &[#(#undeclared),*],
                call: |transport, #values| Box::pin(async move {
                    outcome(Client::new(transport).#method()#calls.send().await)
                }),
                mock: |server, #values| server.#method(#expected),
            }
        }
    }

    /// The declared answers of an operation, each with a status that stands for it.
    fn answers(&mut self, call: &Call) -> Vec<TokenStream> {
        let operation = &call.operation;
        let mut answers = Vec::new();
        let declared = operation.responses.iter().zip(&call.answers);
        for (response, ty) in declared.filter(|(one, _)| !one.source.value.is_null()) {
            for status in examples_of(operation, response) {
                answers.extend(self.answer(operation, response, ty.as_ref(), status));
            }
        }
        answers
    }

    fn answer(
        &mut self,
        operation: &Operation,
        response: &Response,
        ty: Option<&Type>,
        status: u16,
    ) -> Option<TokenStream> {
        // Such an answer has no body, whatever the document says.
        let is_empty = operation.method == "HEAD" || [204, 205, 304].contains(&status);
        let media_type = response.media_type.as_deref().unwrap_or_default();
        let named = |other: &str| {
            if media_type.contains('*') {
                other
            } else {
                media_type
            }
            .to_owned()
        };
        let mut kind = match status {
            200..=299 => quote!(Kind::Success),
            400..=599 => quote!(Kind::Error),
            _ => quote!(Kind::Unexpected),
        };
        let (media_type, body) = match response.content {
            Content::Json if is_empty => return None,
            Content::Json => {
                let holder = &response.source.value["content"][media_type];
                let Some(sample) = self.samples.of_holder(holder, &holder["schema"]) else {
                    self.warn(
                        &response.source.pointer,
                        "no sample value of the body, so the status has no conformance case; write an `example`",
                    );
                    return None;
                };
                let is_described = sample.is_object() && holder["schema"].is_object();
                if let Some(ty) = ty.filter(|_| is_described && (400..=599).contains(&status)) {
                    kind = quote!(Kind::TypedError(|error| error.body_as::<#ty>().is_some()));
                }
                (Some(named("application/json")), sample.to_string())
            }
            Content::Bytes if !is_empty => (Some(named("text/plain")), "text".to_owned()),
            Content::Bytes | Content::None => (None, String::new()),
        };
        let media_type = option(media_type);
        let status = Literal::u16_unsuffixed(status);
        Some(quote!(Answer::new(#status, #kind, #media_type, #body)))
    }

    /// The document's examples of what has a type, each with that type.
    fn examples(&self, adapted: &Adapted, emitted: &Emitted) -> Vec<TokenStream> {
        let types: BTreeMap<&str, String> = adapted
            .places
            .iter()
            .map(|(name, pointer)| (pointer.as_str(), names::pascal(name)))
            .filter(|(_, name)| emitted.types.contains(name))
            .collect();
        let mut examples = Vec::new();
        let mut open = vec![(String::new(), &self.document.value)];
        while let Some((pointer, holder)) = open.pop() {
            let own = types.get(pointer.as_str());
            let reference = holder["schema"]["$ref"].as_str();
            let reference = reference.map(|to| to.trim_start_matches('#').to_owned());
            let at = reference.unwrap_or_else(|| join(&pointer, "schema"));
            let is_media_type = pointer.rsplit('/').nth(1) == Some("content");
            let (schema, ty) = match (own, types.get(at.as_str())) {
                (Some(ty), _) => (holder, ty),
                (None, Some(ty)) if is_media_type => (&holder["schema"], ty),
                _ => {
                    open.extend(children(&pointer, holder));
                    continue;
                }
            };
            // `examples` of a schema are no media type's.
            let given: Vec<_> = if own.is_some() {
                holder.get("example").cloned().into_iter().collect()
            } else {
                self.samples.given(holder).collect()
            };
            for example in given {
                // The lint tells of one that does not fit.
                if self.samples.fits(schema, &example) {
                    let example = self.samples.told(schema, &example, 0);
                    let (place, text) = (format!("#{pointer}"), example.to_string());
                    let ty = format_ident!("{ty}");
                    examples.push(quote! {
                        Example { place: #place, json: #text, decoded: decoded::<types::#ty> }
                    });
                }
            }
            open.extend(children(&pointer, holder));
        }
        examples
    }
}

/// The places within a place, the last first; what is within an example is none of the document's.
fn children<'a>(pointer: &str, holder: &'a Value) -> Vec<(String, &'a Value)> {
    let mut all: Vec<_> = match holder {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(index, item)| (format!("{pointer}/{index}"), item))
                .collect()
        }
        _ => members(holder)
            .filter(|(name, _)| {
                !["example", "examples", "default", "enum"].contains(&name.as_str())
            })
            .map(|(name, item)| (join(pointer, name), item))
            .collect(),
    };
    all.reverse();
    all
}

/// The keys that are sent with an operation: those of its first alternative.
fn keys(operation: &Operation) -> Vec<TokenStream> {
    let schemes = operation
        .security
        .iter()
        .find(|schemes| !schemes.is_empty());
    let key = |scheme: &Scheme| match scheme {
        Scheme::Key("Cookie", name) => {
            let text = format!("{name}=key");
            Some(quote!(Argument::of_credential(Place::Header, "cookie", #name, #text)))
        }
        Scheme::Key(place, name) => {
            let place = format_ident!("{place}");
            Some(quote!(Argument::of_credential(Place::#place, #name, #name, "key")))
        }
        _ => None,
    };
    schemes.into_iter().flatten().filter_map(key).collect()
}

/// Whether a value can be a parameter's: it is not empty, and what a style joins are plain values.
fn is_sendable(value: &Value, parameter: &Parameter) -> bool {
    let is_word = |value: &Value| match value {
        Value::String(text) => {
            let is_plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
            let is_path = parameter.location == "path";
            let is_trimmed = text.trim() == text && !text.is_empty();
            (is_plain || parameter.location == "query")
                && is_trimmed
                && !(is_path && [".", ".."].contains(&text.as_str()))
        }
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    match value {
        _ if parameter.encoding == Encoding::Json => value.to_string().is_ascii(),
        Value::Array(items) => !items.is_empty() && items.iter().all(is_word),
        Value::Object(held) => !held.is_empty() && held.values().all(is_word),
        value => is_word(value),
    }
}

/// The names under which a parameter's value is sent.
fn pairs(parameter: &Parameter, value: &Value) -> Vec<String> {
    let name = &parameter.name;
    match (parameter.encoding, value) {
        (Encoding::Pairs("Exploded"), Value::Object(held)) => held.keys().cloned().collect(),
        (Encoding::Pairs("Deep"), Value::Object(held)) => {
            held.keys().map(|key| format!("{name}[{key}]")).collect()
        }
        _ => vec![name.clone()],
    }
}

/// The text that a value is on the wire, where there is only one way to write it.
fn plain_text(parameter: &Parameter, value: &Value) -> Option<String> {
    let schema = &parameter.schema;
    if parameter.encoding == Encoding::Json
        || schema.get("format").is_some_and(|format| format != "int32")
    {
        return None;
    }
    match (schema["type"].as_str(), value) {
        (Some("string"), Value::String(text)) => Some(text.clone()),
        (Some("integer"), Value::Number(number)) => Some(number.to_string()),
        (Some("boolean"), Value::Bool(truth)) => Some(truth.to_string()),
        _ => None,
    }
}

/// Statuses that stand for a declared one: itself, or one of its range that is not declared by itself.
fn examples_of(operation: &Operation, response: &Response) -> Vec<u16> {
    let is_declared = |status: &str| operation.responses.iter().any(|one| one.status == status);
    let of_range = |hundred: u16| {
        let mut all = [0, 18, 50, 98].map(|rest| hundred * 100 + rest).into_iter();
        all.find(|status| !is_declared(&status.to_string()))
    };
    if response.status == "default" {
        let success = operation.is_success(response).then_some(2);
        let range = |hundred: &u16| !is_declared(&format!("{hundred}XX"));
        let hundreds = success.into_iter().chain([4, 5]).filter(range);
        return hundreds.filter_map(of_range).collect();
    }
    let status = match response.hundred() {
        Some(hundred) => of_range(hundred),
        None => response.status.parse().ok(),
    };
    // What comes before the real answer is none.
    status.filter(|status| *status >= 200).into_iter().collect()
}

/// Statuses that the document says nothing of.
fn undeclared(operation: &Operation) -> Vec<u16> {
    let is_covered = |status: &u16| {
        let own = [status.to_string(), format!("{}XX", status / 100)];
        operation.responses.iter().any(|response| {
            let is_other = matches!(status / 100, 4 | 5)
                || status / 100 == 2 && operation.is_success(response);
            own.contains(&response.status) || response.status == "default" && is_other
        })
    };
    let all = UNDECLARED.into_iter().filter(|status| !is_covered(status));
    all.take(TRIED).collect()
}

fn option(text: Option<String>) -> TokenStream {
    text.map_or_else(|| quote!(None), |text| quote!(Some(#text)))
}
