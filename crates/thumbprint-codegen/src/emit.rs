//! The code of a client and of its mocks, written from the model of the operations: whole items, of which
//! progenitor's types and documentation are a part.

mod builders;
mod headers;
mod json_schema;
mod lenient;
mod mocks;
mod multipart;
mod operations;
mod pattern;
pub(crate) mod presence;
mod requests;
mod responses;
#[cfg(test)]
mod tests;
mod types;
mod unions;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Ident, ItemStruct, Type, parse_quote};

pub(crate) use self::pattern::flags;
pub use self::responses::{Payload, Success, Variant};
use crate::{
    adapt::{Adapted, Slot},
    document::{Document, members},
    model::{BodyForm, Content, Operation, Parameter},
    problem::Problem,
    rust::{self, Written},
};

/// What is emitted of a document.
pub struct Emitted {
    /// The client.
    pub client: syn::File,
    /// Its mocks.
    pub mocks: syn::File,
    /// The operations, with their types.
    pub calls: Vec<Call>,
    /// The names of the types.
    pub types: BTreeSet<String>,
    /// What the document says and the code does not carry.
    pub warnings: Vec<Problem>,
}

/// An operation, with the types of all that it takes and gives.
pub struct Call {
    /// What the document says of it.
    pub operation: Operation,
    /// The name of its builder and of its headers.
    pub name: Ident,
    /// The name of its method.
    pub method: Ident,
    /// The parameters that are sent.
    pub arguments: Vec<Argument>,
    /// The body of the request.
    pub body: Option<Body>,
    /// The types of the answers' bodies, as the model has the responses; `None` where they are not JSON.
    pub answers: Vec<Option<Type>>,
    /// What it gives if it succeeds.
    pub success: Success,
    /// How its pages follow each other.
    pages: Option<Pages>,
    /// What names the thing that it is about: an expression of an `Option<String>`.
    subject: Option<syn::Expr>,
    /// How the answer names the thing that it is about, if it does.
    echo: Option<Echo>,
}

/// The field of an answer that has the same name as the operation's subject.
struct Echo {
    /// The argument that is the subject.
    argument: Ident,
    /// The expression of the field, of a value `value`: an `Option<&str>`.
    found: syn::Expr,
}

/// A parameter with its type.
pub struct Argument {
    /// What the document says of it.
    pub parameter: Parameter,
    /// Its identifier.
    pub ident: Ident,
    /// Its type.
    pub ty: Type,
    /// Whether its mock takes it as it is, and not by reference.
    pub is_copied: bool,
}

/// The body of a request.
pub struct Body {
    /// How it is written.
    pub form: BodyForm,
    /// Its type.
    pub ty: Type,
    /// Whether its mock takes it as it is, and not by reference.
    pub is_copied: bool,
    /// Whether there has to be one.
    pub required: bool,
    /// Whether it has a default value, so that it need not be given.
    has_default: bool,
}

/// How the pages of a list follow each other.
struct Pages {
    /// The expression of the link, of a page `page`.
    next_link: syn::Expr,
    /// The expression of the items, of a page's value `page`.
    items: syn::Expr,
    /// The expression of their number, of a page `page`.
    count: syn::Expr,
    item: Type,
}

