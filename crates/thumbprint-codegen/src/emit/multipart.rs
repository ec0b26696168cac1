//! Bodies of several parts: each type of one says which parts it has.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Fields, GenericArgument, Item, ItemStruct, PathArguments, Type, parse_quote};

use super::{Body, Call, Parts};
use crate::{
    grammar::members,
    model::BodyForm,
    rust::{argument, attributes::wire_name, last},
};

/// The names of the types of bodies that are sent as parts.
pub(super) fn forms(calls: &[Call]) -> BTreeSet<String> {
    let bodies = calls.iter().flat_map(|call| {
        let others = call.others.iter().map(|other| &other.body);
        call.body.iter().chain(others)
    });
    let parts = bodies.filter(|body| body.form == BodyForm::Multipart);
    let names = parts.filter_map(|body| last(&body.ty));
    names.map(ToString::to_string).collect()
}

/// Gives the type of a body that is sent as parts a method that makes these.
pub(super) fn complete(forms: &BTreeSet<String>, item: &Item) -> Vec<Item> {
    match item {
        Item::Struct(item) if forms.contains(&item.ident.to_string()) => {
            form(item).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The expression that makes the parts of a body, `value`.
pub(super) fn expression(content: &Value, body: &Body, value: &TokenStream) -> TokenStream {
    let form = quote!(::thumbprint_transport::multipart::Form);
    let parts = match body.parts {
        Parts::Fields => quote!(#value.form()),
        Parts::Named => quote!(#form::of_parts(#value)),
        Parts::Any => quote!(#form::of(#value)),
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

/// Whether a type is a map of parts.
pub(super) fn are_parts(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let held = path.path.segments.last().map(|last| &last.arguments);
    let Some(PathArguments::AngleBracketed(held)) = held else {
        return false;
    };
    let is_part = |ty: &Type| last(ty).is_some_and(|name| name == "Part");
    let is_map = last(ty).is_some_and(|name| name == "HashMap");
    is_map && matches!(held.args.last(), Some(GenericArgument::Type(ty)) if is_part(ty))
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
