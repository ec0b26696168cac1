//! What an operation gives if it succeeds, and how its answers become that.

use anyhow::Result;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Ident, Type};

use super::{Call, print::Code, written::Written};
use crate::model::{Content, Operation, Response};

/// What an operation gives if it succeeds.
pub enum Success {
    /// One thing.
    One(Payload),
    /// One of several, told apart by the status: an enumeration.
    Several {
        /// The enumeration's name.
        name: Ident,
        /// A variant for each status.
        variants: Vec<Variant>,
    },
}

/// A variant of an enumeration of successes.
pub struct Variant {
    status: String,
    name: Ident,
    payload: Payload,
}

/// What a body is.
pub enum Payload {
    /// There is none.
    None,
    /// JSON of a type, which may be absent where it is optional.
    Json(Box<Type>, bool),
    /// Bytes.
    Bytes,
}

impl Payload {
    fn of(response: &Response, ty: Option<&Type>) -> Self {
        match (response.content, ty) {
            (Content::Json, Some(ty)) => Self::Json(Box::new(ty.clone()), response.is_optional),
            (Content::Bytes, _) => Self::Bytes,
            _ => Self::None,
        }
    }

    fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    fn ty(&self) -> TokenStream {
        match self {
            Self::None => quote!(()),
            Self::Json(ty, false) => quote!(#ty),
            Self::Json(ty, true) => quote!(Option<#ty>),
            Self::Bytes => quote!(::thumbprint_transport::ByteStream),
        }
    }

    /// What makes an answer of a response. `typed` names the type of the value.
    fn read(&self, response: &Ident, typed: bool) -> TokenStream {
        let (method, ty) = match self {
            Self::None => (quote!(without_body), quote!(())),
            Self::Json(ty, false) => match crate::rust::argument(ty, "Vec") {
                Some(item) => (quote!(list), quote!(#item)),
                None => (quote!(json), quote!(#ty)),
            },
            Self::Json(ty, true) => (quote!(optional_json), quote!(#ty)),
            Self::Bytes => return quote!(#response.stream()),
        };
        let ty = typed.then(|| quote!(::<#ty, _>));
        quote!(#response.#method #ty())
    }
}

impl ToTokens for Success {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::One(payload) => payload.ty(),
            Self::Several { name, .. } => quote!(types::#name),
        });
    }
}

/// What an operation gives, by the types of its answers.
pub(super) fn success(
    operation: &Operation,
    answers: &[Option<Type>],
    written: &Written,
) -> Success {
    let responses = operation.responses.iter().zip(answers);
    let mut successes: Vec<_> = responses
        .filter(|(response, _)| operation.is_success(response))
        .map(|(response, ty)| (response.status.as_str(), Payload::of(response, ty.as_ref())))
        .collect();
    // A range stands for what is left of it.
    successes.sort_by_key(|(status, _)| status.parse::<u16>().is_err());
    let mut types = successes
        .iter()
        .map(|(_, payload)| payload.ty().to_string());
    let first = types.next();
    if types.all(|other| Some(&other) == first.as_ref()) {
        let payload = successes.pop().map(|(_, payload)| payload);
        return Success::One(payload.unwrap_or(Payload::None));
    }
    let wanted = format!("{}Success", operation.type_name());
    let mut names = (1..).map(|number| match number {
        1 => wanted.clone(),
        number => format!("{wanted}{number}"),
    });
    let name = names.find(|name| !written.has_type(name)).unwrap_or(wanted);
    let variant = |(status, payload): (&str, Payload)| {
        let status = status.replace("default", "2XX");
        Variant {
            name: format_ident!("Status{status}"),
            status,
            payload,
        }
    };
    Success::Several {
        name: format_ident!("{name}"),
        variants: successes.into_iter().map(variant).collect(),
    }
}

/// The enumerations of successes.
pub(super) fn enums(code: &mut Code<'_>, calls: &[Call]) -> Result<()> {
    let mut is_first = true;
    for call in calls {
        let Success::Several { name, variants } = &call.success else {
            continue;
        };
        if std::mem::take(&mut is_first) {
            code.write(quote!(
                use super::types;
            ))?;
        }
        let id = &call.operation.id;
        let doc = format!(" What `{id}` answers if it succeeds, by its status.");
        let is_stream = |variant: &Variant| matches!(variant.payload, Payload::Bytes);
        let derive = if variants.iter().any(is_stream) {
            quote!(Debug)
        } else {
            quote!(Clone, Debug, PartialEq)
        };
        let variants = variants.iter().map(|variant| {
            let (name, ty) = (&variant.name, variant.payload.ty());
            let doc = format!(" `{}`", variant.status);
            let payload = (!variant.payload.is_none()).then(|| quote!((#ty)));
            quote!(#[doc = #doc] #name #payload)
        });
        code.write(quote! {
            #[doc = #doc]
            #[derive(#derive)]
            #[non_exhaustive]
            pub enum #name { #(#variants),* }
        })?;
    }
    Ok(())
}

/// What the documentation says of the bodies of errors, whose types no signature has.
pub(super) fn errors(call: &Call) -> Option<String> {
    let mut of_types: Vec<(String, Vec<String>)> = Vec::new();
    for (response, ty) in call.operation.responses.iter().zip(&call.answers) {
        let is_error = response.is_error() && !call.operation.is_success(response);
        let Some(ty) = ty.as_ref().filter(|_| is_error) else {
            continue;
        };
        let ty = ty.to_token_stream().to_string();
        let ty = ty.replace(' ', "").replace("::std::vec::", "");
        let status = format!("`{}`", response.status);
        match of_types.iter_mut().find(|(other, _)| *other == ty) {
            Some((_, statuses)) => statuses.push(status),
            None => of_types.push((ty, vec![status])),
        }
    }
    let said = of_types.iter();
    let said: Vec<_> = said
        .map(|(ty, statuses)| format!("`{ty}` ({})", statuses.join(", ")))
        .collect();
    (!said.is_empty()).then(|| {
        format!(
            "[`Error::body_as`](::thumbprint_transport::Error::body_as) gives the body of an error: {}.",
            said.join(", ")
        )
    })
}

/// The expression that makes the operation's answer of a response.
pub(super) fn read(call: &Call, response: &Ident) -> TokenStream {
    let responses = call.operation.responses.iter();
    let successes = responses.filter(|one| call.operation.is_success(one));
    match &call.success {
        Success::One(payload @ Payload::None) => payload.read(response, false),
        Success::One(payload) => {
            let mut statuses: Vec<_> = successes.map(|one| one.status.as_str()).collect();
            statuses.sort_by_key(|status| status.parse::<u16>().is_err());
            let statuses = statuses.into_iter().map(statuses_of);
            let read = payload.read(response, false);
            let other = if matches!(payload, Payload::Json(_, true)) {
                quote!(#response.without_body())
            } else {
                quote!(#response.undeclared())
            };
            quote! {
                match #response.status().as_u16() {
                    #(#statuses)|* => #read,
                    _ => #other,
                }
            }
        }
        Success::Several { name, variants } => {
            let arms = variants.iter().map(|variant| {
                let read = variant.payload.read(response, true);
                let (status, variant_name) = (statuses_of(&variant.status), &variant.name);
                let nothing = variant.payload.is_none().then(|| quote!(|()|));
                quote!(#status => Ok(#read?.map(#nothing types::#name::#variant_name)))
            });
            quote! {
                match #response.status().as_u16() {
                    #(#arms,)*
                    _ => #response.undeclared(),
                }
            }
        }
    }
}

/// The statuses that a status of the document stands for, as a pattern.
fn statuses_of(status: &str) -> TokenStream {
    if let Ok(status) = status.parse() {
        let status = proc_macro2::Literal::u16_unsuffixed(status);
        quote!(#status)
    } else {
        quote!(200..=299)
    }
}
