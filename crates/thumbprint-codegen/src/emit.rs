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
pub(crate) mod print;
mod requests;
mod responses;
#[cfg(test)]
mod tests;
mod types;
mod unions;
mod written;

use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Context as _, Result};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Ident, Type, parse_quote};

pub use self::responses::{Payload, Success, Variant};
use self::{
    print::Code,
    written::{Held, Written},
};
use crate::{
    adapt::{Adapted, Slot},
    document::{Document, members},
    model::{BodyForm, Content, Operation, Parameter, Sent},
    names,
    problem::Problem,
    rust,
};

/// What is emitted of a document.
pub struct Emitted {
    /// The client.
    pub client: String,
    /// Its mocks.
    pub mocks: String,
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
    pub operation: Arc<Operation>,
    /// The name of its builder and of its headers.
    pub name: Ident,
    /// The name of its method.
    pub method: Ident,
    /// The parameters that are sent.
    pub arguments: Vec<Argument>,
    /// The body of the request.
    pub body: Option<Body>,
    /// What can be sent in its place.
    others: Vec<Other>,
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
    pub parameter: Arc<Parameter>,
    /// Its identifier.
    pub ident: Ident,
    /// Its type.
    pub ty: Type,
    /// Whether its mock takes it as it is, and not by reference.
    pub is_copied: bool,
}

/// One of the forms that the body of a request can be sent in.
pub struct Sending<'a> {
    /// The setter of it.
    pub setter: Ident,
    /// What the document says of it.
    pub sent: &'a Sent,
    /// What it is given as.
    pub body: &'a Body,
}

impl Call {
    /// The forms that the body can be sent in, the usual one first.
    pub fn sendings(&self) -> impl Iterator<Item = Sending<'_>> {
        let usual = self.body.iter().zip(&self.operation.sent);
        let usual = usual.map(|(body, sent)| (format_ident!("body"), sent, body));
        let others = self
            .others
            .iter()
            .map(|one| (one.setter.clone(), &one.sent, &one.body));
        let all = usual.chain(others);
        all.map(|(setter, sent, body)| Sending { setter, sent, body })
    }
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
    /// What its parts are made of, if it is sent as parts.
    parts: Parts,
}

/// What the parts of a body are made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// The fields of its type.
    Fields,
    /// What it maps names to.
    Named,
    /// Whatever it holds.
    Any,
}

