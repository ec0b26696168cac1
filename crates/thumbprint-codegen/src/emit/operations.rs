//! What a document says of its operations, as data for the runtime and the sandbox: security, media types,
//! deprecation, the shape of the path. progenitor ignores most of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use heck::ToShoutySnakeCase;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::Ident;

use super::{Call, print::Code};
use crate::{
    document::{Document, members},
    grammar::{self, Kind},
    model::{self, Content, Operation, Parameter, Response, Scheme},
};

/// The module of all operations.
pub(super) fn module(code: &mut Code<'_>, document: &Document, calls: &[Call]) -> Result<()> {
    let names: Vec<_> = calls.iter().map(name).collect();
    let schemes = calls.iter().any(|call| security(&call.operation).is_some());
    let schemes = schemes.then(|| quote!(, SecurityScheme));
    let used = (!calls.is_empty())
        .then(|| quote!(Location, Operation, Parameter, ResponseSpec, ValueFormat #schemes));
    let used = used.unwrap_or_else(|| quote!(Operation));
    code.open(&quote! {
        /// What the document says of each operation.
        pub mod operations
    })?;
    code.write(quote! {
        use ::thumbprint_transport::operation::{#used};

        /// All operations.
        pub static ALL: &[&Operation] = &[#(&#names),*];
    })?;
    let marked = marked(document);
    for (call, name) in calls.iter().zip(&names) {
        let Operation {
            id, method, path, ..
        } = &*call.operation;
        let doc = format!(" `{id}`: `{method} {path}`");
        let description = describe(document, &marked, &call.operation)?;
        code.write(quote! {
            #[doc = #doc]
            pub static #name: Operation = #description;
        })?;
    }
    code.close();
    Ok(())
}

/// The name of an operation's static.
pub(super) fn name(call: &Call) -> Ident {
    format_ident!("{}", call.operation.method_name().to_shouty_snake_case())
}

fn describe(
    document: &Document,
    marked: &BTreeSet<&str>,
    operation: &Operation,
) -> Result<TokenStream> {
    let Operation {
        id,
        method,
        path,
        deprecated,
        ..
    } = operation;
    let secured = operation.is_secured();
    let security = security(operation);
    let title = operation.title();
    let accept = option(accept(operation).as_deref());
    let content_type = option(operation.request_media_type.as_deref());
    let parameters = operation.parameters.iter().filter(|one| one.is_sent());
    let parameters = parameters.map(|one| parameter(document, marked, one));
    let parameters = parameters.collect::<Result<Vec<_>>>()?;
    let sensitive = sensitive(document, marked, &operation.content()["schema"])?;
    let sensitive =
        (!sensitive.is_empty()).then(|| quote!(.with_sensitive_body(&[#(#sensitive),*])));
    let mut responses = Vec::new();
    for one in &operation.responses {
        // The runtime takes no status for a success that only `default` stands for.
        if one.status == "default" && operation.is_success(one) {
            responses.push(response(one, "2XX")?);
        }
        responses.push(response(one, &one.status)?);
    }
    Ok(quote! {
        Operation::new(
            #id, #title, #method, #path, #accept, #content_type,
            &[#(#parameters),*], &[#(#responses),*], #secured, #deprecated,
        ) #security #sensitive
    })
}

/// What the operation asks for, where that is not a bearer token alone.
fn security(operation: &Operation) -> Option<TokenStream> {
    let path = quote!(SecurityScheme);
    let is_usual = operation
        .security
        .iter()
        .all(|schemes| schemes.as_slice() == [Scheme::Bearer]);
    let one = |scheme: &Scheme| match scheme {
        Scheme::Bearer => quote!(#path::Bearer),
        Scheme::Basic => quote!(#path::Basic),
        Scheme::Key(place, name) => {
            let place = format_ident!("{place}");
            quote!(#path::#place(#name))
        }
        Scheme::Other(name) => quote!(#path::Other(#name)),
    };
    let all = operation.security.iter().map(|schemes| {
        let schemes = schemes.iter().map(one);
        quote!(&[#(#schemes),*])
    });
    (operation.is_secured() && !is_usual).then(|| quote!(.with_security(&[#(#all),*])))
}

/// What is asked for: the media types of successes and then those of errors that are JSON; where a success
/// is bytes, its own alone, as the service may choose by it.
fn accept(operation: &Operation) -> Option<String> {
    let (successes, errors): (Vec<_>, Vec<_>) = operation
        .responses
        .iter()
        .partition(|one| operation.is_success(one));
    let streamed = successes.iter().filter(|one| one.content == Content::Bytes);
    let streamed = streamed.filter_map(|one| one.media_type.as_deref());
    let json = successes
        .iter()
        .chain(&errors)
        .filter_map(|one| read_as(one));
    let mut accepted: Vec<&str> = Vec::new();
    let is_streamed = successes.iter().any(|one| one.content == Content::Bytes);
    let own = successes
        .iter()
        .filter_map(|one| one.json())
        .chain(streamed);
    let all: Vec<_> = if is_streamed {
        own.collect()
    } else {
        json.collect()
    };
    for media_type in all {
        if !accepted.contains(&media_type) {
            accepted.push(media_type);
        }
    }
    (!accepted.is_empty()).then(|| accepted.join(", "))
}

/// The media type that an answer of JSON has: where the document takes any, `application/json`.
pub(super) fn read_as(response: &Response) -> Option<&str> {
    let json = response.json()?;
    Some(if json.contains('*') {
        "application/json"
    } else {
        json
    })
}

fn option(text: Option<&str>) -> TokenStream {
    text.map_or(quote!(None), |text| quote!(Some(#text)))
}

fn parameter(
    document: &Document,
    marked: &BTreeSet<&str>,
    parameter: &Parameter,
) -> Result<TokenStream> {
    let Parameter {
        name,
        required,
        location,
        schema,
        ..
    } = parameter;
    let location = match location.as_str() {
        "path" => quote!(Location::Path),
        "query" => quote!(Location::Query),
        "header" => quote!(Location::Header),
        "cookie" => quote!(Location::Cookie),
        other => bail!("parameter `{name}` is sent in `{other}`, which is not supported"),
    };
    let word = |key: &str| schema[key].as_str();
    let format = match (
        word("type"),
        word("format"),
        word("pattern"),
        schema["enum"].as_array(),
    ) {
        (Some("string"), _, _, Some(words)) => {
            let words = words.iter().filter_map(serde_json::Value::as_str);
            quote!(ValueFormat::OneOf(&[#(#words),*]))
        }
        (Some("string"), _, Some(pattern), _) => quote!(ValueFormat::Pattern(#pattern)),
        (Some("string"), Some("uuid"), ..) => quote!(ValueFormat::Uuid),
        (Some("string"), Some("date-time-rfc1123"), ..) => quote!(ValueFormat::HttpDate),
        (Some("boolean"), ..) => quote!(ValueFormat::Boolean),
        (Some("integer"), Some("int32"), ..) => quote!(ValueFormat::Int32),
        _ => quote!(ValueFormat::Text),
    };
    let sensitive = sensitive(document, marked, schema)?;
    let sensitive = (!sensitive.is_empty()).then(|| quote!(.sensitive()));
    Ok(quote!(Parameter::new(#name, #location, #required, #format) #sensitive))
}

/// The shared schemas that are marked `x-sensitive`, or that hold something that is. Most documents have none, and in
/// some each schema leads to all others.
fn marked(document: &Document) -> BTreeSet<&str> {
    let mut open = Vec::new();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, schema) in members(&document.value["components"]["schemas"]) {
        grammar::walk(schema, "", Kind::Schema, &mut |value, _, kind| {
            if kind == Kind::Schema {
                let is_marked = value.as_object().is_some_and(model::is_sensitive);
                open.extend(is_marked.then_some(name.as_str()));
                if let Some(used) = grammar::reference(value).and_then(grammar::component) {
                    users.entry(used).or_default().push(name);
                }
            }
            kind != Kind::Data
        });
    }
    let mut marked = BTreeSet::new();
    while let Some(name) = open.pop() {
        if marked.insert(name) {
            open.extend(users.get(name).into_iter().flatten());
        }
    }
    marked
}

/// The members of a schema that are marked `x-sensitive`, by their names. An empty one stands for all of it.
fn sensitive(document: &Document, marked: &BTreeSet<&str>, schema: &Value) -> Result<Vec<String>> {
    let mut search = Search {
        document,
        marked,
        found: Vec::new(),
        followed: BTreeSet::new(),
    };
    search.collect("", schema)?;
    Ok(search.found)
}

/// The search for what is marked `x-sensitive` in a schema.
struct Search<'a> {
    document: &'a Document,
    /// The shared schemas that have something of it.
    marked: &'a BTreeSet<&'a str>,
    found: Vec<String>,
    /// References that were followed, and as what: schemas may hold each other.
    followed: BTreeSet<(String, String)>,
}

impl Search<'_> {
    /// `name` is that of the member that has the schema.
    fn collect(&mut self, name: &str, schema: &Value) -> Result<()> {
        if let Some(reference) = grammar::reference(schema) {
            let shared = grammar::component(reference);
            let is_marked = shared.is_none_or(|shared| self.marked.contains(shared));
            let step = (reference.to_owned(), name.to_owned());
            if !is_marked || !self.followed.insert(step) {
                return Ok(());
            }
            let document = self.document;
            return self.collect(name, document.resolve(schema)?);
        }
        let is_sensitive = schema.as_object().is_some_and(model::is_sensitive);
        if is_sensitive && !self.found.iter().any(|found| found == name) {
            self.found.push(name.to_owned());
        }
        for (name, schema) in members(&schema["properties"]) {
            self.collect(name, schema)?;
        }
        let parts = ["allOf", "anyOf", "oneOf"].map(|key| schema[key].as_array());
        let parts = parts.into_iter().flatten().flatten();
        let values = ["items", "additionalProperties"].map(|key| schema.get(key));
        for part in parts.chain(values.into_iter().flatten()) {
            self.collect(name, part)?;
        }
        Ok(())
    }
}

fn response(response: &Response, status: &str) -> Result<TokenStream> {
    let status = match status {
        "default" => quote!(None),
        // A range is its first digit; see `ResponseSpec::status`.
        status => match status.trim_end_matches("XX").parse() {
            Ok(status) => {
                let status = Literal::u16_unsuffixed(status);
                quote!(Some(#status))
            }
            Err(_) => bail!("the response `{status}` is no status"),
        },
    };
    let media_type = option(read_as(response).or(response.media_type.as_deref()));
    let headers = response.headers.iter().map(|header| &header.name);
    let named = response.media_type.as_deref();
    let is_bytes = response.content == Content::Bytes && named.is_some_and(model::is_json);
    let bytes = is_bytes.then(|| quote!(.of_bytes()));
    Ok(quote!(ResponseSpec::new(#status, #media_type, &[#(#headers),*]) #bytes))
}
