//! The conformance rows of a document: a table with one row per operation and one per example, which
//! tests/support/rows.rs puts to the generated client and its mocks. The table has what the document says
//! (methods, templates, names on the wire, statuses, examples) with sample values, and the two calls that
//! only generated code can spell: the client's and the mock's.
//!
//! What has no sample value has no row, and is told as a loss.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::{FnArg, GenericArgument, ImplItem, Item, PathArguments, Type, TypeParamBound};

use crate::{
    adapt::Adapted,
    document::{Document, join, members},
    lint::Problem,
    model::{self, Encoding, Operation, Parameter, Shape},
    names,
    samples::Samples,
    step::Step,
};

/// Statuses that most documents do not declare, in the order in which they are tried.
const UNDECLARED: [u16; 9] = [299, 418, 599, 399, 218, 306, 499, 598, 298];

/// How many of them an operation is tried with.
const TRIED: usize = 3;

/// The table of a document.
pub struct Rows {
    /// Its code.
    pub code: syn::File,
    /// The operations that have a row, of those that have sample values.
    pub step: Step,
    /// What has no row, and why.
    pub losses: Vec<Problem>,
}

/// Makes the table that goes with a client and its mocks.
pub fn rows(
    document: &Document,
    adapted: &Adapted,
    client: &syn::File,
    mocks: &syn::File,
) -> Result<Rows> {
    let mut work = Work {
        document,
        samples: Samples::new(document),
        setters: setters(client, "builder"),
        matchers: setters(mocks, "operations"),
        losses: Vec::new(),
    };
    let mut rows = Vec::new();
    let mut needed = 0;
    for operation in &adapted.operations {
        if let Some(known) = work.arguments(operation)? {
            needed += 1;
            rows.extend(work.row(operation, &known)?);
        }
    }
    let examples = work.examples(adapted, client);
    let step = Step::new("rows", needed, rows.len());
    let name = format_ident!("{}", document.crate_path().trim_start_matches(':'));
    let mocks = format_ident!("{name}_httpmock");
    let code = syn::parse2(quote! {
        use ::#name::{Client, types};
        use ::#mocks::MockServerExt;
        use crate::support::{Answer, Argument, Example, Kind, Place, Row, decoded, seen};

        pub(crate) const ROWS: &[Row] = &[#(#rows),*];

        pub(crate) const EXAMPLES: &[Example] = &[#(#examples),*];
    })?;
    Ok(Rows {
        code,
        step,
        losses: work.losses,
    })
}

struct Work<'a> {
    document: &'a Document,
    samples: Samples<'a>,
    setters: Setters,
    matchers: Setters,
    losses: Vec<Problem>,
}

/// What the methods of some types take, by type and method.
type Setters = BTreeMap<(String, String), Type>;

/// An argument of an operation with its sample values.
struct Known {
    ident: String,
    /// The row's entry; `None` for the body.
    entry: Option<TokenStream>,
    value: Value,
}

impl Work<'_> {
    fn lose(&mut self, pointer: &str, what: impl Into<String>) {
        self.losses.push(Problem {
            file: self.document.file.clone(),
            pointer: pointer.to_owned(),
            line: None,
            what: what.into(),
        });
    }

    /// Sample values of an operation's arguments, the body last. `None` where one that is required has none.
    fn arguments(&mut self, operation: &Operation) -> Result<Option<Vec<Known>>> {
        let mut all = Vec::new();
        for parameter in operation.parameters.iter().filter(|one| one.is_sent()) {
            let value = self.parameter(operation, parameter)?;
            match value {
                Some(value) => {
                    let entry = Some(self.entry(parameter, &value));
                    let ident = parameter.ident.clone();
                    all.push(Known {
                        ident,
                        entry,
                        value,
                    });
                }
                None if parameter.required => {
                    let what = format!(
                        "no sample value for `{}`, so the operation has no conformance rows; write an `example`",
                        parameter.name
                    );
                    self.lose(&operation.pointer, what);
                    return Ok(None);
                }
                None => {}
            }
        }
        let Some(media_type) = &operation.request_media_type else {
            return Ok(Some(all));
        };
        let source = self.source(operation);
        let body = self.document.resolve(&source["requestBody"])?;
        let holder = body["content"]
            .get(media_type)
            .unwrap_or(&body["content"]["*/*"]);
        let value = if has_form(media_type) {
            self.samples.of_holder(holder, &holder["schema"])
        } else {
            Some("text".into())
        };
        let Some(value) = value else {
            self.lose(
                &join(&operation.pointer, "requestBody"),
                "no sample value of the body, so the operation has no conformance rows; write an `example`",
            );
            return Ok(None);
        };
        all.push(Known {
            ident: "body".to_owned(),
            entry: None,
            value,
        });
        Ok(Some(all))
    }

    /// A value that a parameter can be sent with.
    fn parameter(&self, operation: &Operation, parameter: &Parameter) -> Result<Option<Value>> {
        let mut holder = &Value::Null;
        let item = self
            .document
            .resolve(&self.document.value["paths"][&operation.path])?;
        for source in [item, self.source(operation)] {
            for one in source["parameters"].as_array().into_iter().flatten() {
                let one = self.document.resolve(one)?;
                if one["name"] == *parameter.name && one["in"] == *parameter.location {
                    holder = one;
                }
            }
        }
        let schema = &parameter.schema;
        let sample = self.samples.of_holder(holder, schema);
        let fuller = sample.as_ref().and_then(|value| {
            let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty);
            is_empty.then(|| self.samples.with_a_member(schema, value))?
        });
        Ok(fuller
            .or(sample)
            .filter(|value| is_sendable(value, parameter)))
    }

    fn source(&self, operation: &Operation) -> &Value {
        let source = self.document.value.pointer(&operation.pointer);
        source.unwrap_or(&Value::Null)
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

    fn row(&mut self, operation: &Operation, known: &[Known]) -> Result<Option<TokenStream>> {
        let builder = operation.type_name();
        let when = format!("{builder}When");
        let method = format_ident!("{}", operation.method_name());
        let (mut calls, mut expected) = (TokenStream::new(), TokenStream::new());
        for (index, argument) in known.iter().enumerate() {
            let find = |setters: &Setters, ty: &str| {
                let known = setters.get(&(ty.to_owned(), argument.ident.clone()));
                known.cloned()
            };
            let (Some(sent), Some(matched)) =
                (find(&self.setters, &builder), find(&self.matchers, &when))
            else {
                return Ok(None);
            };
            let ident = format_ident!("{}", argument.ident);
            let index = Literal::usize_unsuffixed(index);
            let sent = owned(&sent);
            calls.extend(quote!(.#ident(values.get::<#sent>(#index))));
            let value = matcher(&matched, &index);
            expected.extend(quote!(.#ident(#value)));
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
        let arguments = known.iter().filter_map(|argument| argument.entry.as_ref());
        let body = known.iter().find(|argument| argument.entry.is_none());
        let body = option(body.map(|body| body.value.to_string()));
        let media_type = option(operation.request_media_type.clone());
        let answers = self.answers(operation)?;
        let undeclared = undeclared(operation)
            .into_iter()
            .map(Literal::u16_unsuffixed);
        Ok(Some(quote! {
            Row {
                operation: #id,
                method: #verb,
                path: #path,
                arguments: &[#(#arguments),*],
                body: #body,
                media_type: #media_type,
                answers: &[#(#answers),*],
                undeclared: &[#(#undeclared),*],
                call: |transport, #values| Box::pin(async move {
                    seen(Client::new(transport).#method()#calls.send().await)
                }),
                mock: |server, #values| server.#method(#expected),
            }
        }))
    }

    /// The declared answers of an operation, each with a status that stands for it.
    fn answers(&mut self, operation: &Operation) -> Result<Vec<TokenStream>> {
        let mut answers = Vec::new();
        let all = &self.source(operation)["responses"].clone();
        for (key, response) in members(all).filter(|(key, _)| !key.starts_with("x-")) {
            let response = self.document.resolve(response)?.clone();
            let pointer = join(&join(&operation.pointer, "responses"), key);
            for status in stand_ins(operation, key) {
                if let Some(answer) = self.answer(operation, &response, status, &pointer) {
                    answers.push(answer);
                }
            }
        }
        Ok(answers)
    }

    fn answer(
        &mut self,
        operation: &Operation,
        response: &Value,
        status: u16,
        pointer: &str,
    ) -> Option<TokenStream> {
        let empty = operation.method == "HEAD" || [204, 205, 304].contains(&status);
        let offered = || members(&response["content"]).map(|(name, _)| name.as_str());
        let json = model::best_json(offered()).or_else(|| {
            offered().find(|name| {
                let schema = &response["content"][*name]["schema"];
                name.contains('*')
                    && model::shape(self.document, schema, 0) != Shape::Plain
                    && !schema.is_null()
            })
        });
        let mut typed = false;
        let (media_type, body) = match (json, offered().next()) {
            _ if empty && json.is_some() && operation.method != "HEAD" => return None,
            _ if empty => (None, String::new()),
            (Some(name), _) => {
                let holder = &response["content"][name];
                let Some(sample) = self.samples.of_holder(holder, &holder["schema"]) else {
                    self.lose(
                        pointer,
                        "no sample value of the body, so the status has no conformance row; write an `example`",
                    );
                    return None;
                };
                typed = sample.is_object() && holder["schema"].is_object();
                let name = if name.contains('*') {
                    "application/json"
                } else {
                    name
                };
                (Some(name.to_owned()), sample.to_string())
            }
            (None, Some(name)) => {
                let name = if name.contains('*') {
                    "text/plain"
                } else {
                    name
                };
                (Some(name.to_owned()), "text".to_owned())
            }
            (None, None) => (None, String::new()),
        };
        let kind = match status {
            200..=299 => quote!(Success),
            400..=599 if typed => quote!(TypedError),
            400..=599 => quote!(Error),
            _ => quote!(Unexpected),
        };
        let media_type = option(media_type);
        let status = Literal::u16_unsuffixed(status);
        Some(quote!(Answer::new(#status, Kind::#kind, #media_type, #body)))
    }

    /// The document's examples of what has a type, each with that type.
    fn examples(&self, adapted: &Adapted, client: &syn::File) -> Vec<TokenStream> {
        let known = types(client);
        let types: BTreeMap<&str, String> = adapted
            .places
            .iter()
            .map(|(name, pointer)| (pointer.as_str(), names::pascal(name)))
            .filter(|(_, name)| known.contains(name))
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

/// Whether a body of a media type is written by its schema.
fn has_form(media_type: &str) -> bool {
    model::is_json(media_type) || model::essence(media_type) == "application/x-www-form-urlencoded"
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
fn stand_ins(operation: &Operation, key: &str) -> Vec<u16> {
    let declared: BTreeSet<_> = operation
        .responses
        .iter()
        .map(|response| response.status.to_uppercase())
        .collect();
    let of_range = |hundred: u16| {
        let mut all = [0, 18, 50, 98].map(|rest| hundred * 100 + rest).into_iter();
        all.find(|status| !declared.contains(&status.to_string()))
    };
    let key = key.to_uppercase();
    if key == "DEFAULT" {
        let has = |first: char| declared.iter().any(|status| status.starts_with(first));
        let success = (!has('2')).then_some(2);
        let range = |hundred: &u16| !declared.contains(&format!("{hundred}XX"));
        let hundreds = success.into_iter().chain([4, 5]).filter(range);
        return hundreds.filter_map(of_range).collect();
    }
    let hundred = key.strip_suffix("XX").map(str::parse);
    let status = match hundred {
        Some(Ok(hundred)) => of_range(hundred),
        _ => key.parse().ok(),
    };
    // What comes before the real answer is none.
    status.filter(|status| *status >= 200).into_iter().collect()
}

/// Statuses that the document says nothing of.
fn undeclared(operation: &Operation) -> Vec<u16> {
    let keys: Vec<_> = operation
        .responses
        .iter()
        .map(|response| response.status.to_uppercase())
        .collect();
    let has_success = keys.iter().any(|key| key.starts_with('2'));
    let has_default = keys.iter().any(|key| key == "DEFAULT");
    let is_covered = |status: u16| {
        let own = [status.to_string(), format!("{}XX", status / 100)];
        let of_default = match status / 100 {
            // With no success declared, any is taken for one.
            2 => !has_success,
            4 | 5 => has_default,
            _ => false,
        };
        of_default || keys.iter().any(|key| own.contains(key))
    };
    let all = UNDECLARED.into_iter().filter(|status| !is_covered(*status));
    all.take(TRIED).collect()
}

/// The methods with one argument of the types in a module of generated code.
fn setters(file: &syn::File, module: &str) -> Setters {
    let mut setters = BTreeMap::new();
    let blocks = module_items(file, module).filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => Some(block),
        _ => None,
    });
    for block in blocks {
        let Type::Path(path) = &*block.self_ty else {
            continue;
        };
        let Some(segment) = path.path.segments.last() else {
            continue;
        };
        for item in &block.items {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            if let Some(taken) = taken(&function.sig) {
                let key = (segment.ident.to_string(), function.sig.ident.to_string());
                setters.insert(key, taken);
            }
        }
    }
    setters
}

/// What a method's argument `value` is: its type, or what its generic type is turned into.
fn taken(signature: &syn::Signature) -> Option<Type> {
    let mut types = signature
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) if argument.pat.to_token_stream().to_string() == "value" => {
                Some(&*argument.ty)
            }
            _ => None,
        });
    let ty = types.next()?;
    if let Type::ImplTrait(bounds) = ty {
        return bounds.bounds.iter().find_map(argument_of_bound);
    }
    let generics = signature.generics.where_clause.as_ref();
    let bounds = generics.into_iter().flat_map(|clause| &clause.predicates);
    let name = ty.to_token_stream().to_string();
    let found = bounds.filter_map(|predicate| match predicate {
        syn::WherePredicate::Type(predicate)
            if predicate.bounded_ty.to_token_stream().to_string() == name =>
        {
            predicate.bounds.iter().find_map(argument_of_bound)
        }
        _ => None,
    });
    let Some(bound) = found.into_iter().next() else {
        return Some(ty.clone());
    };
    // An optional value of a mock: `T: Into<Option<..>>`.
    Some(match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) if receiver.mutability.is_none() => {
            inner(&bound, "Option").unwrap_or(bound)
        }
        _ => bound,
    })
}

fn argument_of_bound(bound: &TypeParamBound) -> Option<Type> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    let last = bound.path.segments.last()?;
    first_argument(&last.arguments)
}

fn first_argument(arguments: &PathArguments) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

fn inner(ty: &Type, name: &str) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    first_argument(&last.arguments).filter(|_| last.ident == name)
}

/// The value at `index`, as a mock takes it.
fn matcher(ty: &Type, index: &Literal) -> TokenStream {
    let value = owned(ty);
    match (ty, inner(ty, "Option")) {
        (Type::Reference(to), _) if is_text(&to.elem) => {
            quote!(values.get::<#value>(#index).as_str())
        }
        (Type::Reference(_), _) => quote!(&values.get::<#value>(#index)),
        (_, Some(Type::Reference(to))) => {
            let value = owned(&to.elem);
            let borrow = if is_text(&to.elem) {
                quote!(as_deref)
            } else {
                quote!(as_ref)
            };
            quote!(values.get::<Option<#value>>(#index).#borrow())
        }
        _ => quote!(values.get::<#value>(#index)),
    }
}

fn is_text(ty: &Type) -> bool {
    ty.to_token_stream().to_string() == "str"
}

/// The type of a value that is taken as `ty`: text for what is bytes on the wire.
fn owned(ty: &Type) -> TokenStream {
    let ty = match ty {
        Type::Reference(reference) => &*reference.elem,
        other => other,
    };
    let text = ty.to_token_stream().to_string().replace(' ', "");
    match text.as_str() {
        "str" | "reqwest::Body" | "Vec<u8>" => quote!(String),
        _ => ty.to_token_stream(),
    }
}

fn option(text: Option<String>) -> TokenStream {
    text.map_or_else(|| quote!(None), |text| quote!(Some(#text)))
}

/// The types of a client.
fn types(client: &syn::File) -> BTreeSet<String> {
    module_items(client, "types")
        .filter_map(|item| match item {
            Item::Struct(item) => Some(item.ident.to_string()),
            Item::Enum(item) => Some(item.ident.to_string()),
            _ => None,
        })
        .collect()
}

fn module_items<'a>(file: &'a syn::File, module: &str) -> impl Iterator<Item = &'a Item> {
    let items = file.items.iter().filter_map(move |item| match item {
        Item::Mod(item) if item.ident == module => item.content.as_ref(),
        _ => None,
    });
    items.flat_map(|(_, items)| items)
}
