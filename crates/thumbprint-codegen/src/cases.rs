//! The conformance cases of a document: a table with a case for each form of each operation and one row of values per type, which
//! tests/support/cases.rs puts to the generated client and its mocks. The table has what the document says (the
//! request as it is sent, statuses, values) with sample values, and what only generated code can spell: the client's
//! call, the mock's, and the types.
//!
//! What has no sample value has no case, which is a warning.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use serde_json::{Value, json};
use syn::{Ident, Type};

use crate::{
    adapt::Adapted,
    document::{Document, join, members},
    emit::{Call, Emitted, Sending, print::Code},
    model::{BodyForm, Content, Encoding, Operation, Parameter, Response, Scheme, Sent},
    names,
    problem::Problem,
    rust,
    samples::Samples,
    wire,
};

/// How a warning begins that tells of a place without a sample value.
pub const NO_SAMPLE: &str = "no sample value";

/// Statuses that most documents do not declare, in the order in which they are tried.
const UNDECLARED: [u16; 9] = [299, 418, 599, 399, 218, 306, 499, 598, 298];

/// The text that a sample has where anything goes, and what a parameter has in its place: all of it has to be
/// encoded, or to be left as it is.
const PLAIN_TEXT: &str = "text";
const ODD_TEXT: &str = "a b/c?d=e&f#g%2Fh+i,j;k|l~m";

/// The value of every key; tests/support/cases.rs gives it.
const KEY: &str = "key";

/// How many of them an operation is tried with.
const TRIED: usize = 3;