/// Emits the code of a document's operations around the types that progenitor wrote.
pub fn emit(document: &Document, adapted: &Adapted, progenitor: syn::File) -> Result<Emitted> {
    let mut written = Written::read(progenitor, adapted)?;
    let mut calls = Vec::new();
    let mut warnings = Vec::new();
    for (index, operation) in adapted.operations.iter().enumerate() {
        let call = call(adapted, &written, index, &mut |what| {
            warnings.push(Problem {
                file: document.file.clone(),
                pointer: operation.pointer.clone(),
                line: None,
                what,
            });
        });
        calls.push(call.with_context(|| operation.id.clone())?);
    }
    let builders = builders::module(&calls, &written);
    let headers = headers::module(&calls);
    let operations = operations::module(document, &calls)?;
    let mut methods = Vec::new();
    for call in &calls {
        let (name, method) = (&call.name, &call.method);
        let docs = written.method(&method.to_string())?;
        let deprecated = deprecated(&call.operation);
        methods.push(quote! {
            #(#docs)*
            #deprecated
            pub fn #method(&self) -> builder::#name<'_> {
                builder::#name::new(self)
            }
        });
    }
    let mocks = mocks::file(document, &calls, &written)?;
    let declared = written.types.iter().filter_map(rust::declared);
    let names = declared.map(ToString::to_string).collect();
    types::complete(adapted, &mut written.types)?;
    json_schema::mark(adapted, &mut written.types);
    multipart::complete(&calls, &mut written.types);
    let allow = (!adapted.deprecated.is_empty()).then(|| quote!(#[allow(deprecated)]));
    let servers = servers(document);
    let (types, docs, enums) = (&written.types, &written.client, responses::enums(&calls));
    let client = syn::parse2(quote! {
        #[doc(hidden)]
        pub use ::thumbprint_transport::style;

        #servers

        /// The types of the document.
        #allow
        pub mod types {
            #(#types)*
            #enums
        }

        #(#docs)*
        #[derive(Clone)]
        pub struct Client {
            transport: ::thumbprint_transport::Transport,
        }

        impl Client {
            /// Makes a client that sends with `transport`. Cheap: clients share the transport's pool.
            pub fn new(transport: ::thumbprint_transport::Transport) -> Self {
                Self { transport }
            }

            /// What it sends with.
            pub fn transport(&self) -> &::thumbprint_transport::Transport {
                &self.transport
            }
            #(#methods)*
        }

        impl ::std::fmt::Debug for Client {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct("Client").field("transport", &self.transport).finish()
            }
        }

        #builders
        #headers
        #operations
    })?;
    Ok(Emitted {
        client,
        mocks,
        calls,
        types: names,
        warnings,
    })
}

