//! Bodies of several parts: each type of one says which parts it has.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Fields, GenericArgument, Item, ItemStruct, PathArguments, Type, parse_quote};

use super::{Body, Call, types::wire_name};
use crate::{
    grammar::members,
    model::BodyForm,
    rust::{argument, last},
};

/// Gives the types of bodies that are sent as parts a method that makes these.
pub(super) fn complete(calls: &[Call], types: &mut Vec<Item>) {
    let bodies = calls.iter().flat_map(|call| {
        let others = call.others.iter().map(|other| &other.body);
        call.body.iter().chain(others)
    });
    let parts = bodies.filter(|body| body.form == BodyForm::Multipart);
    let names: BTreeSet<_> = parts
        .filter_map(|body| last(&body.ty))
        .map(ToString::to_string)
        .collect();
    let forms: Vec<_> = types
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) if names.contains(&item.ident.to_string()) => form(item),
            _ => None,
        })
        .collect();
    types.extend(forms);
}

/// The expression that makes the parts of a body, `value`.
pub(super) fn expression(content: &Value, body: &Body, value: &TokenStream) -> TokenStream {
    let form = quote!(::thumbprint_transport::multipart::Form);
    let is_part = |ty: &Type| last(ty).is_some_and(|name| name == "Part");
    let parts = if body.has_fields {
        quote!(#value.form())
    } else if values(&body.ty).as_ref().is_some_and(is_part) {
        quote!(#form::of_parts(#value))
    } else {
        quote!(#form::of(#value))
    };
    // One of several is chosen by the caller.
    let named = members(&content["encoding"]).filter_map(|(name, encoding)| {
        let media_type = encoding["contentType"].as_str()?;
        (!media_type.contains([',', '*'])).then(|| quote!((#name, #media_type)))
    });
    let named: Vec<_> = named.collect();
    let named = (!named.is_empty()).then(|| quote!(.of_media_types(&[#(#named),*])));
    quote!(#parts #named)
}

/// What a map holds.
fn values(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "HashMap")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.last()? {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    }
}

fn form(item: &ItemStruct) -> Option<Item> {
    let Fields::Named(fields) = &item.fields else {
        return None;
    };
    let name = &item.ident;
    let statements = fields.named.iter().filter_map(|field| {
        let ident = field.ident.as_ref()?;
        let wire = wire_name(field)?;
        let inner = argument(&field.ty, "Option");
        let ty = inner.as_ref().unwrap_or(&field.ty);
        let is_part = |ty: &Type| last(ty).is_some_and(|name| name == "Part");
        let statement = match argument(ty, "Vec") {
            Some(item) if is_part(&item) => quote!(for part in value { form.part(#wire, part); }),
            _ if is_part(ty) => quote!(form.part(#wire, value);),
            _ => quote!(form.field(#wire, value);),
        };
        Some(if inner.is_some() {
            quote!(if let Some(value) = &self.#ident { #statement })
        } else {
            quote!({ let value = &self.#ident; #statement })
        })
    });
    let form = quote!(::thumbprint_transport::multipart::Form);
    Some(parse_quote! {
        impl #name {
            /// The parts that it is sent as.
            #[doc(hidden)]
            pub fn form(&self) -> #form {
                let mut form = #form::default();
                #(#statements)*
                form
            }
        }
    })
}