/// The table of a document.
pub struct Cases {
    /// Its code.
    pub code: String,
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
    let client: syn::Path = syn::parse_str(&document.crate_path())?;
    let mocks: syn::Path = syn::parse_str(&document.mocks_path())?;
    let mut code = Code::new(document.banner(), &adapted.wire_names);
    code.write(quote! {
        use #client::{Client, types};
        use #mocks::MockServerExt;
        use crate::support::{Answer, Argument, Body, Case, Kind, Values, decoded, outcome};
    })?;
    let cases = emitted.calls.iter().flat_map(|call| work.cases(call));
    code.list(&quote!(pub(crate) const CASES: &[Case]), cases)?;
    let mut values = work.values(adapted, emitted);
    values.extend(work.examples(adapted, emitted));
    code.list(&quote!(pub(crate) const VALUES: &[Values]), values)?;
    Ok(Cases {
        code: code.finish(),
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
    setter: Ident,
    ty: &'a Type,
    is_copied: bool,
    place: Place<'a>,
    value: Value,
}

/// What something is an argument for.
#[derive(Clone, Copy)]
enum Place<'a> {
    Parameter(&'a Parameter),
    Body(&'a Sent),
}

impl Place<'_> {
    /// Whether it is given as text, or as the bytes of one.
    fn is_raw(self) -> bool {
        matches!(self, Self::Body(sent) if matches!(sent.form, BodyForm::Text | BodyForm::Bytes))
    }
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
                    setter: format_ident!("{}", parameter.ident),
                    ty: &argument.ty,
                    is_copied: argument.is_copied,
                    place: Place::Parameter(parameter),
                    value,
                }),
                None if parameter.required => {
                    let what = format!(
                        "{NO_SAMPLE} for `{}`, so the operation has no conformance cases; write an `example`",
                        parameter.name
                    );
                    self.warn(&operation.pointer, what);
                    return None;
                }
                None => {}
            }
        }
        Some(all)
    }

    /// A sample value of an operation's body in one of its forms.
    fn body<'c>(&mut self, call: &'c Call, sending: Sending<'c>) -> Option<Known<'c>> {
        let Sending { setter, sent, body } = sending;
        let place = Place::Body(sent);
        let value = if place.is_raw() {
            Some("text".into())
        } else {
            let sample = self.samples.of_body(call.operation.content_of(sent));
            // Parts that the document does not name are named by the caller.
            let is_nameless =
                |sample: &Value| body.form == BodyForm::Multipart && !sample.is_object();
            sample.map(|sample| {
                if is_nameless(&sample) {
                    json!({ "file": sample })
                } else {
                    sample
                }
            })
        };
        if value.is_none() {
            let of = format!("{NO_SAMPLE} of the body as `{}`", sent.offered);
            self.warn(
                &join(&call.operation.pointer, "requestBody"),
                format!("{of}, so it has no conformance cases; write an `example`"),
            );
        }
        Some(Known {
            setter,
            ty: &body.ty,
            is_copied: body.is_copied,
            place,
            value: value?,
        })
    }

    /// A case for each form that an operation is called in. What comes of it is tried in the usual one.
    fn cases(&mut self, call: &Call) -> Vec<TokenStream> {
        let Some(mut known) = self.arguments(call) else {
            return Vec::new();
        };
        if call.body.is_none() {
            return vec![self.case(call, &known, true)];
        }
        let mut cases = Vec::new();
        for (index, sending) in call.sendings().enumerate() {
            if let Some(body) = self.body(call, sending) {
                known.push(body);
                cases.push(self.case(call, &known, index == 0));
                known.pop();
            }
        }
        cases
    }

    /// A value that a parameter can be sent with.
    fn parameter(&self, parameter: &Parameter) -> Option<Value> {
        let schema = &parameter.schema;
        let holder = &parameter.source.value;
        let sample = self.samples.of_holder(holder, schema);
        let fuller = sample.as_ref().and_then(|value| {
            let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty);
            is_empty.then(|| self.samples.with_a_member(schema, value))?
        });
        let found = fuller.or(sample);
        // A cookie holds no other characters than it is sent with.
        let is_odd = found.as_ref() == Some(&PLAIN_TEXT.into())
            && parameter.encoding == Encoding::Plain
            && parameter.location != "cookie";
        let odd = Value::from(ODD_TEXT);
        if is_odd && self.samples.fits(schema, &odd) {
            return Some(odd);
        }
        found.filter(|value| is_sendable(value, parameter))
    }

    fn case(&mut self, call: &Call, known: &[Known<'_>], is_usual: bool) -> TokenStream {
        let operation = &call.operation;
        let method = &call.method;
        let (mut calls, mut expected) = (TokenStream::new(), TokenStream::new());
        for (index, argument) in known.iter().enumerate() {
            let ident = &argument.setter;
            let index = Literal::usize_unsuffixed(index);
            let is_raw = argument.place.is_raw();
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
        let verb = &operation.method;
        let (mut given, mut body) = (Vec::new(), None);
        for one in known {
            match one.place {
                Place::Parameter(parameter) => given.push((parameter, &one.value)),
                Place::Body(sent) => body = Some((sent, &one.value)),
            }
        }
        let (target, headers, keys) = sent(operation, &given);
        let arguments = given.into_iter().map(|(parameter, value)| {
            let other = is_usual.then(|| self.samples.other_than(&parameter.schema, value));
            let other = other
                .flatten()
                .filter(|other| is_sendable(other, parameter));
            let other = option(other.map(|other| other.to_string()));
            let (name, value) = (&parameter.name, value.to_string());
            quote!(Argument { name: #name, value: #value, other: #other })
        });
        let arguments: Vec<_> = arguments.collect();
        let content = body.map_or_else(
            || quote!(Body::None),
            |(sent, value)| content(operation, sent, value),
        );
        let media_type = if is_usual {
            operation.request_media_type.clone()
        } else {
            body.map(|(sent, _)| sent.offered.clone())
        };
        let media_type = option(media_type.filter(|_| body.is_some()));
        let (answers, undeclared) = if is_usual {
            (self.answers(call), undeclared(operation))
        } else {
            (Vec::new(), Vec::new())
        };
        let undeclared = undeclared.into_iter().map(Literal::u16_unsuffixed);
        quote! {
            Case {
                operation: #id,
                method: #verb,
                target: #target,
                headers: &[#(#headers),*],
                keys: &[#(#keys),*],
                arguments: &[#(#arguments),*],
                body: #content,
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
                        format!("{NO_SAMPLE} of the body, so the status has no conformance case; write an `example`"),
                    );
                    return None;
                };
                let is_described =
                    (sample.is_object() || sample.is_array()) && holder["schema"].is_object();
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

    /// Values of each type that a schema becomes: those of the shared schemas, and of the bodies that are described in
    /// their places.
    fn values(&mut self, adapted: &Adapted, emitted: &Emitted) -> Vec<TokenStream> {
        let mut rows = Vec::new();
        let mut done = BTreeSet::new();
        let document = self.document;
        for (name, pointer) in &adapted.places {
            let name = names::pascal(name);
            if let Some(schema) = document.value.pointer(pointer)
                && emitted.types.contains(&name)
                && done.insert(name.clone())
            {
                let ty = format_ident!("{name}");
                rows.extend(self.values_of(adapted, pointer, schema, &quote!(types::#ty), &name));
            }
        }
        for call in &emitted.calls {
            let operation = &call.operation;
            let bodies = call.sendings().filter_map(|Sending { sent, body, .. }| {
                let at = join(&operation.body.as_ref()?.pointer, "content");
                Some((at, operation.content_of(sent), &body.ty))
            });
            let answers = operation.responses.iter().zip(&call.answers);
            let answers = answers.filter_map(|(response, ty)| {
                let holder = &response.source.value["content"][response.media_type.as_deref()?];
                Some((
                    join(&response.source.pointer, "content"),
                    holder,
                    ty.as_ref()?,
                ))
            });
            for (pointer, holder, ty) in bodies.chain(answers) {
                let Some(name) = own_type(ty).filter(|name| done.insert(name.clone())) else {
                    continue;
                };
                rows.extend(self.values_of(
                    adapted,
                    &pointer,
                    &holder["schema"],
                    &ty.to_token_stream(),
                    &name,
                ));
            }
        }
        rows
    }

    fn values_of(
        &mut self,
        adapted: &Adapted,
        pointer: &str,
        schema: &Value,
        ty: &TokenStream,
        name: &str,
    ) -> Option<TokenStream> {
        let values = self.samples.all(schema);
        if values.is_empty() {
            self.warn(
                pointer,
                format!("{NO_SAMPLE}, so its type has no conformance cases; write an `example`"),
            );
            return None;
        }
        let row = row(pointer, ty, &values);
        let misfits = self.samples.misfits(schema);
        let refused = (!misfits.is_empty()).then(|| {
            let misfits = Value::from(misfits).to_string();
            quote!(.refused(#misfits))
        });
        let sent = adapted.sent.contains_key(name).then(|| quote!(.sent()));
        let is_extended = values[0].is_object()
            && schema.get("properties").is_some()
            && ["additionalProperties", "allOf", "oneOf", "anyOf"]
                .iter()
                .all(|key| schema.get(key).is_none());
        let extended = is_extended.then(|| quote!(.extended()));
        Some(quote!(#row #refused #sent #extended))
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
        let mut open = vec![(String::new(), &*self.document.value)];
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
                    let ty = format_ident!("{ty}");
                    examples.push(row(&pointer, &quote!(types::#ty), &[example]));
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

/// The row of a type's values.
fn row(pointer: &str, ty: &TokenStream, values: &[Value]) -> TokenStream {
    let (place, values) = (format!("#{pointer}"), Value::from(values).to_string());
    quote!(Values::new(#place, decoded::<#ty>, #values))
}

/// The name of a type that is one of the document's.
fn own_type(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let mut segments = path.path.segments.iter();
    let (module, name) = (segments.next()?, segments.next()?);
    (module.ident == "types" && segments.next().is_none()).then(|| name.ident.to_string())
}

/// The target of a request, its headers, and the names of the keys that its credential has: those of the first
/// alternative.
fn sent(
    operation: &Operation,
    given: &[(&Parameter, &Value)],
) -> (String, Vec<TokenStream>, Vec<String>) {
    let (mut further, mut keys) = (operation.constants.clone(), Vec::new());
    let mut headers = Vec::new();
    for (parameter, value) in given.iter().filter(|(one, _)| one.location == "header") {
        let text = wire::header(&parameter.source.value, value);
        let name = parameter.name.to_lowercase();
        headers.push(quote!((#name, #text)));
    }
    let cookies = given.iter().filter(|(one, _)| one.location == "cookie");
    let mut cookies: Vec<_> = cookies
        .map(|(parameter, value)| wire::cookie(&parameter.source.value, value))
        .collect();
    let mut alternatives = operation.security.iter();
    let schemes = alternatives.find(|schemes| !schemes.is_empty());
    for scheme in schemes.into_iter().flatten() {
        let Scheme::Key(place, name) = scheme else {
            continue;
        };
        keys.push(name.clone());
        match *place {
            "Query" => further.push((name.clone(), KEY.to_owned())),
            "Cookie" => cookies.push(format!("{name}={KEY}")),
            _ => {
                let name = name.to_lowercase();
                headers.push(quote!((#name, #KEY)));
            }
        }
    }
    if !cookies.is_empty() {
        let cookies = cookies.join("; ");
        headers.push(quote!(("cookie", #cookies)));
    }
    let given = given
        .iter()
        .map(|(parameter, value)| (&*parameter.source.value, *value));
    let target = wire::target(&operation.path, given, further);
    (target.unwrap_or_default(), headers, keys)
}

/// The body of a request as it is sent.
fn content(operation: &Operation, sent: &Sent, value: &Value) -> TokenStream {
    let text = value.to_string();
    let pairs = |pairs: Vec<(String, String)>| {
        let pairs = pairs.iter().map(|(name, text)| quote!((#name, #text)));
        quote!(&[#(#pairs),*])
    };
    match sent.form {
        BodyForm::Form => {
            let pairs = pairs(wire::form(operation.content_of(sent), value));
            quote!(Body::Form(#text, #pairs))
        }
        BodyForm::Multipart => {
            let parts = pairs(wire::parts(operation.content_of(sent), value));
            quote!(Body::Parts(#text, #parts))
        }
        BodyForm::Text | BodyForm::Bytes => quote!(Body::Raw(#text)),
        BodyForm::Json => quote!(Body::Json(#text)),
    }
}

/// Whether a value can be a parameter's: it is not empty, and what a style joins are plain values.
fn is_sendable(value: &Value, parameter: &Parameter) -> bool {
    let is_word = |value: &Value| match value {
        Value::String(text) => {
            let is_plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
            let is_path = parameter.location == "path";
            let is_trimmed = text.trim() == text && !text.is_empty();
            let is_cookie = parameter.location == "cookie";
            (is_plain || parameter.location == "query")
                && is_trimmed
                && !(is_path && [".", ".."].contains(&text.as_str()))
                && !(is_cookie && text.contains([' ', '"', ',', ';', '\\']))
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
