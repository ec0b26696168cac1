//! Bodies of several parts: each type of one says which parts it has.

use std::collections::BTreeSet;

use quote::quote;
use syn::{Fields, Item, ItemStruct, Type, parse_quote};

use super::{Call, types::wire_name};
use crate::{
    model::BodyForm,
    rust::{argument, last},
};

/// Gives the types of bodies that are sent as parts a method that makes these.
pub(super) fn complete(calls: &[Call], types: &mut Vec<Item>) {
    let bodies = calls.iter().filter_map(|call| call.body.as_ref());
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