/// Where the document says that the API is, with the defaults of its variables.
fn servers(document: &Document) -> Option<TokenStream> {
    let servers = document.value["servers"].as_array().into_iter().flatten();
    let urls = servers.filter_map(|server| {
        let mut url = server["url"].as_str()?.to_owned();
        for (name, variable) in members(&server["variables"]) {
            let default = variable["default"].as_str()?;
            url = url.replace(&format!("{{{name}}}"), default);
        }
        // One without a host is seen from where the document was got.
        url.contains("://").then_some(url)
    });
    let urls: Vec<_> = urls.collect();
    (!urls.is_empty()).then(|| {
        quote! {
            /// The base URLs that the document names, with the defaults of their variables. Which one a client
            /// speaks to is said to its transport.
            pub const SERVERS: &[&str] = &[#(#urls),*];
        }
    })
}

fn deprecated(operation: &Operation) -> Option<Attribute> {
    operation.deprecated.then(|| match &operation.replaced_by {
        Some(replacement) => {
            let note = format!("use {replacement}");
            parse_quote!(#[deprecated(note = #note)])
        }
        None => parse_quote!(#[deprecated]),
    })
}

fn call(
    adapted: &Adapted,
    written: &Written,
    index: usize,
    warn: &mut impl FnMut(String),
) -> Result<Call> {
    let operation = adapted.operations[index].clone();
    let ty = |slot| written.signature(index, slot);
    let mut arguments = Vec::new();
    for (index, parameter) in operation.parameters.iter().enumerate() {
        if parameter.is_sent() {
            let ty = ty(Slot::Parameter(index))?;
            arguments.push(Argument {
                parameter: parameter.clone(),
                ident: format_ident!("{}", parameter.ident),
                is_copied: written.is_copied(&ty),
                ty,
            });
        }
    }
    let body_type = |form| match form {
        BodyForm::Json | BodyForm::Form | BodyForm::Multipart => ty(Slot::Body),
        BodyForm::Text => Ok(parse_quote!(::std::string::String)),
        BodyForm::Bytes => Ok(parse_quote!(::thumbprint_transport::bytes::Bytes)),
    };
    let body = operation.sent.as_ref().map(|sent| {
        let (form, required) = (sent.form, sent.required);
        let ty = body_type(form)?;
        let (has_default, is_copied) = (written.has_default(&ty), written.is_copied(&ty));
        anyhow::Ok(Body {
            form,
            ty,
            is_copied,
            required,
            has_default,
        })
    });
    let body = body.transpose()?;
    let answers = operation
        .responses
        .iter()
        .enumerate()
        .map(|(index, response)| match response.content {
            Content::Json if !response.status.starts_with('1') => {
                ty(Slot::Response(index)).map(Some)
            }
            _ => Ok(None),
        })
        .collect::<Result<Vec<_>>>()?;
    let name = format_ident!("{}", operation.type_name());
    let mut call = Call {
        success: responses::success(&operation, &answers, written),
        method: format_ident!("{}", operation.method_name()),
        name,
        operation,
        arguments,
        body,
        answers,
        pages: None,
        subject: None,
        echo: None,
    };
    if call.operation.pageable.is_some() {
        call.pages = pages(&call, written);
        if call.pages.is_none() {
            warn("`x-ms-pageable` is not carried into the code: the success has no such link and items".to_owned());
        }
    }
    if let Some(wanted) = &call.operation.subject {
        call.subject = subject(&call, written, wanted);
        call.echo = echo(&call, written, wanted);
        if call.subject.is_none() {
            warn(format!(
                "`x-subject` names `{wanted}`, which is no parameter and no text of the body"
            ));
        }
    }
    Ok(call)
}

/// A field of a struct by its name on the wire, and its type.
fn field<'a>(item: &'a ItemStruct, wire: &str) -> Option<(&'a Ident, &'a Type)> {
    item.fields.iter().find_map(|field| {
        let name = types::wire_name(field)?;
        (name == wire).then_some((field.ident.as_ref()?, &field.ty))
    })
}

fn pages(call: &Call, written: &Written) -> Option<Pages> {
    let pageable = call.operation.pageable.as_ref()?;
    let Success::One(Payload::Json(ty, false)) = &call.success else {
        return None;
    };
    let page = written.structure(ty)?;
    let (link, link_type) = field(page, &pageable.next_link)?;
    let (items, items_type) = field(page, &pageable.items)?;
    let next_link = match rust::argument(link_type, "Option") {
        Some(inner) if rust::is_string(&inner) => parse_quote!(page.#link.as_deref()),
        None if rust::is_string(link_type) => parse_quote!(Some(page.#link.as_str())),
        _ => return None,
    };
    let (list, count, items) = match rust::argument(items_type, "Option") {
        Some(list) => (
            list,
            parse_quote!(page.#items.as_ref().map_or(0, Vec::len)),
            parse_quote!(page.#items.unwrap_or_default()),
        ),
        None => (
            items_type.clone(),
            parse_quote!(page.#items.len()),
            parse_quote!(page.#items),
        ),
    };
    let item = written.qualified(&rust::argument(&list, "Vec")?);
    Some(Pages {
        next_link,
        items,
        count,
        item,
    })
}

fn echo(call: &Call, written: &Written, wanted: &str) -> Option<Echo> {
    let mut arguments = call.arguments.iter();
    let argument = arguments.find(|one| one.parameter.name == wanted && one.parameter.required)?;
    if !rust::is_string(&written.inner(&argument.ty).0) {
        return None;
    }
    let Success::One(Payload::Json(ty, false)) = &call.success else {
        return None;
    };
    let (field, ty) = field(written.structure(ty)?, wanted)?;
    let found = match rust::argument(ty, "Option") {
        Some(inner) if rust::is_string(&inner) => parse_quote!(value.#field.as_deref()),
        None if rust::is_string(ty) => parse_quote!(Some(value.#field.as_str())),
        _ => return None,
    };
    Some(Echo {
        argument: argument.ident.clone(),
        found,
    })
}

fn subject(call: &Call, written: &Written, wanted: &str) -> Option<syn::Expr> {
    let is_text = |ty: &Type| rust::is_string(&written.inner(ty).0);
    let mut arguments = call.arguments.iter();
    if let Some(argument) = arguments.find(|one| one.parameter.name == wanted) {
        let ident = &argument.ident;
        let value = quote!(self.#ident.as_ref().ok().and_then(Option::as_ref));
        return is_text(&argument.ty).then(|| parse_quote!(#value.map(ToString::to_string)));
    }
    let body = written.structure(&call.body.as_ref()?.ty)?;
    let (ident, ty) = field(body, wanted)?;
    let inner = rust::argument(ty, "Option");
    let value = if inner.is_some() {
        quote!(and_then(|body| body.#ident.as_ref()).map(ToString::to_string))
    } else {
        quote!(map(|body| body.#ident.to_string()))
    };
    is_text(&written.qualified(inner.as_ref().unwrap_or(ty)))
        .then(|| parse_quote!(self.body.as_ref().ok().and_then(Option::as_ref).#value))
}

/// A text as documentation, one attribute a line.
fn docs(text: &str) -> Vec<Attribute> {
    let line = |line: &str| -> Attribute {
        let line = format!(" {line}");
        let line = line.trim_end();
        parse_quote!(#[doc = #line])
    };
    text.trim_end().lines().map(line).collect()
}
