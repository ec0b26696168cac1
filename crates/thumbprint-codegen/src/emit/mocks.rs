//! Typed mocks of an API for httpmock: what each operation expects, and what it answers.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Ident, Type};

use super::{
    Argument, Call, Sending, multipart, operations::read_as, print::Code, requests,
    written::Written,
};
use crate::{
    document::Document,
    model::{self, BodyForm, Content, Encoding, Response, Shape},
    rust,
};

/// The file of all mocks.
pub(super) fn file(
    mut code: Code<'_>,
    document: &Document,
    calls: &[Call],
    written: &Written,
) -> Result<String> {
    let client: syn::Path = syn::parse_str(&document.crate_path())?;
    code.open(&quote! {
        /// Wrappers of httpmock's [`When`](::httpmock::When) and [`Then`](::httpmock::Then) for each operation.
        /// `into_inner()` gives out what is wrapped, to deviate from what the document allows.
        pub mod operations
    })?;
    if !calls.is_empty() {
        code.write(quote!(use #client::{style, types};))?;
    }
    for call in calls {
        let [when, then] = names(call);
        let expected = expected(call, written);
        let answered = answered(call, written)?;
        code.write(quote! {
            pub struct #when(::httpmock::When);
            impl #when { #expected }

            pub struct #then(::httpmock::Then);
            impl #then { #answered }
        })?;
    }
    if !calls.is_empty() {
        code.write(quote! {
            fn path(pattern: &str) -> ::regex::Regex {
                ::regex::Regex::new(pattern).expect("a pattern of escaped text")
            }
        })?;
    }
    code.close();
    let signature = |call: &Call| {
        let [when, then] = names(call);
        let method = &call.method;
        quote! {
            fn #method<F>(&self, config_fn: F) -> ::httpmock::Mock<'_>
            where
                F: FnOnce(operations::#when, operations::#then)
        }
    };
    let declared = calls.iter().map(|call| {
        let signature = signature(call);
        quote!(#signature;)
    });
    let implemented = calls.iter().map(|call| {
        let signature = signature(call);
        let [when, then] = names(call);
        quote! {
            #signature {
                self.mock(|when, then| {
                    config_fn(operations::#when::new(when), operations::#then::new(then));
                })
            }
        }
    });
    code.block(
        &quote! {
            /// A method for each operation, in the manner of [`MockServer::mock`](::httpmock::MockServer::mock).
            pub trait MockServerExt
        },
        declared,
    )?;
    code.block(
        &quote!(impl MockServerExt for ::httpmock::MockServer),
        implemented,
    )?;
    Ok(code.finish())
}

/// The names of what wraps httpmock's `When` and `Then` for an operation.
fn names(call: &Call) -> [Ident; 2] {
    ["When", "Then"].map(|end| format_ident!("{}{end}", call.name))
}

/// The methods of what an operation expects.
fn expected(call: &Call, written: &Written) -> TokenStream {
    let method = format_ident!("{}", call.operation.method);
    let pattern = pattern(&call.operation.path, |_| None);
    let arguments = call.arguments.iter().map(|argument| {
        let ident = &argument.ident;
        let lifetime = (!argument.parameter.required).then(|| quote!('a));
        let (ty, value) = given(&argument.ty, written, lifetime.as_ref());
        let matcher = matcher(call, argument, &value);
        if argument.parameter.required {
            return quote!(pub fn #ident(self, value: #ty) -> Self { Self(#matcher) });
        }
        let name = &argument.parameter.name;
        let missing = match argument.parameter.location.as_str() {
            "query" => quote!(query_param_missing(#name)),
            "cookie" => {
                let none = cookies(
                    &quote!(::std::vec![#name.to_owned()]),
                    &quote!(::std::vec![]),
                );
                quote!(is_true(#none))
            }
            _ => quote!(header_missing(#name)),
        };
        quote! {
            pub fn #ident<'a>(self, value: impl ::std::convert::Into<Option<#ty>>) -> Self {
                Self(match value.into() {
                    Some(value) => #matcher,
                    None => self.0.#missing,
                })
            }
        }
    });
    let constants = call.operation.constants.iter();
    let constants = constants.map(|(name, value)| quote!(.query_param(#name, #value)));
    let bodies = call.sendings().map(|sending| body(call, &sending, written));
    quote! {
        pub fn new(inner: ::httpmock::When) -> Self {
            Self(inner.method(::httpmock::Method::#method).path_matches(path(#pattern)) #(#constants)*)
        }

        pub fn into_inner(self) -> ::httpmock::When {
            self.0
        }
        #(#arguments)*
        #(#bodies)*
    }
}

/// The method that expects a body in one of its forms.
fn body(call: &Call, sending: &Sending<'_>, written: &Written) -> TokenStream {
    let Sending { setter, sent, body } = sending;
    let content = call.operation.content_of(sent);
    let (ty, value) = given(&body.ty, written, None);
    match body.form {
        BodyForm::Json => quote! {
            pub fn #setter(self, value: #ty) -> Self { Self(self.0.json_body_obj(#value)) }
        },
        BodyForm::Multipart => {
            let parts = multipart::expression(content, body, &value);
            quote! {
                pub fn #setter(self, value: #ty) -> Self {
                    let form = ::thumbprint_transport::multipart::expected(#parts);
                    Self(self.0.is_true(move |request| {
                        let headers = request.headers_vec();
                        let is_it = |name: &str| name.eq_ignore_ascii_case("content-type");
                        let media_type = headers.iter().find(|(name, _)| is_it(name));
                        media_type.is_some_and(|(_, media_type)| form(media_type, request.body_ref()))
                    }))
                }
            }
        }
        BodyForm::Form => {
            let styles = requests::styles(content);
            quote! {
                pub fn #setter(self, value: #ty) -> Self {
                    let pairs = style::form(#value, &[#(#styles),*]);
                    Self(pairs.expect("a form of plain fields").into_iter().fold(
                        self.0,
                        |when, (name, value)| when.form_urlencoded_tuple(name, value),
                    ))
                }
            }
        }
        BodyForm::Text => quote! {
            pub fn #setter(self, value: impl ::std::convert::Into<::std::string::String>) -> Self {
                Self(self.0.body(value))
            }
        },
        BodyForm::Bytes => quote! {
            pub fn #setter(self, value: impl ::std::convert::Into<::std::vec::Vec<u8>>) -> Self {
                let value = value.into();
                Self(self.0.is_true(move |request| request.body_ref() == value.as_slice()))
            }
        },
    }
}

/// How a value is given, and the expression of a reference to it.
fn given(
    ty: &Type,
    written: &Written,
    lifetime: Option<&TokenStream>,
) -> (TokenStream, TokenStream) {
    if rust::is_string(ty) {
        (quote!(&#lifetime str), quote!(value))
    } else if written.is_copied(ty) {
        (quote!(#ty), quote!(&value))
    } else {
        (quote!(&#lifetime #ty), quote!(value))
    }
}

/// The expression that expects a value of an argument.
fn matcher(call: &Call, argument: &Argument, value: &TokenStream) -> TokenStream {
    let Argument { parameter, .. } = argument;
    let is_plain = parameter.encoding == Encoding::Plain && parameter.shape == Shape::Plain;
    let fits = "a value that its style has a form for";
    let style = quote!(style);
    let text = if is_plain {
        quote!(value.to_string())
    } else {
        let text = requests::text(parameter, value, &style);
        quote!(#text.expect(#fits))
    };
    let name = &parameter.name;
    match parameter.location.as_str() {
        "path" => {
            let field = &parameter.ident;
            let encoded = if is_plain || parameter.encoding == Encoding::Json {
                quote!(style::segment(#field, false, &#text).expect("a text"))
            } else {
                text
            };
            let pattern = pattern(&call.operation.path, |other| {
                (other == name).then_some("{value}")
            });
            quote!({
                let value = ::regex::escape(&#encoded);
                self.0.path_matches(path(&format!(#pattern)))
            })
        }
        "query" if is_plain => quote!(self.0.query_param(#name, #text)),
        "query" => {
            let pairs = requests::pairs(parameter, value, &style);
            // All of them, and each as often as it is there.
            quote!({
                let pairs = #pairs.expect(#fits);
                self.0.is_true(move |request| {
                    let is_ours = |name: &str| pairs.iter().any(|(ours, _)| ours == name);
                    let sent = request.query_params();
                    sent.iter().filter(|(name, _)| is_ours(name)).eq(&pairs)
                })
            })
        }
        "cookie" => {
            let pairs = if is_plain {
                quote!(::std::vec![(#name.to_owned(), #text)])
            } else {
                let pairs = requests::pairs(parameter, value, &style);
                quote!(#pairs.expect(#fits))
            };
            let names = quote!(pairs.iter().map(|(name, _)| name.clone()).collect());
            let cookies = cookies(&names, &quote!(pairs));
            quote!({
                let pairs = #pairs;
                self.0.is_true(#cookies)
            })
        }
        _ => quote!(self.0.header(#name, #text)),
    }
}

/// The expression that tells whether a request has some cookies, and no others of some names.
fn cookies(names: &TokenStream, pairs: &TokenStream) -> TokenStream {
    quote!({
        let fits = ::thumbprint_transport::cookie::expected(#names, #pairs);
        move |request: &::httpmock::prelude::HttpMockRequest| fits(request.headers_vec())
    })
}

/// A path's template as a regular expression, in which no value holds a slash. With a value in it, it is a
/// format.
fn pattern(template: &str, value: impl Fn(&str) -> Option<&'static str>) -> String {
    let mut pattern = String::from("^");
    let mut is_format = false;
    let mut parts = Vec::new();
    for (index, part) in template.split('{').enumerate() {
        match part.split_once('}') {
            Some((name, rest)) if index > 0 => {
                let value = value(name);
                is_format |= value.is_some();
                parts.push(value.unwrap_or("[^/]+").to_owned());
                parts.push(regex::escape(rest));
            }
            _ => parts.push(regex::escape(part)),
        }
    }
    for (index, part) in parts.iter().enumerate() {
        let is_literal = index % 2 == 0;
        if is_format && is_literal {
            pattern += &part.replace('{', "{{").replace('}', "}}");
        } else {
            pattern += part;
        }
    }
    pattern + "$"
}

/// The methods of what an operation answers.
fn answered(call: &Call, written: &Written) -> Result<TokenStream> {
    let mut names = BTreeSet::new();
    let mut methods = Vec::new();
    // What has a status of its own goes before what stands for all others.
    let responses = call.operation.responses.iter().zip(&call.answers);
    let (own, others): (Vec<_>, Vec<_>) = responses.partition(|(one, _)| one.status != "default");
    for (response, ty) in own.into_iter().chain(others) {
        let hundreds: Vec<u16> = match (response.hundred(), response.status.as_str()) {
            (Some(1), _) => continue,
            (Some(hundred), _) => vec![hundred],
            (None, "default") if call.operation.is_success(response) => vec![2, 4, 5],
            (None, "default") => vec![4, 5],
            (None, _) => Vec::new(),
        };
        let (argument, body) = answer_body(response, ty.as_ref(), written);
        for hundred in hundreds {
            let name = ["success", "redirect", "client_error", "server_error"]
                .get(usize::from(hundred).saturating_sub(2));
            let Some(name) = name.filter(|name| names.insert((**name).to_owned())) else {
                continue;
            };
            let name = format_ident!("{name}");
            let hundred = Literal::u16_unsuffixed(hundred);
            methods.push(quote! {
                pub fn #name(self, status: u16, #argument) -> Self {
                    assert_eq!(status / 100, #hundred, "a status of another kind");
                    Self(self.0.status(status) #body)
                }
            });
        }
        if let Ok(status) = response.status.parse::<u16>()
            && status >= 200
            && let Some(name) = model::reason(status)
        {
            let (name, status) = (format_ident!("{name}"), Literal::u16_unsuffixed(status));
            if !names.insert(name.to_string()) {
                bail!("two statuses of one name: {name}");
            }
            methods.push(quote! {
                pub fn #name(self, #argument) -> Self {
                    Self(self.0.status(#status) #body)
                }
            });
        }
    }
    Ok(quote! {
        pub fn new(inner: ::httpmock::Then) -> Self {
            Self(inner)
        }

        pub fn into_inner(self) -> ::httpmock::Then {
            self.0
        }
        #(#methods)*
    })
}

/// The argument of a method for an answer's body, and what it does with it.
fn answer_body(
    response: &Response,
    ty: Option<&Type>,
    written: &Written,
) -> (Option<TokenStream>, Option<TokenStream>) {
    match (response.content, ty) {
        (Content::Json, Some(ty)) => {
            let media_type = read_as(response).unwrap_or("application/json");
            let (ty, value) = given(ty, written, None);
            let body = quote!(.header("content-type", #media_type).json_body_obj(#value));
            (Some(quote!(value: #ty)), Some(body))
        }
        (Content::Bytes, _) => {
            let media_type = response.media_type.as_deref();
            let media_type = media_type.filter(|name| !name.contains('*'));
            let media_type = media_type.unwrap_or("application/octet-stream");
            let body = quote!(.header("content-type", #media_type).body(value));
            (
                Some(quote!(value: impl ::std::convert::AsRef<[u8]>)),
                Some(body),
            )
        }
        _ => (None, None),
    }
}