/// Another body that an operation takes.
struct Other {
    /// Its setter.
    setter: Ident,
    /// What the document says of it.
    sent: Sent,
    /// What it is given as.
    body: Body,
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
pub fn emit(document: &Document, adapted: &Adapted, types: TokenStream) -> Result<Emitted> {
    let mut written = Written::read(types, adapted)?;
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
    let banner = document.banner();
    let mocks = Code::new(banner.clone(), &adapted.wire_names);
    let mocks = mocks::file(mocks, document, &calls, &written)?;
    let declared = written.types.iter().filter_map(rust::declared);
    let names = declared.map(ToString::to_string).collect();
    let servers = servers(document);
    let allow = (!adapted.deprecated.is_empty()).then(|| quote!(#[allow(deprecated)]));
    let mut code = Code::new(banner, &adapted.wire_names);
    code.write(quote! {
        #[doc(hidden)]
        pub use ::thumbprint_transport::style;

        #servers
    })?;
    code.open(&quote! {
        /// The types of the document.
        #allow
        pub mod types
    })?;
    types::write(&mut code, adapted, &mut written, &calls)?;
    responses::enums(&mut code, &calls)?;
    code.close();
    let docs = docs(&about(document));
    code.write(quote! {
        #(#docs)*
        #[derive(Clone)]
        pub struct Client {
            transport: ::thumbprint_transport::Transport,
        }
    })?;
    let own = quote! {
        /// Makes a client that sends with `transport`. Cheap: clients share the transport's pool.
        pub fn new(transport: ::thumbprint_transport::Transport) -> Self {
            Self { transport }
        }

        /// What it sends with.
        pub fn transport(&self) -> &::thumbprint_transport::Transport {
            &self.transport
        }
    };
    let methods = std::iter::once(own).chain(calls.iter().map(method));
    code.block(&quote!(impl Client), methods)?;
    code.write(quote! {
        impl ::std::fmt::Debug for Client {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct("Client").field("transport", &self.transport).finish()
            }
        }
    })?;
    builders::module(&mut code, &calls, &written)?;
    headers::module(&mut code, &calls)?;
    operations::module(&mut code, document, &calls)?;
    Ok(Emitted {
        client: code.finish(),
        mocks,
        calls,
        types: names,
        warnings,
    })
}

/// The method of an operation.
fn method(call: &Call) -> TokenStream {
    let (name, method) = (&call.name, &call.method);
    let docs = docs(&documentation(call));
    let deprecated = deprecated(&call.operation);
    quote! {
        #(#docs)*
        #deprecated
        pub fn #method(&self) -> builder::#name<'_> {
            builder::#name::new(self)
        }
    }
}

/// The documentation of a client.
fn about(document: &Document) -> String {
    let info = &document.value["info"];
    let text = |key: &str| info[key].as_str().map(str::trim).unwrap_or_default();
    let title = match text("title") {
        "" => &document.name,
        title => title,
    };
    let mut said = format!("Client for {title}");
    for (before, text) in [("", text("description")), ("Version: ", text("version"))] {
        if !text.is_empty() {
            said = format!("{said}\n\n{before}{text}");
        }
    }
    said
}

/// The documentation of an operation's method.
fn documentation(call: &Call) -> String {
    let operation = &call.operation;
    let text = |key: &str| operation.source[key].as_str().map(str::trim);
    let sends = format!("Sends `{} {}`.", operation.method, operation.path);
    let errors = responses::errors(call);
    let said = [text("summary"), text("description"), Some(&*sends)];
    let said = said.into_iter().chain([errors.as_deref()]);
    let said: Vec<_> = said.flatten().filter(|text| !text.is_empty()).collect();
    said.join("\n\n")
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
    let operation = Arc::clone(&adapted.operations[index]);
    let ty = |slot| written.signature(index, slot);
    let mut arguments = Vec::new();
    for (index, parameter) in operation.parameters.iter().enumerate() {
        if parameter.is_sent() {
            let ty = ty(Slot::Parameter(index))?;
            arguments.push(Argument {
                parameter: Arc::clone(parameter),
                ident: format_ident!("{}", parameter.ident),
                is_copied: written.is_copied(&ty),
                ty,
            });
        }
    }
    let body_of = |sent: &Sent, slot| {
        let ty = match sent.form {
            BodyForm::Json | BodyForm::Form | BodyForm::Multipart => ty(slot)?,
            BodyForm::Text => parse_quote!(::std::string::String),
            BodyForm::Bytes => parse_quote!(::thumbprint_transport::bytes::Bytes),
        };
        anyhow::Ok(Body {
            form: sent.form,
            is_copied: written.is_copied(&ty),
            required: sent.required,
            has_default: written.has_default(&ty),
            parts: match written.structure(&ty) {
                Some(Held::Fields(_)) => Parts::Fields,
                _ if multipart::are_parts(&ty) => Parts::Named,
                _ => Parts::Any,
            },
            ty,
        })
    };
    let body = operation.sent.as_ref();
    let body = body.map(|sent| body_of(sent, Slot::Body)).transpose()?;
    let mut setters = names::Taken::new(arguments.iter().map(|one| one.parameter.ident.as_str()));
    let mut others = Vec::new();
    for (index, sent) in operation.others.iter().enumerate() {
        let wanted = format!("body_{}", names::of_media_type(&sent.offered));
        others.push(Other {
            setter: format_ident!("{}", setters.take(&wanted)),
            sent: sent.clone(),
            body: body_of(sent, Slot::Other(index))?,
        });
    }
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
        others,
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

fn pages(call: &Call, written: &Written) -> Option<Pages> {
    let pageable = call.operation.pageable.as_ref()?;
    let Success::One(Payload::Json(ty, false)) = &call.success else {
        return None;
    };
    let page = written.structure(ty)?;
    let (link, link_type) = page.field(&pageable.next_link)?;
    let (items, items_type) = page.field(&pageable.items)?;
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
    let (field, ty) = written.structure(ty)?.field(wanted)?;
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
    let (ident, ty) = body.field(wanted)?;
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
